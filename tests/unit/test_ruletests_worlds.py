"""Rule tests in a world: the production run before the simulator, with faults, sudden death and fresh runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.catalogue import load
from runner.ruletests import Result, run_tests
from runner.wording import LANGS, say

RULES = """
version: 1
rules:
  - name: complete
    from: {order_sheets: {status: [DEPARTURE, DELIVERING]}}
    look_back: 180d
    if: {inTrasitDateTime: {older_than: 32d}, invoiceNumber: present, deliveredDate: missing}
    then: [complete_long_term_undelivered]
    mode: watch
  - name: stop
    from: {return_requests: {status: RU}}
    look_back: 30d
    if: {receiptStatus: RELEASE_STOP_UNCHECKED, receiptId: {at_most: 400000102}}
    hold: 1h
    then: [stop_shipment]
    after: [{log: "{{ done }} done"}, {write_csv: {file: told.csv, columns: [receiptId]}}]
"""
#: boxes of the world `demo` that left more than 32 days ago
OLD = 5


def results(folder: Path, *tests: str, rules: str = RULES, world: str = "demo") -> tuple[Result, ...]:
    (folder / "rules.yaml").write_text(rules, "utf-8")
    head = f"  - name: test {{n}}\n    world: {world}\n"
    text = "tests:\n" + "".join(head.format(n=n) + test for n, test in enumerate(tests))
    (folder / "rules.test.yaml").write_text(text, "utf-8")
    found = run_tests([folder], load())
    said = [short.message for one in found for short in (*one.shortfalls, *one.problems)]
    assert all(say(one, lang) for one in said for lang in LANGS)
    return found


def lines(*texts: str) -> str:
    return "".join(f"    {text}\n" for text in texts)


def test_a_run_in_a_world(tmp_path: Path) -> None:
    """What took effect, what the world holds, what was written, who was kept out and who cannot be told about."""
    (found,) = results(
        tmp_path,
        lines(
            "rule: complete",
            "expect:",
            "  - complete_long_term_undelivered: {shipmentBoxId: 900000000000000201}",
            "  - complete_long_term_undelivered: {shipmentBoxId: 900000000000000202}",
            "  - complete_long_term_undelivered: {shipmentBoxId: 900000000000000204}",
            "  - complete_long_term_undelivered: {shipmentBoxId: 900000000000000205}",
            "  - complete_long_term_undelivered: {shipmentBoxId: 900000000000000209}",
            "not_because: {900000000000000203: inTrasitDateTime}",
            "cannot_tell: [900000000000000206]",
            "expect_world:",
            "  order_sheets: [{shipmentBoxId: 900000000000000201, status: FINAL_DELIVERY}]",
            "  return_requests: 11",
            f"writes: {OLD}",
            f"outcomes: {{done: {OLD}, refused: 0}}",
        ),
    )
    assert found.passed, found


@pytest.mark.parametrize("after", ["plan", "intent", "send", "progress", "outcome"])
def test_sudden_death(tmp_path: Path, after: str) -> None:
    """Dead at any step of the second line, and run again: each write is sent once."""
    (found,) = results(
        tmp_path,
        lines(
            "rule: complete",
            f"faults: [{{after: {after}, do: kill, times: {1 if after == 'plan' else 2}}}]",
            "then_restart: true",
            f"writes: {OLD}",
            f"outcomes: {{done: {OLD}}}",
        ),
    )
    assert found.passed, found


def test_death_again_and_again(tmp_path: Path) -> None:
    """One death a run, in the order in which they stand."""
    deaths = ", ".join(f"{{after: {one}, do: kill}}" for one in ("plan", "intent", "send"))
    told = lines("rule: complete", f"faults: [{deaths}]", "then: [run, run, {advance: 10m}, run, {advance: 1h}, run]")
    (found,) = results(tmp_path, told + lines(f"writes: {OLD}", f"outcomes: {{done: {OLD}}}"))
    assert found.passed, found


@pytest.mark.parametrize(
    ("fault", "writes"),
    [("lost_answer", OLD), ("lost_request", OLD + 1), ("error_500_applied", OLD), ("truncated", OLD), ("cut", OLD)],
)
def test_faults_of_a_write(tmp_path: Path, fault: str, writes: int) -> None:
    """What was lost is read; it is sent again only where it did not arrive."""
    told = lines("rule: complete", f"faults: [{{operation: complete_long_term_undelivered, fault: {fault}}}]")
    end = lines("then: [{advance: 10m}, run]", f"writes: {writes}", f"outcomes: {{done: {OLD}}}")
    (found,) = results(tmp_path, told + end)
    assert found.passed, found


def test_a_lock_out_passes_in_no_time(tmp_path: Path) -> None:
    """The vendor's pace outlives a run; its minutes pass with the world's."""
    (found,) = results(
        tmp_path,
        lines(
            "rule: complete",
            "faults: [{operation: order_sheets, fault: rate_429}, {fault: slow, seconds: 60, after: 3}]",
            "then: [run, {advance: 20m}, run]",
            f"outcomes: {{done: {OLD}}}",
            "messages: [locked_out_rate]",
        ),
    )
    assert found.passed, found


def test_people_answer(tmp_path: Path) -> None:
    """A line that was approved is checked again before it is sent; what was rejected never is."""
    (approved, rejected) = results(
        tmp_path,
        lines(
            "rule: complete",
            "as: ask",
            "then:",
            "  - set: {order_sheets: [{shipmentBoxId: 900000000000000201, deliveredDate: 2026-01-01T10:00:00+09:00}]}",
            "  - approve",
            "  - run",
            f"outcomes: {{done: {OLD - 1}, asked: 0}}",
            f"writes: {OLD - 1}",
        ),
        lines("rule: complete", "as: ask", "then: [reject, run]", "expect: []", "writes: 0", "outcomes: {rejected: 5}"),
    )
    assert approved.passed, approved
    assert rejected.passed, rejected


def test_time_passes_for_hold_and_watch_writes_nothing(tmp_path: Path) -> None:
    """`hold` counts the world's time; nothing is written outside of it but what a rule says."""
    (held, watched) = results(
        tmp_path,
        lines("rule: stop", "then: [{advance: 30m}, run, {advance: 31m}, run]", "writes: 2", "messages: [2 done]"),
        lines("rule: stop", "as: watch", "then: [{advance: 61m}, run]", "writes: 0", "messages: [only_watching]"),
    )
    assert held.passed, held
    assert watched.passed, watched
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rules.test.yaml", "rules.yaml"]


