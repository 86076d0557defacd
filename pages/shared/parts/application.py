"""A loan application typed in by hand: the probability of default, its reasons, and the largest loan that fits.

The only part of a page that calls the model. Nothing typed here is stored.
"""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.advice import application, lending
from core.advice.application import Applicant, ApplicationScore
from core.advice.lending import Borrower, LoanRequest, MaxLoan, SizingRules
from core.config import policy
from pages.shared import state
from pages.shared.parts import cards
from pages.shared.read import has_tables, read, served_model
from pages.shared.text import features, money, names, number, percent, reasons, t

MODEL = "default"
UNIT = 10_000  # won: amounts are typed as a Korean banker writes them
REPAYMENTS = ("equal_payment", "bullet", "revolving")
MAX_MONTHS = 600


def show() -> None:
    """The form; its result below it once it is sent."""
    folded = st.expander(t("apply.title"), icon=":material/edit_note:", key="fold_apply", on_change="rerun")
    if not folded.open:
        return
    with folded:
        model = served_model(MODEL)
        if model is None or not has_tables("model_inputs_default"):
            st.caption(t("models.none_yet", table="model_inputs_default"))
            return
        st.warning(t("apply.scope"), icon=":material/gavel:")
        with st.form("application", border=False):
            typed = _loan_inputs() | _business_inputs() | _debt_inputs()
            sent = st.form_submit_button(t("apply.send"), type="primary")
        if sent:
            show_result(typed)


def _loan_inputs() -> dict[str, Any]:
    categories = names.by_code("categories")
    chosen = state.selection().category
    st.markdown(f"**{t('apply.asked')}**")
    with st.grid(3, min_column_width=190, gap="small"):
        return {
            "category": st.selectbox(
                t("term.category"),
                categories,
                index=list(categories).index(chosen) if chosen and chosen in categories else 0,
                format_func=categories.__getitem__,
                key="apply_category",
            ),
            "need": _won("need", 3_000),
            "rate": _number("rate", 0.0, 30.0, 5.0, 0.1),
            "months": _number("months", 1, MAX_MONTHS, 36, 1),
            "repayment": st.selectbox(
                t("apply.repayment"),
                REPAYMENTS,
                format_func=lambda code: t(f"apply.repayment_{code}"),
                key="apply_repayment",
            ),
            "grace": _number("grace", 0, 120, 0, 1),
            "limit": _won("limit", None, t("apply.no_limit")),
        }


def _business_inputs() -> dict[str, Any]:
    usual = t("apply.usual")
    st.markdown(f"**{t('apply.business')}**")
    with st.grid(3, min_column_width=190, gap="small"):
        return {
            "sales": _won("sales", 2_000),
            "change": _number("change", -99.0, 900.0, None, 1.0, usual),
            "margin": _number("margin", 0.0, 100.0, None, 0.1, usual),
            "inflow": _won("inflow", None, usual),
            "outflow": _won("outflow", None, usual),
            "deposit": _won("deposit", None, usual),
            "age": _number("age", 0, 1200, None, 1, usual),
            "tenure": _number("tenure", 0, 1200, None, 1, usual),
        }


def _debt_inputs() -> dict[str, Any]:
    st.markdown(f"**{t('apply.owed')}**")
    with st.grid(3, min_column_width=190, gap="small"):
        return {
            "debt": _won("debt", 0),
            "instalment": _won("instalment", 0),
            "replaced": _won("replaced", 0),
            "line": _won("line", 0),
            "used": _won("used", 0),
            "late_days": _number("late_days", 0, 999, 0, 1),
            "late_times": _number("late_times", 0, 12, 0, 1),
        }


def _number(field: str, low: float, high: float, value: float | None, step: float, placeholder: str = "") -> Any:
    """Input of a number, a whole one when its step is; None while it is empty."""
    return st.number_input(
        t(f"apply.{field}"),
        low,
        high,
        value,
        step,
        format=None if isinstance(step, int) else "%.1f",
        key=f"apply_{field}",
        placeholder=placeholder or None,
    )


def _won(field: str, value: int | None, placeholder: str = "") -> float | None:
    """An amount in won, typed in units of ten thousand."""
    typed = _number(field, 0, 10_000_000, value, 10, placeholder)
    return None if typed is None else float(typed * UNIT)


def applicant(typed: dict[str, Any]) -> Applicant:
    """What was typed, in the model's terms."""
    return Applicant(
        typed["category"],
        typed["sales"] or 0.0,
        None if typed["change"] is None else typed["change"] / 100,
        typed["inflow"],
        typed["outflow"],
        typed["deposit"],
        typed["debt"] or 0.0,
        typed["instalment"] or 0.0,
        typed["line"] or 0.0,
        typed["used"] or 0.0,
        int(typed["late_days"] or 0),
        int(typed["late_times"] or 0),
        typed["age"],
        typed["tenure"],
    )


def request(typed: dict[str, Any]) -> LoanRequest:
    """The loan that is applied for."""
    return LoanRequest(
        (typed["rate"] or 0.0) / 100,
        int(typed["months"] or 1),
        typed["need"] or None,
        typed["limit"],
        int(typed["grace"] or 0),
        typed["repayment"],
    )


def borrower(typed: dict[str, Any]) -> Borrower:
    """Income and debts of the applicant, with the margin of its category where none was typed."""
    margin = lending.margins()[typed["category"]] if typed["margin"] is None else typed["margin"] / 100
    amounts = (typed[name] or 0.0 for name in ("instalment", "debt", "replaced"))
    return Borrower(typed["sales"] or 0.0, margin, *amounts)


