"""Exchanges and settlement over the wire: what is sent is what the documentation asks for, its samples are readable."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from fake_market import FakeMarket, Passing, account, reply

from runner.catalogue import Field, load
from runner.coupang.client import Client
from runner.coupang.pace import Pace
from runner.coupang.writer import MarketWriter
from runner.errors import NoAnswer, Refused
from runner.model import Window

SAMPLES = Path(__file__).parent.parent / "data" / "samples"
CATALOGUE = load()
LOOKED_FOR = {"createdAt": "2018-03-05T10:54:41", "orderId": 11000013144262}
ENTRY = {
    "exchangeId": 100000170, "shipmentBoxId": 1140170745, "goodsDeliveryCode": "CJGLS",
    "invoiceNumber": "680405450931",
}  # fmt: skip


def sample(name: str) -> Any:
    """Return one of the documentation's examples."""
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def writer(folder: Path, *answers: Any) -> tuple[MarketWriter, FakeMarket]:
    """Make a writer of the shipped catalogue before a scripted marketplace."""
    time, market = Passing(), FakeMarket(*(reply(200, one) for one in answers))
    pace = Pace(folder / "pace.db", ticks=time.tick, now=lambda: time.now().timestamp(), sleep=time.sleep)
    where = "https://market.invalid"
    return MarketWriter(Client(account(), where, pace, CATALOGUE, market, now=time.now, sleep=time.sleep)), market


def window(first: str, last: str) -> Window:
    """Make a window from two Korean times."""
    return Window(start=datetime.fromisoformat(f"{first}+09:00"), end=datetime.fromisoformat(f"{last}+09:00"))


def queries(market: FakeMarket) -> list[dict[str, str]]:
    """Return the queries asked, without the paging."""
    asked = [dict(parse_qsl(one, keep_blank_values=True)) for one in market.queries]
    return [{name: value for name, value in one.items() if name != "maxPerPage"} for one in asked]


# --- what the samples hold -------------------------------------------------------------------------------------


def unknown(fields: Mapping[str, Field], value: Any, where: str = "") -> Iterator[str]:
    """Yield what a record holds and the catalogue does not know, and what the catalogue demands and is not there."""
    if isinstance(value, list):
        for one in value:
            yield from unknown(fields, one, where)
        return
    spelled = {name: one for key, one in fields.items() for name in (key, *one.also)}
    yield from (f"{where}{name}" for name in value if name not in spelled)
    yield from (
        f"{where}{name} missing"
        for name, one in fields.items()
        if not one.optional and not {name, *one.also} & value.keys()
    )
    for name, inner in value.items():
        if name in spelled and spelled[name].fields and inner:
            yield from unknown(spelled[name].fields, inner, f"{where}{name}.")


def outside(workflow: str, fields: Mapping[str, Field], value: Any) -> Iterator[str]:
    """Yield the values of a record that its enums do not have."""
    for entry in value if isinstance(value, list) else [value]:
        for name, one in fields.items():
            found = entry.get(name)
            if one.enum and found is not None and found not in CATALOGUE.enum(workflow, one.enum):
                yield f"{name}: {found}"
            if one.fields and found:
                yield from outside(workflow, one.fields, found)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("exchange_requests", "exchange_requests"),
        ("exchange_requests.confirmed", "exchange_requests"),
        ("revenue_histories", "revenue_histories"),
        ("settlement_histories", "settlement_histories"),
        ("settlement_histories.weekly", "settlement_histories"),
    ],
)
def test_the_samples_are_as_the_catalogue_says(tmp_path: Path, name: str, read: str) -> None:
    """Every field is declared, every value of an enum known, nothing that must be there is missing."""
    reader, _ = writer(tmp_path, sample(name))
    rows = list(reader.rows(read, {}, window("2026-10-01T00:00", "2026-10-03T00:00")))
    operation = CATALOGUE.operations[read]
    assert rows
    assert list(unknown(operation.fields, rows)) == []
    assert list(outside(operation.workflow, operation.fields, rows)) == []


# --- reads -----------------------------------------------------------------------------------------------------


def test_exchanges_are_asked_for_by_whole_days(tmp_path: Path) -> None:
    """Times without an offset; the last day to its last second, and never more than seven days."""
    reader, market = writer(tmp_path, sample("exchange_requests"))
    rows = reader.rows("exchange_requests", {"status": "PROGRESS"}, window("2018-03-01T09:30", "2018-03-10T09:30"))
    assert [row["exchangeId"] for row in rows] == [101268974, 101284720]
    assert queries(market) == [
        {"createdAtFrom": "2018-03-01T00:00:00", "createdAtTo": "2018-03-07T23:59:59", "status": "PROGRESS"},
        {"createdAtFrom": "2018-03-08T00:00:00", "createdAtTo": "2018-03-10T23:59:59", "status": "PROGRESS"},
    ]


def test_revenue_ends_yesterday_and_its_token_is_sent_empty(tmp_path: Path) -> None:
    """Today is refused, and so are a missing token and a month."""
    reader, market = writer(tmp_path, sample("revenue_histories.empty"))
    assert list(reader.rows("revenue_histories", {}, window("2026-10-01T09:30", "2026-10-31T09:30"))) == []
    days = [(one["recognitionDateFrom"], one["recognitionDateTo"], one["token"]) for one in queries(market)]
    assert days == [("2026-10-01", "2026-10-25", ""), ("2026-10-26", "2026-10-30", "")]
    list(reader.rows("revenue_histories", {}, window("2026-10-31T00:30", "2026-10-31T09:30")))
    assert len(market.requests) == 2


