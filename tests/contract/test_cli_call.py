"""`runner call`: one read, or one write, by hand, on a copy of the demo shop in front of a simulator of its own."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from tests_support import FAST, ROOT, DemoShop, Market, Ran

from runner.errors import Exit

STOP = "approve-cancel-before-shipping"
#: a stop request that can be confirmed, and an option on sale
RECEIPT, OPTION = "400000101", "70000001"
#: what `os._exit` of a crash point gives
CRASHED = 86
COUPON = (
    "contractId=9962", "name=By hand", "type=RATE", "discount=10", "maxDiscountPrice=1000", "startAt=tomorrow 00:00",
    "endAt=+7d",
)  # fmt: skip


@pytest.fixture
def shop(shop: DemoShop) -> DemoShop:
    """Give a shop where lost calls show after a second."""
    shop.edit("runner.yaml", "settle_after: 40", "settle_after: 1")
    return shop


def arguments(*given: str) -> list[str]:
    """Return `--arg` for each."""
    return [part for one in given for part in ("--arg", one)]


def applied(market: Market, operation: str) -> int:
    """Return how often a write took effect."""
    return sum(one["operation"] == operation and one["applied"] for one in market.writes())


def fault(market: Market, operation: str, name: str) -> None:
    """Order a fault for the next call."""
    market.ask("POST", "/_sim/faults", {"operation": operation, "fault": name, "times": 1})


def process_of(shop: DemoShop, *line: str, crash: str = "", terminal: int | None = None) -> subprocess.Popen[str]:
    """Start a command as a process of its own, on a terminal or on none."""
    whole = [sys.executable, "-m", "runner", *line, "--config", str(shop.folder / "runner.yaml"), "--lang", "en"]
    at = subprocess.DEVNULL if terminal is None else terminal
    environ = {**os.environ, "RUNNER_CRASH_AT": crash}
    return subprocess.Popen(whole, cwd=ROOT, env=environ, text=True, stdin=at, stdout=subprocess.PIPE, stderr=at)


def crashed(shop: DemoShop, *line: str, at: str) -> None:
    """Let a command die at a step."""
    with process_of(shop, *line, crash=at) as process:
        process.communicate(timeout=60)
    assert process.returncode == CRASHED


def on_terminal(shop: DemoShop, *line: str, answers: str) -> Ran:
    """Run a command on a terminal where somebody types."""
    ours, theirs = pty.openpty()
    with process_of(shop, *line, terminal=theirs) as process:
        os.close(theirs)
        os.write(ours, answers.encode())
        out, _ = process.communicate(timeout=60)
    return Ran(code=process.returncode, out=out, err=_seen(ours))


def _seen(terminal: int) -> str:
    told = b""
    try:
        while more := os.read(terminal, 65_536):
            told += more
    except OSError:  # the other end is gone: that is how a terminal says so
        pass
    os.close(terminal)
    return told.decode()


def personal(node: Any) -> Iterator[str]:
    """Yield names, phone numbers and addresses of a world."""
    names = {"requesterName", "requesterPhoneNumber", "requesterAddress", "requesterAddressDetail"}
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key in names and isinstance(value, str) and len(value) > 2)
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from personal(one)


# --- reads ----------------------------------------------------------------------------------------------------

READ = ("call", "return_requests", "--arg", "status=RU", "--look-back", "30d")


def test_a_list_is_read_in_every_form(shop: DemoShop) -> None:
    """The same seven rows; nothing of the ledger is touched, and nothing is written."""
    found = shop.run(*READ, "--json").json
    assert (found["operation"], found["account"], found["count"], found["whole"]) == (
        "return_requests", "main", 7, True,
    )  # fmt: skip
    keys = {str(one["receiptId"]) for one in found["rows"]}
    lines = [json.loads(line) for line in shop.run(*READ, "-o", "jsonl").out.splitlines()]
    assert {str(one["receiptId"]) for one in lines[:-1]} == keys
    assert lines[-1]["kind"] == "summary"
    table = csv.DictReader(io.StringIO(shop.run(*READ, "-o", "csv").out))
    assert {one["receiptId"] for one in table} == keys
    for form in ("table", "text", "markdown"):
        shown = shop.run(*READ, "-o", form)
        assert shown.code == Exit.DONE
        assert all(key in shown.out for key in keys), form
        assert "7 row(s)" in shown.out
    assert not (shop.folder / ".runner" / "ledger.db").exists()
    assert shop.market.writes() == []


def test_personal_data_is_masked_in_every_form(shop: DemoShop) -> None:
    """Enough to recognise a case, not enough to reach a person."""
    secrets = set(personal(shop.market.state()["return_requests"]))
    assert secrets
    for form in ("table", "text", "json", "jsonl", "csv", "markdown"):
        out = shop.run(*READ, "-o", form).out
        assert [one for one in secrets if one in out] == [], form
    (row, *_) = shop.run(*READ, "--json").json["rows"]
    assert row["requesterName"].endswith("○")
    assert "***" in row["requesterAddress"]


def test_several_values_are_one_read_each(shop: DemoShop) -> None:
    """Given several times, and united."""
    rows = shop.run(
        "call", "order_sheets", *arguments("status=INSTRUCT", "status=DEPARTURE"), "--look-back", "60d", "--json"
    )
    assert {one["status"] for one in rows.json["rows"]} == {"INSTRUCT", "DEPARTURE"}


def test_one_record_is_shown_field_by_field(shop: DemoShop) -> None:
    """With names in the reader's language, and values with theirs."""
    shown = shop.run("call", "order_sheet", "--arg", "shipmentBoxId=900000000000000201", lang="ko").out
    assert "배송번호" in shown
    assert "DEPARTURE (배송지시)" in shown
    assert "receiver.addr1" in shown


