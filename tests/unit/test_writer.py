from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_market import FakeMarket, client, ok, reply

from runner.coupang.writer import MarketWriter
from runner.errors import Defect, Refused, Unreadable, UsageMistake


def writer(folder: Path, *script: Any, **changes: Any) -> tuple[MarketWriter, FakeMarket]:
    """Make a writer of a scripted marketplace."""
    market = FakeMarket(*script)
    return MarketWriter(client(folder, market, **changes)), market


def test_a_write_is_sent_once_with_wire_names_and_types(tmp_path: Path) -> None:
    """What travels twice stands in path and body; what only fills templates does not travel."""
    write, market = writer(tmp_path, ok({"resultCode": "SUCCESS"}))
    write.send("stop_order", {"orderId": "642538970006401429", "count": 2, "note": "for people"})
    (sent,) = market.requests
    assert sent.method == "PUT"
    assert sent.url.path == "/v4/vendors/A00012345/orders/642538970006401429/stop"
    assert json.loads(sent.content) == {"vendorId": "A00012345", "orderId": 642538970006401429, "count": 2}


def test_the_body_is_utf_8(tmp_path: Path) -> None:
    """Korean text travels as itself."""
    write, market = writer(tmp_path, ok(None))
    write.send("answer", {"content": "안녕하세요"})
    assert "안녕하세요".encode() in market.requests[0].content
    assert json.loads(market.requests[0].content)["replyBy"] == "seller1"


def test_an_answer_in_nobodys_name_is_not_sent(tmp_path: Path) -> None:
    """The answerer is a Wing login, not the vendor id; without one a person must set it."""
    write, market = writer(tmp_path, ok(None), wing_login="")
    with pytest.raises(UsageMistake, match="wing_login_missing"):
        write.send("answer", {"content": "x"})
    assert not market.requests


@pytest.mark.parametrize(
    "arguments",
    [
        {"orderId": 5}, {"orderId": 5, "count": None}, {"orderId": 5, "count": 0}, {"orderId": 5, "count": 1.0},
        {"orderId": None, "count": 1}, {"orderId": 5, "count": 1, "reason": "too long"},
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_are_not_sent(tmp_path: Path, arguments: dict[str, Any]) -> None:
    """Missing, null, out of bounds or of the wrong type: cannot tell what would happen."""
    write, market = writer(tmp_path, ok({"resultCode": "SUCCESS"}))
    with pytest.raises(Unreadable):
        write.send("stop_order", arguments)
    assert not market.requests


def test_a_batch_answers_for_each_record(tmp_path: Path) -> None:
    """Partly failed is an answer, not an exception."""
    results = [{"box": 1, "succeed": True}, {"box": 2, "succeed": False, "resultCode": "NO"}]
    write, market = writer(tmp_path, ok({"responseCode": 1, "responseList": results}))
    assert write.send("acknowledge", {"boxes": [1, 2]}).data == results
    assert json.loads(market.requests[0].content) == {"vendorId": "A00012345", "boxes": [1, 2]}


def test_a_batch_above_its_documented_size_is_not_sent(tmp_path: Path) -> None:
    """Cutting it is the planner's work."""
    write, market = writer(tmp_path, ok({"responseList": []}))
    with pytest.raises(Unreadable, match="argument_too_large"):
        write.send("acknowledge", {"boxes": [1, 2, 3, 4]})
    assert not market.requests


def test_a_single_write_that_failed_inside_http_200_is_refused(tmp_path: Path) -> None:
    """The reason is the marketplace's."""
    write, _ = writer(tmp_path, ok({"resultCode": "FAIL", "resultMessage": "이미 출고됨"}))
    with pytest.raises(Refused) as error:
        write.send("stop_order", {"orderId": 5, "count": 1})
    assert error.value.facts["said"] == "이미 출고됨"


def test_a_refusal_is_not_repeated(tmp_path: Path) -> None:
    """400 means: fix the input."""
    write, market = writer(tmp_path, reply(400, {"code": 400, "message": "no"}))
    with pytest.raises(Refused):
        write.send("stop_order", {"orderId": 5, "count": 1})
    assert len(market.requests) == 1


def test_the_writer_sends_writes_only(tmp_path: Path) -> None:
    """Reads go through `call` and `rows`, which remember and retry."""
    write, market = writer(tmp_path, ok({}))
    with pytest.raises(Defect, match="not_a_write"):
        write.send("order", {"orderId": 5})
    with pytest.raises(Defect, match="unknown_operation"):
        write.send("stop_everything", {})
    assert not market.requests
