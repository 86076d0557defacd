"""Products with their terms and dates, and the NH accounts of customers who have consented.

The curated catalogue (data/reference/products.csv) works offline; rates and terms of the FSS comparison service
(finlife) replace its own where they were fetched.

    finlife, nh (clients) -> fetch -> <data_dir>/external/products -> catalogue.load -> products, product_offers
"""

from core.sources.products.catalogue import load

__all__ = ["load"]
