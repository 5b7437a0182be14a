"""Rocket Growth over HTTP: products through every state, the warehouse and its orders, tokens, limits, refusals."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from simulator_support import PRODUCTS, VENDOR, Shop, WebShop, said, words

from runner.simulator import Response
from runner.simulator.growth_shop import SIZES, SOLD

PATH = f"{PRODUCTS}/seller-products"
OPTION = f"{PRODUCTS}/vendor-items"
GROWTH = f"/v2/providers/rg_open_api/apis/api/v1/vendors/{VENDOR}/rg"
STOCK, ORDERS, ORDER = f"{GROWTH}/inventory/summaries", f"{GROWTH}/orders", f"{GROWTH}/order"
LIST = f"vendorId={VENDOR}&businessTypes=rocketGrowth"
MONTH = "paidDateFrom=20260202&paidDateTo=20260303"
#: products of the world, by what is special about them
UMBRELLA, BAG, SOCKS, SAVED, WAITING, DENIED = range(30_600_001, 30_600_007)
#: options of the warehouse: the first that was approved, one both sides ship, one that never arrived
FIRST, SMALL, NEVER = 75_000_001, 75_000_003, 75_000_004 + SIZES
NO_CONSENT = "로켓그로스 입고 불가 조건을 확인하시고 동의해주세요"
SAME_BARCODE = "중복된 바코드가 존재합니다."
ON_SALE = "판매중인 상품은 삭제할 수 없습니다."
PROCESSING = "상품 정보가 등록 또는 수정되고 있습니다. 잠시 후 다시 조회해 주시기 바랍니다."
SIZES_OF = {
    "width": 341, "length": 365, "height": 141, "weight": 1042, "netWeight": 937, "quantityPerBox": 1, "fragile": False,
    "distributionPeriod": 400, "expiredAtManaged": True, "producedAtManaged": False, "manufacturedAtManaged": False,
    "inboundName": "예시 상품 s", "season": "YEAR_ROUND", "standAlone": False, "hazardous": None, "heatSensitive": None,
    "heavyBulky": None, "year": None, "vendorFlexCode": None, "rocketInstallation": None, "originalBarcode": None,
    "originalDimensionInputType": "USER_INPUT",
}  # fmt: skip
TERMS = {
    "deliveryMethod": "SEQUENCIAL", "deliveryCompanyCode": "HANJIN", "deliveryChargeType": "FREE", "deliveryCharge": 0,
    "freeShipOverAmount": 0, "deliveryChargeOnReturn": 2500, "remoteAreaDeliverable": "N",
    "unionDeliveryType": "NOT_UNION_DELIVERY", "returnCenterCode": "1000274592", "returnChargeName": "반품지_1",
    "companyContactNumber": "02-0000-0000", "returnZipCode": "06000", "returnAddress": "서울특별시 가상구 예시로 1",
    "returnAddressDetail": "1층", "returnCharge": 2500, "outboundShippingPlaceCode": 74010,
}  # fmt: skip


@pytest.fixture
def shop() -> WebShop:
    """Give the shop that Coupang ships for."""
    return WebShop("rocket_growth")


def side(price: int, **more: Any) -> dict[str, Any]:
    """Return one side of an option."""
    return {
        "externalVendorSku": "SKU", "modelNo": "M", "barcode": "",
        "priceData": {"originalPrice": price + 100, "salePrice": price}, **more,
    }  # fmt: skip


def option(
    name: str = "s", *, rocket: Any = None, market: Any = None, image: str = "http://a.example.com/1.jpg"
) -> Any:
    """Return one option; only the warehouse's side unless both are given."""
    if rocket is None and market is None:
        rocket = side(12900, skuInfo=SIZES_OF)
    return {
        "itemName": name, "offerCondition": "NEW", "unitCount": 1, "adultOnly": "EVERYONE", "taxType": "TAX",
        "parallelImported": "NOT_PARALLEL_IMPORTED", "overseasPurchased": "NOT_OVERSEAS_PURCHASED", "pccNeeded": False,
        "maximumBuyForPerson": 0, "maximumBuyForPersonPeriod": 1,
        "images": [{"imageOrder": 0, "imageType": "REPRESENTATION", "vendorPath": image}],
        "attributes": [{"attributeTypeName": "수량", "attributeValueName": "1개"}],
        "notices": [{"noticeCategoryName": "기타", "noticeCategoryDetailName": "품명", "content": "상세페이지 참조"}],
        "contents": [{"contentsType": "TEXT", "contentDetails": [{"content": "글", "detailType": "TEXT"}]}],
        "certifications": [{"certificationType": "NOT_REQUIRED", "certificationCode": ""}], "searchTags": ["검색어1"],
        "rocketGrowthItemData": rocket, "marketplaceItemData": market,
    }  # fmt: skip


