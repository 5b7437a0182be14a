"""Expectations written anew: only values change, comments and layout stay, and what would lose something is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.catalogue import load
from runner.ruletests import Updated, read_suite, run_case, update
from runner.wording import LANGS, say

RULES = """
version: 1
rules:
  - name: stop
    from: {return_requests: {status: RU}}
    if: {receiptStatus: RELEASE_STOP_UNCHECKED, createdAt: {older_than: 10m}}
    then: [stop_shipment]
"""
HEAD = """\
# what the rule does
tests:
  - name: three receipts   # 1 and 2 are old, 3 has no time, 4 is young
    rule: stop
    now: 2026-03-03T09:30+09:00
    given:
      return_requests:
        - {receiptId: 1, cancelCountSum: 2, receiptStatus: RELEASE_STOP_UNCHECKED, createdAt: 2026-03-03T09:00:00+09:00}
        - {receiptId: 2, cancelCountSum: 1, receiptStatus: RELEASE_STOP_UNCHECKED, createdAt: 2026-03-03T09:10:00+09:00}
        - {receiptId: 3, cancelCountSum: 1, receiptStatus: RELEASE_STOP_UNCHECKED, createdAt: null}
        - {receiptId: 4, cancelCountSum: 1, receiptStatus: RELEASE_STOP_UNCHECKED, createdAt: 2026-03-03T09:29:00+09:00}
"""
WORLD = """\
tests:
  - name: a world
    rule: stop
    world: demo
"""


def rewritten(folder: Path, text: str) -> tuple[str, list[Updated]]:
    """Return the file as it is written anew, and what was said."""
    (folder / "stop.yaml").write_text(RULES, "utf-8")
    path = folder / "stop.test.yaml"
    path.write_text(text, "utf-8")
    suite = read_suite([folder], load())
    told = list(update(suite, [run_case(case, suite.effects) for case in suite.cases]))
    assert all(say(one.message, lang) for one in told for lang in LANGS)
    return path.read_text("utf-8"), told


ONE = "{receiptId: 1, cancelCount: 2}"
TWO = "{receiptId: 2, cancelCount: 1}"


STAYS = "    expect:\n      # the oldest\n      - stop_shipment: {receiptId: 1}   # stays\n"
BLOCK = "    expect:\n      - stop_shipment:\n          receiptId: 1\n          cancelCount: {}   # of it\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    cannot_tell: []\n", "    cannot_tell: [3]\n"),
        ("    cannot_tell:\n      - 1\n      - 4\n", "    cannot_tell: [3]\n"),
        ("    not_because: {4: receiptStatus}   # young\n", "    not_because: {4: createdAt}   # young\n"),
        ("    expect_counts: {stop_shipment: 9} # all\n", "    expect_counts: {stop_shipment: 2} # all\n"),
        (
            "    expect: []   # none yet\n",
            f"    expect:\n      - stop_shipment: {ONE}\n      - stop_shipment: {TWO}   # none yet\n",
        ),
        (f"{STAYS}\n    # end\n", f"{STAYS}      - stop_shipment: {TWO}\n\n    # end\n"),
        (
            f"{STAYS}      - stop_shipment: {{receiptId: 9}}   # changes\n",
            f"{STAYS}      - stop_shipment: {{receiptId: 2}}   # changes\n",
        ),
        (BLOCK.format(7) + f"      - stop_shipment: {TWO}\n", BLOCK.format(2) + f"      - stop_shipment: {TWO}\n"),
        (f"{STAYS}      - stop_shipment\n      - stop_shipment\n", f"{STAYS}      - stop_shipment\n"),
        (
            f"    expect: [{{stop_shipment: {ONE}}}]\n",
            f"    expect:\n      - {{stop_shipment: {ONE}}}\n      - stop_shipment: {TWO}\n",
        ),
    ],
)
def test_expectations_become_what_the_rule_does(tmp_path: Path, before: str, after: str) -> None:
    """The rest of the file stays as it is, and the tests pass afterwards."""
    text, told = rewritten(tmp_path, HEAD + before)
    assert text == HEAD + after
    assert [one.written for one in told] == [True]
    suite = read_suite([tmp_path], load())
    assert all(run_case(case, suite.effects).passed for case in suite.cases)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    writes: 1\n", "    writes: 5\n"),
        ("    outcomes: {done: 0, refused: 1}\n", "    outcomes: {done: 5, refused: 0}\n"),
        ("    expect_world: {return_requests: 1}\n", "    expect_world: {return_requests: 11}\n"),
        (
            "    expect_world:\n      return_requests: {count: 7, where: {receiptType: CANCEL}}\n",
            "    expect_world:\n      return_requests: {count: 1, where: {receiptType: CANCEL}}\n",
        ),
    ],
)
def test_numbers_of_a_world_too(tmp_path: Path, before: str, after: str) -> None:
    """Counts of what it holds, of writes, and of how lines ended."""
    text, told = rewritten(tmp_path, WORLD + before)
    assert (text, [one.written for one in told]) == (WORLD + after, [True])


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ("    cannot_tell: [   # nobody\n      1]\n", "update_comment"),
        (
            "    expect:\n      - stop_shipment\n      - stop_shipment\n      - stop_shipment   # lost\n",
            "update_comment",
        ),
        ("    not_because: {77: createdAt}\n", "update_no_reason"),
        ("    not_because: {1: createdAt}\n", "update_no_reason"),
        ("    messages: [nothing of this]\n    expect: []\n", "update_not_ours"),
    ],
)
def test_what_would_lose_something_is_refused(tmp_path: Path, before: str, code: str) -> None:
    """And nothing of that test is written."""
    text, told = rewritten(tmp_path, HEAD + before)
    assert text == HEAD + before
    assert [(one.message.code, one.written) for one in told] == [(code, False)]


@pytest.mark.parametrize(
    "before",
    [
        "    expect_world: {return_requests: [{receiptId: 400000101, receiptStatus: RELEASE_STOP_UNCHECKED}]}\n",
        "    faults: [{operation: order_sheets, fault: lost_answer}]\n    writes: 1\n",
        "    now: never\n    writes: 1\n",
    ],
)
def test_what_needs_a_person_is_left_to_one(tmp_path: Path, before: str) -> None:
    """Rows of a world, faults that hit nothing, and tests that cannot be meant."""
    text, told = rewritten(tmp_path, WORLD + before)
    assert text == WORLD + before
    assert [one.message.code for one in told] == ["update_not_ours"]


def test_lines_of_windows_stay_so(tmp_path: Path) -> None:
    """Every line ends as it did."""
    rewritten(tmp_path, HEAD)
    path = tmp_path / "stop.test.yaml"
    path.write_bytes((HEAD + "    cannot_tell: []\n").replace("\n", "\r\n").encode())
    suite = read_suite([tmp_path], load())
    assert [one.written for one in update(suite, [run_case(case, suite.effects) for case in suite.cases])] == [True]
    assert path.read_bytes() == (HEAD + "    cannot_tell: [3]\n").replace("\n", "\r\n").encode()