def test_a_composed_source_is_read_and_limited(shop: DemoShop) -> None:
    """Only as many calls are made as the rows need."""
    whole = shop.run("call", "item_inventories", "--json").json
    some = shop.run("call", "item_inventories", "--limit", "2", "--json").json
    assert some["rows"] == whole["rows"][:2]
    assert (some["count"], some["whole"]) == (2, False)
    assert some["calls"]["read"] < whole["calls"]["read"]
    assert "there may be more" in shop.run("call", "item_inventories", "--limit", "2").out


def test_what_the_marketplace_refuses_is_told_in_its_words(shop: DemoShop) -> None:
    """A record that is not there."""
    found = shop.run("call", "instant_coupon", "--arg", "couponId=1", "--json")
    assert found.code == Exit.FAILED
    assert "쿠폰이 없습니다" in found.json["error"]["message"]


# --- what does not hold -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["return_request"], "return_request needs 'receiptId'\n  Add --arg receiptId=…"),
        (["returnrequests"], "there is no operation returnrequests"),
        (["order_sheets", *arguments("status=ACEPT")], "--arg status=ACEPT: 'status' is never 'ACEPT'"),
        (["order_sheets", *arguments("status=ACEPT")], "\n  Did you mean 'ACCEPT'?"),
        (["order_sheets"], "Add --arg status=ACCEPT"),
        (["order_sheets", *arguments("statu=ACCEPT")], "has no parameter 'statu'\n  Did you mean 'status'?"),
        (["contract", *arguments("contractId=abc")], "--arg contractId=abc: 'contractId' is a whole number, not 'abc'"),
        (["contract", *arguments("contractId=1,000")], "--arg contractId=1,000: 'contractId' is a whole number"),
        (["contract", *arguments("contractId=")], "'contractId' has no value\n  Give it a value, or leave it out"),
        (["contract", *arguments("contractId")], "--arg takes NAME=VALUE, not 'contractId'"),
        (["contract", *arguments("contractId=1", "vendorId=A1")], "'vendorId' is filled in by runner\n  Leave it out"),
        (["contracts", "--look-back", "1d"], "contracts is not read by time"),
        ([*READ[1:4], "--look-back", "1 day"], "--look-back 1 day: 'look_back': '1 day' is not a duration"),
        ([*READ[1:4], "--look-back", "1 day"], "\n  Did you mean '1d'?"),
        (["contracts", "--on", "1"], "contracts only reads; --on names the record of a write"),
        (["contracts", "--yes"], "--yes goes with writes only"),
        (["stop_shipment", "--yes"], "acts on a record of return_requests: which one?\n  Add --on with its receiptId"),
        (["create_instant_coupon", "--on", "1", "--yes"], "create_instant_coupon acts on no record"),
        (["stop_shipment", "--on", RECEIPT, "--limit", "1", "--yes"], "--limit goes with reads only"),
        (["stop_shipment", "--on", "1", "--yes"], "return_requests has no record 1"),
        (["update_item_price", "--on", OPTION, "--yes"], "update_item_price needs 'price'\n  Add --arg price=…"),
        (["update_item_price", "--on", OPTION, "--yes", *arguments("price=x")], "'price' is a whole number, not 'x'"),
        (["answer_product_inquiry", "--on", "1", "--yes"], "answer_product_inquiry needs 'content'"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_told_of_the_argument(shop: DemoShop, line: list[str], said: str) -> None:
    """With what was meant, or what to add; never of a file, and nothing is called."""
    ran = shop.run("call", *line)
    assert ran.code == Exit.USAGE
    assert said in ran.err
    assert not any(name in ran.err for name in ("call:", ".yaml", "from:", "`if`"))
    assert shop.market.writes() == []


def test_everything_that_does_not_hold_is_told_at_once(shop: DemoShop) -> None:
    """For a program the first, and the others beside it."""
    line = ("call", "issue_instant_coupon", "--on", OPTION, "--yes", *arguments(*COUPON[1:3], "discount=200", "foo=1"))
    told = shop.run(*line)
    assert told.err.count("error: ") >= 4
    assert "a discount in percent (RATE) goes from 1 to 100" in told.err
    document = shop.run(*line, "--json").json
    codes = [document["error"]["code"], *(one["code"] for one in document["also"])]
    assert {"E184", "call_argument"} == set(codes)
    assert len(document["also"]) == told.err.count("error: ") - 1


def test_texts_are_taken_as_they_are_typed(shop: DemoShop) -> None:
    """What would mean something to YAML means nothing here."""
    name = 'a: [b] # "c" \u2028 {d} ✓ 😀 \\n'
    wanted = [f"name={name}" if one.startswith("name=") else one for one in COUPON]
    found = shop.run("call", "create_instant_coupon", "--dry-run", "--json", *arguments(*wanted)).json
    assert found["call"]["arguments"]["name"] == name


# --- writes ----------------------------------------------------------------------------------------------------

STOPS = ("call", "stop_shipment", "--on", RECEIPT)


def test_a_dry_run_shows_what_would_be_sent(shop: DemoShop) -> None:
    """Everything a person needs for a yes, in both languages; arguments are taken from the record."""
    shown = shop.run(*STOPS, "--dry-run")
    assert shown.code == Exit.DONE
    for told in ("stop_shipment", f"receipt number: {RECEIPT}", "cancelCount 1", "cannot be undone", "money"):
        assert told in shown.out
    for told in ("접수번호", "되돌릴 수 없음", "금액", "쿠팡이 거절합니다"):
        assert told in shop.run(*STOPS, "--dry-run", lang="ko").out
    document = shop.run(*STOPS, "--dry-run", "--json").json
    assert document["call"]["arguments"] == {"receiptId": int(RECEIPT), "cancelCount": 1}
    assert (document["sent"], document["reason_code"], document["before"]) == (False, "call_dry", None)
    assert shop.market.writes() == []


def test_without_a_terminal_a_yes_is_needed(shop: DemoShop) -> None:
    """Nothing is even read before it."""
    refused = shop.run(*STOPS)
    assert refused.code == Exit.USAGE
    assert "--yes" in refused.err
    assert shop.market.ask("GET", "/_sim/requests") == []


def test_a_write_is_sent_verified_and_remembered(shop: DemoShop) -> None:
    """As a line of a rule that no file can have; rules know that it was done."""
    sent = shop.run(*STOPS, "--yes", "--json")
    assert sent.code == Exit.DONE
    assert "cannot be undone" in sent.err
    (outcome,) = sent.json["outcomes"]
    assert (outcome["status"], outcome["verified"], outcome["rule"]) == ("done", True, "(call)")
    assert sent.json["sent"] is True
    (line,) = shop.run("history", "--json").json["actions"]
    assert (line["operation"], line["status"], line["rule"]) == ("stop_shipment", "done", "(call)")
    assert RECEIPT not in {one["record"] for one in shop.run("plan", STOP, "--json").json["actions"]}
    assert applied(shop.market, "stop_shipment") == 1


def test_a_write_without_a_record(shop: DemoShop) -> None:
    """Times are resolved when it is shown, and the effect is read back."""
    line = ("call", "create_instant_coupon", *arguments(*COUPON), "--yes", "--json")
    made = shop.run(*line).json
    (outcome,) = made["outcomes"]
    assert (outcome["status"], outcome["record"]) == ("done", "-")
    assert made["call"]["arguments"]["endAt"] > made["call"]["arguments"]["startAt"]
    assert shop.run(*line).code == Exit.FAILED
    assert applied(shop.market, "create_instant_coupon") == 1


def test_a_procedure_is_called_for_one_record(shop: DemoShop) -> None:
    """All its steps, each in the ledger."""
    made = shop.run("call", "issue_instant_coupon", "--on", OPTION, *arguments(*COUPON[1:]), "--yes", "--json").json
    assert [one["status"] for one in made["outcomes"]] == ["done"]
    assert applied(shop.market, "create_instant_coupon") == applied(shop.market, "add_instant_coupon_items") == 1


def test_what_the_marketplace_would_refuse_is_not_sent(shop: DemoShop) -> None:
    """A state in which it cannot be done, as far as the catalogue knows; also in a dry run."""
    for more in ("--yes", "--dry-run"):
        refused = shop.run("call", "acknowledge_order_sheets", "--on", "900000000000000201", more, "--json")
        assert refused.code == Exit.FAILED
        assert refused.json["reason_code"] == "precondition_not_met"
    assert shop.market.writes() == []


def test_what_the_marketplace_refuses_is_told(shop: DemoShop) -> None:
    """Its words, exit code 1; nothing changed, so the same call is free."""
    line = ("call", "update_item_price", "--on", OPTION, *arguments("price=90000"), "--yes", "--json")
    for _ in range(2):
        refused = shop.run(*line)
        assert refused.code == Exit.FAILED
        assert [one["status"] for one in refused.json["outcomes"]] == ["refused"]
        assert "50%" in refused.json["outcomes"][0]["reason"]


def test_what_could_not_be_sent_is_a_failure(shop: DemoShop) -> None:
    """Here the settings lack the login the call is made with; nothing was sent, and exit code 0 would say it was."""
    line = cancels(shop)
    shop.edit("runner.yaml", "wing_login: seller", "")
    ran = shop.run(*line, "--json")
    assert ran.code == Exit.FAILED
    (outcome,) = ran.json["outcomes"]
    assert (outcome["status"], outcome["reason_code"]) == ("skipped", "wing_login_missing")
    assert ran.json["sent"] is False
    assert shop.market.writes() == []


# --- a person on a terminal ------------------------------------------------------------------------------------


def test_a_person_confirms_or_denies(shop: DemoShop) -> None:
    """No sends nothing; yes sends it once."""
    denied = on_terminal(shop, *STOPS, answers="n\n")
    assert denied.code == Exit.DONE
    assert "Send it?" in denied.err
    assert "cannot be undone" in denied.err
    assert "nothing was sent" in denied.out
    assert shop.market.writes() == []
    confirmed = on_terminal(shop, *STOPS, "--json", answers="y\n")
    assert confirmed.json["outcomes"][0]["status"] == "done"
    assert applied(shop.market, "stop_shipment") == 1


def test_a_person_is_asked_again_before_a_repeat(shop: DemoShop) -> None:
    """Even with --yes, which was meant for the first time."""
    line = ("call", "update_item_quantity", "--on", OPTION, "--arg", "quantity=7")
    assert shop.run(*line, "--yes").code == Exit.DONE
    denied = on_terminal(shop, *line, "--yes", answers="n\n")
    assert "the same call was done already" in denied.err
    assert "Send it once more?" in denied.err
    assert applied(shop.market, "update_item_quantity") == 1
    assert on_terminal(shop, *line, answers="y\n").code == Exit.DONE
    assert applied(shop.market, "update_item_quantity") == 2


# --- never twice by mistake --------------------------------------------------------------------------------------


def test_the_same_call_again_must_be_said_to_be_meant(shop: DemoShop) -> None:
    """Without a terminal by --again; another value is another call."""
    line = ("call", "update_item_quantity", "--on", OPTION, "--yes")
    assert shop.run(*line, "--arg", "quantity=7").code == Exit.DONE
    again = shop.run(*line, "--arg", "quantity=7", "--json")
    assert again.code == Exit.FAILED
    assert again.json["error"]["code"] == "call_done_before"
    assert "--again" in again.json["error"]["hint"]
    shown = shop.run("call", "update_item_quantity", "--on", OPTION, "--arg", "quantity=7", "--dry-run", "--json").json
    assert (shown["before"]["status"], shown["before"]["rule"]) == ("done", "(call)")
    assert shop.run(*line, "--arg", "quantity=8").code == Exit.DONE
    assert applied(shop.market, "update_item_quantity") == 2
    assert shop.run(*line, "--arg", "quantity=7", "--again").code == Exit.DONE
    assert applied(shop.market, "update_item_quantity") == 3
    assert len(shop.run("history", "--json").json["actions"]) == 3


def test_what_a_rule_did_is_known_too(shop: DemoShop) -> None:
    """The same operation with the same arguments."""
    assert shop.run("run", STOP).code == Exit.DONE
    shown = shop.run(*STOPS, "--dry-run", "--json").json
    assert (shown["before"]["status"], shown["before"]["rule"]) == ("done", STOP)


def test_a_question_about_the_same_is_answered_first(shop: DemoShop) -> None:
    """What waits for a person is not overtaken by hand."""
    shop.edit("returns.rules.yaml", "mode: auto", "mode: ask")
    shop.run("run", STOP)
    refused = shop.run(*STOPS, "--yes")
    assert refused.code == Exit.FAILED
    assert "waiting for approval" in refused.err
    assert "runner approve " in refused.err
    assert applied(shop.market, "stop_shipment") == 0


def test_a_lost_answer_is_read_not_repeated(shop: DemoShop) -> None:
    """It took effect, and that is what is told."""
    fault(shop.market, "stop_shipment", "lost_answer")
    sent = shop.run(*STOPS, "--yes", "--json")
    assert sent.code == Exit.DONE
    assert sent.json["outcomes"][0]["verified"] is True
    assert len([one for one in shop.market.writes() if one["operation"] == "stop_shipment"]) == 1


def test_a_lost_request_is_sent_again_after_a_read(shop: DemoShop) -> None:
    """A read proved that nothing had arrived."""
    fault(shop.market, "stop_shipment", "lost_request")
    assert shop.run(*STOPS, "--yes").code == Exit.DONE
    assert applied(shop.market, "stop_shipment") == 1


def cancels(shop: DemoShop) -> tuple[str, ...]:
    """Return a call whose effect no read can tell."""
    shop.edit("runner.yaml", f"rate: {FAST}", f"rate: {FAST}\n    wing_login: seller")
    shop.market.ask("POST", "/_sim/buyers", {"do": "order", "count": 1})
    box = str(max(shop.market.state()["order_sheets"], key=lambda one: one["orderedAt"])["shipmentBoxId"])
    return ("call", "cancel_order", "--on", box, "--arg", "middleCancelCode=CCTTER", "--yes")


def test_what_no_read_can_tell_stays_open(shop: DemoShop) -> None:
    """The same call is refused, with what to do, until a person says what happened."""
    line = cancels(shop)
    fault(shop.market, "cancel_order", "error_500_not_applied")
    assert shop.run(*line).code == Exit.ATTENTION
    again = shop.run(*line, "--json")
    assert again.code == Exit.FAILED
    assert again.json["error"]["code"] == "call_still_open"
    assert "runner run" in again.json["error"]["hint"]
    assert len([one for one in shop.market.writes() if one["operation"] == "cancel_order"]) == 1


@pytest.mark.parametrize("step", ["intent", "answer", "before_outcome"])
def test_the_same_call_after_a_crash_finishes_the_first(shop: DemoShop, step: str) -> None:
    """It is read what became of it; nothing is sent once more where it had taken effect."""
    crashed(shop, *STOPS, "--yes", at=step)
    again = shop.run(*STOPS, "--yes", "--json")
    assert again.code == Exit.DONE
    assert applied(shop.market, "stop_shipment") == 1
    assert again.json["outcomes"][-1]["status"] == "done"


def test_the_next_run_finishes_a_call(shop: DemoShop) -> None:
    """Also what is left of a procedure: no rule has to be there for it."""
    line = ("call", "issue_instant_coupon", "--on", OPTION, *arguments(*COUPON[1:]), "--yes")
    crashed(shop, *line, at="progress")
    ran = shop.run("run", STOP, "--json").json
    mine = [one for one in ran["outcomes"] if one["rule"] == "(call)"]
    assert [(one["status"], one["recovered"]) for one in mine] == [("done", True)]
    assert applied(shop.market, "create_instant_coupon") == applied(shop.market, "add_instant_coupon_items") == 1


def test_a_call_that_died_before_it_was_sent_is_free(shop: DemoShop) -> None:
    """Nothing happened, so nothing keeps it back."""
    crashed(shop, *STOPS, "--yes", at="claimed")
    assert shop.run(*STOPS, "--yes").code == Exit.DONE
    assert applied(shop.market, "stop_shipment") == 1


def test_an_open_call_is_told_where_its_record_is_gone(shop: DemoShop) -> None:
    """It took effect, its answer was lost, and the record with it."""
    line = cancels(shop)
    fault(shop.market, "cancel_order", "error_500_applied")
    assert shop.run(*line).code == Exit.ATTENTION
    again = shop.run(*line, "--json")
    assert (again.code, again.json["error"]["code"]) == (Exit.FAILED, "call_still_open")
    assert applied(shop.market, "cancel_order") == 1


def test_a_person_settles_what_nobody_can_read(shop: DemoShop) -> None:
    """After an hour it is a question; approved, it is sent again by the next run, from what the ledger kept."""
    line = cancels(shop)
    fault(shop.market, "cancel_order", "error_500_not_applied")
    shop.run(*line)
    shop.market.ask("POST", "/_sim/clock", {"advance": "2h"})
    assert shop.run("run", STOP).code == Exit.ATTENTION
    (question,) = [one for one in shop.run("questions", "--json").json["questions"] if one["rule"] == "(call)"]
    assert "runner approve" in shop.run(*line).err
    shop.run("approve", question["id"])
    ran = shop.run("run", STOP, "--json").json
    assert [one["status"] for one in ran["outcomes"] if one["rule"] == "(call)"] == ["done"]
    assert applied(shop.market, "cancel_order") == 1


def test_an_account_in_use_is_waited_for(shop: DemoShop) -> None:
    """By the name that `run` takes."""
    from runner.ledger import hold_lock

    ledger = shop.folder / ".runner" / "ledger.db"
    with hold_lock(ledger, "account-main", wait=1), process_of(shop, *STOPS, "--yes") as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=3)
        assert shop.market.writes() == []
        process.kill()


