"""Several sellers on one marketplace, couriers and their numbers, boxes and their age."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator_support import QUICK, START, VENDOR, WRITES, Shop, authorization, said

from runner.simulator import Request, Response, Seller, Simulator
from runner.simulator.gateway import sellers
from runner.simulator.worlds import BOX

# --- several sellers -------------------------------------------------------------------------------------------------


def asked(sim: Simulator, seller: Seller, method: str, path: str, body: bytes = b"") -> Response:
    headers = authorization(method + path, START, seller.access_key, seller.secret_key)
    return sim.handle(Request(method=method, path=path, headers=headers, body=body))


def controlled(sim: Simulator, page: str, query: str = "", body: bytes = b"") -> Any:
    method = "POST" if body else "GET"
    return said(sim.handle(Request(method=method, path=f"/_sim/{page}", query=query, body=body)))


def test_each_seller_has_a_shop_of_his_own() -> None:
    """What one does is not seen in the other's; the clock is the marketplace's, hence everybody's."""
    first, second = sellers(2)
    sim = Simulator(sellers=(first, second), rate=0, host=lambda: START)
    path = f"{WRITES.replace(VENDOR, second.vendor_id)}/returnRequests/1400000101/stoppedShipment"
    body = b'{"vendorId":"%s","receiptId":1400000101,"cancelCount":1}' % second.vendor_id.encode()
    assert asked(sim, second, "PATCH", path, body).status == 200
    answers = [
        next(row["releaseStopStatus"] for row in controlled(sim, "state", query)["return_requests"])
        for query in ("", f"vendor={second.vendor_id}")
    ]
    assert answers == ["미처리", "처리(출고중지)"]
    controlled(sim, "clock", body=b'{"advance":"1d"}')
    assert len({controlled(sim, "state", f"vendor={one.vendor_id}")["now"] for one in (first, second)}) == 1
    assert "vendors" in controlled(sim, "state", "vendor=A9")


def numbers(value: Any, name: str = "") -> set[int]:
    """Return what numbers the records of a shop, wherever it stands."""
    if isinstance(value, dict):
        return {one for key, inner in value.items() for one in numbers(inner, key)}
    if isinstance(value, list):
        return {one for inner in value for one in numbers(inner, name)}
    shared = ("vendorId", "sellerId", "categoryId", "displayCategoryCode")
    is_number = name.endswith(("Id", "Ids", "PlaceCode", "CenterCode")) and name not in shared
    return {int(value)} if is_number and str(value).isdecimal() and int(value) >= 1000 else set()


@pytest.mark.parametrize("world", QUICK)
def test_no_two_sellers_have_a_record_of_the_same_number(world: str) -> None:
    """Also of those that are made later; the first one's are those of a marketplace with one seller."""
    sim = Simulator(world_name=world, sellers=sellers(3), host=lambda: START)
    for one in sim.worlds:
        for deed in ("order", "cancel", "question", "deliver", "return"):
            body = b'{"do":"%s","count":3,"vendor":"%s"}' % (deed.encode(), one.encode())
            controlled(sim, "buyers", body=body)
    first, second, third = (numbers(controlled(sim, "state", f"vendor={one}")) for one in sim.worlds)
    assert len(first | second | third) == len(first) + len(second) + len(third)
    alone = numbers(controlled(Simulator(world_name=world, host=lambda: START), "state"))
    assert alone <= first


def test_a_box_of_another_seller_is_refused() -> None:
    """Each reads his own; also after the marketplace was saved and loaded."""
    first, second = sellers(2)
    sim = Simulator(sellers=(first, second), rate=0, host=lambda: START)
    for _ in range(2):
        for seller, own, other in ((first, BOX + 201, BOX + 10**9 + 201), (second, BOX + 10**9 + 201, BOX + 201)):
            path = f"/v2/providers/openapi/apis/api/v5/vendors/{seller.vendor_id}/ordersheets"
            assert asked(sim, seller, "GET", f"{path}/{own}").status == 200
            assert asked(sim, seller, "GET", f"{path}/{other}").status == 400
        made = controlled(sim, "buyers", body=b'{"do":"order","vendor":"%s"}' % second.vendor_id.encode())["ids"]
        assert made[0] > BOX + 10**9
        controlled(sim, "world", body=json.dumps(controlled(sim, "world")).encode())


def test_keys_of_one_seller_do_not_open_another_shop() -> None:
    """The id in the path must be that of the key."""
    first, second = sellers(2)
    sim = Simulator(sellers=(first, second), rate=0, host=lambda: START)
    assert asked(sim, first, "GET", f"{WRITES}/returnRequests/400000101".replace("v4", "v6")).status == 200
    assert asked(sim, second, "GET", f"{WRITES}/returnRequests/400000101".replace("v4", "v6")).status == 400


def test_the_first_seller_is_the_published_one() -> None:
    """More on request, each with keys of his own."""
    found = sellers(3)
    assert (found[0].vendor_id, found[0].access_key) == (VENDOR, "sim-access-key")
    assert len({one.vendor_id for one in found}) == len({one.access_key for one in found}) == 3


def test_the_gateway_warns_before_it_locks_out() -> None:
    """From nine tenths of the limit on, in a header."""
    shop = Shop(rate=10)
    warned = [bool(shop.ask("GET", f"{WRITES}/ordersheets/1").headers) for _ in range(10)]
    assert warned == [False] * 8 + [True] * 2


# --- couriers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("courier", "number", "taken"),
    [
        ("CJGLS", "680405450999", True),
        ("CJGLS", "68040545", False),
        ("KDEXP", "12345678", True),
        ("DIRECT", "1", True),
        ("DIRECT", "A1", False),
        ("KOREX", "680405450999", False),
        ("PIGEON", "680405450999", False),
    ],
)
def test_invoices_fit_their_courier(courier: str, number: str, *, taken: bool) -> None:
    """Every courier of the table that still exists, with the lengths it is known for."""
    shop = Shop()
    assert (shop.mark(400_000_104, number, courier).status == 200) is taken
    assert (shop.receipt(400_000_104)["releaseStopStatus"] == "처리(이미출고)") is taken


# --- age -------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(box=st.integers(1001, 1064), hours=st.integers(24 * 20, 24 * 60))
def test_boxes_are_completed_between_thirty_and_thirty_two_days(box: int, hours: int) -> None:
    """Never before 30 days, always from 32 on; in between it depends, as sellers report."""
    shop = Shop()
    row = shop.box(box)
    shop.at += timedelta(hours=hours)
    body = {"shipmentBoxId": BOX + box, "invoiceNumber": row["invoiceNumber"]}
    done = shop.ask("POST", f"{WRITES}/completeLongTermUndelivery", body=body).status == 200
    n = box - 1001
    left = timedelta(days=n % 4, hours=n % 20) if n < 56 else timedelta(days=26, hours=n)
    age = left + timedelta(hours=hours)
    assert done or age < timedelta(days=32)
    assert not done or age >= timedelta(days=30)
