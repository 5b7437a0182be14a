"""Rule tests: what passes, what falls short and where, and files that do not hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.catalogue import load
from runner.ruletests import Result, read_suite, run_tests
from runner.wording import LANGS, say

RULES = """
version: 1
sources:
  shipped:
    csv: shipped.csv
    key: receiptId
    fields: {receiptId: integer, at: time}
    stale_after: 30m
rules:
  - name: stop
    from: {return_requests: {status: RU}}
    join: {gone: {in: shipped, on: {receiptId: receiptId}}}
    if:
      receiptStatus: RELEASE_STOP_UNCHECKED
      gone: missing
      createdAt: {older_than: 10m}
    then: [stop_shipment]
    hold: 1h
    mode: ask
"""
TEST = """
tests:
  - name: two receipts
    rule: stop
    now: 2026-03-03T09:30+09:00
    given:
      return_requests:
        - {receiptId: 1, cancelCountSum: 2, receiptStatus: RELEASE_STOP_UNCHECKED, createdAt: 2026-03-03T09:00:00+09:00}
        - {receiptId: 2, cancelCountSum: 1, receiptStatus: RELEASE_STOP_UNCHECKED, createdAt: 2026-03-03T09:25:00+09:00}
        - {receiptId: 3, cancelCountSum: 1, receiptStatus: RELEASE_STOP_UNCHECKED, createdAt: null}
      shipped: []
"""
TWICE = """\
        - {receiptId: 4, cancelCountSum: 2, receiptStatus: RELEASE_STOP_UNCHECKED, createdAt: 2026-03-03T09:00:00+09:00}
"""
RIGHT = """
    expect: [{stop_shipment: {receiptId: 1, cancelCount: 2}}]
    not_because: {2: createdAt}
    cannot_tell: [3]
    matches: [1]
