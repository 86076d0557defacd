"""What is known of one business, as facts that a report may cite. What is unknown is no fact, never a zero.

Reads  business_scores, drivers, revenue_forecast, loans, holdings, build_info;
       recommendations where the build has them
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from core import db
from core.errors import DataError
from core.features.catalogue import MIN_LOG_ODDS
from core.report.fact import NAME, Direction, Fact
from core.report.language import Language

# What makes a topic of a talk; own choices, after the rules of the work list (core/marts/sql/worklist.sql).
ARREARS_DAYS = 5
MATURITY_DAYS = 90
SILENT_DAYS = 90
OVERDRAFT_SHARE = 0.8
STRANGE = 0.95  # percentile from which the month is worth a word
REASONS = {"score": 2, "default": 3, "churn": 2}
SUBJECTS = {"default": "pd", "churn": "churn"}


@dataclass(frozen=True)
class FactSheet:
    """The facts of one business in one language, and what follows from them for the talk."""

    facts: Mapping[str, Fact]
    flags: frozenset[str]
    speak: Language
    is_demo: bool


def fact_sheet(con: db.Connection, business_id: str, manager_id: str, speak: Language) -> FactSheet:
    """The facts of a business of this manager's book.

    Raises
    ------
    DataError : the business is not in the book, or does not exist; which of the two is not said
    """
    params = {"business_id": business_id, "manager_id": manager_id}
    if not db.has_table(con, "business_scores"):
        raise DataError("the build has no bank's book; import one and run `python -m core build`")
    rows = db.served_query(con, "core/report/sql/business", params)
    if rows.empty:
        raise DataError(f"{business_id} is not in the book of {manager_id}; name one of the manager's own businesses")
    row = known(rows.iloc[0])
    table = {fact.id: fact for part in _parts(con, row, params, speak) for fact in part}
    return FactSheet(table, flags(row), speak, is_demo(con))


def is_demo(con: db.Connection) -> bool:
    """Does the build show invented businesses?"""
    about = db.served_query(con, "core/report/sql/about", {})
    return db.is_demo(dict(zip(about["key"], about["value"], strict=True)))


def known(row: pd.Series) -> dict[str, Any]:
    """The values of a row that are known.

    >>> known(pd.Series({"score": 34, "tier": None}, dtype=object))
    {'score': 34}
    """
    return {str(key): value for key, value in row.items() if not pd.isna(value)}


def _parts(
    con: db.Connection, row: dict[str, Any], params: Mapping[str, object], speak: Language
) -> Iterator[Iterator[Fact]]:
    make = FactBuilder(row, speak)
    yield make.standing()
    yield make.moves()
    yield make.money()
    yield make.ahead()
    yield make.periods()
    yield make.reasons(db.served_query(con, "core/report/sql/drivers", params))
    if db.has_table(con, "revenue_forecast") and row["state"] not in ("CLOSED", "SUSPENDED"):
        yield make.forecast(db.served_query(con, "core/report/sql/forecast", params))
    yield make.products(db.served_query(con, "core/report/sql/products", params))
    if db.has_table(con, "recommendations") and db.has_table(con, "products"):
        yield make.offers(db.served_query(con, "core/report/sql/offers", params))


@dataclass(frozen=True)
class FactBuilder:
    """Facts of a row; each method yields only those whose value is known."""

    row: Mapping[str, Any]
    speak: Language

    def fact(self, fact_id: str, display: str, value: float | None = None, unit: str = "", **rest: Any) -> Fact:
        """A fact of business_scores, unless `source` says otherwise."""
        rest = {"source": "business_scores", **rest}
        label = self.speak.words(f"report.fact.{fact_id.rstrip('_0123456789')}")
        return Fact(fact_id, label, value, unit, display, as_of=self.speak.day(self.row["as_of"]), **rest)

    def has(self, *columns: str) -> bool:
        """Are all these known?"""
        return all(column in self.row for column in columns)

    def standing(self) -> Iterator[Fact]:
        """Who it is, its score, tier and probability of default."""
        row, speak = self.row, self.speak
        yield self.fact("AS_OF", speak.day(row["as_of"]), unit="day", subject="as_of")
        yield self.fact(NAME, speak.name(row["name"]), unit="name", sent=False)
        for column, fact_id in ((f"industry_{speak.code}", "INDUSTRY"), (f"district_{speak.code}", "DISTRICT")):
            if self.has(column):
                yield self.fact(fact_id, speak.name(row[column]), unit="name", sent=False)
        if row["state"] != "OK":
            yield self.fact("STATE", speak.words(f"reason.state.{row['state']}"), unit="sentence")
        if self.has("score", "tier"):
            yield self.fact("SCORE", self._points(row["score"]), row["score"], "points", subject="score")
            yield self.fact("TIER", self._tier(row["tier"]), row["tier"], "tier", subject="tier")
        if self.has("score", "peer_score"):
            yield self.fact("PEER_SCORE", self._points(row["peer_score"]), row["peer_score"], "points", subject="score")
        if self.has("pd_12m"):
            yield self.fact("PD", speak.percent(row["pd_12m"]), row["pd_12m"], "share", subject="pd")
        if self.has("pd_12m", "peer_pd"):
            yield self.fact("PEER_PD", speak.percent(row["peer_pd"]), row["peer_pd"], "share", subject="pd")

    def moves(self) -> Iterator[Fact]:
        """What is different from last month, and from a year ago."""
        row = self.row
        if self.has("score", "score_1m"):
            yield from self._move("SCORE_MOVE", row["score"] - row["score_1m"], "up", "score", self._points)
        if self.has("tier", "tier_1m") and row["tier"] != row["tier_1m"]:
            yield self.fact("TIER_1M", self._tier(row["tier_1m"]), row["tier_1m"], "tier", subject="tier")
        if self.has("pd_12m", "pd_1m"):
            # Moves too small to be written are no moves.
            moved = round(100 * row["pd_12m"], 1) - round(100 * row["pd_1m"], 1)
            yield from self._move("PD_MOVE", round(moved, 1), "down", "pd", lambda size: f"{size:.1f}%p")
        if self.has("revenue_3m_krw"):
            won = row["revenue_3m_krw"]
            yield self.fact("REVENUE_3M", self.speak.money(won), won, "won", subject="revenue")
        if self.has("revenue_3m_krw", "revenue_yoy"):
            yield from self._move("REVENUE_YOY", round(row["revenue_yoy"], 3), "up", "revenue", self.speak.percent)

    def money(self) -> Iterator[Fact]:
        """What it owes, and how late it is."""
        row, speak = self.row, self.speak
        if row.get("exposure_krw", 0) > 0 and row.get("pd_basis") != "no_exposure":
            won = row["exposure_krw"]
            yield self.fact("EXPOSURE", speak.money(won), won, "won", subject="exposure")
            if self.has("expected_loss_krw"):
                loss = row["expected_loss_krw"]
                yield self.fact("LOSS", speak.money(loss), loss, "won", subject="loss")
        if row.get("days_past_due", 0) > 0:
            days = row["days_past_due"]
            yield self.fact("DPD", speak.words("reason.form.days", value=f"{days:,}"), days, "days", subject="dpd")
        share = overdraft_share(row)
        if share is not None:
            used = speak.words("report.overdraft_share", value=speak.percent(share))
            yield self.fact("OVERDRAFT_SHARE", used, share, "share", subject="overdraft")
        if self.has("next_maturity_on"):
            yield self.fact("MATURITY", speak.day(row["next_maturity_on"]), unit="day", subject="maturity")
        if self.has("last_contact_on"):
            yield self.fact("LAST_CONTACT", speak.day(row["last_contact_on"]), unit="day", subject="contact")

    def ahead(self) -> Iterator[Fact]:
        """What the models expect."""
        row, speak = self.row, self.speak
        if self.has("churn_3m", "churn_level"):
            yield self.fact("CHURN", speak.percent(row["churn_3m"]), row["churn_3m"], "share", subject="churn")
            level = speak.words(f"level.{row['churn_level']}")
            yield self.fact("CHURN_LEVEL", level, unit="level", subject="churn")
        if row.get("anomaly_pct", 0) >= STRANGE:
            top = max(1 - row["anomaly_pct"], 0.001)
            display = speak.words("anomaly.top", share=speak.percent(top))
            yield self.fact("ANOMALY", display, top, "share", subject="anomaly", source="anomalies")

    def periods(self) -> Iterator[Fact]:
        """Spans that sentences speak of: prose has no digits of its own."""
        for fact_id in ("P_3M", "P_YEAR_AGO", "P_12M", "P_CHURN", "P_BAND"):
            yield self.fact(fact_id, self.speak.words(f"report.period.{fact_id}"), unit="period", source="definition")

    def reasons(self, drivers: pd.DataFrame) -> Iterator[Fact]:
        """The heaviest reasons of the score and of both models, as whole sentences."""
        if self.has("score", "tier"):
            # The change on a year ago stands under what changed already, there without the days of the calendar.
            reasons = self.speak.score_reasons(pd.Series(self._card()))
            sentences = [sentence for code, sentence in reasons if code != "change"]
            for place, sentence in enumerate(sentences[: REASONS["score"]], 1):
                yield self.fact(f"WHY_SCORE_{place}", sentence, unit="sentence", subject="score")
        for model, fact_id in (("default", "WHY_PD"), ("churn", "WHY_CHURN")):
            if not self.has("pd_12m" if model == "default" else "churn_3m"):
                continue
            raising = drivers[(drivers["model"] == model) & (drivers["contribution"] >= MIN_LOG_ODDS)]
            for place, driver in enumerate(raising.head(REASONS[model]).itertuples(), 1):
                value = None if pd.isna(driver.value) else float(driver.value)
                sentence = self.speak.model_reason(str(driver.reason), str(driver.feature), value)
                yield self.fact(
                    f"{fact_id}_{place}", sentence, unit="sentence", source="drivers", subject=SUBJECTS[model]
                )

    def forecast(self, rows: pd.DataFrame) -> Iterator[Fact]:
        """Next month's revenue and where it will lie four times out of five."""
        if rows.empty:
            return
        values = known(rows.iloc[0])
        source = {"source": "revenue_forecast", "subject": "revenue"}
        yield self.fact("FORECAST_MONTH", self.speak.month(values["month"]), unit="month", source="revenue_forecast")
        for fact_id, column in (("FORECAST", "revenue_krw"), ("FORECAST_LOW", "low80"), ("FORECAST_HIGH", "high80")):
            if column in values:
                yield self.fact(fact_id, self.speak.money(values[column]), values[column], "won", **source)

    def products(self, rows: pd.DataFrame) -> Iterator[Fact]:
        """The products held, as one list of names."""
        if not rows.empty:
            yield self.fact("PRODUCTS", self._names(rows), unit="names", source="loans, holdings", sent=False)

    def offers(self, rows: pd.DataFrame) -> Iterator[Fact]:
        """What the rules recommend; where a suitability record is missing, it is information and no recommendation."""
        ready = rows["suitability"] != "record_missing"
        for fact_id, offers in (("OFFERS", rows[ready]), ("OFFERS_UNRECORDED", rows[~ready])):
            if not offers.empty:
                names = ", ".join(self._offered(row) for _, row in offers.iterrows())
                yield self.fact(fact_id, names, unit="names", source="recommendations", sent=False)

    def _names(self, rows: pd.DataFrame) -> str:
        return ", ".join(self.speak.code_name("product", str(code)) for code in rows["product_id"])

    def _offered(self, row: pd.Series) -> str:
        name = row[f"name_{self.speak.code}"]
        return self.speak.code_name("product", str(row["product_id"])) if pd.isna(name) else self.speak.name(name)

    def _card(self) -> dict[str, Any]:
        columns = ("cap", "flags", "points_shrink", "score_raw", "peers", "days_past_due", "tier")
        points = [f"points_{code}" for code in ("change", "volatility", "trend", "season", "industry")]
        return {**dict.fromkeys((*columns, *points)), **self.row}

    def _points(self, score: float) -> str:
        return self.speak.words("report.points", value=f"{score:.0f}")

    def _tier(self, tier: float) -> str:
        return self.speak.words(f"tier.{int(tier)}")

    def _move(self, fact_id: str, moved: float, good: Direction, subject: str, form: Any) -> Iterator[Fact]:
        """A movement without its sign, which is in its direction; none where nothing moved."""
        if moved:
            direction: Direction = "up" if moved > 0 else "down"
            kinds = {"direction": direction, "good": good, "subject": subject}
            yield self.fact(fact_id, form(abs(moved)), moved, "movement", **kinds)


