"""What moves each model: mean contributions of the features, the champion's swarm and its interactions.

Contributions are in log-odds, summed over the matrix columns of one feature, and measured on tested rows (importance)
or on a sample of all rows (the champion's swarm). shap is imported here alone and only when asked: it costs seconds.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from core.compare.columns import Sheet
from core.compare.compare import Ground, Results
from core.compare.encode import Encoder
from core.compare.fitting import Blend, Clock, Filled, Scorer
from core.compare.table import Options, Tell

Array = np.ndarray

SWARM_ROWS, SWARM_FEATURES = 500, 15
IMPORTANCE_ROWS = 300
CHUNK = 10  # rows explained between two looks at the clock
PAIRS = 20
SHARE = 0.2  # of the search's seconds


def explained(ground: Ground, results: Results, champion: Scorer, options: Options, tell: Tell) -> dict[str, Any]:
    """The parts "importance", "beeswarm" and "interactions" of report.json, and what the clock cut."""
    if not options.explain:
        return {"importance": {}, "beeswarm": [], "interactions": [], "explained": "not asked for"}
    seconds = SHARE * options.seconds
    with threadpool_limits(1):
        tell("what moves each model", 0.9)
        importance = _importance(ground, results, seconds / 2)
        tell("the champion's contributions", 0.95)
        swarm = _swarm(ground, champion, options, seconds / 4)
        pairs, source = _interactions(ground, results, champion, seconds / 4)
    return {"importance": importance, "beeswarm": swarm, "interactions": pairs, "interactions_of": source}


def _importance(ground: Ground, results: Results, seconds: float) -> dict[str, list[dict[str, Any]]]:
    test = ground.split.folds[-1].test
    rows = np.random.default_rng(0).permutation(test)[:IMPORTANCE_ROWS]
    sheet = ground.sheet.take(rows)
    cache: dict[int, Array] = {}
    found = {}
    for key, scorers in results.scorers.items():
        parts = contributions(scorers[-1], sheet, Clock.of(seconds / len(results.scorers)), cache)
        found[key] = ranked(parts, sheet.names)
    return found


def ranked(parts: Array, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Features by mean absolute contribution, largest first."""
    means = np.abs(parts).mean(axis=0)
    return [{"feature": names[place], "mean_abs": float(means[place])} for place in np.argsort(-means, kind="stable")]


def contributions(scorer: Scorer, sheet: Sheet, clock: Clock, cache: dict[int, Array] | None = None) -> Array:
    """Contributions in log-odds, one column a feature; fewer rows than asked when the clock runs out."""
    cache = {} if cache is None else cache
    if id(scorer) in cache:
        return cache[id(scorer)]
    if isinstance(scorer.model, Blend):
        parts = [contributions(member, sheet, clock, cache) for member in scorer.model.members]
        rows = min(len(part) for part in parts)
        weighted = [weight * part[:rows] for weight, part in zip(scorer.model.weights, parts, strict=True)]
        return scorer.slope * np.sum(weighted, axis=0)
    assert scorer.encoder is not None
    matrix = scorer.encoder.transform(sheet)
    model = scorer.model
    if isinstance(model, Filled):
        matrix, model = model.filler.scaled(matrix), model.model
    cache[id(scorer)] = scorer.slope * _by_feature(_columns(model, matrix, clock), scorer.encoder, len(sheet.names))
    return cache[id(scorer)]


def _by_feature(parts: Array, encoder: Encoder, features: int) -> Array:
    found = np.zeros((len(parts), features))
    np.add.at(found, (slice(None), np.array(encoder.sources)), parts)  # type: ignore[arg-type]
    return found


def _columns(model: Any, matrix: Array, clock: Clock) -> Array:
    if model.family == "lightgbm":
        rounds = model.rounds or None
        parts = [each.predict(matrix, pred_contrib=True, num_iteration=rounds, num_threads=1) for each in model.models]
        return np.mean(parts, axis=0)[:, :-1]
    import shap

    only = model.models[0]
    if model.family == "logistic":
        return shap.LinearExplainer(only, shap.maskers.Independent(matrix, max_samples=len(matrix))).shap_values(matrix)
    explainer = shap.TreeExplainer(only)
    values = _chunked(lambda rows: explainer.shap_values(rows, check_additivity=False), matrix, clock)
    return values if model.family == "boosting" else _in_log_odds(values[..., 1], explainer.expected_value[1])


