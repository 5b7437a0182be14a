"""What a seller reads of a shop: commands on a copy of the demo shop in front of a simulator of their own."""

from __future__ import annotations

import re

import pytest
from tests_support import DemoShop

from runner.errors import Exit

STOP = "approve-cancel-before-shipping"
COUPON = "coupon-for-overstock"


# --- what a rule says -----------------------------------------------------------------------------------------

LOGS = """\
version: 1
rules:
  - name: count-stop-requests
    title: How many stop requests wait
    mode: auto
    account: main
    from: {return_requests: {status: RU}}
    look_back: 30d
    if: {receiptStatus: RELEASE_STOP_UNCHECKED}
    after:
      - log: "{{ rows }} wait"
"""


def test_a_rule_says_what_it_did(shop: DemoShop) -> None:
    """A `log` line is told to everybody: where nobody watches, with --json and with -q."""
    says = 'after: [log: "{{ done }} of {{ rows }} stopped"]'
    shop.edit("returns.rules.yaml", "then: [stop_shipment] ", f"{says}\n    then: [stop_shipment] ")
    ran = shop.run("run", STOP, "--json")
    assert ran.err == f"{STOP}: 3 of 3 stopped\n"
    assert ran.json["calls"]["write"] == 3
    assert shop.run("run", STOP, "-q").err == ""


def test_a_rule_that_only_reports_says_what_it_found(shop: DemoShop) -> None:
    """Without `then` there are no outcomes; the records that match are what it tells of."""
    (shop.folder / "rules").mkdir()
    (shop.folder / "rules" / "count.yaml").write_text(LOGS, "utf-8")
    assert shop.run("run", "count-stop-requests", "-q").err == "count-stop-requests: 7 wait\n"


# --- after a refusal ------------------------------------------------------------------------------------------


def test_a_refused_line_can_be_tried_again_as_it_says(shop: DemoShop) -> None:
    """While it waits after a refusal, the line gives the command that tries it again; that command works."""
    fault = {"operation": "create_instant_coupon", "fault": "request_fails", "times": 1}
    shop.market.ask("POST", "/_sim/faults", fault)
    assert shop.run("run", COUPON).code == Exit.FAILED
    assert shop.run("plan", COUPON, "--json").json["actions"] == []
    told = re.search(r"runner (approve --retry \w{8})", shop.run("plan", COUPON).out)
    assert told
    assert shop.run(*told[1].split()).code == Exit.DONE
    assert len(shop.run("plan", COUPON, "--json").json["actions"]) == 1


# --- questions that ran out ------------------------------------------------------------------------------------


def asked(shop: DemoShop) -> str:
    """Put the lines of a rule to a person; return the id of the question."""
    shop.edit("returns.rules.yaml", "mode: auto", "mode: ask")
    assert shop.run("run", STOP).code == Exit.WAITING
    return str(shop.run("questions", "--json").json["questions"][0]["id"])


def test_a_question_that_ran_out_is_told(shop: DemoShop) -> None:
    """Before the next run and by it; who answers too late hears what happens next."""
    question = asked(shop)
    shop.market.ask("POST", "/_sim/clock", {"advance": "25h"})
    for line in (["status"], ["questions"]):
        shown = shop.run(*line)
        assert "1 question(s) ran out unanswered" in shown.out, line
        assert "runner history --status expired" in shown.out
        assert "wait for an answer" not in shown.out
    assert shop.run("status", "--json").json["expired"] == 1
    late = shop.run("approve", question)
    assert late.code == Exit.USAGE
    assert f"question {question} ran out unanswered at" in late.err
    assert f"runner run {STOP}" in late.err
    assert "1 question(s) ran out unanswered" in shop.run("history", "--status", "expired").out


def test_a_run_tells_of_the_questions_it_lets_run_out(shop: DemoShop) -> None:
    """And asks anew; then there is nothing to tell any more."""
    asked(shop)
    shop.market.ask("POST", "/_sim/clock", {"advance": "25h"})
    ran = shop.run("run", STOP, "--json").json
    assert (ran["expired"], ran["waiting"]) == (1, 1)
    assert ran["questions"] >= 3
    assert "ran out" not in shop.run("run", STOP).out
    assert "ran out" not in shop.run("status").out
    assert shop.run("history", "--status", "expired", "--json").json["actions"] == []


# --- a vendor that is stopped -----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["status", "accounts"])
def test_a_lock_out_is_told_with_its_cause(shop: DemoShop, command: str) -> None:
    """Another process reads until when, why, and what to do."""
    shop.market.ask("POST", "/_sim/faults", {"operation": "*", "fault": "rate_429", "times": 1})
    assert shop.run("run", STOP).code == Exit.UNREACHABLE
    shown = shop.run(command)
    assert "the marketplace stopped vendor A00012345 for too many calls; runner calls again at 20" in shown.out
    assert "does another program call for vendor A00012345?" in shown.out
    (account,) = shop.run(command, "--json").json["accounts"]
    assert account["lock_out"]["code"] == "locked_out_rate"
    assert account["lock_out"]["hint"]
    assert account["locked_until"]


# --- accounts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [["plan", STOP], ["run", STOP], ["explain", STOP, "400000101"]], ids=" ".join)
def test_a_rule_that_does_not_run_for_the_account_is_told(shop: DemoShop, line: list[str]) -> None:
    """Instead of 'nothing to do', or of an explanation of what will never happen."""
    other = "other: {vendor_id: A00012346, access_key: sim-access-key, secret_key: sim-secret-key}"
    shop.edit("runner.yaml", "accounts:\n", f"accounts:\n  {other}\n")
    ran = shop.run(*line, "--account", "other")
    assert ran.code == Exit.USAGE
    assert f"no rule runs for account other: {STOP}" in ran.err
