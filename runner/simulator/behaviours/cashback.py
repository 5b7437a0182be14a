"""Cashback on books: given option by option, and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from runner.simulator.envelopes import Told
from runner.simulator.wire import Refusal
from runner.simulator.world import KST, Row, World, second

_LEAD = timedelta(hours=2)
_NOT_HIS = "Invalid vendorItemId, vendorItemId doesn't exist or doesn't belong to corresponding vendorId"


def apply_book_cashback(world: World, given: Mapping[str, Any]) -> Any:
    """Give cashback on each option that is the seller's; with some of them refused it is a success in part."""
    # an empty highest amount is none, as in the documented sample
    amounts = [given["ruleId"], given["value"], given.get("maxAmount") or "0"]
    if not all(_is_number(one) for one in amounts) or not int(given["value"]):
        raise Refusal(400, "Bad Request")
    start, end = _moment(given["startAt"]), _moment(given["endAt"])
    if not world.now + _LEAD <= start < end:
        raise Refusal(400, "Bad Request")
    good = [one for one in given["vendorItemIds"] if _is_number(one) and int(one) in world.rows("options")]
    bad = [{one: _NOT_HIS} for one in given["vendorItemIds"] if one not in good]
    if not good:
        raise Refusal(400, "Bad Request")
    for one in good:
        _give(world, given, int(one))
    data = {"successVendorItemIds": good, "failVendorItemIds": bad}
    return Told(data, {"code": 206, "message": "PARTIAL_CONTENT"}) if bad else data


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=KST)
    except ValueError:
        raise Refusal(400, "Bad Request") from None


def _give(world: World, given: Mapping[str, Any], option: int) -> None:
    rule, most = int(given["ruleId"]), given.get("maxAmount")
    world.rows("book_cashbacks")[(rule, option)] = {
        "ruleId": rule, "vendorId": world.vendor, "vendorItemId": str(option), "valueType": given["valueType"],
        "value": int(given["value"]), "maxAmount": int(most) if most else None, "startAt": given["startAt"],
        "endAt": given["endAt"], "disabled": False, "disabledAt": None,
    }  # fmt: skip


def remove_book_cashback(world: World, given: Mapping[str, Any]) -> None:
    """Take cashback away; it is still shown, as removed."""
    option, rule = given["vendorItemId"], given["ruleId"]
    if option not in world.rows("options"):
        raise Refusal(400, _NOT_HIS)
    found: Row | None = world.rows("book_cashbacks").get((int(rule), option)) if _is_number(rule) else None
    if found is None or found["disabled"]:
        raise Refusal(404, f"Can not find promotion with given condition vendorItemId : {option}")
    found |= {"disabled": True, "disabledAt": second(world.now)}


CASHBACK = {"apply_book_cashback": apply_book_cashback, "remove_book_cashback": remove_book_cashback}
