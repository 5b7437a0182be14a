"""Build frozen values from plain data: every key must be a field, every value must have its type.

The rules "a key the loader does not know is refused" and "what is told is told in both languages" live here and
nowhere else.
"""

from __future__ import annotations

import types
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from runner.errors import Defect
from runner.model import Risk

T = TypeVar("T")


def build(cls: type[T], data: Mapping[str, Any], where: str) -> T:
    """Make a `cls` from `data`; raise Defect naming `where`, the key and what is known."""
    hints, required = _shape(cast("Hashable", cls))
    for key in data:
        if key not in hints:
            raise Defect("catalogue_unknown_key", where=where, key=key, known=sorted(hints))
    told = {"about", "about_ko"}
    twins = told if told <= hints.keys() and told & data.keys() else set()
    for key in (required | twins) - data.keys():
        raise Defect("catalogue_missing_key", where=where, key=key)
    return cls(**{key: _value(hints[key], value, f"{where}.{key}") for key, value in data.items()})


@cache
def _shape(cls: Any) -> tuple[dict[str, Any], frozenset[str]]:
    required = frozenset(f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING)
    return get_type_hints(cls), required


def _value(hint: Any, value: Any, where: str) -> Any:
    origin = get_origin(hint)
    if hint is Any:
        return value
    if origin in (Union, types.UnionType):
        return _optional(hint, value, where)
    if origin is Literal:
        return _member(get_args(hint), value, where)
    if origin is tuple:
        inner = get_args(hint)[0]
        return tuple(_value(inner, entry, f"{where}[{i}]") for i, entry in enumerate(_typed(list, value, where)))
    if origin is not None and issubclass(origin, Mapping):
        inner = get_args(hint)[1]
        return {k: _value(inner, v, f"{where}.{k}") for k, v in _typed(dict, value, where).items()}
    if is_dataclass(hint):
        return build(cast(type, hint), _typed(dict, value, where), where)
    if hint is Risk:
        return Risk(_member(tuple(Risk), value, where))
    return _typed(hint, value, where)


def _optional(hint: Any, value: Any, where: str) -> Any:
    inner = [arm for arm in get_args(hint) if arm is not type(None)]
    if value is None:
        return None
    if len(inner) == 1:
        return _value(inner[0], value, where)
    return _typed(tuple(inner), value, where)


def _member(allowed: tuple[Any, ...], value: Any, where: str) -> Any:
    if value not in allowed:
        raise Defect("catalogue_bad_value", where=where, value=value, known=[str(one) for one in allowed])
    return value


def _typed(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Defect("catalogue_bad_value", where=where, value=value, known=[getattr(kind, "__name__", str(kind))])
    return value
