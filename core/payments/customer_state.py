"""What is remembered of a customer, and the features of the next payment. No clock, no I/O.

The same definitions as core/payments/sql/payment_events.sql and payment_features.sql, one event at a time; tests hold
the
two together to 1e-9. The rules (core/payments/success.py): payments of one instant are outside each other's past, so
those of the newest instant wait in `recent` until a later one arrives; after `forget_days` without a payment a customer
is new; amounts are kept for 90 days; merchants, methods, hours and running sums as long as the customer is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from math import log, nan, sqrt
from operator import add
from typing import Any

from core.config import policy
from core.errors import DataError
from core.payments.calendar import Day, day
from core.payments.events import Event, Fault

MINUTE = 60_000_000  # microseconds
HOUR = 60 * MINUTE
DAY = 24 * HOUR
VERSION = 1  # of a saved state
KNOWN_FOR_Z = 5  # payments before an amount can be unusual, or an hour a habit
KNOWN_FOR_GAP = 3
SAME = 1.4826  # a median absolute deviation in standard deviations

# In this order `features` returns them; data/reference/features_payments.csv says what each means.
FEATURES = (
    *("ln_amount", "amount_z_90d", "amount_z_known", "amount_against_max_90d", "amount_against_merchant"),
    *("count_10m", "count_1h", "count_24h", "count_7d", "ln_sum_1h", "ln_sum_24h", "ln_sum_7d"),
    *("ln_seconds_since", "gap_ratio", "failed_1h", "failed_24h", "failed_7d", "failed_share_30d", "last_failed"),
    *("same_failed_1h", "merchants_24h", "first_merchant", "first_method", "by_mobile", "by_transfer"),
    *("by_virtual_account", "hour_habit", "hour", "weekday", "night", "working_day", "round_amount"),
    *("ln_payments_known", "days_known"),
)
# Beside the features: share of the customer's favourite hour, which the risk's part of time is measured against.
HABIT_MOST = "habit_most"

NUMBERS = ("known", "mean", "squares", "first_at", "previous_at", "failed_at", "hours")  # the head of a saved state
Recent = tuple[int, int, int, str, str]  # at, amount, failed, merchant, payment_id


@cache
def forget_after() -> int:
    """Microseconds without a payment after which a customer is new."""
    return int(policy()["payments"]["forget_days"]) * DAY


@dataclass
class Customer:
    """What is known of one customer; mutable, and worth keeping only when the batch it belongs to is saved."""

    known: int = 0
    mean: float = 0.0
    squares: float = 0.0
    first_at: int = 0
    previous_at: int = 0
    failed_at: int = -1
    hours: list[int] = field(default_factory=lambda: [0] * 24)
    merchants: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    recent: list[Recent] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)  # methods of the newest instant's payments, the last of `recent`

    @classmethod
    def of(cls, state: Sequence[Any]) -> "Customer":
        """The customer of a saved `state`."""
        version, *numbers, merchants, methods, recent, waiting = state
        if version != VERSION:
            raise DataError(
                f"a customer's state is of version {version}, not {VERSION}; replay 90 days into a new group"
            )
        known = dict(zip(NUMBERS, numbers, strict=True))
        return cls(
            **known, merchants=set(merchants), methods=set(methods), recent=[*map(tuple, recent)], waiting=waiting
        )

    def state(self) -> list[Any]:
        """Everything, as JSON can hold it; the same customer always gives the same text."""
        numbers = [getattr(self, name) for name in NUMBERS]
        return [VERSION, *numbers, sorted(self.merchants), sorted(self.methods), self.recent, self.waiting]

    def refuse(self, event: Event) -> None:
        """Raise when an event cannot be next.

        Raises
        ------
        Fault : duplicate, its id is among those of 90 days; clock_backwards, it lies before the newest payment
        """
        if event.payment_id in [row[4] for row in self.recent]:
            raise Fault("duplicate", "a payment of this id has been counted")
        if self.recent and event.at < self.recent[-1][0]:
            seconds = (self.recent[-1][0] - event.at) / 1e6
            raise Fault("clock_backwards", f"at lies {seconds:.6f} s before the customer's newest payment")

    def before(self, at: int) -> None:
        """Let time pass: what lies before `at` becomes past, what is too old is forgotten."""
        if self.recent and self.recent[-1][0] < at:
            self._settle()
            if at - self.previous_at > forget_after():
                vars(self).update(vars(Customer()))
        oldest = at - 90 * DAY
        if self.recent and self.recent[0][0] < oldest:
            self.recent = [row for row in self.recent if row[0] >= oldest]

    def add(self, event: Event) -> None:
        """Remember an event; call `before` first."""
        self.recent.append((event.at, event.amount_krw, event.failed, event.merchant_id, event.payment_id))
        self.waiting.append(event.method)

    def _settle(self) -> None:
        """Payments of the newest instant become past."""
        for row, method in zip(self.recent[len(self.recent) - len(self.waiting) :], self.waiting, strict=True):
            at, amount, failed, merchant, _ = row
            self.first_at = self.first_at if self.known else at
            self.known += 1
            ln_amount = log(max(amount, 1))
            step = ln_amount - self.mean
            self.mean += step / self.known
            self.squares += step * (ln_amount - self.mean)  # Welford
            self.hours[day(at // DAY).hour(at)] += 1
            self.merchants.add(merchant)
            self.methods.add(method)
            self.failed_at = at if failed else self.failed_at
            self.previous_at = at
        self.waiting = []

    def features(self, event: Event, usual_ln_amount: float) -> list[float]:
        """Values of FEATURES, then HABIT_MOST, of an event that is not yet added; NaN is unknown.

        `usual_ln_amount` is what a payment at the merchant usually is (core/payments/usual_amounts.py), NaN unknown.
        """
        self.before(event.at)
        past = self.recent[: len(self.recent) - len(self.waiting)]
        today = day(event.at // DAY)
        ln_amount = log(max(event.amount_krw, 1))
        habit, most = self._habit(today.hour(event.at))
        return [
            ln_amount,
            *self._amounts(ln_amount, past),
            round(ln_amount - usual_ln_amount, 9),
            *self._pace(event, past),
            float(event.merchant_id not in self.merchants),
            float(event.method not in self.methods),
            *(float(event.method == method) for method in ("mobile", "transfer", "virtual_account")),
            habit,
            *_moment(event, today),
            log(1.0 + self.known),
            (event.at - self.first_at) / DAY if self.known else 0.0,
            most,
        ]

    def _amounts(self, ln_amount: float, past: Sequence[Recent]) -> tuple[float, float, float]:
        """Distance from the usual amount: robust and not, and from the largest."""
        if not self.known:
            return nan, nan, nan
        amounts = sorted(map(log, [row[1] or 1 for row in past]))
        largest = ln_amount - amounts[-1]
        if self.known < KNOWN_FOR_Z:
            return nan, nan, largest
        middle = _middle(amounts)
        spread = _middle(sorted([abs(value - middle) for value in amounts]))
        usual_spread = sqrt(self.squares / (self.known - 1))
        # A tenth keeps a habit of equal amounts from making every other amount infinitely far away.
        return (ln_amount - middle) / (SAME * spread + 0.1), (ln_amount - self.mean) / (usual_spread + 0.1), largest

    def _pace(self, event: Event, past: Sequence[Recent]) -> tuple[float, ...]:
        """Counts, sums, gaps and failures just before: count_10m to merchants_24h."""
        in_10m = in_1h = in_24h = in_7d = in_30d = 0
        won_1h = won_24h = won_7d = failed_1h = failed_24h = failed_7d = failed_30d = again = 0
        merchants = set()
        for at, amount, failed, merchant, _ in reversed(past):
            age = event.at - at
            if age > 30 * DAY:
                break
            in_30d += 1
            failed_30d += failed
            if age > 7 * DAY:
                continue
            in_7d += 1
            won_7d += amount
            failed_7d += failed
            if age > DAY:
                continue
            in_24h += 1
            won_24h += amount
            failed_24h += failed
            merchants.add(merchant)
            if age > HOUR:
                continue
            in_1h += 1
            won_1h += amount
            failed_1h += failed
            again += failed and amount == event.amount_krw and merchant == event.merchant_id
            in_10m += age <= 10 * MINUTE
        return (
            *(in_10m, in_1h, in_24h, in_7d, log(1.0 + won_1h), log(1.0 + won_24h), log(1.0 + won_7d)),
            *self._gap(event),
            *(failed_1h, failed_24h, failed_7d, (failed_30d + 0.1) / (in_30d + 2.0)),
            *(float(self.known > 0 and self.failed_at == self.previous_at), again, len(merchants)),
        )

    def _gap(self, event: Event) -> tuple[float, float]:
        """Time since the last payment, and against the usual time between payments."""
        if not self.known:
            return nan, nan
        since = log(1.0 + (event.at - self.previous_at) / 1e6)
        if self.known < KNOWN_FOR_GAP:
            return since, nan
        usual = (self.previous_at - self.first_at) / 1e6 / (self.known - 1)
        return since, since - log(1.0 + usual)

    def _habit(self, hour: int) -> tuple[float, float]:
        """Share of the customer's payments around this hour, and the largest share of any hour (NaN unknown)."""
        hours, whole = self.hours, self.known + 24.0
        own = hours[hour - 1] + hours[hour] + hours[(hour + 1) % 24]
        if self.known < KNOWN_FOR_Z:
            return (own + 3.0) / whole, nan
        pairs = map(add, hours, hours[1:] + hours[:1])
        most = max(map(add, pairs, hours[-1:] + hours[:-1]))
        return (own + 3.0) / whole, (most + 3.0) / whole


def _moment(event: Event, today: Day) -> tuple[float, ...]:
    """hour, weekday, night, working_day, round_amount."""
    hour = today.hour(event.at)
    return hour, today.weekday, float(hour < 6), today.working, float(event.amount_krw % 10_000 == 0)


def _middle(values: Sequence[float]) -> float:
    """Median of sorted values."""
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2
