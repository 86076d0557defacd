"""One run of `fetch products`: ask every service that has a key, store the answers, report the outcomes.

Reads  finlife and NH through their clients
Writes <data_dir>/external/products: finlife/<service>-<group>.json as sent, finlife_offers.parquet,
       finlife_rates.parquet, nh_*.parquet; a question that fails leaves the stored answer as it was
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

from core.progress import Progress, silent
from core.sources.products import catalogue, finlife, nh_fetch, store
from core.sources.products.http import HttpClient, RefusedError, SchemaError, SecretMask, SourceError, TransientError
from core.sources.products.keys import Keys
from core.sources.products.offers import OFFERS, RATES, offers
from core.sources.products.outcome import Outcome

# Companies submit once a day at most; a second run on the same day asks nothing and spends no quota.
FRESH = timedelta(hours=20)


@dataclass(frozen=True)
class Report:
    """The outcomes of a fetch, and the day of the curated catalogue that is used where nothing was fetched."""

    outcomes: list[Outcome]
    curated_on: date

    @property
    def failed(self) -> list[Outcome]:
        """Questions without an answer."""
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
class FinlifeRun:
    """One run over the questions of finlife. A question is a service and a group of companies.

    folder : where answers are stored
    outcomes : the outcome of each question so far
    ended : why no further question is sent; empty while questions are sent
    """

    client: finlife.Client
    folder: Path
    company: str
    max_age: timedelta
    outcomes: list[Outcome] = field(default_factory=list)
    ended: str = ""

    def answer(self, service: str, group: str) -> None:
        """Answer one question: from the stored answer if it is fresh, else from the service."""
        question = f"{service} {finlife.spec()['groups'][group]}"
        stored = self._stored(service, group)
        if stored is not None:
            self._record(question, "kept", stored)
        elif self.ended:
            self.outcomes.append(Outcome("finlife", question, "skipped", why=self.ended))
        else:
            self._fetch(service, group, question)

    def _stored(self, service: str, group: str) -> finlife.Answer | None:
        """The stored answer; None if there is none, it is of another company, too old or not usable."""
        stored = store.read_json(_file(self.folder, service, group))
        if stored is None:
            return None
        origin, content = stored
        if content["company"] != self.company or origin.age(datetime.now(UTC)) > self.max_age:
            return None
        return _usable(service, content["pages"])

    def _fetch(self, service: str, group: str, question: str) -> None:
        try:
            pages, bodies = self.client.pages(service, group, self.company)
            answer = finlife.answer(service, pages)
        except SourceError as error:
            self._record_failure(service, question, error)
            return
        origin = store.origin(f"FSS finlife {service} {group}", *bodies)
        store.write_json(_file(self.folder, service, group), origin, {"company": self.company, "pages": pages})
        self._record(question, "fetched", answer)

    def _record_failure(self, service: str, question: str, error: SourceError) -> None:
        why = self.client.http.mask.text(error)
        defect = finlife.spec()["services"][service].get("defect", "")
        if defect and isinstance(error, SchemaError):
            self.outcomes.append(Outcome("finlife", question, "skipped", why=f"{why} ({defect})"))
            return
        self.outcomes.append(Outcome("finlife", question, "failed", why=why))
        # Out of reach, or a bad key: forty more questions would only repeat the waiting.
        if isinstance(error, TransientError) or (isinstance(error, RefusedError) and error.ends_source):
            self.ended = "not asked after the failure above"

    def _record(self, question: str, state: str, answer: finlife.Answer) -> None:
        self.outcomes.append(Outcome("finlife", question, state, len(answer.base), left_out=tuple(answer.left_out)))


def fetch(external: Path, keys: Keys, *, fresh: bool = False, company: str = "", progress: Progress = silent) -> Report:
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
    with store.locked(folder), HttpClient(SecretMask(keys.secrets), keys.fetch_timeout, keys.fetch_pause) as http:
        outcomes = _fetch_finlife(folder, keys, http, company, max_age, progress)
        outcomes += nh_fetch.fetch(folder, keys, http, max_age, progress)
    return Report(outcomes, catalogue.curated_on())


def _fetch_finlife(
    folder: Path, keys: Keys, http: HttpClient, company: str, max_age: timedelta, progress: Progress
) -> list[Outcome]:
    if not keys.finlife_key:
        return [Outcome("finlife", "products", "skipped", why="BEACON_FINLIFE_KEY is not set")]
    run = FinlifeRun(finlife.Client(http, keys.finlife_key, keys.finlife_url), folder, company, max_age)
    questions = list(product(finlife.spec()["services"], finlife.spec()["groups"]))
    for number, (service, group) in enumerate(questions):
        progress(service, number / len(questions))
        run.answer(service, group)
    own_offers = write_offers(folder, keys.finlife_company)
    if keys.finlife_company and not own_offers:
        why = f"no offer is of {keys.finlife_company!r} (BEACON_FINLIFE_COMPANY); ranges over all banks are used"
        return [*run.outcomes, Outcome("finlife", "own-bank", "skipped", why=why)]
    return run.outcomes


def write_offers(folder: Path, own: str) -> int:
    """Write offers and rates of every stored answer, whatever its age; the number of offers of the own bank."""
    offer_rows: list[dict] = []
    rate_rows: list[dict] = []
    services = [name for name, form in finlife.spec()["services"].items() if form["kind"] != "company"]
    for service, group in product(services, finlife.spec()["groups"]):
        stored = store.read_json(_file(folder, service, group))
        answer = _usable(service, stored[1]["pages"]) if stored else None
        if stored and answer:
            offers_of_answer, rates_of_answer = offers(answer, group, own, stored[0])
            offer_rows += offers_of_answer
            rate_rows += rates_of_answer
    store.write_rows(folder / catalogue.OFFERS_FILE, offer_rows, OFFERS)
    store.write_rows(folder / catalogue.RATES_FILE, rate_rows, RATES)
    return sum(row["is_own"] for row in offer_rows)


def _usable(service: str, pages: list[dict]) -> finlife.Answer | None:
    """The rows of stored pages; None where an older version of the code accepted what this one does not."""
    try:
        return finlife.answer(service, pages)
    except SourceError:
        return None


def _file(folder: Path, service: str, group: str) -> Path:
    return folder / "finlife" / f"{service}-{group}.json"
