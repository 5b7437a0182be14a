"""Several calls as one action: coupons of both kinds, a product with its approval, a price within bounds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from applying import CATALOGUE, again, crash_at, go, line, statuses, survive
from fake_market import account
from small_market import HandClock, SmallMarket

from runner.coupang.request import prepare
from runner.errors import Refused
from runner.ledger import Ledger
from runner.model import Action, Answer, Data, Status, Window, message
from runner.plan import members_argument

#: seconds a new product is worked on; every read of it is refused until then
_WORK = 400.0


@dataclass
class Shop(SmallMarket):
    """The small market with products, options on sale and download coupons."""

    products: dict[int, dict[str, Any]] = field(default_factory=dict)
    prices: dict[int, int] = field(default_factory=dict)
    downloads: dict[int, dict[str, Any]] = field(default_factory=dict)
    restricted: bool = False

    def call(self, operation: str, arguments: Data, /, *, fresh: bool = False) -> Answer:
        reads = {
            "product": self._product,
            "item_inventory": self._option,
            "download_coupon": lambda asked: self.downloads.get(asked["couponId"]),
            "download_coupon_request": self._download_request,
        }
        if operation not in reads:
            return super().call(operation, arguments, fresh=fresh)
        found = reads[operation](arguments)
        if found is None:
            raise Refused("refused", said="not there")
        return Answer(status=200, body={"data": found}, data=found)

    def rows(
        self, operation: str, arguments: Data, window: Window | None = None, /, *, fresh: bool = False
    ) -> Iterator[Data]:
        if operation in ("item_inventory", "instant_coupon", "download_coupon"):
            yield dict(self.call(operation, arguments).data)
        elif operation == "registration_status":
            yield {"vendorId": "A00012345", "restricted": self.restricted, "registeredCount": len(self.products)}
        elif operation == "category_validity":
            yield {"displayCategoryCode": arguments["displayCategoryCode"], "isValid": True}
        elif operation == "category_meta":
            asked = [{"attributeTypeName": "수량", "required": "MANDATORY", "groupNumber": "NONE"}]
            yield {"displayCategoryCode": 78_786, "attributes": asked, "noticeCategories": []}
        elif operation == "product_summary":
            sku = arguments["externalVendorSkuCode"]
            yield from [one for one in self.products.values() if one["items"][0].get("externalVendorSku") == sku]
        else:
            yield from super().rows(operation, arguments, window, fresh=fresh)

    def _product(self, asked: Data) -> dict[str, Any] | None:
        found = self.products.get(asked["sellerProductId"])
        return found if found and self.clock.at >= found["ready"] else None

    def _option(self, asked: Data) -> dict[str, Any]:
        option = asked["vendorItemId"]
        return {"sellerItemId": option, "salePrice": self.prices[option], "amountInStock": 1, "onSale": True}

    def _download_request(self, asked: Data) -> dict[str, Any]:
        coupon = self.downloads[int(asked["requestTransactionId"])]
        return {"status": "DONE", "total": coupon["asked"], "succeeded": coupon["asked"], "failed": 0}

    def _create_product(self, arguments: dict[str, Any]) -> Any:
        number = 900_001 + len(self.products)
        ready = self.clock.at + timedelta(seconds=_WORK)
        named = {"sellerProductId": number, "sellerProductName": arguments["sellerProductName"]}
        self.products[number] = {**named, "statusName": "임시저장", "items": arguments["items"], "ready": ready}
        return {"sellerProductId": number}

    def _request_product_approval(self, arguments: dict[str, Any]) -> Any:
        product = self.products[arguments["sellerProductId"]]
        if product["statusName"] != "임시저장":
            raise Refused("refused", said="승인요청 가능한 상태가 아닙니다.")
        product["statusName"] = "승인대기중"
        return str(arguments["sellerProductId"])

    def _update_item_price(self, arguments: dict[str, Any]) -> Any:
        self.prices[arguments["vendorItemId"]] = arguments["price"]

    def _expire_instant_coupon(self, arguments: dict[str, Any]) -> Any:
        coupon = self.coupons[arguments["couponId"]]
        coupon["status"] = "EXPIRED"
        self.items = {key: one for key, one in self.items.items() if key[0] != arguments["couponId"]}
        return self._queued(arguments["couponId"], 1, [])

    def _create_download_coupon(self, arguments: dict[str, Any]) -> Any:
        number = 700_001 + len(self.downloads)
        self.downloads[number] = {**arguments, "couponId": number, "appliedOptionCount": 0, "asked": 0}
        return dict(self.downloads[number])

    def _add_download_coupon_items(self, arguments: dict[str, Any]) -> Any:
        (entry,) = arguments["couponItems"]
        coupon = self.downloads[entry["couponId"]]
        if coupon["asked"]:
            raise Refused("refused", said="삭제된 프로모션 입니다.")
        coupon |= {"asked": len(entry["vendorItemIds"]), "appliedOptionCount": len(entry["vendorItemIds"])}
        return {"requestResultStatus": "SUCCESS", "body": {"requestTransactionId": str(entry["couponId"])}}


OLD = {
    "couponId": 600_001, "promotionName": "봄", "contractId": 9962, "type": "RATE", "discount": 10,
    "maxDiscountPrice": 3000, "startAt": "2026-02-01 00:00:00", "endAt": "2026-03-05 00:00:00", "status": "APPLIED",
    "wowExclusive": False,
}  # fmt: skip


@pytest.fixture
def shop() -> Shop:
    """Give a shop with a running coupon on two options and one option on sale."""
    items = {(600_001, n): {"couponId": 600_001, "vendorItemId": n, "status": "APPLIED"} for n in (71, 72)}
    return Shop(clock=HandClock(), coupons={600_001: dict(OLD)}, items=items, prices={71: 10_000})


# --- a coupon with a new period -----------------------------------------------------------------------------------


def reissue(**more: Any) -> Action:
    """Ask for the same coupon from tomorrow on."""
    terms = {
        "couponId": 600_001, "name": "봄 연장", "startAt": "2026-03-04 00:00:00", "endAt": "2026-03-11 00:00:00",
        "vendorItems": [71, 72],
    }  # fmt: skip
    return line("reissue", "reissue_instant_coupon", terms | more, "71", "72")


def renewed(shop: Shop) -> dict[str, Any]:
    """Return the one coupon that took the old one's place, and that all of it went over."""
    (new,) = [one for one in shop.coupons.values() if one["couponId"] != 600_001]
    assert shop.coupons[600_001]["status"] == "EXPIRED"
    assert set(shop.items) == {(new["couponId"], 71), (new["couponId"], 72)}
    return new


