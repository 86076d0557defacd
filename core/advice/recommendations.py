"""Recommendations: which products to offer each business, in which order and why.

    score = weights . (need, percentile of the affinity, expected value to the customer over 5 % of its yearly profit)

The expected value is the customer's: money saved or earned in a year times the chance that the offer is taken. What the
bank earns is no part of the ranking. Up to the tier of [advice] relief_tiers relief comes before sales; in the weakest
tier referrals come first. At most per_kind offers of a kind. A business that needs nothing gets nothing.

Reads  checked tables, scores and products (see core.advice.rules, core.advice.affinity)
Writes recommendations, advice_services, advice_products, advice_blocked, advice_figures, advice_slices
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from core import db, tables
from core.advice import affinity, evaluation, ranking_metrics, rules
from core.advice.affinity import FIGURES, Affinity
from core.calendar import month_end
from core.config import policy
from core.errors import DataError

BLOCK = 10_000  # businesses ranked at a time
PROFIT_SHARE = 0.05  # of a year's profit: an offer worth so much or more counts in full
SAME_KIND_PENALTY = 0.1  # off a product's score for each product of its kind that is already in the list
RELIEF, REFERRAL = 10.0, 20.0  # above every score: relief before sales, in the weakest tier referrals before relief

Array = np.ndarray


@dataclass(frozen=True)
class ProductTraits:
    """Properties of the products that ranking uses, each (n_products,)."""

    kind: Array
    is_relief: Array
    is_sale: Array
    acceptance: Array


@dataclass(frozen=True)
class PairBlock:
    """Some businesses with every product: `rows`, `tier` and `income_krw` (n,), the others (n, n_products)."""

    rows: Array
    failed: Array
    need: Array
    value_krw: Array
    tier: Array
    income_krw: Array


def advise(con: db.Connection, as_of: date, segments: pd.DataFrame | None = None) -> int:
    """Write facts, rules and recommendations of every business at `as_of`; the number of recommendations.

    Parameters
    ----------
    segments : business_id and segment as the months of the test began; None evaluates by category alone
    """
    tables.ensure(con, "pd_scores", "churn_scores", "drivers")
    rules.write_catalogue(con)
    past = past_metrics(con, as_of)
    rules.write_facts(con, as_of)
    rows = recommend(con, as_of, segments, past)
    con.execute("DROP TABLE advice_pairs")
    return rows


def recommend(
    con: db.Connection, as_of: date, segments: pd.DataFrame | None = None, past: pd.DataFrame | None = None
) -> int:
    """Write recommendations, counts and metrics from advice_facts and advice_catalogue; rows of recommendations.

    Parameters
    ----------
    past : result of past_metrics, to be stored with the other metrics
    """
    model, lists = _ranked_lists(con, as_of)
    con.register("advice_rows", pa.Table.from_pandas(lists, preserve_index=False))
    con.execute("CREATE OR REPLACE TEMP TABLE advice_listed AS FROM advice_rows")
    con.unregister("advice_rows")
    for table in ("advice_services", "recommendations", "advice_products", "advice_blocked"):
        db.create_table(con, table, f"core/advice/sql/{table}")
    figures, slices = affinity.backtest(con, as_of, segments)
    tables.keep(con, "advice_figures", pd.concat([_list_metrics(con, model), figures, past]))
    tables.keep(con, "advice_slices", slices)
    con.execute("DROP TABLE advice_listed")
    return db.count(con, "recommendations")


def past_metrics(con: db.Connection, as_of: date) -> pd.DataFrame:
    """Metrics of the lists of some months ago, rules included, against what was taken since: model `served`.

    Leaves the facts of that day behind. `taken_forbidden` is the share of what was taken that a rule would have kept
    off the list: the higher it is, the lower the other metrics must be.
    """
    then = month_end(as_of, policy()["advice"]["test_months"])
    rules.write_facts(con, then)
    taken = affinity.taken_since(con, then, as_of)
    if taken.nnz < affinity.MIN_TAKEN:
        return pd.DataFrame(columns=FIGURES)
    _, lists = _ranked_lists(con, then)
    items = np.full((taken.shape[0], policy()["advice"]["shown"]), -1)
    items[lists["number"], lists["rank"] - 1] = lists["product_number"]
    metrics = ranking_metrics.metrics(items, taken, taken.shape[1])
    row, item = taken.nonzero()
    forbidden = _share_ineligible(con, pd.DataFrame({"number": row, "product_number": item}))
    rows = [("served", metric, metrics[metric], metrics["users"]) for metric in affinity.SLICE_METRICS]
    return pd.DataFrame([*rows, ("served", "taken_forbidden", *forbidden)], columns=FIGURES)


def _ranked_lists(con: db.Connection, as_of: date) -> tuple[Affinity, pd.DataFrame]:
    """The lists of all businesses of advice_facts, a row a recommendation, and the affinity behind them."""
    rules.write_conditions(con)
    rules.write_pairs(con)
    model, products = affinity.fit(con, as_of), _product_traits(con, as_of)
    lists = [_ranked_block(block, model, products) for block in _blocks(con)]
    return model, pd.concat(lists, ignore_index=True)


def _product_traits(con: db.Connection, as_of: date) -> ProductTraits:
    rows = db.query(con, "core/advice/sql/product_traits", {"as_of": as_of})
    return ProductTraits(*(rows[name].to_numpy() for name in ("kind", "is_relief", "is_sale", "acceptance")))


def _blocks(con: db.Connection) -> Iterator[PairBlock]:
    """The pairs of all businesses, some thousands at a time."""
    width = db.count(con, "advice_catalogue")
    for first in range(0, db.count(con, "advice_facts"), BLOCK):
        bounds = {"first": first, "last": first + BLOCK}
        pairs = con.execute(db.sql("core/advice/sql/pairs_block"), bounds).fetchnumpy()
        facts = db.query(con, "core/advice/sql/facts_block", bounds)
        matrices = (np.asarray(pairs[name]).reshape(-1, width) for name in ("failed", "need", "value_krw"))
        vectors = (facts[name].to_numpy(dtype=float, na_value=np.nan) for name in ("tier", "income_krw"))
        yield PairBlock(facts["number"].to_numpy(), *matrices, *vectors)


def _ranked_block(block: PairBlock, model: Affinity, products: ProductTraits) -> pd.DataFrame:
    """The list of each business of a block: one row a recommendation."""
    advice = policy()["advice"]
    weights = advice["weights"]
    cf = model.percentile(block.rows)
    expected = block.value_krw * products.acceptance
    with np.errstate(divide="ignore", invalid="ignore"):
        ev = np.nan_to_num(np.clip(expected / (PROFIT_SHARE * block.income_krw[:, None]), 0, 1))
    score = weights["need"] * block.need + weights["cf"] * cf + weights["ev"] * ev
    is_allowed = (block.failed == 0) & (block.need >= advice["need_min"])
    relief = _relief_bonus(block.tier, products, advice["relief_tiers"])
    items = diverse_top_k(
        np.where(is_allowed, score + relief, -np.inf), products.kind, advice["shown"], advice["per_kind"]
    )
    row, place = np.nonzero(items >= 0)
    item = items[row, place]
    return pd.DataFrame(
        {
            "number": block.rows[row],
            "product_number": item,
            "rank": place + 1,
            "need": block.need[row, item].astype(float),
            "cf": cf[row, item],
            "ev": ev[row, item],
            "score": score[row, item],
            "expected_value_krw": expected[row, item],
            "acceptance": products.acceptance[item],
            "is_relief": relief[row, item] > 0,
            "cold": model.is_cold(block.rows)[row],
        }
    )


def _relief_bonus(tier: Array, products: ProductTraits, relief_tiers: int) -> Array:
    """Points that relief gets on top of its score in weak tiers, (n, n_products)."""
    is_relief = (tier <= relief_tiers)[:, None] & products.is_relief
    is_referral = (tier == 1)[:, None] & ~products.is_sale
    return np.where(is_referral, REFERRAL, np.where(is_relief, RELIEF, 0.0))


def diverse_top_k(score: Array, kind: Array, k: int, per_kind: int) -> Array:
    """The k best products of each business with at most `per_kind` of a kind, -1 where none is left: (n, k).

    Each choice lowers the score of the other products of its kind (maximal marginal relevance, Carbonell and Goldstein
    1998, with sameness of kind as the similarity).

    Parameters
    ----------
    score : (n, n_products), -inf where nothing may be offered
    kind : (n_products,) the products' kinds

    >>> diverse_top_k(np.array([[0.9, 0.8, 0.7, 0.2]]), np.array(["a", "a", "a", "b"]), k=3, per_kind=2)
    array([[0, 1, 3]])
    """
    left = score.copy()
    same_kind = kind[:, None] == kind[None, :]
    listed_of_kind = np.zeros(score.shape)
    items = np.full((len(score), k), -1)
    rows = np.arange(len(score))
    for place in range(min(k, score.shape[1])):
        best = left.argmax(axis=1)
        is_left = np.isfinite(left[rows, best])
        items[is_left, place] = best[is_left]
        is_alike = same_kind[best] & is_left[:, None]
        listed_of_kind += is_alike
        left = np.where(is_alike, left - SAME_KIND_PENALTY, left)
        left[listed_of_kind >= per_kind] = -np.inf
        left[rows, best] = -np.inf
    return items


def _list_metrics(con: db.Connection, model: Affinity) -> pd.DataFrame:
    """Share that a rule forbids, coverage and Gini of the lists shown, and of lists by affinity without any rule.

    Raises
    ------
    DataError : a rule forbids something that is shown
    """
    shown = con.execute("SELECT number, product_number FROM advice_listed").df()
    share, pairs = _share_ineligible(con, shown)
    if share:
        raise DataError(f"{share:.2%} of {pairs} recommendations are forbidden by a rule; the build is not published")
    businesses, products = model.owned.shape
    counts = np.bincount(shown["product_number"], minlength=products)
    best = evaluation.recommended(model.ease, model.owned, policy()["advice"]["shown"])
    row, place = np.nonzero(best >= 0)
    by_affinity = pd.DataFrame({"number": row, "product_number": best[row, place]})
    rows = [
        ("served", "share_ineligible", share, pairs),
        ("served", "coverage", float((counts > 0).mean()), len(shown)),
        ("served", "gini", ranking_metrics.gini(counts), len(shown)),
        ("ease", "share_ineligible", *_share_ineligible(con, by_affinity)),
        ("served", "share_cold", float(model.is_cold(np.arange(businesses)).mean()), businesses),
    ]
    return pd.DataFrame(rows, columns=FIGURES)


def _share_ineligible(con: db.Connection, pairs: pd.DataFrame) -> tuple[float, int]:
    """Share of the pairs of number and product_number that a rule forbids, and how many pairs there are."""
    con.register("advice_shown", pa.Table.from_pandas(pairs, preserve_index=False))
    share, n = con.execute(db.sql("core/advice/sql/share_ineligible")).fetchall()[0]
    con.unregister("advice_shown")
    return share, n