def hybrid() -> Any:
    """Return an option that both sides ship."""
    return option(rocket=side(12900), market=side(13900, maximumBuyCount=100))


def body(*options: Any, agreed: Any = "AGREE", **change: Any) -> dict[str, Any]:
    """Return the body of a product."""
    return {
        "displayCategoryCode": 69515, "sellerProductName": "예시 상품", "vendorId": VENDOR,
        "saleStartedAt": "2024-10-31T00:00:00", "saleEndedAt": "2099-01-01T23:59:59", "displayProductName": "예시 상품",
        "brand": "예시", "generalProductName": "예시 상품", "vendorUserId": "seller1", "requested": True,
        "marketplaceShippingAndReturnInfo": TERMS, "items": list(options) or [option()], "manufacture": "예시",
        "rocketGrowthAdditionalInformation": {"rfmInboundName": "예시 상품", "legalAgreement": agreed}, **change,
    }  # fmt: skip


def create(shop: Shop, *options: Any, **change: Any) -> int:
    """Make a product; return its number."""
    answer = shop.ask("POST", PATH, body=body(*options, **change))
    assert answer.status == 200, answer.body
    assert said(answer).keys() == {"code", "message", "data"}
    return int(said(answer)["data"])


def later(shop: Shop, time: str) -> None:
    """Let time pass."""
    shop.control("clock", {"advance": time})


def listed(shop: Shop, number: int) -> Any:
    """Return a product as the list has it."""
    (row,) = shop.data(PATH, f"{LIST}&sellerProductId={number}")
    return row


def single(shop: Shop, number: int) -> Any:
    """Return a product as the single read has it."""
    return shop.data(f"{PATH}/{number}")


def approved(shop: Shop, *options: Any) -> int:
    """Make a product and let it be approved."""
    number = create(shop, *options)
    later(shop, "4h")
    assert single(shop, number)["statusName"] == "승인완료"
    return number


def sent_back(shop: Shop, number: int, **change: Any) -> dict[str, Any]:
    """Return a product as it is read, with the consent that is never read."""
    row = copy.deepcopy(single(shop, number))
    row["rocketGrowthAdditionalInformation"]["legalAgreement"] = "AGREE"
    return {**row, "requested": True, **change}


def update(shop: Shop, number: int, **change: Any) -> Response:
    """Change a product."""
    return shop.ask("PUT", PATH, body=sent_back(shop, number, **change))


def event(shop: Shop, do: str, **more: Any) -> Any:
    """Let something happen."""
    answer = shop.control("events", {"do": do, **more})
    assert answer.status == 200, answer.body
    return said(answer)


def stock_of(shop: Shop, number: int) -> Any:
    """Return the stock of one option."""
    (row,) = shop.data(STOCK, f"vendorItemId={number}")
    return row


# --- a product is made -----------------------------------------------------------------------------------------------


def test_a_product_is_processed_waits_and_is_approved(shop: WebShop) -> None:
    """Ten minutes it can be listed but not read; with the approval each side has ids of its own."""
    number = create(shop, hybrid())
    assert listed(shop, number)["statusName"] == "심사중"
    assert words(shop.ask("GET", f"{PATH}/{number}")) == (400, PROCESSING)
    later(shop, "9m")
    assert shop.ask("GET", f"{PATH}/{number}").status == 400
    later(shop, "1m")
    assert (single(shop, number)["statusName"], single(shop, number)["requested"]) == ("승인대기중", True)
    (item,) = single(shop, number)["items"]
    assert {item[one]["vendorItemId"] for one in ("rocketGrowthItemData", "marketplaceItemData")} == {None}
    later(shop, "3h")
    row = single(shop, number)
    assert (row["statusName"], row["requested"], row["registrationType"]) == ("승인완료", False, "RFM")
    ids = [row["items"][0][one] for one in ("rocketGrowthItemData", "marketplaceItemData")]
    assert len({one["vendorItemId"] for one in ids} - {None}) == len({one["sellerProductItemId"] for one in ids}) == 2


def test_a_product_that_is_only_saved_waits_for_nothing(shop: WebShop) -> None:
    """Without the request for approval it stays saved, without option ids."""
    number = create(shop, requested=False)
    later(shop, "3d")
    assert single(shop, number)["statusName"] == "임시저장"
    assert single(shop, number)["items"][0]["rocketGrowthItemData"]["vendorItemId"] is None


@pytest.mark.parametrize(
    "image", ["http://images.invalid/1.jpg", "ftp://a.example.com/1.jpg", "http://a.example.com:8080/1"]
)
def test_an_image_that_cannot_be_loaded_is_denied(shop: WebShop, image: str) -> None:
    """Only at the approval; another image then makes it good."""
    number = create(shop, option(image=image))
    later(shop, "4h")
    assert single(shop, number)["statusName"] == "승인반려"
    items = single(shop, number)["items"]
    items[0]["images"][0]["vendorPath"] = "https://a.example.com/2.jpg"
    assert update(shop, number, items=items).status == 200
    later(shop, "3h")
    assert single(shop, number)["statusName"] == "승인완료"


