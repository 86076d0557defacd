"""Explanation of the models: mean contributions of features, the champion's row by row, and interactions.

Contributions are in log-odds, summed over the matrix columns of one feature, and measured on tested rows (importance)
or on a sample of all rows (the champion's beeswarm). shap is imported only when it is used: that takes seconds.
"""

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from imblearn.pipeline import Pipeline
from lightgbm import LGBMClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from core.compare.candidates import Candidate
from core.compare.columns import Features
from core.compare.comparison import Results, refit
from core.compare.comparison_data import ComparisonData
from core.compare.pipelines import RecipeClassifier, preprocessing, sources
from core.compare.table import Progress

Array = np.ndarray

SWARM_ROWS, SWARM_FEATURES = 500, 15
IMPORTANCE_ROWS = 300
CHUNK = 10  # rows that are explained before the time is checked again
PAIRS = 20
SHARE = 0.2  # of the seconds of the whole comparison


def explanation(data: ComparisonData, results: Results, key: str, progress: Progress) -> dict[str, Any]:
    """The parts "importance", "beeswarm" and "interactions" of report.json, cut short when the time is up."""
    if not data.options.explain:
        return {"importance": {}, "beeswarm": [], "interactions": [], "explained": "not asked for"}
    progress("the champion on all rows", 0.86)
    champion = refit(data, results, key)
    seconds = SHARE * data.options.seconds
    with threadpool_limits(1):
        progress("what moves each model", 0.9)
        importance = _importance(data, results, seconds / 2)
        progress("the champion's contributions", 0.95)
        swarm = _swarm(data, champion, seconds / 4)
        pairs, source = _interactions(data, results, champion, seconds / 4)
    return {"importance": importance, "beeswarm": swarm, "interactions": pairs, "interactions_of": source}


def _importance(data: ComparisonData, results: Results, seconds: float) -> dict[str, list[dict[str, Any]]]:
    rows = np.random.default_rng(0).permutation(data.split.folds[-1].test)[:IMPORTANCE_ROWS]
    done: dict[int, Array] = {}
    importance = {}
    for key, models in results.candidates.items():
        parts = contributions(models[-1], data.X[rows], time.monotonic() + seconds / len(results.candidates), done)
        importance[key] = ranking(parts, data.features.names)
    return importance


