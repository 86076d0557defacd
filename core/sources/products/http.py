"""HTTP client: limited in time and size, with retries where they can help, and without secrets in logs or errors.

SourceError
├── TransientError   time-out, no connection, HTTP 5xx or 429: try again
├── RefusedError     the server understood and refused; its code and what to do
└── SchemaError      the answer is not as documented: nothing of it is used
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
# These loggers print addresses, and finlife's address holds the key.
LIBRARY_LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry", "requests")

T = TypeVar("T")


class SourceError(CoreError):
    """An outside source did not answer the question."""


class TransientError(SourceError):
    """Another try may help; `wait` is the pause in seconds that the server demands."""

    def __init__(self, text: str, wait: float = 0.0):
        super().__init__(text)
        self.wait = wait


class RefusedError(SourceError):
    """The server refused. `ends_source`: it will refuse every other question too (the key, the quota)."""

    def __init__(self, code: str, text: str, *, ends_source: bool = False):
        super().__init__(text)
        self.code = code
        self.ends_source = ends_source


class SchemaError(SourceError):
    """The answer does not have the documented form."""


class SecretMask(logging.Filter):
    """Removes secrets from texts and from the log records of the HTTP libraries.

    >>> SecretMask(["s3cret/"]).text("GET /list?auth=s3cret%2F&page=1")
    'GET /list?auth=***&page=1'
    """

    def __init__(self, secrets: Iterable[str]):
        super().__init__()
        forms = {form for secret in secrets if secret for form in (secret, quote(secret, safe=""), quote_plus(secret))}
        self._forms = sorted(forms, key=len, reverse=True)

    def text(self, text: object) -> str:
        """The text with every secret replaced."""
        cleaned = str(text)
        for form in self._forms:
            cleaned = cleaned.replace(form, MASK)
        return cleaned

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite a log record of a library before it is written."""
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
        for name in LIBRARY_LOGGERS:
            logging.getLogger(name).addFilter(self.mask)
        return self

    def __exit__(self, *_: object) -> None:
        for name in LIBRARY_LOGGERS:
            logging.getLogger(name).removeFilter(self.mask)
        self.session.close()

    def get(self, url: str, params: Mapping[str, str]) -> bytes:
        """Body of a GET; redirects are followed on the same host only, as the address holds the key."""
        status, headers, body = self._send("GET", url, params=params)
        for _ in range(MAX_REDIRECTS):
            if not 300 <= status < 400:
                break
            target = urljoin(url, headers.get("Location", ""))
            if urlsplit(target).hostname != urlsplit(url).hostname:
                raise SchemaError(f"{_address(url)} redirects to another host; the key is not sent there")
            if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
                raise SchemaError(f"{_address(url)} redirects from https to http; the key is not sent there")
            status, headers, body = self._send("GET", target, params={} if urlsplit(target).query else params)
        return _checked_body(url, status, headers, body)

    def post(self, url: str, content: Mapping[str, Any]) -> bytes:
        """Body of a POST of JSON; never redirected, as the body holds the token."""
        return _checked_body(url, *self._send("POST", url, json=content))

    def _send(self, method: str, url: str, **content: Any) -> tuple[int, Mapping[str, str], bytes]:
        failed = ""
        try:
            answer = self.session.request(
                method, url, timeout=self.timeout, stream=True, allow_redirects=False, **content
            )
            with answer:
                return answer.status_code, answer.headers, _body(url, answer, self.timeout)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            failed = self.mask.text(f"{type(error).__name__}: {error}")
        # Raised out here, so that the library's error, which has the full address, is not its context.
        raise TransientError(f"{_address(url)} does not answer ({failed})")

    def with_retries(self, ask: Callable[[], T]) -> T:
        """Result of `ask`; after a TransientError it is called again, after 1, 2 and 4 pauses."""
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
            raise SchemaError(f"{_address(url)} sends more than {MAX_BYTES:,} bytes; nothing of it is used")
        if time.monotonic() - began > timeout:
            raise TransientError(f"{_address(url)} is too slow: {size:,} bytes in {timeout:g} s")
    return b"".join(pieces)


def _checked_body(url: str, status: int, headers: Mapping[str, str], body: bytes) -> bytes:
    if status == TOO_MANY or status >= 500:
        wait = headers.get("Retry-After", "")
        raise TransientError(f"{_address(url)} answers HTTP {status}", float(wait) if wait.isdigit() else 0.0)
    if status != 200:
        raise RefusedError(f"HTTP {status}", f"{_address(url)} answers HTTP {status}; check the address and the key")
    return body


def _address(url: str) -> str:
    """Host and path: an address without secrets, for messages."""
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


def json_object(url: str, body: bytes) -> dict:
    """The JSON object in a body.

    Raises
    ------
    SchemaError : it is no JSON object, for instance the error page of a gateway
    """
    fault, content = "", None
    try:
        content = json.loads(body)
    except ValueError as error:
        fault = str(error)
    if fault:  # raised out here: the decoder's error holds the whole body, which may repeat a key
        raise SchemaError(f"{_address(url)} sent no JSON: {fault}")
    if not isinstance(content, dict):
        raise SchemaError(f"{_address(url)} sent a {type(content).__name__}, expected an object")
    return content
