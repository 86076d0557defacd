"""Products of the demo bank, and the appeal of each product to each business.

Codes are those of data/reference/products.csv. Appeal = popularity + taste of the business x character of the product,
so the products of a business predict its next ones better than popularity does.
"""

import numpy as np
import pandas as pd

from core.demo.book import TASTES, Book
from core.demo.timeline import Streams

# Loans: share of all loans, spread over the base rate, terms in months, bullet: the principal is repaid at the end.
LOANS = pd.DataFrame(
    [
        ("L01", 0.16, 0.042, (6, 12), True),
        ("L02", 0.12, 0.032, (36, 48, 60), False),
        ("L04", 0.30, 0.024, (36, 48, 60), False),
        ("L06", 0.16, 0.026, (60, 84), False),
        ("P01", 0.16, 0.008, (60,), False),
        ("P02", 0.06, 0.011, (60,), False),
        ("P03", 0.04, 0.006, (60,), False),
    ],
    columns=["product_id", "share", "spread", "terms", "bullet"],
)
# Other products: popularity (logit of having it after a few years) and term in months (0: no end).
OTHERS = pd.DataFrame(
    [
        ("D01", -0.9, 12), ("D02", -0.6, 24), ("D03", -0.3, 0), ("I01", -2.2, 0), ("I02", -1.5, 36), ("I03", -1.7, 0),
        ("G01", -0.4, 0), ("L03", -0.8, 12), ("L05", -1.6, 12),
    ],
    columns=["product_id", "popularity", "term"],
)  # fmt: skip
OVERDRAFT = OTHERS["product_id"].tolist().index("L03")
# Product numbers are places in CODES: the other products first, then the loans.
CODES = np.array([*OTHERS["product_id"], *LOANS["product_id"]])
FIRST_LOAN = len(OTHERS)
LOAN_POPULARITY = -1.5
TASTE_WEIGHT = 1.9
TASTE_IN_LOANS = 1.0


def appeal(book: Book, streams: Streams) -> np.ndarray:
    """(n, products) logit of choosing each product of CODES."""
    popularity = np.concatenate([OTHERS["popularity"], np.full(len(LOANS), LOAN_POPULARITY)])
    # The characters of products are the same in all chunks.
    characters = Streams(streams.seed)("characters").normal(0, 1 / np.sqrt(TASTES), (len(CODES), TASTES))
    return popularity + TASTE_WEIGHT * book.taste @ characters.T


def chosen_loans(appeals: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n,) row of LOANS that each borrower takes: multinomial logit of market share and appeal (Gumbel noise)."""
    score = np.log(LOANS["share"].to_numpy()) + TASTE_IN_LOANS * (appeals[:, FIRST_LOAN:] - LOAN_POPULARITY)
    return np.argmax(score + rng.gumbel(size=score.shape), axis=1)