def ranking(parts: Array, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Features by mean absolute contribution, largest first."""
    means = np.abs(parts).mean(axis=0)
    return [{"feature": names[place], "mean_abs": float(means[place])} for place in np.argsort(-means, kind="stable")]


def contributions(candidate: Candidate, X: Array, until: float, done: dict[int, Array] | None = None) -> Array:
    """Contributions in log-odds, one column a feature; fewer rows than given when the time `until` is reached.

    `done` keeps those of candidates that are members of a blend too.
    """
    done = {} if done is None else done
    if id(candidate) not in done:
        parts = [contributions(member, X, until, done) for member in candidate.members]
        parts += [_by_feature(fitted, X, until) for fitted in candidate.pipelines]
        rows = min(len(part) for part in parts)
        done[id(candidate)] = candidate.slope * np.mean([part[:rows] for part in parts], axis=0)
    return done[id(candidate)]


def _by_feature(fitted: Pipeline, X: Array, until: float) -> Array:
    parts = _by_column(fitted[-1], preprocessing(fitted).transform(X), until)
    sums = np.zeros((len(parts), X.shape[1]))
    np.add.at(sums.T, sources(fitted), parts.T)
    return sums


def _by_column(model: Any, matrix: Array, until: float) -> Array:
    if isinstance(model, (LGBMClassifier, RecipeClassifier)):
        boosters = model.boosters_ if isinstance(model, RecipeClassifier) else [model.booster_]
        return np.mean([part.predict(matrix, pred_contrib=True, num_threads=1) for part in boosters], axis=0)[:, :-1]
    if isinstance(model, LogisticRegression):
        return model.coef_[0] * (matrix - matrix.mean(axis=0))
    import shap

    explainer = shap.TreeExplainer(model)
    values = _chunked(lambda rows: explainer.shap_values(rows, check_additivity=False), matrix, until)
    if isinstance(model, RandomForestClassifier):
        return _in_log_odds(values[..., 1], explainer.expected_value[1])
    return values


def _in_log_odds(parts: Array, base: float) -> Array:
    """A forest's contributions add up in probability; scaled so that each row adds up in log-odds."""
    ends = np.clip(base + parts.sum(axis=1), 1e-3, 1 - 1e-3)
    gap = np.where(np.abs(ends - base) > 1e-6, ends - base, np.nan)
    scale = (np.log(ends / (1 - ends)) - np.log(base / (1 - base))) / gap
    return parts * np.where(np.isnan(scale), 1 / (base * (1 - base)), scale)[:, None]


def _chunked(explain: Callable[[Array], Array], matrix: Array, until: float) -> Array:
    chunks: list[Array] = []
    for start in range(0, len(matrix), CHUNK):
        if chunks and time.monotonic() > until:
            break
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # shap warns at every call about changes between its versions
            chunks.append(explain(matrix[start : start + CHUNK]))
    return np.concatenate(chunks)


def _swarm(data: ComparisonData, champion: Candidate, seconds: float) -> list[dict[str, Any]]:
    rows = np.sort(np.random.default_rng(data.options.seed).permutation(len(data.labels))[:SWARM_ROWS])
    parts = contributions(champion, data.X[rows], time.monotonic() + seconds)
    strongest = np.argsort(-np.abs(parts).mean(axis=0), kind="stable")[:SWARM_FEATURES]
    return [dot for place in strongest for dot in _dots(data.features, int(place), parts, rows[: len(parts)])]


def _dots(features: Features, place: int, parts: Array, rows: Array) -> list[dict[str, Any]]:
    """One feature's dots: value (a category's name), its place among the sample from 0 to 1, contribution."""
    name = features.names[place]
    numbers = features.values[name].to_numpy()[rows]
    levels = features.levels.get(name)
    finite = np.isfinite(numbers)
    order = np.searchsorted(np.sort(numbers), numbers, side="left") / max(1, int(finite.sum()) - 1)
    return [
        {
            "feature": name,
            "value": (levels[int(number)] if levels else float(number)) if is_number else None,
            "value_pct": float(min(share, 1.0)) if is_number else None,
            "contribution": float(part),
            "row": int(row),
        }
        for number, is_number, share, part, row in zip(numbers, finite, order, parts[:, place], rows, strict=True)
    ]


def _interactions(
    data: ComparisonData, results: Results, champion: Candidate, seconds: float
) -> tuple[list[dict[str, Any]], str]:
    """Pairs of features by the mean absolute contribution they only have together, in log-odds."""
    if champion.key in ("logistic", "logistic_smote"):
        return [], "a logistic regression has none"
    source = "boosting" if "boosting" in results.candidates else "lightgbm"
    if source not in results.candidates:
        return [], "skipped: neither boosting nor LightGBM was run"
    import shap

    candidate = results.candidates[source][-1]
    fitted = candidate.pipelines[0]
    rows = np.random.default_rng(1).permutation(data.split.folds[-1].test)[:SWARM_ROWS]
    matrix = preprocessing(fitted).transform(data.X[rows])
    values = _chunked(shap.TreeExplainer(fitted[-1]).shap_interaction_values, matrix, time.monotonic() + seconds)
    strength = 2 * np.abs(candidate.slope * values).mean(axis=0)
    return _pairs(strength, sources(fitted), data.features.names), f"{source}, {len(values)} tested rows"


def _pairs(strength: Array, sources: Array, names: tuple[str, ...]) -> list[dict[str, Any]]:
    sums = np.zeros((len(names), len(names)))
    np.add.at(sums, np.ix_(sources, sources), strength)
    upper = [(sums[a, b], a, b) for a in range(len(names)) for b in range(a + 1, len(names))]
    best = sorted(upper, key=lambda pair: -pair[0])[:PAIRS]
    return [
        {"feature_a": names[a], "feature_b": names[b], "strength": float(value)} for value, a, b in best if value > 0
    ]
