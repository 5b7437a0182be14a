"""Success in the shape of each gateway family, spelled as the catalogue says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from runner.catalogue import Operation
from runner.simulator.wire import Response, compact
from runner.simulator.world import Row


@dataclass(frozen=True, slots=True)
class Told:
    """What a write answers when it says more than its data: another code, a message."""

    data: Any
    beside: Row


def succeeded(op: Operation, data: Any, beside: Row) -> Response:
    """Wrap the data of an answer."""
    if isinstance(data, Told):
        return Response(body=compact(_body(op, data.data, data.beside)))
    return Response(body=compact(_body(op, _said(op, data), beside)))


def _said(op: Operation, data: Any) -> Any:
    """Return a single record as the answer has it: a bare value where it is one, and nothing of what was asked."""
    if not isinstance(data, dict):
        return data
    if op.response.bare:
        return data[op.response.bare]
    return {name: value for name, value in data.items() if name not in op.response.asked}


def _body(op: Operation, data: Any, beside: Row) -> Any:
    said = op.response
    if not said.records and said.code is None:
        return data
    if said.envelope == "marketplace":
        named = {said.records: data} if said.records else data
        if said.records == "content":
            named["pagination"] = beside.get("pagination") or _only_page(data)
        return named
    if said.envelope == "fms":
        content = {"success": True, "content": data, "pagination": beside.get("pagination")}
        return {
            "code": 200, "message": "OK", "httpStatus": 200, "httpStatusMessage": "OK", "errorMessage": "",
            "data": content,
        }  # fmt: skip
    if said.records == "data.content":
        return {
            "code": said.code,
            "message": said.message,
            "data": {"content": data, "pagination": beside["pagination"]},
        }
    if said.records in _AROUND:
        data = {**_AROUND[said.records](beside), said.records.rpartition(".")[2]: data}
    body: Row = {"code": said.code, "message": said.message}
    if op.name == "rocket_growth_inventory":
        # in the order that was recorded
        return {"message": said.message, "data": data, "code": said.code, **beside}
    if data is not None:
        body["data"] = data
    return body if said.records in _AROUND else body | beside


def _only_page(rows: list[Row]) -> Row:
    return {"currentPage": 1, "countPerPage": 10, "totalPages": 1, "totalElements": len(rows)}


def _counted(beside: Row) -> Row:
    """Return what brands say of a page."""
    pages = beside["pagination"]
    return {
        "page": pages["currentPage"], "countPerPage": pages["countPerPage"], "totalCount": pages["totalElements"],
    }  # fmt: skip


#: where the records lie -> what stands around them: the root of the categories, the count of brands
_AROUND: Mapping[str, Callable[[Row], Row]] = {
    "data.child": lambda _beside: {"displayItemCategoryCode": 0, "name": "ROOT", "status": "READY"},
    "data.items": _counted,
}
