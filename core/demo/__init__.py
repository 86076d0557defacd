"""A made-up bank and made-up trade areas, deterministic by seed, calibrated on real figures of Seoul.

Writes raw/bank/* (the contract of a bank's files) and raw/seoul/* (the columns of the city's files), which core.sources
reads like real files. Only the DEMO.json beside them says that the data is made up.
"""

from core.demo.writer import write

__all__ = ["write"]
