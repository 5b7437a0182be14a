"""Documents of products over HTTP: what the category and the documentation want, and the sample as it is printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from simulator_support import OPEN, PRODUCTS, VENDOR, WebShop, said, words
from test_simulator_listing import document, event, item, later, number_in, product

REQUESTS = Path(__file__).parent.parent / "data" / "answers" / "product_requests.json"
LIST = f"{PRODUCTS}/seller-products"
COSMETICS = (
    "용량(중량)", "제품 주요 사양", "사용기한 또는 개봉 후 사용기간", "사용방법", "제조업자 및 제조판매업자", "제조국",
    "화장품법에 따라 기재, 표시하여야 하는 모든 성분", "식품의약품안전처 심사 필 유무", "사용할 때 주의사항",
    "품질보증기준", "소비자상담관련 전화번호",
)  # fmt: skip
REMOTE = {"remoteAreaDeliverable": "Y", "deliveryCompanyCode": "KGB"}


def lines(*names: str, notice: str = "화장품") -> list[dict[str, Any]]:
    """Return the lines of a notice."""
    return [{"noticeCategoryName": notice, "noticeCategoryDetailName": one, "content": "참조"} for one in names]


def values(**named: str) -> list[dict[str, Any]]:
    """Return attributes; a blank in a name is written as an underscore."""
    return [{"attributeTypeName": name.replace("_", " "), "attributeValueName": value} for name, value in named.items()]


def sample() -> dict[str, Any]:
    """Return the documented request with what is asked for since: the number of the brand, and places of this shop."""
    body: dict[str, Any] = json.loads(REQUESTS.read_text("utf-8"))["create_product"]
    body |= {"brandId": "KR-3", "outboundShippingPlaceCode": "63714", "vendorUserId": "seller1"}
    for one in body["items"]:
        one["notices"] = lines(*COSMETICS)
    return body


def oil(**change: Any) -> dict[str, Any]:
    """Return the sample with a change of its first option."""
    body = sample()
    body["items"][0] |= change
    return body


@pytest.fixture
def shop() -> WebShop:
    """Give the demo world over HTTP."""
    return WebShop("demo")


def test_the_sample_is_taken_with_its_quoted_numbers(shop: WebShop) -> None:
    """They are numbers when the product is read."""
    number = number_in(shop.ask("POST", LIST, body=sample()))
    later(shop, "1m")
    row = product(shop, number)
    first = row["items"][0]
    assert (row["outboundShippingPlaceCode"], first["maximumBuyCount"], first["pccNeeded"]) == (63714, 100, False)


@pytest.mark.parametrize("code", [1, 58800, 77902, 62613])
def test_only_a_category_in_service_takes_products(shop: WebShop, code: int) -> None:
    """None, one with others below it, one that is being prepared, one that is closed."""
    status, told = words(shop.ask("POST", LIST, body=sample() | {"displayCategoryCode": code}))
    assert (status, f"노출카테고리 {code}" in told) == (400, True), told


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"salePrice": 10_005}, "items.salePrice"),
        ({"originalPrice": -10}, "items.originalPrice"),
        ({"maximumBuyCount": 1_000_000}, "items.maximumBuyCount"),
        ({"outboundShippingTimeDay": 0}, "items.outboundShippingTimeDay"),
        ({"itemName": "가" * 151}, "items.itemName"),
        ({"adultOnly": "NOBODY"}, "items.adultOnly"),
        ({"images": []}, "items.images"),
        ({"attributes": []}, "items.attributes"),
        ({"attributes": values(수량="가" * 31)}, "items.attributeValueName"),
        ({"contents": []}, "items.contents"),
        ({"contents": [{"contentsType": "MUSIC", "contentDetails": []}]}, "items.contentsType"),
        ({"searchTags": ["검색"] * 21}, "items.searchTags"),
        ({"searchTags": ["검" * 21]}, "items.searchTags"),
        ({"searchTags": ["검색<b>"]}, "검색어"),
        ({"emptyBarcodeReason": "가" * 101}, "items.emptyBarcodeReason"),
        ({"sameDayShipping": {"active": True, "cutOffTimeHour": 9}}, "items.cutOffTimeHour"),
        ({"sameDayShipping": {"active": True, "cutOffTimeHour": 10, "cutOffTimeMinute": 30}}, "당일출고"),
        ({"autoPricingInfo": {"minSalePrice": 10_000, "active": True}}, "최저 판매가"),
        ({"images": [{"imageOrder": 0, "imageType": "DETAIL", "vendorPath": "http://a.kr/1.jpg"}]}, "REPRESENTATION"),
        ({"offerCondition": "USED_GOOD"}, "USED_GOOD"),
    ],
)
def test_options_keep_to_what_is_documented(shop: WebShop, change: dict[str, Any], text: str) -> None:
    """Bounds and values of every field, at any depth; nothing is created."""
    status, told = words(shop.ask("POST", LIST, body=oil(**change)))
    assert (status, text in told, shop.applied()) == (400, True, []), told


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"attributes": values(수량="1개")}, "카테고리의 필수 속성이 존재하지 않습니다."),
        ({"attributes": values(수량="1개", 개당_용량="")}, "카테고리의 필수 속성이 존재하지 않습니다."),
        ({"attributes": values(수량="한 개", 개당_용량="200ml")}, "[수량] 속성값"),
        ({"attributes": values(수량="1개", 개당_용량="200g")}, "[개당 용량] 속성값"),
        (
            {"notices": lines("제조자 및 제조판매업자")},
            "입력된 상품필수 고지정보[제조자 및 제조판매업자]가 카테고리[화장품]에서",
        ),
        ({"notices": lines("품명", notice="생활용품")}, "입력된 상품필수 고지정보[품명]가 카테고리[생활용품]에서"),
        ({"notices": lines(*COSMETICS[1:])}, "상품필수 고지정보[용량(중량)]가 입력되지 않았습니다."),
        ({"notices": []}, "상품필수 고지정보[용량(중량)]가 입력되지 않았습니다."),
        ({"certifications": [{"certificationType": "UFO"}]}, "인증정보[UFO]"),
        ({"certifications": [{"certificationType": "KC_CERTIFICATION"}]}, "인증번호"),
        ({"parallelImported": "PARALLEL_IMPORTED"}, "구비서류[수입신고필증(병행수입 선택시)]"),
    ],
)
def test_options_are_what_their_category_wants(shop: WebShop, change: dict[str, Any], text: str) -> None:
    """Attributes with values that fit, all of one notice, known certificates, the papers of an import."""
    status, told = words(shop.ask("POST", LIST, body=oil(**change)))
    assert (status, text in told, shop.applied()) == (400, True, []), told


def test_papers_have_names_of_the_category(shop: WebShop) -> None:
    """Those of the sample do."""
    papers = [{"templateName": "편지", "documentPath": "a.pdf"}]
    assert "구비서류[편지]" in words(shop.ask("POST", LIST, body=sample() | {"requiredDocuments": papers}))[1]


def test_without_a_category_the_seller_must_have_agreed(shop: WebShop) -> None:
    """Then Coupang finds one, and nothing is wanted of the options; in a category it is."""
    assert shop.ask("POST", LIST, body=document()).status == 200
    status, told = words(shop.ask("POST", LIST, body=document(displayCategoryCode=77413)))
    assert (status, told) == (400, "카테고리의 필수 속성이 존재하지 않습니다.")
    event(shop, "agree_auto_category", agreed=False)
    assert shop.ask("POST", LIST, body=document()).status == 400


def test_remote_areas_need_a_courier_of_the_place(shop: WebShop) -> None:
    """One that has its fees there; a purchase abroad leaves from abroad."""
    status, told = words(shop.ask("POST", LIST, body=document(**REMOTE)))
    assert (status, told) == (400, "[택배사 코드]를 확인해 주세요.")
    assert shop.ask("POST", LIST, body=document(**REMOTE | {"remoteAreaDeliverable": "N"})).status == 200
    abroad = words(shop.ask("POST", LIST, body=document(deliveryMethod="AGENT_BUY")))
    assert abroad == (400, "올바른 반품지 센터코드를 입력 하세요.")


def test_options_of_before_may_be_changed(shop: WebShop) -> None:
    """What is wanted today is asked of new options only; a line that no notice has is refused anyway."""
    row = product(shop, 30100001)
    sent = {name: value for name, value in row.items() if name not in ("statusName", "status", "mdId", "mdName")}
    sent["brandId"] = "KR-3"
    new = item("새 옵션")
    told = words(shop.ask("PUT", LIST, body=sent | {"items": [*row["items"], new]}))
    assert told == (400, "카테고리의 필수 속성이 존재하지 않습니다.")
    row["items"][0]["notices"] = lines("품명", notice="없는 고시")
    assert "없는 고시" in words(shop.ask("PUT", LIST, body=sent | {"items": row["items"]}))[1]
    row["items"][0]["notices"] = []
    number_in(shop.ask("PUT", LIST, body=sent | {"items": row["items"]}))


def test_products_are_found_by_what_is_wrong_with_them(shop: WebShop) -> None:
    """A mandatory option is missing from those of before; nothing has values that do not fit."""
    number = number_in(shop.ask("POST", LIST, body=sample()))
    found = {
        kind: {one["sellerProductId"] for one in shop.data(LIST, f"vendorId={VENDOR}&violationTypes={kind}")}
        for kind in ("MOTA_V2", "ATTR", "NO_VA_V2")
    }
    assert (30100001 in found["MOTA_V2"], number in found["MOTA_V2"]) == (True, False)
    assert (found["ATTR"], found["NO_VA_V2"]) == (set(), set())


def test_approval_is_not_for_rocket_growth() -> None:
    """The call is refused in documented words."""
    shop = WebShop("rocket_growth")
    (number, *_) = shop.state("rocket_growth_products", "sellerProductId")
    told = words(shop.ask("PUT", f"{LIST}/{number}/approvals"))
    assert told == (400, "현재 Open API에서는 로켓상품 관련 기능을 제공하지 않습니다")


# --- texts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query", "text"),
    [
        (f"{LIST}/1", "", "상품(1)의 데이터가 없습니다."),
        (f"{LIST}/abc", "", "업체상품아이디[abc]는 숫자형으로 입력해주세요."),
        (f"{PRODUCTS}/vendor-items/5/inventories", "", "유효한 옵션이 없습니다: [vendorItemId=5]"),
        (
            f"{LIST}/time-frame",
            "vendorId=A00099999&createdAtFrom=2026-03-03T09:00:00&createdAtTo=2026-03-03T09:01:00",
            f"업체[{VENDOR}]는 다른 업체[A00099999]의 상품목록을 조회할 수 없습니다.",
        ),
        (
            f"{LIST}/time-frame",
            f"vendorId={VENDOR}&createdAtFrom=2026-03-03T09:00:00&createdAtTo=2026-03-03T09:10:01",
            "검색 허용 범위를 초과했습니다. 최대 허용 범위는 10분입니다.",
        ),
        (
            f"{OPEN}/v5/vendors/{VENDOR}/onlineInquiries",
            f"vendorId={VENDOR}&inquiryStartAt=2026-02-01&inquiryEndAt=2026-03-01&answeredType=ALL",
            "time interval needs to be less than or equal to 7 days\uff0c pattern should be yyyy-MM-dd",
        ),
        (
            f"{OPEN}/v4/vendors/{VENDOR}/returnWithdrawRequests",
            "dateFrom=2026-03-03&dateTo=2026-03-02",
            "종료일자는 시작일자보다 작거나 같아야 합니다.",
        ),
        (
            f"{OPEN}/v4/vendors/{VENDOR}/returnWithdrawRequests",
            "dateFrom=2026-02-30&dateTo=2026-03-02",
            "날짜입력을 확인해 주세요. (형식:yyyy-MM-dd) [Please confirm the date input (format:yyyy-MM-dd)]",
        ),
        (
            f"{OPEN}/v1/revenue-history",
            f"vendorId={VENDOR}&recognitionDateFrom=2026-02-30&recognitionDateTo=2026-03-02&token=",
            "recognitionDateFrom: Invalid format. 'yyyy-MM-dd' 형식을 사용하세요.",
        ),
    ],
)
def test_refusals_have_their_whole_text(shop: WebShop, path: str, query: str, text: str) -> None:
    """With the numbers where the documentation has them, and never a word of this program's own."""
    answer = shop.ask("GET", path, query)
    assert (answer.status, said(answer)["message"]) == (400, text)


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (
            9905,
            "가격변경에 실패했습니다. [옵션ID[70000001]: 가격은 최소 10원 단위로 입력가능합니다. (1원단위 입력 불가)]",
        ),
        (990, "가격변경에 실패했습니다. [옵션ID[70000001] : 판매가 변경이 불가능합니다. 변경전 판매가의 최대 50% 인하"),
    ],
)
def test_a_price_is_refused_with_its_option(shop: WebShop, price: int, text: str) -> None:
    """Steps of ten won, and at most half."""
    status, told = words(shop.ask("PUT", f"{PRODUCTS}/vendor-items/70000001/prices/{price}"))
    assert (status, told.startswith(text)) == (400, True), told
