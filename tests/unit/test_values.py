"""Values of arguments: what an action is given, or that it cannot be told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from language_fakes import JOINS, NOW, RECORD, SCOPE, ZONE

from runner.catalogue import Field
from runner.errors import Unreadable
from runner.expressions import Value, compile_value
from runner.model import Lookup, Message
from runner.wording import LANGS, say


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


def test_numbers_are_calculated() -> None:
    """From the record and what was looked up; whole numbers stay whole, and what cannot be told stays so."""
    calculated = value({"expr": "max(stock.quantity - 3, 0)"}, type="integer")
    assert calculated.joins == {"stock"}
    stock = {"quantity": 5, "cost": 100}
    assert calculated.get(RECORD, JOINS | {"stock": stock}, NOW) == 2
    assert calculated.get(RECORD, JOINS | {"stock": stock | {"quantity": 1}}, NOW) == 0
    assert value({"expr": "ceil(price * 1.1 / 10) * 10"}, type="integer").get(RECORD, JOINS, NOW) == 20_790
    assert value({"expr": "price / 8"}, type="number").get(RECORD, JOINS, NOW) == pytest.approx(2362.5)
    with pytest.raises(Unreadable):
        value({"expr": "price / 8"}, type="integer").get(RECORD, JOINS, NOW)
    with pytest.raises(Unreadable):
        calculated.get(RECORD, JOINS | {"stock": Lookup.MISSING}, NOW)


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
    ("raw", "expected"),
    [
        ("{{ id }}/{{ rate }}/{{ id / 8 }}", "1/0.5/0.125"),
        ("{{ at | date }} {{ at | time }} {{ at }}", "2026-03-02 2026-03-02 09:30 2026-03-02 09:30"),
        ("{{ (price * 0.9) | round | won }}", "17,010원"),
        ("{{ tags | join('·') }}", "x·y"),
        ("{{ name | default('고객') }}", "김"),
        ("{{ who.city | trim }}{# a remark #}!\n", "서울!\n"),
        ("{% if flag and id < 2 %}A{% else %}B{% endif %}", "A"),
        ("{% if status == 'B' %}B{% elif status == 'A' %}A{% else %}-{% endif %}", "A"),
        ("{{ name if name else '고객' }}", "김"),
        ("{{ sum(items, count) }}", "4"),
    ],
)
def test_texts(raw: str, expected: str) -> None:
    """Fields, calculations, `if` and a few filters, written as a person would."""
    assert value(raw, type="text").get(RECORD, JOINS, NOW) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("{{ name | default('고객') }} 님", "고객 님"),
        ("{% if name %}{{ name }}{% else %}고객{% endif %} 님", "고객 님"),
        ("{{ '고객' if not name else name }} 님", "고객 님"),
    ],
)
@pytest.mark.parametrize("missing", [None, "", ...])
def test_texts_may_do_without_a_missing_field(raw: str, expected: str, missing: Any) -> None:
    """Where they say so; otherwise the text cannot be told."""
    record = {key: one for key, one in (RECORD | {"name": missing}).items() if one is not ...}
    assert value(raw, type="text").get(record, JOINS, NOW) == expected
    with pytest.raises(Unreadable):
        value("{{ name }} 님", type="text").get(record, JOINS, NOW)


def test_drift_is_not_a_missing_field() -> None:
    """`default` stands in for what may be missing, not for what cannot be read."""
    with pytest.raises(Unreadable):
        value("{{ id | default('-') }}", type="text").get(RECORD | {"id": "1"}, JOINS, NOW)


def test_values_inside_of_lists_and_objects() -> None:
    """They are made like any other; nothing is sent as it was written."""
    who = {"city": Field(type="text"), "ids": Field(type="list", of="integer")}
    made = value({"city": "{{ who.city }}시", "ids": [{"from": "id"}, 7]}, type="object", fields=who)
    assert made.get(RECORD, JOINS, NOW) == {"city": "서울시", "ids": [1, 7]}
    assert (made.fields, made.constant) == ({"who.city", "id"}, False)


def test_a_field_must_be_a_value_the_action_takes() -> None:
    """Whatever stood in the seller's own file."""
    taken = value({"from": "name"}, type="text", enum="status")
    assert taken.get(RECORD | {"name": "B"}, JOINS, NOW) == "B"
    with pytest.raises(Unreadable):
        taken.get(RECORD, JOINS, NOW)


def test_relative_times_are_not_constant() -> None:
    """They may stand where the time of the run is known, not in what is asked for."""
    assert value(5, type="integer").constant
    assert not value("tomorrow", type="date").constant
    assert value("tomorrow", type="date").get({}, {}, NOW) == datetime(2026, 3, 4, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("raw", "kind", "code"),
    [
        ({"from": "nobody"}, "integer", "E307"),
        ({"expr": "nobody + 1"}, "integer", "E307"),
        ({"expr": "price > 1"}, "integer", "E332"),
        ({"expr": "price"}, "text", "E302"),
        ("{{ items }}", "text", "E337"),
        ("{{ flag }}", "text", "E342"),
        ("{{ name | won }}", "text", "E343"),
        ("{{ name.__class__ }}", "text", "E307"),
        ("{{ range(9) }}", "text", "E338"),
        ("{{ 'x' * 1000000000 }}", "text", "E336"),
        ("{% set x = 1 %}", "text", "E341"),
        ("{% include 'x' %}", "text", "E341"),
        ("{{ " + "(" * 600 + "name" + ")" * 600 + " }}", "text", "E330"),
        ("+999999w", "time", "E302"),
        ([{"from": "nobody"}], "list", "E307"),
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

    def report(_path: object, said: str, facts: dict[str, Any]) -> None:
        found.append(said)
        hints = [facts["hint"]] if facts["hint"] else []
        assert all(say(told, lang) for told in (Message(code=said, facts=facts), *hints) for lang in LANGS)

    assert compile_value(raw, wanted, SCOPE, report) is None
    assert found == [code]


def test_a_long_text_is_cut_off() -> None:
    """A template cannot grow without bound."""
    with pytest.raises(Unreadable):
        value("{{ name }}" * 500, type="text").get(RECORD | {"name": "x" * 1000}, JOINS, NOW)


def test_constants_and_lists_of_one() -> None:
    """Values can be made by hand, as the rest of the engine makes them."""
    assert Value.of(7).get({}, {}, NOW) == 7
    assert Value.of(7).constant
    assert Value.of(7).alone().get({}, {}, NOW) == [7]
