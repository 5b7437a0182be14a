"""A call typed by hand becomes a rule in memory.

What was typed is checked by the loader that checks rule files: names, types, values, couriers, what goes together. It
stands one argument a line, so that whatever the loader finds is told of the argument, and never of a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from runner.catalogue import Catalogue, Composed, Field, Operation, Parameter, Procedure, Title
from runner.errors import InvalidFiles, UsageMistake
from runner.model import Diagnostic, Message, message
from runner.rules import load_text
from runner.rules.shapes import Query, Rule
from runner.runs.recheck import BY_HAND
from runner.schema.names import arguments, members, source_parameters
from runner.schema.problems import shown
from runner.settings import Settings
from runner.source import parse

#: the source of calls that act on no record: it has none, so that nothing is bound by chance
NO_RECORD = "no_record"
#: what stands for a text, however it looks
_TEXTS = ("text", "time", "date")
#: `{from: field}` takes a field of the record, whatever the type
_REFERENCE = re.compile(r"\{\s*from:\s*[\w.]+\s*\}")
#: characters that YAML does not take as they are, or takes for the end of a line
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
#: hints that speak of lines of a file -> what to say instead
_HINTS: Mapping[str, str] = {
    "E107": "call_fill_in", "E110": "call_fill_in", "E123": "call_leave_out", "E131": "call_see_docs",
    "E133": "call_see_docs", "E138": "call_leave_out", "E150": "call_leave_out", "E152": "call_add",
    "E153": "call_add", "E184": "call_add",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """What a person typed."""

    operation: str
    #: NAME and VALUE of each `--arg`
    arguments: Sequence[tuple[str, str]] = ()
    #: key of the record to act on, or ""
    on: str = ""
    look_back: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A call that holds."""

    rule: Rule
    #: the catalogue, with the source of calls without a record
    catalogue: Catalogue
    target: Operation | Procedure | Composed


@dataclass(kw_only=True, slots=True)
class _Lines:
    """The text of the rule, and by line which argument stands there."""

    text: list[str] = field(default_factory=list)
    typed: dict[int, str] = field(default_factory=dict)

    def add(self, line: str, typed: str = "") -> None:
        """Add a line."""
        self.text.append(line)
        if typed:
            self.typed[len(self.text)] = typed

    def entry(self, key: str, value: Any, typed: str = "") -> None:
        """Add a key with its value."""
        self.add(f"{_written(key)}: {_written(value)},", typed)


def read_rule(typed: Typed, account: str, settings: Settings, catalogue: Catalogue) -> Loaded:
    """Make the rule that reads what was typed. Raises UsageMistake with everything that does not hold."""
    source = catalogue.sources[typed.operation]
    if typed.on:
        raise UsageMistake("call_on_reads", operation=source.name)
    values = _values(typed, source_parameters(source), many=True)
    lines = _begun(account, "watch")
    _from(lines, source.name, values)
    _ending(lines, typed, source)
    lines.add('"after": [{"log": "read"}]}]}')
    return Loaded(rule=_loaded(lines, typed, settings, catalogue), catalogue=catalogue, target=source)


def write_rule(typed: Typed, account: str, settings: Settings, catalogue: Catalogue) -> Loaded:
    """Make the rule that does what was typed to one record, or to none. Raises UsageMistake."""
    target = catalogue.actions[typed.operation]
    _check_record(typed, target, catalogue)
    values = _values(typed, arguments(target), many=False)
    known = catalogue if target.acts_on else _without_record(catalogue, target.workflow)
    source = _source(target, known)
    lines = _begun(account, "ask")
    _from(lines, source.name, [(name, value, f"--on {typed.on}") for name, value in _asked(source, typed.on, known)])
    _ending(lines, typed, source)
    lines.add(f'"then": [{{{_written(target.name)}: {{')
    for name, value, place in values:
        lines.entry(name, value, place)
    if members(target) and "for" not in dict(typed.arguments):
        lines.entry("for", "all_matched")
    lines.add("}}]}]}")
    rule = _loaded(lines, typed, settings, known)
    if _again(source):
        # read by its key: what the source is asked for must not keep the record out
        rule = replace(rule, query=Query(source=source.name))
    return Loaded(rule=rule, catalogue=known, target=target)


# --- the record ----------------------------------------------------------------------------------------------


def _check_record(typed: Typed, target: Operation | Procedure, catalogue: Catalogue) -> None:
    if typed.on and not target.acts_on:
        raise UsageMistake("call_on_nothing", operation=target.name)
    if target.acts_on and not typed.on:
        source = _source(target, catalogue)
        raise UsageMistake("call_needs_record", operation=target.name, source=source.name, key=source.key)


def _source(target: Operation | Procedure, catalogue: Catalogue) -> Operation | Composed:
    """Return the source a record is read from: one that is read by key, else one that is searched."""
    sources = [catalogue.sources[name] for name in target.acts_on or (NO_RECORD,)]
    return next((one for one in sources if _again(one)), None) or next(filter(_by_key, sources), sources[0])


def _again(source: Operation | Composed) -> bool:
    return source.reread is not None


def _by_key(source: Operation | Composed) -> bool:
    """Tell whether a source shows the one record whose key it is given."""
    return isinstance(source, Operation) and source.response.one and set(source_parameters(source)) == {source.key}


