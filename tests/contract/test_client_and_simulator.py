"""Our client against the simulator, in one process: the two were written apart and must understand each other."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from client_support import CATALOGUE, Line, connect

from runner.catalogue import Composed
from runner.coupang.reader import MarketReader
from runner.coupang.writer import MarketWriter
from runner.errors import NoAnswer, Refused, Unreachable
from runner.fetch import fetch
from runner.model import Window
from runner.rules.shapes import Query
from runner.simulator.behaviours.logistics import refuse_inside_200
from runner.simulator.faults import Fault
from runner.simulator.growth_shop import SIZES
from runner.simulator.places import FEES
from runner.simulator.worlds import BOX

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
#: reads that answer with records; documents are saved by hand (see test_cli_call)
SOURCES = sorted(
    name for name, one in CATALOGUE.sources.items() if not isinstance(one, Composed) and not one.response.document
)


def arguments(name: str) -> list[dict[str, Any]]:
    """Return the arguments a seller would give: each value of a required enum, a number that may be there."""
    op = CATALOGUE.operations[name]
    given: list[dict[str, Any]] = [{}]
    known = {
        "shipmentBoxId": BOX + 201, "orderId": 300_000_102, "receiptId": 400_000_102, "sellerProductId": 30100001,
        "vendorItemId": 70000001, "contractId": 9962, "couponId": 500_001, "inquiryId": 71_000_204, "ruleId": "2410",
        "cancelIds": [1], "requestedId": "1", "requestTransactionId": "dc15354534", "couponItemId": 81_001,
        "externalVendorSkuCode": "SKU-1", "displayCategoryCode": 77413, "productName": "텀블러", "brandName": "모의",
        "brandId": "KR-3", "placeCodes": 63714, "placeNames": "기본 출고지", "returnCenterCodes": "1000274592",
    }  # fmt: skip
    for parameter, one in op.parameters.items():
        if one.required and one.owner is None:
            values = list(CATALOGUE.enum(op.workflow, one.enum)) if one.enum else [known[parameter]]
            given = [{**before, parameter: value} for before in given for value in values]
    return given


@pytest.mark.parametrize("world", ["demo", "claims", "overstocked", "new_shop", "rocket_growth"])
@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_read(name: str, world: str, tmp_path: Path) -> None:
    """Windows are cut, pages followed, envelopes understood; what is not there is refused. No call is too many."""
    line = connect(world, tmp_path)
    op = CATALOGUE.operations[name]
    reader = MarketReader(line.client)
    window = Window(start=line.hour.at - timedelta(days=2 if op.window and op.window.minutes else 60), end=line.hour.at)
    if op.window and op.window.minutes and op.window.minutes < 60:
        window = Window(start=line.hour.at - timedelta(minutes=25), end=line.hour.at)
    keys: list[Any] = []
    gone = []
    for one in arguments(name):
        try:
            keys += [row.get(op.key) for row in reader.rows(name, one, window if op.window else None)]
        except (Refused, Unreachable) as error:  # an unknown number may be a 500, as documented
            gone.append(error.code)
    by_number = any(one.required and not one.owner and not one.enum for one in op.parameters.values())
    assert by_number or not gone
    assert None not in keys
    assert all(request["status"] != 429 for request in line.sim.log)


ADDRESS = {
    "addressType": "JIBUN", "companyContactNumber": "02-000-0000", "returnZipCode": "10516",
    "returnAddress": "경기도 가상시 예시면 견본로", "returnAddressDetail": "1-1",
}  # fmt: skip


def test_a_list_that_counts_rows_is_read_to_its_end(tmp_path: Path) -> None:
    """Twelve brands come in two calls."""
    line = connect("new_shop", tmp_path)
    found = list(MarketReader(line.client).rows("brands", {"brandName": "예시"}))
    assert (len({one["brandId"] for one in found}), len(line.sim.log)) == (12, 2)


def test_an_outbound_place_is_made_and_changed(tmp_path: Path) -> None:
    """The answer carries the number a read takes; a name that is used already is refused."""
    writer = MarketWriter(connect("demo", tmp_path).client)
    made = {"shippingPlaceName": "새 출고지", "placeAddresses": [{**ADDRESS, "countryCode": "KR"}]}
    number = int(writer.send("create_outbound_place", made).data["resultMessage"])
    fee = {"deliveryCode": "KGB", "jeju": 5000, "notJeju": 2500}
    change = {"outboundShippingPlaceCode": number, "usable": False, "remoteInfos": [fee]}
    writer.send("update_outbound_place", {**change, "placeAddresses": made["placeAddresses"]})
    place = writer.call("outbound_place", {"placeCodes": number}, fresh=True).data
    assert (place["shippingPlaceName"], place["usable"]) == ("새 출고지", False)
    assert [one["deliveryCode"] for one in place["remoteInfos"]] == ["KGB"]
    with pytest.raises(Refused):
        writer.send("create_outbound_place", made)


def test_a_return_centre_is_refused_either_way(tmp_path: Path) -> None:
    """Made all the same where only its contract is not known, which is no answer; inside 200 it is a refusal."""
    line = connect("demo", tmp_path)
    writer = MarketWriter(line.client)
    terms = {"deliverCode": "CJGLS", "contractNumber": "99999999", **dict.fromkeys(FEES, 2500)}
    made = {"placeAddresses": [ADDRESS], "goodsflowInfoOpenApiDto": terms}
    with pytest.raises(NoAnswer):
        writer.send("create_return_center", {**made, "shippingPlaceName": "새 반품지"})
    refuse_inside_200(line.sim.world, {})
    with pytest.raises(Refused):
        writer.send("create_return_center", {**made, "shippingPlaceName": "반품지_1"})
    centers = {row["shippingPlaceName"]: row for row in MarketReader(line.client).rows("return_centers", {})}
    assert (len(centers), centers["새 반품지"]["goodsflowStatus"]) == (3, "승인불가")


def test_a_write_is_sent_and_read_back(tmp_path: Path) -> None:
    """The same names, types and numbers on both sides."""
    writer = MarketWriter(connect("demo", tmp_path).client)
    writer.send("stop_shipment", {"receiptId": 400_000_102, "cancelCount": 3})
    receipt = writer.call("return_request", {"receiptId": 400_000_102}, fresh=True).data
    assert receipt["releaseStopStatus"] == "처리(출고중지)"
    with pytest.raises(Refused):
        writer.send("stop_shipment", {"receiptId": 400_000_102, "cancelCount": 3})


# --- Rocket Growth ---------------------------------------------------------------------------------------------------


def records(line: Line, source: str) -> dict[Any, Any]:
    """Return the records of a source that is made of several reads, by key."""
    found = fetch(Query(source=source), MarketReader(line.client), line.hour.at, CATALOGUE)
    return {one.data["vendorItemId"]: one.data for one in found}


def test_options_of_rocket_growth_have_stock_and_sales(tmp_path: Path) -> None:
    """Every approved option of the warehouse, those that never arrived without stock; the seller's are apart."""
    line = connect("rocket_growth", tmp_path)
    found = records(line, "rocket_growth_options")
    assert len(found) == 2 + 2 + SIZES
    assert found[75_000_001]["totalOrderableQuantity"] > 0
    assert found[75_000_001]["soldInThirtyDays"] > 0
    assert found[75_000_003]["marketplaceVendorItemId"] == 76_000_001
    assert [one for one, row in found.items() if "totalOrderableQuantity" not in row] == [max(found)]
    assert records(line, "item_inventories") == {}
    assert all(request["status"] != 429 for request in line.sim.log)


