"""`python -m core report BUSINESS_ID --manager RM001` and `… report --brief RM001`: files for paper and mail."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from core.cli.console import print_line
from core.config import Settings
from core.errors import ConfigError


def report(
    business_id: Annotated[str, typer.Argument(help="The business; left out with --brief.")] = "",
    manager: Annotated[str, typer.Option(help="Whose book the business must be in.")] = "",
    brief: Annotated[str, typer.Option(help="Instead of a business: the week of this manager.")] = "",
    lang: Annotated[Literal["ko", "en"], typer.Option(help="Language of the report.")] = "ko",
    form: Annotated[Literal["pdf", "html", "txt"], typer.Option("--format", help="Kind of file.")] = "pdf",
    to: Annotated[Path | None, typer.Option("--out", help="The file to write.")] = None,
) -> None:
    """Write a one-page note on a business, or a manager's week, as PDF, HTML or text."""
    from core import db
    from core.report import files, llm
    from pages.shared.text.report import ReportLanguage

    if to is None or bool(business_id) == bool(brief) or (business_id and not manager):
        raise ConfigError("name a business with --manager, or --brief with a manager, and the file with --out")
    settings = Settings.from_env()
    with db.open_build(settings.builds, db.current_build(settings.builds)) as con:
        if brief:
            content = files.brief(con, brief, ReportLanguage(lang), form)
        else:
            content = files.note(con, business_id, manager, ReportLanguage(lang), form, llm.Endpoint.from_env())
    try:
        to.write_bytes(content)
    except OSError as error:
        raise ConfigError(f"{to} cannot be written ({error.strerror}); name another file with --out") from error
    print_line(f"{to}: {len(content):,} bytes")
