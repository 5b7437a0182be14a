"""What becomes of products by themselves: worked on for a while, looked at by Coupang, found by their codes."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from runner.simulator.bundles import make_bundle
from runner.simulator.goods import note, put_on_sale
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World, iso

WORKED_ON, SAVED, REQUESTED, WAITING = "심사중", "임시저장", "승인요청", "승인대기중"
APPROVED, PARTLY, DENIED, DELETED = "승인완료", "부분승인완료", "승인반려", "상품삭제"
COUPANG = "쿠팡 셀러 시스템"
NOT_FETCHED = "이미지를 다운로드할 수 없습니다."
_NOT_CONVINCED = "상품 정보가 부족합니다. 상세페이지를 확인해주세요."
#: seconds a document is worked on, at most ten minutes as documented, and a review takes
_PACE = {"processing": 60, "review": 3600}
_LONGEST = {"processing": 600, "review": 30 * 86_400}
#: until a change is found by its code, and until a request for approval is taken up
_FOUND, _TAKEN_UP = timedelta(minutes=1), timedelta(seconds=5)


def pace(world: World) -> Row:
    """Return how long products take, and whether requests for approval are lost."""
    return world.rows("switches").setdefault("products", {**_PACE, "lost": False})


def plan(world: World, number: int, deed: str, at: datetime) -> None:
    """Let something happen to a product, or an option, at a time; the same again replaces it."""
    world.rows("product_works")[(number, deed)] = {"number": number, "deed": deed, "until": iso(at)}


def forget(world: World, number: int) -> None:
    """Let nothing more happen to a product."""
    works = world.rows("product_works")
    for key in [one for one in works if one[0] == number]:
        del works[key]


def proceed(world: World) -> bool:
    """Let everything happen to products whose time has come, in its order; tell whether anything did."""
    works, happened = world.rows("product_works"), False
    while due := {key: at for key, one in works.items() if (at := datetime.fromisoformat(one["until"])) <= world.now}:
        key = min(due, key=lambda one: due[one])
        work = works.pop(key)
        _DEEDS[work["deed"]](world, work["number"], due[key])
        happened = True
    return happened


def begin(world: World, row: Row, comment: str) -> None:
    """Start to work on a document: nothing can be asked of the product meanwhile."""
    note(world, row, WORKED_ON, comment)
    forget(world, row["sellerProductId"])
    plan(world, row["sellerProductId"], "finish", world.now + timedelta(seconds=pace(world)["processing"]))


def ask(world: World, row: Row) -> None:
    """Take a request for approval."""
    note(world, row, REQUESTED, "판매자 승인요청")
    plan(world, row["sellerProductId"], "queue", world.now + _TAKEN_UP)


def _finish(world: World, number: int, at: datetime) -> None:
    row = world.rows("products")[number]
    plan(world, number, "index", at + _FOUND)
    if row["requested"]:
        _queue(world, number, at)
    else:
        note(world, row, SAVED, "임시저장되었습니다.", by=COUPANG, at=at)


def _index(world: World, number: int, _at: datetime) -> None:
    row = world.rows("products")[number]
    row["codes"] = [one.get("externalVendorSku") for one in row["items"]]


def _queue(world: World, number: int, at: datetime) -> None:
    row = world.rows("products")[number]
    note(world, row, WAITING, "컨텐츠 확인 대기중", by=COUPANG, at=at)
    plan(world, number, "review", at + timedelta(seconds=pace(world)["review"]))


def _review(world: World, number: int, at: datetime) -> None:
    """Decide as the seed wants it, apart from what buyers do: the same product always fares the same."""
    row = world.rows("products")[number]
    dice = random.Random(f"{world.seed}/{number}/{row['createdAt']}")  # noqa: S311 - a story, not a secret
    fate, new = dice.random(), [one for one in row["items"] if one["vendorItemId"] is None]
    if fate < 0.1:
        decide(world, row, "deny", _NOT_CONVINCED, at)
    else:
        decide(world, row, "approve_partly" if fate < 0.2 and len(new) > 1 else "approve", "", at)


def decide(world: World, row: Row, decision: str, reason: str, at: datetime) -> None:
    """Approve a product, in whole or in part, or deny it; an image that nobody can fetch denies it in any case."""
    world.rows("product_works").pop((row["sellerProductId"], "review"), None)
    if row.get("unfetched"):
        decision, reason = "deny", NOT_FETCHED
    if decision == "deny":
        note(world, row, DENIED, reason or _NOT_CONVINCED, by=COUPANG, at=at)
        return
    new = [one for one in row["items"] if one["vendorItemId"] is None]
    kept_back = new[-(len(new) // 2) :] if decision == "approve_partly" else []
    for item in row["items"]:
        if item not in kept_back:
            put_on_sale(world, row, item)
    row |= {"requested": False, "productId": row["productId"] or row["sellerProductId"] + 14_000_000}
    said = (PARTLY, reason or "일부 옵션만 승인되었습니다.") if kept_back else (APPROVED, "승인되었습니다.")
    note(world, row, *said, by=COUPANG, at=at)


_DEEDS: Mapping[str, Callable[[World, int, datetime], None]] = {
    "finish": _finish,
    "index": _index,
    "queue": _queue,
    "review": _review,
    "bundle": make_bundle,
}


# --- what `/_sim/events` asks for ---------------------------------------------------------------------------------

_DECISIONS = ("approve", "approve_partly", "deny")


def review_product(world: World, given: Mapping[str, Any]) -> Row:
    """Decide about a product that waits."""
    row, decision = world.rows("products").get(given.get("product")), given.get("decision", "approve")
    waiting = [one["sellerProductId"] for one in world.each("products") if one["statusName"] == WAITING]
    if row is None or row["statusName"] != WAITING:
        raise Refusal(400, f"'{given.get('product')}' does not wait for approval", code={"product": waiting})
    if decision not in _DECISIONS:
        raise Refusal(400, f"decision: unknown '{decision}'", code={"decision": list(_DECISIONS)})
    if decision == "approve_partly" and sum(one["vendorItemId"] is None for one in row["items"]) < 2:
        raise Refusal(400, "only one option is new; there is no part of it")
    decide(world, row, decision, given.get("reason", ""), world.now)
    return {"sellerProductId": row["sellerProductId"], "statusName": row["statusName"]}


def pace_products(world: World, given: Mapping[str, Any]) -> Row:
    """Say how many seconds documents and reviews take from now on."""
    for name, seconds in given.items():
        if not 0 <= seconds <= _LONGEST[name]:
            raise Refusal(400, f"{name}: '{seconds}' is not a number from 0 to {_LONGEST[name]}")
    pace(world).update(given)
    return {name: pace(world)[name] for name in _PACE}


def lose_approvals(world: World, given: Mapping[str, Any]) -> Row:
    """Let requests for approval be accepted and forgotten, as happens to faulty documents; or no longer."""
    pace(world)["lost"] = given.get("on", True)
    return {"on": pace(world)["lost"]}


def restrict_products(world: World, given: Mapping[str, Any]) -> Row:
    """Let the seller create no more products; or again."""
    row = world.rows("registrations")[world.vendor]
    row["restricted"] = given.get("on", True)
    return dict(row)
