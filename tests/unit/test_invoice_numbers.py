"""An invoice number that is surely none of its courier's never leaves, wherever it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fake_market import account

from runner.catalogue import Operation, load
from runner.catalogue.codes import not_its_number
from runner.coupang.request import prepare
from runner.errors import Unreadable
from runner.model import Message
from runner.rules import load as load_rules
from runner.wording import LANGS, say

CATALOGUE = load()
RULE = """\
version: 1
rules:
  - name: ship
    from: {order_sheets: {status: INSTRUCT}}
    if: {splitShipping: false}
    then: [{upload_invoices: {deliveryCompanyCode: %s, invoiceNumber: "%s"}}]
"""


@pytest.mark.parametrize(
    ("courier", "number", "fits"),
    [
        ("CJGLS", "123", False), ("CJ대한통운", "123", False), ("CJGLS", "1234567890", True),
        ("CJGLS", "123456789012", True), ("CJGLS", "1234-5678-9012", True), ("CJGLS", "12345-6789-0", True),
        ("DIRECT", "7", True), ("DIRECT", "A7", False), ("AJOU", "x", True),
        ("nobody", "123", True), ("CJGLS", "", True),
    ],
)  # fmt: skip
def test_only_what_cannot_be_is_refused(courier: str, number: str, fits: bool) -> None:  # noqa: FBT001
    """Where lengths are not known any number may be right; hyphens are left to Coupang."""
    assert (not_its_number(courier, number) is None) is fits


def _invoice(number: str) -> dict[str, Any]:
    entry = {
        "shipmentBoxId": 1, "orderId": 2, "vendorItemId": 3, "deliveryCompanyCode": "CJGLS", "invoiceNumber": number,
        "splitShipping": False, "preSplitShipped": False, "estimatedShippingDate": "",
    }  # fmt: skip
    return {"orderSheetInvoiceApplyDtos": [entry]}


def test_it_is_not_sent_in_a_list_either() -> None:
    """The refusal names the entry, the number, the courier and the lengths, in both languages."""
    upload = CATALOGUE.operations["upload_invoices"]
    assert prepare(upload, _invoice("123456789012"), account()).body
    with pytest.raises(Unreadable) as caught:
        prepare(upload, _invoice("123"), account())
    told = Message(code=caught.value.code, facts=caught.value.facts)
    for lang in LANGS:
        said = say(told, lang)
        assert said.startswith("orderSheetInvoiceApplyDtos[0].invoiceNumber: '123'")
        assert "CJGLS" in said
        assert "10, 12" in said


def test_it_is_not_sent_at_the_top_either() -> None:
    """The answer to a stop request carries a courier and a number, too."""
    given = {"receiptId": 1, "deliveryCompanyCode": "EPOST", "invoiceNumber": "12"}
    with pytest.raises(Unreadable):
        prepare(CATALOGUE.operations["mark_already_shipped"], given, account())


@pytest.mark.parametrize(
    ("courier", "number", "found"),
    [("CJGLS", "123", ["E188"]), ("CJ대한통운", "123", ["E188"]), ("CJGLS", "123456789012", []),
     ("CJGLS", "{{ orderId }}", [])],
)  # fmt: skip
def test_what_a_rule_says_is_checked_when_it_is_loaded(
    tmp_path: Path, courier: str, number: str, found: list[str]
) -> None:
    """What a field holds is checked when it is sent."""
    path = tmp_path / "rules.yaml"
    path.write_text(RULE % (courier, number), "utf-8")
    assert [one.message.code for one in load_rules([path]).diagnostics if one.severity == "error"] == found


def _beside(parameters: Any) -> list[str]:
    """Return every parameter with a courier that is not beside it."""
    inner = [name for one in parameters.values() for name in _beside(one.fields)]
    return [name for name, one in parameters.items() if one.courier and one.courier not in parameters] + inner


@pytest.mark.parametrize("operation", CATALOGUE.operations.values(), ids=lambda one: one.name)
def test_the_courier_of_a_number_stands_beside_it(operation: Operation) -> None:
    """Otherwise it would never be looked at."""
    assert _beside(operation.parameters) == []
