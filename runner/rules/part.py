"""A part of a rule file: its value, where it stands, and the list of what was found wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from runner.model import Diagnostic, Mark, Message, message
from runner.nearest import nearest
from runner.schema.suggest import standing
from runner.source import Document, Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One rule file while it is checked: all its diagnostics come together here."""

    document: Document
    found: list[Diagnostic] = field(default_factory=list)
    #: what was refused; later passes look past it and check the rest
    refused: set[Path] = field(default_factory=set)

    @property
    def root(self) -> Part:
        """Return the whole file as a part."""
        return Part(data=self.document.data, path=(), sheet=self)

    def keep(
        self, severity: Literal["error", "warning"], path: Path, told: Message, *, key: bool, hint: Message | None
    ) -> None:
        """Keep a diagnostic; an error also keeps later passes away from what is at `path`."""
        mark = self.document.mark(path, key=key)
        if told.code == "E107" and self.document.comment(path, ""):
            hint = message("hint.commented")
        diagnostic = Diagnostic(severity=severity, mark=mark, message=told, hint=hint)
        if diagnostic not in self.found:  # what stands in `defaults` is looked at by every rule
            self.found.append(diagnostic)
        if severity == "error":
            self.refused.add(path)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A value of a rule file that knows its place."""

    data: Any
    path: Path
    sheet: Sheet

    def __contains__(self, key: str) -> bool:
        return isinstance(self.data, Mapping) and key in self.data

    def get(self, key: str) -> Part | None:
        """Return the part under a key; None when it is absent, empty or was refused."""
        if not isinstance(self.data, Mapping) or self.data.get(key) is None:
            return None
        return self._at(key, self.data[key])

    def value(self, key: str, default: Any = None) -> Any:
        """Return the plain value under a key."""
        part = self.get(key)
        return default if part is None else part.data

    def entries(self) -> Iterator[tuple[str, Part]]:
        """Yield what a mapping holds, without what was refused."""
        for key, value in self.data.items() if isinstance(self.data, Mapping) else ():
            if (part := self._at(key, value)) is not None:
                yield key, part

    def items(self) -> Iterator[Part]:
        """Yield what a list holds, without what was refused; a single value counts as a list of one."""
        if not isinstance(self.data, list):
            yield self
            return
        for place, value in enumerate(self.data):
            if (part := self._at(place, value)) is not None:
                yield part

    def _at(self, step: str | int, value: Any) -> Part | None:
        path = (*self.path, step)
        return None if path in self.sheet.refused else Part(data=value, path=path, sheet=self.sheet)

    def misspells(self, name: str, known: Collection[str]) -> bool:
        """Tell whether a key that is not known was probably meant to be this name; that was said already."""
        return any(nearest(key, list(known)) == name for key in self.data or () if key not in known)

    @property
    def sound(self) -> bool:
        """Tell whether nothing at this place or below was refused."""
        depth = len(self.path)
        return not any(path[:depth] == self.path for path in self.sheet.refused)

    def mark(self, *, key: bool = False) -> Mark:
        """Return where this part stands."""
        return self.sheet.document.mark(self.path, key=key)

    def error(self, code: str, *, at_key: bool = False, hint: Message | None = None, **facts: Any) -> None:
        """Refuse this part; without a hint of its own the code's standing hint is used."""
        self.sheet.keep("error", self.path, message(code, **facts), key=at_key, hint=hint or standing(code, facts))

    def warn(self, code: str, *, at_key: bool = False, **facts: Any) -> None:
        """Note something that can be meant, but seldom is."""
        self.sheet.keep("warning", self.path, message(code, **facts), key=at_key, hint=standing(code, facts))

    def warn_at(self, below: Path, code: str, **facts: Any) -> None:
        """Note something about a place below this part, at its key."""
        self.sheet.keep("warning", (*self.path, *below), message(code, **facts), key=True, hint=standing(code, facts))

    def warn_of_comment(self) -> None:
        """Note a comment that may have been meant as the end of this text."""
        if isinstance(self.data, str) and (found := self.sheet.document.comment(self.path, self.data)):
            mark, text = found
            told, hint = message("W209", text=text), message("W209.hint")
            self.sheet.found.append(Diagnostic(severity="warning", mark=mark, message=told, hint=hint))

    def report(self, path: Path, code: str, facts: dict[str, Any]) -> None:
        """Take a report of the expression compiler; `path` counts from the top of the file."""
        hint = facts.get("hint")
        self.sheet.keep("error", path, message(code, **facts), key=bool(facts.get("key_mark")), hint=hint)
