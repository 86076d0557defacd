"""The label of a user's table as 0 and 1: which of its values is the event."""

import numpy as np
import pandas as pd

from core.compare.column_words import words
from core.errors import DataError

MIN_EACH = 6  # of either class: with fewer, a fold has none to learn from, to calibrate on or to test


def binary(values: pd.Series, positive: str | None = None) -> tuple[np.ndarray, str]:
    """The label as 0.0 / 1.0 with NaN where it is missing, and a sentence that says what 1 means.

    Raises
    ------
    DataError : one value only, more than two without `positive`, or too few rows of either

    >>> binary(pd.Series([1, 2] * 6))[1]
    'label None: 2 is the event, 1 is not'
    """
    cells = values.map(_word, na_action="ignore").astype(object)
    cells[cells == ""] = np.nan
    counts = cells.value_counts()
    kinds = sorted(counts.index, key=_order)
    event = _event(values.name, kinds, counts, positive)
    labels = np.where(cells.isna(), np.nan, (cells == event).astype(float))
    check_counts(values.name, labels)
    others = ", ".join(kind for kind in kinds if kind != event)
    return labels, f"label {values.name}: {event} is the event, {others} is not"


def _word(value: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, float, np.integer, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _order(word: str) -> tuple[float, str]:
    try:
        return float(word), word
    except ValueError:
        return np.inf, word


def _event(name: object, kinds: list[str], counts: pd.Series, positive: str | None) -> str:
    if not kinds:
        raise DataError(f"label {name} has no value at all; name another column with --label")
    if positive is not None:
        if positive not in kinds:
            raise DataError(f"label {name} never is {positive!r}; it has {', '.join(kinds[:6])}")
        return positive
    if len(kinds) == 1:
        raise DataError(
            f"label {name} has one value only ({kinds[0]} in {counts.iloc[0]} rows); nothing can be learned"
        )
    if len(kinds) > 2:
        shown = ", ".join(kinds[:6]) + (", …" if len(kinds) > 6 else "")
        raise DataError(
            f"label {name} has {len(kinds)} values ({shown}), must have two; name the event with --positive"
        )
    if all(np.isfinite(_order(kind)[0]) for kind in kinds):
        return kinds[-1]  # 0/1 and 1/2 alike: the larger number is the event
    events = [kind for kind in kinds if kind.lower() in words()["events"]]
    return events[0] if len(events) == 1 else min(kinds, key=lambda kind: int(counts[kind]))


def check_counts(name: object, labels: np.ndarray) -> None:
    """Raise when either class has too few rows."""
    events, others = int(np.nansum(labels)), int((labels == 0).sum())
    if min(events, others) < MIN_EACH:
        raise DataError(
            f"label {name} has {events} events and {others} others; "
            f"at least {MIN_EACH} of each are needed to test anything"
        )
