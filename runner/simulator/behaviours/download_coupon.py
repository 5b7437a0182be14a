"""Download coupons: made at once, filled once and in one call, ended a little later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from runner.simulator.wire import Refusal
from runner.simulator.world import COUPON_DELAY, Row, World, from_space, iso, space

_LEAD = timedelta(hours=1)
_DESTROYED = "삭제된 프로모션 입니다."
_MOST_OPTIONS, _MOST_USES, _HIGHEST_RATE = 100, 9999, 99
_AMOUNTS = ("minimumPrice", "maximumDiscountPrice")
#: contract 0 is nobody's: coupons are taken under it and never come to anything
_NOBODYS = {"start": "2000-01-01 00:00:00", "end": "2999-12-31 23:59:59"}
#: a highest discount that is none, as in the documented sample
_NO_LIMIT = -1
#: what is said of options that fail because it was ordered
_BROKEN = "[CIE99] 일시적인 오류입니다."


def create_download_coupon(world: World, given: Mapping[str, Any]) -> Row:
    """Make a coupon without options."""
    number = given["contractId"]
    contract = world.rows("contracts").get(number, _NOBODYS if number == 0 else None)
    if contract is None:
        raise Refusal(400, f"contractId={number} (으)로 계약이 판매자={world.vendor} 에 속하지 않습니다.")
    if given["title"] == "":
        raise Refusal(400, _empty("title"))
    start, end = from_space(given["startDate"]), from_space(given["endDate"])
    covered = from_space(contract["start"]) <= start < end <= from_space(contract["end"])
    if not covered or start < world.now + _LEAD:
        raise Refusal(400, "Please check the promotion period.")
    _check_policies(given["policies"])
    number = world.number("download_coupon", 15_400_001)
    row = _coupon(number, given) | ({} if contract is not _NOBODYS else {"lifeless": True})
    world.rows("download_coupons")[number] = row
    return {
        "couponId": number, "vendorId": world.vendor, "couponType": row["couponType"], "title": row["title"],
        "lastModifiedBy": given["userId"], "lastModifiedDate": space(world.now), "publishedDate": None,
        "startDate": row["startDate"], "couponStatus": row["couponStatus"],
        "couponPolicies": [
            {**one, "manageCode": f"FMS_15_{world.vendor}_{number}{n}"} for n, one in enumerate(given["policies"])
        ],
    }  # fmt: skip


def _empty(name: str) -> str:
    return f"createCouponRequest.{name} 은 빈칸임. createCouponRequest.{name} 은 필수임"


def _check_policies(policies: list[Row]) -> None:
    if len({one["typeOfDiscount"] for one in policies}) > 1:
        raise Refusal(400, "모든 정책의 할인 방식은 같아야 합니다.")
    for n, one in enumerate(policies):
        empty = [name for name in ("title", "description") if not one[name]]
        if empty:
            raise Refusal(400, _empty(f"policies[{n}].{empty[0]}"))
        rate = one["typeOfDiscount"] == "RATE"
        if rate and not 1 <= one["discount"] <= _HIGHEST_RATE:
            raise Refusal(400, f"policies[{n}].discount 1~99 양수만 입력 가능합니다.")
        amounts = [one[name] for name in _AMOUNTS if one[name] != _NO_LIMIT] + ([] if rate else [one["discount"]])
        if any(amount < 10 or amount % 10 for amount in amounts):
            raise Refusal(400, f"policies[{n}] 금액 정보는 10원 단위로 입력해야 합니다.")
        if not 1 <= one["maximumPerDaily"] <= _MOST_USES:
            raise Refusal(400, f"policies[{n}].maxPerDaily 1~9999 양수만 입력 가능합니다.")


def _coupon(number: int, given: Mapping[str, Any]) -> Row:
    shown = [{**one, "maximumPerDay": one["maximumPerDaily"]} for one in given["policies"]]
    for one in shown:
        del one["maximumPerDaily"]
    return {
        "couponId": number, "title": given["title"], "couponType": "DOWNLOAD", "couponStatus": "STANDBY",
        "publishedDate": "", "startDate": given["startDate"], "endDate": given["endDate"], "appliedOptionCount": 0,
        "usageAmount": 0, "couponPolicies": shown,
    }  # fmt: skip


# --- options --------------------------------------------------------------------------------------------------------


def add_download_coupon_items(world: World, given: Mapping[str, Any]) -> list[Row]:
    """Queue all options of a coupon: all are taken, or none, and the coupon is gone."""
    (entry,) = given["couponItems"]
    held, options = world.rows("download_coupons").get(entry["couponId"]), list(entry["vendorItemIds"])
    if held is None:
        raise Refusal(400, f"존재 하지 않는 프로모션 ({entry['couponId']})")
    if not is_alive(held):
        raise Refusal(400, _DESTROYED)
    if held["appliedOptionCount"] or _is_being_filled(world, entry["couponId"]):
        raise Refusal(400, "이미 아이템이 추가된 쿠폰입니다.")
    if not 1 <= len(options) <= _MOST_OPTIONS or len(set(options)) < len(options):
        raise Refusal(400, f"vendorItemIds size must be between 1 and {_MOST_OPTIONS}")
    return _queued(world, "COUPON_ITEM_PUBLISH", entry, options)


def _publish(world: World, request: Row) -> None:
    number, options = request["couponId"], request["given"]
    held = world.rows("download_coupons")[number]
    failed = [
        {"vendorItemId": one, "failureReason": why}
        for n, one in enumerate(options)
        if (why := _why_not(world, one) or (_BROKEN if n < request.get("spoilt", 0) else ""))
    ]
    if failed or not is_alive(held):
        held["destroyed"] = True
        request |= {"status": "FAIL", "failed": len(options), "couponFailedVendorItemIdResponses": failed}
        return
    for one in options if "lifeless" not in held else ():
        world.rows("download_coupon_items")[(number, one)] = {"couponId": number, "vendorItemId": one}
    ready = datetime.fromisoformat(request["ready"])
    held.update(appliedOptionCount=len(options), publishedDate=space(ready))
    request |= {"status": "DONE", "succeeded": len(options)}


def is_alive(coupon: Row) -> bool:
    """Tell whether a coupon was neither ended nor destroyed."""
    return coupon["couponStatus"] != "EXPIRED" and not coupon.get("destroyed")


def _is_being_filled(world: World, number: int) -> bool:
    return any(
        one["couponId"] == number and one["type"] == "COUPON_ITEM_PUBLISH" and one["status"] == "REQUESTED"
        for one in world.rows("download_coupon_requests").values()
    )


def _why_not(world: World, option: int) -> str:
    """Say why an option cannot be put into a coupon, in the marketplace's words."""
    known = world.rows("options").get(option)
    if known is None or known.get("deleted"):
        return "[CIE00] 유효하지 않은 옵션아이디 입니다."
    coupons = world.rows("download_coupons")
    held = Counter(
        one["couponId"]
        for one in world.rows("download_coupon_items").values()
        if one["vendorItemId"] == option and is_alive(coupons[one["couponId"]])
    )
    return f"[CIR14] 해당 옵션은 이미 다른 쿠폰({next(iter(held))})에 발행되어져 있습니다." if held else ""


