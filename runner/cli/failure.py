"""What a command says when it fails: a sentence and what to do next, or one JSON document."""

from __future__ import annotations

import json
import sys
import traceback
from typing import Any

import click

from runner.cli.session import Session
from runner.errors import Defect, InvalidFiles, RunnerError, UsageMistake
from runner.model import Message, message
from runner.render import FORMAT, Page, check_page, write
from runner.wording import say, sentences


def fail(session: Session, error: click.ClickException | RunnerError) -> int:
    """Tell an error and return its exit code."""
    if isinstance(error, click.ClickException):
        error = _usage(error)
    if isinstance(error, InvalidFiles):
        _tell_files(session, error)
    else:
        _tell(session, error)
    return error.exit


def break_down(session: Session, error: Exception) -> int:
    """Tell a bug of our own."""
    if session.verbose:
        traceback.print_exception(error, file=sys.stderr)
    return fail(session, Defect("unexpected", kind=type(error).__name__, said=str(error)[:300]))


def output_lost(session: Session, said: str) -> None:
    """Tell, in one line, that the output itself could not be written."""
    click.echo(f"{session.say('error_word')}: {session.say('output_lost', said=said)}", err=True)


def failure(session: Session, error: RunnerError) -> dict[str, Any]:
    """Return the JSON document of an error; of several, the first, with the others beside it."""
    also = [_told(session, one) for one in error.facts.get("also", ())]
    return {"format_version": FORMAT, "error": _told(session, error), **({"also": also} if also else {})}


def _told(session: Session, error: RunnerError) -> dict[str, Any]:
    said, hint = _words(session, error)
    return {"code": error.code, "message": said, "hint": hint}


def _tell(session: Session, error: RunnerError) -> None:
    if session.wants_json:
        click.echo(json.dumps(failure(session, error), ensure_ascii=False, indent=2))
    for one in (error, *error.facts.get("also", ())):
        said, hint = _words(session, one)
        click.echo(f"{session.say('error_word')}: {said}", err=True)
        if hint:
            click.echo(f"  {hint}", err=True)


def _tell_files(session: Session, error: InvalidFiles) -> None:
    """Show every problem: as the result where a program reads, else beside it."""
    page = check_page(error.facts["diagnostics"], 0, session.language())
    if session.wants_json:
        document = failure(session, error) | {"diagnostics": page.document["diagnostics"]}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    write(Page(document=page.document, blocks=page.blocks), "text", sys.stderr)


def _words(session: Session, error: RunnerError) -> tuple[str, str | None]:
    """Return what happened and what to do next; a sentence that cannot be said must not hide the error."""
    lang = session.language()
    try:
        said = say(Message(code=error.code, facts=error.facts), lang)
        hint = error.facts.get("hint") or Message(code=f"{error.code}.hint", facts=error.facts)
        return said, say(hint, lang) if isinstance(hint, Message) and hint.code in sentences() else None
    except Defect:
        facts = ", ".join(f"{name} {value}" for name, value in error.facts.items())
        return say(message("unexpected", kind=error.code, said=facts), lang), None


def _usage(error: click.ClickException) -> RunnerError:
    """Turn an error of the parser into one of ours."""
    if isinstance(error, click.exceptions.NoSuchOption | click.exceptions.NoSuchCommand):
        is_option = isinstance(error, click.exceptions.NoSuchOption)
        name = error.option_name if isinstance(error, click.exceptions.NoSuchOption) else error.command_name
        near = list(error.possibilities or ())
        more = {"hint": message("cli_did_you_mean", names=near)} if near else {}
        return UsageMistake("cli_no_such_option" if is_option else "cli_no_such_command", name=name, **more)
    if isinstance(error, click.MissingParameter):
        return UsageMistake("cli_missing", name=_name(error))
    if isinstance(error, click.BadParameter):
        return UsageMistake("cli_bad_value", name=_name(error), said=error.message)
    return UsageMistake("cli_usage", said=error.format_message())


def _name(error: click.BadParameter) -> str:
    parameter = error.param
    if parameter is None:
        return ""
    return parameter.opts[-1] if isinstance(parameter, click.Option) else (parameter.name or "").upper()
