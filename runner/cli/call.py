"""`runner call`: one read, or one write, by hand."""

from __future__ import annotations

import base64
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import click

from runner.catalogue import Operation
from runner.catalogue import load as load_catalogue
from runner.cli.frame import Option, command
from runner.cli.names import known_or_mistake
from runner.cli.run import WAIT, ran
from runner.cli.session import Session
from runner.cli.shop import open_ledger, open_shops
from runner.cli.signals import stoppable
from runner.errors import Exit, Mistake, UsageMistake, worst
from runner.ledger import Entry, Ledger, hold_lock
from runner.model import Message, Status, message
from runner.render import Page, write
from runner.render.calls import Called, call_page, rows_page, shown_call
from runner.render.memory import status_word
from runner.render.plans import Around
from runner.render.words import moment
from runner.runs import Report, Shop
from runner.runs.by_hand import Before, ByHand, before, callable_names, open_on, prepare, read, send, settle
from runner.runs.recheck import BY_HAND
from runner.runs.typed import Loaded, Typed, read_rule, write_rule
from runner.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """What the line said."""

    operation: str
    given: tuple[str, ...]
    on: str | None
    account: str | None
    look_back: str | None
    limit: int | None
    yes: bool
    again: bool
    dry_run: bool
    save: str | None

    def typed(self) -> Typed:
        """Return it as the loader takes it. Raises UsageMistake."""
        pairs = [_pair(one) for one in self.given]
        return Typed(operation=self.operation, arguments=pairs, on=self.on or "", look_back=self.look_back or "")


@command(
    "call",
    click.Argument(["operation"], metavar="OPERATION"),
    Option("--arg", "given", multiple=True, metavar="NAME=VALUE", about="arg"),
    Option("--on", metavar="RECORD"),
    Option("--account", metavar="NAME"),
    Option("--look-back", metavar="DURATION"),
    Option("-n", "--limit", type=click.IntRange(1), metavar="N"),
    Option("--yes", is_flag=True, about="yes_call"),
    Option("--again", is_flag=True),
    Option("--dry-run", is_flag=True),
    Option("--save", metavar="FILE"),
)
def call(session: Session, **line: Any) -> Exit:
    """Read a source, or do one thing to one record."""
    asked = _Asked(**line)
    settings = session.settings()
    catalogue = load_catalogue()
    name = known_or_mistake("call_unknown", asked.operation, callable_names(catalogue))
    account = settings.account(asked.account or "").name
    if name in catalogue.sources:
        _only("call_option_writes", name, {"--yes": asked.yes, "--again": asked.again, "--dry-run": asked.dry_run})
        loaded = read_rule(asked.typed(), account, settings, catalogue)
        if asked.save is not None:
            return _saved(session, settings, loaded, account, Path(asked.save))
        return _read(session, settings, loaded, account, asked.limit)
    _only("call_option_reads", name, {"--limit": asked.limit is not None, "--save": asked.save is not None})
    if not (asked.yes or asked.dry_run or _is_terminal()):
        raise UsageMistake("call_yes_needed", operation=name)
    loaded = write_rule(asked.typed(), account, settings, catalogue)
    with open_shops(session, settings, [loaded.rule], account) as (shop,), open_ledger(settings) as ledger:
        return _Writing(session, shop, ledger, loaded).go(asked)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    is_text = text.encode("utf-8", "replace").decode() == text
    if not (equals and name and is_text):
        raise UsageMistake("call_argument_form", value=text.encode("utf-8", "replace").decode())
    return name, value


def _only(code: str, operation: str, options: dict[str, bool]) -> None:
    """Refuse options that mean nothing for this operation. Raises UsageMistake."""
    for option, is_given in options.items():
        if is_given:
            raise UsageMistake(code, option=option, operation=operation)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


# --- a read ----------------------------------------------------------------------------------------------------


def _read(session: Session, settings: Settings, loaded: Loaded, account: str, limit: int | None) -> Exit:
    with open_shops(session, settings, [loaded.rule], account) as (shop,):
        rows = [one.data for one in islice(read(loaded, shop), limit)]
        is_whole = limit is None or len(rows) < limit
        around = _around(session, loaded)
        session.show(rows_page(loaded.rule, account, rows, shop.calls, around, whole=is_whole))
    return Exit.DONE


def _saved(session: Session, settings: Settings, loaded: Loaded, account: str, where: Path) -> Exit:
    """Write the document that a read answers with into a file. Raises UsageMistake and Mistake."""
    target = loaded.target
    name = target.response.document if isinstance(target, Operation) else ""
    if not name:
        raise UsageMistake("call_save_nothing", operation=target.name)
    with open_shops(session, settings, [loaded.rule], account) as (shop,):
        (row,) = [one.data for one in read(loaded, shop)]
    document = base64.b64decode(row[name])
    try:
        where.write_bytes(document)
    except OSError as error:
        raise Mistake("file_not_writable", where=str(where), said=error.strerror or "") from error
    if session.wants_json:
        session.show(Page(document={"file": str(where), "bytes": len(document)}, blocks=()))
    session.note("call_saved", file=str(where), size=len(document))
    return Exit.DONE


