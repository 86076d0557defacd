"""Routes for payments before they are made: /predict/…

A request changes nothing: the same request gives the same answer, and the payments of a batch do not affect each
other. Features use the customer's payments in the served build; `payments_known` is their number.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import anyio
import numpy as np
from fastapi import APIRouter
from starlette.responses import Response

from core.api import responses
from core.api.auth import Call, PaymentsCall
from core.api.build_follower import ServedBuild
from core.api.micro_batch import MicroBatch
from core.api.problems import ProblemError, openapi_responses
from core.api.requests import Payment, Payments
from core.api.responses import answer
from core.models.classifier import explain
from core.models.classifier.model import Model, sigmoid
from core.payments import risk_index
from core.payments.customer_state import FEATURES
from core.payments.scorer import COLUMNS, PLACES, approve_above, decision

SUCCESS, RISK = "/predict/transaction_success", "/predict/risk_score"
MAX_REASONS = 6  # of a single payment
MIN_ROWS_FOR_THREADS = 500  # fewer rows are faster with one thread
PAYMENTS_KNOWN = FEATURES.index("ln_payments_known")
COMMON = openapi_responses(
    *("unauthorized", "payments_not_granted", "invalid_request", "rate_limited"),
    *("body_too_large", "no_build", "stale_build", "no_model"),
)

router = APIRouter(tags=["payments"])

Array = np.ndarray
Prediction = dict[str, Any]


@router.post(SUCCESS, response_model=responses.SuccessAnswer, responses=COMMON)
async def transaction_success(body: Payment, call: PaymentsCall) -> Response:
    """Will this payment succeed? approve above 0.7, else review."""
    call.admit()
    prediction = await _SUCCESSES.result(call.served, body)
    _count(call, SUCCESS, [prediction])
    return answer(call.served, {"approve_above": approve_above()} | prediction)


@router.post(f"{SUCCESS}/batch", response_model=responses.SuccessesAnswer, responses=COMMON)
async def transaction_successes(body: Payments, call: PaymentsCall) -> Response:
    """Will these payments succeed? Each is judged alone."""
    predictions = await _batch(_successes, SUCCESS, body, call)
    fields = {"approve_above": approve_above(), "payments": predictions}
    return await anyio.to_thread.run_sync(answer, call.served, fields)


@router.post(RISK, response_model=responses.RiskAnswer, responses=COMMON)
async def risk_score(body: Payment, call: PaymentsCall) -> Response:
    """How risky is this payment, and what follows: approval, a look by a person, or another authentication?"""
    call.admit()
    prediction = await _RISKS.result(call.served, body)
    _count(call, RISK, [prediction])
    return answer(call.served, prediction)


@router.post(f"{RISK}/batch", response_model=responses.RisksAnswer, responses=COMMON)
async def risk_scores(body: Payments, call: PaymentsCall) -> Response:
    """How risky are these payments? Each is judged alone."""
    predictions = await _batch(_risks, RISK, body, call)
    return await anyio.to_thread.run_sync(answer, call.served, {"payments": predictions})


async def _batch(predict: Callable[..., list[Prediction]], path: str, body: Payments, call: Call) -> list[Prediction]:
    call.admit(len(body.payments))
    predictions = await anyio.to_thread.run_sync(predict, call.served, body.payments, body.reasons)
    _count(call, path, predictions)
    return predictions


def _count(call: Call, path: str, predictions: Sequence[Prediction]) -> None:
    metrics = call.gatekeeper.metrics
    metrics.rows.labels(path).inc(len(predictions))
    for prediction in predictions:
        metrics.actions.labels(path, prediction["action"]).inc()


def _successes(served: ServedBuild, payments: Sequence[Payment], max_reasons: int = MAX_REASONS) -> list[Prediction]:
    model = served.scorer.success
    if model is None:
        raise ProblemError("no_model", "the payments of this build were too few to learn from")
    features = served.history.features([payment.event() for payment in payments])
    log_odds, reasons = _log_odds_and_reasons(model, features, max_reasons)
    return [
        {
            "payment_id": payment.payment_id,
            "p_success": p,
            "action": decision(p),
            "reasons": payment_reasons,
            "payments_known": count,
        }
        for payment, p, payment_reasons, count in zip(
            payments, sigmoid(log_odds).tolist(), reasons, _payments_known(features), strict=True
        )
    ]


def _risks(served: ServedBuild, payments: Sequence[Payment], max_reasons: int = MAX_REASONS) -> list[Prediction]:
    features = served.history.features([payment.event() for payment in payments])
    # The probability of success is no part of the index and would cost a fifth of the time.
    scores = replace(served.scorer, success=None).score(features, _threads(features))
    fraud = served.scorer.fraud
    reasons: list[list[dict[str, Any]]] = [[] for _ in payments]
    if fraud is not None and fraud.chance is not None:
        _, reasons = _log_odds_and_reasons(fraud.chance, features, max_reasons)
    columns = (risk_index.risks(scores.parts), scores.parts.tolist(), scores.p_fraud.tolist(), reasons)
    return [_risk(*row) for row in zip(payments, *columns, _payments_known(features), strict=True)]


def _risk(
    payment: Payment,
    risk: risk_index.Risk,
    parts: list[float],
    p_fraud: float,
    reasons: list[dict[str, Any]],
    payments_known: int,
) -> Prediction:
    return {
        "payment_id": payment.payment_id,
        "risk_index": risk.index,
        "level": risk.level,
        "action": risk.action,
        "parts": dict(zip(risk_index.PARTS, parts, strict=True)),
        "contributions": {name: risk.contribution.get(name) for name in risk_index.PARTS},
        "missing": risk.missing,
        "is_reweighted": risk.is_reweighted,
        "p_fraud": p_fraud,
        "reasons": reasons,
        "payments_known": payments_known,
    }


def _payments_known(features: Array) -> list[int]:
    """The number of the customer's payments that each row of features uses."""
    return [int(count) for count in np.rint(np.expm1(features[:, PAYMENTS_KNOWN]))]


def _threads(features: Array) -> int:
    return 2 if len(features) >= MIN_ROWS_FOR_THREADS else 1


def _log_odds_and_reasons(model: Model, features: Array, max_reasons: int) -> tuple[Array, list[list[dict[str, Any]]]]:
    """Log-odds of each row, and its reasons with the largest contributions."""
    columns = [COLUMNS.index(name) for name in model.features]
    reasons = explain.reasons(model, features[:, columns], _threads(features))
    names = explain.reason_names(model)
    largest = np.argsort(-np.abs(reasons.contribution), axis=1, kind="stable")[:, :max_reasons]
    parts = (reasons.code, reasons.contribution, reasons.feature, reasons.value)
    rows = zip(*(np.take_along_axis(part, largest, axis=1).tolist() for part in parts), strict=True)
    return reasons.log_odds, [
        [
            {
                "reason": names[code],
                "contribution": round(contribution, PLACES),
                "feature": model.features[feature],
                "value": value,
            }
            for code, contribution, feature, value in zip(*row, strict=True)
        ]
        for row in rows
    ]


_SUCCESSES, _RISKS = MicroBatch(_successes), MicroBatch(_risks)
