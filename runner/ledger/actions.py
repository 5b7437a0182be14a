"""Actions in the ledger: claimed once, sent after a commit, ended with evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from runner.ledger.entries import Claim, Entry, Event, RunEntry, Used
from runner.ledger.rows import action_columns, claim_of, entry_of, event_of, message_json, run_of
from runner.ledger.tables import actions, events, members, names, questions, runs
from runner.model import Action, Data, Member, Message

#: a key in one of these states may be claimed anew (planning decides when)
FREE = ("refused", "expired", "released", "skipped")
#: started or allowed, and not ended: recovery looks at these
OPEN = ("planned", "approved", "sent", "unclear")
#: count against limits
USED = ("planned", "asked", "approved", "sent", "unclear", "done")

#: instead of a record's hash: the refusal of a member lasts whatever becomes of its record
LASTING = "lasting"

_CHUNK = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """An action about to be claimed, with what only the ledger needs."""

    action: Action
    #: the arguments that may be kept: without texts and personal data
    arguments: Data
    #: hash of each record as it was seen, by dedupe key
    seen: Mapping[str, str]
    #: the counter this action adds to, or ""
    counts: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """A question about to be put to a person."""

    id: str
    marketplace: str
    account: str
    rule: str
    reason: Message
    expires: datetime


class Actions:
    """All that changes an action. Each method is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    # --- reading ---------------------------------------------------------------------------------

    def claims(self, keys: Sequence[str]) -> dict[str, Claim]:
        """Return what is known about these keys; unknown ones are left out."""
        found: dict[str, Claim] = {}
        with self._engine.connect() as db:
            for start in range(0, len(keys), _CHUNK):
                chosen = sa.select(members).where(members.c.key.in_(keys[start : start + _CHUNK]))
                found |= {row["key"]: claim_of(row) for row in db.execute(chosen).mappings()}
        return found

    def identity(self, name: str, was: str) -> str:
        """Return the first name of a rule: renamed ones keep what was done under their old names."""
        with self._engine.connect() as db:
            found = {row[0]: row[1] for row in db.execute(sa.select(names).where(names.c.name.in_((name, was))))}
        return str(found.get(name) or found.get(was) or was or name)

    def named(self, rules: Sequence[tuple[str, str]]) -> None:
        """Keep the identity of rules, given as (name, what it was called before), before they are acted on."""
        rows = [{"name": name, "identity": self.identity(name, was)} for name, was in rules]
        with self._engine.begin() as db:
            known = set(db.execute(sa.select(names.c.name)).scalars())
            fresh = [row for row in rows if row["name"] not in known]
            if fresh:
                db.execute(sa.insert(names), fresh)

    def used(self, rule: str, account: str, marketplace: str, since: datetime) -> Used:
        """Return what a rule, under all its names, used of its limits since `since`; `rule` is its identity."""
        called = sa.select(names.c.name).where(names.c.identity == rule)
        chosen = sa.select(actions).where(
            sa.or_(actions.c.rule == rule, actions.c.rule.in_(called)),
            actions.c.account == account,
            actions.c.marketplace == marketplace,
            actions.c.planned_at >= since,
        )
        with self._engine.connect() as db:
            rows = db.execute(chosen).mappings().all()
        used = [row for row in rows if row["status"] in USED]
        # a coupon whose options were all refused is a coupon nevertheless
        made = [row for row in rows if row["counts"] and (row in used or row["progress"].get("step", 0) > 0)]
        counters = Counter(row["counts"] for row in made)
        return Used(
            lines=sum(len(row["records"]) for row in used),
            won=sum(row["money"] or 0 for row in used),
            counters=counters,
        )

    def open(self, account: str, marketplace: str) -> list[Entry]:
        """Return what was started or allowed and has not ended, oldest first."""
        return self.find(actions.c.account == account, actions.c.marketplace == marketplace, actions.c.status.in_(OPEN))

    def get(self, action: str) -> Entry | None:
        """Return one action."""
        return next(iter(self.find(actions.c.id == action)), None)

    def of_record(self, rule: str, record: str) -> list[Entry]:
        """Return every action of a rule for a record, those for many included."""
        ids = sa.select(members.c.action).where(members.c.record == record)
        return self.find(actions.c.rule == rule, actions.c.id.in_(ids))

    def of_records(self, records: Collection[str]) -> list[Entry]:
        """Return every action of any rule for some records."""
        found: dict[str, Entry] = {}
        keys = sorted(records)
        for start in range(0, len(keys), _CHUNK):
            some = sa.select(members.c.action).where(members.c.record.in_(keys[start : start + _CHUNK]))
            found |= {one.action.id: one for one in self.find(actions.c.id.in_(some))}
        return list(found.values())

    def refused(self, prefix: str) -> list[Entry]:
        """Return the ended actions whose id begins so, of which all or some members were refused."""
        some = sa.select(members.c.action).where(members.c.status == "refused")
        ended = actions.c.status.in_(("refused", "done"))
        return self.find(actions.c.id.startswith(prefix, autoescape=True), ended, actions.c.id.in_(some))

    def same(self, action: Action, marketplace: str) -> list[Entry]:
        """Return every line that did, or is to do, the same thing with the same arguments, whatever rule it is of."""
        return self.find(
            actions.c.account == action.account,
            actions.c.marketplace == marketplace,
            actions.c.operation == action.operation,
            actions.c.fingerprint == action.fingerprint,
        )

    def recent(self, limit: int, *where: sa.ColumnElement[bool]) -> list[Entry]:
        """Return the newest actions first."""
        return self.find(*where, order=actions.c.planned_at.desc(), limit=limit)

    def find(self, *where: sa.ColumnElement[bool], order: Any = None, limit: int | None = None) -> list[Entry]:
        """Return the actions that fulfil all of `where`, oldest first unless `order` says otherwise."""
        chosen = (
            sa.select(actions)
            .where(*where)
            .order_by(actions.c.planned_at if order is None else order, actions.c.place, actions.c.id)
        )
        with self._engine.connect() as db:
            rows = list(db.execute(chosen.limit(limit)).mappings())
            return [entry_of(row, _keys(db, row["id"], row["records"])) for row in rows]

    def members_of(self, action: str) -> list[Claim]:
        """Return the members of an action."""
        with self._engine.connect() as db:
            rows = db.execute(sa.select(members).where(members.c.action == action).order_by(members.c.key))
            return [claim_of(row) for row in rows.mappings()]

    def journal(self, action: str) -> list[Event]:
        """Return every change of an action in order."""
        with self._engine.connect() as db:
            rows = db.execute(sa.select(events).where(events.c.action == action).order_by(events.c.n))
            return [event_of(row) for row in rows.mappings()]

    # --- changing --------------------------------------------------------------------------------

    def claim(
        self,
        lines: Sequence[Line],
        status: str,
        *,
        run: int,
        marketplace: str,
        now: datetime,
    ) -> set[str]:
        """Claim lines in one commit; return the ids that are ours, the others were taken."""
        with self._engine.begin() as db:
            return _claim(db, lines, status, run=run, marketplace=marketplace, now=now)

    def ask(self, lines: Sequence[Line], asking: Asking, *, run: int, now: datetime) -> set[str]:
        """Put lines to a person: question and claims in one commit; return the ids that are ours. None, no question."""
        with self._engine.begin() as db:
            ours = _claim(db, lines, "asked", run=run, marketplace=asking.marketplace, now=now, question=asking.id)
            if ours:
                _open_question(db, asking, now)
        return ours

    def approve(self, ids: Iterable[str], by: str, now: datetime) -> None:
        """Let asked lines be sent."""
        self._move(ids, "approved", now, {"by": by})

    def rechecked(self, lines: Sequence[Line], now: datetime) -> None:
        """Keep claimed lines as they are about to be sent.

        Records of an action for many that no longer qualify are left out, and their keys become free.
        """
        with self._engine.begin() as db:
            for line in lines:
                _seen_anew(db, line)
                if _narrowed(db, line):
                    _note(db, line.action.id, "narrowed", now, {"records": list(line.action.records)})

    def sent(self, progress: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
        """Commit the intent of a call, given as id -> progress: from here on only a read may say it did not happen."""
        with self._engine.begin() as db:
            for action, its in progress.items():
                change = {"status": "sent", "sent_at": now, "progress": dict(its), "attempt": actions.c.attempt + 1}
                db.execute(sa.update(actions).where(actions.c.id == action).values(change))
                db.execute(sa.update(members).where(members.c.action == action).values(status="sent", at=now))
                _note(db, action, "sent", now, dict(its))

    def progressed(self, progress: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
        """Keep how far calls and procedures got, given as id -> progress."""
        with self._engine.begin() as db:
            for action, its in progress.items():
                db.execute(sa.update(actions).where(actions.c.id == action).values(progress=dict(its)))
                _note(db, action, "progressed", now, dict(its))

    def ended(
        self, action: str, status: str, now: datetime, *, verified: bool = False, why: Message | None = None,
        of: Sequence[Member] = (), lasting: bool = False,
    ) -> None:  # fmt: skip
        """End an action as done, refused or rejected, or mark it unclear; `of` tells members that differ.

        `lasting`: what was refused stays so until a person wants it tried again.
        """
        with self._engine.begin() as db:
            change = {"status": status, "verified": verified, "why": message_json(why)}
            ending = {} if status == "unclear" else {"ended_at": now}
            db.execute(sa.update(actions).where(actions.c.id == action).values(change | ending))
            _end_members(db, members.c.action == action, status, why, now)
            for one in of:
                where = sa.and_(members.c.action == action, members.c.record == one.record)
                _end_members(db, where, one.status.value, one.reason, now)
            if lasting:
                refused = sa.and_(members.c.action == action, members.c.status == "refused")
                db.execute(sa.update(members).where(refused).values(seen=LASTING))
            _note(db, action, status, now, {"verified": verified, "why": message_json(why)})

    def released(self, ids: Iterable[str], now: datetime, why: Message) -> None:
        """Give claims back: nothing was sent, or a read proved that nothing happened."""
        with self._engine.begin() as db:
            for action in ids:
                db.execute(sa.delete(members).where(members.c.action == action))
                change = {"status": "released", "ended_at": now, "why": message_json(why)}
                db.execute(sa.update(actions).where(actions.c.id == action).values(change))
                _note(db, action, "released", now, {"why": message_json(why)})

    def retry(self, action: str, now: datetime) -> None:
        """Forget a refusal, because a person wants the line tried again; what its calls made still counts."""
        with self._engine.begin() as db:
            refused = sa.and_(members.c.action == action, members.c.status == "refused")
            db.execute(sa.delete(members).where(refused))
            _note(db, action, "retried", now, {})
            _put_aside(db, action)

    def asked(self, action: str, asking: Asking, now: datetime) -> None:
        """Hand a line that nothing can settle to a person, with its question in one commit."""
        with self._engine.begin() as db:
            _open_question(db, asking, now)
            change = {"question": asking.id, "why": message_json(asking.reason), "status": "asked"}
            db.execute(sa.update(actions).where(actions.c.id == action).values(change))
            _end_members(db, members.c.action == action, "asked", asking.reason, now)
            _note(db, action, "asked", now, {"question": asking.id, "why": message_json(asking.reason)})

    def _move(self, ids: Iterable[str], status: str, now: datetime, facts: Mapping[str, Any]) -> None:
        with self._engine.begin() as db:
            for action in ids:
                db.execute(sa.update(actions).where(actions.c.id == action).values(status=status))
                db.execute(sa.update(members).where(members.c.action == action).values(status=status, at=now))
                _note(db, action, status, now, facts)

    # --- runs ------------------------------------------------------------------------------------

    def begin_run(self, kind: str, account: str, marketplace: str, now: datetime) -> int:
        """Note that a run started; return its number."""
        row = {"kind": kind, "account": account, "marketplace": marketplace, "started_at": now, "facts": {}}
        with self._engine.begin() as db:
            return int(db.execute(sa.insert(runs).values(row)).inserted_primary_key[0])  # type: ignore[index]

    def end_run(self, run: int, facts: Mapping[str, Any], now: datetime) -> None:
        """Note what came of a run."""
        with self._engine.begin() as db:
            db.execute(sa.update(runs).where(runs.c.id == run).values(ended_at=now, facts=dict(facts)))

    def died(self, account: str, marketplace: str, before: int) -> list[RunEntry]:
        """Return the runs of an account that died before they ended, oldest first."""
        where = (
            runs.c.account == account, runs.c.marketplace == marketplace, runs.c.ended_at.is_(None), runs.c.id < before,
            runs.c.kind != "call",
        )  # fmt: skip
        with self._engine.connect() as db:
            return [run_of(row) for row in db.execute(sa.select(runs).where(*where).order_by(runs.c.id)).mappings()]

    def ended_since(self, account: str, marketplace: str, since: datetime) -> list[Entry]:
        """Return the lines of an account that were done or refused since a point in time."""
        theirs = (actions.c.account == account, actions.c.marketplace == marketplace)
        return self.find(*theirs, actions.c.status.in_(("done", "refused")), actions.c.ended_at >= since)

    def run(self, number: int) -> RunEntry | None:
        """Return one run."""
        with self._engine.connect() as db:
            row = db.execute(sa.select(runs).where(runs.c.id == number)).mappings().first()
            return None if row is None else run_of(row)

    def runs(self, limit: int) -> list[RunEntry]:
        """Return the newest runs first."""
        with self._engine.connect() as db:
            rows = db.execute(sa.select(runs).order_by(runs.c.id.desc()).limit(limit)).mappings()
            return [run_of(row) for row in rows]


def _keys(db: sa.Connection, action: str, records: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of an action's members, parallel to its records; none when its claims were given back."""
    chosen = sa.select(members.c.record, members.c.key).where(members.c.action == action)
    by_record = {row.record: row.key for row in db.execute(chosen)}
    return tuple(by_record[record] for record in records if record in by_record)


def _claim(
    db: sa.Connection, lines: Sequence[Line], status: str, *, run: int, marketplace: str, now: datetime,
    question: str | None = None,
) -> set[str]:  # fmt: skip
    """Claim lines whose keys are free; return their ids."""
    ours = {line.action.id: line for line in lines if _claim_members(db, line, status, now)}
    for line in ours.values():
        row = action_columns(line.action, marketplace=marketplace, arguments=line.arguments, counts=line.counts)
        _upsert(db, row, status=status, run=run, now=now, question=question)
        _note(db, line.action.id, status, now, {"run": run})
    return set(ours)


def _claim_members(db: sa.Connection, line: Line, status: str, now: datetime) -> bool:
    """Claim every key of a line, or none."""
    keys = line.action.keys
    taken = {row["key"]: row for row in db.execute(sa.select(members).where(members.c.key.in_(keys))).mappings()}
    if any(row["status"] not in FREE or row["seen"] == LASTING for row in taken.values()):
        return False
    db.execute(sa.delete(members).where(members.c.key.in_(keys)))
    db.execute(
        sa.insert(members),
        [
            {
                "key": key, "action": line.action.id, "record": record, "status": status, "why": {},
                "tries": taken[key]["tries"] if key in taken else 0, "seen": line.seen.get(key, ""), "at": now,
            }
            for key, record in zip(keys, line.action.records, strict=True)
        ],
    )  # fmt: skip
    return True


def _open_question(db: sa.Connection, asking: Asking, now: datetime) -> None:
    """Open a question, or open it again: the same line may have been asked about before."""
    row = {
        "id": asking.id, "marketplace": asking.marketplace, "account": asking.account, "rule": asking.rule,
        "reason": message_json(asking.reason), "status": "open", "asked_at": now, "expires_at": asking.expires,
        "answered_at": None, "answered_by": "", "kind": "lines",
    }  # fmt: skip
    db.execute(sa.delete(questions).where(questions.c.id == asking.id))
    db.execute(sa.insert(questions).values(row))


def _put_aside(db: sa.Connection, action: str) -> None:
    """Keep a refused action under another id: the same line planned anew would take its place, and limits forget it."""
    row = db.execute(sa.select(actions).where(actions.c.id == action, actions.c.status == "refused")).mappings().first()
    if row is None:
        return
    kept = sa.select(sa.func.count()).where(actions.c.id.startswith(f"{action}.", autoescape=True))
    aside = f"{action}.{db.execute(kept).scalar_one() + 1}"
    db.execute(sa.update(actions).where(actions.c.id == action).values(id=aside))
    db.execute(sa.update(events).where(events.c.action == action).values(action=aside))


def _seen_anew(db: sa.Connection, line: Line) -> None:
    for key, record_hash in line.seen.items():
        db.execute(sa.update(members).where(members.c.key == key).values(seen=record_hash))


def _narrowed(db: sa.Connection, line: Line) -> bool:
    """Leave out the members that a line no longer has; tell whether there were any."""
    action = line.action
    gone = sa.and_(members.c.action == action.id, members.c.key.not_in(action.keys))
    if db.execute(sa.delete(members).where(gone)).rowcount == 0:
        return False
    change = {
        "record": action.records[0], "records": list(action.records), "follows": list(action.follows),
        "arguments": dict(line.arguments), "fingerprint": action.fingerprint,
    }  # fmt: skip
    db.execute(sa.update(actions).where(actions.c.id == action.id).values(change))
    return True


def _upsert(
    db: sa.Connection, row: dict[str, Any], *, status: str, run: int, now: datetime, question: str | None
) -> None:
    fresh = {
        "status": status, "verified": False, "why": {}, "progress": {}, "run": run, "planned_at": now,
        "sent_at": None, "ended_at": None, "question": question,
    }  # fmt: skip
    changed = db.execute(sa.update(actions).where(actions.c.id == row["id"]).values(row | fresh))
    if changed.rowcount == 0:
        db.execute(sa.insert(actions).values(row | fresh | {"attempt": 0}))


def _end_members(
    db: sa.Connection, where: sa.ColumnElement[bool], status: str, why: Message | None, now: datetime
) -> None:
    change: dict[str, Any] = {"status": status, "why": message_json(why), "at": now}
    if status == "refused":
        change["tries"] = members.c.tries + 1
    db.execute(sa.update(members).where(where).values(change))


def _note(db: sa.Connection, action: str, name: str, now: datetime, facts: Mapping[str, Any]) -> None:
    db.execute(sa.insert(events).values(at=now, action=action, name=name, facts=dict(facts)))
