"""What a line says beside its command, and how a signal becomes a wish."""

from __future__ import annotations

import os
import signal

import pytest

from runner.cli.session import Session, session_of
from runner.cli.signals import stoppable
from runner.errors import Exit


@pytest.mark.parametrize(
    ("line", "output", "lang"),
    [
        (["plan", "--json"], "json", None),
        (["-o", "jsonl", "plan"], "jsonl", None),
        (["plan", "--output=csv", "--lang=en"], "csv", "en"),
        (["plan", "--lang", "ko", "--nope"], "table", "ko"),
        (["plan", "-o", "nonsense"], "table", None),
    ],
)
def test_form_and_language_are_known_before_the_line_is_understood(
    line: list[str], output: str, lang: str | None
) -> None:
    """A line that turns out to be wrong is answered in the form and language it asked for."""
    session = session_of(line)
    assert (session.output, session.lang) == (output, lang)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, Exit.INTERRUPTED), (signal.SIGTERM, Exit.TERMINATED)])
def test_the_first_signal_is_a_wish(number: signal.Signals, code: Exit) -> None:
    """The call under way may end; what is left is not begun; the exit code tells which signal it was."""
    with stoppable(Session(quiet=True)) as stopping:
        assert not stopping()
        os.kill(os.getpid(), number)
        assert stopping()
    assert stopping.code is code


def test_the_second_signal_stops_at_once() -> None:
    """Whoever presses twice does not want to wait."""
    with stoppable(Session(quiet=True)):
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_handlers_are_put_back() -> None:
    """Afterwards signals do what they did before."""
    before = signal.getsignal(signal.SIGTERM)
    with stoppable(Session(quiet=True)):
        pass
    assert signal.getsignal(signal.SIGTERM) is before
