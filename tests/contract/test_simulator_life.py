"""Buyers, couriers, time and a seller who is right or wrong, in any order: nothing impossible comes of it."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from simulator_support import COUPONS, OPEN, PRODUCTS, VENDOR, WRITES, Shop, said

from runner.simulator import Response
from runner.simulator.buyers import DEEDS

COURIERS = st.sampled_from(["CJGLS", "HANJIN", "DIRECT", "PIGEON"])
PICK = st.integers(0, 10**6)
#: moves of a box, as the documented transitions have them; own delivery passes DEPARTURE, too
_NEXT = {
    "ACCEPT": {"INSTRUCT"},
    "INSTRUCT": {"DEPARTURE"},
    "DEPARTURE": {"DELIVERING", "FINAL_DELIVERY", "NONE_TRACKING"},
    "DELIVERING": {"FINAL_DELIVERY", "DEPARTURE"},
    "FINAL_DELIVERY": {"DEPARTURE"},
    "NONE_TRACKING": {"DEPARTURE"},
}
#: moves of a receipt; one that is withdrawn is in no list any more
_ANSWERS = {
    "RELEASE_STOP_UNCHECKED": {"RETURNS_UNCHECKED", "RETURNS_COMPLETED"},
    "RETURNS_UNCHECKED": {"VENDOR_WAREHOUSE_CONFIRM", "REQUEST_COUPANG_CHECK", "RETURNS_COMPLETED"},
    "VENDOR_WAREHOUSE_CONFIRM": {"REQUEST_COUPANG_CHECK", "RETURNS_COMPLETED"},
    "REQUEST_COUPANG_CHECK": {"RETURNS_COMPLETED"},
    "RETURNS_COMPLETED": set[str](),
}
_AGES = ("STANDBY", "APPLIED", "EXPIRED")
#: moves of an exchange, and of its collection; a step nobody looks at may be passed over
_EXCHANGES = {
    "RECEIPT": {"PROGRESS", "REJECT", "CANCEL"},
    "PROGRESS": {"SUCCESS", "REJECT", "CANCEL"},
}
_WAYS = ("BeforeDirection", "CompleteDirection", "Collecting", "Delivering", "CompleteCollect", "Withdraw")
_SENT = ("INSTRUCT", "DEPARTURE", "NONE_TRACKING", "DELIVERING", "FINAL_DELIVERY")


class Life(RuleBasedStateMachine):
    """One shop over some weeks."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop("claims")
        self.before = self.world()

    def world(self) -> dict[str, Any]:
        """Return the whole world but its clock."""
        found: dict[str, Any] = said(self.shop.control("state"))
        del found["now"]
        return found

    def one(self, kind: str, pick: int) -> dict[str, Any]:
        rows = self.world()[kind]
        return rows[pick % len(rows)] if rows else {}

    def judge(self, answer: Response, before: dict[str, Any]) -> None:
        """Hold that a refused call changed nothing, and says so in the log."""
        applied = said(self.shop.control("requests"))[-1]["applied"]
        assert applied is (answer.status == 200 and b'"resultCode":"FAIL"' not in answer.body)
        if not applied:
            assert self.world() == before

    def call(self, method: str, path: str, query: str = "", body: Any = None) -> None:
        before = self.world()
        self.judge(self.shop.ask(method, path, query, body), before)

    # --- what happens -------------------------------------------------------------------------------------------

    @rule(deed=st.sampled_from(sorted(DEEDS)), count=st.integers(1, 4))
    def people(self, deed: str, count: int) -> None:
        self.shop.come(deed, count)

    @rule()
    def keep(self) -> None:
        """Save the marketplace and go on with what was saved: nobody can tell."""
        state, saved = self.shop.control("state").body, said(self.shop.control("world"))
        assert self.shop.control("world", saved).status == 200
        assert self.shop.control("state").body == state

    @rule(hours=st.integers(1, 500))
    def time(self, hours: int) -> None:
        self.shop.control("clock", {"advance": f"{hours}h"})

    @rule(pick=PICK, count=st.integers(1, 3))
    def acknowledge(self, pick: int, count: int) -> None:
        boxes = [self.one("order_sheets", pick + n).get("shipmentBoxId", 1) for n in range(count)]
        self.shop.acknowledge(*boxes)

    @rule(pick=PICK, courier=COURIERS, number=st.integers(1, 20), which=st.sampled_from(["invoices", "updateInvoices"]))
    def invoice(self, pick: int, courier: str, number: int, which: str) -> None:
        box = self.one("order_sheets", pick)
        entries = [
            {
                "shipmentBoxId": box["shipmentBoxId"], "orderId": box["orderId"], "vendorItemId": line["vendorItemId"],
                "deliveryCompanyCode": courier, "invoiceNumber": f"68040545{number:04}", "splitShipping": False,
                "preSplitShipped": False, "estimatedShippingDate": "",
            }
            for line in box["orderItems"]
        ]  # fmt: skip
        self.call("POST", f"{WRITES}/orders/{which}", "", {"vendorId": VENDOR, "orderSheetInvoiceApplyDtos": entries})

    @rule(pick=PICK, more=st.integers(0, 1))
    def stop(self, pick: int, more: int) -> None:
        row, before = self.one("return_requests", pick), self.world()
        self.judge(self.shop.stop(row["receiptId"], row["cancelCountSum"] + more), before)

    @rule(pick=PICK, courier=COURIERS, number=st.integers(1, 20))
    def mark(self, pick: int, courier: str, number: int) -> None:
        row, before = self.one("return_requests", pick), self.world()
        self.judge(self.shop.mark(row["receiptId"], f"68040545{number:04}", courier), before)

    @rule(pick=PICK, count=st.integers(1, 3), twice=st.booleans())
    def cancel(self, pick: int, count: int, *, twice: bool) -> None:
        box = self.one("order_sheets", pick)
        options = [line["vendorItemId"] for line in box["orderItems"]] * (1 + twice)
        body = {
            "vendorId": VENDOR, "orderId": box["orderId"], "vendorItemIds": options, "userId": "seller1",
            "receiptCounts": [count] * len(options), "bigCancelCode": "CANERR", "middleCancelCode": "CCTTER",
        }  # fmt: skip
        self.call("POST", f"{OPEN}/v5/vendors/{VENDOR}/orders/{box['orderId']}/cancel", "", body)

    @rule(pick=PICK)
    def complete(self, pick: int) -> None:
        box = self.one("order_sheets", pick)
        body = {"shipmentBoxId": box["shipmentBoxId"], "invoiceNumber": box["invoiceNumber"]}
        self.call("POST", f"{WRITES}/completeLongTermUndelivery", "", body)

    @rule(pick=PICK, approve=st.booleans())
    def take_back(self, pick: int, *, approve: bool) -> None:
        row = self.one("return_requests", pick)
        body = {"vendorId": VENDOR, "receiptId": row["receiptId"]}
        path = f"{WRITES}/returnRequests/{row['receiptId']}"
        if approve:
            self.call("PATCH", f"{path}/approval", "", body | {"cancelCount": row["cancelCountSum"]})
        else:
            self.call("PATCH", f"{path}/receiveConfirmation", "", body)

    @rule(pick=PICK)
    def confirm_exchange(self, pick: int) -> None:
        number = self.one("exchange_requests", pick)["exchangeId"]
        body = {"exchangeId": number, "vendorId": VENDOR}
        self.call("PATCH", f"{WRITES}/exchangeRequests/{number}/receiveConfirmation", "", body)

    @rule(pick=PICK, code=st.sampled_from(["SOLDOUT", "WITHDRAW", "NO"]))
    def reject_exchange(self, pick: int, code: str) -> None:
        number = self.one("exchange_requests", pick)["exchangeId"]
        body = {"exchangeId": number, "vendorId": VENDOR, "exchangeRejectCode": code}
        self.call("PATCH", f"{WRITES}/exchangeRequests/{number}/rejection", "", body)

    @rule(pick=PICK, courier=COURIERS, number=st.integers(1, 20), boxes=st.integers(1, 2), old=st.booleans())
    def send_exchange(self, pick: int, courier: str, number: int, boxes: int, *, old: bool) -> None:
        row = self.one("exchange_requests", pick)
        known = [box["shipmentBoxId"] for box in row["deliveryInvoiceGroupDtos"]]
        if old or not known:
            known = [item["originalShipmentBoxId"] for item in row["exchangeItemDtoV1s"]]
        body = [
            {
                "exchangeId": row["exchangeId"], "vendorId": VENDOR, "shipmentBoxId": box, "goodsDeliveryCode": courier,
                "invoiceNumber": f"68040545{number:04}",
            }
            for box in known[:boxes]
        ]  # fmt: skip
        self.call("POST", f"{WRITES}/exchangeRequests/{row['exchangeId']}/invoices", "", body)

    @rule(start=st.integers(0, 2000), hours=st.integers(-5, 400))
    def coupon(self, start: int, hours: int) -> None:
        now = self.shop.sim.world.now.replace(microsecond=0)
        begin = (now.timestamp() + start * 60, now.timestamp() + start * 60 + hours * 3600)
        texts = [f"{now.fromtimestamp(one, now.tzinfo):%Y-%m-%d %H:%M:%S}" for one in begin]
        before = self.world()
        self.judge(self.shop.coupon(startAt=texts[0], endAt=texts[1]), before)

    @rule(pick=PICK, option=st.integers(70000001, 70000009))
    def add(self, pick: int, option: int) -> None:
        held, before = self.one("instant_coupons", pick), self.world()
        self.judge(self.shop.add(held.get("couponId", 1), option, option + 1), before)

    @rule(pick=PICK)
    def expire(self, pick: int) -> None:
        number = self.one("instant_coupons", pick).get("couponId", 1)
        self.shop.ask("PUT", f"{COUPONS}/{number}", "action=expire")

    @rule(option=st.integers(70000001, 70000009), price=st.integers(-20, 40000), quantity=st.integers(-2, 9))
    def offer(self, option: int, price: int, quantity: int) -> None:
        self.call("PUT", f"{PRODUCTS}/vendor-items/{option}/prices/{price}")
        self.call("PUT", f"{PRODUCTS}/vendor-items/{option}/quantities/{quantity}")

    # --- what must hold -----------------------------------------------------------------------------------------

    @invariant()
    def nothing_impossible(self) -> None:
        world, before = self.world(), self.before
        self.before = world
        self._boxes(world)
        self._receipts(world, {row["receiptId"]: row for row in before["return_requests"]})
        self._coupons(world, {row["couponId"]: row for row in before["instant_coupons"]})
        self._exchanges(world, {row["exchangeId"]: row for row in before["exchange_requests"]})
        self._money(world, before)
        assert all(row["salePrice"] > 0 and row["amountInStock"] >= 0 for row in world["item_inventories"])

    def _boxes(self, world: dict[str, Any]) -> None:
        histories = self.shop.sim.world.rows("delivery_histories")
        for box in world["order_sheets"]:
            for line in box["orderItems"]:
                assert 0 <= line["cancelCount"] + line["holdCountForCancel"] <= line["shippingCount"]
                assert line["canceled"] is (line["cancelCount"] == line["shippingCount"])
            path = [one["deliveryStatus"] for one in reversed(histories[box["shipmentBoxId"]]["details"])]
            assert path[-1] == box["status"]
            assert all(after in _NEXT[first] for first, after in pairwise(path))
            if box["status"] not in ("ACCEPT", "INSTRUCT"):
                assert box["invoiceNumber"]

    def _receipts(self, world: dict[str, Any], before: dict[int, Any]) -> None:
        boxes = {row["shipmentBoxId"]: row for row in world["order_sheets"]}
        asked: Counter[tuple[int, int]] = Counter()
        for row in world["return_requests"]:
            for item in row["returnItems"]:
                asked[item["shipmentBoxId"], item["vendorItemId"]] += item["cancelCount"]
        lines = [(box, line) for box, row in boxes.items() for line in row["orderItems"]]
        sent = {(box, line["vendorItemId"]): line["shippingCount"] for box, line in lines}
        assert all(count <= sent.get(of, count) for of, count in asked.items())
        for row in world["return_requests"]:
            was = before.get(row["receiptId"], row)["receiptStatus"]
            assert row["receiptStatus"] == was or row["receiptStatus"] in _ANSWERS[was]
            waits = row["receiptStatus"] == "RELEASE_STOP_UNCHECKED"
            assert waits is (row["releaseStopStatus"] == "미처리")
            assert row["cancelCountSum"] == sum(item["cancelCount"] for item in row["returnItems"])
            if waits:
                assert all(boxes[item["shipmentBoxId"]]["status"] == "INSTRUCT" for item in row["returnItems"])

    def _coupons(self, world: dict[str, Any], before: dict[int, Any]) -> None:
        alive: Counter[int] = Counter()
        for coupon in world["instant_coupons"]:
            was = before.get(coupon["couponId"], coupon)["status"]
            assert _AGES.index(was) <= _AGES.index(coupon["status"])
            assert {item["status"] for item in coupon["items"]} <= {coupon["status"]}
            alive.update(item["vendorItemId"] for item in coupon["items"] if coupon["status"] != "EXPIRED")
        assert max(alive.values(), default=0) <= 1

    def _exchanges(self, world: dict[str, Any], before: dict[int, Any]) -> None:
        seen: Counter[int] = Counter(row["shipmentBoxId"] for row in world["order_sheets"])
        for row in world["exchange_requests"]:
            was = before.get(row["exchangeId"], row)
            status, collection = row["exchangeStatus"], row["collectStatus"]
            assert status == was["exchangeStatus"] or status in self._reached(was["exchangeStatus"])
            assert _WAYS.index(was["collectStatus"]) <= _WAYS.index(collection)
            assert (status == "CANCEL") is (collection == "Withdraw")
            self._possible(row)
            self._boxes_of(row, was)
            seen.update(box["shipmentBoxId"] for box in row["deliveryInvoiceGroupDtos"])
        assert max(seen.values()) == 1

    def _reached(self, status: str) -> set[str]:
        near = _EXCHANGES.get(status, set())
        return near.union(*(_EXCHANGES.get(one, set()) for one in near))

    def _possible(self, row: dict[str, Any]) -> None:
        """Hold that the flags say what is true."""
        status, collection = row["exchangeStatus"], row["collectStatus"]
        numbers = [
            one["invoiceNumber"] for box in row["deliveryInvoiceGroupDtos"] for one in box["deliveryInvoiceDtos"]
        ]
        waits = collection in ("BeforeDirection", "CompleteDirection")
        assert row["rejectable"] is (status in ("RECEIPT", "PROGRESS") and waits)
        assert row["deliveryInvoiceModifiable"] is (status == "PROGRESS" and None in numbers)
        assert not numbers or collection in ("CompleteCollect", "Withdraw")
        assert bool(row["collectCompleteDate"]) or collection != "CompleteCollect"
        if status == "SUCCESS":
            assert row["deliveryStatus"] == "CompleteDelivery"
            assert all(numbers)

    def _boxes_of(self, row: dict[str, Any], was: dict[str, Any]) -> None:
        """Hold that boxes stay, go on, and keep their invoice."""
        old = {box["shipmentBoxId"]: box["deliveryInvoiceDtos"][0] for box in was["deliveryInvoiceGroupDtos"]}
        new = {box["shipmentBoxId"]: box["deliveryInvoiceDtos"][0] for box in row["deliveryInvoiceGroupDtos"]}
        assert old.keys() <= new.keys()
        for box, invoice in old.items():
            assert _SENT.index(invoice["statusCode"]) <= _SENT.index(new[box]["statusCode"])
            assert invoice["invoiceNumber"] in (None, new[box]["invoiceNumber"])

    def _money(self, world: dict[str, Any], before: dict[str, Any]) -> None:
        """Hold that revenue stays as it is, that payouts are all of it, and that what was paid is paid."""
        lines = world["revenue_histories"]
        assert all(one in lines for one in before["revenue_histories"])
        assert len({(one["orderId"], one["saleType"], one["recognitionDate"]) for one in lines}) == len(lines)
        assert all(one["recognitionDate"] < self.shop.sim.world.now.date().isoformat() for one in lines)
        paid = [one for one in before["settlement_histories"] if one["status"] == "DONE"]
        assert all(one in world["settlement_histories"] for one in paid)
        due = sum(self._due(one) * (-1 if one["saleType"] == "REFUND" else 1) for one in lines)
        assert due == sum(one["settlementAmount"] for one in world["settlement_histories"])

    def _due(self, line: dict[str, Any]) -> int:
        goods: int = sum(one["settlementAmount"] for one in line["items"])
        return goods + abs(line["deliveryFee"]["settlementAmount"])


