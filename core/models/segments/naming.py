"""Codes of segments from the traits of their centres: income_high, income_low.borrowing_low, typical.

The code is the name: two builds that find the same kind of business give it the same code. A segment of the previous
build keeps its code and place while most of its members stay and the traits of the code still hold (with some slack).
"""

from collections.abc import Sequence

import numpy as np

TYPICAL = "typical"
# Features with the same meaning: at most one of a kind is in a code.
KINDS = {"income": "size", "spend": "size"}
# Features whose sign has a meaning, and the value from which it has: in a year in which all sales rise, a business
# with constant sales is not a falling one.
SIGNED = {"growth": 0.05}
TRAIT = 0.5  # distance of a centre from the mean of all businesses that makes a trait, in their standard deviations
TRAIT_HELD = 0.25  # an existing trait holds down to this distance
MAX_TRAITS = 2  # in a code; more only where two codes would be equal

Array = np.ndarray


def named_distances(z: Array, centres: Array, features: Sequence[str]) -> Array:
    """z, with 0 for a signed feature whose own value is near zero or has the other sign.

    >>> named_distances(np.array([[-0.8], [0.9]]), np.array([[0.02], [0.4]]), ["growth"]).tolist()
    [[0.0], [0.9]]
    """
    least = np.array([SIGNED.get(feature, -np.inf) for feature in features])
    return np.where(np.sign(z) * centres >= least, z, 0.0)


def codes(z: Array, features: Sequence[str], inherited: Sequence[str | None] = ()) -> tuple[str, ...]:
    """A code for each centre, all different; `inherited` has the codes that some centres keep.

    Parameters
    ----------
    z : (k, n_features) centres in standard deviations from the mean of all businesses

    >>> codes(np.array([[1.2, 0.1], [-0.6, -0.9], [0.1, 0.2]]), ["income", "borrowing"])
    ('income_high', 'income_low.borrowing_low', 'typical')
    """
    names: list[str | None] = list(inherited) or [None] * len(z)
    for traits in range(MAX_TRAITS, len(features) + 1):
        unnamed = [place for place, code in enumerate(names) if code is None]
        candidates = {place: _code(z[place], features, traits) for place in unnamed}
        for place, code in candidates.items():
            if list(candidates.values()).count(code) == 1 and code not in names:
                names[place] = code
    return _numbered(names, z, features)


def _code(z: Array, features: Sequence[str], maximum: int) -> str:
    """The `maximum` strongest traits of a centre in the order of the features, at most one of a kind."""
    traits: dict[str, int] = {}
    for place, feature in enumerate(features):
        if abs(z[place]) >= TRAIT:
            traits.setdefault(KINDS.get(feature, feature), place)
    strongest = sorted(sorted(traits.values(), key=lambda place: -abs(z[place]))[:maximum])
    return ".".join(f"{features[place]}_{'high' if z[place] > 0 else 'low'}" for place in strongest) or TYPICAL


def _numbered(names: list[str | None], z: Array, features: Sequence[str]) -> tuple[str, ...]:
    """Centres without a code get that of their traits and a number, the highest in the first feature first."""
    complete = list(names)
    for place in sorted((place for place, code in enumerate(names) if code is None), key=lambda place: -z[place][0]):
        code, number = _code(z[place], features, MAX_TRAITS), 1
        while f"{code}-{number}" in complete:
            number += 1
        complete[place] = f"{code}-{number}"
    return tuple(str(code) for code in complete)


def holds(code: str, z: Array, features: Sequence[str]) -> bool:
    """Does a centre still have the traits of this code?

    >>> holds("income_high", np.array([0.3]), ["income"]), holds("income_high", np.array([0.1]), ["income"])
    (True, False)
    """
    distance = dict(zip(features, z, strict=True))
    traits = [trait.rpartition("_") for trait in code.partition("-")[0].split(".") if trait != TYPICAL]
    if any(feature not in distance for feature, _, _ in traits):
        return False
    if not traits:
        return bool(np.abs(z).max() < TRAIT + TRAIT_HELD)
    return all((1 if side == "high" else -1) * distance[feature] >= TRAIT_HELD for feature, _, side in traits)


def order(z: Array, features: Sequence[str]) -> list[int]:
    """Centres in the order of the pages: by risk where it is a feature, lowest first; else by the first feature."""
    column, sign = (list(features).index("risk"), 1) if "risk" in features else (0, -1)
    return sorted(range(len(z)), key=lambda place: (sign * z[place][column], place))
