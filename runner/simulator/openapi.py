"""The marketplace as an OpenAPI 3.1 document, made from the catalogue: what is served, on new and on older paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from runner.catalogue import Catalogue, Operation
from runner.simulator.openapi_shapes import ERRORS, Schema, answer_of, body_of, of_parameter, record_of
from runner.simulator.reads import source_of

_JSON = "application/json"
_SIGNING = """\
`CEA algorithm=HmacSHA256, access-key=KEY, signed-date=yyMMddTHHmmssZ, signature=HEX`

HEX is the HMAC-SHA256, under the secret key, of signed-date + METHOD + path + query, all as they are sent: the path and
the query percent-encoded, the query without its question mark. signed-date is UTC and may be five minutes off."""
_NO_PATH = "there is no such path, or no such record"
_ABOUT = """\
A simulated marketplace for trying things out; it is not Coupang and nothing here reaches it. Made from the catalogue of
`runner`, which was written from the public documentation. 500 stands only where it is documented, as the answer to a
wrong number, for example. What the simulator assumes is told in docs/simulator.md."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Served:
    """One path of one operation; `shape` tells an older version."""

    op: Operation
    path: str
    shape: str = ""

    @property
    def name(self) -> str:
        """Return an id: the operation's name, with its version where that is an older one."""
        # two older paths of one operation may have the same version
        others = [one.path for one in self.op.older]
        version = re.search(r"/(v\d+)/", self.path)
        if version is None or self.path not in others:
            return self.op.name
        same = [one for one in others[: others.index(self.path)] if version[0] in one]
        return f"{self.op.name}_{version[1]}" + (f"_{len(same) + 1}" if same else "")


def document(catalogue: Catalogue, vendors: Sequence[str]) -> dict[str, Any]:
    """Return the whole document; `vendors` are the sellers whose shops are open."""
    paths: dict[str, dict[str, Any]] = {}
    for (path, method), twins in _by_address(catalogue).items():
        paths.setdefault(path, {})[method.lower()] = _operation(catalogue, twins, vendors)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Simulated Coupang marketplace", "version": "1", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"signature": []}],
        "tags": [{"name": one.name, "description": one.title.en} for one in catalogue.workflows.values()],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "signature": {"type": "apiKey", "in": "header", "name": "Authorization", "description": _SIGNING}
            },
            "schemas": {
                **{f"{family}_error": schema for family, schema in ERRORS.items()},
                **{op.name: record_of(catalogue, op, op.fields) for op in catalogue.operations.values() if op.fields},
            },
            "responses": _gateway_answers(),
        },
    }


def _by_address(catalogue: Catalogue) -> Mapping[tuple[str, str], list[_Served]]:
    """Return what is served by path and method: several operations may share an address."""
    found: dict[tuple[str, str], list[_Served]] = {}
    spelled: dict[str, str] = {}
    for one in _all_served(catalogue):
        # two templates that differ by the names in them only are one path
        path = spelled.setdefault(re.sub(r"\{\w+\}", "{}", one.path), one.path)
        found.setdefault((path, one.op.method), []).append(one)
    return found


def _all_served(catalogue: Catalogue) -> Iterator[_Served]:
    for op in catalogue.operations.values():
        yield _Served(op=op, path=op.path)
        yield from (_Served(op=op, path=older.path, shape=older.shape) for older in op.older)


def _operation(catalogue: Catalogue, twins: Sequence[_Served], vendors: Sequence[str]) -> Schema:
    """Describe what is at one address; what tells twins apart is told in words, because OpenAPI has none for it."""
    first = twins[0].op
    bodies = [body for one in twins if (body := body_of(catalogue, one.op, vendors)) is not None]
    needed = len(bodies) == len(twins) and all("required" in one or one["type"] == "array" for one in bodies)
    made: Schema = {
        "operationId": twins[0].name,
        "summary": " / ".join(one.op.title.en for one in twins),
        "description": "\n\n".join(one.op.about for one in twins if one.op.about),
        "tags": [first.workflow],
        "parameters": _parameters(catalogue, twins, vendors),
        "responses": _responses(twins),
        "x-operations": [one.op.name for one in twins],
    }
    if first.doc:
        made["externalDocs"] = {"url": first.doc}
    if bodies:
        made["requestBody"] = {"required": needed, "content": {_JSON: {"schema": _any(bodies)}}}
    return made


def _any(schemas: Iterable[Schema]) -> Schema:
    """Return a schema for what fits one of several."""
    different: list[Schema] = []
    for one in schemas:
        if one not in different:
            different.append(one)
    return different[0] if len(different) == 1 else {"anyOf": different}


