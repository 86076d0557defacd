"""What the served build knows of a business: /v1/businesses/…

Everything was scored by the build; nothing is computed here, so the API, the pages and the files say the same.
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
from core.api.build_follower import PARTS, Kept, Served
from core.api.keys import Key
from core.api.problems import Refused, documented
from core.api.requests import Reasons
from core.api.responses import answer, joined

MOST = 10_000  # businesses of one batch
COMMON = documented("unauthorized", "invalid_request", "rate_limited", "no_build", "stale_build")
ONE = COMMON | documented("unknown_business")

router = APIRouter(prefix="/v1/businesses", tags=["businesses"])

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.-]+$", examples=["B0000023"])]
BusinessId = Annotated[Id, Path(description="The bank's id of the business.")]
Part = Literal["score", "default", "churn", "recommendation"]


class Batch(BaseModel):
    """Up to 10,000 businesses."""

    model_config = ConfigDict(extra="forbid")
    business_ids: list[Id] = Field(min_length=1, max_length=MOST)
    parts: list[Part] = Field(default=list(PARTS), min_length=1, max_length=len(PARTS))
    reasons: Reasons = 4


@router.post("/batch", response_model=responses.BusinessesAnswer, responses=COMMON | documented("body_too_large"))
async def batch(asked: Batch, call: AnyCall) -> Response:
    """Scores, probabilities, reasons and offers of many businesses, in the order asked."""
    call.admit(len(asked.business_ids))
    call.door.metrics.rows.labels("/v1/businesses/batch").inc(len(asked.business_ids))
    return await anyio.to_thread.run_sync(_batch, call.served, call.key, asked)


def _batch(served: Served, key: Key, asked: Batch) -> Response:
    found = [(business_id, _find(served, key, business_id)) for business_id in asked.business_ids]
    known = [_whole(business_id, kept, asked.parts, asked.reasons) for business_id, kept in found if kept]
    unknown = to_json([business_id for business_id, kept in found if not kept])
    return joined(served, [b'"businesses":[' + b",".join(known) + b"]", b'"unknown":' + unknown])


def _whole(business_id: str, kept: Kept, parts: Sequence[str], reasons: int) -> bytes:
    return b"{" + b",".join([b'"business_id":' + to_json(business_id), *_pieces(kept, parts, reasons)]) + b"}"


def _pieces(kept: Kept, parts: Sequence[str], reasons: int | None = None) -> Iterable[bytes]:
    """`"part":json` of each part asked for, with so many reasons, all when None."""
    known = kept.parts()
    for part in dict.fromkeys(parts):
        yield b'"%s":' % part.encode() + (known[part] if reasons is None else _cut(known[part], reasons))


def _cut(part: bytes, most: int) -> bytes:
    """The part with at most so many reasons."""
    content = from_json(part)
    if len(content.get("reasons", ())) <= most:
        return part
    return to_json(content | {"reasons": content["reasons"][:most]})


def _find(served: Served, key: Key, business_id: str) -> Kept | None:
    """The business, None when it is nowhere or in a book that the key does not read."""
    kept = served.businesses.get(business_id)
    return kept if kept is not None and key.reads(kept.manager_id) else None


def _known(call: Call, business_id: str) -> Kept:
    call.admit()
    kept = _find(call.served, call.key, business_id)
    if kept is None:
        raise Refused("unknown_business", "it is in no book of this key, or it does not exist")
    call.door.metrics.rows.labels("/v1/businesses/{business_id}").inc()
    return kept


def _one(call: Call, business_id: str, *parts: str) -> Response:
    kept = _known(call, business_id)
    return joined(call.served, [b'"business_id":' + to_json(business_id), *_pieces(kept, parts)])


@router.get("/{business_id}", response_model=responses.BusinessAnswer, responses=ONE)
async def business(business_id: BusinessId, call: AnyCall) -> Response:
    """Score, probability of default, chance of leaving and offers, each with all its reasons."""
    return _one(call, business_id, *PARTS)


@router.get("/{business_id}/score", response_model=responses.BusinessAnswer, responses=ONE)
async def score(business_id: BusinessId, call: AnyCall) -> Response:
    """The opportunity score and the points that each component gained and lost."""
    return _one(call, business_id, "score")


@router.get("/{business_id}/default", response_model=responses.BusinessAnswer, responses=ONE)
async def default(business_id: BusinessId, call: AnyCall) -> Response:
    """The probability of default within twelve months and its reasons."""
    return _one(call, business_id, "default")


@router.get("/{business_id}/churn", response_model=responses.BusinessAnswer, responses=ONE)
async def churn(business_id: BusinessId, call: AnyCall) -> Response:
    """The probability of leaving within three months and its reasons."""
    return _one(call, business_id, "churn")


@router.get("/{business_id}/recommendation", response_model=responses.BusinessAnswer, responses=ONE)
async def recommendation(business_id: BusinessId, call: AnyCall) -> Response:
    """What to offer, best first, why, and whether it may be recommended yet."""
    return _one(call, business_id, "recommendation")


@router.get("/{business_id}/eligibility", response_model=responses.EligibilityAnswer, responses=ONE)
async def eligibility(business_id: BusinessId, call: AnyCall) -> Response:
    """Every product of the catalogue and the rules that speak against it for this business."""
    _known(call, business_id)
    return await anyio.to_thread.run_sync(_eligibility, call.served, business_id)


def _eligibility(served: Served, business_id: str) -> Response:
    found = rules.eligibility(served.cursor(), business_id)
    columns = list(responses.BlockedProduct.model_fields)
    return answer(served, {"business_id": business_id, "products": found[columns].to_dict("records")})
