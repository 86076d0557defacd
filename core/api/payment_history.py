"""Features of payments that are asked about, from what the served build knows of their customers.

The same features as the stream's and the build's: core/payments/customer_state.py makes them, a payment at a time. A
payment sees
its customer's payments of strictly earlier instants, as far as the build has them, and no other payment that is asked
about: nothing here is remembered. Customers as they were at the build's end are kept, for most payments are later.

Reads  payments of the served build
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

import numpy as np

from core import db
from core.payments.customer_state import Customer
from core.payments.events import Event
from core.payments.scorer import COLUMNS
from core.payments.usual_amounts import Usual

KEPT = 4_096  # customers; each has its payments of 90 days

Array = np.ndarray


class History:
    """The customers of one build."""

    def __init__(self, con: db.Connection, usual: Usual) -> None:
        self._con, self._usual = con, usual
        self._kept: OrderedDict[str, Customer] = OrderedDict()
        self._lock = threading.Lock()

    def read_newest(self) -> None:
        """Read those who paid last at once: one by one, each would cost its first question some milliseconds."""
        con = db.served_execute(self._con.cursor(), "core/api/sql/newest_customers", {"most": KEPT})
        self._read((), {customer_id: [] for (customer_id,) in con.fetchall()}, np.empty((0, len(COLUMNS))))

    def features(self, events: Sequence[Event]) -> Array:
        """Values of COLUMNS for each event, (n, n_columns); NaN is unknown."""
        found = np.empty((len(events), len(COLUMNS)))
        by_customer: dict[str, list[int]] = {}
        for row, event in enumerate(events):
            by_customer.setdefault(event.customer_id, []).append(row)
        unread = {}
        for customer_id, rows in by_customer.items():
            customer = self._end(customer_id)
            if customer is None or any(events[row].at <= _newest(customer) for row in rows):
                unread[customer_id] = rows
                continue
            for row in rows:
                found[row] = self._row(_copy(customer), events[row])
        self._read(events, unread, found)
        return found

    def _row(self, customer: Customer, event: Event) -> list[float]:
        return customer.features(event, self._usual.ln_amount(event))

    def _end(self, customer_id: str) -> Customer | None:
        """The customer at the build's end, when kept; never to be changed."""
        with self._lock:
            if customer_id in self._kept:
                self._kept.move_to_end(customer_id)
            return self._kept.get(customer_id)

    def _keep(self, customer_id: str, customer: Customer) -> None:
        with self._lock:
            self._kept[customer_id] = customer
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def _read(self, events: Sequence[Event], unread: dict[str, list[int]], found: Array) -> None:
        """Fill the rows of customers whose payments have to be read, all with one query."""
        if not unread:
            return
        con = db.served_execute(self._con.cursor(), "core/api/sql/customer_payments", {"customer_ids": [*unread]})
        known = (Event(*row) for row in con.fetchall())
        for customer_id, payments in groupby(known, attrgetter("customer_id")):
            self._walk(customer_id, payments, events, unread.pop(customer_id), found)
        for customer_id, rows in unread.items():
            self._walk(customer_id, (), events, rows, found)

    def _walk(
        self, customer_id: str, payments: Iterable[Event], events: Sequence[Event], rows: Sequence[int], found: Array
    ) -> None:
        """Let a customer's life pass once, and look up from it at every payment that is asked about."""
        customer = Customer()
        asked = sorted(rows, key=lambda row: events[row].at)
        done = 0
        for payment in payments:
            while done < len(asked) and events[asked[done]].at <= payment.at:
                found[asked[done]] = self._row(_copy(customer), events[asked[done]])
                done += 1
            customer.before(payment.at)
            customer.add(payment)
        for row in asked[done:]:
            found[row] = self._row(_copy(customer), events[row])
        self._keep(customer_id, customer)


def _newest(customer: Customer) -> int:
    return customer.recent[-1][0] if customer.recent else -1


def _copy(customer: Customer) -> Customer:
    """The same customer, free to be changed."""
    return replace(
        customer,
        hours=customer.hours[:],
        merchants=set(customer.merchants),
        methods=set(customer.methods),
        recent=customer.recent[:],
        waiting=customer.waiting[:],
    )
