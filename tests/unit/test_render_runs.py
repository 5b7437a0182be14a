"""What plans, runs, questions and explanations show."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runner.catalogue import load
from runner.ledger.entries import Entry, Pending
from runner.ledger.rows import message_json, message_of
from runner.model import (
    Action,
    Calls,
    Doubted,
    Looked,
    Member,
    Message,
    Mode,
    Outcome,
    Plan,
    Risk,
    Status,
    Withheld,
    message,
)  # fmt: skip
from runner.render import Page, write
from runner.render.memory import history_page, questions_page
from runner.render.plans import Around, Trouble, plan_json, plan_page
from runner.render.reports import Ran, report_json, report_page
from runner.render.status import AccountState, DaemonView, StatusView, status_page

NOW = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
AROUND = Around(lang="ko", catalogue=load(), rules={})


def action(record: str = "400000101", **more: Any) -> Action:
    """Make an action as planning would."""
    given = {
        "id": f"id-{record}", "rule": "stop", "account": "main", "record": record, "records": (record,),
        "operation": "stop_shipment", "place": 0, "arguments": {"receiptId": int(record), "cancelCount": 1},
        "mode": Mode.AUTO, "risk": Risk.IRREVERSIBLE, "reason": message("reason_matched"), "keys": (record,),
        "fingerprint": "f",
    }  # fmt: skip
    return Action(**{**given, **more})


def entry(status: str, **more: Any) -> Entry:
    """Make a row of the ledger."""
    given = {
        "action": action(), "marketplace": "m", "status": status, "verified": False, "why": None, "progress": {},
        "attempt": 1, "question": None, "run": 1, "planned_at": NOW, "sent_at": NOW, "ended_at": None,
    }  # fmt: skip
    return Entry(**{**given, **more})


def text(page: Page) -> str:
    """Return what a person reads."""
    out = io.StringIO()
    write(page, "text", out)
    return out.getvalue()


def plan(*actions: Action) -> Plan:
    """Make a plan of these actions."""
    looked = Looked(rule="stop", account="main", seen=9, matched=len(actions))
    return Plan(made_at=NOW, actions=actions, looked=(looked,))


def test_plan_json_has_the_documented_shape() -> None:
    """Each action, withheld line and doubt names rule, account and record, with a reason in words and as a code."""
    whole = Plan(
        made_at=NOW,
        actions=(action(),),
        withheld=(Withheld(rule="r", account="main", record="1", operation="o", reason=message("only_watching")),),
        doubts=(Doubted(rule="r", account="main", record="2", reason=message("record_gone")),),
    )
    document = plan_json(whole, Calls(read=7), AROUND)
    assert document["format_version"] == "1.0"
    assert document["calls"] == {"read": 7, "write": 0}
    assert document["actions"][0].items() >= {
        "record": "400000101", "records": ["400000101"], "operation": "stop_shipment", "risk": "irreversible",
        "mode": "auto", "arguments": {"receiptId": 400000101, "cancelCount": 1}, "reason_code": "reason_matched",
    }.items()  # fmt: skip
    assert document["withheld"][0].keys() == {"rule", "account", "record", "operation", "reason", "reason_code"}
    assert document["doubts"][0].keys() == {"rule", "account", "record", "reason", "reason_code"}


def test_plan_says_what_cannot_be_undone() -> None:
    """A line shows its operation by its title, its arguments and what it takes to undo it."""
    shown = text(plan_page(plan(action()), Calls(read=7), AROUND))
    assert "조회 7회 · 쓰기 0회" in shown
    assert "되돌릴 수 없음" in shown
    assert "cancelCount 1" in shown
    assert "할 일 1건" in shown


def test_an_empty_plan_is_said_plainly() -> None:
    """Nothing to do is one sentence, not an empty table."""
    assert "할 일이 없습니다" in text(plan_page(plan(), Calls(read=7), AROUND))


def test_a_reason_all_lines_share_stands_once() -> None:
    """Three lines of one rule with the same reason show it above them."""
    shown = text(plan_page(plan(action("1"), action("2"), action("3")), Calls(), AROUND))
    assert shown.count("규칙의 조건에 맞습니다") == 1


def test_personal_arguments_are_masked() -> None:
    """What the catalogue calls personal never leaves in a plan, JSON included."""
    catalogue = load()
    named = [
        (name, parameter)
        for name, target in catalogue.actions.items()
        for parameter, shape in target.parameters.items()
        if shape.personal == "text"
    ]
    assert named
    for operation, parameter in named:
        one = action(operation=operation, arguments={parameter: "문 앞에 놓아 주세요"})
        assert "문 앞" not in str(plan_json(plan(one), Calls(), AROUND))


def test_a_run_tells_verified_from_answered() -> None:
    """A line that was answered but not read back is not called verified."""
    ran = Ran(
        outcomes=[
            Outcome(action=action("1"), status=Status.DONE, verified=True),
            Outcome(action=action("2"), status=Status.DONE),
            Outcome(action=action("3"), status=Status.UNCLEAR, recovered=True),
        ],
        calls=Calls(read=9, write=3),
    )
    shown = text(report_page(ran, AROUND))
    assert "확인됨" in shown
    assert "완료(확인 전)" in shown
    assert "결과 모름(확인 중)" in shown
    assert report_json(ran, AROUND)["outcomes"][2]["recovered"] is True


def test_members_that_differ_are_listed() -> None:
    """An action for many shows the members that ended otherwise."""
    refused = Member(record="8", status=Status.REFUSED, reason=message("record_gone"))
    members = (Member(record="7", status=Status.DONE), refused)
    whole = action("7", records=("7", "8"))
    ran = Ran(outcomes=[Outcome(action=whole, status=Status.DONE, verified=True, members=members)], calls=Calls())
    shown = text(report_page(ran, AROUND))
    assert "7 외 1건" in shown
    assert "8  마켓이 거절" in shown


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"7": "판매 중지 상품", "8": "이미 쿠폰이 있습니다"}, "7: 판매 중지 상품; 8: 이미 쿠폰이 있습니다"),
        ({}, "이유를 알려 주지 않았습니다"),
    ],
)
def test_a_request_that_failed_says_why(members: dict[str, str], told: str) -> None:
    """Accepted, then failed: every record with what was said of it, on the screen, in JSON and in the ledger."""
    why = message("request_failed", operation="create_instant_coupon", members=members)
    ran = Ran(
        outcomes=[Outcome(action=action("7", records=("7", "8")), status=Status.REFUSED, reason=why)], calls=Calls()
    )
    assert told in text(report_page(ran, AROUND))
    assert "{" not in text(report_page(ran, AROUND))
    listed = report_json(ran, AROUND)["outcomes"][0]["members"]
    assert [one["record"] for one in listed] == ["7", "8"]
    assert all(members.get(one["record"], "이유를") in one["reason"] for one in listed)
    kept = message_of(json.loads(json.dumps(message_json(why))))
    assert told in text(history_page([entry("refused", why=kept)], AROUND))


def test_a_second_run_says_there_is_nothing_to_do() -> None:
    """No outcome, no question: one sentence with what was kept back."""
    assert "할 일이 없습니다" in text(report_page(Ran(calls=Calls(read=4)), AROUND))


def test_troubles_are_not_silent() -> None:
    """A rule whose source could not be read is listed with its reason."""
    ran = Ran(troubles=[Trouble(rule="stop", account="main", reason=message("record_gone"))], calls=Calls())
    assert "실행하지 못한 규칙 1개" in text(report_page(ran, AROUND))


def test_questions_show_how_to_answer() -> None:
    """A question shows its lines with their ids and the command that answers it."""
    question = Pending(
        id="3f2a91c0", marketplace="m", account="main", rule="stop", reason=Message(code="rule_asks"), status="open",
        asked_at=NOW, expires_at=NOW + timedelta(hours=24), answered_by="", lines=(entry("asked"),),
    )  # fmt: skip
    shown = text(questions_page([question], AROUND))
    assert "runner approve 3f2a91c0" in shown
    assert "03-04(수) 09:30 KST까지" in shown
    assert "400000101" in shown


def test_history_tells_how_it_ended() -> None:
    """Verified is its own word; a refusal shows the marketplace's text."""
    refused = entry("refused", why=message("marketplace_said", said="이미 처리된 접수입니다"))
    shown = text(history_page([entry("done", verified=True, ended_at=NOW), refused], AROUND))
    assert "확인됨" in shown
    assert "이미 처리된 접수입니다" in shown


def test_status_says_when_old_rules_are_in_force() -> None:
    """Files that do not hold are told, with their places, while the last good set runs."""
    view = StatusView(
        daemon=DaemonView(
            pid=7, started_at=NOW.isoformat(), beat_at=NOW.isoformat(), rules=4, broken=("rules/a.yaml:2:5: E101",),
            next={"stop main": NOW.isoformat()},
        ),
        counts={"unclear": 1}, questions=2,
        accounts=[AccountState(name="main", vendor_id="A00012345", base_url="http://127.0.0.1:1", rate=4)],
    )  # fmt: skip
    shown = text(status_page(view, "ko"))
    assert "이전 규칙으로 실행 중" in shown
    assert "rules/a.yaml:2:5: E101" in shown
    assert "결과 모름(확인 중) 1" in shown
