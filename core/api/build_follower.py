"""The build that the API serves, followed when a new one is published.

A lookup must take microseconds, so the answers of all businesses are rendered once a build and kept compressed (about
one kilobyte a business). The build itself stays attached read-only, with a cursor per call, for what is asked rarely.

Reads  builds/CURRENT, and of the published build: business_scores, drivers, recommendations, build_info; its models
"""

import gc
import logging
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from core import db
from core.api.payment_history import History
from core.config import policy
from core.errors import CoreError, NoBuildError
from core.payments.scorer import Scorer

log = logging.getLogger("beacon.api")

PARTS: Final = ("score", "default", "churn", "recommendation")
FETCHED = 2_000  # rows rendered at a time, so that memory stays that of the compressed answers
LOOKED_AT_S = 0.5


@dataclass(frozen=True)
class Kept:
    """The parts of one business's answer, compressed, and whose book it is in."""

    manager_id: str | None
    packed: bytes

    def parts(self) -> dict[str, bytes]:
        """Part -> its JSON."""
        return dict(zip(PARTS, zlib.decompress(self.packed).split(b"\0"), strict=True))


@dataclass(frozen=True)
class Served:
    """One published build, never changed. `versions` has the version of each model that scored it.

    `scorer` has the models of payments, `history` what is known of those who pay.
    """

    build_id: str
    as_of: str | None
    versions: Mapping[str, str]
    businesses: Mapping[str, Kept]
    con: db.Connection
    scorer: Scorer
    history: History

    def cursor(self) -> db.Connection:
        """A cursor of the attached build: one per call, a connection must not be shared between threads."""
        return self.con.cursor()


def opened(builds: Path, build_id: str) -> Served:
    """The build with everything the API answers from.

    Raises
    ------
    NoBuildError : the build is gone
    StaleBuildError : the build was made by another version of the code
    """
    con = db.open_build(builds, build_id)
    info = dict(con.cursor().execute("FROM build_info").fetchall())
    versions = {key.removeprefix("model."): value for key, value in info.items() if key.startswith("model.") and value}
    businesses = dict(_answers(con.cursor())) if db.has_table(con.cursor(), "business_scores") else {}
    scorer = Scorer.of_build(builds / build_id)
    history = History(con, scorer.usual)
    history.read_newest()
    return Served(build_id, info.get("as_of"), versions, businesses, con, scorer, history)


def _answers(con: db.Connection) -> Iterator[tuple[str, Kept]]:
    db.served_execute(con, "core/api/sql/answers", policy()["score"]["weights"])
    while rows := con.fetchmany(FETCHED):
        for business_id, manager_id, *parts in rows:
            yield business_id, Kept(manager_id, _packed(parts))


def _packed(parts: Iterable[str]) -> bytes:
    return zlib.compress("\0".join(parts).encode(), 1)


class Follower:
    """Opens the published build, then each new one; the old one serves until the new one is open."""

    def __init__(self, builds: Path) -> None:
        self._builds = builds
        self._served: Served | None = None
        self._refused = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="follow-builds", daemon=True)

    def start(self) -> None:
        """Open what there is, then keep looking."""
        self.look()
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stop.set()
        self._thread.join()

    def now(self) -> Served:
        """The build that serves.

        Raises
        ------
        NoBuildError : none has been published, or none could be opened
        """
        if self._served is None:
            raise NoBuildError(f"no build in {self._builds} can be served; run `python -m core build`")
        return self._served

    def known(self) -> Served | None:
        """The build that serves, None when there is none."""
        return self._served

    def look(self) -> None:
        """Open the published build unless it serves already; one that cannot be opened is logged once."""
        build_id = ""
        try:
            build_id = db.current_build(self._builds)
            if self._served is None or self._served.build_id != build_id:
                self._served = opened(self._builds, build_id)
                gc.collect()
                gc.freeze()  # what serves for a day need not be looked through for garbage after every few requests
                log.info("build served", extra={"build_id": build_id, "businesses": len(self._served.businesses)})
            self._refused = ""
        except (CoreError, duckdb.Error, OSError, ValueError) as error:  # whatever is wrong with it, the old one serves
            if self._refused != (why := f"{build_id} {type(error).__name__}"):
                log.error("build refused", extra={"build_id": build_id, "why": str(error)})
                self._refused = why

    def _follow(self) -> None:
        while not self._stop.wait(LOOKED_AT_S):
            self.look()
