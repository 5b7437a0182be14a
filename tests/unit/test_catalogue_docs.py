"""Pages of `runner docs`: what a seller needs before writing an action into a rule."""

from __future__ import annotations

import re

import pytest

from runner.catalogue import Operation, Title, load
from runner.catalogue.docs import bound_arguments, operation_page, overview
from runner.catalogue.tables import TABLES
from runner.errors import UsageMistake
from runner.wording import LANGS, Lang

ALL = [*load().sources, *load().actions]


@pytest.mark.parametrize("lang", LANGS)
def test_every_source_and_action_has_a_page(lang: Lang) -> None:
    """Every page can be written in both languages and begins with its name."""
    for name in ALL:
        assert operation_page(load(), name, lang).startswith(f"# {name}: ")


@pytest.mark.parametrize("lang", LANGS)
def test_overview_names_everything(lang: Lang) -> None:
    """The list names every source and action once per section."""
    told = re.findall(r"^    (\w+) ", overview(load(), lang), flags=re.MULTILINE)
    assert sorted(told) == sorted([*ALL, *TABLES])


@pytest.mark.parametrize("lang", LANGS)
def test_what_each_box_may_be_answered_is_told(lang: Lang) -> None:
    """A batch answers for each box with a code; the page has the meaning of every one."""
    page = operation_page(load(), "upload_invoices", lang)
    for code, title in load().enum("shipment", "resultCode").items():
        assert f"  - `{code}` {title.said(lang)}" in page


def test_page_of_an_action() -> None:
    """It says what is bound, when it may run, how it is proved, what a repeat does and what it risks."""
    page = operation_page(load(), "stop_shipment", "en")
    assert (
        "PATCH /v2/providers/openapi/apis/api/v4/vendors/{vendorId}/returnRequests/{receiptId}/stoppedShipment" in page
    )
    assert "- cancelCount from cancelCountSum" in page
    assert "- {receiptStatus: RELEASE_STOP_UNCHECKED}" in page
    assert "return_request is read" in page
    assert "Risk: cannot be undone" in page
    assert "is refused by Coupang" in page
    assert "취소반품접수수량과 cancelCount가 일치하지 않습니다" in page


def test_page_of_an_action_in_korean() -> None:
    """Risks, texts, what errors mean and what is not known: none of it in English."""
    page = operation_page(load(), "complete_long_term_undelivered", "ko")
    assert "위험: 되돌릴 수 없음" in page
    assert "정산을 시작합니다" in page
    assert "The unit of the 30 days" not in page
    assert "- 30일을 언제부터 세는지 문서에 없습니다." in page
    assert "- 400 배송완료 처리 실패. 배송상태: INSTRUCT (아직 송장이 없는 건입니다)" in page


@pytest.mark.parametrize("operation", load().operations.values(), ids=lambda one: one.name)
def test_doubts_and_meanings_of_errors_are_told_in_both_languages(operation: Operation) -> None:
    """Korean is Korean: names of fields and codes may stand in it, no sentence of English."""
    told = [*operation.doubts, *(Title(en=one.about, ko=one.about_ko) for one in operation.errors if one.about)]
    for one in told:
        assert re.search("[가-힣]", one.ko), one
        assert not re.search("[가-힣]", one.en), one
        assert not re.search(r"\b(the|is|are|not|of|and)\b", one.ko), one
        for lang in LANGS:
            assert one.said(lang) in operation_page(load(), operation.name, lang)


def test_page_of_a_source() -> None:
    """It lists parameters with their values, fields with types, and the actions for its records."""
    page = operation_page(load(), "return_requests", "ko")
    assert "  - `RU` 출고중지요청" in page
    assert "- cancelCountSum (정수): 총 취소 수량" in page
    assert "stop_shipment, mark_already_shipped" in page
    assert "vendorId (" not in page


def test_page_of_a_procedure() -> None:
    """It tells the steps and what one action for all records means."""
    page = operation_page(load(), "issue_instant_coupon", "en")
    assert "2. `create_instant_coupon`" in page
    assert "coupons_per_day" in page


def test_unknown_name_is_a_usage_mistake_with_a_suggestion() -> None:
    """A typo names what is near."""
    with pytest.raises(UsageMistake) as raised:
        operation_page(load(), "stop_shipmnt", "en")
    assert raised.value.facts["hint"].facts["names"][0] == "stop_shipment"


def test_bound_arguments_of_an_invoice_upload() -> None:
    """A template builds the entries; courier and number stay with the rule."""
    catalogue = load()
    assert bound_arguments(catalogue, catalogue.operations["upload_invoices"]) == {"orderSheetInvoiceApplyDtos": ""}
    assert bound_arguments(catalogue, catalogue.operations["complete_long_term_undelivered"]) == {
        "shipmentBoxId": "shipmentBoxId",
        "invoiceNumber": "invoiceNumber",
    }
