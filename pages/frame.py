"""What Streamlit runs: the frame around every page (language, scope, navigation, errors). No page content here.

Writes one log line a page run (logger beacon.page): page, build, milliseconds; never who or what was looked at.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import streamlit as st

import pages.business.page
import pages.businesses.page
import pages.churn.page
import pages.compare.page
import pages.data.page
import pages.districts.page
import pages.lending.page
import pages.models.page
import pages.offers.page
import pages.payments.page
import pages.segments.page
import pages.today.page
from core.errors import CoreError, NoBuildError
from pages.shared import sidebar, state
from pages.shared.parts import notices
from pages.shared.read import build_id
from pages.shared.text import t

# A file: Streamlit fetches a material icon for the tab from fonts.gstatic.com.
ICON = Path(__file__).parent / "static" / "beacon.png"
LOG = logging.getLogger("beacon.page")
# Korean breaks between words, as in print; browsers would break inside them.
WHOLE_WORDS = "<style>.stMarkdown * { word-break: keep-all !important; overflow-wrap: anywhere; }</style>"

# url_path, page, icon; the first is the page that opens
PAGES = (
    ("today", pages.today.page.page, ":material/today:"),
    ("districts", pages.districts.page.page, ":material/map:"),
    ("businesses", pages.businesses.page.page, ":material/storefront:"),
    ("business", pages.business.page.page, ":material/badge:"),
    ("compare", pages.compare.page.page, ":material/compare_arrows:"),
    ("segments", pages.segments.page.page, ":material/bubble_chart:"),
    ("offers", pages.offers.page.page, ":material/redeem:"),
    ("churn", pages.churn.page.page, ":material/logout:"),
    ("lending", pages.lending.page.page, ":material/account_balance:"),
    ("payments", pages.payments.page.page, ":material/payments:"),
    ("models", pages.models.page.page, ":material/model_training:"),
    ("data", pages.data.page.page, ":material/database:"),
)


def main() -> None:
    """One run of the script: restore the selection, then draw the page."""
    started = time.perf_counter()
    state.restore_language()
    st.set_page_config(page_title=t("frame.title"), page_icon=ICON, layout="wide")
    linked = {path: _page(path, function, icon) for path, function, icon in PAGES}
    # Streamlit serves the default page at / and nowhere else; /today in a link must be no "page not found".
    first, function, icon = PAGES[0]
    named = linked[first]
    linked[first] = st.Page(function, title=named.title, icon=icon, url_path="start", default=True)
    st.session_state[state.PAGES] = linked
    chosen = st.navigation([*linked.values(), named], position="hidden")
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
    build_id()  # raises NoBuildError before anything reads the build
    state.restore()
    state.write_url()
    sidebar.show()
    sidebar.show_banner()
    chosen.run()


def _show_no_build() -> None:
    st.title(t("frame.title"))
    notices.info("error.NoBuildError")
    st.code("python -m core build", language=None)


def _build_id() -> str:
    try:
        return build_id()
    except NoBuildError:
        return "-"


main()
