"""The same data as older API versions show it: plain won, naive Korean times, local phone numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from runner.catalogue import Field
from runner.simulator.world import KST

_PHONE = re.compile(r"\+82\((\d+)\)(\d+-\d+)")


def as_v4(data: Any, fields: Mapping[str, Field]) -> Any:
    """Rewrite a record, or a list of records, for a v4 read."""
    if isinstance(data, list):
        return [as_v4(one, fields) for one in data]
    if not isinstance(data, Mapping):
        return data
    return {name: _value(value, fields.get(name)) for name, value in data.items()}


def _value(value: Any, field: Field | None) -> Any:
    if isinstance(value, Mapping) and set(value) == {"currencyCode", "units", "nanos"}:
        return value["units"]
    if field is not None and field.type == "time" and isinstance(value, str) and value:
        return f"{datetime.fromisoformat(value).astimezone(KST):%Y-%m-%dT%H:%M:%S}"
    if field is not None and field.personal == "phone" and isinstance(value, str):
        return _PHONE.sub(r"\1-\2", value)
    if isinstance(value, list | Mapping) and field is not None and field.fields:
        return as_v4(value, field.fields)
    return value
