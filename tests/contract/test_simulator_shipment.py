"""Boxes over HTTP: sent in parts, numbers used again, lists that lag, couriers, buyers who change things, the score."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from simulator_support import OPEN, SHEET_MONTH, SHEETS, VENDOR, WRITES, WebShop, said, words

from runner.simulator import Response
from runner.simulator.records import order_sheet
from runner.simulator.worlds import BOX

BUSY, TWO = BOX + 20_001, BOX + 9
NUMBERS = ("680405459001", "680405459002", "680405459003")


def listed(shop: WebShop, status: str) -> set[int]:
    """Return the boxes that the lists show in a state, all pages of them."""
    found: set[int] = set()
    token = ""
    while True:
        answer = said(shop.ask("GET", SHEETS, f"{SHEET_MONTH}&status={status}&nextToken={token}"))
        found |= {row["shipmentBoxId"] for row in answer["data"]}
        token = answer["nextToken"]
        if not token:
            return found


def prepared() -> WebShop:
    """Return a shop with a box of two options in preparation."""
    shop = WebShop("busy")
    order_sheet(
        shop.sim.world, TWO, 330_000_009, [(70000001, 2), (70000002, 1)], status="INSTRUCT", ordered=shop.sim.world.now
    )
    return shop


def entry(option: int, number: str = "", day: str = "", **change: Any) -> dict[str, Any]:
    return {
        "shipmentBoxId": TWO, "vendorItemId": option, "deliveryCompanyCode": "CJGLS",
        "invoiceNumber": number, "splitShipping": True, "preSplitShipped": False, "estimatedShippingDate": day,
    } | change  # fmt: skip


def upload(shop: WebShop, *entries: dict[str, Any], which: str = "invoices") -> list[str]:
    """Upload invoices, under the order of each box unless an entry says another; return the result of each box."""
    boxes = shop.sim.world.rows("order_sheets")
    told = [{"orderId": boxes[one["shipmentBoxId"]]["orderId"]} | one for one in entries]
    body = {"vendorId": VENDOR, "orderSheetInvoiceApplyDtos": told}
    answer = shop.ask("POST", f"{WRITES}/orders/{which}", body=body)
    assert answer.status == 200, answer.body
    return [one["resultCode"] for one in said(answer)["data"]["responseList"]]


def sheets(shop: WebShop) -> dict[int, tuple[str, list[int]]]:
    """Return the boxes of the order of two options: their states and options."""
    rows = shop.data(f"{OPEN}/v5/vendors/{VENDOR}/330000009/ordersheets")
    return {row["shipmentBoxId"]: (row["status"], [one["vendorItemId"] for one in row["orderItems"]]) for row in rows}


# --- in parts --------------------------------------------------------------------------------------------------------


def test_a_box_is_sent_in_two_parts() -> None:
    """What leaves first gets a box number of its own; the later part keeps the old one, waits, and follows."""
    shop = prepared()
    assert upload(shop, entry(70000001, NUMBERS[0]), entry(70000002, day="2026-03-09")) == ["OK"]
    (new,) = set(sheets(shop)) - {TWO}
    assert sheets(shop) == {TWO: ("INSTRUCT", [70000002]), new: ("DEPARTURE", [70000001])}
    kept = shop.data(f"{SHEETS}/{TWO}")
    assert (kept["splitShipping"], kept["orderItems"][0]["plannedShippingDate"]) == (True, "2026-03-09")
    history = shop.data(f"{SHEETS}/{new}/history")["details"]
    assert [one["deliveryStatus"] for one in history] == ["DEPARTURE", "INSTRUCT"]
    whole = entry(70000002, NUMBERS[1], splitShipping=False)
    assert upload(shop, whole) == ["IS_SEPARATE_MUST_BE_TRUE_WHEN_SEPARATE_DELIVERY"]
    assert upload(shop, entry(70000002, day="2026-03-11", preSplitShipped=True)) == ["PSD_NOT_ALLOW_TO_CHANGE"]
    assert upload(shop, entry(70000002, preSplitShipped=True)) == ["NOT_FOUND_INVOICE_NUMBER"]
    assert upload(shop, entry(70000002, NUMBERS[1], preSplitShipped=True)) == ["OK"]
    assert sheets(shop)[TWO] == ("DEPARTURE", [70000002])


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([entry(70000001, NUMBERS[0])], "NOT_FOUND_VENDOR_ITEM"),
        ([entry(70000001, NUMBERS[0]), entry(70000002, NUMBERS[1])], "UNDEFINED_ERROR_OCCUR"),
        ([entry(70000001, NUMBERS[0]), entry(70000002)], "UNDEFINED_ERROR_OCCUR"),
        ([entry(70000001, NUMBERS[0], "2026-03-09"), entry(70000002, day="2026-03-09")], "UNDEFINED_ERROR_OCCUR"),
        (
            [entry(70000001, NUMBERS[0], deliveryCompanyCode="DIRECT"), entry(70000002, day="2026-03-09")],
            "NOT_ALLOW_VENDOR_DIRECT",
        ),
        ([entry(70000001, "5"), entry(70000002, day="2026-03-09")], "INVALID_INVOICE_NUMBER"),
        (
            [entry(70000001, NUMBERS[0], preSplitShipped=True), entry(70000002, day="2026-03-09")],
            "UNDEFINED_ERROR_OCCUR",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused(entries: list[dict[str, Any]], code: str) -> None:
    """With the documented codes; the box stays whole."""
    shop = prepared()
    assert upload(shop, *entries) == [code]
    assert sheets(shop) == {TWO: ("INSTRUCT", [70000001, 70000002])}


def test_some_boxes_are_never_sent_in_parts() -> None:
    """Those with one option, and those that left as a whole."""
    shop = prepared()
    assert upload(shop, *(entry(one, NUMBERS[0], splitShipping=False) for one in (70000001, 70000002))) == ["OK"]
    parts = (entry(70000001, NUMBERS[1]), entry(70000002, day="2026-03-09"))
    assert upload(shop, *parts, which="updateInvoices") == ["NOT_ALLOW_SEPARATE_AFTER_NORMAL_DELIVERY"]
    shop.acknowledge(BUSY)
    line = shop.data(f"{SHEETS}/{BUSY}")["orderItems"][0]
    one = entry(line["vendorItemId"], NUMBERS[1], shipmentBoxId=BUSY)
    assert upload(shop, one) == ["NOT_ALLOW_SEPARATE_WHEN_ONE_VENDOR_ITEM"]


# --- numbers ---------------------------------------------------------------------------------------------------------


def whole(box: dict[str, Any], number: str, courier: str = "CJGLS") -> list[dict[str, Any]]:
    return [
        entry(
            line["vendorItemId"], number, shipmentBoxId=box["shipmentBoxId"], splitShipping=False,
            deliveryCompanyCode=courier,
        )
        for line in box["orderItems"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("days", "code"),
    [(0, "NOT_ALLOW_INVOICE_NUMBER_RE_UPLOAD"), (180, "NOT_ALLOW_INVOICE_NUMBER_RE_UPLOAD"), (190, "OK")],
)
@pytest.mark.parametrize("replaced", [False, True])
def test_a_number_is_free_again_after_six_months(days: int, code: str, *, replaced: bool) -> None:
    """Also one that was replaced on its box meanwhile."""
    shop = WebShop("busy")
    shop.acknowledge(BUSY, BUSY + 1)
    boxes = shop.state("order_sheets", "shipmentBoxId")
    assert upload(shop, *whole(boxes[BUSY], NUMBERS[0])) == ["OK"]
    if replaced:
        assert upload(shop, *whole(boxes[BUSY], NUMBERS[1]), which="updateInvoices") == ["OK"]
    shop.control("clock", {"advance": f"{days}d"})
    assert upload(shop, *whole(boxes[BUSY + 1], NUMBERS[0])) == [code]


def test_the_same_receiver_may_have_the_same_number() -> None:
    """Two orders of one person travel in one parcel."""
    shop = WebShop("busy")
    shop.acknowledge(BUSY, BUSY + 1)
    rows = shop.sim.world.rows("order_sheets")
    rows[BUSY + 1]["receiver"] = rows[BUSY]["receiver"]
    for box in (BUSY, BUSY + 1):
        assert upload(shop, *whole(rows[box], NUMBERS[0])) == ["OK"]


@pytest.mark.parametrize("courier", ["PIGEON", "KOREX"])
def test_wrong_couriers_are_a_server_error(courier: str) -> None:
    """As documented: 500 without another word; a courier that was closed is wrong, too."""
    shop = prepared()
    body = {
        "vendorId": VENDOR,
        "orderSheetInvoiceApplyDtos": [
            {"orderId": 330_000_009} | entry(70000001, NUMBERS[0], deliveryCompanyCode=courier)
        ],
    }
    assert words(shop.ask("POST", f"{WRITES}/orders/invoices", body=body)) == (500, "internal exception")


# --- lists that lag --------------------------------------------------------------------------------------------------


def test_lists_show_new_orders_late() -> None:
    """Ten minutes, as documented; the single read knows them at once."""
    shop = WebShop("busy")
    shop.control("habits", {"orders_listed_after": "10m"})
    (box,) = shop.come("order")
    assert shop.data(f"{SHEETS}/{box}")["status"] == "ACCEPT"
    assert box not in listed(shop, "ACCEPT")
    shop.at += timedelta(minutes=9, seconds=59)
    assert box not in listed(shop, "ACCEPT")
    shop.at += timedelta(seconds=1)
    assert box in listed(shop, "ACCEPT")


def test_acknowledged_boxes_stay_listed_as_paid() -> None:
    """Lists lag, the single read does not; a second acknowledgement is refused."""
    shop = WebShop("busy")
    shop.control("habits", {"acknowledged_listed_after": "5m"})
    assert said(shop.acknowledge(BUSY))["data"]["responseCode"] == 0
    assert shop.data(f"{SHEETS}/{BUSY}")["status"] == "INSTRUCT"
    assert (BUSY in listed(shop, "ACCEPT"), BUSY in listed(shop, "INSTRUCT")) == (True, False)
    assert said(shop.acknowledge(BUSY))["data"]["responseList"][0]["resultCode"] == "INVALID_STATUS"
    shop.at += timedelta(minutes=5)
    assert (BUSY in listed(shop, "ACCEPT"), BUSY in listed(shop, "INSTRUCT")) == (False, True)


def test_acknowledgements_take_effect_late() -> None:
    """Success is told at once, half an hour later it is true; what was cancelled meanwhile stays cancelled."""
    shop = WebShop("busy")
    shop.control("habits", {"acknowledged_after": "30m", "acknowledged_listed_after": "1m"})
    assert said(shop.acknowledge(BUSY, BUSY + 1))["data"]["responseCode"] == 0
    assert said(shop.control("buyers", {"do": "cancel", "id": BUSY + 1}))["ids"]
    shop.control("clock", {"advance": "29m"})
    assert shop.data(f"{SHEETS}/{BUSY}")["status"] == "ACCEPT"
    shop.control("clock", {"advance": "1m"})
    assert shop.data(f"{SHEETS}/{BUSY}")["status"] == "INSTRUCT"
    assert BUSY in listed(shop, "ACCEPT")
    assert shop.ask("GET", f"{SHEETS}/{BUSY + 1}").status == 400
    shop.control("clock", {"advance": "1m"})
    assert BUSY in listed(shop, "INSTRUCT")


# --- buyers ----------------------------------------------------------------------------------------------------------


def test_buyers_move_while_nothing_is_acknowledged() -> None:
    """A paid box goes elsewhere, one in preparation does not."""
    shop = WebShop("busy")
    before = shop.data(f"{SHEETS}/{BUSY}")["receiver"]
    assert said(shop.control("buyers", {"do": "readdress", "id": BUSY}))["ids"] == [BUSY]
    after = shop.data(f"{SHEETS}/{BUSY}")["receiver"]
    assert (after["name"], after["addr2"] != before["addr2"]) == (before["name"], True)
    shop.acknowledge(BUSY)
    assert said(shop.control("buyers", {"do": "readdress", "id": BUSY}))["ids"] == []
    assert shop.data(f"{SHEETS}/{BUSY}")["receiver"] == after


def test_buyers_cancel_a_part() -> None:
    """Of a paid box at once; of one in preparation it is a stop request about a part, and nothing may leave then."""
    shop = prepared()
    assert shop.acknowledge(TWO).status == 200
    (receipt,) = said(shop.control("buyers", {"do": "cancel_part", "id": TWO}))["ids"]
    assert [item["cancelCount"] for item in shop.receipt(receipt)["returnItems"]] == [2]
    both = [entry(one, NUMBERS[0], splitShipping=False) for one in (70000001, 70000002)]
    assert upload(shop, *both) == ["ORDER_DELIVERY_PARTIAL_STOP_REQUESTED"]
    assert shop.stop(receipt, 2).status == 200
    assert upload(shop, both[1]) == ["OK"]
    shop = WebShop("mislisting")
    paid = next(
        row for row in shop.state("order_sheets", "shipmentBoxId").values()
        if row["status"] == "ACCEPT" and row["orderItems"][0]["shippingCount"] == 2
    )  # fmt: skip
    (part,) = said(shop.control("buyers", {"do": "cancel_part", "id": paid["shipmentBoxId"]}))["ids"]
    line = shop.data(f"{SHEETS}/{paid['shipmentBoxId']}")["orderItems"][0]
    assert (shop.receipt(part)["receiptType"], line["cancelCount"], line["canceled"]) == ("CANCEL", 1, False)


def test_one_piece_of_an_option_can_be_stopped() -> None:
    """The rest of the same option is sent once the request is answered."""
    shop = prepared()
    shop.sim.world.rows("order_sheets")[TWO]["orderItems"].pop()
    (receipt,) = said(shop.control("buyers", {"do": "cancel_part", "id": TWO}))["ids"]
    alone = entry(70000001, NUMBERS[0], splitShipping=False)
    assert upload(shop, alone) == ["ORDER_DELIVERY_PARTIAL_STOP_REQUESTED"]
    shop.stop(receipt, 1)
    assert upload(shop, alone) == ["OK"]


# --- couriers --------------------------------------------------------------------------------------------------------


def test_couriers_deliver_by_the_clock() -> None:
    """Step by step, with times between, all within days; the same seed moves the same boxes at the same time."""
    shops = [WebShop("busy"), WebShop("busy")]
    histories = []
    for shop in shops:
        shop.control("habits", {"couriers": True})
        shop.acknowledge(BUSY)
        upload(shop, *whole(shop.data(f"{SHEETS}/{BUSY}"), NUMBERS[0]))
        seen = []
        for _ in range(100):
            shop.at += timedelta(hours=1)
            seen.append(shop.data(f"{SHEETS}/{BUSY}")["status"])
        assert list(dict.fromkeys(seen)) == ["DEPARTURE", "DELIVERING", "FINAL_DELIVERY"]
        histories.append(shop.data(f"{SHEETS}/{BUSY}/history")["details"])
    assert histories[0] == histories[1]
    times = [one["updatedAt"] for one in histories[0]]
    assert times == sorted(times, reverse=True)
    assert shops[0].data(f"{SHEETS}/{BUSY}")["deliveredDate"] == times[0]


def test_lost_parcels_become_long_undelivered() -> None:
    """Some stay where they are for ever, and may be completed after a month."""
    shop = WebShop("busy")
    shop.control("habits", {"couriers": True, "lost": 0.5})
    shop.acknowledge(*(BUSY + n for n in range(40)))
    boxes = shop.state("order_sheets", "shipmentBoxId")
    for n in range(40):
        upload(shop, *whole(boxes[BUSY + n], f"6804054590{n:02}"))
    shop.control("clock", {"advance": "32d"})
    states = {n: shop.data(f"{SHEETS}/{BUSY + n}")["status"] for n in range(40)}
    assert set(states.values()) == {"DEPARTURE", "DELIVERING", "FINAL_DELIVERY"}
    lost = [n for n, status in states.items() if status != "FINAL_DELIVERY"]
    assert 10 <= len(lost) <= 30
    assert all(shop.complete(20_001 + n, f"6804054590{n:02}").status == 200 for n in lost)


def test_old_parcels_are_found_by_nobody() -> None:
    """What left a week before couriers began to work stays; the others go on."""
    shop = WebShop("month_old")
    before = shop.state("order_sheets", "shipmentBoxId")
    shop.control("habits", {"couriers": True})
    shop.control("clock", {"advance": "9d"})
    assert shop.state("order_sheets", "shipmentBoxId") == before


# --- score -----------------------------------------------------------------------------------------------------------


def cancel(shop: WebShop, order: int, options: list[int], user: str = "seller1") -> Response:
    body = {
        "orderId": order, "vendorItemIds": options, "receiptCounts": [1] * len(options), "bigCancelCode": "CANERR",
        "middleCancelCode": "CCTTER", "vendorId": VENDOR, "userId": user,
    }  # fmt: skip
    return shop.ask("POST", f"{OPEN}/v5/vendors/{VENDOR}/orders/{order}/cancel", body=body)


def test_the_score_counts_what_the_seller_did() -> None:
    """Cancels and late parcels lower it, buyers' cancels do not; a week later it is forgotten."""
    shop = WebShop("mislisting")
    good = said(shop.control("state"))["seller_score"]
    assert (good["order_fulfilment"], good["state"]) == (100.0, "good")
    shop.come("cancel", 5)
    assert said(shop.control("state"))["seller_score"] == good
    rows = [
        row for row in shop.state("order_sheets", "shipmentBoxId").values()
        if row["status"] == "INSTRUCT" and not row["orderItems"][0]["holdCountForCancel"]
    ]  # fmt: skip
    assert cancel(shop, rows[0]["orderId"], [rows[0]["orderItems"][0]["vendorItemId"]]).status == 200
    shop.control("clock", {"advance": "4d"})
    assert upload(shop, *whole(rows[1], NUMBERS[0])) == ["OK"]
    low = said(shop.control("state"))["seller_score"]
    assert (low["seller_cancels"], low["late_shipments"], low["on_time_shipping"], low["state"]) == (
        1,
        1,
        0.0,
        "warning",
    )
    assert low["order_fulfilment"] < 100
    shop.control("clock", {"advance": "8d"})
    assert said(shop.control("state"))["seller_score"] == good