# --- parameters -------------------------------------------------------------------------------------------------------


def _parameters(catalogue: Catalogue, twins: Sequence[_Served], vendors: Sequence[str]) -> list[Schema]:
    """Return the parameters of path and query; required is what every operation of the address requires."""
    schemas: dict[tuple[str, str], list[Schema]] = {}
    needed: dict[tuple[str, str], int] = {}
    names = re.findall(r"\{(\w+)\}", twins[0].path)
    for served in twins:
        own = dict(zip(re.findall(r"\{(\w+)\}", served.path), names, strict=True))
        for name, one in served.op.parameters.items():
            if one.place not in ("path", "query"):
                continue
            schema = of_parameter(catalogue, served.op, one, served.shape)
            if one.owner == "vendor":
                schema |= {"enum": [*vendors]}
            key = (own.get(name, name), one.place)
            schemas.setdefault(key, []).append(schema)
            needed[key] = needed.get(key, 0) + one.required
    # an older path may name the seller where the newest one does not
    for name in names:
        schemas.setdefault((name, "path"), [{"type": "string", "enum": [*vendors]}])
    return [
        {
            "name": name, "in": place, "required": place == "path" or needed[name, place] == len(twins),
            "schema": _any(found),
        }
        for (name, place), found in schemas.items()
    ]  # fmt: skip


# --- answers ----------------------------------------------------------------------------------------------------------


def _responses(twins: Sequence[_Served]) -> Schema:
    """Return the answers by status: success, what is documented, what the checks refuse, and what the gateway says."""
    found: Schema = {"200": _success(twins)}
    told: dict[int, list[str]] = {HTTPStatus.BAD_REQUEST: ["a parameter is wrong"], HTTPStatus.NOT_FOUND: [_NO_PATH]}
    for served in twins:
        for status, message in _said(served.op):
            told.setdefault(status, []).append(message)
    for status, messages in sorted(told.items()):
        if status != HTTPStatus.OK:
            found[f"{status}"] = _refusal(twins, "\n".join(dict.fromkeys(messages)))
    gateway = {name: {"$ref": f"#/components/responses/{name}"} for name in _gateway_answers()}
    return {**{status[-3:]: answer for status, answer in gateway.items()}, **found}


def _said(op: Operation) -> Iterator[tuple[int, str]]:
    """Yield what an operation refuses with, as documented."""
    for one in op.errors:
        yield one.http, one.message + (f" ({one.about})" if one.about else "")
    if op.effect == "read" and (gone := source_of(op).gone) is not None:
        yield gone


def _success(twins: Sequence[_Served]) -> Schema:
    papers = [one for one in twins if one.op.response.document and not one.op.response.bare]
    if papers:
        return {"description": "the document", "content": {"application/pdf": {}}}
    records = [{"$ref": f"#/components/schemas/{one.op.name}"} if one.op.fields else {} for one in twins]
    # what older paths wrap in another envelope is not described further
    answers = [
        {} if one.shape == "wrapped" else answer_of(one.op, record) for one, record in zip(twins, records, strict=True)
    ]
    # refusals inside HTTP 200 are documented, too
    inside = [ERRORS["openapi"]] if any(one.http == HTTPStatus.OK for twin in twins for one in twin.op.errors) else []
    return {"description": "done", "content": {_JSON: {"schema": _any([*answers, *inside])}}}


def _refusal(twins: Sequence[_Served], about: str) -> Schema:
    families = [*dict.fromkeys(one.op.response.envelope for one in twins), "gateway"]
    schemas = [{"$ref": f"#/components/schemas/{family}_error"} for family in families]
    return {"description": about, "content": {_JSON: {"schema": _any(schemas)}}}


def _gateway_answers() -> Schema:
    """Return what the gateway says before an operation is reached."""
    json: Schema = {_JSON: {"schema": {"$ref": "#/components/schemas/gateway_error"}}}
    page: Schema = {"text/html": {"schema": {"type": "string"}}}
    told: Mapping[str, tuple[str, Schema]] = {
        "gateway_401": ("the signature, the key or its date is wrong", json),
        "gateway_403": ("the address may not call, or the edge blocks the seller", {**json, **page}),
        "gateway_404": (_NO_PATH, json),
        "gateway_412": ("the operation is not activated", json),
        "gateway_415": ("the gateway wants another content type", json),
        "gateway_429": ("too many calls; the seller is locked out", json),
    }
    return {name: {"description": about, "content": content} for name, (about, content) in told.items()}
