"""Worlds by name: shops in a known state, their ids fixed and their times relative to the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from runner.simulator.records import (
    contract,
    coupon,
    coupon_item,
    inquiry,
    option,
    order_sheet,
    product,
    return_item,
    return_request,
)  # fmt: skip
from runner.simulator.world import World, space

BOX = 900_000_000_000_000_000
_FREE = "NON_CONTRACT_BASED"


def quiet(world: World) -> None:
    """Make a shop with contracts and nothing else."""
    contract(world, 9962, kind=_FREE, start="2018-01-22 00:00:00", end="2999-12-31 23:59:59")
    contract(world, 9001, kind=_FREE, start="2018-01-22 00:00:00", end="2018-12-31 23:59:59")
    world.rows("budgets")[9962] = {
        "contractId": 9962, "targetMonth": f"{world.now:%Y-%m}", "vendorShareRatio": 100,
        "totalBudgetAmount": 1_000_000,
        "usedBudgetAmount": 0,
    }  # fmt: skip


def demo(world: World) -> None:
    """Make the shop of `examples/`: each record is there for a rule to act on, leave alone, or be in doubt about."""
    quiet(world)
    _products(world)
    _stop_requests(world)
    _old_boxes(world)
    _fresh_boxes(world)
    terms = {
        "contractId": 9962, "name": "재고 정리 10%", "type": "RATE", "discount": 10, "maxDiscountPrice": 3000,
        "startAt": space(world.now - timedelta(days=60)), "endAt": space(world.now - timedelta(days=53)),
    }  # fmt: skip
    coupon(world, 500_001, terms, status="EXPIRED")


def _products(world: World) -> None:
    product(
        world,
        30100001,
        "모의상회 무선 이어폰",
        [option(70000001, "화이트 1개", 9900, 500), option(70000002, "블랙 1개", 8900, 320)],
    )
    product(world, 30100002, "모의상회 텀블러 500ml", [option(70000003, "네이비", 12900, 299)])
    product(world, 30100003, "모의상회 캠핑 의자", [option(70000004, "카키", 29900, 410, on_sale=False)])
    product(
        world, 30100004, "모의상회 극세사 담요", [option(70000005, "퀸", 9900, 450), option(70000006, "킹", 13900, 380)]
    )
    product(world, 30100005, "모의상회 접이식 테이블", [option(None, "우드", 39900, 20)], status="승인대기중")


def _stop_requests(world: World) -> None:
    stop = "RELEASE_STOP_UNCHECKED"
    _receipt(world, 101, [(101, 70000001, 1)], timedelta(minutes=40), stop)
    _receipt(world, 102, [(102, 70000001, 2), (102, 70000002, 1)], timedelta(hours=3), stop)
    _receipt(world, 103, [(103, 70000003, 1)], timedelta(minutes=4), stop)
    _receipt(world, 104, [(104, 70000002, 1)], timedelta(days=1), stop)
    _receipt(world, 105, [(105, 70000001, 1), (115, 70000003, 1)], timedelta(hours=5), stop)
    _receipt(world, 106, [(106, 70000004, 1)], timedelta(hours=2), stop, released=None)
    _receipt(world, 107, [(107, 70000005, 1)], timedelta(days=2), "RETURNS_UNCHECKED", released="Y")
    _receipt(world, 108, [(108, 70000005, 1)], timedelta(days=9), "RETURNS_COMPLETED", released="Y")
    _receipt(world, 109, [(109, 70000006, 1)], timedelta(days=1), "RETURNS_COMPLETED", kind="CANCEL")
    _receipt(world, 110, [(110, 70000001, 1)], timedelta(days=12), stop)


def _receipt(
    world: World, n: int, items: list[tuple[int, int, int]], age: timedelta, status: str, *, kind: str = "RETURN",
    released: str | None = "N",
) -> None:  # fmt: skip
    """Make the boxes and the receipt numbered n; `items` are (box, option, quantity)."""
    asked = status == "RELEASE_STOP_UNCHECKED"
    left = None if asked or kind == "CANCEL" else world.now - age - timedelta(days=3)
    for box in dict.fromkeys(one[0] for one in items):
        lines = [(option_id, count) for number, option_id, count in items if number == box]
        state = "INSTRUCT" if asked else "FINAL_DELIVERY" if left else "ACCEPT"
        if (n, box) == (105, 105):
            # part of this receipt has left: its box is in the warehouse's file
            state, left = "INSTRUCT", None
        ordered = world.now - age - timedelta(days=1)
        order_sheet(
            world, BOX + box, 300_000_000 + n, lines, status=state, ordered=ordered, left=left,
            parcel=("CJGLS", f"3210000{box}") if left else ("", ""),
        )  # fmt: skip
    made = [return_item(world, BOX + box, option_id, count, released) for box, option_id, count in items]
    return_request(
        world, 400_000_000 + n, 300_000_000 + n, made, status=status, created=world.now - age, kind=kind,
        stop="미처리" if asked else "비대상",
    )  # fmt: skip


def _old_boxes(world: World) -> None:
    _box(world, 201, "DEPARTURE", left=41)
    _box(world, 202, "DELIVERING", left=36)
    _box(world, 203, "DEPARTURE", left=25)
    _box(world, 204, "DEPARTURE", left=41)
    _box(world, 205, "DEPARTURE", left=41)
    _box(world, 206, "DELIVERING", left=None)
    _box(world, 207, "NONE_TRACKING", left=50)
    _box(world, 208, "FINAL_DELIVERY", left=45)
    _box(world, 209, "DEPARTURE", left=40, ordered=70)
    inquiry(world, 71_000_204, 300_000_204, [70000001], asked=world.now - timedelta(days=10))
    item = [return_item(world, BOX + 205, 70000001, 1, "Y")]
    return_request(
        world,
        400_000_205,
        300_000_205,
        item,
        status="RETURNS_UNCHECKED",
        created=world.now - timedelta(days=8),
        stop="비대상",
    )


def _box(world: World, n: int, status: str, *, left: int | None, ordered: int | None = None) -> None:
    before = ordered if ordered is not None else (left or 35) + 2
    order_sheet(
        world, BOX + n, 300_000_000 + n, [(70000001, 1)], status=status, ordered=world.now - timedelta(days=before),
        left=None if left is None else world.now - timedelta(days=left), parcel=("CJGLS", f"6804054500{n}"),
    )  # fmt: skip


def _fresh_boxes(world: World) -> None:
    """More than a page of boxes under way, spread over two windows: reads must follow pages and cut windows."""
    for n in range(64):
        age = timedelta(days=n % 4, hours=n % 20) if n < 56 else timedelta(days=26, hours=n)
        order_sheet(
            world, BOX + 1001 + n, 300_001_001 + n, [(70000001 + n % 6, 1 + n % 3)],
            status="DEPARTURE" if n % 8 else "DELIVERING", ordered=world.now - age - timedelta(days=1),
            left=world.now - age,
            parcel=("CJGLS", f"680405451{n:03}"),
        )  # fmt: skip


def overstocked(world: World) -> None:
    """Options with too much stock: one sits in another coupon, one is refused, the others can be put on offer."""
    quiet(world)
    product(
        world,
        30200001,
        "모의상회 여름 샌들",
        [option(72000001 + n, f"{230 + 5 * n}mm", 19900, 400 + n) for n in range(12)],
    )
    terms = {
        "contractId": 9962, "name": "기존 쿠폰", "type": "RATE", "discount": 5, "maxDiscountPrice": 1000,
        "startAt": space(world.now - timedelta(days=1)), "endAt": space(world.now + timedelta(days=20)),
    }  # fmt: skip
    coupon(world, 500_101, terms, status="APPLIED")
    coupon_item(world, 500_101, 72000003)
    world.rows("refused_options")[72000007] = {"reason": "[CIE06] 할인 금액이 너무 작습니다"}


def month_old(world: World) -> None:
    """Two hundred boxes that left 20 to 60 days ago and were never delivered."""
    quiet(world)
    _products(world)
    for n in range(200):
        _box(world, 3001 + n, "DEPARTURE" if n % 3 else "DELIVERING", left=20 + n % 41)


def claims(world: World) -> None:
    """Many buyers who changed their minds, before and after the parcel left."""
    quiet(world)
    _products(world)
    for n in range(60):
        status = ("RELEASE_STOP_UNCHECKED", "RETURNS_UNCHECKED", "VENDOR_WAREHOUSE_CONFIRM")[n % 3]
        _receipt(
            world,
            5001 + n,
            [(5001 + n, 70000001 + n % 6, 1 + n % 2)],
            timedelta(hours=1 + n * 3),
            status,
            released="N" if n % 3 == 0 else "Y",
        )


def busy(world: World) -> None:
    """Make a thousand paid orders that wait to be acknowledged."""
    quiet(world)
    _products(world)
    for n in range(1000):
        order_sheet(
            world, BOX + 20_001 + n, 320_000_001 + n, [(70000001 + n % 6, 1)], status="ACCEPT",
            ordered=world.now - timedelta(minutes=30 + n),
        )  # fmt: skip


WORLDS: Mapping[str, Callable[[World], None]] = {
    "demo": demo,
    "quiet": quiet,
    "overstocked": overstocked,
    "month_old": month_old,
    "claims": claims,
    "busy": busy,
}
