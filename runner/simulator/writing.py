"""How answers are written: charset, order of keys, blanks; and refusals that come as HTTP 200."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from runner.simulator.gateway import Rules
from runner.simulator.wire import JSON, Response, compact

_KINDS = {"UTF-8": JSON, "none": "application/json", "EUC-KR": "application/json;charset=EUC-KR"}
_ORDERS: Mapping[str, Callable[[list[str]], list[str]]] = {
    "documented": list,
    "sorted": sorted,
    "reversed": lambda names: names[::-1],
}


def written(answer: Response, rules: Rules) -> Response:
    """Write an answer as a gateway with these rules does; what is no JSON stays as it is."""
    usual = (rules.charset, rules.compact, rules.keys, rules.errors_in_200) == ("UTF-8", True, "documented", False)
    if usual or answer.content_type != JSON:
        return answer
    try:
        body = json.loads(answer.body)
    except ValueError:
        return answer
    status = answer.status
    if rules.errors_in_200 and status >= HTTPStatus.BAD_REQUEST and isinstance(body, dict):
        body, status = {**body, "code": "ERROR"}, HTTPStatus.OK
    body = _ordered(body, _ORDERS[rules.keys])
    text = compact(body).decode() if rules.compact else json.dumps(body, ensure_ascii=False, indent=2)
    encoded = text.encode("utf-8" if rules.charset == "none" else rules.charset, "replace")
    return replace(answer, status=int(status), body=encoded, content_type=_KINDS[rules.charset])


def _ordered(value: Any, order: Callable[[list[str]], list[str]]) -> Any:
    if isinstance(value, list):
        return [_ordered(one, order) for one in value]
    if isinstance(value, dict):
        return {name: _ordered(value[name], order) for name in order([*value])}
    return value
