"""Carry out what a rule wants beside the marketplace: intended in the ledger before, ended after, never twice.

A file is either the old one or the new one, so a crash leaves no doubt: it is compared with what it should become. What
was posted is not sent again when its answer is lost, unless the other side takes the same key only once: a message that
is missing can be looked up in `history`, one that is doubled may have been acted on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from runner.beside.channels import is_told, send
from runner.beside.files import before, put, rows_of, with_rows
from runner.beside.rows import Occasion
from runner.beside.told import Report, payload, posted
from runner.channels import Channel
from runner.errors import NoAnswer, Refused, RunnerError, Unreachable, Unreadable, UsageMistake
from runner.ledger import Delivery, Ledger
from runner.model import Delivered, Message, message
from runner.rules.shapes import After
from runner.secrets import Secret
from runner.values import digest
from runner.web.sending import WebSender


@dataclass(frozen=True, kw_only=True, slots=True)
class Carrier:
    """What carrying needs."""

    ledger: Ledger
    web: WebSender
    channels: Mapping[str, Channel]
    #: makes the Secret of a header
    opened: Callable[[Mapping[str, str], str, Path], Secret]
    #: called at every step at which a crash must be survivable
    checkpoint: Callable[[str], None]

    def after(self, place: int, after: After, occasion: Occasion) -> list[Delivered]:
        """Do one entry of a rule's `after`; nothing for what an earlier process has done for the same run."""
        if after.kind == "notify":
            text = str(after.text.get(occasion.counts, {}, occasion.now)) if after.text else ""
            return self._tell(after.channels, f"after/{place}", text, occasion)
        journal = _Journal(self, occasion, f"after/{place}", after.kind, after.target)
        if after.path is not None:
            kept = {} if after.shown or after.replaces else {"rows": rows_of(after, occasion)}
            late = sum(len(one.facts["rows"]) for one in journal.owed())
            if not occasion.lines and not late:
                return []
            return journal.kept(partial(_write, journal, after, after.path), kept, late=late)
        return journal.kept(partial(_post, journal, after))

    def report(self, channels: tuple[str, ...], report: Report, occasion: Occasion) -> list[Delivered]:
        """Tell what a run did; the same state as last time is no news."""
        text = report.text(occasion.lang)
        found: list[Delivered] = []
        for name in channels:
            last = self._last(name, occasion)
            if not report.state or last is None or last.facts.get("state") != report.state or last.status == "failed":
                found += self._tell((name,), "notify", text, occasion, report)
        return found

    def quiet(self, channels: tuple[str, ...], occasion: Occasion) -> None:
        """Note that there was nothing to tell: should the same come again, it is news again."""
        for name in channels:
            last = self._last(name, occasion)
            if last is not None and last.facts.get("state"):
                self.ledger.deliveries.forget(last.id)

    def _last(self, channel: str, occasion: Occasion) -> Delivery | None:
        whose = (occasion.marketplace, occasion.account, occasion.rule.name)
        return self.ledger.deliveries.last(*whose, "report", channel)

    def _tell(
        self, names: tuple[str, ...], what: str, text: str, occasion: Occasion, report: Report | None = None
    ) -> list[Delivered]:
        found: list[Delivered] = []
        for name in names:
            journal = _Journal(self, occasion, what, "notify" if report is None else "report", name)
            counts = occasion.counts if report is None else report.counts
            state = report.state if report is not None else ""
            found += journal.kept(partial(_channel, journal, text, counts, state))
        return found