def test_a_coupon_goes_on_under_a_new_number(shop: Shop, ledger: Ledger) -> None:
    """Contract, kind and amount are those of the old one; it is ended before its options move."""
    assert statuses(go(shop, ledger, reissue())) == [("done", True)]
    assert [name for name, _ in shop.sent] == [
        "create_instant_coupon", "expire_instant_coupon", "add_instant_coupon_items",
    ]  # fmt: skip
    new = renewed(shop)
    assert [new[name] for name in ("contractId", "type", "discount", "maxDiscountPrice")] == [9962, "RATE", 10, 3000]


@pytest.mark.parametrize("number", range(1, 16))
def test_a_reissue_survives_a_crash_anywhere(shop: Shop, ledger: Ledger, number: int) -> None:
    """Each call takes effect once, and none is left out."""
    survive(shop, ledger, [reissue()], checkpoint=crash_at(number))
    renewed(shop)
    assert sorted(shop.applied) == ["add_instant_coupon_items", "create_instant_coupon", "expire_instant_coupon"]


@pytest.mark.parametrize("move", ["create_instant_coupon", "expire_instant_coupon", "add_instant_coupon_items"])
@pytest.mark.parametrize("fault", ["lost_answer", "lost_request"])
def test_a_reissue_survives_a_lost_answer(shop: Shop, ledger: Ledger, move: str, fault: str) -> None:
    """What a read finds is not done again; what never arrived is."""
    shop.faults[move] = [fault]
    survive(shop, ledger, [reissue()])
    renewed(shop)


def test_a_refused_creation_costs_nothing(shop: Shop, ledger: Ledger) -> None:
    """The old coupon goes on."""
    shop.faults["create_instant_coupon"] = ["refused"]
    assert statuses(go(shop, ledger, reissue())) == [("refused", False)]
    assert shop.coupons == {600_001: OLD}


@pytest.mark.parametrize("status", ["EXPIRED", "PAUSED", "DETACHED"])
def test_only_a_running_coupon_is_replaced(shop: Shop, ledger: Ledger, status: str) -> None:
    """Nothing is written otherwise."""
    shop.coupons[600_001]["status"] = status
    (outcome,) = go(shop, ledger, reissue())
    assert (outcome.status, outcome.reason and outcome.reason.code) == (Status.REFUSED, "no_coupon_to_replace")
    assert shop.sent == []


