"""Serves the published build, and each new build as soon as it is published.

A request must take microseconds. So the answers for all businesses are made once for each build and stay in memory,
compressed (about one kilobyte a business). Rare questions are asked of the build itself, which stays attached
read-only, with one cursor per call.

Reads  builds/CURRENT, and of the published build: business_scores, drivers, recommendations, build_info; its models
"""

import gc
import logging
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from core import db
from core.api.payment_history import PaymentHistory
from core.config import policy
from core.errors import CoreError, NoBuildError
from core.payments.scorer import Scorer

log = logging.getLogger("beacon.api")

PARTS: Final = ("score", "default", "churn", "recommendation")
ROWS_PER_FETCH = 2_000  # so that memory holds little more than the compressed answers
CHECK_EVERY = 0.5  # seconds


@dataclass(frozen=True)
class StoredAnswer:
    """The answer for one business, compressed, and its manager, None when it has none."""

    manager_id: str | None
    compressed: bytes

    def parts(self) -> dict[str, bytes]:
        """Part -> its JSON."""
        return dict(zip(PARTS, zlib.decompress(self.compressed).split(b"\0"), strict=True))


@dataclass(frozen=True)
class ServedBuild:
    """One published build; it never changes.

    versions : model -> the version of it that scored this build
    scorer : its models of payments
    history : the payments of its customers
    """

    build_id: str
    as_of: str | None
    versions: Mapping[str, str]
    businesses: Mapping[str, StoredAnswer]
    con: db.Connection
    scorer: Scorer
    history: PaymentHistory

    def cursor(self) -> db.Connection:
        """A cursor of the attached build: one per call, as threads must not share a connection."""
        return self.con.cursor()


def load(builds: Path, build_id: str) -> ServedBuild:
    """The build with everything that answers are made from.

    Raises
    ------
    NoBuildError : the build does not exist any more
    StaleBuildError : the build was made by another version of the code
    """
    con = db.open_build(builds, build_id)
    info = dict(con.cursor().execute("FROM build_info").fetchall())
    versions = {key.removeprefix("model."): value for key, value in info.items() if key.startswith("model.") and value}
    businesses = dict(_stored_answers(con.cursor())) if db.has_table(con.cursor(), "business_scores") else {}
    scorer = Scorer.of_build(builds / build_id)
    history = PaymentHistory(con, scorer.usual)
    history.read_newest()
    return ServedBuild(build_id, info.get("as_of"), versions, businesses, con, scorer, history)


def _stored_answers(con: db.Connection) -> Iterator[tuple[str, StoredAnswer]]:
    db.served_execute(con, "core/api/sql/answers", policy()["score"]["weights"])
    while rows := con.fetchmany(ROWS_PER_FETCH):
        for business_id, manager_id, *parts in rows:
            yield business_id, StoredAnswer(manager_id, zlib.compress("\0".join(parts).encode(), 1))


class BuildFollower:
    """Loads the published build, then each new one; the old one serves until the new one is loaded."""

    def __init__(self, builds: Path) -> None:
        self._builds = builds
        self._served: ServedBuild | None = None
        self._logged_error = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="follow-builds", daemon=True)

    def start(self) -> None:
        """Load the published build, then check for new ones in a thread."""
        self.check()
        self._thread.start()

    def stop(self) -> None:
        """Check no longer; returns when the thread has ended."""
        self._stop.set()
        self._thread.join()

    def current(self) -> ServedBuild:
        """The build that is served.

        Raises
        ------
        NoBuildError : none has been published, or none could be loaded
        """
        if self._served is None:
            raise NoBuildError(f"no build in {self._builds} can be served; run `python -m core build`")
        return self._served

    def current_or_none(self) -> ServedBuild | None:
        """The build that is served, None when there is none."""
        return self._served

    def check(self) -> None:
        """Load the published build unless it is served already; an error is logged once."""
        build_id = ""
        try:
            build_id = db.current_build(self._builds)
            if self._served is None or self._served.build_id != build_id:
                self._served = load(self._builds, build_id)
                gc.collect()
                gc.freeze()  # garbage collection need not look through what stays for a day
                log.info("build served", extra={"build_id": build_id, "businesses": len(self._served.businesses)})
            self._logged_error = ""
        except (CoreError, duckdb.Error, OSError, ValueError) as error:  # the old one serves on
            if self._logged_error != (kind := f"{build_id} {type(error).__name__}"):
                log.error("build refused", extra={"build_id": build_id, "why": str(error)})
                self._logged_error = kind

    def _follow(self) -> None:
        while not self._stop.wait(CHECK_EVERY):
            self.check()
