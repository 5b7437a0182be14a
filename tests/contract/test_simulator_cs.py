"""Inquiries over HTTP: deadlines, hand-overs, decisions, closing, users; and what late answers cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from simulator_support import OPEN, VENDOR, WRITES, WebShop, said, words

from runner.simulator import Response

CASES = f"{OPEN}/v5/vendors/{VENDOR}/callCenterInquiries"
QUESTIONS = f"{OPEN}/v5/vendors/{VENDOR}/onlineInquiries"
NOT_OPEN = "The inquiry can't be answer. It can do only inquiryStatus:progress, partnerTransferStatus:requestAnswer"


def cases(shop: WebShop, status: str) -> dict[int, dict[str, Any]]:
    """Return the cases in a state, of the last week."""
    window = (
        f"inquiryStartAt={shop.at - timedelta(days=5):%Y-%m-%d}&inquiryEndAt={shop.at + timedelta(days=1):%Y-%m-%d}"
    )
    query = f"vendorId={VENDOR}&partnerCounselingStatus={status}&{window}&pageSize=30"
    return {row["inquiryId"]: row for row in shop.data(CASES, query)["content"]}


def case(shop: WebShop, number: int) -> dict[str, Any]:
    row: dict[str, Any] = shop.data(f"{OPEN}/v5/vendors/callCenterInquiries/{number}")
    return row


def asked(shop: WebShop) -> tuple[int, int]:
    """Let somebody complain; return the case and the reply that waits."""
    (number,) = shop.come("ask")
    return number, case(shop, number)["replies"][-1]["answerId"]


def answer(shop: WebShop, number: int, parent: int, content: str = "확인했습니다", user: str = "seller1") -> Response:
    body = {
        "vendorId": VENDOR, "inquiryId": str(number), "content": content, "replyBy": user, "parentAnswerId": parent,
    }  # fmt: skip
    return shop.ask("POST", f"{WRITES}/callCenterInquiries/{number}/replies", body=body)


def confirm(shop: WebShop, number: int, user: str = "seller1") -> Response:
    return shop.ask("POST", f"{WRITES}/callCenterInquiries/{number}/confirms", body={"confirmBy": user})


def act(shop: WebShop, deed: str, number: int) -> list[int]:
    ids: list[int] = said(shop.control("buyers", {"do": deed, "id": number}))["ids"]
    return ids


def test_a_case_is_answered_within_a_day() -> None:
    """Once; the answer stands in it and leaves the list of what waits."""
    shop = WebShop()
    number, parent = asked(shop)
    shop.at += timedelta(hours=23, minutes=59)
    assert number in cases(shop, "NO_ANSWER")
    assert answer(shop, number, parent).status == 200
    assert (number in cases(shop, "NO_ANSWER"), number in cases(shop, "ANSWER")) == (False, True)
    assert case(shop, number)["replies"][-1]["answerType"] == "vendor"
    assert words(answer(shop, number, parent)) == (400, NOT_OPEN)


def test_after_a_day_coupang_closes_what_waits() -> None:
    """With a notice, as answered; an answer is refused, and it costs score."""
    shop = WebShop()
    number, parent = asked(shop)
    assert said(shop.control("state"))["seller_score"]["answers_in_24h"] == 100
    shop.at += timedelta(hours=24)
    assert case(shop, number)["csPartnerCounselingStatus"] == "answered"
    assert words(answer(shop, number, parent)) == (400, NOT_OPEN)
    assert said(shop.control("state"))["seller_score"]["late_answers"] == 1
    shop.control("clock", {"advance": "31d"})
    assert said(shop.control("state"))["seller_score"]["late_answers"] == 0


def test_a_case_can_come_back() -> None:
    """Handed over again it waits for another day, under another number."""
    shop = WebShop()
    number, parent = asked(shop)
    answer(shop, number, parent)
    shop.at += timedelta(hours=30)
    assert act(shop, "hand_over", number) == [number]
    assert act(shop, "hand_over", number) == []
    again = cases(shop, "NO_ANSWER")[number]["replies"][-1]["answerId"]
    assert answer(shop, number, parent).status == 400
    assert answer(shop, number, again).status == 200


def test_what_coupang_decided_is_confirmed_within_a_day() -> None:
    """It needs no answer; it is confirmed once, and never after a day."""
    shop = WebShop()
    (first, parent), (second, _) = asked(shop), asked(shop)
    assert (act(shop, "decide", first), act(shop, "decide", second)) == ([first], [second])
    assert {first, second} <= set(cases(shop, "TRANSFER"))
    assert words(answer(shop, first, parent)) == (400, NOT_OPEN)
    assert confirm(shop, first).status == 200
    assert first not in cases(shop, "TRANSFER")
    assert words(confirm(shop, first)) == (400, "상담이 종료된 문의입니다 - 522")
    shop.at += timedelta(hours=24)
    assert words(confirm(shop, second)) == (400, "상담이 종료된 문의입니다 - 522")


@pytest.mark.parametrize(
    ("deed", "text"),
    [("take_back", NOT_OPEN), ("close_case", "상담이 종료된 문의입니다 - 522"), ("send_form", NOT_OPEN)],
)
def test_some_cases_take_no_answer(deed: str, text: str) -> None:
    """Taken back, closed for good, or to be answered by a form."""
    shop = WebShop()
    number, parent = asked(shop)
    assert act(shop, deed, number) == [number]
    assert words(answer(shop, number, parent)) == (400, text)
    assert (number in cases(shop, "NO_ANSWER")) is (deed == "send_form")


def test_questions_are_answered_in_time_or_it_costs_score() -> None:
    """A question is late after a day, and can be answered all the same; a deleted one cannot."""
    shop = WebShop()
    first, second = shop.come("question", 2)
    body = {"content": "내일 출고됩니다", "vendorId": VENDOR, "replyBy": "seller1"}
    assert shop.ask("POST", f"{WRITES}/onlineInquiries/{first}/replies", body=body).status == 200
    shop.at += timedelta(hours=25)
    score = said(shop.control("state"))["seller_score"]
    assert (score["late_answers"], score["answers_in_24h"]) == (1, 66.7)
    assert shop.ask("POST", f"{WRITES}/onlineInquiries/{second}/replies", body=body).status == 200
    assert said(shop.control("state"))["seller_score"] == score
    assert act(shop, "delete_question", first) == [first]
    gone = shop.ask("POST", f"{WRITES}/onlineInquiries/{first}/replies", body=body | {"content": "다른 답변"})
    assert words(gone) == (400, "삭제된 상품문의에는 더 이상 답변할 수 없습니다.")


def test_only_logins_of_the_seller_may_answer() -> None:
    """Where that is looked at: call centre, confirmation and product page, each in its words."""
    shop = WebShop()
    shop.control("habits", {"users": ["wing7"]})
    number, parent = asked(shop)
    assert words(answer(shop, number, parent)) == (400, "userId가 올바르지 않습니다 - 520")
    assert answer(shop, number, parent, user="wing7").status == 200
    act(shop, "decide", number)
    assert confirm(shop, number, VENDOR).status == 400
    assert confirm(shop, number, "wing7").status == 200
    (question,) = shop.come("question")
    body = {"content": "네", "vendorId": VENDOR, "replyBy": VENDOR}
    told = shop.ask("POST", f"{WRITES}/onlineInquiries/{question}/replies", body=body)
    assert words(told)[1].startswith("The value of replyBy (Responder Seller Portal (WING) ID) is incorrect.")


def test_line_breaks_must_be_escaped() -> None:
    """As documented for customer service."""
    shop = WebShop()
    number, parent = asked(shop)
    body = (
        f'{{"vendorId":"{VENDOR}","inquiryId":"{number}","content":"가\r나","replyBy":"a","parentAnswerId":{parent}}}'
    )
    told = shop.send("POST", f"{WRITES}/callCenterInquiries/{number}/replies", body=body.encode())
    assert words(told)[1].startswith("Could not read JSON: Illegal unquoted character")
    assert answer(shop, number, parent, "가\r\n나").status == 200
