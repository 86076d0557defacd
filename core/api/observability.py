"""What the operator sees of each request: one line of JSON, Prometheus metrics, and an id that joins them.

Neither has an id of a business or a customer, an amount, a key or a query string: the path is its template. The key is
named by the id it has in the key file.
"""

import json
import logging
import re
import time
import traceback
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api import problems
from core.api.build_follower import Served

log = logging.getLogger("beacon.api")

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LARGEST_BODY = 8 * 1024 * 1024  # ten thousand payments are 2.5 MB
UNKNOWN = "unmatched"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_OWN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonLines(logging.Formatter):
    """One JSON object a line; what a record carries beside its message are fields of their own.

    >>> record = logging.makeLogRecord({"msg": "request", "levelname": "INFO", "name": "beacon.api", "status": 200})
    >>> json.loads(JsonLines().format(record))["status"]
    200
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _OWN_FIELDS}
        if record.exc_info:
            line["traceback"] = _where(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _where(error: BaseException | None) -> list[str]:
    """Kind of error and the lines it came through; its message may hold what was asked about."""
    if error is None:
        return []
    frames = traceback.extract_tb(error.__traceback__)
    return [type(error).__name__, *(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)]


class Metrics:
    """Counters and times of one server; `text` is what Prometheus reads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "path", "status")
        self.requests = Counter("beacon_api_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "beacon_api_request_seconds", "Time to an answer.", ("path",), buckets=BUCKETS, registry=self.registry
        )
        self.running = Gauge("beacon_api_requests_running", "Requests under way.", registry=self.registry)
        self.refused = Counter(
            "beacon_api_rate_limited", "Requests over a key's rate.", ("key",), registry=self.registry
        )
        self.rows = Counter(
            "beacon_api_rows", "Businesses or payments answered for.", ("path",), registry=self.registry
        )
        self.actions = Counter(
            "beacon_api_actions", "What was advised for a payment.", ("path", "action"), registry=self.registry
        )
        self.build = Gauge(
            "beacon_api_build", "1 for the build that serves.", ("build_id", "as_of"), registry=self.registry
        )

    def text(self, served: Served | None) -> bytes:
        """All metrics in Prometheus' text format."""
        self.build.clear()
        if served is not None:
            self.build.labels(served.build_id, served.as_of or "").set(1)
        return generate_latest(self.registry)


class Observed:
    """ASGI middleware: request id, body limit, log line, metrics, and the headers that every answer carries."""

    def __init__(self, app: ASGIApp, metrics: Metrics, served: Callable[[], Served | None]) -> None:
        self.app, self.metrics, self.served = app, metrics, served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and tell what became of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["beacon.request_id"] = request_id = _request_id(scope)
        # Until an answer begins: what ends without one is a bug, and ServerErrorMiddleware answers for it.
        started, status = time.perf_counter(), 500

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update(
                    {"x-request-id": request_id, "cache-control": "no-store"} | _build_headers(self.served())
                )
            await send(message)

        self.metrics.running.inc()
        try:
            await self._limited(scope, receive, told)
        finally:
            self.metrics.running.dec()
            self._tell(scope, request_id, status, time.perf_counter() - started)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request whose body is small enough, counted as it comes: a length that is told may be a lie."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST_BODY:
                raise problems.Refused("body_too_large", f"send at most {LARGEST_BODY} bytes")
            return message

        await self.app(scope, counted, send)

    def _tell(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        path = getattr(scope.get("route"), "path", UNKNOWN)
        method = scope["method"] if path != UNKNOWN else "-"
        self.metrics.requests.labels(method, path, status).inc()
        self.metrics.seconds.labels(path).observe(seconds)
        served = self.served()
        fields: Mapping[str, Any] = {
            "request_id": request_id,
            "method": method,
            "path": path,
            "status": status,
            "ms": round(1000 * seconds, 2),
            "key": scope.get("beacon.key"),
            "build_id": served.build_id if served else None,
        }
        log.info("request", extra=fields)


def _request_id(scope: Scope) -> str:
    """The caller's id when it is a plain one, otherwise a new one."""
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _build_headers(served: Served | None) -> dict[str, str]:
    return {} if served is None else {"x-build-id": served.build_id, "x-as-of": served.as_of or ""}
