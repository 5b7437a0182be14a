"""What a shop sells and how it is put on offer: products, options, contracts, coupons, with every documented field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from runner.simulator.world import KST, Row, World, second, space

BRAND = "모의상회"
#: the contract every seller may give coupons by, without terms and for ever, and what a budget is unless said
FREE_CONTRACT, FOR_EVER = 9962, "2999-12-31 23:59:59"
_BUDGET = 1_000_000
_APPROVED = "승인완료"


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One option of a product to be made; without a number it is not approved yet."""

    number: int | None
    name: str
    price: int
    stock: int
    on_sale: bool = True


def product(world: World, number: int, name: str, options: Sequence[Option], *, status: str = _APPROVED) -> Row:
    """Make a product with its options."""
    items = [_item(one, number * 100 + n) for n, one in enumerate(options)]
    made = world.now - timedelta(days=200)
    row = {
        "sellerProductId": number, "sellerProductName": name, "displayCategoryCode": 77413, "categoryId": 2102,
        "productId": number + 14_000_000, "vendorId": world.vendor, "mdId": "", "mdName": None, "brand": BRAND,
        "saleStartedAt": "2025-01-01T00:00:00", "saleEndedAt": "2099-12-31T00:00:00", "displayProductName": name,
        "generalProductName": name, "productGroup": "", "statusName": status, "status": None, "requested": False,
        "vendorUserId": "seller1", "createdAt": second(made), "manufacture": BRAND, "requiredDocuments": [],
        "bundleInfo": {"bundleType": "SINGLE"}, "pccNeeded": False, **terms_of_delivery(), "items": items,
    }  # fmt: skip
    world.rows("products")[number] = row
    note(world, row, status, "판매자 승인요청", at=made)
    for one, item in zip(options, items, strict=True):
        if one.number is not None:
            world.rows("options")[one.number] = _stock(one, item, row)
    registration(world)
    return row


def registration(world: World) -> None:
    """Note how many products the seller has, of how many."""
    row = world.rows("registrations").setdefault(
        world.vendor, {"vendorId": world.vendor, "restricted": False, "permittedCount": 10_000}
    )
    kept = [one for one in world.rows("products").values() if one["statusName"] != "상품삭제"]
    row["registeredCount"] = len(kept) + len(world.rows("rocket_growth_products"))


def note(world: World, row: Row, status: str, comment: str, *, by: str = BRAND, at: datetime | None = None) -> None:
    """Put a product into a state and add it to its history, whose entries differ by a second at least."""
    number, moment = row["sellerProductId"], second(at or world.now)
    before = [one for one in world.rows("product_histories").values() if one["sellerProductId"] == number]
    if before and before[-1]["createdAt"] >= moment:
        moment = second(datetime.fromisoformat(before[-1]["createdAt"]).replace(tzinfo=KST) + timedelta(seconds=1))
    world.rows("product_histories")[(number, len(before))] = {
        "sellerProductId": number, "status": status, "comment": comment, "createdBy": by, "createdAt": moment,
    }  # fmt: skip
    row["statusName"] = status


def put_on_sale(world: World, row: Row, item: Row) -> None:
    """Give an approved option its number and let buyers see what was approved; price and stock count once only."""
    options = world.rows("options")
    if item["vendorItemId"] is None:
        item["vendorItemId"] = world.number("option", 76_000_001)
        made = Option(
            number=item["vendorItemId"], name=item["itemName"], price=item["salePrice"], stock=item["maximumBuyCount"]
        )
        options[made.number] = _stock(made, item, row)
    options[item["vendorItemId"]] |= {
        "sellerProductName": row["sellerProductName"], "itemName": item["itemName"],
        "externalVendorSku": item.get("externalVendorSku"), "originalPrice": item["originalPrice"],
    }  # fmt: skip


def terms_of_delivery() -> Row:
    """Terms of delivery and return, as a small shop has them."""
    return {
        "deliveryMethod": "SEQUENCIAL", "deliveryCompanyCode": "CJGLS", "deliveryChargeType": "NOT_FREE",
        "deliveryCharge": 2500, "freeShipOverAmount": 0, "deliveryChargeOnReturn": 2500, "remoteAreaDeliverable": "Y",
        "unionDeliveryType": "UNION_DELIVERY", "returnCenterCode": "1000274592", "returnChargeName": "반품지_1",
        "companyContactNumber": "02-0000-0000", "returnZipCode": "00000", "returnAddress": "서울특별시 가상구 예시로 1",
        "returnAddressDetail": "1층", "returnCharge": 2500, "outboundShippingPlaceCode": 63714, "extraInfoMessage": "",
    }  # fmt: skip


def _item(one: Option, number: int) -> Row:
    return {
        "sellerProductItemId": number, "vendorItemId": one.number, "itemName": one.name,
        "originalPrice": one.price, "salePrice": one.price, "maximumBuyCount": 99999, "maximumBuyForPerson": 0,
        "maximumBuyForPersonPeriod": 1, "outboundShippingTimeDay": 1, "unitCount": 1, "adultOnly": "EVERYONE",
        "taxType": "TAX", "parallelImported": "NOT_PARALLEL_IMPORTED", "overseasPurchased": "NOT_OVERSEAS_PURCHASED",
        "pccNeeded": False,
        "images": [{"imageOrder": 0, "imageType": "REPRESENTATION", "cdnPath": "", "vendorPath": ""}],
        "attributes": [{"attributeTypeName": "옵션", "attributeValueName": one.name, "exposed": "EXPOSED"}],
        "contents": [{"contentsType": "TEXT", "contentDetails": [{"content": one.name, "detailType": "TEXT"}]}],
        "notices": [], "externalVendorSku": f"SKU-{number}", "barcode": "", "emptyBarcode": True,
        "emptyBarcodeReason": "상품확인불가", "modelNo": "", "extraProperties": {},
        "certifications": [{"certificationType": "NOT_REQUIRED", "certificationCode": ""}], "searchTags": [],
        "offerCondition": "NEW", "offerDescription": "", "isAutoGenerated": False,
    }  # fmt: skip


