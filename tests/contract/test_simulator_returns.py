"""Returns over HTTP: whose fault they are, collections, refunds in advance, what Coupang and Wing do meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from simulator_support import MONTH, RETURNS, VENDOR, WRITES, WebShop, said, words

from runner.simulator import Response

ON_THE_WAY = 400_000_107


def returned(shop: WebShop, **more: Any) -> int:
    """Let a buyer return something; return the receipt."""
    (number,) = said(shop.control("buyers", {"do": "return", **more}))["ids"]
    return int(number)


def one(shop: WebShop, number: int) -> dict[str, Any]:
    """Return a receipt as the API shows it."""
    (row,) = shop.data(f"{RETURNS}/{number}")
    return dict(row)


def act(shop: WebShop, deed: str, number: int) -> list[int]:
    ids: list[int] = said(shop.control("buyers", {"do": deed, "id": number}))["ids"]
    return ids


def received(shop: WebShop, number: int) -> Response:
    body = {"vendorId": VENDOR, "receiptId": number}
    return shop.ask("PATCH", f"{WRITES}/returnRequests/{number}/receiveConfirmation", body=body)


def approved(shop: WebShop, number: int, count: int = 1) -> Response:
    body = {"vendorId": VENDOR, "receiptId": number, "cancelCount": count}
    return shop.ask("PATCH", f"{WRITES}/returnRequests/{number}/approval", body=body)


def invoiced(shop: WebShop, number: int, courier: str, invoice: str) -> Response:
    body = {
        "returnExchangeDeliveryType": "RETURN", "receiptId": number, "deliveryCompanyCode": courier,
        "invoiceNumber": invoice,
    }  # fmt: skip
    return shop.ask("POST", f"{WRITES}/return-exchange-invoices/manual", body=body)


# --- whose fault -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "fault", "charge", "duty"),
    [
        ("CHANGEMIND", "CUSTOMER", -3000, "CUS"),
        ("DEFECT", "VENDOR", 5000, "COM"),
        ("OTHERS", "GENERAL", 0, "COU"),
        ("OTHERS", "COUPANG", 0, "COU"),
        ("CARRIERLOST", "WMS", 0, "COU"),
    ],
)
def test_a_return_says_whose_fault_it_is(reason: str, fault: str, charge: int, duty: str) -> None:
    """Every documented kind; it decides who pays for the way back, and the withdrawal tells who paid."""
    shop = WebShop()
    number = returned(shop, reason=reason, fault=fault)
    row = one(shop, number)
    assert (row["reasonCode"], row["faultByType"], row["returnShippingCharge"]["units"]) == (reason, fault, charge)
    assert act(shop, "withdraw", number) == [number]
    found = said(shop.ask("POST", f"{WRITES}/returnWithdrawList", body={"cancelIds": [number]}))["data"]
    assert found[0]["refundDeliveryDuty"] == duty


def test_buyers_have_all_kinds_of_reasons_where_that_is_habit() -> None:
    """Without it they have changed their minds."""
    shop = WebShop("month_old")
    while shop.come("deliver", 100):
        pass
    assert {one(shop, number)["faultByType"] for number in shop.come("return", 20)} == {"CUSTOMER"}
    shop.control("habits", {"mixed_reasons": True})
    rows = [one(shop, number) for number in shop.come("return", 40)]
    assert len(rows) >= 30
    assert {row["faultByType"] for row in rows} >= {"CUSTOMER", "VENDOR", "COUPANG", "WMS"}


@pytest.mark.parametrize(
    "body",
    [{"do": "return", "fault": "NOBODY"}, {"do": "cancel", "fault": "VENDOR"}, {"do": "return", "reason": 3}],
)
def test_wrong_reasons_are_told_the_right_ones(body: dict[str, Any]) -> None:
    """With the list; nothing is returned."""
    shop = WebShop()
    before = shop.state("return_requests", "receiptId")
    answer = shop.control("buyers", body)
    assert (answer.status, {"reason", "fault"} & {*said(answer)} != set()) == (400, True)
    assert shop.state("return_requests", "receiptId") == before


# --- collection and refunds in advance -------------------------------------------------------------------------------


def test_cheap_goods_are_refunded_when_they_are_collected() -> None:
    """The courier comes, the money goes back, Coupang completes it by itself; an approval has nothing to do."""
    shop = WebShop()
    number = returned(shop)
    shop.control("habits", {"collected_after": "1d", "fast_refunds": True, "approved_after": "3d"})
    shop.control("clock", {"advance": "1d"})
    row = one(shop, number)
    assert (row["receiptStatus"], row["preRefund"]) == ("RETURNS_UNCHECKED", True)
    assert row["returnDeliveryDtos"][0]["deliveryCompanyCode"] == "CJGLS"
    assert act(shop, "withdraw", number) == []
    told = approved(shop, number)
    assert (told.status, words(told)[1].startswith("There is no history")) == (400, True)
    shop.control("clock", {"advance": "3d"})
    row = one(shop, number)
    assert (row["receiptStatus"], row["completeConfirmType"]) == ("RETURNS_COMPLETED", "UNDEFINED")
    assert row["completeConfirmDate"].startswith("2026-03-07T09:30")


def test_goods_nobody_tracks_wait_for_the_seller() -> None:
    """An own parcel under no real number is not seen; the confirmation then refunds and completes at once."""
    shop = WebShop()
    number = returned(shop)
    shop.control("habits", {"collected_after": "1d", "fast_refunds": True})
    assert invoiced(shop, number, "DIRECT", "5").status == 200
    shop.control("clock", {"advance": "9d"})
    assert one(shop, number)["preRefund"] is False
    assert received(shop, number).status == 200
    assert one(shop, number)["receiptStatus"] == "RETURNS_COMPLETED"


def test_own_parcels_under_a_real_number_are_tracked() -> None:
    """As the integrated courier's; the number is the seller's."""
    shop = WebShop()
    number = returned(shop)
    shop.control("habits", {"collected_after": "1d", "fast_refunds": True})
    assert invoiced(shop, number, "CJGLS", "680405459999").status == 200
    shop.control("clock", {"advance": "1d"})
    row = one(shop, number)
    assert (row["preRefund"], [one["deliveryInvoiceNo"] for one in row["returnDeliveryDtos"]]) == (
        True,
        ["680405459999"],
    )


def test_dear_goods_are_refunded_when_the_seller_has_them() -> None:
    """From 100,000 won a piece on."""
    shop = WebShop()
    for box in shop.sim.world.rows("order_sheets").values():
        for line in box["orderItems"]:
            line["salesPrice"]["units"] = 100_000
    number = returned(shop)
    shop.control("habits", {"fast_refunds": True})
    assert act(shop, "collect", number) == [number]
    assert one(shop, number)["preRefund"] is False
    received(shop, number)
    assert one(shop, number)["receiptStatus"] == "VENDOR_WAREHOUSE_CONFIRM"


def test_buyers_withdraw_until_a_courier_has_the_goods() -> None:
    """Also after the seller registered a parcel for it."""
    shop = WebShop()
    first = returned(shop)
    invoiced(shop, first, "CJGLS", "680405459998")
    assert act(shop, "withdraw", first) == [first]
    assert shop.ask("GET", f"{RETURNS}/{first}").status == 400
    assert act(shop, "collect", ON_THE_WAY) == [ON_THE_WAY]
    assert act(shop, "withdraw", ON_THE_WAY) == []


# --- what others do --------------------------------------------------------------------------------------------------


def test_coupang_approves_what_was_received() -> None:
    """After the time it takes, in the seller's name; the seller may be quicker, or too late."""
    shop = WebShop()
    shop.control("habits", {"approved_after": "3d"})
    received(shop, ON_THE_WAY)
    shop.control("clock", {"advance": "71h"})
    assert one(shop, ON_THE_WAY)["receiptStatus"] == "VENDOR_WAREHOUSE_CONFIRM"
    shop.at += timedelta(hours=1)
    row = one(shop, ON_THE_WAY)
    assert (row["receiptStatus"], row["completeConfirmType"]) == ("RETURNS_COMPLETED", "VENDOR_CONFIRM")
    assert approved(shop, ON_THE_WAY).status == 400


