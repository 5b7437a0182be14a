"""`runner schema`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from runner.catalogue import Catalogue, load
from runner.cli.frame import Option, command
from runner.cli.session import Session
from runner.errors import Mistake
from runner.render import FORMAT, Page
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
        changed = _written(folder, catalogue)
        session.note("schema_written" if changed else "schema_current", files=changed, folder=str(folder))
        session.show(Page(document={"format_version": FORMAT, "files": [str(path) for path in changed]}))
    elif current is None:
        click.echo(json.dumps(schemas(catalogue)[f"{which}.schema.json"], ensure_ascii=False, indent=2))
    elif is_current(current, catalogue):
        session.note("schema_current", folder=str(current))
        session.show(Page(document={"format_version": FORMAT, "current": True}))
    else:
        raise Mistake("schema_stale", folder=str(current))


def _written(folder: Path, catalogue: Catalogue) -> list[Path]:
    """Write all schemas; return those that changed. Raises Mistake."""
    try:
        return write(folder, catalogue)
    except OSError as error:
        where = str(error.filename or folder)
        raise Mistake("file_not_writable", where=where, said=error.strerror or str(error)) from error
