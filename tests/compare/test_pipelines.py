"""What a pipeline learns comes from its training rows alone, and from a row's own label never."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import Pipeline
from sklearn import config_context
from threadpoolctl import threadpool_limits

from core.compare import pipelines
from core.compare.comparison_data import prepare
from core.compare.pipelines import TrainingPart
from core.compare.table import Options
from tests.compare.tables import loans, part_of, table

Array = np.ndarray
NAMES = ("logistic", "forest", "boosting", "lightgbm", "recipe")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """One OpenMP thread, as in the workers of a comparison: teams of threads wait for each other on a busy machine."""
    with threadpool_limits(1):
        yield


def part_with(frame: pd.DataFrame, labels: Array, groups: Array) -> TrainingPart:
    data = prepare(table(frame.assign(bad=labels, entity=groups), entity="entity"), Options())
    return data.part(np.arange(len(frame)))


def matrix_of(part: TrainingPart) -> Array:
    """The matrix that LightGBM learns from."""
    encoder = pipelines.pipeline(pipelines.family("lightgbm", part), part)[0]
    with config_context(enable_metadata_routing=True):
        return encoder.fit_transform(part.X, part.labels, groups=part.groups)


def fitted(name: str, part: TrainingPart) -> Pipeline:
    family = pipelines.family(name, part)
    with config_context(enable_metadata_routing=True):
        return pipelines.pipeline(family, part).set_params(**family.first).fit(part.X, part.labels, groups=part.groups)


def test_a_category_without_meaning_gets_no_meaning_from_its_own_labels() -> None:
    # 200 levels of five rows each, labels by chance: rates with the own label would rank them far above 0.5.
    labels = np.random.default_rng(0).integers(0, 2, 1000).astype(float)
    frame = pd.DataFrame({"city": [f"c{number}" for number in np.arange(1000) % 200]})
    rates = matrix_of(part_with(frame, labels, np.arange(1000)))
    naive = frame.assign(label=labels).groupby("city")["label"].transform("mean").to_numpy()
    assert naive[labels == 1].mean() - naive[labels == 0].mean() > 0.1
    assert rates[labels == 1].mean() - rates[labels == 0].mean() < 0.05


def test_rows_of_one_entity_do_not_tell_each_other_their_label() -> None:
    frame = pd.DataFrame({"city": np.repeat([f"c{number}" for number in range(100)], 5)})
    labels = np.repeat(np.random.default_rng(0).integers(0, 2, 100), 5).astype(float)
    rates = matrix_of(part_with(frame, labels, np.repeat(np.arange(100), 5)))
    # each city is one entity: nothing is known about it from elsewhere, so every row has the mean of the others
    assert np.ptp(rates) < 0.5


@pytest.mark.parametrize("name", NAMES)
def test_the_rows_to_be_scored_change_nothing_that_is_learned(name: str) -> None:
    frame = loans().assign(city=[f"c{number % 40}" for number in range(400)])
    part = part_of(frame, np.arange(300))
    others = part_of(frame, np.arange(300, 400)).X
    model = fitted(name, part)
    before = model.predict_proba(part.X)
    model.predict_proba(others)
    np.testing.assert_array_equal(model.predict_proba(part.X), before)


@pytest.mark.parametrize("smote", [False, True])
def test_nothing_is_missing_where_the_model_cannot_bear_it(smote: bool) -> None:
    part = part_of(loans(), np.arange(400))
    name = "boosting" if smote else "logistic"
    steps = pipelines.preprocessing(pipelines.pipeline(pipelines.family(name, part), part, smote))
    assert np.isnan(part.X).any()
    with config_context(enable_metadata_routing=True):
        assert np.isfinite(steps.fit_transform(part.X, part.labels, groups=part.groups)).all()


def test_each_matrix_column_belongs_to_a_feature() -> None:
    part = part_of(loans().assign(city=[f"c{number % 40}" for number in range(400)]), np.arange(400))
    for name in NAMES:
        model = fitted(name, part)
        width = pipelines.preprocessing(model).transform(part.X).shape[1]
        assert len(pipelines.sources(model)) == width
        assert set(pipelines.sources(model)) == set(range(5))


def test_a_level_never_seen_is_an_average_one() -> None:
    frame = pd.DataFrame({"city": [f"c{number}" for number in np.arange(1000) % 50]})
    labels = (np.arange(1000) % 4 == 0).astype(float)
    part = part_with(frame, labels, np.arange(1000))
    encoder = pipelines.pipeline(pipelines.family("lightgbm", part), part)[0]
    with config_context(enable_metadata_routing=True):
        encoder.fit(part.X, part.labels, groups=part.groups)
    assert encoder.transform(np.array([[99.0]])) == pytest.approx(0.25)
