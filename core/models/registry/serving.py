"""Which model scores a build: registers what was trained, and puts the files that score into the build's folder.

Reads  <build>/models/<name>/, the registry
Writes the registry; <build>/models/<name>/ when an older champion scores instead of the one just trained
"""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core import db
from core.models.classifier.model_files import CARD, load
from core.models.registry.cards import entry
from core.models.registry.entries import ENTRY
from core.models.registry.store import Decision, Usable, settle, state, trouble

if TYPE_CHECKING:
    from core.models.classifier.model import Model

log = logging.getLogger("beacon.registry")


def served(
    con: db.Connection, home: Path, folder: Path, name: str, features: Sequence[str]
) -> "tuple[Model | None, Decision]":
    """The classifier that scores, and why: the one just trained into `folder`, or a champion that is held.

    Nothing was trained (the book cannot carry a model): a held champion scores all the same, otherwise nobody.
    `features` is what this code can compute; a held champion that wants others cannot score.
    """

    def usable(shelf: Path) -> str:
        wants = load(shelf).features
        strange = sorted({*wants} ^ {*features})
        return f"its features differ from this code's: {strange}" if tuple(wants) != tuple(features) else ""

    if not (folder / CARD).exists():
        return _untrained(home, folder, name, usable)
    decision = settle(home, name, folder, entry(con, name, folder), usable)
    _tell(decision)
    if decision.folder is None:
        return None, decision
    if decision.scored_by != decision.trained:
        _replace(decision.folder, folder)
    return load(folder), decision


def registered(con: db.Connection, home: Path, folder: Path, name: str) -> Decision | None:
    """Register a model whose newest version always scores; None when nothing was trained (reports alone)."""
    if all("report" in path.name for path in folder.iterdir()):
        return None
    decision = settle(home, name, folder, entry(con, name, folder))
    _tell(decision)
    return decision


def _untrained(home: Path, folder: Path, name: str, usable: Usable) -> "tuple[Model | None, Decision]":
    now = state(home, name)
    if not now.held or now.champion is None:
        return None, Decision(name, "", None, None, "refused")
    shelf = home / name / now.champion
    obstacle = trouble(shelf, usable)
    if obstacle:
        return None, Decision(name, "", None, None, "unusable", obstacle)
    _replace(shelf, folder)
    return load(folder), Decision(name, "", now.champion, shelf, "held", "nothing was trained")


def _replace(shelf: Path, folder: Path) -> None:
    """Put the champion's own files in place of those just trained; reports of the training stay."""
    for path in folder.iterdir():
        if path.is_file() and "report" not in path.name:
            path.unlink()
    for path in shelf.iterdir():
        if path.is_file() and "report" not in path.name and path.name != ENTRY:
            shutil.copyfile(path, folder / path.name)


def _tell(decision: Decision) -> None:
    log.info(
        "model=%s trained=%s scored_by=%s why=%s %s",
        decision.name,
        decision.trained,
        decision.scored_by,
        decision.why,
        decision.note,
    )
