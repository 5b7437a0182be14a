"""`runner docs`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from runner.catalogue import load
from runner.cli.frame import Option, command
from runner.cli.session import Session
from runner.errors import Mistake, UsageMistake
from runner.render import FORMAT, Page, write
from runner.render.codes import code_page, codes_page, is_code
from runner.render.docs import docs_page
from runner.wording import LANGS


@command(
    "docs",
    click.Argument(["name"], required=False, metavar="[NAME]"),
    Option("--write", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", about="write_docs"),
)
def docs(session: Session, name: str | None, folder: Path | None) -> None:
    """Explain a source, an action or a code of `check`, list what there is, or write the table of operations."""
    if folder is not None:
        session.show(_written(session, folder))
        return
    lang = session.language()
    page = code_page(name, lang) if name and is_code(name) else docs_page(load(), name, lang)
    # the pages are Markdown already
    write(page, "text" if session.output == "markdown" else session.output, sys.stdout)


def _written(session: Session, folder: Path) -> Page:
    """Write the generated documents; return which files changed. Raises UsageMistake and Mistake."""
    from runner.render.operations import FILE, operations_page
    from runner.runs.operations import operations

    checkout = folder.absolute().parent
    if not (checkout / "tests").is_dir():
        raise UsageMistake("docs_no_checkout", folder=str(folder))
    texts = {
        FILE: operations_page(operations(load(), checkout)),
        **{f"codes.{one}.md": codes_page(one) for one in LANGS},
    }
    changed = [path for name, text in texts.items() if _put(session, path := folder / name, text)]
    return Page(document={"format_version": FORMAT, "files": [str(path) for path in changed]})


def _put(session: Session, path: Path, text: str) -> bool:
    """Write a document; tell whether it changed. Raises Mistake."""
    is_current = path.is_file() and path.read_text("utf-8") == text
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise Mistake("file_not_writable", where=str(path), said=error.strerror or str(error)) from error
    session.note("docs_current" if is_current else "docs_written", file=str(path))
    return not is_current
