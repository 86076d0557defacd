"""Fields of the responses, for the OpenAPI schema and the tests that check responses against it.

Responses are written as JSON without these classes: for ten thousand businesses that would take seconds.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.responses import Response

from core.api.build_follower import ServedBuild


class ResponseModel(BaseModel):
    """A part of a response; it has these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class BuildFields(ResponseModel):
    """The build that a response comes from."""

    build_id: str = Field(description="The build that was asked.")
    as_of: date | None = Field(description="Day the data of this build end with; nothing later is in any figure.")
    models: dict[str, str] = Field(description="Model -> version that scored this build.")


class Component(ResponseModel):
    """One component of the score; points and points_lost add up to points_possible."""

    component: str = Field(examples=["change", "volatility", "trend", "season", "industry"])
    points: float
    points_possible: float
    points_lost: float
    value: float | None = Field(description="What was measured, before it became points.")


class Score(ResponseModel):
    """The opportunity score: score = round(min(sum of points + points_shrink, cap))."""

    state: str = Field(description="OK, or why there is no score or a capped one.", examples=["OK", "INSUFFICIENT"])
    score: int | None = Field(ge=0, le=100)
    tier: int | None = Field(ge=1, le=5, description="1 is the weakest, 5 the strongest.")
    score_1m: int | None = Field(description="A month ago.")
    tier_1m: int | None
    score_raw: float | None = Field(description="Sum of the components' points.")
    points_shrink: float | None = Field(description="Added because few months are known.")
    cap: int | None = Field(description="Most that a hard fact, such as payments in arrears, leaves.")
    points_cut: float | None = Field(description="What the cap took away; null without a cap.")
    flags: list[str]
    months_observed: int | None
    peers: int | None
    components: list[Component]


class Reason(ResponseModel):
    """What a group of features adds to the log-odds, and in points of probability."""

    reason: str
    contribution: float = Field(description="Calibrated log-odds; above zero raises the probability.")
    contribution_p: float = Field(description="The same in points of probability; all add up to p - base p.")
    feature: str = Field(description="The feature that carries most of the group.")
    value: float | None
    peer_median: float | None


class Default(ResponseModel):
    """Probability of default within twelve months; with all reasons, base_log_odds + contributions = its log-odds."""

    state: str | None = Field(description="OK, or why there is no probability.")
    pd_12m: float | None = Field(ge=0, le=1)
    band: str | None = Field(examples=["A", "B", "C", "D", "E"])
    basis: str | None = Field(description="exposed, or no_exposure: nothing is owed, so nothing was observed.")
    pd_1m: float | None = Field(description="A month ago.")
    base_log_odds: float | None
    expected_loss_krw: int | None
    reasons: list[Reason] = Field(description="Heaviest first.")


class Churn(ResponseModel):
    """Probability of leaving within three months."""

    state: str | None = Field(description="OK, or why there is no probability.")
    churn_3m: float | None = Field(ge=0, le=1)
    level: str | None = Field(examples=["normal", "watch", "risk", "severe"])
    base_log_odds: float | None
    reasons: list[Reason] = Field(description="Heaviest first.")


class Offer(ResponseModel):
    """One product, why, and whether it may be recommended or only mentioned."""

    rank: int
    product_id: str
    kind: str
    reasons: list[str]
    suitability: str = Field(description="ready, record_missing or not_needed.")
    may_be_recommended: bool = Field(description="False: information only, until the suitability record is there.")
    confirm: list[str] = Field(description="Rules that a person has to confirm.")
    amount_krw: int | None
    expected_value_krw: int | None = Field(description="To the customer, in a year, times the chance it is taken.")
    acceptance: float | None = Field(description="Share of businesses that take it when they are offered it.")
    is_relief: bool
    is_cold_start: bool = Field(description="Nothing is held yet: what is popular stands in for what is similar.")


