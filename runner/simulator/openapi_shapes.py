"""Schemas of what the catalogue describes: parameters, bodies, records, and the answers around them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from runner.catalogue import Catalogue, Field, Operation, Parameter
from runner.simulator.parameters import form_of
from runner.simulator.reads import source_of

Schema = dict[str, Any]

_TYPES: Mapping[str, Schema] = {
    "integer": {"type": "integer", "format": "int64"},
    "number": {"type": "number"},
    "text": {"type": "string"},
    "boolean": {"type": "boolean"},
    "time": {"type": "string"},
    "date": {"type": "string"},
    "money": {"type": "integer", "format": "int64"},
    "object": {"type": "object"},
    "list": {"type": "array"},
}
#: money of records: won, or as the newest versions write it
_MONEY: Schema = {
    "type": "object",
    "properties": {
        "currencyCode": {"type": "string"}, "units": {"type": "integer"}, "nanos": {"type": "integer"},
    },
    "required": ["currencyCode", "units", "nanos"],
}  # fmt: skip
#: types that records write in more ways than one: times of return centres are numbers
_WRITTEN: Mapping[str, Schema] = {
    "money": {"anyOf": [_TYPES["money"], _MONEY]},
    "time": {"type": ["string", "integer"]},
}
_TEXT: Schema = {"type": "string"}
_CODE: Schema = {"type": ["string", "integer"]}
#: what says no, by gateway family; the gateway itself answers as `gateway`
ERRORS: Mapping[str, Schema] = {
    "gateway": {
        "type": "object", "properties": {"code": {"const": "ERROR"}, "message": _TEXT, "transactionId": _TEXT},
        "required": ["code", "message", "transactionId"],
    },
    "openapi": {
        "type": "object", "properties": {"code": _CODE, "message": _TEXT, "data": {}},
        "required": ["code", "message"],
    },
    "fms": {
        "type": "object",
        "properties": {
            "code": _CODE, "message": _TEXT, "httpStatus": {"type": "integer"}, "httpStatusMessage": _TEXT,
            "errorMessage": _TEXT, "data": {"type": "null"},
        },
        "required": ["code", "message", "httpStatus", "errorMessage"],
    },
    "seller_api": {
        "type": "object", "properties": {"code": _CODE, "message": _TEXT}, "required": ["code", "message"],
    },
    "marketplace": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "requestResultStatus": {"const": "FAIL"}, "body": {"type": "null"}, "errorCode": _TEXT,
                "errorMessage": _TEXT,
            },
            "required": ["requestResultStatus", "errorCode", "errorMessage"],
        },
    },
}  # fmt: skip


# --- what is sent -----------------------------------------------------------------------------------------------------


def of_parameter(catalogue: Catalogue, op: Operation, one: Parameter, shape: str) -> Schema:
    """Return the schema of a parameter; `shape` is that of an older version of a read, "" of the newest."""
    made = {**_TYPES[one.type], **_limits(one)}
    if one.format:
        made["pattern"] = f"^(?:{form_of(one, shape)})$"
    if one.enum is not None:
        made["enum"] = sorted(catalogue.enum(op.workflow, one.enum))
    if one.owner == "fixed" and one.value is not None:
        made["enum"] = [one.value]
    if one.about:
        made["description"] = one.about
    fields = {inner: of_parameter(catalogue, op, of, shape) for inner, of in one.fields.items()}
    required = [inner for inner, of in one.fields.items() if of.required]
    entry = _object(fields, required) if fields else _TYPES[one.of] if one.of else {}
    if one.type == "list":
        return made | ({"items": entry} if entry else {})
    return made | (entry if one.type == "object" else {})


def _limits(one: Parameter) -> Schema:
    """Return the documented limits, by the names JSON Schema has for them."""
    found = {
        "minimum": one.minimum, "maximum": one.maximum, "multipleOf": one.multiple_of, "maxLength": one.max_length,
        "minItems": one.min_items, "maxItems": one.max_items,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def body_of(catalogue: Catalogue, op: Operation, vendors: Iterable[str]) -> Schema | None:
    """Return the schema of a request's body; None where it has none."""
    sent = {name: one for name, one in op.parameters.items() if one.place == "body" or one.twice}
    if not sent:
        return None
    fields = {name: of_parameter(catalogue, op, one, "") for name, one in sent.items()}
    for name, one in sent.items():
        if one.owner == "vendor":
            fields[name] |= {"enum": [*vendors]}
    if op.bare_body:
        return fields[op.bare_body]
    return _object(fields, [name for name, one in sent.items() if one.required])


def _object(fields: Mapping[str, Schema], required: list[str]) -> Schema:
    return {"type": "object", "properties": {**fields}, **({"required": required} if required else {})}


# --- what is answered -------------------------------------------------------------------------------------------------


def record_of(catalogue: Catalogue, op: Operation, fields: Mapping[str, Field]) -> Schema:
    """Return the schema of a record. Older versions lack some fields, so that only the newest ones are required."""
    return {"type": "object", "properties": {name: _of_field(catalogue, op, one) for name, one in fields.items()}}


def _of_field(catalogue: Catalogue, op: Operation, one: Field) -> Schema:
    made: Schema = {**_WRITTEN.get(one.type, _TYPES[one.type])}
    if one.fields:
        inner = record_of(catalogue, op, one.fields)
        made = {"type": "array", "items": inner} if one.type == "list" else inner
    elif one.type == "list" and one.of:
        made["items"] = {**_TYPES[one.of]}
    if one.enum is not None and one.type != "list":
        made["enum"] = sorted(catalogue.enum(op.workflow, one.enum))
    about = {"description": one.about} if one.about else {}
    return {"anyOf": [made, {"enum": [None, ""]}], **about} if one.optional else made | about


def answer_of(op: Operation, record: Schema) -> Schema:
    """Return the schema of success: the envelope, and in it the records where the catalogue says they lie."""
    said = op.response
    if op.effect == "write":
        return _wrapped(op, _results_of(op))
    if said.bare:
        return _wrapped(op, {})
    many: Schema = {"type": "array", "items": record}
    return _wrapped(op, (many if source_of(op).in_array else record) if said.one else many)


def _results_of(op: Operation) -> Schema:
    """Return the schema of a write's data: for each record of a batch what became of it, else anything."""
    batch = op.batch
    if batch is None or not batch.results.startswith("data."):
        return {}
    fields: dict[str, Schema] = {name: {} for name in (batch.key, batch.ok, batch.code, batch.message) if name}
    many: Schema = {"type": "array", "items": _object(fields, [batch.key] if batch.key else [])}
    for name in reversed(batch.results.split(".")[1:]):
        many = _object({name: many}, [name])
    return many


def _wrapped(op: Operation, data: Schema) -> Schema:
    """Put data where an answer has them; what stands beside is told by the envelope."""
    said = op.response
    if not said.records and said.code is None:
        return data
    path = said.records.split(".") if said.records and op.effect == "read" else ["data"] * bool(data)
    for name in reversed(path):
        data = _object({name: data}, [name])
    if said.code is None or said.envelope == "marketplace" or not path:
        return data
    return data | {"properties": {"code": _CODE, "message": {"type": ["string", "null"]}, **data["properties"]}}


__all__ = ["ERRORS", "Schema", "answer_of", "body_of", "of_parameter", "record_of"]
