"""What a day is: weekday, working day, month. Asked once a day and remembered."""

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import holidays

HOUR = 3_600_000_000  # microseconds
START = date(1970, 1, 1)


class Day(NamedTuple):
    """A day; `weekday` counts from 0, Sunday, `working` is 1.0 when it is neither weekend nor public holiday."""

    weekday: int
    working: float
    month: str

    @staticmethod
    def hour(at: int) -> int:
        """Hour of an instant in microseconds."""
        return at // HOUR % 24


@cache
def day(number: int) -> Day:
    """The day so many days after 1970-01-01.

    >>> day(0)
    Day(weekday=4, working=0.0, month='1970-01')
    """
    calendar_day = START + timedelta(days=number)
    weekday = (number + 4) % 7
    is_free = weekday in (0, 6) or calendar_day in _holidays(calendar_day.year)
    return Day(weekday, float(not is_free), f"{calendar_day:%Y-%m}")


@cache
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("KR", years=year))
