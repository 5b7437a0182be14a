from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from reading_fakes import CATALOGUE, NOW, FakeReader, query, record, rule

from runner.catalogue import load
from runner.errors import Refused, Unreachable, Unreadable
from runner.fetch import fetch, reread

PRODUCTS = {
    1: {
        "productId": 1,
        "productName": "cup",
        "items": [{"vendorItemId": 11}, {"vendorItemId": None}, {"vendorItemId": 12}],
    },
    2: {"productId": 2, "productName": "pot", "items": [{}, {"vendorItemId": 21}]},
}


def inventory(arguments: Any) -> Any:
    """Answer the stock of any option."""
    return {"sellerItemId": arguments["vendorItemId"], "amountInStock": arguments["vendorItemId"] * 10, "onSale": True}


def shop(**replies: Any) -> FakeReader:
    """Make a reader of the shop."""
    return FakeReader({
        "products": [{"productId": 1}, {"productId": 2}],
        "product": lambda arguments: PRODUCTS[arguments["productId"]],
        "inventory": inventory,
        **replies,
    })  # fmt: skip


def options(reader: FakeReader) -> list[Any]:
    """Read the composed source."""
    return list(fetch(query("options"), reader, NOW, CATALOGUE))


def test_every_option_with_an_id_becomes_one_record() -> None:
    """Stages follow each other, names are carried on, options without an id yet are no records."""
    reader = shop()
    assert [one.data for one in options(reader)] == [
        {"vendorItemId": 11, "productId": 1, "name": "cup", "amountInStock": 110, "onSale": True},
        {"vendorItemId": 12, "productId": 1, "name": "cup", "amountInStock": 120, "onSale": True},
        {"vendorItemId": 21, "productId": 2, "name": "pot", "amountInStock": 210, "onSale": True},
    ]
    assert len(reader.asked) == 1 + 2 + 3


def test_the_shipped_source_of_options_has_all_its_fields() -> None:
    """What the catalogue promises of `item_inventories` is what comes out."""
    catalogue = load()
    item = {
        "sellerProductItemId": 5,
        "vendorItemId": 11,
        "itemName": "red",
        "externalVendorSku": "S",
        "originalPrice": 9,
    }
    reader = FakeReader({
        "products": [{"sellerProductId": 1, "sellerProductName": "cup"}],
        "product": {"sellerProductId": 1, "items": [item, {**item, "vendorItemId": None}]},
        "item_inventory": {"sellerItemId": 11, "amountInStock": 3, "salePrice": 8, "onSale": False},
    })  # fmt: skip
    [found] = fetch(query("item_inventories"), reader, NOW, catalogue)
    assert found.key == "11"
    assert set(found.data) == set(catalogue.composed["item_inventories"].fields)


def test_stages_are_read_only_as_far_as_records_are_taken() -> None:
    """Nothing is read ahead."""
    reader = shop()
    next(fetch(query("options"), reader, NOW, CATALOGUE))
    assert [name for name, _ in reader.asked] == ["products", "product", "inventory"]


@pytest.mark.parametrize("reply", [Refused("refused"), Unreadable("odd"), None])
def test_an_option_whose_details_are_refused_stays_a_record_without_them(reply: Any) -> None:
    """Its fields are absent, so rules that need them cannot tell; the others go on."""
    found = options(shop(inventory=lambda asked: reply if asked["vendorItemId"] == 11 else inventory(asked)))
    assert [one.key for one in found] == ["11", "12", "21"]
    assert found[0].data == {"vendorItemId": 11, "productId": 1, "name": "cup"}


@pytest.mark.parametrize("name", ["product", "inventory"])
def test_an_unreachable_marketplace_ends_the_reading(name: str) -> None:
    """Half a shop is not a shop."""
    with pytest.raises(Unreachable):
        options(shop(**{name: Unreachable("down")}))


def test_a_product_without_its_options_is_never_skipped_silently() -> None:
    """Options nobody can name cannot become records."""
    with pytest.raises(Unreadable, match="list_unreadable"):
        options(shop(product={"productId": 1}))


