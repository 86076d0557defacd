"""What is slow only once, done before the server takes its first request: libraries, strings, the live build.

Streamlit 1.67 calls gc.collect(2) after each run of a page; gc.freeze() takes what is loaded here out of that, which
halves the server's work (docs/platform.md).
"""

import gc
import logging

import openpyxl  # noqa: F401  the first export must not wait for it
import plotly.graph_objects as go

from core.errors import NoBuildError
from pages.shared import text
from pages.shared.read import build_info, reference
from pages.shared.server import compression


def warm_up() -> None:
    """Load the libraries, the words and the live build, then freeze them."""
    for language in text.LANGUAGES:
        text.strings(language)
    go.Figure(go.Choropleth()).to_plotly_json()
    compression.warm()
    try:
        build_info()
        reference()
    except NoBuildError as error:
        logging.getLogger("beacon.warm").warning("%s", error)
    gc.collect()
    gc.freeze()
