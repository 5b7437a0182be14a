"""Settlement: what Coupang does with the money of a shop, day by day. Sellers write nothing here.

Revenue is recognised on the day of the purchase confirmation, or seven days after delivery, and shows the day after;
what comes back later is a refund. Payouts follow from the revenue of their weeks or months.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from runner.simulator.boxes import each
from runner.simulator.goods import BRAND
from runner.simulator.world import KST, Row, World

_WAIT = timedelta(days=7)
#: percent without VAT, of goods and of delivery
_RATIO, _DELIVERY_RATIO = 10.8, 3
#: working days from the end of a week or a month to its payout
_WORKING_DAYS = 15
#: tenths that are kept back of a weekly payout, and the monthly fee above so many won of sales
_KEPT, _SERVER_FEE, _FREE_UP_TO = 3, 55_000, 1_000_000
#: what was taken off with the payouts of the weeks, and is not taken off what was kept back of them
_ONCE = ("sellerDiscountCoupon", "downloadableCoupon", "deductionAmount")


def keep_books(world: World) -> bool:
    """Book what the days since the last look brought; tell whether there were any."""
    today = world.now.date()
    if today == world.booked:
        return False
    world.booked = today
    returns = list(_returns(world))
    _recognise(world, returns, today)
    _refund(world, returns, today)
    world.kinds["settlement_histories"] = {
        (one["settlementType"], one["settlementDate"], one["revenueRecognitionDateFrom"]): one
        for one in _payouts(world, today)
    }
    return True


# --- revenue -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """So many of an option of a box that came back, and on which day the return was complete."""

    receipt: Row
    box: int
    option: int
    count: int
    day: date


def _returns(world: World) -> Iterator[Returned]:
    """Yield what came back after it had left; what was stopped before is cancelled in its box already."""
    for receipt in world.rows("return_requests").values():
        if receipt["receiptStatus"] != "RETURNS_COMPLETED":
            continue
        for item in receipt["returnItems"]:
            if item["releaseStatus"] in ("Y", "A"):
                yield Returned(
                    receipt=receipt, box=item["shipmentBoxId"], option=item["vendorItemId"],
                    count=item["cancelCount"], day=_day(receipt["completeConfirmDate"]),
                )  # fmt: skip


def _day(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(KST).date()


def _recognition(box: Row) -> date | None:
    """Return the day on which a box is revenue; None while nobody knows."""
    confirmed = [line["confirmDate"] for line in box["orderItems"] if line["confirmDate"]]
    if confirmed:
        return _day(min(confirmed))
    return _day(box["deliveredDate"]) + _WAIT if box["deliveredDate"] else None


def _recognise(world: World, returns: list[Returned], today: date) -> None:
    """Book boxes whose day has passed, one line an order and day; an order's first line has its delivery fee."""
    known = world.rows("recognised_boxes")
    due: dict[tuple[date, int], list[Row]] = {}
    for box in each(world.rows("order_sheets")):
        day = _recognition(box)
        if box["shipmentBoxId"] not in known and day is not None and day < today:
            due.setdefault((day, box["orderId"]), []).append(box)
    booked = {one["orderId"] for one in known.values()}
    for (day, order), boxes in sorted(due.items(), key=lambda one: one[0]):
        fee = 0 if order in booked else _units(boxes[0]["shippingPrice"])
        booked.add(order)
        sold = [one for box in boxes for one in _sold(world, box, returns, day)]
        if sold or fee:
            revenue_line(world, order, "SALE", paid=_day(boxes[0]["paidAt"]), day=day, items=sold, fee=fee)
        known |= {box["shipmentBoxId"]: {"orderId": order, "day": day.isoformat()} for box in boxes}


def _units(money: Row | None) -> int:
    return int(money["units"]) if money else 0


def _sold(world: World, box: Row, returns: list[Returned], day: date) -> Iterator[Row]:
    """Yield the items of a box that had not come back by its day."""
    for line in box["orderItems"]:
        back = sum(
            one.count for one in returns
            if (one.box, one.option) == (box["shipmentBoxId"], line["vendorItemId"]) and one.day <= day
        )  # fmt: skip
        count = line["shippingCount"] - line["cancelCount"] - back
        if count > 0:
            yield revenue_item(world, line, count)


