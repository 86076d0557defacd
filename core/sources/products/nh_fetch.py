"""Balances and histories of customers who have consented, and of nobody else.

Reads  the list of consents (consents.py), NH
Writes <data_dir>/external/products/nh_{balances,transactions,cards}.parquet

A consent that has ended takes its rows with it at the next run, with or without a token. Pages as sent are not kept:
they hold account numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core import calendar
from core.errors import DataError
from core.sources.products import nh, nh_rows, store
from core.sources.products.consents import FILE, Consent, consents
from core.sources.products.http import HttpClient, RefusedError, SourceError, TransientError
from core.sources.products.keys import Keys
from core.sources.products.outcome import Outcome

SERIALS = "nh_serial"
# The same failure so often in a row is about the token or the service, not about a customer.
ENOUGH_FAILURES = 3
NAMED_FAILURES = 5

Rows = dict[str, list[dict]]


def fetch(
    folder: Path, keys: Keys, http: HttpClient, max_age: timedelta, tell: Callable[[str, float], None]
) -> list[Outcome]:
    """Ask NH for every consenting customer whose rows are older than `max_age`."""
    path = Path(keys.nh_consents) if keys.nh_consents else folder / FILE
    given: list[Consent] = []
    refused: list[str] = []
    trouble = ""
    try:
        given, refused = consents(path, calendar.today())
    except DataError as error:
        trouble = str(error)
    kept = _kept(folder, {consent.business_id for consent in given})
    hindrance = _hindrance(keys, trouble, path.exists(), bool(given))
    if hindrance:
        state, why = hindrance
        return [Outcome("nh", "accounts", state, why=why, left_out=tuple(refused))]
    client = nh.Client(http, keys.nh_token, keys.nh_iscd, keys.nh_apsno, keys.nh_url, folder / SERIALS)
    run = _Run(client, kept, max_age)
    for number, consent in enumerate(given):
        tell("NH accounts", number / len(given))
        run.customer(consent)
    _write(folder, run.rows)
    return run.outcomes(tuple(refused))


def _hindrance(keys: Keys, trouble: str, has_list: bool, has_consent: bool) -> tuple[str, str] | None:
    """Why NH is not asked at all: the state and the reason."""
    if not keys.nh_token:
        return "skipped", "BEACON_NH_TOKEN is not set"
    if not (keys.nh_iscd.isdigit() and len(keys.nh_iscd) == 6):
        return "failed", "BEACON_NH_ISCD must be the six digits of the institution code"
    if trouble:
        return "failed" if has_list else "skipped", trouble
    return None if has_consent else ("skipped", "no customer's consent holds today")


def _kept(folder: Path, allowed: set[str]) -> Rows:
    """Rows of earlier runs; those of businesses without a consent leave the files at once."""
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
    """One run over the consenting customers; `failures` in words, `kinds` of the latest ones in a row."""

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
            self._ask(consent)

    def _is_fresh(self, consent: Consent) -> bool:
        found = [row for row in self.rows["nh_balances"] if row["business_id"] == consent.business_id]
        return any(datetime.now(UTC) - datetime.fromisoformat(row["fetched_at"]) <= self.max_age for row in found)

    def _ask(self, consent: Consent) -> None:
        try:
            came = nh_rows.customer(self.client, consent)
        except SourceError as error:
            self._failed(consent, error)
            return
        self.kinds.clear()
        self.fetched += 1
        for name, rows in came.items():
            others = [row for row in self.rows[name] if row["business_id"] != consent.business_id]
            self.rows[name] = others + rows

    def _failed(self, consent: Consent, error: SourceError) -> None:
        self.failures.append(f"{consent.business_id}: {consent.hidden(self.client.http.mask.text(error))}")
        self.kinds.append(error.code if isinstance(error, RefusedError) else type(error).__name__)
        latest = self.kinds[-ENOUGH_FAILURES:]
        self.ended = isinstance(error, TransientError) or (len(latest) == ENOUGH_FAILURES and len(set(latest)) == 1)

    def outcomes(self, refused: tuple[str, ...]) -> list[Outcome]:
        """What became of the accounts, one line a state; lines of the list that do not count stand with the first."""
        counts = {"fetched": self.fetched, "kept": self.fresh, "failed": len(self.failures)}
        found = [state for state, count in counts.items() if count]
        why = {"failed": "; ".join(self.failures[:NAMED_FAILURES])}
        return [
            Outcome("nh", "accounts", state, counts[state], why.get(state, ""), refused if place == 0 else ())
            for place, state in enumerate(found)
        ]
