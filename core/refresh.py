"""Refresh, the command for a scheduler: fetch what is configured, build when something has changed, send alerts.

It can run at any time and as often as needed: with the same files a second run asks no service again within twenty
hours, builds nothing and sends nothing. When a step fails, the build that was served before is still served.

Reads  data/raw, data/external, the held champions of the registry, the code
Writes what fetch and build write; the desk's alerts; <data_dir>/refresh/{LOCK, last.json}
"""

import hashlib
import json
import logging
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
from core.progress import Progress, silent
from core.sources.products import fetch as products
from core.sources.products.keys import Keys
from core.watch import send as watch_send

log = logging.getLogger("beacon.refresh")

FOLDER, LAST = "refresh", "last.json"
BUILD = "core.build"  # the module whose code makes a build


@dataclass(frozen=True)
class RefreshResult:
    """The result of one refresh.

    fetch_failures : requests to outside services that failed, in sentences; the build uses what came before
    built : whether a new build was made; False when nothing had changed since the served one
    """

    build_id: str
    built: bool
    fetch_failures: tuple[str, ...]
    sent: AlertCounts
    fingerprint: str


def refresh(settings: Settings, today: date, *, force: bool = False, progress: Progress | None = None) -> RefreshResult:
    """Fetch, build, then send alerts.

    Parameters
    ----------
    force : build even when nothing has changed

    Raises
    ------
    BusyError : another refresh or build is running in this data folder
    CoreError : the build or the desk failed; the message says what to do
    """
    progress = progress or silent
    busy = f"another refresh is running in {settings.data_dir}; it will do the same"
    with files.locked(settings.data_dir / FOLDER, busy):
        failures = _fetch(settings, progress)
        now = fingerprint(settings)
        built = force or not _is_served(settings, now)
        if built:
            build.build(settings, progress)
            _write_last(settings, {"fingerprint": now, "build_id": db.current_build(settings.builds)})
        progress("alerts", 0.99)
        build_id = db.current_build(settings.builds)
        result = RefreshResult(build_id, built, failures, send(settings, build_id, today), now)
        _write_last(settings, asdict(result) | {"at": datetime.now(UTC).isoformat(timespec="seconds")})
    log.info("build=%s built=%s fetch_failures=%d alerts=%s", build_id, built, len(failures), result.sent)
    return result


def _fetch(settings: Settings, progress: Progress) -> tuple[str, ...]:
    """Ask the services that have a key; the failures, in sentences."""
    progress("fetch", 0.0)
    try:
        report = products.fetch(settings.external, Keys.from_env(), progress=progress)
    except BusyError:
        raise
    except CoreError as error:
        # A service that is down must not stop a build of the bank's own figures.
        return (str(error),)
    return tuple(f"{outcome.source}, {outcome.question}: {outcome.why}" for outcome in report.failed)


def send(settings: Settings, build_id: str, today: date) -> AlertCounts:
    """Put the alerts of a build on the desk; a second time changes nothing.

    Raises
    ------
    CoreError : the desk cannot be reached
    """
    with db.open_build(settings.builds, build_id) as con:
        return watch_send.send(con, open_desk(settings.desk_url), build_id, today)


def fingerprint(settings: Settings) -> str:
    """Hash of everything that the figures of a build depend on: files, fetched data, held champions, code."""
    digest = hashlib.sha256()
    for root in (settings.raw, settings.external):
        for path in sorted(path for path in root.rglob("*") if path.is_file() and path.name != "LOCK"):
            _add(digest, str(path.relative_to(root)), path)
    digest.update(code_version(BUILD).encode())
    for path in (POLICY, *sorted(REFERENCE.iterdir())):
        _add(digest, path.name, path)
    for name in sorted(path.name for path in settings.models.glob("*") if path.is_dir()):
        state = registry.state(settings.models, name)
        # Builds promote champions by themselves; only a person's choice of one changes the next build.
        digest.update(f"{name}:{state.champion if state.held else ''}".encode())
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", name: str, path: Path) -> None:
    digest.update(f"{name}\0{path.stat().st_size}\0".encode())
    with path.open("rb") as file:
        hashlib.file_digest(file, lambda: digest)


def _is_served(settings: Settings, fingerprint: str) -> bool:
    """Whether a refresh made the served build, and with this fingerprint."""
    try:
        last = json.loads((settings.data_dir / FOLDER / LAST).read_text(encoding="utf-8"))
        served = db.current_build(settings.builds)
    except (FileNotFoundError, json.JSONDecodeError, NoBuildError):
        return False
    return (last.get("fingerprint"), last.get("build_id")) == (fingerprint, served)


def _write_last(settings: Settings, content: dict) -> None:
    files.write_json(settings.data_dir / FOLDER / LAST, content)
