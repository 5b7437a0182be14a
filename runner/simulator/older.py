"""The same data as older API versions show it: plain won, naive Korean times, local phone numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runner.catalogue import Field

_PHONE = re.compile(r"\+82\((\d+)\)(\d+-\d+)")


def as_v4(data: Any, fields: Mapping[str, Field]) -> Any:
    """Rewrite a record, or a list of records, for a v4 read."""
    if isinstance(data, list):
        return [as_v4(one, fields) for one in data]
    if not isinstance(data, dict):
        return data
    return {name: _value(value, fields.get(name)) for name, value in data.items()}


def _value(value: Any, field: Field | None) -> Any:
    if isinstance(value, dict) and value.keys() == {"currencyCode", "units", "nanos"}:
        return value["units"]
    if field is not None and field.type == "time" and isinstance(value, str) and value:
        # times of records are Korean ones already; without fraction and offset they are v4's
        return value[: len("2026-03-03T09:30:00")]
    if field is not None and field.personal == "phone" and isinstance(value, str):
        return _PHONE.sub(r"\1-\2", value)
    if isinstance(value, list | dict) and field is not None and field.fields:
        return as_v4(value, field.fields)
    return value
