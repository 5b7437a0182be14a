"""Outbound places and return centres over HTTP: made, changed, switched off, shown late, and every refusal."""

from __future__ import annotations

from typing import Any

import pytest
from simulator_support import OPEN, VENDOR, WebShop, said, words

from runner.simulator import Response
from runner.simulator.places import CENTER, FEES, PLACE, UNKNOWN_CONTRACT

READ = "/v2/providers/marketplace_openapi/apis/api/v2/vendor/shipping-place/outbound"
PLACES = f"{OPEN}/v5/vendors/{VENDOR}/outboundShippingCenters"
CENTERS = f"{OPEN}/v5/vendors/{VENDOR}/returnShippingCenters"
CENTER_READ = f"{OPEN}/v3/return/shipping-places/center-code"
CHANGED = {"resultCode": "SUCCESS", "resultMessage": "Modify successfully"}
TAKEN = "[이미 등록된 정보가 존재합니다]"
NULL = "params are not allowed null"
ADDRESS = {
    "addressType": "JIBUN", "companyContactNumber": "02-000-0000", "phoneNumber2": "", "returnZipCode": "10516",
    "returnAddress": "경기도 가상시 예시면 견본로", "returnAddressDetail": "1-1",
}  # fmt: skip
KOREAN = {**ADDRESS, "countryCode": "KR"}
FEE = {"deliveryCode": "KGB", "jeju": 5000, "notJeju": 2500}
TERMS = {
    "deliverCode": "CJGLS", "deliverName": "CJ대한통운", "contractNumber": "00000000", **dict.fromkeys(FEES, 2500),
}  # fmt: skip


@pytest.fixture
def shop() -> WebShop:
    """Give the demo world over HTTP."""
    return WebShop("demo")


def event(shop: WebShop, do: str, **more: Any) -> None:
    """Let something happen."""
    assert shop.control("events", {"do": do, **more}).status == 200


def body(**change: Any) -> dict[str, Any]:
    """Return the body of a write, without what is changed to None."""
    made = {"vendorId": VENDOR, "userId": "seller1", **change}
    return {name: value for name, value in made.items() if value is not None}


def make_place(shop: WebShop, **change: Any) -> Response:
    """Make an outbound place."""
    usual = {"shippingPlaceName": "새 출고지", "placeAddresses": [KOREAN]}
    return shop.ask("POST", PLACES, body=body(**{**usual, **change}))


def change_place(shop: WebShop, number: int = PLACE, /, **change: Any) -> Response:
    """Change an outbound place; its addresses are sent as they are read."""
    read = place(shop, number)
    usual = {"outboundShippingPlaceCode": number, "placeAddresses": (read or {}).get("placeAddresses", [KOREAN])}
    return shop.ask("PUT", f"{PLACES}/{number}", body=body(**{**usual, **change}))


def place(shop: WebShop, number: int) -> dict[str, Any] | None:
    """Return an outbound place as it is read alone."""
    found = said(shop.ask("GET", READ, f"placeCodes={number}"))["content"]
    return found[0] if found else None


def make_center(shop: WebShop, **change: Any) -> Response:
    """Make a return centre; `terms` change its contract."""
    terms = TERMS | change.pop("terms", {})
    usual = {"shippingPlaceName": "새 반품지", "placeAddresses": [ADDRESS], "goodsflowInfoOpenApiDto": terms}
    return shop.ask("POST", CENTERS, body=body(**{**usual, **change}))


def change_center(shop: WebShop, number: str = CENTER, /, **change: Any) -> Response:
    """Change a return centre; its addresses are sent as they are read."""
    read = centers(shop, number)
    addresses = (
        [{k: v for k, v in one.items() if k != "countryCode"} for one in read[0]["placeAddresses"]] if read else []
    )
    usual = {"returnCenterCode": number, "placeAddresses": addresses or [ADDRESS]}
    return shop.ask("PUT", f"{CENTERS}/{number}", body=body(**{**usual, **change}))


