"""Time, worlds that are saved and read again, buyers that come by themselves: over HTTP, and by the command line."""

from __future__ import annotations

import copy
import json
import signal
import subprocess
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from simulator_support import COUPONS, FMS, MONTH, QUICK, RETURNS, SHEETS, VENDOR, WebShop, said
from tests_support import spawn

from runner.simulator import Simulator
from runner.simulator.saving import save
from runner.simulator.wire import compact
from runner.simulator.worlds import BOX

# --- the clock -------------------------------------------------------------------------------------------------------


def now(shop: WebShop) -> str:
    return str(said(shop.control("clock"))["now"])


def test_the_clock_stands_and_runs_on() -> None:
    """While it stands it can be moved; then it goes on from there."""
    shop = WebShop()
    assert said(shop.control("clock", {"freeze": True}))["frozen"] is True
    shop.at += timedelta(hours=5)
    assert now(shop) == "2026-03-03T09:30:00+09:00"
    shop.control("clock", {"advance": "1h"})
    shop.at += timedelta(hours=5)
    assert now(shop) == "2026-03-03T10:30:00+09:00"
    shop.control("clock", {"freeze": False})
    shop.at += timedelta(minutes=1)
    assert now(shop) == "2026-03-03T10:31:00+09:00"


def test_the_clock_runs_faster_and_slower() -> None:
    """From where it is; signatures are judged by the host's clock all the same."""
    shop = WebShop()
    shop.control("clock", {"speed": 60})
    shop.at += timedelta(minutes=2)
    assert now(shop) == "2026-03-03T11:30:00+09:00"
    assert shop.stop(400_000_101, 1).status == 200
    shop.control("clock", {"speed": 0.5, "freeze": False})
    shop.at += timedelta(minutes=2)
    assert now(shop) == "2026-03-03T11:31:00+09:00"
    shop.control("clock", {"set": "2026-03-04T00:00:00+09:00"})
    assert said(shop.control("clock"))["speed"] == 0.5
    shop.control("reset", {"world": "demo"})
    assert said(shop.control("clock"))["speed"] == 1.0


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"speed": 0}, "speed: '0' is not a number from 0.001 to 86400"),
        ({"speed": "fast"}, "speed: 'fast' is not a number"),
        ({"freeze": 1}, "freeze: '1' is not true or false"),
        ({"freeze": True, "advance": "1h"}, "write"),
        ({"freeze": True, "speed": -1}, "speed: '-1'"),
    ],
)
def test_wrong_orders_leave_the_clock_alone(body: dict[str, Any], told: str) -> None:
    """Also when half of the order is right."""
    shop = WebShop()
    answer = shop.control("clock", body)
    assert (answer.status, told in said(answer)["error"]) == (400, True)
    assert said(shop.control("clock"))["frozen"] is False


# --- worlds that are saved --------------------------------------------------------------------------------------------


def saved(shop: WebShop) -> dict[str, Any]:
    found: dict[str, Any] = said(shop.control("world"))
    return found


def loaded(world: dict[str, Any]) -> WebShop:
    """Return another simulator that goes on with a world."""
    other = WebShop("quiet")
    answer = other.control("world", world)
    assert answer.status == 200, answer.body
    return other


@pytest.mark.parametrize("name", sorted(QUICK))
def test_every_world_is_the_same_after_a_round_trip(name: str) -> None:
    """Whatever is in it; keys and all."""
    shop = WebShop(name)
    world = saved(shop)
    other = loaded(world)
    assert saved(other) == world
    assert other.sim.world.kinds == shop.sim.world.kinds
    assert other.control("state").body == shop.control("state").body


def test_a_world_is_saved_in_the_middle_of_requests() -> None:
    """What is pending ends there as it would have here: coupons, options, ends, lags, faults, parcels, buyers."""
    shop = WebShop("busy")
    shop.control("habits", {"couriers": True, "lost": 0.2, "acknowledged_after": "30m", "users": ["seller1"]})
    shop.control("gateway", {"errors": 50, "addresses": ["127.0.0.1"]})
    first = shop.finished(shop.coupon())["couponId"]
    shop.order("acknowledge_order_sheets", "stale", seconds=900)
    shop.order("return_requests", "error_500_not_applied", share=0.5)
    shop.acknowledge(BOX + 20_001)
    answers = [shop.coupon(), shop.add(first, 70000001, 5), shop.ask("PUT", f"{COUPONS}/{first}", "action=expire")]
    shop.order("create_instant_coupon", "request_hangs")
    answers.append(shop.coupon())
    shop.control("buyers", {"per_hour": 40, "cancel": 0.3})
    other = loaded(json.loads(json.dumps(saved(shop))))
    for one in (shop, other):
        one.control("clock", {"advance": "16m"})
    numbers = [said(one)["data"]["content"]["requestedId"] for one in answers[:2] + answers[3:]]
    for number in numbers:
        path = f"{FMS}/v1/vendors/{VENDOR}/requested/{number}"
        assert other.data(path) == shop.data(path)
    assert [other.data(f"{FMS}/v1/vendors/{VENDOR}/requested/{number}")["content"]["status"] for number in numbers] == [
        "DONE", "DONE", "REQUESTED",
    ]  # fmt: skip
    for one in (shop, other):
        assert one.data(f"{SHEETS}/{BOX + 20_001}")["status"] == "ACCEPT"
        one.control("clock", {"advance": "20h"})
    query = f"{MONTH}&status=RU"
    assert [other.ask("GET", RETURNS, query).status for _ in range(30)] == [
        shop.ask("GET", RETURNS, query).status for _ in range(30)
    ]
    assert shop.data(f"{SHEETS}/{BOX + 20_001}")["status"] == "INSTRUCT"
    assert other.control("state").body == shop.control("state").body
    assert saved(other) == saved(shop)


