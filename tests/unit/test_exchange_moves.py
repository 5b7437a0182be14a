"""Exchanges through rules and to their end: confirmed, waited for over several runs, shipped once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from applying import CATALOGUE, again, crash_at, go, line, statuses, survive
from reading_fakes import NOW, FakeReader, query
from small_market import HandClock, SmallMarket

from runner.arguments import arguments_for
from runner.fetch import fetch
from runner.ledger import Ledger
from runner.model import Action, Answer, Data, Match, Status, Window
from runner.rules import load
from runner.rules.effects import Effects

SAMPLES = Path(__file__).parent.parent / "data" / "samples"
NUMBER, ORDER, BOX = 101268974, 11000013144262, 1140170745


def sample(name: str) -> Any:
    """Return the records of one of the documentation's examples."""
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))["data"]


def arrived(**more: Any) -> dict[str, Any]:
    """Return an exchange whose goods have come back."""
    found: dict[str, Any] = sample("exchange_requests")[0]
    return {**found, "collectStatus": "CompleteCollect", **more}


@dataclass
class ExchangeMarket(SmallMarket):
    """One exchange; its new box shows ten minutes after the confirmation."""

    exchange: dict[str, Any] = field(default_factory=arrived)
    shows: datetime | None = None
    #: other exchanges of the same order and day
    others: list[dict[str, Any]] = field(default_factory=list)

    def call(self, operation: str, arguments: Data, /, *, fresh: bool = False) -> Answer:
        del fresh
        assert operation == "exchange_requests"
        assert arguments["orderId"] == ORDER
        assert arguments["createdAtFrom"] == arguments["createdAtTo"] == self.exchange["createdAt"]
        if self.shows and self.clock.at >= self.shows:
            box = sample("exchange_requests.confirmed")[0]["deliveryInvoiceGroupDtos"]
            self.exchange["deliveryInvoiceGroupDtos"] = self.exchange["deliveryInvoiceGroupDtos"] or box
        data = [self.exchange, *self.others]
        return Answer(status=200, body={"data": data}, data=data)

    def rows(
        self, operation: str, arguments: Data, window: Window | None = None, /, *, fresh: bool = False
    ) -> Iterator[Data]:
        del window
        yield from self.call(operation, arguments, fresh=fresh).data

    def _confirm_exchange_receipt(self, arguments: dict[str, Any]) -> Any:
        assert arguments["exchangeId"] == NUMBER
        self.shows = self.shows or self.clock.at + timedelta(minutes=10)

    def _upload_exchange_invoices(self, arguments: dict[str, Any]) -> Any:
        (entry,) = arguments["exchangeInvoices"]
        (box,) = self.exchange["deliveryInvoiceGroupDtos"]
        assert (entry["exchangeId"], entry["shipmentBoxId"]) == (NUMBER, box["shipmentBoxId"])
        named = {"invoiceNumber": entry["invoiceNumber"], "deliverCode": entry["goodsDeliveryCode"]}
        box["deliveryInvoiceDtos"][0] |= {**named, "statusCode": "DEPARTURE"}
        return {"resultCode": "SUCCESS"}


@pytest.fixture
def shop() -> ExchangeMarket:
    """Give an exchange whose goods have come back."""
    return ExchangeMarket(clock=HandClock())


def ship(number: int = NUMBER) -> Action:
    """Confirm the goods and send the replacement."""
    given = {
        "exchangeId": number, "orderId": ORDER, "createdAt": "2018-03-05T10:54:41", "goodsDeliveryCode": "CJGLS",
        "invoiceNumber": "680405450931",
    }  # fmt: skip
    return line("ship", "ship_exchange", given, str(number))


def invoices(shop: ExchangeMarket) -> list[Any]:
    """Return the invoice numbers of the replacement."""
    boxes = shop.exchange["deliveryInvoiceGroupDtos"]
    return [one["invoiceNumber"] for box in boxes for one in box["deliveryInvoiceDtos"]]


# --- the procedure ---------------------------------------------------------------------------------------------


def test_a_replacement_is_sent_when_its_box_has_come(shop: ExchangeMarket, ledger: Ledger) -> None:
    """Runs before that look and send nothing; the confirmation is never repeated."""
    assert statuses(go(shop, ledger, ship())) == [("unclear", False)]
    shop.clock.wait(300)
    assert statuses(again(shop, ledger, ship())) == [("unclear", False)]
    shop.clock.wait(300)
    assert statuses(again(shop, ledger, ship())) == [("done", True)]
    assert shop.applied == ["confirm_exchange_receipt", "upload_exchange_invoices"]
    assert invoices(shop) == ["680405450931"]


@pytest.mark.parametrize(
    "found",
    [
        {"collectStatus": "Collecting"},
        {"exchangeStatus": "CANCEL"},
        {"exchangeItemDtoV1s": sample("exchange_requests")[1]["exchangeItemDtoV1s"]},
        {"deliveryInvoiceGroupDtos": sample("exchange_requests.confirmed")[0]["deliveryInvoiceGroupDtos"]},
    ],
)
def test_only_one_item_that_has_arrived_is_shipped_this_way(
    shop: ExchangeMarket, ledger: Ledger, found: dict[str, Any]
) -> None:
    """Goods on their way, a withdrawal, several items, a confirmation before: nothing is written."""
    shop.exchange = arrived(**found)
    (outcome,) = go(shop, ledger, ship())
    assert (outcome.status, outcome.reason and outcome.reason.code) == (Status.REFUSED, "not_one_item_arrived")
    assert shop.sent == []


