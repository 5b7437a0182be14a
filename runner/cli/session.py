"""What a command line asked for beside its command: settings, language, form of the result."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from runner.model import Message
    from runner.render import Page
    from runner.settings import Settings

Lang = Literal["ko", "en"]

#: the forms every result has
FORMS = ("table", "text", "json", "jsonl", "csv", "markdown")
#: the last ones only where `frame` says so
OUTPUTS = (*FORMS, "github", "sarif", "junit")
_MACHINE = ("json", "jsonl", "sarif")


@dataclass(kw_only=True, slots=True)
class Session:
    """Filled while the line is read, then only read."""

    config: Path | None = None
    output: str = "table"
    #: what `--lang` said; else the settings or the environment decide
    lang: Lang | None = None
    quiet: bool = False
    verbose: bool = False

    @property
    def wants_json(self) -> bool:
        """Tell whether stdout must stay readable for a program, whatever happens."""
        return self.output in _MACHINE

    def language(self) -> Lang:
        """Return the language to speak: `--lang`, else RUNNER_LANG, else the locale's."""
        if self.lang is None:
            from runner.errors import UsageMistake
            from runner.settings import language

            try:
                self.lang = language()
            except UsageMistake:
                self.lang = "en"
        return self.lang

    def settings(self) -> Settings:
        """Load the settings; from here on their language holds unless the line named one."""
        from runner.settings import load

        settings = load(self.config)
        self.lang = self.lang or settings.lang
        return settings

    def say(self, code: str, **facts: Any) -> str:
        """Say a sentence of `runner/wording` in the language of this session."""
        from runner.model import message
        from runner.wording import say

        return say(message(code, **facts), self.language())

    def show(self, page: Page) -> None:
        """Write the result of the command to stdout, in the form that was asked for."""
        from runner.render import write

        write(page, self.output, sys.stdout)

    def note(self, code: str, **facts: Any) -> None:
        """Tell a person something beside the result, on stderr."""
        if not self.quiet:
            click.echo(self.say(code, **facts), err=True)

    def teller(self, *, always: bool = False) -> Callable[[Message], None]:
        """Return what tells progress to a person who waits, or to anyone with `-v`, and to all what a rule says.

        Never raises for a stderr that is gone: a run under way must not break off because nobody reads along.
        """
        from runner.runs.after import is_asked_for

        progress = not self.quiet and (always or self.verbose or sys.stderr.isatty())

        def _tell(said: Message) -> None:
            if progress or is_asked_for(said):
                with suppress(OSError):
                    click.echo(self.say(said.code, **said.facts), err=True)

        return _tell


def session_of(arguments: Sequence[str]) -> Session:
    """Return a session that already knows the language and form of a line that may turn out to be wrong."""
    session = Session()
    for here, following in zip(arguments, [*arguments[1:], ""], strict=True):
        name, _, value = here.partition("=")
        given = value or following
        if name == "--lang" and given in ("ko", "en"):
            session.lang = "ko" if given == "ko" else "en"
        elif name in ("-o", "--output") and given in OUTPUTS:
            session.output = given
        elif name == "--json":
            session.output = "json"
    return session
