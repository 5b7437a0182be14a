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
    """Explain a source, an action or a code of `check`, list what there is, or write the pages made of them."""
    if folder is not None:
        session.show(_written(session, folder))
        return
    lang = session.language()
    page = code_page(name, lang) if name and is_code(name) else docs_page(load(), name, lang)
    # the pages are Markdown already
    write(page, "text" if session.output == "markdown" else session.output, sys.stdout)


def _written(session: Session, folder: Path) -> Page:
    """Write the generated pages; return which files changed. Raises UsageMistake and Mistake."""
    if not (folder.absolute().parent / "tests").is_dir():
        raise UsageMistake("docs_no_checkout", folder=str(folder))
    changed: list[str] = []
    for name, text in pages(folder.absolute().parent).items():
        path = folder / name
        is_current = path.is_file() and path.read_text("utf-8") == text
        _write(path, text)
        session.note("docs_current" if is_current else "docs_written", file=str(path))
        changed += [] if is_current else [str(path)]
    return Page(document={"format_version": FORMAT, "files": changed})


def pages(checkout: Path) -> dict[str, str]:
    """Return the generated pages of `docs/` by file name. Raises InvalidFiles when a shipped rule is wrong."""
    from runner.render import gallery, operations, settings
    from runner.runs.gallery import ready_made
    from runner.runs.operations import operations as covered
    from runner.schema import settings_schema

    catalogue = load()
    rules = ready_made(checkout / "rules", catalogue)
    made = {operations.FILE: operations.operations_page(covered(catalogue, checkout))}
    for lang in LANGS:
        made[gallery.file_of(lang)] = gallery.gallery_page(rules, lang)
        made[settings.file_of(lang)] = settings.settings_page(settings_schema(), lang)
        made[f"codes.{lang}.md"] = codes_page(lang)
    return made


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise Mistake("file_not_writable", where=str(path), said=error.strerror or str(error)) from error
