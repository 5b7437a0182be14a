"""Every read in its documented shape: all fields, their types, their values, in both generations of the API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from simulator_support import FMS, OPEN, PRODUCTS, RETURNS, SHEET_MONTH, SHEETS, VENDOR, Shop, said

from runner.catalogue import Field, Operation, load
from runner.simulator.reads import source_of
from runner.simulator.worlds import BOX

CATALOGUE = load()
READS = sorted(
    name for name, op in CATALOGUE.operations.items() if op.effect == "read" and op.fields and not op.response.document
)
#: in a documented sample this is a text, in its table a boolean
TEXTS = {"wowExclusive"}
#: what reads are asked that work their rows out
ASKED: Mapping[str, Any] = {
    "categories": {}, "category": {"displayCategoryCode": 0}, "category_validity": {"displayCategoryCode": 77413},
    "category_meta": {"displayCategoryCode": 58811}, "predicted_category": {"productName": "블루투스 이어폰"},
    "rocket_growth_categories": {"registrationType": "RFM"},
    "rocket_growth_category_meta": {"displayCategoryCode": 58811},
    "brands": {"brandName": "모의"}, "outbound_places": {}, "outbound_place": {"placeCodes": 63714},
    "outbound_places_named": {"placeNames": "기본 출고지"},
    "return_center": {"returnCenterCodes": "1000274592,1000274610"},
}  # fmt: skip
#: a record of the demo world that is there to be in doubt about
EMPTY = {"releaseStatus"}
_TYPES: Mapping[str, Any] = {
    "integer": int, "number": (int, float), "text": str, "boolean": bool, "object": dict, "list": list,
    "money": (int, dict), "time": str, "date": str,
}  # fmt: skip


def shops() -> list[Shop]:
    """Return shops that together have rows for every read."""
    demo, claims, overstocked = Shop(), Shop("claims"), Shop("overstocked")
    claims.come("withdraw", 2)
    overstocked.finished(overstocked.coupon())
    return [demo, claims, overstocked, Shop("new_shop"), Shop("mislisting"), Shop("rocket_growth")]


SHOPS = shops()


def rows(shop: Shop, op: Operation) -> list[dict[str, Any]]:
    """Return every record a read could show, as it would."""
    source = source_of(op)
    if source.rows is not None:
        return [
            {n: row[n] for n in op.fields if n in row}
            for row in source.rows(shop.sim.world.kinds, ASKED.get(op.name, {}))
        ]
    stored = shop.sim.world.kinds.get(source.of, {}).values()
    named = source.named or {}
    kept = [row for row in stored if source.only is None or source.only(row)]
    kept = [source.shape(row) if source.shape else row for row in kept]
    return [{n: row[named.get(n, n)] for n in op.fields if named.get(n, n) in row} for row in kept]


def problems(row: Mapping[str, Any], fields: Mapping[str, Field], enums: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is not as documented about one record."""
    spelled = {spelling for name, field in fields.items() for spelling in (name, *field.also)}
    yield from (f"{name} is not documented" for name in row if name not in spelled)
    for name, field in fields.items():
        value = next((row[one] for one in (name, *field.also) if one in row), None)
        if value is None or value == "":
            if not field.optional and name not in EMPTY:
                yield f"{name} is {value!r}"
        elif field.type == "time" and str(value).isdecimal():
            assert int(value) > 10**12, f"{name} is no number of milliseconds"
        elif not isinstance(value, _TYPES[field.type]) and name not in TEXTS:
            yield f"{name} is no {field.type}: {value!r}"
        elif field.type in ("time", "date"):
            datetime.fromisoformat(value)
        elif field.enum and value not in enums[field.enum]:
            yield f"{name} has no value {value!r}"
        if field.fields:
            for entry in value if isinstance(value, list) else [value or {}]:
                yield from problems(entry, field.fields, enums) if entry else ()


@pytest.mark.parametrize("name", READS)
def test_records_are_as_documented(name: str) -> None:
    """Every documented field is there, with its type and a value that is known; nothing else is."""
    op = CATALOGUE.operations[name]
    found = [row for shop in SHOPS for row in rows(shop, op)]
    assert found
    enums = CATALOGUE.workflows[op.workflow].states
    fields = {name: field for name, field in op.fields.items() if name not in op.derived}
    assert {problem for row in found for problem in problems(row, fields, enums)} == set()


# --- the older generation ------------------------------------------------------------------------------------------


def test_old_order_sheets_have_fewer_fields() -> None:
    """As in the sample of 2019: no parts of discounts, no kind of delivery, blanks in some times, null for no price."""
    shop = Shop()
    new, old = (shop.data(f"{OPEN}/{one}/vendors/{VENDOR}/ordersheets/{BOX + 208}") for one in ("v5", "v4"))
    assert new.keys() - old.keys() == {"shipmentType", "isCod", "extraProperties"}
    parts = {"instantCouponDiscount", "downloadableCouponDiscount", "coupangDiscount"}
    assert new["orderItems"][0].keys() - old["orderItems"][0].keys() == parts
    assert old["orderItems"][0]["discountPrice"] is None
    assert (old["paidAt"][10], old["inTrasitDateTime"][10], old["deliveredDate"][10]) == ("T", " ", " ")


