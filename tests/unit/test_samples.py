"""Answers as the documentation shows them can be read: success is seen, records are found, fields are as declared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from fake_market import NOW, FakeMarket, Passing, account, ok, reply

from runner.arguments import arguments_for
from runner.catalogue import Field, Operation, Parameter, load
from runner.coupang.answers import Reply, judge
from runner.coupang.client import Client
from runner.coupang.pace import Pace
from runner.coupang.reader import MarketReader
from runner.coupang.request import prepare
from runner.expressions.runtime import read_time, read_won
from runner.model import Match, Record, Window
from runner.rules import load as load_rules

SAMPLES = Path(__file__).parent.parent / "data" / "samples"
CATALOGUE = load()
#: those of exchanges and settlement have tests of their own; a second word in a name marks what is sent
ANSWERS = sorted(
    path.stem
    for path in SAMPLES.glob("*.json")
    if "." not in path.stem and CATALOGUE.operations[path.stem].workflow in ("category", "logistics", "rocket_growth")
)
READS = [name for name in ANSWERS if CATALOGUE.operations[name].effect == "read"]
WRITES = [name for name in ANSWERS if CATALOGUE.operations[name].effect == "write"]
#: what the reads that want something are asked with
ASKED: dict[str, dict[str, Any]] = {
    "category": {"displayCategoryCode": 0},
    "category_meta": {"displayCategoryCode": 78877},
    "category_validity": {"displayCategoryCode": 72631},
    "rocket_growth_category_meta": {"displayCategoryCode": 78877},
    "predicted_category": {"productName": "섬유유연제 2L"},
    "brands": {"brandName": "NIKE"},
    "brand": {"brandId": "KR-5"},
    "outbound_place": {"placeCodes": 84},
    "return_center": {"returnCenterCodes": "1000000051"},
    "rocket_growth_order": {"orderId": 70000000000},
    "rocket_growth_product": {"sellerProductId": 30100306501},
}
_KINDS: dict[str, Any] = {"text": str, "boolean": bool, "integer": int, "number": (int, float), "object": dict}


def sample(name: str) -> Any:
    """Return a sample."""
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def reader(folder: Path, *bodies: Any) -> tuple[MarketReader, FakeMarket]:
    """Return a reader of the shipped catalogue whose marketplace answers with these bodies."""
    market, time = FakeMarket(*(reply(200, body) for body in bodies)), Passing()
    pace = Pace(folder / "pace.db", ticks=time.tick, now=lambda: time.now().timestamp(), sleep=time.sleep)
    client = Client(
        account(), "https://market.invalid", pace, CATALOGUE, market, now=time.now, sleep=time.sleep, ticks=time.tick
    )
    return MarketReader(client), market


def read(folder: Path, name: str) -> list[Mapping[str, Any]]:
    """Read a sample as its operation."""
    operation, asked = CATALOGUE.operations[name], ASKED.get(name, {})
    made, _ = reader(folder, sample(name))
    if operation.response.one:
        data = made.call(name, asked).data
        return data if isinstance(data, list) else [data]
    return list(made.rows(name, asked, Window(start=NOW, end=NOW) if operation.window else None))


def misfits(operation: Operation, fields: Mapping[str, Field], row: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Yield what of a record is not as the catalogue says."""
    yield from (f"{at}{name} is not declared" for name in row if name not in fields)
    for name, field in fields.items():
        value = row.get(name)
        if value is None:
            if not (field.optional or (name in row and field.type == "list")):
                yield f"{at}{name} is missing"
        elif not _is(field, value):
            yield f"{at}{name}: {value!r} is no {field.type}"
        elif field.enum and value not in CATALOGUE.enum(operation.workflow, field.enum):
            yield f"{at}{name}: {value!r} is not in {field.enum}"
        elif field.fields:
            for entry in value if isinstance(value, list) else [value]:
                yield from misfits(operation, field.fields, entry, f"{at}{name}.")


def _is(field: Field, value: Any) -> bool:
    if field.type in ("time", "date"):
        return read_time(value) is not None
    if field.type == "money":
        return read_won(value) is not None
    if field.type == "list":
        return isinstance(value, list) and (field.of is None or all(isinstance(one, _KINDS[field.of]) for one in value))
    return isinstance(value, _KINDS[field.type])


#: the official sample is an excerpt
_EXCERPTS = {"rocket_growth_product": {"saleStartedAt is missing", "saleEndedAt is missing"}}


