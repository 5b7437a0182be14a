"""What agents of Coupang's call centre and askers do to inquiries: hand over, decide, take back, close."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from runner.simulator.dealings import Deed, chosen
from runner.simulator.score import note
from runner.simulator.world import ANSWER_TIME, Row, World, iso


def _waiting(inquiry: Row) -> list[Row]:
    return [one for one in inquiry["replies"] if one["partnerTransferStatus"] == "requestAnswer"]


def _cases(world: World, *, waits: bool | None = None) -> Iterable[Row]:
    """Return open cases: those that wait for the seller, those that do not, or both."""
    rows = world.rows("call_center_inquiries").values()
    return [
        one for one in rows if one["inquiryStatus"] == "progress" and (waits is None or bool(_waiting(one)) is waits)
    ]


def _say(world: World, case: Row, content: str, status: str, reason: str = "NONE") -> None:
    case["replies"].append(
        {
            "receptionistName": "상담사", "receptionist": "10000058", "replyAt": iso(world.now), "content": content,
            "answerId": world.number("agent_answer", 5_900_000_001), "parentAnswerId": 0,
            "partnerTransferStatus": status, "partnerTransferCompleteReason": reason, "answerType": "csAgent",
            "needAnswer": status == "requestAnswer",
        }
    )  # fmt: skip


def _end_waiting(world: World, case: Row, status: str, reason: str = "NONE") -> None:
    for one in _waiting(case):
        one |= {"partnerTransferStatus": status, "partnerTransferCompleteReason": reason, "needAnswer": False}
    case |= {"csPartnerCounselingStatus": "answered", "answeredAt": case["answeredAt"] or iso(world.now)}


def hand_over(world: World, of: int | None = None) -> int | None:
    """Hand a case that was answered to the seller once more; he has another day. Return the inquiry."""
    case = chosen(world, _cases(world, waits=False), "inquiryId", of)
    if case is None:
        return None
    _say(world, case, "[판매자이관] 고객님이 다시 문의하셨습니다.", "requestAnswer")
    case |= {"csPartnerCounselingStatus": "requestAnswer", "answeredAt": None}
    return int(case["inquiryId"])


def send_form(world: World, of: int | None = None) -> int | None:
    """Ask for an answer by a form behind a link; such a case takes none by API. Return the inquiry."""
    case = chosen(world, _cases(world, waits=True), "inquiryId", of)
    if case is None:
        return None
    _waiting(case)[-1]["content"] = "[판매자이관] 아래 링크의 양식으로 답변해 주세요. https://example.com/form"
    case["byForm"] = True
    return int(case["inquiryId"])


def decide(world: World, of: int | None = None) -> int | None:
    """Decide a case in the seller's place; he has a day to confirm that. Return the inquiry."""
    case = chosen(world, _cases(world), "inquiryId", of)
    if case is None:
        return None
    _end_waiting(world, case, "answered")
    _say(world, case, "쿠팡에서 직권으로 처리하였습니다.", "none", "DISPUTE_PROCESS")
    return int(case["inquiryId"])


def take_back(world: World, of: int | None = None) -> int | None:
    """Take back what was handed over; nobody needs to answer. Return the inquiry."""
    case = chosen(world, _cases(world, waits=True), "inquiryId", of)
    if case is None:
        return None
    _end_waiting(world, case, "none", "CANCEL")
    return int(case["inquiryId"])


def close_case(world: World, of: int | None = None) -> int | None:
    """Close a case for good. Return the inquiry."""
    case = chosen(world, _cases(world), "inquiryId", of)
    if case is None:
        return None
    _end_waiting(world, case, "answered")
    case["inquiryStatus"] = "complete"
    return int(case["inquiryId"])


def delete_question(world: World, of: int | None = None) -> int | None:
    """Let an asker delete his question on a product page. Return the question."""
    row = chosen(world, world.rows("product_inquiries").values(), "inquiryId", of)
    if row is None:
        return None
    del world.rows("product_inquiries")[row["inquiryId"]]
    return int(row["inquiryId"])


def note_late(world: World) -> bool:
    """Note, for the seller's score, what waited a day for him; tell whether anything did."""
    asked = [
        (one["inquiryId"], one["inquiryAt"]) for one in world.rows("product_inquiries").values()
        if not one["commentDtoList"]
    ] + [
        (one["answerId"], one["replyAt"]) for case in world.rows("call_center_inquiries").values()
        for one in _waiting(case)
    ]  # fmt: skip
    known = {one["of"] for one in world.rows("score_events").values() if one["penalty"] == "late_answer"}
    late = [(number, at) for number, at in asked if number not in known and is_late(world, at)]
    for number, at in late:
        with world.at(datetime.fromisoformat(at) + timedelta(hours=24)):
            note(world, "late_answer", number)
    return bool(late)


def is_late(world: World, at: str) -> bool:
    """Tell whether something that was asked then is late by now."""
    return world.now - datetime.fromisoformat(at) >= ANSWER_TIME


AGENTS: Mapping[str, Deed] = {
    "hand_over": hand_over,
    "send_form": send_form,
    "decide": decide,
    "take_back": take_back,
    "close_case": close_case,
    "delete_question": delete_question,
}
