"""The simulator against the documentation, asked by a client of the test's own: signature, shapes, states, faults."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from simulator_support import QUICK

from runner.simulator import Request, Response, Simulator
from runner.simulator.gateway import Gateway, Seller
from runner.simulator.worlds import BOX

VECTORS = json.loads((Path(__file__).parent.parent / "data" / "hmac_vectors.json").read_text("utf-8"))
VENDOR = "A00012345"
OPEN = f"/v2/providers/openapi/apis/api/{{version}}/vendors/{VENDOR}"
FMS = f"/v2/providers/fms/apis/api/{{version}}/vendors/{VENDOR}"
START = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)


class Shop:
    """A marketplace whose two clocks stand still until they are moved, and a caller that signs."""

    def __init__(self, world: str = "demo", rate: int = 0) -> None:
        self.at, self.tick = START, 0.0
        self.sim = Simulator(world_name=world, rate=rate, host=lambda: self.at, monotonic=lambda: self.tick)

    def ask(self, method: str, path: str, query: str = "", body: Any = None, **change: Any) -> Response:
        """Send a signed request; `change` replaces what is signed, or when."""
        signed = f"{change.get('signed_at', self.at):%y%m%dT%H%M%SZ}"
        text = signed + method + path + change.get("signed_query", query)
        secret = change.get("secret", "sim-secret-key")
        signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        key = change.get("key", "sim-access-key")
        head = f"CEA algorithm=HmacSHA256, access-key={key}, signed-date={signed}, signature={signature}"
        sent = b"" if body is None else json.dumps(body).encode()
        return self.sim.handle(
            Request(method=method, path=path, query=query, headers={"authorization": head}, body=sent)
        )

    def control(self, page: str, body: Any = None) -> Any:
        """Use a page of the simulator itself."""
        method = "GET" if body is None else "POST"
        sent = b"" if body is None else json.dumps(body).encode()
        return self.sim.handle(Request(method=method, path=f"/_sim/{page}", body=sent))

    def state(self, kind: str, key: str) -> dict[Any, Any]:
        """Return the records of a kind by key."""
        return {row[key]: row for row in json.loads(self.control("state").body)[kind]}


def said(answer: Response) -> Any:
    return json.loads(answer.body)


def open_path(version: str, rest: str) -> str:
    return OPEN.format(version=version) + rest


RETURNS = open_path("v6", "/returnRequests")
SHEETS = open_path("v5", "/ordersheets")
MONTH = "createdAtFrom=2026-02-02&createdAtTo=2026-03-03"


# --- the gateway -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda one: one["id"])
def test_every_published_signature_is_accepted(vector: dict[str, Any]) -> None:
    """Computed elsewhere, checked here: the raw query as sent, in GMT."""
    seller = Seller(vendor_id=VENDOR, access_key=VECTORS["access_key"], secret_key=VECTORS["secret_key"])
    moment = datetime.strptime(vector["signed_date"], "%y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    request = Request(
        method=vector["method"],
        path=vector["path"],
        query=vector["query"],
        headers={"authorization": vector["authorization"]},
    )
    assert Gateway(sellers=(seller,)).admit(request, moment, 0.0) == seller


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"signed_at": START - timedelta(minutes=6)}, "Specified signature is expired."),
        ({"signed_at": START + timedelta(hours=9)}, "Specified signature is expired."),
        ({"signed_query": ""}, "Invalid signature."),
        ({"signed_query": "status=RU&" + MONTH + "&x=가"}, "Invalid signature."),
        ({"secret": "another"}, "Invalid signature."),
        ({"key": "nobody"}, "Unknown error occurred, please contact api-gateway channel for the details."),
    ],
)
def test_wrong_signatures_are_refused_as_coupang_does(change: dict[str, Any], words: str) -> None:
    """Local time instead of GMT, a query that is not signed or signed unencoded, wrong keys."""
    answer = Shop().ask("GET", RETURNS, f"status=RU&{MONTH}", **change)
    assert (answer.status, said(answer)["message"]) == (401, words)


def test_more_than_the_rate_locks_the_vendor_out() -> None:
    """Five in a second are fine, the sixth stops everything for a minute, and so does asking meanwhile."""
    shop = Shop(rate=5)
    codes = [shop.ask("GET", RETURNS, f"status=RU&{MONTH}").status for _ in range(7)]
    assert codes == [200] * 5 + [429] * 2
    shop.tick = 59.0
    assert shop.ask("GET", RETURNS, f"status=RU&{MONTH}").status == 429
    shop.tick = 61.0
    assert shop.ask("GET", RETURNS, f"status=RU&{MONTH}").status == 200


def test_unknown_paths_and_other_vendors() -> None:
    """As the gateway and the API say it."""
    shop = Shop()
    answer = shop.ask("GET", "/v2/nothing")
    told = "No exactly matching API specification for uri /v2/nothing"
    assert (answer.status, said(answer)["code"], said(answer)["message"]) == (404, "PRECONDITION_FAILED", told)
    other = shop.ask("GET", RETURNS.replace(VENDOR, "A00099999"), f"status=RU&{MONTH}")
    assert (other.status, said(other)["message"]) == (400, "Invalid vendor ID")


# --- reads -----------------------------------------------------------------------------------------------------


def test_the_demo_world_is_what_the_rules_expect() -> None:
    """Record by record, as far as the rules look."""
    shop = Shop()
    receipts = shop.state("return_requests", "receiptId")
    stop = "RELEASE_STOP_UNCHECKED"
    assert {n - 400_000_000 for n, row in receipts.items() if row["receiptStatus"] == stop} == {
        101,
        102,
        103,
        104,
        105,
        106,
        110,
    }
    assert receipts[400_000_102]["cancelCountSum"] == 3
    assert receipts[400_000_106]["returnItems"][0]["releaseStatus"] is None
    assert len({item["shipmentBoxId"] for item in receipts[400_000_105]["returnItems"]}) == 2
    boxes = shop.state("order_sheets", "shipmentBoxId")
    assert boxes[BOX + 206]["inTrasitDateTime"] is None
    assert sum(row["status"] in ("DEPARTURE", "DELIVERING") for row in boxes.values()) >= 67
    coupons = shop.state("instant_coupons", "couponId")
    assert (coupons[500_001]["status"], coupons[500_001]["promotionName"]) == ("EXPIRED", "재고 정리 10%")


def test_pages_are_followed_by_token_and_hold_every_row_once() -> None:
    """More than a page of boxes; the token is long and opaque."""
    shop, token, seen = Shop(), "", []
    for _ in range(9):
        query = f"createdAtFrom=2026-02-02%2B09:00&createdAtTo=2026-03-03%2B09:00&status=DEPARTURE&nextToken={token}"
        page = said(shop.ask("GET", SHEETS, query))
        seen += [row["shipmentBoxId"] for row in page["data"]]
        token = quote(page["nextToken"])
        if not token:
            break
        assert len(page["data"]) == 50
        assert len(token) > 700
    assert len(seen) == len(set(seen)) > 50


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("createdAtFrom=2026-01-31%2B09:00&createdAtTo=2026-03-04%2B09:00&status=ACCEPT", "range should less than31."),
        ("createdAtFrom=2026-02-01&createdAtTo=2026-02-02&status=ACCEPT", ""),
        ("createdAtFrom=2026-02-01%2B09:00&createdAtTo=2026-02-02%2B09:00", ""),
        ("createdAtFrom=2026-02-01%2B09:00&createdAtTo=2026-02-02%2B09:00&status=ACCEPT&maxPerPage=51", ""),
        ("createdAtFrom=2026-13-01%2B09:00&createdAtTo=2026-02-02%2B09:00&status=ACCEPT", ""),
    ],
)
def test_wrong_parameters_are_refused(query: str, words: str) -> None:
    """Windows that are too long, dates without an offset, a missing status, pages that are too large."""
    answer = Shop().ask("GET", SHEETS, query)
    assert answer.status == 400
    assert words in said(answer)["message"]


def test_old_and_new_versions_show_the_same_in_their_own_form() -> None:
    """v4: plain won, naive Korean time, local phones; v5 and v6: objects, offsets, +82."""
    shop = Shop()
    new = said(shop.ask("GET", RETURNS, f"status=RU&{MONTH}"))["data"]
    old = said(shop.ask("GET", open_path("v4", "/returnRequests"), f"status=RU&{MONTH}"))["data"]
    assert [row["receiptId"] for row in new] == [row["receiptId"] for row in old]
    assert (new[0]["returnShippingCharge"]["units"], old[0]["returnShippingCharge"]) == (-3000, -3000)
    assert new[0]["createdAt"].endswith("+09:00")
    assert len(old[0]["createdAt"]) == len("2026-03-03T09:30:00")
    assert old[0]["requesterPhoneNumber"].startswith("0503-")


# --- writes ----------------------------------------------------------------------------------------------------


def stop(shop: Shop, receipt: int, count: int) -> Response:
    body = {"vendorId": VENDOR, "receiptId": receipt, "cancelCount": count}
    return shop.ask("PATCH", open_path("v4", f"/returnRequests/{receipt}/stoppedShipment"), "", body)


def test_stopping_and_reporting_as_left_end_differently() -> None:
    """Old documents had the two addresses swapped: they must not be mistaken for each other."""
    shop = Shop()
    assert stop(shop, 400_000_101, 1).status == 200
    body = {
        "vendorId": VENDOR,
        "receiptId": 400_000_104,
        "deliveryCompanyCode": "CJGLS",
        "invoiceNumber": "680405450104",
    }
    assert shop.ask("PATCH", open_path("v4", "/returnRequests/400000104/completedShipment"), "", body).status == 200
    receipts = shop.state("return_requests", "receiptId")
    assert receipts[400_000_101]["releaseStopStatus"] == "처리(출고중지)"
    assert receipts[400_000_104]["releaseStopStatus"] == "처리(이미출고)"
    assert stop(shop, 400_000_101, 1).status == 400
    assert stop(shop, 400_000_102, 1).status == 400


def complete(shop: Shop, box: int) -> Response:
    body = {"shipmentBoxId": BOX + box, "invoiceNumber": f"680405450{box:03}"}
    return shop.ask("POST", open_path("v4", "/completeLongTermUndelivery"), "", body)


def test_a_box_is_completed_only_after_thirty_days_with_its_own_invoice() -> None:
    """Twenty-five days are too few; the clock of the world decides, and some boxes take two days more."""
    shop = Shop()
    assert said(complete(shop, 201))["data"] is True
    refused = complete(shop, 203)
    assert (refused.status, said(refused)["message"]) == (400, "배송완료 처리 실패. 배송상태: DEPARTURE")
    shop.control("clock", {"advance": "8d"})
    assert complete(shop, 203).status == 200
    assert complete(shop, 207).status == 400


def coupon(shop: Shop) -> str:
    terms = {
        "contractId": 9962, "name": "가을", "maxDiscountPrice": 1000, "discount": 10, "startAt": "2026-03-04 00:00:00",
        "endAt": "2026-03-09 00:00:00", "type": "RATE",
    }  # fmt: skip
    return str(
        said(shop.ask("POST", FMS.format(version="v2") + "/coupon", "", terms))["data"]["content"]["requestedId"]
    )


def request(shop: Shop, number: str) -> Any:
    return said(shop.ask("GET", FMS.format(version="v1") + f"/requested/{number}"))["data"]["content"]


def test_a_coupon_is_a_request_first_and_options_sit_in_one_coupon_only() -> None:
    """REQUESTED, then DONE; an option that is in another coupon fails alone; the clock starts and ends it."""
    shop = Shop("overstocked")
    number = coupon(shop)
    assert request(shop, number)["status"] == "REQUESTED"
    shop.at += timedelta(seconds=3)
    made = request(shop, number)
    assert (made["status"], len(number)) == ("DONE", 21)
    items = FMS.format(version="v1") + f"/coupons/{made['couponId']}/items"
    added = said(shop.ask("POST", items, "", {"vendorItems": [72000001, 72000003]}))["data"]["content"]["requestedId"]
    shop.at += timedelta(seconds=3)
    done = request(shop, added)
    assert (done["succeeded"], done["failed"]) == (1, 1)
    assert done["failedVendorItems"][0]["reason"].startswith("[CIR08]")
    shop.control("clock", {"advance": "2d"})
    assert shop.state("instant_coupons", "couponId")[made["couponId"]]["status"] == "APPLIED"
    shop.control("clock", {"advance": "10d"})
    assert shop.state("instant_coupons", "couponId")[made["couponId"]]["status"] == "EXPIRED"


# --- faults and control ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status", "applied"),
    [
        ("lost_request", None, False),
        ("lost_answer", None, True),
        ("error_500_applied", 500, True),
        ("error_500_not_applied", 500, False),
        ("rate_429", 429, False),
        ("edge_403", 403, False),
        ("redirect_302", 302, False),
        ("unauthorized_401", 401, False),
        ("not_json", 200, True),
        ("truncated", 200, True),
    ],
)
def test_faults_do_what_they_are_called(fault: str, status: int | None, *, applied: bool) -> None:
    """Once, and the request log says whether the world changed."""
    shop = Shop()
    assert shop.control("faults", {"operation": "stop_shipment", "fault": fault}).status == 200
    answer = stop(shop, 400_000_101, 1)
    assert (None if answer.dropped else answer.status) == status
    assert said(shop.control("requests"))[-1]["applied"] is applied
    changed = shop.state("return_requests", "receiptId")[400_000_101]["receiptStatus"] == "RETURNS_COMPLETED"
    assert changed is applied


@pytest.mark.parametrize(
    ("page", "body"),
    [
        ("faults", {"operation": "nothing", "fault": "slow"}),
        ("faults", {"fault": "nothing"}),
        ("faults", {"fault": "slow", "times": -1}),
        ("clock", {"advance": "soon"}),
        ("clock", {}),
        ("buyers", {"do": "dance"}),
        ("buyers", {"do": "order", "count": "many"}),
        ("reset", {"world": "nowhere"}),
        ("reset", []),
    ],
)
def test_wrong_control_requests_say_what_is_possible(page: str, body: Any) -> None:
    """400 and words, never an exception, and nothing changed."""
    shop = Shop()
    before = shop.control("state").body
    assert shop.control(page, body).status == 400
    assert shop.control("state").body == before


@pytest.mark.parametrize("world", QUICK)
def test_a_reset_is_another_marketplace(world: str) -> None:
    """The same seed gives the same people, under a new id."""
    shop = Shop()
    first = said(shop.control("reset", {"world": world, "seed": 7}))
    people = shop.control("state").body
    second = said(shop.control("reset", {"world": world, "seed": 7}))
    assert first["id"] != second["id"]
    assert people.replace(first["id"].encode(), b"") == shop.control("state").body.replace(second["id"].encode(), b"")


# --- anything at all -------------------------------------------------------------------------------------------------

JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=9), inner, max_size=3)),
    max_leaves=6,
)
SHARED = Shop()
OPERATIONS = sorted(SHARED.sim.catalogue.operations.values(), key=lambda one: one.name)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_is_sent_is_answered(data: st.DataObject) -> None:
    """Signed requests with any values: an answer of the marketplace, never an exception."""
    op = data.draw(st.sampled_from(OPERATIONS))
    path = op.path.replace("{vendorId}", VENDOR).replace("{vendor}", VENDOR)
    for name in op.parameters:
        path = path.replace(
            f"{{{name}}}", quote(data.draw(st.one_of(st.integers().map(str), st.text(min_size=1, max_size=9))), safe="")
        )
    fields = [name for name, one in op.parameters.items() if one.place == "query"]
    query = "&".join(f"{name}={quote(str(data.draw(JUNK)))}" for name in fields if data.draw(st.booleans()))
    known = {name: data.draw(JUNK) for name, one in op.parameters.items() if one.place == "body" or one.twice}
    body = data.draw(st.one_of(JUNK, st.just(known)))
    answer = SHARED.ask(op.method, path, query, body)
    assert answer.status < 500 or answer.body


class Life(RuleBasedStateMachine):
    """Buyers, couriers and a seller do things in any order; no record may end up where it cannot be."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop()

    @rule(deed=st.sampled_from(["order", "cancel", "return", "withdraw", "ask", "deliver"]), count=st.integers(1, 3))
    def buyers(self, deed: str, count: int) -> None:
        assert self.shop.control("buyers", {"do": deed, "count": count}).status == 200

    @rule(hours=st.integers(1, 400))
    def time_passes(self, hours: int) -> None:
        self.shop.control("clock", {"advance": f"{hours}h"})

    @rule(pick=st.randoms(use_true_random=False), wrong=st.booleans())
    def answer_a_stop_request(self, pick: Any, *, wrong: bool) -> None:
        self._try(
            pick,
            "return_requests",
            "receiptId",
            lambda row: stop(self.shop, row["receiptId"], row["cancelCountSum"] + wrong),
        )

    @rule(pick=st.randoms(use_true_random=False))
    def acknowledge(self, pick: Any) -> None:
        path = open_path("v4", "/ordersheets/acknowledgement")
        self._try(
            pick, "order_sheets", "shipmentBoxId",
            lambda row: self.shop.ask(
                "PATCH", path, "", {"vendorId": VENDOR, "shipmentBoxIds": [row["shipmentBoxId"]]}
            ),
        )  # fmt: skip

    @rule(pick=st.randoms(use_true_random=False))
    def complete_a_box(self, pick: Any) -> None:
        path = open_path("v4", "/completeLongTermUndelivery")
        self._try(
            pick, "order_sheets", "shipmentBoxId",
            lambda row: self.shop.ask(
                "POST", path, "", {"shipmentBoxId": row["shipmentBoxId"], "invoiceNumber": row["invoiceNumber"]}
            ),
        )  # fmt: skip

    def _try(self, pick: Any, kind: str, key: str, call: Callable[[Any], Response]) -> None:
        rows = self.shop.state(kind, key)
        if rows:
            before = self.shop.state(kind, key)
            answer = call(rows[pick.choice(sorted(rows))])
            if answer.status != 200:
                assert self.shop.state(kind, key) == before

    @invariant()
    def nothing_impossible(self) -> None:
        for box in self.shop.state("order_sheets", "shipmentBoxId").values():
            if box["status"] == "FINAL_DELIVERY" and box["deliveredDate"]:
                assert box["invoiceNumber"]
            for line in box["orderItems"]:
                assert 0 <= line["cancelCount"] + line["holdCountForCancel"] <= line["shippingCount"]
        for row in self.shop.state("return_requests", "receiptId").values():
            answered = row["releaseStopStatus"] in ("처리(출고중지)", "처리(이미출고)")
            assert not (row["receiptStatus"] == "RELEASE_STOP_UNCHECKED" and answered)


Life.TestCase.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
TestLife = Life.TestCase
