"""Outbound places and return centres: made, changed, switched off; nothing is ever deleted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from datetime import timedelta
from functools import partial
from typing import Any

from runner.catalogue.codes import codes
from runner.simulator.places import FEES, outbound_place, remote_fee, return_center, shown_addresses
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World, iso

Seen = Mapping[str, Mapping[Any, Row]]

_RETURN_COURIERS = ("HYUNDAI", "KGB", "EPOST", "HANJIN", "CJGLS", "ILYANG")
#: won a courier may ask for a remote area: nothing, or something in this range
_REMOTE_FEE = range(1000, 8001)
_LONGEST_NAME = 50
_MOST_CENTERS = 100
#: seconds that reads of outbound places lag at Coupang, and the most that can be asked for
_DELAY, _LONGEST_DELAY = 3600, 86_400
_TAKEN = "[이미 등록된 정보가 존재합니다]"
_NOT_CONFIRMED = "등록되었으나 계약확인에 실패하였습니다"
_PHONE = re.compile(r"\d{2,4}-\d{3,4}-\d{4}", re.ASCII)
_ZIP = re.compile(r"\d{5,6}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


# --- what a body must have: the marketplace looks at this first, and has words for each ---------------------------


def _check(body: Mapping[str, Any], *, names: tuple[str, ...], outbound: bool) -> None:
    name, addresses = body.get("shippingPlaceName"), body.get("placeAddresses")
    _check_there(body, (*names, *(["shippingPlaceName"] if name == "" else ())))
    if outbound and isinstance(name, str) and len(name) > _LONGEST_NAME:
        raise Refusal(400, "The max length of the shipping place name is 50, please input the correct length name")
    if not addresses:
        raise Refusal(400, "The address detail info can't be null(placeAddress)")
    for one in addresses if isinstance(addresses, list) else ():
        if isinstance(one, dict):
            _check_address(one, outbound=outbound)


def _check_there(given: Mapping[str, Any], names: Iterable[str]) -> None:
    if any(given.get(name) in (None, "") for name in names):
        raise Refusal(400, "params are not allowed null")


def _check_address(one: Mapping[str, Any], *, outbound: bool) -> None:
    if one.get("companyContactNumber") in (None, ""):
        raise Refusal(400, "Must input the default phone number(phoneNumber1)")
    if one.get("returnAddress") in (None, ""):
        raise Refusal(400, "Must input the default address(address1)")
    if outbound and not _COUNTRY.fullmatch(str(one.get("countryCode"))):
        raise Refusal(400, "The length of country code is 2, please input correct length country code")
    phones = [str(one[name]) for name in ("companyContactNumber", "phoneNumber2") if one.get(name)]
    if not all(_PHONE.fullmatch(phone) for phone in phones):
        said = "The format of phone number is invalid, min length is 11 and max length is 14 include the character '-'"
        raise Refusal(400, said)
    if not _ZIP.fullmatch(str(one.get("returnZipCode"))):
        said = "The format of postal code is invalid, it can only be number, min length is 5 and max length is 6"
        raise Refusal(400, said)
    _check_there(one, ("addressType", "returnAddressDetail"))


_CREATE, _UPDATE = ("vendorId", "userId", "shippingPlaceName"), ("vendorId", "userId")
CHECKS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "create_outbound_place": partial(_check, names=_CREATE, outbound=True),
    "update_outbound_place": partial(_check, names=_UPDATE, outbound=True),
    "create_return_center": partial(_check, names=_CREATE, outbound=False),
    "update_return_center": partial(_check, names=_UPDATE, outbound=False),
}


def _check_kinds(given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    wrong = [one["addressType"] for one in given["placeAddresses"] if one["addressType"] not in known]
    if wrong:
        raise Refusal(400, f"addressType: '{wrong[0]}' is not one of {', '.join(known)}")


def _is_taken(others: Iterable[Row], given: Mapping[str, Any]) -> bool:
    """Tell whether another place has the name or an address."""
    lines = _lines(given["placeAddresses"])
    return any(
        one["shippingPlaceName"] == given.get("shippingPlaceName") or lines & _lines(one["placeAddresses"])
        for one in others
    )


def _lines(addresses: Iterable[Mapping[str, Any]]) -> set[tuple[str, ...]]:
    names = ("addressType", "returnZipCode", "returnAddress", "returnAddressDetail")
    return {tuple(one[name] for name in names) for one in addresses}


def _done(said: str) -> Row:
    return {"resultCode": "SUCCESS", "resultMessage": said}


# --- outbound places -------------------------------------------------------------------------------------------------


def create_outbound_place(world: World, given: Mapping[str, Any]) -> Row:
    """Make an outbound place; its number is the answer."""
    remote = [(one["deliveryCode"], one["jeju"], one["notJeju"]) for one in given.get("remoteInfos", ())]
    _check_outbound(world.rows("outbound_places").values(), given)
    if len({courier for courier, *_ in remote}) < len(remote):
        raise Refusal(400, "remoteInfos: a deliveryCode is there twice")
    number = world.number("outbound_place", 64_101)
    outbound_place(
        world, number, given["shippingPlaceName"], given["placeAddresses"], made=world.now, remote=remote,
        usable=given.get("usable", True), overseas=given.get("global", False),
    )  # fmt: skip
    _keep_back(world, number, None)
    return _done(str(number))


def update_outbound_place(world: World, given: Mapping[str, Any]) -> Row:
    """Change the name, the addresses, fees, or whether it is used; what is not sent stays, and so does the country."""
    places = world.rows("outbound_places")
    number = given["outboundShippingPlaceCode"]
    row = places.get(number)
    if row is None:
        raise Refusal(400, "The shippingPlaceId doesn't match~")
    _check_outbound((one for one in places.values() if one is not row), given)
    before = deepcopy(row)
    row["remoteInfos"] = _with_fees(world, row["remoteInfos"], given.get("remoteInfos", ()))
    _change(row, given)
    _keep_back(world, number, before)
    return _done("Modify successfully")


def _check_outbound(others: Iterable[Row], given: Mapping[str, Any]) -> None:
    """Refuse what is documented without words: these are made up."""
    _check_kinds(given, ("JIBUN", "ROADNAME", "OVERSEA"))
    if _is_taken(others, given):
        raise Refusal(400, "The shipping place name or address already exists")
    for one in given.get("remoteInfos", ()):
        if one["deliveryCode"] not in codes("delivery_companies"):
            raise Refusal(400, f"remoteInfos: '{one['deliveryCode']}' is not a deliveryCode")
        if not all(one[fee] == 0 or one[fee] in _REMOTE_FEE for fee in ("jeju", "notJeju")):
            raise Refusal(400, "remoteInfos: jeju and notJeju are 0, or 1000 to 8000")


def _with_fees(world: World, rows: list[Row], sent: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return fees with one added (no id), changed (`usable` true) or switched off (false); others stay."""
    found = deepcopy(rows)
    for one in sent:
        courier, usable, fees = one["deliveryCode"], one.get("usable"), (one["jeju"], one["notJeju"])
        known = next((row for row in found if row["remoteInfoId"] == one.get("remoteInfoId")), None)
        rivals = [row for row in found if row["usable"] and row is not known and row["deliveryCode"] == courier]
        if (known is None) is not (one.get("remoteInfoId") is None) or (known is None) is not (usable is None):
            raise Refusal(400, "remoteInfos: usable goes with the remoteInfoId of a row")
        if rivals and usable is not False:
            raise Refusal(400, "remoteInfos: a deliveryCode is there twice")
        if known is None:
            found.append(remote_fee(world, courier, *fees))
        elif usable:
            known |= {"deliveryCode": courier, "jeju": fees[0], "notJeju": fees[1], "usable": True}
        else:
            known["usable"] = False
    return found


