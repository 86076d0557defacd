"""Keys and addresses of the outside services, read from the environment and never shown.

BEACON_FINLIFE_KEY      key of the FSS service; without it finlife is skipped
BEACON_FINLIFE_COMPANY  code or part of the name of the own bank, as finlife writes it
BEACON_NH_TOKEN, BEACON_NH_ISCD, BEACON_NH_APSNO   NH: access token, institution code, FinTech app number (001 in test)
BEACON_NH_CONSENTS      CSV of consenting customers; by default <data_dir>/external/products/nh_consents.csv
BEACON_FINLIFE_URL, BEACON_NH_URL           other addresses, for instance of a test server
BEACON_FETCH_TIMEOUT, BEACON_FETCH_PAUSE    seconds for a whole answer (20), before a second try (1)
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from core.errors import ConfigError

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Keys:
    """Keys, addresses and limits of the outside services; its repr leaves out the secrets."""

    finlife_key: str = field(default="", repr=False)
    finlife_company: str = ""
    finlife_url: str = "https://finlife.fss.or.kr/finlifeapi"
    nh_token: str = field(default="", repr=False)
    nh_iscd: str = field(default="", repr=False)
    nh_apsno: str = "001"
    nh_url: str = "https://developers.nonghyup.com"
    nh_consents: str = ""
    fetch_timeout: float = 20.0
    fetch_pause: float = 1.0

    def __post_init__(self) -> None:
        for name in ("finlife_url", "nh_url"):
            _require_https(f"BEACON_{name.upper()}", getattr(self, name))

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Keys":
        """The keys of this environment.

        Raises
        ------
        ConfigError : a limit is no number, or an address would send a key unencrypted
        """
        values: dict[str, Any] = {}
        for name in cls.__dataclass_fields__:
            value = env.get(f"BEACON_{name.upper()}", "").strip()
            if value:
                values[name] = _seconds(name, value) if name.startswith("fetch_") else value
        return cls(**values)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that must never stand in a log, an error or a file."""
        return (self.finlife_key, self.nh_token)


def _seconds(name: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 600:
        raise ConfigError(f"BEACON_{name.upper()} is {value!r}, must be seconds from 0 to 600")
    return seconds


def _require_https(name: str, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ConfigError(f"{name} must start with https://, as a key travels with every question")
