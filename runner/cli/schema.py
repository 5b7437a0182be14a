"""`runner schema`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from runner.catalogue import load
from runner.cli.frame import Option, command
from runner.cli.session import Session
from runner.errors import Mistake
from runner.schema import is_current, schemas, write


@command(
    "schema",
    click.Argument(
        ["which"], default="rules", type=click.Choice(("rules", "tests", "settings")), metavar="[rules|tests|settings]"
    ),
    Option(
        "--write", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", about="write_schema"
    ),
    Option("--check", "current", type=click.Path(path_type=Path), metavar="FOLDER", about="check_schema"),
)
def schema(session: Session, which: str, folder: Path | None, current: Path | None) -> None:
    """Print one schema, or write or compare all of them."""
    catalogue = load()
    if folder is not None:
        changed = write(folder, catalogue)
        session.note("schema_written" if changed else "schema_current", files=changed, folder=str(folder))
    elif current is None:
        click.echo(json.dumps(schemas(catalogue)[f"{which}.schema.json"], ensure_ascii=False, indent=2))
    elif is_current(current, catalogue):
        session.note("schema_current", folder=str(current))
    else:
        raise Mistake("schema_stale", folder=str(current))
