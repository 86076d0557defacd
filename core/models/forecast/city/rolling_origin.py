"""Rolling-origin forecasts of every trade-area series one quarter ahead, each from the quarters before it alone.

For each quarter: features, learners and regions from the columns before it; weights, gates and intervals from the
errors of forecasts of earlier quarters. The outcome of a quarter is used from the next one on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.models.forecast import hierarchy
from core.models.forecast.arrays import Array
from core.models.forecast.city import baselines, blend, intervals, learners
from core.models.forecast.city.blend import Outcome
from core.models.forecast.city.category_moves import expected
from core.models.forecast.city.features import features
from core.models.forecast.city.panel import Panel, shifted, span
from core.models.forecast.city.regions import regions
from core.models.forecast.hierarchy import LEVELS, LevelPredictions, Rows
from core.models.forecast.hierarchy_weights import Validation, Weights, decide
from core.progress import Progress

TRAINING_QUARTERS = 12  # whose rows are fitted on, at most
PAST_FORECASTS = 12  # forecast quarters that weights and intervals come from, at most
MODELS = ("combined", *LEVELS, "last_value", "seasonal_naive", "moving_average", "auto_theta")


@dataclass(frozen=True)
class FittedModels:
    """What was fitted before one quarter, and its log corrections by learner, (n_series,)."""

    line: learners.Line
    trees: hierarchy.Hierarchy
    levels: LevelPredictions
    weights: Weights | None
    corrections: Mapping[str, Array]


@dataclass(frozen=True)
class QuarterForecast:
    """The forecasts of one quarter by model, (n_series,) each, their bounds, and what they were made from."""

    target: int
    last: Array
    scale: Array
    regions: Array
    season: Array  # expected move of the category
    models: FittedModels | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    gates: Mapping[str, bool] = field(default_factory=dict)
    forecasts: Mapping[str, Array] = field(default_factory=dict)
    bounds: Mapping[str, Mapping[str, Array]] = field(default_factory=dict)
    short: int = 0  # series too short for AutoTheta

    def expected(self) -> Array:
        """The common move that is used, (n_series,): the season, or none where it did not pay."""
        return self.season if self.gates.get("season", True) else np.zeros_like(self.season)

    def mixture(self) -> Array:
        """Forecast of season and learners together, (n_series,), whether or not it serves."""
        corrections = self.models.corrections if self.models else {}
        shares = [share * corrections[name] for name, share in self.weights.items() if name in corrections]
        mixture: Array = self.last * np.exp(sum(shares, self.expected()))
        return mixture


@dataclass(frozen=True)
class History:
    """The forecasts of the quarters before, and the panel with their outcomes."""

    panel: Panel
    forecasts: Sequence[QuarterForecast]

    @property
    def fitted(self) -> list[QuarterForecast]:
        """The forecasts that had fitted models."""
        return [past for past in self.forecasts if past.models]

    def outcomes(self) -> list[Outcome]:
        """Earlier quarters with fitted models: weights and gates of the learners come from them."""
        return [
            Outcome(
                past.last,
                self.panel.at(past.target),
                past.models.corrections if past.models else {},
                past.season,
                self.panel.values["move"][:, self.panel.quarters.index(past.target)],
                past.mixture(),
            )
            for past in self.fitted
        ]

    def level_weights(self, trees: hierarchy.Hierarchy) -> Weights | None:
        """Gates and weights of the levels from their predictions of earlier quarters; None without any."""
        parts = [_known(self.panel, past) for past in self.fitted]
        if not parts:
            return None
        rows = learners.weighted(Rows.concat([rows for rows, _ in parts]))

        def loss(predictions: Array) -> Array:
            return np.abs(rows.target - predictions) * rows.weight

        predictions = LevelPredictions.concat([levels for _, levels in parts])
        return decide(Validation(rows, predictions, loss, rows.period), trees.counts)

    def errors(self, model: str) -> list[Array]:
        """Scaled log errors of a model by earlier quarter."""
        return [_scaled_error(self.panel, past, model) for past in self.forecasts if model in past.forecasts]


def _known(panel: Panel, past: QuarterForecast) -> tuple[Rows, LevelPredictions]:
    """Rows of an earlier quarter whose outcome is known, and the predictions of the levels for them."""
    assert past.models is not None
    rows = learners.known_rows(panel, past.regions, past.target, np.zeros((len(past.last), 0)))
    return rows, past.models.levels.select(rows.entity)


def _scaled_error(panel: Panel, past: QuarterForecast, model: str) -> Array:
    actual, forecast = panel.at(past.target), past.forecasts[model]
    ratio = np.where((actual > 0) & (forecast > 0), actual, np.nan) / np.where(forecast > 0, forecast, np.nan)
    return np.log(ratio) / past.scale


def rolling_forecasts(
    panel: Panel,
    first: int,
    last: int,
    theta: bool = False,
    progress: Progress | None = None,
    warm_up: int = PAST_FORECASTS,
) -> Iterator[QuarterForecast]:
    """The forecasts of the quarters from first to last; `warm_up` earlier ones are made too, to choose weights from."""
    measured: dict[int, Array] = {}
    forecasts: list[QuarterForecast] = []
    earliest = shifted(panel.quarters[0], 2)
    start = max(earliest, shifted(first, -warm_up))
    for target in span(max(earliest, shifted(start, -TRAINING_QUARTERS)), last):
        before = panel.before(target)
        measured[target] = features(before)
        if target < start:
            continue
        if progress:
            progress(f"{target}", len(forecasts) / (len(forecasts) + 1))
        history = History(before, forecasts[-PAST_FORECASTS:])
        forecasts.append(quarter_forecast(history, measured, target, theta and target >= first))
        if target >= first:
            yield forecasts[-1]


def quarter_forecast(history: History, measured: Mapping[int, Array], target: int, theta: bool) -> QuarterForecast:
    """The forecasts of one quarter from what lies before it; `measured` holds the features for it and earlier ones."""
    panel, outcomes = history.panel, history.outcomes()
    last = baselines.last_value(panel.values["sales"])
    season = expected(panel.values["move"], panel.quarters, target)
    bare = QuarterForecast(target, last, intervals.scale(panel), regions(panel), season)
    forecast = replace(
        bare,
        models=_models(history, bare, measured),
        weights=blend.weights(outcomes),
        gates={"season": blend.season_pays(outcomes), "combination": blend.combination_pays(outcomes)},
    )
    untrained, short = _baselines(panel, theta)
    forecasts = _trained(forecast) | untrained
    return replace(forecast, forecasts=forecasts, short=short, bounds=_bounds(history, forecasts, bare.scale))


def _models(history: History, forecast: QuarterForecast, measured: Mapping[int, Array]) -> FittedModels | None:
    """Line and trees fitted on earlier quarters; None while there is nothing to fit on."""
    panel, areas, values = history.panel, forecast.regions, measured[forecast.target]
    earlier = sorted(measured)[-TRAINING_QUARTERS - 1 : -1]
    rows = learners.training_rows(panel, areas, {quarter: measured[quarter] for quarter in earlier})
    if rows is None:
        return None
    line, trees = learners.line(rows), learners.trees(panel, areas, rows)
    ahead = learners.unknown_rows(panel, areas, values)
    levels, weights = hierarchy.predict(trees, ahead), history.level_weights(trees)
    combined = weights.combined(levels, ahead) if weights else levels.whole
    return FittedModels(line, trees, levels, weights, {"line": line.predict(values), "trees": combined})


def _trained(forecast: QuarterForecast) -> dict[str, Array]:
    """Forecasts of the trained models; a level without a model for a series takes the level above."""
    season = forecast.expected()
    if not forecast.models:
        return dict.fromkeys(("combined", *LEVELS), forecast.last * np.exp(season))
    by_level, correction = {}, forecast.models.levels.whole
    for level in LEVELS:
        own = forecast.models.levels.of(level)
        correction = np.where(np.isnan(own), correction, own)
        by_level[level] = forecast.last * np.exp(season + correction)
    return {"combined": forecast.mixture() if forecast.gates["combination"] else forecast.last} | by_level


def _baselines(panel: Panel, theta: bool) -> tuple[dict[str, Array], int]:
    """Forecasts that need no training; AutoTheta only if wanted, and the number of series too short for it."""
    sales, short = panel.values["sales"], 0
    forecasts = {
        "last_value": baselines.last_value(sales),
        "seasonal_naive": baselines.seasonal_naive(sales),
        "moving_average": baselines.moving_average(sales),
    }
    if theta:
        forecasts["auto_theta"], short = baselines.auto_theta(sales)
    has_last = np.isfinite(forecasts["last_value"])
    return {name: np.where(has_last, values, np.nan) for name, values in forecasts.items()}, short


def _bounds(history: History, forecasts: Mapping[str, Array], scale: Array) -> dict[str, dict[str, Array]]:
    """Bounds of every model's forecasts, from its errors in earlier quarters, else from the last value's."""
    usual = intervals.last_value_errors(history.panel, scale)
    return {
        name: intervals.bounds(forecast, scale, history.errors(name) or usual) for name, forecast in forecasts.items()
    }
