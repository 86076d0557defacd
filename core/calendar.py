"""The bank's day, which is Seoul's wherever the server stands, and month ends."""

from calendar import monthrange
from datetime import date, datetime, timedelta, timezone

# A fixed offset needs no time zone data base on the machine: Korea has had no summer time since 1988.
SEOUL = timezone(timedelta(hours=9), "KST")


def now() -> datetime:
    """The time in Seoul."""
    return datetime.now(SEOUL)


def today() -> date:
    """The day in Seoul.

    >>> today() == now().date()
    True
    """
    return now().date()


def month_end(day: date, months_before: int = 0) -> date:
    """Last day of the month `months_before` months before the month of `day`.

    >>> month_end(date(2024, 3, 31), 1)
    datetime.date(2024, 2, 29)
    """
    index = day.year * 12 + day.month - 1 - months_before
    year, month = divmod(index, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def month_ends(newest: date, months: int) -> list[date]:
    """The last `months` month ends up to `newest`, oldest first.

    >>> month_ends(date(2024, 1, 31), 2)
    [datetime.date(2023, 12, 31), datetime.date(2024, 1, 31)]
    """
    return [month_end(newest, before) for before in reversed(range(months))]
