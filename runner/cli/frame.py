"""The frame of the command line: lazy commands, help in two languages, options that every command has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from runner.cli.help import COMMANDS, GROUP, HEADINGS, OPTIONS, Words
from runner.cli.session import FORMS, OUTPUTS, Session
from runner.errors import UsageMistake

#: command -> module that holds it; a module is imported when its command is asked for
PLACES: Mapping[str, str] = {
    "init": "init",
    "check": "check",
    "schema": "schema",
    "docs": "docs",
    "test": "test",
    "plan": "plan",
    "apply": "apply",
    "run": "run",
    "call": "call",
    "daemon": "daemon",
    "questions": "questions",
    "approve": "questions",
    "reject": "questions",
    "history": "history",
    "explain": "explain",
    "record": "record",
    "backtest": "backtest",
    "status": "status",
    "accounts": "status",
    "sim": "sim",
    "demo": "demo",
}

#: command -> the forms of its result, where they are not the usual ones
_FORMS_OF: Mapping[str, tuple[str, ...]] = {
    "check": (*FORMS, "github", "sarif"),
    "test": (*FORMS, "junit"),
    "schema": ("table", "text", "json"),
    "daemon": ("table", "text", "json", "jsonl"),
    "sim": ("table", "text", "json", "jsonl"),
    "demo": ("table", "text"),
}


class Option(click.Option):
    """An option whose help stands in `help.py` under its name."""

    def __init__(self, *declarations: str, about: str = "", **more: Any) -> None:
        super().__init__(list(declarations), **more)
        self.about = about or self.name or ""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return how the option is written and what it does, in the reader's language."""
        record = super().get_help_record(ctx)
        about = _told(OPTIONS[self.about], ctx)
        return None if record is None else (record[0], f"{about} {record[1].strip()}".rstrip())


class Command(click.Command):
    """A command whose help stands in `help.py` under its name."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence in English; `Group` lists commands without asking them."""
        return COMMANDS[self.name or ""].en[:limit]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write how the command is written."""
        write_usage(self, ctx, formatter)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write two sentences."""
        words = COMMANDS[self.name or ""]
        write_text(_told(Words(words.en, words.ko), ctx), formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, and one example."""
        write_options(self, ctx, formatter)
        write_text(f"{_told(HEADINGS['Example'], ctx)}: {COMMANDS[self.name or ''].example}", formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return `--help` in the reader's language."""
        return _help_option(ctx)


class Group(click.Group):
    """All commands, each imported when it is asked for."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the commands in the order in which a seller meets them."""
        return list(PLACES)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in PLACES:
            return None
        found: click.Command = getattr(import_module(f"runner.cli.{PLACES[cmd_name]}"), cmd_name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that was asked for; an unknown one is told with those it resembles."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as unknown:
            raise click.exceptions.NoSuchCommand(unknown.command_name, possibilities=list(PLACES), ctx=ctx) from None

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write how a command is called."""
        write_usage(self, ctx, formatter)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what runner is."""
        write_text(_told(GROUP, ctx), formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the commands with their first sentence."""
        write_options(self, ctx, formatter)
        with formatter.section(_told(HEADINGS["Commands"], ctx)):
            formatter.write_dl([(name, _first(name, ctx)) for name in PLACES])

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return `--help` in the reader's language."""
        return _help_option(ctx)


def command(name: str, *parameters: click.Parameter) -> Callable[[Callable[..., Any]], Command]:
    """Make a command of a function; it gets the session, then its parameters by name."""

    def _made(function: Callable[..., Any]) -> Command:
        def _called(**given: Any) -> Any:
            session = click.get_current_context().find_object(Session)
            if session is not None:
                _need_form(name, session.output)
            return function(session, **given)

        return Command(name, callback=_called, params=[*parameters, *common_options()])

    return _made


def _need_form(name: str, output: str) -> None:
    """Make sure, before anything is done, that a command can show its result as asked. Raises UsageMistake."""
    forms = _FORMS_OF.get(name, FORMS)
    if output not in forms:
        raise UsageMistake("output_not_here", command=name, output=output, forms=list(forms))


def common_options() -> list[click.Parameter]:
    """Return the options that stand before or after a command's name."""
    return [
        _set("--config", type=click.Path(path_type=Path), convert=Path.absolute, metavar="PATH"),
        _set("-o", "--output", type=click.Choice(OUTPUTS), metavar="FORM"),
        _set("--json", is_flag=True, about="json", stored="output", convert=lambda _flag: "json"),
        _set("--lang", type=click.Choice(("ko", "en")), metavar="ko|en"),
        _set("-q", "--quiet", is_flag=True),
        _set("-v", "--verbose", is_flag=True),
    ]


def _set(
    *declarations: str, stored: str = "", convert: Callable[[Any], Any] = lambda value: value, **more: Any
) -> Option:
    """Make an option that is kept in the session, wherever on the line it stands."""

    def _keep(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value:
            setattr(ctx.find_object(Session), stored or parameter.name or "", convert(value))

    return Option(*declarations, expose_value=False, callback=_keep, is_eager=True, **more)


def write_usage(asked: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the line that shows how a command is written."""
    pieces = asked.collect_usage_pieces(ctx)
    formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=_told(HEADINGS["Usage"], ctx))


def write_text(text: str, formatter: click.HelpFormatter) -> None:
    """Write a paragraph."""
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(text)


def write_options(asked: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write a table of the options."""
    records = [parameter.get_help_record(ctx) for parameter in asked.get_params(ctx)]
    with formatter.section(_told(HEADINGS["Options"], ctx)):
        formatter.write_dl([record for record in records if record is not None])


def _help_option(ctx: click.Context) -> click.Option:
    def _show(_ctx: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit()

    return Option("--help", is_flag=True, is_eager=True, expose_value=False, callback=_show, about="help")


def _told(words: Words, ctx: click.Context) -> str:
    session = ctx.find_object(Session)
    return words.ko if session is None or session.language() == "ko" else words.en


def _first(name: str, ctx: click.Context) -> str:
    words = COMMANDS[name]
    text = _told(Words(words.en, words.ko), ctx)
    return text.split(". ")[0].rstrip(".") + "."