@pytest.mark.parametrize("fault", ["lost_answer", "lost_request"])
@pytest.mark.parametrize("move", ["confirm_exchange_receipt", "upload_exchange_invoices"])
def test_a_lost_answer_never_doubles_a_step(shop: ExchangeMarket, ledger: Ledger, move: str, fault: str) -> None:
    """What arrived is found by reading; what did not arrive is sent again when reading has proved it."""
    shop.faults[move] = [fault]
    survive(shop, ledger, [ship()])
    for _ in range(12):
        again(shop, ledger, ship())
        shop.clock.wait(300)
    assert shop.applied == ["confirm_exchange_receipt", "upload_exchange_invoices"]
    assert invoices(shop) == ["680405450931"]


@pytest.mark.parametrize("number", range(1, 11))
def test_a_crash_is_survived_at_every_step(shop: ExchangeMarket, ledger: Ledger, number: int) -> None:
    """Each call once, and the replacement leaves."""
    survive(shop, ledger, [ship()], checkpoint=crash_at(number))
    for _ in range(12):
        again(shop, ledger, ship())
        shop.clock.wait(300)
    assert shop.applied == ["confirm_exchange_receipt", "upload_exchange_invoices"]


def test_other_exchanges_of_the_order_are_left_alone(shop: ExchangeMarket, ledger: Ledger) -> None:
    """Its number tells ours; nobody's other exchange stands for it."""
    shop.others = [arrived(exchangeId=NUMBER + 1)]
    go(shop, ledger, ship())
    for _ in range(3):
        shop.clock.wait(900)
        again(shop, ledger, ship())
    assert shop.applied == ["confirm_exchange_receipt", "upload_exchange_invoices"]


# --- rules -----------------------------------------------------------------------------------------------------

RULE = """
version: 1
rules:
  - name: replacements
    mode: ask
    look_back: 30d
    from: {source}
    if: {{exchangeStatus: PROGRESS}}
    then:
      - {action}
"""


@pytest.mark.parametrize(
    ("source", "action", "sent"),
    [
        ("exchange_requests", "confirm_exchange_receipt", {"exchangeId": NUMBER}),
        ("exchange_requests", "reject_exchange: {exchangeRejectCode: SOLDOUT}",
         {"exchangeId": NUMBER, "exchangeRejectCode": "SOLDOUT"}),
        ("exchange_requests", "ship_exchange: {goodsDeliveryCode: CJGLS, invoiceNumber: '1234567890'}",
         {"exchangeId": NUMBER, "goodsDeliveryCode": "CJGLS", "invoiceNumber": "1234567890"}),
        ("exchange_shipments", "upload_exchange_invoices: {goodsDeliveryCode: CJGLS, invoiceNumber: '1234567890'}",
         {"exchangeId": NUMBER, "exchangeInvoices": [{"exchangeId": NUMBER, "shipmentBoxId": BOX,
                                                      "goodsDeliveryCode": "CJGLS", "invoiceNumber": "1234567890"}]}),
    ],
)  # fmt: skip
def test_a_rule_gives_what_it_must_and_the_record_the_rest(
    tmp_path: Path, source: str, action: str, sent: dict[str, Any]
) -> None:
    """Order and time of the request go along, for the effect check."""
    path = tmp_path / "rules.yaml"
    path.write_text(RULE.format(source=source, action=action), "utf-8")
    found = load([path])
    assert {one.message.code for one in found.diagnostics} <= {"W203"}
    (rule,) = found.ruleset.rules
    assert rule.query.look_back == timedelta(days=30)
    reader = FakeReader({"exchange_requests": sample("exchange_requests.confirmed")})
    (record,) = fetch(replace(query(source), look_back=timedelta(days=30)), reader, NOW, CATALOGUE)
    (then,) = rule.then
    made = arguments_for(then, CATALOGUE.actions[then.operation], Match(record=record), NOW)
    assert made == {**sent, "orderId": ORDER, "createdAt": "2018-03-05T10:54:41"}


def test_items_and_boxes_of_exchanges_are_sources() -> None:
    """One record each, with what is needed of the exchange; before the confirmation there is no box."""
    rows = [*sample("exchange_requests"), *sample("exchange_requests.confirmed")]
    reader = FakeReader({"exchange_requests": rows})
    items = list(fetch(query("exchange_items"), reader, NOW, CATALOGUE))
    assert [(one.key, one.data["exchangeId"]) for one in items] == [
        ("1765111", 101268974), ("1784732", 101284720), ("1784733", 101284720),
    ]  # fmt: skip
    (box,) = fetch(query("exchange_shipments"), reader, NOW, CATALOGUE)
    assert (box.key, box.data["exchangeId"]) == (str(BOX), NUMBER)
    for source, found in (("exchange_items", items[0]), ("exchange_shipments", box)):
        assert set(found.data) == set(CATALOGUE.composed[source].fields)


def test_preconditions_hold_of_the_sample_that_waits_for_its_invoice() -> None:
    """A box without an invoice takes one, a box with one does not."""
    test = Effects(catalogue=CATALOGUE)["upload_exchange_invoices"].preconditions
    assert test
    reader = FakeReader({"exchange_requests": sample("exchange_requests.confirmed")})
    (box,) = fetch(query("exchange_shipments"), reader, NOW, CATALOGUE)
    assert test.test(box.data, {}, NOW) is True
    shipped = [{**box.data["deliveryInvoiceDtos"][0], "invoiceNumber": "1"}]
    assert test.test({**box.data, "deliveryInvoiceDtos": shipped}, {}, NOW) is False
