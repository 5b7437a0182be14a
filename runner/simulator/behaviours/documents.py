"""What Coupang looks at before it takes the document of a product, and what it says to mistakes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from runner.simulator.bodies import unquoted_number
from runner.simulator.invoices import is_courier
from runner.simulator.wire import Refusal
from runner.simulator.wishes import check_category, check_notices, check_wishes
from runner.simulator.world import Row, World

_ITEM = (
    "itemName", "originalPrice", "salePrice", "maximumBuyCount", "maximumBuyForPerson", "maximumBuyForPersonPeriod",
    "outboundShippingTimeDay", "unitCount", "adultOnly", "taxType", "parallelImported", "overseasPurchased",
    "pccNeeded", "images", "attributes", "contents",
)  # fmt: skip
_PRODUCT = (
    "sellerProductName", "vendorId", "saleStartedAt", "saleEndedAt", "deliveryMethod", "deliveryCompanyCode",
    "deliveryChargeType", "deliveryCharge", "freeShipOverAmount", "deliveryChargeOnReturn", "remoteAreaDeliverable",
    "unionDeliveryType", "returnCenterCode", "returnChargeName", "companyContactNumber", "returnZipCode",
    "returnAddress", "returnAddressDetail", "returnCharge", "outboundShippingPlaceCode", "vendorUserId", "requested",
    "items",
)  # fmt: skip
_NUMBERS = (
    "deliveryCharge", "freeShipOverAmount", "deliveryChargeOnReturn", "returnCharge", "outboundShippingPlaceCode",
    "originalPrice", "salePrice", "maximumBuyCount", "maximumBuyForPerson", "maximumBuyForPersonPeriod",
    "outboundShippingTimeDay", "unitCount",
)  # fmt: skip
_LONGEST_NAME, _MOST_KINDS = 100, 3
_NO_CENTER = "NO_RETURN_CENTERCODE"
#: a return fee in percent of the first delivery fee
_RETURN_FEE = range(100, 151)
#: how many images of a kind an option has
_IMAGES = {"REPRESENTATION": (1, 1), "DETAIL": (0, 9), "USED_PRODUCT": (0, 4)}
#: what a search word is written with
_TAG = r"[\w\s!@#$%^&*\-+;:'.]*"


# --- the body as it comes ------------------------------------------------------------------------------------------


def check_body(body: Mapping[str, Any]) -> None:
    """Refuse a document that lacks a key, has a wrong type, or too long a name."""
    items = body.get("items")
    for part, names in ((body, _PRODUCT), *((one, _ITEM) for one in (items if isinstance(items, list) else ()))):
        if not isinstance(part, dict) or any(part.get(name) is None for name in names):
            raise Refusal(400, "java.lang.NullPointerException")
        wrong = [name for name in _NUMBERS if name in part and not _is_number(part[name])]
        if wrong:
            raise Refusal(400, f"입력값에 오류가 있습니다. line: 1, {wrong[0]}")
    if len(str(body.get("displayProductName") or "")) > _LONGEST_NAME:
        raise Refusal(400, "'노출상품명' 최대 길이(100자)를 초과했습니다.")


def check_partial_body(body: Mapping[str, Any]) -> None:
    """Refuse a change that does not say once more which product it is about."""
    if body.get("sellerProductId") in (None, ""):
        raise Refusal(400, "업체상품아이디를 반드시 입력해주세요.")


def _is_number(value: Any) -> bool:
    """Tell a number; the documented sample quotes some of them."""
    value = unquoted_number(value)
    return isinstance(value, int) and not isinstance(value, bool)


DOCUMENT_CHECKS = {
    "create_product": check_body,
    "update_product": check_body,
    "update_product_partial": check_partial_body,
}


# --- the document as a whole ---------------------------------------------------------------------------------------


def check_new(world: World, given: Mapping[str, Any]) -> None:
    """Refuse the document of a new product; without a category Coupang finds one, if the seller agreed to that."""
    _check_document(world, given, SAME_ITEM)
    code = given.get("displayCategoryCode")
    if code is not None:
        check_category(world, code)
        check_wishes(code, given, given["items"])
    elif not world.rows("auto_category_agreements")[world.vendor]["isAgreed"]:
        raise Refusal(400, "카테고리 자동 매칭 서비스에 동의하지 않았습니다. 노출카테고리코드를 입력해주세요.")


def check_change(world: World, given: Mapping[str, Any], row: Row) -> None:
    """Refuse the document of a product that is changed. What was registered may be older than what is wanted today."""
    _check_document(world, given, SAME_NAME)
    code = given.get("displayCategoryCode") or row["displayCategoryCode"]
    if code != row["displayCategoryCode"]:
        check_category(world, code)
    new = [one for one in given["items"] if not one.get("sellerProductItemId") and not one.get("vendorItemId")]
    check_wishes(code, given, new)
    for one in given["items"]:
        check_notices(code, one.get("notices") or [], whole=False)


def _check_document(world: World, given: Mapping[str, Any], twice: str) -> None:
    """Refuse a document; `twice` is what is said to two options of one name."""
    if given.get("brand") and not given.get("brandId"):
        raise Refusal(400, "브랜드 ID가 필요합니다")
    _check_items(given["items"], twice)
    for one in given["items"]:
        _check_item(one)
    check_terms(world, given)


def _check_item(item: Row) -> None:
    """Refuse an option whose images, search words or prices are not as documented."""
    images = Counter(one["imageType"] for one in item["images"])
    wrong = [kind for kind, (least, most) in _IMAGES.items() if not least <= images[kind] <= most]
    if wrong:
        raise Refusal(400, f"이미지 개수를 확인해주세요. [{wrong[0]}: {images[wrong[0]]}]")
    strange = [one for one in item.get("searchTags") or [] if not re.fullmatch(_TAG, one)]
    if strange:
        raise Refusal(400, f"검색어에 사용할 수 없는 문자가 있습니다. [{strange[0]}]")
    prices = item.get("autoPricingInfo")
    if prices and not prices["minSalePrice"] < item["salePrice"]:
        raise Refusal(400, "자동 가격 조정의 최저 판매가는 판매가보다 낮아야 합니다.")
    same_day = item.get("sameDayShipping") or {}
    if same_day.get("active") and same_day.get("cutOffTimeMinute"):
        raise Refusal(400, "당일출고 마감시간의 분은 0이어야 합니다.")


def _check_items(items: list[Row], twice: str) -> None:
    name = _repeated(one["itemName"] for one in items)
    if name is not None:
        raise Refusal(400, twice.format(name=name))
    exposed = {one["itemName"]: _exposed(one) for one in items}
    again = _repeated(frozenset(one.items()) for one in exposed.values() if one)
    if again is not None:
        name = next(name for name, one in exposed.items() if frozenset(one.items()) == again)
        raise Refusal(400, SAME_ITEM.format(name=name))
    if len({kind for one in exposed.values() for kind in one}) > _MOST_KINDS:
        raise Refusal(400, "해당 카테고리는 최대 3개까지 옵션생성이 가능합니다.")


#: to two options with one name, or with the same values
SAME_ITEM = "[{name}] 아이템과 같은 옵션 및 옵션값을 가지고 있는 아이템이 중복으로 존재합니다."
#: to two options with one name, in a change
SAME_NAME = "중복된 아이템 이름이 존재합니다. [{name}]"


def _repeated(values: Iterable[Any]) -> Any:
    return next((value for value, count in Counter(values).items() if count > 1), None)


def _exposed(item: Row) -> dict[str, str]:
    """Return the purchase options of an item; an attribute is one unless it says that it is a filter."""
    return {
        one["attributeTypeName"]: one["attributeValueName"]
        for one in item["attributes"]
        if one.get("exposed", "EXPOSED") == "EXPOSED"
    }


def check_terms(world: World, terms: Mapping[str, Any]) -> None:
    """Refuse terms of delivery and return that nobody could keep."""
    place = world.rows("outbound_places").get(terms["outboundShippingPlaceCode"])
    centre = terms["returnCenterCode"]
    if not is_courier(terms["deliveryCompanyCode"]):
        raise Refusal(400, _NO_COURIER)
    if centre not in (_NO_CENTER, *world.rows("return_centers")) or place is None or not _is_usable(world, terms):
        raise Refusal(400, _NO_PLACE)
    if terms["deliveryMethod"] == "AGENT_BUY" and not place["global"]:
        raise Refusal(400, _NO_PLACE)
    if terms["remoteAreaDeliverable"] == "Y" and terms["deliveryCompanyCode"] not in _remote(place):
        raise Refusal(400, _NO_COURIER)
    _check_fees(terms)


_NO_COURIER = "[택배사 코드]를 확인해 주세요."
_NO_PLACE = "올바른 반품지 센터코드를 입력 하세요."


def _remote(place: Row) -> set[str]:
    """Return the couriers who bring parcels of a place to remote areas."""
    return {one["deliveryCode"] for one in place["remoteInfos"] if one["usable"]}


def _is_usable(world: World, terms: Mapping[str, Any]) -> bool:
    place = world.rows("outbound_places")[terms["outboundShippingPlaceCode"]]
    centre = world.rows("return_centers").get(terms["returnCenterCode"])
    return bool(place["usable"] and (centre is None or centre["usable"]))


def _check_fees(terms: Mapping[str, Any]) -> None:
    kind, first, back = terms["deliveryChargeType"], terms["deliveryChargeOnReturn"], terms["returnCharge"]
    free_from = terms["freeShipOverAmount"]
    if kind == "CONDITIONAL_FREE" and (first or not free_from):
        raise Refusal(400, "배송비 종류가 19800이상 무료배송이면 조건부무료가 19800원, 초도배송비가 0원 입니다.")
    if kind != "CONDITIONAL_FREE" and free_from:
        raise Refusal(400, "조건부 무료배송이 아니면 무료배송 조건 금액은 0원입니다.")
    if kind == "FREE" and terms["deliveryCharge"]:
        raise Refusal(400, "무료배송이면 기본 배송비는 0원입니다.")
    if kind == "CHARGE_RECEIVED" and terms["unionDeliveryType"] == "UNION_DELIVERY":
        raise Refusal(400, "착불배송은 묶음 배송을 할 수 없습니다.")
    if terms["deliveryMethod"] == "SEQUENCIAL" and first and not _fits(back, first):
        raise Refusal(400, _WRONG_RETURN_FEE)


_WRONG_RETURN_FEE = (
    "[code: VALIDATION , error : 일반배송상품의 경우, 반품배송비는 초도반품비의 100%~150%까지만 입력가능합니다. "
    "반품배송비를 변경해주세요]"
)


def _fits(back: int, first: int) -> bool:
    return _RETURN_FEE.start * first <= 100 * back <= (_RETURN_FEE.stop - 1) * first


def can_be_fetched(image: Row) -> bool:
    """Tell whether Coupang gets an image: a public address on the usual ports. Hosts of `.invalid` never answer."""
    if image.get("cdnPath"):
        return True
    try:
        found = urlsplit(image.get("vendorPath") or "")
        port = found.port
    except ValueError:
        return False
    host = found.hostname or ""
    return bool(re.fullmatch("https?", found.scheme) and host and not host.endswith(".invalid")) and port in (
        None, 80, 443,
    )  # fmt: skip
