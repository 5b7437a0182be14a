"""Instant coupons: every write is a request that is accepted first and done, or not, a little later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from runner.simulator.goods import coupon, coupon_item
from runner.simulator.wire import Refusal
from runner.simulator.world import COUPON_DELAY, FINISHERS, Row, World, from_space

_OPEN = ("STANDBY", "APPLIED")
_CLOSED = "쿠폰 상태를 확인해주세요."
_BROKEN = "[CIE99] 일시적인 오류입니다."
_ALIVE = (*_OPEN, "PAUSED")


def create_instant_coupon(world: World, given: Mapping[str, Any]) -> Row:
    """Queue a new coupon; it exists once the request is done."""
    contract = world.rows("contracts").get(given["contractId"])
    start, end = from_space(given["startAt"]), from_space(given["endAt"])
    if contract is None:
        raise Refusal(400, f"contractId={given['contractId']} 계약을 찾을 수 없습니다.")
    if not from_space(contract["start"]) <= start < end <= from_space(contract["end"]):
        raise Refusal(400, f"계약의 유효기간 안에 쿠폰이 존재해야 한다({contract['start']}~{contract['end']})")
    if start < from_space(f"{world.now + timedelta(days=1):%Y-%m-%d} 00:00:00"):
        raise Refusal(400, "startAt: 쿠폰은 다음 날 0시부터 시작할 수 있습니다.")
    if given["discount"] < 1 or (given["type"] == "RATE" and given["discount"] > 100):
        raise Refusal(400, "discount 양수만 입력 가능합니다. (정률은 1~100, 정액은 1이상)")
    return _queued(world, "COUPON_PUBLISH", 1, given)


def _publish(world: World, request: Row) -> None:
    number = world.number("coupon", 600_001)
    coupon(world, number, request["given"], status="STANDBY")
    _done(request, number, [])


def add_instant_coupon_items(world: World, given: Mapping[str, Any]) -> Row:
    """Queue options for a coupon; each is taken or refused on its own."""
    held = _coupon(world, given["couponId"])
    if held["status"] not in _OPEN:
        raise Refusal(400, _CLOSED)
    return _queued(world, "COUPON_ITEM_PUBLISH", len(given["vendorItems"]), given, given["couponId"])


def _publish_items(world: World, request: Row) -> None:
    number = request["couponId"]
    held, failed, taken = world.rows("instant_coupons")[number], [], _taken(world)
    for n, option in enumerate(request["given"]["vendorItems"]):
        # the coupon may have ended while the request waited
        why = _why_not(world, option, taken) if held["status"] in _OPEN else _CLOSED
        if why or n < request.get("spoilt", 0):
            failed.append({"vendorItemId": option, "reason": why or _BROKEN})
        else:
            coupon_item(world, number, option)
            taken.add(option)
    _done(request, number, failed)


def expire_instant_coupon(world: World, given: Mapping[str, Any]) -> Row:
    """Queue the end of a coupon; refused while another request of it is not done."""
    held = _coupon(world, given["couponId"])
    if held["status"] not in _ALIVE:
        raise Refusal(400, _CLOSED)
    open_requests = (one for one in world.rows("instant_coupon_requests").values() if one["status"] == "REQUESTED")
    if any(one["couponId"] == given["couponId"] for one in open_requests):
        return {"requestedId": "", "success": False}
    return _queued(world, "COUPON_EXPIRE", 1, given, given["couponId"])


def _expire(world: World, request: Row) -> None:
    world.age(world.rows("instant_coupons")[request["couponId"]], "EXPIRED")
    _done(request, request["couponId"], [])


def _coupon(world: World, number: int) -> Row:
    found = world.rows("instant_coupons").get(number)
    if found is None:
        raise Refusal(400, f"쿠폰아이디를 확인해주세요 {number}")
    return found


def _taken(world: World) -> set[int]:
    """Return the options that sit in a coupon which is not over."""
    coupons = world.rows("instant_coupons")
    items = world.rows("instant_coupon_items").values()
    return {one["vendorItemId"] for one in items if coupons[one["couponId"]]["status"] in _ALIVE}


def _why_not(world: World, option: int, taken: set[int]) -> str:
    """Say why an option cannot be put into a coupon, in the marketplace's words."""
    if option not in world.rows("options"):
        return "[CIE00] 유효하지 않은 옵션아이디 입니다."
    if option in world.rows("refused_options"):
        return str(world.rows("refused_options")[option]["reason"])
    return "[CIR08] 해당 옵션은 이미 다른 쿠폰에 발행되어져 있습니다." if option in taken else ""


def _queued(world: World, kind: str, total: int, given: Mapping[str, Any], coupon_id: int = 0) -> Row:
    """Note a request; what it asks for stands in it, and what ends it is found by its type."""
    number = f"{world.number('requested', 1):03}{world.dice.randint(10**17, 10**18 - 1)}"
    world.rows("instant_coupon_requests")[number] = {
        "couponId": coupon_id, "requestedId": number, "type": kind, "status": "REQUESTED", "total": total,
        "succeeded": 0, "failed": 0, "failedVendorItems": [], "ready": (world.now + COUPON_DELAY).isoformat(),
        "finish": kind, "given": dict(given),
    }  # fmt: skip
    return {"requestedId": number, "success": True}


def _done(request: Row, number: int, failed: list[Row]) -> None:
    request |= {
        "status": "DONE", "couponId": number, "failed": len(failed), "succeeded": request["total"] - len(failed),
        "failedVendorItems": failed,
    }  # fmt: skip


COUPON = {
    "create_instant_coupon": create_instant_coupon,
    "add_instant_coupon_items": add_instant_coupon_items,
    "expire_instant_coupon": expire_instant_coupon,
}

FINISHERS |= {"COUPON_PUBLISH": _publish, "COUPON_ITEM_PUBLISH": _publish_items, "COUPON_EXPIRE": _expire}
