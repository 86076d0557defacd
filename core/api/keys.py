"""Who may ask: API keys, of which only a hash is kept, each with the books it may read and its rate.

A key is random (256 bits), so its SHA-256 can be neither reversed nor guessed and needs no slow hash or salt. The file
is looked at on every request: a revoked key ends at once, a new one works without a restart.

Writes <data_dir>/api_keys.json, or the file that BEACON_API_KEYS names; readable by its owner only
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core import files
from core.config import Settings
from core.errors import ConfigError

FILE = "api_keys.json"
WHOLE_BANK = "*"
MANAGER = re.compile(r"[\w.-]{1,40}")
MOST_PER_SECOND = 10_000


@dataclass(frozen=True)
class Key:
    """What is known of a key; the key itself is known to its owner alone.

    managers : whose books it reads; ("*",) is the whole bank
    payments : may it ask about payments? Their customers are in no manager's book, so this is a right of its own
    per_second : requests a second, a batch counting one for each hundred of its rows
    """

    id: str
    sha256: str
    managers: tuple[str, ...]
    payments: bool
    per_second: int
    label: str
    made_at: str
    revoked_at: str | None = None

    def reads(self, manager_id: str | None) -> bool:
        """Is this manager's book within the key's scope?"""
        return self.managers == (WHOLE_BANK,) or manager_id in self.managers


def key_file(settings: Settings) -> Path:
    """Where the keys are kept."""
    named = os.environ.get("BEACON_API_KEYS")
    return Path(named) if named else settings.data_dir / FILE


def make(file: Path, managers: Sequence[str], payments: bool, per_second: int, label: str) -> tuple[str, Key]:
    """A new key, told once, and what is kept of it.

    Raises
    ------
    ConfigError : no manager, a manager's id that is none, a rate out of bounds
    """
    wrong = [name for name in managers if name != WHOLE_BANK and not MANAGER.fullmatch(name)]
    if not managers or wrong:
        raise ConfigError(f"managers are {list(managers)}; name at least one manager's id, or the whole bank")
    if not 1 <= per_second <= MOST_PER_SECOND:
        raise ConfigError(f"rate is {per_second}, must be 1 to {MOST_PER_SECOND} requests a second")
    told = f"beacon_{secrets.token_urlsafe(32)}"
    kept = Key(
        id=f"k_{secrets.token_hex(4)}",
        sha256=_hash(told),
        managers=(WHOLE_BANK,) if WHOLE_BANK in managers else tuple(sorted(set(managers))),
        payments=payments,
        per_second=per_second,
        label=label,
        made_at=_now(),
    )
    with files.locked_file(file):
        _write(file, [*read(file), kept])
    return told, kept


def revoke(file: Path, key_id: str) -> Key:
    """The key with this id, which ends now.

    Raises
    ------
    ConfigError : there is no such key, or it has ended already
    """
    with files.locked_file(file):
        known = read(file)
        found = next((key for key in known if key.id == key_id and key.revoked_at is None), None)
        if found is None:
            raise ConfigError(f"there is no key {key_id!r} in use; `python -m core key list` shows them")
        ended = replace(found, revoked_at=_now())
        _write(file, [ended if key.id == key_id else key for key in known])
    return ended


def read(file: Path) -> list[Key]:
    """All keys, oldest first; none when there is no file yet.

    Raises
    ------
    ConfigError : the file is damaged
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return [Key(**one | {"managers": tuple(one["managers"])}) for one in content["keys"]]
    except FileNotFoundError:
        return []
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ConfigError(f"{file} cannot be read ({error}); restore it, or remove it and make new keys") from error


class Keys:
    """The keys of a file, read again when it changes.

    >>> Keys(Path("/nowhere")).find("beacon_guess") is None
    True
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, int, int] | None = None
        self._by_hash: dict[str, Key] = {}

    def find(self, told: str) -> Key | None:
        """The key that hashes like this one, None when there is none or it was revoked."""
        self._refresh()
        return self._by_hash.get(_hash(told))

    def _refresh(self) -> None:
        try:
            state = self._file.stat()
        except FileNotFoundError:
            self._seen, self._by_hash = None, {}
            return
        seen = (state.st_mtime_ns, state.st_ino, state.st_size)
        if seen != self._seen:
            self._by_hash = {key.sha256: key for key in read(self._file) if key.revoked_at is None}
            self._seen = seen


def _hash(told: str) -> str:
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()


def _write(file: Path, known: Sequence[Key]) -> None:
    files.write_json(file, {"keys": [asdict(key) for key in known]}, files.PRIVATE)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
