"""The same data as older API versions show it: plain won, naive Korean times, local phone numbers, fewer fields."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from runner.catalogue import Field, Operation
from runner.simulator.wire import Response, compact
from runner.simulator.world import Row

_PHONE = re.compile(r"\+82\((\d+)\)(\d+-\d+)")


#: what order sheets and their items show since v5 only
_NEWER = {"shipmentType", "isCod", "instantCouponDiscount", "downloadableCouponDiscount", "coupangDiscount"}
#: times that v4 writes with a blank in the middle, as all of customer service
_BLANK = {"inTrasitDateTime", "deliveredDate", "confirmDate"}


def as_v4(data: Any, op: Operation) -> Any:
    """Rewrite a record, or a list of records, for a v4 read."""
    if op.workflow == "shipment" and isinstance(data, list | dict):
        data = [_of_sheet(one) for one in data] if isinstance(data, list) else _of_sheet(data)
    return _rewritten(data, op.fields, blank=op.workflow == "cs")


def wrapped(answer: Response) -> Response:
    """Put a bare answer into the envelope its predecessor had."""
    return replace(answer, body=compact({"code": 200, "message": "SUCCESS", "data": json.loads(answer.body)}))


def _of_sheet(row: Row) -> Row:
    """Leave out what an order sheet did not have in v4; without a discount its price is null."""
    items = [
        {
            **{name: value for name, value in one.items() if name not in _NEWER},
            "discountPrice": one["discountPrice"] if one["discountPrice"]["units"] else None,
        }
        for one in row.get("orderItems", [])
    ]
    kept = {name: value for name, value in row.items() if name not in {*_NEWER, "extraProperties"}}
    return kept | {"orderItems": items} if items else kept


def _rewritten(data: Any, fields: Mapping[str, Field], *, blank: bool) -> Any:
    if isinstance(data, list):
        return [_rewritten(one, fields, blank=blank) for one in data]
    if not isinstance(data, dict):
        return data
    return {name: _value(value, fields.get(name), blank=blank or name in _BLANK) for name, value in data.items()}


def _value(value: Any, field: Field | None, *, blank: bool) -> Any:
    if isinstance(value, dict) and value.keys() == {"currencyCode", "units", "nanos"}:
        return value["units"]
    if field is not None and field.type == "time" and isinstance(value, str) and value:
        # times of records are Korean ones already; without fraction and offset they are v4's
        plain = value[: len("2026-03-03T09:30:00")]
        return plain.replace("T", " ") if blank else plain
    if field is not None and field.personal == "phone" and isinstance(value, str):
        return _PHONE.sub(r"\1-\2", value)
    if isinstance(value, list | dict) and field is not None and field.fields:
        return _rewritten(value, field.fields, blank=blank)
    return value
