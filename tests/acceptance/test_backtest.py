"""Recording through the command line, and rules played over it: alone, edited, and against what really happened."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from typing import Any

import pytest
from stage import COMPLETE, COUPON, MARK, QUICK, STOP, Stage, leaks


def told(stage: Stage, *arguments: str) -> Any:
    """Return a backtest as JSON; nothing is called for it."""
    before = len(stage.requests())
    found = stage.here("backtest", *arguments, "--json")
    assert (found.code, len(stage.requests())) == (0, before), found.out
    return found.json


def records(document: Any, version: int = 0) -> set[str]:
    """Return what one version would have acted on."""
    name = document["versions"][version]["version"]
    return {one["record"] for one in document["lines"] if one["version"] == name}


@pytest.fixture
def recorded(stage: Stage) -> Stage:
    """Give a shop with one recording."""
    assert stage.here("record", "--json").code == 0
    return stage


def test_a_backtest_is_what_the_plan_would_have_been(recorded: Stage) -> None:
    """The same matches, files and look-ups, composed sources among them; the same doubts."""
    plan = recorded.here("plan", "--json").json
    for rule in (*QUICK, COUPON):
        document = told(recorded, rule)
        acts = {record for one in plan["actions"] if one["rule"] == rule for record in one["records"]}
        assert records(document) == acts
        doubts = sum(one["rule"] == rule for one in plan["doubts"])
        assert sum(one["count"] for one in document["versions"][0]["doubts"]) == doubts
        assert document["versions"][0]["troubles"] == []


def test_nothing_personal_is_recorded(recorded: Stage) -> None:
    """Row by row, for the file is compressed."""
    with closing(sqlite3.connect(recorded.folder / ".runner" / "recordings.db")) as db:
        rows = [zlib.decompress(body).decode() for (body,) in db.execute("SELECT body FROM rows")]
    assert len(rows) > 50
    goods = str(recorded.market.state()["products"])
    persons = {one for one in recorded.secrets if one not in goods}
    assert len(persons) > 50
    assert leaks("\n".join(rows), persons) == set()


def test_time_goes_on_and_limits_count(recorded: Stage) -> None:
    """What becomes old enough later is acted on then; each record once; above the limit of a day it asks."""
    recorded.edit("returns.rules.yaml", "limits: {per_run: 20, per_day: 100}", "limits: {per_run: 20, per_day: 3}")
    for _ in range(3):
        recorded.advance("10m")
        recorded.here("record", STOP)
    side = told(recorded, STOP)["versions"][0]
    assert (side["asked"], side["records"], side["above_limit"]) == (4, 3, 1)
    assert sum(one["records"] for one in side["days"]) == 3
    shown = recorded.here("backtest", STOP, lang="ko")
    assert "한도 초과" in shown.out
    assert "그대로" in shown.out


def test_an_edited_rule_is_compared(recorded: Stage) -> None:
    """What only one of the two would have done, by record."""
    edited = recorded.folder.parent / "edited.yaml"
    text = (recorded.folder / "returns.rules.yaml").read_text("utf-8")
    edited.write_text(text.replace("older_than: 10m", "older_than: 3h"), "utf-8")
    document = told(recorded, STOP, "--rule-file", str(edited))
    assert [one["version"] for one in document["versions"]] == ["in_force", "edited"]
    assert document["only_in_force"] == [{"operation": "stop_shipment", "record": "400000101"}]
    assert document["only_edited"] == []
    assert (
        "only edited" not in recorded.here("backtest", STOP, "--rule-file", str(edited)).out.split("only in force")[0]
    )
    assert told(recorded, STOP)["versions"][0]["fingerprint"] == document["versions"][0]["fingerprint"]
    assert recorded.here("backtest", MARK, "--rule-file", str(recorded.folder / "shipments.rules.yaml")).code == 2


def test_what_a_person_did_differently_is_told(recorded: Stage) -> None:
    """A rejected line, one that runner did, and one that moved on in Wing."""
    recorded.edit("shipments.rules.yaml", "mode: auto", "mode: ask")
    recorded.here("run", COMPLETE)
    (asked,) = recorded.here("questions", "--json").json["questions"]
    line = next(one["id"] for one in asked["lines"] if one["record"].endswith("201"))
    recorded.here("reject", asked["id"], line)
    boxes = {one["record"][-3:]: one["handled"] for one in told(recorded, COMPLETE)["lines"]}
    assert boxes == {"201": "rejected", "202": "open", "209": "open"}
    recorded.here("run", STOP)
    recorded.advance("10m")
    recorded.here("record", STOP)
    handled = {one["record"]: one["handled"] for one in told(recorded, STOP)["lines"]}
    assert handled["400000101"] == "same"


def test_a_rule_that_needs_what_is_masked_cannot_tell(recorded: Stage) -> None:
    """It says so instead of comparing asterisks."""
    recorded.add_rule("""\
version: 1
rules:
  - name: by-name
    title: Requests of one person
    mode: watch
    from: {return_requests: {status: RU}}
    look_back: 30d
    if: {requesterName: {starts_with: 김}}
    then: [stop_shipment]
""")
    (why,) = told(recorded, "by-name")["versions"][0]["doubts"]
    assert (why["reason_code"], why["count"] > 1) == ("masked_in_recording", True)


def test_runs_record_when_the_settings_say_so(stage: Stage) -> None:
    """Without it nothing is kept, and a backtest says what to do."""
    stage.here("run", STOP)
    nothing = stage.here("backtest", STOP)
    assert nothing.code == 2
    assert "record: true" in nothing.err
    assert stage.here("status", "--json").json["recordings"] is None
    settings = stage.folder / "runner.yaml"
    settings.write_text(
        settings.read_text("utf-8") + "record: true\nretention: {recordings: 7d, decisions: 30d}\n", "utf-8"
    )
    stage.advance("10m")
    stage.here("run", STOP)
    assert stage.here("status", "--json").json["recordings"]["polls"] == 2
    assert "녹화" in stage.here("status", lang="ko").out
    assert records(told(stage, STOP)) == {"400000103"}
    settings.write_text(settings.read_text("utf-8").replace("7d", "7h"), "utf-8")
    assert stage.here("check").code == 1
