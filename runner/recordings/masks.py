"""What may be recorded of a row: ids, states, amounts and times as they are, nothing that points to a person.

A masked value becomes an object that no condition can read: a rule that needs it cannot tell, instead of comparing
asterisks. Null and empty values stay, so that `present` and `missing` hold as before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runner.catalogue import Field, Operation
from runner.masking import mask_phones
from runner.model import Data
from runner.rules.shapes import FileSource

MASKED = "masked"
#: texts of a seller's file that are codes: no spaces, no Hangul, nothing like an address or a name
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/#+-]{0,63}", re.ASCII)


def masked_row(row: Data, operation: Operation) -> Data:
    """Return a row of the marketplace as it may be kept; fields that the catalogue does not know are left out."""
    known = operation.fields
    made = {name: row[name] for name in (*operation.derived, operation.key) if name in row and name not in known}
    return made | _masked_object(row, known)


def masked_cells(row: Data, file: FileSource) -> Data:
    """Return a row of a seller's file as it may be kept: of texts only what looks like a code."""
    return {name: _cell(value) if file.fields[name].type == "text" else value for name, value in row.items()}


def _masked_object(row: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    return {name: _masked(value, fields[name]) for name, value in row.items() if name in fields}


def _masked(value: Any, field: Field) -> Any:
    if field.personal:
        return _hidden(value, field.personal)
    if isinstance(value, list):
        return [_masked(one, field) for one in value]
    if isinstance(value, Mapping):
        return _masked_object(value, field.fields) if field.fields else {}
    return value


def _hidden(value: Any, kind: str) -> Any:
    """Hide every value below a personal field; what is empty stays so."""
    if value is None or value in ("", [], {}):
        return value
    if isinstance(value, list):
        return [_hidden(one, kind) for one in value]
    if isinstance(value, Mapping):
        return {name: _hidden(one, kind) for name, one in value.items()}
    return {MASKED: kind}


def _cell(value: Any) -> Any:
    if not isinstance(value, str) or not value:
        return value
    return value if _CODE.fullmatch(value) and mask_phones(value) == value else {MASKED: "text"}