def test_a_world_goes_on_where_it_was() -> None:
    """At its own time, also days later, and it is the same marketplace: its id stays."""
    shop = WebShop()
    shop.control("clock", {"advance": "9d"})
    shop.control("clock", {"freeze": True})
    world = saved(shop)
    other = WebShop("quiet")
    other.at += timedelta(days=400)
    told = said(other.control("world", world))
    assert (told["now"], told["id"], told["frozen"]) == ("2026-03-12T09:30:00+09:00", shop.sim.world.id, True)
    other.control("reset", {"world": "quiet"})
    assert said(other.control("clock"))["id"] != told["id"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": 2}, "format: '2' is not 1"),
        ({"shops": []}, "each has one shop"),
        ({"shops": [{}]}, "not a saved world"),
        ({"now": "yesterday"}, "yesterday"),
        ({"now": "2026-03-03T00:00:00"}, "has no offset"),
        ({"more": 1}, "unknown key 'more'"),
        ({"rules": {"strict": True}}, "'strict' is no part of Rules"),
        ({"faults": {"waiting": [{"operation": "*", "fault": "nothing"}], "dice": [3, [1], None]}}, "nothing"),
        ({"sellers": 5}, "not a saved world"),
    ],
)
def test_a_wrong_world_changes_nothing(change: dict[str, Any], told: str) -> None:
    """Nor does one of which a part is missing; it says what is wrong."""
    shop = WebShop()
    world = saved(shop)
    answer = shop.control("world", copy.deepcopy(world) | change)
    assert (answer.status, told in said(answer)["error"]) == (400, True), answer.body
    broken = copy.deepcopy(world)
    broken["shops"][0]["kinds"]["instant_coupons"] = [[1, {"couponId": 1}]]
    assert said(shop.control("world", broken))["error"].startswith("not a saved world")
    gone = {key: value for key, value in world.items() if key != "shops"}
    assert said(shop.control("world", gone))["error"].startswith("'shops' is missing")
    assert saved(shop) == world


def served(*more: str) -> subprocess.Popen[str]:
    return spawn(["-m", "runner", "sim", "--port", "0", "--json", *more], errors=subprocess.PIPE)


def ask(process: subprocess.Popen[str], method: str, page: str, body: Any = None) -> Any:
    """Ask a served simulator; its first line says where it is."""
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"]
    with closing(HTTPConnection(url.removeprefix("http://"), timeout=10)) as connection:
        connection.request(method, f"/_sim/{page}", None if body is None else json.dumps(body))
        return json.load(connection.getresponse())


def end(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=20)[1]


def test_the_command_saves_and_loads(tmp_path: Path) -> None:
    """At its end into a file; another one begins with it."""
    path = tmp_path / "world.json"
    first = served("--world", "claims", "--save", str(path), "--buyers", "600,cancel=0.5,lost=0.1")
    assert ask(first, "POST", "clock", {"freeze": True})["world"] == "claims"
    assert end(first) == ""
    world = json.loads(path.read_text("utf-8"))
    assert (world["buyers"]["per_hour"], world["buyers"]["cancel"], world["clock"]["frozen"]) == (600.0, 0.5, True)
    second = served("--load", str(path))
    found = ask(second, "GET", "world")
    assert end(second) == ""
    assert found == world


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    """In the rate and in the buyers, which say nothing about the world; what is in it cannot be said twice."""
    path = tmp_path / "world.json"
    path.write_bytes(compact(save(Simulator(rate=0, buyers=600))))
    process = served("--load", str(path), "--rate", "7", "--buyers", "30")
    found = ask(process, "GET", "world")
    assert end(process) == ""
    assert (found["rate"], found["buyers"]["per_hour"], found["world"]) == (7, 30.0, "demo")


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        (["--load", "nowhere.json"], 1, "nowhere.json is no saved marketplace"),
        (["--save", "/nowhere/world.json"], 1, "cannot be saved to /nowhere/world.json"),
        (["--save", "."], 1, "cannot be saved to ."),
        (["--load", "w.json", "--world", "demo"], 2, "leave --world out"),
        (["--load", "w.json", "--seed", "3", "--accounts", "3"], 2, "leave --seed, --accounts out"),
        (["--buyers", "many"], 2, "'many' is not a number"),
        (["--buyers", "60,dance=1"], 2, "'dance' is not one of"),
        (["--buyers", "60,lost=2"], 2, "'2.0' is not a number from 0 to 1"),
    ],
)
def test_the_command_tells_what_is_wrong(more: list[str], code: int, told: str) -> None:
    """Before it serves anything."""
    process = served(*more, "--lang", "en")
    out, errors = process.communicate(timeout=20)
    assert (process.returncode, told in out + errors) == (code, True), out + errors