def test_a_second_identical_product_is_another_one(shop: WebShop) -> None:
    """Nothing tells a repeat; numbers grow."""
    first, second = create(shop), create(shop)
    assert second > first
    names = [row["sellerProductName"] for row in shop.data(PATH, f"{LIST}&sellerProductName={quote('예시')}")]
    assert names == ["예시 상품"] * 2


def test_coupang_issues_a_barcode_where_there_is_none(shop: WebShop) -> None:
    """S00 and the number of the option row; the seller's own side stays without; the list has none at all."""
    number = create(shop, hybrid(), requested=False)
    later(shop, "10m")
    item = single(shop, number)["items"][0]
    rocket, market = item["rocketGrowthItemData"], item["marketplaceItemData"]
    assert (rocket["barcode"], market["barcode"]) == (f"S00{rocket['sellerProductItemId']}", "")
    assert listed(shop, number)["items"][0].keys() == {"itemName", "rocketGrowthItemData", "marketPlaceItemData"}
    assert listed(shop, number)["items"][0]["marketPlaceItemData"].keys() == {"sellerProductItemId", "vendorItemId"}


def test_the_consent_is_never_read(shop: WebShop) -> None:
    """It is a declaration, not a field."""
    assert "AGREE" not in shop.ask("GET", f"{PATH}/{UMBRELLA}").body.decode()
    assert single(shop, UMBRELLA)["rocketGrowthAdditionalInformation"] == {"rfmInboundName": "접이식 우산"}


@pytest.mark.parametrize("agreed", [None, "", "Y", "true", True, "agree"])
def test_without_the_right_words_nothing_is_made(shop: WebShop, agreed: Any) -> None:
    """Exactly AGREE."""
    assert words(shop.ask("POST", PATH, body=body(agreed=agreed))) == (400, NO_CONSENT)
    assert words(shop.ask("PUT", PATH, body=sent_back(shop, UMBRELLA, **body(agreed=agreed)))) == (400, NO_CONSENT)


def test_the_consent_in_wing_is_needed_too(shop: WebShop) -> None:
    """Taken back, nothing is taken; given again, everything is."""
    event(shop, "agree_rocket_growth", agreed=False)
    assert words(shop.ask("POST", PATH, body=body())) == (400, NO_CONSENT)
    assert words(update(shop, UMBRELLA)) == (400, NO_CONSENT)
    assert shop.applied() == []
    event(shop, "agree_rocket_growth")
    assert create(shop)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"displayCategoryCode": None, "sellerProductName": None, "items": []}, "시스템이 불안정합니다"),
        ({"items": [{**option(), "rocketGrowthItemData": None}]}, "시스템이 불안정합니다"),
        ({"items": [option(market=side(9900, maximumBuyCount=1))]}, "시스템이 불안정합니다"),
        (
            {"items": [option(rocket=side(100, barcode="880")), option("m", rocket=side(100, barcode="880"))]},
            SAME_BARCODE,
        ),
        ({"items": [option(), option()]}, "옵션명(itemName)이 중복되었습니다."),
        ({"items": [option(rocket=side(1005))]}, "items.originalPrice: out of range"),
        ({"items": [option(rocket=side(100, skuInfo={"width": 5}))]}, "Bad Request"),
        ({"items": [{"itemName": "s", "rocketGrowthItemData": side(100)}]}, "Bad Request"),
        ({"vendorId": "A00099999"}, "업체코드가 잘못 되었습니다."),
        ({"sellerProductName": None}, "Required parameter 'sellerProductName' is not present"),
    ],
)
def test_products_that_are_refused(shop: WebShop, change: dict[str, Any], text: str) -> None:
    """Each in words that are known, or of this simulator; nothing is made."""
    assert words(shop.ask("POST", PATH, body=body(**change))) == (400, text)
    assert shop.applied() == []


def test_delivery_terms_go_with_the_side_of_the_seller(shop: WebShop) -> None:
    """Both or neither are possible; what only Coupang ships needs none."""
    assert shop.ask("POST", PATH, body=body(hybrid(), marketplaceShippingAndReturnInfo=None)).status == 400
    number = create(shop, marketplaceShippingAndReturnInfo=None)
    later(shop, "10m")
    assert single(shop, number)["marketplaceShippingAndReturnInfo"] is None


@pytest.mark.parametrize("code", [77400, 77902, 66690])
def test_categories_must_be_open_to_it(shop: WebShop, code: int) -> None:
    """Not one with others below, not one that is not in service, not one of books."""
    assert shop.ask("POST", PATH, body=body(displayCategoryCode=code)).status == 400


