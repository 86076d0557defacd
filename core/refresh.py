"""One command for a scheduler: fetch what is configured, build when something has changed, watch, send alerts.

Safe to run at any time and as often as one likes: a second run with the same files asks no service again within twenty
hours, builds nothing and sends nothing. A step that fails leaves what served before.

Reads  data/raw, data/external, the registry's held champions, the code
Writes what fetch and build write; the desk's alerts; <data_dir>/refresh/{LOCK, last.json}
"""

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from core import build, db, files
from core.config import POLICY, REFERENCE, Settings
from core.desk.alerts import AlertCounts
from core.desk.engine import open_desk
from core.errors import BusyError, CoreError, NoBuildError
from core.fingerprint import code_version
from core.models import registry
from core.sources.products import fetch as products
from core.sources.products.keys import Keys
from core.watch import send as sending

log = logging.getLogger("beacon.refresh")

FOLDER, LAST = "refresh", "last.json"
BUILD = "core.build"  # the module whose code makes a build
CHUNK = 1 << 20

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Refreshed:
    """What one run did.

    fetch_failures : questions to outside services that were asked and not answered; what was kept is used
    built : whether a new build was made; False when nothing had changed since the one that serves
    """

    build_id: str
    built: bool
    fetch_failures: tuple[str, ...]
    sent: AlertCounts
    fingerprint: str


def refresh(settings: Settings, today: date, *, force: bool = False, tell: Progress | None = None) -> Refreshed:
    """Fetch, build, watch and alert, in this order.

    Parameters
    ----------
    force : build even when nothing has changed

    Raises
    ------
    BusyError : another refresh or build is running in this data folder
    CoreError : the build or the desk failed; the message says what to do
    """
    say = tell or _silent
    busy = f"another refresh is running in {settings.data_dir}; it will do the same"
    with files.locked(settings.data_dir / FOLDER, busy):
        failures = _fetch(settings, say)
        mark = fingerprint(settings)
        built = force or not _is_served(settings, mark)
        if built:
            build.build(settings, say)
            _note(settings, {"fingerprint": mark, "build_id": db.current_build(settings.builds)})
        say("alerts", 0.99)
        build_id = db.current_build(settings.builds)
        done = Refreshed(build_id, built, failures, send(settings, build_id, today), mark)
        _note(settings, asdict(done) | {"at": datetime.now(UTC).isoformat(timespec="seconds")})
    log.info("build=%s built=%s fetch_failures=%d alerts=%s", build_id, built, len(failures), done.sent)
    return done


def _fetch(settings: Settings, say: Progress) -> tuple[str, ...]:
    """Ask the services that have a key; what failed, in sentences."""
    say("fetch", 0.0)
    try:
        report = products.fetch(settings.external, Keys.from_env(), tell=say)
    except BusyError:
        raise
    except CoreError as error:
        # A service that is down must not keep the bank's own figures from being fresh.
        return (str(error),)
    return tuple(f"{one.source}, {one.question}: {one.why}" for one in report.failed)


def send(settings: Settings, build_id: str, today: date) -> AlertCounts:
    """Put the alerts of a build on the desk; a second time changes nothing.

    Raises
    ------
    CoreError : the desk cannot be reached
    """
    with db.open_build(settings.builds, build_id) as con:
        return sending.send(con, open_desk(settings.desk_url), build_id, today)


def fingerprint(settings: Settings) -> str:
    """Hash of everything that a build's figures depend on: files, what was fetched, held champions, code."""
    found = hashlib.sha256()
    for root in (settings.raw, settings.external):
        for path in sorted(path for path in root.rglob("*") if path.is_file() and path.name != "LOCK"):
            _add(found, str(path.relative_to(root)), path)
    found.update(code_version(BUILD).encode())
    for path in (POLICY, *sorted(REFERENCE.iterdir())):
        _add(found, path.name, path)
    for name in sorted(path.name for path in settings.models.glob("*") if path.is_dir()):
        state = registry.state(settings.models, name)
        # A build promotes by itself; only a person's choice changes what the next build would say.
        found.update(f"{name}:{state.champion if state.held else ''}".encode())
    return found.hexdigest()


def _add(found: "hashlib._Hash", name: str, path: Path) -> None:
    found.update(f"{name}\0{path.stat().st_size}\0".encode())
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)


def _is_served(settings: Settings, mark: str) -> bool:
    """Did a refresh make the served build from exactly this?"""
    try:
        last = json.loads((settings.data_dir / FOLDER / LAST).read_text(encoding="utf-8"))
        served = db.current_build(settings.builds)
    except (FileNotFoundError, json.JSONDecodeError, NoBuildError):
        return False
    return (last.get("fingerprint"), last.get("build_id")) == (mark, served)


def _note(settings: Settings, content: dict) -> None:
    files.write_json(settings.data_dir / FOLDER / LAST, content)


def _silent(note: str, fraction: float) -> None:
    """No progress display."""