def test_a_label_is_saved(shop: DemoShop) -> None:
    """The document goes into a file, never onto the screen: it has names and addresses on it."""
    order = next(one["orderId"] for one in shop.market.state()["order_sheets"])
    where = shop.folder / "label.pdf"
    line = ("call", "order_label", *arguments(f"orderIdList={order}"))
    saved = shop.run(*line, "--save", str(where), "--json")
    assert saved.json == {"file": str(where), "bytes": where.stat().st_size}
    assert where.read_bytes().startswith(b"%PDF-")
    assert "JVBER" not in shop.run(*line, "--json").out
    lost = shop.run(*line, "--save", "/proc/label.pdf", "--json")
    assert (lost.code, lost.json["error"]["code"]) == (Exit.FAILED, "file_not_writable")
    nothing = shop.run("call", "contracts", "--save", str(where), "--json")
    assert (nothing.code, nothing.json["error"]["code"]) == (Exit.USAGE, "call_save_nothing")


def test_invoices_of_a_courier_are_saved(shop: DemoShop) -> None:
    """Here the answer is the file itself; only a shop in Taiwan has these couriers."""
    shop.edit("runner.yaml", "vendor_id: A00012345", "market: TW\n    vendor_id: A00012345")
    shop.market.reset("busy")
    box = shop.market.state()["order_sheets"][0]
    number = str(box["shipmentBoxId"])
    assert shop.run("call", "acknowledge_order_sheets", "--on", number, "--yes").code == Exit.DONE
    arranged = ("deliveryCompanyCode=TWL_FM", "returnCenterCode=1000274592")
    lacking = shop.run("call", "arrange_shipment", "--on", number, *arguments(arranged[0]), "--yes")
    assert lacking.code != Exit.DONE
    assert "TWL_FM and TWL_711 need returnCenterCode" in lacking.out + lacking.err
    assert applied(shop.market, "arrange_shipment") == 0
    assert shop.run("call", "arrange_shipment", "--on", number, *arguments(*arranged), "--yes").code == Exit.DONE
    sheets = shop.market.state()["order_sheets"]
    invoice = next(one["invoiceNumber"] for one in sheets if str(one["shipmentBoxId"]) == number)
    boxes = f'invoicePrintDtoList=[{{"shipmentBoxId": {number}, "invoiceNumber": "{invoice}"}}]'
    where = shop.folder / "invoices.pdf"
    line = ("call", "direct_invoices", *arguments("deliveryCompanyCode=TWL_FM", boxes))
    assert shop.run(*line, "--save", str(where)).code == Exit.DONE
    assert where.read_bytes().startswith(b"%PDF-")