def centers(shop: WebShop, numbers: str) -> list[dict[str, Any]]:
    """Return return centres by their codes."""
    found: list[dict[str, Any]] = shop.data(CENTER_READ, f"returnCenterCodes={numbers}")
    return found


# --- reads -----------------------------------------------------------------------------------------------------------


def test_places_have_no_envelope_but_pages(shop: WebShop) -> None:
    """Ten rows a page unless asked for; the codes of products are among them."""
    answer = said(shop.ask("GET", READ, "pageNum=1"))
    assert list(answer) == ["content", "pagination"]
    assert answer["pagination"] == {"currentPage": 1, "countPerPage": 10, "totalPages": 1, "totalElements": 2}
    products = shop.state("products", "sellerProductId").values()
    assert {row["outboundShippingPlaceCode"] for row in products} == {PLACE}
    assert PLACE in [row["outboundShippingPlaceCode"] for row in answer["content"]]
    assert "global" not in answer["content"][0]


def test_a_place_is_found_by_its_code(shop: WebShop) -> None:
    """At the same address; nothing is in the answer when there is none."""
    answer = said(shop.ask("GET", READ, f"placeCodes={PLACE}"))
    assert [row["outboundShippingPlaceCode"] for row in answer["content"]] == [PLACE]
    assert answer["pagination"]["totalElements"] == 1
    assert said(shop.ask("GET", READ, "placeCodes=1"))["content"] == []
    assert [one["operation"] for one in said(shop.control("requests"))] == ["outbound_place"] * 2
    assert shop.ask("GET", READ, "placeCodes=x").status == 400


@pytest.mark.parametrize("query", ["pageNum=2", "pageNum=0", "pageSize=51", "pageSize=0"])
def test_pages_beyond_the_last_are_refused(shop: WebShop, query: str) -> None:
    """And those that are too long."""
    assert shop.ask("GET", READ, query).status == 400


def test_pages_of_places_hold_each_once(shop: WebShop) -> None:
    """In the order in which they were made."""
    pages = [said(shop.ask("GET", READ, f"pageNum={n}&pageSize=1")) for n in (1, 2)]
    assert [one["content"][0]["outboundShippingPlaceCode"] for one in pages] == [PLACE, 63720]
    assert {one["pagination"]["totalPages"] for one in pages} == {2}


def test_centres_come_in_pages(shop: WebShop) -> None:
    """The code of the answer is a number, that of a centre a text, its age in milliseconds; a fee is never filled."""
    answer = said(shop.ask("GET", CENTERS, "pageNum=1"))
    assert (answer["code"], answer["message"]) == (200, "SUCCESS")
    assert answer["data"]["pagination"] == {
        "currentPage": 1, "countPerPage": 10, "totalPages": 1, "totalElements": 2,
    }  # fmt: skip
    first, second = answer["data"]["content"]
    assert (first["returnCenterCode"], first["goodsflowStatus"], first["errorMessage"]) == (CENTER, "승인", "")
    assert (second["goodsflowStatus"], bool(second["errorMessage"])) == ("승인불가", True)
    assert (type(first["createdAt"]), first["returnFee02kg"], len(CENTER)) == (int, None, 10)
    assert said(shop.ask("GET", CENTERS, "pageNum=2"))["data"]["content"] == []


def test_centres_are_found_by_their_codes(shop: WebShop) -> None:
    """Several with commas; those nobody knows are left out, those asked for twice come once."""
    answer = said(shop.ask("GET", CENTER_READ, f"returnCenterCodes={CENTER},1,1000274610,{CENTER}"))
    assert (answer["code"], [one["returnCenterCode"] for one in answer["data"]]) == ("200", [CENTER, "1000274610"])
    assert centers(shop, "1") == []
    assert shop.ask("GET", CENTER_READ, f"returnCenterCodes={'1,' * 100}1").status == 400
    assert shop.ask("GET", CENTER_READ).status == 400


