"""From the mapping language of rules to the checked tree; everything that cannot be meant is reported here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from runner.expressions import runtime
from runner.expressions.arithmetic import Arithmetic
from runner.expressions.constants import BAD, Constants, hint
from runner.expressions.durations import meant_duration, parse_business_days, parse_duration
from runner.expressions.operators import OPERATORS, QUANTIFIERS, Operator, operators_for
from runner.expressions.patterns import safe_pattern
from runner.expressions.scope import Access, Names, Path, Report, Scope
from runner.expressions.tree import (
    KINDS,
    Aged,
    All,
    Any_,
    Compare,
    Const,
    Entries,
    Fold,
    Get,
    HasValues,
    JoinMissing,
    Missing,
    Not,
    OneOf,
    Term,
    Test,
    TextTest,
    Told,
)  # fmt: skip
from runner.model import Message, message

_BLOCKS = ("any", "all", "not", "expr")
#: how people write that a value equals; here the value stands alone
_EQUALS = frozenset({"is", "eq", "equals", "equal", "==", "=", "in", "같음"})
#: how people combine lines; here it is `any` and `all`
_JOINED = frozenset({"or", "and"})
_PRESENCE = {"missing": False, "present": True}


@dataclass(frozen=True, kw_only=True, slots=True)
class Parser:
    """Parses conditions seen from one place: the record, or inside a list."""

    names: Names
    report: Report
    constants: Constants

    def block(self, raw: Any, path: Path) -> Test | None:
        """Parse lines that must all hold; None when one of them cannot be meant."""
        if not isinstance(raw, Mapping) or not raw:
            kind = "array" if isinstance(raw, list) else "object" if isinstance(raw, Mapping) else ""
            self._say(path, "E301", value=message(f"kind.{kind}") if kind else f"'{str(raw)[:60]}'")
            return None
        parts = [self.line(str(key), value, (*path, key)) for key, value in raw.items()]
        if any(part is None for part in parts):
            return None
        known = tuple(part for part in parts if part is not None)
        return known[0] if len(known) == 1 else _all(known, path)

    def line(self, key: str, value: Any, path: Path) -> Test | None:
        """Parse one line."""
        if key == "expr":
            return Arithmetic(names=self.names, report=self.report).test(value, path)
        if key in ("any", "all"):
            return self._several(key, value, path)
        if key == "not":
            part = self.block(value, path)
            return None if part is None else Not(part, Told(path, message("wants_not", what=part.told.wanted)))
        seen = self.names.join(key)
        if seen is not None:
            return self._join(key, seen[1], value, path)
        return self._field(key, value, path)

    def _several(self, key: str, value: Any, path: Path) -> Test | None:
        if not isinstance(value, list) or not value:
            self._say(path, "E305", key=key)
            return None
        parts = [self.block(one, (*path, n)) for n, one in enumerate(value)]
        known = tuple(part for part in parts if part is not None)
        if len(known) < len(parts):
            return None
        return Any_(known, Told(path, _parts("wants_any_of", known))) if key == "any" else _all(known, path)

    # --- look-ups ----------------------------------------------------------------------------------

    def _join(self, name: str, frame: int, value: Any, path: Path) -> Test | None:
        if isinstance(value, str) and value in _PRESENCE:
            there = _PRESENCE[value]
            wanted = message("wants_present" if there else "wants_missing", field=name)
            return JoinMissing(name, frame, there, Told(path, wanted))
        if isinstance(value, Mapping) and value:
            parts = [self._field(f"{name}.{key}", one, (*path, key)) for key, one in value.items()]
            known = tuple(part for part in parts if part is not None)
            return _all(known, path) if len(known) == len(parts) else None
        self._say(path, "E306", name=name)
        return None

    # --- fields ------------------------------------------------------------------------------------

    def _field(self, name: str, value: Any, path: Path) -> Test | None:
        access = self.names.resolve(name)
        if access is None:
            self._unknown(name, path)
            return None
        if isinstance(value, str) and value in _PRESENCE:
            there = _PRESENCE[value]
            wanted = message("wants_present" if there else "wants_missing", field=name)
            return Missing(access, there, Told(path, wanted))
        if access.type == "list":
            return self._list(access, value, path)
        if access.type == "object":
            return self._object(name, value, path)
        return self._scalar(access, value, path)

    def _unknown(self, name: str, path: Path) -> None:
        first = name.split(".", maxsplit=1)[0]
        hidden = self.names.scope.joins.get(first)
        if hidden is not None and hidden.every and self.names.join(first) is None:
            self._say(path, "E308", key_mark=True, name=first, every=hidden.every)
            return
        head, _, entry = name.rpartition(".")
        above = self.names.resolve(head) if head else None
        if above is not None and above.type == "list":
            better = message("hint.of_entries", name=head, entry=entry)
            self._say(path, "E320", key_mark=True, name=head, hint=better)
            return
        words = list(_BLOCKS) if name.casefold() in _JOINED else self.names.known()
        self._say(path, "E307", key_mark=True, name=name, hint=hint(name, words))

    def _object(self, name: str, value: Any, path: Path) -> Test | None:
        if not isinstance(value, Mapping) or not value:
            self._say(path, "E309", name=name)
            return None
        parts = [self._field(f"{name}.{key}", one, (*path, key)) for key, one in value.items()]
        known = tuple(part for part in parts if part is not None)
        return _all(known, path) if len(known) == len(parts) else None

    def _scalar(self, access: Access, value: Any, path: Path) -> Test | None:
        if isinstance(value, list):
            return self._one_of(access, value, path, negated=False)
        if isinstance(value, Mapping):
            return self._comparison(access, value, path)
        made = self._constant(access, value, path)
        if made is BAD:
            return None
        told = Told(path, message("wants_equal", field=access.text, value=_said(made)))
        return Compare("==", _get(access), Const(made, KINDS[access.type]), told)

    def _comparison(self, access: Access, value: Mapping[str, Any], path: Path) -> Test | None:
        if set(value) == {"from"}:
            return self._reference(access, "==", "wants_equal", value, path)
        if len(value) != 1:
            self._say(path, "E310", name=access.text, operators=", ".join(map(str, value)))
            return None
        ((op, argument),) = value.items()
        kind = KINDS[access.type]
        known = OPERATORS.get(str(op))
        if known is None or kind not in known.kinds:
            code = "E311" if known is None else "E312"
            facts = {"operator": str(op), "name": access.text, "type": message(f"type_{access.type}")}
            better = hint(op, operators_for(kind))
            if known is None and str(op).strip().casefold() in _EQUALS:
                better = message(
                    "hint.alone", name=access.text, value="missing" if argument is None else _said(argument)
                )
            self._say((*path, op), code, key_mark=True, hint=better, **facts)
            return None
        return self._operator(access, str(op), known, argument, (*path, op))

    def _operator(self, access: Access, op: str, known: Operator, argument: Any, path: Path) -> Test | None:
        if known.argument == "same":
            if isinstance(argument, Mapping) and set(argument) == {"from"}:
                return self._reference(access, known.python, known.wants, argument, path)
            made = self._constant(access, argument, path)
            if made is BAD:
                return None
            told = Told(path, message(known.wants, field=access.text, value=_said(made)))
            return Compare(known.python, _get(access), Const(made, KINDS[access.type]), told)  # type: ignore[arg-type]
        make = {
            "list": self._not_in, "pair": self._between, "duration": self._aged, "text": self._text,
            "pattern": self._text,
        }[known.argument]  # fmt: skip
        return make(access, op, argument, path)

    def _reference(self, access: Access, op: str, wants: str, value: Mapping[str, Any], path: Path) -> Test | None:
        """Compare with another field, of a kind that can be compared."""
        name = str(value["from"])
        other = self.names.resolve(name)
        if other is None:
            self._unknown(name, (*path, "from"))
            return None
        if KINDS[other.type] != KINDS[access.type]:
            facts = {"name": access.text, "type": message(f"type_{access.type}"), "other": name}
            self._say((*path, "from"), "E313", **facts, other_type=message(f"type_{other.type}"))
            return None
        told = Told(path, message(wants, field=access.text, value=name))
        return Compare(op, _get(access), _get(other), told)  # type: ignore[arg-type]

    def _one_of(self, access: Access, values: Sequence[Any], path: Path, *, negated: bool) -> Test | None:
        made = [self._constant(access, one, (*path, n)) for n, one in enumerate(values)]
        if not made or any(one is BAD for one in made):
            if not made:
                self._say(path, "E314", name=access.text)
            return None
        wants = "wants_not_in" if negated else "wants_in"
        told = Told(path, message(wants, field=access.text, values=[_said(one) for one in made]))
        return OneOf(_get(access), frozenset(made), negated, told)

    def _not_in(self, access: Access, _op: str, argument: Any, path: Path) -> Test | None:
        return self._one_of(access, argument if isinstance(argument, list) else [argument], path, negated=True)

    def _between(self, access: Access, _op: str, argument: Any, path: Path) -> Test | None:
        if not isinstance(argument, list) or len(argument) != 2:
            self._say(path, "E315", name=access.text)
            return None
        low, high = (self._constant(access, one, (*path, n)) for n, one in enumerate(argument))
        if low is BAD or high is BAD:
            return None
        if low > high:
            self._say(path, "E316", low=_said(low), high=_said(high))
            return None
        kind = KINDS[access.type]
        told = Told(path, message("wants_between", field=access.text, low=_said(low), high=_said(high)))
        parts = (
            Compare(">=", _get(access), Const(low, kind), told),
            Compare("<=", _get(access), Const(high, kind), told),
        )
        return All(parts, told)

    def _aged(self, access: Access, op: str, argument: Any, path: Path) -> Test | None:
        age, days = parse_duration(argument), parse_business_days(argument)
        if age is None and days is None:
            self._say(path, "E317", name=access.text, value=str(argument)[:40], hint=meant_duration(argument))
            return None
        told = Told(
            path,
            message(f"wants_{op}", field=access.text, age=age if days is None else message("business_days", days=days)),
        )
        return Aged(_get(access), age or timedelta(0), days, self.names.scope.timezone, op == "newer_than", told)

    def _text(self, access: Access, op: str, argument: Any, path: Path) -> Test | None:
        if not isinstance(argument, str) or not argument:
            self._say(path, "E318", name=access.text, operator=op)
            return None
        pattern = safe_pattern(argument) if op == "matches" else None
        if isinstance(pattern, Message):
            self._say(path, "E319", value=argument[:60], why=pattern)
            return None
        if access.allowed and not any(runtime.text_test(op, one, argument, pattern) for one in access.allowed):
            self._say(path, "E304", name=access.text, value=argument, hint=hint(argument, sorted(access.allowed)))
            return None
        told = Told(path, message(f"wants_{op}", field=access.text, value=argument))
        return TextTest(op, _get(access), argument, pattern, told)  # type: ignore[arg-type]

    # --- lists -------------------------------------------------------------------------------------

    def _list(self, access: Access, value: Any, path: Path) -> Test | None:
        if not isinstance(value, Mapping) or not value:
            self._say(path, "E320", name=access.text, hint=message("hint.list", name=access.text))
            return None
        parts = [self._of_list(access, str(op), argument, (*path, op)) for op, argument in value.items()]
        known = tuple(part for part in parts if part is not None)
        if len(known) < len(parts):
            return None
        return known[0] if len(known) == 1 else _all(known, path)

    def _of_list(self, access: Access, op: str, argument: Any, path: Path) -> Test | None:
        if op in ("has_any", "has_all") and not access.field.fields:
            return self._has(access, op, argument, path)
        if op in ("count", "sum"):
            return self._fold(access, op, argument, path)
        if op in ("any", "all", "none") and access.field.fields:
            inner = self._inside(access)
            test = inner.block(argument, path)
            told = Told(path, message(f"wants_entries_{op}", field=access.text, what=test.told.wanted if test else ""))
            return None if test is None else Entries(op, access, len(inner.names.frames), test, told)  # type: ignore[arg-type]
        allowed = [*QUANTIFIERS] if access.field.fields else ["has_any", "has_all", "count"]
        self._say(path, "E321", key_mark=True, operator=op, name=access.text, hint=hint(op, allowed))
        return None

    def _inside(self, access: Access) -> Parser:
        return replace(self, names=self.names.inside(access))

    def _has(self, access: Access, op: str, argument: Any, path: Path) -> Test | None:
        values = argument if isinstance(argument, list) else [argument]
        element = replace(access.field, type=access.field.of or "text", enum=None)
        made = [
            self.constants.value(one, element, access.allowed, (*path, n), access.text) for n, one in enumerate(values)
        ]
        if not made or any(one is BAD for one in made):
            return None
        told = Told(path, message(f"wants_{op}", field=access.text, values=[_said(one) for one in made]))
        return HasValues(access, frozenset(made), op == "has_all", told)

    def _fold(self, access: Access, op: str, argument: Any, path: Path) -> Test | None:
        """Parse `count: {at_least: 2}` and `sum: {field: quantity, more_than: 3}`."""
        raw = dict(argument) if isinstance(argument, Mapping) else {"==": argument}
        inner = self._inside(access)
        term: Term | None = None
        if op == "sum":
            name = str(raw.pop("field", ""))
            found = inner.names.resolve(name)
            if found is None or KINDS[found.type] != "number":
                self._say(path, "E322", name=access.text)
                return None
            term = _get(found)
        fold = Fold(op, access, len(inner.names.frames), None, term)  # type: ignore[arg-type]
        ((compare, limit),) = raw.items() if len(raw) == 1 else (("", None),)
        python = "==" if compare == "==" else getattr(OPERATORS.get(str(compare)), "python", "")
        if not python or isinstance(limit, bool) or not isinstance(limit, int):
            self._say(path, "E323", name=access.text, operator=op)
            return None
        wants = message(f"wants_{op}", field=access.text, op=python, value=limit)
        return Compare(python, fold, Const(limit, "number"), Told(path, wants))  # type: ignore[arg-type]

    # --- small ---------------------------------------------------------------------------------------

    def _constant(self, access: Access, raw: Any, path: Path) -> Any:
        return self.constants.value(raw, access.field, access.allowed, path, access.text)

    def _say(self, path: Path, code: str, **facts: Any) -> None:
        if facts.get("hint") is None:
            facts["hint"] = Message(code=f"{code}.hint", facts=dict(facts))
        self.report(path, code, facts)


def _all(parts: tuple[Test, ...], path: Path) -> All:
    return All(parts, Told(path, _parts("wants_all_of", parts)))


def _parts(code: str, parts: tuple[Test, ...]) -> Message:
    return message(code, parts=[part.told.wanted for part in parts])


def _get(access: Access) -> Get:
    return Get(access, KINDS[access.type])


def _said(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()  # as it stands in a rule
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def parse(raw: Any, scope: Scope, report: Report, path: Path) -> Test | None:
    """Parse a condition; None when anything in it was reported."""
    constants = Constants(report, scope.timezone)
    return Parser(names=Names(scope=scope), report=report, constants=constants).block(raw, path)
