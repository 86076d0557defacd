"""The card of one version of a model: purpose, data, accuracy, limits and approvals.

Its fields are the documentation that article 34 of Korea's AI Basic Act (law 20676) asks of a high-impact system, and
those of Mitchell et al., Model Cards for Model Reporting (2019). A field without a value says that it is unknown.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.models.registry import Entry
from pages.models.accuracy import AGREEMENTS, COUNTS, DIGITS
from pages.shared.read import build_info
from pages.shared.text import escape, features, lang, number, percent, t, unknown
from pages.shared.text.names import plain_code_word

TEXTS = ("purpose", "not_for", "owner", "limits", "drift", "fallback")


def show(entry: Entry) -> None:
    """All fields, the texts first."""
    card = entry.card
    with st.container(border=True):
        st.subheader(f"{features.model(entry.name)} {entry.version}", anchor=False)
        _show_badges(entry)
        words, facts = st.columns(2, gap="large")
        with words:
            for field in TEXTS:
                st.markdown(f"**{t(f'card.{field}')}**  \n{_text(card.get(field))}")
        with facts:
            _show_facts(entry)
        st.markdown(f"**{t('card.out_of_time')}**")
        _show_metrics(card.get("out_of_time") or [])
        _show_folds(entry)


def _show_badges(entry: Entry) -> None:
    with st.container(horizontal=True, gap="small"):
        origin = entry.card.get("provenance")
        colour = {"SYNTHETIC": "yellow", "REAL": "green"}.get(str(origin), "gray")
        st.badge(plain_code_word("provenance", origin), icon=":material/science:", color=colour)  # type: ignore[arg-type]
        st.badge(plain_code_word("model_state", entry.state), color="blue" if entry.serves else "gray")
        if build_info().get(f"model.{entry.name}") == entry.version:
            st.badge(t("card.scored"), icon=":material/check:", color="blue")
        for gate in entry.gates:
            words = {"metric": features.metric(str(gate["metric"])), "value": number(gate["value"], 2)}
            st.badge(t("card.gate", **words, limit=_limit(str(gate["limit"]))), color="red")


def _limit(limit: str) -> str:
    """A limit in the reader's language; the registry writes it as "0.8 or more"."""
    figure, _, side = limit.partition(" or ")
    return t(f"card.or_{side}", figure=figure) if side in ("more", "less") else limit


def _text(value: object) -> str:
    """A text of the card in the reader's language, escaped for Markdown, as a bank may write its own."""
    if isinstance(value, Mapping):
        value = value.get(lang()) or value.get("en")
    return str(value).replace("$", r"\$") if value else t("text.unknown")


def _show_facts(entry: Entry) -> None:
    card = entry.card
    rows: list[tuple[str, str]] = [
        (t("card.label"), features.label(entry.name, card.get("label"))),
        *((t(f"card.window_{key}"), _window(window)) for key, window in (card.get("windows") or {}).items() if window),
        *((t(f"card.{key}"), number(count)) for key, count in (card.get("rows") or {}).items()),
        (t("card.algorithm"), str(card.get("algorithm") or t("text.unknown"))),
        (t("card.calibration"), _calibration(card.get("calibration") or {})),
        (t("registry.trained"), entry.created_at[:16].replace("T", " ")),
        (t("card.data_hash"), entry.data_hash or "–"),
        (t("card.code_version"), entry.code_version or "–"),
        (t("card.structure"), str(card.get("structure") or "–")),
    ]
    table = pd.DataFrame(rows, columns=["field", "value"])
    st.table(table, hide_index=True, hide_header=True, border="horizontal")


def _window(window: object) -> str:
    if not isinstance(window, Mapping):
        return str(window)
    return t("card.from_to", from_=str(window.get("from"))[:10], to=str(window.get("to"))[:10])


def _calibration(platt: Mapping[str, float]) -> str:
    if "slope" not in platt:
        return t("text.unknown")
    return t("card.platt", slope=number(platt["slope"], 3), intercept=number(platt.get("intercept"), 3))


