"""The gateway over HTTP: keys that end, addresses, clocks, headers, blocks, and how its answers are written."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from simulator_support import MONTH, RETURNS, SHEETS, VENDOR, WebShop, authorization, said, words

from runner.simulator import Response
from runner.simulator.gateway import Seller, sellers

RU = f"{MONTH}&status=RU"


def read(shop: WebShop, **headers: str) -> Response:
    return shop.send("GET", RETURNS, RU, **headers)


def rule(shop: WebShop, **rules: Any) -> dict[str, Any]:
    answer = shop.control("gateway", rules)
    assert answer.status == 200, answer.body
    told: dict[str, Any] = said(answer)
    return told


def test_keys_end() -> None:
    """At a time of the world, or one of them by name; the others go on."""
    shop = WebShop()
    rule(shop, keys_expire_at="2026-03-10T00:00:00+09:00")
    assert read(shop).status == 200
    shop.control("clock", {"advance": "7d"})
    assert words(read(shop)) == (401, "Request is not authorized.")
    rule(shop, keys_expire_at="", expired_keys=["another"])
    assert read(shop).status == 200
    rule(shop, expired_keys=[Seller().access_key])
    assert read(shop).status == 401


def test_only_known_addresses_may_call() -> None:
    """The text is the documented one; the own pages stay open."""
    shop = WebShop()
    rule(shop, addresses=["10.0.0.1"])
    assert words(read(shop)) == (403, "[FORBIDDEN] Not allowed IP")
    rule(shop, addresses=["10.0.0.1", "127.0.0.1"])
    assert read(shop).status == 200


@pytest.mark.parametrize(("skew", "status"), [(0, 200), (299, 200), (301, 401), (-301, 401), (3600, 401)])
def test_a_clock_that_differs_spoils_signatures(skew: int, status: int) -> None:
    """By more than five minutes, ahead or behind; the answer's date tells by how much."""
    shop = WebShop()
    rule(shop, skew=skew)
    answer = read(shop)
    assert answer.status == status
    date = next(value for key, value in answer.headers.items() if key.lower() == "date")
    assert parsedate_to_datetime(date) - shop.at == timedelta(seconds=skew)
    if status == 401:
        assert words(answer)[1] == "Specified signature is expired."


@pytest.mark.parametrize(
    ("market", "sent", "status"),
    [
        ("any", "MARS", 200), ("known", "", 200), ("known", "KR", 200), ("known", "TW", 200), ("known", "MARS", 400),
        ("required", "", 400), ("required", "KR", 200),
    ],
)  # fmt: skip
def test_the_market_is_looked_at_where_it_must_be(market: str, sent: str, status: int) -> None:
    """KR and TW are markets."""
    shop = WebShop()
    rule(shop, market=market)
    assert read(shop, **({"X-MARKET": sent} if sent else {})).status == status


def test_who_asks_must_be_told_where_it_must_be() -> None:
    """`X-Requested-By` is the vendor, or nobody is let in."""
    shop = WebShop()
    rule(shop, requested_by=True)
    assert (read(shop).status, read(shop, **{"X-Requested-By": "A9"}).status) == (401, 401)
    assert read(shop, **{"X-Requested-By": VENDOR}).status == 200


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json;charset=UTF-8", 200), ("application/json; charset=utf-8", 200), ("application/json", 415),
        ("text/plain", 415),
    ],
)  # fmt: skip
def test_bodies_need_a_charset_where_they_must(kind: str, status: int) -> None:
    """Reads have no body and need none."""
    shop = WebShop()
    rule(shop, content_type=True)
    body = json.dumps({"cancelIds": [1]}).encode()
    path = f"/v2/providers/openapi/apis/api/v4/vendors/{VENDOR}/returnWithdrawList"
    assert shop.send("POST", path, body=body, **{"Content-Type": kind}).status == status
    assert read(shop).status == 200


@pytest.mark.parametrize(
    ("block", "status", "kind"),
    [("rate_429", 429, "application/json"), ("edge_403", 403, "text/html"), ("redirect_302", 302, "")],
)
def test_a_vendor_is_blocked_now(block: str, status: int, kind: str) -> None:
    """For as long as was said, in each of the ways Coupang does it; the other seller is not."""
    shop = WebShop()
    told = rule(shop, block=block, **{"for": "10m"})
    assert told["blocked"] == {VENDOR: {"locked": block, "seconds": 600.0}}
    answer = read(shop)
    assert (answer.status, answer.content_type.startswith(kind)) == (status, True)
    shop.tick += 599
    assert read(shop).status == status
    shop.tick += 1
    assert read(shop).status == 200
    rule(shop, block=block)
    rule(shop, block="none")
    assert read(shop).status == 200


