"""Errors of the API as application/problem+json (RFC 9457), each with a code for programs.

A problem never repeats what the client sent. A business that the key may not read gives the same problem as one that
does not exist.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import CoreError, NoBuildError, StaleBuildError

log = logging.getLogger("beacon.api")

MEDIA_TYPE: Final = "application/problem+json"
MAX_ERRORS = 20  # listed for a request; a batch could have ten thousand

# Code -> HTTP status and title. A code, once published, keeps its meaning.
CODES: Final[Mapping[str, tuple[int, str]]] = {
    "invalid_request": (422, "The request does not fit the schema"),
    "unauthorized": (401, "The API key is missing, unknown or revoked"),
    "payments_not_granted": (403, "The API key may not ask about payments"),
    "unknown_business": (404, "No such business in the book of this key"),
    "not_found": (404, "No such address"),
    "method_not_allowed": (405, "The address does not know this method"),
    "body_too_large": (413, "The body is too large"),
    "rate_limited": (429, "Too many requests for this key"),
    "internal": (500, "A bug; the log has it under the request id"),
    "no_build": (503, "Nothing has been published yet"),
    "stale_build": (503, "The published build does not fit this version of the code"),
    "no_model": (503, "The published build has no model for this"),
    "not_available": (503, "The answer cannot be given now"),
}
_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


class WrongField(BaseModel):
    """One thing that does not fit."""

    model_config = ConfigDict(extra="forbid")
    where: str = Field(description="Path to the field, such as body.amount_krw.")
    code: str = Field(description="Kind of mistake, such as missing or int_parsing.")
    message: str = Field(description="What must hold instead.")


class Problem(BaseModel):
    """Why there is no answer (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")
    type: str = Field(description="Always about:blank; `code` tells the kind.")
    title: str
    status: int
    code: str = Field(description="Stable code for programs.", examples=sorted(CODES))
    detail: str = Field(description="What to do.")
    request_id: str = Field(description="The id of this request, as in X-Request-ID and in the log.")
    errors: list[WrongField] = Field(default_factory=list)


class ProblemError(Exception):
    """A request that is answered with a problem."""

    def __init__(self, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code, self.detail, self.headers = code, detail, dict(headers or {})


def response(
    code: str,
    detail: str,
    request_id: str,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
) -> Response:
    """The problem as a response."""
    status, title = CODES[code]
    content: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "code": code}
    content |= {"detail": detail, "request_id": request_id, "errors": list(errors)}
    return Response(to_json(content), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Answer every error with a problem."""
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(CoreError, _core)
    app.add_exception_handler(Exception, _bug)


def _id(request: Request) -> str:
    return str(request.scope.get("beacon.request_id", ""))


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return response(error.code, error.detail, _id(request), error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    # Without `input`, which would send back, and perhaps log, what the client asked about.
    fields = [
        {"where": ".".join(map(str, field["loc"])), "code": field["type"], "message": field["msg"]}
        for field in errors[:MAX_ERRORS]
    ]
    detail = f"fields that do not fit: {len(errors)}; see errors"
    return response("invalid_request", detail, _id(request), errors=fields)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, ProblemError):  # FastAPI makes an HTTPException of an error while it reads the body
        return await _problem(request, error.__cause__)
    code = _BY_STATUS.get(error.status_code)
    if code is None:
        # FastAPI raises other statuses only for a body that cannot be read.
        return response("invalid_request", "the body cannot be read", _id(request))
    return response(code, "see /docs for what there is", _id(request), error.headers)


async def _core(request: Request, error: Exception) -> Response:
    if isinstance(error, NoBuildError):
        return response("no_build", "run `python -m core build`, then ask again", _id(request), {"Retry-After": "10"})
    if isinstance(error, StaleBuildError):
        log.error("stale build", extra={"request_id": _id(request), "why": str(error)})
        return response("stale_build", "run `python -m core build`, then ask again", _id(request))
    log.error("core refused", extra={"request_id": _id(request), "why": str(error)})
    return response("not_available", "see the server's log under this request id", _id(request))


async def _bug(request: Request, _error: Exception) -> Response:
    """The response to a bug; Starlette raises it again afterwards, so that the log has it."""
    headers = {"X-Request-ID": _id(request), "Cache-Control": "no-store"}
    return response("internal", "tell us the request id", _id(request), headers)


def openapi_responses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The problems with these codes, for the OpenAPI schema of a route."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in codes:
        by_status[CODES[code][0]].append(code)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": ", ".join(names), "content": content} for status, names in by_status.items()}
