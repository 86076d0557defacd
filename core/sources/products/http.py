"""Ask a server over HTTP: bounded in time and size, retried where that can help, and no secret in a log or an error.

SourceError
├── TransientError   time-out, no connection, HTTP 5xx or 429: worth another try
├── RefusedError     the server understood and said no; its code and what to do
└── SchemaError       the answer is not what the documentation says: nothing of it is used
"""

import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus, urljoin, urlsplit

import requests
import urllib3

from core.errors import CoreError

log = logging.getLogger("beacon.fetch")

MASK = "***"
MAX_BYTES = 20_000_000  # the largest answer of these services is below 1 MB
MAX_REDIRECTS = 3
TRIES = 4
LONGEST_PAUSE = 30.0
TOO_MANY = 429
# Loggers of the libraries below print addresses, and finlife's address holds the key.
CHATTY = ("urllib3.connectionpool", "urllib3.util.retry", "requests")

T = TypeVar("T")


class SourceError(CoreError):
    """An outside source did not give what was asked for."""


class TransientError(SourceError):
    """Worth another try; `wait` is the pause in seconds that the server asked for."""

    def __init__(self, text: str, wait: float = 0.0):
        super().__init__(text)
        self.wait = wait


class RefusedError(SourceError):
    """The server said no. `ends_source`: asking it anything else is useless too (the key, the quota)."""

    def __init__(self, code: str, text: str, *, ends_source: bool = False):
        super().__init__(text)
        self.code = code
        self.ends_source = ends_source


class SchemaError(SourceError):
    """The answer does not have the documented form."""


class SecretMask(logging.Filter):
    """Takes secrets out of texts, and out of what the HTTP libraries log.

    >>> SecretMask(["s3cret/"]).text("GET /list?auth=s3cret%2F&page=1")
    'GET /list?auth=***&page=1'
    """

    def __init__(self, secrets: Iterable[str]):
        super().__init__()
        known = {form for one in secrets if one for form in (one, quote(one, safe=""), quote_plus(one))}
        self._forms = sorted(known, key=len, reverse=True)

    def text(self, text: object) -> str:
        """The text with every secret replaced."""
        cleaned = str(text)
        for form in self._forms:
            cleaned = cleaned.replace(form, MASK)
        return cleaned

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite a record of a library before anybody sees it."""
        record.msg, record.args = self.text(record.getMessage()), None
        return True


@dataclass
class HttpClient:
    """A session with limits. `timeout` in seconds for the whole answer, `pause` before the second try.

    Use it as a context: inside, the log records of the HTTP libraries are masked.
    """

    mask: SecretMask
    timeout: float = 20.0
    pause: float = 1.0
    session: requests.Session = field(default_factory=requests.Session)

    def __enter__(self) -> "HttpClient":
        for name in CHATTY:
            logging.getLogger(name).addFilter(self.mask)
        return self

    def __exit__(self, *_: object) -> None:
        for name in CHATTY:
            logging.getLogger(name).removeFilter(self.mask)
        self.session.close()

    def get(self, url: str, params: Mapping[str, str]) -> bytes:
        """Body of a GET; redirects are followed on the same host only, as the address holds the key."""
        status, headers, body = self._sent("GET", url, params=params)
        for _ in range(MAX_REDIRECTS):
            if not 300 <= status < 400:
                break
            target = urljoin(url, headers.get("Location", ""))
            if urlsplit(target).hostname != urlsplit(url).hostname:
                raise SchemaError(f"{_place(url)} redirects to another host; the key is not sent there")
            if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
                raise SchemaError(f"{_place(url)} redirects from https to http; the key is not sent there")
            status, headers, body = self._sent("GET", target, params={} if urlsplit(target).query else params)
        return _accepted(url, status, headers, body)

    def post(self, url: str, content: Mapping[str, Any]) -> bytes:
        """Body of a POST of JSON; never redirected, as the body holds the token."""
        return _accepted(url, *self._sent("POST", url, json=content))

    def _sent(self, method: str, url: str, **content: Any) -> tuple[int, Mapping[str, str], bytes]:
        failed = ""
        try:
            answer = self.session.request(
                method, url, timeout=self.timeout, stream=True, allow_redirects=False, **content
            )
            with answer:
                return answer.status_code, answer.headers, _body(url, answer, self.timeout)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            failed = self.mask.text(f"{type(error).__name__}: {error}")
        # Raised out here, so that the library's error with its full address hangs on nothing.
        raise TransientError(f"{_place(url)} does not answer ({failed})")

    def retried(self, ask: Callable[[], T]) -> T:
        """What `ask` returns; on a TransientError it is asked again after 1, 2, 4 pauses."""
        for turn in range(TRIES - 1):
            try:
                return ask()
            except TransientError as error:
                wait = min(max(self.pause * 2**turn, error.wait), LONGEST_PAUSE)
                log.warning("try %d of %d failed, next in %.1f s: %s", turn + 1, TRIES, wait, self.mask.text(error))
            time.sleep(wait)
        return ask()


def _body(url: str, answer: requests.Response, timeout: float) -> bytes:
    """The whole body; requests limits the wait for each piece only, so the sum is limited here."""
    began, pieces, size = time.monotonic(), [], 0
    # read1 gives what has come; iter_content would wait until a whole piece is full, however slowly it fills.
    while piece := answer.raw.read1(65_536, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BYTES:
            raise SchemaError(f"{_place(url)} sends more than {MAX_BYTES:,} bytes; nothing of it is used")
        if time.monotonic() - began > timeout:
            raise TransientError(f"{_place(url)} is too slow: {size:,} bytes in {timeout:g} s")
    return b"".join(pieces)


def _accepted(url: str, status: int, headers: Mapping[str, str], body: bytes) -> bytes:
    if status == TOO_MANY or status >= 500:
        said = headers.get("Retry-After", "")
        raise TransientError(f"{_place(url)} answers HTTP {status}", float(said) if said.isdigit() else 0.0)
    if status != 200:
        raise RefusedError(f"HTTP {status}", f"{_place(url)} answers HTTP {status}; check the address and the key")
    return body


def _place(url: str) -> str:
    """Host and path: an address fit for a message."""
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


def decoded(url: str, body: bytes) -> dict:
    """The JSON object in a body.

    Raises
    ------
    SchemaError : it is no JSON object, for instance a page of a gateway
    """
    wrong, content = "", None
    try:
        content = json.loads(body)
    except ValueError as error:
        wrong = str(error)
    if wrong:  # raised out here: the decoder's error holds the whole body, which may repeat a key
        raise SchemaError(f"{_place(url)} sent no JSON: {wrong}")
    if not isinstance(content, dict):
        raise SchemaError(f"{_place(url)} sent a {type(content).__name__}, expected an object")
    return content