def _stock(one: Option, item: Row, product_row: Row) -> Row:
    """Make what changes every day: stock, price, on sale or not."""
    return {
        "vendorItemId": one.number, "sellerProductId": product_row["sellerProductId"],
        "sellerProductName": product_row["sellerProductName"], "sellerProductItemId": item["sellerProductItemId"],
        "itemName": one.name, "externalVendorSku": item["externalVendorSku"], "originalPrice": one.price,
        "amountInStock": one.stock, "salePrice": one.price, "onSale": one.on_sale,
    }  # fmt: skip


def contract(world: World, number: int, *, kind: str, start: str, end: str) -> Row:
    """Make a contract a coupon may be paid from, with a budget for this month."""
    free = kind == "NON_CONTRACT_BASED"
    row = {
        "contractId": number, "vendorContractId": -1 if free else 2, "sellerId": world.vendor, "sellerShareRatio": 100,
        "coupangShareRatio": 0, "gmvRatio": 0 if free else 10, "start": start, "end": end, "type": kind,
        "useBudget": True, "modifiedAt": start, "modifiedBy": "seller1",
    }  # fmt: skip
    world.rows("contracts")[number] = row
    world.rows("budgets")[number] = {
        "contractId": number, "targetMonth": f"{world.now:%Y-%m}", "vendorShareRatio": 100.0,
        "totalBudgetAmount": _BUDGET, "usedBudgetAmount": 0,
    }  # fmt: skip
    return row


def set_budget(world: World, asked: Mapping[str, Any]) -> Row:
    """Let the seller set this month's budget in WING; the first one opens the contract without terms."""
    free = {number for number, row in world.rows("contracts").items() if row["end"] == FOR_EVER}
    number = max(free, default=FREE_CONTRACT + world.offset)
    if not free:
        contract(world, number, kind="NON_CONTRACT_BASED", start=f"{world.now:%Y-%m-%d} 00:00:00", end=FOR_EVER)
    world.rows("budgets")[number]["totalBudgetAmount"] = asked.get("amount", _BUDGET)
    return {"contractId": number, **world.rows("budgets")[number]}


def coupon(world: World, number: int, terms: Row, *, status: str) -> Row:
    """Make an instant coupon. Whether it is for Wow members only is a text, as in the documentation's sample."""
    row = {
        "contractId": terms["contractId"], "vendorContractId": -1, "promotionName": terms["name"], "couponId": number,
        "status": status, "type": terms["type"], "maxDiscountPrice": terms["maxDiscountPrice"],
        "discount": terms["discount"], "startAt": terms["startAt"], "endAt": terms["endAt"],
        "wowExclusive": "true" if terms.get("wowExclusive") else "false",
    }  # fmt: skip
    world.rows("instant_coupons")[number] = row
    return row


def coupon_item(world: World, coupon_id: int, option_id: int) -> Row:
    """Put an option into a coupon."""
    held = world.rows("instant_coupons")[coupon_id]
    number = world.number("coupon_item", 81_001)
    row = {
        "couponItemId": number, "couponId": coupon_id, "vendorItemId": option_id, "startAt": held["startAt"],
        "endAt": held["endAt"], "status": held["status"],
    }  # fmt: skip
    world.rows("instant_coupon_items")[number] = row
    return row


def use_coupon(world: World, coupon_id: int, order: int, option_id: int) -> Row:
    """Note that an order was made with an instant coupon."""
    row = {"orderId": order, "vendorItemId": option_id, **world.rows("instant_coupons")[coupon_id]}
    world.rows("coupons_of_orders")[(order, option_id)] = row
    return row


def download_coupon(world: World, number: int, title: str, options: int) -> Row:
    """Make a download coupon, with the request that put its options in."""
    start, end = world.now - timedelta(days=2), world.now + timedelta(days=28)
    policy: dict[str, Any] = {
        "title": title, "typeOfDiscount": "PRICE", "description": "2만원 이상 구매 시", "minimumPrice": 20_000,
        "discount": 1000, "maximumDiscountPrice": 1000, "maximumPerDay": 1,
    }  # fmt: skip
    row = {
        "couponId": number, "title": title, "couponType": "DOWNLOAD", "couponStatus": "STANDBY",
        "publishedDate": space(start), "startDate": space(start), "endDate": space(end), "appliedOptionCount": options,
        "usageAmount": 0, "couponPolicies": [policy],
    }  # fmt: skip
    ticket = f"dc{number}"
    world.rows("download_coupons")[number] = row
    world.rows("download_coupon_requests")[ticket] = {
        "couponId": number, "requestedId": ticket, "type": "ITEM_PUBLISH", "status": "DONE", "total": options,
        "succeeded": options, "failed": 0, "couponFailedVendorItemIdResponses": [],
    }  # fmt: skip
    return row


def book_cashback(world: World, rule: int, option_id: int) -> Row:
    """Give cashback on a book."""
    row = {
        "ruleId": rule, "vendorId": world.vendor, "vendorItemId": str(option_id), "valueType": "FIXED", "value": 500,
        "maxAmount": None, "startAt": second(world.now - timedelta(days=1)),
        "endAt": second(world.now + timedelta(days=30)), "disabled": False, "disabledAt": None,
    }  # fmt: skip
    world.rows("book_cashbacks")[(rule, option_id)] = row
    return row
