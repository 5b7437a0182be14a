"""The simulator's own pages, its people and its clock; and the process that serves them."""

from __future__ import annotations

import json
import signal
import subprocess
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

import pytest
from simulator_support import RETURNS, SHEETS, START, WRITES, Shop, authorization, said
from tests_support import spawn

from runner.errors import Mistake
from runner.simulator import Request, Seller, Simulator
from runner.simulator.server import listening

# --- pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "body", "told"),
    [
        ("clock", {"advance": "999999d"}, "error"),
        ("clock", {"advance": "-1d"}, "error"),
        ("clock", {"advance": "1d", "set": "2026-03-04"}, "error"),
        ("clock", {"set": "0001-01-01"}, "error"),
        ("clock", {"set": "yesterday"}, "error"),
        ("clock", [], "error"),
        ("buyers", {"do": "dance"}, "do"),
        ("buyers", {"do": ["order"]}, "do"),
        ("buyers", {"do": "order", "count": 0}, "error"),
        ("buyers", {"do": "order", "count": True}, "error"),
        ("buyers", {"do": "order", "often": 3}, "keys"),
        ("faults", {"operation": "nothing", "fault": "slow"}, "operations"),
        ("faults", {"operation": {}, "fault": "slow"}, "operations"),
        ("faults", {"fault": "nothing"}, "faults"),
        ("faults", {"fault": []}, "faults"),
        ("faults", {"fault": "slow", "seconds": -1}, "error"),
        ("faults", {"fault": "slow", "times": 0}, "error"),
        ("faults", {"fault": "slow", "after": 1.5}, "error"),
        ("faults", {"fault": "null_field", "field": 3}, "error"),
        ("faults", {"fault": "slow", "second": 3}, "keys"),
        ("reset", {"world": "nowhere"}, "worlds"),
        ("reset", {"world": []}, "worlds"),
        ("reset", {"seed": "x"}, "error"),
        ("reset", {"worlds": "demo"}, "keys"),
        ("reset", {"seed": 2**63}, "error"),
        ("reset", {"seed": True}, "error"),
        ("clock", {"advanced": "1d"}, "keys"),
        ("clock", {}, "error"),
        ("buyers", {"do": "order", "vendor": "A9"}, "vendors"),
        ("faults", {"fault": "slow", "times": 2**63}, "error"),
        ("faults", {"fault": "slow", "times": "3"}, "error"),
        ("faults", {"fault": "slow", "field": "status"}, "error"),
        ("faults?operation=products", {"fault": "slow"}, "error"),
    ],
)
def test_wrong_orders_are_told_what_is_possible(page: str, body: Any, told: str) -> None:
    """400 with words, and with the list where there is one; nothing changes."""
    shop = Shop()
    before = shop.control("state").body
    answer = shop.control(page, body)
    assert answer.status == 400
    assert said(answer)["error"]
    assert told in said(answer)
    assert shop.control("state").body == before


@pytest.mark.parametrize("page", ["requests", "clock", "faults", "state"])
def test_pages_that_only_tell_know_their_keys_too(page: str) -> None:
    """A filter that does not exist must not look like one that found everything."""
    shop = Shop()
    asked = shop.sim.handle(Request(method="GET", path=f"/_sim/{page}", query="since=3"))
    known = ["vendor"] if page == "state" else []
    assert (asked.status, said(asked)) == (400, {"error": "unknown key 'since'", "keys": known})
    assert shop.sim.handle(Request(method="GET", path=f"/_sim/{page}", body=b"{}")).status == 400


def test_a_wrong_number_is_told_with_what_is_allowed() -> None:
    """The key, what was sent, and the range."""
    told = said(Shop().control("faults", {"fault": "slow", "times": 0}))["error"]
    assert told == "times: '0' is not a whole number from 1 to 2147483648"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("", 200),
        ("http://127.0.0.1:8765", 200),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://127.0.0.1:9999", 403),
        ("http://127.0.0.1:8765.evil.example", 403),
    ],
)
@pytest.mark.parametrize("page", ["reset", "nothing"])
def test_pages_of_other_sites_are_turned_away(origin: str, status: int, page: str) -> None:
    """A browser posts from any page to a port of this machine and tells where from; nothing changes then."""
    shop = Shop()
    headers = {"Host": "127.0.0.1:8765"} | ({"Origin": origin} if origin else {})
    before = shop.sim.world.id
    answer = shop.sim.handle(Request(method="POST", path=f"/_sim/{page}", headers=headers, body=b"{}"))
    assert answer.status == (404 if (status, page) == (200, "nothing") else status)
    assert (shop.sim.world.id == before) is (answer.status != 200)
    assert answer.status == 200 or said(answer)["error"]