def test_goods_that_go_off_need_a_shelf_life(shop: WebShop) -> None:
    """As the category says; without sizes it can be given later."""
    short = {**SIZES_OF, "expiredAtManaged": False}
    food = {"displayCategoryCode": 58811}
    assert shop.ask("POST", PATH, body=body(option(rocket=side(100, skuInfo=short)), **food)).status == 400
    assert create(shop, option(), **food)
    assert create(shop, option(rocket=side(100)), **food)


def test_a_barcode_is_used_once(shop: WebShop) -> None:
    """Both sides of one option may have it, no other option; what Coupang issued counts as well."""
    both = option(rocket=side(100, barcode="8801"), market=side(100, barcode="8801", maximumBuyCount=1))
    number = create(shop, both)
    assert words(shop.ask("POST", PATH, body=body(option(rocket=side(100, barcode="8801"))))) == (400, SAME_BARCODE)
    later(shop, "4h")
    assert update(shop, number).status == 200
    issued = single(shop, UMBRELLA)["items"][0]["rocketGrowthItemData"]["barcode"]
    assert words(shop.ask("POST", PATH, body=body(option(rocket=side(100, barcode=issued))))) == (400, SAME_BARCODE)


# --- a product is changed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("requested", "status"), [(True, "승인대기중"), (False, "임시저장")])
@pytest.mark.parametrize("number", [UMBRELLA, SAVED, DENIED])
def test_what_is_changed_waits_or_is_saved(shop: WebShop, number: int, status: str, *, requested: bool) -> None:
    """Also what was approved: it falls back when no approval is asked for."""
    answer = update(shop, number, requested=requested, displayProductName="새 이름")
    assert (answer.status, said(answer)["data"]) == (200, number)
    row = single(shop, number)
    assert (row["statusName"], row["displayProductName"], row["requested"]) == (status, "새 이름", requested)


def test_what_is_approved_again_keeps_its_ids(shop: WebShop) -> None:
    """A new option gets its own; prices and stock of the others are not changed this way."""
    number = approved(shop, hybrid())
    before = single(shop, number)
    items = copy.deepcopy(before["items"])
    items[0]["rocketGrowthItemData"]["priceData"]["salePrice"] = 10
    items[0]["marketplaceItemData"]["maximumBuyCount"] = 7
    assert update(shop, number, items=[*items, option("m")]).status == 200
    later(shop, "3h")
    first, second = single(shop, number)["items"]
    assert first == before["items"][0]
    assert second["rocketGrowthItemData"]["vendorItemId"] not in (None, first["rocketGrowthItemData"]["vendorItemId"])
    market = first["marketplaceItemData"]["vendorItemId"]
    assert shop.data(f"{OPTION}/{market}/inventories") == {
        "sellerItemId": market, "amountInStock": 100, "salePrice": 13900, "onSale": True,
    }  # fmt: skip


def test_what_is_left_out_is_lost(shop: WebShop) -> None:
    """A change is the whole product."""
    row = sent_back(shop, UMBRELLA)
    del row["brand"], row["manufacture"]
    assert shop.ask("PUT", PATH, body=row).status == 200
    assert (single(shop, UMBRELLA)["brand"], single(shop, UMBRELLA)["manufacture"]) == (None, None)


def test_options_that_are_not_approved_can_be_left_out(shop: WebShop) -> None:
    """They are deleted by that."""
    number = create(shop, option("s"), option("m"), requested=False)
    later(shop, "10m")
    assert update(shop, number, items=single(shop, number)["items"][1:]).status == 200
    assert [one["itemName"] for one in single(shop, number)["items"]] == ["m"]


@pytest.mark.parametrize("lost", ["option", "side", "sellerProductItemId", "vendorItemId", "swapped"])
def test_approved_options_cannot_be_lost(shop: WebShop, lost: str) -> None:
    """Nor one of their sides, nor one of their ids; those of the other side are not theirs."""
    items = single(shop, BAG)["items"]
    one, other = items[0]["rocketGrowthItemData"], items[0]["marketplaceItemData"]
    if lost == "option":
        items = items[1:]
    elif lost == "side":
        items[0]["marketplaceItemData"] = None
    elif lost == "swapped":
        one["vendorItemId"], other["vendorItemId"] = other["vendorItemId"], one["vendorItemId"]
    else:
        del one[lost]
    assert words(update(shop, BAG, items=items)) == (400, ON_SALE)
    assert shop.applied() == []


