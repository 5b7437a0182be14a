"""Regular expressions of a rule: only those that cannot run for ever, on texts as long as they can bear.

Python's engine backtracks: it tries every way in which the repeats of a pattern can share a text. How many ways there
are is bounded from the pattern alone; the longest text for which they can all be tried is kept with the pattern.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import factorial, inf
from re import Pattern
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from runner.model import Message, message

_LONGEST_PATTERN = 200
#: ways to try for one text: some tens of milliseconds at the very worst
_MOST_WAYS = 3_000_000
_LONGEST_TEXT = 10_000
#: a pattern that cannot bear a text of this length is of no use
_LEAST_TEXT = 80
#: a repeat with more choices than this counts as one without end
_MANY = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class SafePattern:
    """A pattern, and how long a text may be for it; what is longer cannot be told."""

    compiled: Pattern[str]
    longest: int


@dataclass(frozen=True, slots=True)
class _Cost:
    """Ways through a part of a pattern: `choices` times the length of the text to the power of `open`."""

    choices: float = 1
    #: repeats without end
    open: int = 0

    def then(self, other: _Cost) -> _Cost:
        return _Cost(self.choices * other.choices, self.open + other.open)


_NEVER = _Cost(choices=inf)
#: what Python says of a pattern -> our code
_WRONG = {
    "nothing to repeat": "pattern_nothing_to_repeat", "multiple repeat": "pattern_nothing_to_repeat",
    "unterminated": "pattern_open", "unexpected end": "pattern_open", "unbalanced parenthesis": "pattern_closed",
    "bad escape": "pattern_escape",
}  # fmt: skip
_REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}
_SINGLE = {codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN, codes.AT}


def safe_pattern(text: str) -> SafePattern | Message:
    """Compile a pattern, or say why it cannot be used."""
    if len(text) > _LONGEST_PATTERN:
        return message("pattern_too_long", limit=_LONGEST_PATTERN)
    try:
        tree = parser.parse(text)
        compiled = re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        told = next((code for said, code in _WRONG.items() if said in str(error)), "pattern_wrong")
        return message(told, said=str(error))
    longest = _longest(_sequence(tree), anchored=_is_anchored(tree))
    if longest < _LEAST_TEXT:
        return message("pattern_may_not_end")
    return SafePattern(compiled=compiled, longest=longest)


def _longest(cost: _Cost, *, anchored: bool) -> int:
    """Return the length up to which all ways can be tried; a pattern that is not anchored starts everywhere."""
    power = cost.open + (0 if anchored else 1)
    if cost.choices > _MOST_WAYS:
        return 0
    if power == 0:
        return _LONGEST_TEXT
    return min(_LONGEST_TEXT, int((_MOST_WAYS * factorial(power) / cost.choices) ** (1 / power)))


def _is_anchored(tree: Any) -> bool:
    return len(tree) > 0 and tree[0][0] is codes.AT and tree[0][1] in (codes.AT_BEGINNING, codes.AT_BEGINNING_STRING)


def _sequence(tree: Any) -> _Cost:
    cost = _Cost()
    for op, argument in tree:
        cost = cost.then(_item(op, argument))
    return cost


def _item(op: Any, argument: Any) -> _Cost:
    """Return the cost of one item; of what is not known here (references, look-around), no end."""
    if op in _SINGLE:
        return _Cost()
    if op in _REPEATS:
        return _repeat(*argument)
    if op is codes.SUBPATTERN:
        return _sequence(argument[-1])
    if op is codes.BRANCH:
        ways = [_sequence(one) for one in argument[1]]
        return _Cost(sum(one.choices for one in ways), max(one.open for one in ways))
    return _NEVER


def _repeat(low: int, high: int, inner: Any) -> _Cost:
    each = _sequence(inner)
    endless = high == codes.MAXREPEAT or high - low > _MANY
    if each == _Cost():
        return _Cost(open=1) if endless else _Cost(choices=high - low + 1)
    if endless or high > _MANY or each.open * high > 1:
        return _NEVER
    return _Cost(choices=(high - low + 1) * each.choices**high, open=each.open * high)
