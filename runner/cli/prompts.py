"""What `runner init` asks a person who sits at a terminal: who calls, the keys, the inputs of a rule."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

import click

from runner.cli.names import known_or_mistake
from runner.cli.session import Session
from runner.cli.starter import NO_VENDOR, Keys, Ready
from runner.errors import UsageMistake
from runner.model import Message
from runner.rules.inputs import Input, fault, hint_of, typed
from runner.schema.problems import shown
from runner.wording import say

_VENDOR = re.compile(r"[A-Za-z][0-9]{4,14}")


def somebody_is_there(session: Session) -> bool:
    """Tell whether a person can be asked: never one that reads JSON."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not session.wants_json


def ask_keys(session: Session) -> Keys:
    """Ask for the vendor id and its keys; an empty answer leaves them to the environment."""
    session.note("init_ask_keys")
    vendor = _ask(session, "init_ask_vendor")
    while vendor and not _VENDOR.fullmatch(vendor):
        session.note("init_vendor_wrong", value=vendor)
        vendor = _ask(session, "init_ask_vendor")
    access = _ask(session, "init_ask_access", hidden=True)
    secret = _ask(session, "init_ask_secret", hidden=True) if access else ""
    if not access or not secret:
        return Keys(vendor=vendor or NO_VENDOR)
    kept = ("{file: access.key}", "{file: secret.key}")
    return Keys(vendor=vendor or NO_VENDOR, kept=kept, files={"access.key": access, "secret.key": secret})


def given_inputs(session: Session, rule: Ready, texts: tuple[str, ...], *, ask: bool) -> dict[str, Any]:
    """Return every input's value: as `--input` said, as the person answers, else its default. Raises UsageMistake."""
    said = dict(_pair(text, rule) for text in texts)
    return {name: _value(session, rule, one, said, ask=ask) for name, one in rule.inputs.items()}


def _pair(text: str, rule: Ready) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageMistake("init_input_form", text=text)
    return known_or_mistake("init_input_unknown", name.strip(), rule.inputs), value


def _value(session: Session, rule: Ready, one: Input, said: Mapping[str, str], *, ask: bool) -> Any:
    if one.name in said:
        value = typed(one, said[one.name])
        if wrong := fault(one, value):
            hint = hint_of(one, value, wrong)
            raise UsageMistake(wrong.code, **wrong.facts, **({"hint": hint} if hint else {}))
        return value
    if ask:
        return _answer(session, one)
    if one.default is None:
        raise UsageMistake("init_input_needed", name=one.name, rule=rule.name, example=shown(one.example))
    return one.default


def _answer(session: Session, one: Input) -> Any:
    """Ask for one input until the answer holds; an empty answer takes the default."""
    lang = session.language()
    session.note("init_input", title=one.title.said(lang), name=one.name, help=one.help.said(lang))
    for value, title in one.values.items():
        session.note("init_input_value", value=value, title=title.said(lang))
    while True:
        standard = "" if one.default is None else _plain(one.default)
        text = _ask(session, "init_ask_input", name=one.name, unit=one.unit.said(lang), standard=standard)
        value = one.default if text == standard and one.default is not None else typed(one, text)
        wrong = fault(one, value)
        if wrong is None:
            return value
        _tell(session, wrong, hint_of(one, value, wrong))


def _tell(session: Session, wrong: Message, hint: Message | None) -> None:
    lines = [say(one, session.language()) for one in (wrong, hint) if one is not None]
    click.echo("  " + "\n  ".join(lines), err=True)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _ask(session: Session, code: str, *, hidden: bool = False, standard: str = "", **facts: Any) -> str:
    """Ask one question on stderr; return what was typed, else the standard answer."""
    text = session.say(code, **facts)
    answer = click.prompt(text, default=standard, show_default=bool(standard), hide_input=hidden, err=True)
    return str(answer).strip()