def test_sizes_are_fixed_once_goods_arrived(shop: WebShop) -> None:
    """Until then they can be given."""
    number = approved(shop, option(rocket=side(100)))
    items = single(shop, number)["items"]
    items[0]["rocketGrowthItemData"]["skuInfo"] = SIZES_OF
    assert update(shop, number, items=items).status == 200
    assert single(shop, number)["items"][0]["rocketGrowthItemData"]["skuInfo"] == SIZES_OF
    later(shop, "3h")
    event(shop, "inbound", option=items[0]["rocketGrowthItemData"]["vendorItemId"])
    items[0]["rocketGrowthItemData"]["skuInfo"] = {**SIZES_OF, "width": 1}
    assert update(shop, number, items=items).status == 200
    assert single(shop, number)["items"][0]["rocketGrowthItemData"]["skuInfo"] == SIZES_OF


@pytest.mark.parametrize(
    ("number", "change", "text"),
    [
        (UMBRELLA, {"sellerProductId": None}, "업체상품아이디를 입력해주세요"),
        (UMBRELLA, {"sellerProductId": 5}, "업체코드가 잘못 되었습니다."),
        (UMBRELLA, {"displayCategoryCode": 77414}, "노출카테고리코드는 변경할 수 없습니다."),
        (WAITING, {}, f"업체상품[{WAITING}]이 수정 가능한 상태가 아닙니다. (승인대기중)"),
        (UMBRELLA, {"items": [5]}, "Bad Request"),
        (UMBRELLA, {"items": [{**hybrid(), "marketplaceItemData": {"sellerProductItemId": []}}]}, "Bad Request"),
        (UMBRELLA, {"items": [option(rocket=side(100, vendorItemId="7"))]}, "Bad Request"),
    ],
)
def test_changes_that_are_refused(shop: WebShop, number: int, change: dict[str, Any], text: str) -> None:
    """Without a number, of somebody else, of another category, while it waits, of what is no option."""
    assert words(update(shop, number, **change)) == (400, text)
    assert shop.applied() == []


def test_a_product_that_is_processed_cannot_be_changed(shop: WebShop) -> None:
    """It is being looked at."""
    number = create(shop)
    told = sent_back(shop, UMBRELLA, sellerProductId=number, displayCategoryCode=69515)
    assert shop.ask("PUT", PATH, body=told).status == 400


def test_a_product_of_the_marketplace_becomes_one_of_both(shop: WebShop) -> None:
    """Its options keep their ids and prices and get a side in the warehouse; then it is read in the other shape."""
    shop.control("reset", {"world": "demo", "seed": 1})
    (item,) = shop.data(f"{PATH}/30100002")["items"]
    known = {name: item[name] for name in ("sellerProductItemId", "vendorItemId")}
    told = option(item["itemName"], rocket=side(12900), market=side(10, maximumBuyCount=1, **known))
    sent = body(told, sellerProductId=30100002, displayCategoryCode=77413)
    missing = body(option(item["itemName"]), sellerProductId=30100002, displayCategoryCode=77413)
    assert words(shop.ask("PUT", PATH, body=missing)) == (400, ON_SALE)
    assert shop.ask("PUT", PATH, body=sent).status == 200
    later(shop, "3h")
    row = single(shop, 30100002)
    (both,) = row["items"]
    assert (row["statusName"], row["productId"]) == ("승인완료", 44100002)
    assert both["marketplaceItemData"]["vendorItemId"] == 70000003
    assert both["marketplaceItemData"]["priceData"]["salePrice"] == 12900
    assert both["rocketGrowthItemData"]["vendorItemId"]
    assert shop.data(f"{OPTION}/70000003/inventories")["amountInStock"] == 299
    everything = [one["sellerProductId"] for one in shop.data(PATH, f"vendorId={VENDOR}&maxPerPage=100")]
    assert sorted(everything) == [30100001 + n for n in range(5)]
    assert shop.data(f"{PATH}/inflow-status")["registeredCount"] == 5


def test_an_approval_can_be_had_at_once(shop: WebShop) -> None:
    """Coupang decides when it is asked to, about what waits only."""
    assert event(shop, "review_rocket_growth", product=WAITING)["statusName"] == "승인완료"
    refused = shop.control("events", {"do": "review_rocket_growth", "product": UMBRELLA})
    assert (refused.status, said(refused)["products"]) == (400, [])


# --- products are read -----------------------------------------------------------------------------------------------


def test_the_address_of_a_product_shows_what_it_is(shop: WebShop) -> None:
    """One address, two shapes; who calls is told in the log, and a fault finds it."""
    shop.order("rocket_growth_product", "error_500_not_applied")
    assert shop.ask("GET", f"{PATH}/{BAG}").status == 500
    single(shop, BAG)
    assert [one["operation"] for one in said(shop.control("requests"))] == ["rocket_growth_product"] * 2
    assert "marketplaceItemData" in single(shop, BAG)["items"][0]
    assert single(shop, BAG)["items"][2]["rocketGrowthItemData"] is None
    assert words(shop.ask("GET", f"{PATH}/5")) == (400, "상품(5)의 데이터가 없습니다.")


