"""Every error of settings and client can be said in both languages, with all its blanks filled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_market import FakeMarket, Passing, account, client, ok, reply

from runner import settings
from runner.coupang.reader import MarketReader
from runner.coupang.writer import MarketWriter
from runner.errors import InvalidFiles, RunnerError
from runner.model import Message
from runner.wording import LANGS, say, sentences

READ: list[httpx.Response | Exception] = [
    httpx.ConnectError("refused"), httpx.ReadTimeout("late"), httpx.ReadError("reset"), reply(500, ""), reply(429, ""),
    reply(302, ""), reply(401, {"message": "Invalid signature."}), reply(401, {"message": "signature is expired."}),
    reply(401, {"message": "expired"}, Date="Tue, 03 Mar 2026 09:30:00 GMT"), reply(403, {"message": "Not allowed IP"}),
    reply(400, {"message": "no"}), reply(410, ""), reply(412, ""), reply(200, "<html>"), ok({"vendorId": "A00099999"}),
    reply(200, {"code": 200}),
]  # fmt: skip
WRITE: list[httpx.Response | Exception] = [
    httpx.ReadTimeout("late"), httpx.ReadError("reset"), reply(500, ""), reply(200, ""), ok({}),
    ok({"resultCode": "FAIL"}),
]  # fmt: skip
SETTINGS = [
    "version: 2",
    "- a",
    "versio: 1",
    "accounts: {}",
    "ledger: ../x",
    "log: x",
    "accounts: {a b: {}}",
    "accounts: {a: {vendor_id: 1, access_key: x, secret_key: {}, rate: 99}}",
    "accounts: {a: {secret_key: {env: a, file: b}}}",
    "rules: []\nlang: kr\ntimezone: 9\nsettle_after: -1",
]


def sayable(message: Message) -> None:
    """Say it, and what to do next, in both languages."""
    for lang in LANGS:
        assert say(message, lang)
        if f"{message.code}.hint" in sentences():
            assert say(Message(code=f"{message.code}.hint", facts=message.facts), lang)


def raised(work: Callable[[], Any]) -> RunnerError:
    """Return the error that the work raises."""
    with pytest.raises(RunnerError) as error:
        work()
    return error.value


@pytest.mark.parametrize("step", READ, ids=str)
def test_a_failed_read_can_be_told(tmp_path: Path, step: httpx.Response | Exception) -> None:
    """Whatever the reply was."""
    reader = MarketReader(client(tmp_path, FakeMarket(step)))
    error = raised(lambda: reader.call("order", {"orderId": 1}))
    sayable(Message(code=error.code, facts=error.facts))


@pytest.mark.parametrize("step", WRITE, ids=str)
def test_a_failed_write_can_be_told(tmp_path: Path, step: httpx.Response | Exception) -> None:
    """Whatever the reply was."""
    writer = MarketWriter(client(tmp_path, FakeMarket(step)))
    error = raised(lambda: writer.send("stop_order", {"orderId": 1, "count": 1}))
    sayable(Message(code=error.code, facts=error.facts))


@pytest.mark.parametrize("given", [{}, {"count": 1.5}, {"count": 0}, {"reason": "too long"}, {"x": 1}, {"orderId": ""}])
def test_arguments_that_do_not_fit_can_be_told(tmp_path: Path, given: dict[str, Any]) -> None:
    """With the name of the argument."""
    writer = MarketWriter(client(tmp_path, FakeMarket(ok({})), wing_login=""))
    error = raised(lambda: writer.send("stop_order", {"orderId": 1, **({} if given == {} else {"count": 1}), **given}))
    sayable(Message(code=error.code, facts=error.facts))
    error = raised(lambda: writer.send("answer", {"content": "x"}))
    sayable(Message(code=error.code, facts=error.facts))


@pytest.mark.parametrize("text", SETTINGS)
def test_mistakes_of_the_settings_can_be_told(tmp_path: Path, text: str) -> None:
    """Every diagnostic and its hint."""
    whole = text if text[0] in "v-" else f"version: 1\n{text}"
    (tmp_path / "runner.yaml").write_text(whole, "utf-8")
    error = raised(lambda: settings.load(tmp_path / "runner.yaml", {}))
    assert isinstance(error, InvalidFiles)
    for one in error.facts["diagnostics"]:
        sayable(one.message)
        for lang in LANGS if one.hint else ():
            assert say(one.hint, lang)


def test_a_lock_out_is_told_with_its_end(tmp_path: Path) -> None:
    """In Korean time, to the minute."""
    reader = MarketReader(client(tmp_path, FakeMarket(reply(429, "")), Passing()))
    error = raised(lambda: reader.call("order", {"orderId": 1}))
    assert "2026-03-03 09:35" in say(Message(code=error.code, facts=error.facts), "ko")
    assert account().vendor_id in say(Message(code=error.code, facts=error.facts), "ko")
