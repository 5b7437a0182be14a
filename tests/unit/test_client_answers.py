from __future__ import annotations

import json
from typing import Any

import pytest
from fake_market import account, catalogue, reply
from hypothesis import assume, given
from hypothesis import strategies as st

from runner.catalogue import Operation, load
from runner.coupang.answers import Reply, judge, lockout
from runner.errors import NoAnswer, NotAuthorized, Refused, RunnerError, Unreachable, Unreadable
from runner.model import Answer

OPERATIONS = catalogue().operations


def judged(operation: str, body: Any, status: int = 200) -> Answer:
    """Judge a reply to an operation of the small catalogue."""
    return judge(OPERATIONS[operation], Reply(status=status, body=reply(status, body).content), account())


@pytest.mark.parametrize("code", [200, "200", "SUCCESS", "OK", "success", None])
def test_every_spelling_of_success_is_accepted(code: Any) -> None:
    """The same call says 200, "200" or SUCCESS, depending on the day."""
    assert judged("order", {"code": code, "data": {"orderId": 5}}).data == {"orderId": 5}


def test_an_answer_without_a_code_is_judged_by_its_content() -> None:
    """Some families have no envelope."""
    assert judged("order", {"data": {"orderId": 5}}).data == {"orderId": 5}


@pytest.mark.parametrize(
    "body",
    [
        {"code": "ERROR", "message": "no"},
        {"code": 400, "message": "no"},
        {"code": 200, "data": {"success": False, "content": {}}, "errorMessage": "no"},
        {"code": 200, "data": {"resultCode": "FAIL", "resultMessage": "no"}},
        {"code": 200, "data": {"resultCode": "PENDING", "resultMessage": "no"}},
        {"code": 200, "data": {"content": {"success": "false"}}, "message": "no"},
        [{"requestResultStatus": "FAIL", "errorMessage": "no"}],
    ],
)
def test_a_failure_inside_http_200_is_a_refusal(body: Any) -> None:
    """The flag decides, and what the catalogue demands; the marketplace's words are kept."""
    with pytest.raises(Refused) as error:
        judged("stop_order", body)
    assert error.value.facts["said"] == "no"


@pytest.mark.parametrize(
    "body",
    [
        {"code": 500, "message": "no"}, {"code": "503", "message": ""},
        {"code": "ERROR", "message": "Internal error"}, {"code": "ERROR", "message": "잠시 후 다시 시도해 주세요."},
        {"code": "ERROR", "message": "Unknown error occurred"},
    ],
)  # fmt: skip
def test_a_server_in_trouble_inside_http_200_leaves_a_write_unclear(body: Any) -> None:
    """It may have acted before it failed: a refusal would be planned again, and a coupon made twice."""
    with pytest.raises(NoAnswer):
        judged("stop_order", body)
    with pytest.raises(Refused):
        judged("order", body)


def test_an_answer_to_a_write_about_another_vendor_leaves_it_unclear() -> None:
    """It took effect somewhere: the claim must stay until a read tells."""
    with pytest.raises(NoAnswer, match="no_answer_foreign_vendor"):
        judged("stop_order", {"code": 200, "data": {"resultCode": "SUCCESS", "vendorId": "A00099999"}})


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "refused"), (404, "refused"), (409, "refused"), (410, "api_withdrawn"), (412, "api_not_activated")],
)
def test_a_status_of_the_400s_is_a_refusal(status: int, code: str) -> None:
    """What the operator can do differs by status."""
    with pytest.raises(Refused) as error:
        judged("stop_order", {"code": status, "message": "no"}, status)
    assert error.value.code == code


@pytest.mark.parametrize("failed", [0, 1, 2])
def test_a_batch_that_failed_in_part_or_in_all_is_an_answer(failed: int) -> None:
    """Each record has its own result; the one who sent the batch reads them."""
    results = [{"box": n, "succeed": n >= failed} for n in range(2)]
    body = {
        "code": "200",
        "data": {"responseCode": 99 if failed == 2 else 1, "success": False, "responseList": results},
    }
    assert judged("acknowledge", body).data == results


def test_a_batch_without_results_is_judged_as_a_whole() -> None:
    """No list of results and a failure flag: nothing was done."""
    with pytest.raises(Refused):
        judged("acknowledge", {"code": "200", "data": {"success": False, "responseList": []}})


def test_an_array_with_one_element_is_taken_for_the_object() -> None:
    """Documented as an object, sent as an array."""
    assert judged("order", {"code": 200, "data": [{"orderId": 5}]}).data == {"orderId": 5}


@pytest.mark.parametrize("shape", [lambda one: one, lambda one: [one]])
def test_a_write_answered_in_an_array_is_judged_like_the_object(shape: Any) -> None:
    """The calls on download coupons are documented with an object and answer an array: its number must be found."""
    entry = {"requestResultStatus": "SUCCESS", "body": {"couponId": 5, "requestTransactionId": "t5"}}
    add = load().operations["add_download_coupon_items"]
    body = json.dumps(shape(entry)).encode()
    assert judge(add, Reply(status=200, body=body), account()).data == entry
    refused = json.dumps(shape({"requestResultStatus": "FAIL", "errorMessage": "no"})).encode()
    with pytest.raises(Refused):
        judge(add, Reply(status=200, body=refused), account())


def test_an_array_of_several_answers_to_one_write_leaves_it_unclear() -> None:
    """Which of them is ours cannot be told."""
    body = json.dumps([{"requestResultStatus": "SUCCESS"}, {"requestResultStatus": "FAIL"}]).encode()
    with pytest.raises(NoAnswer):
        judge(load().operations["add_download_coupon_items"], Reply(status=200, body=body), account())


