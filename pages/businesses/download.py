"""The filtered list of businesses as a file, written when it is asked for."""

import pandas as pd

from pages.businesses import table
from pages.shared import selection, state
from pages.shared.parts import export, filters
from pages.shared.read import build_info, read_uncached, segment_codes
from pages.shared.text import TIERS, churn, names, segments, t, tier_word

COLUMNS = [
    "business_id",
    "name",
    "tier",
    "score",
    "score_change",
    "state",
    "district",
    "industry",
    "pd_12m",
    "pd_band",
    "churn_3m",
    "churn_level",
    "anomaly_pct",
    "segment",
    "revenue_3m_krw",
    "revenue_yoy",
    "last_contact_on",
]
# Headings that name the unit, as a file has no formats.
OWN_HEADS = (
    "business_id",
    "tier",
    "score",
    "state",
    "pd_12m",
    "pd_band",
    "churn_3m",
    "churn_level",
    "anomaly_pct",
    "revenue_3m_krw",
    "revenue_yoy",
)


def show(total: int) -> None:
    """Buttons that save the whole list, not the page of it that is shown."""
    export.buttons(_rows(), export.file_note(t("businesses.title"), _facts()), total, t("businesses.file_name"))


def _rows() -> export.Rows:
    # Words and filters are taken now: the file is written later, outside the session.
    query = {**table.passed(), "sort": state.selection().sort, "offset": 0}
    words = {
        "district": names.by_code("districts"),
        "industry": names.by_code("industries"),
        "tier": {tier: tier_word(tier) for tier in TIERS},
        "churn_level": {code: churn.level_word(code) for code in selection.CHURN_LEVELS},
        "segment": {code: segments.name(code) for code in segment_codes()},
        "state": {code: t(f"state.{code}") for code in selection.STATES},
    }
    heads = {column: _head(column) for column in COLUMNS}

    def rows(most: int) -> pd.DataFrame:
        found = read_uncached("businesses/businesses", **query, rows=most)
        found = found.assign(district=found["district_code"], industry=found["industry_code"])
        for column, word in words.items():
            found[column] = found[column].map(word)
        return found[COLUMNS].rename(columns=heads)

    return rows


def _head(column: str) -> str:
    return t(f"businesses.{'file' if column in OWN_HEADS else 'column'}.{column}")


def _facts() -> list[export.Fact]:
    """As-of, scope and filters."""
    chosen = state.selection()
    parts = [names.district(chosen.district), names.category(chosen.category), *map(tier_word, chosen.tiers)]
    parts += [f"{t('term.churn')} {churn.level_word(level)}" for level in chosen.churn]
    parts += [f"{t('term.anomaly')} {filters.anomaly_word(chosen.anomaly)}"] if chosen.anomaly else []
    parts += [f"{t('term.segment')} {segments.name(chosen.segment)}"] if chosen.segment else []
    return [
        *export.scope_facts(build_info().get("as_of")),
        (t("export.filters"), ", ".join([*parts, chosen.text]).rstrip(", ")),
    ]
