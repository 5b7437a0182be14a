"""The command line: one function per command, that parses, calls, renders and returns an exit code.

`main` is the only place where an error becomes words and an exit code; it never shows a traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from runner import __version__
from runner.cli import streams
from runner.cli.frame import Group, common_options
from runner.cli.session import Session, session_of
from runner.errors import Exit, RunnerError


def main() -> None:
    """Run the command of `sys.argv` and exit."""
    streams.prepare()
    sys.exit(run_line(sys.argv[1:]))


def run_line(arguments: Sequence[str]) -> int:
    """Run one command line; return its exit code, the output being out as well."""
    session = session_of(arguments)
    try:
        code = _ran(session, arguments)
        # what does not fit must be told here: the interpreter would only complain at its end
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):
        return streams.closed()
    except streams.OutputLost as error:
        from runner.cli.failure import output_lost

        said = error.strerror or str(error)
        return streams.full(lambda: output_lost(session, said))
    return code


def _ran(session: Session, arguments: Sequence[str]) -> int:
    """Run one command line, and tell what went wrong. Raises OutputLost when there is no telling.

    The parser makes a closed pipe a SystemExit, and nothing else.
    """
    try:
        code = _program().main(list(arguments), prog_name="runner", obj=session, standalone_mode=False)
        return int(code or Exit.DONE)
    except click.exceptions.NoArgsIsHelpError as bare:
        click.echo(bare.ctx.get_help())
        return Exit.USAGE
    except click.Abort:
        return Exit.INTERRUPTED
    except (click.ClickException, RunnerError) as error:
        from runner.cli.failure import fail

        return fail(session, error)
    except streams.OutputLost:
        raise
    except Exception as error:  # noqa: BLE001 - the last stop: a person must not be shown a traceback
        from runner.cli.failure import break_down

        return break_down(session, error)


def _program() -> Group:
    group = Group("runner", params=common_options(), no_args_is_help=True, context_settings={"max_content_width": 100})
    return click.version_option(__version__, "--version", prog_name="runner", message="%(prog)s %(version)s")(group)


__all__ = ["Session", "main", "run_line"]
