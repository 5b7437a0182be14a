"""`runner test`."""

from __future__ import annotations

from pathlib import Path

import click

from runner.catalogue import load
from runner.cli.frame import command
from runner.cli.names import existing_or_mistake
from runner.cli.session import Session
from runner.errors import Exit, UsageMistake
from runner.render.tests import Tested, junit, tests_page
from runner.ruletests import Result, files_of_tests, run_tests


@command("test", click.Argument(["paths"], nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path)))
def test(session: Session, paths: tuple[Path, ...]) -> Exit:
    """Run rule tests: those named, else all beside the rules of the settings."""
    for path in paths:
        if not path.exists():
            existing_or_mistake("file_unreadable", path, files_of_tests(_folders(session)))
    found = [_tested(one) for one in run_tests(paths or _folders(session), load())]
    if session.output == "junit":
        click.echo(junit(found, session.language()), nl=False)
    else:
        session.show(tests_page(found, session.language()))
    return Exit.DONE if all(one.passed for one in found) else Exit.FAILED


def _folders(session: Session) -> list[Path]:
    """Return the folders the settings' rules stand in; without settings, this one."""
    try:
        settings = session.settings()
    except UsageMistake as missing:
        if missing.code != "settings_not_found" or session.config is not None:
            raise
        return [Path()]
    folders = dict.fromkeys((settings.folder / pattern).parent for pattern in settings.rules)
    return [folder for folder in folders if folder.is_dir()]


def _tested(one: Result) -> Tested:
    return Tested(
        file=one.file, name=one.name, rule=one.rule, line=one.mark.line, passed=one.passed,
        why=[(short.mark, short.message) for short in one.shortfalls] + [(p.mark, p.message) for p in one.problems],
    )  # fmt: skip
