"""Offers: for each product the recommended businesses, their reasons and the value, the rules, and a campaign list.

Shows the recommendations of the build for the managers whose book may be seen. The rules stand in
data/reference/rules.csv.
"""

import streamlit as st

from pages.offers import accuracy, campaign, catalogue, product
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
    products = read("offers/products", manager_ids=managers)
    if products.empty:
        notices.info("offers.empty_book")
        return
    catalogue.show(products)
    accuracy.show()
    product_id = catalogue.choose(products)
    chosen = products.set_index("product_id").loc[product_id]
    product.show(product_id, chosen, managers)
    st.header(t("offers.who"), anchor=False)
    campaign.show(product_id, chosen, managers)
