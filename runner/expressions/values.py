"""Values of arguments: constants, fields, calculations, texts with `{{ }}`, and times relative to now."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from runner.catalogue.bounds import Bound, broken_bound
from runner.catalogue.shapes import Field, Parameter
from runner.errors import Unreadable
from runner.expressions.arithmetic import Arithmetic, NotMeant
from runner.expressions.constants import BAD, Constants, hint
from runner.expressions.durations import parse_duration
from runner.expressions.scope import Access, Names, Path, Report, Scope
from runner.expressions.templates import is_template, parse_template, render, wrongs
from runner.expressions.trace import Tracer, read
from runner.expressions.tree import KINDS, fields_in, joins_in
from runner.model import Data, Joins, Mark, Message, message

#: bound of the catalogue -> what is said
_BOUNDS: Mapping[Bound, str] = {
    "minimum": "E350", "maximum": "E351", "multiple_of": "E352", "max_length": "E353", "min_items": "E354",
    "max_items": "E355",
}  # fmt: skip
_DAY = re.compile(r"(today|tomorrow)(?: ([01]\d|2[0-3]):([0-5]\d))?")
Get = Callable[[Data, Joins, datetime, "datetime | None"], Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One value of an action."""

    joins: frozenset[str] = frozenset()
    #: dotted fields of the record it reads
    fields: frozenset[str] = frozenset()
    #: the same whatever the record and the time
    constant: bool = False
    _get: Get

    @classmethod
    def of(cls, made: Any) -> Value:
        """Make the value that is the same whatever the record."""
        return cls(constant=True, _get=lambda _data, _joins, _now, _start: made)

    def alone(self) -> Value:
        """Return the list whose one entry is this value."""
        return replace(self, _get=lambda data, joins, now, start: [self.get(data, joins, now, start)])

    def get(self, data: Data, joins: Joins, now: datetime, start: datetime | None = None) -> Any:
        """Return the value; a relative time counts from `start`, else from `now`. Raises Unreadable: cannot tell."""
        return self._get(data, joins, now, start)


def compile_value(
    raw: Any, wanted: Field | Parameter, scope: Scope, report: Report, path: Path = (),
    marks: Callable[[Path], Mark] | None = None,
) -> Value | None:  # fmt: skip
    """Compile the value of an argument for the type it must have; None when it was reported."""
    del marks  # places are told by path; conditions keep marks for their traces
    return _Maker(wanted=wanted, scope=scope, report=report, path=path).make(raw)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Maker:
    wanted: Field | Parameter
    scope: Scope
    report: Report
    path: Path

    @property
    def name(self) -> str:
        return str(self.path[-1]) if self.path else ""

    @property
    def names(self) -> Names:
        return Names(scope=self.scope, agreed=True)

    @property
    def allowed(self) -> frozenset[str] | None:
        return self.scope.record.enums.get(self.wanted.enum) if self.wanted.enum else None

    def make(self, raw: Any) -> Value | None:
        if isinstance(raw, Mapping) and set(raw) == {"from"}:
            return self.reference(str(raw["from"]))
        if isinstance(raw, Mapping) and set(raw) == {"expr"} and KINDS[self.wanted.type] == "number":
            return self.calculation(raw["expr"])
        if is_template(raw):
            return self.template(raw)
        if self.wanted.type in ("time", "date") and (relative := _relative(raw, self.scope.timezone)) is not None:
            return Value(_get=relative)
        if self.wanted.type == "list":
            return self.list(raw)
        if self.wanted.type == "object":
            return self.object(raw)
        constants = Constants(self.report, self.scope.timezone)
        made = constants.value(raw, self.wanted, self.allowed, self.path, self.name)
        return None if made is BAD or self.beyond(raw) else Value.of(_plain(made))

    def beyond(self, raw: Any) -> bool:
        """Refuse a constant that breaks a documented bound: the marketplace would, every time."""
        broken = broken_bound(self.wanted, raw)
        if broken is not None:
            bound, limit = broken
            measured = len(raw) if isinstance(raw, str | list) else raw
            self._say(self.path, _BOUNDS[bound], name=self.name, limit=limit, measured=measured)
        return broken is not None

    def inside(self, step: str | int, wanted: Field | Parameter) -> _Maker:
        """Return the maker of an entry."""
        return replace(self, path=(*self.path, step), wanted=wanted)

    def list(self, raw: Any) -> Value | None:
        if not isinstance(raw, list):
            self._refuse_shape(raw)
            return None
        entry = replace(self.wanted, type="object" if self.wanted.fields else self.wanted.of or "text", of=None)
        made = [self.inside(n, entry).make(one) for n, one in enumerate(raw)]
        known = [one for one in made if one is not None]
        if self.beyond(raw):
            return None
        return _together(known, lambda *args: [one.get(*args) for one in known]) if len(known) == len(made) else None

    def object(self, raw: Any) -> Value | None:
        if not isinstance(raw, Mapping):
            self._refuse_shape(raw)
            return None
        fields: Mapping[str, Field | Parameter] = self.wanted.fields
        if not fields:
            return Value.of(dict(raw))
        made: dict[str, Value] = {}
        for key, one in raw.items():
            if key not in fields:
                self._say((*self.path, key), "E307", key_mark=True, name=key, hint=hint(key, list(fields)))
            elif (value := self.inside(key, fields[key]).make(one)) is not None:
                made[key] = value
        if len(made) < len(raw):
            return None
        return _together(list(made.values()), lambda *args: {key: one.get(*args) for key, one in made.items()})

    def reference(self, name: str) -> Value | None:
        """Take a field of the record, or of a join; of a join with `every`, what all its rows say."""
        access = self.names.resolve(name)
        if access is None:
            self._say((*self.path, "from"), "E307", name=name, hint=hint(name, self.names.known()))
            return None
        if not _fits(access.type, self.wanted.type):
            facts = {"name": self.name, "type": message(f"type_{self.wanted.type}"), "other": name}
            self._say((*self.path, "from"), "E313", **facts, other_type=message(f"type_{access.type}"))
            return None
        return _of_field(access, self.allowed)

    def calculation(self, raw: Any) -> Value | None:
        """Take what one line of arithmetic makes of the record and its joins."""
        term = Arithmetic(names=self.names, report=self.report).number(raw, (*self.path, "expr"))
        if term is None:
            return None
        whole, text = self.wanted.type != "number", str(raw)

        def get(data: Data, joins: Joins, now: datetime, _start: datetime | None) -> Any:
            made = Tracer(data=data, joins=joins, now=now, agreed=True).term(term)
            if made is None:
                raise Unreadable("value_unknown_for_action", field=text)
            if whole and made != int(made):
                raise Unreadable("value_not_whole", field=text, value=_plain(made))
            return int(made) if whole else _plain(made)

        fields, joins = fields_in(term), joins_in(term)
        return Value(joins=joins, fields=fields, constant=not fields and not joins, _get=get)

    def template(self, raw: str) -> Value | None:
        if self.wanted.type != "text":
            self._say(self.path, "E340", name=self.name, type=message(f"type_{self.wanted.type}"))
            return None
        try:
            parts = parse_template(raw, Arithmetic(names=self.names, report=self.report))
        except NotMeant as first:
            for wrong in wrongs(raw, Arithmetic(names=self.names, report=self.report)) or [first]:
                self._say(self.path, wrong.code, **{"text": raw[:80], **wrong.facts})
            return None
        zone, allowed = self.scope.timezone, self.allowed

        def get(data: Data, joins: Joins, now: datetime, _start: datetime | None) -> Any:
            made = render(parts, Tracer(data=data, joins=joins, now=now, agreed=True), zone)
            return _known(made, allowed, self.name)

        fields, joins = fields_in(parts), joins_in(parts)
        return Value(joins=joins, fields=fields, constant=not fields and not joins, _get=get)

    def _refuse_shape(self, raw: Any) -> None:
        kind = self.wanted.type
        facts = {"name": self.name, "value": str(raw)[:60], "type": message(f"type_{kind}")}
        self._say(self.path, "E302", **facts, hint=message(f"hint.form_{kind}"))

    def _say(self, path: Path, code: str, **facts: Any) -> None:
        if facts.get("hint") is None:
            facts["hint"] = Message(code=f"{code}.hint", facts=dict(facts))
        self.report(path, code, facts)