def test_calling_while_blocked_prolongs_it_where_that_is_the_rule() -> None:
    """As a live client reports."""
    shop = WebShop(rate=1)
    rule(shop, lock="30s", prolonged=True)
    assert [read(shop).status for _ in range(2)] == [200, 429]
    shop.tick += 29
    assert read(shop).status == 429
    shop.tick += 29
    assert read(shop).status == 429
    shop.tick += 30
    assert read(shop).status == 200


def test_a_burst_of_errors_is_blocked_at_the_edge() -> None:
    """With HTML, for ten minutes; slow errors are not a burst."""
    shop = WebShop()
    rule(shop, errors=3)
    for _ in range(5):
        assert shop.ask("GET", f"{SHEETS}/5").status == 400
        shop.tick += 3
    codes = [shop.ask("GET", f"{SHEETS}/5").status for _ in range(3)]
    assert codes == [400, 400, 403]
    assert b"Access Denied" in read(shop).body
    shop.tick += 600
    assert read(shop).status == 200


def test_answers_are_written_in_other_ways() -> None:
    """Another charset, none told, blanks, other orders of the keys: the data are the same."""
    shop = WebShop()
    plain = read(shop)
    whole = said(plain)
    rule(shop, charset="EUC-KR", keys="reversed")
    korean = read(shop)
    assert korean.content_type == "application/json;charset=EUC-KR"
    found = json.loads(korean.body.decode("euc-kr"))
    assert (found, [*found]) == (whole, [*whole][::-1])
    rule(shop, charset="none", keys="sorted", compact=False)
    spaced = read(shop)
    assert (spaced.content_type, said(spaced), spaced.body[:4]) == ("application/json", whole, b"{\n  ")
    assert [*said(spaced)["data"][0]] == sorted(whole["data"][0])
    rule(shop, charset="UTF-8", keys="documented", compact=True)
    assert read(shop).body == plain.body
    assert b", " not in plain.body[:200]


def test_refusals_come_as_success() -> None:
    """HTTP 200 whose code is ERROR."""
    shop = WebShop()
    rule(shop, errors_in_200=True)
    answer = shop.ask("GET", RETURNS, f"{MONTH}&status=XX")
    assert (answer.status, said(answer)["code"], said(answer)["data"]) == (200, "ERROR", None)
    assert shop.stop(400_000_101, 99).status == 200
    assert shop.receipt(400_000_101)["receiptStatus"] == "RELEASE_STOP_UNCHECKED"
    assert shop.applied() == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"skew": 1.5}, "skew: '1.5' is not a whole number from -86400 to 86400"),
        ({"market": "US"}, "market: 'US' is not one of any, known, required"),
        ({"charset": "latin-1"}, "charset: 'latin-1' is not one of UTF-8, none, EUC-KR"),
        ({"keys_expire_at": "soon"}, "keys_expire_at: 'soon' is not an ISO time"),
        ({"addresses": "127.0.0.1"}, "addresses: '127.0.0.1' is not a list of texts"),
        ({"block": "forever"}, "block: 'forever' is not one of rate_429, edge_403, redirect_302, none"),
        ({"for": "1m"}, "belong to 'block'"),
        ({"block": "edge_403", "vendor": "A9"}, "unknown vendor"),
        ({"rate": -1}, "rate: '-1' is not a whole number"),
        ({"ip": "1"}, "unknown key 'ip'"),
        ({}, "name a rule"),
    ],
)
def test_rules_are_checked(body: dict[str, Any], told: str) -> None:
    """The key, the value, what is allowed; nothing changes."""
    shop = WebShop()
    before = said(shop.control("gateway"))
    answer = shop.control("gateway", body)
    assert answer.status == 400
    assert told in said(answer)["error"]
    assert said(shop.control("gateway")) == before


def test_a_reset_makes_the_gateway_kind_again() -> None:
    """Rules and blocks belong to one marketplace."""
    shop = WebShop()
    rule(shop, addresses=["10.0.0.1"], block="edge_403")
    shop.control("reset", {"world": "demo"})
    assert read(shop).status == 200
    other = sellers(2)[1]
    headers = authorization("GET" + RETURNS, shop.at, other.access_key, other.secret_key)
    assert shop.over_http("GET", RETURNS, b"", headers).status == 401