def test_a_product_of_rocket_growth_is_made_and_changed(tmp_path: Path) -> None:
    """The answer is the bare number; it can be read when it is processed, and sent back with the consent."""
    line = connect("rocket_growth", tmp_path)
    writer = MarketWriter(line.client)
    body = json.loads((SAMPLES / "create_rocket_growth_product.request.json").read_text("utf-8"))
    told = {name: value for name, value in body.items() if name not in ("vendorId", "vendorUserId")}
    told["requested"] = True
    number = writer.send("create_rocket_growth_product", told).data["data"]
    with pytest.raises(Refused):
        writer.call("rocket_growth_product", {"sellerProductId": number}, fresh=True)
    line.hour.wait(4 * 3600)
    back = writer.call("rocket_growth_product", {"sellerProductId": number}, fresh=True).data
    assert (back["statusName"], back["sellerProductName"]) == ("승인완료", told["sellerProductName"])
    change = told | {"sellerProductId": number, "items": back["items"], "displayProductName": "큰 우산"}
    writer.send("update_rocket_growth_product", change)
    back = writer.call("rocket_growth_product", {"sellerProductId": number}, fresh=True).data
    assert (back["statusName"], back["displayProductName"]) == ("승인대기중", "큰 우산")
    with pytest.raises(Refused):
        writer.send("update_rocket_growth_product", change)