def test_lists_have_pages_and_a_shape_of_their_own(shop: WebShop) -> None:
    """Tokens are numbers of pages, the last is empty; without the type of business the list is the marketplace's."""
    token, seen = "1", []
    for expected in ("2", "3", ""):
        page = said(shop.ask("GET", PATH, f"{LIST}&maxPerPage=2&nextToken={token}"))
        token = page["nextToken"]
        assert token == expected
        seen += [row["sellerProductId"] for row in page["data"]]
    assert seen == [UMBRELLA, BAG, SOCKS, SAVED, WAITING, DENIED]
    assert shop.ask("GET", PATH, f"{LIST}&nextToken=x").status == 400
    assert shop.ask("GET", PATH, f"{LIST}&maxPerPage=101").status == 400
    assert "items" not in shop.data(PATH, f"vendorId={VENDOR}")[0]
    assert shop.data(PATH, f"vendorId={VENDOR}&status=DENIED")[0]["sellerProductId"] == DENIED


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=APPROVED", [UMBRELLA, BAG, SOCKS]), ("status=SAVED", [SAVED]), ("status=APPROVING", [WAITING]),
        ("sellerProductName=" + quote("에코"), [BAG]), (f"sellerProductId={SOCKS}", [SOCKS]),
        ("createdAt=2026-03-03", []), ("manufacture=" + quote("없는"), []),
    ],
)  # fmt: skip
def test_products_are_found(shop: WebShop, query: str, found: list[int]) -> None:
    """By what is asked for."""
    assert [row["sellerProductId"] for row in shop.data(PATH, f"{LIST}&{query}")] == found


def test_lists_refuse_without_a_seller(shop: WebShop) -> None:
    """In documented words."""
    answer = shop.ask("GET", PATH, "businessTypes=rocketGrowth")
    assert words(answer) == (400, "업체코드는 반드시 입력되어야 합니다.")


# --- the warehouse ---------------------------------------------------------------------------------------------------


def test_stock_has_twenty_rows_a_page_and_a_long_token(shop: WebShop) -> None:
    """As recorded: a number, a colon, base64, 840 characters; the keys in their order."""
    answer = said(shop.ask("GET", STOCK))
    assert list(answer) == ["message", "data", "code", "nextToken"]
    assert (answer["message"], answer["code"], len(answer["data"])) == ("SUCCESS", 200, 20)
    assert re.fullmatch(r"\d{11}:[\w-]+==", answer["nextToken"])
    assert len(answer["nextToken"]) == 840
    rest = said(shop.ask("GET", STOCK, f"nextToken={quote(answer['nextToken'])}"))
    assert rest["nextToken"] == ""
    numbers = [row["vendorItemId"] for row in answer["data"] + rest["data"]]
    assert numbers == list(range(FIRST, NEVER))
    assert shop.ask("GET", STOCK, "nextToken=15176267660:abc").status == 400
    assert shop.ask("GET", STOCK, "nextToken=2").status == 400


def test_one_option_is_one_row_whatever_the_page(shop: WebShop) -> None:
    """The token is ignored then; an unknown option, or one that never arrived, has none."""
    token = quote(said(shop.ask("GET", STOCK))["nextToken"])
    answer = said(shop.ask("GET", STOCK, f"vendorItemId={FIRST}&nextToken={token}"))
    assert ([row["vendorItemId"] for row in answer["data"]], answer["nextToken"]) == ([FIRST], "")
    assert shop.data(STOCK, "vendorItemId=5") == []
    assert shop.data(STOCK, f"vendorItemId={NEVER}") == []
    assert shop.ask("GET", STOCK, "vendorItemId=x").status == 400


def test_stock_rises_with_what_arrives_only(shop: WebShop) -> None:
    """By an event, never by a call; the stock call of the marketplace is refused for it."""
    assert event(shop, "inbound", option=NEVER, count=30) == {"option": NEVER, "totalOrderableQuantity": 30}
    assert event(shop, "inbound", option=NEVER)["totalOrderableQuantity"] == 31
    row = stock_of(shop, NEVER)
    assert row["inventoryDetails"] == {"totalOrderableQuantity": 31}
    assert row["salesCountMap"] == {"SALES_COUNT_LAST_THIRTY_DAYS": 0}
    assert shop.data(f"{OPTION}/{NEVER}/inventories")["amountInStock"] == 31
    assert shop.ask("PUT", f"{OPTION}/{NEVER}/quantities/5").status == 400
    for wrong in ({"option": 5}, {"option": 76_000_001}, {"option": NEVER, "count": 0}, {}):
        assert shop.control("events", {"do": "inbound", **wrong}).status == 400


