"""Exchanges as the marketplace makes and moves them. All of their API is v4: naive Korean times, plain won."""

from __future__ import annotations

from datetime import datetime, timedelta

from runner.catalogue.codes import codes
from runner.simulator.goods import BRAND
from runner.simulator.records import person
from runner.simulator.world import Row, World, iso, second

#: what people say, and whose matter it is then
_REASONS = (
    ("DIFFERENTOPT", "CUSTOMER", "생각한 색과 달라요"),
    ("WRONGOPT", "CUSTOMER", "옵션을 잘못 골랐어요"),
    ("COMPOMISS", "VENDOR", "구성품이 빠졌어요"),
    ("DEFECT", "VENDOR", "작동하지 않아요"),
)
#: label -> the field it repeats, as in the documented sample
_LABELS = {
    "orderDeliveryStatusLabel": "orderDeliveryStatusCode", "exchangeStatusLabel": "exchangeStatus",
    "referTypeLabel": "referType", "faultTypeLabel": "faultType", "createdByTypeLabel": "createdByType",
    "modifiedByTypeLabel": "modifiedByType",
}  # fmt: skip
_OPEN = ("RECEIPT", "PROGRESS")
_CLOSED: Row = {"rejectable": False, "deliveryInvoiceModifiable": False, "successable": False}
#: the box of a replacement shows after none to ten minutes, here by the number of the exchange, spread by a factor
_MINUTES, _SPREAD = 11, 9


# --- requests --------------------------------------------------------------------------------------------------------


def exchange_request(world: World, number: int, items: list[Row], *, created: datetime) -> Row:
    """Make a request. `items` are made with `exchange_item`, all of one order."""
    asker, (code, fault, said) = person(world), world.dice.choice(_REASONS)
    box = world.rows("order_sheets")[items[0]["originalShipmentBoxId"]]
    row: Row = {
        "exchangeId": number, "orderId": box["orderId"], "vendorId": world.vendor,
        "orderDeliveryStatusCode": box["status"], "exchangeStatus": "RECEIPT", "referType": "WEB_MOBILE",
        "faultType": fault, "exchangeAmount": 0, "reason": None, "reasonCode": code,
        "reasonCodeText": codes("voc_reasons")[code].ko, "reasonEtcDetail": said, "cancelReason": None,
        "createdByType": "CUSTOMER", "createdAt": second(created), "exchangeItemDtoV1s": items,
        "exchangeAddressDtoV1": _address(number, asker, created), "deliveryInvoiceGroupDtos": [],
        "deliveryStatus": "BeforeDirection", "collectStatus": "BeforeDirection", "collectCompleteDate": None,
        "collectInformationsDto": _collection(number, box["orderId"], items, asker, created),
        "returnDeliveryDtos": [{"deliveryCompanyCode": "CJGLS", "deliveryInvoiceNo": ""}], "successable": False,
        "rejectable": True, "deliveryInvoiceModifiable": False,
    }  # fmt: skip
    _note(row, created, "CUSTOMER")
    world.rows("exchange_requests")[number] = row
    return row


def exchange_item(world: World, box: Row, line: Row, wanted: int, count: int, *, created: datetime) -> Row:
    """Make an item of a request: so many of an item of a box, for another option or for the same."""
    target = world.rows("options").get(wanted, {})
    return {
        "exchangeItemId": world.number("exchange_item", 1_765_111), "orderItemId": line["vendorItemId"],
        "orderItemUnitPrice": line["salesPrice"]["units"], "orderItemName": line["vendorItemName"],
        "orderPackageId": None, "orderPackageName": None, "targetItemId": wanted,
        "targetItemUnitPrice": target.get("salePrice", line["salesPrice"]["units"]),
        "targetItemName": f"{target.get('sellerProductName', '모의 상품')}, {target.get('itemName', '기본')}",
        "targetPackageId": -1, "targetPackageName": "", "quantity": count, "orderItemDeliveryComplete": None,
        "orderItemReturnComplete": None, "targetItemDeliveryComplete": None, "createdAt": second(created),
        "modifiedAt": second(created), "originalShipmentBoxId": box["shipmentBoxId"],
    }  # fmt: skip


