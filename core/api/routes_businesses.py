"""Routes for businesses: /v1/businesses/…

The build has computed every figure. Nothing is computed here, so that the API, the pages and the files agree.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

import anyio
from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json, to_json
from starlette.responses import Response

from core.advice import rules
from core.api import responses
from core.api.auth import AnyCall, Call
from core.api.build_follower import PARTS, ServedBuild, StoredAnswer
from core.api.keys import Key
from core.api.problems import ProblemError, openapi_responses
from core.api.requests import Reasons
from core.api.responses import answer, answer_from_json

MAX_BUSINESSES = 10_000  # of a batch
COMMON = openapi_responses("unauthorized", "invalid_request", "rate_limited", "no_build", "stale_build")
OF_ONE = COMMON | openapi_responses("unknown_business")

router = APIRouter(prefix="/v1/businesses", tags=["businesses"])

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.-]+$", examples=["B0000023"])]
BusinessId = Annotated[Id, Path(description="The bank's id of the business.")]
Part = Literal["score", "default", "churn", "recommendation"]


class Batch(BaseModel):
    """Up to 10,000 businesses."""

    model_config = ConfigDict(extra="forbid")
    business_ids: list[Id] = Field(min_length=1, max_length=MAX_BUSINESSES)
    parts: list[Part] = Field(default=list(PARTS), min_length=1, max_length=len(PARTS))
    reasons: Reasons = 4


@router.post(
    "/batch", response_model=responses.BusinessesAnswer, responses=COMMON | openapi_responses("body_too_large")
)
async def batch(body: Batch, call: AnyCall) -> Response:
    """Scores, probabilities, reasons and offers of many businesses, in the order asked."""
    call.admit(len(body.business_ids))
    call.gatekeeper.metrics.rows.labels("/v1/businesses/batch").inc(len(body.business_ids))
    return await anyio.to_thread.run_sync(_batch, call.served, call.key, body)


def _batch(served: ServedBuild, key: Key, body: Batch) -> Response:
    businesses, unknown = [], []
    for business_id in body.business_ids:
        stored = _find(served, key, business_id)
        if stored is None:
            unknown.append(business_id)
        else:
            businesses.append(b"{" + b",".join(_fields(business_id, stored, body.parts, body.reasons)) + b"}")
    fields = [b'"businesses":[' + b",".join(businesses) + b"]", b'"unknown":' + to_json(unknown)]
    return answer_from_json(served, fields)


def _fields(
    business_id: str, stored: StoredAnswer, parts: Sequence[str], max_reasons: int | None = None
) -> Iterable[bytes]:
    """`"name":value` of the id and of each part, with at most so many reasons; None is all."""
    json = stored.parts()
    yield b'"business_id":' + to_json(business_id)
    for part in dict.fromkeys(parts):
        yield b'"%s":' % part.encode() + (json[part] if max_reasons is None else _shorten(json[part], max_reasons))


def _shorten(part: bytes, max_reasons: int) -> bytes:
    content = from_json(part)
    if len(content.get("reasons", ())) <= max_reasons:
        return part
    return to_json(content | {"reasons": content["reasons"][:max_reasons]})


def _find(served: ServedBuild, key: Key, business_id: str) -> StoredAnswer | None:
    """The answer for the business, None when it does not exist or the key may not read it."""
    stored = served.businesses.get(business_id)
    return stored if stored is not None and key.reads(stored.manager_id) else None


def _admit(call: Call, business_id: str) -> StoredAnswer:
    """Count the call; the answer for its business.

    Raises
    ------
    ProblemError : the rate is used up; the business does not exist or the key may not read it
    """
    call.admit()
    stored = _find(call.served, call.key, business_id)
    if stored is None:
        raise ProblemError("unknown_business", "it is in no book of this key, or it does not exist")
    call.gatekeeper.metrics.rows.labels("/v1/businesses/{business_id}").inc()
    return stored


def _answer(call: Call, business_id: str, *parts: str) -> Response:
    return answer_from_json(call.served, _fields(business_id, _admit(call, business_id), parts))


@router.get("/{business_id}", response_model=responses.BusinessAnswer, responses=OF_ONE)
async def business(business_id: BusinessId, call: AnyCall) -> Response:
    """Score, probability of default, chance of leaving and offers, each with all its reasons."""
    return _answer(call, business_id, *PARTS)


@router.get("/{business_id}/score", response_model=responses.BusinessAnswer, responses=OF_ONE)
async def score(business_id: BusinessId, call: AnyCall) -> Response:
    """The opportunity score and the points that each component gained and lost."""
    return _answer(call, business_id, "score")


@router.get("/{business_id}/default", response_model=responses.BusinessAnswer, responses=OF_ONE)
async def default(business_id: BusinessId, call: AnyCall) -> Response:
    """The probability of default within twelve months and its reasons."""
    return _answer(call, business_id, "default")


@router.get("/{business_id}/churn", response_model=responses.BusinessAnswer, responses=OF_ONE)
async def churn(business_id: BusinessId, call: AnyCall) -> Response:
    """The probability of leaving within three months and its reasons."""
    return _answer(call, business_id, "churn")


@router.get("/{business_id}/recommendation", response_model=responses.BusinessAnswer, responses=OF_ONE)
async def recommendation(business_id: BusinessId, call: AnyCall) -> Response:
    """What to offer, best first, why, and whether it may be recommended yet."""
    return _answer(call, business_id, "recommendation")


@router.get("/{business_id}/eligibility", response_model=responses.EligibilityAnswer, responses=OF_ONE)
async def eligibility(business_id: BusinessId, call: AnyCall) -> Response:
    """Every product of the catalogue and the rules that speak against it for this business."""
    _admit(call, business_id)
    return await anyio.to_thread.run_sync(_eligibility, call.served, business_id)


def _eligibility(served: ServedBuild, business_id: str) -> Response:
    products = rules.eligibility(served.cursor(), business_id)[list(responses.BlockedProduct.model_fields)]
    return answer(served, {"business_id": business_id, "products": products.to_dict("records")})
