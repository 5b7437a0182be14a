"""YAML text becomes plain data, and every key and value remembers where it stood.

YAML 1.2 scalars: `on`, `no`, `09:30`, `2026-01-02` and `0123` stay text; keys are always text. What would make a file
mean something else than it seems to say (a key twice, anchors, tags, a second document) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any

import yaml

from runner.errors import InvalidFiles, UsageMistake
from runner.model import Diagnostic, Mark, message
from runner.slips import Slip, line_slip, swallowed, text_slip

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path as File

Path = tuple[str | int, ...]
_Spot = tuple[int, int]
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_MAX_BYTES = 1_000_000
#: far beyond any rule; keeps the recursion below, and everything that walks the data, from running out of stack
_MAX_DEPTH = 40
#: one slip of the hand can repeat a whole block
_MAX_FOUND = 20

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)?(?:\.[0-9]+|(?<=[0-9])\.)?(?:(?<=[0-9.])[eE][-+]?[0-9]+)?")
_COMMENT = re.compile(r"(?<=\s)#\S.*")
#: what is left of `1,000` where a comma separates
_THOUSANDS = re.compile(r"(\d{3})\s*(?:원|건|개|명|회)?")
#: the block sign that begins what was meant as a comparison: `count: >= 3`
_COMPARED = re.compile(r"(?:^|[\s{,-])([\w.]+):\s+(>=?)\s*(\S.*?)\s*$")
#: they end a line for YAML, and for no editor
_BREAKS = re.compile("[\u0085\u2028\u2029]")
#: longer ones are no number anybody means; Python itself refuses to convert more than 4,300 digits
_MAX_DIGITS = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One file: its data, its lines, and where everything in it stands."""

    data: Any
    file: str
    lines: tuple[str, ...]
    #: path -> (spot of the key, spot of the value), both from 0
    spots: Mapping[Path, tuple[_Spot, _Spot]] = field(repr=False)
    #: values that were filled in from elsewhere, and where they stand there
    moved: Mapping[Path, Mark] = field(default_factory=dict, repr=False)

    def mark(self, path: Path, *, key: bool = False) -> Mark:
        """Return where the value (or its key) at `path` stands; the nearest existing parent when it does not exist."""
        while path and path not in self.spots and path not in self.moved:
            path, key = path[:-1], False
        if not key and path in self.moved:
            return self.moved[path]
        line, column = self.spots.get(path, ((0, 0), (0, 0)))[0 if key else 1]
        return Mark(file=self.file, line=line + 1, column=column + 1)

    def comment(self, path: Path, text: str) -> tuple[Mark, str] | None:
        """Return a comment right behind a value that may have been meant to be part of it: `10% #1`."""
        line, column = self.spots[path][1] if path in self.spots else (len(self.lines), 0)
        rest = self.lines[line][column:] if line < len(self.lines) else ""
        found = _COMMENT.search(f" {rest}")  # an empty value stands where its comment begins
        if found is None or rest[: found.start() - 1].strip() != text:
            return None
        return Mark(file=self.file, line=line + 1, column=column + found.start()), found[0].strip()[:40]