def _address(number: int, asker: Row, created: datetime) -> Row:
    where = {
        "CustomerName": asker["name"], "AddressZipCode": asker["postCode"], "Address": asker["addr1"],
        "AddressDetail": asker["addr2"], "Phone": None, "Mobile": _local(asker["phone"]), "Memo": None,
    }  # fmt: skip
    return {
        "exchangeAddressId": number + 1_600_000_000, **{f"return{name}": value for name, value in where.items()},
        **{f"delivery{name}": value for name, value in where.items()}, "createdAt": second(created),
        "modifiedAt": second(created), "exchangeId": number,
    }  # fmt: skip


def _local(phone: str) -> str:
    return phone.replace("+82(0503)", "0503-")


def _collection(number: int, order: int, items: list[Row], asker: Row, created: datetime) -> Row:
    """Make what is told of the collection: the items, and from where to where they go."""
    return {
        "returnType": "EXCHANGE_RETURN", "expectedReturnDate": second(created + timedelta(days=3)),
        "returndeliveryItemDtos": [_collected(number, n, one, created) for n, one in enumerate(items, 1)],
        "returndeliveryDestinationDto": {
            "vendorZipCode": "00000", "vendorPhone": "02-0000-0000", "vendorName": BRAND, "vendorMobile": "",
            "vendorAddressDetail": "1층", "vendorAddress": "서울특별시 가상구 예시로 1", "safetyNumberStatus": "ENABLE",
            "safetyNumberId": number + 240_000_000, "safetyNumber": _local(asker["phone"]).replace("-", ""),
            "returnDeliveryId": None, "returnCenterCode": "1000274592", "receiptId": None, "orderedByMobile": None,
            "orderId": order, "message": None, "customerZipCode": asker["postCode"], "customerPhone": "010*",
            "customerName": asker["name"], "customerMobile": "010*", "customerAddressDetail": asker["addr2"],
            "customerAddress": asker["addr1"],
        },
    }  # fmt: skip


def _collected(number: int, position: int, item: Row, created: datetime) -> Row:
    """Make an item that is collected; `moodifiedAt` is how the marketplace spells it."""
    return {
        "vendorItemId": item["orderItemId"], "statusCode": "RETURN_SEND_READY", "returnCount": None,
        "releaseStatus": "RELEASED", "paymentReturnDeliveryMapId": number * 10 + position, "paymentItemId": position,
        "modifiedBy": "100000000", "moodifiedAt": second(created), "createdBy": "100000000",
        "createdAt": second(created), "count": item["quantity"], "confirmType": None, "collectStatus": "RETURN",
    }  # fmt: skip


# --- the goods come back ---------------------------------------------------------------------------------------------


def collect(world: World, row: Row, at: datetime) -> None:
    """Bring the goods one step nearer to the seller."""
    status = row["collectStatus"]
    if status == "BeforeDirection":
        order_collection(row, at, "CJGLS", f"{690_000_000_000 + row['exchangeId']}", by="COUPANG")
    elif status == "CompleteDirection":
        # the documented table says the one, the documented sample the other
        word = "Collecting" if row["exchangeId"] % 2 else "Delivering"
        _note(row, at, "TRACKING", collectStatus=word, rejectable=False)
        _note_items(row, at, statusCode="RETURN_SEND_COMPLETE")
    elif status in ("Delivering", "Collecting"):
        _arrive(world, row, at)


def can_be_collected(row: Row) -> bool:
    """Tell whether a courier has, or will have, something to bring to the seller."""
    return row["exchangeStatus"] in _OPEN and row["collectStatus"] != "CompleteCollect"


def order_collection(row: Row, at: datetime, courier: str, invoice: str, *, by: str) -> None:
    """Note who collects the goods, and in which parcel."""
    parcel = {"deliveryCompanyCode": courier, "deliveryInvoiceNo": invoice}
    _note(row, at, by, exchangeStatus="PROGRESS", collectStatus="CompleteDirection", returnDeliveryDtos=[parcel])


