"""Conditions: three-valued answers, the same from the generated code and from the trace."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, nodes
from language_fakes import FIELDS, ITEM, JOINS, NOW, RECORD, SCOPE

from runner.expressions import Condition, Scope, compile_condition
from runner.expressions.arithmetic import spelled
from runner.model import Lookup, Message
from runner.wording import LANGS, say


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
        ({"expr": "status in ['A', 'C'] or id / (id - 1) > 1"}, True),
        ({"expr": "id / (id - 1) > 1"}, None),
        ({"expr": "round(rate) == 1 and max(id, 3) == 3"}, True),
        ({"expr": "number('300') == stock.quantity and number('-7') < id"}, True),
        ({"expr": "number(name) == 1"}, None),
        ({"expr": "number('1.0') == id or number('1,000') == id or number('') == id"}, None),
        ({"expr": "at < '2026-03-02T10:00' and 0 < id < 2"}, True),
        ({"expr": "rate * 3 == 1.5 and id * 0.1 + id * 0.2 == 0.3"}, True),
        ({"expr": " or ".join(f"id == {n}" for n in range(2, 40))}, False),
        ({"any": [{"id": n} for n in range(300, 0, -1)]}, True),
        ({"items": {"any": {"id": 1, "shipped.quantity": {"from": "count"}}}}, True),
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
        ({"at": {"newer_than": "30d"}}, {"at": "20260302"}),
        ({"at": {"newer_than": "30d"}}, {"at": "2026-W10-1"}),
        ({"name": {"matches": ".*a.*b"}}, {"name": "a" * 5000}),
        ({"expr": "id // 3 > 1"}, {"id": 10**400}),
        ({"expr": "id / rate > 1"}, {"rate": 1e-320}),
    ],
)
def test_what_cannot_be_told(raw: Any, changes: dict[str, Any]) -> None:
    """Null, absent, of a wrong type, or never seen before: never a yes, under `not` neither."""
    assert answer(raw, **changes) is None


@pytest.mark.parametrize(("value", "expected"), [(None, True), ("", True), (..., True), ("x", False)])
def test_missing_is_plain_where_the_catalogue_says_optional(value: Any, *, expected: bool) -> None:
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
    """The early lines need no joins: their no is final."""
    condition = compiled({"status": "A", "stock.quantity": {"at_least": 1}})
    assert condition.early.strain(RECORD, {}, NOW) == len(condition.early.lines) == 1
    assert condition.early.strain(RECORD | {"status": "B"}, {}, NOW) == 0
    assert condition.joins == {"stock"}
    assert condition.fields == {"status"}
    assert compiled({"stock": "missing"}).early.strain(RECORD, {}, NOW) == 0


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
        ({"expr": "(" * 240 + "id" + ")" * 240 + " == 1"}, "E330"),
        ({"expr": "not " * 100 + "flag"}, "E330"),
        ({"expr": "status == 'D'"}, "E304"),
        ({"expr": "status in ['A', 'D']"}, "E304"),
        ({"expr": "at < 'soon'"}, "E333"),
        ({"expr": "id * 1e999 > 1"}, "E336"),
        ({"expr": "id == 1 }}{{ 2"}, "E331"),
        ({"at": {"older_than": "999999w"}}, "E317"),
        ({"at": {"before": "20260302"}}, "E302"),
        ([], "E301"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_it_is_read(raw: Any, code: str) -> None:
    """Before anything runs, with words for it in both languages."""
    assert wrong(raw) == [code]


@pytest.mark.parametrize(
    ("written", "before", "expected"),
    [
        ("2026-03-02T23:59:59", "2026-03-03T00:00+09:00", True),
        ("2026-03-03T00:00:00", "2026-03-03T00:00+09:00", False),
        ("2026-03-02+09:00", "2026-03-02T08:00+09:00", True),
        ("2026-03-02", "2026-03-02T08:00+09:00", True),
        ("2026-03-02T15:00:00Z", "2026-03-03T00:00+09:00", False),
        ("1772463599999", "2026-03-03T00:00+09:00", True),
        ("1772463600000", "2026-03-03T00:00+09:00", False),
    ],
)
def test_times_without_an_offset_are_korean(written: str, before: str, *, expected: bool) -> None:
    """In data, whatever the zone of the rule; a day is its midnight, milliseconds are those since 1970."""
    assert abroad({"at": {"before": before}}, at=written) is expected


@pytest.mark.parametrize("written", [1772463599999, 1.7e12, 177246359999, 17724635999990, -1772463599999, True, "1e12"])
def test_only_thirteen_digits_are_milliseconds(written: Any) -> None:
    """Seconds, orders and shares are no times."""
    expected = True if written == 1772463599999 else None
    assert abroad({"at": {"before": "2026-03-03T00:00+09:00"}}, at=written) is expected


def test_a_time_in_a_rule_without_an_offset_is_in_the_rules_zone() -> None:
    """The seller writes the clock on the wall."""
    assert abroad({"at": {"before": "2026-03-02T00:00"}}, at="2026-03-02T13:00:00+09:00") is True
    assert abroad({"at": {"before": "2026-03-02T00:00"}}, at="2026-03-02T14:30:00+09:00") is False


def abroad(raw: Any, **changes: Any) -> bool | None:
    """Evaluate a condition of a rule in another zone."""
    scope = Scope(record=SCOPE.record, joins={}, timezone=ZoneInfo("America/New_York"))
    condition = compile_condition(raw, scope, lambda *told: pytest.fail(str(told)))
    assert condition is not None
    return condition.test(RECORD | changes, {}, NOW)


def test_fields_are_those_of_the_record() -> None:
    """What stands in a list counts as the list: that is where a change can be seen."""
    found = compiled(
        {"items": {"any": {"count": 1}}, "tags": {"has_any": ["x"]}, "expr": "all(items, count > who.age)"}
    )
    assert found.fields == {"items", "tags", "who.age"}


def test_lines_inside_a_list_decide_early_too() -> None:
    """Only what needs the look-up waits for it."""
    condition = compiled({"items": {"all": {"shipped": "missing"}, "none": {"state": "C"}}})
    assert condition.early.strain(RECORD | {"items": [{"count": 1, "state": "C"}]}, {}, NOW) == 0
    assert condition.early.strain(RECORD, {}, NOW) == len(condition.early.lines)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$", "(a|aa)+$", "(a|ab)*b", r"(\w\s?)+$", "(a?){50}a{50}", "a?" * 28 + "a" * 28, "a{1,9}" * 7 + "b",
        ".*.*.*.*x", r"(a)\1", "(?=a)b", "(?<!a)b", "(x*)*", "((ab)*c)*", "(a{0,40}){40}",
    ],
)  # fmt: skip
def test_patterns_that_could_run_for_ever_are_refused(pattern: str) -> None:
    """Known bombs, and what looks around or back."""
    assert wrong({"name": {"matches": pattern}}) == ["E319"]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"^\d{2,3}-\d{3,4}-\d{4}$", "010-1234-5678", True),
        ("세일", "여름 세일!", True),
        ("^(서울|부산).*구$", "서울 강남구", True),
        ("(?i)sale", "SALE", True),
        (r"^[가-힣]+ [가-힣]+$", "김 철수2", False),
        ("(foo|bar){2}", "foobar", True),
    ],
)
def test_patterns_that_sellers_write_are_taken(pattern: str, text: str, *, expected: bool) -> None:
    """They are looked for anywhere in the text, unless anchored."""
    assert answer({"name": {"matches": pattern}}, name=text) is expected


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
        {"items": {"all": {"count": {"at_least": 0}, "state": {"not_in": ["B"]}, "stock.cost": {"from": "id"}}}},
        {"items": {"any": {"not": {"shipped": "missing"}, "expr": "count > 0 and sum(items, count) > id"}}},
        {"items.0.count": {"is_not": 1}}, {"tags": "present"}, {"who": "missing"}, {"name": {"starts_with": "x"}},
        {"expr": "count(items, shipped.quantity >= count) > 0"}, {"expr": "max(items, count * 2) // id % 2 == 1"},
        {"not": {"items": {"none": {"any": [{"state": "A"}, {"shipped": "present"}]}}}},
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
    strained = [condition.early.strain(record, {}, NOW), condition.late.strain(record, joins, NOW)]
    passed = strained == [len(condition.early.lines), len(condition.late.lines)]
    assert passed is (found is not False)
    said_no = [n for n, step in enumerate(condition.lines(record, joins, NOW)) if step.verdict is False]
    assert (not said_no) is passed


@pytest.mark.parametrize(
    "text",
    ["price * (100 - 10) > cost * (100 + 10)", "a - (b - c) > 1", "a - b - c > 1", "(a or b) and c", "a / (b * c) > 1"],
)
def test_an_expression_is_written_back_as_it_was_meant(text: str) -> None:
    """Brackets that decide something stay."""
    tree = Environment(autoescape=False).parse("{{ (" + text + ") }}")  # noqa: S701 - only its parser is used
    node = tree.body[0]
    assert isinstance(node, nodes.Output)
    assert spelled(node.nodes[0]) == text
