"""What can go wrong, as far as some caller treats it differently.

CoreError
├── DataError      a file or a row breaks the contract; the message says where and what to do
├── NoBuildError   there is no build to read yet
├── StaleBuildError the served build was made by another version of the code
├── BusyError      another build is running
├── ConfigError    a setting or the policy file is wrong
├── DeskError      the desk's database cannot be used; the rest of a page can
└── RefusedError   a change on the desk was refused: its code says why, the page says it in words
"""


class CoreError(Exception):
    """Something the user can act on; shown as one sentence, never as a traceback."""


class DataError(CoreError):
    """Data that breaks the contract."""


class NoBuildError(CoreError):
    """No build has been published in this data folder."""


class StaleBuildError(CoreError):
    """The served build lacks what this version of the code reads."""


class BusyError(CoreError):
    """A build is already running in this data folder."""


class ConfigError(CoreError):
    """A setting or core/policy.toml is wrong."""


class DeskError(CoreError):
    """The desk's database cannot be reached or read, or a newer version made it."""


class RefusedError(CoreError):
    """A change on the desk was refused: stale, exists, not_yours, empty or long."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
