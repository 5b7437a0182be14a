"""`runner check`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from runner import __version__, catalogue
from runner.cli.frame import Option, command
from runner.cli.keys import key_warnings
from runner.cli.names import existing_or_mistake
from runner.cli.session import Session
from runner.cli.sources import read_sources, source_warnings
from runner.errors import Exit, InvalidFiles, UsageMistake
from runner.model import Diagnostic, Mark, SourceRead
from runner.render import check_page, github, sarif
from runner.rules import load, rule_paths
from runner.schema import check_tests
from runner.settings import FILE, Settings
from runner.source import read

_KEYS = ("access_key", "secret_key", "webhook", "password")
#: codes of lines in which a key or a password stands
_TELLING = ("E147", "E502", "E507")
#: a key itself, instead of the place where it is kept; it may hold anything, so the rest of the line goes
_KEY_GIVEN = re.compile(r"""((?:access_key|secret_key|webhook|password)["']?\s*:\s*)(?![\s{]).*""")


@command(
    "check",
    click.Argument(["paths"], nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path)),
    Option("--strict", is_flag=True),
)
def check(session: Session, paths: tuple[Path, ...], *, strict: bool) -> Exit:
    """Check rule files: the ones named, else those of the settings, and whether its keys can be opened."""
    try:
        settings = _settings(session, paths)
    except InvalidFiles as invalid:
        _show(session, invalid.facts["diagnostics"], 0)
        return Exit.FAILED
    files = _files(paths, settings)
    loaded = load([path for path in files if not _is_test(path)], settings=settings)
    keys = key_warnings(settings) if settings is not None and not paths else ()
    read = read_sources(loaded.ruleset) if not paths else []
    found = sorted([*loaded.diagnostics, *_in_tests(files), *keys, *source_warnings(read)], key=lambda one: one.mark)
    _show(session, found, loaded.rules, [one for _, one in read])
    severities = {one.severity for one in found}
    if "error" in severities:
        return Exit.FAILED
    return Exit.WARNINGS if strict and severities else Exit.DONE


def _settings(session: Session, paths: Sequence[Path]) -> Settings | None:
    """Load the settings; a lone file can do without, as long as nobody named any."""
    try:
        return session.settings()
    except UsageMistake as missing:
        if paths and missing.code == "settings_not_found" and session.config is None:
            return None
        raise


def _files(paths: Sequence[Path], settings: Settings | None) -> list[Path]:
    """Return rule files; a folder means the files in it. Raises UsageMistake when there is none."""
    if not paths and settings is not None:
        found = rule_paths(settings)
        if not found:
            raise UsageMistake("rules_none", patterns=list(settings.rules), folder=str(settings.folder))
        return found
    for path in paths:
        existing_or_mistake("E019", path, _inside(path.parent))
    found = [file for path in paths for file in (_inside(path) if path.is_dir() else [path])]
    if not found:
        raise UsageMistake("rules_none", patterns=["*.yaml"], folder=", ".join(map(str, paths)))
    return found


def _inside(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.yaml")) if path.name != FILE]


def _is_test(path: Path) -> bool:
    return path.name.endswith(".test.yaml")


def _in_tests(files: Sequence[Path]) -> list[Diagnostic]:
    """Check the shape of rule tests; what they expect is for `runner test`."""
    found: list[Diagnostic] = []
    for path in filter(_is_test, files):
        try:
            check_tests(read(path), catalogue.load())
        except InvalidFiles as invalid:
            found += invalid.facts["diagnostics"]
    return found


def _show(session: Session, found: Sequence[Diagnostic], rules: int, sources: Sequence[SourceRead] = ()) -> None:
    lang = session.language()
    if session.output == "github":
        click.echo(github(found, lang), nl=False)
    elif session.output == "sarif":
        click.echo(sarif(found, lang, __version__), nl=False)
    else:
        session.show(check_page(found, rules, lang, _excerpts(found), sources))


def _is_about_key(one: Diagnostic) -> bool:
    return str(one.message.facts.get("key", "")).endswith(_KEYS) or one.message.code in _TELLING


def _excerpts(diagnostics: Sequence[Diagnostic]) -> Callable[[Mark], str]:
    """Return what shows the line of a problem, but never a key that stands in it; each file is read once."""
    about_keys = {(one.mark.file, one.mark.line) for one in diagnostics if _is_about_key(one)}
    lines: dict[str, list[str]] = {}
    for file in {one.mark.file for one in diagnostics}:
        try:
            lines[file] = Path(file).read_text("utf-8-sig", errors="replace").splitlines()
        except OSError:
            lines[file] = []

    def _line(mark: Mark) -> str:
        found = lines[mark.file]
        line = found[mark.line - 1] if 0 < mark.line <= len(found) and (mark.file, mark.line) not in about_keys else ""
        return _KEY_GIVEN.sub(r"\1…", line)

    return _line