class BusyLife(Life):
    """The same where couriers, Coupang and lists have all their habits."""

    def __init__(self) -> None:
        super().__init__()
        habits = {
            "couriers": True, "lost": 0.2, "collected_after": "1d", "fast_refunds": True, "approved_after": "3d",
            "stops_answered_after": "2d", "mixed_reasons": True, "orders_listed_after": "10m",
            "acknowledged_after": "30m", "acknowledged_listed_after": "2h",
        }  # fmt: skip
        assert self.shop.control("habits", habits).status == 200
        self.before = self.world()

    @rule(pick=PICK, number=st.integers(1, 20), first=st.integers(0, 1))
    def split(self, pick: int, number: int, first: int) -> None:
        box = self.one("order_sheets", pick)
        entries = [
            {
                "shipmentBoxId": box["shipmentBoxId"], "orderId": box["orderId"], "vendorItemId": line["vendorItemId"],
                "deliveryCompanyCode": "CJGLS", "invoiceNumber": f"68040545{number:04}" if n == first else "",
                "splitShipping": True, "preSplitShipped": box["splitShipping"],
                "estimatedShippingDate": "" if n == first else "2026-12-01",
            }
            for n, line in enumerate(box["orderItems"])
        ]  # fmt: skip
        self.call("POST", f"{WRITES}/orders/invoices", "", {"vendorId": VENDOR, "orderSheetInvoiceApplyDtos": entries})


Life.TestCase.settings = settings(max_examples=10, stateful_step_count=25, deadline=None)
BusyLife.TestCase.settings = Life.TestCase.settings
TestLife, TestBusyLife = Life.TestCase, BusyLife.TestCase
