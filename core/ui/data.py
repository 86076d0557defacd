"""What pages read. The only module that caches.

The cache is shared by all users, so every answer depends on its arguments alone: build, query,
parameters (the relationship manager's book among them). Never read session_state in here.

Reads  the published build (data/builds/CURRENT is looked at on every call, so a new build shows by itself)
"""

from pathlib import Path

import pandas as pd
import streamlit as st

from core import db
from core.config import Settings


def read(query: str, **params: object) -> pd.DataFrame:
    """Rows of core/ui/queries/<query>.sql from the live build.

    Raises
    ------
    NoBuildError : nothing has been published in the data folder
    """
    folder = builds()
    return _read(str(folder), db.current_build(folder), query, params)


def read_once(query: str, **params: object) -> pd.DataFrame:
    """As read, but not kept: for the large answers of a download."""
    folder = builds()
    return db.query(_connection(str(folder), db.current_build(folder)).cursor(), f"ui/queries/{query}", params)


def builds() -> Path:
    """Folder of builds, looked up on each call: a second bank is a second BEACON_DATA_DIR."""
    return Settings.from_env().builds


def build_id() -> str:
    """Id of the live build."""
    return db.current_build(builds())


def info() -> dict[str, str]:
    """What the live build says of itself: as_of, build_id, is_demo, …"""
    facts = read("build_info")
    return dict(zip(facts["key"], facts["value"], strict=True))


def is_demo() -> bool:
    """Does the live build show invented businesses?"""
    return (info().get("is_demo") or "").lower() in ("true", "1")


@st.cache_data(max_entries=1024, show_spinner=False)
def _read(folder: str, build: str, query: str, params: dict[str, object]) -> pd.DataFrame:
    # One cursor a call: sessions are threads, and a DuckDB connection serves one thread.
    return db.query(_connection(folder, build).cursor(), f"ui/queries/{query}", params)


# Two builds: the one that serves and the one that sessions in mid-run still read.
@st.cache_resource(max_entries=2, show_spinner=False)
def _connection(folder: str, build: str) -> db.Connection:
    return db.open_build(Path(folder), build)
