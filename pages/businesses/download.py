"""The filtered list of businesses as a file, written when the user clicks."""

import pandas as pd

from pages.businesses import table
from pages.shared import state
from pages.shared.parts import export, export_rows, filters
from pages.shared.read import build_info
from pages.shared.text import churn, names, segments, t, tier_word

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
# Columns whose heading in the file names the unit, because a file has no formats.
WITH_UNIT = (
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
    note = export.file_note(t("businesses.title"), _facts())
    export.buttons(file_rows(), note, total, t("businesses.file_name"))


def file_rows() -> export.Rows:
    """The rows of the file, in the order of the list."""
    query = {**table.filter_params(), "sort": state.selection().sort, "offset": 0}
    return export_rows.rows("businesses/businesses", query, _in_words, {column: _head(column) for column in COLUMNS})


def _in_words(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        district=rows["district_code"].map(names.by_code("districts")),
        industry=rows["industry_code"].map(names.by_code("industries")),
        tier=rows["tier"].map(tier_word, na_action="ignore"),
        churn_level=rows["churn_level"].map(churn.level_word, na_action="ignore"),
        segment=rows["segment"].map(segments.name, na_action="ignore"),
        state=[t(f"state.{code}") for code in rows["state"]],
    )


def _head(column: str) -> str:
    return t(f"businesses.{'file' if column in WITH_UNIT else 'column'}.{column}")


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
