"""Records as the marketplace makes them, every documented field filled; people and addresses are made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from runner.simulator.world import Row, World, iso, won

_FAMILY = "김이박최정강조윤장임한오서신권황안송홍고"
_GIVEN = ("민준", "서연", "도윤", "지우", "하은", "시우", "수아", "예준", "지호", "유나", "현우", "다은")
_STREETS = (
    "서울특별시 가상구 예시로",
    "부산광역시 보기구 모의대로",
    "대전광역시 가상구 시험로",
    "경기도 예시시 모의로",
)
COURIERS = {
    "CJGLS": "CJ 대한통운",
    "HANJIN": "한진택배",
    "HYUNDAI": "롯데택배",
    "EPOST": "우체국택배",
    "DIRECT": "업체직송",
}


def person(world: World) -> Row:
    """Make up a person; phone numbers are virtual ones."""
    dice = world.dice
    return {
        "name": f"{dice.choice(_FAMILY)}*{dice.choice(_GIVEN)[-1]}",
        "phone": f"+82(0503){dice.randint(1000, 9999)}-{dice.randint(1000, 9999)}",
        "addr1": f"{dice.choice(_STREETS)} {dice.randint(1, 99)}",
        "addr2": f"{dice.randint(101, 120)}동 {dice.randint(101, 2099)}호",
        "postCode": f"{dice.randint(1000, 63999):05}",
    }


def order_sheet(
    world: World, box: int, order: int, options: list[tuple[int, int]], *, status: str, ordered: datetime,
    left: datetime | None = None, parcel: tuple[str, str] = ("", ""),
) -> Row:  # fmt: skip
    """Make a box of (option id, quantity); `left` is when the courier took it, `parcel` its courier and invoice."""
    buyer = person(world)
    row = {
        "shipmentBoxId": box, "orderId": order, "orderedAt": iso(ordered),
        "orderer": {"name": buyer["name"], "email": "", "safeNumber": buyer["phone"], "ordererNumber": None},
        "paidAt": iso(ordered + timedelta(minutes=1)), "status": status, "shippingPrice": won(2500),
        "remotePrice": None,
        "remoteArea": False, "parcelPrintMessage": "문 앞", "splitShipping": False,
        "ableSplitShipping": len(options) > 1,
        "receiver": {
            "name": buyer["name"], "safeNumber": buyer["phone"], "receiverNumber": None, "addr1": buyer["addr1"],
            "addr2": buyer["addr2"], "postCode": buyer["postCode"],
        },
        "orderItems": [_order_item(world, option, count, ordered) for option, count in options],
        "overseaShippingInfoDto": {"personalCustomsClearanceCode": "", "ordererSsn": "", "ordererPhoneNumber": ""},
        "deliveryCompanyName": COURIERS.get(parcel[0], ""), "invoiceNumber": parcel[1],
        "inTrasitDateTime": iso(left) if left else None, "deliveredDate": None, "refer": "안드로이드앱",
        "shipmentType": "THIRD_PARTY", "isCod": False,
        "extraProperties": {"sameDayShipping": "false", "cutOffTimeHour": "0"},
    }  # fmt: skip
    world.rows("order_sheets")[box] = row
    world.rows("delivery_histories")[box] = {"shipmentBoxId": box, "details": [_change(status, left or ordered)]}
    return row


def _change(status: str, at: datetime) -> Row:
    words = {
        "ACCEPT": "결제완료", "INSTRUCT": "상품준비중", "DEPARTURE": "배송지시", "DELIVERING": "배송중",
        "FINAL_DELIVERY": "배송완료", "NONE_TRACKING": "업체 직접 배송(배송 연동 미적용), 추적불가",
    }  # fmt: skip
    return {"deliveryStatus": status, "deliveryStatusDesc": words[status], "updatedAt": iso(at)}


def move(world: World, box: Row, status: str) -> None:
    """Put a box into another state and note it in its history; into the same one nothing happens."""
    if box["status"] == status:
        return
    box["status"] = status
    details = world.rows("delivery_histories")[box["shipmentBoxId"]]["details"]
    details.insert(0, _change(status, world.now))


def _order_item(world: World, option: int, count: int, ordered: datetime) -> Row:
    known = world.rows("options").get(option, {})
    price = known.get("salePrice", 9900)
    name = known.get("itemName", "기본")
    product = known.get("sellerProductName", "모의 상품")
    return {
        "vendorItemPackageId": 0, "vendorItemPackageName": product, "productId": 0, "vendorItemId": option,
        "vendorItemName": f"{product}, {name}", "shippingCount": count, "salesPrice": won(price),
        "orderPrice": won(price * count), "discountPrice": won(0), "instantCouponDiscount": won(0),
        "downloadableCouponDiscount": won(0), "coupangDiscount": won(0), "externalVendorSkuCode": None,
        "etcInfoHeader": None, "etcInfoValue": None, "etcInfoValues": None,
        "sellerProductId": known.get("sellerProductId", 0), "sellerProductName": product, "sellerProductItemName": name,
        "firstSellerProductItemName": name, "cancelCount": 0, "holdCountForCancel": 0,
        "estimatedShippingDate": f"{ordered + timedelta(days=2):%Y-%m-%d}", "plannedShippingDate": "",
        "invoiceNumberUploadDate": "", "extraProperties": {}, "pricingBadge": False, "usedProduct": False,
        "confirmDate": None, "deliveryChargeTypeName": "유료", "canceled": False,
    }  # fmt: skip


def return_request(
    world: World, receipt: int, order: int, items: list[Row], *, status: str, created: datetime, kind: str = "RETURN",
    stop: str = "미처리",
) -> Row:  # fmt: skip
    """Make a receipt. `items` are made with `return_item`."""
    asker = person(world)
    row = {
        "receiptId": receipt, "orderId": order, "paymentId": order + 7, "receiptType": kind, "receiptStatus": status,
        "createdAt": iso(created), "modifiedAt": iso(created), "requesterName": asker["name"],
        "requesterPhoneNumber": asker["phone"], "requesterRealPhoneNumber": None, "requesterAddress": asker["addr1"],
        "requesterAddressDetail": asker["addr2"], "requesterZipCode": asker["postCode"],
        "cancelReasonCategory1": "고객변심",
        "cancelReasonCategory2": "단순변심(사유없음)", "cancelReason": "",
        "cancelCountSum": sum(one["cancelCount"] for one in items),
        "returnDeliveryId": receipt + 9, "returnDeliveryType": "연동택배", "releaseStopStatus": stop,
        "enclosePrice": won(0),
        "faultByType": "CUSTOMER", "preRefund": False, "completeConfirmDate": "", "completeConfirmType": "UNDEFINED",
        "returnItems": items, "returnDeliveryDtos": [], "reasonCode": "CHANGEMIND",
        "reasonCodeText": "필요 없어짐 (단순 변심)",
        "returnShippingCharge": won(-3000),
    }  # fmt: skip
    world.rows("return_requests")[receipt] = row
    if status == "RELEASE_STOP_UNCHECKED":
        for line, item in lines_of(world, row):
            line["holdCountForCancel"] += item["cancelCount"]
    return row


def lines_of(world: World, receipt: Row) -> Iterator[tuple[Row, Row]]:
    """Yield the lines of boxes that a receipt is about, each with the receipt's item."""
    known = world.rows("order_sheets")
    for item in receipt["returnItems"]:
        for line in known.get(item["shipmentBoxId"], {}).get("orderItems", ()):
            if line["vendorItemId"] == item["vendorItemId"]:
                yield line, item


