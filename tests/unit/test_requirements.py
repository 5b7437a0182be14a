"""What the catalogue wants of arguments: bounds of one, and what several must be to each other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runner.arguments import arguments_for
from runner.catalogue import Catalogue, load
from runner.catalogue.bounds import broken_bound
from runner.catalogue.shapes import Parameter
from runner.errors import Unreadable
from runner.expressions import Value
from runner.model import Mark, Match, Message, Record
from runner.rules import load as load_rules
from runner.rules.effects import Effects
from runner.rules.shapes import Then
from runner.wording import LANGS, say, sentences

NOW = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
TERMS: dict[str, Any] = {
    "name": "재고 정리", "type": "RATE", "discount": 10, "maxDiscountPrice": 3000,
    "startAt": datetime(2026, 3, 4, tzinfo=UTC), "endAt": datetime(2026, 3, 11, tzinfo=UTC),
}  # fmt: skip
RULE = """\
version: 1
rules:
  - name: coupon
    from: item_inventories
    if: {onSale: true}
    then:
      - issue_instant_coupon:
          for: all_matched
          name: 재고 정리
          type: RATE
          discount: 10
          maxDiscountPrice: 3000
          startAt: %s
          endAt: %s
"""


@pytest.fixture
def catalogue() -> Catalogue:
    """Return the shipped one."""
    return load()


def sent(catalogue: Catalogue, **changed: Any) -> dict[str, Any]:
    """Make the arguments of a coupon, as the plan does."""
    target = catalogue.actions["issue_instant_coupon"]
    values = {name: Value.of(value) for name, value in (TERMS | changed).items()}
    then = Then(
        operation=target.name, place=0, arguments=values, needs=Effects(catalogue=catalogue)[target.name].needs,
        mark=Mark(file="r.yaml", line=1, column=1),
    )  # fmt: skip
    match = Match(record=Record(source="item_inventories", key="1", data={}, read_at=NOW), joins={})
    return arguments_for(then, target, match, NOW)


def test_arguments_that_fit_are_sent(catalogue: Catalogue) -> None:
    """In wire spelling."""
    assert sent(catalogue)["endAt"] == "2026-03-11 09:00:00"


@pytest.mark.parametrize(
    ("changed", "argument"),
    [
        ({"discount": 101}, "discount"), ({"endAt": datetime(2026, 3, 1, tzinfo=UTC)}, "endAt"),
        ({"discount": 0}, "discount"), ({"name": "가" * 49}, "name"),
    ],
)  # fmt: skip
def test_a_doubt_names_the_argument(catalogue: Catalogue, changed: dict[str, Any], argument: str) -> None:
    """Whatever does not fit at run time is told with the name a seller wrote."""
    with pytest.raises(Unreadable) as caught:
        sent(catalogue, **changed)
    assert caught.value.facts["argument"] == argument
    for lang in LANGS:
        assert say(Message(code=caught.value.code, facts=caught.value.facts), lang).startswith(argument)


@pytest.mark.parametrize(
    ("start", "end", "good"),
    [
        ("tomorrow 00:00", "+7d", True), ("tomorrow 00:00", "+0d", False), ("tomorrow 00:00", "today 23:00", False),
        ("2026-12-01T00:00", "2026-12-08T00:00", True), ("2026-12-08T00:00", "2026-12-01T00:00", False),
        ("tomorrow 00:00", "2026-12-01T00:00", True),
    ],
)  # fmt: skip
def test_only_what_can_never_fit_is_refused_when_loaded(tmp_path: Path, start: str, end: str, good: bool) -> None:  # noqa: FBT001
    """A fixed end after a relative start may fit today and not next year: that is for the run to say."""
    path = tmp_path / "rules.yaml"
    path.write_text(RULE % (start, end), "utf-8")
    assert [one.message.code for one in load_rules([path]).diagnostics] == ([] if good else ["E186"])


ARRANGE = """\
version: 1
rules:
  - name: arrange
    from: {order_sheets: {status: INSTRUCT}}
    if: {splitShipping: false}
    then: [{arrange_shipment: {%s}}]
"""


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("deliveryCompanyCode: TWL_FM", ["returnCenterCode"]), ("deliveryCompanyCode: TWL_711", ["returnCenterCode"]),
        ("deliveryCompanyCode: TWL_KERRY", ["outboundShippingPlaceCode"]),
        ("deliveryCompanyCode: TWL_FM, returnCenterCode: '1'", []),
        ("deliveryCompanyCode: TWL_KERRY, outboundShippingPlaceCode: 5", []),
        ("deliveryCompanyCode: TWL_FM, returnCenterCode: '{{ orderId }}'", []),
    ],
)  # fmt: skip
def test_what_another_argument_asks_for_must_be_there(tmp_path: Path, given: str, missing: list[str]) -> None:
    """Some couriers must know where a box comes back to, others where it leaves from."""
    path = tmp_path / "rules.yaml"
    path.write_text(ARRANGE % given, "utf-8")
    found = [one.message for one in load_rules([path]).diagnostics if one.severity == "error"]
    assert [(one.code, one.facts["name"]) for one in found] == [("E184", name) for name in missing]


def test_every_requirement_can_be_asked_and_told(catalogue: Catalogue) -> None:
    """It compiles, points at an argument there is, and has words."""
    effects = Effects(catalogue=catalogue)
    asked = [(action, need) for action in catalogue.actions.values() for need in effects[action.name].needs]
    assert asked
    for action, need in asked:
        assert need.argument in action.parameters
        assert need.otherwise in sentences()


@pytest.mark.parametrize(
    ("bound", "value", "broken"),
    [
        ({"minimum": 10}, 9, ("minimum", 10)), ({"minimum": 10}, 10, None), ({"maximum": 10}, 11, ("maximum", 10)),
        ({"multiple_of": 10}, 15, ("multiple_of", 10)), ({"max_length": 2}, "가나다", ("max_length", 2)),
        ({"min_items": 1}, [], ("min_items", 1)), ({"max_items": 1}, [1, 2], ("max_items", 1)),
        ({"minimum": 10}, True, None), ({"minimum": 10}, None, None),
    ],
)  # fmt: skip
def test_bounds(bound: dict[str, int], value: Any, broken: tuple[str, int] | None) -> None:
    """Those the marketplace documents; a bound itself is allowed."""
    assert broken_bound(Parameter(place="body", type="integer", **bound), value) == broken  # type: ignore[arg-type]
