"""What tests leave out: lines no test covers, and changes of a rule that no test notices."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.catalogue import load
from runner.ruletests import Coverage, coverage, mutate, read_suite, run_case
from runner.ruletests.case import Case
from runner.wording import LANGS, say

HEAD = """
version: 1
defaults: {limits: {per_day: 5}}
sources:
  out: {csv: out.csv, key: receiptId, fields: {receiptId: integer}}
rules:
  - name: stop
    from: {return_requests: {status: RU}}
    join: {gone: {in: out, on: {receiptId: receiptId}}}
    if:
      receiptStatus: RELEASE_STOP_UNCHECKED
"""
THEN = """
    unless: {gone: present}
    then: [stop_shipment]
    limits: {per_run: 2}
"""
ROW = "cancelCountSum: 1, receiptStatus: RELEASE_STOP_UNCHECKED, createdAt: 2026-03-03T08:00:00+09:00"
WEAK = f"""
tests:
  - name: one
    rule: stop
    now: 2026-03-03T09:30+09:00
    given:
      return_requests:
        - {{receiptId: 1, {ROW}, cancelReason: late, receiptType: RETURN, returnItems: [{{cancelCount: 1}}]}}
      out: []
    expect: [stop_shipment]
"""
LIMIT = f"""
  - name: limits
    rule: stop
    now: 2026-03-03T09:30+09:00
    done_today: 2
    given:
      return_requests: [{{repeat: 3, receiptId: 1, {ROW}}}]
      out: []
    expect_counts: {{stop_shipment: 2}}
  - name: limits of the day
    rule: stop
    now: 2026-03-03T09:30+09:00
    done_today: 4
    given:
      return_requests: [{{repeat: 2, receiptId: 1, {ROW}}}]
      out: []
    expect_counts: {{stop_shipment: 1}}
"""
OTHERS = f"""
  - name: others
    rule: stop
    now: 2026-03-03T09:30+09:00
    given:
      return_requests:
        - {{receiptId: 1, {ROW}}}
        - {{receiptId: 2, {ROW.replace("RELEASE_STOP_UNCHECKED", "RETURNS_UNCHECKED")}}}
        - {{receiptId: 3, {ROW}}}
      out: [{{receiptId: 3}}]
    expect: [stop_shipment: {{receiptId: 1}}]
    not_because: {{2: receiptStatus, 3: gone}}