def test_old_histories_and_inquiries_are_naive() -> None:
    """Korean time without an offset; customer service writes a blank."""
    shop = Shop()
    (change,) = shop.data(f"{OPEN}/v4/vendors/{VENDOR}/ordersheets/{BOX + 208}/history")["details"]
    assert change["updatedAt"] == "2026-01-19T09:30:00"
    shop = Shop("claims")
    query = f"vendorId={VENDOR}&inquiryStartAt=2026-03-01&inquiryEndAt=2026-03-03&answeredType=ALL"
    questions = shop.data(f"{OPEN}/v4/vendors/{VENDOR}/onlineInquiries", query)["content"]
    assert {one["inquiryAt"][10] for one in questions} == {" "}


# --- ways to ask -----------------------------------------------------------------------------------------------------


def test_returns_are_found_by_order_without_a_status() -> None:
    """Either is needed; with none the answer names the other."""
    shop, month = Shop(), "createdAtFrom=2026-02-02&createdAtTo=2026-03-03"
    assert [one["receiptId"] for one in shop.data(RETURNS, f"{month}&orderId=300000102")] == [400_000_102]
    refused = shop.ask("GET", RETURNS, month)
    assert (refused.status, said(refused)["message"]) == (
        400,
        "OrderId can't be null, if doesn't pass the parameter status",
    )


def test_returns_of_some_minutes_come_all_at_once() -> None:
    """With timeFrame the window is of minutes, and nothing is paged."""
    shop = Shop()
    window = "searchType=timeFrame&status=RU&createdAtFrom=2026-03-03T08:00&createdAtTo=2026-03-03T09:30"
    answer = said(shop.ask("GET", RETURNS, f"{window}&maxPerPage=1"))
    assert [one["receiptId"] - 400_000_000 for one in answer["data"]] == [101, 103]
    assert "nextToken" not in answer
    assert shop.ask("GET", RETURNS, window.replace("T08:00", "")).status == 400


def test_call_centre_inquiries_of_an_option_need_no_window() -> None:
    """Alone it returns all its cases."""
    shop = Shop("claims")
    path = f"{OPEN}/v5/vendors/{VENDOR}/callCenterInquiries"
    asked = f"vendorId={VENDOR}&partnerCounselingStatus=NONE"
    assert [one["inquiryId"] for one in shop.data(path, f"{asked}&vendorItemId=70000002")["content"]] == [71_005_002]
    assert shop.ask("GET", path, asked).status == 400


def test_products_are_found_by_code_with_their_history_and_terms() -> None:
    """The reads around one product."""
    shop, path = Shop(), f"{PRODUCTS}/seller-products"
    item = shop.data(f"{path}/30100002")["items"][0]
    found = shop.data(f"{path}/external-vendor-sku-codes/{item['externalVendorSku']}")
    assert [one["sellerProductId"] for one in found] == [30100002]
    assert [one["status"] for one in shop.data(f"{path}/30100005/histories")] == ["승인대기중"]
    assert shop.data(f"{path}/30100002/partial")["deliveryCharge"] == 2500
    assert shop.data(f"{path}/inflow-status")["registeredCount"] == 5
    assert Shop("quiet").data(f"{path}/inflow-status")["registeredCount"] == 0


# --- what is not there -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        (f"{SHEETS}/{BOX + 1}", 400, "해당 주문이 취소 또는 반품되었습니다."),
        (f"{OPEN}/v5/vendors/callCenterInquiries/1", 404, "Inquiry not found"),
        (f"{PRODUCTS}/seller-products/12", 400, "상품(12)의 데이터가 없습니다."),
        (f"{PRODUCTS}/vendor-items/x/inventories", 400, "유효하지 않은 ID가 입력되었습니다."),
        (f"{SHEETS.replace(VENDOR, 'A00099999')}/1", 400, "Invalid vendor ID"),
    ],
)
def test_refusals_are_said_in_documented_words(path: str, status: int, words: str) -> None:
    """Status and text come from the catalogue, with the number where it stands in the text."""
    answer = Shop().ask("GET", path)
    assert (answer.status, said(answer)["message"]) == (status, words)


@pytest.mark.parametrize(
    ("path", "query", "status", "words"),
    [
        (f"{FMS}/v2/vendors/{VENDOR}/coupon", "couponId=5", 400, "쿠폰이 없습니다. 쿠폰 번호를 확인해주세요."),
        (f"{FMS}/v1/vendors/{VENDOR}/coupons/5/items", "status=APPLIED", 400, "쿠폰아이디를 확인해주세요 5"),
        (f"{FMS}/v2/vendors/A00099999/contract/list", "", 401, "업체정보의 권한을 확인하세요."),
        (f"{FMS}/v2/vendors/{VENDOR}/contract", "", 400, "Required Long parameter 'contractId' is not present"),
    ],
)
def test_coupon_refusals_have_their_own_envelope(path: str, query: str, status: int, words: str) -> None:
    """The phrase of the status, and the words beside it."""
    answer = Shop().ask("GET", path, query)
    assert (answer.status, said(answer)["errorMessage"]) == (status, words)
    assert said(answer)["message"] in ("Bad Request", "Unauthorized")


def test_cancelled_boxes_leave_the_lists() -> None:
    """Their returns tell of them; a box that came back after delivery stays."""
    shop = Shop()
    listed = (SHEETS, f"{SHEET_MONTH}&status=INSTRUCT")
    assert BOX + 101 in [row["shipmentBoxId"] for row in shop.data(*listed)]
    shop.stop(400_000_101, 1)
    assert BOX + 101 not in [row["shipmentBoxId"] for row in shop.data(*listed)]
    assert shop.ask("GET", f"{SHEETS}/{BOX + 101}").status == 400
    assert shop.ask("GET", f"{SHEETS}/{BOX + 109}").status == 400
    assert shop.ask("GET", f"{SHEETS}/{BOX + 108}").status == 200