def _arrive(world: World, row: Row, at: datetime) -> None:
    """Hand the goods to the seller; the receiver gets another virtual number, for the delivery."""
    _note(row, at, "TRACKING", collectStatus="CompleteCollect", collectCompleteDate=second(at))
    _note_items(row, at, statusCode="RETURN_COLLECT_OK")
    for one in row["collectInformationsDto"]["returndeliveryItemDtos"]:
        one["returnCount"] = one["count"]
    for one in row["exchangeItemDtoV1s"]:
        one |= {"orderItemReturnComplete": True, "modifiedAt": second(at)}
    row["exchangeAddressDtoV1"] |= {"deliveryMobile": _local(person(world)["phone"]), "modifiedAt": second(at)}


# --- the seller decides ----------------------------------------------------------------------------------------------


def confirm(world: World, row: Row, at: datetime) -> None:
    """Note that the seller has the goods; the boxes of the replacement show some minutes later."""
    number = row["exchangeId"]
    boxes = dict.fromkeys(one["originalShipmentBoxId"] for one in row["exchangeItemDtoV1s"])
    made = [
        _box(world, row, [one for one in row["exchangeItemDtoV1s"] if one["originalShipmentBoxId"] == box])
        for box in boxes
    ]
    ready = at + timedelta(minutes=number * _SPREAD % _MINUTES)
    world.rows("exchange_confirmations")[number] = {
        "exchangeId": number, "ready": iso(ready), "boxes": made, "shown": False,
    }  # fmt: skip
    _note(row, at, "VENDOR")
    _note_items(row, at, statusCode="CHANGE_SEND_READY")


def _box(world: World, row: Row, items: list[Row]) -> Row:
    """Make the box of a replacement: it has one invoice, without a number yet."""
    goods = [
        {
            "vendorItemId": one["targetItemId"], "quantity": one["quantity"], "hasAdditionalItem": False,
            "promiseDeliveryDate": None, "estimatedShippingDate": None,
        }
        for one in items
    ]  # fmt: skip
    invoice = {
        "invoiceNumber": None, "estimatedDeliveryDate": None, "deliveredDate": None, "statusModifiedAt": None,
        "invoiceNumberUploadDate": None, "statusCode": "INSTRUCT", "deliverCode": None, "isMainShipmentInvoice": False,
        "parcelType": None, "invoiceVendorItemDtos": goods,
    }  # fmt: skip
    return {
        "shipmentBoxId": world.number("exchange_box", 900_000_000_000_500_001), "boxPrice": 0,
        "orderId": row["orderId"], "orderType": "", "customerType": "", "bundleType": "", "extraMessage": None,
        "shippingDeliveryType": "EXCHANGE_DELIVERY", "deliveryInvoiceDtos": [invoice],
    }  # fmt: skip


def show_replacements(world: World) -> bool:
    """Let boxes of replacements show whose time has come; tell whether any did."""
    waiting = [one for one in world.rows("exchange_confirmations").values() if not one["shown"]]
    due = [(one, at) for one in waiting if (at := datetime.fromisoformat(one["ready"])) <= world.now]
    for one, at in due:
        row, boxes = world.rows("exchange_requests")[one["exchangeId"]], one["boxes"]
        # they stand in the request from now on, and nowhere else
        one |= {"shown": True, "boxes": []}
        if row["exchangeStatus"] == "PROGRESS":
            _note(row, at, "COUPANG", deliveryInvoiceGroupDtos=boxes, deliveryInvoiceModifiable=True)
            _note_items(row, at, statusCode="CHANGE_SEND_COMPLETE")
    return bool(due)


def reject(row: Row, at: datetime) -> None:
    """Refuse the exchange."""
    _note(row, at, "VENDOR", exchangeStatus="REJECT", **_CLOSED)


