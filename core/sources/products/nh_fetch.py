"""Fetch of balances and histories of the customers who have consented, and of no others.

Reads  the list of consents (consents.py), NH
Writes <data_dir>/external/products/nh_{balances,transactions,cards}.parquet

The rows of a consent that has ended are deleted at the next run, with or without a token. Pages are not stored as
sent: they contain account numbers.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core import calendar
from core.errors import DataError
from core.progress import Progress
from core.sources.products import nh, nh_rows, store
from core.sources.products.consents import FILE, Consent, consents
from core.sources.products.http import HttpClient, RefusedError, SourceError, TransientError
from core.sources.products.keys import Keys
from core.sources.products.outcome import Outcome

SERIALS = "nh_serial"
# After so many equal failures in a row the cause is the token or the service, not a customer.
ENOUGH_FAILURES = 3
NAMED_FAILURES = 5

Rows = dict[str, list[dict]]


def fetch(folder: Path, keys: Keys, http: HttpClient, max_age: timedelta, progress: Progress) -> list[Outcome]:
    """Fetch the rows of every consenting customer whose stored rows are older than `max_age`."""
    path = Path(keys.nh_consents) if keys.nh_consents else folder / FILE
    valid: list[Consent] = []
    refused: list[str] = []
    fault = ""
    try:
        valid, refused = consents(path, calendar.today())
    except DataError as error:
        fault = str(error)
    rows = _stored_rows(folder, {consent.business_id for consent in valid})
    obstacle = _obstacle(keys, fault, path.exists(), bool(valid))
    if obstacle:
        state, why = obstacle
        return [Outcome("nh", "accounts", state, why=why, left_out=tuple(refused))]
    client = nh.Client(http, keys.nh_token, keys.nh_iscd, keys.nh_apsno, keys.nh_url, folder / SERIALS)
    run = _Run(client, rows, max_age)
    for number, consent in enumerate(valid):
        progress("NH accounts", number / len(valid))
        run.customer(consent)
    _write(folder, run.rows)
    return run.outcomes(tuple(refused))


def _obstacle(keys: Keys, fault: str, has_list: bool, has_consent: bool) -> tuple[str, str] | None:
    """State and reason where no question is sent to NH at all; `fault` is that of the list of consents."""
    if not keys.nh_token:
        return "skipped", "BEACON_NH_TOKEN is not set"
    if not (keys.nh_iscd.isdigit() and len(keys.nh_iscd) == 6):
        return "failed", "BEACON_NH_ISCD must be the six digits of the institution code"
    if fault:
        return "failed" if has_list else "skipped", fault
    return None if has_consent else ("skipped", "no customer's consent holds today")


def _stored_rows(folder: Path, allowed: set[str]) -> Rows:
    """Rows of earlier runs; those of businesses without a consent are deleted from the files at once."""
    before = {name: store.read_rows(folder / f"{name}.parquet", schema) for name, schema in nh_rows.TABLES.items()}
    after = {name: [row for row in rows if row["business_id"] in allowed] for name, rows in before.items()}
    if after != before:
        _write(folder, after)
    return after


def _write(folder: Path, rows: Rows) -> None:
    for name, schema in nh_rows.TABLES.items():
        store.write_rows(folder / f"{name}.parquet", rows[name], schema)


@dataclass
class _Run:
    """One run over the consenting customers; `failures` as sentences, `kinds` of the latest ones in a row."""

    client: nh.Client
    rows: Rows
    max_age: timedelta
    fetched: int = 0
    fresh: int = 0
    failures: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    ended: bool = False

    def customer(self, consent: Consent) -> None:
        """Replace a customer's rows, all or none."""
        if self._is_fresh(consent):
            self.fresh += 1
        elif self.ended:
            self.failures.append(f"{consent.business_id}: not asked after the failures above")
        else:
            self._fetch(consent)

    def _is_fresh(self, consent: Consent) -> bool:
        balances = [row for row in self.rows["nh_balances"] if row["business_id"] == consent.business_id]
        return any(datetime.now(UTC) - datetime.fromisoformat(row["fetched_at"]) <= self.max_age for row in balances)

    def _fetch(self, consent: Consent) -> None:
        try:
            rows_by_table = nh_rows.customer(self.client, consent)
        except SourceError as error:
            self._record_failure(consent, error)
            return
        self.kinds.clear()
        self.fetched += 1
        for name, rows in rows_by_table.items():
            others = [row for row in self.rows[name] if row["business_id"] != consent.business_id]
            self.rows[name] = others + rows

    def _record_failure(self, consent: Consent, error: SourceError) -> None:
        self.failures.append(f"{consent.business_id}: {consent.without_numbers(self.client.http.mask.text(error))}")
        self.kinds.append(error.code if isinstance(error, RefusedError) else type(error).__name__)
        latest = self.kinds[-ENOUGH_FAILURES:]
        self.ended = isinstance(error, TransientError) or (len(latest) == ENOUGH_FAILURES and len(set(latest)) == 1)

    def outcomes(self, refused: tuple[str, ...]) -> list[Outcome]:
        """One outcome a state; the first one names the lines of the list that are no consent."""
        counts = {"fetched": self.fetched, "kept": self.fresh, "failed": len(self.failures)}
        states = [state for state, count in counts.items() if count]
        why = {"failed": "; ".join(self.failures[:NAMED_FAILURES])}
        return [
            Outcome("nh", "accounts", state, counts[state], why.get(state, ""), refused if place == 0 else ())
            for place, state in enumerate(states)
        ]