def _around(session: Session, loaded: Loaded) -> Around:
    return Around(lang=session.language(), catalogue=loaded.catalogue, rules={BY_HAND: loaded.rule})


# --- a write ---------------------------------------------------------------------------------------------------


class _Writing:
    """One write, from what was typed to what became of it."""

    def __init__(self, session: Session, shop: Shop, ledger: Ledger, loaded: Loaded) -> None:
        self.session, self.shop, self.ledger, self.loaded = session, shop, ledger, loaded
        self.around = _around(session, loaded)
        self.report, self.known = Report(), Before()

    def go(self, asked: _Asked) -> Exit:
        """Show the write, ask, send it, and show what became of it."""
        if not asked.dry_run:
            with self._lock(), stoppable(self.session) as stopping:
                self.report = settle(self.shop, self.ledger, stopping=stopping)
            if stopping.code is not None:
                return stopping.code
        line = self._prepared(asked)
        self.known = known = before(line, self.shop, self.ledger)
        if not asked.dry_run:
            self._preview(line)
            self._refuse_open(known.open)
        if known.done and any(one.action.id == known.done.action.id for one in self.report.outcomes):
            # whoever calls again after a crash wants it done, not done twice
            self._show(line, message("call_finished"))
            return self.report.exit
        if asked.dry_run or line.why_not is not None:
            self._show(line, line.why_not or message("call_dry"), whole=asked.dry_run)
            return Exit.FAILED if line.why_not else Exit.DONE
        if not self._agreed(known.done, yes=asked.yes, again=asked.again):
            self._show(line, message("call_denied"))
            return self.report.exit
        return self._sent(line, known)

    def _prepared(self, asked: _Asked) -> ByHand:
        """Put the write together; a record that is gone because of an open call is told as that call."""
        record = asked.on or ""
        try:
            return prepare(self.loaded, record, self.shop)
        except UsageMistake:
            self._refuse_open(open_on(asked.operation, record, self.shop, self.ledger))
            raise

    def _lock(self) -> AbstractContextManager[None]:
        return hold_lock(self.shop.settings.ledger, f"account-{self.shop.name}", wait=WAIT)

    def _preview(self, line: ByHand) -> None:
        """Show beside the result what is about to be sent."""
        if not self.session.quiet or _is_terminal():
            write(Page(document={}, blocks=shown_call(line.action, self.around)), "text", sys.stderr)

    def _refuse_open(self, entry: Entry | None) -> None:
        """Refuse what is still under way, with what to do. Raises Mistake."""
        if entry is None:
            return
        hints = {
            "asked": message("call_answer_first", question=entry.question),
            "approved": message("call_approved_first"),
        }
        more = {"hint": hints[entry.status]} if entry.status in hints else {}
        raise Mistake("call_still_open", state=status_word(entry, self.around.lang), **self._of(entry), **more)

    def _of(self, entry: Entry) -> dict[str, str]:
        at = entry.ended_at or entry.sent_at or entry.planned_at
        return {"at": moment(at, self.around.lang), "rule": entry.action.rule}

    def _agreed(self, done: Entry | None, *, yes: bool, again: bool) -> bool:
        """Ask for the confirmation; what was done before needs one of its own. Raises Mistake without a terminal."""
        repeats = done is not None and not again
        if not _is_terminal():
            if done is not None and repeats:
                raise Mistake("call_done_before", **self._of(done))
            return True
        if done is not None and repeats:
            click.echo(self.session.say("call_done_before", **self._of(done)), err=True)
            return click.confirm(self.session.say("call_confirm_again"), err=True)
        return yes or click.confirm(self.session.say("call_confirm"), err=True)

    def _sent(self, line: ByHand, known: Before) -> Exit:
        with self._lock(), stoppable(self.session) as stopping:
            found = send(
                line, known, self.shop, self.ledger, checkpoint=self.shop.settings.checkpoint, stopping=stopping
            )
        self.report += found
        self._show(line, None)
        if stopping.code is not None:
            self.session.note("stopped_cleanly")
        codes = [Exit.FAILED for one in found.outcomes if one.status is Status.SKIPPED]
        return worst(self.report.exit, *codes, *([stopping.code] if stopping.code is not None else []))

    def _show(self, line: ByHand, why: Message | None, *, whole: bool = False) -> None:
        """Show what became of it; `whole`: with what it is, which nobody saw yet."""
        self.report = replace(self.report, calls=self.shop.calls)
        called = Called(action=line.action, ran=ran(self.report), reason=why, before=self.known.open or self.known.done)
        self.session.show(call_page(called, self.around, whole=whole))