def test_a_refusal_that_says_it_was_done_is_no_answer() -> None:
    """The return centre exists although its contract was not confirmed: it must be read, not made again."""
    said = {"code": "ERROR", "message": "등록되었으나 계약확인에 실패하였습니다. 계약 정보를 확인하세요."}
    with pytest.raises(NoAnswer) as error:
        judge(load().operations["create_return_center"], Reply(status=400, body=json.dumps(said).encode()), account())
    assert error.value.code == "no_answer_yet_done"


@pytest.mark.parametrize(
    ("status", "body", "gone"),
    [
        (404, {"code": 404, "message": "order 5 is  not there."}, True),
        (404, {"errorMessage": "NOT_FOUND", "message": "order 5 is not there."}, True),
        (200, {"code": "404", "message": "order 5 is not there."}, True),
        (404, {"code": 404, "message": "no such address"}, False),
        (400, {"code": 400, "message": "order 5 is not there."}, False),
        (404, {"code": 404, "message": "order of another seller"}, False),
    ],
)
def test_a_record_that_is_gone_is_told_by_a_documented_answer(status: int, body: Any, *, gone: bool) -> None:
    """Status and text must both be those of the catalogue, and it must say what they mean."""
    with pytest.raises(Refused) as error:
        judged("order", body, status)
    assert error.value.facts.get("gone", False) is gone


@pytest.mark.parametrize("data", [None, []])
def test_a_single_record_that_is_not_there_is_none(data: Any) -> None:
    """An empty answer to a question for one record."""
    assert judged("order", {"code": 200, "data": data}).data is None


@pytest.mark.parametrize(
    "body", [{"code": 200}, {"code": 200, "data": None}, {"code": 200, "data": {}}, [], 5, "x", None]
)
def test_a_list_that_is_not_where_it_should_be_is_unreadable(body: Any) -> None:
    """Never an empty list: "no orders" would be a wrong conclusion."""
    with pytest.raises(Unreadable):
        judged("orders", body)


def test_a_write_without_data_is_a_success() -> None:
    """Some writes answer a code and nothing else."""
    assert judged("answer", {"code": "200", "message": "OK"}).data is None


@pytest.mark.parametrize("vendor", ["A00012345", "", None])
def test_records_of_the_account_pass(vendor: Any) -> None:
    """A blank vendor says nothing."""
    assert judged("orders", {"code": 200, "data": [{"orderId": 1, "vendorId": vendor, "sellerId": vendor}]}).data


def test_one_foreign_record_among_many_stops_the_account() -> None:
    """The keys of two accounts were mixed up: nothing may be written with them."""
    with pytest.raises(NotAuthorized) as error:
        judged("orders", {"code": 200, "data": [{"vendorId": "A00012345"}, {"vendorId": "A00099999"}]})
    assert (error.value.facts["expected"], error.value.facts["found"]) == ("A00012345", "A00099999")


def test_the_transaction_number_is_kept_for_the_support() -> None:
    """Coupang asks for it."""
    with pytest.raises(Refused) as error:
        judged("order", {"code": "ERROR", "message": "no", "transactionId": "00000000-0000"}, 400)
    assert error.value.facts["transaction"] == "00000000-0000"


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (429, "", "rate"), (302, "", "block"), (301, "", "block"), (423, "{}", "block"), (403, "<HTML>", "block"),
        (403, "", "block"), (403, '{"message": "[FORBIDDEN] Not allowed IP"}', None), (200, "", None), (500, "", None),
        (401, "", None), (404, "<HTML>", None),
    ],
)  # fmt: skip
def test_what_locks_a_vendor_out(status: int, body: str, cause: str | None) -> None:
    """The page of the edge is HTML; a refused address is JSON and no block."""
    assert lockout(Reply(status=status, body=body.encode())) == cause


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["code", "data", "message", "x"]), inner)
    ),
    max_leaves=10,
)


def _outcome(operation: Operation, answer: Reply) -> Answer | RunnerError:
    try:
        return judge(operation, answer, account())
    except RunnerError as error:
        return error


@given(st.sampled_from([200, 400, 401, 404, 500]), ANY_JSON, st.sampled_from(sorted(OPERATIONS)))
def test_whatever_json_comes_it_is_an_answer_or_one_of_our_errors(status: int, body: Any, name: str) -> None:
    """No shape of an answer ends in a traceback."""
    operation = OPERATIONS[name]
    found = _outcome(operation, Reply(status=status, body=reply(status, body).content if body != "" else b'""'))
    allowed = Answer | Refused | NotAuthorized
    assert isinstance(found, allowed | NoAnswer if operation.effect == "write" else allowed | Unreachable | Unreadable)


@given(st.binary(max_size=60))
def test_bytes_that_are_no_json_leave_a_write_unclear(body: bytes) -> None:
    """Cut off, HTML, another character set: it may have taken effect."""
    assume(_not_json(body))
    assert isinstance(_outcome(OPERATIONS["stop_order"], Reply(status=200, body=body)), NoAnswer)


def _not_json(body: bytes) -> bool:
    try:
        return not isinstance(json.loads(body), dict | list)
    except ValueError:
        return True


@pytest.mark.parametrize("body", ["", "null", "5", '"OK"', '{"code": "200"}', '{"code": "200", "data": {}}'])
def test_an_answer_that_does_not_say_it_worked_leaves_a_write_unclear(body: str) -> None:
    """Where the catalogue wants a result and there is none, nobody knows: it is read, not called refused."""
    with pytest.raises(NoAnswer):
        judge(OPERATIONS["stop_order"], Reply(status=200, body=body.encode()), account())
