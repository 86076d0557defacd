"""Scoring as one function from Arrow batches to Arrow batches: DuckDB and Spark (mapInArrow) run the same object.

It holds the model as text, so it can be shipped to a worker, and every thread count is explicit.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import pyarrow as pa

from core.models.classifier.explain import in_probability, reason_names, reasons
from core.models.classifier.model import Model, sigmoid

SCORE_FIELDS = [("business_id", pa.string()), ("log_odds", pa.float64()), ("probability", pa.float64())]
REASON_FIELDS = [
    ("base", pa.float64()),
    ("reasons", pa.list_(pa.string())),
    ("contributions", pa.list_(pa.float64())),
    ("contributions_p", pa.list_(pa.float64())),
    ("features", pa.list_(pa.string())),
    ("feature_values", pa.list_(pa.float64())),
]


@dataclass(frozen=True)
class Scorer:
    """Callable: batches with business_id and the features in, one scored row each out.

    With `explain` every row carries its ranked reasons as lists of equal length.
    """

    features: tuple[str, ...]
    signs: tuple[int, ...]
    reasons: tuple[str, ...]
    seeds: tuple[int, ...]
    texts: tuple[str, ...]
    slope: float
    intercept: float
    explain: bool = False
    threads: int = 1

    @classmethod
    def of(cls, model: Model, explain: bool = False, threads: int = 1) -> "Scorer":
        """The scorer of a model in memory."""
        texts = tuple(booster.model_to_string() for booster in model.boosters)
        return cls(
            model.features,
            model.signs,
            model.reasons,
            model.seeds,
            texts,
            model.slope,
            model.intercept,
            explain,
            threads,
        )

    @property
    def schema(self) -> pa.Schema:
        """Columns of the answer."""
        return pa.schema(SCORE_FIELDS + (REASON_FIELDS if self.explain else []))

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Score batch by batch; memory stays that of one batch."""
        boosters = tuple(lgb.Booster(model_str=text) for text in self.texts)
        model = Model(self.features, self.signs, self.reasons, self.seeds, boosters, self.slope, self.intercept)
        for batch in batches:
            if batch.num_rows:
                yield self._scored(model, batch)

    def _scored(self, model: Model, batch: pa.RecordBatch) -> pa.RecordBatch:
        values = np.column_stack(
            [batch.column(name).to_numpy(zero_copy_only=False).astype(float) for name in model.features]
        )
        ids = batch.column("business_id").cast(pa.string())
        if not self.explain:
            log_odds = model.log_odds(values, self.threads)
            return pa.RecordBatch.from_arrays(
                [ids, pa.array(log_odds), pa.array(sigmoid(log_odds))], schema=self.schema
            )
        why = reasons(model, values, self.threads)
        lists = [
            _names(reason_names(model), why.code),
            pa.array(why.contribution.ravel()),
            pa.array(in_probability(why.contribution, why.base, why.log_odds).ravel()),
            _names(list(model.features), why.feature),
            pa.array(why.value.ravel(), from_pandas=True),
        ]
        offsets = pa.array(np.arange(len(values) + 1, dtype=np.int32) * why.code.shape[1])
        columns = [
            ids,
            pa.array(why.log_odds),
            pa.array(sigmoid(why.log_odds)),
            pa.array(np.full(len(values), why.base)),
        ]
        columns += [pa.ListArray.from_arrays(offsets, flat) for flat in lists]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)


def _names(names: list[str], codes: np.ndarray) -> pa.Array:
    return pa.array(names).take(pa.array(codes.ravel()))
