"""How large a loan the business carries: the ceiling and the cap that sets it, its payments, and what stress does.

Folded: nothing is computed until somebody looks. The figures are the advice's own (advice_facts), the rules the same as
in the build; what is typed here is stored nowhere.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.advice import lending, schedule
from core.advice.lending import Borrower, LoanRequest, MaxLoan, SizingRules
from pages.business import charts_loan, loan_stress
from pages.shared.charts.base import CONFIG
from pages.shared.parts import application, cards, export, notices
from pages.shared.read import product_rules, read
from pages.shared.text import day, money, number, offers, percent, t, unknown

UNIT = 10_000  # won: amounts are typed as a Korean banker writes them
MOST_MONTHS, MOST_GRACE = 600, 120
BRIDGES = ("liquidity_gap", "small_emergency")  # purposes for which the gap is the need
# What too little capacity forbids may become possible at another rate or term: the sum is shown, and says so.
SIZED_ANYWAY = ("NO_CAPACITY",)


@dataclass(frozen=True)
class Asked:
    """A product, the loan asked for, and who would pay."""

    product_id: str
    request: LoanRequest
    earner: Borrower
    suitability: str
    confirm: list[str]


def show(card: pd.Series, chosen: dict[str, Any]) -> None:
    """The fold; a closed business is lent nothing."""
    if card["state"] == "CLOSED":
        return
    fold = st.expander(t("sizing.title"), icon=":material/calculate:", key="sizing", on_change="rerun")
    if fold.open:
        with fold:
            panel(chosen)


@st.fragment
def panel(chosen: dict[str, Any]) -> None:
    """The product and its terms, then ceiling, payments and stress; a changed term redraws this part only."""
    facts = read("shared/business_facts", **chosen)
    if facts.empty or unknown(facts["monthly_sales_krw"].iloc[0]) or unknown(facts["margin"].iloc[0]):
        notices.info("rule.SALES_UNKNOWN")
        return
    asked = ask(facts.iloc[0], product_rules(**chosen), chosen["business_id"])
    if asked is None:
        return
    found = lending.max_loan(asked.earner, asked.request)
    show_ceiling(asked, found)
    if found.amount_krw:
        show_payments(asked, found, chosen["business_id"], day(facts["as_of"].iloc[0]))
    loan_stress.show(asked.earner, asked.request, found.amount_krw, chosen["business_id"])
    st.caption(t("sizing.duties"))


def ask(facts: pd.Series, judged: pd.DataFrame, business_id: str) -> Asked | None:
    """The product and terms chosen; None, and words why, where a rule forbids it or the terms cannot be."""
    products = read("business/credit_products").set_index("product_id")
    rules = judged.set_index("product_id").loc[products.index]
    names = offers.names()
    codes = sorted(products.index, key=lambda code: (_forbidden(rules.loc[code]), -rules.loc[code, "need"], code))
    with st.grid(3, min_column_width=190, gap="small"):
        code = st.selectbox(
            t("sizing.product"),
            codes,
            format_func=lambda code: (
                t("sizing.forbidden", name=names[code]) if _forbidden(rules.loc[code]) else names[code]
            ),
            key=f"sizing_product_{business_id}",
        )
        if not _forbidden(rules.loc[code]):
            request = _request(products.loc[code], facts, f"{code}_{business_id}")
    if _forbidden(rules.loc[code]):
        st.error(t("sizing.rules", rules=offers.rules(rules.loc[code, "failed_rules"])), icon=":material/block:")
        return None
    if request.grace_months >= request.months:
        st.error(t("apply.fault.grace"), icon=":material/error:")
        return None
    return Asked(
        str(code),
        request,
        _earner(products.loc[code], facts),
        str(rules.loc[code, "suitability"]),
        list(rules.loc[code, "confirm"]),
    )


def _forbidden(judged: pd.Series) -> bool:
    return bool(set(judged["failed_rules"]) - set(SIZED_ANYWAY))


def _request(product: pd.Series, facts: pd.Series, key: str) -> LoanRequest:
    ways = [] if unknown(product["repayment"]) else str(product["repayment"]).split("|")
    ways = sorted(ways or ["equal_payment", "bullet"], key=lambda way: way != "equal_payment")
    term = lending.DEFAULT_TERM_MONTHS if unknown(product["term_months_max"]) else int(product["term_months_max"])
    rate = st.number_input(
        t("apply.rate"), 0.0, 30.0, round(100 * product["rate"], 2), 0.1, format="%.2f", key=f"sizing_rate_{key}"
    )
    months = st.number_input(t("apply.months"), 1, MOST_MONTHS, term, 1, key=f"sizing_months_{key}")
    repayment = st.selectbox(
        t("apply.repayment"), ways, format_func=lambda way: t(f"apply.repayment_{way}"), key=f"sizing_way_{key}"
    )
    grace = st.number_input(t("apply.grace"), 0, MOST_GRACE, int(product["grace_months"]), 1, key=f"sizing_grace_{key}")
    need = st.number_input(
        t("sizing.need"), 0, 10_000_000, _need(product, facts), 100, key=f"sizing_need_{key}", placeholder="–"
    )
    return LoanRequest(
        rate / 100, int(months), need * UNIT if need else None, limit(product, facts), int(grace), repayment
    )


def _need(product: pd.Series, facts: pd.Series) -> int | None:
    """In units of ten thousand won: a gap is bridged, not more."""
    if product["purpose"] not in BRIDGES or unknown(facts["gap_krw"]):
        return None
    return int(max(facts["gap_krw"], product["smallest_krw"])) // UNIT


def limit(product: pd.Series, facts: pd.Series) -> float | None:
    """The product's limit for this business in won: its own, months of sales, or what is owed; None without any."""
    limits = [product["limit_krw"]]
    if not unknown(product["limit_sales_months"]):
        limits.append(product["limit_sales_months"] * facts["monthly_sales_krw"])
    if product["limit_other"] == "existing_balance":
        limits.append(facts["loan_balance_krw"])
    return min((float(value) for value in limits if not unknown(value)), default=None)


