"""`runner check`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from runner.rules import Loaded, load, rule_paths
from runner.rules.estimate import cost_warnings
from runner.schema import check_tests
from runner.settings import RATE, Settings
from runner.settings_file import FILE
from runner.source import parse_bytes, read

_KEYS = ("access_key", "secret_key", "webhook", "password")
#: codes of lines in which a key or a password stands
_TELLING = ("E147", "E502", "E507")
#: a key itself, instead of the place where it is kept; it may hold anything, so the rest of the line goes
_KEY_GIVEN = re.compile(r"""((?:access_key|secret_key|webhook|password)["']?\s*:\s*)(?![\s{]).*""")


@command(
    "check",
    click.Argument(["paths"], nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path)),
    Option("--strict", is_flag=True),
    Option("--stdin", is_flag=True),
)
def check(session: Session, paths: tuple[Path, ...], *, strict: bool, stdin: bool) -> Exit:
    """Check rule files: the ones named, else those of the settings, and whether its keys can be opened."""
    typed = _typed(paths) if stdin else None
    try:
        settings = _settings(session, [typed.path] if typed else paths)
    except InvalidFiles as invalid:
        _show(session, invalid.facts["diagnostics"], 0)
        return Exit.FAILED
    files = _beside(typed, settings) if typed else _files(paths, settings)
    loaded, found = _found(files, settings, typed)
    read: list[tuple[Mark, SourceRead]] = []
    if not paths and not typed:
        read = read_sources(loaded.ruleset)
        found += [*(key_warnings(settings) if settings is not None else ()), *source_warnings(read)]
    if typed:
        found = [one for one in found if one.mark.file == str(typed.path)]
    _show(session, sorted(found, key=lambda one: one.mark), loaded.rules, [one for _, one in read], typed)
    severities = {one.severity for one in found}
    if "error" in severities:
        return Exit.FAILED
    return Exit.WARNINGS if strict and severities else Exit.DONE


def _found(files: Sequence[Path], settings: Settings | None, typed: _Typed | None) -> tuple[Loaded, list[Diagnostic]]:
    """Load what there is to check, and return all that is wrong in it."""
    rules = [path for path in files if not _is_test(path)]
    unsaved = {typed.path: typed.raw} if typed else {}
    loaded = load(rules, settings=settings, unsaved=unsaved)
    return loaded, [*loaded.diagnostics, *_in_tests(files, unsaved), *_costs(loaded, settings)]


# --- a text that is being typed ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class _Typed:
    """What an editor sent: the text as it is now, and the file it will be."""

    path: Path
    raw: bytes

    @property
    def lines(self) -> list[str]:
        """The text as lines, for excerpts."""
        return self.raw.decode("utf-8-sig", "replace").splitlines()


def _typed(paths: Sequence[Path]) -> _Typed:
    """Read the text of one file from stdin. Raises UsageMistake when it is not said which."""
    if len(paths) != 1:
        raise UsageMistake("check_stdin_name")
    return _Typed(path=paths[0], raw=sys.stdin.buffer.read())


def _beside(typed: _Typed, settings: Settings | None) -> list[Path]:
    """Return the file that is typed with the others of its set: what they say together is told at this one."""
    others = rule_paths(settings) if settings is not None else []
    here = typed.path.absolute()
    if here not in [path.absolute() for path in others]:
        return [typed.path]
    return [typed.path if path.absolute() == here else path for path in others]


# --- files ---------------------------------------------------------------------------------------------------------


def _costs(loaded: Loaded, settings: Settings | None) -> Iterator[Diagnostic]:
    accounts = settings.accounts if settings is not None else {}
    rates = {name: account.rate for name, account in accounts.items()}
    return cost_warnings(loaded.sound, catalogue.load(), rates, RATE)


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


def _in_tests(files: Sequence[Path], unsaved: Mapping[Path, bytes]) -> list[Diagnostic]:
    """Check the shape of rule tests; what they expect is for `runner test`."""
    found: list[Diagnostic] = []
    for path in filter(_is_test, files):
        try:
            document = parse_bytes(unsaved[path], str(path)) if path in unsaved else read(path)
            check_tests(document, catalogue.load())
        except InvalidFiles as invalid:
            found += invalid.facts["diagnostics"]
    return found


def _show(
    session: Session, found: Sequence[Diagnostic], rules: int, sources: Sequence[SourceRead] = (),
    typed: _Typed | None = None,
) -> None:  # fmt: skip
    lang, excerpt = session.language(), _excerpts(found, typed)
    if session.output == "github":
        click.echo(github(found, lang), nl=False)
    elif session.output == "sarif":
        click.echo(sarif(found, lang, __version__, excerpt), nl=False)
    else:
        session.show(check_page(found, rules, lang, excerpt, sources))


def _is_about_key(one: Diagnostic) -> bool:
    return str(one.message.facts.get("key", "")).endswith(_KEYS) or one.message.code in _TELLING


def _excerpts(diagnostics: Sequence[Diagnostic], typed: _Typed | None) -> Callable[[Mark], str]:
    """Return what shows the line of a problem, but never a key that stands in it; each file is read once."""
    about_keys = {(one.mark.file, one.mark.line) for one in diagnostics if _is_about_key(one)}
    lines = {str(typed.path): typed.lines} if typed else {}
    for file in {one.mark.file for one in diagnostics} - lines.keys():
        try:
            lines[file] = Path(file).read_text("utf-8-sig", errors="replace").splitlines()
        except OSError:
            lines[file] = []

    def _line(mark: Mark) -> str:
        found = lines[mark.file]
        line = found[mark.line - 1] if 0 < mark.line <= len(found) and (mark.file, mark.line) not in about_keys else ""
        return _KEY_GIVEN.sub(r"\1…", line)

    return _line
