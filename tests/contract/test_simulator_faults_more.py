"""Faults over HTTP: by share, by moment, cleared; those of the connection, of the envelope, and races."""

from __future__ import annotations

import json
from contextlib import closing
from http.client import HTTPConnection, IncompleteRead
from time import monotonic
from typing import Any

import pytest
from simulator_support import MONTH, RETURNS, SHEET_MONTH, SHEETS, Shop, WebShop, authorization, said, stage

from runner.catalogue import load
from runner.simulator import Response
from runner.simulator.faults import Fault, why_not
from runner.simulator.worlds import BOX

RU = f"{MONTH}&status=RU"


def read(shop: Shop) -> Response:
    return shop.ask("GET", RETURNS, RU)


# --- when, how often -------------------------------------------------------------------------------------------------


def test_a_share_of_the_calls_is_hit() -> None:
    """About as many as were said, by the seed of the world, until it is cleared."""
    codes = []
    for seed in (1, 1, 2):
        shop = WebShop()
        shop.control("reset", {"seed": seed})
        shop.order("return_requests", "error_500_not_applied", share=0.2)
        codes.append([read(shop).status for _ in range(100)])
        shop.control("faults", {"clear": True})
        assert {read(shop).status for _ in range(20)} == {200}
    assert codes[0] == codes[1] != codes[2]
    assert 10 <= codes[0].count(500) <= 30


def test_a_share_may_be_limited() -> None:
    """`times` counts the calls that were hit."""
    shop = WebShop()
    shop.order("return_requests", "error_500_not_applied", share=0.5, times=2)
    assert [read(shop).status for _ in range(30)].count(500) == 2


@pytest.mark.parametrize("when", [{"at": "2026-03-03T10:00:00"}, {"after_seconds": 1800}])
def test_a_fault_begins_at_a_moment(when: dict[str, Any]) -> None:
    """Of the world, told as a time or as a distance; and ends after a while."""
    shop = WebShop()
    shop.order("return_requests", "timeout_504", **when, for_seconds=60)
    codes = []
    for step in ("29m", "1m", "59s", "1s"):
        shop.control("clock", {"advance": step})
        codes.append(read(shop).status)
    assert codes == [200, 504, 504, 200]
    assert said(shop.control("faults"))["waiting"] == []


def test_faults_are_told_and_cleared_by_name() -> None:
    """All of what was ordered; by operation, by fault, or all."""
    shop = WebShop()
    shop.order("return_requests", "slow", seconds=2)
    shop.order("return_requests", "cut")
    shop.order("order_sheets", "slow", share=0.5)
    first = said(shop.control("faults"))["waiting"][0]
    assert (first["operation"], first["fault"], first["seconds"], first["share"]) == (
        "return_requests",
        "slow",
        2.0,
        1.0,
    )
    assert said(shop.control("faults", {"clear": True, "operation": "order_sheets"})) == {"waiting": 2}
    assert said(shop.control("faults", {"clear": True, "fault": "cut"})) == {"waiting": 1}
    assert said(shop.control("faults", {"clear": True})) == {"waiting": 0}