def _in_log_odds(parts: Array, base: float) -> Array:
    """A forest's contributions add up in probability; stretched so that each row adds up in log-odds."""
    ends = np.clip(base + parts.sum(axis=1), 1e-3, 1 - 1e-3)
    gap = np.where(np.abs(ends - base) > 1e-6, ends - base, np.nan)
    stretch = (np.log(ends / (1 - ends)) - np.log(base / (1 - base))) / gap
    return parts * np.where(np.isnan(stretch), 1 / (base * (1 - base)), stretch)[:, None]


def _chunked(explain: Callable[[Array], Array], matrix: Array, clock: Clock) -> Array:
    found: list[Array] = []
    for start in range(0, len(matrix), CHUNK):
        if found and clock.left() < 0:
            break
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # shap repeats what its versions changed
            found.append(explain(matrix[start : start + CHUNK]))
    return np.concatenate(found)


def _swarm(ground: Ground, champion: Scorer, options: Options, seconds: float) -> list[dict[str, Any]]:
    rows = np.sort(np.random.default_rng(options.seed).permutation(len(ground.labels))[:SWARM_ROWS])
    sheet = ground.sheet.take(rows)
    parts = contributions(champion, sheet, Clock.of(seconds))
    strongest = np.argsort(-np.abs(parts).mean(axis=0), kind="stable")[:SWARM_FEATURES]
    return [entry for place in strongest for entry in _dots(sheet, int(place), parts, rows)]


def _dots(sheet: Sheet, place: int, parts: Array, rows: Array) -> list[dict[str, Any]]:
    """One feature's dots: value (a category's name), its place among the sample from 0 to 1, contribution."""
    name, count = sheet.names[place], len(parts)
    if place < len(sheet.number_names):
        numbers = sheet.numbers[:count, place]
        values: list[Any] = [float(value) if np.isfinite(value) else None for value in numbers]
    else:
        numbers = sheet.codes[:count, place - len(sheet.number_names)].astype(float)
        levels = sheet.levels[place - len(sheet.number_names)]
        values = [levels[int(code)] if code >= 0 else None for code in numbers]
        numbers = np.where(numbers < 0, np.nan, numbers)
    order = np.searchsorted(np.sort(numbers), numbers, side="left") / max(1, int(np.isfinite(numbers).sum()) - 1)
    percent = [
        float(min(share, 1.0)) if np.isfinite(number) else None for share, number in zip(order, numbers, strict=True)
    ]
    return [
        {"feature": name, "value": value, "value_pct": share, "contribution": float(part), "row": int(row)}
        for value, share, part, row in zip(values, percent, parts[:, place], rows, strict=False)
    ]


def _interactions(
    ground: Ground, results: Results, champion: Scorer, seconds: float
) -> tuple[list[dict[str, Any]], str]:
    """Pairs of features by the mean absolute contribution they only have together, in log-odds."""
    if champion.key in ("logistic", "logistic_smote"):
        return [], "a logistic regression has none"
    source = "boosting" if "boosting" in results.scorers else "lightgbm"
    if source not in results.scorers or results.scorers[source][-1].encoder.categorical:  # type: ignore[union-attr]
        return [], "skipped: shap has no interaction values for this model's categories"
    import shap

    scorer = results.scorers[source][-1]
    assert scorer.encoder is not None
    rows = np.random.default_rng(1).permutation(ground.split.folds[-1].test)[:SWARM_ROWS]
    explainer = shap.TreeExplainer(scorer.model.models[0])
    matrix = scorer.encoder.transform(ground.sheet.take(rows))
    values = _chunked(explainer.shap_interaction_values, matrix, Clock.of(seconds))
    strength = 2 * np.abs(scorer.slope * values).mean(axis=0)
    text = f"{source}, {len(values)} tested rows"
    return _pairs(strength, scorer.encoder, ground.sheet.names), text


def _pairs(strength: Array, encoder: Encoder, names: tuple[str, ...]) -> list[dict[str, Any]]:
    found = np.zeros((len(names), len(names)))
    np.add.at(found, np.ix_(encoder.sources, encoder.sources), strength)
    upper = [(found[a, b], a, b) for a in range(len(names)) for b in range(a + 1, len(names))]
    best = sorted(upper, key=lambda pair: -pair[0])[:PAIRS]
    return [
        {"feature_a": names[a], "feature_b": names[b], "strength": float(value)} for value, a, b in best if value > 0
    ]
