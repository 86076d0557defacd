"""Registering versions and deciding which one serves; every change under one lock, every write in one step.

Reads and writes <home>/<name>/state.json: champion, held, previous (champions before, newest last), history
"""

import contextlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core import files
from core.errors import DataError
from core.models.registry.entries import (
    ENTRY,
    Entry,
    assert_intact,
    digest,
    model_files,
    name_of,
    names,
    number_of,
    read_entry,
    read_json,
    version_of,
    versions,
)

STATE = "state.json"
DRAFT = ".draft"
KEPT = 5  # newest versions keep their files; older ones keep their entry
WAIT_SECONDS = 10.0
LONGEST_TEXT = 300
FIELDS = ("data_hash", "code_version", "features", "params", "metrics", "card", "gates")

Usable = Callable[[Path], str]  # why the version in a folder cannot score with this code, "" when it can


@dataclass(frozen=True)
class State:
    """Who serves and how that came about. `previous` are the champions before, the last of them the newest."""

    champion: str | None = None
    held: bool = False
    previous: tuple[str, ...] = ()
    history: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Decision:
    """What a build does with a model: `trained` was registered, `scored_by` scores (None: nobody), and why.

    why: newest, held, gates (the newest failed them), no_version (and nothing else passed), unusable (the held one
    cannot score with this code), unsupported (this model always scores with the newest), refused (nothing was
    trained and nothing is held).
    """

    name: str
    trained: str
    scored_by: str | None
    folder: Path | None
    why: str
    note: str = ""

    @property
    def told(self) -> dict[str, str | None]:
        """What build.json says of it; `state` is that of the version this build trained, once it is published."""
        served = self.scored_by == self.trained and bool(self.trained)
        crowned = {"newest": "champion", "held": "held"} if served else {}
        return {
            "version": self.trained or None,
            "state": crowned.get(self.why, "candidate") if self.trained else "none",
            "scored_by": self.scored_by,
            "why": self.why,
            "note": self.note,
        }


def state(home: Path, name: str) -> State:
    """The state of a model; nothing decided yet is a state too."""
    path = home / name_of(name) / STATE
    if not path.exists():
        return State()
    content = read_json(path)
    try:
        previous, history = tuple(content["previous"]), tuple(content["history"])
        return State(content["champion"], bool(content["held"]), previous, history)
    except (KeyError, TypeError) as error:
        raise DataError(f"{path} lacks {error}; restore it from a backup or remove it") from error


def champion(home: Path, name: str) -> str | None:
    """The version that serves, None when none does."""
    return state(home, name).champion


def entries(home: Path, name: str | None = None) -> list[Entry]:
    """Every version of one model or of all, by name, oldest first."""
    wanted = names(home) if name is None else [name_of(name)]
    return [_entry(home, model, version) for model in wanted for version in versions(home, model)]


def _entry(home: Path, name: str, version: str) -> Entry:
    now = state(home, name)
    by_people = [dict(event) for event in now.history if event["version"] == version and event["by"] != "build"]
    return read_entry(home, name, version, _state_of(now, version), by_people)


def _state_of(now: State, version: str) -> str:
    if version == now.champion:
        return "held" if now.held else "champion"
    served = any(event["version"] == version and event["action"] != "release" for event in now.history)
    return "retired" if served else "candidate"


def register(home: Path, name: str, folder: Path, entry: Mapping[str, Any]) -> str:
    """Keep the files of `folder` and what `entry` says of them as a version; the version.

    A model that is there already (same data, same code, same files) is not kept twice.

    Raises
    ------
    BusyError : somebody else is writing to the registry
    DataError : the folder holds no files, or files that are not text
    """
    with _locked(home):
        _sweep(home / name_of(name))
        fingerprint = digest(folder)
        for version in reversed(versions(home, name)):
            known = read_json(home / name / version / ENTRY)
            same = ("data_hash", "code_version")
            if known["digest"] == fingerprint and all(known[key] == entry.get(key) for key in same):
                return version
        version = _keep(home / name, folder, entry, fingerprint)
        _prune(home, name)
    return version


def _keep(shelf: Path, folder: Path, entry: Mapping[str, Any], fingerprint: str) -> str:
    """Copy into a draft folder, entry.json last, then rename: half a version is never seen."""
    paths = model_files(folder)
    if not paths:
        raise DataError(f"{folder} is empty; there is no model to register")
    taken = [number_of(path.name) for path in shelf.iterdir() if path.name[:1] == "v" and path.name[1:].isdigit()]
    version = f"v{max(taken, default=0) + 1}"
    draft = shelf / f"{DRAFT}-{version}"
    for file in paths:
        target = draft / file.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    content = {"name": shelf.name, "version": version, "created_at": _now()}
    content |= {key: entry.get(key, _EMPTY.get(key)) for key in FIELDS} | {"approvals": []}
    hashes = {file.relative_to(folder).as_posix(): files.sha256(file) for file in paths}
    files.write_json(draft / ENTRY, content | {"digest": fingerprint, "files": hashes})
    draft.rename(shelf / version)
    return version


_EMPTY: dict[str, Any] = {"features": [], "params": {}, "metrics": [], "card": {}, "gates": []}


