"""Expectations written anew, as the rules behave now: in place, everything else in the file left as it stands.

What cannot be written without losing something, a comment or a meaning, is refused and said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from runner.errors import InvalidFiles
from runner.model import Action, Mark, Message, message
from runner.ruletests.case import Case
from runner.ruletests.compare import EXPECTATIONS, counted, impersonal, includes, matching, paired, reasons
from runner.ruletests.result import Result
from runner.ruletests.run import Suite
from runner.source import parse

#: differences that a new expectation does not mend
_NOT_OURS = ("test_trouble", "test_fault_idle", "test_not_said", "test_world_row", "test_unknown_kind")
#: texts that mean the same without quotes, wherever they stand
_PLAIN = re.compile(r"[A-Za-z가-힣_][\w가-힣.%+ -]*(?<! )")
#: members of an action that are written out; more are left to the reader
_MOST = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Updated:
    """What became of the expectations of one test."""

    file: str
    name: str
    mark: Mark
    #: that it was written, or why not
    message: Message
    written: bool


@dataclass(frozen=True, slots=True)
class _Edit:
    """Text to be put in the place of some."""

    start: int
    end: int
    text: str


class _Refused(Exception):
    """An expectation cannot be written."""

    def __init__(self, said: Message) -> None:
        super().__init__(said.code)
        self.said = said


def update(suite: Suite, results: Sequence[Result]) -> Iterator[Updated]:
    """Rewrite the expectations of tests that failed; yield what became of each. Raises OSError for a file."""
    failed = {(one.file, one.mark): one for one in results if not one.passed}
    cases = [one for one in suite.cases if (one.document.file, one.mark("name")) in failed]
    for file in dict.fromkeys(one.document.file for one in cases):
        mine = [one for one in cases if one.document.file == file]
        yield from _file(Path(file), [(one, failed[file, one.mark("name")]) for one in mine])


def _file(path: Path, failed: Sequence[tuple[Case, Result]]) -> Iterator[Updated]:
    raw = path.read_bytes().decode("utf-8-sig")
    text = raw.replace("\r\n", "\n")
    edits: list[_Edit] = []
    told: list[Updated] = []
    for case, result in failed:
        try:
            edits += _Writer(text, case, result).edits()
            said, written = message("update_written"), True
        except _Refused as refused:
            said, written = refused.said, False
        told.append(Updated(file=str(path), name=case.name, mark=result.mark, message=said, written=written))
    new = _edited(text, edits)
    if not _says_the_same(text, new):
        told = [replace(one, message=message("update_layout"), written=False) for one in told]
    elif edits:
        path.write_bytes((new.replace("\n", "\r\n") if text != raw else new).encode("utf-8"))
    yield from told


def _says_the_same(old: str, new: str) -> bool:
    """Tell whether two texts of a file say the same, their expectations aside."""
    try:
        return _without_expectations(old) == _without_expectations(new)
    except InvalidFiles:
        return False


def _without_expectations(text: str) -> list[dict[str, Any]]:
    tests = parse(text, "").data["tests"]
    return [{name: value for name, value in one.items() if name not in EXPECTATIONS} for one in tests]


def _edited(text: str, edits: Sequence[_Edit]) -> str:
    for one in sorted(edits, key=lambda one: one.start, reverse=True):
        text = text[: one.start] + one.text + text[one.end :]
    return text


class _Writer:
    """Writes what one test expects."""

    def __init__(self, text: str, case: Case, result: Result) -> None:
        self.text, self.case, self.result = text, case, result
        self.found = result.evidence
        self.node = _nodes(text)["tests"][1].value[case.place]

    def edits(self) -> list[_Edit]:
        """Return all edits of the test. Raises _Refused."""
        if self.result.problems or any(one.message.code in _NOT_OURS for one in self.result.shortfalls):
            said = next((one.message for one in self.result.shortfalls if one.message.code in _NOT_OURS), None)
            raise _Refused(message("update_not_ours", why=said or self.result.problems[0].message))
        writers = {
            "expect": self._actions, "expect_counts": self._counts, "not_because": self._misses,
            "cannot_tell": self._doubts, "expect_world": self._world, "outcomes": self._outcomes,
            "writes": self._writes, "matches": self._matches,
        }  # fmt: skip
        keys = _keys(self.node)
        return [edit for name, (key, value) in keys.items() if name in writers for edit in writers[name](key, value)]

    # --- numbers and names -----------------------------------------------------------------------------

    def _scalar(self, node: Any, value: Any) -> Iterator[_Edit]:
        written = _written(value)
        if self.text[node.start_mark.index : node.end_mark.index] != written:
            yield _Edit(node.start_mark.index, node.end_mark.index, written)

    def _writes(self, _key: Any, node: Any) -> Iterator[_Edit]:
        yield from self._scalar(node, self.found.writes)

    def _counts(self, _key: Any, node: Any) -> Iterator[_Edit]:
        for name, (_, value) in _keys(node).items():
            yield from self._scalar(value, len([one for one in self.found.actions if one.operation == name]))

    def _outcomes(self, _key: Any, node: Any) -> Iterator[_Edit]:
        for name, (_, value) in _keys(node).items():
            yield from self._scalar(value, self.found.outcomes.get(name, 0))

    def _world(self, _key: Any, node: Any) -> Iterator[_Edit]:
        for kind, (_, value) in _keys(node).items():
            wanted = self.case.test["expect_world"][kind]
            if isinstance(wanted, list):
                continue
            count, where = counted(wanted)
            number = len([one for one in self.found.state[kind] if includes(one, where)])
            if number == count:
                continue
            inner = value if isinstance(wanted, int) else _keys(value).get("count", (None, None))[1]
            if inner is None:
                raise _Refused(message("update_no_count", kind=kind))
            yield from self._scalar(inner, number)

    def _misses(self, _key: Any, node: Any) -> Iterator[_Edit]:
        for record, (_, value) in _keys(node).items():
            names = [name for one in self.found.judged if one.record.key == record for name in reasons(one)]
            if not names:
                raise _Refused(message("update_no_reason", record=record))
            if self.case.test["not_because"][record] not in names:
                yield from self._scalar(value, names[0])

    def _doubts(self, key: Any, node: Any) -> Iterator[_Edit]:
        yield from self._records("cannot_tell", key, node, sorted(self.found.doubts))

    def _matches(self, key: Any, node: Any) -> Iterator[_Edit]:
        yield from self._records("matches", key, node, matching(self.found))

    def _records(self, name: str, key: Any, node: Any, found: Sequence[str]) -> Iterator[_Edit]:
        if {str(one) for one in self.case.test[name]} != set(found):
            records = [int(one) if one.isdigit() else one for one in found]
            yield self._whole(key, node, f" [{', '.join(map(_written, records))}]")

    # --- actions -------------------------------------------------------------------------------------------

    def _actions(self, key: Any, node: Any) -> Iterator[_Edit]:
        matched, new = paired(self.case.test["expect"], self.found.actions)
        gone = [item for item, action in zip(node.value, matched, strict=True) if action is None]
        for item, action in self._meant(gone, new):
            gone.remove(item)
            new.remove(action)
            yield from self._values(item, action)
        kept = [item for item in node.value if item not in gone]
        if gone or new:
            yield from self._rearranged(key, node, kept, [self._item(one) for one in new])

    def _meant(self, gone: Sequence[Any], new: Sequence[Action]) -> list[tuple[Any, Action]]:
        """Return what is no longer done with what is done in its place: the same operation, with the same names."""
        pairs: list[tuple[Any, Action]] = []
        left = list(new)
        for item in gone:
            name, names = _named(item)
            hit = next((one for one in left if one.operation == name and names <= one.arguments.keys()), None)
            if hit is not None and names:
                left.remove(hit)
                pairs.append((item, hit))
        return pairs

    def _values(self, item: Any, action: Action) -> Iterator[_Edit]:
        """Write the values of an expectation anew, and only those that differ."""
        ((_, arguments),) = item.value
        for name, (_, value) in _keys(arguments).items():
            now = action.arguments[name]
            if parse(self._slice(value), "").data != now:
                self._no_comment(value.start_mark.index, self._end(value))
                yield _Edit(value.start_mark.index, self._end(value), _written(now))

    def _rearranged(self, key: Any, node: Any, kept: Sequence[Any], lines: Sequence[str]) -> Iterator[_Edit]:
        """Take out what is no longer done, and put what is new behind what stays."""
        if node.flow_style or not kept:
            yield self._whole(key, node, self._listed(key, [*map(self._slice, kept), *lines]))
            return
        for item in (one for one in node.value if one not in kept):
            yield self._without(item)
        if lines:
            column = " " * (node.value[0].start_mark.column - 2)
            end = self._line_end(self._end(node.value[-1]))
            yield _Edit(end, end, "".join(f"\n{column}- {one}" for one in lines))

    def _listed(self, key: Any, items: Sequence[str]) -> str:
        if not items:
            return " []"
        column = " " * (key.start_mark.column + 2)
        return "".join(f"\n{column}- {one}" for one in items)

    def _item(self, action: Action) -> str:
        shown = {
            name: value for name, value in impersonal(self.case, action).items()
            if not isinstance(value, Mapping) and not (isinstance(value, list | tuple) and not _is_short(value))
        }  # fmt: skip
        arguments = ", ".join(f"{name}: {_written(value)}" for name, value in shown.items())
        return f"{action.operation}: {{{arguments}}}" if shown else action.operation

    def _without(self, item: Any) -> _Edit:
        """Return the edit that takes the lines of an item out."""
        start = self.text.rindex("\n", 0, item.start_mark.index)
        end = self._line_end(self._end(item))
        self._no_comment(start, end)
        return _Edit(start, end, "")

    def _whole(self, key: Any, node: Any, text: str) -> _Edit:
        """Return the edit that puts a value behind its key."""
        start, end = key.end_mark.index, self._end(node)
        self._no_comment(start, end)
        return _Edit(start, end, f":{text}")

    def _no_comment(self, start: int, end: int) -> None:
        if re.search(r"(?<=\s)#", self.text[start:end]):
            raise _Refused(message("update_comment"))

    def _slice(self, node: Any) -> str:
        return self.text[node.start_mark.index : self._end(node)]

    def _end(self, node: Any) -> int:
        """Return where a value ends; a block reaches to what follows it, so blanks and comments are taken off."""
        if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
            return int(node.end_mark.index)
        last = node.value[-1]
        return self._end(last[1] if isinstance(last, tuple) else last)

    def _line_end(self, index: int) -> int:
        found = self.text.find("\n", index)
        return len(self.text) if found < 0 else found


def _nodes(text: str) -> dict[str, tuple[Any, Any]]:
    return _keys(yaml.compose(text, Loader=yaml.SafeLoader))  # the slow loader: its marks count characters


def _keys(node: Any) -> dict[str, tuple[Any, Any]]:
    """Return the keys of a mapping with the nodes of key and value."""
    return {str(key.value): (key, value) for key, value in node.value}


def _named(item: Any) -> tuple[str, set[str]]:
    """Return the action an expectation names, and the names of its arguments."""
    if isinstance(item, yaml.ScalarNode):
        return str(item.value), set()
    ((key, arguments),) = item.value
    return str(key.value), set(_keys(arguments)) if isinstance(arguments, yaml.MappingNode) else set()


def _is_short(values: Sequence[Any]) -> bool:
    return len(values) <= _MOST and not any(isinstance(one, Mapping | list | tuple) for one in values)


def _written(value: Any) -> str:
    """Write a value so that YAML reads the same, also within braces."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and parse(value, "").data == value:
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