def _asked(source: Operation | Composed, key: str, catalogue: Catalogue) -> Iterable[tuple[str, Any]]:
    """Yield what a source must be asked with: the key, or every value of what it requires."""
    for name, parameter in source_parameters(source).items():
        if _by_key(source):
            yield name, _value(parameter, key)
        elif parameter.required and parameter.enum and isinstance(source, Operation):
            yield name, list(catalogue.enum(source.workflow, parameter.enum))


def _without_record(catalogue: Catalogue, workflow: str) -> Catalogue:
    """Return a catalogue with a source that has no records."""
    nothing = Composed(
        name=NO_RECORD, workflow=workflow, title=Title(en=NO_RECORD, ko=NO_RECORD), key="record", stages=(),
        fields={"record": Field(type="text")},
    )  # fmt: skip
    return replace(catalogue, composed={**catalogue.composed, NO_RECORD: nothing})


# --- the values ----------------------------------------------------------------------------------------------


def _values(typed: Typed, known: Mapping[str, Parameter], *, many: bool) -> list[tuple[str, Any, str]]:
    """Return name, value and what was typed, by name; one given several times is a list.

    `many`: a list of values is one query each, so a list that is one value stands in a list of its own.
    """
    wrong: list[UsageMistake] = []
    found: list[tuple[str, Any, str]] = []
    for name in dict.fromkeys(name for name, _ in typed.arguments):
        given = [text for other, text in typed.arguments if other == name]
        parameter = known.get(name)
        place = _place(name, given, parameter)
        try:
            values = [_value(parameter, text) for text in given]
        except InvalidFiles as invalid:
            wrong += [_problem(one, place, typed) for one in invalid.facts["diagnostics"]]
            continue
        found.append((name, _listed(values, parameter, many=many), place))
    _refuse(wrong)
    return found


def _place(name: str, given: Sequence[str], parameter: Parameter | None) -> str:
    """Return an argument as it was typed; personal values are not repeated."""
    value = "…" if parameter and parameter.personal else ", ".join(map(shown, given))
    return f"--arg {name}={value}"


def _value(parameter: Parameter | None, text: str) -> Any:
    """Return what a text means for a parameter. Raises InvalidFiles."""
    kind = parameter.type if parameter else "text"
    if kind in _TEXTS and not _REFERENCE.fullmatch(text.strip()):
        return text
    value = parse(text, "--arg").data
    is_plain = not isinstance(value, list | dict | None)
    return text.strip() if parameter and kind == "list" and parameter.of == "text" and is_plain else value


def _listed(values: list[Any], parameter: Parameter | None, *, many: bool) -> Any:
    if parameter is None or parameter.type != "list":
        return values[0] if len(values) == 1 else values
    is_reference = isinstance(values[0], dict) and set(values[0]) == {"from"}
    if len(values) == 1 and is_reference:
        return values[0]
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return [flat] if many else flat


# --- the text ------------------------------------------------------------------------------------------------


def _begun(account: str, mode: str) -> _Lines:
    lines = _Lines()
    lines.add(f'{{"version": 1, "rules": [{{"name": "call", "mode": "{mode}", "account": {_written(account)},')
    return lines


def _from(lines: _Lines, source: str, values: Iterable[tuple[str, Any, str]]) -> None:
    lines.add(f'"from": {{{_written(source)}: {{')
    for name, value, place in values:
        lines.entry(name, value, place)
    lines.add("}},")


def _ending(lines: _Lines, typed: Typed, source: Operation | Composed) -> None:
    if typed.look_back:
        lines.entry("look_back", typed.look_back, f"--look-back {shown(typed.look_back)}")
    lines.entry("if", {source.key: "present"})


def _written(value: Any) -> str:
    """Write a value as JSON that YAML reads the same, on one line."""
    text = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _loaded(lines: _Lines, typed: Typed, settings: Settings, catalogue: Catalogue) -> Rule:
    found = load_text("\n".join(lines.text), "call", settings=settings, catalogue=catalogue)
    errors = [one for one in found.diagnostics if one.severity == "error"]
    _refuse([_problem(one, lines.typed.get(one.mark.line, ""), typed) for one in errors])
    (rule,) = found.ruleset.rules if found.ruleset else ()
    return replace(rule, name=BY_HAND)


# --- what does not hold --------------------------------------------------------------------------------------


def _problem(one: Diagnostic, place: str, typed: Typed) -> UsageMistake:
    """Put a diagnostic as an error of the command line."""
    hint = _hint(one, typed)
    more = {"hint": hint} if hint else {}
    if place:
        return UsageMistake("call_argument", argument=place, said=one.message, **more)
    return UsageMistake(one.message.code, **{**one.message.facts, **more})


def _hint(one: Diagnostic, typed: Typed) -> Message | None:
    code = one.message.code
    own = one.hint.code.removesuffix(".hint") if one.hint else code
    if code in ("E152", "E153"):  # what they give as an example is written as in a file
        own = code
    if own not in _HINTS:
        return one.hint
    facts = one.message.facts
    return message(
        _HINTS[own], operation=typed.operation, name=str(facts.get("name", "")), value=str(facts.get("first", "…"))
    )


def _refuse(problems: list[UsageMistake]) -> None:
    """Raise the first of several problems; it carries the others."""
    if problems:
        first, *others = problems
        raise UsageMistake(first.code, **{**first.facts, "also": others})