def overdraft_share(row: Mapping[str, Any]) -> float | None:
    """Share of the overdraft's limit that is used; None without a limit.

    >>> overdraft_share({"overdraft_limit_krw": 100, "overdraft_used_krw": 85})
    0.85
    """
    limit, used = row.get("overdraft_limit_krw"), row.get("overdraft_used_krw")
    return used / limit if limit and used is not None else None


def flags(row: Mapping[str, Any]) -> frozenset[str]:
    """What there is to talk about.

    >>> sorted(flags({"state": "OK", "as_of": date(2024, 12, 31), "days_past_due": 12, "tier": 2, "score": 30}))
    ['arrears', 'never_contacted', 'rated', 'weak']
    """
    open_, tier = row["state"] != "CLOSED", row.get("tier")
    conditions = {
        "closed": not open_,
        "rated": tier is not None,
        "same_score": tier is not None and row.get("score_1m") == row.get("score"),
        "no_exposure": row.get("pd_basis") == "no_exposure",
        "arrears": row.get("days_past_due", 0) >= ARREARS_DAYS,
        "no_sales": open_ and row["state"] in ("ZERO_2M", "ZERO_SALES"),
        "maturity": _soon(row["as_of"], row.get("next_maturity_on")),
        "overdraft": open_ and (overdraft_share(row) or 0) >= OVERDRAFT_SHARE,
        "weak": open_ and tier is not None and tier <= 2,
        "strong": open_ and tier is not None and tier >= 4,
        "leaving": open_ and row.get("churn_level") in ("watch", "risk", "severe"),
        "silent": open_ and _silent(row["as_of"], row.get("last_contact_on")),
        "never_contacted": open_ and row.get("last_contact_on") is None,
        "conflict": bool(row.get("conflict")),
    }
    return frozenset(name for name, is_so in conditions.items() if is_so)


def _soon(as_of: date, matures_on: date | None) -> bool:
    return matures_on is not None and 0 < (matures_on - as_of).days <= MATURITY_DAYS


def _silent(as_of: date, last: date | None) -> bool:
    return last is not None and (as_of - last).days > SILENT_DAYS