def release(world: World, receipt: Row) -> None:
    """Take back what a stop request holds, once it is answered or withdrawn."""
    for line, item in lines_of(world, receipt):
        line["holdCountForCancel"] = max(line["holdCountForCancel"] - item["cancelCount"], 0)


def is_cancelled(box: Row) -> bool:
    """Tell whether nothing of a box is left to be sent."""
    return all(line["canceled"] for line in box["orderItems"])


def return_item(world: World, box: int, option: int, count: int, released: str | None = "N") -> Row:
    """Make one item of a receipt."""
    known = world.rows("options").get(option, {})
    product, name = known.get("sellerProductName", "모의 상품"), known.get("itemName", "기본")
    return {
        "vendorItemPackageId": 0, "vendorItemPackageName": product, "vendorItemId": option,
        "vendorItemName": f"{product}, {name}", "purchaseCount": count, "cancelCount": count, "shipmentBoxId": box,
        "sellerProductId": known.get("sellerProductId", 0), "sellerProductName": product, "releaseStatus": released,
        "cancelCompleteUser": None,
    }  # fmt: skip


def product(world: World, number: int, name: str, options: list[Row], *, status: str = "승인완료") -> Row:
    """Make a product with its options (made with `option`)."""
    row = {
        "sellerProductId": number, "sellerProductName": name, "displayCategoryCode": 77413, "categoryId": 2102,
        "productId": number + 14_000_000, "vendorId": world.vendor, "mdId": "", "mdName": None, "brand": "모의상회",
        "saleStartedAt": "2025-01-01T00:00:00", "saleEndedAt": "2099-12-31T00:00:00", "displayProductName": name,
        "statusName": status, "requested": False, "createdAt": f"{world.now - timedelta(days=200):%Y-%m-%dT%H:%M:%S}",
        "items": options,
    }  # fmt: skip
    world.rows("products")[number] = row
    for one in options:
        one["sellerProductId"], one["sellerProductName"] = number, name
        if one["vendorItemId"] is not None:
            world.rows("options")[one["vendorItemId"]] = one
    return row


