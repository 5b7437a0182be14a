"""`runner daemon`."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from zoneinfo import ZoneInfo

import click

from runner.cli.frame import command
from runner.cli.session import Session
from runner.cli.shop import load_rules, open_ledger, open_shops
from runner.clock import business_clock
from runner.daemon import Daemon
from runner.daemon.watch import watch_rules
from runner.errors import Defect, Exit, worst
from runner.model import Message
from runner.render.words import iso
from runner.render.words import said as spoken
from runner.settings import Settings
from runner.wording import Lang

#: seconds between looks at whether the daemon still moves
_PULSE = 10.0


@command("daemon")
def daemon(session: Session) -> Exit:
    """Stay, and run every rule when it is due."""
    return serve(session, session.settings())


def serve(session: Session, settings: Settings) -> Exit:
    """Run the daemon until a signal ends it, or until nobody can hear it any more. Raises OSError then."""
    rules = load_rules(settings)
    lost: list[OSError] = []

    def _lost(error: OSError) -> None:
        lost.append(error)
        worker.stop()

    with open_shops(session, settings, rules.rules, None) as shops, open_ledger(settings) as ledger:
        worker = Daemon(
            settings=settings, ledger=ledger, shops={shop.name: shop for shop in shops}, rules=rules,
            tell=teller(session, settings, _lost), lock_path=settings.ledger, monotonic=time.monotonic,
        )  # fmt: skip
        with told_by_signals(worker) as asked, watched(worker, settings):
            ended = worker.run()
    if lost:
        raise lost[0]
    return worst(ended, *asked)


@contextmanager
def told_by_signals(worker: Daemon) -> Iterator[list[Exit]]:
    """Let SIGTERM and Ctrl-C drain, SIGHUP reload; yield the list that tells which one ended it."""
    asked: list[Exit] = []

    def _stop(number: int, _frame: FrameType | None) -> None:
        asked.append(Exit.INTERRUPTED if number == signal.SIGINT else Exit.TERMINATED)
        worker.stop()

    def _reload(_number: int, _frame: FrameType | None) -> None:
        # a signal may arrive in the middle of a sweep: the files are loaded beside it
        threading.Thread(target=worker.reload, name="reload", daemon=True).start()

    handlers: dict[int, Callable[[int, FrameType | None], None]] = {signal.SIGINT: _stop, signal.SIGTERM: _stop}
    if hasattr(signal, "SIGHUP"):
        handlers[signal.SIGHUP] = _reload
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def watched(worker: Daemon, settings: Settings) -> Iterator[None]:
    """Watch the rule files, and whether the daemon still moves."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=watch_rules, args=(worker, settings, stop), name="files", daemon=True),
        threading.Thread(target=_pulse, args=(worker, stop), name="pulse", daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=5.0)


def _pulse(worker: Daemon, stop: threading.Event) -> None:
    """End the process when the sweep hangs: a service manager starts it anew, and recovery reads what happened."""
    while not stop.wait(_PULSE):
        if worker.is_silent():
            os._exit(Exit.ATTENTION)


def teller(session: Session, settings: Settings, lost: Callable[[OSError], None]) -> Callable[[str, Message], None]:
    """Return what writes one line per event: a sentence on a terminal, an object where a program reads.

    `lost` hears when a line cannot be written: a run under way must not break off for that.
    """
    as_json = session.wants_json or (session.output == "table" and not sys.stdout.isatty())
    clock, lang = business_clock(settings.base_url), session.language()

    def _tell(kind: str, said: Message) -> None:
        if kind == "progress" and not session.verbose:
            return
        now = clock.now().astimezone(settings.timezone)
        text = _text(said, lang, settings.timezone)
        try:
            click.echo(_line(kind, said, text, now, lang) if as_json else f"{now:%H:%M:%S} {text}")
        except OSError as error:
            lost(error)

    return _tell


def _line(kind: str, said: Message, text: str, now: datetime, lang: Lang) -> str:
    line = {"at": iso(now), "kind": kind, "code": said.code, "text": text, "facts": said.facts}
    return json.dumps(line, ensure_ascii=False, default=lambda value: _plain(value, lang))


def _text(said: Message, lang: Lang, zone: ZoneInfo) -> str:
    """Say an event; a sentence that is missing must not end the daemon."""
    try:
        return spoken(said, lang, zone)
    except Defect:
        return f"{said.code} {dict(said.facts)}"


def _plain(value: object, lang: Lang) -> object:
    """Return a fact that JSON does not know: a message in words, a time in its zone, everything else as text."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Message):
        return spoken(value, lang)
    return str(value)
