"""Worlds by name: shops in a known state, their ids fixed and their times relative to the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from runner.simulator.behaviours.settlement import revenue_line
from runner.simulator.exchanges import (
    bring,
    collect,
    confirm,
    exchange_item,
    exchange_request,
    reject,
    send,
    show_replacements,
    withdraw,
)
from runner.simulator.goods import (
    FOR_EVER,
    FREE_CONTRACT,
    Option,
    book_cashback,
    contract,
    coupon,
    coupon_item,
    download_coupon,
    product,
    registration,
    use_coupon,
)
from runner.simulator.growth_shop import growth_shop
from runner.simulator.habits import Habits
from runner.simulator.places import places
from runner.simulator.records import inquiry, order_sheet, question, return_item, return_request
from runner.simulator.shelves import shelves
from runner.simulator.world import Row, World, space

BOX = 900_000_000_000_000_000
#: seconds
_DAY = 86_400
_FREE = "NON_CONTRACT_BASED"


def quiet(world: World) -> None:
    """Make a shop with contracts and nothing else."""
    contract(world, FREE_CONTRACT, kind=_FREE, start="2018-01-22 00:00:00", end=FOR_EVER)
    contract(world, 9001, kind=_FREE, start="2018-01-22 00:00:00", end="2018-12-31 23:59:59")
    registration(world)
    shelves(world)
    places(world)


def demo(world: World) -> None:
    """Make the shop of `examples/`: each record is there for a rule to act on, leave alone, or be in doubt about."""
    quiet(world)
    _products(world)
    _stop_requests(world)
    _old_boxes(world)
    _fresh_boxes(world)
    coupon(world, 500_001, _terms(world, "재고 정리 10%", 10, 3000, days=(-60, -53)), status="EXPIRED")


def _terms(world: World, name: str, discount: int, most: int, *, days: tuple[int, int]) -> Row:
    start, end = (space(world.now + timedelta(days=one)) for one in days)
    return {
        "contractId": FREE_CONTRACT, "name": name, "type": "RATE", "discount": discount, "maxDiscountPrice": most,
        "startAt": start, "endAt": end,
    }  # fmt: skip


def _products(world: World) -> None:
    def sold(number: int, name: str, *options: tuple[int | None, str, int, int], status: str = "승인완료") -> None:
        made = [
            Option(number=one, name=said, price=price, stock=stock, on_sale=one != 70000004)
            for one, said, price, stock in options
        ]
        product(world, number, name, made, status=status)

    sold(30100001, "블루투스 무선 이어폰", (70000001, "화이트 1개", 9900, 500), (70000002, "블랙 1개", 8900, 320))
    sold(30100002, "스테인리스 텀블러 500ml", (70000003, "네이비 1개", 12900, 299))
    sold(30100003, "접이식 캠핑 의자", (70000004, "카키 1개", 29900, 410))
    sold(30100004, "포근한 극세사 담요", (70000005, "퀸 1개", 9900, 450), (70000006, "킹 1개", 13900, 380))
    sold(30100005, "원목 접이식 테이블", (None, "내추럴 1개", 39900, 20), status="승인대기중")


def _stop_requests(world: World) -> None:
    stop = "RELEASE_STOP_UNCHECKED"
    _receipt(world, 101, [(101, 70000001, 1)], timedelta(minutes=40), stop)
    _receipt(world, 102, [(102, 70000001, 2), (102, 70000002, 1)], timedelta(hours=3), stop)
    _receipt(world, 103, [(103, 70000003, 1)], timedelta(minutes=4), stop)
    _receipt(world, 104, [(104, 70000002, 1)], timedelta(days=1), stop)
    # part of this one has left: one of its boxes is in the warehouse's file
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
    ordered = world.now - age - timedelta(days=1 if left is None else 4)
    for box in dict.fromkeys(one[0] for one in items):
        order_sheet(
            world, BOX + box, 300_000_000 + n, [one[1:] for one in items if one[0] == box],
            status="INSTRUCT" if asked else "FINAL_DELIVERY" if left else "ACCEPT", ordered=ordered, left=left,
            parcel=("CJGLS", f"{680405460000 + box}") if left else ("", ""),
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
    inquiry(world, 71_000_204, 300_000_204, [70000001], asked=world.now - timedelta(days=10), state="answered")
    return_request(
        world, 400_000_205, 300_000_205, [return_item(world, BOX + 205, 70000001, 1, "Y")], status="RETURNS_UNCHECKED",
        created=world.now - timedelta(days=8), stop="비대상",
    )  # fmt: skip


def _box(world: World, n: int, status: str, *, left: int | None, ordered: int | None = None) -> None:
    before = ordered if ordered is not None else (left or 35) + 2
    order_sheet(
        world, BOX + n, 300_000_000 + n, [(70000001, 1)], status=status, ordered=world.now - timedelta(days=before),
        left=None if left is None else world.now - timedelta(days=left), parcel=("CJGLS", f"{680405450000 + n}"),
    )  # fmt: skip


def _fresh_boxes(world: World) -> None:
    """More than a page of boxes under way, spread over two windows: reads must follow pages and cut windows."""
    for n in range(64):
        age = timedelta(days=n % 4, hours=n % 20) if n < 56 else timedelta(days=26, hours=n)
        order_sheet(
            world, BOX + 1001 + n, 300_001_001 + n, [(70000001 + n % 6, 1 + n % 3)],
            status="DEPARTURE" if n % 8 else "DELIVERING", ordered=world.now - age - timedelta(days=1),
            left=world.now - age, parcel=("CJGLS", f"{680405451001 + n}"),
        )  # fmt: skip


def overstocked(world: World) -> None:
    """Options with too much stock: one sits in another coupon, one is refused, the others can be put on offer."""
    quiet(world)
    options = [Option(number=72000001 + n, name=f"{230 + 5 * n}mm", price=19900, stock=400 + n) for n in range(12)]
    product(world, 30200001, "여름 스트랩 샌들", options)
    coupon(world, 500_101, _terms(world, "기존 쿠폰", 5, 1000, days=(-1, 20)), status="APPLIED")
    coupon_item(world, 500_101, 72000003)
    world.rows("refused_options")[72000007] = {"reason": "[CIE06] 할인 금액이 너무 작습니다."}
    order_sheet(
        world, BOX + 7001, 300_007_001, [(72000003, 1)], status="INSTRUCT", ordered=world.now - timedelta(hours=9)
    )
    use_coupon(world, 500_101, 300_007_001, 72000003)
    download_coupon(world, 15_354_534, "2만원 이상 1천원 할인", options=3)
    book_cashback(world, 2410, 72000012)


def month_old(world: World) -> None:
    """Two hundred boxes that left 20 to 60 days ago and were never delivered."""
    quiet(world)
    _products(world)
    for n in range(200):
        _box(world, 3001 + n, "DEPARTURE" if n % 3 else "DELIVERING", left=20 + n % 41)


def claims(world: World) -> None:
    """Many buyers who changed their minds, before and after the parcel left, and some who ask; paid every week."""
    quiet(world)
    world.payee = "WEEKLY"
    _products(world)
    for n in range(60):
        status = ("RELEASE_STOP_UNCHECKED", "RETURNS_UNCHECKED", "VENDOR_WAREHOUSE_CONFIRM")[n % 3]
        age, line = timedelta(hours=1 + n * 3), (5001 + n, 70000001 + n % 6, 1 + n % 2)
        _receipt(world, 5001 + n, [line], age, status, released="N" if n % 3 == 0 else "Y")
    for n, state in enumerate(("requestAnswer", "answered", "decided") * 2):
        asked = world.now - timedelta(hours=2 + 7 * n)
        inquiry(world, 71_005_001 + n, 300_005_001 + n, [70000001 + n], asked=asked, state=state)
        question(world, 39_005_001 + n, 70000001 + n, asked=asked)
    _exchanges(world)
    _revenue(world)


def _exchanges(world: World) -> None:
    """One exchange in every state; some of those that arrived have two items, from one box or from two."""
    for n in range(1, 5):
        _exchange(world, n, timedelta(hours=7 * n), steps=min(n - 1, 2))
    _exchange(world, 5, timedelta(days=3))
    _exchange(world, 6, timedelta(days=4), boxes=(6, 106))
    _exchange(world, 7, timedelta(days=4), lines=2)
    _confirmed(world, 8, timedelta(days=5))
    _sent(world, 9, timedelta(days=6))
    done = _sent(world, 10, timedelta(days=9))
    for days in (3, 2):
        bring(done, world.now - timedelta(days=days))
    reject(_exchange(world, 11, timedelta(days=7), steps=0), world.now - timedelta(days=6))
    withdraw(_exchange(world, 12, timedelta(days=8), steps=2), world.now - timedelta(days=7))
    # the number of this one lets its box show the moment it is confirmed
    _exchange(world, 15, timedelta(days=2))


def _exchange(
    world: World, n: int, age: timedelta, *, steps: int = 3, boxes: tuple[int, ...] = (), lines: int = 1
) -> Row:
    """Make the exchange numbered n of a delivered order, and let so many steps of its collection happen."""
    created, items = world.now - age, []
    for box in boxes or (n,):
        row = order_sheet(
            world, BOX + 6000 + box, 300_006_000 + n, [(70000001 + (n + m) % 6, 1) for m in range(lines)],
            status="FINAL_DELIVERY", ordered=created - timedelta(days=5), left=created - timedelta(days=4),
            parcel=("CJGLS", f"{680405456000 + box}"),
        )  # fmt: skip
        items += [
            exchange_item(world, row, line, line["vendorItemId"], 1, created=created) for line in row["orderItems"]
        ]
    made = exchange_request(world, 101_006_000 + n, items, created=created)
    for step in range(1, steps + 1):
        collect(world, made, created + age * step / 4)
    return made


def _confirmed(world: World, n: int, age: timedelta) -> Row:
    """Make an exchange whose goods were confirmed when they arrived: its box shows."""
    row = _exchange(world, n, age)
    confirm(world, row, world.now - age / 4)
    show_replacements(world)
    return row


def _sent(world: World, n: int, age: timedelta) -> Row:
    """Make an exchange whose replacement is under way."""
    row = _confirmed(world, n, age)
    send(row, row["deliveryInvoiceGroupDtos"][0], world.now - age / 5, "CJGLS", f"{680405457000 + n}")
    return row


def _revenue(world: World) -> None:
    """Make what becomes revenue of every kind: kept, sent back later, sent back at once, and without an order."""
    for n in range(1, 31):
        _sold(world, n, delivered=9 + 2 * n)
    _sent_back(world, 2, after=9)
    _sent_back(world, 3, after=3)
    day = (world.now - timedelta(days=12)).date()
    revenue_line(world, 0, "SALE", paid=day, day=day, items=[], fee=3000)


def _sold(world: World, n: int, *, delivered: int) -> None:
    left = world.now - timedelta(days=delivered + 2)
    order_sheet(
        world, BOX + 6500 + n, 300_006_500 + n, [(70000001 + n % 6, 1 + n % 3)], status="FINAL_DELIVERY",
        ordered=left - timedelta(days=1), left=left, parcel=("CJGLS", f"{680405458000 + n}"),
    )  # fmt: skip


def _sent_back(world: World, n: int, *, after: int) -> None:
    """Return all of such an order, so many days after it was delivered; the seller was at fault."""
    box = world.rows("order_sheets")[BOX + 6500 + n]
    items = [
        return_item(world, box["shipmentBoxId"], line["vendorItemId"], line["shippingCount"], "Y")
        for line in box["orderItems"]
    ]
    done = world.now - timedelta(days=9 + 2 * n - after)
    row = return_request(
        world, 400_006_500 + n, box["orderId"], items, status="RETURNS_COMPLETED", created=done, stop="비대상"
    )
    row["faultByType"] = "VENDOR"


def busy(world: World) -> None:
    """Make a thousand paid orders that wait to be acknowledged."""
    quiet(world)
    _products(world)
    for n in range(1000):
        order_sheet(
            world, BOX + 20_001 + n, 320_000_001 + n, _basket(n), status="ACCEPT",
            ordered=world.now - timedelta(minutes=30 + n),
        )  # fmt: skip


def huge(world: World) -> None:
    """Make ten days of a very large shop: a hundred thousand orders in every state, the newest ones paid."""
    quiet(world)
    _products(world)
    for n in range(100_000):
        age = timedelta(seconds=60 + 8.6 * n)
        status = next((one for days, one in _STAGES if age < timedelta(days=days)), "FINAL_DELIVERY")
        left = None if status in ("ACCEPT", "INSTRUCT") else world.now - age + timedelta(days=2)
        order_sheet(
            world, BOX + 200_001 + n, 340_000_001 + n, _basket(n), status=status, ordered=world.now - age, left=left,
            parcel=("CJGLS", f"{680410000000 + n}") if left else ("", ""),
        )  # fmt: skip


#: days after the order until which a box is in a state
_STAGES = ((1, "ACCEPT"), (2, "INSTRUCT"), (3, "DEPARTURE"), (5, "DELIVERING"))


def _basket(n: int) -> list[tuple[int, int]]:
    """Return what the n-th buyer of a busy day ordered: one in ten wants two options in one box."""
    first = (70000001 + n % 6, 1)
    return [first, (70000001 + (n + 1) % 6, 2)] if n % 10 == 9 else [first]


def new_shop(world: World) -> None:
    """Make a shop of the first day: products are being approved, one is on sale, and nobody has set a budget."""
    shelves(world, agreed=False)
    places(world)
    product(world, 30300001, "린넨 앞치마", [Option(number=73000001, name="베이지 1개", price=15900, stock=30)])
    for n, status in enumerate(("임시저장", "승인대기중", "승인반려")):
        made = Option(number=None, name=f"{n + 2}인용", price=29900, stock=10)
        product(world, 30300002 + n, f"린넨 식탁보 {n + 2}인용", [made], status=status)


def mislisting(world: World) -> None:
    """Make a shop that listed one option at a tenth of its price, sold out another, and has orders of both kinds."""
    quiet(world)
    options = [Option(number=74000001 + n, name=f"{n + 1}호", price=39900, stock=40 * (n != 2)) for n in range(4)]
    row = product(world, 30400001, "무쇠 프라이팬", options)
    world.rows("options")[74000001]["salePrice"] = row["items"][0]["salePrice"] = 3990
    for n in range(60):
        order_sheet(
            world, BOX + 30_001 + n, 330_000_001 + n, [(74000001 if n % 3 else 74000002, 1 + n % 2)],
            status="INSTRUCT" if n % 10 == 0 else "ACCEPT", ordered=world.now - timedelta(minutes=20 + 3 * n),
        )  # fmt: skip


def rocket_growth(world: World) -> None:
    """Make a shop of Rocket Growth: products that Coupang ships, that both ship, or that wait; stock and orders."""
    quiet(world)
    growth_shop(world)


def lifelike(world: World) -> None:
    """Make the shop of `claims` where everybody has the habits that Coupang documents or sellers report."""
    claims(world)
    world.habits = Habits(
        orders_listed_after=600, acknowledged_listed_after=120, couriers=True, lost=0.01, collected_after=2 * _DAY,
        fast_refunds=True, approved_after=3 * _DAY, stops_answered_after=7 * _DAY, mixed_reasons=True,
        users=("seller1",), couriers_since=world.now.isoformat(),
    )  # fmt: skip


WORLDS: Mapping[str, Callable[[World], None]] = {
    "demo": demo,
    "quiet": quiet,
    "overstocked": overstocked,
    "month_old": month_old,
    "claims": claims,
    "busy": busy,
    "huge": huge,
    "new_shop": new_shop,
    "mislisting": mislisting,
    "rocket_growth": rocket_growth,
    "lifelike": lifelike,
}
