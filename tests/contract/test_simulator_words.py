"""What single calls are told, in the words of the documents: successes of options, and mistakes that cost money."""

from __future__ import annotations

from typing import Any

import pytest
from simulator_support import OPEN, PRODUCTS, VENDOR, WRITES, Shop, said

OPTION = f"{PRODUCTS}/vendor-items/70000001"
CANCEL = f"{OPEN}/v5/vendors/{VENDOR}/orders/300000101/cancel"
ORDER = {
    "orderId": 300_000_101, "vendorId": VENDOR, "vendorItemIds": [70000001], "receiptCounts": [1],
    "bigCancelCode": "CANERR", "middleCancelCode": "CCTTER", "userId": "seller1",
}  # fmt: skip


def told(shop: Shop, method: str, path: str, query: str = "", body: Any = None) -> tuple[int, str]:
    answer = shop.ask(method, path, query, body)
    return answer.status, said(answer)["message"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("prices/9900", "가격 변경을 완료했습니다."), ("quantities/10", "재고 변경을 완료했습니다."),
        ("sales/stop", "판매 중지 처리되었습니다."), ("sales/resume", "판매가 재개되었습니다."),
        ("original-prices/12000", "할인율 기준가격이 변경되었습니다."),
    ],
)  # fmt: skip
def test_options_are_told_that_it_is_done(path: str, words: str) -> None:
    """As in the documented samples."""
    assert told(Shop(), "PUT", f"{OPTION}/{path}") == (200, words)


@pytest.mark.parametrize(
    "query", ["apActive=true", "apMinSalePrice=9000", *(f"apActive=true&apMinSalePrice={n}" for n in (9900, -5))]
)
def test_an_automatic_price_is_whole_and_below_the_price(query: str) -> None:
    """Half of it, or a floor that is no floor, changes nothing."""
    shop = Shop()
    before = shop.sim.world.rows("options")[70000001]["salePrice"]
    assert told(shop, "PUT", f"{OPTION}/prices/9900", query)[0] == 400
    assert shop.sim.world.rows("options")[70000001]["salePrice"] == before
    assert told(shop, "PUT", f"{OPTION}/prices/9900", "apActive=true&apMinSalePrice=9000")[0] == 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"orderId": None}, "주문 ID를 입력해 주세요."),
        ({"bigCancelCode": "NOPE"}, "취소사유 대분류 코드를 확인해 주세요."),
        ({"userId": ""}, "업체 ID에 맞는 올바른 유저 ID를 입력해주세요."),
    ],
)
def test_an_order_is_not_cancelled_by_half(change: dict[str, Any], words: str) -> None:
    """A cancel cannot be taken back."""
    shop = Shop()
    body = {name: value for name, value in (ORDER | change).items() if value is not None}
    assert told(shop, "POST", CANCEL, body=body) == (400, words)


def test_goods_come_back_with_a_courier_of_the_table() -> None:
    """Another code is no courier."""
    body = {
        "returnExchangeDeliveryType": "RETURN", "receiptId": 400_000_107, "deliveryCompanyCode": "NOPE",
        "invoiceNumber": "123456789012",
    }  # fmt: skip
    shop = Shop()
    assert told(shop, "POST", f"{WRITES}/return-exchange-invoices/manual", body=body)[0] == 400
    assert (
        told(shop, "POST", f"{WRITES}/return-exchange-invoices/manual", body=body | {"deliveryCompanyCode": "CJGLS"})[0]
        == 200
    )
