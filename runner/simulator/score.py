"""The seller's score: what was cancelled, sent late or answered late, over the windows Coupang publishes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from runner.simulator.boxes import each
from runner.simulator.world import Row, World, iso

Penalty = Literal["seller_cancel", "late_shipment", "late_answer"]
_WEEK, _MONTH = timedelta(days=7), timedelta(days=30)
#: below these Coupang warns: of fulfilment and of answers
_WARNING = {"order_fulfilment": 85.0, "on_time_shipping": 85.0, "answers_in_24h": 50.0}
#: below these a shop misses what is expected of it
_EXPECTED = {"order_fulfilment": 98.0, "on_time_shipping": 99.0, "answers_in_24h": 95.0}


def note(world: World, penalty: Penalty, of: int) -> None:
    """Note something that costs score."""
    number = world.number("score_event", 1)
    world.rows("score_events")[number] = {"penalty": penalty, "of": of, "at": iso(world.now)}


def score(world: World) -> Row:
    """Return the shares in per cent, what they were reduced by, and whether that is warned about."""
    cancels, late = (_recent(world, one, _WEEK) for one in ("seller_cancel", "late_shipment"))
    answers = _recent(world, "late_answer", _MONTH)
    boxes = each(world.rows("order_sheets"))
    ordered = sum(_is_recent(world, box["orderedAt"], _WEEK) for box in boxes)
    sent = sum(_is_recent(world, box["inTrasitDateTime"], _WEEK) for box in boxes)
    asked = [*world.rows("product_inquiries").values(), *world.rows("call_center_inquiries").values()]
    shares = {
        "order_fulfilment": _share(cancels, ordered), "on_time_shipping": _share(late, sent),
        "answers_in_24h": _share(answers, sum(_is_recent(world, one["inquiryAt"], _MONTH) for one in asked)),
    }  # fmt: skip
    warned = any(value < _WARNING[name] for name, value in shares.items())
    missed = any(value < _EXPECTED[name] for name, value in shares.items())
    state = "warning" if warned else "attention" if missed else "good"
    return {**shares, "seller_cancels": cancels, "late_shipments": late, "late_answers": answers, "state": state}


def _share(bad: int, of: int) -> float:
    return round(100 * (1 - bad / max(of, bad, 1)), 1)


def _recent(world: World, penalty: str, span: timedelta) -> int:
    events = world.rows("score_events").values()
    return sum(one["penalty"] == penalty and _is_recent(world, one["at"], span) for one in events)


def _is_recent(world: World, at: str | None, span: timedelta) -> bool:
    return bool(at) and world.now - datetime.fromisoformat(str(at)) < span
