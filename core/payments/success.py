"""Will a payment succeed? The definition of the problem; features in features.py, figures in metrics.py.

Reads  payment_features (features.py makes it when it is missing)
Writes nothing; core/models/classifier trains (rows of model `payments`, the test, and `payments_served`)
"""

from typing import Any

import pandas as pd

from core import db
from core.models.classifier.time_blocks import BlockProblem, divided
from core.payments import features, metrics

FIT_ROWS = 60_000  # newest payments before the calibration block; all 97,000 of the demo moved the AUC by 0.001


class SuccessProblem(BlockProblem):
    """Payments that succeeded or failed."""

    def blocks(self, con: db.Connection, report: dict[str, Any]) -> list[pd.DataFrame]:
        """Payments of all customers, or of a sample of them where a bank has very many."""
        report |= {"labels": features.provenance(con), "cut": metrics.cut(self.decisions)}
        last_slice = features.sample(con)
        features.ensure_temp_tables(con)
        payments = features.rows(con, last_slice)
        report |= {"rows": len(payments), "sampled": last_slice != features.EVERYBODY}
        payments = payments.assign(
            label=payments["succeeded"],
            as_of=features.month_end(payments["at"]),
            first_try=(payments["failed_1h"] == 0).map({True: "yes", False: "no"}),
            outcome=payments["succeeded"].map({1: "succeeded", 0: "failed"}),
        )
        return divided(payments, features.block_starts(con))

    def outcomes(self, scored: pd.DataFrame) -> pd.DataFrame:
        """Test payments by their day."""
        return super().outcomes(scored.assign(as_of=scored["at"].dt.date))

    def extra_metrics(self, con: db.Connection, scored: pd.DataFrame, *, is_test: bool) -> list[pd.DataFrame]:
        """Confusion at the cut that follows from costs, the trivial rule, and whether the labels were made up."""
        del is_test
        threshold = metrics.cut(self.decisions)
        is_synthetic = features.provenance(con) == "SYNTHETIC"
        of_decisions = metrics.of_decisions(scored, threshold)
        return [of_decisions, metrics.of_trivial_rule(scored), metrics.of_provenance(is_synthetic)]

    def verdict(self, figures: pd.DataFrame) -> dict[str, Any]:
        """The gates of the policy."""
        return {"gates": metrics.gates(figures, self.decisions)}


SUCCESS = SuccessProblem(
    name="payments",
    meaning="the payment succeeded",
    event="payments that succeeded",
    module=__name__,
    slices=("first_try",),
    fit_rows=FIT_ROWS,
    counted=(0, "failures"),
)


def count_tested(con: db.Connection) -> int:
    """Payments that the model was tested on."""
    query = "SELECT count(*) FROM model_test WHERE model = $model"
    return int(con.execute(query, {"model": SUCCESS.name}).fetchall()[0][0])