def _show_metrics(rows: Sequence[Mapping[str, Any]]) -> None:
    figures = {row["metric"]: row for row in rows if row["metric"] not in COUNTS + AGREEMENTS}
    order = sorted(figures, key=lambda metric: list(DIGITS).index(metric) if metric in DIGITS else len(DIGITS))
    rows = [figures[metric] for metric in order]
    if not rows:
        st.caption(t("text.unknown"))
        return
    table = pd.DataFrame(
        {
            t("models.metric"): [features.metric(row["metric"]) for row in rows],
            t("models.out_of_time"): [number(row["value"], 4) for row in rows],
            t("models.interval_head"): [
                "–" if unknown(row["low"]) else features.interval(row["low"], row["high"], 4) for row in rows
            ],
            "n": [number(row["n"]) for row in rows],
            t("models.events"): [number(row["positives"]) for row in rows],
        }
    )
    st.dataframe(table, hide_index=True, key="card_metrics", height="content")


def _show_folds(entry: Entry) -> None:
    """The longer lists, folded: features, exclusions, parameters, stability, approvals."""
    with st.expander(t("card.features", count=number(len(entry.features)))):
        _show_features(entry.features)
    with st.expander(t("card.exclusions")):
        _show_exclusions(entry.card.get("exclusions") or [])
    with st.expander(t("card.params")):
        st.code(json.dumps(dict(entry.params), ensure_ascii=False, indent=1), language="json")
    with st.expander(t("card.stability")):
        st.markdown(stability(entry.card))
    with st.expander(t("card.approvals", count=number(len(entry.approvals)))):
        _show_approvals(entry.approvals)


def _show_features(rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        st.caption(t("text.unknown"))
        return
    table = pd.DataFrame(
        {
            t("card.feature"): [features.feature(str(row.get("feature"))) for row in rows],
            t("card.sign"): [_sign(row.get("sign")) for row in rows],
            t("card.unit"): [row.get("unit") or "–" for row in rows],
            t("card.lag"): [_lag(row.get("lag_days")) for row in rows],
            t("card.meaning"): [row.get("meaning") or "–" for row in rows],
        }
    )
    st.dataframe(table, hide_index=True, key="card_features", height="content" if len(table) < 12 else 420)
    st.caption(t("card.sign_note"))


def _sign(sign: object) -> str:
    return {1: "▲", -1: "▼", 0: "–"}.get(int(sign), "–") if isinstance(sign, int | float) else "–"


def _lag(days: object) -> str:
    return "–" if days in (None, "") else t("card.lag_days", days=str(days))


def _show_exclusions(rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        st.caption(t("text.unknown"))
        return
    total = sum(row["n"] for row in rows) or 1
    table = pd.DataFrame(
        {
            t("models.outcome"): [plain_code_word("exclusion", row["reason"]) for row in rows],
            t("models.rows"): [number(row["n"]) for row in rows],
            t("models.share"): [percent(row["n"] / total) for row in rows],
        }
    )
    st.dataframe(table, hide_index=True, key="card_exclusions", height="content")


def stability(card: Mapping[str, Any]) -> str:
    """How much of the model's output stays the same with other random seeds, a line per figure (Markdown)."""
    lines = []
    changed = (card.get("candidates") or {}).get("average", {}).get("band_changes_on_reseed")
    if changed is not None:
        lines.append(t("models.bands_kept", share=percent(1 - changed)))
    for between, shares in (card.get("stability") or {}).items():
        for first, share in shares.items() if isinstance(shares, Mapping) else ():
            words = {"between": plain_code_word("between", between), "what": _first(first)}
            lines.append(t("card.agreement", **words, share=percent(share)))
    return "  \n".join(lines) or t("text.unknown")


def _first(code: str) -> str:
    return features.metric(f"{code}_reason_agreement")


def _show_approvals(approvals: Sequence[Mapping[str, Any]]) -> None:
    if not approvals:
        st.caption(t("card.approvals_none"))
        return
    table = pd.DataFrame(
        {
            t("card.at"): [str(row.get("at"))[:16].replace("T", " ") for row in approvals],
            t("card.action"): [plain_code_word("model_action", row.get("action")) for row in approvals],
            t("card.by"): [escape.clean(row.get("by")) for row in approvals],
            t("card.reason"): [str(row.get("reason")) for row in approvals],
        }
    )
    st.dataframe(table, hide_index=True, key="card_approvals", height="content")
