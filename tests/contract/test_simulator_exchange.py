"""Exchanges over HTTP: every move of their life once, every refusal without a trace, reads as documented."""

from __future__ import annotations

from typing import Any

import pytest
from simulator_support import OPEN, VENDOR, WRITES, Shop, WebShop, said, words

from runner.simulator import Response
from runner.simulator.behaviours.exchange import EMPTY
from runner.simulator.records import order_sheet

LIST = f"{WRITES}/exchangeRequests"
WEEK = "createdAtFrom=2026-02-25T00:00:00&createdAtTo=2026-03-03T23:59:59"
#: exchanges of the world `claims`
ASKED, ORDERED, COLLECTING, DELIVERING, ARRIVED, TWO_BOXES, TWO_ITEMS, BOXED, SENT, DONE, REJECTED, CANCELLED = range(
    101_006_001, 101_006_013
)
#: an exchange whose box shows the moment it is confirmed
AT_ONCE = 101_006_015
PARCEL = "680405450931"


@pytest.fixture
def shop() -> Shop:
    """Give that world as it is at the start."""
    return WebShop("claims")


def exchange(shop: Shop, number: int) -> dict[str, Any]:
    """Return an exchange as it is."""
    return shop.state("exchange_requests", "exchangeId")[number]


def confirm(shop: Shop, number: int, **change: Any) -> Response:
    """Confirm that the goods arrived."""
    body = {"exchangeId": number, "vendorId": VENDOR} | change
    return shop.ask("PATCH", f"{LIST}/{number}/receiveConfirmation", body=body)


def reject(shop: Shop, number: int, **change: Any) -> Response:
    """Reject an exchange."""
    body = {"exchangeId": number, "vendorId": VENDOR, "exchangeRejectCode": "SOLDOUT"} | change
    return shop.ask("PATCH", f"{LIST}/{number}/rejection", body=body)


def entry(number: int, box: int, **change: Any) -> dict[str, Any]:
    """Return an invoice of a box."""
    return {
        "exchangeId": number, "vendorId": VENDOR, "shipmentBoxId": box, "goodsDeliveryCode": "CJGLS",
        "invoiceNumber": PARCEL,
    } | change  # fmt: skip


def upload(shop: Shop, number: int, *entries: Any) -> Response:
    """Upload invoices of a replacement."""
    return shop.ask("POST", f"{LIST}/{number}/invoices", body=list(entries))


def boxes(shop: Shop, number: int) -> list[int]:
    """Return the boxes of a replacement."""
    return [one["shipmentBoxId"] for one in exchange(shop, number)["deliveryInvoiceGroupDtos"]]


def invoices(shop: Shop, number: int) -> list[dict[str, Any]]:
    """Return the invoices of a replacement."""
    groups = exchange(shop, number)["deliveryInvoiceGroupDtos"]
    return [one for box in groups for one in box["deliveryInvoiceDtos"]]


def progress(shop: Shop, number: int) -> tuple[str, str, str]:
    """Return how far an exchange is."""
    row = exchange(shop, number)
    return row["exchangeStatus"], row["collectStatus"], row["deliveryStatus"]


def flags(shop: Shop, number: int) -> tuple[bool, bool, bool]:
    """Return what is possible now: reject, upload, complete."""
    row = exchange(shop, number)
    return row["rejectable"], row["deliveryInvoiceModifiable"], row["successable"]


def failed(answer: Response) -> str:
    """Return the words of a failure that comes with HTTP 200."""
    body = said(answer)
    assert (answer.status, body["code"], body["data"]["resultCode"]) == (200, "200", "FAIL"), body
    text: str = body["data"]["resultMessage"]
    return text


