"""A file that is not read at all, and why: `load` records it, `import` reports it, the rest of the book goes on."""

from core.errors import DataError


class RefusedError(DataError):
    """The file cannot be used; `code` is the stable id of the reason, `table` what it would have been, if known."""

    def __init__(self, code: str, message: str, table: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.table = table
        self.line = line
