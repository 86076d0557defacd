"""Made-up names of businesses, managers, branches and trade areas, and registration numbers that cannot exist.

Reads  data/reference/demo_words.toml
"""

from functools import cache

import numpy as np
import pandas as pd

from core import reference

# Weights of the check digit of a Korean business registration number. Source: package stdnum (npm), src/kr/brn.ts.
CHECK_WEIGHTS = np.array([1, 3, 7, 1, 3, 7, 1, 3, 5])
# Share of each form of a name; the last form is a long one.
FORM_SHARES = (0.30, 0.18, 0.16, 0.14, 0.11, 0.08, 0.03)


@cache
def words() -> dict[str, list[str]]:
    """Lists of words by kind; the trades by industry code."""
    lists = reference.toml("demo_words.toml")
    return {kind: text.split() for kind, text in (lists | lists["trades"]).items() if isinstance(text, str)}


def shop_names(industry_codes: np.ndarray, districts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n,) made-up names: place or manner, a word, the trade; with and without spaces, a few long."""
    n = len(industry_codes)
    first, manner = _random_words("first", n, rng), _random_words("manner", n, rng)
    trade = _trades(industry_codes, rng)
    place = np.array([district[:-1] for district in districts], dtype=object)
    number = rng.integers(2, 9, n).astype(str).astype(object)
    forms = [
        first + trade,
        first + " " + trade,
        place + " " + first + trade,
        manner + " " + trade,
        manner + " " + first + trade,
        first + trade + " " + place + "점",
        manner + " " + place + " " + first + " " + trade + " " + number + "호점 (본관 옆 별관 포함)",
    ]
    return np.choose(rng.choice(len(forms), n, p=FORM_SHARES), forms)


def _random_words(kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
    return np.array(words()[kind], dtype=object)[rng.integers(0, len(words()[kind]), n)]


def _trades(industry_codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    draws = rng.random(len(industry_codes))
    trades = np.empty(len(industry_codes), dtype=object)
    for code in np.unique(industry_codes):
        own = np.flatnonzero(industry_codes == code)
        choices = np.array(words()[code], dtype=object)
        trades[own] = choices[(draws[own] * len(choices)).astype(int)]
    return trades


def managers(n: int, branches: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row a manager, RM001 and so on, with a made-up name and a branch; sorted by branch."""
    return pd.DataFrame(
        {
            "manager_id": [f"RM{i + 1:03d}" for i in range(n)],
            "name": _random_words("family", n, rng) + _random_words("given", n, rng),
            "branch": [branch_name(i * branches // n) for i in range(n)],
        }
    )


def branch_name(number: int) -> str:
    """Name of a branch; from the eleventh on a number follows."""
    places = words()["branches"]
    repetition, place = divmod(number, len(places))
    return f"데모 {places[place]}{repetition + 1 if repetition else ''}지점"


def area_names(district: str, n: int, rng: np.random.Generator) -> list[str]:
    """Names of `n` made-up trade areas of a district; all begin with 데모 (demo)."""
    first = rng.permutation(words()["area_first"])[:n]
    last = rng.choice(words()["area_last"], n)
    return [f"데모 {district[:-1]} {a}{b} {i + 1}" for i, (a, b) in enumerate(zip(first, last, strict=True))]


def registration_numbers(n: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) numbers 123-45-67890 with a wrong check digit, so that no real business can have one."""
    digits = rng.integers(0, 10, (n, 9))
    digits[:, 0] = rng.integers(1, 10, n)
    wrong = (check_digit(digits) + rng.integers(1, 10, n)) % 10
    rows = np.column_stack([digits, wrong]).astype("U1")
    return np.array([f"{r[:3]}-{r[3:5]}-{r[5:]}" for r in map("".join, rows)])


def check_digit(digits: np.ndarray) -> np.ndarray:
    """(n,) tenth digit of a real registration number with these nine; (n, 9) digits."""
    return (10 - (digits @ CHECK_WEIGHTS + 5 * digits[:, 8] // 10) % 10) % 10