def test_unknown_pages_name_the_known_ones() -> None:
    """Also a known page asked in the wrong way."""
    shop = Shop()
    for method, page in (("GET", "nothing"), ("POST", "state"), ("DELETE", "requests")):
        answer = shop.sim.handle(Request(method=method, path=f"/_sim/{page}"))
        assert (answer.status, "POST /_sim/reset" in said(answer)["pages"]) == (404, True)


def test_the_log_tells_every_request_and_no_secret() -> None:
    """Refused ones too, oldest first; its own pages never."""
    shop = Shop()
    shop.ask("GET", RETURNS, "status=RU")
    shop.sim.handle(Request(method="GET", path=SHEETS))
    shop.ask("GET", "/v2/nothing")
    shop.stop(400_000_101, 1)
    log = said(shop.control("requests"))
    told = [(one["n"], one["operation"], one["effect"], one["status"], one["applied"]) for one in log]
    assert told == [
        (1, "return_requests", "read", 400, False),
        (2, "order_sheets", "read", 401, False),
        (3, None, None, 404, False),
        (4, "stop_shipment", "write", 200, True),
    ]
    assert log[3]["body"]["cancelCount"] == 1
    assert log[0]["query"] == "status=RU"
    assert "secret" not in json.dumps(log)
    assert "signature" not in json.dumps(log)


def test_the_clock_runs_with_the_host_and_ahead_of_it() -> None:
    """Advanced or set, forward or back; a signature is held against the host's clock all the same."""
    shop = Shop()
    times = [said(shop.control("clock"))["now"]]
    times.append(said(shop.control("clock", {"advance": "1d12h30m5s"}))["now"])
    times.append(said(shop.control("clock", {"set": "2026-01-01"}))["now"])
    shop.at += timedelta(seconds=7)
    times.append(said(shop.control("clock"))["now"])
    assert times == [
        "2026-03-03T09:30:00+09:00",
        "2026-03-04T22:00:05+09:00",
        "2026-01-01T00:00:00+09:00",
        "2026-01-01T00:00:07+09:00",
    ]
    assert shop.stop(400_000_101, 1).status == 200


def test_a_reset_forgets_everything() -> None:
    """Requests, faults, the moved clock and what was locked out."""
    shop = Shop(rate=1)
    shop.order("*", "slow")
    shop.control("clock", {"advance": "9d"})
    shop.ask("GET", RETURNS)
    assert shop.ask("GET", RETURNS).status == 429
    assert said(shop.control("reset", {"world": "quiet"}))["now"] == "2026-03-03T09:30:00+09:00"
    assert said(shop.control("requests")) == []
    assert said(shop.control("faults"))["waiting"] == []
    assert said(shop.control("state"))["order_sheets"] == []
    assert shop.ask("GET", RETURNS).status == 400


# --- people ------------------------------------------------------------------------------------------------------


def test_nobody_acts_by_himself() -> None:
    """A month passes and the shop is as it was, apart from what time does: the clock runs, money becomes due."""
    shop = Shop()
    passing = {"now": "", "revenue_histories": [], "settlement_histories": []}
    before = said(shop.control("state"))
    shop.control("clock", {"advance": "30d"})
    after = said(shop.control("state"))
    assert {**before, **passing} == {**after, **passing}


def test_buyers_come_as_often_as_was_said() -> None:
    """Twelve orders an hour, in the world's time; the same seed brings the same people."""
    shops = [Shop(buyers=12.0), Shop(buyers=12.0)]
    for shop in shops:
        shop.at += timedelta(hours=10)
    first, second = (shop.control("state").body.replace(shop.sim.world.id.encode(), b"") for shop in shops)
    assert first == second
    made = [number for number in shops[0].sim.world.rows("delivery_histories") if number > 900_000_000_000_100_000]
    assert 90 <= len(made) <= 150


def test_people_order_what_is_there() -> None:
    """Until it is sold out; every box can be read by the number that was answered."""
    shop = Shop()
    boxes = shop.come("order", 3000)
    assert len(boxes) < 3000
    options = shop.state("item_inventories", "vendorItemId")
    assert all(row["amountInStock"] == 0 for row in options.values() if row["onSale"])
    assert shop.data(f"{SHEETS}/{boxes[0]}")["status"] == "ACCEPT"
    assert shop.come("order") == []


