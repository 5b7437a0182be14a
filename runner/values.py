"""Small things about JSON values that several stages need."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any


def dig(data: Any, path: str) -> Any:
    """Return the value at a dotted path; None where it leads nowhere. "" is the whole."""
    for step in path.split(".") if path else ():
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def fill(template: Any, scope: Mapping[str, Any]) -> Any:
    """Replace every `{from: path}` in a template by the value at that path."""
    if isinstance(template, Mapping):
        if set(template) == {"from"}:
            return dig(scope, str(template["from"]))
        return {name: fill(value, scope) for name, value in template.items()}
    if isinstance(template, list):
        return [fill(one, scope) for one in template]
    return template


def references(template: Any) -> Iterator[str]:
    """Yield the path of every `{from: path}` in a template."""
    if isinstance(template, Mapping):
        if set(template) == {"from"}:
            yield str(template["from"])
            return
        template = list(template.values())
    if isinstance(template, list):
        for one in template:
            yield from references(one)


def naming(template: Any, path: str) -> Iterator[str]:
    """Yield the names under which `{from: path}` stands in a template, however deep."""
    pairs = template.items() if isinstance(template, Mapping) else ()
    for name, value in pairs:
        if value == {"from": path}:
            yield str(name)
        else:
            yield from naming(value, path)
    for one in template if isinstance(template, list) else ():
        yield from naming(one, path)


def canonical(value: Any) -> str:
    """Write JSON in one way only, so that equal values have equal hashes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def digest(text: str) -> str:
    """Hash a text to 24 hex digits: short enough to show, long enough never to meet twice in one ledger."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]