def send(row: Row, box: Row, at: datetime, courier: str, number: str) -> None:
    """Hand a box of the replacement to a courier; nobody tracks what the seller brings himself."""
    own = courier == "DIRECT"
    for one in box["deliveryInvoiceDtos"]:
        one |= {
            "invoiceNumber": number, "deliverCode": courier, "invoiceNumberUploadDate": second(at),
            "statusCode": "NONE_TRACKING" if own else "DEPARTURE", "statusModifiedAt": second(at),
            "estimatedDeliveryDate": second(at + timedelta(days=2)),
        }  # fmt: skip
    open_ones = any(one["invoiceNumber"] is None for one in invoices(row))
    _note(row, at, "VENDOR", deliveryInvoiceModifiable=open_ones)
    _follow(row)


def invoices(row: Row) -> list[Row]:
    """Return the invoices of a replacement, of all its boxes."""
    return [one for box in row["deliveryInvoiceGroupDtos"] for one in box["deliveryInvoiceDtos"]]


# --- the replacement is brought, or nobody wants it any more ---------------------------------------------------------


def bring(row: Row, at: datetime) -> None:
    """Bring what is under way of a replacement one step nearer to its receiver; the last step ends the exchange."""
    steps = {"DEPARTURE": "DELIVERING", "DELIVERING": "FINAL_DELIVERY"}
    for one in invoices(row):
        if one["statusCode"] in steps:
            one |= {"statusCode": steps[one["statusCode"]], "statusModifiedAt": second(at)}
            if one["statusCode"] == "FINAL_DELIVERY":
                one["deliveredDate"] = second(at)
    _note(row, at, "TRACKING")
    _follow(row)
    if row["deliveryStatus"] == "CompleteDelivery":
        _note(row, at, "TRACKING", exchangeStatus="SUCCESS", **_CLOSED)
        for item in row["exchangeItemDtoV1s"]:
            item |= {"targetItemDeliveryComplete": True, "modifiedAt": second(at)}


def is_under_way(row: Row) -> bool:
    """Tell whether a courier has something of the replacement."""
    return row["exchangeStatus"] == "PROGRESS" and any(
        one["statusCode"] in ("DEPARTURE", "DELIVERING") for one in invoices(row)
    )


def _follow(row: Row) -> None:
    """Tell of the whole replacement what is true of its boxes: the one that is farthest behind counts."""
    states = {one["statusCode"] for one in invoices(row)}
    behind = next(
        word
        for status, word in (
            ("INSTRUCT", "BeforeDirection"), ("DEPARTURE", "CompleteDirection"), ("DELIVERING", "Delivering"),
            ("NONE_TRACKING", "VendorDirect"), ("FINAL_DELIVERY", "CompleteDelivery"),
        )
        if status in states
    )  # fmt: skip
    row |= {"deliveryStatus": behind, "successable": behind == "VendorDirect"}


def can_be_withdrawn(row: Row) -> bool:
    """Tell whether nothing of the replacement has left."""
    return row["exchangeStatus"] in _OPEN and all(one["invoiceNumber"] is None for one in invoices(row))


def withdraw(row: Row, at: datetime) -> None:
    """Take the request back, as its buyer."""
    confirmed = row["collectInformationsDto"]["returndeliveryItemDtos"][0]["statusCode"].startswith("CHANGE_")
    if confirmed:
        _note_items(row, at, statusCode="CHANGE_SEND_HOLD")
    _note(
        row, at, "CUSTOMER", exchangeStatus="CANCEL", collectStatus="Withdraw", deliveryStatus="Withdraw",
        cancelReason="그냥 사용할게요", **_CLOSED,
    )  # fmt: skip


def _note(row: Row, at: datetime, by: str, **change: object) -> None:
    """Change a request and note when and by whom; labels repeat their codes."""
    row |= {**change, "modifiedAt": second(at), "modifiedByType": by}
    row |= {label: row[name] for label, name in _LABELS.items()}


def _note_items(row: Row, at: datetime, **change: object) -> None:
    for one in row["collectInformationsDto"]["returndeliveryItemDtos"]:
        one |= {**change, "moodifiedAt": second(at)}
