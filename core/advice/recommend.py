"""Whom to offer what, and why: what the rules allow, ranked by need, by what similar businesses took, and by its worth.

    score = weights . (need, place in the affinity, expected value to the customer against 5 % of the yearly profit)

The expected value is the customer's: money saved or earned in a year times the chance that the offer is taken. What the
bank earns is no part of the ranking. Up to the tier of [advice] relief_tiers relief stands before sales; in the weakest
tier referrals stand first. At most per_kind offers of a kind. Who needs nothing gets nothing.

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
from core.advice import affinity, ranking, rules
from core.advice.affinity import Affinity
from core.calendar import month_end
from core.config import policy
from core.errors import DataError

BLOCK = 10_000  # businesses ranked at a time
PROFIT_SHARE = 0.05  # of a year's profit: an offer worth so much or more counts in full
SAME_KIND = 0.1  # taken off a product's score for each one of its kind that is already listed
RELIEF, REFERRAL = 10.0, 20.0  # above every score: relief before sales, in the weakest tier referrals before relief

Array = np.ndarray


@dataclass(frozen=True)
class Products:
    """What ranking knows of the products, each (n_products,)."""

    kind: Array
    is_relief: Array
    is_sale: Array
    acceptance: Array


@dataclass(frozen=True)
class Block:
    """Businesses in a row of numbers with every product: arrays (n, n_products); `tier` and `income` (n,)."""

    rows: Array
    failed: Array
    need: Array
    value: Array
    tier: Array
    income: Array


def advise(con: db.Connection, as_of: date, segments: pd.DataFrame | None = None) -> int:
    """Write facts, rules and recommendations of every business at `as_of`; the number of recommendations.

    Parameters
    ----------
    segments : business_id and segment as the months of the test began; None judges by category alone
    """
    tables.ensure(con, "pd_scores", "churn_scores", "drivers")
    rules.catalogue(con)
    before = hindsight(con, as_of)
    rules.facts(con, as_of)
    rows = rank(con, as_of, segments)
    _insert(con, "advice_figures_then", before)
    con.execute("INSERT INTO advice_figures FROM advice_figures_then")
    for table in ("advice_pairs", "advice_figures_then"):
        con.execute(f"DROP TABLE {table}")
    return rows


def rank(con: db.Connection, as_of: date, segments: pd.DataFrame | None = None) -> int:
    """Write recommendations and counts from advice_facts and advice_catalogue; the number of recommendations."""
    model, listed = _lists(con, as_of)
    _insert(con, "advice_listed", listed)
    db.create_table(con, "advice_services", "core/advice/sql/advice_services")
    db.create_table(con, "recommendations", "core/advice/sql/recommendations")
    db.create_table(con, "advice_products", "core/advice/sql/advice_products")
    db.create_table(con, "advice_blocked", "core/advice/sql/advice_blocked")
    found, slices = affinity.figures(con, as_of, segments)
    _insert(con, "advice_figures_new", pd.concat([_served(con, model), found]))
    con.execute("CREATE OR REPLACE TABLE advice_figures AS FROM advice_figures_new")
    _insert(con, "advice_slices_new", slices)
    con.execute("CREATE OR REPLACE TABLE advice_slices AS FROM advice_slices_new")
    for table in ("advice_listed", "advice_figures_new", "advice_slices_new"):
        con.execute(f"DROP TABLE {table}")
    return db.count(con, "recommendations")


def hindsight(con: db.Connection, as_of: date) -> pd.DataFrame:
    """How the lists of some months ago, rules and all, fared since: figures of `served`, model, metric, value, n.

    Leaves the facts of that day behind. `taken_forbidden` is the share of what was taken that a rule would have kept
    from the list: the higher it is, the less the other figures can be.
    """
    then = month_end(as_of, policy()["advice"]["test_months"])
    rules.facts(con, then)
    wanted = affinity.since(con, then, as_of)
    if wanted.nnz < affinity.MIN_TAKEN:
        return pd.DataFrame(columns=["model", "metric", "value", "n"])
    _, listed = _lists(con, then)
    items = np.full((wanted.shape[0], policy()["advice"]["shown"]), -1)
    items[listed["number"], listed["rank"] - 1] = listed["product_number"]
    found = ranking.figures(ranking.Lists(items, wanted.shape[1]), wanted)
    row, item = wanted.nonzero()
    forbidden = _ineligible(con, pd.DataFrame({"number": row, "product_number": item}))
    rows = [("served", metric, found[metric], found["users"]) for metric in ("ndcg", "recall", "map")]
    return pd.DataFrame([*rows, ("served", "taken_forbidden", *forbidden)], columns=["model", "metric", "value", "n"])


def _lists(con: db.Connection, as_of: date) -> tuple[Affinity, pd.DataFrame]:
    """The lists of all businesses of advice_facts, a row a recommendation, and the affinity behind them."""
    rules.conditions(con)
    rules.pairs(con)
    model, products = affinity.fitted(con, as_of), _products(con, as_of)
    blocks = [_ranked(block, model, products) for block in _blocks(con)]
    return model, pd.concat(blocks, ignore_index=True)


def _products(con: db.Connection, as_of: date) -> Products:
    rows = db.query(con, "core/advice/sql/ranked_products", {"as_of": as_of})
    return Products(*(rows[name].to_numpy() for name in ("kind", "is_relief", "is_sale", "acceptance")))


def _blocks(con: db.Connection) -> Iterator[Block]:
    """The pairs of all businesses, some thousands at a time."""
    width = db.count(con, "advice_catalogue")
    for first in range(0, db.count(con, "advice_facts"), BLOCK):
        bounds = {"first": first, "last": first + BLOCK}
        pairs = con.execute(db.sql("core/advice/sql/pairs_block"), bounds).fetchnumpy()
        facts = db.query(con, "core/advice/sql/facts_block", bounds)
        square = {name: np.asarray(pairs[name]).reshape(-1, width) for name in ("failed", "need", "value_krw")}
        yield Block(
            facts["number"].to_numpy(),
            square["failed"],
            square["need"],
            square["value_krw"],
            facts["tier"].to_numpy(dtype=float, na_value=np.nan),
            facts["income_krw"].to_numpy(dtype=float, na_value=np.nan),
        )


def _ranked(block: Block, model: Affinity, products: Products) -> pd.DataFrame:
    """The list of each business of a block: one row a recommendation."""
    decided = policy()["advice"]
    weights = decided["weights"]
    cf = model.percentile(block.rows)
    expected = block.value * products.acceptance
    with np.errstate(divide="ignore", invalid="ignore"):
        ev = np.nan_to_num(np.clip(expected / (PROFIT_SHARE * block.income[:, None]), 0, 1))
    score = weights["need"] * block.need + weights["cf"] * cf + weights["ev"] * ev
    allowed = (block.failed == 0) & (block.need >= decided["need_min"])
    first = _relief(block.tier, products, decided["relief_tiers"])
    chosen = diverse(np.where(allowed, score + first, -np.inf), products.kind, decided["shown"], decided["per_kind"])
    row, place = np.nonzero(chosen >= 0)
    item = chosen[row, place]
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
            "is_relief": first[row, item] > 0,
            "cold": model.cold(block.rows)[row],
        }
    )


def _relief(tier: Array, products: Products, relief_tiers: int) -> Array:
    """What is added to the score of relief in weak tiers, (n, n_products)."""
    weak = (tier <= relief_tiers)[:, None] & products.is_relief
    weakest = (tier == 1)[:, None] & ~products.is_sale
    return np.where(weakest, REFERRAL, np.where(weak, RELIEF, 0.0))


def diverse(score: Array, kind: Array, shown: int, per_kind: int) -> Array:
    """The `shown` best products of each business with at most `per_kind` of a kind, -1 where none is left.

    Each choice takes a little off the others of its kind (maximal marginal relevance with sameness of kind).

    Parameters
    ----------
    score : (n, n_products), -inf where nothing may be offered
    kind : (n_products,) the products' kinds

    >>> diverse(np.array([[0.9, 0.8, 0.7, 0.2]]), np.array(["a", "a", "a", "b"]), shown=3, per_kind=2)
    array([[0, 1, 3]])
    """
    left = score.copy()
    same = kind[:, None] == kind[None, :]
    taken = np.zeros(score.shape)
    chosen = np.full((len(score), shown), -1)
    rows = np.arange(len(score))
    for place in range(min(shown, score.shape[1])):
        best = left.argmax(axis=1)
        found = np.isfinite(left[rows, best])
        chosen[found, place] = best[found]
        alike = same[best] & found[:, None]
        taken += alike
        left = np.where(alike, left - SAME_KIND, left)
        left[taken >= per_kind] = -np.inf
        left[rows, best] = -np.inf
    return chosen


def _served(con: db.Connection, model: Affinity) -> pd.DataFrame:
    """What is shown, and what would be shown without rules: share that a rule forbids, coverage, inequality.

    Raises
    ------
    DataError : something is shown that a rule forbids
    """
    shown = con.execute("SELECT number, product_number, rank FROM advice_listed").df()
    forbidden, listed = _ineligible(con, shown)
    if forbidden:
        raise DataError(
            f"{forbidden:.2%} of {listed} recommendations are forbidden by a rule; the build is not published"
        )
    counts = shown["product_number"].value_counts().reindex(range(model.owned.shape[1]), fill_value=0)
    rows = [
        ("served", "share_ineligible", forbidden, listed),
        ("served", "coverage", float((counts > 0).mean()), len(shown)),
        ("served", "gini", ranking.gini(counts.to_numpy()), len(shown)),
        ("ease", "share_ineligible", *_ineligible(con, _unruled(model))),
        ("served", "share_cold", float(model.cold(np.arange(model.owned.shape[0])).mean()), model.owned.shape[0]),
    ]
    return pd.DataFrame(rows, columns=["model", "metric", "value", "n"])


def _unruled(model: Affinity) -> pd.DataFrame:
    """The best products by affinity alone of every business."""
    users = np.arange(model.owned.shape[0])
    blocks = [users[at : at + BLOCK] for at in range(0, len(users), BLOCK)]
    shown = policy()["advice"]["shown"]
    best = np.vstack([ranking.top(model.ease(model.owned[rows], rows), model.owned[rows], shown) for rows in blocks])
    row, place = np.nonzero(best >= 0)
    return pd.DataFrame({"number": row, "product_number": best[row, place]})


def _ineligible(con: db.Connection, shown: pd.DataFrame) -> tuple[float, int]:
    _insert(con, "advice_shown", shown[["number", "product_number"]])
    share, n = con.execute(db.sql("core/advice/sql/share_ineligible")).fetchall()[0]
    con.execute("DROP TABLE advice_shown")
    return share, n


def _insert(con: db.Connection, table: str, rows: pd.DataFrame) -> None:
    """A temporary table of a frame."""
    con.register("advice_rows", pa.Table.from_pandas(rows, preserve_index=False))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM advice_rows")
    con.unregister("advice_rows")