def read(path: File) -> Document:
    """Read a YAML file. Raises UsageMistake when it cannot be opened, InvalidFiles when it does not hold."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UsageMistake("E019", file=str(path), reason=error.strerror or str(error)) from error
    return parse_bytes(raw, str(path))


def parse_bytes(raw: bytes, file: str) -> Document:
    """Turn what a file holds into a Document. Raises InvalidFiles, also when it is too large or not UTF-8."""
    if len(raw) > _MAX_BYTES:
        raise _invalid(_found("E016", file, (0, 0), megabytes=_MAX_BYTES // 1_000_000))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        spot = (before.count("\n"), len(before) - before.rfind("\n") - 1)
        raise _invalid(_found("E017", file, spot)) from error
    return parse(text, file)


def parse(text: str, file: str) -> Document:
    """Turn YAML text into a Document. Raises InvalidFiles with every problem found (one for a syntax error)."""
    text = text.removeprefix("\ufeff")
    if found := _BREAKS.search(text):
        before = text[: found.start()]
        spot = (before.count("\n"), len(before) - before.rfind("\n") - 1)
        raise _invalid(_found("E020", file, spot, character=f"U+{ord(found[0]):04X}"))
    builder = _Builder(file=file)
    try:
        data = builder.document(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        raise _invalid(_syntax_error(error, text, file)) from error
    if builder.found:
        raise _invalid(*builder.found[:_MAX_FOUND])
    return Document(data=data, file=file, lines=tuple(text.splitlines()), spots=builder.spots)


def _invalid(*diagnostics: Diagnostic) -> InvalidFiles:
    return InvalidFiles("invalid_files", diagnostics=list(diagnostics))


def _found(code: str, file: str, spot: _Spot, **facts: Any) -> Diagnostic:
    mark = Mark(file=file, line=spot[0] + 1, column=spot[1] + 1)
    return Diagnostic(
        severity="error", mark=mark, message=message(code, **facts), hint=message(f"{code}.hint", **facts)
    )


# --- events of the parser -> data and marks -------------------------------------------------------------


@dataclass(kw_only=True, slots=True)
class _Builder:
    """What one walk over the events collects."""

    file: str
    spots: dict[Path, tuple[_Spot, _Spot]] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)

    def document(self, events: Iterator[Any]) -> Any:
        data, documents = None, 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.report("E012", event)
            elif isinstance(event, yaml.NodeEvent):
                value = self.node(events, event, (), _spot(event))
                data = value if documents == 1 else data
        return data

    def node(self, events: Iterator[Any], event: Any, path: Path, key: _Spot) -> Any:
        self.spots.setdefault(path, (key, _spot(event)))
        self.refuse_indirection(event)
        if len(path) == _MAX_DEPTH and isinstance(event, yaml.CollectionStartEvent):
            self.report("E013", event, depth=_MAX_DEPTH)
            return _skip(events)
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(events, event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(events, path)
        if isinstance(event, yaml.ScalarEvent):
            self.refuse_slip(event, text_slip(event.value, key=False) if event.implicit[0] else None)
            return _scalar(event)
        return None

    def mapping(self, events: Iterator[Any], start: Any, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self.key(events, event, start)
            if key in made:
                first = self.spots[(*path, key)][0]
                self.report("E010", event, key=key, line=first[0] + 1)
            below = next(events)
            if isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
                self.refuse_slip(event, _key_slip(event.value, below, next(reversed(made.values()), None)))
            value = self.node(events, below, (*path, "" if key is None else key), _spot(event))
            if key is not None:
                made.setdefault(key, value)
        return made

    def key(self, events: Iterator[Any], event: Any, start: Any) -> str | None:
        if isinstance(event, yaml.ScalarEvent):
            self.refuse_indirection(event)
            return str(event.value)
        if isinstance(event, yaml.CollectionStartEvent):
            # `{{ x }}` without quotes is, to YAML, a mapping whose key is a mapping
            template = isinstance(event, yaml.MappingStartEvent) and start.flow_style and event.flow_style
            self.report("E004" if template else "E014", start if template else event)
            _skip(events)
        else:
            self.refuse_indirection(event)
        return None

    def sequence(self, events: Iterator[Any], path: Path) -> list[Any]:
        made: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            made.append(self.node(events, event, (*path, len(made)), _spot(event)))
        return made

    def refuse_indirection(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            self.report("E011", event, what=f"*{event.anchor}")
        elif event.anchor:
            self.report("E011", event, what=f"&{event.anchor}")
        elif event.tag:
            self.report("E011", event, what=event.tag.replace("tag:yaml.org,2002:", "!!"))

    def refuse_slip(self, event: Any, slip: Slip | None) -> None:
        if slip is not None:
            line, column = _spot(event)
            self.found.append(_found(slip.code, self.file, (line, column + slip.column), **slip.facts))

    def report(self, code: str, event: Any, **facts: Any) -> None:
        self.found.append(_found(code, self.file, _spot(event), **facts))


def _spot(event: Any) -> _Spot:
    return event.start_mark.line, event.start_mark.column


def _key_slip(key: str, below: Any, before: Any) -> Slip | None:
    """Return what stands wrong in a key: `{per_run:20}` and `{per_run: 1,000}` are keys without a value."""
    empty = isinstance(below, yaml.ScalarEvent) and below.implicit[0] and not below.value
    if empty and isinstance(before, int) and (found := _THOUSANDS.fullmatch(key)):
        return Slip("E025", 0, {"text": key, "number": f"{before}{found[1]}"})
    return text_slip(key, key=True, empty=empty)


def _skip(events: Iterator[Any]) -> None:
    """Pass over the rest of a collection whose start has been taken."""
    depth = 1
    while depth:
        event = next(events)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)


def _scalar(event: Any) -> Any:
    text = event.value
    if not event.implicit[0]:
        return text
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if len(text) <= _MAX_DIGITS:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text) and text[-1] not in "+-" and isfinite(float(text)):
            return float(text)
    return text


# --- syntax errors, told in words a seller can act on ---------------------------------------------------------

#: what libyaml says -> our code; the first that fits
_PROBLEMS = (
    (re.compile("found character that cannot start any token"), "E008"),
    (re.compile("mapping values are not allowed"), "E003"),
    (re.compile("found unexpected end of stream"), "E005"),
    (re.compile("unknown escape character|while parsing a quoted scalar"), "E018"),
    (re.compile(r"expected ',' or|flow (?:mapping|sequence|node)"), "E006"),
    (
        re.compile("entries are not allowed|expected key|expected '-' indicator|block end|could not find expected ':'"),
        "E007",
    ),
    (re.compile("alias|anchor|tag"), "E008"),
)
_TEMPLATE = re.compile(r"(?:^|[:\-,\[]\s+)(\{\{)")
_BARE_KEY = re.compile(r"\s*(?:- +)?[\w.-]+\s*")


def _syntax_error(error: yaml.YAMLError, text: str, file: str) -> Diagnostic:
    if not isinstance(error, yaml.MarkedYAMLError):
        position = getattr(error, "position", 0)
        before = text[:position]
        spot = (before.count("\n"), position - before.rfind("\n") - 1)
        return _found("E015", file, spot, character=f"U+{getattr(error, 'character', 0):04X}")
    problem = error.problem or str(error)
    lines = text.splitlines()
    spot = _where(error, lines)
    line = lines[spot[0]] if spot[0] < len(lines) else ""
    if unquoted := _TEMPLATE.search(line):
        return _found("E004", file, (spot[0], unquoted.start(1)))
    told = f"{error.context or ''} {problem}"
    code = next((code for pattern, code in _PROBLEMS if pattern.search(told)), "E001")
    if code != "E005" and (slip := _slip(error, lines, spot, code)):
        return _slip_at(file, *slip)
    if line[spot[1] : spot[1] + 1] == "\t" or (code != "E005" and line[: spot[1]].startswith("\t")):
        return _found("E002", file, (spot[0], line.index("\t")))
    if code in ("E001", "E008") and (compared := _COMPARED.search(line)):
        name, sign, value = compared.groups()
        word = "at_least" if sign == ">=" else "more_than"
        facts = {"sign": sign, "name": name, "word": word, "value": value.rstrip("}")}
        return _found("E026", file, (spot[0], compared.start(2)), **facts)
    if code == "E003" and _BARE_KEY.fullmatch(line[: spot[1]]):
        code = "E007"  # the value has no ': ' in it: the key itself stands where none can stand
    if code == "E007" and line[spot[1] : spot[1] + 1] == ":":
        spot = (spot[0], len(line) - len(line.lstrip()))
    character = line[spot[1] : spot[1] + 1]
    return _found(code, file, spot, problem=problem, character=character, text=line.strip()[:60])


def _where(error: yaml.MarkedYAMLError, lines: list[str]) -> _Spot:
    """Return the spot to point at: for a quote or bracket left open where it was opened, for a sign the sign."""
    context, first, last = error.context or "", error.context_mark, error.problem_mark
    opened = "quoted scalar" in context or "flow" in context
    ended = "stream" in (error.problem or "") or (first and last and _is_outside(last.line, first.line, lines))
    mark = first if (opened and ended) or re.search("alias|anchor|tag", context) else last
    mark = mark or error.context_mark
    return (mark.line, mark.column) if mark else (0, 0)


def _is_outside(line: int, opened: int, lines: list[str]) -> bool:
    """Tell whether a line is no part of what a line above opened: it is not indented deeper, or the file ends."""
    if line >= len(lines):
        return True
    return line > opened and _indent(lines[line]) <= _indent(lines[opened])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _slip(error: yaml.MarkedYAMLError, lines: list[str], spot: _Spot, code: str) -> tuple[int, Slip] | None:
    """Find a character that only looks like YAML, in the line of the error or where what it ended had begun."""
    begun = error.context_mark.line if error.context_mark else spot[0]
    for number in dict.fromkeys((spot[0], spot[0] - 1, begun)):
        if 0 <= number < len(lines):
            column = spot[1] if number == spot[0] else 0
            slip = line_slip(lines[number], column) or (swallowed(lines[number]) if code == "E006" else None)
            if slip is not None:
                return number, slip
    return None


def _slip_at(file: str, line: int, slip: Slip) -> Diagnostic:
    """Say what stands wrong in a line."""
    return _found(slip.code, file, (line, slip.column), **slip.facts)