def _refund(world: World, returns: list[Returned], today: date) -> None:
    """Book what came back after its revenue was recognised; the delivery fee goes back where the seller is at fault."""
    known, done = world.rows("recognised_boxes"), world.rows("refunded_receipts")
    due: dict[tuple[date, int], list[Returned]] = {}
    for one in returns:
        sold_on = date.fromisoformat(known[one.box]["day"]) if one.box in known else one.day
        if one.receipt["receiptId"] not in done and sold_on < one.day < today:
            due.setdefault((one.day, one.receipt["orderId"]), []).append(one)
    boxes = world.rows("order_sheets")
    for (day, order), back in sorted(due.items(), key=lambda one: one[0]):
        box = boxes[back[0].box]
        fee = _units(box["shippingPrice"]) if back[0].receipt["faultByType"] == "VENDOR" else 0
        items = [revenue_item(world, _line(boxes[one.box], one.option), one.count) for one in back]
        revenue_line(world, order, "REFUND", paid=_day(box["paidAt"]), day=day, items=items, fee=fee)
        done |= {one.receipt["receiptId"]: {"receiptId": one.receipt["receiptId"]} for one in back}


def _line(box: Row, option: int) -> Row:
    return next(one for one in box["orderItems"] if one["vendorItemId"] == option)


def revenue_line(world: World, order: int, kind: str, *, paid: date, day: date, items: list[Row], fee: int) -> Row:
    """Make one line of the revenue; Coupang gives it no number."""
    paid_out, rest = _paydays(world, day)
    row = {
        "orderId": order, "saleType": kind, "saleDate": f"{paid}", "recognitionDate": f"{day}",
        "settlementDate": f"{paid_out}", "finalSettlementDate": f"{rest}",
        "deliveryFee": _delivery_fee(fee, -1 if kind == "REFUND" else 1), "items": items,
    }  # fmt: skip
    world.rows("revenue_histories")[(f"{day}", order, kind)] = row
    return row


def _delivery_fee(amount: int, sign: int) -> Row:
    """Make the delivery fee of a line: of a refund, only what is paid out has a sign."""
    fee, vat = _commission(amount, _DELIVERY_RATIO)
    return {
        "amount": amount, "fee": fee, "feeVat": vat, "feeRatio": _DELIVERY_RATIO,
        "settlementAmount": sign * (amount - fee - vat), "baseAmount": amount, "baseFee": fee, "baseFeeVat": vat,
        "remoteAmount": 0, "remoteFee": 0, "remoteFeeVat": 0,
    }  # fmt: skip


def _commission(amount: int, ratio: float) -> tuple[int, int]:
    fee = round(amount * ratio / 100)
    return fee, fee // 10


def revenue_item(world: World, line: Row, count: int) -> Row:
    """Make an item of a line, of so many of an order's item; amounts of refunds have no sign, as they were seen."""
    product = world.rows("products").get(line["sellerProductId"], {})
    amount = _units(line["salesPrice"]) * count
    fee, vat = _commission(amount, _RATIO)
    return {
        "taxType": "TAX", "productId": product.get("productId", 0), "productName": line["sellerProductName"],
        "vendorItemId": line["vendorItemId"], "vendorItemName": line["vendorItemName"], "salePrice": amount,
        "quantity": count, "coupangDiscountCoupon": 0, "discountCouponPolicyAgreement": False, "saleAmount": amount,
        "sellerDiscountCoupon": _units(line["instantCouponDiscount"]) * count // line["shippingCount"],
        "downloadableCoupon": _units(line["downloadableCouponDiscount"]) * count // line["shippingCount"],
        "serviceFee": fee, "serviceFeeVat": vat, "serviceFeeRatio": _RATIO,
        "settlementAmount": amount - fee - vat, "couranteeFeeRatio": 0, "couranteeFee": 0, "couranteeFeeVat": 0,
        "externalSellerSkuCode": line["externalVendorSkuCode"] or "", "storeFeeDiscount": 0, "storeFeeDiscountVat": 0,
    }  # fmt: skip


# --- payouts -------------------------------------------------------------------------------------------------------


def _period(world: World, day: date) -> tuple[date, date]:
    """Return the first and the last day that are paid out together: a month, or the part of a week in it."""
    first, last = day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    if world.payee == "MONTHLY":
        return first, last
    monday = day - timedelta(days=day.weekday())
    return max(first, monday), min(last, monday + timedelta(days=6))