# --- outbound places: made -------------------------------------------------------------------------------------------


def test_a_place_is_made_under_a_growing_number(shop: WebShop) -> None:
    """The answer is its number as a text, and reads show it."""
    answers = [
        said(
            make_place(shop, shippingPlaceName=f"출고지 {n}", placeAddresses=[KOREAN | {"returnAddressDetail": f"{n}"}])
        )
        for n in range(2)
    ]
    numbers = [int(one["data"].pop("resultMessage")) for one in answers]
    assert answers == [{"code": "200", "message": "SUCCESS", "data": {"resultCode": "SUCCESS"}}] * 2
    assert PLACE < numbers[0] < numbers[1]
    assert place(shop, numbers[0]) == {
        "outboundShippingPlaceCode": numbers[0], "shippingPlaceName": "출고지 0", "createDate": "2026/03/03",
        "placeAddresses": [KOREAN | {"returnAddressDetail": "0"}], "remoteInfos": [], "usable": True,
    }  # fmt: skip
    assert shop.applied() == ["create_outbound_place"] * 2


def test_a_place_is_made_with_fees_and_out_of_use(shop: WebShop) -> None:
    """Each row of fees gets a number."""
    fees = [FEE, {"deliveryCode": "CJGLS", "jeju": 0, "notJeju": 8000}]
    number = int(said(make_place(shop, usable=False, remoteInfos=fees))["data"]["resultMessage"])
    made = place(shop, number)
    assert made is not None
    assert made["usable"] is False
    ids = [one.pop("remoteInfoId") for one in made["remoteInfos"]]
    assert (len(set(ids)), made["remoteInfos"]) == (2, [one | {"usable": True} for one in fees])


def test_an_abroad_place_is_made(shop: WebShop) -> None:
    """Its country is its own."""
    abroad = KOREAN | {"addressType": "OVERSEA", "countryCode": "US"}
    number = int(said(make_place(shop, **{"global": True}, placeAddresses=[abroad]))["data"]["resultMessage"])
    found = place(shop, number)
    assert found is not None
    assert found["placeAddresses"] == [abroad]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"shippingPlaceName": None}, NULL),
        ({"shippingPlaceName": ""}, NULL),
        ({"userId": None}, NULL),
        ({"vendorId": None}, NULL),
        ({"vendorId": "A00099999"}, "params's vendorId not equals gateway's vendorId!"),
        ({"shippingPlaceName": "가" * 51}, "The max length of the shipping place name is 50"),
        ({"placeAddresses": None}, "The address detail info can't be null(placeAddress)"),
        ({"placeAddresses": []}, "The address detail info can't be null(placeAddress)"),
        ({"shippingPlaceName": 5}, "Bad Request"),
        ({"placeAddresses": "서울"}, "Bad Request"),
        ({"placeAddresses": ["서울"]}, "Bad Request"),
        ({"usable": "yes"}, "Bad Request"),
        ({"shippingPlaceName": "기본 출고지"}, "already exists"),
        ({"remoteInfos": [FEE, FEE]}, "twice"),
        ({"remoteInfos": [FEE | {"deliveryCode": "PIGEON"}]}, "PIGEON"),
        ({"remoteInfos": [FEE | {"jeju": 999}]}, "0, or 1000 to 8000"),
        ({"remoteInfos": [FEE | {"notJeju": 8001}]}, "0, or 1000 to 8000"),
        ({"remoteInfos": [{"deliveryCode": "KGB", "jeju": 0}]}, "Bad Request"),
    ],
)
def test_a_place_that_does_not_fit_is_refused(shop: WebShop, change: dict[str, Any], text: str) -> None:
    """In documented words where there are any; nothing is made."""
    status, told = words(make_place(shop, **change))
    assert (status, text in told) == (400, True), told
    assert (shop.applied(), said(shop.ask("GET", READ))["pagination"]["totalElements"]) == ([], 2)


