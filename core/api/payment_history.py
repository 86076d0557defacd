"""Features of payments in a request, from the payments of the served build.

They are the features of the stream and the build: core/payments/customer_state.py makes them, one payment at a time. A
payment sees its customer's payments of strictly earlier instants that the build has, and no other payment of a request:
requests change nothing. Customers at the end of the build are cached, because most payments come after it.

Reads  payments of the served build
"""

import threading
from collections import OrderedDict, defaultdict
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

MAX_CACHED = 4_096  # customers; each has its payments of 90 days

Array = np.ndarray


class PaymentHistory:
    """The customers of one build, with their payments."""

    def __init__(self, con: db.Connection, usual: Usual) -> None:
        self._con, self._usual = con, usual
        self._cache: OrderedDict[str, Customer] = OrderedDict()  # as they were at the end of the build
        self._lock = threading.Lock()

    def read_newest(self) -> None:
        """Cache the customers who paid last; read one by one, each would cost its first request milliseconds."""
        con = db.served_execute(self._con.cursor(), "core/api/sql/newest_customers", {"most": MAX_CACHED})
        self._read((), {customer_id: [] for (customer_id,) in con.fetchall()}, np.empty((0, len(COLUMNS))))

    def features(self, events: Sequence[Event]) -> Array:
        """Values of COLUMNS for each event, (n, n_columns); NaN is unknown."""
        features = np.empty((len(events), len(COLUMNS)))
        rows_of: dict[str, list[int]] = defaultdict(list)
        for row, event in enumerate(events):
            rows_of[event.customer_id].append(row)
        unread = {}
        for customer_id, rows in rows_of.items():
            customer = self._cached(customer_id)
            if customer is None or any(events[row].at <= _newest(customer) for row in rows):
                unread[customer_id] = rows
                continue
            for row in rows:
                features[row] = self._row(customer, events[row])
        self._read(events, unread, features)
        return features

    def _row(self, customer: Customer, event: Event) -> list[float]:
        """Features of one event; the customer stays as it is."""
        return _copy(customer).features(event, self._usual.ln_amount(event))

    def _cached(self, customer_id: str) -> Customer | None:
        with self._lock:
            if customer_id in self._cache:
                self._cache.move_to_end(customer_id)
            return self._cache.get(customer_id)

    def _add_to_cache(self, customer_id: str, customer: Customer) -> None:
        with self._lock:
            self._cache[customer_id] = customer
            while len(self._cache) > MAX_CACHED:
                self._cache.popitem(last=False)

    def _read(self, events: Sequence[Event], unread: dict[str, list[int]], features: Array) -> None:
        """Fill the rows of customers whose payments have to be read, all with one query."""
        if not unread:
            return
        con = db.served_execute(self._con.cursor(), "core/api/sql/customer_payments", {"customer_ids": [*unread]})
        payments_in_build = (Event(*row) for row in con.fetchall())
        for customer_id, payments in groupby(payments_in_build, attrgetter("customer_id")):
            self._fill(customer_id, payments, events, unread.pop(customer_id), features)
        for customer_id, rows in unread.items():
            self._fill(customer_id, (), events, rows, features)

    def _fill(
        self, customer_id: str, payments: Iterable[Event], events: Sequence[Event], rows: Sequence[int], features: Array
    ) -> None:
        """Add a customer's payments in their order, and make each event's features before the first later payment."""
        customer = Customer()
        pending = sorted(rows, key=lambda row: events[row].at, reverse=True)
        for payment in payments:
            while pending and events[pending[-1]].at <= payment.at:
                row = pending.pop()
                features[row] = self._row(customer, events[row])
            customer.before(payment.at)
            customer.add(payment)
        for row in pending:
            features[row] = self._row(customer, events[row])
        self._add_to_cache(customer_id, customer)


def _newest(customer: Customer) -> int:
    return customer.recent[-1][0] if customer.recent else -1


def _copy(customer: Customer) -> Customer:
    """The same customer with lists of its own."""
    return replace(
        customer,
        hours=customer.hours[:],
        merchants=set(customer.merchants),
        methods=set(customer.methods),
        recent=customer.recent[:],
        waiting=customer.waiting[:],
    )
