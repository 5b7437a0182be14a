"""`runner docs`."""

from __future__ import annotations

import sys

import click

from runner.catalogue import load
from runner.cli.frame import command
from runner.cli.session import Session
from runner.render import write
from runner.render.docs import docs_page


@command("docs", click.Argument(["name"], required=False, metavar="[NAME]"))
def docs(session: Session, name: str | None) -> None:
    """Explain one source or action, or list all of them."""
    page = docs_page(load(), name, session.language())
    # the pages are Markdown already
    write(page, "text" if session.output == "markdown" else session.output, sys.stdout)
