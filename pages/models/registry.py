"""The registry of models: every version, the one that scored this build, its approvals; a click shows its card."""

import pandas as pd
import streamlit as st

from core.models.registry import Entry
from pages.models import card
from pages.shared.parts import notices
from pages.shared.read import build_info, model_versions
from pages.shared.text import features, number, percent, t, unknown
from pages.shared.text.names import plain_code_word

ORDER = ("default", "churn", "payments", "anomaly", "revenue", "city", "segments")
# The one figure of a model is the first of these that it has; SHARES are written in per cent.
KEY_METRICS = ("roc_auc", "wape", "seed_agreement")
SHARES = ("wape", "seed_agreement")
SHOWN = 50
COMMAND = "python -m core models list"


def show() -> None:
    """A table of the versions, and the card of the row that is clicked."""
    entries = ordered(model_versions())
    if not entries:
        notices.info("registry.none")
        st.code("python -m core build", language=None)
        return
    st.markdown(_summary(entries))
    event = st.dataframe(
        _table(entries[:SHOWN]),
        key="registry",
        hide_index=True,
        height="content" if len(entries) < 12 else 420,
        on_select="rerun",
        selection_mode="single-row",
        alt=t("registry.title"),
    )
    st.caption(t("registry.hint", command=COMMAND))
    rows = event.selection.rows
    if rows and rows[0] < len(entries):
        card.show(entries[rows[0]])


def ordered(entries: list[Entry]) -> list[Entry]:
    """By model; the version that serves first, then the newest."""
    return sorted(entries, key=lambda entry: (place(entry.name), not entry.serves, -entry.number))


def place(name: str) -> tuple[int, str]:
    """Sort key of a model: its place in ORDER; a model that is not there comes last, by name."""
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _summary(entries: list[Entry]) -> str:
    names = {entry.name for entry in entries}
    n_held = sum(entry.state == "held" for entry in entries)
    words = {"models": number(len(names)), "versions": number(len(entries)), "held": number(n_held)}
    return t("registry.summary_held" if n_held else "registry.summary", **words)


def _table(entries: list[Entry]) -> pd.DataFrame:
    facts = build_info()
    return pd.DataFrame(
        {
            t("registry.model"): [features.model(entry.name) for entry in entries],
            t("registry.version"): [entry.version for entry in entries],
            t("registry.state"): [state_word(entry) for entry in entries],
            t("registry.this_build"): ["●" if facts.get(f"model.{e.name}") == e.version else "" for e in entries],
            t("registry.figure"): [key_figure(entry) for entry in entries],
            t("registry.trained"): [entry.created_at[:16].replace("T", " ") for entry in entries],
            t("registry.learned_to"): [learned_to(entry) for entry in entries],
            t("registry.hash"): [(entry.data_hash or "–")[:8] for entry in entries],
            t("registry.approvals"): [number(len(entry.approvals)) for entry in entries],
            t("registry.origin"): [plain_code_word("provenance", entry.card.get("provenance")) for entry in entries],
        }
    )


def state_word(entry: Entry) -> str:
    """Candidate, champion, held or retired, with the number of gates that failed."""
    word = plain_code_word("model_state", entry.state)
    return t("registry.gates_failed", state=word, count=number(len(entry.gates))) if entry.gates else word


def learned_to(entry: Entry) -> str:
    """Last day of the data that this version learned from."""
    fit = (entry.card.get("windows") or {}).get("fit") or {}
    return str(fit.get("to") or "–")[:10]


def key_figure(entry: Entry) -> str:
    """The model's main figure, out of time, with its interval."""
    whole = {row["metric"]: row for row in entry.metrics if row["slice"] == "all" and row["model"] == entry.name}
    metric = next((name for name in KEY_METRICS if name in whole), None)
    if metric is None:
        return "–"
    row = whole[metric]
    form = percent if metric in SHARES else _three
    value = f"{features.metric_short(metric)} {form(row['value'])}"
    if unknown(row["low"]) or unknown(row["high"]):
        return value
    return f"{value} ({t('models.interval', low=form(row['low']), high=form(row['high']))})"


def _three(value: float | None) -> str:
    return number(value, 3)