BAD_ADDRESSES: list[tuple[dict[str, Any], str]] = [
    ({"companyContactNumber": ""}, "Must input the default phone number(phoneNumber1)"),
    ({"returnAddress": ""}, "Must input the default address(address1)"),
    ({"companyContactNumber": "0200000000"}, "The format of phone number is invalid"),
    ({"companyContactNumber": "1-0-0"}, "The format of phone number is invalid"),
    ({"phoneNumber2": "010-00000-0000"}, "The format of phone number is invalid"),
    ({"returnZipCode": "1051"}, "The format of postal code is invalid"),
    ({"returnZipCode": "1051600"}, "The format of postal code is invalid"),
    ({"returnZipCode": "A0516"}, "The format of postal code is invalid"),
    ({"returnAddressDetail": ""}, NULL),
    ({"addressType": ""}, NULL),
    ({"addressType": "MOON"}, "addressType"),
]
BAD_COUNTRIES: list[tuple[dict[str, Any], str]] = [
    ({"countryCode": "KOR"}, "The length of country code is 2"),
    ({"countryCode": "K"}, "The length of country code is 2"),
    ({"countryCode": "82"}, "The length of country code is 2"),
    ({"countryCode": None}, "The length of country code is 2"),
]


@pytest.mark.parametrize(("change", "text"), BAD_ADDRESSES + BAD_COUNTRIES)
def test_an_address_of_a_place_that_is_none_is_refused(shop: WebShop, change: dict[str, Any], text: str) -> None:
    """Whether a place is made or changed."""
    for answer in (
        make_place(shop, placeAddresses=[KOREAN | change]),
        change_place(shop, placeAddresses=[KOREAN | change]),
    ):
        status, told = words(answer)
        assert (status, text in told) == (400, True), told
    assert shop.applied() == []


@pytest.mark.parametrize("missing", ["companyContactNumber", "returnAddress", "returnZipCode", "returnAddressDetail"])
def test_a_line_of_an_address_that_is_missing_is_refused(shop: WebShop, missing: str) -> None:
    """As one that is empty."""
    address = {name: value for name, value in KOREAN.items() if name != missing}
    assert make_place(shop, placeAddresses=[address]).status == 400
    assert make_center(shop, placeAddresses=[address]).status == 400


def test_the_same_address_makes_no_second_place(shop: WebShop) -> None:
    """Under another name either; a repeat is refused."""
    assert make_place(shop).status == 200
    assert make_place(shop).status == 400
    assert make_place(shop, shippingPlaceName="다른 이름").status == 400
    assert make_place(shop, placeAddresses=[KOREAN | {"returnAddressDetail": "2"}]).status == 400
    assert shop.applied() == ["create_outbound_place"]


# --- outbound places: changed ----------------------------------------------------------------------------------------


def test_a_place_is_renamed_and_switched_off(shop: WebShop) -> None:
    """What is not sent stays; a null name, too. A repeat changes nothing and is accepted."""
    before = place(shop, PLACE)
    assert before is not None
    assert said(change_place(shop, usable=False)) == {"code": "200", "message": "SUCCESS", "data": CHANGED}
    sent = {"vendorId": VENDOR, "userId": "seller1", "outboundShippingPlaceCode": PLACE, "shippingPlaceName": None}
    sent |= {"placeAddresses": before["placeAddresses"], "global": True}
    assert shop.ask("PUT", f"{PLACES}/{PLACE}", body=sent).status == 200
    assert place(shop, PLACE) == before | {"usable": False}
    for _ in range(2):
        assert change_place(shop, shippingPlaceName="옛 출고지").status == 200
    assert place(shop, PLACE) == before | {"usable": False, "shippingPlaceName": "옛 출고지"}
    assert change_place(shop, usable=True).status == 200
    assert place(shop, PLACE) == before | {"shippingPlaceName": "옛 출고지"}
    stored = {row["outboundShippingPlaceCode"]: row["global"] for row in said(shop.control("state"))["outbound_places"]}
    assert stored[PLACE] is False