"""


def survivors(folder: Path, line: str, tests: str) -> tuple[int, list[tuple[str, int]]]:
    """Return how many changes were tried, and the sentence and line of those that no test noticed."""
    suite = written(folder, line, tests)
    (found,) = mutate(suite)
    assert all(say(one.message, lang) for one in found.survivors for lang in LANGS)
    return found.tried, [(say(one.message, "en"), one.mark.line) for one in found.survivors]


def written(folder: Path, line: str, tests: str) -> object:
    (folder / "stop.yaml").write_text(HEAD + (f"      {line}" if line else "") + THEN, "utf-8")
    (folder / "stop.test.yaml").write_text(tests, "utf-8")
    suite = read_suite([folder], load())
    for case in suite.cases:
        result = run_case(case, suite.effects)
        assert result.passed, result
    return suite


def test_a_weak_test_notices_little(tmp_path: Path) -> None:
    """What it leaves: the line and its constant, `unless`, and limits that it does not reach, each with its line."""
    tried, left = survivors(tmp_path, "", WEAK)
    assert left == [
        ('"receiptStatus is RELEASE_STOP_UNCHECKED" left out', 11),
        ('"gone is there" left out', 13),
        ("limit per_day left out", 3),
        ("limit per_day: 5 → 6", 3),
        ("limit per_run left out", 15),
        ("limit per_run: 2 → 3", 15),
    ]
    assert tried == 8


def test_strong_tests_notice_everything(tmp_path: Path) -> None:
    """The near miss of each line, `unless`, and each limit reached."""
    assert survivors(tmp_path, "", WEAK + LIMIT + OTHERS) == (8, [])


@pytest.mark.parametrize(
    ("line", "changes"),
    [
        ("createdAt: {older_than: 60m}", ['"createdAt at least 1 h ago": 1 h → 54 min', "…: 1 h → 1 h 6 min"]),
        ("cancelCountSum: {at_most: 1}", ["…: 1 → 2"]),
        ("cancelCountSum: {between: [1, 9]}", ["…: 1 → 0", "…: 9 → 8", "…: 9 → 10"]),
        ("expr: cancelCountSum * 1.5 + 2 < 9", ["…: * → /", "…: 1.5 → 1.35", "…: 2 → 1.8", "…: 9 → 10"]),
        ("expr: cancelCountSum <= receiptId", []),
        ("receiptType: [RETURN, CANCEL]", ['"receiptType is one of RETURN, CANCEL" without CANCEL']),
        ("cancelReason: {contains: late}", ['"cancelReason contains "late"" left out']),
        ("cancelReason: present", ['"cancelReason is there" left out']),
        ("not: {cancelReason: missing}", ["left out"]),
        ("any: [{cancelCountSum: 1}, {cancelCountSum: 7}]", ['"cancelCountSum is 7" left out', "…: 7 → 8"]),
        ("returnItems: {any: {cancelCount: 1}}", ["…: any → all"]),
        ("returnItems: {count: {at_least: 1}}", ["…: 1 → 0"]),
    ],
)
def test_every_kind_of_condition_is_changed(tmp_path: Path, line: str, changes: list[str]) -> None:
    """A weak test does not notice these; every change it does notice was one."""
    tried, left = survivors(tmp_path, line, WEAK)
    said = [text for text, _ in left]
    assert tried > 8
    assert any("left out" in text for text in said)
    assert [one for one in changes if not any(one.removeprefix("…") in text for text in said)] == [], said


def test_numbers_of_actions_are_changed(tmp_path: Path) -> None:
    """Those that stand in the file, and no default."""
    rule = HEAD + THEN.replace("[stop_shipment]", "[{stop_shipment: {cancelCount: 1}}]")
    (tmp_path / "stop.yaml").write_text(rule, "utf-8")
    (tmp_path / "stop.test.yaml").write_text(WEAK, "utf-8")
    (found,) = mutate(read_suite([tmp_path], load()))
    assert "stop_shipment with cancelCount 1 → 2" in [say(one.message, "en") for one in found.survivors]


def covered(folder: Path, tests: str) -> Coverage:
    suite = written(folder, "", tests)
    return coverage(suite, [run_case(case, suite.effects, look=True) for case in suite.cases])


def test_a_line_is_covered_when_seen_to_hold_and_to_fail(tmp_path: Path) -> None:
    """And a limit when it was reached; each gap has its line, and rules without a test are named."""
    (tmp_path / "other.yaml").write_text((HEAD + THEN).replace("name: stop", "name: other"), "utf-8")
    found = covered(tmp_path, WEAK)
    assert [(one.message.code, one.mark.line) for one in found.gaps] == [
        ("gap_holds", 11), ("gap_fails", 13), ("gap_limit", 3), ("gap_limit", 15)
    ]  # fmt: skip
    assert found.lines == 4
    assert [rule.name for rule in found.untested] == ["other"]
    assert covered(tmp_path, WEAK + LIMIT + OTHERS).gaps == ()


@pytest.mark.parametrize("folder", ["rules", "examples"])
def test_no_change_of_a_shipped_rule_goes_unnoticed(folder: str) -> None:
    """The tests beside the shipped rules see every condition hold and fail, reach every limit, notice every change."""
    suite = read_suite([Path(__file__).parent.parent.parent / folder], load())
    found = coverage(suite, [run_case(case, suite.effects, look=True) for case in suite.cases])
    assert (found.untested, found.gaps) == ((), ())
    assert [f"{one.mark}: {say(one.message, 'en')}" for rule in mutate(suite) for one in rule.survivors] == []
    assert all(isinstance(one, Case) for one in suite.tests)
