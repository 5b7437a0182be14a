"""Lines, and what sends them to the small market, with a ledger between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from small_market import START, Crash, SmallMarket

from runner.apply import Rechecked, Tools, Workshop, apply, kept_line, recover
from runner.catalogue import load
from runner.ledger import Asking, Ledger
from runner.model import Action, Message, Mode, Outcome, Plan, Risk, message
from runner.rules.effects import Effects
from runner.values import canonical, digest

CATALOGUE = load()
EFFECTS = Effects(catalogue=CATALOGUE)
SHOP = "A00012345@sim"


def stop(number: int, place: int = 0) -> Action:
    return line(
        f"stop-{number}", "stop_shipment", {"receiptId": number, "cancelCount": number}, str(number), place=place
    )


def acknowledge(number: int) -> Action:
    return line(f"ack-{number}", "acknowledge_order_sheets", {"shipmentBoxIds": [number]}, str(number))


def coupon(*options: int) -> Action:
    terms = {
        "name": "재고 정리 10%", "type": "RATE", "discount": 10, "maxDiscountPrice": 3000,
        "startAt": "2026-03-04 00:00:00", "endAt": "2026-03-11 00:00:00", "vendorItems": list(options),
    }  # fmt: skip
    return line("coupon", "issue_instant_coupon", terms, *map(str, options))


def line(name: str, operation: str, arguments: dict[str, Any], *records: str, place: int = 0) -> Action:
    return Action(
        id=name, rule="rule", account="main", record=records[0], records=records, operation=operation, place=place,
        arguments=arguments, mode=Mode.AUTO, risk=Risk.IRREVERSIBLE, reason=message("reason_matched"),
        keys=tuple(f"{name}/{one}" for one in records), fingerprint=digest(canonical(arguments)),
    )  # fmt: skip


def all_fit(actions: Sequence[Action], _held: Mapping[str, Message]) -> list[Rechecked]:
    return [Rechecked(action=one, seen=dict.fromkeys(one.keys, "seen")) for one in actions]


def crash_at(number: int) -> Callable[[str], None]:
    """Die at the n-th checkpoint."""
    passed: list[str] = []

    def checkpoint(name: str) -> None:
        passed.append(name)
        if len(passed) == number:
            raise Crash

    return checkpoint


def workshop(**more: Any) -> Workshop:
    base: dict[str, Any] = {
        "catalogue": CATALOGUE,
        "effects": EFFECTS,
        "marketplace": SHOP,
        "run": 1,
        "recheck": all_fit,
    }
    return Workshop(**(base | more))


def go(market: SmallMarket, ledger: Ledger, *actions: Action, **more: Any) -> list[Outcome]:
    """Apply lines, each only if the ledger does not hold its keys."""
    plan = Plan(made_at=START, actions=actions)
    return list(apply(plan, market, ledger, market.clock, workshop(**more)))


def again(market: SmallMarket, ledger: Ledger, *actions: Action, **more: Any) -> list[Outcome]:
    """Start anew: recovery first, then what planning would still let through."""
    tools = Tools(writer=market, ledger=ledger, clock=market.clock, workshop=workshop(**more))
    found = list(recover("main", tools))
    known = ledger.actions.claims([key for one in actions for key in one.keys])
    left = [
        one
        for one in actions
        if not any(known[key].status not in ("refused", "released") for key in one.keys if key in known)
    ]
    return found + go(market, ledger, *left, **more)


def ask(ledger: Ledger, market: SmallMarket, *actions: Action) -> None:
    """Put lines to a person, as planning does with `ask` lines."""
    now = market.clock.now()
    asking = Asking(
        id="q", marketplace=SHOP, account="main", rule="rule", reason=message("rule_asks"),
        expires=now + timedelta(days=1),
    )  # fmt: skip
    ledger.actions.ask([kept_line(one, CATALOGUE, {}) for one in actions], asking, run=1, now=now)


def statuses(outcomes: Sequence[Outcome]) -> list[tuple[str, bool]]:
    return [(one.status.value, one.verified) for one in outcomes]


def survive(market: SmallMarket, ledger: Ledger, actions: Sequence[Action], **more: Any) -> None:
    """Run until it dies or ends, then start anew until nothing is left."""
    with suppress(Crash):
        go(market, ledger, *actions, **more)
    for _ in range(4):
        with suppress(Crash):
            again(market, ledger, *actions)
        market.clock.wait(400)
