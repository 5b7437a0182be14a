"""The shop of the world `rocket_growth`: products of both kinds in every state, stock, and orders of six weeks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from runner.simulator.goods import BRAND, terms_of_delivery
from runner.simulator.growth import (
    APPROVING,
    DENIED,
    MARKET,
    REVIEW,
    SAVED,
    STOCK,
    WAREHOUSE,
    approve,
    arrive,
    buy,
    put,
    register,
)
from runner.simulator.world import Row, World, second

#: options of the socks, and orders of all
SIZES, SOLD = 24, 60


def growth_shop(world: World) -> None:
    """Make products that only Coupang ships, that both ship, and that are not approved."""
    _made(world, "접이식 우산", [_option("검정 1개", 12900), _option("남색 1개", 12900)])
    both = [_option("소형", 18900, market=19900), _option("대형", 24900, market=25900)]
    _made(world, "캔버스 에코백", [*both, _option("특대형", None, market=29900)])
    _made(world, "면 양말", [_option(f"{210 + 5 * n}mm", 3900) for n in range(SIZES)])
    _made(world, "유리 물병", [_option("500ml", 9900)], status=SAVED)
    _made(world, "나무 도마", [_option("중형", 15900)], status=APPROVING)
    _made(world, "실리콘 덮개", [_option("3개", 7900, image="http://images.invalid/1.jpg")], status=DENIED)
    _stock(world)
    _orders(world)


def body_of(world: World, name: str, options: Sequence[Row]) -> Row:
    """Return a product as a seller would send it."""
    ships = any(one.get(MARKET) for one in options)
    return {
        "displayCategoryCode": 77413, "sellerProductName": name, "vendorId": world.vendor,
        "saleStartedAt": "2025-01-01T00:00:00", "saleEndedAt": "2099-12-31T23:59:59", "displayProductName": name,
        "brand": BRAND, "brandId": "KR-3", "generalProductName": name, "productGroup": "", "vendorUserId": "seller1",
        "requested": True, "rocketGrowthAdditionalInformation": {"rfmInboundName": name, "legalAgreement": "AGREE"},
        "marketplaceShippingAndReturnInfo": terms_of_delivery() if ships else None, "items": list(options),
        "requiredDocuments": [], "manufacture": BRAND, "bundleInfo": {"bundleType": "SINGLE"},
    }  # fmt: skip


def _option(
    name: str, price: int | None, *, market: int | None = None, image: str = "http://images.example.com/1.jpg"
) -> Row:
    side = {"externalVendorSku": f"RG-{name}", "modelNo": "", "barcode": ""}
    return {
        "itemName": name, "offerCondition": "NEW", "offerDescription": "", "unitCount": 1, "adultOnly": "EVERYONE",
        "taxType": "TAX", "parallelImported": "NOT_PARALLEL_IMPORTED", "overseasPurchased": "NOT_OVERSEAS_PURCHASED",
        "pccNeeded": False, "maximumBuyForPerson": 0, "maximumBuyForPersonPeriod": 1, "outboundShippingTimeDay": 1,
        "images": [{"imageOrder": 0, "imageType": "REPRESENTATION", "cdnPath": "", "vendorPath": image}],
        "attributes": [{"attributeTypeName": "수량", "attributeValueName": name, "exposed": "EXPOSED"}],
        "contents": [{"contentsType": "TEXT", "contentDetails": [{"content": name, "detailType": "TEXT"}]}],
        "notices": [], "emptyBarcode": True, "emptyBarcodeReason": "상품확인불가", "extraProperties": {},
        "certifications": [{"certificationType": "NOT_REQUIRED", "certificationCode": ""}], "searchTags": [],
        WAREHOUSE: None if price is None else {**side, "priceData": _prices(price), "skuInfo": _sizes(name)},
        MARKET: None if market is None else {**side, "priceData": _prices(market), "maximumBuyCount": 50},
    }  # fmt: skip


def _prices(price: int) -> Row:
    return {"originalPrice": price + 1000, "salePrice": price}


def _sizes(name: str) -> dict[str, Any]:
    return {
        "width": 120, "length": 200, "height": 40, "weight": 300, "netWeight": 280, "quantityPerBox": 1,
        "fragile": False, "distributionPeriod": 0, "expiredAtManaged": False, "producedAtManaged": False,
        "manufacturedAtManaged": False, "inboundName": name, "season": "YEAR_ROUND", "standAlone": False,
        "originalDimensionInputType": "USER_INPUT",
    }  # fmt: skip


def _made(world: World, name: str, options: Sequence[Row], *, status: str = "") -> None:
    row = register(world, body_of(world, name, options))
    row["createdAt"] = second(world.now - timedelta(days=200))
    if not status:
        approve(world, row)
        return
    row["requested"] = status == APPROVING
    put(row, status, world.now + REVIEW if status == APPROVING else None)


def _stock(world: World) -> None:
    """Goods of every approved option of the warehouse arrived, but of the last one; some are sold out."""
    numbers = [number for number, row in world.rows("options").items() if row.get("inWarehouse")]
    for n, number in enumerate(numbers[:-1]):
        arrive(world, number, 40 + 7 * n)


def _orders(world: World) -> None:
    """Orders of 45 days, the newest ones not sent yet; then some options are sold out."""
    stock = list(world.rows(STOCK))
    for n in range(SOLD):
        paid = world.now - timedelta(hours=1 + 18 * n)
        buy(world, stock[n % 9], 1 + n % 3, paid=paid, packed=timedelta(hours=5 + n % 4))
    for number in stock[3:5]:
        arrive(world, number, -world.rows("options")[number]["amountInStock"])
