"""A made-up bank and made-up trade areas, deterministic by seed, calibrated on real figures of Seoul.

Writes raw/bank/* (input contract of a bank's book) and raw/seoul/* (the city's published schemas), which the
ordinary loaders then read. Nothing else in the product knows that the data is made up, but for the DEMO.json beside it.
"""

from core.demo.write import write

__all__ = ["write"]