# --- end ------------------------------------------------------------------------------------------------------------


def expire_download_coupons(world: World, given: Mapping[str, Any]) -> list[Row]:
    """Queue the end of a coupon; its options are free then."""
    (entry,) = given["expireCouponList"]
    held = world.rows("download_coupons").get(entry["couponId"])
    if held is None or not is_alive(held):
        raise Refusal(500, "expire할 쿠폰이 존재하지 않습니다.")
    return _queued(world, "COUPON_EXPIRE", entry)


def _expire(world: World, request: Row) -> None:
    if request.get("spoilt"):
        request |= {"status": "FAIL", "failed": 1}
        return
    world.rows("download_coupons")[request["couponId"]]["couponStatus"] = "EXPIRED"
    request |= {"status": "DONE", "succeeded": 1}


#: what ends a request, by its type
_FINISHERS: Mapping[str, Callable[[World, Row], None]] = {"COUPON_ITEM_PUBLISH": _publish, "COUPON_EXPIRE": _expire}


def _queued(world: World, kind: str, entry: Row, options: Sequence[int] = ()) -> list[Row]:
    """Note a request; what it asks for stands in it, and what ends it is found by its type."""
    ticket = f"{entry['userId']}_{entry['couponId']}{world.number('download_request', 1):06}"
    world.rows("download_coupon_requests")[ticket] = {
        "couponId": entry["couponId"], "requestedId": ticket, "type": kind, "status": "REQUESTED",
        "total": len(options) or 1, "succeeded": 0, "failed": 0, "couponFailedVendorItemIdResponses": [],
        "ready": iso(world.now + COUPON_DELAY), "given": [*options],
    }  # fmt: skip
    body = {"couponId": entry["couponId"], "requestTransactionId": ticket}
    return [{"requestResultStatus": "SUCCESS", "body": body, "errorCode": None, "errorMessage": None}]


def end_requests(world: World) -> bool:
    """Let requests end, and coupons whose period is over; tell whether any did."""
    now = world.now
    due = [one for one in world.rows("download_coupon_requests").values() if _is_due(one, now)]
    for request in due:
        _FINISHERS[request["type"]](world, request)
    over = [
        one
        for one in world.rows("download_coupons").values()
        if one["couponStatus"] != "EXPIRED" and "lifeless" not in one and now >= from_space(one["endDate"])
    ]
    for coupon in over:
        coupon["couponStatus"] = "EXPIRED"
    return bool(due or over)


def _is_due(request: Row, now: datetime) -> bool:
    ready = request.get("ready")
    return request["status"] == "REQUESTED" and ready is not None and now >= datetime.fromisoformat(ready)


DOWNLOAD_COUPON = {
    "create_download_coupon": create_download_coupon,
    "add_download_coupon_items": add_download_coupon_items,
    "expire_download_coupons": expire_download_coupons,
}
