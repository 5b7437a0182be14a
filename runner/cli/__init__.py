"""The command line: one function per command, that parses, calls, renders and returns an exit code.

`main` is the only place where an error becomes words and an exit code; it never shows a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

import click

from runner import __version__
from runner.cli.frame import Group, common_options
from runner.cli.session import Session, session_of
from runner.errors import Exit, RunnerError


def main() -> None:
    """Run the command of `sys.argv` and exit."""
    for stream in (sys.stdout, sys.stderr):
        _never_fail_to_print(stream)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; return its exit code."""
    session = session_of(arguments)
    try:
        code = _program().main(list(arguments), prog_name="runner", obj=session, standalone_mode=False)
        return int(code or Exit.DONE)
    except click.exceptions.NoArgsIsHelpError as bare:
        click.echo(bare.ctx.get_help())
        return Exit.USAGE
    except BrokenPipeError:
        return _closed_pipe()
    except click.Abort:
        return Exit.INTERRUPTED
    except (click.ClickException, RunnerError) as error:
        from runner.cli.failure import fail

        return fail(session, error)
    except Exception as error:  # noqa: BLE001 - the last stop: a person must not be shown a traceback
        from runner.cli.failure import break_down

        return break_down(session, error)


def _program() -> Group:
    group = Group("runner", params=common_options(), no_args_is_help=True, context_settings={"max_content_width": 100})
    return click.version_option(__version__, "--version", prog_name="runner", message="%(prog)s %(version)s")(group)


def _never_fail_to_print(stream: object) -> None:
    """Print what a Korean Windows console or `LC_ALL=C` cannot show as `?` instead of failing."""
    if isinstance(stream, TextIOWrapper) and stream.encoding.lower() not in ("utf-8", "utf8"):
        stream.reconfigure(errors="replace")


def _closed_pipe() -> int:
    """End quietly when the reader of our output went away (`runner plan | head`)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.DONE


__all__ = ["Session", "main", "run"]