@pytest.mark.parametrize(("shown", "sent"), [("false", False), (False, False), ("true", True), (True, True)])
def test_the_audience_stays_the_same_however_it_is_shown(shop: Shop, ledger: Ledger, shown: Any, *, sent: bool) -> None:
    """The documentation's sample holds the text "false"; calls refuse a text."""
    shop.coupons[600_001]["wowExclusive"] = shown
    go(shop, ledger, reissue())
    _, arguments = shop.sent[0]
    body = prepare(CATALOGUE.operations["create_instant_coupon"], arguments, account()).body
    assert body is not None
    assert json.loads(body)["wowExclusive"] is sent


# --- a download coupon --------------------------------------------------------------------------------------------


def download(*options: int) -> Action:
    """Ask for a download coupon with these options."""
    step = {
        "title": "10%", "typeOfDiscount": "RATE", "description": "10%", "minimumPrice": 10_000, "discount": 10,
        "maximumDiscountPrice": 1_000, "maximumPerDaily": 1,
    }  # fmt: skip
    terms = {
        "title": "다운로드 10%", "startDate": "2026-03-04 00:00:00", "endDate": "2026-03-11 00:00:00",
        "policies": [step], "vendorItemIds": list(options),
    }  # fmt: skip
    return line("download", "issue_download_coupon", terms, *map(str, options))


def test_a_download_coupon_gets_all_its_options_in_one_call(shop: Shop, ledger: Ledger) -> None:
    """A second call would destroy it."""
    assert statuses(go(shop, ledger, download(71, 72))) == [("done", True)]
    (made,) = shop.downloads.values()
    assert (made["contractId"], made["appliedOptionCount"]) == (9962, 2)
    assert shop.sent[1][1] == {"couponItems": [{"couponId": 700_001, "vendorItemIds": [71, 72]}]}


def test_members_are_found_below_the_top() -> None:
    """Planning puts them under the name the call has for them."""
    assert members_argument(CATALOGUE.procedures["issue_download_coupon"]) == "vendorItemIds"
    assert members_argument(CATALOGUE.procedures["issue_instant_coupon"]) == "vendorItems"


def test_a_lost_creation_is_left_to_a_person(shop: Shop, ledger: Ledger) -> None:
    """No call lists download coupons, so a second one must not be made."""
    shop.faults["create_download_coupon"] = ["lost_answer"]
    survive(shop, ledger, [download(71)])
    assert shop.applied == ["create_download_coupon"]


@pytest.mark.parametrize("fault", ["lost_answer", "lost_request"])
def test_a_lost_addition_is_counted_before_it_is_made_again(shop: Shop, ledger: Ledger, fault: str) -> None:
    """As many as were sent: it was taken. None, ten minutes later: it was not."""
    shop.faults["add_download_coupon_items"] = [fault]
    survive(shop, ledger, [download(71, 72)])
    assert shop.applied == ["create_download_coupon", "add_download_coupon_items"]


def test_a_refused_addition_is_not_tried_again(shop: Shop, ledger: Ledger) -> None:
    """The coupon is destroyed; another one is a new decision."""
    shop.faults["add_download_coupon_items"] = ["refused"]
    (outcome,) = go(shop, ledger, download(71))
    assert outcome.status is Status.REFUSED
    assert again(shop, ledger) == []


# --- a product ----------------------------------------------------------------------------------------------------


def listing(**more: Any) -> Action:
    """Ask for a product with one option."""
    document = {"sellerProductName": "컵", "items": [{"itemName": "빨강", "externalVendorSku": "CUP-1"}]}
    return line("listing", "create_product_listing", document | more, "CUP-1")


def until_done(shop: Shop, ledger: Ledger) -> None:
    """Run every few minutes until nothing is left."""
    for _ in range(6):
        shop.clock.wait(300)
        again(shop, ledger, listing())


def test_a_product_is_created_and_its_approval_asked_for(shop: Shop, ledger: Ledger) -> None:
    """While it is worked on no read shows it: the run goes on, and a later one finishes."""
    assert statuses(go(shop, ledger, listing())) == [("unclear", False)]
    until_done(shop, ledger)
    assert [one["statusName"] for one in shop.products.values()] == ["승인대기중"]
    assert shop.applied == ["create_product", "request_product_approval"]