def test_price_and_sale_state_take_the_option_of_the_warehouse(shop: WebShop) -> None:
    """Each side has its own; the price that discounts are shown against is seen in the product."""
    market = single(shop, BAG)["items"][0]["marketplaceItemData"]["vendorItemId"]
    assert shop.ask("PUT", f"{OPTION}/{SMALL}/prices/17900").status == 200
    assert shop.ask("PUT", f"{OPTION}/{SMALL}/original-prices/21900").status == 200
    assert shop.ask("PUT", f"{OPTION}/{SMALL}/sales/stop").status == 200
    here, there = (shop.data(f"{OPTION}/{one}/inventories") for one in (SMALL, market))
    assert (here["salePrice"], here["onSale"]) == (17900, False)
    assert (there["salePrice"], there["onSale"]) == (19900, True)
    item = single(shop, BAG)["items"][0]
    assert item["rocketGrowthItemData"]["priceData"]["originalPrice"] == 21900
    assert item["marketplaceItemData"]["priceData"]["originalPrice"] == 20900


# --- orders ----------------------------------------------------------------------------------------------------------


def everything(shop: Shop, query: str) -> list[dict[str, Any]]:
    """Return the orders of all pages."""
    rows: list[dict[str, Any]] = []
    token = ""
    while True:
        answer = said(shop.ask("GET", ORDERS, f"{query}&nextToken={token}"))
        assert len(answer["data"]) <= 20
        rows, token = rows + answer["data"], answer["nextToken"]
        if not token:
            return rows


def test_orders_have_a_shape_in_the_list_and_another_alone(shop: WebShop) -> None:
    """Milliseconds as a text and unitSalesPrice; a time with Z and salesPrice."""
    rows = everything(shop, MONTH)
    row = rows[0]
    assert re.fullmatch(r"\d{13}", row["paidAt"])
    assert row["orderItems"][0].keys() == {"vendorItemId", "productName", "salesQuantity", "unitSalesPrice", "currency"}
    alone = shop.data(f"{ORDER}/{row['orderId']}")
    assert re.fullmatch(r"2026-0\d-\d\dT\d\d:\d\d:\d\dZ", alone["paidAt"])
    assert alone["orderItems"][0]["salesPrice"] == row["orderItems"][0]["unitSalesPrice"]
    assert shop.ask("GET", f"{ORDER}/5").status == 400
    assert shop.ask("GET", f"{ORDER}/x").status == 400
    assert shop.ask("GET", f"{ORDERS.replace(VENDOR, 'A00099999')}", MONTH).status == 400


def test_orders_are_paged_by_a_long_number(shop: WebShop) -> None:
    """Each row once; a token of somebody else is refused."""
    token = said(shop.ask("GET", ORDERS, MONTH))["nextToken"]
    assert re.fullmatch(r"\d{32}", token)
    rows = everything(shop, MONTH)
    assert len({row["orderId"] for row in rows}) == len(rows) > 20
    assert shop.ask("GET", ORDERS, f"{MONTH}&nextToken=2").status == 400


def test_the_window_of_orders_has_thirty_days(shop: WebShop) -> None:
    """Between its ends, in Korean days without hyphens."""
    for right in (MONTH, "paidDateFrom=20260201&paidDateTo=20260303"):
        assert shop.ask("GET", ORDERS, right).status == 200
    for wrong in (
        "paidDateFrom=20260131&paidDateTo=20260303", "paidDateFrom=20260303&paidDateTo=20260302",
        "paidDateFrom=2026-03-02&paidDateTo=2026-03-03", "paidDateFrom=20260230&paidDateTo=20260303",
        "paidDateFrom=20260303",
    ):  # fmt: skip
        assert shop.ask("GET", ORDERS, wrong).status == 400
    whole = [everything(shop, f"paidDateFrom={one}&paidDateTo={two}") for one, two in (
        ("20260101", "20260130"), ("20260131", "20260301"), ("20260302", "20260303"),
    )]  # fmt: skip
    assert sum(map(len, whole)) == SOLD - 1


def test_orders_show_when_they_have_left(shop: WebShop) -> None:
    """Under the day they were paid, which may be over; the stock falls at once, and sales rise."""
    today = "paidDateFrom=20260303&paidDateTo=20260303"
    before = len(everything(shop, today))
    bought = shop.come("order_rocket_growth", 5)
    assert len(bought) == 5
    assert len(everything(shop, today)) == before
    assert shop.ask("GET", f"{ORDER}/{bought[0]}").status == 400
    later(shop, "1d")
    assert {row["orderId"] for row in everything(shop, today)} >= set(bought)
    assert shop.data(f"{ORDER}/{bought[0]}")["orderId"] == bought[0]


