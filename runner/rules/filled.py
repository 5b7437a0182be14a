"""Inputs are filled in: `{input: name}` becomes its value, `inputs.name` in texts and calculations too.

This happens before anything else is checked, so that a rule with inputs is a rule like any other from there on. What a
filled-in value breaks is told where the value stands: in the settings, or at the input's default.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

from runner.model import Diagnostic, Mark, Message, message
from runner.rules.inputs import Input, declared, fault, hint_of
from runner.rules.part import Sheet
from runner.schema.suggest import standing, suggestion

if TYPE_CHECKING:
    from runner.source import Document, Path

#: where values may be filled in; the rest of a file says what the inputs are
_FILLED = ("defaults", "sources", "rules")
#: what a rule is known by: it must not change with a setting
_IDENTITY = ("name", "was")
_ALONE = re.compile(r"\{\{\s*inputs\.(?P<name>[^\W\d]\w*)\s*\}\}")
_INSIDE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_NAMED = re.compile(r"(?<![\w.])inputs\.(?P<name>[^\W\d]\w*)")


def stem_of(file: str | File) -> str:
    """Return what the settings call a rule file: its name up to the first dot."""
    return File(file).name.partition(".")[0]


def filled(document: Document, given: Document | None) -> Sheet:
    """Return a file with its inputs filled in: from `given` (the settings), else by their defaults."""
    sheet = Sheet(document=document)
    if not isinstance(document.data, dict):
        return sheet
    inputs = declared(sheet)
    filling = _Filling(sheet=sheet, inputs=inputs, values=_values(sheet, inputs, given))
    parts = {key: filling.node(value, (key,)) if key in _FILLED else value for key, value in document.data.items()}
    if filling.moved or filling.used:
        document = replace(document, data=parts, moved=filling.moved)
    done = Sheet(document=document, found=sheet.found, refused=sheet.refused)
    mistaken = any(one.message.code == "E408" for one in done.found)  # then it is that name which was meant
    for name, one in inputs.items():
        if one is not None and name not in filling.used and not mistaken:
            done.keep("warning", ("inputs", name), message("W400", name=name), key=True, hint=standing("W400", {}))
    return done


# --- what fills them in --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class _Value:
    """The value of an input, and where it was said."""

    data: Any
    document: Document
    path: Path


def _values(sheet: Sheet, inputs: Mapping[str, Input | None], given: Document | None) -> dict[str, _Value]:
    """Return the values that hold; what is wrong with the others is noted, in the settings too."""
    stem = stem_of(sheet.document.file)
    said = _said(given, stem)
    found = {name: _own(sheet, name, one) for name, one in inputs.items() if one is not None}
    if given is None:
        return found
    for name, value in said.items():
        path: Path = ("inputs", stem, name)
        if name not in inputs:
            told = message("E411" if inputs else "E412", name=name, stem=stem)
            sheet.found.append(_told(given, path, told, key=True, hint=suggestion(name, list(inputs))))
        elif (one := inputs[name]) is not None:
            found[name] = _Value(data=value, document=given, path=path)
            if wrong := fault(one, value):
                sheet.found.append(_told(given, path, wrong, hint=hint_of(one, value, wrong)))
                del found[name]
    for name in [name for name, one in inputs.items() if one is not None and one.default is None and name not in said]:
        _say_lacking(sheet, given, stem, name)
        del found[name]
    return found


def _said(given: Document | None, stem: str) -> Mapping[str, Any]:
    said = given.data.get("inputs") if given is not None and isinstance(given.data, dict) else None
    mine = said.get(stem) if isinstance(said, Mapping) else None
    return mine if isinstance(mine, Mapping) else {}


def _own(sheet: Sheet, name: str, one: Input) -> _Value:
    key = "default" if one.default is not None else "example"
    return _Value(data=one.standard, document=sheet.document, path=("inputs", name, key))


def _say_lacking(sheet: Sheet, given: Document, stem: str, name: str) -> None:
    """Say it where the input stands, and where its value is to be written."""
    facts = {"name": name, "stem": stem, "file": given.file}
    where = sheet.document.mark(("inputs", name), key=True)
    hint = message("E409.hint", **facts)
    sheet.found.append(Diagnostic(severity="error", mark=where, message=message("E409", **facts), hint=hint))
    path = ("inputs", stem) if stem in (given.data.get("inputs") or {}) else ("inputs",)
    sheet.found.append(_told(given, path, message("E410", **facts), key=True))


def _told(given: Document, path: Path, told: Message, *, key: bool = False, hint: Message | None = None) -> Diagnostic:
    hint = hint or standing(told.code, told.facts)
    return Diagnostic(severity="error", mark=given.mark(path, key=key), message=told, hint=hint)


def strangers(given: Document, stems: Iterable[str]) -> Iterator[Diagnostic]:
    """Yield what the settings fill in for rule files that are not there."""
    known = sorted(set(stems))
    for stem in (given.data.get("inputs") or {}) if isinstance(given.data, dict) else ():
        if stem not in known:
            told = message("E413", stem=stem)
            yield _told(given, ("inputs", stem), told, key=True, hint=suggestion(stem, known))


def twins(sheets: Iterable[Sheet]) -> Iterator[Diagnostic]:
    """Yield files with inputs that the settings could not tell apart."""
    first: dict[str, str] = {}
    for document in (sheet.document for sheet in sheets):
        if isinstance(document.data, dict) and document.data.get("inputs"):
            stem = stem_of(document.file)
            other = first.setdefault(stem, document.file)
            if other != document.file:
                told = message("E414", stem=stem, first=other)
                yield _told(document, ("inputs",), told, key=True)


# --- filling in ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class _Filling:
    """One walk over a file."""

    sheet: Sheet
    inputs: Mapping[str, Input | None]
    values: Mapping[str, _Value]
    #: names that stand somewhere in the file
    used: set[str] = field(default_factory=set)
    #: where what was filled in really stands
    moved: dict[Path, Mark] = field(default_factory=dict)

    def node(self, node: Any, path: Path) -> Any:
        if isinstance(node, dict):
            if node.keys() == {"input"} and isinstance(node["input"], str):
                return self.reference(node, path)
            return {key: self.node(value, (*path, key)) for key, value in node.items()}
        if isinstance(node, list):
            return [self.node(one, (*path, place)) for place, one in enumerate(node)]
        return self.text(node, path) if isinstance(node, str) and "inputs." in node else node

    def reference(self, node: dict[str, Any], path: Path) -> Any:
        value = self.value(node["input"], (*path, "input"), path)
        if value is None:
            return node
        self.moved.update(_places(value, path))
        return value.data

    def text(self, text: str, path: Path) -> str:
        """Fill in `{{ inputs.name }}` as it reads, and the name within a calculation as a constant."""
        plain = _ALONE.sub(lambda found: self.written(found, path, plainly=True), text)
        if path[-1] == "expr":
            return _NAMED.sub(lambda found: self.written(found, path), plain)
        return _INSIDE.sub(lambda part: _NAMED.sub(lambda found: self.written(found, path), part[0]), plain)

    def written(self, found: re.Match[str], path: Path, *, plainly: bool = False) -> str:
        value = self.value(found["name"], path, path)
        if value is None:
            return found[0]
        return _plain(value.data) if plainly else _constant(value.data)

    def value(self, name: str, at: Path, path: Path) -> _Value | None:
        """Return a value for a place of the file; without one, later passes look past that place."""
        self.used.add(name)
        if path[0] == "rules" and path[2:] and path[2] in _IDENTITY:
            self.refuse(at, path, message("E415", key=path[2]))
            return None
        if name not in self.inputs:
            self.refuse(at, path, message("E408", name=name), suggestion(name, list(self.inputs)))
            return None
        if name not in self.values:
            self.sheet.refused.add(_refused(path))
        return self.values.get(name)

    def refuse(self, at: Path, path: Path, told: Message, hint: Message | None = None) -> None:
        self.sheet.keep("error", at, told, key=False, hint=hint or standing(told.code, told.facts))
        self.sheet.refused.add(_refused(path))


def _refused(path: Path) -> Path:
    """Return what later passes look past: of a condition, its whole line, for it is compiled as one."""
    return path[:4] if len(path) > 2 and path[2] in ("if", "unless") else path


def _places(value: _Value, path: Path) -> Iterator[tuple[Path, Mark]]:
    yield path, value.document.mark(value.path)
    if isinstance(value.data, list):
        for place in range(len(value.data)):
            yield (*path, place), value.document.mark((*value.path, place))


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _constant(value: Any) -> str:
    """Write a value in the spelling of calculations."""
    if isinstance(value, list):
        return f"[{', '.join(map(_constant, value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f"({value})" if not isinstance(value, bool) and value < 0 else _plain(value)
