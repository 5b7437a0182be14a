"""What goes wrong on the way: answers lost or spoilt, keys refused, limits hit, fields that are missing."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from stage import BUSY, COMPLETE, COUPON, STOP, Stage, leaks, once, set_up, simulator, statuses

THREE = {("complete_long_term_undelivered", f"9000000000000002{n:02}") for n in (1, 2, 9)}
COMPLETING = "complete_long_term_undelivered"


@pytest.fixture(scope="module", autouse=True)
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, subprocess.Popen[str]]]:
    """Let a thousand boxes be taken in hand beside the other tests: every effect is read back, which takes a while."""
    with simulator("--rate", "0", "--world", "busy") as market:
        stage = set_up(tmp_path_factory.mktemp("busy"), market)
        stage.add_rule(BUSY)
        stage.fault("acknowledge_order_sheets", "partial", after=3)
        stage.fault("acknowledge_order_sheets", "lost_answer", after=6)
        process = stage.start("run", "acknowledge-new-orders", "--json")
        yield stage, process
        process.kill()
        process.wait()


@pytest.mark.parametrize("fault", ["lost_answer", "error_500_applied", "truncated", "not_json"])
def test_an_answer_is_lost_after_the_effect(stage: Stage, fault: str) -> None:
    """What took effect is found by reading and never sent again."""
    stage.fault(COMPLETING, fault)
    ran = stage.here("run", COMPLETE, "--json")
    assert (ran.code, set(statuses(ran.json).values())) == (0, {"done"})
    assert all(one["verified"] for one in ran.json["outcomes"])
    assert stage.applied() == once(THREE)
    assert len(stage.market.writes()) == 3


@pytest.mark.parametrize("fault", ["lost_request", "error_500_not_applied", "timeout_504"])
def test_a_request_is_lost_before_the_effect(stage: Stage, fault: str) -> None:
    """What a read proves not to have arrived is sent once more, and then done."""
    stage.fault(COMPLETING, fault)
    ran = stage.here("run", COMPLETE, "--json")
    assert (ran.code, set(statuses(ran.json).values())) == (0, {"done"})
    assert stage.applied() == once(THREE)
    assert len(stage.market.writes()) == 4


def test_a_server_that_never_takes_it(stage: Stage) -> None:
    """A call that fails again and again is given up for this run, says so, and the other lines are sent."""
    stage.fault(COMPLETING, "error_500_not_applied", times=3)
    ran = stage.here("run", COMPLETE, "--json")
    assert ran.code == 7
    assert sorted(statuses(ran.json).values()) == ["done", "done", "unclear"]
    again = stage.here("run", COMPLETE, "--json")
    assert again.code == 0
    stage.here("run", COMPLETE, "--json")
    assert stage.applied() == once(THREE)


@pytest.mark.parametrize("fault", ["error_500_not_applied", "truncated", "not_json", "lost_answer", "slow"])
def test_a_read_fails_and_is_tried_again(stage: Stage, fault: str) -> None:
    """One bad answer to a read costs nothing but time."""
    stage.fault("order_sheets", fault, seconds=0.5)
    plan = stage.here("plan", COMPLETE, "--json")
    assert (plan.code, len(plan.json["actions"])) == (0, 3)


@pytest.mark.parametrize("fault", ["error_500_not_applied", "not_json"])
def test_a_source_that_stays_unreadable_stops_only_its_rules(stage: Stage, fault: str) -> None:
    """A source that cannot be read is exit 5 for its rules; rules on other sources are run."""
    stage.fault("order_sheets", fault, times=40)
    ran = stage.here("run", COMPLETE, STOP, "--json")
    assert ran.code == 5
    assert set(statuses(ran.json)) == {"400000101", "400000102", "400000110"}


@pytest.mark.parametrize(
    ("fault", "operation"),
    [
        ("rate_429", COMPLETING),
        ("rate_429", "order_sheets"),
        ("edge_403", COMPLETING),
        ("redirect_302", "order_sheets"),
    ],
)
def test_the_vendor_is_locked_out(stage: Stage, fault: str, operation: str) -> None:
    """One answer of that kind stops the vendor: nothing is repeated, `status` shows it, later commands do not try."""
    stage.fault(operation, fault, times=5)
    ran = stage.run("run", COMPLETE, "--json")
    assert ran.code == 5
    seen = len(stage.requests())
    assert sum(one["status"] in (429, 403, 302) for one in stage.requests()) == 1
    assert stage.run("plan", STOP, "--json").code == 5
    assert len(stage.requests()) == seen
    (account,) = stage.run("status", "--json").json["accounts"]
    assert account["locked_until"]


@pytest.mark.parametrize("operation", [COMPLETING, "order_sheets"])
def test_the_keys_are_not_accepted(stage: Stage, operation: str) -> None:
    """A key that was revoked is exit 5, once, and nothing is claimed for good: with the key back all is done."""
    stage.fault(operation, "unauthorized_401")
    ran = stage.run("run", COMPLETE, "--json")
    assert ran.code == 5
    assert sum(one["status"] == 401 for one in stage.requests()) == 1
    again = stage.run("run", COMPLETE, "--json")
    assert (again.code, len(again.json["outcomes"])) == (0, 3)
    assert stage.applied() == once(THREE)


@pytest.mark.parametrize(
    ("operation", "field", "rule"),
    [("order_sheets", "inTrasitDateTime", COMPLETE), ("return_requests", "createdAt", STOP)],
)
@pytest.mark.parametrize("fault", ["missing_field", "null_field"])
def test_a_field_that_is_gone_means_cannot_tell(
    stage: Stage, operation: str, field: str, rule: str, fault: str
) -> None:
    """A field the rule needs and that is not there makes doubts, never actions."""
    stage.fault(operation, fault, field=field, times=30)
    ran = stage.here("run", rule, "--json")
    assert ran.code == 0
    assert ran.json["outcomes"] == []
    assert len(ran.json["doubts"]) > 1
    assert stage.market.writes() == []


def test_rows_that_come_twice_count_once(stage: Stage) -> None:
    """Pages that repeat rows change nothing."""
    stage.fault("order_sheets", "duplicate_rows", times=30)
    plan = stage.here("plan", COMPLETE, "--json").json
    assert len({one["record"] for one in plan["actions"]}) == len(plan["actions"]) == 3


def test_reads_that_lag_behind_the_write(stage: Stage) -> None:
    """A list that shows the old state for a while is waited for, and the write is not repeated."""
    stage.fault(COMPLETING, "stale", seconds=4)
    stage.fault("order_sheet", "stale", seconds=4)
    ran = stage.here("run", COMPLETE, "--json")
    assert ran.code in (0, 7)
    stage.here("run", COMPLETE, "--json")
    assert stage.applied() == once(THREE)


def test_a_coupon_request_that_fails_is_refused(stage: Stage) -> None:
    """The marketplace accepted the request and then failed it: refused with exit 1, not repeated at once."""
    stage.fault("create_instant_coupon", "request_fails")
    ran = stage.here("run", COUPON, "--json")
    assert (ran.code, statuses(ran.json)) == (1, {"70000001": "refused"})
    again = stage.here("run", COUPON, "--json")
    assert again.json["calls"]["write"] == 0
    assert stage.coupons() == []


def test_a_thousand_boxes_go_in_twenty_calls(thousand: tuple[Stage, subprocess.Popen[str]]) -> None:
    """Fifty boxes a call; those of a batch that the marketplace does not take are told one by one."""
    stage, process = thousand
    ran = stage.ended(process)
    found = list(statuses(ran.json).values())
    assert (ran.code, len(found)) == (1, 1000)
    assert (found.count("refused"), found.count("done")) == (25, 975)
    assert [len(one["body"]["shipmentBoxIds"]) for one in stage.market.writes()] == [50] * 20
    assert leaks(stage.kept(), stage.secrets) == set()