def test_a_place_moves(shop: WebShop) -> None:
    """Its addresses are those that were sent."""
    assert change_place(shop, placeAddresses=[KOREAN]).status == 200
    found = place(shop, PLACE)
    assert found is not None
    assert found["placeAddresses"] == [KOREAN]


def fees_of(shop: WebShop) -> list[tuple[int, str, int, int, bool]]:
    """Return the fees of the first place."""
    found = place(shop, PLACE)
    assert found is not None
    return [tuple(one.values()) for one in found["remoteInfos"]]


def test_fees_are_added_changed_and_switched_off(shop: WebShop) -> None:
    """One row at a time; the others stay, and a row that is switched off is shown still."""
    first, second = fees_of(shop)
    assert change_place(shop, remoteInfos=[FEE]).status == 200
    added = fees_of(shop)[-1]
    assert (fees_of(shop)[:2], added[1:]) == ([first, second], ("KGB", 5000, 2500, True))
    assert change_place(shop, remoteInfos=[FEE | {"remoteInfoId": added[0], "usable": True, "jeju": 0}]).status == 200
    assert fees_of(shop) == [first, second, (added[0], "KGB", 0, 2500, True)]
    off = {"remoteInfoId": first[0], "deliveryCode": first[1], "jeju": 0, "notJeju": 0, "usable": False}
    assert change_place(shop, remoteInfos=[off]).status == 200
    assert fees_of(shop)[0] == (*first[:4], False)
    # the courier is free again
    assert change_place(shop, remoteInfos=[FEE | {"deliveryCode": first[1]}]).status == 200
    assert len(fees_of(shop)) == 4


