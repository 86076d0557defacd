"""Problems on single events, judged on blocks of time: the newest block is the test.

An outcome is known at once, so no gap lies between fit, calibration and test; each begins after the last instant of the
one before. All events of one instant are in one block.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core import db
from core.errors import DataError
from core.models.classifier.problem import LABEL, Parts, Problem
from core.models.classifier.time_splits import Sealed
from core.progress import Progress

BLOCKS = 6  # of equal size, by time: four to fit, one to calibrate, one to test


@dataclass(frozen=True, kw_only=True)
class BlockProblem(Problem):
    """A problem on single events.

    fit_rows : the newest rows before the calibration block that are fitted on
    is_refitted : serve a model that has also learned from the calibration block of the trial; otherwise the version
        that was tested serves
    counted : the label whose rows are counted in the periods of the card, and what they are called there
    """

    entity: str = "customer_id"
    time: str = "at"
    cross_fitted: bool = False
    fit_rows: int
    is_refitted: bool = True
    counted: tuple[int, str]

    def blocks(self, con: db.Connection, report: dict[str, Any]) -> list[pd.DataFrame]:
        """The rows in BLOCKS blocks, oldest first, with `label`, entity, `at`, `as_of` (month end) and `outcome`.

        Raises
        ------
        DataError : too few events to learn from
        """
        raise NotImplementedError

    def facts(self, report: Mapping[str, Any]) -> dict[str, Any]:
        """What the labels are, and where the chance is cut."""
        return {key: report[key] for key in ("labels", "cut") if key in report}

    def source(self, con: db.Connection, report: dict[str, Any], tick: Progress) -> "BlockSource":
        """Read the blocks."""
        tick("rows", 0.5)
        return BlockSource(self, self.blocks(con, report))


@dataclass
class BlockSource:
    """Rows of a problem from its blocks of time."""

    problem: BlockProblem
    blocks: list[pd.DataFrame]

    def trial(self) -> Parts:
        """Fit on all but the last two blocks, calibrate on the last but one, test on the last."""
        test = self.blocks[-1]
        has_both = test[LABEL].nunique() == 2
        return self._parts(self.blocks[:-2], self.blocks[-2], test if has_both else None)

    def served(self) -> Parts | None:
        """Fit on all but the last block, calibrate on it; None where the tested version serves."""
        return self._parts(self.blocks[:-1], self.blocks[-1], None) if self.problem.is_refitted else None

    def _parts(self, past: Sequence[pd.DataFrame], calibration: pd.DataFrame, test: pd.DataFrame | None) -> Parts:
        rows = pd.concat(past)[-self.problem.fit_rows :]
        assert_after(rows, calibration)
        windows = {"fit": self._window(rows), "calibration_window": self._window(calibration)}
        if test is not None:
            windows["test"] = self._window(test)
        return Parts(rows, calibration, None if test is None else Sealed(lambda: test), rows, windows)

    def _window(self, rows: pd.DataFrame) -> dict[str, Any]:
        value, name = self.problem.counted
        return {
            "from": str(rows["at"].min()),
            "to": str(rows["at"].max()),
            "rows": len(rows),
            name: int((rows[LABEL] == value).sum()),
        }

    def close(self) -> None:
        """The rows are in memory alone."""


def assert_after(rows: pd.DataFrame, calibration: pd.DataFrame) -> None:
    """Raise when the calibration rows begin before the rows of the fit have ended."""
    if rows["at"].max() >= calibration["at"].min():
        raise DataError(f"calibration begins {calibration['at'].min()}, before the past ends {rows['at'].max()}")


def divided(rows: pd.DataFrame, starts: Sequence[Any]) -> list[pd.DataFrame]:
    """Rows, sorted by `at`, in blocks that begin at these instants; no instant is in two of them.

    >>> at = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-02", "2024-01-03"])
    >>> [len(block) for block in divided(pd.DataFrame({"at": at}), [pd.Timestamp("2024-01-02")])]
    [1, 3]
    """
    places = np.searchsorted(rows["at"].to_numpy(), np.array(starts, dtype=rows["at"].dtype))
    return [rows.iloc[low:high] for low, high in zip([0, *places], [*places, len(rows)], strict=True)]