# --- what is there ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "status", "collection", "possible"),
    [
        (ASKED, "RECEIPT", "BeforeDirection", (True, False, False)),
        (ORDERED, "PROGRESS", "CompleteDirection", (True, False, False)),
        (COLLECTING, "PROGRESS", "Collecting", (False, False, False)),
        (DELIVERING, "PROGRESS", "Delivering", (False, False, False)),
        (ARRIVED, "PROGRESS", "CompleteCollect", (False, False, False)),
        (BOXED, "PROGRESS", "CompleteCollect", (False, True, False)),
        (SENT, "PROGRESS", "CompleteCollect", (False, False, False)),
        (DONE, "SUCCESS", "CompleteCollect", (False, False, False)),
        (REJECTED, "REJECT", "BeforeDirection", (False, False, False)),
        (CANCELLED, "CANCEL", "Withdraw", (False, False, False)),
    ],
)
def test_the_world_has_exchanges_in_every_state(
    shop: Shop, number: int, status: str, collection: str, possible: tuple[bool, bool, bool]
) -> None:
    """With both words that Coupang has for goods under way, and the flags that say what is possible."""
    assert progress(shop, number)[:2] == (status, collection)
    assert flags(shop, number) == possible
    assert bool(exchange(shop, number)["collectCompleteDate"]) is (collection == "CompleteCollect")
    assert bool(boxes(shop, number)) is (number in (BOXED, SENT, DONE))


# --- the whole way ---------------------------------------------------------------------------------------------------


def test_an_exchange_from_its_request_to_its_end(shop: Shop) -> None:
    """Asked for, collected, confirmed, boxed, sent, brought: each step shows where it is documented."""
    _leave_one_box(shop)
    (number,) = shop.come("exchange")
    seen = [progress(shop, number)[:2]]
    for _ in range(3):
        assert shop.come("collect_exchange") == [number]
        seen.append(progress(shop, number)[:2])
    way = "Collecting" if number % 2 else "Delivering"
    assert seen == [
        ("RECEIPT", "BeforeDirection"), ("PROGRESS", "CompleteDirection"), ("PROGRESS", way),
        ("PROGRESS", "CompleteCollect"),
    ]  # fmt: skip
    assert shop.come("collect_exchange") == []
    assert confirm(shop, number).status == 200
    shop.control("clock", {"advance": "10m"})
    (box,) = boxes(shop, number)
    assert said(upload(shop, number, entry(number, box)))["data"]["resultCode"] == "SUCCESS"
    told = []
    while shop.come("deliver_exchange"):
        told.append((*progress(shop, number)[::2], invoices(shop, number)[0]["statusCode"]))
    assert told == [("PROGRESS", "Delivering", "DELIVERING"), ("SUCCESS", "CompleteDelivery", "FINAL_DELIVERY")]
    assert exchange(shop, number)["exchangeItemDtoV1s"][0]["targetItemDeliveryComplete"] is True
    assert flags(shop, number) == (False, False, False)
    assert shop.applied() == ["confirm_exchange_receipt", "upload_exchange_invoices"]


def _leave_one_box(shop: Shop) -> None:
    """Leave one delivered box in the shop and nothing else."""
    world = shop.sim.world
    for kind in ("exchange_requests", "return_requests", "order_sheets"):
        world.rows(kind).clear()
    order_sheet(
        world, 900_000_000_000_009_001, 300_009_001, [(70000001, 2)], status="FINAL_DELIVERY", ordered=world.now,
        left=world.now,
    )  # fmt: skip


def test_the_receiver_gets_another_number_when_the_goods_have_arrived(shop: Shop) -> None:
    """The first virtual number is for the collection."""
    before = exchange(shop, DELIVERING)["exchangeAddressDtoV1"]
    assert before["deliveryMobile"] == before["returnMobile"]
    while shop.come("collect_exchange", 10):
        pass
    after = exchange(shop, DELIVERING)["exchangeAddressDtoV1"]
    assert after["returnMobile"] == before["returnMobile"] != after["deliveryMobile"]


# --- goods confirmed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "minutes"), [(ARRIVED, 9), (TWO_ITEMS, 5), (AT_ONCE, 0)])
def test_the_box_shows_some_minutes_after_the_confirmation(shop: Shop, number: int, minutes: int) -> None:
    """Not before, at most ten minutes later; the answer has no data, and the box is a new one."""
    answer = confirm(shop, number)
    assert (answer.status, said(answer)) == (200, {"code": "200", "message": "SUCCESS"})
    if minutes:
        shop.control("clock", {"advance": f"{60 * minutes - 1}s"})
        assert (boxes(shop, number), flags(shop, number)) == ([], (False, False, False))
        shop.control("clock", {"advance": "1s"})
    row = exchange(shop, number)
    (box,), (invoice,) = row["deliveryInvoiceGroupDtos"], invoices(shop, number)
    assert (len(str(box["shipmentBoxId"])), box["shippingDeliveryType"]) == (18, "EXCHANGE_DELIVERY")
    assert box["shipmentBoxId"] not in [one["originalShipmentBoxId"] for one in row["exchangeItemDtoV1s"]]
    assert (invoice["statusCode"], invoice["invoiceNumber"], invoice["deliverCode"]) == ("INSTRUCT", None, None)
    assert flags(shop, number) == (False, True, False)


