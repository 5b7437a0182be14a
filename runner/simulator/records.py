"""Orders, returns and inquiries as the marketplace makes them, every documented field filled; people are made up."""

from __future__ import annotations

from datetime import datetime, timedelta

from runner.catalogue.codes import codes
from runner.simulator.boxes import remaining
from runner.simulator.world import Row, World, iso, won

_FAMILY = "김이박최정강조윤장임한오서신권황안송홍고"
_GIVEN = ("민준", "서연", "도윤", "지우", "하은", "시우", "수아", "예준", "지호", "유나", "현우", "다은")
_STREETS = (
    "서울특별시 가상구 예시로",
    "부산광역시 보기구 모의대로",
    "대전광역시 가상구 시험로",
    "경기도 예시시 모의로",
)
_STATES = {
    "ACCEPT": "결제완료",
    "INSTRUCT": "상품준비중",
    "DEPARTURE": "배송지시",
    "DELIVERING": "배송중",
    "FINAL_DELIVERY": "배송완료",
    "NONE_TRACKING": "업체 직접 배송(배송 연동 미적용), 추적불가",
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


def courier(code: str) -> str:
    """Return a courier's name as order sheets spell it: with a blank the table does not have."""
    return {"CJGLS": "CJ 대한통운"}.get(code) or codes("delivery_companies")[code].ko


# --- order sheets ----------------------------------------------------------------------------------------------


def order_sheet(
    world: World, box: int, order: int, options: list[tuple[int, int]], *, status: str, ordered: datetime,
    left: datetime | None = None, parcel: tuple[str, str] = ("", ""),
) -> Row:  # fmt: skip
    """Make a box of (option id, quantity); `left` is when the courier took it, `parcel` its courier and invoice."""
    buyer = person(world)
    arrived = left + timedelta(days=2) if left and status == "FINAL_DELIVERY" else None
    row = {
        "shipmentBoxId": box, "orderId": order, "orderedAt": iso(ordered),
        "orderer": {"name": buyer["name"], "email": "", "safeNumber": buyer["phone"], "ordererNumber": None},
        "paidAt": iso(ordered + timedelta(minutes=1)), "status": status, "shippingPrice": won(2500),
        "remotePrice": None, "remoteArea": False, "parcelPrintMessage": "문 앞", "splitShipping": False,
        "ableSplitShipping": len(options) > 1,
        "receiver": {
            "name": buyer["name"], "safeNumber": buyer["phone"], "receiverNumber": None, "addr1": buyer["addr1"],
            "addr2": buyer["addr2"], "postCode": buyer["postCode"],
        },
        "orderItems": [_order_item(world, option, count, ordered) for option, count in options],
        "overseaShippingInfoDto": {"personalCustomsClearanceCode": "", "ordererSsn": "", "ordererPhoneNumber": ""},
        "deliveryCompanyName": courier(parcel[0]) if parcel[0] else "", "invoiceNumber": parcel[1],
        "inTrasitDateTime": iso(left) if left else None, "deliveredDate": iso(arrived) if arrived else None,
        "refer": "안드로이드앱", "shipmentType": "THIRD_PARTY", "isCod": False,
        "extraProperties": {"sameDayShipping": "false", "cutOffTimeHour": "0"},
    }  # fmt: skip
    world.rows("order_sheets")[box] = row
    changes = [_change(status, arrived or left or ordered)]
    world.rows("delivery_histories")[box] = {"shipmentBoxId": box, "details": changes}
    return row


def _order_item(world: World, option: int, count: int, ordered: datetime) -> Row:
    known = world.rows("options").get(option, {})
    price, name = known.get("salePrice", 9900), known.get("itemName", "기본")
    product = known.get("sellerProductName", "모의 상품")
    return {
        "vendorItemPackageId": 0, "vendorItemPackageName": product, "productId": 0, "vendorItemId": option,
        "vendorItemName": f"{product}, {name}", "shippingCount": count, "salesPrice": won(price),
        "orderPrice": won(price * count), "discountPrice": won(0), "instantCouponDiscount": won(0),
        "downloadableCouponDiscount": won(0), "coupangDiscount": won(0),
        "externalVendorSkuCode": known.get("externalVendorSku"), "etcInfoHeader": None, "etcInfoValue": None,
        "etcInfoValues": None, "sellerProductId": known.get("sellerProductId", 0), "sellerProductName": product,
        "sellerProductItemName": name, "firstSellerProductItemName": name, "cancelCount": 0, "holdCountForCancel": 0,
        "estimatedShippingDate": f"{ordered + timedelta(days=2):%Y-%m-%d}", "plannedShippingDate": "",
        "invoiceNumberUploadDate": "", "extraProperties": {}, "pricingBadge": False, "usedProduct": False,
        "confirmDate": None, "deliveryChargeTypeName": "유료", "upBundleVendorItemId": None,
        "upBundleVendorItemName": None, "upBundleSize": None, "upBundleItem": False, "canceled": False,
    }  # fmt: skip


def move(world: World, box: Row, status: str, at: datetime | None = None) -> None:
    """Put a box into another state and note it in its history; into the same one nothing happens."""
    if box["status"] == status:
        return
    # whoever found it may only have looked at it
    world.rows("order_sheets").get(box["shipmentBoxId"])
    box["status"] = status
    world.rows("delivery_histories")[box["shipmentBoxId"]]["details"].insert(0, _change(status, at or world.now))
    if status == "FINAL_DELIVERY":
        box["deliveredDate"] = iso(at or world.now)


def _change(status: str, at: datetime) -> Row:
    return {"deliveryStatus": status, "deliveryStatusDesc": _STATES[status], "updatedAt": iso(at)}


#: how a stop request is answered that nobody answered
TAKEN_FOR_SHIPPED = "자동처리(이미출고)"


def free(world: World, box: Row, line: Row) -> int:
    """Return how many of an item can still be cancelled: what was taken for shipped is in a return already."""
    if not world.habits.stops_answered_after:
        return remaining(line)
    items = [
        item for row in world.rows("return_requests").values() if row["releaseStopStatus"] == TAKEN_FOR_SHIPPED
        for item in row["returnItems"]
    ]  # fmt: skip
    of = (box["shipmentBoxId"], line["vendorItemId"])
    taken = [one["cancelCount"] for one in items if (one["shipmentBoxId"], one["vendorItemId"]) == of]
    return remaining(line) - int(sum(taken))


# --- returns ---------------------------------------------------------------------------------------------------


def return_request(
    world: World, receipt: int, order: int, items: list[Row], *, status: str, created: datetime, kind: str = "RETURN",
    stop: str = "미처리",
) -> Row:  # fmt: skip
    """Make a receipt. `items` are made with `return_item`."""
    asker = person(world)
    done = status == "RETURNS_COMPLETED"
    row = {
        "receiptId": receipt, "orderId": order, "paymentId": order + 7, "receiptType": kind, "receiptStatus": status,
        "createdAt": iso(created), "modifiedAt": iso(created), "requesterName": asker["name"],
        "requesterPhoneNumber": asker["phone"], "requesterRealPhoneNumber": None, "requesterAddress": asker["addr1"],
        "requesterAddressDetail": asker["addr2"], "requesterZipCode": asker["postCode"],
        "cancelReasonCategory1": "고객변심", "cancelReasonCategory2": "단순변심(사유없음)", "cancelReason": "",
        "cancelCountSum": sum(one["cancelCount"] for one in items), "returnDeliveryId": receipt + 9,
        "returnDeliveryType": "연동택배", "releaseStopStatus": stop, "enclosePrice": won(0), "faultByType": "CUSTOMER",
        "preRefund": False, "completeConfirmDate": iso(created) if done else "",
        "completeConfirmType": "VENDOR_CONFIRM" if done else "UNDEFINED", "returnItems": items,
        "returnDeliveryDtos": [], "reasonCode": "CHANGEMIND", "reasonCodeText": "필요 없어짐 (단순 변심)",
        "returnShippingCharge": won(-3000),
    }  # fmt: skip
    world.rows("return_requests")[receipt] = row
    if status == "RELEASE_STOP_UNCHECKED":
        shift(world, row, held=1)
    elif kind == "CANCEL" and done:
        shift(world, row, cancelled=1)
    return row


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


def shift(world: World, receipt: Row, *, held: int = 0, cancelled: int = 0) -> None:
    """Add a receipt's quantities, or take them away (-1), to what its boxes hold back or have cancelled."""
    boxes = world.rows("order_sheets")
    for item in receipt["returnItems"]:
        for line in boxes.get(item["shipmentBoxId"], {}).get("orderItems", ()):
            if line["vendorItemId"] == item["vendorItemId"]:
                line["holdCountForCancel"] += held * item["cancelCount"]
                line["cancelCount"] += cancelled * item["cancelCount"]
                line["canceled"] = line["cancelCount"] >= line["shippingCount"]


# --- inquiries -------------------------------------------------------------------------------------------------


def inquiry(
    world: World, number: int, order: int, options: list[int], *, asked: datetime, state: str = "requestAnswer"
) -> Row:
    """Make an inquiry that an agent of the call centre handed over.

    It waits for an answer (`requestAnswer`), has one (`answered`), or was decided by Coupang and waits to be confirmed
    (`decided`).
    """
    known = world.rows("options").get(options[0], {})
    waits, decided = state == "requestAnswer", state == "decided"
    row = {
        "inquiryId": number, "csPartnerCounselingStatus": "requestAnswer" if waits else "answered",
        "inquiryStatus": "progress", "vendorItemId": options,
        "itemName": f"{known.get('sellerProductName', '모의 상품')}, {known.get('itemName', '기본')}",
        "content": "상담이력", "answeredAt": None if waits else iso(asked + timedelta(hours=3)),
        "replies": [
            {
                "receptionistName": "상담사", "receptionist": "10000058", "replyAt": iso(asked),
                "content": "[판매자이관] 배송이 오지 않는다는 문의입니다.", "answerId": number + 5_000_000_000,
                "parentAnswerId": 0, "partnerTransferStatus": "none" if decided else state,
                "partnerTransferCompleteReason": "DISPUTE_PROCESS" if decided else "NONE", "answerType": "csAgent",
                "needAnswer": waits,
            }
        ],
        "inquiryAt": iso(asked), "buyerEmail": "", "buyerPhone": person(world)["phone"], "orderId": order,
        "orderDate": iso(asked - timedelta(days=3)), "receiptCategory": "배송문의>배송지연>미배송",
        "saleStartedAt": "2025-01-01", "saleEndedAt": "2099-12-31",
    }  # fmt: skip
    world.rows("call_center_inquiries")[number] = row
    return row


def question(world: World, number: int, option: int, *, asked: datetime) -> Row:
    """Make a question on a product page."""
    known = world.rows("options").get(option, {})
    row = {
        "inquiryId": number, "productId": known.get("sellerProductId", 0) + 14_000_000,
        "sellerProductId": known.get("sellerProductId", 0), "sellerItemId": known.get("sellerProductItemId", 0),
        "vendorItemId": option, "content": "언제 받을 수 있을까요?", "inquiryAt": iso(asked), "orderIds": [],
        "buyerEmail": "", "commentDtoList": [],
    }  # fmt: skip
    world.rows("product_inquiries")[number] = row
    return row
