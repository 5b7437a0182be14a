"""One option of a box is cancelled and the rest stays: exactly so many units, once, or a person decides."""

from __future__ import annotations

from typing import Any

import pytest
from stage import Stage, statuses

#: a box of the world `busy` with two options; of the second two units were ordered
BOX, OPTION = 900_000_000_000_020_020, 70_000_003
KEY = f"{BOX}/{OPTION}"
RULE = f"""\
version: 1
rules:
  - name: short-of-stock
    from: {{order_items: {{status: [ACCEPT, INSTRUCT]}}}}
    look_back: 3d
    if: {{itemKey: "{KEY}", cancelCount: 0, holdCountForCancel: 0}}
    then: [{{cancel_order_item: {{quantity: QUANTITY, middleCancelCode: CCTTER}}}}]
    mode: auto
"""


@pytest.fixture
def short(stage: Stage) -> Stage:
    """Give a shop that may cancel in the name of a login, in the world of a busy day."""
    stage.market.reset("busy")
    stage.edit("runner.yaml", "rate: 50", "rate: 50\n    wing_login: seller1")
    stage.add_rule(RULE.replace("QUANTITY", "1"))
    return stage


def run(stage: Stage) -> tuple[dict[str, str], int]:
    document: Any = stage.here("run", "short-of-stock", "--json").json
    return statuses(document), document["calls"]["write"]


def cancelled(stage: Stage) -> dict[int, int]:
    """Return what is cancelled or waits for its refund, by option of the box."""
    (box,) = (one for one in stage.market.state()["order_sheets"] if one["shipmentBoxId"] == BOX)
    return {one["vendorItemId"]: one["cancelCount"] + one["holdCountForCancel"] for one in box["orderItems"]}


def test_so_many_units_and_no_more(short: Stage) -> None:
    """The other option, and the other unit, are still to be sent."""
    assert run(short) == ({KEY: "done"}, 1)
    assert (cancelled(short)[OPTION], sum(cancelled(short).values())) == (1, 1)
    assert run(short) == ({}, 0)


def test_more_than_was_ordered_is_refused_before_anything_is_sent(short: Stage) -> None:
    """With a reason a seller understands."""
    short.add_rule(RULE.replace("QUANTITY", "3"))
    document: Any = short.here("run", "short-of-stock", "--json").json
    assert [one["reason_code"] for one in document["outcomes"]] == ["item_not_cancellable"]
    assert (short.market.writes(), sum(cancelled(short).values())) == ([], 0)


def test_a_lost_answer_is_left_to_a_person(short: Stage) -> None:
    """It may have been the buyer who cancelled meanwhile: nothing is sent again."""
    short.fault("cancel_order", "lost_answer")
    assert run(short) == ({KEY: "unclear"}, 1)
    assert run(short) == ({KEY: "unclear"}, 0)
    assert cancelled(short)[OPTION] == 1