def test_people_change_their_minds_in_time() -> None:
    """A paid order is cancelled at once; one in preparation becomes a stop request; nobody cancels twice."""
    shop = Shop("quiet")
    assert shop.come("cancel") == []
    shop = Shop("busy")
    shop.acknowledge(*(900_000_000_000_020_001 + n for n in range(50)))
    cancelled = shop.come("cancel", 2000)
    assert len(cancelled) == 1000
    kinds = [row["receiptType"] for row in shop.state("return_requests", "receiptId").values()]
    assert (kinds.count("RETURN"), kinds.count("CANCEL")) == (50, 950)


def test_people_send_back_ask_and_withdraw() -> None:
    """Each answers the ids of what it made."""
    shop = Shop()
    (returned,), (asked,) = shop.come("return"), shop.come("ask")
    assert shop.receipt(returned)["receiptStatus"] == "RETURNS_UNCHECKED"
    assert asked in shop.state("call_center_inquiries", "inquiryId")
    taken = shop.come("withdraw", 20)
    assert returned in taken
    listed = f"{WRITES}/returnWithdrawList"
    found = said(shop.ask("POST", listed, body={"cancelIds": [returned, 5]}))["data"]
    assert [row["cancelId"] for row in found] == [returned]


def test_couriers_move_boxes_to_the_door() -> None:
    """Under way, then delivered with a date."""
    shop = Shop("month_old")
    while moved := shop.come("deliver", 100):
        assert moved
    boxes = shop.state("order_sheets", "shipmentBoxId").values()
    assert {row["status"] for row in boxes} == {"FINAL_DELIVERY"}
    assert all(row["deliveredDate"] for row in boxes)


def test_a_new_shop_has_nothing_to_do_but_wait() -> None:
    """No orders, no budget; what is not approved has no options yet, so buyers find one only."""
    shop = Shop("new_shop")
    state = said(shop.control("state"))
    assert (state["order_sheets"], state["contracts"], len(state["products"])) == ([], [], 4)
    assert [one["vendorItemId"] for one in state["item_inventories"]] == [73000001]
    assert len(shop.come("order", 3)) == 3


def test_a_mislisting_brings_orders_at_the_wrong_price() -> None:
    """Two thirds of the orders are for the option at a tenth of its price; the others are as they should be."""
    shop = Shop("mislisting")
    prices = [
        row["orderItems"][0]["salesPrice"]["units"] for row in shop.state("order_sheets", "shipmentBoxId").values()
    ]
    assert (prices.count(3990), prices.count(39900)) == (40, 20)
    assert shop.state("item_inventories", "vendorItemId")[74000003]["amountInStock"] == 0


# --- sellers -----------------------------------------------------------------------------------------------------


def test_each_vendor_has_its_own_rate() -> None:
    """One that is locked out does not stop the other."""
    sellers = (Seller(), Seller(vendor_id="A00012346", access_key="k", secret_key="s"))
    sim = Simulator(sellers=sellers, rate=1, host=lambda: START, monotonic=lambda: 0.0)

    def ask(seller: Seller) -> int:
        path = f"/v2/providers/fms/apis/api/v2/vendors/{seller.vendor_id}/contract/list"
        headers = authorization("GET" + path, START, seller.access_key, seller.secret_key)
        return sim.handle(Request(method="GET", path=path, headers=headers)).status

    assert [ask(one) for one in (*sellers, sellers[0], *sellers)] == [200, 200, 429, 429, 429]


# --- the process ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_the_server_says_where_and_ends_when_told(sent: signal.Signals, code: int) -> None:
    """One JSON line once it accepts; SIGTERM is 143, Ctrl-C 130, and nothing else is printed."""
    process = spawn(["-m", "runner", "sim", "--port", "0", "--json"], errors=subprocess.PIPE)
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    with closing(HTTPConnection(told["url"].removeprefix("http://"), timeout=10)) as connection:
        connection.request("GET", "/_sim/clock")
        assert json.load(connection.getresponse())["world"] == "demo"
    assert [one["vendor_id"] for one in told["accounts"]] == ["A00012345"]
    process.send_signal(sent)
    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == code


def test_a_port_in_use_is_told() -> None:
    """It names the port and what to do; exit 1, for the line itself was right."""
    with listening(0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Mistake) as raised:
            listening(port)
    assert (raised.value.code, raised.value.facts["port"], raised.value.exit) == ("simulator_port_taken", port, 1)
