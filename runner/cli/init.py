"""`runner init`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from runner.catalogue import load
from runner.cli.frame import Option, command
from runner.cli.names import known_or_mistake
from runner.cli.prompts import ask_keys, given_inputs, somebody_is_there
from runner.cli.session import Session
from runner.cli.starter import (
    STANDARD_RULE,
    Keys,
    Ready,
    example_files,
    inputs_block,
    ready,
    ready_names,
    shop_files,
    with_inputs,
)
from runner.errors import InvalidFiles, Mistake, UsageMistake
from runner.render import FORMAT, Page
from runner.rules import rule_paths
from runner.schema import write
from runner.settings import load as load_settings
from runner.settings_file import FILE


@command(
    "init",
    click.Argument(["folder"], default=".", type=click.Path(path_type=Path), metavar="[FOLDER]"),
    Option("--demo", is_flag=True, about="init_demo"),
    Option("--from", "rule", metavar="RULE", about="init_from"),
    Option("--input", "inputs", multiple=True, metavar="NAME=VALUE", about="init_input"),
    Option("--example", is_flag=True),
)
def init(
    session: Session, folder: Path, rule: str | None, inputs: tuple[str, ...], *, demo: bool, example: bool
) -> None:
    """Set up a shop folder, leaving everything that exists as it is."""
    if example and (rule or demo):
        raise UsageMistake("init_example_alone")
    if inputs and not rule:
        raise UsageMistake("init_input_without_rule")
    if folder.exists() and not folder.is_dir():
        raise UsageMistake("init_not_a_folder", folder=str(folder))
    try:
        made = _example(session, folder) if example else _shop(session, folder, rule, inputs, demo=demo)
    except OSError as error:
        where = str(error.filename or folder)
        raise Mistake("init_not_writable", where=where, said=error.strerror or str(error)) from error
    session.show(Page(document={"format_version": FORMAT, "folder": str(folder), **made}))


def _example(session: Session, folder: Path) -> dict[str, Any]:
    made = _set_up(session, folder, example_files())
    session.note("init_next_example", folder=str(folder))
    return {"files": made}


def _shop(session: Session, folder: Path, rule: str | None, texts: tuple[str, ...], *, demo: bool) -> dict[str, Any]:
    chosen = ready(known_or_mistake("init_rule_unknown", rule, ready_names()) if rule else STANDARD_RULE)
    person = somebody_is_there(session)
    values = given_inputs(session, chosen, texts, ask=person and rule is not None)
    settings = folder / FILE
    is_new = not settings.exists()
    keys = None if demo else ask_keys(session) if is_new and person else Keys()
    made = _set_up(session, folder, shop_files(chosen, values, keys))
    if is_new and keys is not None:
        made += [
            _told(session, folder / name, _put(folder / name, f"{key}\n", secret=True))
            for name, key in keys.files.items()
        ]
    if not is_new:
        _add_inputs(session, settings, chosen, values)
        _check_patterns(session, settings, folder / "rules" / f"{chosen.name}.yaml")
    _say_next(session, folder, chosen, values, demo=demo)
    return {"files": made, "rule": chosen.name, "inputs": values}


def _check_patterns(session: Session, file: Path, rule: Path) -> None:
    """Say it when settings that were there before do not take the new rule in; broken ones are for `check`."""
    with suppress(InvalidFiles, UsageMistake):
        settings = load_settings(file)
        if rule.resolve() not in [path.resolve() for path in rule_paths(settings)]:
            session.note("init_rule_not_read", file=str(file), rule=str(rule))


def _add_inputs(session: Session, settings: Path, rule: Ready, values: Mapping[str, Any]) -> None:
    """Add inputs to settings that were there before; where that is not plain, show what to write."""
    if not values:
        return
    text = settings.read_text("utf-8")
    added = with_inputs(text, rule, values)
    if added is None:
        session.note("init_inputs_by_hand", file=str(settings), lines=inputs_block(rule, values).rstrip())
        return
    settings.write_text(added, "utf-8")
    session.note("init_inputs_added", file=str(settings), rule=rule.name)


def _say_next(session: Session, folder: Path, rule: Ready, values: Mapping[str, Any], *, demo: bool) -> None:
    for path in rule.needs(values):
        if not (folder / "rules" / path).exists():
            session.note("init_needs_file", file=str(folder / "rules" / path))
    if demo:
        session.note("init_next_example", folder=str(folder))
    else:
        session.note("init_next", file=str(folder / FILE), rule=str(folder / "rules" / f"{rule.name}.yaml"))


def _set_up(session: Session, folder: Path, files: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Write what is not there yet; return every file, and whether it is new. Raises OSError."""
    made = [_told(session, folder / name, _put(folder / name, text)) for name, text in files]
    return made + [{"file": str(path), "made": True} for path in write(folder / ".runner", load())]


def _told(session: Session, path: Path, is_new: bool) -> dict[str, Any]:
    session.note("init_made" if is_new else "init_kept", file=str(path))
    return {"file": str(path), "made": is_new}


def copy_example(folder: Path) -> None:
    """Copy the demo shop; its files count as fresh from now on."""
    for name, text in example_files():
        _put(folder / name, text)
    write(folder / ".runner", load())


def _put(path: Path, text: str, *, secret: bool = False) -> bool:
    """Write a file that does not exist yet; a secret one is its owner's alone from the first moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o666)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return True
