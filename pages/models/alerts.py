"""Alerts of the monitoring: on the own book with owner, state and outcome, the record of each rule, on models."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pandas as pd
import streamlit as st

from core import calendar
from core.config import policy
from core.desk import alerts as desk_alerts
from core.desk.alerts import MODELS, OUTCOMES
from core.desk.engine import Desk
from core.desk.records import Scope
from core.models.classifier.metrics import MIN_EVENTS, jeffreys
from pages.models.drift import feature_word, model_word
from pages.shared import state
from pages.shared.desk import session
from pages.shared.read import read
from pages.shared.text import day, escape, features, number, percent, t, unknown

SNOOZE_DAYS = (7, 14, 30)
SHOWN = 30


def show() -> None:
    """The own book first, then the rules, then the models."""
    with session.warn_if_unreachable():
        session.show_result()
        _show_book()
    _show_rules()
    _show_models()


def _show_book() -> None:
    alerts = read("models/watch_alerts", manager_ids=state.manager_ids())
    st.markdown(f"**{t('watch.book')}**")
    if alerts.empty:
        st.caption(t("watch.book_none"))
        return
    within = alerts[alerts["within_budget"]]
    words = {"budget": policy()["watch"]["budget"], "as_of": day(alerts["as_of"].max())}
    counts = {"named": alerts["business_id"].nunique(), "sent": within["business_id"].nunique(), "alerts": len(within)}
    st.markdown(t("watch.budget_line", **words, **{key: number(count) for key, count in counts.items()}))
    standing = desk_alerts.current(session.desk(), session.scope(), calendar.today())
    # Beyond the budget only alerts that somebody has already dealt with are shown.
    taken = standing.loc[standing["state"] != "open", "alert_key"]
    rows = alerts[alerts["within_budget"] | alerts["alert_id"].isin(taken)]
    _show_list(_with_standing(rows, standing), session.scope(), "book")


def _with_standing(alerts: pd.DataFrame, standing: pd.DataFrame) -> pd.DataFrame:
    """The alerts of the build with their records on the desk; NULL where an alert has not been sent."""
    columns = ["alert_key", "id", "version", "state", "owner", "snooze_until", "outcome"]
    return alerts.merge(standing[columns], left_on="alert_id", right_on="alert_key", how="left")


def _show_list(rows: pd.DataFrame, scope: Scope, key: str) -> None:
    """A table of alerts; a click on a row shows what can be done with it."""
    top = rows.head(SHOWN)
    event = st.dataframe(
        _book_table(top) if key == "book" else _model_table(top),
        key=f"alerts_{key}",
        hide_index=True,
        height="content" if len(top) < 12 else 420,
        on_select="rerun",
        selection_mode="single-row",
    )
    selected = event.selection.rows
    if selected and selected[0] < len(top):
        show_alert(top.iloc[selected[0]], scope, key)
    else:
        st.caption(t("watch.pick"))


def _book_table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("watch.place"): rows["place"].tolist(),
            t("watch.severity"): [t(f"watch.severities.{code}") for code in rows["severity"]],
            t("watch.business"): [escape.clean(name) for name in rows["name"]],
            t("watch.rule"): [_rule_word(code) for code in rows["rule"]],
            t("watch.since"): [day(first) for first in rows["first_on"]],
            t("watch.months_standing"): rows["months"].tolist(),
            t("watch.state"): [_state_word(row) for _, row in rows.iterrows()],
            t("watch.owner"): [_owner(row) for _, row in rows.iterrows()],
        }
    )


def _rule_word(code: str) -> str:
    return t(f"watch.rules.{code}")


def _state_word(row: pd.Series) -> str:
    if unknown(row["id"]):
        return t("watch.not_sent")
    if row["state"] == "snoozed":
        return t("watch.alert_states.snoozed", until=day(row["snooze_until"]))
    if row["state"] == "closed" and not unknown(row["outcome"]):
        return t("watch.closed_as", outcome=_outcome(row["outcome"]))
    return t(f"watch.alert_states.{row['state']}")


def _owner(row: pd.Series) -> str:
    return "–" if unknown(row["owner"]) else escape.clean(row["owner"])


def show_alert(row: pd.Series, scope: Scope, key: str) -> None:
    """Widgets to take over, snooze, close or reopen an alert; the desk refuses when somebody has changed it since."""
    if unknown(row["id"]):
        st.caption(t("watch.not_sent_help"))
        return
    record = (session.desk(), scope, str(row["id"]), int(row["version"]))
    name = f"{key}_{row['id']}_{row['version']}"
    owner = "" if unknown(row["owner"]) else str(row["owner"])
    st.caption(session.signature(), help=t("desk.signed_help"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(t("watch.owner"), value=owner, key=f"owner_{name}", width=200)
        _button("take", name, desk_alerts.acknowledge, record, f"owner_{name}")
        st.selectbox(t("watch.snooze_for"), SNOOZE_DAYS, format_func=_days, key=f"days_{name}", width=120)
        _button("snooze", name, _snooze, record, f"days_{name}")
        st.selectbox(t("watch.outcome"), OUTCOMES[:3], format_func=_outcome, key=f"outcome_{name}", width=200)
        _button("close", name, desk_alerts.close, record, f"outcome_{name}")
        _button("reopen", name, desk_alerts.reopen, record)


def _button(action: str, name: str, change: Callable[..., None], record: tuple, *widgets: str) -> None:
    """A button that changes the record.

    widgets : keys whose values the change gets; they are read on the press, because a press may also be what takes
        the cursor out of a text box
    """
    st.button(t(f"watch.{action}"), key=f"{action}_{name}", on_click=_act, args=(change, record, *widgets))


def _act(change: Callable[..., None], record: tuple, *widgets: str) -> None:
    session.run_change(partial(change, *record, *(st.session_state[key] for key in widgets)))


def _snooze(desk: Desk, scope: Scope, record_id: str, version: int, days: int) -> None:
    desk_alerts.snooze(desk, scope, record_id, version, calendar.today() + timedelta(days))


def _days(days: int) -> str:
    return t("watch.days", days=days)


def _outcome(code: str) -> str:
    return t(f"watch.outcomes.{code}")


def _show_rules() -> None:
    """Precision, lead time, recall and number of alerts of each rule in the back-test."""
    rules = read("shared/watch_rules")
    st.markdown(f"**{t('watch.rules_head')}**")
    if rules.empty:
        st.caption(t("watch.book_none"))
        return
    table = pd.DataFrame(
        {
            t("watch.rule"): [_rule_word(code) for code in rules["rule"]],
            t("watch.severity"): [t(f"watch.severities.{code}") for code in rules["severity"]],
            t("watch.event"): [t(f"watch.events.{row.event}", months=row.horizon_months) for row in rules.itertuples()],
            t("watch.precision"): [precision_words(row.hits, row.judged) for row in rules.itertuples()],
            t("watch.base"): [percent(value) for value in rules["base_rate"]],
            t("watch.lead"): [_lead_words(row.lead_median, row.lead_3_share) for row in rules.itertuples()],
            t("watch.recall"): [_share(value) for value in rules["recall"]],
            t("watch.volume"): [number(value, 2) for value in rules["alerts_per_100_month"]],
            t("watch.persists"): [_share(value) for value in rules["persist_share"]],
        }
    )
    st.dataframe(table, hide_index=True, key="rules", height="content")
    st.caption(t("watch.rules_note", fewest=MIN_EVENTS))


def precision_words(hits: int, judged: int) -> str:
    """Share of the alerts that were right, with its 95 % interval; the counts alone where there are too few."""
    if not judged:
        return t("text.unknown")
    if judged < MIN_EVENTS:
        return t("watch.few_judged", hits=number(hits), judged=number(judged))
    low, high = jeffreys(int(hits), int(judged))
    return f"{percent(hits / judged)} ({percent(low)}–{percent(high)}, n={number(judged)})"


def _lead_words(median: float | None, early: float | None) -> str:
    """Median months between alert and event, and the share of at least three months."""
    if unknown(median):
        return "–"
    return t("watch.lead_words", months=number(median, 1), share=percent(early, 0))


def _share(value: float | None) -> str:
    return "–" if unknown(value) else percent(value)


def _show_models() -> None:
    alerts = read("models/watch_model_alerts")
    st.markdown(f"**{t('watch.models_head')}**")
    if alerts.empty:
        st.caption(t("watch.models_none"))
        return
    with session.warn_if_unreachable():
        scope = replace(session.scope(), manager_ids=(MODELS,))
        standing = desk_alerts.current(session.desk(), scope, calendar.today())
        _show_list(_with_standing(alerts, standing), scope, "models")
    st.caption(t("watch.models_note", share=percent(policy()["watch"]["moved_share"], 0)))


def _model_table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("watch.severity"): [t(f"watch.severities.{code}") for code in rows["severity"]],
            t("registry.model"): [model_word(code) for code in rows["model"]],
            t("watch.what"): [_finding(row) for _, row in rows.iterrows()],
            t("watch.value"): [number(value, 3) for value in rows["value"]],
            t("watch.customers"): ["–" if unknown(count) else number(count) for count in rows["customers"]],
            t("watch.state"): [_state_word(row) for _, row in rows.iterrows()],
            t("watch.owner"): [_owner(row) for _, row in rows.iterrows()],
        }
    )


def _finding(row: pd.Series) -> str:
    if row["rule"] == "gate":
        return t("watch.gate_missed", metric=features.metric(row["subject"]), as_of=day(row["as_of"]))
    kind = "missing" if row["kind"] == "missing" else "drifted"
    return t(f"watch.{kind}_since", column=feature_word(row["subject"]), side=t(f"watch.sides.{row['against']}"))
