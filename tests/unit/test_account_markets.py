"""An account sells in one country: what its marketplace does not have is refused before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fake_market import FakeMarket, account, catalogue, client, ok

from runner.catalogue import load
from runner.coupang.request import prepare
from runner.errors import UsageMistake
from runner.model import Message
from runner.rules import load as load_rules
from runner.settings import load as load_settings
from runner.wording import LANGS, say

CATALOGUE = load()
SETTINGS = """\
version: 1
base_url: http://127.0.0.1:8765
accounts:
  seoul: {vendor_id: A00012345, access_key: sim-access-key, secret_key: sim-secret-key}
  taipei: {vendor_id: A00012346, access_key: sim-access-key, secret_key: sim-secret-key, market: TW}
"""
RULE = """\
version: 1
rules:
  - name: rule
    account: %s
    from: {order_sheets: {status: INSTRUCT}}
    if: {splitShipping: false}
    then: [%s]
"""
ARRANGE = "{arrange_shipment: {deliveryCompanyCode: TWL_FM, returnCenterCode: '1'}}"
UPLOAD = "{upload_invoices: {deliveryCompanyCode: CJGLS, invoiceNumber: '123456789012'}}"


@pytest.mark.parametrize("here", ["KR", "TW"])
def test_the_header_names_the_accounts_market(tmp_path: Path, here: str) -> None:
    """X-MARKET selects the market."""
    answering = FakeMarket(ok({"orderId": 5}))
    everywhere = replace(catalogue().operations["order"], regions=("KR", "TW"))
    sending, seller = client(tmp_path, answering), account(market=here)
    sending.account = seller
    sending.read(prepare(everywhere, {"orderId": 5}, seller))
    assert answering.requests[0].headers["X-MARKET"] == here


def test_settings_say_the_market(tmp_path: Path) -> None:
    """Korea unless it is said; a third country is a mistake."""
    path = tmp_path / "runner.yaml"
    path.write_text(SETTINGS, "utf-8")
    found = load_settings(path, {}).accounts
    assert (found["seoul"].market, found["taipei"].market) == ("KR", "TW")


@pytest.mark.parametrize(
    ("accounts", "action", "found"),
    [
        ("seoul", ARRANGE, ["E195"]), ("taipei", ARRANGE, []), ("seoul", UPLOAD, []), ("taipei", UPLOAD, ["E195"]),
        ("all", ARRANGE, ["E195"]),
    ],
)  # fmt: skip
def test_a_rule_acts_only_where_it_is_offered(tmp_path: Path, accounts: str, action: str, found: list[str]) -> None:
    """Told at the action, with the account and the markets that have it."""
    settings, rules = tmp_path / "runner.yaml", tmp_path / "rules.yaml"
    settings.write_text(SETTINGS, "utf-8")
    rules.write_text(RULE % (accounts, action), "utf-8")
    loaded = load_rules([rules], settings=load_settings(settings, {}))
    assert [one.message.code for one in loaded.diagnostics if one.severity == "error"] == found
    for one in loaded.diagnostics:
        assert all(say(one.message, lang) for lang in LANGS)


def test_the_client_refuses_it_too() -> None:
    """By hand no rule is checked, and a saved plan may be older than the settings."""
    given = {"shipments": [{"shipmentBoxId": 1, "deliveryCompanyCode": "TWL_FM", "returnCenterCode": "1"}]}
    arrange = CATALOGUE.operations["arrange_shipment"]
    assert prepare(arrange, given, account(market="TW")).body
    with pytest.raises(UsageMistake) as caught:
        prepare(arrange, given, account())
    told = Message(code=caught.value.code, facts=caught.value.facts)
    assert say(told, "en") == "arrange_shipment is not offered in the market of account 'main' (KR), only in TW"
    assert "TW" in say(told, "ko")


def test_what_is_made_of_several_calls_is_offered_where_all_of_them_are() -> None:
    """A procedure as a whole, and a composed source."""
    assert CATALOGUE.markets(CATALOGUE.procedures["cancel_order_item"]) == {"KR", "TW"}
    assert CATALOGUE.markets(CATALOGUE.composed["order_items"]) == {"KR", "TW"}
