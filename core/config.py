"""Settings (where things are) and policy (what the bank has decided), both read once at the edge."""

import os
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import ConfigError

CORE = Path(__file__).parent
ROOT = CORE.parent
REFERENCE = ROOT / "data" / "reference"
POLICY = CORE / "policy.toml"


@dataclass(frozen=True)
class Settings:
    """Folders of one bank. A second bank is a second `data_dir`."""

    data_dir: Path
    desk: str | None = None

    @classmethod
    def from_env(cls) -> "Settings":
        """The data folder from BEACON_DATA_DIR, by default `data` beside the code; the desk from BEACON_DESK_URL."""
        data_dir = Path(os.environ.get("BEACON_DATA_DIR") or ROOT / "data").resolve()
        return cls(data_dir, os.environ.get("BEACON_DESK_URL") or None)

    @property
    def desk_url(self) -> str:
        """The database of notes and decisions: BEACON_DESK_URL, by default SQLite in the data folder."""
        return self.desk or f"sqlite:///{self.data_dir / 'desk' / 'desk.sqlite'}"

    @property
    def raw(self) -> Path:
        """Files as they were imported: raw/bank and raw/seoul."""
        return self.data_dir / "raw"

    @property
    def external(self) -> Path:
        """What outside services sent: external/products."""
        return self.data_dir / "external"

    @property
    def builds(self) -> Path:
        """One folder a build, and CURRENT."""
        return self.data_dir / "builds"

    @property
    def models(self) -> Path:
        """The registry: one folder a model, in it one a version."""
        return self.data_dir / "models"


@cache
def policy() -> dict[str, Any]:
    """The bank's decisions: weights, anchors, tiers, windows, seeds.

    >>> sum(policy()["score"]["weights"].values())
    1.0
    """
    try:
        return tomllib.loads(POLICY.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{POLICY.name} is not valid TOML: {error}; compare it with the repository's copy") from error
