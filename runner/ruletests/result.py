"""What a rule test found."""

from __future__ import annotations

from dataclasses import dataclass

from runner.model import Diagnostic, Mark, Message


@dataclass(frozen=True, kw_only=True, slots=True)
class Shortfall:
    """One difference between what was expected and what the rule does."""

    mark: Mark
    message: Message


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One test: passed when it has neither shortfalls nor problems of its own file."""

    file: str
    name: str
    rule: str
    mark: Mark
    shortfalls: tuple[Shortfall, ...] = ()
    #: the test or its rule file does not hold
    problems: tuple[Diagnostic, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the rule does what the test expects."""
        return not self.shortfalls and not self.problems