def test_unanswered_stop_requests_are_taken_for_shipped() -> None:
    """The goods count as sent, the return goes on, and nothing is held back any more; an answer comes too late."""
    shop = WebShop()
    shop.control("habits", {"stops_answered_after": "14d"})
    shop.control("clock", {"advance": "14d"})
    row = one(shop, 400_000_101)
    assert (row["receiptStatus"], row["releaseStopStatus"]) == ("RETURNS_UNCHECKED", "자동처리(이미출고)")
    assert {item["releaseStatus"] for item in row["returnItems"]} == {"A"}
    assert shop.box(101)["orderItems"][0]["holdCountForCancel"] == 0
    assert shop.stop(400_000_101, 1).status == 400


@pytest.mark.parametrize(
    ("deed", "by"),
    [
        ("complete_in_wing", "VENDOR_CONFIRM"), ("complete_by_agent", "CS_CONFIRM"), ("write_off", "CS_LOSS_CONFIRM"),
    ],
)  # fmt: skip
def test_receipts_are_completed_on_the_other_side(deed: str, by: str) -> None:
    """By hand in Wing or by an agent, between the plan and the call: the call is refused."""
    shop = WebShop()
    for number in (ON_THE_WAY, 400_000_101):
        assert act(shop, deed, number) == [number]
        row = one(shop, number)
        assert (row["receiptStatus"], row["completeConfirmType"]) == ("RETURNS_COMPLETED", by)
    assert received(shop, ON_THE_WAY).status == 400
    assert shop.stop(400_000_101, 1).status == 400
    line = shop.box(101)["orderItems"][0]
    assert (line["holdCountForCancel"], line["cancelCount"]) == (0, 1)
    assert act(shop, deed, ON_THE_WAY) == []


def test_what_coupang_checks_is_in_a_list_of_its_own() -> None:
    """Asked for in Wing; nothing can be confirmed or approved meanwhile."""
    shop = WebShop()
    assert act(shop, "ask_coupang", ON_THE_WAY) == [ON_THE_WAY]
    rows = said(shop.ask("GET", RETURNS, f"{MONTH}&status=PR"))["data"]
    assert [row["receiptId"] for row in rows] == [ON_THE_WAY]
    assert (received(shop, ON_THE_WAY).status, approved(shop, ON_THE_WAY).status) == (400, 400)
    assert act(shop, "complete_by_agent", ON_THE_WAY) == [ON_THE_WAY]
