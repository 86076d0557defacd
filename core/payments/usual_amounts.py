"""What a payment at each merchant usually is, from complete months: the table that the build hands to the stream.

Written by the build as JSON, one entry a month from the newest it has: {"2024-12": {"merchants": {id: ln won},
"categories": {category: ln won}}, ...}. A month after the last of them (the build is old) takes the last.
"""

import json
from dataclasses import dataclass
from math import nan
from pathlib import Path

from core import db
from core.payments.calendar import day
from core.payments.events import Event

FILE = "usual.json"
DAY = 24 * 3_600_000_000  # microseconds

Month = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Usual:
    """Usual amounts by month."""

    months: dict[str, Month]

    @classmethod
    def read(cls, path: Path) -> "Usual":
        """The table of a build; empty where the build has none."""
        return cls(json.loads(path.read_text(encoding="utf-8")) if path.exists() else {})

    def ln_amount(self, event: Event) -> float:
        """ln won usual at the event's merchant; that of its category for a new merchant, NaN when neither is known."""
        month = self._month(day(event.at // DAY).month)
        usual = month["merchants"].get(event.merchant_id) if month else None
        if usual is not None or not month:
            return nan if usual is None else usual
        return month["categories"].get(event.merchant_category, nan)

    def _month(self, name: str) -> Month | None:
        month = self.months.get(name)
        if month is None and self.months and name > max(self.months):
            return self.months[max(self.months)]
        return month


def usual(con: db.Connection, months: int = 1) -> Usual:
    """The table for the newest `months` of payment_events and the month after, from all months before each."""
    params = {"months": months}
    amounts: dict[str, Month] = {}
    for query, key in (("usual_merchants", "merchants"), ("usual_categories", "categories")):
        for month, name, value in con.execute(db.sql(f"core/payments/sql/{query}"), params).fetchall():
            amounts.setdefault(month, {"merchants": {}, "categories": {}})[key][name] = value
    return Usual(amounts)
