"""Logs and metrics of requests: one line of JSON each, Prometheus metrics, and a request id that connects them.

None of them holds an id of a business or a customer, an amount, a key or a query string: the path is the template of
the route, and a key is named by its id in the key file.
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
from core.api.build_follower import ServedBuild

log = logging.getLogger("beacon.api")

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
MAX_BODY_BYTES = 8 * 1024 * 1024  # ten thousand payments take 2.5 MB
UNMATCHED = "unmatched"  # path of a request that fits no route
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonLines(logging.Formatter):
    """One JSON object a line, with the message and the `extra` fields of the record.

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
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD_FIELDS}
        if record.exc_info:
            line["traceback"] = _trace(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _trace(error: BaseException | None) -> list[str]:
    """Class of the error and its stack, without the message, which may hold data of a request."""
    if error is None:
        return []
    frames = traceback.extract_tb(error.__traceback__)
    return [type(error).__name__, *(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)]


class Metrics:
    """Counters and times of one server."""

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

    def text(self, served: ServedBuild | None) -> bytes:
        """All metrics in the text format of Prometheus."""
        self.build.clear()
        if served is not None:
            self.build.labels(served.build_id, served.as_of or "").set(1)
        return generate_latest(self.registry)


class ObservabilityMiddleware:
    """ASGI middleware: request id, limit of the body, log line, metrics, and the headers of every response."""

    def __init__(self, app: ASGIApp, metrics: Metrics, served: Callable[[], ServedBuild | None]) -> None:
        self.app, self.metrics, self.served = app, metrics, served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and log and count its response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["beacon.request_id"] = request_id = _request_id(scope)
        # 500 holds unless a response begins: a request without one met a bug, which ServerErrorMiddleware answers.
        started, status = time.perf_counter(), 500

        async def send_with_headers(message: Message) -> None:
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
            await self._with_body_limit(scope, receive, send_with_headers)
        finally:
            self.metrics.running.dec()
            self._record(scope, request_id, status, time.perf_counter() - started)

    async def _with_body_limit(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; its bytes are counted as they come, because the header Content-Length may be wrong."""
        size = 0

        async def receive_and_count() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MAX_BODY_BYTES:
                raise problems.ProblemError("body_too_large", f"send at most {MAX_BODY_BYTES} bytes")
            return message

        await self.app(scope, receive_and_count, send)

    def _record(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        path = getattr(scope.get("route"), "path", UNMATCHED)
        method = scope["method"] if path != UNMATCHED else "-"
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
    """The client's id if it fits REQUEST_ID, otherwise a new one."""
    request_id = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
    return request_id if REQUEST_ID.fullmatch(request_id) else uuid.uuid4().hex


def _build_headers(served: ServedBuild | None) -> dict[str, str]:
    return {} if served is None else {"x-build-id": served.build_id, "x-as-of": served.as_of or ""}
