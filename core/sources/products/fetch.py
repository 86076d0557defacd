"""Fetch what is configured, keep it, and say what came, what was skipped and why.

Reads  finlife and NH through their clients
Writes <data_dir>/external/products: finlife/<service>-<group>.json as sent, finlife_offers.parquet,
       finlife_rates.parquet, nh_*.parquet; a question that fails leaves what was kept before
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from core.sources.products import catalogue, finlife, nh_fetch, store
from core.sources.products.http import HttpClient, RefusedError, SchemaError, SecretMask, SourceError, TransientError
from core.sources.products.keys import Keys
from core.sources.products.offers import OFFERS, RATES, offers
from core.sources.products.outcome import Outcome

# Companies submit once a day at most; a second run on the same day asks nothing and spends no quota.
FRESH = timedelta(hours=20)

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Report:
    """What a fetch did, and the day of the curated catalogue that holds where nothing was fetched."""

    outcomes: list[Outcome]
    curated_on: date

    @property
    def failed(self) -> list[Outcome]:
        """Questions that were asked and not answered."""
        return [outcome for outcome in self.outcomes if outcome.state == "failed"]

    @property
    def sentence(self) -> str:
        """Which catalogue the next build uses."""
        if all(outcome.state == "skipped" for outcome in self.outcomes):
            return (
                f"Nothing was asked: the curated catalogue of {self.curated_on} is used, with what was fetched before."
            )
        return f"The next build uses what came; elsewhere the curated catalogue of {self.curated_on} holds."


@dataclass
class Ask:
    """One run of finlife: its client, where its answers are kept, what has become of each question so far."""

    client: finlife.Client
    folder: Path
    company: str
    max_age: timedelta
    outcomes: list[Outcome] = field(default_factory=list)
    ended: str = ""

    def question(self, service: str, group: str) -> None:
        """Answer one question: from what is kept if it is fresh, else from the service."""
        said = f"{service} {finlife.spec()['groups'][group]}"
        kept = self._kept(service, group)
        if kept is not None:
            self._note(said, "kept", kept)
        elif self.ended:
            self.outcomes.append(Outcome("finlife", said, "skipped", why=self.ended))
        else:
            self._fetch(service, group, said)

    def _kept(self, service: str, group: str) -> finlife.Answer | None:
        found = store.read_json(_file(self.folder, service, group))
        if found is None or found[1]["company"] != self.company or found[0].age(datetime.now(UTC)) > self.max_age:
            return None
        return _usable(service, found[1]["pages"])

    def _fetch(self, service: str, group: str, said: str) -> None:
        try:
            pages, bodies = self.client.pages(service, group, self.company)
            answer = finlife.answer(service, pages)
        except SourceError as error:
            self._failed(service, said, error)
            return
        where = store.origin(f"FSS finlife {service} {group}", *bodies)
        store.write_json(_file(self.folder, service, group), where, {"company": self.company, "pages": pages})
        self._note(said, "fetched", answer)

    def _failed(self, service: str, said: str, error: SourceError) -> None:
        why = self.client.http.mask.text(error)
        defect = finlife.spec()["services"][service].get("defect", "")
        if defect and isinstance(error, SchemaError):
            self.outcomes.append(Outcome("finlife", said, "skipped", why=f"{why} ({defect})"))
            return
        self.outcomes.append(Outcome("finlife", said, "failed", why=why))
        # Out of reach, or no key: forty more questions would only repeat the waiting.
        if isinstance(error, TransientError) or (isinstance(error, RefusedError) and error.ends_source):
            self.ended = "not asked after the failure above"

    def _note(self, said: str, state: str, answer: finlife.Answer) -> None:
        left_out = tuple(answer.left_out)
        self.outcomes.append(Outcome("finlife", said, state, len(answer.base), left_out=left_out))


def fetch(
    external: Path, keys: Keys, *, fresh: bool = False, company: str = "", tell: Progress | None = None
) -> Report:
    """Fetch products from finlife and accounts of consenting customers from NH, as far as there are keys.

    Parameters
    ----------
    fresh : ask again for what was fetched less than 20 hours ago
    company : ask finlife for one company only, by code or name

    Raises
    ------
    BusyError : another fetch is writing to this folder
    """
    folder = external / store.FOLDER
    max_age = timedelta(0) if fresh else FRESH
    said = tell or _silent
    with store.locked(folder), HttpClient(SecretMask(keys.secrets), keys.fetch_timeout, keys.fetch_pause) as http:
        outcomes = _finlife(folder, keys, http, company, max_age, said)
        outcomes += nh_fetch.fetch(folder, keys, http, max_age, said)
    return Report(outcomes, catalogue.curated_on())


def _finlife(
    folder: Path, keys: Keys, http: HttpClient, company: str, max_age: timedelta, tell: Progress
) -> list[Outcome]:
    if not keys.finlife_key:
        return [Outcome("finlife", "products", "skipped", why="BEACON_FINLIFE_KEY is not set")]
    ask = Ask(finlife.Client(http, keys.finlife_key, keys.finlife_url), folder, company, max_age)
    asked = [(service, group) for service in finlife.spec()["services"] for group in finlife.spec()["groups"]]
    for number, (service, group) in enumerate(asked):
        tell(service, number / len(asked))
        ask.question(service, group)
    offers_of_own = write_offers(folder, keys.finlife_company)
    if keys.finlife_company and not offers_of_own:
        why = f"no offer is of {keys.finlife_company!r} (BEACON_FINLIFE_COMPANY); ranges over all banks are used"
        return [*ask.outcomes, Outcome("finlife", "own-bank", "skipped", why=why)]
    return ask.outcomes


def write_offers(folder: Path, own: str) -> int:
    """Write offers and rates of every answer that is kept, however old; the number of offers of the own bank."""
    offer_rows: list[dict] = []
    rate_rows: list[dict] = []
    for service, form in finlife.spec()["services"].items():
        for group in finlife.spec()["groups"] if form["kind"] != "company" else ():
            found = store.read_json(_file(folder, service, group))
            answer = _usable(service, found[1]["pages"]) if found else None
            if found and answer:
                some_offers, some_rates = offers(answer, group, own, found[0])
                offer_rows += some_offers
                rate_rows += some_rates
    store.write_rows(folder / catalogue.OFFERS_FILE, offer_rows, OFFERS)
    store.write_rows(folder / catalogue.RATES_FILE, rate_rows, RATES)
    return sum(row["is_own"] for row in offer_rows)


def _usable(service: str, pages: list[dict]) -> finlife.Answer | None:
    """The rows of kept pages, unless an older version of the code accepted what this one does not."""
    try:
        return finlife.answer(service, pages)
    except SourceError:
        return None


def _file(folder: Path, service: str, group: str) -> Path:
    return folder / "finlife" / f"{service}-{group}.json"


def _silent(note: str, fraction: float) -> None:
    """No progress display."""
