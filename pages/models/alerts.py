"""Alerts: those of the own book with owner, state, snooze and outcome; how good each rule has been; those on models."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pandas as pd
import streamlit as st

from core import calendar
from core.config import policy
from core.desk import alerts
from core.desk.alerts import MODELS, OUTCOMES
from core.desk.engine import Desk
from core.desk.records import Scope
from core.models.classifier.metrics import jeffreys
from pages.models.drift import feature_word, model_word
from pages.shared import state
from pages.shared.desk import session
from pages.shared.read import read
from pages.shared.text import day, escape, features, number, percent, t, unknown

SNOOZE_DAYS = (7, 14, 30)
MOST = 30
FEWEST = 30


def show() -> None:
    """The own book first, then the rules behind it, then the models."""
    with session.warn_if_unreachable():
        session.show_result()
        _show_book()
    _show_rules()
    _show_models()


def _show_book() -> None:
    found = read("models/watch_alerts", manager_ids=state.manager_ids())
    st.markdown(f"**{t('watch.book')}**")
    if found.empty:
        st.caption(t("watch.book_none"))
        return
    within = found[found["within_budget"]]
    words = {"budget": policy()["watch"]["budget"], "as_of": day(found["as_of"].max())}
    counts = {"named": found["business_id"].nunique(), "sent": within["business_id"].nunique(), "alerts": len(within)}
    st.markdown(t("watch.budget_line", **words, **{key: number(value) for key, value in counts.items()}))
    standing = alerts.current(session.desk(), session.scope(), calendar.today())
    # Beyond the budget nobody is asked; what somebody has taken up stays until it is over.
    taken = standing.loc[standing["state"] != "open", "alert_key"]
    joined = found[found["within_budget"] | found["alert_id"].isin(taken)].merge(
        standing[["alert_key", "id", "version", "state", "owner", "snooze_until", "outcome"]],
        left_on="alert_id",
        right_on="alert_key",
        how="left",
        suffixes=("", "_desk"),
    )
    _show_list(joined, session.scope(), "book")


def _show_list(rows: pd.DataFrame, scope: Scope, key: str) -> None:
    """A table of alerts, and what can be done with the one that is clicked."""
    shown = rows.head(MOST)
    picked = st.dataframe(
        _table(shown) if key == "book" else _model_table(shown),
        key=f"alerts_{key}",
        hide_index=True,
        height="content" if len(shown) < 12 else 420,
        on_select="rerun",
        selection_mode="single-row",
    )
    chosen = picked.selection.rows
    if chosen and chosen[0] < len(shown):
        show_one(shown.iloc[chosen[0]], scope, key)
    else:
        st.caption(t("watch.pick"))


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("watch.place"): rows["place"].tolist(),
            t("watch.severity"): [t(f"watch.severities.{code}") for code in rows["severity"]],
            t("watch.business"): [escape.clean(name) for name in rows["name"]],
            t("watch.rule"): [rule_word(code) for code in rows["rule"]],
            t("watch.since"): [day(first) for first in rows["first_on"]],
            t("watch.months_standing"): rows["months"].tolist(),
            t("watch.state"): [_state_of(row) for _, row in rows.iterrows()],
            t("watch.owner"): [_owner(row) for _, row in rows.iterrows()],
        }
    )


def rule_word(code: str) -> str:
    """What a rule looks for."""
    return t(f"watch.rules.{code}")


def _state_of(row: pd.Series) -> str:
    code = row.get("state_desk", row.get("state"))
    if unknown(row["id"]):
        return t("watch.not_sent")
    if code == "snoozed":
        return t("watch.alert_states.snoozed", until=day(row["snooze_until"]))
    if code == "closed" and not unknown(row["outcome"]):
        return t("watch.closed_as", outcome=t(f"watch.outcomes.{row['outcome']}"))
    return t(f"watch.alert_states.{code}")


def _owner(row: pd.Series) -> str:
    return "–" if unknown(row["owner"]) else escape.clean(row["owner"])


def show_one(row: pd.Series, scope: Scope, key: str) -> None:
    """Take over, snooze, close or open again; a record that was changed meanwhile refuses."""
    if unknown(row["id"]):
        st.caption(t("watch.not_sent_help"))
        return
    one = (session.desk(), scope, str(row["id"]), int(row["version"]))
    name = f"{key}_{row['id']}_{row['version']}"
    st.caption(session.signature(), help=t("desk.signed_help"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(t("watch.owner"), value=_default_owner(row), key=f"owner_{name}", width=200)
        _button("take", name, alerts.acknowledge, one, f"owner_{name}")
        st.selectbox(t("watch.snooze_for"), SNOOZE_DAYS, format_func=_days, key=f"days_{name}", width=120)
        _button("snooze", name, _snooze, one, f"days_{name}")
        st.selectbox(t("watch.outcome"), OUTCOMES[:3], format_func=_outcome, key=f"outcome_{name}", width=200)
        _button("close", name, alerts.close, one, f"outcome_{name}")
        _button("reopen", name, alerts.reopen, one)


def _button(what: str, name: str, change: Callable[..., None], one: tuple, *told: str) -> None:
    """A press acts on what the widgets of these keys say by then: a box may be left by the very press."""
    st.button(t(f"watch.{what}"), key=f"{what}_{name}", on_click=_act, args=(change, one, *told))


def _act(change: Callable[..., None], one: tuple, *told: str) -> None:
    session.run_change(partial(change, *one, *(st.session_state[key] for key in told)))


def _snooze(opened: Desk, scope: Scope, record_id: str, version: int, days: int) -> None:
    alerts.snooze(opened, scope, record_id, version, calendar.today() + timedelta(days))


def _default_owner(row: pd.Series) -> str:
    return "" if unknown(row["owner"]) else str(row["owner"])


def _days(days: int) -> str:
    return t("watch.days", days=days)


def _outcome(code: str) -> str:
    return t(f"watch.outcomes.{code}")


def _show_rules() -> None:
    """How often each rule was right, how early, and what it costs in alerts."""
    rules = read("shared/watch_rules")
    st.markdown(f"**{t('watch.rules_head')}**")
    if rules.empty:
        st.caption(t("watch.book_none"))
        return
    shown = pd.DataFrame(
        {
            t("watch.rule"): [rule_word(code) for code in rules["rule"]],
            t("watch.severity"): [t(f"watch.severities.{code}") for code in rules["severity"]],
            t("watch.event"): [t(f"watch.events.{row.event}", months=row.horizon_months) for row in rules.itertuples()],
            t("watch.precision"): [precision_words(row.hits, row.judged) for row in rules.itertuples()],
            t("watch.base"): [percent(value) for value in rules["base_rate"]],
            t("watch.lead"): [lead_words(row.lead_median, row.lead_3_share) for row in rules.itertuples()],
            t("watch.recall"): [_share(value) for value in rules["recall"]],
            t("watch.volume"): [number(value, 2) for value in rules["alerts_per_100_month"]],
            t("watch.persists"): [_share(value) for value in rules["persist_share"]],
        }
    )
    st.dataframe(shown, hide_index=True, key="rules", height="content")
    st.caption(t("watch.rules_note", fewest=FEWEST))


def precision_words(hits: int, judged: int) -> str:
    """How many alerts were right, with the interval; with fewer than thirty the counts alone."""
    if not judged:
        return t("text.unknown")
    if judged < FEWEST:
        return t("watch.few_judged", hits=number(hits), judged=number(judged))
    low, high = jeffreys(int(hits), int(judged))
    return f"{percent(hits / judged)} ({percent(low)}–{percent(high)}, n={number(judged)})"


def lead_words(median: float | None, early: float | None) -> str:
    """Median months ahead, and how many were three months or more ahead."""
    if unknown(median):
        return "–"
    return t("watch.lead_words", months=number(median, 1), share=percent(early, 0))


def _share(value: float | None) -> str:
    return "–" if unknown(value) else percent(value)


def _show_models() -> None:
    found = read("models/watch_model_alerts")
    st.markdown(f"**{t('watch.models_head')}**")
    if found.empty:
        st.caption(t("watch.models_none"))
        return
    with session.warn_if_unreachable():
        scope = replace(session.scope(), manager_ids=(MODELS,))
        standing = alerts.current(session.desk(), scope, calendar.today())
        joined = found.merge(
            standing[["alert_key", "id", "version", "state", "owner", "snooze_until", "outcome"]],
            left_on="alert_id",
            right_on="alert_key",
            how="left",
        )
        _show_list(joined, scope, "models")
    st.caption(t("watch.models_note", share=percent(policy()["watch"]["moved_share"], 0)))


def _model_table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("watch.severity"): [t(f"watch.severities.{code}") for code in rows["severity"]],
            t("registry.model"): [model_word(code) for code in rows["model"]],
            t("watch.what"): [_what(row) for _, row in rows.iterrows()],
            t("watch.value"): [number(value, 3) for value in rows["value"]],
            t("watch.customers"): [_people(row) for _, row in rows.iterrows()],
            t("watch.state"): [_state_of(row) for _, row in rows.iterrows()],
            t("watch.owner"): [_owner(row) for _, row in rows.iterrows()],
        }
    )


def _people(row: pd.Series) -> str:
    return "–" if unknown(row["customers"]) else number(row["customers"])


def _what(row: pd.Series) -> str:
    if row["rule"] == "gate":
        return t("watch.gate_missed", metric=features.metric(row["subject"]), as_of=day(row["as_of"]))
    missing = "missing" if row["kind"] == "missing" else "drifted"
    return t(f"watch.{missing}_since", column=feature_word(row["subject"]), side=t(f"watch.sides.{row['against']}"))
