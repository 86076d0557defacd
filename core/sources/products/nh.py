"""Client of the NH open platform: balance, account and card history of customers who have consented. Read only.

Every answer is HTTP 200 with a code Rpcd in its header; "00000" is success and every other code is an error, as NH
publishes no list of them. Each question carries a number (IsTuno) that must never be used twice on a day.

Source: NH developer guide, https://developers.nonghyup.com/guide/GU_3060, and public clients.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from core import files
from core.calendar import now
from core.sources.products.http import HttpClient, RefusedError, SchemaError, json_object
from core.sources.products.schema import clean

SUCCESS = "00000"
# The service a question is billed to; the names are those of NH's examples.
SERVICES = {
    "InquireBalance": "ReceivedTransferA",
    "InquireTransactionHistory": "ReceivedTransferA",
    "InquireCreditCardAuthorizationHistory": "CardInfo",
}
ROWS_A_PAGE = {"InquireTransactionHistory": 100, "InquireCreditCardAuthorizationHistory": 15}
# At most three months a question: 89 days fit into any three months, also those with February.
WINDOW = timedelta(days=89)
MAX_PAGES = 200

Clock = Callable[[], datetime]


def reserve(path: Path, at: datetime) -> str:
    """The next IsTuno: 20 digits, unique on its day over all processes and restarts.

    It is the day and the microsecond of the day, or the last number plus one where that is larger. A lost file does no
    harm, and neither does a clock that is set back, as long as not both happen on the same day.
    """
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    proposed = int(f"{at:%Y%m%d}{(at - midnight) // timedelta(microseconds=1):012d}")
    with files.locked_file(path):
        written = path.read_text(encoding="ascii").strip() if path.exists() else ""
        last = int(written) if written.isdigit() else 0
        # The number of another day cannot be repeated: it begins with another date.
        serial = max(proposed, last + 1) if str(last)[:8] == f"{at:%Y%m%d}" else proposed
        files.write_text(path, str(serial))
    return str(serial)


def windows(first: date, last: date) -> list[tuple[date, date]]:
    """Spans of at most three months that together are first to last, oldest first.

    >>> [str(day) for span in windows(date(2026, 8, 1), date(2026, 11, 20)) for day in span]
    ['2026-08-01', '2026-10-28', '2026-10-29', '2026-11-20']
    """
    spans = []
    while first <= last:
        end = min(first + WINDOW - timedelta(days=1), last)
        spans.append((first, end))
        first = end + timedelta(days=1)
    return spans


@dataclass
class Client:
    """Client with an access token; `serials` is the file with the last number that was used."""

    http: HttpClient
    token: str = field(repr=False)
    iscd: str = field(repr=False)
    apsno: str
    url: str
    serials: Path
    clock: Clock = now

    def balance(self, account: str) -> tuple[dict, bytes]:
        """Ledger balance (Ldbl) and available amount (RlpmAbamt) of an account, and the bytes as sent."""
        return self.ask("InquireBalance", {"FinAcno": account})

    def transactions(self, account: str, first: date, last: date) -> Iterator[tuple[list[dict], bytes]]:
        """Pages of an account's transactions, oldest first, so that a new one shifts no page."""
        body = {"FinAcno": account, "TrnsDsnc": "A", "Lnsq": "ASC"}
        for begin, end in windows(first, last):
            yield from self._pages("InquireTransactionHistory", body | _span(begin, end))

    def card(self, card: str, first: date, last: date) -> Iterator[tuple[list[dict], bytes]]:
        """Pages of a card's authorisations at home."""
        for begin, end in windows(first, last):
            yield from self._pages(
                "InquireCreditCardAuthorizationHistory", {"FinCard": card, "IousDsnc": "1"} | _span(begin, end)
            )

    def _pages(self, api: str, body: dict[str, str]) -> Iterator[tuple[list[dict], bytes]]:
        for page in range(1, MAX_PAGES + 1):
            content, sent = self.ask(api, body | {"PageNo": str(page), "Dmcnt": str(ROWS_A_PAGE[api])})
            rows, more = _rows(api, content)
            yield rows, sent
            if not more:
                return
        raise SchemaError(f"{api} announces ever more pages, after {MAX_PAGES} nothing more is asked")

    def ask(self, api: str, body: dict[str, str]) -> tuple[dict, bytes]:
        """The answer to one question, and its bytes; every try carries a number of its own.

        Raises
        ------
        RefusedError : a code other than success, or HTTP 4xx
        SchemaError : no JSON, no header, or the answer to another question
        TransientError : out of reach after several tries
        """
        url = f"{self.url.rstrip('/')}/{api}.nh"

        def once() -> tuple[dict, bytes]:
            header = self._header(api)
            sent = self.http.post(url, {"Header": header} | body)
            content = _trimmed(json_object(url, sent))
            self._check_header(api, header["IsTuno"], content.get("Header"))
            return content, sent

        return self.http.with_retries(once)

    def _header(self, api: str) -> dict[str, str]:
        at = self.clock()
        return {
            "ApiNm": api,
            "Tsymd": f"{at:%Y%m%d}",
            "Trtm": f"{at:%H%M%S}",
            "Iscd": self.iscd,
            "FintechApsno": self.apsno,
            "ApiSvcCd": SERVICES[api],
            "IsTuno": reserve(self.serials, at),
            "AccessToken": self.token,
        }

    def _check_header(self, api: str, serial: str, header: object) -> None:
        """Raise unless the header is one of success and repeats the number of the question."""
        # ApiNm is no proof: the card service echoes the name of the corporate card's.
        if not isinstance(header, dict) or "Rpcd" not in header:
            raise SchemaError(f"{api} answers without a header")
        if header["Rpcd"] != SUCCESS:
            message = self.http.mask.text(clean(str(header.get("Rsms", ""))))[:200]
            raise RefusedError(str(header["Rpcd"]), f"{api} answers {header['Rpcd']} ({message})")
        if header.get("IsTuno", serial) != serial:
            raise SchemaError(f"{api} answers another question than the one that was asked")


def _span(first: date, last: date) -> dict[str, str]:
    return {"Insymd": f"{first:%Y%m%d}", "Ineymd": f"{last:%Y%m%d}"}


def _rows(api: str, content: dict) -> tuple[list[dict], bool]:
    """Rows of a page and whether another follows.

    Raises
    ------
    SchemaError : not a list of objects, another number than announced, or a next page after an empty one
    """
    rows, more = content.get("REC") or [], content.get("CtntDataYn")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SchemaError(f"{api}: REC is no list of objects")
    if more not in ("Y", "N"):
        raise SchemaError(f"{api}: CtntDataYn is {more!r}, expected Y or N")
    if str(content.get("Iqtcnt", len(rows))) != str(len(rows)):
        raise SchemaError(f"{api} announces {content['Iqtcnt']} rows and sent {len(rows)}")
    if more == "Y" and not rows:
        raise SchemaError(f"{api} announces a next page after an empty one")
    return rows, more == "Y"


def _trimmed(value: Any) -> Any:
    """The same content with keys free of blanks: the card service sends its message as "Rsms "."""
    if isinstance(value, dict):
        return {name.strip(): _trimmed(inner) for name, inner in value.items()}
    return [_trimmed(inner) for inner in value] if isinstance(value, list) else value
