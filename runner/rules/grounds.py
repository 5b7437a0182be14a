"""What a rule takes for granted about a record it acts on: its own lines, and what its source was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.catalogue import Operation
from runner.expressions.generate import flat
from runner.expressions.scope import Access, Hop
from runner.expressions.tree import KINDS, Aged, Any_, Get, OneOf, Told
from runner.model import message
from runner.rules.scopes import field_at
from runner.rules.space import Key, Sensed, Space

if TYPE_CHECKING:
    from runner.catalogue import Catalogue, Composed, Field
    from runner.expressions.tree import Test
    from runner.rules.shapes import Join, Rule
    from runner.source import Path

#: windows of days begin at midnight
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Grounds:
    """The lines of a rule, each a test that must be a plain yes or a plain no."""

    #: of `if`
    lines: tuple[Test, ...]
    #: of `unless`: each must be a plain no
    reasons: tuple[Test, ...]
    #: what the parameters of `from` say of every record
    asked: tuple[Test, ...]
    #: what `look_back` says of every record
    recent: tuple[Test, ...]
    space: Space

    @property
    def all(self) -> tuple[Sensed, ...]:
        """Everything that holds of a record when the rule acts on it."""
        yes = tuple((one, True) for one in (*self.asked, *self.recent, *self.lines))
        return (*yes, *((one, False) for one in self.reasons))


def grounds_of(rule: Rule, catalogue: Catalogue) -> Grounds:
    """Return what a rule takes for granted."""
    source = catalogue.sources[rule.query.source]
    reasons = flat_reasons(rule.unless.tree) if rule.unless else ()
    return Grounds(
        lines=tuple(flat(rule.condition.tree)),
        reasons=reasons,
        asked=tuple(_asked(rule, source)),
        recent=tuple(_recent(rule, source)),
        space=Space(joins={join.name: _same(join) for join in rule.joins}),
    )


def flat_reasons(tree: Test) -> tuple[Test, ...]:
    """Return the lines of `unless`: any one of them is enough."""
    return tree.parts if isinstance(tree, Any_) else (tree,)


def in_file(path: Path) -> Path:
    """Return where a test stands in its rule: the lines of `unless` are compiled inside an `any`."""
    return path[:1] + path[3:] if path[:2] == ("unless", "any") else path


def _same(join: Join) -> Key:
    """Return what makes two look-ups the same: where they look, and by what."""
    return (str(join.file.path) if join.file else join.query, join.on, join.every)


def _asked(rule: Rule, source: Operation | Composed) -> Iterator[Test]:
    """Yield what the parameters of the source say of a record, where the catalogue knows how a record shows them."""
    for name, shown in source.reread.shows.items() if source.reread else ():
        values = [dict(one).get(name) for one in rule.query.arguments]
        access = _access(rule, shown.found_in, source)
        if access is None or any(one is None for one in values):
            continue
        found = frozenset(value for one in values for value in shown.values.get(str(one), (one,)))
        one, *more = sorted(map(str, found))
        wanted = message("wants_in", field=shown.found_in, values=[one, *more])
        told = Told(("from",), wanted if more else message("wants_equal", field=shown.found_in, value=one))
        yield OneOf(Get(access, KINDS[access.type]), found, negated=False, told=told)


def _recent(rule: Rule, source: Operation | Composed) -> Iterator[Test]:
    """Yield how old a record can be at most: its window, from the midnight before."""
    window = source.window if isinstance(source, Operation) else None
    access = _access(rule, window.field, source) if window and window.field else None
    if access is not None and rule.query.look_back is not None:
        age = rule.query.look_back + _DAY
        told = Told(("look_back",), message("wants_newer_than", field=access.text, age=age))
        yield Aged(Get(access, "time"), age, None, ZoneInfo(rule.schedule.timezone), newer=True, told=told)


def _access(rule: Rule, path: str, source: Operation | Composed) -> Access | None:
    """Return the way to a field of the source; with `each` it lies in the parent."""
    found: Field | None = field_at(source.fields, path)
    steps = ["parent", *path.split(".")] if rule.each else path.split(".")
    hops = tuple(Hop(step, optional=False) for step in steps)
    return None if found is None else Access("", 0, hops, found, None, path)
