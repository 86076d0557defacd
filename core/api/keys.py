"""API keys: which businesses each may read, and at what rate. Only a hash of a key is stored.

A key has 256 random bits. Nobody can guess one from its SHA-256, so it needs neither a slow hash nor a salt. The file
is checked on every request: a revoked key ends at once, a new key works without a restart.

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
MAX_PER_SECOND = 10_000


@dataclass(frozen=True)
class Key:
    """What is stored of a key; only its owner has the key itself.

    managers : the managers whose businesses it reads; ("*",) is the whole bank
    payments : whether it may ask about payments. Their customers belong to no manager, so this is a separate right
    per_second : requests a second; a batch counts once for each hundred of its rows
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
        """Whether the key reads this manager's businesses."""
        return self.managers == (WHOLE_BANK,) or manager_id in self.managers


def key_file(settings: Settings) -> Path:
    """The file of the keys."""
    path = os.environ.get("BEACON_API_KEYS")
    return Path(path) if path else settings.data_dir / FILE


def make(file: Path, managers: Sequence[str], payments: bool, per_second: int, label: str) -> tuple[str, Key]:
    """A new key, which cannot be shown again, and what is stored of it.

    Raises
    ------
    ConfigError : no manager, a text that is no manager's id, a rate out of bounds
    """
    wrong = [name for name in managers if name != WHOLE_BANK and not MANAGER.fullmatch(name)]
    if not managers or wrong:
        raise ConfigError(f"managers are {list(managers)}; name at least one manager's id, or the whole bank")
    if not 1 <= per_second <= MAX_PER_SECOND:
        raise ConfigError(f"rate is {per_second}, must be 1 to {MAX_PER_SECOND} requests a second")
    secret = f"beacon_{secrets.token_urlsafe(32)}"
    key = Key(
        id=f"k_{secrets.token_hex(4)}",
        sha256=_hash(secret),
        managers=(WHOLE_BANK,) if WHOLE_BANK in managers else tuple(sorted(set(managers))),
        payments=payments,
        per_second=per_second,
        label=label,
        made_at=_now(),
    )
    with files.locked_file(file):
        _write(file, [*read(file), key])
    return secret, key


def revoke(file: Path, key_id: str) -> Key:
    """End the key with this id; the key as it is then.

    Raises
    ------
    ConfigError : there is no such key, or it was revoked before
    """
    with files.locked_file(file):
        keys = read(file)
        key = next((key for key in keys if key.id == key_id and key.revoked_at is None), None)
        if key is None:
            raise ConfigError(f"there is no key {key_id!r} in use; `python -m core key list` shows them")
        revoked = replace(key, revoked_at=_now())
        _write(file, [revoked if key.id == key_id else key for key in keys])
    return revoked


def read(file: Path) -> list[Key]:
    """All keys, oldest first; none when there is no file yet.

    Raises
    ------
    ConfigError : the file is damaged
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return [Key(**entry | {"managers": tuple(entry["managers"])}) for entry in content["keys"]]
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
        self._state: tuple[int, int, int] | None = None
        self._by_hash: dict[str, Key] = {}

    def find(self, secret: str) -> Key | None:
        """The key with the hash of `secret`, None when there is none or it was revoked."""
        self._refresh()
        return self._by_hash.get(_hash(secret))

    def _refresh(self) -> None:
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            self._state, self._by_hash = None, {}
            return
        state = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        if state != self._state:
            self._by_hash = {key.sha256: key for key in read(self._file) if key.revoked_at is None}
            self._state = state


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _write(file: Path, keys: Sequence[Key]) -> None:
    files.write_json(file, {"keys": [asdict(key) for key in keys]}, files.PRIVATE)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