def test_items_of_two_boxes_go_in_two_boxes(shop: Shop) -> None:
    """Invoices of both can come together, or one after the other."""
    confirm(shop, TWO_BOXES)
    shop.control("clock", {"advance": "10m"})
    first, second = boxes(shop, TWO_BOXES)
    assert said(upload(shop, TWO_BOXES, entry(TWO_BOXES, first)))["data"]["resultCode"] == "SUCCESS"
    assert flags(shop, TWO_BOXES) == (False, True, False)
    assert progress(shop, TWO_BOXES)[2] == "BeforeDirection"
    assert failed(upload(shop, TWO_BOXES, entry(TWO_BOXES, first), entry(TWO_BOXES, second)))
    assert said(upload(shop, TWO_BOXES, entry(TWO_BOXES, second, invoiceNumber="680405450932")))["data"]
    assert flags(shop, TWO_BOXES) == (False, False, False)
    assert progress(shop, TWO_BOXES)[2] == "CompleteDirection"


def test_two_boxes_are_taken_in_one_call_with_ids_in_quotes(shop: Shop) -> None:
    """As the older documented sample sends them."""
    confirm(shop, TWO_BOXES)
    shop.control("clock", {"advance": "10m"})
    entries = [
        entry(TWO_BOXES, box) | {"exchangeId": str(TWO_BOXES), "shipmentBoxId": str(box)}
        for box in boxes(shop, TWO_BOXES)
    ]
    assert said(upload(shop, TWO_BOXES, *entries))["data"]["resultCode"] == "SUCCESS"
    assert {one["invoiceNumber"] for one in invoices(shop, TWO_BOXES)} == {PARCEL}


@pytest.mark.parametrize(
    "number", [ASKED, ORDERED, COLLECTING, BOXED, SENT, DONE, REJECTED, CANCELLED, 5, "x", "9" * 20]
)
def test_only_goods_that_arrived_are_confirmed(shop: Shop, number: Any) -> None:
    """Not on their way, not twice, not after the end, no unknown number."""
    status, text = words(confirm(shop, number))
    assert (status, bool(text), shop.applied()) == (400, True, [])


def test_goods_are_confirmed_once(shop: Shop) -> None:
    """Also while the box does not show yet."""
    assert [confirm(shop, ARRIVED).status for _ in range(2)] == [200, 400]
    shop.control("clock", {"advance": "1h"})
    assert confirm(shop, ARRIVED).status == 400
    assert len(boxes(shop, ARRIVED)) == 1


@pytest.mark.parametrize("change", [{"vendorId": "A00099999"}, {"exchangeId": ARRIVED + 1}])
def test_path_and_body_name_the_same_exchange(shop: Shop, change: dict[str, Any]) -> None:
    """Confirmed or rejected, neither happens."""
    assert confirm(shop, ARRIVED, **change).status == reject(shop, ASKED, **change).status == 400
    assert shop.applied() == []


# --- rejected --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [ASKED, ORDERED])
@pytest.mark.parametrize("code", ["SOLDOUT", "WITHDRAW"])
def test_an_exchange_is_rejected_before_its_goods_move(shop: Shop, number: int, code: str) -> None:
    """Once; nothing is possible afterwards."""
    answer = said(reject(shop, number, exchangeRejectCode=code))
    assert answer == {
        "code": "200", "message": "SUCCESS", "data": {"resultCode": "SUCCESS", "resultMessage": "요청 처리완료"},
    }  # fmt: skip
    assert (progress(shop, number)[0], flags(shop, number)) == ("REJECT", (False, False, False))
    assert failed(reject(shop, number, exchangeRejectCode=code))
    assert shop.applied() == ["reject_exchange"]


@pytest.mark.parametrize("number", [COLLECTING, ARRIVED, BOXED, SENT, DONE, REJECTED, CANCELLED, 5])
def test_other_exchanges_are_not_rejected(shop: Shop, number: int) -> None:
    """The answer is HTTP 200 and says FAIL."""
    before = shop.state("exchange_requests", "exchangeId")
    assert failed(reject(shop, number))
    assert (shop.state("exchange_requests", "exchangeId"), shop.applied()) == (before, [])


