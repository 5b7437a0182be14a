"""Values of arguments: constants, fields, texts with `{{ }}`, and times relative to now."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Template

from runner.catalogue.shapes import Field, Parameter
from runner.errors import Unreadable
from runner.expressions.constants import BAD, Constants, hint
from runner.expressions.durations import parse_duration
from runner.expressions.scope import Access, Names, Path, Report, Scope
from runner.expressions.templates import compile_template, is_template, render
from runner.expressions.trace import Tracer, read
from runner.expressions.tree import KINDS
from runner.model import Data, Joins, Lookup, Mark, Message, message

_DAY = re.compile(r"(today|tomorrow) ([01]\d|2[0-3]):([0-5]\d)")
Get = Callable[[Data, Joins, datetime, "datetime | None"], Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One value of an action."""

    joins: frozenset[str]
    #: dotted fields of the record it reads
    fields: frozenset[str]
    #: the same whatever the record
    constant: bool
    _get: Get

    def get(self, data: Data, joins: Joins, now: datetime, start: datetime | None = None) -> Any:
        """Return the value; a relative time counts from `start`, else from `now`. Raises Unreadable: cannot tell."""
        return self._get(data, joins, now, start)


def compile_value(
    raw: Any, wanted: Field | Parameter, scope: Scope, report: Report, path: Path = (),
    marks: Callable[[Path], Mark] | None = None,
) -> Value | None:  # fmt: skip
    """Compile the value of an argument for the type it must have; None when it was reported."""
    del marks
    maker = _Maker(wanted=wanted, scope=scope, report=report, path=path)
    if isinstance(raw, Mapping) and set(raw) == {"from"}:
        return maker.reference(str(raw["from"]))
    if is_template(raw):
        return maker.template(raw)
    if wanted.type in ("time", "date") and (relative := _relative(raw, scope.timezone)) is not None:
        return Value(joins=frozenset(), fields=frozenset(), constant=True, _get=relative)
    return maker.constant(raw)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Maker:
    wanted: Field | Parameter
    scope: Scope
    report: Report
    path: Path

    @property
    def name(self) -> str:
        return str(self.path[-1]) if self.path else ""

    def _say(self, path: Path, code: str, **facts: Any) -> None:
        if facts.get("hint") is None:
            facts["hint"] = Message(code=f"{code}.hint", facts=facts)
        self.report(path, code, facts)

    def constant(self, raw: Any) -> Value | None:
        made = self._plain(raw, self.wanted, self.path)
        return None if made is BAD else _constant(made)

    def _plain(self, raw: Any, wanted: Field | Parameter, path: Path) -> Any:
        """Check a constant, and what is inside of it."""
        if wanted.type == "list":
            return self._list(raw, wanted, path)
        if wanted.type == "object":
            return self._object(raw, wanted.fields, path)
        allowed = self.scope.record.enums.get(wanted.enum) if wanted.enum else None
        constants = Constants(self.report, self.scope.timezone)
        return constants.value(raw, wanted, allowed, path, str(path[-1]) if path else "")

    def _list(self, raw: Any, wanted: Field | Parameter, path: Path) -> Any:
        if not isinstance(raw, list):
            self._say(
                path,
                "E302",
                name=self.name,
                value=str(raw)[:60],
                type=message("type_list"),
                hint=message("hint.form_list"),
            )
            return BAD
        entry = replace(wanted, type="object" if wanted.fields else wanted.of or "text", of=None)
        made = [self._plain(one, entry, (*path, n)) for n, one in enumerate(raw)]
        return BAD if any(one is BAD for one in made) else made

    def _object(self, raw: Any, fields: Mapping[str, Any], path: Path) -> Any:
        if not isinstance(raw, Mapping):
            self._say(
                path,
                "E302",
                name=self.name,
                value=str(raw)[:60],
                type=message("type_object"),
                hint=message("hint.form_object"),
            )
            return BAD
        if not fields:
            return dict(raw)
        made: dict[str, Any] = {}
        for key, one in raw.items():
            if key not in fields:
                self._say((*path, key), "E307", key_mark=True, name=key, hint=hint(key, list(fields)))
                return BAD
            made[key] = self._plain(one, fields[key], (*path, key))
        return BAD if any(one is BAD for one in made.values()) else made

    def reference(self, name: str) -> Value | None:
        """Take a field of the record, or of a join; one of a list must be the same for every entry."""
        names = Names(scope=self.scope)
        access = names.resolve(name)
        every = self.scope.joins.get(name.split(".", maxsplit=1)[0])
        if access is None and every is not None and every.every:
            below = Names(
                scope=Scope(
                    record=self.scope.record,
                    joins={name.split(".", maxsplit=1)[0]: _plain_join(every)},
                    timezone=self.scope.timezone,
                )
            )
            access = below.resolve(name)
        if access is None:
            self._say((*self.path, "from"), "E307", name=name, hint=hint(name, names.known()))
            return None
        if not _fits(access.type, self.wanted.type):
            facts = {"name": self.name, "type": message(f"type_{self.wanted.type}"), "other": name}
            self._say((*self.path, "from"), "E313", **facts, other_type=message(f"type_{access.type}"))
            return None
        return _of_field(access, self.scope.timezone, every=bool(every and every.every))

    def template(self, raw: str) -> Value | None:
        if self.wanted.type != "text":
            self._say(self.path, "E340", name=self.name, type=message(f"type_{self.wanted.type}"))
            return None
        made, used, wrong = compile_template(raw)
        if made is None:
            self._say(self.path, "E341", said=wrong)
            return None
        names = Names(scope=self.scope)
        found: dict[str, Access] = {}
        for name in sorted(used):
            access = names.resolve(name)
            if access is None:
                self._say(self.path, "E307", name=name, hint=hint(name, names.known()))
                return None
            found[name] = access
        return _of_template(made, found, self.scope.timezone)


