"""What a rule test found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runner.model import Action, Diagnostic, Mark, Message, Step
from runner.rules.shapes import Rule
from runner.runs.survey import Judged


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Why a rule does, or does not, act on a record: its conditions, with what they saw."""

    rule: Rule
    record: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shortfall:
    """One difference between what was expected and what the rule does."""

    mark: Mark
    message: Message
    #: what decided about the record it is about
    told: Told | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What a test did, as far as expectations can speak of it."""

    #: what the rules would do with given records; in a world, what took effect
    actions: tuple[Action, ...] = ()
    judged: tuple[Judged, ...] = ()
    #: record -> why it cannot be told
    doubts: Mapping[str, Message] = field(default_factory=dict)
    #: everything that was said: of withheld lines, doubts, questions, outcomes, troubles, by rules
    said: tuple[Message, ...] = ()
    #: why rules could not run
    troubles: tuple[Message, ...] = ()
    #: faults of the test that hit nothing, by their place in it
    idle: tuple[int, ...] = ()
    #: in a world: how many lines ended how, write requests sent, and the world's collections
    outcomes: Mapping[str, int] = field(default_factory=dict)
    writes: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One test: passed when it has neither shortfalls nor problems of its own file."""

    file: str
    name: str
    rules: tuple[str, ...]
    mark: Mark
    shortfalls: tuple[Shortfall, ...] = ()
    #: the test or its rule file does not hold
    problems: tuple[Diagnostic, ...] = ()
    evidence: Evidence = field(default_factory=Evidence, repr=False)

    @property
    def rule(self) -> str:
        """Name of the rule, or of several with commas between."""
        return ", ".join(self.rules)

    @property
    def passed(self) -> bool:
        """Whether the rule does what the test expects."""
        return not self.shortfalls and not self.problems