@pytest.mark.parametrize("code", ["EXPENSIVE", "", None, 1])
def test_there_are_two_reasons_to_reject(shop: Shop, code: Any) -> None:
    """Any other is a wrong request."""
    assert (reject(shop, ASKED, exchangeRejectCode=code).status, shop.applied()) == (400, [])


# --- sent ------------------------------------------------------------------------------------------------------------


def test_an_invoice_sends_the_box(shop: Shop) -> None:
    """It stands in the box, with the time; no second one is taken."""
    (box,) = boxes(shop, BOXED)
    answer = said(upload(shop, BOXED, entry(BOXED, box)))
    assert answer["data"] == {"resultCode": "SUCCESS", "resultMessage": "Invoice number save successfully"}
    (invoice,) = invoices(shop, BOXED)
    assert (invoice["invoiceNumber"], invoice["deliverCode"], invoice["statusCode"]) == (PARCEL, "CJGLS", "DEPARTURE")
    assert invoice["invoiceNumberUploadDate"] == "2026-03-03T09:30:00"
    assert progress(shop, BOXED) == ("PROGRESS", "CompleteCollect", "CompleteDirection")
    assert flags(shop, BOXED) == (False, False, False)
    assert failed(upload(shop, BOXED, entry(BOXED, box, invoiceNumber="680405450932")))
    assert invoices(shop, BOXED) == [invoice]


def test_own_delivery_is_not_tracked(shop: Shop) -> None:
    """Nobody knows when it ends: the seller may complete it."""
    (box,) = boxes(shop, BOXED)
    upload(shop, BOXED, entry(BOXED, box, goodsDeliveryCode="DIRECT", invoiceNumber="7"))
    assert invoices(shop, BOXED)[0]["statusCode"] == "NONE_TRACKING"
    assert (progress(shop, BOXED)[2], flags(shop, BOXED)) == ("VendorDirect", (False, False, True))
    assert BOXED not in shop.come("deliver_exchange", 5)


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (BOXED, {"shipmentBoxId": 900_000_000_000_006_008}),
        (BOXED, {"goodsDeliveryCode": "PIGEON"}),
        (BOXED, {"invoiceNumber": "1"}),
        (ARRIVED, {}),
        (SENT, {"shipmentBoxId": 900_000_000_000_500_002}),
        (DONE, {"shipmentBoxId": 900_000_000_000_500_003}),
        (CANCELLED, {}),
        (5, {}),
    ],
)
def test_what_cannot_be_sent_fails_inside_a_success(shop: Shop, number: int, change: dict[str, Any]) -> None:
    """The box of the order, no such courier, no invoice of his, no box yet, sent already, over, unknown."""
    before = shop.state("exchange_requests", "exchangeId")
    assert failed(upload(shop, number, entry(number, 900_000_000_000_500_001, **change)))
    assert (shop.state("exchange_requests", "exchangeId"), shop.applied()) == (before, [])


@pytest.mark.parametrize("name", ["exchangeId", "vendorId", "shipmentBoxId", "goodsDeliveryCode", "invoiceNumber"])
@pytest.mark.parametrize("value", [None, "", {}])
def test_every_field_of_an_invoice_is_needed(shop: Shop, name: str, value: Any) -> None:
    """Left out, empty, or something else: the documented words."""
    (box,) = boxes(shop, BOXED)
    answer = upload(shop, BOXED, entry(BOXED, box, **{name: value}))
    assert (words(answer), shop.applied()) == ((400, EMPTY), [])


@pytest.mark.parametrize("body", [{}, {"exchangeInvoices": []}, [], ["x"], [[]], None, 5])
def test_invoices_come_as_a_list(shop: Shop, body: Any) -> None:
    """A bare one, with something in it."""
    answer = shop.ask("POST", f"{LIST}/{BOXED}/invoices", body=body)
    assert (words(answer), shop.applied()) == ((400, EMPTY), [])


@pytest.mark.parametrize("change", [{"vendorId": "A00099999"}, {"exchangeId": ARRIVED}])
def test_each_invoice_is_of_the_exchange_in_the_path(shop: Shop, change: dict[str, Any]) -> None:
    """Of this seller and of this exchange."""
    (box,) = boxes(shop, BOXED)
    assert (upload(shop, BOXED, entry(BOXED, box, **change)).status, shop.applied()) == (400, [])


