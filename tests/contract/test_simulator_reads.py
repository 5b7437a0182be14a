"""What the simulator shows: the demo world record by record, both generations of the API, windows and pages."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from typing import Any

import pytest
from simulator_support import (
    COUPONS,
    FMS,
    MONTH,
    OPEN,
    PRODUCTS,
    RETURNS,
    SHEET_MONTH,
    SHEETS,
    VENDOR,
    Shop,
    said,
    words,
)

from runner.catalogue import Operation, load
from runner.simulator.worlds import BOX

STOP = "RELEASE_STOP_UNCHECKED"
CALLS = f"{OPEN}/v5/vendors/{VENDOR}/callCenterInquiries"
CALL_WEEK = f"vendorId={VENDOR}&inquiryStartAt=2026-02-20&inquiryEndAt=2026-02-26&partnerCounselingStatus=NONE"


# --- the demo world ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "status", "kind", "released", "boxes", "count"),
    [
        (101, STOP, "RETURN", "N", {101}, 1),
        (102, STOP, "RETURN", "N", {102}, 3),
        (103, STOP, "RETURN", "N", {103}, 1),
        (104, STOP, "RETURN", "N", {104}, 1),
        (105, STOP, "RETURN", "N", {105, 115}, 2),
        (106, STOP, "RETURN", None, {106}, 1),
        (107, "RETURNS_UNCHECKED", "RETURN", "Y", {107}, 1),
        (108, "RETURNS_COMPLETED", "RETURN", "Y", {108}, 1),
        (109, "RETURNS_COMPLETED", "CANCEL", "N", {109}, 1),
        (110, STOP, "RETURN", "N", {110}, 1),
    ],
)
def test_receipts_of_the_demo_world(
    number: int, status: str, kind: str, released: str | None, boxes: set[int], count: int
) -> None:
    """Each receipt is there for a rule to act on, leave alone or be in doubt about."""
    row = Shop().receipt(400_000_000 + number)
    assert (row["receiptStatus"], row["receiptType"], row["cancelCountSum"]) == (status, kind, count)
    assert row["orderId"] == 300_000_000 + number
    assert {item["releaseStatus"] for item in row["returnItems"]} == {released}
    assert {item["shipmentBoxId"] - BOX for item in row["returnItems"]} == boxes


@pytest.mark.parametrize(
    ("number", "status", "days"),
    [
        (101, "INSTRUCT", None),
        (201, "DEPARTURE", 41),
        (202, "DELIVERING", 36),
        (203, "DEPARTURE", 25),
        (204, "DEPARTURE", 41),
        (205, "DEPARTURE", 41),
        (206, "DELIVERING", None),
        (207, "NONE_TRACKING", 50),
        (208, "FINAL_DELIVERY", 45),
        (209, "DEPARTURE", 40),
    ],
)
def test_boxes_of_the_demo_world(number: int, status: str, days: int | None) -> None:
    """Each box left when the table says so, with an invoice where it left."""
    shop = Shop()
    row = shop.data(f"{SHEETS}/{BOX + number}")
    left = None if days is None else (shop.sim.world.now - timedelta(days=days)).isoformat(timespec="microseconds")
    assert (row["status"], row["inTrasitDateTime"]) == (status, left)
    assert bool(row["invoiceNumber"]) is (status != "INSTRUCT")


def test_what_keeps_two_old_boxes_from_being_completed() -> None:
    """One has an inquiry at the call centre, the other an open return."""
    shop = Shop()
    assert [one["orderId"] for one in said(shop.control("state"))["call_center_inquiries"]] == [300_000_204]
    assert shop.receipt(400_000_205)["returnItems"][0]["shipmentBoxId"] == BOX + 205


def test_options_of_the_demo_world() -> None:
    """One is not on sale, one has no number yet, the others can be bought."""
    options = Shop().state("item_inventories", "vendorItemId")
    assert set(options) == set(range(70000001, 70000007))
    assert [number for number, row in options.items() if not row["onSale"]] == [70000004]
    assert all(row["amountInStock"] > 0 for row in options.values())
    product = Shop().data(f"{PRODUCTS}/seller-products/30100005")
    assert [item["vendorItemId"] for item in product["items"]] == [None]


def test_contracts_of_the_demo_world() -> None:
    """The free contract that works and the one that ended."""
    contracts = Shop().data(f"{FMS}/v2/vendors/{VENDOR}/contract/list")["content"]
    assert {one["contractId"]: one["end"][:4] for one in contracts} == {9962: "2999", 9001: "2018"}


# --- generations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rest", ["ordersheets/900000000000000201", "300000201/ordersheets"])
def test_order_sheets_in_both_generations(rest: str) -> None:
    """v5 has money objects, offsets and +82; v4 plain won, naive Korean time and local phones: the same data."""
    shop = Shop()
    new, old = (shop.data(f"{OPEN}/{version}/vendors/{VENDOR}/{rest}") for version in ("v5", "v4"))
    new, old = (one[0] if isinstance(one, list) else one for one in (new, old))
    assert (new["shippingPrice"], old["shippingPrice"]) == ({"currencyCode": "KRW", "units": 2500, "nanos": 0}, 2500)
    assert old["orderItems"][0]["salesPrice"] == new["orderItems"][0]["salesPrice"]["units"] == 9900
    assert (new["orderedAt"], old["orderedAt"]) == ("2026-01-19T09:30:00.000000+09:00", "2026-01-19T09:30:00")
    assert new["receiver"]["safeNumber"] == old["receiver"]["safeNumber"].replace("0503-", "+82(0503)")


def test_lists_of_order_sheets_in_both_generations() -> None:
    """Each generation has its own form of days; the rows are the same."""
    shop = Shop()
    new = shop.data(SHEETS, f"{SHEET_MONTH}&status=NONE_TRACKING")
    old = shop.data(SHEETS.replace("/v5/", "/v4/"), f"{MONTH}&status=NONE_TRACKING")
    assert [row["shipmentBoxId"] for row in new] == [row["shipmentBoxId"] for row in old]
    assert shop.ask("GET", SHEETS, f"{MONTH}&status=DEPARTURE").status == 400


def test_single_returns_come_in_an_array_in_both_generations() -> None:
    """As documented: one receipt is a list with one entry."""
    shop = Shop()
    (new,), (old,) = shop.data(f"{RETURNS}/400000102"), shop.data(f"{RETURNS.replace('v6', 'v4')}/400000102")
    assert (new["returnShippingCharge"]["units"], old["returnShippingCharge"]) == (-3000, -3000)
    assert (len(new["createdAt"]), len(old["createdAt"])) == (32, 19)


def test_call_centre_inquiries_in_both_generations() -> None:
    """Times with an offset, or naive Korean ones with a blank."""
    shop = Shop()
    query = f"vendorId={VENDOR}&inquiryStartAt=2026-02-20&inquiryEndAt=2026-02-25&partnerCounselingStatus=ANSWER"
    (new,), (old,) = (
        shop.data(f"{OPEN}/{version}/vendors/{VENDOR}/callCenterInquiries", query)["content"]
        for version in ("v5", "v4")
    )
    assert (new["inquiryAt"], old["inquiryAt"]) == ("2026-02-21T09:30:00.000000+09:00", "2026-02-21 09:30:00")
    assert old["replies"][0]["replyAt"] == "2026-02-21 09:30:00"
    assert old["buyerPhone"].startswith("0503-")


# --- windows -------------------------------------------------------------------------------------------------------

#: payouts are asked for by month: their window has one end only
WINDOWED = [
    one for one in load().operations.values() if one.effect == "read" and one.window and not one.window.same_month
]
_FORMS = {"day": "%Y-%m-%d", "day_offset": "%Y-%m-%d%%2B09:00", "minute_offset": "%Y-%m-%dT%H:%M%%2B09:00"}
_FORMS |= dict.fromkeys(("kst_second", "day_start", "day_end"), "%Y-%m-%dT%H:%M:%S")
_FORMS |= {"day_compact": "%Y%m%d"}


def window(op: Operation, length: timedelta) -> tuple[str, str]:
    """Return the path and the query of a read over a window that starts at midnight."""
    query = []
    start = Shop().at.replace(day=1, hour=0, minute=0)
    if op.window and op.window.behind:
        start = start.replace(month=start.month - 1)
    for name, one in op.parameters.items():
        if one.owner in ("window_from", "window_to"):
            end = start + (length if one.owner == "window_to" else timedelta())
            query.append(f"{name}={end.strftime(_FORMS[one.format or ''])}")
        elif one.owner == "vendor" and one.place == "query":
            query.append(f"{name}={VENDOR}")
        elif one.owner == "page" and one.required:
            query.append(f"{name}=")
        elif one.owner == "fixed" and one.value:
            query.append(f"{name}={one.value}")
        elif one.required and one.enum:
            query.append(f"{name}={next(iter(load().enum(op.workflow, one.enum)))}")
    if op.name == "return_requests":
        query.append("status=RU")
    return op.path.replace("{vendorId}", VENDOR).replace("{vendor}", VENDOR), "&".join(query)


#: in days, or minutes; thirty days of revenue were refused although 31 are documented
LONGEST = {
    "product_inquiries": 7, "call_center_inquiries": 7, "exchange_requests": 7, "products_by_time_frame": 10,
    "return_requests": 31, "cancel_requests": 31, "return_withdrawals": 6, "rocket_growth_orders": 30,
    "revenue_histories": 29, "order_sheets": 31, "order_sheets_by_minute": 1439,
}  # fmt: skip


@pytest.mark.parametrize("op", WINDOWED, ids=lambda one: one.name)
def test_windows_end_where_documented(op: Operation) -> None:
    """The ends may lie as far apart as documented, a day less where both are counted. Backwards is refused too."""
    assert op.window is not None
    unit = timedelta(days=1) if op.window.days else timedelta(minutes=1)
    limit = LONGEST[op.name]
    shop = Shop()
    assert shop.ask("GET", *window(op, limit * unit)).status == 200
    assert shop.ask("GET", *window(op, (limit + 1) * unit)).status == 400
    assert shop.ask("GET", *window(op, -unit)).status == 400


def test_both_ends_of_a_window_count() -> None:
    """A day until its last moment, a minute until its last second."""
    shop = Shop()
    minute = f"{SHEETS}", "searchType=timeFrame&status=DEPARTURE&createdAtFrom={0}%2B09:00&createdAtTo={0}%2B09:00"
    day = f"{SHEETS}", "status=DEPARTURE&createdAtFrom={0}%2B09:00&createdAtTo={0}%2B09:00"
    box = shop.box(1001 + 1)
    assert box["orderedAt"].startswith("2026-03-01T08:30")
    for path, query in (minute, day):
        asked = query.format(box["orderedAt"][:16] if "time" in query else box["orderedAt"][:10])
        assert box["shipmentBoxId"] in [row["shipmentBoxId"] for row in shop.data(path, asked)]
    nearby = minute[1].format("2026-03-01T08:29")
    assert box["shipmentBoxId"] not in [row["shipmentBoxId"] for row in shop.data(SHEETS, nearby)]


# --- pages ---------------------------------------------------------------------------------------------------------


def test_pages_by_number_hold_every_row_once() -> None:
    """The call centre counts from 1, coupon items from 0; both say how many pages there are."""
    shop = Shop("overstocked")
    added = shop.finished(shop.add(500_101, *range(72000001, 72000013)))
    assert added["succeeded"] == 10
    seen: list[int] = []
    for number in range(3):
        content = shop.data(f"{COUPONS}/500101/items", f"status=APPLIED&page={number}&size=4")
        assert content["pagination"] == {
            "currentPage": number, "countPerPage": 4, "totalPages": 3, "totalElements": 11,
        }  # fmt: skip
        seen += [row["vendorItemId"] for row in content["content"]]
    assert len(seen) == len(set(seen)) == 11
    assert shop.data(f"{COUPONS}/500101/items", "status=APPLIED&page=3&size=4")["content"] == []
    assert shop.ask("GET", f"{COUPONS}/500101/items", "status=APPLIED&page=-1").status == 400


def test_pages_by_number_that_is_a_text() -> None:
    """Withdrawals name the next page as a text that is empty at the end."""
    shop = Shop("claims")
    taken = shop.come("withdraw", 5)
    path, seen, page = f"{OPEN}/v4/vendors/{VENDOR}/returnWithdrawRequests", [], "1"
    while page:
        answer = said(shop.ask("GET", path, f"dateFrom=2026-03-01&dateTo=2026-03-03&pageIndex={page}&sizePerPage=2"))
        seen += [row["cancelId"] for row in answer["data"]]
        page = answer["nextPageIndex"]
    assert seen == taken
    for wrong in ("x", "0", "-1"):
        assert shop.ask("GET", path, f"dateFrom=2026-03-01&dateTo=2026-03-03&pageIndex={wrong}").status == 400


@pytest.mark.parametrize(
    "opened",
    [b"no JSON", b'{"o":-1}', b'{"o":1e999}', b'{"o":"5"}', b'{"p":5}', b"[" * 5000, b"\xff\xfe"],
)
def test_tokens_of_somebody_else_are_refused(opened: bytes) -> None:
    """A token is opaque, and only one the marketplace made itself opens a page."""
    token = base64.urlsafe_b64encode(opened).decode().rstrip("=")
    answer = Shop().ask("GET", SHEETS, f"{SHEET_MONTH}&status=DEPARTURE&nextToken={token}")
    assert words(answer) == (400, "nextToken is invalid")


def test_products_have_short_tokens() -> None:
    """Their first token is 1, the last one empty."""
    shop, token, seen = Shop(), "1", []
    while token:
        page = said(shop.ask("GET", f"{PRODUCTS}/seller-products", f"vendorId={VENDOR}&maxPerPage=2&nextToken={token}"))
        seen += [row["sellerProductId"] for row in page["data"]]
        token = page["nextToken"]
    assert seen == [30100001 + n for n in range(5)]


# --- what is asked for -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (RETURNS, f"{MONTH}&status=XX"),
        (SHEETS, f"{SHEET_MONTH}&status=LOST"),
        (f"{FMS}/v2/vendors/{VENDOR}/coupons", "status=EVERY"),
        (CALLS, CALL_WEEK.replace("NONE", "SOME")),
        (CALLS, CALL_WEEK.replace(VENDOR, "A00099999")),
        (f"{PRODUCTS}/seller-products", f"vendorId={VENDOR}&status=NEW"),
        (f"{SHEETS}/12x", ""),
        (f"{SHEETS}/99999999999999999999", ""),
        (f"{COUPONS}/500001/items/1", ""),
        (f"{COUPONS}/500001/items/1", "type=couponId"),
    ],
)
def test_values_that_nobody_knows_are_refused(path: str, query: str) -> None:
    """A status that does not exist, another vendor, a number that is none, a fixed word that is left out."""
    assert Shop().ask("GET", path, query).status == 400


@pytest.mark.parametrize(
    "path",
    [
        f"{SHEETS}/900000000000999999",
        f"{OPEN}/v5/vendors/{VENDOR}/399999999/ordersheets",
        f"{RETURNS}/499999999",
        f"{PRODUCTS}/seller-products/1",
        f"{PRODUCTS}/vendor-items/1/inventories",
        f"{FMS}/v1/vendors/{VENDOR}/requested/1",
    ],
)
def test_records_that_are_not_there_are_refused(path: str) -> None:
    """400 in the marketplace's words, not an empty answer."""
    status, text = words(Shop().ask("GET", path))
    assert (status, bool(text)) == (400, True)


