"""What is a segment called? A code made of what sets its centre apart: income_high, income_low.borrowing_low, typical.

The code is the name: two builds that find the same kind of business call it the same. A segment of the build before
keeps its code (and place) as long as most of its members stay and what the code says still holds with some slack.
"""

from collections.abc import Sequence

import numpy as np

TYPICAL = "typical"
# Features that say the same of a business: at most one of a kind is in a name.
KINDS = {"income": "size", "spend": "size"}
# Features whose sign means something, and how far from zero it begins to: in a year in which all rise, who stands
# still is no falling business.
SIGNED = {"growth": 0.05}
TRAIT = 0.5  # standard deviations of the businesses between a centre and their mean from which it is a trait
HOLDS = 0.25  # down to here a trait that was given still holds
MOST = 2  # traits in a name, more only where two names would be one
SAME = 0.5  # members of both over members of either from which a segment is the old one

Array = np.ndarray


def told(z: Array, centres: Array, features: Sequence[str]) -> Array:
    """z as far as it may be put in words: nothing of a signed feature whose own value is near zero or beyond it.

    >>> told(np.array([[-0.8], [0.9]]), np.array([[0.02], [0.4]]), ["growth"]).tolist()
    [[0.0], [0.9]]
    """
    least = np.array([SIGNED.get(feature, -np.inf) for feature in features])
    found: Array = np.where(np.sign(z) * centres >= least, z, 0.0)
    return found


def codes(z: Array, features: Sequence[str], taken: Sequence[str | None] = ()) -> tuple[str, ...]:
    """A code for each centre, no two alike; `taken` has the codes that some centres keep.

    Parameters
    ----------
    z : (k, n_features) centres in standard deviations from the mean of all businesses

    >>> codes(np.array([[1.2, 0.1], [-0.6, -0.9], [0.1, 0.2]]), ["income", "borrowing"])
    ('income_high', 'income_low.borrowing_low', 'typical')
    """
    found: list[str | None] = list(taken) or [None] * len(z)
    for traits in range(MOST, len(features) + 1):
        open_ = [number for number, code in enumerate(found) if code is None]
        wanted = {number: _code(z[number], features, traits) for number in open_}
        for number, code in wanted.items():
            if list(wanted.values()).count(code) == 1 and code not in found:
                found[number] = code
    return _numbered(found, z, features)


def _code(z: Array, features: Sequence[str], most: int) -> str:
    """The `most` strongest traits of a centre in the order of the features; the first one of a kind speaks for it."""
    traits: dict[str, int] = {}
    for number, feature in enumerate(features):
        if abs(z[number]) >= TRAIT:
            traits.setdefault(KINDS.get(feature, feature), number)
    chosen = sorted(sorted(traits.values(), key=lambda number: -abs(z[number]))[:most])
    return ".".join(f"{features[number]}_{'high' if z[number] > 0 else 'low'}" for number in chosen) or TYPICAL


def _numbered(found: list[str | None], z: Array, features: Sequence[str]) -> tuple[str, ...]:
    """What is still without a code gets that of its traits and a number, the highest in the first feature first."""
    done = list(found)
    for number in sorted((n for n, code in enumerate(found) if code is None), key=lambda n: -z[n][0]):
        code = _code(z[number], features, MOST)
        count = 1
        while f"{code}-{count}" in done:
            count += 1
        done[number] = f"{code}-{count}"
    return tuple(str(code) for code in done)


def holds(code: str, z: Array, features: Sequence[str]) -> bool:
    """Does a centre still have the traits of this code?

    >>> holds("income_high", np.array([0.3]), ["income"]), holds("income_high", np.array([0.1]), ["income"])
    (True, False)
    """
    place = {feature: number for number, feature in enumerate(features)}
    traits = [trait.rpartition("_") for trait in code.partition("-")[0].split(".") if trait != TYPICAL]
    if any(feature not in place for feature, _, _ in traits):
        return False
    if not traits:
        return bool(np.abs(z).max() < TRAIT + HOLDS)
    return all((1 if way == "high" else -1) * z[place[feature]] >= HOLDS for feature, _, way in traits)


def order(z: Array, features: Sequence[str]) -> list[int]:
    """Centres in the order they are shown: by risk where it is a feature, safest first, else largest first."""
    place = list(features).index("risk") if "risk" in features else 0
    sign = 1 if "risk" in features else -1
    return sorted(range(len(z)), key=lambda number: (sign * z[number][place], number))
