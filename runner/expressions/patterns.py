"""Regular expressions of a rule: only those that cannot run for ever."""

from __future__ import annotations

import re
from re import Pattern
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

#: longer texts are cut before they are matched
LONGEST_TEXT = 10_000
_LONGEST_PATTERN = 200
_REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT}


def safe_pattern(text: str) -> tuple[Pattern[str] | None, str]:
    """Compile a pattern; (None, reason) when it is wrong or could take for ever.

    A repeat inside a repeat, a repeated choice, or several open repeats beside each other can backtrack
    exponentially or badly; a reference to a group makes all bets off.
    """
    if len(text) > _LONGEST_PATTERN:
        return None, "too long"
    try:
        tree = parser.parse(text)
        compiled = re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        return None, str(error)
    if _is_risky(tree, inside=False):
        return None, "repeats within repeats"
    return compiled, ""


def _is_risky(tree: object, *, inside: bool) -> bool:
    opened = 0
    for op, argument in tree:  # type: ignore[attr-defined]
        if op in _REPEATS:
            _low, high, inner = argument
            if high == codes.MAXREPEAT:
                opened += 1
            if high != 1 and (inside or _is_risky(inner, inside=True)):
                return True
        elif (
            (op is codes.BRANCH and (inside or any(_is_risky(one, inside=inside) for one in argument[1])))
            or (op is codes.SUBPATTERN and _is_risky(argument[-1], inside=inside))
            or op in (codes.GROUPREF, codes.ASSERT, codes.ASSERT_NOT)
        ):
            return True
    return opened > 3