"""


def results(folder: Path, *, rules: str = RULES, test: str = TEST + RIGHT) -> tuple[Result, ...]:
    (folder / "stop.yaml").write_text(rules, "utf-8")
    (folder / "stop.test.yaml").write_text(test, "utf-8")
    return run_tests([folder], load())


def shortfalls(folder: Path, expectations: str) -> list[tuple[str, int]]:
    (result,) = results(folder, test=TEST + expectations)
    assert result.problems == ()
    assert all(say(one.message, lang) for one in result.shortfalls for lang in LANGS)
    return [(one.message.code, one.mark.line) for one in result.shortfalls]


def test_a_rule_that_does_what_is_expected_passes(tmp_path: Path) -> None:
    """Whatever its mode and `hold`: given records are taken to have matched for long."""
    (result,) = results(tmp_path)
    assert (result.passed, result.name, result.rule) == (True, "two receipts", "stop"), result
    assert (result.file, result.mark.line) == (str(tmp_path / "stop.test.yaml"), 3)


@pytest.mark.parametrize(
    ("expectations", "code"),
    [
        ("    expect: [{stop_shipment: {receiptId: 9}}]\n", "test_action_missing"),
        ("    expect: [{stop_shipment: {receiptId: 1, cancelCount: 9}}]\n", "test_action_missing"),
        ("    expect: [{stop_shipment: {receiptId: 2}}]\n", "test_no_action"),
        ("    expect_counts: {stop_shipment: 2}\n", "test_action_count"),
        ("    not_because: {1: createdAt}\n", "test_not_kept_out"),
        ("    messages: [field_absent]\n", "test_not_said"),
        ("    expect: []\n", "test_action_extra"),
        ("    not_because: {2: receiptStatus}\n", "test_other_condition"),
        ("    not_because: {77: createdAt}\n", "test_record_not_seen"),
        ("    cannot_tell: []\n", "test_cannot_tell"),
        ("    cannot_tell: [1, 3]\n", "test_could_tell"),
        ("    matches: [1, 2]\n", "test_no_match"),
        ("    matches: []\n", "test_match_extra"),
    ],
)
def test_each_difference_is_told_where_it_was_expected(tmp_path: Path, expectations: str, code: str) -> None:
    """The mark leads to the line of the expectation that does not hold."""
    found = shortfalls(tmp_path, expectations)
    assert found[0] == (code, 12)


def test_what_none_forbids_is_what_keeps_a_record_out(tmp_path: Path) -> None:
    """The condition within `none` holds, and that is the reason."""
    rules = RULES.replace("    if:\n", "    if:\n      returnItems: {none: {releaseStatus: [Y, A]}}\n")
    test = TEST.replace("cancelCountSum: 2,", "cancelCountSum: 2, returnItems: [{releaseStatus: Y}],")
    (result,) = results(tmp_path, rules=rules, test=test + "    not_because: {1: releaseStatus}\n    matches: []\n")
    assert result.passed, result.shortfalls


def test_arguments_may_be_left_out(tmp_path: Path) -> None:
    """Only what is written is compared; an action is used up by one expectation."""
    assert shortfalls(tmp_path, "    expect: [stop_shipment]\n") == []
    twice = shortfalls(tmp_path, "    expect: [stop_shipment, stop_shipment]\n")
    assert [code for code, _ in twice] == ["test_action_missing"]


def test_a_file_that_is_not_given_cannot_be_told(tmp_path: Path) -> None:
    """No rows and no file are two things: `[]` is an empty file, absence is a file that could not be read."""
    without = TEST.replace("      shipped: []\n", "")
    (result,) = results(tmp_path, test=without + "    cannot_tell: [1, 3]\n    expect: []\n")
    assert result.passed, result.shortfalls


def test_an_unknown_rule_is_named(tmp_path: Path) -> None:
    """With the rules that are there."""
    (result,) = results(tmp_path, test=TEST.replace("rule: stop", "rule: stopp") + RIGHT)
    assert [(one.message.code, one.mark.line) for one in result.problems] == [("test_unknown_rule", 4)]
    assert result.problems[0].message.facts["known"] == "stop"


def test_a_broken_rule_file_fails_its_tests(tmp_path: Path) -> None:
    """The problem of the rule file is the result; nothing is evaluated."""
    (result,) = results(tmp_path, rules=RULES.replace("mode: ask", "mode: aks"))
    assert not result.passed
    assert [Path(one.mark.file).name for one in result.problems] == ["stop.yaml"]


def test_a_difference_tells_what_the_rule_saw(tmp_path: Path) -> None:
    """The conditions of the record it is about, with their places and values."""
    (result,) = results(tmp_path, test=TEST + "    expect: [{stop_shipment: {receiptId: 2}}]\n")
    missing, extra = result.shortfalls
    assert missing.told is not None
    assert (missing.told.record, missing.told.rule.name) == ("2", "stop")
    (holds,) = missing.told.steps
    old = next(step for step in holds.parts if step.field == "createdAt")
    assert (old.verdict, old.found) == (False, "2026-03-03T09:25:00+09:00")
    assert old.mark is not None
    assert (Path(old.mark.file).name, old.mark.line) == ("stop.yaml", 16)
    assert extra.told is not None
    assert extra.told.record == "1"


def test_a_special_expectation_takes_its_action_before_a_general_one(tmp_path: Path) -> None:
    """The order in which expectations stand does not matter."""
    more = TEST.replace("      shipped: []", TWICE + "      shipped: []")
    assert results(tmp_path, test=more + "    expect: [stop_shipment, {stop_shipment: {receiptId: 1}}]\n")[0].passed


def test_what_was_said_is_a_code_or_a_part_of_a_sentence(tmp_path: Path) -> None:
    """In either language, also where one message stands within another."""
    said = "    messages: [field_empty, createdAt is empty, 비어 있습니다]\n"
    assert shortfalls(tmp_path, said) == []


def test_repeated_rows_reach_limits(tmp_path: Path) -> None:
    """Twenty rows of one, their keys counted up; what was done today counts."""
    own = "receiptStatus: RELEASE_STOP_UNCHECKED, createdAt: 2026-03-03T08:00:00+09:00"
    row = f"{{repeat: 20, receiptId: 11, cancelCountSum: 1, {own}}}"
    test = TEST.replace("      shipped: []", f"        - {row}\n      shipped: []").replace(
        "    given:", "    done_today: {lines: 90, won: 5}\n    given:"
    )
    limited = RULES + "    limits: {per_day: 100}\n"
    wanted = "    expect_counts: {stop_shipment: 10}\n    messages: [above_per_day]\n"
    (result,) = results(tmp_path, rules=limited, test=test + wanted)
    assert result.passed, result


def test_several_rules_run_together(tmp_path: Path) -> None:
    """Where two want the same record, the one that stands first acts, as in a run."""
    both = RULES + RULES[RULES.index("  - name: stop") :].replace("name: stop", "name: halt")
    test = TEST.replace("rule: stop", "rules: [stop, halt]") + "    expect: [{stop_shipment: {receiptId: 1}}]\n"
    (result,) = results(tmp_path, rules=both, test=test + "    messages: [another_rule_acts]\n")
    assert result.passed, result
    assert result.rule == "stop, halt"


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        (("rule: stop", "rules: [stop]\n    rule: stop"), "test_one_or_many", 3),
        (("rule: stop", "as: auto"), "test_one_or_many", 3),
        (("09:30+09:00\n", "later\n"), "test_now_unreadable", 5),
        (("shipped: []", "shiped: []"), "test_unknown_source", 11),
        (("    given:", "    world: demo\n    given:"), "test_given_in_world", 8),
        (("    given:", "    world: nowhere\n    given:"), "test_given_in_world", 8),
        (("    given:", "    then_restart: true\n    given:"), "test_needs_world", 6),
        (("{receiptId: 3,", "{repeat: x, receiptId: 3,"), "test_cannot_repeat", 10),
    ],
)
def test_what_cannot_be_meant_is_told_where_it_stands(
    tmp_path: Path, change: tuple[str, str], code: str, line: int
) -> None:
    """Before anything runs."""
    (result,) = results(tmp_path, test=TEST.replace(*change) + RIGHT)
    assert (result.problems[0].message.code, result.problems[0].mark.line) == (code, line)
    assert all(say(one.message, lang) for one in result.problems for lang in LANGS)


def test_tests_are_chosen_by_name(tmp_path: Path) -> None:
    """A part of the test's name or of its rule's, whatever the case."""
    results(tmp_path)
    assert len(read_suite([tmp_path], load(), named="TWO rec").cases) == 1
    assert len(read_suite([tmp_path], load(), named="sto").cases) == 1
    assert read_suite([tmp_path], load(), named="other").cases == ()


@pytest.mark.parametrize("test", ["tests: [{rule: stop}]\n", "tests:\n  - name: [\n", "test: []\n"])
def test_a_test_file_that_does_not_hold_is_one_failure(tmp_path: Path, test: str) -> None:
    """Wrong keys or wrong YAML: told with their place, and other files still run."""
    (tmp_path / "other.test.yaml").write_text(TEST + RIGHT, "utf-8")
    other, wrong = results(tmp_path, test=test)
    assert other.passed
    assert not wrong.passed
    assert all(one.severity == "error" and one.mark.file.endswith("stop.test.yaml") for one in wrong.problems)


def test_the_shipped_rules_pass_their_tests() -> None:
    """Every rule of the library and of the demo shop does what its tests say."""
    root = Path(__file__).parent.parent.parent
    found = run_tests([root / "rules", root / "examples"], load())
    assert found
    assert [one for one in found if not one.passed] == []
