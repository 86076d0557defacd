"""The error for a file that is not read at all: the loader records it, the importer reports it, other files go on."""

from core.errors import DataError


class FileRefusedError(DataError):
    """The file cannot be used; `code` is the stable id of the reason, `table` what it would have been, if known."""

    def __init__(self, code: str, message: str, table: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.table = table
        self.line = line
