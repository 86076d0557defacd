"""What pages read. The only module that caches.

The cache is shared by all users, so every answer depends on its arguments alone: build, query,
parameters (the relationship manager's book among them). Never read session_state in here.

Reads  the published build (data/builds/CURRENT is looked at on every call, so a new build shows by itself),
       models/<name>/comparison/report.json of the data folder
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import streamlit as st

from core import db
from core.advice import rules
from core.config import Settings
from core.models import registry
from core.models.classifier import model_files
from core.models.classifier.model import Model
from core.models.segments import model as segments
from core.models.segments.clustering import Clustering

# Tables of names, and the column that holds the code.
NAMED = {"districts": "district_code", "categories": "category", "industries": "industry_code", "regions": "region"}


def read(query: str, **params: object) -> pd.DataFrame:
    """Rows of a query of the pages, `<folder>/<name>`: pages/<folder>/sql/<name>.sql, from the live build.

    Raises
    ------
    NoBuildError : nothing has been published in the data folder
    """
    return _read(*_served(), query, params)


def read_uncached(query: str, **params: object) -> pd.DataFrame:
    """As read, without the cache: for the large answers of a download."""
    return db.served_query(cursor(), _file(query), params)


def cursor() -> db.Connection:
    """A cursor of the live build, for what is written on a click."""
    return _connection(*_served()).cursor()


def builds_folder() -> Path:
    """Folder of builds, looked up on each call: a second bank is a second BEACON_DATA_DIR."""
    return _builds(os.environ.get("BEACON_DATA_DIR"))


@lru_cache
def _builds(_data_dir: str | None) -> Path:
    return Settings.from_env().builds


@dataclass(frozen=True)
class Reference:
    """Names that every run needs many times; one object for all sessions, never to be changed.

    names : (table, language) -> code -> name, in the table's order
    managers : manager_id -> (name, branch), branch by branch
    """

    names: Mapping[tuple[str, str], Mapping[str, str]]
    managers: Mapping[str, tuple[str, str]]


def reference() -> Reference:
    """Names and managers of the live build."""
    return _reference(*_served())


def build_id() -> str:
    """Id of the live build."""
    return db.current_build(builds_folder())


def _served() -> tuple[str, str]:
    """Folder of builds and id of the live one: the key of everything that is computed once a build."""
    folder = builds_folder()
    return str(folder), db.current_build(folder)


def build_info() -> Mapping[str, str]:
    """Facts of the live build by key: as_of, build_id, is_demo, …; a fact without a value is not in it."""
    return _info(*_served())


def has_tables(*tables: str) -> bool:
    """Has the live build all these tables? A build of the city's files alone has few."""
    return _tables(*_served()).issuperset(tables)


def build_json(*parts: str) -> dict[str, Any]:
    """A JSON file of the live build, one object for all sessions, never to be changed; empty when there is none."""
    return _json_of(builds_folder().joinpath(build_id(), *parts))


def comparison_report(model: str) -> dict[str, Any]:
    """Report of `python -m core train --model <model>` on these data; empty when the command has not been run."""
    return _json_of(builds_folder().parent / "models" / model / "comparison" / "report.json")


def model_versions() -> list[registry.Entry]:
    """Every version of every model that this bank's builds have registered; none before the first."""
    home = builds_folder().parent / "models"
    files = [*home.glob("*/v*/entry.json"), *home.glob("*/state.json")]
    return _versions(str(home), tuple(sorted((str(file), file.stat().st_mtime_ns) for file in files)))


# A new version is a new file, a promotion changes state.json: both are a part of the key.
@lru_cache(maxsize=4)
def _versions(home: str, _changed: tuple[tuple[str, int], ...]) -> list[registry.Entry]:
    return registry.entries(Path(home))


def _file(query: str) -> str:
    folder, name = query.split("/")
    return f"pages/{folder}/sql/{name}"


def _json_of(file: Path) -> dict[str, Any]:
    try:
        return _json(str(file), file.stat().st_mtime_ns)
    except FileNotFoundError:
        return {}


# The time of the file is a part of the key: a new comparison shows by itself.
@lru_cache(maxsize=16)
def _json(file: str, _changed_ns: int) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(file).read_text(encoding="utf-8"))
    return content


