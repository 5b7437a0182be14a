"""Inquiries: answered, confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World, iso


def answer_call_center_inquiry(world: World, given: Mapping[str, Any]) -> None:
    """Answer a handed-over inquiry; the answer names the reply it belongs to."""
    row = _inquiry(world, given["inquiryId"])
    waiting = [one for one in row["replies"] if one["partnerTransferStatus"] == "requestAnswer"]
    if given["parentAnswerId"] not in [one["answerId"] for one in waiting]:
        raise Refusal(400, "이미 답변이 완료되었거나 답변할 수 없는 문의입니다.")
    for one in waiting:
        one |= {"partnerTransferStatus": "answered", "needAnswer": False}
    row["replies"].append(_reply(world, given))
    row |= {"csPartnerCounselingStatus": "answered", "answeredAt": iso(world.now)}


def _inquiry(world: World, number: str, kind: str = "call_center_inquiries") -> Row:
    """Return an inquiry; its number stands in the path as text."""
    known = world.rows(kind)
    found = next((known[key] for key in known if str(key) == number), None)
    if found is None:
        raise Refusal(400, "문의를 찾을 수 없습니다.")
    return found


def _reply(world: World, given: Mapping[str, Any]) -> Row:
    return {
        "answerId": world.number("answer", 1_027_083_739), "parentAnswerId": given["parentAnswerId"],
        "partnerTransferStatus": None, "partnerTransferCompleteReason": "NONE", "answerType": "vendor",
        "needAnswer": False, "receptionistName": "모의상회", "receptionist": given.get("replyBy", ""),
        "replyAt": iso(world.now),
        "content": given["content"],
    }  # fmt: skip


def confirm_call_center_inquiry(world: World, given: Mapping[str, Any]) -> None:
    """Confirm that an inquiry was seen."""
    row = _inquiry(world, given["inquiryId"])
    if row["inquiryStatus"] == "complete":
        raise Refusal(400, "이미 확인된 문의입니다.")
    row["inquiryStatus"] = "complete"


def answer_product_inquiry(world: World, given: Mapping[str, Any]) -> None:
    """Answer a question on a product page."""
    row = _inquiry(world, given["inquiryId"], "product_inquiries")
    row["commentDtoList"].append(
        {"inquiryCommentId": world.number("comment", 501), "inquiryId": row["inquiryId"], "content": given["content"],
         "inquiryCommentAt": iso(world.now)}
    )  # fmt: skip


CS = {
    "answer_call_center_inquiry": answer_call_center_inquiry,
    "confirm_call_center_inquiry": confirm_call_center_inquiry,
    "answer_product_inquiry": answer_product_inquiry,
}
