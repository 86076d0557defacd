"""An isolation forest as text: fitted by scikit-learn, kept and scored as a LightGBM model file.

A LightGBM model file is nothing but numbers of trees, and its reader never runs code. Each tree returns the depth at
which a row is isolated; the score of a row is 2 ** (-mean depth / usual depth), in (0, 1), higher is stranger.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from sklearn.ensemble import IsolationForest

Array = np.ndarray

TREES = 200
# Rows a tree sees. The published 256 hides a single odd feature among eleven: planted ones ranked at the 84th to 88th
# percentile (median), with 1,024 at the 89th to 93rd, as steady over seeds and half a second dearer.
SAMPLES = 1024
EULER = 0.5772156649015329
NOT_MISSING = 2  # LightGBM's decision type: numerical, nothing is missing


def usual_depth(rows: Array | float) -> Array:
    """Mean depth at which a random tree isolates one of `rows` rows (Liu, Ting, Zhou 2008, equation 1).

    >>> usual_depth(np.array([1.0, 2.0, 256.0])).round(3).tolist()
    [0.0, 1.0, 10.245]
    """
    n = np.atleast_1d(np.asarray(rows, float))
    safe = np.maximum(n, 3.0)
    found = 2.0 * (np.log(safe - 1.0) + EULER) - 2.0 * (safe - 1.0) / safe
    return np.where(n <= 1, 0.0, np.where(n <= 2, 1.0, found))


@dataclass(frozen=True)
class Forest:
    """A fitted forest: its text and the booster read from it."""

    text: str
    booster: lgb.Booster
    trees: int
    samples: int

    @classmethod
    def of_text(cls, text: str, trees: int, samples: int) -> "Forest":
        """The forest of a saved text."""
        return cls(text, lgb.Booster(model_str=text), trees, samples)

    def depth(self, values: Array, threads: int = 2) -> Array:
        """Mean depth at which the trees isolate each row, (n,); no value may be missing."""
        # scikit-learn compares in single precision: a value between a threshold and its rounding must go the same way.
        rounded = np.ascontiguousarray(values, np.float32).astype(float)
        if threads == 1:
            return self._depth(rounded)
        # Threads of our own: two OpenMP teams on a busy machine wait for each other (measured 5 s instead of 1.4).
        with ThreadPoolExecutor(threads) as pool:
            return np.concatenate(list(pool.map(self._depth, np.array_split(rounded, threads))))

    def _depth(self, rounded: Array) -> Array:
        if not len(rounded):
            return np.zeros(0)
        return np.asarray(self.booster.predict(rounded, raw_score=True, num_threads=1)) / self.trees

    def score(self, depth: Array) -> Array:
        """Strangeness of mean depths, in (0, 1)."""
        return 2.0 ** (-depth / usual_depth(self.samples)[0])


def fitted(values: Array, seed: int, trees: int, samples: int) -> IsolationForest:
    """scikit-learn's forest; `contamination` is left alone as it only places a cut on the scores."""
    forest = IsolationForest(n_estimators=trees, max_samples=samples, random_state=seed, n_jobs=2)
    return forest.fit(np.ascontiguousarray(values, np.float32))


def exported(forest: IsolationForest, features: Sequence[str]) -> Forest:
    """The same forest as text."""
    trees = [
        _tree(number, estimator.tree_, columns)
        for number, (estimator, columns) in enumerate(zip(forest.estimators_, forest.estimators_features_, strict=True))
    ]
    head = [
        "tree",
        "version=v4",
        "num_class=1",
        "num_tree_per_iteration=1",
        "label_index=0",
        f"max_feature_idx={len(features) - 1}",
        "objective=regression",
        "feature_names=" + " ".join(features),
        "feature_infos=" + " ".join(["[-inf:inf]"] * len(features)),
        "tree_sizes=" + " ".join(str(len(tree)) for tree in trees),
    ]
    text = "\n".join(head) + "\n\n" + "".join(trees) + "end of trees\n"
    return Forest.of_text(text, len(trees), int(forest.max_samples_))


def _tree(number: int, tree: object, columns: Array) -> str:
    """One tree of the file: inner nodes and leaves are numbered apart, a leaf is given as -1 - its number."""
    left, right = tree.children_left, tree.children_right  # type: ignore[attr-defined]
    rows = tree.n_node_samples  # type: ignore[attr-defined]
    leaf = left < 0
    names = np.where(leaf, -np.cumsum(leaf), np.cumsum(~leaf) - 1)
    depths = (_depths(left, right) + usual_depth(rows))[leaf]
    inner = ~leaf
    lines: list[tuple[str, Array | int]] = [
        ("num_leaves", int(leaf.sum())),
        ("num_cat", 0),
        ("split_feature", columns[tree.feature[inner]]),  # type: ignore[attr-defined]
        ("split_gain", np.zeros(inner.sum(), int)),
        ("threshold", tree.threshold[inner]),  # type: ignore[attr-defined]
        ("decision_type", np.full(inner.sum(), NOT_MISSING)),
        ("left_child", names[left[inner]]),
        ("right_child", names[right[inner]]),
        ("leaf_value", depths),
        ("leaf_weight", rows[leaf]),
        ("leaf_count", rows[leaf]),
        ("internal_value", np.zeros(inner.sum(), int)),
        ("internal_weight", rows[inner]),
        ("internal_count", rows[inner]),
        ("is_linear", 0),
        ("shrinkage", 1),
    ]
    return f"Tree={number}\n" + "".join(f"{name}={_words(values)}\n" for name, values in lines) + "\n\n"


def _words(values: Array | int) -> str:
    return str(values) if isinstance(values, int) else " ".join(map(repr, values.tolist()))


def _depths(left: Array, right: Array) -> Array:
    """Depth of every node; children come after their parent."""
    depths = np.zeros(len(left))
    for node in np.flatnonzero(left >= 0):
        depths[[left[node], right[node]]] = depths[node] + 1
    return depths