def test_clearing_ends_reads_that_lag() -> None:
    """The truth shows at once."""
    shop = WebShop()
    shop.order("stop_shipment", "stale", seconds=600)
    shop.stop(400_000_101, 1)
    assert len(said(read(shop))["data"]) == 7
    shop.control("faults", {"clear": True})
    assert len(said(read(shop))["data"]) == 6


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"fault": "slow", "share": 2}, "share: '2' is not a number from 0 to 1"),
        ({"fault": "slow", "at": "soon"}, "at: 'soon' is not an ISO time"),
        ({"fault": "slow", "at": "2026-03-03", "after_seconds": 1}, "two ways to say one thing"),
        ({"fault": "slow", "after_seconds": -1}, "after_seconds: '-1' is not a number from 0 to 86400"),
        ({"fault": "slow", "for_seconds": "1m"}, "for_seconds: '1m' is not a number from 0 to 86400"),
        ({"fault": "race"}, "do: '' is not what a race needs"),
        ({"fault": "race", "do": "dance"}, "do: 'dance'"),
        ({"fault": "slow", "do": "withdraw"}, "only race has a deed"),
        ({"clear": False}, 'write {"clear": true}'),
        ({"clear": True, "times": 3}, 'write {"clear": true}'),
        ({"clear": True, "fault": "nothing"}, "unknown fault 'nothing'"),
        ({"clear": "yes"}, "clear: 'yes' is not true or false"),
        ({"fault": "token_expired", "operation": "stop_shipment"}, "has no page tokens"),
        ({"fault": "refused_in_200", "operation": "order_sheets"}, "refuses nothing inside HTTP 200"),
        ({"fault": "request_partial", "operation": "create_instant_coupon"}, "is about one thing"),
    ],
)
def test_wrong_orders_say_what_is_possible(body: dict[str, Any], told: str) -> None:
    """And nothing waits."""
    shop = WebShop()
    answer = shop.control("faults", body)
    assert answer.status == 400
    assert told in said(answer)["error"]
    assert said(shop.control("faults"))["waiting"] == []


# --- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status", "applied"),
    [
        ("unreachable_521", 521, False), ("address_403", 403, False), ("expired_401", 401, False),
        ("unknown_404", 404, False), ("retired_410", 410, False), ("not_activated_412", 412, False),
        ("restricted_423", 423, False), ("error_in_200", 200, False), ("refused_in_200", 200, False),
        ("timeout_504_applied", 504, True), ("error_in_200_applied", 200, True), ("empty", 200, True),
        ("hangs", 0, False), ("hangs_applied", 0, True),
    ],
)  # fmt: skip
def test_a_write_is_applied_or_not_as_the_fault_says(fault: str, status: int, *, applied: bool) -> None:
    """The log, the world and the answer agree; 0 is no answer at all."""
    shop = WebShop()
    shop.order("stop_shipment", fault, seconds=0)
    answer = shop.stop(400_000_101, 1)
    assert (0 if answer.dropped else answer.status) == status
    assert (shop.receipt(400_000_101)["receiptStatus"] == "RETURNS_COMPLETED") is applied
    assert shop.applied() == ["stop_shipment"] * applied
    if fault.startswith("error_in_200"):
        assert said(answer)["code"] == "ERROR"
    if fault == "refused_in_200":
        assert (said(answer)["code"], said(answer)["data"]["resultCode"]) == ("200", "FAIL")


def test_a_whole_batch_is_refused_inside_success() -> None:
    """Every box with its own words."""
    shop = WebShop("busy")
    shop.order("acknowledge_order_sheets", "refused_in_200")
    data = said(shop.acknowledge(BOX + 20_001, BOX + 20_002))["data"]
    assert (data["responseCode"], [one["succeed"] for one in data["responseList"]]) == (99, [False, False])
    assert [one["shipmentBoxId"] for one in data["responseList"]] == [BOX + 20_001, BOX + 20_002]
    assert shop.applied() == []


def test_half_of_an_asynchronous_request_fails() -> None:
    """The request is done, its first options are not in the coupon."""
    shop = WebShop()
    number = shop.finished(shop.coupon())["couponId"]
    shop.order("add_instant_coupon_items", "request_partial")
    done = shop.finished(shop.add(number, 70000001, 70000002))
    assert (done["status"], done["succeeded"], done["failedVendorItems"][0]["vendorItemId"]) == ("DONE", 1, 70000001)


def test_page_tokens_expire() -> None:
    """First pages have none."""
    shop = WebShop()
    query = f"{SHEET_MONTH}&status=DEPARTURE&maxPerPage=20"
    shop.order("order_sheets", "token_expired")
    first = shop.ask("GET", SHEETS, query)
    token = said(first)["nextToken"]
    assert (first.status, shop.ask("GET", SHEETS, f"{query}&nextToken={token}").status) == (200, 400)
    assert shop.ask("GET", SHEETS, f"{query}&nextToken={token}").status == 200