@pytest.mark.parametrize("name", READS)
def test_a_read_of_the_sample_gives_records_as_declared(tmp_path: Path, name: str) -> None:
    """Every field of the sample is known, has its type, and its values are in the enums; each record has its key."""
    operation = CATALOGUE.operations[name]
    rows = read(tmp_path, name)
    assert rows
    for row in rows:
        assert set(misfits(operation, operation.fields, row)) == _EXCERPTS.get(name, set())
        assert row[operation.key] is not None


@pytest.mark.parametrize("name", WRITES)
def test_an_answer_to_a_write_is_a_success_and_carries_what_its_proof_needs(name: str) -> None:
    """The number of what was made stands where the catalogue looks for it."""
    operation = CATALOGUE.operations[name]
    body = json.dumps(sample(name)).encode()
    data = judge(operation, Reply(status=200, body=body), account()).data
    assert data["data" if "data" in operation.fields else "resultMessage"]


@pytest.mark.parametrize("name", ["create_outbound_place", "create_return_center", "create_rocket_growth_product"])
def test_the_documented_request_can_be_built(name: str) -> None:
    """What the engine adds is left out of the sample first; what is null only is not sent."""
    operation, body = CATALOGUE.operations[name], sample(f"{name}.request")
    given = {key: value for key, value in body.items() if not operation.parameters[key].owner}
    sent = prepare(operation, given, account(vendor_id="A00012345", wing_login="wing_user_1")).body
    assert sent is not None
    assert json.loads(sent) == {**defaults(operation.parameters), **without_nulls(body)}


