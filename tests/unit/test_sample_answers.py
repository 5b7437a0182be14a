"""Answers as the documentation prints them: the client reads each, finds its records, and knows their fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fake_market import account

from runner.catalogue import Operation, load
from runner.coupang.answers import Reply, judge
from runner.coupang.request import prepare
from runner.errors import NoAnswer, Refused, Unreadable

CATALOGUE = load()
FOLDER = Path(__file__).parents[1] / "data" / "answers"
SELLER = account()
BY_FACT = {one.fact_id: one for one in CATALOGUE.operations.values()}


def kept(name: str) -> dict[str, Any]:
    """Return one file of samples by their names."""
    return dict(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))


SAMPLES = {name: body for workflow in ("product", "coupon", "shipment", "cs") for name, body in kept(workflow).items()}


def read(operation: Operation, body: Any) -> Any:
    """Return what the client makes of an answer."""
    sent = json.dumps(body, ensure_ascii=False).encode()
    return judge(operation, Reply(status=200, body=sent), SELLER).data


@pytest.mark.parametrize("name", sorted(SAMPLES.keys() - {"apply_book_cashback"}))
def test_every_documented_answer_is_read(name: str) -> None:
    """Success in each of its spellings, and no record without its key."""
    operation = BY_FACT[name.partition(".")[0]]
    data = read(operation, SAMPLES[name])
    if operation.effect == "read":
        rows = data if isinstance(data, list) else [data]
        assert rows
        assert all(operation.key in row for row in rows), name


def test_a_cashback_that_was_taken_in_part_is_refused() -> None:
    """The one documented answer tells of an option that was refused."""
    with pytest.raises(Refused):
        read(BY_FACT["apply_book_cashback"], SAMPLES["apply_book_cashback"])


def test_every_write_of_products_and_options_has_its_answer() -> None:
    """What was not seen cannot be read by chance."""
    wanted = {
        one.fact_id
        for one in CATALOGUE.operations.values()
        if one.effect == "write" and one.workflow in ("product", "option")
    }
    assert wanted <= {name.partition(".")[0] for name in SAMPLES}


# --- a number that comes bare, or wrapped once more -------------------------------------------------------------

CREATE = CATALOGUE.operations["create_product"]


@pytest.mark.parametrize("name", ["create_product", "create_product.flat", "create_product.item_warning"])
def test_a_new_product_is_named_however_its_number_comes(name: str) -> None:
    """Without it nothing could be read back, and the procedure could not go on."""
    assert read(CREATE, SAMPLES[name]) == {"sellerProductId": 427011919}


def test_a_failure_in_the_inner_envelope_is_a_refusal() -> None:
    """HTTP 200 and code "200" hold an ERROR with the reason."""
    body = {"code": "200", "message": "", "data": {"code": "ERROR", "message": "브랜드 ID가 필요합니다", "data": None}}
    with pytest.raises(Refused) as refused:
        read(CREATE, body)
    assert refused.value.facts["said"] == "브랜드 ID가 필요합니다"


@pytest.mark.parametrize("data", [None, {"code": "SUCCESS", "message": "", "data": None}, True, []])
def test_a_creation_without_a_number_is_unclear(data: Any) -> None:
    """It may have been taken; only reading can tell."""
    with pytest.raises(NoAnswer):
        read(CREATE, {"code": "SUCCESS", "message": "", "data": data})


@pytest.mark.parametrize("code", ["SUCCESS", "PROCESSING"])
def test_a_switch_that_is_worked_on_was_taken(code: str) -> None:
    """PROCESSING stands beside SUCCESS in the documentation, FAILED is the only refusal."""
    switch = CATALOGUE.operations["disable_auto_option_item"]
    assert read(switch, {"code": code, "message": "", "data": "success"}) == "success"
    with pytest.raises(Refused):
        read(switch, {"code": "FAILED", "message": "System exception", "data": None})


# --- what is sent ------------------------------------------------------------------------------------------------

REQUESTS = kept("product_requests")
#: the samples quote numbers and leave what the engine fills in
_OURS = ("vendorId", "vendorUserId")


def unquoted(value: Any) -> Any:
    """Return a sample with its quoted yes and no as such."""
    if isinstance(value, Mapping):
        return {name: unquoted(one) for name, one in value.items() if name not in _OURS}
    if isinstance(value, list):
        return [unquoted(one) for one in value]
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_documented_documents_can_be_sent(name: str) -> None:
    """Every key of the samples is a parameter, and numbers come out as numbers, in the seller's name."""
    sent = prepare(CATALOGUE.operations[name], unquoted(REQUESTS[name]), SELLER).body
    assert sent is not None
    body = json.loads(sent)
    assert isinstance(body["outboundShippingPlaceCode"], int)
    assert name == "update_product_partial" or (body["vendorId"], body["vendorUserId"]) == ("A00012345", "seller1")


def test_a_key_that_is_not_documented_is_not_sent() -> None:
    """The gateway answers such a document with a NullPointerException."""
    document = unquoted(REQUESTS["create_product"])
    document["items"][0]["salesPrice"] = 1000
    with pytest.raises(Unreadable) as raised:
        prepare(CREATE, document, SELLER)
    assert raised.value.code == "argument_unknown"


def test_one_body_is_a_list_without_a_name() -> None:
    """The Taiwanese call takes the boxes themselves."""
    box = {"shipmentBoxId": 7, "deliveryCompanyCode": "TWL_FM", "returnCenterCode": "1"}
    sent = prepare(CATALOGUE.operations["arrange_shipment"], {"shipments": [box]}, account(market="TW")).body
    assert sent is not None
    assert json.loads(sent) == [box]


@pytest.mark.parametrize("courier", ["CJGLS", "CJ대한통운", "cj 대한통운", "CJ Logistics"])
def test_a_courier_is_sent_as_its_code(courier: str) -> None:
    """A warehouse's list has names, the marketplace takes codes."""
    change = {"sellerProductId": 1, "deliveryCompanyCode": courier}
    sent = prepare(CATALOGUE.operations["update_product_partial"], change, SELLER).body
    assert sent is not None
    assert json.loads(sent)["deliveryCompanyCode"] == "CJGLS"


def test_an_unknown_courier_is_not_sent() -> None:
    """Coupang would answer "internal exception", and nobody could tell what happened."""
    change = {"sellerProductId": 1, "deliveryCompanyCode": "CJ택배"}
    with pytest.raises(Unreadable) as raised:
        prepare(CATALOGUE.operations["update_product_partial"], change, SELLER)
    assert raised.value.code == "argument_unknown_code"
