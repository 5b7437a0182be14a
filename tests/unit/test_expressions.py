"""Conditions: three-valued answers, the same from the generated code and from the trace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.catalogue import Field
from runner.errors import Unreadable
from runner.expressions import Condition, JoinShape, Scope, Shape, Value, compile_condition, compile_value
from runner.model import Lookup, Message
from runner.wording import LANGS, say

NOW = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Seoul")
ENUMS = {"status": frozenset({"A", "B", "C"})}
ITEM = {
    "count": Field(type="integer"),
    "state": Field(type="text", enum="status"),
    "note": Field(type="text", optional=True),
}
FIELDS = {
    "id": Field(type="integer"),
    "status": Field(type="text", enum="status"),
    "name": Field(type="text", optional=True),
    "at": Field(type="time", optional=True),
    "price": Field(type="money", optional=True),
    "rate": Field(type="number"),
    "flag": Field(type="boolean"),
    "tags": Field(type="list", of="text"),
    "items": Field(type="list", fields=ITEM),
    "who": Field(type="object", fields={"city": Field(type="text", optional=True), "age": Field(type="integer")}),
}
STOCK = Shape(fields={"quantity": Field(type="integer"), "cost": Field(type="integer")}, enums={})
SCOPE = Scope(
    record=Shape(fields=FIELDS, enums=ENUMS),
    joins={"stock": JoinShape(shape=STOCK), "shipped": JoinShape(shape=STOCK, every="items")},
    timezone=ZONE,
)
RECORD: dict[str, Any] = {
    "id": 1, "status": "A", "name": "김", "at": "2026-03-02T09:30:00+09:00", "rate": 0.5, "flag": True,
    "tags": ["x", "y"], "price": {"currencyCode": "KRW", "units": 18_900, "nanos": 0},
    "who": {"city": "서울", "age": 30},
    "items": [{"count": 1, "state": "A"}, {"count": 3, "state": "B"}],
}  # fmt: skip
JOINS: dict[str, Any] = {
    "stock": {"quantity": 300, "cost": 5000},
    "shipped": ({"quantity": 1, "cost": 2}, Lookup.MISSING),
}


def wrong(raw: Any) -> list[str]:
    """Compile a condition that does not hold; return the codes that were reported."""
    found: list[str] = []

    def report(_path: object, code: str, facts: dict[str, Any]) -> None:
        found.append(code)
        for lang in LANGS:
            assert say(Message(code=code, facts=facts), lang)
            assert facts["hint"] is None or say(facts["hint"], lang)

    assert compile_condition(raw, SCOPE, report) is None
    return found


def compiled(raw: Any) -> Condition:
    """Compile a condition that holds."""
    found = compile_condition(raw, SCOPE, lambda path, code, facts: pytest.fail(f"{path} {code} {facts}"))
    assert found is not None
    return found


def answer(raw: Any, joins: dict[str, Any] | None = None, **changes: Any) -> bool | None:
    """Evaluate a condition both ways; fields set to `...` are taken out of the record."""
    record = {name: value for name, value in (RECORD | changes).items() if value is not ...}
    condition = compiled(raw)
    found = condition.test(record, joins or JOINS, NOW)
    step = condition.trace(record, joins or JOINS, NOW)
    assert step.verdict is found
    for lang in LANGS:
        assert say(step.wanted, lang)
        if found is None:
            assert say(condition.why(record, joins or JOINS, NOW), lang)
    return found


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"status": "A"}, True),
        ({"status": ["B", "C"]}, False),
        ({"status": {"is_not": "B"}}, True),
        ({"status": {"not_in": ["A", "B"]}}, False),
        ({"id": {"at_least": 1}, "price": {"more_than": 18_899}}, True),
        ({"price": {"between": [1, 18_900]}}, True),
        ({"rate": {"less_than": 0.5}}, False),
        ({"flag": True}, True),
        ({"at": {"older_than": "24h"}}, True),
        ({"at": {"older_than": "25h"}}, False),
        ({"at": {"newer_than": "25h"}}, True),
        ({"at": {"before": "2026-03-02T10:00"}}, True),
        ({"at": {"after_time": "2026-03-02T00:00:00Z"}}, True),
        ({"at": {"older_than": "1bd"}}, False),
        ({"name": {"contains": "김"}}, True),
        ({"name": {"starts_with": "이"}}, False),
        ({"name": {"matches": "^[가-힣]{1,3}$"}}, True),
        ({"name": "present"}, True),
        ({"name": "missing"}, False),
        ({"tags": {"has_any": ["y", "z"]}}, True),
        ({"tags": {"has_all": ["y", "z"]}}, False),
        ({"who.city": "서울"}, True),
        ({"who": {"city": "서울", "age": {"at_least": 31}}}, False),
        ({"items": {"any": {"count": 3}}}, True),
        ({"items": {"all": {"count": {"at_least": 1}}, "none": {"state": "C"}}}, True),
        ({"items": {"count": {"at_most": 1}}}, False),
        ({"items": {"sum": {"field": "count", "at_least": 4}}}, True),
        ({"stock": "present", "stock.quantity": {"at_least": 300}}, True),
        ({"stock": {"quantity": {"less_than": 300}}}, False),
        ({"items": {"any": {"shipped": "missing"}, "all": {"count": {"at_least": 1}}}}, True),
        ({"items": {"all": {"shipped": "present"}}}, False),
        ({"items": {"any": {"shipped.quantity": 1}}}, True),
        ({"any": [{"status": "B"}, {"flag": True}]}, True),
        ({"not": {"status": "A"}}, False),
        ({"id": {"from": "stock.quantity"}}, False),
        ({"expr": "price * 0.9 > stock.cost * 1.1"}, True),
        ({"expr": "all(items, shipped.quantity >= count - 0)"}, None),
        ({"expr": "sum(items, count) == 4 and count(items, state == 'B') == 1"}, True),
        ({"expr": "days_between(at, now) >= 1 and not flag"}, False),
        ({"expr": "status in ['A', 'C'] or id / 0 > 1"}, True),
        ({"expr": "id / 0 > 1"}, None),
        ({"expr": "round(rate) == 1 and max(id, 3) == 3"}, True),
    ],
)
def test_what_conditions_say(raw: Any, *, expected: bool | None) -> None:
    """Every comparison of the language on a plain record."""
    assert answer(raw) is expected


@pytest.mark.parametrize(
    ("raw", "changes"),
    [
        ({"status": "A"}, {"status": None}),
        ({"status": "A"}, {"status": ...}),
        ({"status": "A"}, {"status": "NEW_VALUE"}),
        ({"status": {"is_not": "A"}}, {"status": "NEW_VALUE"}),
        ({"status": ["B"]}, {"status": 7}),
        ({"status": ["B"]}, {"status": ["A"]}),
        ({"id": 1}, {"id": "1"}),
        ({"id": {"more_than": 0}}, {"id": True}),
        ({"flag": True}, {"flag": "true"}),
        ({"at": {"older_than": "1h"}}, {"at": None}),
        ({"at": {"older_than": "1h"}}, {"at": "yesterday"}),
        ({"price": {"more_than": 1}}, {"price": {"currencyCode": "USD", "units": 5, "nanos": 0}}),
        ({"price": {"more_than": 1}}, {"price": {"currencyCode": "KRW", "units": 5, "nanos": 1}}),
        ({"id": "present"}, {"id": ...}),
        ({"id": "missing"}, {"id": ...}),
        ({"items": {"all": {"count": 1}}}, {"items": []}),
        ({"items": {"none": {"count": 1}}}, {"items": None}),
        ({"items": {"none": {"count": 1}}}, {"items": [{"count": None, "state": "A"}]}),
        ({"items": {"none": {"count": 1}}}, {"items": ["text"]}),
        ({"not": {"status": "B"}}, {"status": None}),
        ({"who.age": 30}, {"who": None}),
        ({"tags": {"has_any": ["x"]}}, {"tags": [None]}),
    ],
)
def test_what_cannot_be_told(raw: Any, changes: dict[str, Any]) -> None:
    """Null, absent, of a wrong type, or never seen before: never a yes, under `not` neither."""
    assert answer(raw, **changes) is None


@pytest.mark.parametrize(("value", "expected"), [(None, True), ("", True), (..., True), ("x", False)])
def test_missing_is_plain_where_the_catalogue_says_optional(value: Any, expected: bool) -> None:  # noqa: FBT001
    """Null, empty and absent are all "missing" for an optional field."""
    assert answer({"name": "missing"}, name=value) is expected
    assert answer({"name": "present"}, name=value) is not expected


@pytest.mark.parametrize(
    ("row", "missing", "field"),
    [
        ({"quantity": 300, "cost": 1}, False, True),
        (Lookup.MISSING, True, None),
        (Lookup.UNKNOWN, None, None),
        (Lookup.MANY, False, None),
    ],
)
def test_look_ups(row: Any, *, missing: bool | None, field: bool | None) -> None:
    """Not found is missing; unknown is unknown; of several rows no field can be told."""
    joins = JOINS | {"stock": row}
    assert answer({"stock": "missing"}, joins) is missing
    assert answer({"stock.quantity": 300}, joins) is field


def test_kleene() -> None:
    """No beats cannot tell under "all", yes beats it under "any"."""
    assert answer({"status": "B", "id": 1}, id=None) is False
    assert answer({"status": "A", "id": 1}, id=None) is None
    assert answer({"any": [{"id": 1}, {"flag": True}]}, id=None) is True
    assert answer({"any": [{"id": 1}, {"flag": False}]}, id=None) is None


def test_lines_without_look_ups_decide_early() -> None:
    """`first` needs no joins: its no is final."""
    condition = compiled({"status": "A", "stock.quantity": {"at_least": 1}})
    assert condition.first(RECORD, NOW) is True
    assert condition.first(RECORD | {"status": "B"}, NOW) is False
    assert condition.joins == {"stock"}
    assert condition.fields == {"status"}
    assert compiled({"stock": "missing"}).first(RECORD, NOW) is True


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"statsu": "A"}, "E307"),
        ({"status": "D"}, "E304"),
        ({"status": ["A", "D"]}, "E304"),
        ({"id": "1"}, "E303"),
        ({"id": "one"}, "E302"),
        ({"name": 12}, "E302"),
        ({"status": {"older_than": "1h"}}, "E312"),
        ({"status": {"equals": "A"}}, "E311"),
        ({"at": {"older_than": "30일"}}, "E317"),
        ({"at": {"before": "soon"}}, "E302"),
        ({"id": {"at_least": 1, "at_most": 2}}, "E310"),
        ({"items": "A"}, "E320"),
        ({"items": {"every": {"count": 1}}}, "E321"),
        ({"items": {"any": {"coutn": 1}}}, "E307"),
        ({"shipped": "missing"}, "E308"),
        ({"shipped.quantity": 1}, "E308"),
        ({"stock": "gone"}, "E306"),
        ({"id": {"from": "name"}}, "E313"),
        ({"id": {"between": [2, 1]}}, "E316"),
        ({"name": {"matches": "(a+)+$"}}, "E319"),
        ({"name": {"matches": "("}}, "E319"),
        ({"any": {"id": 1}}, "E305"),
        ({"expr": "id => 2"}, "E331"),
        ({"expr": "id +"}, "E331"),
        ({"expr": "id"}, "E332"),
        ({"expr": "name > 1"}, "E333"),
        ({"expr": "name * 2 == 1"}, "E336"),
        ({"expr": "unknown == 1"}, "E307"),
        ({"expr": "open('x') == 1"}, "E338"),
        ({"expr": "id.__class__ == 1"}, "E307"),
        ({"expr": "id ** 9 == 1"}, "E339"),
        ({"expr": "'a' * 2000000000 == 'a'"}, "E336"),
        ({"expr": "[x for x in items]"}, "E331"),
        ({"expr": "1 if id else 2"}, "E339"),
        ({"expr": "(" * 200 + "id" + ")" * 200 + " == 1 " * 60}, "E330"),
        ([], "E301"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_it_is_read(raw: Any, code: str) -> None:
    """Before anything runs, with words for it in both languages."""
    assert wrong(raw) == [code]


# --- both evaluators agree ----------------------------------------------------------------------------------------

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3),
    st.sampled_from(["A", "B", "Z", "", "x", "2026-03-02T00:00:00Z", "bad"]),
    st.floats(allow_nan=True, width=16), st.just([]), st.just({}), st.just(["x"]),
    st.just({"currencyCode": "KRW", "units": 2, "nanos": 0}),
)  # fmt: skip
ENTRIES = st.lists(st.one_of(st.dictionaries(st.sampled_from(list(ITEM)), VALUES, max_size=3), VALUES), max_size=3)
RECORDS = st.fixed_dictionaries(
    {}, optional={name: VALUES for name in FIELDS if name != "items"} | {"items": st.one_of(ENTRIES, VALUES)}
)
ROWS = st.one_of(st.sampled_from(list(Lookup)), st.dictionaries(st.sampled_from(["quantity", "cost"]), VALUES))
JOINED = st.fixed_dictionaries({}, optional={"stock": ROWS, "shipped": st.lists(ROWS, max_size=3).map(tuple)})
LEAVES = st.sampled_from(
    [
        {"status": "A"}, {"status": {"is_not": "B"}}, {"status": ["A", "C"]}, {"id": {"at_least": 1}}, {"id": 0},
        {"name": "present"}, {"name": "missing"}, {"id": "missing"}, {"who.city": "missing"},
        {"who.age": {"more_than": 1}},
        {"flag": False}, {"rate": {"less_than": 1.5}}, {"price": {"between": [0, 2]}}, {"at": {"older_than": "1d"}},
        {"at": {"newer_than": "1bd"}}, {"tags": {"has_any": ["x"]}}, {"tags": {"has_all": ["x", "y"]}},
        {"name": {"contains": "x"}}, {"name": {"matches": "^x"}}, {"stock": "missing"}, {"stock": "present"},
        {"stock.quantity": {"at_most": 1}}, {"items": {"any": {"count": 1}}}, {"items": {"all": {"state": "A"}}},
        {"items": {"none": {"shipped": "present"}}}, {"items": {"any": {"shipped.cost": 1, "note": "missing"}}},
        {"items": {"count": {"at_least": 2}}}, {"items": {"sum": {"field": "count", "more_than": 1}}},
        {"items": "missing"},
        {"items": {"all": {"any": [{"count": 1}, {"not": {"state": "B"}}]}}},
        {"expr": "rate * 2 > id - 1"}, {"expr": "sum(items, count) / id >= 1"}, {"expr": "any(items, count > id)"},
        {"expr": "min(items, count) == 1 or flag"}, {"expr": "hours_between(at, now) > 2 and name == 'x'"},
    ]
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(raw=TREES, record=RECORDS, joins=JOINED)
def test_the_generated_code_and_the_trace_agree(raw: Any, record: dict[str, Any], joins: dict[str, Any]) -> None:
    """Whatever the record holds; and whatever cannot be told has a reason."""
    condition = compiled(raw)
    found = condition.test(record, joins, NOW)
    assert condition.trace(record, joins, NOW).verdict is found
    if found is None:
        assert condition.why(record, joins, NOW).code
    if condition.first(record, NOW) is False:
        assert found is not True


# --- values of arguments --------------------------------------------------------------------------------------------


def value(raw: Any, **kind: Any) -> Value:
    """Compile a value that holds."""
    found = compile_value(raw, Field(**kind), SCOPE, lambda path, code, facts: pytest.fail(f"{path} {code} {facts}"))
    assert found is not None
    return found


def test_values_of_arguments() -> None:
    """Constants, fields, fields of joins, texts and relative times."""
    start = datetime(2026, 3, 4, tzinfo=ZONE)
    assert value(5, type="integer").get(RECORD, JOINS, NOW) == 5
    assert value({"from": "price"}, type="integer").get(RECORD, JOINS, NOW) == 18_900
    assert value({"from": "stock.cost"}, type="integer").get(RECORD, JOINS, NOW) == 5000
    assert value("{{ name }} 님, {{ stock.cost | won }}", type="text").get(RECORD, JOINS, NOW) == "김 님, 5,000원"
    assert value("tomorrow 00:00", type="time").get(RECORD, JOINS, NOW) == start
    assert value("+7d", type="time").get(RECORD, JOINS, NOW, start) == start + timedelta(days=7)


@pytest.mark.parametrize("raw", [{"from": "who.city"}, "{{ who.city }}", {"from": "stock.quantity"}])
def test_a_value_that_cannot_be_told_is_never_guessed(raw: Any) -> None:
    """The action of that record is not planned."""
    kind = "integer" if raw == {"from": "stock.quantity"} else "text"
    with pytest.raises(Unreadable):
        value(raw, type=kind).get(RECORD | {"who": {}}, JOINS | {"stock": Lookup.MISSING}, NOW)


def test_a_field_of_several_look_ups_must_be_the_same_everywhere() -> None:
    """Two boxes with two invoices have no one invoice."""
    one, other = {"quantity": 1, "cost": 2}, {"quantity": 2, "cost": 2}
    assert value({"from": "shipped.cost"}, type="integer").get(RECORD, {"shipped": (one, other)}, NOW) == 2
    with pytest.raises(Unreadable):
        value({"from": "shipped.quantity"}, type="integer").get(RECORD, {"shipped": (one, other)}, NOW)


@pytest.mark.parametrize(
    ("raw", "kind", "code"),
    [
        ({"from": "nobody"}, "integer", "E307"),
        ({"from": "name"}, "integer", "E313"),
        ("{{ name", "text", "E341"),
        ("{% for x in y %}{% endfor %}", "text", "E341"),
        ("{{ name | tojson }}", "text", "E341"),
        ("{{ nobody }}", "text", "E307"),
        ("{{ name }}", "integer", "E340"),
        ("someday", "time", "E302"),
        ("D", "text", "E304"),
    ],
)
def test_values_that_cannot_be_meant(raw: Any, kind: Any, code: str) -> None:
    """Refused when the rule is read."""
    found: list[str] = []
    enum = "status" if code == "E304" else None
    wanted = Field(type=kind, enum=enum)
    assert compile_value(raw, wanted, SCOPE, lambda _path, said, _facts: found.append(said)) is None
    assert found == [code]


def test_a_long_text_is_cut_off() -> None:
    """A template cannot grow without bound."""
    with pytest.raises(Unreadable):
        value("{{ name }}" * 500, type="text").get(RECORD | {"name": "x" * 1000}, JOINS, NOW)
