"""The live feed: the stream's answers of the last minutes, the gravest first, redrawn every two seconds.

The feed has the payments of the whole bank; only those of businesses in the chosen book are shown.
"""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.stream.topics import Addresses
from pages.payments import text as payment_text
from pages.shared.read import build_info, read
from pages.shared.text import day, number, t
from pages.shared.text.escape import clean

if TYPE_CHECKING:
    from core.stream.feed import Answer, Feed

EVERY = "2s"
SHOWN = 12
COLUMNS = ("time", "name", "level", "risk_index", "action", "why", "amount_krw", "p_success")


def show(managers: list[str]) -> None:
    """The feed; a sentence where no broker is configured."""
    addresses = Addresses.from_env()
    if addresses is None:
        st.caption(t("payments.live_off", day=day(build_info().get("as_of"))))
        return
    st.header(t("payments.live"), anchor=False)
    _feed(addresses.kafka)  # started before the first drawing, so that there are answers to draw
    refreshing(managers, addresses.kafka)


# One thread per process, shared by all sessions; another address is another feed.
@st.cache_resource(show_spinner=False)
def _feed(kafka: str) -> "Feed":
    from core.stream.feed import Feed  # the import of Kafka's client takes 80 ms, and most banks have no broker

    return Feed(kafka).start()


@st.fragment(run_every=EVERY)
def refreshing(managers: list[str], kafka: str) -> None:
    """The answers of the feed that are of these managers' businesses."""
    feed = _feed(kafka)
    answers = feed.newest()
    if not feed.is_connected:
        st.warning(t("payments.live_away"), icon=":material/cloud_off:")
    if not answers:
        st.caption(t("payments.live_waiting"))
        return
    rows = own(answers, managers)
    alerts = sum(row["level"] in payment_text.LEVELS[:3] for row in rows)
    words = {"n": number(len(rows)), "alerts": number(alerts), "all": number(len(answers))}
    st.caption(t("payments.live_note", **words))
    if rows:
        _table(alerts_first(rows))


def own(answers: "list[Answer]", managers: list[str]) -> list[dict]:
    """The answers on businesses of these managers, as rows of the table, the newest first."""
    # Names of the whole book: a query of the ids in the feed would be another one on every refresh and fill the cache.
    names = read("payments/names", manager_ids=managers)
    by_id = dict(zip(names["business_id"], names["name"], strict=True))
    return [_row(answer, by_id[answer["business_id"]]) for answer in answers if answer.get("business_id") in by_id]


def _row(answer: "Answer", name: str) -> dict:
    risk = answer["risk"]
    return {
        "time": str(answer["at"])[5:16].replace("T", " "),
        "name": clean(name),
        "level": risk["level"],
        "risk_index": risk["index"],
        "action": payment_text.action(risk["action"]),
        "why": payment_text.why(risk["contribution"], answer.get("reasons")),
        "amount_krw": answer["amount_krw"],
        "p_success": answer["p_success"],
    }


def alerts_first(rows: list[dict]) -> list[dict]:
    """The rows that are shown: the gravest level first, within a level the newest."""
    return sorted(rows, key=lambda row: payment_text.LEVELS.index(row["level"]))[:SHOWN]


def _table(rows: list[dict]) -> None:
    table = pd.DataFrame(rows)[list(COLUMNS)]
    heads = {name: t(f"payments.column.{name}") for name in COLUMNS}
    styler = payment_text.styler(table.assign(level=table["level"].map(payment_text.level)), table["level"])
    st.dataframe(styler, hide_index=True, key="live", column_config=heads, alt=t("payments.live"))
