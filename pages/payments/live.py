"""The live feed: what the stream answered in the last minutes, alerts first. Refreshes by itself, the page does not.

The feed is the whole bank's; a query keeps of it the businesses of the managers who may be seen.
"""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.stream.topics import Addresses
from pages.payments import words
from pages.shared.read import build_info, read
from pages.shared.text import day, number, t
from pages.shared.text.escape import clean

if TYPE_CHECKING:
    from core.stream.feed import Answer, Feed

EVERY = "2s"
SHOWN = 12
COLUMNS = ("time", "name", "level", "risk_index", "action", "why", "amount_krw", "p_success")


def show(managers: list[str]) -> None:
    """The feed where a broker is named, else that it is off and what is shown instead."""
    addresses = Addresses.from_env()
    if addresses is None:
        st.caption(t("payments.live_off", day=day(build_info().get("as_of"))))
        return
    st.header(t("payments.live"), anchor=False)
    _feed(addresses.kafka)  # started before the first look, so that the look finds something
    refreshing(managers, addresses.kafka)


# One thread a process, whoever looks; a changed address is another feed.
@st.cache_resource(show_spinner=False)
def _feed(kafka: str) -> "Feed":
    from core.stream.feed import Feed  # the client of Kafka costs every start 80 ms, and most have no broker

    return Feed(kafka).start()


@st.fragment(run_every=EVERY)
def refreshing(managers: list[str], kafka: str) -> None:
    """What came in, drawn again every two seconds."""
    feed = _feed(kafka)
    answers = feed.newest()
    if not feed.is_connected:
        st.warning(t("payments.live_away"), icon=":material/cloud_off:")
    if not answers:
        st.caption(t("payments.live_waiting"))
        return
    rows = own(answers, managers)
    alerts = sum(row["level"] in words.LEVELS[:3] for row in rows)
    counts = {"n": number(len(rows)), "alerts": number(alerts), "all": number(len(answers))}
    st.caption(t("payments.live_note", **counts))
    if rows:
        _table(alerts_first(rows))


def own(answers: "list[Answer]", managers: list[str]) -> list[dict]:
    """The answers on businesses of these managers, as rows of the table, the newest first."""
    # Asked for the whole book: by the ids that are passing, every refresh would push an answer out of the pages' cache.
    names = read("payments/names", manager_ids=managers)
    known = dict(zip(names["business_id"], names["name"], strict=True))
    return [_row(answer, known[answer["business_id"]]) for answer in answers if answer.get("business_id") in known]


def _row(answer: "Answer", name: str) -> dict:
    risk = answer["risk"]
    return {
        "time": str(answer["at"])[5:16].replace("T", " "),
        "name": clean(name),
        "level": risk["level"],
        "risk_index": risk["index"],
        "action": words.action(risk["action"]),
        "why": words.why(risk["contribution"], answer.get("reasons")),
        "amount_krw": answer["amount_krw"],
        "p_success": answer["p_success"],
    }


def alerts_first(rows: list[dict]) -> list[dict]:
    """The rows that are shown: by level, within a level the newest first."""
    return sorted(rows, key=lambda row: words.LEVELS.index(row["level"]))[:SHOWN]


def _table(rows: list[dict]) -> None:
    table = pd.DataFrame(rows)[list(COLUMNS)]
    heads = {name: t(f"payments.column.{name}") for name in COLUMNS}
    styled = words.styled(table.assign(level=table["level"].map(words.level)), table["level"])
    st.dataframe(styled, hide_index=True, key="live", column_config=heads, alt=t("payments.live"))