@pytest.mark.parametrize(
    "fee",
    [
        {"deliveryCode": "CJGLS"},
        {"remoteInfoId": 1, "usable": True},
        {"usable": True},
        {"usable": False},
        {"remoteInfoId": 105},
        {"remoteInfoId": 105, "usable": True, "deliveryCode": "HANJIN"},
        {"remoteInfoId": 105, "usable": True, "jeju": 9000},
        {"deliveryCode": "PIGEON"},
    ],
)
def test_fees_that_do_not_fit_are_refused(shop: WebShop, fee: dict[str, Any]) -> None:
    """A courier twice, a row nobody knows, `usable` without a row or the other way round, an amount, a courier."""
    before = place(shop, PLACE)
    answer = change_place(shop, remoteInfos=[FEE | fee], shippingPlaceName="새 이름")
    assert (answer.status, place(shop, PLACE), shop.applied()) == (400, before, [])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"userId": None}, NULL),
        ({"vendorId": "A00099999"}, "params's vendorId not equals gateway's vendorId!"),
        ({"shippingPlaceName": "가" * 51}, "The max length of the shipping place name is 50"),
        ({"shippingPlaceName": ""}, NULL),
        ({"placeAddresses": None}, "The address detail info can't be null(placeAddress)"),
        ({"shippingPlaceName": "지방 출고지"}, "already exists"),
        ({"outboundShippingPlaceCode": 63720}, "differ"),
        ({"remoteInfos": [FEE, FEE]}, "remoteInfos"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(shop: WebShop, change: dict[str, Any], text: str) -> None:
    """In documented words where there are any; nothing is changed."""
    before = place(shop, PLACE)
    status, told = words(change_place(shop, **change))
    assert (status, text in told) == (400, True), told
    assert (place(shop, PLACE), shop.applied()) == (before, [])


def test_a_place_nobody_knows_is_not_changed(shop: WebShop) -> None:
    """In documented words."""
    assert words(change_place(shop, 1, usable=False)) == (400, "The shippingPlaceId doesn't match~")


# --- outbound places: shown late -------------------------------------------------------------------------------------


def listed(shop: WebShop) -> dict[int, tuple[str, bool]]:
    """Return the places of the list."""
    rows = said(shop.ask("GET", READ, "pageNum=1&pageSize=50"))["content"]
    return {row["outboundShippingPlaceCode"]: (row["shippingPlaceName"], row["usable"]) for row in rows}


def test_reads_show_the_old_place_for_an_hour(shop: WebShop) -> None:
    """The list and the single read, after a change and after a new place; other places are shown as they are."""
    event(shop, "delay_places")
    before = listed(shop)
    assert change_place(shop, shippingPlaceName="옛 출고지").status == 200
    number = int(said(make_place(shop))["data"]["resultMessage"])
    shop.control("clock", {"advance": "59m"})
    assert (listed(shop), place(shop, number)) == (before, None)
    found = place(shop, PLACE)
    assert found is not None
    assert found["shippingPlaceName"] == "기본 출고지"
    shop.control("clock", {"advance": "61s"})
    assert listed(shop) == before | {PLACE: ("옛 출고지", True), number: ("새 출고지", True)}
    assert place(shop, number) is not None


def test_a_second_change_waits_an_hour_too(shop: WebShop) -> None:
    """Reads go on with what they showed before the first."""
    event(shop, "delay_places")
    before = listed(shop)
    change_place(shop, usable=False)
    shop.control("clock", {"advance": "40m"})
    change_place(shop, shippingPlaceName="옛 출고지")
    shop.control("clock", {"advance": "40m"})
    assert listed(shop) == before
    shop.control("clock", {"advance": "20m"})
    assert listed(shop)[PLACE] == ("옛 출고지", False)


def test_the_delay_is_chosen_and_switched_off(shop: WebShop) -> None:
    """Writes know the newest state all the same: the same name is refused while it cannot be seen."""
    event(shop, "delay_places", seconds=5)
    make_place(shop)
    assert (len(listed(shop)), make_place(shop).status) == (2, 400)
    shop.control("clock", {"advance": "5s"})
    assert len(listed(shop)) == 3
    event(shop, "delay_places", seconds=0)
    change_place(shop, usable=False)
    assert listed(shop)[PLACE] == ("기본 출고지", False)


# --- return centres: made --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("courier", "name"),
    [
        ("HYUNDAI", "롯데"),
        ("KGB", "로젠"),
        ("HANJIN", "한진"),
        ("CJGLS", "CJ"),
        ("ILYANG", "일양"),
        ("EPOST", "우체국"),
    ],
)
def test_a_centre_is_made_with_six_couriers(shop: WebShop, courier: str, name: str) -> None:
    """Its code is a text of ten digits; the country is filled in, an empty fee stays empty."""
    answer = said(make_center(shop, terms={"deliverCode": courier, "contractCustomerNumber": "0000000000"}))
    number = answer["data"].pop("resultMessage")
    assert answer == {"code": "200", "message": "SUCCESS", "data": {"resultCode": "SUCCESS"}}
    (row,) = centers(shop, number)
    assert (len(number), row["deliverCode"], name in row["deliverName"]) == (10, courier, True)
    assert (row["goodsflowStatus"], row["errorMessage"], row["usable"]) == ("승인", "", True)
    assert row["createdAt"] == int(shop.sim.world.now.timestamp() * 1000)
    assert row["placeAddresses"] == [ADDRESS | {"countryCode": "KR"}]
    assert {fee: row[fee] for fee in FEES} == dict.fromkeys(FEES, 2500)
    assert row["vendorCreditFee02kg"] is None


REFUSED = [
    ({"terms": {"deliverCode": "EPOST"}}, "서버 에러"),
    ({"shippingPlaceName": "반품지_1"}, TAKEN),
    (
        {
            "placeAddresses": [
                ADDRESS
                | {
                    "addressType": "ROADNAME",
                    "returnZipCode": "04524",
                    "returnAddress": "서울특별시 가상구 예시로 1",
                    "returnAddressDetail": "1층",
                }
            ]
        },
        TAKEN,
    ),
]