def _change(row: Row, given: Mapping[str, Any]) -> None:
    row |= {name: given[name] for name in ("shippingPlaceName", "usable") if name in given}
    row["placeAddresses"] = shown_addresses(given["placeAddresses"])


def _keep_back(world: World, number: int, before: Row | None) -> None:
    """Let reads show a place as it was, or not at all, for as long as `delay_places` said."""
    seconds = world.rows("switches").get("delay_places", {}).get("seconds", 0)
    if seconds:
        late = world.rows("late_places")
        shown = late[number]["shown"] if number in late else before
        late[number] = {"shown": shown, "until": iso(world.now + timedelta(seconds=seconds))}


def outbound_places(seen: Seen, _given: Mapping[str, Any]) -> list[Row]:
    """Return the places as reads show them."""
    late = seen.get("late_places", {})
    rows = [late[code]["shown"] if code in late else row for code, row in seen.get("outbound_places", {}).items()]
    return [row for row in rows if row is not None]


def outbound_place_read(seen: Seen, given: Mapping[str, Any]) -> list[Row]:
    """Return one place; nothing is in the answer when there is none."""
    return [row for row in outbound_places(seen, given) if row["outboundShippingPlaceCode"] == given["placeCodes"]]


# --- return centres --------------------------------------------------------------------------------------------------


