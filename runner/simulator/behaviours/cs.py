"""Inquiries: answered, confirmed, within 24 hours of the hand-over; then Coupang closes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from runner.simulator.goods import BRAND
from runner.simulator.wire import Refusal
from runner.simulator.world import ANSWER_TIME, Row, World, iso

_LENGTHS = range(2, 1001)
_NOT_OPEN = "The inquiry can't be answer. It can do only inquiryStatus:progress, partnerTransferStatus:requestAnswer"
_NO_USER = "userId가 올바르지 않습니다 - 520"
_NO_WING_USER = (
    "The value of replyBy (Responder Seller Portal (WING) ID) is incorrect. "
    "Please enter the correct wing ID or vendorId."
)
_CLOSED = "상담이 종료된 문의입니다 - 522"
#: what became of a case that Coupang decided
_DECIDED = ("DISPUTE_PROCESS", "DISPUTE_PROCESS_COMPLETE")


def answer_call_center_inquiry(world: World, given: Mapping[str, Any]) -> None:
    """Answer a handed-over inquiry; the answer names the reply it belongs to."""
    row = _inquiry(world, given["inquiryId"])
    if len(given["content"]) not in _LENGTHS:
        raise Refusal(400, "The reply content length should be between 2 ~ 1000")
    _know_user(world, given["replyBy"], _NO_USER)
    waiting = [one for one in row["replies"] if one["partnerTransferStatus"] == "requestAnswer"]
    if given["parentAnswerId"] not in [one["answerId"] for one in waiting] or row.get("byForm"):
        raise Refusal(400, _NOT_OPEN)
    for one in waiting:
        one |= {"partnerTransferStatus": "answered", "needAnswer": False}
    row["replies"].append(_reply(world, given))
    row |= {"csPartnerCounselingStatus": "answered", "answeredAt": iso(world.now)}


def _know_user(world: World, login: str, said: str) -> None:
    """Refuse a login that is nobody's, where that is looked at."""
    if world.habits.users and login not in world.habits.users:
        raise Refusal(400, said)


def _inquiry(world: World, number: str) -> Row:
    found = world.rows("call_center_inquiries").get(int(number)) if number.isdecimal() else None
    if found is None:
        raise Refusal(404, "Inquiry not found")
    if found["inquiryStatus"] == "complete":
        raise Refusal(400, _CLOSED)
    return found


def _reply(world: World, given: Mapping[str, Any]) -> Row:
    return {
        "receptionistName": BRAND, "receptionist": given["replyBy"], "replyAt": iso(world.now),
        "content": given["content"], "answerId": world.number("answer", 1_027_083_739),
        "parentAnswerId": given["parentAnswerId"], "partnerTransferStatus": None,
        "partnerTransferCompleteReason": "NONE", "answerType": "vendor", "needAnswer": False,
    }  # fmt: skip


def confirm_call_center_inquiry(world: World, given: Mapping[str, Any]) -> None:
    """Confirm what Coupang decided, once and within a day; other cases wait for nothing of the kind."""
    row = _inquiry(world, given["inquiryId"])
    _know_user(world, given["confirmBy"], _NO_USER)
    decided = [one for one in row["replies"] if one["partnerTransferCompleteReason"] in _DECIDED]
    if not decided:
        raise Refusal(400, _NOT_OPEN)
    waiting = [one for one in decided if one["partnerTransferCompleteReason"] == "DISPUTE_PROCESS"]
    if not any(world.now - datetime.fromisoformat(one["replyAt"]) < ANSWER_TIME for one in waiting):
        raise Refusal(400, _CLOSED)
    for one in waiting:
        one["partnerTransferCompleteReason"] = "DISPUTE_PROCESS_COMPLETE"


def answer_product_inquiry(world: World, given: Mapping[str, Any]) -> None:
    """Answer a question on a product page; the same words are taken once."""
    number, content = given["inquiryId"], given["content"]
    row = world.rows("product_inquiries").get(int(number)) if number.isdecimal() else None
    if row is None:
        raise Refusal(400, "삭제된 상품문의에는 더 이상 답변할 수 없습니다.")
    _know_user(world, given["replyBy"], _NO_WING_USER)
    if not content.strip():
        raise Refusal(400, "내용을 입력하세요.")
    if any(one["content"] == content for one in row["commentDtoList"]):
        raise Refusal(400, "동일한 답변이 존재합니다.")
    row["commentDtoList"].append(
        {"inquiryCommentId": world.number("comment", 36_000_001), "inquiryId": row["inquiryId"], "content": content,
         "inquiryCommentAt": iso(world.now)}
    )  # fmt: skip


CS = {
    "answer_call_center_inquiry": answer_call_center_inquiry,
    "confirm_call_center_inquiry": confirm_call_center_inquiry,
    "answer_product_inquiry": answer_product_inquiry,
}
