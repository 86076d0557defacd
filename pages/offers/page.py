"""Offers: per product whom to offer it to and why, what it is worth to them, whom a rule keeps from it; a campaign.

Shows what the build recommended, of the managers whose book may be seen. To change a rule, change
data/reference/rules.csv.
"""

import streamlit as st

from pages.offers import accuracy, campaign, product, products
from pages.shared.parts import notices
from pages.shared.read import has_tables, read
from pages.shared.text import t


def page() -> None:
    """All products first, then the chosen one: terms, rules, groups, and its businesses as a list to take away."""
    st.title(t("offers.title"))
    managers = notices.managers()
    if not managers:
        return
    if not has_tables("recommendations", "advice_products", "retention_offers"):
        notices.info("offers.not_built")
        return
    st.caption(t("offers.lead"))
    rows = read("offers/products", manager_ids=managers)
    if rows.empty:
        notices.info("offers.empty_book")
        return
    products.show(rows)
    accuracy.show()
    product_id = products.choose(rows)
    chosen = rows.set_index("product_id").loc[product_id]
    product.show(product_id, chosen, managers)
    st.header(t("offers.who"), anchor=False)
    campaign.show(product_id, chosen, managers)
