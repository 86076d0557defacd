"""A business of the work list in words: what changed, how to open the call, what to offer, why it is not listed."""

from typing import Any

from core.config import policy
from pages.shared.text import day, lang, money, number, percent, strings, t, unknown
from pages.shared.text.escape import safe
from pages.shared.text.offers import MAX_NAME_LENGTH

# Rules with an opening of their own; a call about another rule opens with the heaviest reason.
RULE_OPENINGS = {
    "past_due_30": "past_due",
    "past_due_5": "past_due",
    "no_sales": "no_sales",
    "maturity": "due",
    "growth": "growth",
    "offer": "greeting",
}
PARTS = ("own", "market", "model")
VALUE_COLUMNS = {"loss": "loss_avoided_krw", "offer": "offer_value_krw"}


def score_change(row: Any) -> str:
    """Change of the score since last month, and which part of it (PARTS) weighs most."""
    if unknown(row["score"]):
        return t("work.ledger.unrated")
    if unknown(row["change"]):
        return t("work.ledger.none")
    change = int(row["change"])
    if not change:
        return t("work.ledger.same" if any(row[part] for part in PARTS) else "work.ledger.still")
    move = t(f"work.ledger.{'up' if change > 0 else 'down'}", points=abs(change))
    # Of the parts with the sign of the change; own figures first where two weigh the same.
    mainly = max(PARTS, key=lambda part: row[part] * (1 if change > 0 else -1))
    return t(f"work.ledger.mainly_{mainly}", move=move)


def change_parts(row: Any) -> str:
    """The three parts in points with their signs; empty where nothing can be compared."""
    if unknown(row["change"]):
        return ""
    return t("work.ledger.parts", **{part: signed(int(row[part])) for part in PARTS})


def signed(points: int) -> str:
    """Points with their sign, a true minus; no move is a plain 0.

    >>> signed(3), signed(-9), signed(0)
    ('+3', '−9', '0')
    """
    return f"{points:+d}".replace("-", "−") if points else "0"


def rule_record(judged: Any) -> str:
    """How many businesses a rule has named before, how many of them it was right about, and how early."""
    counts = t(
        "work.record.counts",
        judged=number(judged["judged"]),
        months=number(judged["horizon_months"]),
        hits=number(judged["hits"]),
        wrong=number(judged["judged"] - judged["hits"]),
    )
    early = "" if unknown(judged["lead_median"]) else t("work.record.lead", lead=number(judged["lead_median"], 1))
    return f"{counts} {early}".strip()


def opening_line(row: Any) -> str:
    """First words of the call: an observation that the customer may hear, and a question; no promise."""
    opening = t(f"work.hello.{opening_code(row)}", day=day(row["due_on"]))
    return f"{opening} {t('work.ask.' + row['rule'])}"


def opening_code(row: Any) -> str:
    """Code of the observation that opens the call.

    >>> opening_code({"rule": "maturity", "state": "OK", "tier": 2, "top_reason": "trend", "top_reason_model": "score"})
    'due'
    """
    if row["rule"] in RULE_OPENINGS:
        return RULE_OPENINGS[row["rule"]]
    if row["state"] == "SUSPENDED":
        return "suspended"
    # From the strong tier on a reason of the score is a strength, no opening for a talk.
    strong = policy()["worklist"]["strong_tier"]
    is_strength = row["top_reason_model"] == "score" and not unknown(row["tier"]) and row["tier"] >= strong
    code = row["top_reason"]
    has_words = not unknown(code) and f"work.hello.{code}" in strings(lang())
    return str(code) if has_words and not is_strength else "greeting"


def offer(row: Any) -> str:
    """What to offer: the first product that the rules allow, relief first, or that nothing is needed."""
    if unknown(row["offer_product_id"]):
        is_late = not unknown(row["days_past_due"]) and row["days_past_due"] >= policy()["worklist"]["early_dpd"]
        return t("work.offering.late" if is_late else "work.offering.none")
    product = f"**{_product(row)}**"
    if row["offer_suitability"] == "record_missing":
        return t("work.offering.information", product=product)
    return t("work.offering.relief" if row["offer_is_relief"] else "work.offering.plain", product=product)


def _product(row: Any) -> str:
    """Name of the offer in the catalogue, safe for Markdown; the code itself where the catalogue lacks it."""
    name = row[f"offer_name_{lang()}"]
    return safe(row["offer_product_id"] if unknown(name) else name, MAX_NAME_LENGTH)


def visit_value(row: Any) -> str:
    """What a visit is worth and what the amount consists of; unknown parts are left out."""
    if unknown(row["value_krw"]) or not row["value_krw"]:
        return t("work.worth_none")
    values = {name: row[column] for name, column in VALUE_COLUMNS.items() if not unknown(row[column]) and row[column]}
    parts = " · ".join(t(f"work.worth_{name}", value=money(value)) for name, value in values.items())
    return t("work.worth_one" if len(values) == 1 else "work.worth", value=money(row["value_krw"]), parts=parts)


def visit_value_help() -> str:
    """What is assumed of a visit."""
    rules = policy()["worklist"]
    return t(
        "work.worth_help",
        avoided=percent(rules["loss_avoided"], 0),
        defaulted=percent(rules["loss_avoided_defaulted"], 0),
        offer=percent(rules["offer_by_visit"], 0),
    )


def why_not(row: Any, visits: int) -> str:
    """Why a business that some rule names is not on the list."""
    code, rules = row["why_not"], policy()["worklist"]
    if code == "contacted":
        days = row["days_since_contact"]
        key = "work.next.contacted" if days else "work.next.contacted_today"
        return t(key, days=number(days), rest=rules["rest_days"])
    if code == "workout":
        return t("work.next.workout", days=number(row["days_past_due"]), limit=rules["workout_dpd"])
    if code == "later":
        return t("work.next.later", turn=number(row["turn"]))
    key = "work.next.capacity" if row["gap_krw"] else "work.next.capacity_tie"
    return t(key, visits=visits, turn=number(row["turn"]), gap=money(row["gap_krw"]))