def show_result(typed: dict[str, Any]) -> None:
    """Probability, reasons and largest loan of the application; or the first input that cannot be."""
    problem = faults(typed)
    if problem:
        st.error(t(f"apply.fault.{problem}"), icon=":material/error:")
        return
    model = served_model(MODEL)
    if model is None:
        return
    medians = read("shared/lending_medians", category=typed["category"])
    usual = dict(zip(medians["feature"], medians["usual"], strict=True))
    scored = application.score(model, applicant(typed), request(typed), usual)
    ceiling = lending.max_loan(borrower(typed), request(typed))
    _show_cards(scored, ceiling, request(typed))
    left, right = st.columns(2, gap="large")
    with left:
        _show_reasons(scored)
    with right:
        show_ceiling(ceiling, borrower(typed))
    _show_filled(scored, typed["category"], 0 if medians.empty else int(medians["n"].max()))


def faults(typed: dict[str, Any]) -> str | None:
    """Code of the first input that cannot be, None when all can; the core would refuse it in English only."""
    if not typed["sales"]:
        return "sales"
    if not typed["months"] or not 0 <= (typed["grace"] or 0) < typed["months"]:
        return "grace"
    if (typed["used"] or 0.0) > (typed["line"] or 0.0):
        return "overdraft"
    if (typed["replaced"] or 0.0) > (typed["instalment"] or 0.0):
        return "replaced"
    return None


def band(p: float) -> str:
    """Band of a probability, A (best) to E.

    >>> band(0.001), band(0.5)
    ('A', 'E')
    """
    return "ABCDE"[int(np.digitize(p, policy()["default"]["pd_bands"]))]


def _show_cards(scored: ApplicationScore, ceiling: MaxLoan, loan: LoanRequest) -> None:
    if ceiling.state == "OK":
        st.success(t("apply.fits", amount=money(ceiling.amount_krw), cap=t(f"apply.cap.{ceiling.binding_cap}")))
    else:
        st.error(t(f"apply.{ceiling.state}", cap=t(f"apply.cap.{ceiling.binding_cap}")), icon=":material/block:")
        st.caption(t("apply.referred"))
    need = loan.need_krw or 0.0
    monthly = money(application.instalment(need, loan)) if need else "–"
    with cards.row(3):
        cards.show(t("apply.pd_after"), _banded(scored.pd_after), _before(scored))
        cards.show(
            t("apply.ceiling"), money(ceiling.amount_krw), t("apply.monthly", amount=money(ceiling.instalment_krw))
        )
        room = t("apply.room", amount=money(max(ceiling.instalment_max_krw, 0.0)))
        cards.show(t("apply.need_monthly"), monthly, room)


def _banded(p: float) -> str:
    return t("apply.pd_band", pd=percent(p), band=band(p))


def _before(scored: ApplicationScore) -> str:
    return t("apply.pd_new") if scored.pd_before is None else t("apply.pd_now", pd=_banded(scored.pd_before))


def _show_reasons(scored: ApplicationScore) -> None:
    st.markdown(f"**{t('apply.why')}**")
    heaviest, share = reasons.model_reasons(scored.drivers)
    features_of = dict(zip(scored.drivers["reason"], scored.drivers["feature"], strict=True))
    for reason in heaviest:
        key, colour = ("raises", "red") if reason.weight > 0 else ("lowers", "blue")
        weight = t(f"apply.{key}", odds=reasons.odds(reason.weight))
        note = t("apply.from_median") if features_of[reason.code] in scored.imputed else reason.peer
        with st.container(gap="xxsmall"):
            st.markdown(f"**{reasons.group_name(reason.code)}** :{colour}-badge[{weight}]  \n{reason.sentence}")
            if note:
                st.caption(note)
    st.caption(t("apply.explains", share=percent(share, 0)), help=t("apply.odds_help"))


def show_ceiling(ceiling: MaxLoan, payer: Borrower) -> None:
    st.markdown(f"**{t('apply.caps')}**")
    caps = sorted(ceiling.caps.items(), key=lambda cap: cap[1])
    table = pd.DataFrame(
        {
            t("apply.cap_name"): [t(f"apply.cap.{name}") for name, _ in caps],
            t("apply.cap_amount"): [money(amount) for _, amount in caps],
            t("apply.binds"): ["●" if name == ceiling.binding_cap else "" for name, _ in caps],
        }
    )
    st.table(table, hide_index=True, border="horizontal")
    rules = SizingRules.from_policy()
    figures = {
        "sales": money(payer.monthly_sales_krw),
        "stress": percent(rules.sales_stress, 0),
        "margin": percent(payer.margin),
        "living": money(rules.living_cost_krw),
        "cash": money(ceiling.cash_flow_krw),
        "dscr": number(rules.dscr_min, 2),
        "owed": money(max(0.0, ceiling.cash_flow_krw / rules.dscr_min - ceiling.instalment_max_krw)),
        "room": money(ceiling.instalment_max_krw),
        "points": number(100 * rules.rate_stress, 0),
    }
    st.caption(t("apply.way", **figures))


def _show_filled(scored: ApplicationScore, category: str, peers: int) -> None:
    filled = ", ".join(features.feature(code) for code in scored.imputed)
    key = "apply.filled" if scored.imputed else "apply.filled_none"
    st.caption(t(key, features=filled, category=names.category(category), n=number(peers), count=len(scored.imputed)))
    st.caption(t("apply.after_note"))