def create_return_center(world: World, given: Mapping[str, Any]) -> Row:
    """Make a return centre; one whose contract the courier does not know is made, and refused all the same."""
    terms, centers = given["goodsflowInfoOpenApiDto"], world.rows("return_centers")
    _check_kinds(given, ("JIBUN", "ROADNAME"))
    if terms["deliverCode"] not in _RETURN_COURIERS:
        raise Refusal(400, f"deliverCode: '{terms['deliverCode']}' is not one of {', '.join(_RETURN_COURIERS)}")
    if terms["deliverCode"] == "EPOST" and not terms.get("contractCustomerNumber"):
        raise _refusal(world, "서버 에러")
    if _is_taken(centers.values(), given):
        raise _refusal(world, _TAKEN)
    number = str(world.number("return_center", 1_100_044_670))
    row = return_center(world, number, given["shippingPlaceName"], terms, given["placeAddresses"], made=world.now)
    if row["goodsflowStatus"] != "승인":
        raise _refusal(world, _NOT_CONFIRMED, applied=True)
    return _done(number)


def _refusal(world: World, said: str, *, applied: bool = False) -> Refusal:
    """Refuse with 400 or, while `refuse_inside_200` says so, inside a success: the documents do not tell which."""
    inside = world.rows("switches").get("refuse_inside_200", {}).get("on", False)
    return Refusal(200 if inside else 400, said, applied=applied)


def update_return_center(world: World, given: Mapping[str, Any]) -> Row:
    """Change name, addresses, contract prices, or whether it is used; courier and contract stay."""
    centers = world.rows("return_centers")
    number, fees = given["returnCenterCode"], given.get("goodsflowInfoDto")
    row = centers.get(number)
    if row is None:
        raise Refusal(400, f"returnCenterCode {number} not found")
    _check_kinds(given, ("JIBUN", "ROADNAME"))
    if _is_taken((one for one in centers.values() if one is not row), given):
        raise _refusal(world, _TAKEN)
    if fees is not None:
        row |= {fee: fees[fee] for fee in FEES}
    _change(row, given)
    return _done("Modify successfully")


def return_centers_read(seen: Seen, given: Mapping[str, Any]) -> list[Row]:
    """Return the centres of some codes with commas between; those nobody knows are left out."""
    wanted = [one.strip() for one in given["returnCenterCodes"].split(",")]
    if len(wanted) > _MOST_CENTERS:
        raise Refusal(400, "returnCenterCodes: 100 at most")
    rows = seen.get("return_centers", {})
    return [rows[one] for one in dict.fromkeys(wanted) if one in rows]


# --- what Coupang and couriers do ------------------------------------------------------------------------------------


def delay_places(world: World, given: Mapping[str, Any]) -> Row:
    """Let reads of outbound places show changes so many seconds later; 0 is at once."""
    seconds = given.get("seconds", _DELAY)
    if not 0 <= seconds <= _LONGEST_DELAY:
        raise Refusal(400, f"seconds: '{seconds}' is not a whole number from 0 to {_LONGEST_DELAY}")
    world.rows("switches")["delay_places"] = {"seconds": seconds}
    return world.rows("switches")["delay_places"]


def deny_contract(world: World, given: Mapping[str, Any]) -> Row:
    """Let no courier know a contract number."""
    number = given.get("contract")
    if not number:
        raise Refusal(400, "contract: the number is missing")
    world.rows("denied_contracts")[number] = {"reason": "계약정보가 존재하지 않습니다."}
    return {"contract": number}


def refuse_inside_200(world: World, given: Mapping[str, Any]) -> Row:
    """Refuse return centres with 200 and `resultCode` FAIL from now on, or with 400 again."""
    world.rows("switches")["refuse_inside_200"] = {"on": given.get("on", True)}
    return world.rows("switches")["refuse_inside_200"]


LOGISTICS = {
    "create_outbound_place": create_outbound_place,
    "update_outbound_place": update_outbound_place,
    "create_return_center": create_return_center,
    "update_return_center": update_return_center,
}
