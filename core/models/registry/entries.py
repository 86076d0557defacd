"""What the registry knows of one version: entry.json beside the model's files, and the names that may be on disk.

Reads and writes <home>/<name>/<version>/entry.json; reads <home>/<name>/comparison/report.json
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import files
from core.errors import DataError

ENTRY = "entry.json"
TEXT = (".json", ".jsonl", ".txt", ".csv", ".toml", ".md")
# What a run says of its own clock is no part of the model: the same model at another hour is the same model.
CLOCK = ("created_at", "built_at", "fitted_at", "seconds", "elapsed")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_VERSION = re.compile(r"v[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class Entry:
    """One version. `state`: candidate, champion, held (champion by a person's choice) or retired.

    `gates` tells what kept it from serving by itself, `has_files` whether it can still be loaded.
    """

    name: str
    version: str
    created_at: str
    data_hash: str | None
    code_version: str | None
    features: tuple[Mapping[str, Any], ...]
    params: Mapping[str, Any]
    metrics: tuple[Mapping[str, Any], ...]
    card: Mapping[str, Any]
    approvals: tuple[Mapping[str, Any], ...]
    gates: tuple[Mapping[str, Any], ...]
    state: str
    has_files: bool

    @property
    def serves(self) -> bool:
        """Is it the version that scores, by the rule or by a person's choice?"""
        return self.state in ("champion", "held")

    @property
    def number(self) -> int:
        """Position in the order of registration."""
        return number_of(self.version)


def name_of(text: str) -> str:
    """The name itself when it may be the name of a model.

    >>> name_of("default")
    'default'
    >>> name_of("../builds")
    Traceback (most recent call last):
    core.errors.DataError: '../builds' is no name of a model: lower-case letters, digits and _ only
    """
    if not _NAME.fullmatch(text):
        raise DataError(f"{text!r} is no name of a model: lower-case letters, digits and _ only")
    return text


def version_of(text: str) -> str:
    """The version itself when it may be one.

    >>> version_of("v12")
    'v12'
    """
    if not _VERSION.fullmatch(text):
        raise DataError(f"{text!r} is no version; versions are v1, v2, v3 …")
    return text


def number_of(version: str) -> int:
    """The number of a version.

    >>> number_of("v12")
    12
    """
    return int(version[1:])


def versions(home: Path, name: str) -> list[str]:
    """Complete versions of a model, oldest first; a folder without entry.json is what a killed build left."""
    folder = home / name_of(name)
    versions = [path.parent.name for path in folder.glob(f"*/{ENTRY}") if _VERSION.fullmatch(path.parent.name)]
    return sorted(versions, key=number_of)


def names(home: Path) -> list[str]:
    """Models of which there is at least one version."""
    if not home.is_dir():
        return []
    return sorted(path.name for path in home.iterdir() if _NAME.fullmatch(path.name) and versions(home, path.name))


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises
    ------
    DataError : the file is no JSON object; names it
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not valid JSON ({error}); restore it from a backup or remove its folder") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} holds a {type(content).__name__}, must hold a JSON object; restore it from a backup")
    return content


def read_entry(home: Path, name: str, version: str, state: str, approvals: list[dict[str, Any]]) -> Entry:
    """The entry of one version; `state` and `approvals` come from the state of the model."""
    folder = home / name_of(name) / version_of(version)
    if not (folder / ENTRY).exists():
        raise DataError(f"there is no {name} {version}; `python -m core models list` shows what there is")
    content = read_json(folder / ENTRY)
    try:
        return Entry(
            name,
            version,
            content["created_at"],
            content["data_hash"],
            content["code_version"],
            tuple(content["features"]),
            content["params"],
            tuple(content["metrics"]),
            content["card"],
            tuple(approvals),
            tuple(content["gates"]),
            state,
            all((folder / file).exists() for file in content["files"]),
        )
    except KeyError as error:
        raise DataError(f"{folder / ENTRY} lacks {error}; restore it from a backup or remove its folder") from error


def assert_intact(folder: Path) -> None:
    """Raise when a file of a version is missing or is not the file that was registered."""
    for file, expected in read_json(folder / ENTRY)["files"].items():
        path = folder / file
        if not path.exists():
            raise DataError(f"{path} is missing: old versions lose their files; choose a newer one")
        if files.sha256(path) != expected:
            raise DataError(f"{path} is not the file that was registered; restore it or choose another version")


def model_files(folder: Path) -> list[Path]:
    """The files of a model in a build's folder, sorted.

    Raises
    ------
    DataError : a file is of a kind whose loading could run code, or that nobody can read
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    strange = [path.name for path in files if path.suffix not in TEXT]
    if strange:
        raise DataError(f"{folder} holds {strange}: a model is kept as text only ({', '.join(TEXT)})")
    return files


def digest(folder: Path) -> str:
    """Fingerprint of a model: its files without reports, and without what they say of the clock."""
    content = hashlib.sha256()
    for path in model_files(folder):
        if "report" not in path.name:
            content.update(path.relative_to(folder).as_posix().encode())
            content.update(_timeless(path))
    return content.hexdigest()[:16]


def _timeless(path: Path) -> bytes:
    if path.suffix != ".json":
        return path.read_bytes()
    return json.dumps(_without_clock(json.loads(path.read_text(encoding="utf-8"))), sort_keys=True).encode()


def _without_clock(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_clock(value) for key, value in content.items() if key not in CLOCK}
    return [_without_clock(item) for item in content] if isinstance(content, list) else content


def comparison(home: Path, name: str) -> dict[str, Any] | None:
    """The report of `python -m core train --model name`; None when it never ran."""
    path = home / name_of(name) / "comparison" / "report.json"
    return read_json(path) if path.exists() else None