def _earner(product: pd.Series, facts: pd.Series) -> Borrower:
    """Who would pay; a loan that refinances frees the instalments it pays back."""
    due = float(facts["instalment_krw"])
    sales, margin, owed = (float(facts[name]) for name in ("monthly_sales_krw", "margin", "loan_balance_krw"))
    if product["limit_other"] == "existing_balance":
        return Borrower(sales, margin, due, owed, due, owed)
    return Borrower(sales, margin, due, owed)


def show_ceiling(asked: Asked, found: MaxLoan) -> None:
    """The amount and what set it, then every cap."""
    cap = t(f"apply.cap.{found.binding_cap}")
    if found.state == "OK":
        st.success(t("apply.fits", amount=money(found.amount_krw), cap=cap))
    else:
        st.error(t(f"apply.{found.state}", cap=cap), icon=":material/block:")
        st.caption(t("sizing.referred", products=", ".join(offers.name(code) for code in found.referrals)))
    if asked.suitability == "record_missing":
        st.warning(t("rule.SUITABILITY_LOAN"), icon=":material/gavel:")
    if asked.confirm:
        st.caption(t("advice.confirm", rules=offers.rules(asked.confirm)))
    left, right = st.columns([4, 5], gap="large")
    with left, cards.row(2):
        _show_figures(asked, found)
    with right:
        application.show_ceiling(found, asked.earner)


def _show_figures(asked: Asked, found: MaxLoan) -> None:
    cards.show(
        t("sizing.amount"), money(found.amount_krw), t("sizing.capped_by", cap=t(f"apply.cap.{found.binding_cap}"))
    )
    rules = SizingRules.from_policy()
    after = schedule.dscr(asked.earner, asked.request, found.amount_krw, rules)
    note = t("sizing.dscr_note", points=number(100 * rules.rate_stress, 1), sales=percent(rules.sales_stress, 0))
    cards.show(t("sizing.dscr"), loan_stress.times(after), note)
    recorded = found.amount_krw > lending.LTI_RECORD_KRW
    lti = t("sizing.times", ratio=number(over_income(asked.earner, found.amount_krw), 2))
    cards.show(t("sizing.lti"), lti, t("sizing.lti_recorded" if recorded else "sizing.lti_note"))


def over_income(earner: Borrower, amount_krw: float) -> float | None:
    """LTI: all loans with the new one over a year's profit, a loan paid back by it once; None without a profit.

    >>> over_income(Borrower(10_000_000, 0.5, 500_000, 20_000_000), 40_000_000)
    1.0
    """
    income = 12 * earner.monthly_sales_krw * earner.margin
    owed = earner.debt_krw - (amount_krw if earner.replaced_instalment_krw else 0.0)
    return (max(owed, 0.0) + amount_krw) / income if income > 0 else None


def show_payments(asked: Asked, found: MaxLoan, business_id: str, as_of: str) -> None:
    """Every month of the loan: bars of interest and principal, the table folded beside the files."""
    rows = schedule.schedule(found.amount_krw, asked.request)
    st.markdown(f"**{t('sizing.payments')}**")
    st.caption(_payments_lead(rows, asked.request))
    names = (t("sizing.principal_krw"), t("sizing.interest_krw"))
    figure = charts_loan.payments(rows, names, t("sizing.month"), money)
    st.plotly_chart(figure, key=f"sizing_chart_{business_id}", config=CONFIG, alt=t("sizing.payments"))
    table = rows.rename(columns={column: t(f"sizing.{column}") for column in rows})
    shown = table.style.format("{:,}")
    st.dataframe(shown, hide_index=True, height=min(38 + 35 * len(rows), 318), key=f"sizing_table_{business_id}")
    note = export.file_note(t("sizing.payments"), _facts(asked, found, business_id, as_of))
    export.buttons(lambda most: table.head(most), note, len(table), t("sizing.file_name", business_id=business_id))


def _payments_lead(rows: pd.DataFrame, request: LoanRequest) -> str:
    first, last = rows.iloc[0], rows.iloc[-1]
    usual = rows.iloc[min(request.grace_months, len(rows) - 1)]
    key = "lead_line" if request.repayment == "revolving" else f"lead_{request.repayment}"
    key = "lead_grace" if request.repayment == "equal_payment" and request.grace_months else key
    return t(
        f"sizing.{key}",
        first=money(first["payment_krw"]),
        usual=money(usual["payment_krw"]),
        last=money(last["payment_krw"]),
        grace=number(request.grace_months),
        months=number(len(rows)),
        interest=money(rows["interest_krw"].sum()),
    )


def _facts(asked: Asked, found: MaxLoan, business_id: str, as_of: str) -> list[export.Fact]:
    """What the file says of itself: for whom, as of when, on what terms, and that it is no offer where it is none."""
    request = asked.request
    return [
        (t("export.as_of"), as_of),
        (t("businesses.file.business_id"), business_id),
        (t("sizing.product"), offers.names().get(asked.product_id, asked.product_id)),
        (t("sizing.amount"), money(found.amount_krw)),
        (t("apply.rate"), number(100 * request.rate, 2)),
        (t("apply.grace"), number(request.grace_months)),
        (t("apply.repayment"), t(f"apply.repayment_{request.repayment}")),
        (t("sizing.binding"), t(f"apply.cap.{found.binding_cap}")),
        (t("sizing.suitability"), t(f"suitability.{asked.suitability}")),
        (t("sizing.note"), t("sizing.duties")),
    ]