# --- a world with habits ----------------------------------------------------------------------------------------------


def test_a_lifelike_shop_goes_on_by_itself() -> None:
    """A week later nothing waits as it did: returns were collected and approved, stop requests were answered."""
    shop = WebShop("lifelike")
    before = said(shop.control("state"))
    shop.control("buyers", {"per_hour": 5})
    for _ in range(8):
        shop.control("clock", {"advance": "1d"})
    after = said(shop.control("state"))
    started = {row["receiptId"] for row in before["return_requests"]}
    old = [row for row in after["return_requests"] if row["receiptId"] in started]
    assert "VENDOR_WAREHOUSE_CONFIRM" not in {row["receiptStatus"] for row in old}
    assert {row["releaseStopStatus"] for row in old} <= {"자동처리(이미출고)", "비대상"}
    assert any(row["preRefund"] for row in old)
    assert after["seller_score"]["late_answers"] > 0


# --- buyers with rates ------------------------------------------------------------------------------------------------


def test_buyers_come_with_rates() -> None:
    """So many orders an hour, so many cancels and the like for each, spread over the time that passed."""
    shop = WebShop("new_shop")
    shop.sim.world.rows("options")[73000001]["amountInStock"] = 100_000
    told = said(shop.control("buyers", {"per_hour": 20, "cancel": 0.25, "return": 0, "ask": 0, "deliver": 0}))
    assert (told["rates"]["per_hour"], told["rates"]["return"]) == (20.0, 0.0)
    for _ in range(10):
        shop.control("clock", {"advance": "1h"})
    state = said(shop.control("state"))
    orders, cancels = len(state["order_sheets"]), len(state["return_requests"])
    assert (150 <= orders <= 250, 25 <= cancels <= 80) == (True, True), (orders, cancels)
    assert state["call_center_inquiries"] == []
    assert len({row["orderedAt"][:13] for row in state["order_sheets"]}) >= 10
    shop.control("buyers", {"per_hour": 0})
    shop.control("clock", {"advance": "9h"})
    assert len(said(shop.control("state"))["order_sheets"]) == orders


def test_a_long_jump_is_lived_through_in_order() -> None:
    """Orders of the past days have gone their way: nothing was cancelled before it was ordered."""
    shop = WebShop("new_shop")
    shop.sim.world.rows("options")[73000001]["amountInStock"] = 100_000
    shop.control("habits", {"orders_listed_after": "10m"})
    shop.control("buyers", {"per_hour": 10})
    shop.control("clock", {"advance": "3d"})
    state = said(shop.control("state"))
    ordered = {row["orderId"]: row["orderedAt"] for row in state["order_sheets"]}
    assert all(row["createdAt"] >= ordered[row["orderId"]] for row in state["return_requests"])
    assert sum("unlisted" in row for row in state["order_sheets"]) <= 6 < len(ordered)


def test_parcels_are_lost_at_their_rate() -> None:
    """Couriers or single deeds never bring those to the door."""
    shop = WebShop("month_old")
    shop.control("buyers", {"lost": 0.3})
    while shop.come("deliver", 100):
        pass
    states = [row["status"] for row in shop.state("order_sheets", "shipmentBoxId").values()]
    assert 35 <= sum(one != "FINAL_DELIVERY" for one in states) <= 85


def test_accounts_share_the_rates_and_a_file_keeps_them() -> None:
    """All about buyers survives a round trip."""
    shop = WebShop("demo", buyers=12.0)
    shop.at += timedelta(hours=2)
    other = loaded(saved(shop))
    other.at = shop.at
    assert said(other.control("buyers"))["rates"] == said(shop.control("buyers"))["rates"]
    assert said(other.control("buyers"))["rates"]["per_hour"] == 12.0


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"per_hour": -1}, "per_hour: '-1' is not a number from 0 to 100000"),
        ({"per_hour": 5, "cancel": "many"}, "cancel: 'many' is not a number"),
        ({"lost": 3}, "lost: '3' is not a number from 0 to 1"),
        ({"per_hour": 5, "do": "order"}, "write one of them"),
        ({"per_hour": 5, "count": 3}, "'count' belongs to 'do'"),
        ({"per_hour": 5, "dance": 1}, "unknown key 'dance'"),
    ],
)
def test_wrong_rates_change_nothing(body: dict[str, Any], told: str) -> None:
    """The key, the value, what is allowed."""
    shop = WebShop()
    before = said(shop.control("buyers"))
    answer = shop.control("buyers", body)
    assert (answer.status, told in said(answer)["error"]) == (400, True), answer.body
    assert said(shop.control("buyers")) == before