@pytest.mark.parametrize(("change", "text"), REFUSED)
@pytest.mark.parametrize("inside", [False, True])
def test_centres_are_refused_in_documented_words(
    shop: WebShop, change: dict[str, Any], text: str, *, inside: bool
) -> None:
    """With 400, or inside 200: the documents do not tell. Nothing is made."""
    event(shop, "refuse_inside_200", on=inside)
    answer = make_center(shop, **change)
    if inside:
        told = {"code": "200", "message": "SUCCESS", "data": {"resultCode": "FAIL", "resultMessage": text}}
        assert (answer.status, said(answer)) == (200, told)
    else:
        assert words(answer) == (400, text)
    assert (shop.applied(), len(said(shop.control("state"))["return_centers"])) == ([], 2)


@pytest.mark.parametrize("inside", [False, True])
def test_a_centre_without_a_confirmed_contract_is_made_and_refused(shop: WebShop, *, inside: bool) -> None:
    """It is there, nothing is collected from it, and a repeat is refused for its name."""
    event(shop, "refuse_inside_200", on=inside)
    event(shop, "deny_contract", contract="12345678")
    answer = make_center(shop, terms={"contractNumber": "12345678"})
    text = "등록되었으나 계약확인에 실패하였습니다"
    if inside:
        assert said(answer)["data"] == {"resultCode": "FAIL", "resultMessage": text}
    else:
        assert words(answer) == (400, text)
    row = said(shop.ask("GET", CENTERS))["data"]["content"][-1]
    assert (row["shippingPlaceName"], row["goodsflowStatus"], bool(row["errorMessage"])) == (
        "새 반품지",
        "승인불가",
        True,
    )
    assert shop.applied() == ["create_return_center"]
    event(shop, "refuse_inside_200", on=False)
    assert words(make_center(shop)) == (400, TAKEN)


def test_one_contract_is_never_known(shop: WebShop) -> None:
    """In every world, so that it can be tried at once; the list that was read before shows the new centre."""
    assert len(said(shop.ask("GET", CENTERS))["data"]["content"]) == 2
    assert make_center(shop, terms={"contractNumber": UNKNOWN_CONTRACT}).status == 400
    assert len(said(shop.ask("GET", CENTERS))["data"]["content"]) == 3


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"terms": {"deliverCode": "DHL"}}, "deliverCode"),
        ({"terms": {"returnFee05kg": 0}}, "returnFee05kg"),
        ({"terms": {"vendorCashFee20kg": -1}}, "vendorCashFee20kg"),
        ({"terms": {"returnFee10kg": None}}, "Bad Request"),
        ({"terms": {"contractNumber": None}}, "Bad Request"),
        ({"shippingPlaceName": None}, NULL),
        ({"userId": None}, NULL),
        ({"placeAddresses": []}, "placeAddress"),
        ({"vendorId": "A00099999"}, "vendor"),
        ({"goodsflowInfoOpenApiDto": None}, "goodsflowInfoOpenApiDto"),
    ],
)
def test_a_centre_that_does_not_fit_is_refused(shop: WebShop, change: dict[str, Any], text: str) -> None:
    """No words are documented; nothing is made."""
    status, told = words(make_center(shop, **change))
    assert (status, text in told) == (400, True), told
    assert shop.applied() == []


@pytest.mark.parametrize(("change", "text"), [*BAD_ADDRESSES, ({"addressType": "OVERSEA"}, "addressType")])
def test_an_address_of_a_centre_that_is_none_is_refused(shop: WebShop, change: dict[str, Any], text: str) -> None:
    """As that of an outbound place; there are no centres abroad."""
    answers = (
        make_center(shop, placeAddresses=[ADDRESS | change]),
        change_center(shop, placeAddresses=[ADDRESS | change]),
    )
    for answer in answers:
        status, told = words(answer)
        assert (status, text in told) == (400, True), told
    assert shop.applied() == []