def test_revenue_of_one_order_may_stand_in_several_lines(tmp_path: Path) -> None:
    """A sale and its refund are two records; a page that repeats a line adds none."""
    sold, fee = sample("revenue_histories")["data"]
    back = {**sold, "saleType": "REFUND"}
    first = {"code": 200, "message": "OK", "data": [sold, fee], "hasNext": True, "nextToken": "t"}
    second = {**first, "data": [fee, back], "hasNext": False, "nextToken": ""}
    reader, market = writer(tmp_path, first, second)
    rows = list(reader.rows("revenue_histories", {}, window("2026-10-01T09:30", "2026-10-04T09:30")))
    assert [row["revenueLine"] for row in rows] == [
        "28000048862315/SALE/2019-10-02/2019-11-21/5307184135/0",
        "91000000000001/SALE/2024-07-01/2024-08-22//2901",
        "28000048862315/REFUND/2019-10-02/2019-11-21/5307184135/0",
    ]
    assert [one["token"] for one in queries(market)] == ["", "t"]


def test_a_line_that_lost_part_of_its_name_has_none(tmp_path: Path) -> None:
    """Without a key nothing is done with a record, rather than something with the wrong one."""
    changed = {name: value for name, value in sample("settlement_histories")[0].items() if name != "settlementDate"}
    reader, _ = writer(tmp_path, [changed])
    (row,) = reader.rows("settlement_histories", {}, window("2019-10-01T00:00", "2019-10-02T00:00"))
    assert "payout" not in row


def test_payouts_are_asked_for_month_by_month(tmp_path: Path) -> None:
    """A bare array for each month that the window touches, the current one too; an empty one is an answer."""
    weekly, daily = sample("settlement_histories.weekly"), sample("settlement_histories")
    reader, market = writer(tmp_path, weekly, [], daily)
    rows = list(reader.rows("settlement_histories", {}, window("2026-08-31T09:30", "2026-10-01T09:30")))
    assert [row["payout"] for row in rows] == [
        "WEEKLY/2026-05-26/2026-05-01/2026-05-03", "DAILY/2019-10-10/2019-10-01/2019-10-01",
    ]  # fmt: skip
    assert queries(market) == [{"revenueRecognitionYearMonth": month} for month in ("2026-08", "2026-09", "2026-10")]


# --- writes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("confirm_exchange_receipt", {"exchangeId": 40362}),
        ("reject_exchange", {"exchangeId": 100000070, "exchangeRejectCode": "SOLDOUT"}),
    ],
)
def test_the_documented_bodies_are_sent(tmp_path: Path, name: str, arguments: dict[str, Any]) -> None:
    """Where to look for the exchange again stays here; the documented answers are successes."""
    sender, market = writer(tmp_path, sample(name))
    assert sender.send(name, {**arguments, **LOOKED_FOR}).status == 200
    assert json.loads(market.requests[0].content) == sample(f"{name}.sent")
    assert market.queries == [""]


def test_invoices_of_a_replacement_are_a_bare_list(tmp_path: Path) -> None:
    """One entry per box with the seller beside it, numbers as the table says and not as text."""
    sender, market = writer(tmp_path, sample("upload_exchange_invoices"))
    answer = sender.send(
        "upload_exchange_invoices", {"exchangeId": 100000170, "exchangeInvoices": [ENTRY], **LOOKED_FOR}
    )
    assert answer.data == {"resultCode": "SUCCESS", "resultMessage": "Invoice number save successfully"}
    (sent,) = json.loads(market.requests[0].content)
    (documented,) = sample("upload_exchange_invoices.sent")
    assert {name: str(value) for name, value in sent.items()} == documented
    assert isinstance(sent["shipmentBoxId"], int)


def test_a_failure_inside_success_is_a_refusal(tmp_path: Path) -> None:
    """FAIL comes with code "200"; an answer that does not say is none."""
    failed = {"code": "200", "message": "SUCCESS", "data": {"resultCode": "FAIL", "resultMessage": "불가"}}
    sender, _ = writer(tmp_path, failed, {"code": "200", "message": "SUCCESS"})
    rejection = {"exchangeId": 1, "exchangeRejectCode": "WITHDRAW", **LOOKED_FOR}
    with pytest.raises(Refused) as raised:
        sender.send("reject_exchange", rejection)
    assert raised.value.facts["said"] == "불가"
    with pytest.raises(NoAnswer):
        sender.send("reject_exchange", rejection)


def test_where_an_exchange_is_looked_for_again(tmp_path: Path) -> None:
    """The whole day of its request, with its order."""
    reader, market = writer(tmp_path, sample("exchange_requests.confirmed"))
    created = datetime(2018, 3, 5, 1, 54, 41, tzinfo=UTC)
    asked = {"createdAtFrom": LOOKED_FOR["createdAt"], "createdAtTo": created, "orderId": LOOKED_FOR["orderId"]}
    assert len(reader.call("exchange_requests", asked).data) == 1
    assert queries(market) == [
        {"createdAtFrom": "2018-03-05T00:00:00", "createdAtTo": "2018-03-05T23:59:59", "orderId": "11000013144262"}
    ]