def settle(home: Path, name: str, folder: Path, entry: Mapping[str, Any], usable: Usable | None = None) -> Decision:
    """Register what a build trained in `folder` and decide which version scores; nobody is crowned yet (`confirm`).

    Parameters
    ----------
    usable : why the version in a folder cannot score with this code, "" when it can; without it the newest always
        scores, whatever is held
    """
    trained = register(home, name, folder, entry)
    now = state(home, name)
    newest = Decision(name, trained, trained, home / name / trained, "newest")
    if now.champion == trained:
        return replace(newest, why="held") if now.held else newest
    failed = read_entry(home, name, trained, "", []).gates
    if usable is None:
        return replace(newest, why="unsupported" if now.held else "newest")
    if not now.held and not failed:
        return newest
    if now.champion is None:
        return Decision(name, trained, None, None, "no_version", _told(failed))
    served = home / name / now.champion
    obstacle = trouble(served, usable)
    if not obstacle:
        return Decision(name, trained, now.champion, served, "held" if now.held else "gates", _told(failed))
    if failed and not now.held:
        return Decision(name, trained, None, None, "no_version", f"{_told(failed)}; {now.champion}: {obstacle}")
    return replace(newest, why="unusable", note=obstacle)


def trouble(folder: Path, usable: Usable) -> str:
    """Why the version in this folder cannot score, "" when it can."""
    try:
        assert_intact(folder)
        return usable(folder)
    except DataError as error:
        return str(error)


def _told(failed: tuple[Mapping[str, Any], ...]) -> str:
    return "; ".join(f"{gate['metric']} is {gate['value']:.3f}, must be {gate['limit']}" for gate in failed)


def confirm(home: Path, decision: Decision) -> None:
    """Make the version that scored a published build the champion, unless a person has decided otherwise since."""
    if decision.scored_by is None or decision.why not in ("newest", "unsupported"):
        return
    with _locked(home):
        now = state(home, decision.name)
        if not now.held and now.champion != decision.scored_by:
            reason = "newest that passed the gates"
            _crown(home, decision.name, now, decision.scored_by, "build", "build", reason, False)
            _prune(home, decision.name)


def promote(home: Path, name: str, version: str, by: str, reason: str) -> str:
    """Let a person make `version` the champion and hold it there; the version it replaces ("" when none).

    Raises
    ------
    DataError : there is no such version, its files are gone, it serves already, or nobody signs with a reason
    """
    with _locked(home):
        _assert_servable(home, name, version_of(version))
        now = state(home, name)
        if now.champion == version and now.held:
            raise DataError(f"{name} {version} is the held champion already")
        _crown(home, name, now, version, "promote", _signed(by, "by"), _signed(reason, "reason"), True)
    return now.champion or ""


def rollback(home: Path, name: str, by: str, reason: str) -> str:
    """Let a person return to the champion before the present one and hold it there; its version."""
    with _locked(home):
        now = state(home, name)
        if not now.previous:
            raise DataError(
                f"{name} has no champion before {now.champion}; `python -m core models list` shows them all"
            )
        version = now.previous[-1]
        _assert_servable(home, name, version)
        signed = _signed(by, "by"), _signed(reason, "reason")
        _crown(home, name, replace(now, previous=now.previous[:-1]), version, "rollback", *signed, True, push=False)
    return version


def release(home: Path, name: str, by: str, reason: str) -> str:
    """Let builds choose again; the version that was held."""
    with _locked(home):
        now = state(home, name)
        if not now.held or now.champion is None:
            raise DataError(f"{name} is not held; builds choose its champion")
        event = _event("release", now.champion, now.champion, _signed(by, "by"), _signed(reason, "reason"))
        _write_state(home, name, replace(now, held=False, history=(*now.history, event)))
    return now.champion


def _crown(
    home: Path, name: str, now: State, version: str, action: str, by: str, reason: str, held: bool, push: bool = True
) -> None:
    previous = now.previous
    if push and now.champion is not None and now.champion != version:
        previous = (*previous, now.champion)
    event = _event(action, version, now.champion, by, reason)
    _write_state(home, name, State(version, held, previous, (*now.history, event)))


def _event(action: str, version: str, before: str | None, by: str, reason: str) -> dict[str, Any]:
    return {"at": _now(), "action": action, "version": version, "from": before, "by": by, "reason": reason}


def _write_state(home: Path, name: str, now: State) -> None:
    content = {"champion": now.champion, "held": now.held, "previous": now.previous, "history": now.history}
    files.write_json(home / name_of(name) / STATE, content)


def _assert_servable(home: Path, name: str, version: str) -> None:
    read_entry(home, name, version, "", [])
    assert_intact(home / name / version)


def _signed(text: str, field: str) -> str:
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned) > LONGEST_TEXT or not cleaned.isprintable():
        raise DataError(f"--{field} is {text[:40]!r}, must be 1 to {LONGEST_TEXT} printable characters")
    return cleaned


def _sweep(shelf: Path) -> None:
    """Remove what killed registrations left. Only called under the lock."""
    shelf.mkdir(parents=True, exist_ok=True)
    for path in shelf.iterdir():
        if path.name.startswith(DRAFT) or (path.name[:1] == "v" and path.is_dir() and not (path / ENTRY).exists()):
            shutil.rmtree(path)
        elif path.suffix == ".tmp":
            path.unlink()


def _prune(home: Path, name: str) -> None:
    """Drop the model files of old versions; the entry stays. Kept: the newest, the champion, the one before it."""
    now = state(home, name)
    known = versions(home, name)
    retained = {*known[-KEPT:], now.champion, *now.previous[-1:]}
    for version in known:
        if version not in retained:
            for path in (home / name / version).iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != ENTRY:
                    path.unlink()


def _locked(home: Path) -> contextlib.AbstractContextManager[None]:
    """One writer at a time; another waits a little."""
    return files.locked(home, f"somebody else is writing to {home}; try again when they are done", WAIT_SECONDS)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