def test_one_box_is_sent_once_in_a_call(shop: Shop) -> None:
    """Two numbers for one box: neither is taken."""
    (box,) = boxes(shop, BOXED)
    assert failed(upload(shop, BOXED, entry(BOXED, box), entry(BOXED, box)))


# --- withdrawn -------------------------------------------------------------------------------------------------------


def test_buyers_withdraw_until_the_replacement_leaves(shop: Shop) -> None:
    """All open ones at last, but not those that were sent or are over."""
    before = {number: one["exchangeStatus"] for number, one in shop.state("exchange_requests", "exchangeId").items()}
    taken = shop.come("withdraw_exchange", 50)
    opened = {number for number, status in before.items() if status in ("RECEIPT", "PROGRESS")}
    assert set(taken) == opened - {SENT}
    for number in taken:
        assert progress(shop, number) == ("CANCEL", "Withdraw", "Withdraw")
        assert flags(shop, number) == (False, False, False)
        assert exchange(shop, number)["cancelReason"]


def test_a_box_does_not_show_after_a_withdrawal(shop: Shop) -> None:
    """The goods were confirmed, and then nobody wanted a replacement; one that shows takes no invoice."""
    confirm(shop, ARRIVED)
    shop.come("withdraw_exchange", 50)
    shop.control("clock", {"advance": "1h"})
    assert boxes(shop, ARRIVED) == []
    (box,) = boxes(shop, BOXED)
    assert failed(upload(shop, BOXED, entry(BOXED, box)))
    held = exchange(shop, BOXED)["collectInformationsDto"]["returndeliveryItemDtos"][0]
    assert held["statusCode"] == "CHANGE_SEND_HOLD"


def test_a_box_is_sent_back_or_exchanged_but_not_both(shop: Shop) -> None:
    """Whoever asked once does not ask again."""
    shop.come("exchange", 500)
    shop.come("return", 500)
    exchanged = [
        item["originalShipmentBoxId"]
        for one in shop.state("exchange_requests", "exchangeId").values()
        for item in {item["originalShipmentBoxId"]: item for item in one["exchangeItemDtoV1s"]}.values()
    ]
    returned = [
        item["shipmentBoxId"]
        for one in shop.state("return_requests", "receiptId").values()
        for item in one["returnItems"]
    ]
    assert len(exchanged) == len({*exchanged})
    assert not {*exchanged} & {*returned}


# --- collected by the seller -----------------------------------------------------------------------------------------


def test_the_seller_may_collect_an_exchange_himself(shop: Shop) -> None:
    """With the call for returns, while no courier was sent."""
    body = {
        "returnExchangeDeliveryType": "EXCHANGE", "receiptId": ASKED, "deliveryCompanyCode": "HANJIN",
        "invoiceNumber": "5501",
    }  # fmt: skip
    path = f"{WRITES}/return-exchange-invoices/manual"
    assert said(shop.ask("POST", path, body=body))["data"]["receiptId"] == ASKED
    assert progress(shop, ASKED)[:2] == ("PROGRESS", "CompleteDirection")
    (parcel,) = exchange(shop, ASKED)["returnDeliveryDtos"]
    assert parcel == {"deliveryCompanyCode": "HANJIN", "deliveryInvoiceNo": "5501"}
    for number in (ASKED, ARRIVED, REJECTED, 5):
        assert shop.ask("POST", path, body=body | {"receiptId": number}).status == 400
    assert shop.applied() == ["register_collection_invoice"]


# --- read ------------------------------------------------------------------------------------------------------------


def listed(shop: Shop, query: str) -> list[int]:
    """Return the numbers of a list."""
    return [one["exchangeId"] for one in shop.data(LIST, query)]


def test_exchanges_are_found_by_state_order_and_window(shop: Shop) -> None:
    """Both ends of the window count, to the second."""
    assert set(listed(shop, f"{WEEK}&maxPerPage=50")) == {*range(ASKED, SENT + 1), AT_ONCE}
    assert listed(shop, f"{WEEK}&status=RECEIPT") == [ASKED]
    assert listed(shop, f"{WEEK}&orderId=300006007") == [TWO_ITEMS]
    asked = exchange(shop, ASKED)["createdAt"]
    assert asked == "2026-03-03T02:30:00"
    for first, last, found in (
        (asked, asked, [ASKED]),
        ("2026-03-03T02:29:00", "2026-03-03T02:29:59", []),
        ("2026-03-03T02:30:01", "2026-03-03T02:31:00", []),
    ):
        assert listed(shop, f"createdAtFrom={first}&createdAtTo={last}") == found