def test_stock_and_sales_follow_the_orders(shop: WebShop) -> None:
    """What is sold is gone at once, and counts for thirty days; only what is there and on sale is bought."""
    shop.control("reset", {"world": "demo", "seed": 1})
    assert shop.come("order_rocket_growth") == []
    number = approved(shop, option())
    item = single(shop, number)["items"][0]["rocketGrowthItemData"]["vendorItemId"]
    assert shop.come("order_rocket_growth") == []
    event(shop, "inbound", option=item, count=9)
    shop.ask("PUT", f"{OPTION}/{item}/sales/stop")
    assert shop.come("order_rocket_growth") == []
    shop.ask("PUT", f"{OPTION}/{item}/sales/resume")
    assert shop.come("order_rocket_growth", 50)
    row = stock_of(shop, item)
    assert row["inventoryDetails"]["totalOrderableQuantity"] == 0
    assert row["salesCountMap"]["SALES_COUNT_LAST_THIRTY_DAYS"] == 9
    later(shop, "29d")
    assert stock_of(shop, item)["salesCountMap"]["SALES_COUNT_LAST_THIRTY_DAYS"] == 9
    later(shop, "1d")
    assert stock_of(shop, item)["salesCountMap"]["SALES_COUNT_LAST_THIRTY_DAYS"] == 0
    assert shop.come("order", 300)
    boxes = shop.state("order_sheets", "shipmentBoxId").values()
    assert item not in {line["vendorItemId"] for box in boxes for line in box["orderItems"]}


def test_buyers_come_by_themselves_at_a_rate() -> None:
    """As many to the warehouse as to the seller; the same seed tells the same story."""
    stories = []
    for _ in range(2):
        shop = Shop("rocket_growth", buyers=6)
        before = len(shop.state("rocket_growth_orders", "orderId"))
        shop.at += timedelta(hours=4)
        shop.data(f"{PRODUCTS}/seller-products", LIST)
        stories.append(shop.state("rocket_growth_orders", "orderId"))
        assert len(stories[-1]) - before == 24
    assert stories[0] == stories[1]


# --- junk ------------------------------------------------------------------------------------------------------------

JUNK = (None, "", 0, -1, "x", [], {}, [1], {"a": 1}, True, 2**70, 1.5, [None], "http://[", {"sellerProductItemId": []})


def places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where every value of a body stands."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield (*here, key)
        yield from places(value[key], (*here, key))


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_spoilt_product_is_made_or_refused(method: str) -> None:
    """Wherever junk stands in it, the simulator answers, and what it has made can be read and reviewed."""
    shop, dice = Shop("rocket_growth"), random.Random(5)  # noqa: S311 - which places are spoilt
    whole = body(hybrid()) if method == "POST" else sent_back(shop, BAG)
    for place in dice.choices(list(places(whole)), k=120):
        told = copy.deepcopy(whole)
        inner: Any = told
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = dice.choice(JUNK)
        assert shop.ask(method, PATH, body=told).status in (200, 400)
        later(shop, "4h")
        assert shop.ask("GET", PATH, LIST).status == 200


# --- the limit of its own --------------------------------------------------------------------------------------------


def test_fifty_calls_a_minute_and_no_more(shop: WebShop) -> None:
    """All three reads together, in any sixty seconds; the next one locks the seller out, as too many a second do."""
    shop.sim.gateway.rate = 5
    shop.tick += 1000
    paths = [(STOCK, ""), (ORDERS, MONTH), (f"{ORDER}/5", "")]
    for n in range(50):
        assert shop.ask("GET", *paths[n % 3]).status != 429
        shop.tick += 1.1
    assert shop.ask("GET", PATH, LIST).status == 200
    shop.tick += 1
    assert shop.ask("GET", STOCK).status == 429
    assert shop.ask("GET", PATH, LIST).status == 429
    shop.tick += 60
    assert shop.ask("GET", STOCK).status == 200


def test_at_the_pace_that_is_allowed_nobody_is_locked_out(shop: WebShop) -> None:
    """A little more than 1.2 seconds apart, for minutes; without a rate there is no limit at all."""
    shop.sim.gateway.rate = 5
    for _ in range(120):
        shop.tick += 1.21
        assert shop.ask("GET", STOCK).status == 200
    shop.sim.gateway.rate = 0
    assert {shop.ask("GET", STOCK).status for _ in range(60)} == {200}


def test_the_old_marketplace_calls_do_not_fit(shop: WebShop) -> None:
    """No partial change, no approval by itself, no deletion: the product is not theirs."""
    assert shop.ask("GET", f"{PATH}/{UMBRELLA}/partial").status == 400
    assert shop.ask("PUT", f"{PATH}/{UMBRELLA}/approvals").status != 200
    assert shop.ask("DELETE", f"{PATH}/{UMBRELLA}").status != 200