def served_model(name: str) -> Model | None:
    """The model that scored the live build, loaded once a build; None when it has none of that name."""
    folder = builds_folder() / build_id() / "models" / name
    return _model(str(folder)) if (folder / model_files.CARD).exists() else None


@st.cache_resource(max_entries=4, show_spinner=False)
def _model(folder: str) -> Model:
    return model_files.load(Path(folder))


def product_rules(business_id: str, manager_ids: list[str]) -> pd.DataFrame:
    """Every product for one business of these managers' books: the rules that fail, its need and worth.

    Columns as core.advice.rules.eligibility; no rows when the business is in no book of `manager_ids`.
    """
    if read("shared/business_facts", business_id=business_id, manager_ids=manager_ids).empty:
        return pd.DataFrame()
    return _eligibility(*_served(), business_id)


@st.cache_data(max_entries=256, show_spinner=False)
def _eligibility(folder: str, build: str, business_id: str) -> pd.DataFrame:
    return rules.eligibility(_connection(folder, build).cursor(), business_id)


# Clusterings that users tried, by build, features and number of clusters. Not in Streamlit's cache: its functions may
# not draw, and the run reports its progress.
_CLUSTERINGS: dict[tuple[str, str, tuple[str, ...], int | None], tuple[Clustering, dict[str, pd.DataFrame]]] = {}
MAX_CLUSTERINGS = 16


def cluster(
    features: tuple[str, ...], k: int | None, progress: Callable[[str, float], None]
) -> tuple[Clustering, dict[str, pd.DataFrame]]:
    """Segments of the live build by other features (core.models.segments.model.recluster), computed once."""
    folder, build = builds_folder(), build_id()
    key = (str(folder), build, features, k)
    if key not in _CLUSTERINGS:
        home = folder / build / "models" / segments.NAME
        before = segments.load(home).get(segments.MAIN) if (home / model_files.CARD).exists() else None
        _CLUSTERINGS[key] = segments.recluster(cursor(), features, k, before, progress)
        for old in list(_CLUSTERINGS)[:-MAX_CLUSTERINGS]:
            _CLUSTERINGS.pop(old, None)
    return _CLUSTERINGS[key]


def segment_codes() -> list[str]:
    """Codes of the segments of the live build, in their order; none in a build without them."""
    return list(read("shared/segment_codes")["segment"]) if has_tables("segment_profiles") else []


def is_demo() -> bool:
    """Does the live build show invented businesses?"""
    return db.is_demo(build_info())


@st.cache_data(max_entries=1024, show_spinner=False)
def _read(folder: str, build: str, query: str, params: dict[str, object]) -> pd.DataFrame:
    # One cursor a call: sessions are threads, and a DuckDB connection serves one thread.
    return db.served_query(_connection(folder, build).cursor(), _file(query), params)


# Called some seventy times a run: Streamlit's cache costs 0.1 ms a hit, lru_cache almost nothing.
@lru_cache(maxsize=2)
def _reference(folder: str, build: str) -> Reference:
    tables = {table: _read(folder, build, f"shared/{table}", {}) for table in NAMED}
    names = {
        (table, language): dict(zip(rows[NAMED[table]], rows[f"name_{language}"], strict=True))
        for table, rows in tables.items()
        for language in ("ko", "en")
    }
    managers = _read(folder, build, "shared/managers", {})
    pairs = zip(managers["name"], managers["branch"], strict=True)
    return Reference(names, dict(zip(managers["manager_id"], pairs, strict=True)))


# Called a dozen times a run: as a frame from Streamlit's cache each call took 2 ms.
@lru_cache(maxsize=2)
def _info(folder: str, build: str) -> Mapping[str, str]:
    facts = _read(folder, build, "shared/build_info", {}).dropna()
    return MappingProxyType(dict(zip(facts["key"], facts["value"], strict=True)))


@lru_cache(maxsize=2)
def _tables(folder: str, build: str) -> frozenset[str]:
    return frozenset(_read(folder, build, "shared/data_tables", {})["table_name"])


# Two builds: the one that serves and the one that sessions in mid-run still read.
@st.cache_resource(max_entries=2, show_spinner=False)
def _connection(folder: str, build: str) -> db.Connection:
    return db.open_build(Path(folder), build)