def document() -> dict[str, Any]:
    """Return a new product as a rule would describe it: what the engine knows is left out."""
    item = {
        "itemName": "빨강", "originalPrice": 12000, "salePrice": 9900, "maximumBuyCount": 100,
        "outboundShippingTimeDay": 1, "unitCount": 1,
        "images": [{"imageOrder": 0, "imageType": "REPRESENTATION", "vendorPath": "https://example.com/cup.jpg"}],
        "attributes": [{"attributeTypeName": "색상", "attributeValueName": "빨강"}],
        "contents": [{"contentsType": "TEXT", "contentDetails": [{"content": "컵", "detailType": "TEXT"}]}],
        "externalVendorSku": "CUP-1",
    }  # fmt: skip
    return {
        "sellerProductName": "컵", "saleStartedAt": "2026-03-01T00:00:00", "saleEndedAt": "2099-01-01T23:59:59",
        "deliveryMethod": "SEQUENCIAL", "deliveryCompanyCode": "CJ대한통운", "deliveryChargeType": "FREE",
        "deliveryCharge": 0, "freeShipOverAmount": 0, "deliveryChargeOnReturn": 2500, "remoteAreaDeliverable": "N",
        "unionDeliveryType": "UNION_DELIVERY", "returnCenterCode": "1000274592", "returnChargeName": "반품지_1",
        "companyContactNumber": "02-0000-0000", "returnZipCode": "04524", "returnAddress": "서울특별시 가상구",
        "returnAddressDetail": "1층", "returnCharge": 2500, "outboundShippingPlaceCode": 63714, "items": [item],
    }  # fmt: skip


def test_a_product_is_created_in_either_spelling_and_read_back(tmp_path: Path) -> None:
    """Defaults and the login are filled in; while it is worked on its read is refused."""
    line = connect("demo", tmp_path)
    writer = MarketWriter(line.client)
    for _ in range(2):
        made = writer.send("create_product", document()).data["sellerProductId"]
        with pytest.raises(Refused):
            writer.call("product", {"sellerProductId": made}, fresh=True)
        line.hour.wait(60)
        row = writer.call("product", {"sellerProductId": made}, fresh=True).data
        assert (row["statusName"], row["vendorUserId"], row["deliveryCompanyCode"]) == ("임시저장", "seller1", "CJGLS")
    line.sim.faults.waiting.append(Fault(operation="create_product", fault="refused_in_200"))
    with pytest.raises(Refused):
        writer.send("create_product", document())


def test_entries_of_lists_carry_the_login(tmp_path: Path) -> None:
    """A download coupon is filled and ended; the request is found by its number."""
    line = connect("demo", tmp_path)
    writer = MarketWriter(line.client)
    policy = {
        "title": "1만원 이상", "typeOfDiscount": "PRICE", "description": "천원", "minimumPrice": 10_000,
        "discount": 1000, "maximumDiscountPrice": 1000, "maximumPerDaily": 1,
    }  # fmt: skip
    terms = {"title": "봄", "startDate": "2026-03-04 00:00:00", "endDate": "2026-03-09 00:00:00", "policies": [policy]}
    coupon = writer.send("create_download_coupon", {"contractId": 9962, **terms}).data["couponId"]
    items = [{"couponId": coupon, "vendorItemIds": [70000001]}]
    ticket = writer.send("add_download_coupon_items", {"couponItems": items}).data["body"]["requestTransactionId"]
    line.hour.wait(2)
    request = {"requestTransactionId": ticket}
    assert writer.call("download_coupon_request", request, fresh=True).data["status"] == "DONE"
    assert writer.call("download_coupon", {"couponId": coupon}, fresh=True).data["appliedOptionCount"] == 1
    writer.send("expire_download_coupons", {"expireCouponList": [{"couponId": coupon}]})
    line.hour.wait(2)
    assert writer.call("download_coupon", {"couponId": coupon}, fresh=True).data["couponStatus"] == "EXPIRED"


def test_a_bare_list_is_understood(tmp_path: Path) -> None:
    """Taiwan's couriers are asked with the boxes themselves."""
    line = connect("demo", tmp_path, market="TW")
    writer = MarketWriter(line.client)
    box = {"shipmentBoxId": BOX + 101, "deliveryCompanyCode": "TWL_FM", "returnCenterCode": "1000274592"}
    invoice = writer.send("arrange_shipment", {"shipments": [box]}).data["invoiceNumber"]
    assert writer.call("order_sheet", {"shipmentBoxId": BOX + 101}, fresh=True).data["invoiceNumber"] == invoice


def test_a_refusal_under_a_boxs_number_is_a_refusal(tmp_path: Path) -> None:
    """Without the return centre the courier does not come, though the answer is HTTP 200."""
    writer = MarketWriter(connect("demo", tmp_path, market="TW").client)
    with pytest.raises(Refused) as caught:
        writer.send("arrange_shipment", {"shipments": [{"shipmentBoxId": BOX + 101, "deliveryCompanyCode": "TWL_FM"}]})
    assert caught.value.facts["said"] == "returnCenterCode is required for TWL_FM."
