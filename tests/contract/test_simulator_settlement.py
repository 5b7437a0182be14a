"""Settlement over HTTP: revenue follows from what buyers keep, payouts from revenue, both as the clock runs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from simulator_support import OPEN, VENDOR, WRITES, Shop, WebShop, said, words

from runner.simulator.behaviours.settlement import revenue_line
from runner.simulator.records import order_sheet, return_item, return_request
from runner.simulator.worlds import BOX

REVENUE = f"{OPEN}/v1/revenue-history"
PAYOUTS = "/v2/providers/marketplace_openapi/apis/api/v1/settlement-histories"
ORDER, OPTION = 300_009_001, 70000001
TOO_LONG = "dateFrom, dateTo: 1달 이내의 범위로만 조회가능합니다."
NOT_YET = "dateTo: 전일까지만 조회할 수 있습니다."


@pytest.fixture
def shop() -> Shop:
    """Give a shop that is paid every week, with revenue of some months."""
    return WebShop("claims")


@pytest.fixture
def month_end() -> Shop:
    """Give a shop that is paid every month, with nothing sold yet."""
    return WebShop("new_shop")


def asked(first: str, last: str, **more: Any) -> str:
    """Return the query for the revenue of some days."""
    given = {"vendorId": VENDOR, "recognitionDateFrom": first, "recognitionDateTo": last, "token": "", **more}
    return "&".join(f"{name}={value}" for name, value in given.items() if value is not None)


def revenue(shop: Shop, first: str = "2026-02-07", last: str = "2026-03-02") -> list[dict[str, Any]]:
    """Return the revenue of some days."""
    rows: list[dict[str, Any]] = shop.data(REVENUE, asked(first, last))
    return rows


def recognised(shop: Shop) -> list[tuple[str, str]]:
    """Return all the revenue that is booked, as kind and day."""
    rows = shop.state("revenue_histories", "recognitionDate").values()
    return sorted((one["saleType"], one["recognitionDate"]) for one in rows)


def payouts(shop: Shop, month: str) -> list[dict[str, Any]]:
    """Return the payouts of a month; they come without an envelope."""
    answer = shop.ask("GET", PAYOUTS, f"revenueRecognitionYearMonth={month}")
    assert answer.status == 200, answer.body
    rows: list[dict[str, Any]] = said(answer)
    assert isinstance(rows, list)
    return rows


def pass_days(shop: Shop, days: int) -> None:
    """Let days pass."""
    shop.control("clock", {"advance": f"{days}d"})


def sell(shop: Shop, box: int = 9001, *, order: int = ORDER, count: int = 2, option: int = OPTION) -> dict[str, Any]:
    """Make an order that is delivered now."""
    world = shop.sim.world
    return order_sheet(
        world, BOX + box, order, [(option, count)], status="FINAL_DELIVERY", ordered=world.now - timedelta(days=3),
        left=world.now - timedelta(days=2),
    )  # fmt: skip


def send_back(shop: Shop, number: int, box: dict[str, Any], count: int, **change: Any) -> None:
    """Complete a return now."""
    items = [return_item(shop.sim.world, box["shipmentBoxId"], OPTION, count, "Y")]
    row = return_request(
        shop.sim.world, number, box["orderId"], items, status="RETURNS_COMPLETED", created=shop.sim.world.now
    )
    row |= change


# --- revenue ---------------------------------------------------------------------------------------------------------


def test_the_world_has_lines_of_every_kind(shop: Shop) -> None:
    """A sale, a sale and its refund, an order of which the delivery fee is left, and a line without an order."""
    rows = revenue(shop)
    kinds = {(one["orderId"], one["saleType"]): one for one in rows}
    assert kinds[(300_006_501, "SALE")]["items"]
    assert kinds[(300_006_502, "SALE")]["recognitionDate"] < kinds[(300_006_502, "REFUND")]["recognitionDate"]
    assert kinds[(300_006_503, "SALE")]["items"] == []
    assert kinds[(300_006_503, "SALE")]["deliveryFee"]["settlementAmount"] == 2418
    assert kinds[(0, "SALE")]["items"] == []
    assert all("revenueLine" not in one for one in rows)


def test_revenue_is_recognised_seven_days_after_delivery(month_end: Shop) -> None:
    """It shows the day after, and stays one line however much time passes."""
    sell(month_end)
    pass_days(month_end, 7)
    assert recognised(month_end) == []
    pass_days(month_end, 1)
    assert recognised(month_end) == [("SALE", "2026-03-10")]
    pass_days(month_end, 60)
    assert recognised(month_end) == [("SALE", "2026-03-10")]
    (row,) = revenue(month_end, "2026-03-10", "2026-03-10")
    assert (row["orderId"], row["saleDate"], row["settlementDate"]) == (ORDER, "2026-02-28", "2026-04-21")


def test_a_confirmed_purchase_is_revenue_at_once(month_end: Shop) -> None:
    """On the day the buyer says so; nothing is confirmed twice."""
    box = sell(month_end)
    assert month_end.come("confirm", 3) == [box["shipmentBoxId"]]
    pass_days(month_end, 1)
    assert recognised(month_end) == [("SALE", "2026-03-03")]
    pass_days(month_end, 20)
    assert recognised(month_end) == [("SALE", "2026-03-03")]


@pytest.mark.parametrize("steps", [1, 40])
def test_it_does_not_matter_how_often_somebody_looks(month_end: Shop, steps: int) -> None:
    """Forty days at once, or one after the other: the same books."""
    sell(month_end)
    sell(month_end, 9002, order=ORDER, option=73000001)
    sell(month_end, 9003, order=ORDER + 1)
    for _ in range(steps):
        pass_days(month_end, 40 // steps)
    assert recognised(month_end) == [("SALE", "2026-03-10")]
    (row, other) = revenue(month_end, "2026-03-01", "2026-03-20")
    assert [one["vendorItemId"] for one in row["items"]] == [OPTION, 73000001]
    assert (row["deliveryFee"]["amount"], other["orderId"]) == (2500, ORDER + 1)
    (payout,) = payouts(month_end, "2026-03")
    assert payout["settlementDate"] == "2026-04-21"


def test_amounts_add_up(month_end: Shop) -> None:
    """Commission without VAT, VAT on it, and what is left."""
    sell(month_end, count=2)
    pass_days(month_end, 8)
    (row,) = revenue(month_end, "2026-03-10", "2026-03-10")
    (item,) = row["items"]
    assert (item["salePrice"], item["quantity"], item["serviceFeeRatio"]) == (19800, 2, 10.8)
    assert (item["serviceFee"], item["serviceFeeVat"], item["settlementAmount"]) == (2138, 213, 17449)
    fee = row["deliveryFee"]
    assert (fee["amount"], fee["fee"], fee["feeVat"], fee["settlementAmount"]) == (2500, 75, 7, 2418)


def test_an_order_has_one_delivery_fee(month_end: Shop) -> None:
    """Its second box, recognised later, brings the goods alone."""
    sell(month_end)
    pass_days(month_end, 2)
    sell(month_end, 9002)
    pass_days(month_end, 10)
    rows = revenue(month_end, "2026-03-01", "2026-03-14")
    assert [(one["recognitionDate"], one["deliveryFee"]["amount"]) for one in rows] == [
        ("2026-03-10", 2500), ("2026-03-12", 0),
    ]  # fmt: skip


def test_what_came_back_before_is_not_sold(month_end: Shop) -> None:
    """Some of it, or all of it: the delivery fee is left then."""
    for n, count in ((1, 1), (2, 2)):
        send_back(month_end, 420_000_000 + n, sell(month_end, 9000 + n, order=ORDER + n), count)
    pass_days(month_end, 30)
    rows = revenue(month_end, "2026-03-03", "2026-03-20")
    assert [[item["quantity"] for item in one["items"]] for one in rows] == [[1], []]
    assert recognised(month_end) == [("SALE", "2026-03-10")]


@pytest.mark.parametrize(("fault", "fee"), [("CUSTOMER", 0), ("VENDOR", -2418)])
def test_what_comes_back_later_is_a_refund(month_end: Shop, fault: str, fee: int) -> None:
    """Its amounts have no sign, the delivery fee has one, and goes back where the seller is at fault."""
    box = sell(month_end)
    pass_days(month_end, 10)
    send_back(month_end, 420_000_001, box, 1, faultByType=fault)
    pass_days(month_end, 30)
    sale, refund = revenue(month_end, "2026-03-03", "2026-03-20")
    assert (sale["saleType"], refund["saleType"]) == ("SALE", "REFUND")
    assert (refund["recognitionDate"], refund["orderId"]) == ("2026-03-13", sale["orderId"])
    assert [(one["quantity"], one["salePrice"]) for one in refund["items"]] == [(1, 9900)]
    assert refund["deliveryFee"]["settlementAmount"] == fee


def test_what_the_seller_approves_late_is_refunded(shop: Shop) -> None:
    """Through the calls for returns: from the day of the approval on."""
    number = 400_005_003
    assert shop.receipt(number)["receiptStatus"] == "VENDOR_WAREHOUSE_CONFIRM"
    pass_days(shop, 20)
    body = {"vendorId": VENDOR, "receiptId": number, "cancelCount": shop.receipt(number)["cancelCountSum"]}
    assert shop.ask("PATCH", f"{WRITES}/returnRequests/{number}/approval", body=body).status == 200
    pass_days(shop, 1)
    rows = revenue(shop, "2026-03-20", "2026-03-23")
    assert [(one["orderId"], one["saleType"], one["recognitionDate"]) for one in rows if one["items"]] == [
        (300_005_003, "REFUND", "2026-03-23")
    ]


def test_nothing_is_recognised_that_was_not_kept(month_end: Shop) -> None:
    """Under way, cancelled, or on a way that nobody tracks and the buyer does not confirm."""
    world = month_end.sim.world
    for n, status in enumerate(("ACCEPT", "INSTRUCT", "DEPARTURE", "DELIVERING", "NONE_TRACKING")):
        order_sheet(world, BOX + 9101 + n, ORDER + n, [(OPTION, 1)], status=status, ordered=world.now)
    pass_days(month_end, 100)
    assert recognised(month_end) == []
    assert month_end.come("confirm", 9) == [BOX + 9105]
    pass_days(month_end, 1)
    assert recognised(month_end) == [("SALE", "2026-06-11")]


# --- how revenue is read ---------------------------------------------------------------------------------------------


def test_revenue_comes_in_pages(shop: Shop) -> None:
    """With a token and a yes or no whether more follows; the first token is sent empty."""
    whole, seen, token, more = revenue(shop), [], "", True
    while more:
        page = said(shop.ask("GET", REVENUE, asked("2026-02-07", "2026-03-02", token=token, maxPerPage=5)))
        assert list(page) == ["code", "message", "data", "hasNext", "nextToken"]
        seen += page["data"]
        token, more = page["nextToken"], page["hasNext"]
        assert bool(token) is more
    assert seen == whole
    assert said(shop.ask("GET", REVENUE, asked("2020-01-01", "2020-01-02")))["data"] == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"recognitionDateTo": "2026-03-03"}, NOT_YET),
        ({"recognitionDateTo": "2026-04-01", "recognitionDateFrom": "2026-04-01"}, NOT_YET),
        ({"recognitionDateFrom": "2026-01-31"}, TOO_LONG),
        ({"recognitionDateFrom": "2026-03-02", "recognitionDateTo": "2026-03-01"}, TOO_LONG),
        ({"vendorId": None}, "Required String parameter 'vendorId' is not present"),
        ({"vendorId": "A00099999"}, ""),
        ({"recognitionDateFrom": "20260301"}, "recognitionDateFrom: Invalid format. 'yyyy-MM-dd' 형식을 사용하세요."),
        ({"recognitionDateTo": "2026-3-1"}, "recognitionDateTo: Invalid format. 'yyyy-MM-dd' 형식을 사용하세요."),
        ({"recognitionDateTo": None}, ""),
        ({"token": None}, "Required String parameter 'token' is not present"),
        ({"token": "x"}, "token: Invalid format. 첫 페이지 호출 시에는 비워두세요."),
        ({"maxPerPage": 51}, ""),
        ({"maxPerPage": 0}, ""),
    ],
)
def test_revenue_that_is_asked_for_wrongly(shop: Shop, change: dict[str, Any], text: str) -> None:
    """Today, the future, too long, backwards, no or another seller, no days, no token or a foreign one, a huge page."""
    status, told = words(shop.ask("GET", REVENUE, asked("2026-02-10", "2026-03-02", **change)))
    assert (status, bool(told)) == (400, True)
    assert not text or told == text


def test_yesterday_moves_with_the_clock(shop: Shop) -> None:
    """What was refused today is answered tomorrow, though the question is the same."""
    today = (REVENUE, asked("2026-03-03", "2026-03-03"))
    assert words(shop.ask("GET", *today)) == (400, NOT_YET)
    shop.control("clock", {"advance": "15h"})
    assert shop.ask("GET", *today).status == 200


# --- payouts ---------------------------------------------------------------------------------------------------------


def test_a_monthly_payout_is_made_of_its_month(month_end: Shop) -> None:
    """All of it, fifteen working days after the month."""
    sell(month_end)
    assert payouts(month_end, "2026-03") == []
    pass_days(month_end, 8)
    (row,) = payouts(month_end, "2026-03")
    assert (row["settlementType"], row["settlementDate"], row["status"]) == ("MONTHLY", "2026-04-21", "SUBJECT")
    assert (row["revenueRecognitionDateFrom"], row["revenueRecognitionDateTo"]) == ("2026-03-01", "2026-03-31")
    assert (row["totalSale"], row["serviceFee"], row["settlementTargetAmount"]) == (22300, 2433, 19867)
    assert (row["settlementAmount"], row["lastAmount"], row["finalAmount"]) == (19867, 0, 19867)
    pass_days(month_end, 40)
    assert payouts(month_end, "2026-03")[0]["status"] == "SUBJECT"
    pass_days(month_end, 1)
    (paid,) = payouts(month_end, "2026-03")
    assert {**paid, "status": ""} == {**row, "status": ""}
    assert (paid["status"], payouts(month_end, "2026-04")) == ("DONE", [])


def test_weekly_payouts_keep_three_tenths_back(shop: Shop) -> None:
    """Seven tenths fifteen working days after the week, the rest on the first working day of the month after next."""
    *weeks, rest = payouts(shop, "2026-02")
    spans = [(one["revenueRecognitionDateFrom"][8:], one["revenueRecognitionDateTo"][8:]) for one in weeks]
    assert spans == [("01", "01"), ("02", "08"), ("09", "15"), ("16", "22"), ("23", "28")]
    assert [one["settlementDate"][5:] for one in weeks] == ["02-20", "02-27", "03-06", "03-13", "03-20"]
    for one in weeks:
        assert one["settlementTargetAmount"] == one["totalSale"] - one["serviceFee"]
        assert one["lastAmount"] == one["settlementTargetAmount"] * 3 // 10
        assert one["settlementAmount"] == one["settlementTargetAmount"] - one["lastAmount"]
    assert (rest["settlementType"], rest["settlementDate"], rest["lastAmount"]) == ("RESERVE", "2026-04-01", 0)
    assert rest["settlementAmount"] == sum(one["lastAmount"] for one in weeks)
    assert [one["status"] for one in (*weeks, rest)] == ["DONE", "DONE", "SUBJECT", "SUBJECT", "SUBJECT", "SUBJECT"]


def test_revenue_tells_when_it_is_paid(shop: Shop) -> None:
    """Lines and payouts have nothing else in common."""
    for line in shop.data(REVENUE, asked("2026-02-10", "2026-02-20")):
        dates = {one["settlementDate"]: one["settlementType"] for one in payouts(shop, "2026-02")}
        assert dates[line["settlementDate"]] == "WEEKLY"
        assert dates[line["finalSettlementDate"]] == "RESERVE"


def test_payouts_are_done_as_the_clock_runs(shop: Shop) -> None:
    """Until all of a month's are, and then nothing changes any more."""
    for days, done in ((3, 3), (7, 4), (7, 5), (12, 6)):
        pass_days(shop, days)
        assert [one["status"] for one in payouts(shop, "2026-02")].count("DONE") == done
    before = payouts(shop, "2026-02")
    pass_days(shop, 100)
    assert payouts(shop, "2026-02") == before