def test_buyers_and_coupang_act_before_the_run(tmp_path: Path) -> None:
    """Everything the simulator's pages offer; what was run before is remembered."""
    (found,) = results(
        tmp_path,
        lines(
            "rule: complete",
            "before:",
            "  - run",
            "  - buyers: {do: order, count: 2}",
            "  - habits: {fast_refunds: true}",
            "  - event: {do: delay_places, seconds: 5}",
            "  - gateway: {requested_by: true}",
            "  - fault: {operation: order_sheets, fault: slow, seconds: 5}",
            "  - advance: 3h",
            f"writes: {OLD}",
            "expect_world: {order_sheets: 86}",
        ),
    )
    assert found.passed, found


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        ("writes: 4", ["test_writes"]),
        ("outcomes: {done: 4, unclear: 1}", ["test_outcomes", "test_outcomes"]),
        ("expect_world: {order_sheets: 1}", ["test_world_count"]),
        ("expect_world: {order_sheets: {count: 1, where: {status: FINAL_DELIVERY}}}", ["test_world_count"]),
        ("expect_world: {order_sheets: [{shipmentBoxId: 900000000000000201, status: DEPARTURE}]}", ["test_world_row"]),
        ("expect_world: {order_sheet: 1}", ["test_unknown_kind"]),
        ("faults: [{operation: stop_shipment, fault: lost_answer}]", ["test_fault_idle"]),
        ("faults: [{after: send, do: kill, times: 99}]", ["test_fault_idle"]),
    ],
)
def test_differences_in_a_world(tmp_path: Path, told: str, codes: list[str]) -> None:
    """Each is told where it was expected; a fault that hits nothing proves nothing."""
    (found,) = results(tmp_path, lines("rule: complete", told))
    assert [one.message.code for one in found.shortfalls if one.message.code != "test_was_said"] == codes
    assert found.shortfalls[0].mark.line == 5


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("faults: [{fault: nonsense}]", "test_simulator_says"),
        ("faults: [{do: kill}]", "test_kill_after"),
        ("before: [{buyers: {do: cry}}]", "test_simulator_says"),
        ("before: [{buyers: {do: withdraw, id: 1}}]", "test_nothing_happened"),
        ("before: [{advance: soon}]", "test_advance"),
        ("before: [{set: {order_sheets: [{shipmentBoxId: 1, status: ACCEPT}]}}]", "test_set_unknown"),
        ("done_today: 1", "test_done_in_world"),
    ],
)
def test_what_cannot_happen_in_a_world(tmp_path: Path, told: str, code: str) -> None:
    """It is told where it stands, in the simulator's own words where it refuses."""
    (found,) = results(tmp_path, lines("rule: complete", told))
    assert [(one.message.code, one.mark.line) for one in found.problems] == [(code, 5)]


def test_who_only_looks_never_waits_for_a_clock_that_stands(tmp_path: Path) -> None:
    """Two pages of an operation that has a limit of its own are read before the run."""
    rules = """
version: 1
rules:
  - name: sold-out
    from: rocket_growth_inventory
    if: {inventoryDetails.totalOrderableQuantity: 0}
    after: [{log: "{{ rows }}"}]
"""
    (found,) = results(
        tmp_path, lines("rule: sold-out", "matches: [75000004, 75000005]"), rules=rules, world="rocket_growth"
    )
    assert found.passed


def test_own_sources_are_given_in_a_world_too(tmp_path: Path) -> None:
    """And one that is not given cannot be told."""
    own = """
sources:
  out: {csv: out.csv, key: shipmentBoxId, fields: {shipmentBoxId: integer}}
rules:
"""
    joined = RULES.replace("\nrules:\n", own).replace(
        "    if: {inTrasit",
        "    join: {gone: {in: out, on: {shipmentBoxId: shipmentBoxId}}}\n    if: {gone: present, inTrasit",
    )
    with_rows = lines("rule: complete", "given: {out: [{shipmentBoxId: 900000000000000201}]}", "outcomes: {done: 1}")
    without = lines("rule: complete", "outcomes: {done: 0}", "messages: [file_not_given]")
    assert [one.passed for one in results(tmp_path, with_rows, without, rules=joined)] == [True, True]


@pytest.mark.parametrize("told", ["writes: many", "outcomes: {done: -1}", "expect_world: {order_sheets: -1}"])
def test_a_number_that_is_none_is_told(tmp_path: Path, told: str) -> None:
    """In both languages, with what to write."""
    (found,) = results(tmp_path, lines("rule: complete", told))
    (problem,) = found.problems
    assert problem.message.code == "test_number"
    assert problem.hint is not None
    assert all("3" in say(problem.hint, lang) for lang in LANGS)
