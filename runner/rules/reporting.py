"""What the expression compiler reports, with what only the catalogue knows: names of values, where fields stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.model import Message, message
from runner.rules.called import called_within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.catalogue import Catalogue, Composed, Field, Operation, Procedure
    from runner.expressions import Report
    from runner.rules.part import Part
    from runner.source import Path

_UNKNOWN_VALUE, _UNKNOWN_FIELD = "E304", "E307"


def reporter(part: Part, catalogue: Catalogue, entry: Operation | Composed | Procedure, *, source: str = "") -> Report:
    """Return what takes reports about values of a source or action, whose fields are those of `source`."""

    def report(path: Path, code: str, facts: dict[str, Any]) -> None:
        facts = {**facts, "name": _name(path)} if path and facts.get("name") == str(path[-1]) else facts
        hint = facts.get("hint")
        if code == _UNKNOWN_VALUE and isinstance(hint, Message) and hint.code == "hint.allowed":
            facts["hint"] = _in_korean(
                str(facts["value"]), str(hint.facts["allowed"]).split(", "), _titles(catalogue, entry)
            )
        elif code == _UNKNOWN_FIELD and isinstance(hint, Message) and hint.code != "hint.did_you_mean":
            fields = _fields_at(path, catalogue.sources.get(source or entry.name))
            better = called_within(facts["name"], fields)
            standing = message("hint.fields", source=source or entry.name) if hint.code == f"{code}.hint" else hint
            facts["hint"] = better or standing
        part.report(path, code, facts)

    return report


def _fields_at(path: Path, source: Operation | Composed | None) -> Mapping[str, Field]:
    """Return the fields of the entries a place is about, else of the record."""
    fields: Mapping[str, Field] = source.fields if source is not None else {}
    for step in path:
        if isinstance(step, str) and step in fields and fields[step].fields:
            fields = fields[step].fields
    return fields


def _name(path: Path) -> str:
    """Return the key a value stands under, also for an entry of a list."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _titles(catalogue: Catalogue, entry: Operation | Composed | Procedure) -> dict[str, str]:
    states = catalogue.workflows[entry.workflow].states
    return {value: title.ko for values in states.values() for value, title in values.items()}


def _in_korean(value: str, allowed: list[str], titles: dict[str, str]) -> Message:
    """Return the value of this Korean name, or of the same one as this value's; else what is allowed, with names."""
    called = titles.get(value, value)
    named = [one for one in allowed if titles.get(one) == called]
    if named:
        return message("hint.did_you_mean", name=named[0])
    return message(
        "hint.allowed", allowed=", ".join(f"{one}({titles[one]})" if one in titles else one for one in allowed)
    )
