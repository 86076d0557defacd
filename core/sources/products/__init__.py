"""Which products are there, at what terms, as of when?

A curated catalogue (data/reference/products.csv) that works offline, overwritten where the FSS comparison service
(finlife) says more, and the NH accounts of customers who have consented.

    finlife, nh (clients) -> fetch -> <data_dir>/external/products -> catalogue.load -> products, product_offers
"""

from core.sources.products.catalogue import load

__all__ = ["load"]
