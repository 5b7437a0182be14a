from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from reading_fakes import CATALOGUE, NOW, fields, query, record, rule

from runner.catalogue import Field
from runner.expressions import Condition, JoinShape, Scope, Shape, compile_condition
from runner.match import explain, match
from runner.model import Doubt, Lookup, Match, Message, Miss, Told, message
from runner.rules.shapes import Rule
from runner.wording import LANGS, say

SHAPE = Shape(
    fields={
        **CATALOGUE.sources["notes"].fields,
        "name": Field(type="text", personal="name", optional=True),
        "stock": Field(type="integer"),
    },
    enums={},
)
SCOPE = Scope(
    record=SHAPE,
    joins={"shipped": JoinShape(shape=Shape(fields=fields(invoice="text"), enums={}))},
    timezone=ZoneInfo("Asia/Seoul"),
)
STALE = message("file_stale", file="shipped.csv", age=90_000, limit=86_400)


def compiled(raw: dict[str, Any]) -> Condition:
    """Compile a condition that holds."""
    wrong: list[Any] = []
    made = compile_condition(raw, SCOPE, lambda *one: wrong.append(one))
    assert made is not None, wrong
    return made


def looking(condition: dict[str, Any], unless: dict[str, Any] | None = None) -> Rule:
    """Make a rule that looks at notes."""
    # `unless` is "any of its lines", which is how the loader of rule files writes it.
    blocks = compiled({"any": [{name: value} for name, value in unless.items()]}) if unless else None
    return rule(query("notes"), condition=compiled(condition), unless=blocks)


def joined(found: Any, **reasons: Message) -> Told:
    """Make the joins of one record."""
    return Told({"shipped": found}, reasons)


NOTE = record("notes", "1", noteId=1, stock=5, name="Kim")


def test_yes_no_and_cannot_tell() -> None:
    """Only yes is a Match; what cannot be told says why."""
    assert match(looking({"stock": 5}), NOTE, {}, NOW) == Match(record=NOTE)
    assert match(looking({"stock": 6}), NOTE, {}, NOW) == Miss(record=NOTE)
    blank = record("notes", "1", noteId=1, stock=None)
    assert isinstance(match(looking({"stock": {"more_than": 1}}), blank, {}, NOW), Doubt)


def test_a_match_keeps_its_joins() -> None:
    """Arguments are made from them."""
    joins = joined({"invoice": "0012"})
    assert match(looking({"shipped": "present"}), NOTE, joins, NOW) == Match(record=NOTE, joins=joins)


def test_a_doubt_about_a_look_up_says_what_happened_to_it() -> None:
    """Not only that it is unknown: which file, and how old."""
    found = match(looking({"shipped": "missing"}), NOTE, joined(Lookup.UNKNOWN, shipped=STALE), NOW)
    assert isinstance(found, Doubt)
    assert "shipped.csv" in say(found.why, "en")


@pytest.mark.parametrize(
    ("shipped", "blocks"),
    [({"invoice": "1"}, True), (Lookup.MANY, True), (Lookup.UNKNOWN, True), (Lookup.MISSING, False)],
)
def test_unless_blocks_with_yes_and_with_cannot_tell(shipped: Any, *, blocks: bool) -> None:
    """A record that is kept back says so."""
    found = match(looking({"stock": 5}, {"shipped": "present"}), NOTE, joined(shipped), NOW)
    assert isinstance(found, Miss) is blocks
    assert not isinstance(found, Miss) or found.withheld is not None


def test_unless_is_not_asked_where_if_does_not_hold() -> None:
    """What does not match anyway is not worth telling."""
    assert match(looking({"stock": 6}, {"shipped": "present"}), NOTE, joined(Lookup.UNKNOWN), NOW) == Miss(record=NOTE)


def withheld(unless: dict[str, Any], joins: Told) -> Message:
    """Return why a matching record was kept back."""
    found = match(looking({"stock": 5}, unless), NOTE, joins, NOW)
    assert isinstance(found, Miss)
    assert found.withheld is not None
    return found.withheld


def test_the_line_that_blocks_is_named() -> None:
    """Of several, the one that said yes; both languages can say it."""
    why = withheld({"shipped": "present", "stock": {"more_than": 4}}, joined(Lookup.MISSING))
    assert (why.code, why.facts["found"]) == ("withheld_unless", 5)
    assert all("5" in say(why, lang) for lang in LANGS)


def test_a_line_that_cannot_be_told_gives_its_reason() -> None:
    """With what happened to the look-up."""
    why = withheld({"shipped": "present"}, joined(Lookup.UNKNOWN, shipped=STALE))
    assert why.code == "withheld_unless_unknown"
    assert "shipped.csv" in say(why, "ko")


def test_personal_values_are_not_told() -> None:
    """A reason is kept for long and shown to many."""
    why = withheld({"name": {"starts_with": "K"}}, joined(Lookup.MISSING))
    assert all("Kim" not in say(why, lang) for lang in LANGS)


def test_explain_traces_if_and_unless() -> None:
    """The verdicts of the trace are those of the match."""
    steps = explain(looking({"stock": 5}, {"shipped": "present"}), NOTE, joined({"invoice": "1"}), NOW)
    assert [step.verdict for step in steps] == [True, True]
    assert [step.verdict for step in explain(looking({"stock": 6}), NOTE, {}, NOW)] == [False]