def option(number: int | None, name: str, price: int, stock: int, *, on_sale: bool = True) -> dict[str, Any]:
    """Make an option; without a number it is not approved yet."""
    return {
        "sellerProductItemId": 1_271_000_000 + (number or 0) % 1000, "vendorItemId": number, "itemName": name,
        "originalPrice": price, "salePrice": price, "maximumBuyCount": 99, "maximumBuyForPerson": 0,
        "outboundShippingTimeDay": 1, "externalVendorSku": None, "amountInStock": stock, "onSale": on_sale,
    }  # fmt: skip


def inquiry(world: World, number: int, order: int, options: list[int], *, asked: datetime) -> Row:
    """Make a call-centre inquiry that was handed over and not answered."""
    row = {
        "inquiryId": number, "inquiryStatus": "progress", "csPartnerCounselingStatus": "requestAnswer",
        "vendorItemId": options, "itemName": "모의 상품", "content": "상담이력", "answeredAt": None,
        "replies": [
            {
                "answerId": number + 5_000_000_000, "parentAnswerId": None, "partnerTransferStatus": "requestAnswer",
                "partnerTransferCompleteReason": "NONE", "answerType": "csAgent", "needAnswer": True,
                "receptionistName": "상담사", "receptionist": "10000058", "replyAt": iso(asked),
                "content": "[판매자이관] 배송이 오지 않는다는 문의입니다.",
            }
        ],
        "inquiryAt": iso(asked), "buyerEmail": "", "buyerPhone": person(world)["phone"], "orderId": order,
        "orderDate": iso(asked - timedelta(days=40)), "receiptCategory": "배송문의>배송지연>미배송",
        "saleStartedAt": "2025-01-01", "saleEndedAt": "2099-12-31",
    }  # fmt: skip
    world.rows("call_center_inquiries")[number] = row
    return row


def contract(world: World, number: int, *, kind: str, start: str, end: str) -> Row:
    """Make a contract a coupon may be paid from."""
    free = kind == "NON_CONTRACT_BASED"
    row = {
        "contractId": number, "vendorContractId": -1 if free else 2, "sellerId": world.vendor, "sellerShareRatio": 100,
        "coupangShareRatio": 0, "gmvRatio": 0 if free else 10, "start": start, "end": end, "type": kind,
        "useBudget": True,
        "modifiedAt": start, "modifiedBy": "wing-user-1",
    }  # fmt: skip
    world.rows("contracts")[number] = row
    return row


def coupon(world: World, number: int, terms: Row, *, status: str) -> Row:
    """Make an instant coupon."""
    row = {
        "contractId": terms["contractId"], "vendorContractId": -1, "promotionName": terms["name"], "couponId": number,
        "status": status, "type": terms["type"], "maxDiscountPrice": terms["maxDiscountPrice"],
        "discount": terms["discount"],
        "startAt": terms["startAt"], "endAt": terms["endAt"],
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
