"""`python -m core serve`: the REST API; `python -m core key make | list | revoke`: who may use it."""

import logging
from typing import Annotated

import typer

from core.cli.console import err, out, print_table
from core.config import Settings
from core.errors import ConfigError

app = typer.Typer(help="Keys of the REST API; only their hashes are kept.", no_args_is_help=True)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8600,
) -> None:
    """Serve the REST API of the published build; its pages are /docs, /health, /ready and /metrics."""
    import uvicorn

    from core.api import observability
    from core.api.app import make

    handler = logging.StreamHandler()
    handler.setFormatter(observability.JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    uvicorn.run(make(Settings.from_env()), host=host, port=port, log_config=None, access_log=False, server_header=False)


@app.command("make")
def make_key(
    manager: Annotated[list[str] | None, typer.Option(help="Whose book it reads; may be repeated.")] = None,
    whole_bank: Annotated[bool, typer.Option("--whole-bank", help="It reads every book.")] = False,
    payments: Annotated[bool, typer.Option("--payments", help="It may ask about payments.")] = False,
    per_second: Annotated[int, typer.Option(help="Requests a second.")] = 50,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Make a key and print it, once: it cannot be shown again."""
    from core.api import keys

    settings = Settings.from_env()
    if bool(manager) == whole_bank:
        raise ConfigError("name the managers whose books it reads (--manager RM001), or --whole-bank")
    _check_managers(settings, manager or [])
    secret, key = keys.make(keys.key_file(settings), manager or [keys.WHOLE_BANK], payments, per_second, label)
    typer.echo(secret)
    err.print(f"{key.id}: keep it now, only its hash is stored; send it as X-API-Key", markup=False)


@app.command("list")
def list_keys() -> None:
    """Show the keys: what each may do, never the key itself."""
    from core.api import keys

    rows = [
        (
            key.id,
            ", ".join(key.managers),
            "yes" if key.payments else "",
            str(key.per_second),
            key.label,
            key.made_at[:16],
            (key.revoked_at or "")[:16],
        )
        for key in keys.read(keys.key_file(Settings.from_env()))
    ]
    print_table(("id", "books", "payments", "a second", "for", "made", "revoked"), rows)


@app.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(help="k_…, as `key list` shows it.")]) -> None:
    """End a key; a running server refuses it from its next request on."""
    from core.api import keys

    key = keys.revoke(keys.key_file(Settings.from_env()), key_id)
    out.print(f"{key.id} ended", markup=False)


def _check_managers(settings: Settings, managers: list[str]) -> None:
    """Raise when the published build has no such manager: a key that reads nothing is a typing mistake."""
    from core import db

    if not managers or not (settings.builds / db.CURRENT).exists():
        return
    with db.open_build(settings.builds, db.current_build(settings.builds)) as con:
        existing = {manager_id for (manager_id,) in con.table("managers").select("manager_id").fetchall()}
    if unknown := sorted(set(managers) - existing):
        raise ConfigError(f"the served build has no manager {', '.join(unknown)}; check --manager")
