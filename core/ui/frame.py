"""What Streamlit runs: the frame around every page (language, scope, navigation, errors). No page content here.

Writes one log line a page run (logger beacon.page): page, build, milliseconds; never who or what was looked at.
"""

import logging
import time

import streamlit as st

from core.errors import CoreError, NoBuildError
from core.ui import data, sidebar, state
from core.ui.text import t
from pages import businesses, districts

LOG = logging.getLogger("beacon.page")

# url_path, page, icon; the first is the page that opens
PAGES = (
    ("districts", districts.page, ":material/map:"),
    ("businesses", businesses.page, ":material/storefront:"),
)


def main() -> None:
    """One run of the script: settle who and what is chosen, then draw the page."""
    started = time.perf_counter()
    state.restore_language()
    st.set_page_config(page_title=t("frame.title"), page_icon=":material/lightbulb:", layout="wide")
    pages = {path: _page(path, function, icon) for path, function, icon in PAGES}
    st.session_state[state.PAGES] = pages
    chosen = st.navigation(list(pages.values()), position="hidden")
    path = chosen.url_path or PAGES[0][0]
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


def _page(path: str, function: object, icon: str) -> st.Page:
    return st.Page(
        function,  # type: ignore[arg-type]
        title=t(f"frame.page.{path}"),
        icon=icon,
        url_path=path,
        default=path == PAGES[0][0],
    )


def _draw(chosen: st.Page) -> None:
    data.build_id()  # no build: say so before anything asks for one
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
        return data.build_id()
    except NoBuildError:
        return "-"


main()
