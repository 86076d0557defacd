"""Rolling origins of the revenue models: which months fit, validate and test them.

    ... origins to train on ... | validation | validation | test | three months without outcomes yet | as_of

The models of a fold are fitted on outcomes known at its cut and predict every origin from the cut on. Gates, weights
and the width of intervals come from the validation folds; the test fold is used once, by models that end before it.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from core.models.forecast.arrays import Array
from core.models.forecast.bank.features import FEATURES, HORIZONS, ForecastRows, rows_of
from core.models.forecast.bank.series import Book, Season
from core.models.forecast.hierarchy import COUNTS, Hierarchy, LevelPredictions, Loss, Recipe, fit, predict
from core.models.forecast.hierarchy_weights import Validation, Weights, decide

Cells = tuple[tuple[str, ...], tuple[str, ...]]  # regions, categories

THREADS = 2  # folds at a time
FOLD = 6  # origins that a fold predicts
VALIDATIONS = 2
BACK = 30  # months of origins to train on; older ones moved no figure (48 against 30: less than 0.1 points of WAPE)
EVERY = 3  # each business is trained on at every third origin: neighbouring origins repeat each other
MIN_BACK = 9  # fewer months of origins cannot carry a model
FIRST_MONTHS = 6  # of sales before the first origin
LONGEST = max(HORIZONS)
MIN_USUAL_KRW = 100_000.0  # the error of a smaller business counts as a share of this

RECIPE = Recipe(
    FEATURES,
    # Chosen on the validation folds, where the loss is flat from 8 to 31 leaves and 120 to 300 trees.
    rounds={"global": 120, "regional": 40, "local": 20},
    # Models of their own lose 2 to 5 % to the global one on the demo's folds, corrections on top of it nothing.
    onto_global=True,
)


@dataclass(frozen=True)
class Plan:
    """Cuts of the folds as month numbers, oldest first; `test` is None when the history is too short for a test."""

    first: int  # first origin that can be trained on
    last: int
    validations: tuple[int, ...]
    test: int | None

    @property
    def cuts(self) -> tuple[int, ...]:
        """Cuts of all folds, the test's last."""
        return self.validations if self.test is None else (*self.validations, self.test)

    @property
    def origins(self) -> range:
        """Every origin that any fold needs."""
        return range(max(self.first, min(self.cuts) - BACK), max(self.cuts) + FOLD) if self.cuts else range(0)

    @property
    def newest(self) -> range:
        """Origins that the served models are trained on."""
        return range(max(self.first, self.last - BACK), self.last)


def plan(first_month: int, last: int) -> Plan:
    """The folds that a history from `first_month` to `last` can carry.

    >>> folds = plan(0, 71)
    >>> folds.validations, folds.test, folds.origins
    ((49, 55), 63, range(19, 69))
    >>> plan(0, 20).test is None
    True
    """
    first = first_month + FIRST_MONTHS - 1
    test = last - LONGEST - FOLD + 1
    # The outcomes of a validation origin must be known when the test begins.
    newest = test - LONGEST - FOLD + 1
    validations = [newest - FOLD * back for back in reversed(range(VALIDATIONS))]

    def is_enough(cut: int) -> bool:
        return cut - LONGEST - first >= MIN_BACK

    return Plan(first, last, tuple(filter(is_enough, validations)), test if is_enough(test) else None)


@dataclass(frozen=True)
class Fold:
    """Rows after a cut with known outcomes, and the predictions of models fitted up to the cut."""

    cut: int
    rows: ForecastRows
    predictions: LevelPredictions


def trainable(rows: ForecastRows, cut: int) -> Array:
    """Rows that models of this cut may be fitted on, (n,) booleans: outcomes known by then, every third origin."""
    turn = (rows.period + rows.entity) % EVERY == 0
    return rows.is_known & (rows.month <= cut) & (rows.period > cut - BACK) & turn


def history(book: Book, season: Season, plan: Plan) -> ForecastRows:
    """Rows of every origin that the folds need; all businesses where a fold predicts, every third one elsewhere."""
    predicted = [origin for cut in plan.cuts for origin in range(cut, cut + FOLD)]
    trained = [origin for origin in plan.origins if origin not in predicted]
    return ForecastRows.concat([rows_of(book, season, trained, EVERY), rows_of(book, season, predicted)])


def folds_of(rows: ForecastRows, cuts: Sequence[int], cells: Cells) -> list[Fold]:
    """A fold for each cut that has rows to train on, two at a time."""

    def fold(cut: int) -> Fold:
        models = fit(RECIPE, rows.select(trainable(rows, cut)), *cells)
        predicted = rows.select(rows.is_known & (rows.period >= cut) & (rows.period < cut + FOLD))
        return Fold(cut, predicted, predict(models, predicted))

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(fold, [cut for cut in cuts if trainable(rows, cut).any()]))


def loss_of(rows: ForecastRows) -> Loss:
    """Loss of predictions: |forecast - actual| as a share of the usual month of the business."""
    usual = np.maximum(np.nan_to_num(rows.usual), MIN_USUAL_KRW)
    return lambda predictions: np.abs(rows.won(predictions) - rows.actual) / usual


def weights_of(folds: Sequence[Fold], models: Hierarchy) -> Weights:
    """Gates and weights from the validation folds."""
    rows = ForecastRows.concat([fold.rows for fold in folds])
    predictions = LevelPredictions.concat([fold.predictions for fold in folds])
    return decide(Validation(rows, predictions, loss_of(rows), rows.month), models.counts)


def newest_models(book: Book, season: Season, plan: Plan, cells: Cells) -> Hierarchy | None:
    """The models that serve, fitted on the newest outcomes; None when there are not enough of them."""
    if len(plan.newest) < MIN_BACK:
        return None
    rows = rows_of(book, season, plan.newest, EVERY)
    rows = rows.select(trainable(rows, plan.last))
    return fit(RECIPE, rows, *cells) if len(rows) else None


def with_counts(weights: Weights, models: Hierarchy) -> Weights:
    """The same weights with the counts of the models that serve; a cell without a model has no weight."""
    table = weights.table.drop(columns=list(COUNTS)).merge(models.counts[["model_id", *COUNTS]], on="model_id")
    own = np.where(table["fitted"], table["weight"], 0.0)
    return replace(weights, table=table.assign(weight=own, used=own > 0))