@dataclass(frozen=True, slots=True)
class _Journal:
    """One delivery in the ledger."""

    carrier: Carrier
    occasion: Occasion
    what: str
    kind: str
    target: str

    @property
    def delivery(self) -> Delivery:
        """Name it: the same rule, run, place and target are the same delivery."""
        one = self.occasion
        parts = (one.marketplace, one.account, one.rule.name, str(one.run), self.what, self.target)
        return Delivery(
            id=digest("\x1f".join(parts)), marketplace=one.marketplace, account=one.account, rule=one.rule.name,
            kind=self.kind, target=self.target, run=one.run,
        )  # fmt: skip

    def earlier(self) -> Delivery | None:
        """Return what an earlier process left of this delivery."""
        return self.carrier.ledger.deliveries.get(self.delivery.id)

    def owed(self) -> list[Delivery]:
        """Return what earlier runs could not write into the same file, with its rows."""
        one = self.delivery
        return self.carrier.ledger.deliveries.owed(one.marketplace, one.account, one.rule, one.kind, one.target)

    def settle(self, owed: Iterable[str]) -> None:
        """Commit that what was owed is written."""
        for delivery in owed:
            self.carrier.ledger.deliveries.forget(delivery)

    def intend(self, **facts: Any) -> None:
        """Commit that it is about to happen."""
        self.carrier.ledger.deliveries.intend(replace(self.delivery, facts=facts), self.occasion.now)
        self.carrier.checkpoint("beside_intent")

    def kept(
        self, do: Callable[[], Message | None], owe: Mapping[str, Any] | None = None, *, late: int = 0
    ) -> list[Delivered]:
        """Do it and commit how it ended; `do` returns why it is not known, or None.

        `owe` is kept where it surely did not happen, for a later run to make up for; `late` rows are of earlier runs.
        """
        earlier = self.earlier()
        if earlier is not None and earlier.status != "intended":
            return []
        try:
            why = do()
        except NoAnswer as lost:
            return [self._end("unclear", _said(lost))]
        except (Refused, Unreachable, Unreadable, UsageMistake) as failed:
            self.intend(**(owe or {}))
            return [self._end("failed", _said(failed), late)]
        self.carrier.checkpoint("beside_done")
        return [self._end("done" if why is None else "unclear", why, late)]

    def _end(self, status: Any, why: Message | None, late: int = 0) -> Delivered:
        if self.earlier() is None:
            self.intend()
        self.carrier.ledger.deliveries.end(self.delivery.id, status, self.occasion.now)
        rows, kind = len(self.occasion.lines) + late, "notify" if self.kind == "report" else self.kind
        return Delivered(
            rule=self.occasion.rule.name, account=self.occasion.account, kind=kind, target=self.target, rows=rows,
            status=status, why=why,
        )  # fmt: skip


def _said(error: RunnerError) -> Message:
    return Message(code=error.code, facts=error.facts)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(journal: _Journal, after: After, path: Path) -> Message | None:
    """Write the rows of this run, below those that an earlier one could not write: the file was open in Excel."""
    there = before(path)
    earlier = journal.earlier()
    if earlier is not None and earlier.facts.get("becomes") == _hash(there):
        journal.settle(earlier.facts.get("owed", ()))
        return None
    if earlier is not None and earlier.facts.get("was") not in (None, _hash(there)):
        return message("written_meanwhile", where=after.target)
    owed = [] if after.replaces else journal.owed()
    rows = [*(row for one in owed for row in one.facts["rows"]), *rows_of(after, journal.occasion)]
    content = with_rows(after, there, rows)
    journal.intend(was=_hash(there), becomes=_hash(content), owed=[one.id for one in owed])
    put(path, content)
    journal.settle([one.id for one in owed])
    return None


def _post(journal: _Journal, after: After) -> Message | None:
    if journal.earlier() is not None and not after.repeatable:
        return message("told_before_crash", target=after.target)
    headers = {one.name: _header(journal, after, one.name, one.value, dict(one.secret)) for one in after.headers}
    journal.intend()
    body = posted(after, journal.occasion)
    journal.carrier.web.post(after.url, body, journal.delivery.id, headers, repeatable=after.repeatable)
    return None


def _header(journal: _Journal, after: After, name: str, value: str, kept: Mapping[str, str]) -> str:
    if not kept:
        return value
    return value + journal.carrier.opened(kept, f"{journal.occasion.rule.name}.{name}", after.folder).reveal()


def _channel(journal: _Journal, text: str, counts: Mapping[str, Any], state: str) -> Message | None:
    channel = journal.carrier.channels.get(journal.target)
    if channel is None:
        raise Unreadable("channel_gone", name=journal.target)
    key = journal.delivery.id
    if journal.earlier() is not None:
        if channel.file is None:
            return message("told_before_crash", target=journal.target)
        if is_told(channel.file, key):
            return None
    journal.intend(state=state)
    send(channel, text, payload(channel, text, counts, journal.occasion), key, journal.carrier.web)
    return None
