"""Does the loan survive a bad year? Two sliders, the cash flow over the instalments, and the loan that is left."""

import streamlit as st

from core.advice import schedule
from core.advice.lending import Borrower, LoanRequest, SizingRules
from pages.business import charts_loan
from pages.shared.charts.base import CONFIG
from pages.shared.parts import cards
from pages.shared.text import money, number, percent, t

RATES = [step / 2 for step in range(9)]  # points added to the rate
SALES = [step / 20 for step in range(10, 21)]  # sales that are left, as a share
LEAST = 1.0  # below it the cash flow does not pay the instalments


def times(ratio: float | None) -> str:
    """1.27배; without an instalment there is none."""
    return t("sizing.no_debt") if ratio is None else t("sizing.times", ratio=number(ratio, 2))


@st.fragment
def show(earner: Borrower, request: LoanRequest, amount_krw: float, business_id: str) -> None:
    """Sliders beside what follows at once: DSCR and the largest loan, and the way of the DSCR over the sales."""
    rules = SizingRules.from_policy()
    st.markdown(f"**{t('sizing.stress')}**")
    moved, seen = st.columns([4, 5], gap="large")
    with moved:
        rise = st.select_slider(
            t("sizing.rate_rise"),
            RATES,
            100 * rules.rate_stress,
            format_func=lambda points: f"+{points:.1f}%p",
            key=f"stress_rate_{business_id}",
        )
        left = st.select_slider(
            t("sizing.sales_left"),
            SALES,
            rules.sales_stress,
            format_func=lambda share: f"×{share:.2f}",
            key=f"stress_sales_{business_id}",
        )
        found = schedule.stress_test(earner, request, amount_krw, rise / 100, left)
        _show_figures(found, amount_krw)
    with seen:
        ratios = [schedule.stress_test(earner, request, amount_krw, rise / 100, share).dscr for share in SALES]
        lines = {rules.dscr_min: t("sizing.line_min", ratio=number(rules.dscr_min, 2)), LEAST: t("sizing.line_one")}
        if found.dscr is not None:
            figure = charts_loan.dscr(SALES, ratios, (left, found.dscr), lines, t("sizing.sales_left"))
            st.plotly_chart(figure, key=f"stress_chart_{business_id}", config=CONFIG, alt=t("sizing.stress"))
    _show_verdict(found.dscr, rules.dscr_min, rise, left)
    st.caption(t("sizing.stress_note"))


def _show_figures(found: schedule.StressTest, amount_krw: float) -> None:
    with cards.row(2):
        cards.show(
            t("sizing.dscr"),
            times(found.dscr),
            t("sizing.dscr_of", amount=money(amount_krw)) if amount_krw else t("sizing.dscr_now"),
        )
        ceiling = found.max_loan
        fell = t("sizing.fell", change=money(ceiling.amount_krw - amount_krw))
        cap = t("sizing.capped_by", cap=t(f"apply.cap.{ceiling.binding_cap}"))
        cards.show(
            t("sizing.amount_then"), money(ceiling.amount_krw), cap if ceiling.amount_krw == amount_krw else fell
        )


def _show_verdict(dscr: float | None, least: float, rise: float, left: float) -> None:
    if dscr is None:
        return
    words = {"points": number(rise, 1), "sales": percent(left, 0), "least": number(least, 2), "ratio": number(dscr, 2)}
    if dscr < LEAST:
        st.error(t("sizing.fails", **words), icon=":material/error:")
    elif dscr < least:
        st.warning(t("sizing.thin", **words), icon=":material/warning:")
    else:
        st.success(t("sizing.holds", **words), icon=":material/check_circle:")