def test_stop_requests_are_listed_as_returns_too() -> None:
    """UC holds what RU holds; cancels have a list of their own."""
    shop = Shop()
    lists = {
        status: {row["receiptId"] for row in shop.data(RETURNS, f"{MONTH}&status={status}")} for status in ("RU", "UC")
    }
    assert lists["RU"] < lists["UC"]
    cancels = shop.data(RETURNS, f"{MONTH}&cancelType=CANCEL")
    assert [row["receiptId"] for row in cancels] == [400_000_109]


def test_answers_follow_the_world() -> None:
    """The same question again is answered anew once something changed: by a write, by a buyer, by time."""
    shop = Shop()
    waiting = (RETURNS, f"{MONTH}&status=RU")
    assert len(shop.data(*waiting)) == 7
    shop.stop(400_000_101, 1)
    assert len(shop.data(*waiting)) == 6
    shop.come("withdraw", 6)
    assert len(shop.data(*waiting)) < 6
    standing = (f"{FMS}/v2/vendors/{VENDOR}/coupons", "status=STANDBY")
    shop.coupon()
    assert shop.data(*standing)["content"] == []
    shop.at += timedelta(seconds=2)
    assert len(shop.data(*standing)["content"]) == 1


def test_products_are_found_by_what_is_asked() -> None:
    """By a part of the name, by status, by the day they were made."""
    shop = Shop()

    def found(query: str) -> list[Any]:
        return [
            row["sellerProductId"] for row in shop.data(f"{PRODUCTS}/seller-products", f"vendorId={VENDOR}&{query}")
        ]

    assert found("sellerProductName=%ED%85%80%EB%B8%94%EB%9F%AC") == [30100002]
    assert found("status=APPROVING") == [30100005]
    made = date(2026, 3, 3) - timedelta(days=200)
    assert len(found(f"createdAt={made}")) == 5
    assert found("createdAt=2026-03-03") == []