def _fits(given: str, wanted: str) -> bool:
    same = {"money": "integer", "date": "time"}
    return same.get(given, given) == same.get(wanted, wanted) or (given == "integer" and wanted in ("number", "text"))


def _together(values: list[Value], get: Get) -> Value:
    return Value(
        joins=frozenset().union(*(one.joins for one in values)),
        fields=frozenset().union(*(one.fields for one in values)),
        constant=all(one.constant for one in values),
        _get=get,
    )


def _of_field(access: Access, allowed: frozenset[str] | None) -> Value:
    def get(data: Data, joins: Joins, now: datetime, _start: datetime | None) -> Any:
        made = _read(access, Tracer(data=data, joins=joins, now=now, agreed=True))
        if made is None:
            differ = isinstance(joins.get(access.join), tuple) and access.join
            raise Unreadable("values_differ" if differ else "value_unknown_for_action", field=access.text)
        return _known(made, allowed, access.text)

    return Value(joins=joins_in(access), fields=fields_in(access), _get=get)


def _read(access: Access, tracer: Tracer) -> Any:
    raw = tracer.fetch(access)
    kind = KINDS[access.type]
    if kind in ("list", "row"):
        return raw if isinstance(raw, list if kind == "list" else dict) else None
    return _plain(read(access, raw))


def _plain(value: Any) -> Any:
    """Turn exact decimals back into what JSON has."""
    return float(value) if isinstance(value, Decimal) else value


def _known(value: Any, allowed: frozenset[str] | None, name: str) -> Any:
    if allowed is not None and value not in allowed:
        raise Unreadable("value_not_allowed", field=name)
    return value


def _relative(raw: Any, zone: ZoneInfo) -> Get | None:
    """Read `tomorrow 00:00`, `today 09:00`, `tomorrow` or `+7d`."""
    if not isinstance(raw, str):
        return None
    if found := _DAY.fullmatch(raw):
        ahead = timedelta(days=found[1] == "tomorrow")
        wall = time(int(found[2] or 0), int(found[3] or 0))

        def on_day(_data: Data, _joins: Joins, now: datetime, _start: datetime | None) -> Any:
            return datetime.combine(now.astimezone(zone).date() + ahead, wall, zone)

        return on_day
    span = parse_duration(raw[1:]) if raw.startswith("+") else None
    if span is None:
        return None

    def later(_data: Data, _joins: Joins, now: datetime, start: datetime | None) -> Any:
        return (start or now) + span

    return later
