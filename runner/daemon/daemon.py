"""The daemon itself: a sweep that finds what is due, one worker per account, reload, drain."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from runner.daemon.reload import reload
from runner.daemon.state import DaemonState, write_state
from runner.daemon.table import Due, DueTable
from runner.daemon.telling import changes, events_of
from runner.errors import Exit, NeedsAttention, RunnerError
from runner.ledger import Ledger, hold_lock
from runner.model import Message, SourceRead, message
from runner.rules.shapes import RuleSet
from runner.runs import Shop, perform
from runner.runs.after import is_asked_for
from runner.settings import Settings

#: seconds without a sweep after which the process ends, so that a service manager starts it anew
_SILENT = 120.0
#: seconds between looks at lines whose effect is not known yet, and at lines a person has just approved
_LOOK_AGAIN, _LOOK_SOON = 60.0, 5.0
#: seconds between descriptions of the state for other processes
_DESCRIBE_EVERY = 5.0
#: seconds a run waits for a command that works on the same account
_ACCOUNT_WAIT = 30.0


@dataclass(kw_only=True, slots=True)
class Daemon:
    """Leave it running. `tell` hears every event as a Message, with `kind` for machines."""

    settings: Settings
    ledger: Ledger
    shops: Mapping[str, Shop]
    rules: RuleSet
    tell: Callable[[str, Message], None]
    lock_path: Path
    monotonic: Callable[[], float]
    _stop: threading.Event = field(default_factory=threading.Event)
    _wake: threading.Event = field(default_factory=threading.Event)
    _running: dict[str, Future[None]] = field(default_factory=dict)
    _swept: float = 0.0
    _described: float = float("-inf")
    #: account -> when its open lines were last looked at
    _looked: dict[str, float] = field(default_factory=dict)
    #: account -> sources whose bad state was told
    _unsound: dict[str, dict[str, SourceRead]] = field(default_factory=dict)
    _state: DaemonState = field(init=False)
    _table: DueTable = field(init=False)
    _broken: tuple[str, ...] = ()
    _trouble: Exit = Exit.DONE

    def run(self) -> Exit:
        """Run until `stop`; raises Busy when another daemon holds the ledger."""
        with hold_lock(self.lock_path, "daemon", wait=0), ThreadPoolExecutor(max(len(self.shops), 1)) as pool:
            self._begin()
            scheduler = _alarm_clock(self._wake.set)
            try:
                while not self._stop.is_set():
                    self._sweep(pool)
                    self._wake.wait(timeout=5.0)
                    self._wake.clear()
            finally:
                scheduler.shutdown(wait=False)
                self._drain()
        return self._trouble

    def stop(self) -> None:
        """Start nothing new; a run under way leaves its other lines and ends with the call it is in."""
        self._stop.set()
        self._wake.set()

    def is_stopping(self) -> bool:
        """Tell runs under way to leave the lines that are left."""
        return self._stop.is_set()

    # --- what is due -------------------------------------------------------------------------------

    def _begin(self) -> None:
        now = self._now()
        self._state = DaemonState(pid=os.getpid(), started_at=now.isoformat(), loaded_at=now.isoformat())
        self.ledger.time.reopen()
        self.tell("started", message("daemon_started", rules=len(self.rules.rules), accounts=len(self.shops)))
        self._table = self._table_of(self.rules)
        self._tell_next()

    def _table_of(self, rules: RuleSet) -> DueTable:
        table = DueTable(rules=rules, accounts=tuple(self.shops), time=self.ledger.time)
        for account, shop in self.shops.items():
            table.baseline(account, shop.clock.now())
        return table

    def _sweep(self, pool: ThreadPoolExecutor) -> None:
        """Give every idle account what is due; busy ones get it when they are done, once."""
        for account, shop in self.shops.items():
            under_way = self._running.get(account)
            if under_way is not None and not under_way.done():
                continue
            due = self._table.due(account, shop.clock.now())
            if due or self._left_open(shop):
                self._running[account] = pool.submit(self._run_due, shop, due)
        self._swept = self.monotonic()
        self._describe()

    def _left_open(self, shop: Shop) -> bool:
        """Tell whether lines wait that no schedule will pick up: approved ones soon, unclear ones each minute."""
        since = self.monotonic() - self._looked.get(shop.name, float("-inf"))
        if since < _LOOK_SOON:
            return False
        states = {one.status for one in self.ledger.actions.open(shop.name, shop.marketplace)}
        return "approved" in states or (bool(states & {"sent", "unclear"}) and since > _LOOK_AGAIN)

    # --- one run -------------------------------------------------------------------------------------

    def _run_due(self, shop: Shop, due: Sequence[Due]) -> None:
        """Run what is due for one account together, so that rules on one source cost one poll."""
        try:
            with hold_lock(self.lock_path, f"account-{shop.name}", wait=_ACCOUNT_WAIT):
                taken = [one for one in due if self._take(shop, one)]
                self._perform(shop, [one.rule.name for one in taken if not one.skip])
                self._looked[shop.name] = self.monotonic()
                for one in taken:
                    self._finish(shop, one, "skipped" if one.skip else "done")
        except RunnerError as error:
            self._failed(shop, error)
        except Exception as error:  # noqa: BLE001 - one bad run must not end the daemon; it is told in full
            self.tell("defect", message("run_broke", account=shop.name, said=repr(error)))
            self._trouble = Exit.DEFECT

    def _take(self, shop: Shop, due: Due) -> bool:
        now = shop.clock.now()
        if due.missed:
            self.tell("late", message("slots_missed", rule=due.rule.name, missed=due.missed))
        return self._table.take(due, shop.name, now)

    def _finish(self, shop: Shop, due: Due, status: str) -> None:
        self.ledger.time.finish(due.rule.name, shop.name, due.slot, status, shop.clock.now())

    def _perform(self, shop: Shop, names: Sequence[str]) -> None:
        told = replace(shop, tell=lambda said: self.tell("said" if is_asked_for(said) else "progress", said))
        if ended := self.ledger.questions.expire(shop.clock.now()):
            self.tell("expired", message("questions_expired", count=len(ended)))
        report = perform(
            told,
            self.rules,
            self.ledger,
            names=names,
            all_approved=True,
            checkpoint=self.settings.checkpoint,
            stopping=self.is_stopping,
        )
        news = changes(report.sources, self._unsound.setdefault(shop.name, {}))
        for kind, said in events_of(report, shop.name, len(names), news):
            self.tell(kind, said)

    def _failed(self, shop: Shop, error: RunnerError) -> None:
        self.tell(
            "trouble",
            message("rule_trouble", rule="", account=shop.name, why=Message(code=error.code, facts=error.facts)),
        )
        if isinstance(error, NeedsAttention):
            self._trouble = Exit.ATTENTION

    # --- reload ----------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Load all files, and swap the whole set only when every one holds; else keep the last good one and say so."""
        found = reload(self.settings, self.rules, self._broken)
        if found is None:
            return
        self._broken = found.broken
        if not found.broken:
            self._swap(found.rules)
        for kind, said in found.events:
            self.tell(kind, said)
        self._wake.set()

    def _swap(self, rules: RuleSet) -> None:
        table = self._table_of(rules)
        self.rules, self._table = rules, table
        self._state = replace(self._state, loaded_at=self._now().isoformat())
        self._described = float("-inf")

    # --- signs of life -----------------------------------------------------------------------------------

    def is_silent(self) -> bool:
        """Tell whether the sweep hangs: then the process should end and be started anew."""
        return self._swept > 0 and self.monotonic() - self._swept > _SILENT

    def _describe(self) -> None:
        """Write the state down, often enough for a person who asks."""
        if self._broken == self._state.broken and self.monotonic() - self._described < _DESCRIBE_EVERY:
            return
        self._described = self.monotonic()
        state = replace(
            self._state,
            beat_at=self._now().isoformat(),
            rules=len(self.rules.rules),
            fingerprint=self.rules.fingerprint,
            broken=self._broken,
            next=self._next(),
        )
        self._state = state
        write_state(self.lock_path.with_name("daemon.json"), state)

    def _next(self) -> dict[str, str]:
        found = {}
        for rule in self.rules.rules:
            for account in self._table.accounts_of(rule):
                slot = self._table.next(rule, account, self.shops[account].clock.now())
                found[f"{rule.name} {account}"] = slot.isoformat() if slot else ""
        return found

    def _tell_next(self) -> None:
        for name, slot in self._next().items():
            rule, account = name.rsplit(" ", 1)
            self.tell(
                "next",
                message("next_slot", rule=rule, account=account, at=datetime.fromisoformat(slot) if slot else ""),
            )

    def _now(self) -> datetime:
        return next(iter(self.shops.values())).clock.now()

    def _drain(self) -> None:
        self.tell("stopping", message("daemon_stopping", runs=sum(not one.done() for one in self._running.values())))
        # no limit of our own: a call under way ends by the client's, and its outcome must be kept
        wait(self._running.values())
        self.tell("stopped", message("daemon_stopped"))


def _alarm_clock(wake: Callable[[], None]) -> BackgroundScheduler:
    """Wake the sweep every second. The defaults of APScheduler would drop late wake-ups; ours must not."""
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    scheduler.add_job(wake, "interval", seconds=1, id="sweep", replace_existing=True)
    scheduler.start()
    return scheduler
