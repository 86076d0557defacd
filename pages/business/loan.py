"""How large a loan the business can carry: the largest amount and the cap that sets it, the payments, a stress test.

Nothing is computed before the part is unfolded. Figures are those of the recommendations (advice_facts), rules the same
as in the build. What is typed here is not stored.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.advice import lending, schedule
from core.advice.lending import Borrower, LoanRequest, MaxLoan, SizingRules
from pages.business import loan_charts, loan_stress
from pages.shared.charts.base import CONFIG
from pages.shared.parts import application, business_table, cards, controls, export, notices
from pages.shared.read import product_rules, read
from pages.shared.text import day, money, number, offers, percent, t, unknown

UNIT = 10_000  # won: amounts are typed as a Korean banker writes them
MAX_MONTHS, MAX_GRACE = 600, 120
BRIDGES = ("liquidity_gap", "small_emergency")  # purposes for which the liquidity gap is the need
# Another rate or term may give the capacity that the rule misses: the amount is computed all the same.
NOT_FINAL = ("NO_CAPACITY",)


@dataclass(frozen=True)
class Case:
    """A product, the loan that is requested, and the borrower."""

    product_id: str
    request: LoanRequest
    earner: Borrower
    suitability: str
    confirm: list[str]


def show(card: pd.Series, chosen: dict[str, Any]) -> None:
    """The folded part; a closed business has none."""
    if card["state"] != "CLOSED":
        controls.fold(t("sizing.title"), "sizing", ":material/calculate:", lambda: panel(chosen))


@st.fragment
def panel(chosen: dict[str, Any]) -> None:
    """The product and its terms, then the largest loan, its payments and the stress test.

    A fragment: a changed term redraws this part only.
    """
    facts = read("shared/business_facts", **chosen)
    if facts.empty or unknown(facts["monthly_sales_krw"].iloc[0]) or unknown(facts["margin"].iloc[0]):
        notices.info("rule.SALES_UNKNOWN")
        return
    case = choose_case(facts.iloc[0], product_rules(**chosen), chosen["business_id"])
    if case is None:
        return
    largest = lending.max_loan(case.earner, case.request)
    show_largest(case, largest)
    if largest.amount_krw:
        show_payments(case, largest, chosen["business_id"], day(facts["as_of"].iloc[0]))
    loan_stress.show(case.earner, case.request, largest.amount_krw, chosen["business_id"])
    st.caption(t("sizing.duties"))


def choose_case(facts: pd.Series, products: pd.DataFrame, business_id: str) -> Case | None:
    """The chosen product and terms; None, after an error, where a rule forbids the product or the terms are impossible.

    products : rows of pages.shared.read.product_rules
    """
    terms = read("business/credit_products").set_index("product_id")
    rules = products.set_index("product_id").loc[terms.index]
    names = offers.names()
    codes = sorted(terms.index, key=lambda code: (_forbidden(rules.loc[code]), -rules.loc[code, "need"], code))
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
            request = _request(terms.loc[code], facts, f"{code}_{business_id}")
    if _forbidden(rules.loc[code]):
        st.error(t("sizing.rules", rules=offers.rules(rules.loc[code, "failed_rules"])), icon=":material/block:")
        return None
    if request.grace_months >= request.months:
        st.error(t("apply.fault.grace"), icon=":material/error:")
        return None
    row = rules.loc[code]
    return Case(str(code), request, _earner(terms.loc[code], facts), str(row["suitability"]), list(row["confirm"]))


def _forbidden(product: pd.Series) -> bool:
    return bool(set(product["failed_rules"]) - set(NOT_FINAL))


def _request(product: pd.Series, facts: pd.Series, key: str) -> LoanRequest:
    ways = [] if unknown(product["repayment"]) else str(product["repayment"]).split("|")
    ways = sorted(ways or ["equal_payment", "bullet"], key=lambda way: way != "equal_payment")
    term = lending.DEFAULT_TERM_MONTHS if unknown(product["term_months_max"]) else int(product["term_months_max"])
    rate = st.number_input(
        t("apply.rate"), 0.0, 30.0, round(100 * product["rate"], 2), 0.1, format="%.2f", key=f"sizing_rate_{key}"
    )
    months = st.number_input(t("apply.months"), 1, MAX_MONTHS, term, 1, key=f"sizing_months_{key}")
    repayment = st.selectbox(
        t("apply.repayment"), ways, format_func=lambda way: t(f"apply.repayment_{way}"), key=f"sizing_way_{key}"
    )
    grace = st.number_input(t("apply.grace"), 0, MAX_GRACE, int(product["grace_months"]), 1, key=f"sizing_grace_{key}")
    need = st.number_input(
        t("sizing.need"), 0, 10_000_000, _need(product, facts), 100, key=f"sizing_need_{key}", placeholder="–"
    )
    return LoanRequest(
        rate / 100, int(months), need * UNIT if need else None, limit(product, facts), int(grace), repayment
    )


def _need(product: pd.Series, facts: pd.Series) -> int | None:
    """The need in units of ten thousand won, for products that bridge a liquidity gap."""
    if product["purpose"] not in BRIDGES or unknown(facts["gap_krw"]):
        return None
    return int(max(facts["gap_krw"], product["smallest_krw"])) // UNIT


def limit(product: pd.Series, facts: pd.Series) -> float | None:
    """The product's limit for this business in won; None where there is no limit.

    The smallest of its own limit, a number of months of sales, and the loan that it refinances.
    """
    limits = [product["limit_krw"]]
    if not unknown(product["limit_sales_months"]):
        limits.append(product["limit_sales_months"] * facts["monthly_sales_krw"])
    if product["limit_other"] == "existing_balance":
        limits.append(facts["loan_balance_krw"])
    return min((float(value) for value in limits if not unknown(value)), default=None)


def _earner(product: pd.Series, facts: pd.Series) -> Borrower:
    """The borrower; a loan that refinances frees the instalments of the loan that it pays back."""
    due = float(facts["instalment_krw"])
    sales, margin, owed = (float(facts[name]) for name in ("monthly_sales_krw", "margin", "loan_balance_krw"))
    if product["limit_other"] == "existing_balance":
        return Borrower(sales, margin, due, owed, due, owed)
    return Borrower(sales, margin, due, owed)


def show_largest(case: Case, largest: MaxLoan) -> None:
    """The largest amount and the cap that sets it, then every cap."""
    cap = t(f"apply.cap.{largest.binding_cap}")
    if largest.state == "OK":
        st.success(t("apply.fits", amount=money(largest.amount_krw), cap=cap))
    else:
        st.error(t(f"apply.{largest.state}", cap=cap), icon=":material/block:")
        st.caption(t("sizing.referred", products=", ".join(offers.name(code) for code in largest.referrals)))
    if case.suitability == "record_missing":
        st.warning(t("rule.SUITABILITY_LOAN"), icon=":material/gavel:")
    if case.confirm:
        st.caption(t("advice.confirm", rules=offers.rules(case.confirm)))
    left, right = st.columns([4, 5], gap="large")
    with left, cards.row(2):
        _show_figures(case, largest)
    with right:
        application.show_ceiling(largest, case.earner)


def _show_figures(case: Case, largest: MaxLoan) -> None:
    cap = t("sizing.capped_by", cap=t(f"apply.cap.{largest.binding_cap}"))
    cards.show(t("sizing.amount"), money(largest.amount_krw), cap)
    rules = SizingRules.from_policy()
    dscr = schedule.dscr(case.earner, case.request, largest.amount_krw, rules)
    note = t("sizing.dscr_note", points=number(100 * rules.rate_stress, 1), sales=percent(rules.sales_stress, 0))
    cards.show(t("sizing.dscr"), loan_stress.ratio_words(dscr), note)
    is_recorded = largest.amount_krw > lending.LTI_RECORD_KRW
    lti = t("sizing.times", ratio=number(loan_to_income(case.earner, largest.amount_krw), 2))
    cards.show(t("sizing.lti"), lti, t("sizing.lti_recorded" if is_recorded else "sizing.lti_note"))


def loan_to_income(earner: Borrower, amount_krw: float) -> float | None:
    """LTI: all loans including the new one, over a year's profit; None without a profit.

    A loan that the new one pays back counts once.

    >>> loan_to_income(Borrower(10_000_000, 0.5, 500_000, 20_000_000), 40_000_000)
    1.0
    """
    income = 12 * earner.monthly_sales_krw * earner.margin
    owed = earner.debt_krw - (amount_krw if earner.replaced_instalment_krw else 0.0)
    return (max(owed, 0.0) + amount_krw) / income if income > 0 else None


def show_payments(case: Case, largest: MaxLoan, business_id: str, as_of: str) -> None:
    """Every month of the loan: bars of interest and principal, a table, and the table as files."""
    rows = schedule.schedule(largest.amount_krw, case.request)
    st.markdown(f"**{t('sizing.payments')}**")
    st.caption(_payments_lead(rows, case.request))
    names = (t("sizing.principal_krw"), t("sizing.interest_krw"))
    figure = loan_charts.payments(rows, names, t("sizing.month"), money)
    st.plotly_chart(figure, key=f"sizing_chart_{business_id}", config=CONFIG, alt=t("sizing.payments"))
    table = rows.rename(columns={column: t(f"sizing.{column}") for column in rows})
    height = business_table.height(len(rows), most=8)
    st.dataframe(table.style.format("{:,}"), hide_index=True, height=height, key=f"sizing_table_{business_id}")
    note = export.file_note(t("sizing.payments"), _facts(case, largest, business_id, as_of))
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


def _facts(case: Case, largest: MaxLoan, business_id: str, as_of: str) -> list[export.Fact]:
    """What the file says about itself: the business, the as-of date, the terms, and whether it may be offered."""
    request = case.request
    return [
        (t("export.as_of"), as_of),
        (t("businesses.file.business_id"), business_id),
        (t("sizing.product"), offers.names().get(case.product_id, case.product_id)),
        (t("sizing.amount"), money(largest.amount_krw)),
        (t("apply.rate"), number(100 * request.rate, 2)),
        (t("apply.grace"), number(request.grace_months)),
        (t("apply.repayment"), t(f"apply.repayment_{request.repayment}")),
        (t("sizing.binding"), t(f"apply.cap.{largest.binding_cap}")),
        (t("sizing.suitability"), t(f"suitability.{case.suitability}")),
        (t("sizing.note"), t("sizing.duties")),
    ]
