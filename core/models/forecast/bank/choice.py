"""Which revenue forecast serves: the combined models, the global model alone, or the best baseline."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.models.forecast.accuracy import wape
from core.models.forecast.arrays import Array
from core.models.forecast.bank.accuracy import BASELINES, baselines
from core.models.forecast.bank.features import ForecastRows
from core.models.forecast.hierarchy import LevelPredictions
from core.models.forecast.hierarchy_weights import UNTESTED, Verdict, Weights

COMBINED, GLOBAL, BASELINE = "combined", "global", "baseline"


@dataclass(frozen=True)
class Choice:
    """`source` is COMBINED, GLOBAL or BASELINE, `baseline` the name of the best baseline; `reason` is why."""

    source: str
    baseline: str
    reason: str = ""
    verdict: Verdict = UNTESTED

    def forecast(self, rows: ForecastRows, predictions: LevelPredictions | None, weights: Weights | None) -> Array:
        """The served forecast of each row, in the unit of the target, (n,)."""
        if self.source == BASELINE or predictions is None or weights is None:
            return rows.log(baselines(rows)[self.baseline])
        return weights.combined(predictions, rows) if self.source == COMBINED else predictions.whole

    def used_models(self, weights: Weights) -> int:
        """Number of models that the served forecast depends on."""
        return {COMBINED: weights.used, GLOBAL: 1, BASELINE: 0}[self.source]


def choose(verdict: Verdict, forecasts: Mapping[str, Array], rows: ForecastRows) -> Choice:
    """Combined if the hierarchy pays, else global, unless a baseline has the lower WAPE.

    forecasts : won by name, (n,) each: COMBINED, GLOBAL and every baseline
    """
    errors = {name: wape(forecast, rows.actual) for name, forecast in forecasts.items()}
    best = min(BASELINES, key=errors.__getitem__)
    source = COMBINED if verdict.pays else GLOBAL
    if errors[best] <= errors[source]:
        return Choice(BASELINE, best, f"{best} was better out of time", verdict)
    return Choice(source, best, verdict.reason, verdict)
