"""What the build's models say of a payment before it is made: /predict/…

Nothing is remembered: asking twice gives the same answer, and the payments of a batch do not see each other. What is
known of a customer ends with the build; `payments_known` of an answer says how much that is.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import anyio
import numpy as np
from fastapi import APIRouter
from starlette.responses import Response

from core.api import responses
from core.api.auth import Door, PaymentsCall
from core.api.build_follower import Served
from core.api.micro_batch import Together
from core.api.problems import Refused, documented
from core.api.requests import Payment, Payments
from core.api.responses import answer
from core.models.classifier import explain
from core.models.classifier.model import Model, sigmoid
from core.payments import risk_index
from core.payments.customer_state import FEATURES
from core.payments.scorer import COLUMNS, PLACES, approve_above, decision

SUCCESS, RISK = "/predict/transaction_success", "/predict/risk_score"
REASONS = 6  # groups that an answer on one payment shows, at most
MANY = 500  # payments from which a second thread is worth it
KNOWN = FEATURES.index("ln_payments_known")
COMMON = documented(
    *("unauthorized", "payments_not_granted", "invalid_request", "rate_limited"),
    *("body_too_large", "no_build", "stale_build", "no_model"),
)

router = APIRouter(tags=["payments"])

Array = np.ndarray


@router.post(SUCCESS, response_model=responses.SuccessAnswer, responses=COMMON)
async def transaction_success(asked: Payment, call: PaymentsCall) -> Response:
    """Will this payment succeed? approve above 0.7, else review."""
    call.admit()
    found = await _SUCCESSES.ask(call.served, asked)
    _count(call.door, SUCCESS, [found])
    return answer(call.served, {"approve_above": approve_above()} | found)


@router.post(f"{SUCCESS}/batch", response_model=responses.SuccessesAnswer, responses=COMMON)
async def transaction_successes(asked: Payments, call: PaymentsCall) -> Response:
    """Will these payments succeed? Each is judged alone."""
    call.admit(len(asked.payments))
    found = await anyio.to_thread.run_sync(_successes, call.served, asked.payments, asked.reasons)
    _count(call.door, SUCCESS, found)
    fields = {"approve_above": approve_above(), "payments": found}
    return await anyio.to_thread.run_sync(answer, call.served, fields)


@router.post(RISK, response_model=responses.RiskAnswer, responses=COMMON)
async def risk_score(asked: Payment, call: PaymentsCall) -> Response:
    """How risky is this payment, and what follows: approval, a look by a person, or another authentication?"""
    call.admit()
    found = await _RISKS.ask(call.served, asked)
    _count(call.door, RISK, [found])
    return answer(call.served, found)


@router.post(f"{RISK}/batch", response_model=responses.RisksAnswer, responses=COMMON)
async def risk_scores(asked: Payments, call: PaymentsCall) -> Response:
    """How risky are these payments? Each is judged alone."""
    call.admit(len(asked.payments))
    found = await anyio.to_thread.run_sync(_risks, call.served, asked.payments, asked.reasons)
    _count(call.door, RISK, found)
    return await anyio.to_thread.run_sync(answer, call.served, {"payments": found})


def _count(door: Door, path: str, found: Sequence[dict[str, Any]]) -> None:
    door.metrics.rows.labels(path).inc(len(found))
    for one in found:
        door.metrics.actions.labels(path, one["action"]).inc()


def _successes(served: Served, asked: Sequence[Payment], most: int = REASONS) -> list[dict[str, Any]]:
    model = served.scorer.success
    if model is None:
        raise Refused("no_model", "the payments of this build were too few to learn from")
    values = served.history.features([payment.event() for payment in asked])
    log_odds, reasons = _explained(model, values, most)
    return [
        {
            "payment_id": payment.payment_id,
            "p_success": p,
            "action": decision(p),
            "reasons": why,
            "payments_known": known,
        }
        for payment, p, why, known in zip(asked, sigmoid(log_odds).tolist(), reasons, _known(values), strict=True)
    ]


def _risks(served: Served, asked: Sequence[Payment], most: int = REASONS) -> list[dict[str, Any]]:
    values = served.history.features([payment.event() for payment in asked])
    # The chance of success is no part of the index and would cost a fifth of the time.
    scores = replace(served.scorer, success=None).score(values, _threads(values))
    fraud = served.scorer.fraud
    reasons: list[list[dict[str, Any]]] = [[] for _ in asked]
    if fraud is not None and fraud.chance is not None:
        _, reasons = _explained(fraud.chance, values, most)
    return [
        _risk(payment, *row)
        for payment, *row in zip(
            asked,
            risk_index.risks(scores.parts),
            scores.parts.tolist(),
            scores.p_fraud.tolist(),
            reasons,
            _known(values),
            strict=True,
        )
    ]


def _risk(
    payment: Payment, found: risk_index.Risk, parts: list[float], p_fraud: float, why: list[dict[str, Any]], known: int
) -> dict[str, Any]:
    return {
        "payment_id": payment.payment_id,
        "risk_index": found.index,
        "level": found.level,
        "action": found.action,
        "parts": dict(zip(risk_index.PARTS, parts, strict=True)),
        "contributions": {name: found.contribution.get(name) for name in risk_index.PARTS},
        "missing": found.missing,
        "is_reweighted": found.is_reweighted,
        "p_fraud": p_fraud,
        "reasons": why,
        "payments_known": known,
    }


def _known(values: Array) -> list[int]:
    """Payments remembered of each customer."""
    return [int(count) for count in np.rint(np.expm1(values[:, KNOWN]))]


def _threads(values: Array) -> int:
    return 2 if len(values) >= MANY else 1


def _explained(model: Model, values: Array, most: int) -> tuple[Array, list[list[dict[str, Any]]]]:
    """Log-odds of each row and its heaviest reasons."""
    why = explain.reasons(model, values[:, [COLUMNS.index(name) for name in model.features]], _threads(values))
    names = explain.reason_names(model)
    heaviest = np.argsort(-np.abs(why.contribution), axis=1, kind="stable")[:, :most]
    cut = [
        np.take_along_axis(part, heaviest, axis=1).tolist()
        for part in (why.code, why.contribution, why.feature, why.value)
    ]
    return why.log_odds, [
        [
            {
                "reason": names[code],
                "contribution": round(part, PLACES),
                "feature": model.features[feature],
                "value": value,
            }
            for code, part, feature, value in zip(*row, strict=True)
        ]
        for row in zip(*cut, strict=True)
    ]


_SUCCESSES, _RISKS = Together(_successes), Together(_risks)
