"""Every fault does what its name says, to the calls it was ordered for, and the world stays as it should be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from simulator_support import FMS, MONTH, RETURNS, SHEET_MONTH, SHEETS, VENDOR, Shop, authorization, said, words

from runner.catalogue import load
from runner.simulator import Response
from runner.simulator.faults import FAULTS, Fault, default_field, why_not
from runner.simulator.http import server_of
from runner.simulator.server import listening
from runner.simulator.worlds import BOX

RU = (RETURNS, f"{MONTH}&status=RU")
DEPARTED = (SHEETS, f"{SHEET_MONTH}&status=DEPARTURE")


def rows(answer: Response) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = said(answer)["data"]
    return found


# --- answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status", "applied"),
    [
        ("lost_request", None, False),
        ("error_500_not_applied", 500, False),
        ("timeout_504", 504, False),
        ("rate_429", 429, False),
        ("edge_403", 403, False),
        ("redirect_302", 302, False),
        ("unauthorized_401", 401, False),
        ("lost_answer", None, True),
        ("error_500_applied", 500, True),
        ("truncated", 200, True),
        ("not_json", 200, True),
        ("slow", 200, True),
        ("stale", 200, True),
    ],
)
def test_a_write_is_applied_or_not_as_the_fault_says(fault: str, status: int | None, *, applied: bool) -> None:
    """The log, the world and the answer agree; the next call is a normal one."""
    shop = Shop()
    shop.order("stop_shipment", fault)
    answer = shop.stop(400_000_101, 1)
    line = said(shop.control("requests"))[-1]
    assert (None if answer.dropped else answer.status) == line["status"] == status
    assert line["applied"] is applied
    assert (shop.receipt(400_000_101)["receiptStatus"] == "RETURNS_COMPLETED") is applied
    assert shop.stop(400_000_102, 3).status == 200


def test_answers_that_nobody_can_read() -> None:
    """Half of a JSON text; a page of HTML that says so in its type; the edge's block page."""
    shop = Shop()
    whole = shop.ask("GET", *RU).body
    shop.order("return_requests", "truncated")
    assert shop.ask("GET", *RU).body == whole[: len(whole) // 2]
    shop.order("return_requests", "not_json")
    shop.order("return_requests", "edge_403")
    pages = [shop.ask("GET", *RU), shop.ask("GET", *RU)]
    assert [(one.status, one.content_type, one.body[:6].lower()) for one in pages] == [
        (200, "text/html", b"<html>"),
        (403, "text/html", b"<html>"),
    ]
    assert shop.ask("GET", *RU).body == whole


def test_slow_answers_are_whole_and_late() -> None:
    """As many seconds as were ordered, thirty without."""
    shop = Shop()
    whole = shop.ask("GET", *RU)
    shop.order("return_requests", "slow", seconds=0.5)
    shop.order("return_requests", "slow")
    assert [shop.ask("GET", *RU), shop.ask("GET", *RU)] == [replace(whole, delay=0.5), replace(whole, delay=30.0)]


# --- records -----------------------------------------------------------------------------------------------------


def every(value: Any, name: str) -> list[Any]:
    """Return what a field holds, wherever it stands."""
    if isinstance(value, list):
        return [found for one in value for found in every(one, name)]
    if not isinstance(value, dict):
        return []
    return [value[name] for _ in (1,) if name in value] + [
        found for one in value.values() for found in every(one, name)
    ]


@pytest.mark.parametrize(
    ("fault", "named", "found"),
    [
        ("missing_field", "createdAt", set()),
        ("missing_field", "releaseStatus", set()),
        ("null_field", "cancelCountSum", {None}),
        ("null_field", "vendorItemId", {None}),
        ("new_enum", "receiptStatus", {"SOMETHING_NEW"}),
        ("new_enum", "releaseStatus", {"SOMETHING_NEW"}),
    ],
)
def test_a_field_of_every_record_is_spoilt(fault: str, named: str, found: set[Any]) -> None:
    """At the top or in a nested list, once; other fields stay."""
    shop = Shop()
    whole = rows(shop.ask("GET", *RU))
    shop.order("return_requests", fault, field=named)
    spoilt = rows(shop.ask("GET", *RU))
    assert set(every(spoilt, named)) == found
    assert every(spoilt, "orderId") == every(whole, "orderId")
    assert rows(shop.ask("GET", *RU)) == whole


@pytest.mark.parametrize(
    ("fault", "operation", "path", "named"),
    [
        ("missing_field", "return_requests", RU, "orderId"),
        ("null_field", "contracts", (f"{FMS}/v2/vendors/{VENDOR}/contract/list", ""), "vendorContractId"),
        ("null_field", "order_sheet", (f"{SHEETS}/{BOX + 201}", ""), "orderId"),
        ("new_enum", "order_sheets", DEPARTED, "status"),
    ],
)
def test_without_a_name_it_is_the_first_field(fault: str, operation: str, path: tuple[str, str], named: str) -> None:
    """The first that is always there besides the key, or the first with a list of values; in every envelope."""
    assert default_field(fault, load().operations[operation]) == named
    shop = Shop()
    whole = every(said(shop.ask("GET", *path)), named)
    shop.order(operation, fault)
    spoilt = every(said(shop.ask("GET", *path)), named)
    assert spoilt == (
        [] if fault == "missing_field" else [None if fault == "null_field" else "SOMETHING_NEW"] * len(whole)
    )
    assert len(whole) > 0


def test_lists_with_rows_twice_and_rows_that_moved() -> None:
    """The same rows again; or the first row is gone, as when another one left while pages were followed."""
    shop = Shop()
    whole = rows(shop.ask("GET", *DEPARTED))
    shop.order("order_sheets", "duplicate_rows")
    shop.order("order_sheets", "moving_pages")
    assert rows(shop.ask("GET", *DEPARTED)) == whole + whole
    assert rows(shop.ask("GET", *DEPARTED)) == whole[1:]


def test_what_was_refused_has_no_records_to_spoil() -> None:
    """The refusal comes through as it is."""
    shop = Shop()
    shop.order("return_requests", "null_field")
    assert words(shop.ask("GET", RETURNS, f"{MONTH}&status=XX"))[0] == 400


# --- writes that go half way -----------------------------------------------------------------------------------------


def test_the_first_half_of_a_batch_fails() -> None:
    """The answer names those boxes and says that they are unknown; the others are done."""
    shop = Shop("busy")
    boxes = [BOX + 20_001 + n for n in range(4)]
    shop.order("acknowledge_order_sheets", "partial")
    answer = said(shop.acknowledge(*boxes))["data"]
    assert [(one["shipmentBoxId"], one["succeed"]) for one in answer["responseList"]] == list(
        zip(boxes, [False, False, True, True], strict=True)
    )
    assert str(boxes[0]) in answer["responseList"][0]["resultMessage"]
    states = shop.state("order_sheets", "shipmentBoxId")
    assert [states[one]["status"] for one in boxes] == ["ACCEPT", "ACCEPT", "INSTRUCT", "INSTRUCT"]
    assert shop.acknowledge(*boxes[:2]).status == 200


def test_coupon_requests_hang_or_fail() -> None:
    """One stays REQUESTED for ever, the other ends in FAIL; neither makes a coupon."""
    shop = Shop()
    shop.order("create_instant_coupon", "request_hangs")
    hangs = shop.coupon()
    shop.order("create_instant_coupon", "request_fails")
    fails = shop.coupon()
    assert shop.finished(fails)["status"] == "FAIL"
    shop.control("clock", {"advance": "2d"})
    assert shop.finished(hangs)["status"] == "REQUESTED"
    assert set(shop.state("instant_coupons", "couponId")) == {500_001}


# --- reads that lag ----------------------------------------------------------------------------------------------


def waiting(shop: Shop) -> set[int]:
    return {row["receiptId"] - 400_000_000 for row in rows(shop.ask("GET", *RU))}


def test_after_a_stale_write_reads_show_the_state_before_it() -> None:
    """Lists and single records, nested fields too, for as long as ordered; the world itself has changed at once."""
    shop = Shop()
    shop.order("stop_shipment", "stale", seconds=10)
    shop.stop(400_000_102, 3)
    (single,) = shop.data(f"{RETURNS}/400000102")
    assert (single["receiptStatus"], single["returnItems"][0]["releaseStatus"]) == ("RELEASE_STOP_UNCHECKED", "N")
    assert 102 in waiting(shop)
    assert shop.receipt(400_000_102)["receiptStatus"] == "RETURNS_COMPLETED"
    shop.at += timedelta(seconds=9)
    assert 102 in waiting(shop)
    shop.at += timedelta(seconds=1)
    assert 102 not in waiting(shop)


def test_a_stale_read_shows_the_state_before_the_last_write() -> None:
    """Ordered before the write, it hits the first read after it, and all reads until it ends."""
    shop = Shop()
    shop.order("return_request", "stale", seconds=5)
    shop.stop(400_000_101, 1)
    shop.stop(400_000_102, 3)
    assert waiting(shop) & {101, 102} == set()
    (single,) = shop.data(f"{RETURNS}/400000102")
    assert single["receiptStatus"] == "RELEASE_STOP_UNCHECKED"
    assert waiting(shop) & {101, 102} == {102}
    shop.control("clock", {"advance": "5s"})
    assert waiting(shop) & {101, 102} == set()


def test_writes_while_reads_lag_are_hidden_too() -> None:
    """They are decided by the real state: the same stop twice is refused although the list still shows it."""
    shop = Shop()
    shop.order("stop_shipment", "stale", seconds=10)
    shop.stop(400_000_101, 1)
    assert shop.stop(400_000_101, 1).status == 400
    assert shop.stop(400_000_102, 3).status == 200
    assert waiting(shop) >= {101, 102}
    shop.at += timedelta(seconds=10)
    assert waiting(shop) & {101, 102} == set()


def test_lag_keeps_one_older_state_only() -> None:
    """However many writes there are, memory holds the world, what reads show, and the state before the last write."""
    shop = Shop("busy")
    shop.order("acknowledge_order_sheets", "stale", times=5, seconds=3)
    for n in range(5):
        shop.acknowledge(BOX + 20_001 + n)
        shop.at += timedelta(seconds=1)
    assert (shop.sim.world.lags, len(shop.applied())) == (True, 5)
    shop.at += timedelta(seconds=3)
    assert (shop.sim.world.lags, shop.sim.world.shown) == (False, None)


# --- who is hit -----------------------------------------------------------------------------------------------------


def test_faults_count_and_wait() -> None:
    """`after` calls are let through, then `times` are hit; the fact base's name works, others do not notice."""
    shop = Shop()
    shop.order("list_return_requests", "rate_429", times=2, after=1)
    shop.ask("GET", *DEPARTED)
    codes = [shop.ask("GET", *RU).status for _ in range(5)]
    assert codes == [200, 429, 429, 200, 200]


def test_a_star_hits_whatever_it_can_hit() -> None:
    """A fault of lists waits for a list; one of anything takes the next call."""
    shop = Shop()
    shop.order("*", "duplicate_rows")
    assert shop.stop(400_000_101, 1).status == 200
    assert len(rows(shop.ask("GET", *RU))) == 12
    shop.order("*", "error_500_not_applied")
    assert shop.stop(400_000_102, 3).status == 500


@pytest.mark.parametrize(
    ("operation", "fault", "more"),
    [
        ("stop_shipment", "duplicate_rows", {}),
        ("order_sheet", "moving_pages", {}),
        ("stop_shipment", "null_field", {}),
        ("return_requests", "null_field", {"field": "nothing"}),
        ("*", "missing_field", {"field": "nothing"}),
        ("stop_shipment", "partial", {}),
        ("order_sheets", "partial", {}),
        ("stop_shipment", "request_hangs", {}),
    ],
)
def test_faults_that_could_never_hit_are_refused(operation: str, fault: str, more: dict[str, Any]) -> None:
    """400 with the reason, instead of a fault that waits for ever."""
    answer = Shop().control("faults", {"operation": operation, "fault": fault, **more})
    assert (answer.status, bool(said(answer)["error"])) == (400, True)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_can_hit_something(fault: str) -> None:
    """Nothing in the list is a name only."""
    made = Fault(operation="*", fault=fault)
    assert not all(why_not(made, op) for op in load().operations.values())
    assert fault in said(Shop().control("faults"))["faults"]


# --- over a socket ------------------------------------------------------------------------------------------------


async def talk(port: int, lines: list[str]) -> bytes:
    """Send lines to a port and return everything that comes back; b"" when the connection is just cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode())
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def served(shop: Shop, use: Callable[[int], Any]) -> Any:
    """Serve a simulator while `use` talks to its port."""
    with listening(0) as socket:
        server = server_of(shop.sim)
        serving = asyncio.create_task(server.serve(sockets=[socket]))
        try:
            return await use(socket.getsockname()[1])
        finally:
            server.should_exit = True
            await serving


def test_a_dropped_connection_carries_nothing() -> None:
    """No status, no body; the call after it is answered."""
    shop = Shop()
    shop.order("return_requests", "lost_answer")
    path, query = RU
    lines = [f"GET {path}?{query} HTTP/1.1", "Host: 127.0.0.1"]
    lines.append("Authorization: " + authorization("GET" + path + query)["authorization"])

    async def twice(port: int) -> tuple[bytes, bytes]:
        return await talk(port, lines), await talk(port, lines)

    dropped, whole = asyncio.run(served(shop, twice))
    assert dropped == b""
    head, body = whole.split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert b"content-type: application/json;charset=UTF-8" in head
    assert len(json.loads(body)["data"]) == 7


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:1", 200), ("localhost", 200), ("[::1]:80", 200), ("[::1]", 200), ("evil.example", 400), ("", 400)],
)
def test_only_loopback_names_are_served(host: str, status: int) -> None:
    """A web page that resolves its own name to this machine must not reach the control pages."""
    lines = ["GET /_sim/clock HTTP/1.1", f"Host: {host}"]
    answer = asyncio.run(served(Shop(), lambda port: talk(port, lines)))
    assert int(answer.split()[1]) == status