@pytest.mark.parametrize("move", ["create_product", "request_product_approval"])
@pytest.mark.parametrize("fault", ["lost_answer", "lost_request", "crash_after", "crash_before"])
def test_a_product_is_never_created_twice(shop: Shop, ledger: Ledger, move: str, fault: str) -> None:
    """Found by its SKU; only a quarter of an hour later it counts as not there."""
    shop.faults[move] = [fault]
    survive(shop, ledger, [listing()])
    until_done(shop, ledger)
    assert [one["statusName"] for one in shop.products.values()] == ["승인대기중"]


def test_a_product_of_the_same_code_and_name_that_was_there_is_not_ours(shop: Shop, ledger: Ledger) -> None:
    """Only what is newer than the intent can be."""
    go(shop, ledger, listing())
    until_done(shop, ledger)
    shop.faults["create_product"] = ["lost_request"]
    second = line("second", "create_product_listing", dict(listing().arguments), "CUP-1")
    go(shop, ledger, second)
    for _ in range(6):
        shop.clock.wait(300)
        again(shop, ledger, second)
    assert len(shop.products) == 2


def decide(shop: Shop, status: str) -> None:
    for product in shop.products.values():
        product["statusName"] = status


@pytest.mark.parametrize(
    ("status", "ended", "code"),
    [
        ("승인완료", Status.DONE, None),
        ("부분승인완료", Status.DONE, None),
        ("승인반려", Status.REFUSED, "approval_denied"),
    ],
)
def test_the_approval_is_waited_for_over_days(
    shop: Shop, ledger: Ledger, status: str, ended: Status, code: str | None
) -> None:
    """Each run looks once, says so, asks nobody and writes nothing; then it ends as Coupang decides."""
    go(shop, ledger, listing())
    until_done(shop, ledger)
    for _ in range(3):
        shop.clock.wait(86_400)
        (outcome,) = again(shop, ledger, listing())
        assert (outcome.status, outcome.waiting) == (Status.UNCLEAR, True)
    decide(shop, status)
    (outcome,) = again(shop, ledger)
    assert (outcome.status, outcome.reason and outcome.reason.code) == (ended, code)
    assert (outcome.verified, again(shop, ledger)) == (ended is Status.DONE, [])
    assert shop.applied == ["create_product", "request_product_approval"]


def test_an_approval_that_never_comes_is_put_to_a_person(shop: Shop, ledger: Ledger) -> None:
    """After a fortnight something is wrong."""
    go(shop, ledger, listing())
    until_done(shop, ledger)
    shop.clock.wait(15 * 86_400)
    again(shop, ledger, listing())
    assert [one.reason.code for one in ledger.questions.having()] == ["waits_for_approval"]


def test_a_product_without_what_its_category_asks_for_is_not_created(shop: Shop, ledger: Ledger) -> None:
    """Named before anything is written, instead of an error text of the marketplace."""
    (outcome,) = go(shop, ledger, listing(displayCategoryCode=78_786))
    assert outcome.reason == message("not_covered", missing="수량")
    assert (outcome.status, shop.sent) == (Status.REFUSED, [])


def test_a_restricted_shop_creates_nothing(shop: Shop, ledger: Ledger) -> None:
    """Coupang says so before."""
    shop.restricted = True
    (outcome,) = go(shop, ledger, listing())
    assert (outcome.status, outcome.reason and outcome.reason.code) == (Status.REFUSED, "registration_restricted")


# --- a price within bounds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "floor", "force", "sent"),
    [
        (5_000, 1_000, None, True), (4_990, 1_000, None, False), (20_000, 1_000, None, True),
        (20_010, 1_000, None, False), (9_000, 9_000, None, True), (8_990, 9_000, None, False),
        (4_990, 1_000, True, True), (4_990, 1_000, False, False), (990, 1_000, True, False),
    ],
)  # fmt: skip
def test_a_price_stays_within_bounds(
    shop: Shop, ledger: Ledger, price: int, floor: int, *, force: bool | None, sent: bool
) -> None:
    """Half and double of today's price, never below the floor; the guard is lifted only by the rule."""
    terms = {"vendorItemId": 71, "price": price, "floor": floor}
    terms |= {} if force is None else {"forceSalePriceUpdate": force}
    (outcome,) = go(shop, ledger, line("price", "change_price_safely", terms, "71"))
    if sent:
        more = {} if force is None else {"forceSalePriceUpdate": force}
        assert shop.sent == [("update_item_price", {"vendorItemId": 71, "price": price, **more})]
        assert (outcome.status, shop.prices[71]) == (Status.DONE, price)
    else:
        assert (outcome.status, outcome.reason and outcome.reason.code) == (Status.REFUSED, "price_out_of_bounds")
        assert shop.sent == []
