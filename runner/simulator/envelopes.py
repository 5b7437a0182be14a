"""Success in the shape of each gateway family, spelled as the catalogue says."""

from __future__ import annotations

from typing import Any

from runner.catalogue import Operation
from runner.simulator.wire import Response, compact
from runner.simulator.world import Row


def succeeded(op: Operation, data: Any, beside: Row) -> Response:
    """Wrap the data of an answer."""
    return Response(body=compact(_body(op, data, beside)))


def _body(op: Operation, data: Any, beside: Row) -> Any:
    said = op.response
    if said.envelope == "marketplace":
        return data if not said.records else {said.records: data}
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
    body: Row = {"code": said.code, "message": said.message}
    if data is not None:
        body["data"] = data
    return body | beside