def defaults(parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """Return the values a rule may leave out."""
    return {name: one.value for name, one in parameters.items() if one.place == "body" and one.value is not None}


def without_nulls(value: Any) -> Any:
    """Return a JSON value without keys that are null."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


# --- what these answers have that others have not -----------------------------------------------------------------


def test_a_bare_true_becomes_a_record(tmp_path: Path) -> None:
    """It says what it is about, so that it can be joined."""
    assert read(tmp_path, "category_validity") == [{"displayCategoryCode": 72631, "isValid": True}]


def test_an_answer_about_the_vendor_names_it(tmp_path: Path) -> None:
    """The seller's id comes from the account."""
    assert read(tmp_path, "auto_category_agreement") == [{"vendorId": "A00012345", "isAgreed": True}]


def test_an_answer_that_says_it_itself_is_not_overwritten(tmp_path: Path) -> None:
    """What was asked for only fills in."""
    made, _ = reader(tmp_path, {"code": "SUCCESS", "data": {"displayCategoryCode": 5, "attributes": []}})
    assert made.call("category_meta", {"displayCategoryCode": 4}).data["displayCategoryCode"] == 5


def test_a_long_token_is_encoded_once(tmp_path: Path) -> None:
    """Live tokens of the stock list have a colon and equals signs."""
    token = "15176267660:yr2khGO7-_qdK=="
    row = sample("rocket_growth_inventory")["data"][0]
    made, market = reader(tmp_path, {"code": 200, "data": [row], "nextToken": token}, sample("rocket_growth_inventory"))
    assert len(list(made.rows("rocket_growth_inventory", {}))) == 2
    assert market.queries == ["", "nextToken=15176267660:yr2khGO7-_qdK%3D%3D"]
    assert parse_qs(market.queries[1])["nextToken"] == [token]


def test_days_of_rocket_growth_orders_have_no_hyphens(tmp_path: Path) -> None:
    """A window of more than thirty days is cut."""
    made, market = reader(tmp_path, sample("rocket_growth_orders"))
    window = Window(start=NOW.replace(month=1, day=20), end=NOW)
    assert len(list(made.rows("rocket_growth_orders", {}, window))) == 1
    assert market.queries[0] == "paidDateFrom=20260120&paidDateTo=20260218"


def test_rocket_growth_calls_keep_their_own_rate(tmp_path: Path) -> None:
    """Fifty a minute, orders and stock together, whatever the vendor's rate; other reads do not wait for them."""
    market, time = FakeMarket(ok([], nextToken="")), Passing()
    pace = Pace(tmp_path / "pace.db", ticks=time.tick, now=lambda: time.now().timestamp(), sleep=time.sleep)
    client = Client(
        account(), "https://market.invalid", pace, CATALOGUE, market, now=time.now, sleep=time.sleep, ticks=time.tick
    )
    made = MarketReader(client)
    for number in range(25):
        list(made.rows("rocket_growth_inventory", {"vendorItemId": number}))
        list(made.rows("rocket_growth_orders", {}, Window(start=NOW, end=NOW), fresh=True))
    assert 49 * 1.2 <= time.seconds <= 49 * 1.25
    before = time.seconds
    for _ in range(4):
        list(made.rows("enrolled_brands", {}, fresh=True))
    assert time.seconds - before < 1.2


# --- updates carry what was read ---------------------------------------------------------------------------------

RULES = """
version: 1
rules:
  - name: close
    from: return_centers
    if: {goodsflowStatus: 승인불가}
    then: [{update_return_center: {usable: false}}]
    mode: ask
  - name: rename
    from: outbound_places
    if: {usable: true}
    then: [{update_outbound_place: {shippingPlaceName: "{{ shippingPlaceName }} (구)"}}]
    mode: ask
  - name: prolong
    from: {rocket_growth_product: {sellerProductId: 30100306501}}
    if: {statusName: 승인완료}
    then: [{update_rocket_growth_product: {legalAgreement: AGREE, saleEndedAt: 2099-12-31T23:59:59}}]
    mode: ask
"""


def sent(folder: Path, name: str, source: str, **changes: Any) -> dict[str, Any]:
    """Return the body that the only action of a rule sends for the first record of a sample."""
    (folder / "rules.yaml").write_text(RULES, "utf-8")
    loaded = load_rules([folder / "rules.yaml"])
    assert loaded.ruleset is not None
    assert loaded.diagnostics == ()
    [then] = loaded.ruleset[name].then
    operation = CATALOGUE.operations[then.operation]
    data = {**read(folder, source)[0], **changes}
    match = Match(record=Record(source=source, key=str(data[operation_key(source)]), data=data, read_at=NOW))
    body = prepare(operation, arguments_for(then, operation, match, NOW), account()).body
    assert body is not None
    found: dict[str, Any] = json.loads(body)
    return found


def operation_key(source: str) -> str:
    """Return the field that identifies a record of a source."""
    return CATALOGUE.operations[source].key


def test_an_update_of_a_return_centre_carries_its_addresses(tmp_path: Path) -> None:
    """All of them, without the country, which the call does not know."""
    body = sent(tmp_path, "close", "return_centers")
    assert (body["usable"], body["returnCenterCode"], body["userId"]) == (False, "1000557004", "seller1")
    assert body["placeAddresses"] == [
        {
            "addressType": "JIBUN", "companyContactNumber": "02-0000-0000", "phoneNumber2": "000-0000-0000",
            "returnZipCode": "42701", "returnAddress": "대구시 가상구 예시로", "returnAddressDetail": "1",
        }
    ]  # fmt: skip
    assert not {"shippingPlaceName", "goodsflowInfoDto"} & body.keys()


def test_an_update_of_an_outbound_place_leaves_its_fees_alone(tmp_path: Path) -> None:
    """Rows of remoteInfos that are not sent stay."""
    body = sent(tmp_path, "rename", "outbound_places")
    assert body["shippingPlaceName"] == "상품출고지1 (구)"
    assert [one["countryCode"] for one in body["placeAddresses"]] == ["KR", "KR"]
    assert not {"remoteInfos", "usable", "global"} & body.keys()


def test_an_update_of_a_rocket_growth_product_sends_the_document_back(tmp_path: Path) -> None:
    """Options with every key they were read with; the consent is the rule's own, never the engine's."""
    times = {"saleStartedAt": "2024-10-31T00:00:00", "saleEndedAt": "2026-10-31T00:00:00"}
    more = {"displayProductName": "예시 상품", "brandId": "KR-5", **times}
    body = sent(tmp_path, "prolong", "rocket_growth_product", **more)
    assert body["items"] == sample("rocket_growth_product")["data"]["items"]
    assert body["rocketGrowthAdditionalInformation"] == {"rfmInboundName": "예시 상품", "legalAgreement": "AGREE"}
    assert (body["saleStartedAt"], body["saleEndedAt"]) == ("2024-10-31T00:00:00", "2099-12-31T23:59:59")
    assert (body["requested"], body["brandId"], body["vendorUserId"]) == (True, "KR-5", "seller1")
    assert "marketplaceShippingAndReturnInfo" not in body