def test_reread_replaces_what_its_read_tells() -> None:
    """Names stay, stock is new; a field that has vanished is absent, never the old one."""
    old = record("options", "11", vendorItemId=11, name="cup", amountInStock=110, onSale=True)
    reader = FakeReader({"inventory": {"sellerItemId": 11, "amountInStock": 5}})
    new = reread(rule(query("options")), old, reader, NOW, CATALOGUE)
    assert new is not None
    assert new.data == {"vendorItemId": 11, "name": "cup", "amountInStock": 5}


# --- a stage that is read at once ----------------------------------------------------------------------------------

SHIPPED = load()
LISTED = [
    {
        "sellerProductId": 1, "sellerProductName": "cup", "statusName": "승인완료",
        "items": [
            {
                "itemName": "red", "rocketGrowthItemData": {"sellerProductItemId": 5, "vendorItemId": 11},
                "marketPlaceItemData": {"sellerProductItemId": 6, "vendorItemId": 21},
            },
            {"itemName": "blue", "rocketGrowthItemData": {"sellerProductItemId": 7, "vendorItemId": 12}},
            {"itemName": "new", "rocketGrowthItemData": {"sellerProductItemId": 8, "vendorItemId": None}},
            {"itemName": "own", "rocketGrowthItemData": None, "marketPlaceItemData": {"vendorItemId": 23}},
        ],
    }
]  # fmt: skip


def stock(option: int, left: int, sold: int) -> dict[str, Any]:
    """Make a row of the stock list."""
    return {
        "vendorItemId": option, "externalSkuId": option + 600, "inventoryDetails": {"totalOrderableQuantity": left},
        "salesCountMap": {"SALES_COUNT_LAST_THIRTY_DAYS": sold},
    }  # fmt: skip


def test_rocket_growth_options_ask_for_the_stock_of_all_at_once() -> None:
    """Options without a Rocket Growth id are no records; one the warehouse does not know has no stock."""
    reader = FakeReader({"rocket_growth_products": LISTED, "rocket_growth_inventory": [stock(11, 3, 9)]})
    red, blue = fetch(query("rocket_growth_options"), reader, NOW, SHIPPED)
    assert set(red.data) == set(SHIPPED.composed["rocket_growth_options"].fields)
    assert (red.data["totalOrderableQuantity"], red.data["soldInThirtyDays"], red.data["itemName"]) == (3, 9, "red")
    assert (blue.key, "totalOrderableQuantity" in blue.data, "marketplaceVendorItemId" in blue.data) == (
        "12", False, False,
    )  # fmt: skip
    assert [name for name, _ in reader.asked].count("rocket_growth_inventory") == 1


@pytest.mark.parametrize("reply", [Refused("refused"), Unreadable("odd"), Unreachable("down")])
def test_without_the_list_of_stock_nothing_looks_sold_out(reply: Exception) -> None:
    """A list that cannot be read makes no option one without stock."""
    reader = FakeReader({"rocket_growth_products": LISTED, "rocket_growth_inventory": reply})
    with pytest.raises(type(reply)):
        list(fetch(query("rocket_growth_options"), reader, NOW, SHIPPED))


def test_reread_finds_what_was_kept_under_another_name() -> None:
    """Stock and sales are new, names are the old ones."""
    reader = FakeReader({"rocket_growth_inventory": [stock(11, 1, 10)]})
    old = record("rocket_growth_options", "11", vendorItemId=11, itemName="red", totalOrderableQuantity=3)
    again = replace(rule(query("options")), query=query("rocket_growth_options"))
    new = reread(again, old, reader, NOW, SHIPPED)
    assert new is not None
    assert new.data == {
        "vendorItemId": 11, "itemName": "red", "externalSkuId": 611, "totalOrderableQuantity": 1,
        "soldInThirtyDays": 10,
    }  # fmt: skip


# --- sources a seller thinks in ------------------------------------------------------------------------------------