def _paydays(world: World, day: date) -> tuple[date, date]:
    """Return when the revenue of a day is paid, and when the part of it that is kept back."""
    first, last = _period(world, day)
    at_once = _working_day(last, _WORKING_DAYS)
    if world.payee == "MONTHLY":
        return at_once, at_once
    months = first.year * 12 + first.month - 1 + 2
    return at_once, _working_day(date(months // 12, months % 12 + 1, 1) - timedelta(days=1), 1)


def _working_day(after: date, count: int) -> date:
    """Return the day so many working days after another; holidays are not known here."""
    day = after
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


@dataclass(kw_only=True, slots=True)
class _Sum:
    """What the lines of a period add up to, in won."""

    sale: int = 0
    fee: int = 0
    coupons: int = 0
    downloads: int = 0

    def add(self, line: Row) -> None:
        """Add a line, or take a refund away."""
        sign = -1 if line["saleType"] == "REFUND" else 1
        delivery, items = line["deliveryFee"], line["items"]
        self.sale += sign * (delivery["amount"] + sum(one["salePrice"] for one in items))
        fees = delivery["fee"] + delivery["feeVat"] + sum(one["serviceFee"] + one["serviceFeeVat"] for one in items)
        self.fee += sign * fees
        self.coupons += sign * sum(one["sellerDiscountCoupon"] for one in items)
        self.downloads += sign * sum(one["downloadableCoupon"] for one in items)


def _payouts(world: World, today: date) -> list[Row]:
    """Return every payout, planned or done; what one does not cover is a debt of the next."""
    months: dict[str, list[Row]] = {}
    for line in world.rows("revenue_histories").values():
        months.setdefault(line["recognitionDate"][:7], []).append(line)
    rows = [row for _, lines in sorted(months.items()) for row in _of_month(world, lines)]
    debt = 0
    for row in sorted(rows, key=lambda one: (one["settlementDate"], one["settlementType"])):
        costs = row["sellerDiscountCoupon"] + row["sellerServiceFee"] + row["deductionAmount"]
        left = row["settlementAmount"] - costs - debt
        row |= {"debtOfLastWeek": debt, "finalAmount": max(left, 0)}
        row["status"] = "DONE" if row["settlementDate"] <= f"{today}" else "SUBJECT"
        debt = max(-left, 0)
    return rows


def _of_month(world: World, lines: list[Row]) -> list[Row]:
    """Return the payouts of a month: one, or one a week and one of what was kept back of them."""
    whole, parts = _Sum(), dict[tuple[date, date], _Sum]()
    for line in lines:
        whole.add(line)
        parts.setdefault(_period(world, date.fromisoformat(line["recognitionDate"])), _Sum()).add(line)
    rows = [_payout(world, world.payee, period, part) for period, part in sorted(parts.items(), key=lambda one: one[0])]
    if world.payee == "WEEKLY":
        first = min(parts)[0].replace(day=1)
        kept = sum(row["lastAmount"] for row in rows)
        month = (first, first.replace(day=monthrange(first.year, first.month)[1]))
        rows.append(_payout(world, "RESERVE", month, whole) | {"settlementAmount": kept, **dict.fromkeys(_ONCE, 0)})
    rows[-1]["sellerServiceFee"] = _SERVER_FEE if whole.sale > _FREE_UP_TO else 0
    return rows


def _payout(world: World, kind: str, period: tuple[date, date], part: _Sum) -> Row:
    """Make one payout; of a weekly one three tenths are kept back."""
    at_once, rest = _paydays(world, period[0])
    target = part.sale - part.fee
    kept = max(target, 0) * _KEPT // 10 if kind == "WEEKLY" else 0
    return {
        "settlementType": kind, "settlementDate": f"{rest if kind == 'RESERVE' else at_once}",
        "revenueRecognitionYearMonth": f"{period[0]:%Y-%m}", "revenueRecognitionDateFrom": f"{period[0]}",
        "revenueRecognitionDateTo": f"{period[1]}", "totalSale": part.sale, "serviceFee": part.fee,
        "settlementTargetAmount": target, "settlementAmount": target - kept, "lastAmount": kept,
        "pendingReleasedAmount": 0, "sellerDiscountCoupon": part.coupons, "downloadableCoupon": part.downloads,
        "dedicatedDeliveryAmount": 0, "sellerServiceFee": 0, "couranteeFee": 0, "couranteeCustomerReward": 0,
        # the documented sum of a payout has no place of their own for download coupons, though the seller pays them
        "deductionAmount": part.downloads, "debtOfLastWeek": 0, "finalAmount": 0, "bankAccountHolder": f"{BRAND[:-1]}*",
        "bankName": "모의은행", "bankAccount": "000000****", "status": "SUBJECT", "storeFeeDiscount": 0,
    }  # fmt: skip
