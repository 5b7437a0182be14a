"""`runner docs`."""

from __future__ import annotations

import click

from runner.catalogue import load
from runner.catalogue.docs import operation_page, overview
from runner.cli.frame import command
from runner.cli.session import Session


@command("docs", click.Argument(["name"], required=False, metavar="[NAME]"))
def docs(session: Session, name: str | None) -> None:
    """Explain one source or action, or list all of them."""
    lang = session.language()
    click.echo(operation_page(load(), name, lang) if name else overview(load(), lang))
