"""What is proved about conditions must be so: wherever a record fulfils them, no proof says that none can."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.catalogue import Field
from runner.expressions import Condition, Scope, Shape, compile_condition
from runner.rules.space import Space

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
ENTRY = {"n": Field(type="integer"), "state": Field(type="text", enum="state")}
SHAPE = Shape(
    fields={
        "state": Field(type="text", enum="state"), "n": Field(type="integer"), "m": Field(type="integer"),
        "price": Field(type="number"), "text": Field(type="text", optional=True), "on": Field(type="boolean"),
        "at": Field(type="time"), "items": Field(type="list", fields=ENTRY),
    },
    enums={"state": frozenset({"A", "B", "C"})},
)  # fmt: skip
SCOPE = Scope(record=SHAPE, joins={}, timezone=ZoneInfo("Asia/Seoul"))
FEW = st.integers(0, 4)
STATE = st.sampled_from("ABC")


def one(key: st.SearchStrategy[str] | str, value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return lines of one key."""
    return st.tuples(st.just(key) if isinstance(key, str) else key, value).map(lambda pair: {pair[0]: pair[1]})


def numbers(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return comparisons of numbers."""
    how = one(st.sampled_from(["more_than", "less_than", "at_least", "at_most", "is_not"]), FEW)
    return one(st.sampled_from(names), FEW | st.lists(FEW, min_size=1, max_size=2) | how | one("from", st.just("m")))


STATES = one("state", STATE | one("not_in", st.lists(STATE, min_size=1, max_size=2)) | one("starts_with", STATE))
INNER = numbers("n") | STATES
PLAIN = (
    numbers("n", "price")
    | STATES
    | one("text", st.sampled_from(["missing", "present", "x", {"contains": "x"}, {"is_not": "y"}]))
    | one("on", st.booleans())
    | one("at", one(st.sampled_from(["older_than", "newer_than"]), st.sampled_from(["1h", "2h", "1d", "1bd"])))
    | one("at", one(st.sampled_from(["before", "after_time"]), st.sampled_from(["2026-03-03", "2026-03-03T17:00"])))
    | one("items", one(st.sampled_from(["any", "all", "none"]), INNER) | one("count", FEW))
    | one("expr", st.sampled_from(["n > m", "m >= n", "n + m == 3", "n in [1, 2]", "on", "not (n == m)"]))
)  # fmt: skip
LINES = st.recursive(
    PLAIN,
    lambda below: (
        one(st.sampled_from(["any", "all"]), st.lists(below, min_size=1, max_size=3)) | one("not", below)
        | st.tuples(below, below).map(lambda pair: pair[0] | pair[1])
    ),
    max_leaves=6,
)  # fmt: skip
ENTRIES = st.lists(st.fixed_dictionaries({"n": FEW, "state": STATE}), max_size=2)
RECORD = st.fixed_dictionaries(
    {
        "state": STATE, "n": FEW, "m": FEW, "price": st.sampled_from([0, 0.5, 1, 3.5]), "on": st.booleans(),
        "text": st.sampled_from([None, "", "x", "y", "xy"]), "items": ENTRIES,
        "at": st.sampled_from([0, 1, 1.5, 2, 23, 24, 60]).map(lambda hours: (NOW - timedelta(hours=hours)).isoformat()),
    }
)  # fmt: skip


def compiled(raw: dict[str, Any]) -> Condition:
    """Compile lines that hold."""

    def refuse(_path: object, code: str, facts: dict[str, Any]) -> None:
        raise AssertionError(code, facts)

    found = compile_condition(raw, SCOPE, refuse)
    assert found is not None
    return found


@settings(deadline=None)  # the first business day takes the time to load the holidays
@given(LINES, LINES, RECORD)
def test_what_a_record_does_is_never_proved_impossible(
    first: dict[str, Any], second: dict[str, Any], record: dict[str, Any]
) -> None:
    """Whatever two conditions plainly answer for one record can be answered so."""
    both = [compiled(first), compiled(second)]
    told = [(one_of_two.tree, one_of_two.test(record, {}, NOW)) for one_of_two in both]
    assert Space().of((tree, answer) for tree, answer in told if answer is not None)


@pytest.mark.parametrize(
    "raw",
    [
        {"all": [{"state": "A"}, {"state": "B"}]},
        {"n": {"more_than": 10}, "not": {"n": {"at_least": 5}}},
        {"all": [{"n": {"more_than": 1}}, {"n": {"less_than": 2}}]},
        {"state": {"not_in": ["A", "B", "C"]}},
        {"state": "A", "not": {"state": {"starts_with": "A"}}},
        {"all": [{"at": {"older_than": "3d"}}, {"at": {"newer_than": "1d"}}]},
        {"text": "missing", "expr": 'text == "x"'},
        {"items": {"all": {"n": 1}, "any": {"n": 2}}},
        {"items": {"all": {"state": "A"}, "none": {"state": ["A", "B"]}}},
        {"all": [{"expr": "n > m"}, {"expr": "m >= n"}]},
        {"all": [{"items": {"count": {"more_than": 2}}}, {"items": {"count": {"at_most": 2}}}]},
        {"any": [{"state": "A"}, {"state": "B"}], "state": "C"},
    ],
)  # fmt: skip
def test_contradictions_are_proved(raw: dict[str, Any]) -> None:
    """Each of these excludes itself."""
    assert Space().of([(compiled(raw).tree, True)]) == ()
