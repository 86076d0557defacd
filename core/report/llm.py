"""An optional language model words the note: an OpenAI-compatible service by BEACON_LLM_URL, _KEY and _MODEL.

It is sent facts, never a name: what names the customer, and what strangers wrote, stays here as a token. It
answers prose with tokens; the verifier reads it, and whatever goes wrong ends in the fixed template.
No personal data in the log: hashes, the verdict, the number of tries.
"""

import hashlib
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from core.errors import ConfigError
from core.report import pii, template, verifier
from core.report.draft import SECTIONS, Draft
from core.report.fact_sheet import FactSheet

LOG = logging.getLogger(__name__)
TRIES = 3  # the first and two more; then the template
SECONDS = 20.0  # of one try, from connecting to the last byte
LARGEST = 64_000  # bytes of an answer; a note has four thousand

SYSTEM = (
    "You word a one-page note on a small business for its bank's relationship manager. Write {language} prose. "
    "Never write a digit, a number in words, a name, a quotation or a decision. Every figure, tier, product and "
    "name is a token such as {{{{f:SCORE}}}}, copied exactly from the facts. Say that something rose or fell only "
    "beside a token whose direction says so. Answer JSON: each section a list of one to five short sentences."
)
LANGUAGES = {"ko": "Korean", "en": "English"}
SCHEMA = {
    "type": "object",
    "properties": {
        section: {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 5} for section in SECTIONS
    },
    "required": list(SECTIONS),
    "additionalProperties": False,
}


class Refused(Exception):
    """No usable answer came; `args[0]` is a code without personal data."""


@dataclass(frozen=True)
class Endpoint:
    """A service that speaks /v1/chat/completions."""

    url: str
    key: str
    model: str
    seconds: float = SECONDS

    @classmethod
    def from_env(cls) -> "Endpoint | None":
        """The service of the environment; None when no URL is set, and nothing is sent anywhere.

        Raises
        ------
        ConfigError : a URL without a model, or one that is no http address
        """
        url = os.environ.get("BEACON_LLM_URL", "").strip()
        if not url:
            return None
        model = os.environ.get("BEACON_LLM_MODEL", "").strip()
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ConfigError("BEACON_LLM_URL is no http or https address; correct it or unset it")
        if not model:
            raise ConfigError("BEACON_LLM_URL is set but BEACON_LLM_MODEL is not; name the model or unset the URL")
        return cls(url.rstrip("/"), os.environ.get("BEACON_LLM_KEY", ""), model)


def draft(sheet: FactSheet, endpoint: Endpoint) -> Draft:
    """The note as the model words it if it passes the verifier within three tries, else the template's."""
    try:
        body = payload(sheet, endpoint.model)
    except Refused as refused:
        return _fallen_back(sheet, str(refused), 0, b"")
    verdict = ""
    for attempt in range(1, TRIES + 1):
        try:
            made = _drafted(ask(endpoint, body), sheet, endpoint)
        except Refused as refused:
            verdict = str(refused)
            continue
        wrong = verifier.faults(made, sheet, made.notes)
        if not wrong:
            LOG.info("report: prompt %s, verdict passed, tries %s", _hash(body), attempt)
            return made
        verdict = ",".join(sorted({fault.code for fault in wrong}))
    return _fallen_back(sheet, verdict, TRIES, body)


def _fallen_back(sheet: FactSheet, verdict: str, tries: int, body: bytes) -> Draft:
    LOG.warning("report: prompt %s, verdict %s, tries %s, template instead", _hash(body), verdict, tries)
    return template.draft(sheet)


def payload(sheet: FactSheet, model: str) -> bytes:
    """What is sent: the facts with their displays, and by token only what names the customer or was written by others.

    Raises
    ------
    Refused : something in it looks like a person's or an account's number
    """
    facts = [
        {
            "token": "{{f:" + fact.id + "}}",
            "label": fact.label,
            "unit": fact.unit,
            "display": fact.display if fact.sent else None,
            "direction": fact.direction,
            "claims": sorted(fact.claims),
        }
        for fact in sheet.facts.values()
    ]
    question = json.dumps({"facts": facts, "topics": sorted(sheet.flags)}, ensure_ascii=False)
    kinds = pii.found(question)
    if kinds:
        raise Refused("pii_" + "_".join(kinds))
    messages = [
        {"role": "system", "content": SYSTEM.format(language=LANGUAGES[sheet.speak.code])},
        {"role": "user", "content": question},
    ]
    schema = {"type": "json_schema", "json_schema": {"name": "note", "strict": True, "schema": SCHEMA}}
    body = {"model": model, "temperature": 0, "max_tokens": 1500, "messages": messages, "response_format": schema}
    return json.dumps(body, ensure_ascii=False).encode()


def _drafted(answer: object, sheet: FactSheet, endpoint: Endpoint) -> Draft:
    """The sections of an answer as a draft, with our own mandatory lines."""
    if not isinstance(answer, dict) or set(answer) != set(SECTIONS):
        raise Refused("shape")
    for lines in answer.values():
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise Refused("shape")
    sections = tuple((section, tuple(line.strip() for line in answer[section])) for section in SECTIONS)
    return Draft(sections, template.notes(sheet, endpoint.model), endpoint.model)


def ask(endpoint: Endpoint, body: bytes) -> object:
    """The JSON that the model wrote, within the endpoint's seconds and 64 kB.

    Raises
    ------
    Refused : no connection, no answer in time, another status than 200, too much text, no JSON
    """
    where = urlsplit(endpoint.url)
    kind: Callable[..., HTTPConnection] = HTTPSConnection if where.scheme == "https" else HTTPConnection
    connection = kind(where.hostname, where.port, timeout=endpoint.seconds)
    deadline = time.monotonic() + endpoint.seconds
    try:
        connection.connect()
        with _alarm(connection.sock, endpoint.seconds):
            text = _answer(connection, where.path, endpoint.key, body)
    except (OSError, HTTPException, ValueError) as error:
        late = time.monotonic() >= deadline or isinstance(error, TimeoutError)
        raise Refused("time_out" if late else type(error).__name__) from error
    finally:
        connection.close()
    if time.monotonic() >= deadline:
        raise Refused("time_out")
    return _content(text)


@contextmanager
def _alarm(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Hang up after so long: a time-out of the socket alone never ends an answer that drips."""
    alarm = threading.Timer(seconds, _hang_up, [sock])
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def _hang_up(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        LOG.debug("report: the other side had hung up before")


def _answer(connection: HTTPConnection, path: str, key: str, body: bytes) -> bytes:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    headers |= {"Authorization": f"Bearer {key}"} if key else {}
    base = path.rstrip("/")
    connection.request("POST", f"{base.removesuffix('/v1')}/v1/chat/completions", body, headers)
    response = connection.getresponse()
    if response.status != 200:
        raise Refused(f"status_{response.status}")
    text = response.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise Refused("endless")
    return text


def _content(text: bytes) -> object:
    try:
        reply: Any = json.loads(text)
        return json.loads(reply["choices"][0]["message"]["content"])
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise Refused("no_json") from error


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