def test_bodies_nobody_expects() -> None:
    """Korean in a charset that is not the one told; twenty megabytes; nothing."""
    shop = WebShop()
    whole = read(shop)
    shop.order("return_requests", "wrong_charset")
    wrong = read(shop)
    assert wrong.content_type == whole.content_type
    assert json.loads(wrong.body.decode("euc-kr")) == said(whole)
    with pytest.raises(UnicodeDecodeError):
        wrong.body.decode()
    shop.order("return_requests", "huge")
    huge = read(shop)
    assert (len(huge.body) > 20_000_000, said(huge)) == (True, said(whole))
    shop.order("return_requests", "empty")
    assert read(shop).body == b""


def raw(shop: WebShop) -> tuple[int, bytes, float]:
    """Return what comes through a socket: the length that was told, what arrived, and how long it took."""
    stage().sim = shop.sim
    began = monotonic()
    with closing(HTTPConnection("127.0.0.1", stage().port, timeout=10)) as connection:
        connection.request("GET", f"{RETURNS}?{RU}", headers=authorization(f"GET{RETURNS}{RU}", shop.at))
        answer = connection.getresponse()
        try:
            body = answer.read()
        except IncompleteRead as error:
            body = error.partial
        return int(answer.headers["content-length"]), body, monotonic() - began


def test_connections_end_in_the_middle() -> None:
    """The length of the whole is told, half of it arrives."""
    shop = WebShop()
    whole = read(shop).body
    shop.order("return_requests", "cut")
    length, body, _ = raw(shop)
    assert (length, body) == (len(whole), whole[: len(whole) // 2])
    assert read(shop).body == whole


def test_answers_trickle() -> None:
    """Whole, in pieces, over the seconds that were ordered."""
    shop = WebShop()
    whole = read(shop).body
    shop.order("return_requests", "trickles", seconds=0.4)
    length, body, took = raw(shop)
    assert (length, body) == (len(whole), whole)
    assert took >= 0.4


# --- races -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["withdraw", "complete_in_wing", "complete_by_agent"])
def test_somebody_is_quicker(deed: str) -> None:
    """With the very record, between the plan and the call; the next one is not hit."""
    shop = WebShop()
    shop.order("stop_shipment", "race", do=deed)
    assert shop.stop(400_000_101, 1).status == 400
    assert shop.stop(400_000_102, 3).status == 200


def test_somebody_acts_just_after_a_read() -> None:
    """What was read is not true any more."""
    shop = WebShop()
    shop.order("order_sheet", "race", do="cancel")
    assert shop.data(f"{SHEETS}/{BOX + 206}")["status"] == "DELIVERING"
    shop.order("return_request", "race", do="withdraw")
    assert shop.ask("GET", f"{RETURNS}/400000101").status == 200
    assert shop.ask("GET", f"{RETURNS}/400000101").status == 400
    before = len(said(read(shop))["data"])
    shop.control("faults", {"clear": True})
    shop.order("return_requests", "race", do="withdraw")
    assert (len(said(read(shop))["data"]), len(said(read(shop))["data"])) == (before, before - 1)


def test_a_race_about_boxes_of_a_batch() -> None:
    """The first one is cancelled by its buyer; the others go on."""
    shop = WebShop("busy")
    shop.order("acknowledge_order_sheets", "race", do="cancel")
    data = said(shop.acknowledge(BOX + 20_001, BOX + 20_002))["data"]
    assert [one["succeed"] for one in data["responseList"]] == [False, True]


def test_every_write_can_be_refused_inside_success_or_says_why_not() -> None:
    """As the catalogue describes success, or an error that comes with HTTP 200."""
    for op in load().operations.values():
        why = why_not(Fault(operation="*", fault="refused_in_200"), op)
        documented = (op.effect == "write" and op.response.bare) or any(
            one.http == 200 and "FAILED" in one.about for one in op.errors
        )
        assert bool(why) is not bool(op.response.ok or (op.batch and op.effect == "write") or documented)
