"""What Streamlit runs: the frame around every page (language, scope, navigation, errors). No page content here.

Writes one log line a page run (logger beacon.page): page, build, milliseconds; never who or what was looked at.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core.errors import CoreError, NoBuildError
from pages.business import page
from pages.businesses import page as businesses
from pages.churn import page as churn
from pages.compare import page as compare
from pages.data import page as data_page
from pages.districts import page as districts
from pages.lending import page as lending
from pages.models import page as models
from pages.offers import page as offers
from pages.payments import page as payments
from pages.segments import page as segments
from pages.shared import sidebar, state
from pages.shared.read import build_id
from pages.shared.text import t
from pages.today import page as today

# A file: Streamlit fetches a material icon for the tab from fonts.gstatic.com.
ICON = Path(__file__).parent / "static" / "beacon.png"
LOG = logging.getLogger("beacon.page")
# Korean breaks between words, as in print; browsers would break inside them.
WHOLE_WORDS = "<style>.stMarkdown * { word-break: keep-all !important; overflow-wrap: anywhere; }</style>"

# url_path, page, icon; the first is the page that opens
PAGES = (
    ("today", today.page, ":material/today:"),
    ("districts", districts.page, ":material/map:"),
    ("businesses", businesses.page, ":material/storefront:"),
    ("business", page.page, ":material/badge:"),
    ("compare", compare.page, ":material/compare_arrows:"),
    ("segments", segments.page, ":material/bubble_chart:"),
    ("offers", offers.page, ":material/redeem:"),
    ("churn", churn.page, ":material/logout:"),
    ("lending", lending.page, ":material/account_balance:"),
    ("payments", payments.page, ":material/payments:"),
    ("models", models.page, ":material/model_training:"),
    ("data", data_page.page, ":material/database:"),
)


def main() -> None:
    """One run of the script: settle who and what is chosen, then draw the page."""
    started = time.perf_counter()
    state.restore_language()
    st.set_page_config(page_title=t("frame.title"), page_icon=ICON, layout="wide")
    pages = {path: _page(path, function, icon) for path, function, icon in PAGES}
    # Streamlit serves the default page at / and nowhere else; /today in a link must be no "page not found".
    first, function, icon = PAGES[0]
    named = pages[first]
    pages[first] = st.Page(function, title=named.title, icon=icon, url_path="start", default=True)
    st.session_state[state.PAGES] = pages
    chosen = st.navigation([*pages.values(), named], position="hidden")
    path = chosen.url_path or first
    try:
        _draw(chosen)
    except NoBuildError as error:
        LOG.warning("no build: %s", error)
        _show_no_build()
    except CoreError as error:
        LOG.exception("page=%s failed", path)
        st.error(t(f"error.{type(error).__name__}"), icon=":material/error:")
    finally:
        LOG.info("page=%s build=%s ms=%.1f", path, _build_id(), 1000 * (time.perf_counter() - started))


def _page(path: str, function: Callable[[], None], icon: str) -> st.Page:
    return st.Page(function, title=t(f"frame.page.{path}"), icon=icon, url_path=path)


def _draw(chosen: st.Page) -> None:
    st.html(WHOLE_WORDS)
    build_id()  # no build: say so before anything asks for one
    state.restore()
    state.write_url()
    sidebar.draw()
    sidebar.banner()
    chosen.run()


def _show_no_build() -> None:
    st.title(t("frame.title"))
    st.info(t("error.NoBuildError"), icon=":material/info:")
    st.code("python -m core build", language=None)


def _build_id() -> str:
    try:
        return build_id()
    except NoBuildError:
        return "-"


main()
