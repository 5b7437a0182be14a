"""The state of things: the daemon, what is open, each account and its calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from runner.model import Message
from runner.recordings.store import Size
from runner.render.page import FORMAT, Page, Sheet
from runner.render.recordings import size_json, size_line
from runner.render.words import expired_lines, iso, moment, reason_json, said, standing_hint, word
from runner.wording import Lang


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountState:
    """One account and what its calls are doing."""

    name: str
    vendor_id: str
    base_url: str
    rate: float
    #: why its keys cannot be opened; None when they can
    problem: Message | None = None
    waiting: int = 0
    in_flight: int = 0
    locked_until: datetime | None = None
    slow_until: datetime | None = None
    cause: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DaemonView:
    """A daemon that is running; times are ISO texts."""

    pid: int
    started_at: str
    beat_at: str
    rules: int
    #: problems of the files as they are now; the last good set is in force
    broken: Sequence[str] = ()
    #: "rule account" -> next slot
    next: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusView:
    """Everything `status` shows."""

    daemon: DaemonView | None
    #: state of the ledger -> how many actions
    counts: Mapping[str, int]
    questions: int
    #: questions that ran out unanswered of late, and whose lines nobody was asked about again
    expired: int = 0
    accounts: Sequence[AccountState]
    #: what is recorded for backtests; None where nothing is
    recordings: Size | None = None


def status_page(view: StatusView, lang: Lang) -> Page:
    """Return the state of things."""
    open_now = " · ".join(f"{word(f'state_{name}', lang)} {count}" for name, count in view.counts.items())
    blocks: list[str | Sheet] = [*_daemon(view.daemon, lang)]
    blocks.append(word("status_ledger", lang, counts=open_now or word("status_empty", lang)))
    if view.questions:
        blocks.append(word("report_waiting", lang, count=view.questions))
    blocks += expired_lines(view.expired, lang)
    if view.recordings is not None:
        blocks.append(size_line(view.recordings, lang))
    blocks.append(_accounts(view.accounts, lang, "\n" + word("title_accounts", lang)))
    blocks += _lock_outs(view.accounts, lang)
    return Page(document=status_json(view, lang), blocks=blocks)


def status_json(view: StatusView, lang: Lang) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "format_version": FORMAT,
        "daemon": _daemon_json(view.daemon),
        "ledger": dict(view.counts),
        "questions": view.questions,
        "expired": view.expired,
        "recordings": size_json(view.recordings) if view.recordings else None,
        "accounts": [account_json(one, lang) for one in view.accounts],
    }


def _daemon_json(daemon: DaemonView | None) -> dict[str, Any] | None:
    if daemon is None:
        return None
    return {
        "pid": daemon.pid, "started_at": daemon.started_at, "beat_at": daemon.beat_at, "rules": daemon.rules,
        "broken": list(daemon.broken), "next": dict(daemon.next),
    }  # fmt: skip


def _daemon(daemon: DaemonView | None, lang: Lang) -> list[str]:
    if daemon is None:
        return [word("status_no_daemon", lang)]
    since = moment(datetime.fromisoformat(daemon.started_at), lang)
    lines = [word("status_daemon", lang, pid=daemon.pid, since=since, rules=daemon.rules)]
    if daemon.broken:
        lines.append(word("status_broken", lang, count=len(daemon.broken)))
        lines += [f"  {one}" for one in daemon.broken]
    return lines + [f"  {name}  {_slot(at, lang)}" for name, at in daemon.next.items()]


def _slot(at: str, lang: Lang) -> str:
    return moment(datetime.fromisoformat(at), lang) if at else "-"


def accounts_page(accounts: Sequence[AccountState], lang: Lang) -> Page:
    """Return the accounts of the settings; keys are never among what is shown."""
    document = {"format_version": FORMAT, "accounts": [account_json(one, lang) for one in accounts]}
    return Page(document=document, blocks=(_accounts(accounts, lang, ""), *_lock_outs(accounts, lang)))


def account_json(one: AccountState, lang: Lang) -> dict[str, Any]:
    """Return one account."""
    return {
        "account": one.name,
        "vendor_id": one.vendor_id,
        "base_url": one.base_url,
        "rate": one.rate,
        "keys": "missing" if one.problem else "ready",
        **reason_json(one.problem, lang),
        "calls": {"waiting": one.waiting, "in_flight": one.in_flight},
        "locked_until": iso(one.locked_until),
        "slow_until": iso(one.slow_until),
        "lock_out": _lock_out_json(one, lang),
    }


def _lock_out(one: AccountState) -> Message | None:
    """Return why the marketplace stopped a vendor, as the error says it; when it began is not kept anywhere."""
    if one.locked_until is None or not one.cause:
        return None
    return Message(code=f"locked_out_{one.cause}", facts={"vendor": one.vendor_id, "until": one.locked_until})


def _lock_out_json(one: AccountState, lang: Lang) -> dict[str, Any] | None:
    why = _lock_out(one)
    if why is None:
        return None
    return {"code": why.code, "message": said(why, lang), "hint": standing_hint(why, lang)}


def _lock_outs(accounts: Sequence[AccountState], lang: Lang) -> list[str]:
    """Say of each vendor that is stopped why, until when, and what to do; accounts of one vendor share that."""
    found = {one.vendor_id: why for one in accounts if (why := _lock_out(one))}
    return [f"\n{said(why, lang)}\n  {standing_hint(why, lang) or ''}".rstrip() for why in found.values()]


def _accounts(accounts: Sequence[AccountState], lang: Lang, title: str) -> Sheet:
    heads = [word(f"head_{name}", lang) for name in ("account", "vendor", "marketplace", "rate", "keys", "calls")]
    rows = [
        [one.name, one.vendor_id, one.base_url, f"{one.rate:g}", _keys(one, lang), _calls(one, lang)]
        for one in accounts
    ]
    return Sheet(heads=heads, rows=rows, title=title, right=frozenset({3}))


def _keys(one: AccountState, lang: Lang) -> str:
    return said(one.problem, lang) if one.problem else word("keys_ready", lang)


def _calls(one: AccountState, lang: Lang) -> str:
    if one.locked_until:
        return word("calls_locked", lang, until=moment(one.locked_until, lang))
    if one.slow_until:
        return word("calls_slow", lang, until=moment(one.slow_until, lang))
    return word("calls_free", lang, waiting=one.waiting, in_flight=one.in_flight)