def test_a_shop_that_sells_much_pays_for_the_server(month_end: Shop) -> None:
    """Once a month, above a million won."""
    for n in range(60):
        sell(month_end, 9001 + n, order=ORDER + n)
    pass_days(month_end, 8)
    (row,) = payouts(month_end, "2026-03")
    assert (row["totalSale"], row["sellerServiceFee"]) == (60 * 22300, 55_000)
    assert row["finalAmount"] == row["settlementAmount"] - 55_000


def test_more_refunds_than_sales_are_a_debt(month_end: Shop) -> None:
    """The next payout pays it."""
    for day, kind, fee in ((date(2026, 1, 10), "REFUND", 10_000), (date(2026, 2, 10), "SALE", 30_000)):
        revenue_line(month_end.sim.world, 0, kind, paid=day, day=day, items=[], fee=fee)
    pass_days(month_end, 1)
    (first,), (second,) = payouts(month_end, "2026-01"), payouts(month_end, "2026-02")
    assert (first["settlementAmount"], first["finalAmount"]) == (-9670, 0)
    assert (second["debtOfLastWeek"], second["finalAmount"]) == (9670, second["settlementAmount"] - 9670)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("revenueRecognitionYearMonth=2026-04", "해당월까지만 조회할 수 있습니다."),
        ("revenueRecognitionYearMonth=2027-01", "해당월까지만 조회할 수 있습니다."),
        ("revenueRecognitionYearMonth=2026-3", "Invalid revenueRecognitionYearMonth format (yyyy-MM)"),
        ("revenueRecognitionYearMonth=2026-03-01", "Invalid revenueRecognitionYearMonth format (yyyy-MM)"),
        ("revenueRecognitionYearMonth=", "Invalid revenueRecognitionYearMonth format (yyyy-MM)"),
        ("", "Invalid revenueRecognitionYearMonth format (yyyy-MM)"),
    ],
)
def test_months_that_are_asked_for_wrongly(shop: Shop, query: str, text: str) -> None:
    """In the future, written differently, not at all."""
    answer = shop.ask("GET", PAYOUTS, query)
    (told,) = said(answer)
    assert (answer.status, told["errorMessage"]) == (400, text)


def test_months_without_revenue_are_empty(shop: Shop) -> None:
    """An empty array, as documented; the month that runs may be asked for."""
    assert payouts(shop, "2019-10") == []
    assert payouts(shop, "2026-03")


def test_the_same_seed_brings_the_same_books(shop: Shop) -> None:
    """Whoever looks, and however the days passed."""

    def books(steps: list[str]) -> list[Any]:
        shop.control("reset", {"world": "claims", "seed": 7})
        for one in steps:
            shop.control("clock", {"advance": one})
        state = said(shop.control("state"))
        return [state["revenue_histories"], state["settlement_histories"], state["exchange_requests"]]

    assert books(["90d"]) == books(["13h"] * 20 + ["50d", "700h"])
