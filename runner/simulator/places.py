"""Where parcels leave from and come back to: outbound places and return centres, with every documented field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from runner.catalogue.codes import codes
from runner.simulator.world import KST, Row, World

#: those that products of every world name
PLACE, CENTER = 63714, "1000274592"
#: a contract number that no courier knows, in every world
UNKNOWN_CONTRACT = "99999999"
FEES = tuple(
    f"{name}{weight}kg"
    for name in ("vendorCreditFee", "vendorCashFee", "consumerCashFee", "returnFee")
    for weight in ("05", "10", "20")
)
_ADDRESS = (
    "addressType", "countryCode", "companyContactNumber", "phoneNumber2", "returnZipCode", "returnAddress",
    "returnAddressDetail",
)  # fmt: skip
#: documented and never filled
_EMPTY_FEES = ("vendorCreditFee02kg", "vendorCashFee02kg", "consumerCashFee02kg", "returnFee02kg")


def places(world: World) -> None:
    """Make two outbound places and two return centres; one of these has no courier who knows its contract."""
    made = world.now - timedelta(days=300)
    world.rows("denied_contracts")[UNKNOWN_CONTRACT] = {"reason": "계약정보가 존재하지 않습니다."}
    outbound_place(
        world, PLACE, "기본 출고지", [address("서울특별시 가상구 예시로 1", country="KR")], made=made,
        remote=[("CJGLS", 5000, 3000), ("HANJIN", 4000, 4000)],
    )  # fmt: skip
    outbound_place(world, 63720, "지방 출고지", [address("부산광역시 보기구 모의대로 7", country="KR")], made=made)
    for number, name, contract, street in (
        (CENTER, "반품지_1", "10000001", "서울특별시 가상구 예시로 1"),
        ("1000274610", "반품지_2", UNKNOWN_CONTRACT, "부산광역시 보기구 모의대로 7"),
    ):
        terms = {"deliverCode": "CJGLS", "contractNumber": contract, **dict.fromkeys(FEES, 2500)}
        return_center(world, number, name, terms, [address(street)], made=made)


def address(street: str, *, country: str = "") -> Row:
    """Make an address as calls send it; those of return centres have no country."""
    row = {
        "addressType": "ROADNAME", "companyContactNumber": "02-0000-0000", "phoneNumber2": "010-0000-0000",
        "returnZipCode": "04524", "returnAddress": street, "returnAddressDetail": "1층",
    }  # fmt: skip
    return row | ({"countryCode": country} if country else {})


def outbound_place(
    world: World, number: int, name: str, addresses: Sequence[Mapping[str, Any]], *, made: datetime,
    remote: Sequence[tuple[str, int, int]] = (), usable: bool = True, overseas: bool = False,
) -> Row:  # fmt: skip
    """Make an outbound place; `remote` are couriers with their fees for Jeju and for other remote areas."""
    row = {
        "outboundShippingPlaceCode": number, "shippingPlaceName": name,
        "createDate": f"{made.astimezone(KST):%Y/%m/%d}", "placeAddresses": shown_addresses(addresses),
        "remoteInfos": [remote_fee(world, *one) for one in remote], "usable": usable, "global": overseas,
    }  # fmt: skip
    world.rows("outbound_places")[number] = row
    return row


def remote_fee(world: World, courier: str, jeju: int, elsewhere: int) -> Row:
    """Make one courier's fees for remote areas."""
    return {
        "remoteInfoId": world.number("remote_fee", 105), "deliveryCode": courier, "jeju": jeju, "notJeju": elsewhere,
        "usable": True,
    }  # fmt: skip


def return_center(
    world: World, number: str, name: str, terms: Mapping[str, Any], addresses: Sequence[Mapping[str, Any]], *,
    made: datetime,
) -> Row:  # fmt: skip
    """Make a return centre; one whose contract no courier knows is made all the same, and says so."""
    denied = world.rows("denied_contracts").get(terms["contractNumber"])
    courier = terms["deliverCode"]
    row = {
        "vendorId": world.vendor, "returnCenterCode": number, "shippingPlaceName": name, "deliverCode": courier,
        "deliverName": codes("delivery_companies")[courier].ko, "goodsflowStatus": "승인불가" if denied else "승인",
        "errorMessage": denied["reason"] if denied else "", "createdAt": int(made.timestamp() * 1000),
        **dict.fromkeys(_EMPTY_FEES), **{fee: terms[fee] for fee in FEES}, "usable": True,
        "placeAddresses": shown_addresses(addresses),
    }  # fmt: skip
    world.rows("return_centers")[number] = row
    return row


def shown_addresses(addresses: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return addresses as reads show them: always with a country, and only with what is known of an address."""
    otherwise = {"countryCode": "KR"}
    return [{name: one.get(name) or otherwise.get(name, "") for name in _ADDRESS} for one in addresses]
