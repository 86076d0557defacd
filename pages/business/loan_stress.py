"""Stress test of a loan: how the DSCR and the largest loan change with the interest rate and with sales."""

import streamlit as st

from core.advice import schedule
from core.advice.lending import Borrower, LoanRequest, SizingRules
from pages.business import loan_charts
from pages.shared.charts.base import CONFIG
from pages.shared.parts import cards
from pages.shared.text import money, number, percent, t

RATES = [step / 2 for step in range(9)]  # percentage points added to the rate
SALES = [step / 20 for step in range(10, 21)]  # share of sales that is left
BREAK_EVEN = 1.0  # below this DSCR the cash flow does not pay the instalments


def ratio_words(ratio: float | None) -> str:
    """A DSCR in words: 1.27배; that there is no debt where it is None."""
    return t("sizing.no_debt") if ratio is None else t("sizing.times", ratio=number(ratio, 2))


@st.fragment
def show(earner: Borrower, request: LoanRequest, amount_krw: float, business_id: str) -> None:
    """Two sliders and the figures under stress, beside a chart of the DSCR over the share of sales."""
    rules = SizingRules.from_policy()
    st.markdown(f"**{t('sizing.stress')}**")
    sliders, chart = st.columns([4, 5], gap="large")
    with sliders:
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
        stress = schedule.stress_test(earner, request, amount_krw, rise / 100, left)
        _show_figures(stress, amount_krw)
    with chart:
        ratios = [schedule.stress_test(earner, request, amount_krw, rise / 100, share).dscr for share in SALES]
        lines = {
            rules.dscr_min: t("sizing.line_min", ratio=number(rules.dscr_min, 2)),
            BREAK_EVEN: t("sizing.line_one"),
        }
        if stress.dscr is not None:
            figure = loan_charts.dscr(SALES, ratios, (left, stress.dscr), lines, t("sizing.sales_left"))
            st.plotly_chart(figure, key=f"stress_chart_{business_id}", config=CONFIG, alt=t("sizing.stress"))
    _show_verdict(stress.dscr, rules.dscr_min, rise, left)
    st.caption(t("sizing.stress_note"))


def _show_figures(stress: schedule.StressTest, amount_krw: float) -> None:
    with cards.row(2):
        cards.show(
            t("sizing.dscr"),
            ratio_words(stress.dscr),
            t("sizing.dscr_of", amount=money(amount_krw)) if amount_krw else t("sizing.dscr_now"),
        )
        ceiling = stress.max_loan
        change = t("sizing.fell", change=money(ceiling.amount_krw - amount_krw))
        cap = t("sizing.capped_by", cap=t(f"apply.cap.{ceiling.binding_cap}"))
        cards.show(
            t("sizing.amount_then"), money(ceiling.amount_krw), cap if ceiling.amount_krw == amount_krw else change
        )


def _show_verdict(dscr: float | None, least: float, rise: float, left: float) -> None:
    if dscr is None:
        return
    words = {"points": number(rise, 1), "sales": percent(left, 0), "least": number(least, 2), "ratio": number(dscr, 2)}
    if dscr < BREAK_EVEN:
        st.error(t("sizing.fails", **words), icon=":material/error:")
    elif dscr < least:
        st.warning(t("sizing.thin", **words), icon=":material/warning:")
    else:
        st.success(t("sizing.holds", **words), icon=":material/check_circle:")