def test_cancels_need_a_user_where_that_is_looked_at() -> None:
    """Only where the habit says who there is."""
    shop = WebShop("mislisting")
    shop.control("habits", {"users": ["wing7"]})
    row = next(row for row in shop.state("order_sheets", "shipmentBoxId").values())
    options = [row["orderItems"][0]["vendorItemId"]]
    told = cancel(shop, row["orderId"], options)
    assert words(told) == (400, "업체 ID에 맞는 올바른 유저 ID를 입력해주세요.")
    assert cancel(shop, row["orderId"], options, "wing7").status == 200


# --- the page of habits ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"orders_listed_after": 600}, "orders_listed_after: '600' is not a duration"),
        ({"lost": 2}, "lost: '2' is not a number from 0 to 1"),
        ({"couriers": "yes"}, "couriers: 'yes' is not true or false"),
        ({"users": "seller1"}, "users: 'seller1' is not a list of texts"),
        ({"courier": True}, "unknown key 'courier'"),
        ({}, "name a habit"),
        ({"couriers": True, "lost": -1}, "lost: '-1' is not a number from 0 to 1"),
    ],
)
def test_habits_are_checked(body: dict[str, Any], told: str) -> None:
    """The key, the value, what is allowed; nothing changes."""
    shop = WebShop()
    before = said(shop.control("habits"))
    answer = shop.control("habits", body)
    assert answer.status == 400
    assert told in said(answer)["error"]
    assert said(shop.control("habits")) == before
    assert not any(value for value in before.values() if value != "0s")
