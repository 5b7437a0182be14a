"""`runner status` and `runner accounts`."""

from __future__ import annotations

from collections import Counter

from runner.cli.asked import waiting
from runner.cli.frame import command
from runner.cli.keys import key_problem
from runner.cli.session import Session
from runner.cli.shop import open_ledger
from runner.coupang.pace import Pace
from runner.ledger import Ledger
from runner.recordings.store import Size
from runner.render.status import AccountState, DaemonView, StatusView, accounts_page, status_page
from runner.settings import Account, Settings


@command("status")
def status(session: Session) -> None:
    """Show the daemon, what is open, and each vendor's calls."""
    settings = session.settings()
    with open_ledger(settings) as ledger:
        questions, expired = waiting(ledger, settings)
        view = StatusView(
            daemon=_daemon(settings), counts=_counts(ledger), questions=len(questions), expired=expired,
            accounts=_accounts(settings), recordings=_recordings(settings),
        )  # fmt: skip
    session.show(status_page(view, session.language()))


@command("accounts")
def accounts(session: Session) -> None:
    """List the accounts and whether their keys can be opened."""
    settings = session.settings()
    session.show(accounts_page(_accounts(settings), session.language()))


def _recordings(settings: Settings) -> Size | None:
    """Return how much is recorded; looking must not make a file."""
    from contextlib import closing

    from runner.runs.taping import is_recorded, recordings_of

    if not is_recorded(settings):
        return None
    with closing(recordings_of(settings)) as recordings:
        return recordings.size()


def _daemon(settings: Settings) -> DaemonView | None:
    from runner.daemon import read_state

    state = read_state(settings.ledger.with_name("daemon.json"))
    if state is None:
        return None
    return DaemonView(
        pid=state.pid, started_at=state.started_at, beat_at=state.beat_at, rules=state.rules, broken=state.broken,
        next=state.next,
    )  # fmt: skip


def _counts(ledger: Ledger) -> dict[str, int]:
    """Count what has not ended."""
    from runner.ledger.tables import actions

    unfinished = ("planned", "asked", "approved", "sent", "unclear")
    return dict(Counter(entry.status for entry in ledger.actions.find(actions.c.status.in_(unfinished))))


def _accounts(settings: Settings) -> list[AccountState]:
    pace = Pace(settings.state_dir / "pace.db")
    try:
        return [_account(account, settings, pace) for account in settings.accounts.values()]
    finally:
        pace.close()


def _account(account: Account, settings: Settings, pace: Pace) -> AccountState:
    calls = pace.status(f"{account.vendor_id}@{settings.base_url}")
    return AccountState(
        name=account.name, vendor_id=account.vendor_id, base_url=settings.base_url, rate=account.rate,
        problem=key_problem(account), waiting=calls.waiting, in_flight=calls.in_flight, locked_until=calls.locked_until,
        slow_until=calls.slow_until, cause=calls.cause,
    )  # fmt: skip
