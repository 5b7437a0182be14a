"""Large shops: what is kept beside the boxes is what a look at all of them tells; orders without end; who waits how."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator_support import OPEN, SHEET_MONTH, SHEETS, VENDOR, WRITES, Shop, said, words

from runner.simulator import Simulator
from runner.simulator.boxes import Boxes, each, is_cancelled, remaining
from runner.simulator.worlds import BOX

STATES = ("ACCEPT", "INSTRUCT", "DEPARTURE", "DELIVERING", "FINAL_DELIVERY", "NONE_TRACKING")
WINDOW = ("2026-02-02", "2026-03-03")
DEEDS = ("order", "cancel", "cancel_part", "deliver", "return", "exchange", "confirm", "withdraw", "ask", "readdress")


def all_boxes(shop: Shop) -> list[dict[str, Any]]:
    return [*each(shop.sim.world.rows("order_sheets"))]


def looked_at(shop: Shop, state: str, which: str) -> list[int]:
    """Return the boxes in a state, told by looking at every one."""
    found = [one for one in all_boxes(shop) if one["status"] == state and not is_cancelled(one)]
    if which != "state":
        found = [one for one in found if any(map(remaining, one["orderItems"]))]
    if which == "unconfirmed":
        found = [one for one in found if not any(line["confirmDate"] for line in one["orderItems"])]
    return [one["shipmentBoxId"] for one in found]


def is_kept_right(shop: Shop) -> None:
    """Hold what is kept against what every box says."""
    boxes = shop.sim.world.boxes
    for state in STATES:
        for which in ("state", "open", "unconfirmed"):
            kept = [one["shipmentBoxId"] for one in boxes.in_states(state, which=which)]  # type: ignore[arg-type]
            assert kept == looked_at(shop, state, which), (state, which)
        listed = [
            one["shipmentBoxId"] for one in all_boxes(shop)
            if one.get("listedAs", one["status"]) == state and not is_cancelled(one) and "unlisted" not in one
            and WINDOW[0] <= one["orderedAt"][:10] <= WINDOW[1]
        ]  # fmt: skip
        assert [one["shipmentBoxId"] for one in boxes.listed(state, WINDOW)] == listed, state
    for row in all_boxes(shop)[-3:]:
        assert row["shipmentBoxId"] in [one["shipmentBoxId"] for one in boxes.of_order(row["orderId"])]


# --- what is kept beside the boxes ------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from(DEEDS), st.sampled_from(["acknowledge", "advance", "late", "save"])), max_size=14
    )
)
def test_what_is_kept_is_what_the_boxes_say(steps: list[str]) -> None:
    """Whatever buyers, the seller, habits and time do, and after a world was saved and loaded."""
    shop = Shop("lifelike")
    dice = random.Random(1)  # noqa: S311 - a story
    for step in steps:
        if step == "acknowledge":
            waiting = [one["shipmentBoxId"] for one in shop.sim.world.boxes.in_states("ACCEPT")]
            shop.acknowledge(*dice.sample(waiting, min(2, len(waiting))))
        elif step == "advance":
            shop.control("clock", {"advance": "9h"})
        elif step == "late":
            shop.control("habits", {"acknowledged_after": "5m", "orders_listed_after": "7m"})
        elif step == "save":
            shop.control("world", said(shop.control("world")))
        else:
            shop.come(step)
        is_kept_right(shop)


def test_a_box_that_was_taken_out_is_looked_at_again() -> None:
    """Nobody says that he changed it; and one that was taken away is in no list."""
    boxes = Shop("busy").sim.world.boxes
    number = BOX + 20_001
    before = len(boxes.in_states("ACCEPT"))
    row = boxes[number]
    boxes.in_states("ACCEPT")
    row["status"] = "INSTRUCT"
    assert (len(boxes.in_states("ACCEPT")), len(boxes.in_states("INSTRUCT"))) == (before - 1, 1)
    boxes.rest()
    del boxes[number]
    assert (len(boxes.in_states("INSTRUCT")), [*boxes.of_order(row["orderId"])]) == (0, [])
    with pytest.raises(KeyError):
        boxes.pop(number)
    boxes.clear()
    assert (len(boxes), len(boxes.listed("ACCEPT", WINDOW))) == (0, 0)


def test_the_order_of_boxes_stays() -> None:
    """A box that comes back into a state stands where it stood."""
    boxes = Boxes({n: {**Shop("busy").sim.world.boxes[BOX + 20_001 + n]} for n in range(3)})
    boxes[0]["status"] = "INSTRUCT"
    boxes.rest()
    boxes[0]["status"] = "ACCEPT"
    assert [one["orderId"] for one in boxes.in_states("ACCEPT")] == [320_000_001, 320_000_002, 320_000_003]


def test_reads_that_lag_show_what_was_kept_before() -> None:
    """A stale list is that of the copy, and ends with it."""
    shop = Shop("busy")
    shop.order("acknowledge_order_sheets", "stale", seconds=60)
    shop.acknowledge(BOX + 20_001)
    query = f"{SHEET_MONTH}&status=INSTRUCT"
    assert shop.data(SHEETS, query) == []
    shop.control("clock", {"advance": "2m"})
    assert [one["shipmentBoxId"] for one in shop.data(SHEETS, query)] == [BOX + 20_001]


# --- orders without end -----------------------------------------------------------------------------------------------


def test_orders_come_without_end_when_goods_are_restocked() -> None:
    """Without that they end when everything is sold out, and it is said why."""
    shop = Shop()
    few = said(shop.control("buyers", {"do": "order", "count": 5000}))
    assert len(few["ids"]) < 5000
    assert "sold out" in few["why"]
    many = said(shop.control("buyers", {"do": "order", "count": 5000, "restock": True}))
    assert (len(many["ids"]), "why" in many) == (5000, False)


def test_buyers_who_come_by_themselves_say_why_nobody_orders() -> None:
    """Unless the seller has the habit of stocking again."""
    shop = Shop()
    shop.come("order", 5000)
    shop.control("buyers", {"per_hour": 60})
    assert "sold out" in said(shop.control("buyers"))["why"][VENDOR]
    shop.control("habits", {"restocked": True})
    shop.control("clock", {"advance": "2h"})
    assert "why" not in said(shop.control("buyers"))


def test_it_is_said_why_nobody_came() -> None:
    """Of every deed."""
    shop = Shop("new_shop")
    shop.control("buyers", {"do": "order", "count": 100})
    for deed in said(shop.control("buyers"))["do"]:
        answer = said(shop.control("buyers", {"do": deed, "count": 10_000}))
        assert answer.get("why") or len(answer["ids"]) == 10_000, deed
    assert "not there" in said(shop.control("buyers", {"do": "cancel", "id": 1}))["why"]
    assert words(shop.control("buyers", {"do": "cancel", "restock": True}))[0] == 400


def test_a_shop_without_options_on_sale_says_so() -> None:
    """It is not sold out."""
    shop = Shop("quiet")
    assert said(shop.control("buyers", {"do": "order"})) == {"ids": [], "why": "no option is on sale"}


# --- a hundred thousand orders ----------------------------------------------------------------------------------------


def test_a_huge_shop_has_a_hundred_thousand_orders_in_every_state() -> None:
    """What is kept beside them is right; reads, deeds, the state, saving and loading work as in any shop."""
    shop = Shop("huge")
    boxes = shop.sim.world.boxes
    sizes = [len(boxes.in_states(one)) for one in STATES]
    assert (sum(sizes), min(sizes[:5]) > 9000) == (100_000, True)
    query = f"{SHEET_MONTH}&status=ACCEPT"
    assert len(shop.data(SHEETS, query)) == 50
    assert len(shop.come("cancel", 100)) == 100
    cancelled = [one for one in shop.state("return_requests", "receiptId").values() if one["receiptType"] == "CANCEL"]
    assert len(boxes.in_states("ACCEPT")) == sizes[0] - len(cancelled)
    shop.control("world", said(shop.control("world")))
    is_kept_right(shop)


# --- checks that were off ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", SHEETS, "=x"),
        ("DELETE", f"{OPEN}/v4/vendors/{VENDOR}/products/items/cashback", "=null"),
        ("GET", "/v2/providers/openapi/apis/api/v3/return/shipping-places/center-code", "=null"),
    ],
)
def test_a_parameter_without_a_name_stands_for_no_other(method: str, path: str, query: str) -> None:
    """What is required is asked for."""
    answer = Shop().ask(method, path, query)
    assert answer.status in (400, 404), answer.body


# --- lock-outs and the log --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["rate_429", "edge_403"])
def test_a_lock_out_ends_when_the_world_has_waited(how: str) -> None:
    """Or the host, whichever is first; a clock that is set back prolongs nothing."""
    shop = Shop()
    read = f"{SHEETS}/{BOX + 201}"
    shop.control("gateway", {"block": how, "for": "10m"})
    assert shop.ask("GET", read).status in (403, 429)
    shop.control("clock", {"advance": "9m"})
    assert shop.ask("GET", read).status in (403, 429)
    shop.control("clock", {"advance": "2m"})
    assert (shop.ask("GET", read).status, said(shop.control("gateway"))["blocked"]) == (200, {})
    shop.control("gateway", {"block": how, "for": "10m"})
    shop.control("clock", {"set": "2026-03-01T00:00:00+09:00"})
    shop.tick += 601
    assert shop.ask("GET", read).status == 200


def test_the_log_keeps_the_newest_requests() -> None:
    """As many as were asked for; their numbers go on."""
    shop = Shop()
    shop.sim = Simulator(kept=3, rate=0, host=lambda: shop.at)
    for n in range(5):
        shop.ask("GET", f"{SHEETS}/{BOX + 201 + n}")
    assert [one["n"] for one in said(shop.control("requests"))] == [3, 4, 5]


def test_the_acknowledged_ones_of_many_leave_their_list_at_once() -> None:
    """Page by page, with writes in between."""
    shop = Shop("busy")
    query = f"{SHEET_MONTH}&status=ACCEPT"
    first = [one["shipmentBoxId"] for one in shop.data(SHEETS, query)]
    assert (
        shop.ask(
            "PATCH", f"{WRITES}/ordersheets/acknowledgement", body={"vendorId": VENDOR, "shipmentBoxIds": first}
        ).status
        == 200
    )
    second = [one["shipmentBoxId"] for one in shop.data(SHEETS, query)]
    assert (len(second), {*first} & {*second}) == (50, set())