def _plain_join(every: Any) -> Any:
    return type(every)(shape=every.shape)


def _fits(given: str, wanted: str) -> bool:
    same = {"money": "integer", "date": "time"}
    return same.get(given, given) == same.get(wanted, wanted) or (given == "integer" and wanted in ("number", "text"))


def _constant(made: Any) -> Value:
    return Value(joins=frozenset(), fields=frozenset(), constant=True, _get=lambda _data, _joins, _now, _start: made)


def _of_field(access: Access, zone: ZoneInfo, *, every: bool) -> Value:
    def get(data: Data, joins: Joins, now: datetime, _start: datetime | None) -> Any:
        if every and access.join:
            return _same_for_all(access, joins, now, zone)
        return _told(access, Tracer(data=data, joins=joins, now=now, zone=zone), zone)

    fields = frozenset() if access.join else frozenset({access.dotted})
    return Value(joins=frozenset({access.join} - {""}), fields=fields, constant=False, _get=get)


def _told(access: Access, tracer: Tracer, zone: ZoneInfo) -> Any:
    raw = tracer.fetch(access)
    made = raw if KINDS[access.type] in ("list", "row") else read(access, raw, zone)
    if made is None or made is tracer or raw is None:
        raise Unreadable("value_unknown_for_action", field=access.text)
    return made


def _same_for_all(access: Access, joins: Joins, now: datetime, zone: ZoneInfo) -> Any:
    """Read a field of the rows found for a list's entries: they must all say the same, or it cannot be told."""
    rows = joins.get(access.join, ())
    values = []
    for row in rows if isinstance(rows, tuple) else ():
        if isinstance(row, Lookup):
            raise Unreadable("value_unknown_for_action", field=access.text)
        values.append(_told(access, Tracer(data={}, joins={access.join: row}, now=now, zone=zone), zone))
    if not values or any(one != values[0] for one in values):
        raise Unreadable("values_differ", field=access.text)
    return values[0]


def _of_template(template: Template, found: Mapping[str, Access], zone: ZoneInfo) -> Value:
    def get(data: Data, joins: Joins, now: datetime, _start: datetime | None) -> Any:
        tracer = Tracer(data=data, joins=joins, now=now, zone=zone)
        values: dict[str, Any] = {}
        for name, access in found.items():
            _put(values, name.split("."), _told(access, tracer, zone))
        return render(template, values)

    accesses = list(found.values())
    return Value(
        joins=frozenset(one.join for one in accesses if one.join),
        fields=frozenset(one.dotted for one in accesses if not one.join),
        constant=not accesses,
        _get=get,
    )


def _put(values: dict[str, Any], steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        values = values.setdefault(step, {})
    values[steps[-1]] = value


def _relative(raw: Any, zone: ZoneInfo) -> Get | None:
    """Read `tomorrow 00:00`, `today 09:00` or `+7d`."""
    if not isinstance(raw, str):
        return None
    if found := _DAY.fullmatch(raw):
        ahead = timedelta(days=found[1] == "tomorrow")
        wall = time(int(found[2]), int(found[3]))

        def on_day(_data: Data, _joins: Joins, now: datetime, _start: datetime | None) -> Any:
            return datetime.combine(now.astimezone(zone).date() + ahead, wall, zone)

        return on_day
    span = parse_duration(raw[1:]) if raw.startswith("+") else None
    if span is None:
        return None

    def later(_data: Data, _joins: Joins, now: datetime, start: datetime | None) -> Any:
        return (start or now) + span

    return later