def test_a_time_in_the_middle_of_a_minute_is_not_found_by_its_beginning(shop: Shop) -> None:
    """A window that ends at a full minute ends there, not with its last second."""
    shop.sim.world.rows("exchange_requests")[ASKED]["createdAt"] = "2026-03-03T02:30:30"
    window = "createdAtFrom=2026-03-03T02:00:00&createdAtTo=2026-03-03T02:30:"
    assert (listed(shop, f"{window}00"), listed(shop, f"{window}30")) == ([], [ASKED])


def test_exchanges_come_ten_at_a_time(shop: Shop) -> None:
    """With a token that is empty at the end; the answer is the envelope of v4."""
    answer = said(shop.ask("GET", LIST, WEEK.replace("02-25", "02-26")))
    assert {name: answer[name] for name in ("code", "message", "nextToken")} == {
        "code": 200, "message": "OK", "nextToken": "",
    }  # fmt: skip
    shop.come("exchange", 12)
    seen, token = [], "&"
    while token:
        page = said(shop.ask("GET", LIST, f"{WEEK}{token.rstrip('&')}"))
        assert len(page["data"]) <= 10
        seen += [one["exchangeId"] for one in page["data"]]
        token = page["nextToken"] and f"&nextToken={page['nextToken']}"
    assert len(seen) == len({*seen}) == 22


def test_times_and_money_are_those_of_v4(shop: Shop) -> None:
    """Naive Korean seconds, plain won, local phone numbers, and the documented slip of the pen."""
    row = next(one for one in shop.data(LIST, f"{WEEK}&orderId=300006005"))
    assert row["createdAt"] == "2026-02-28T09:30:00"
    assert isinstance(row["exchangeItemDtoV1s"][0]["orderItemUnitPrice"], int)
    assert row["exchangeAddressDtoV1"]["returnMobile"].startswith("0503-")
    collected = row["collectInformationsDto"]["returndeliveryItemDtos"][0]
    assert (collected["moodifiedAt"], collected["statusCode"]) == (row["collectCompleteDate"], "RETURN_COLLECT_OK")
    assert "modifiedAt" not in collected
    labels = {name: one for name, one in row.items() if name.endswith("Label")}
    codes = {**row, "orderDeliveryStatus": row["orderDeliveryStatusCode"]}
    assert labels == {name: codes[name.removesuffix("Label")] for name in labels}
    assert len(labels) == 6


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("createdAtFrom=2026-02-24T00:00:00&createdAtTo=2026-03-03T00:00:01",
         "createdAtTo - createdAtFrom should less then 7day"),
        ("createdAtFrom=2026-03-03T00:00:01&createdAtTo=2026-03-03T00:00:00",
         "createdAtTo - createdAtFrom should less then 7day"),
        ("createdAtFrom=2026-03-03&createdAtTo=2026-03-03", ""),
        ("createdAtFrom=2026-03-03T00:00:00", ""),
        (f"{WEEK}&status=LOST", ""),
        (f"{WEEK}&nextToken=x", "nextToken is invalid"),
        (f"{WEEK}&maxPerPage=0", ""),
    ],
)  # fmt: skip
def test_lists_that_are_asked_for_wrongly(shop: Shop, query: str, text: str) -> None:
    """Too long, backwards, days, half a window, no such state, no such page."""
    status, told = words(shop.ask("GET", LIST, query))
    assert (status, bool(told)) == (400, True)
    assert not text or told == text


def test_another_seller_has_no_exchanges_here(shop: Shop) -> None:
    """His number in the path is refused."""
    assert shop.ask("GET", f"{OPEN}/v4/vendors/A00099999/exchangeRequests", WEEK).status == 400


# --- faults ----------------------------------------------------------------------------------------------------------


def test_a_lost_answer_leaves_the_exchange_confirmed(shop: Shop) -> None:
    """As with every write: what was asked was applied."""
    shop.order("confirm_exchange_receipt", "error_500_applied")
    assert confirm(shop, AT_ONCE).status == 500
    assert len(boxes(shop, AT_ONCE)) == 1