class Recommendation(ResponseModel):
    """Products for a business, best first; none when nothing is needed or everything is ruled out."""

    offers: list[Offer]


class Business(ResponseModel):
    """One business; parts that were not asked for are absent."""

    business_id: str
    score: Score | None = None
    default: Default | None = None
    churn: Churn | None = None
    recommendation: Recommendation | None = None


class BusinessAnswer(BuildFields, Business):
    """One business."""


class BusinessesAnswer(BuildFields):
    """Many businesses, in the order asked; `unknown` are in no book of the key, or nowhere."""

    businesses: list[Business]
    unknown: list[str]


class BlockedProduct(ResponseModel):
    """One product and the rules that speak against it."""

    product_id: str
    kind: str
    eligible: bool
    failed_rules: list[str]
    confirm: list[str]
    suitability: str


class EligibilityAnswer(BuildFields):
    """Every product for one business."""

    business_id: str
    products: list[BlockedProduct]


class PaymentReason(ResponseModel):
    """What a group of features adds to the log-odds of a payment."""

    reason: str
    contribution: float = Field(description="Calibrated log-odds.")
    feature: str = Field(description="The feature that carries most of the group.")
    value: float | None


class Success(ResponseModel):
    """Will the payment succeed? approve when p_success is above 0.7, else review."""

    payment_id: str
    p_success: float = Field(ge=0, le=1)
    action: str = Field(examples=["approve", "review"])
    reasons: list[PaymentReason] = Field(description="Heaviest first; below zero speaks against success.")
    payments_known: int = Field(description="Payments of this customer that the answer rests on; 0 is a stranger.")


class SuccessAnswer(BuildFields, Success):
    """One payment."""

    approve_above: float


class SuccessesAnswer(BuildFields):
    """Many payments, in the order asked."""

    approve_above: float
    payments: list[Success]


class RiskParts(ResponseModel):
    """Four figures, one a part of the index; null is unknown."""

    fraud: float | None
    pattern: float | None
    amount: float | None
    time: float | None


class Risk(ResponseModel):
    """How risky is the payment? An index of four parts in [0, 1], not a probability."""

    payment_id: str
    risk_index: float | None = Field(ge=0, le=1, description="Null when no part is known.")
    level: str = Field(examples=["low", "medium", "high", "very_high", "not_assessable"])
    action: str = Field(examples=["auto_approve", "manual_review", "additional_authentication"])
    parts: RiskParts = Field(description="Each part, 1 the riskiest.")
    contributions: RiskParts = Field(description="Weight x part; they add up to the index.")
    missing: list[str] = Field(description="Unknown parts; the weights of the others were scaled up.")
    is_reweighted: bool
    p_fraud: float | None = Field(ge=0, le=1, description="Calibrated chance; its rank is the part fraud.")
    reasons: list[PaymentReason] = Field(description="Of the chance of fraud, heaviest first; above zero raises it.")
    payments_known: int = Field(description="Payments of this customer that the answer rests on; 0 is a stranger.")


class RiskAnswer(BuildFields, Risk):
    """One payment."""


class RisksAnswer(BuildFields):
    """Many payments, in the order asked."""

    payments: list[Risk]


def build_fields(served: ServedBuild) -> dict[str, Any]:
    """The fields that every response begins with."""
    return {"build_id": served.build_id, "as_of": served.as_of, "models": dict(served.versions)}


def answer(served: ServedBuild, fields: Mapping[str, Any]) -> Response:
    """A response with these fields after those of the build."""
    return json_response(to_json(build_fields(served) | dict(fields), inf_nan_mode="null"))


def answer_from_json(served: ServedBuild, fields: Iterable[bytes]) -> Response:
    """A response with fields that are JSON already: `"name":value`."""
    return json_response(b",".join([to_json(build_fields(served))[:-1], *fields]) + b"}")


def json_response(body: bytes) -> Response:
    """A response of text that is JSON already."""
    return Response(body, media_type="application/json")