def shipped(source: str, **replies: Any) -> list[Any]:
    """Read a shipped composed source."""
    return list(fetch(query(source, days=7), FakeReader(replies), NOW, load()))


def test_every_item_of_a_box_is_a_record_of_its_own() -> None:
    """One option may be in many boxes, so its key names both."""
    box = {"orderId": 3, "status": "ACCEPT", "orderItems": [{"vendorItemId": 71, "shippingCount": 2}]}
    found = shipped("order_items", order_sheets=[{**box, "shipmentBoxId": 1}, {**box, "shipmentBoxId": 2}])
    assert [(one.key, one.data["status"], one.data["shippingCount"]) for one in found] == [
        ("1/71", "ACCEPT", 2), ("2/71", "ACCEPT", 2),
    ]  # fmt: skip


def test_an_open_hand_over_comes_with_its_deadline() -> None:
    """Only the reply that asks for an answer counts, whatever else was said."""
    asked = {"answerType": "csAgent", "partnerTransferStatus": "requestAnswer", "content": "?"}
    replies = [
        {**asked, "answerId": 8, "partnerTransferStatus": "answered", "replyAt": "2026-03-01 09:00:00"},
        {**asked, "answerId": 9, "replyAt": "2026-03-02 10:30:00"},
    ]
    inquiry = {"inquiryId": 5, "content": "배송", "replies": replies}
    [found] = shipped("unanswered_call_center_inquiries", call_center_inquiries=[inquiry])
    assert (found.key, found.data["inquiryId"], found.data["content"]) == ("9", 5, "?")
    assert found.data["deadline"] == "2026-03-03T10:30:00+09:00"


def test_a_question_without_a_time_has_no_deadline() -> None:
    """Absent is cannot tell; nothing is guessed."""
    rows = [{"inquiryId": 1, "inquiryAt": "2026-03-02 10:30:00"}, {"inquiryId": 2, "inquiryAt": None}]
    found = shipped("unanswered_product_inquiries", product_inquiries=rows)
    assert [one.data.get("deadline") for one in found] == ["2026-03-03T10:30:00+09:00", None]


def test_options_in_coupons_carry_the_terms_of_their_coupon() -> None:
    """Only coupons and options that run are asked for."""
    catalogue = load()
    reader = FakeReader({
        "instant_coupons": [{"couponId": 5, "type": "RATE", "discount": 10, "status": "APPLIED"}],
        "instant_coupon_items": [{"couponItemId": 50, "couponId": 5, "vendorItemId": 71, "status": "STANDBY"}],
    })  # fmt: skip
    [found] = fetch(query("instant_coupon_options"), reader, NOW, catalogue)
    assert (found.key, found.data["discount"], found.data["status"]) == ("50", 10, "STANDBY")
    running = ["STANDBY", "APPLIED"]
    assert reader.asked == [
        ("instant_coupons", {"status": running}), ("instant_coupon_items", {"couponId": 5, "status": running}),
    ]  # fmt: skip


def test_a_product_that_is_worked_on_keeps_the_status_of_the_list() -> None:
    """Its details are refused for ten minutes; that it is being checked is known."""
    [found] = shipped(
        "product_approvals", products=[{"sellerProductId": 1, "statusName": "심사중"}], product=Refused("refused")
    )
    assert (found.data["statusName"], "items" in found.data) == ("심사중", False)


@pytest.mark.parametrize(("facts", "raised"), [({"gone": True}, False), ({}, True)])
def test_a_deleted_product_has_no_options_and_stops_nothing(*, facts: dict[str, Any], raised: bool) -> None:
    """Lists may go on showing it. A product that is only being worked on does stop: nobody knows its options."""
    reader = FakeReader({"products": [{"sellerProductId": 1}], "product": Refused("refused", **facts)})
    if raised:
        with pytest.raises(Refused):
            list(fetch(query("item_inventories"), reader, NOW, load()))
    else:
        assert list(fetch(query("item_inventories"), reader, NOW, load())) == []