# --- return centres: changed -----------------------------------------------------------------------------------------


def test_a_centre_is_renamed_priced_and_switched_off(shop: WebShop) -> None:
    """At once, lag or not; what is not sent stays; courier and contract stay whatever is sent."""
    event(shop, "delay_places")
    (before,) = centers(shop, CENTER)
    assert said(change_center(shop, usable=False)) == {"code": "200", "message": "SUCCESS", "data": CHANGED}
    assert centers(shop, CENTER) == [before | {"usable": False}]
    fees = dict.fromkeys(FEES, 3100)
    for _ in range(2):
        sent = fees | {"deliverCode": "HANJIN", "contractNumber": "5"}
        assert change_center(shop, shippingPlaceName="옛 반품지", goodsflowInfoDto=sent).status == 200
    assert centers(shop, CENTER) == [before | {"usable": False, "shippingPlaceName": "옛 반품지", **fees}]
    assert change_center(shop, usable=True, placeAddresses=[ADDRESS]).status == 200
    (after,) = centers(shop, CENTER)
    assert (after["usable"], after["placeAddresses"]) == (True, [ADDRESS | {"countryCode": "KR"}])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"returnCenterCode": "1000274610"}, "differ"),
        ({"shippingPlaceName": "반품지_2"}, TAKEN),
        ({"shippingPlaceName": ""}, NULL),
        ({"userId": None}, NULL),
        ({"placeAddresses": []}, "placeAddress"),
        ({"goodsflowInfoDto": dict.fromkeys(FEES, 0)}, "vendorCreditFee05kg: out of range"),
        ({"goodsflowInfoDto": {"returnFee05kg": 5}}, "Bad Request"),
        ({"vendorId": "A00099999"}, "vendor"),
    ],
)
def test_a_change_of_a_centre_that_does_not_fit_is_refused(shop: WebShop, change: dict[str, Any], text: str) -> None:
    """Nothing is changed."""
    before = centers(shop, CENTER)
    status, told = words(change_center(shop, **change))
    assert (status, text in told) == (400, True), told
    assert (centers(shop, CENTER), shop.applied()) == (before, [])


def test_a_centre_nobody_knows_is_not_changed(shop: WebShop) -> None:
    """No words are documented."""
    assert change_center(shop, "1000000001", usable=False).status == 400


# --- what every read and write has in common -------------------------------------------------------------------------


def test_a_lost_answer_to_a_new_place_was_applied(shop: WebShop) -> None:
    """Faults hit these calls as any other: the name is found in the list, and a repeat is refused."""
    shop.order("create_outbound_place", "error_500_applied")
    assert make_place(shop).status == 500
    assert ("새 출고지", True) in listed(shop).values()
    assert make_place(shop).status == 400


def test_reads_that_lag_show_a_centre_later(shop: WebShop) -> None:
    """The fault for every read works on return centres, made or made and refused."""
    shop.order("create_return_center", "stale", seconds=60)
    assert make_center(shop, terms={"contractNumber": UNKNOWN_CONTRACT}).status == 400
    assert len(said(shop.ask("GET", CENTERS))["data"]["content"]) == 2
    shop.control("clock", {"advance": "60s"})
    assert len(said(shop.ask("GET", CENTERS))["data"]["content"]) == 3


def test_the_same_story_gives_the_same_numbers(shop: WebShop) -> None:
    """Under a seed and a clock."""
    stories = []
    for _ in range(2):
        shop.control("reset", {"world": "demo", "seed": 7})
        answers = [make_place(shop, remoteInfos=[FEE]), make_center(shop)]
        kept = said(shop.control("state"))
        stories.append(([one.body for one in answers], kept["outbound_places"], kept["return_centers"]))
    assert stories[0] == stories[1]
