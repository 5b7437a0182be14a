"""What runner does beside the marketplace: files, webhooks, channels. Never in a dry run, never twice."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from erp import Erp, erp
from openpyxl import load_workbook
from stage import COMPLETE, CRASHED, STOP, Stage, lines

STOPS = {"400000101", "400000102", "400000110"}
CSV = """
    after:
      - write_csv:
          file: out/stops.csv
          columns: {접수번호: line.record, 결과: line.status, 주문: orderId, 이름: requesterName}
"""


def after(stage: Stage, text: str) -> None:
    """Give the rule that stops shipments an `after`."""
    stage.edit("returns.rules.yaml", "    then: [stop_shipment]", f"    then: [stop_shipment]{text.rstrip()}")


def channels(stage: Stage, text: str) -> None:
    """Give the settings channels."""
    path = stage.folder / "runner.yaml"
    path.write_text(f"{path.read_text('utf-8').rstrip()}\nnotify:\n{text}", "utf-8")


def table(stage: Stage, name: str = "out/stops.csv", encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    """Read a file that was written."""
    content = (stage.folder / name).read_bytes().decode(encoding)
    return list(csv.DictReader(io.StringIO(content)))


def delivered(document: Any) -> list[tuple[str, str, int, str]]:
    """Return what was delivered."""
    return [(one["kind"], one["target"], one["rows"], one["status"]) for one in document["after"]]


# --- files -------------------------------------------------------------------------------------------------------


def test_rows_go_into_a_file_that_excel_reads(stage: Stage) -> None:
    """One per record, under the headings of the rule, with a mark; a name is masked; the report tells of it."""
    after(stage, CSV)
    ran = stage.here("run", STOP, "--json")
    assert delivered(ran.json) == [("write_csv", "stops.csv", 3, "done")]
    assert (stage.folder / "out/stops.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    rows = table(stage)
    assert {row["접수번호"] for row in rows} == STOPS
    assert {row["결과"] for row in rows} == {"done"}
    assert all(row["주문"].isdigit() for row in rows)
    assert all("○" in row["이름"] or not row["이름"] for row in rows)


def test_a_dry_run_writes_nothing_and_tells_what_it_would(stage: Stage) -> None:
    """Neither `plan` nor `check` nor `test`; in both languages."""
    after(stage, CSV)
    planned = stage.here("plan", STOP, "--json")
    assert delivered(planned.json) == [("write_csv", "stops.csv", 3, "planned")]
    assert "CSV 파일 stops.csv, 3건" in stage.here("plan", STOP, lang="ko").out
    assert "CSV file stops.csv, 3 records" in stage.here("plan", STOP, lang="en").out
    assert stage.here("check").code == 0
    assert not (stage.folder / "out").exists()


def test_a_file_grows_and_a_second_run_adds_nothing(stage: Stage) -> None:
    """Nothing done is nothing to write; what comes later stands below."""
    after(stage, CSV)
    stage.here("run", STOP, "--json")
    before = (stage.folder / "out/stops.csv").read_bytes()
    again = stage.here("run", STOP, "--json")
    assert (again.json["outcomes"], again.json["after"]) == ([], [])
    assert (stage.folder / "out/stops.csv").read_bytes() == before
    stage.advance("15m")
    later = stage.here("run", STOP, "--json")
    assert lines(later.json) == {("stop_shipment", "400000103")}
    assert (stage.folder / "out/stops.csv").read_bytes().startswith(before)
    assert [row["접수번호"] for row in table(stage)][-1] == "400000103"


def test_a_file_with_other_columns_is_left_alone(stage: Stage) -> None:
    """What was done is done; the file is told as failed, exit 1, and is as it was."""
    after(stage, CSV)
    (stage.folder / "out").mkdir()
    path = stage.folder / "out/stops.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    ran = stage.here("run", STOP, "--json")
    assert (ran.code, len(ran.json["outcomes"])) == (1, 3)
    assert [(one["status"], one["reason_code"]) for one in ran.json["after"]] == [("failed", "written_other_columns")]
    assert path.read_text("utf-8") == "a,b\n1,2\n"


def test_rows_that_could_not_be_written_are_written_later(stage: Stage) -> None:
    """The file was in the way, as one that is open in Excel: the next run makes up for it, also with nothing to do."""
    after(stage, CSV)
    blocking = stage.folder / "out/stops.csv"
    blocking.mkdir(parents=True)
    (blocking / "x").write_text("", "utf-8")
    for count in (3, 0):
        ran = stage.here("run", STOP, "--json")
        assert (ran.code, len(ran.json["outcomes"])) == (1, count)
        assert [one["status"] for one in ran.json["after"]] == ["failed"]
    (blocking / "x").unlink()
    blocking.rmdir()
    ran = stage.here("run", STOP, "--json")
    assert (delivered(ran.json), ran.code) == ([("write_csv", "stops.csv", 3, "done")], 0)
    rows = table(stage)
    assert {row["접수번호"] for row in rows} == STOPS
    assert len(rows) == 3
    assert all(row["주문"].isdigit() for row in rows)
    assert stage.here("run", STOP, "--json").json["after"] == []


def test_cp949_workbooks_and_replacing(stage: Stage) -> None:
    """For old programs, and for Excel with every digit of a long number."""
    after(
        stage,
        """
    after:
      - write_csv: {file: out/old.csv, encoding: cp949, mode: replace, columns: {접수번호: receiptId}}
      - write_xlsx: {file: out/stops.xlsx, sheet: 취소, mode: replace, columns: [receiptId, line.status]}
      - write_xlsx: {file: out/all.xlsx, columns: {상자: line.record, 결과: line.status}}
""",
    )
    ran = stage.here("run", STOP, "--json")
    assert [one["status"] for one in ran.json["after"]] == ["done", "done", "done"]
    assert {row["접수번호"] for row in table(stage, "out/old.csv", "cp949")} == STOPS
    stage.advance("15m")
    stage.here("run", STOP, "--json")
    assert [row["접수번호"] for row in table(stage, "out/old.csv", "cp949")] == ["400000103"]
    replaced = load_workbook(stage.folder / "out/stops.xlsx")["취소"]
    assert [[one.value for one in row] for row in replaced.rows] == [
        ["receiptId", "line.status"],
        ["400000103", "done"],
    ]
    grown = load_workbook(stage.folder / "out/all.xlsx").worksheets[0]
    assert len(list(grown.rows)) == 5


def test_personal_values_go_out_only_when_the_rule_says_so(stage: Stage) -> None:
    """`personal: shown` is the rule's own word."""
    after(stage, CSV.replace("columns:", "personal: shown\n          columns:"))
    stage.here("run", STOP, "--json")
    shown = {row["이름"] for row in table(stage)}
    (stage.folder / "out/stops.csv").unlink()
    assert shown & stage.secrets


def test_a_rule_without_actions_lists_what_it_found(stage: Stage) -> None:
    """With fields of a look-up beside those of the record; each run anew."""
    stage.edit(
        "coupons.rules.yaml",
        "rules:\n",
        """rules:
  - name: low-stock
    title: 재고 목록
    from: item_inventories
    join: {stock: {in: erp_stock, on: {vendorItemId: vendorItemId}}}
    if: {stock.quantity: {at_least: 300}}
    after:
      - write_csv: {file: out/stock.csv, mode: replace, columns: {옵션: vendorItemId, 재고: stock.quantity}}
""",
    )
    for _ in range(2):
        ran = stage.here("run", "low-stock", "--json")
        assert [one["status"] for one in ran.json["after"]] == ["done"]
    rows = {row["옵션"]: row["재고"] for row in table(stage, "out/stock.csv")}
    assert (rows["70000001"], rows["70000002"]) == ("500", "320")
    assert stage.market.writes() == []


@pytest.mark.parametrize("point", ["beside_intent", "beside_done", "outcome#3", "before_outcome#3"])
def test_a_run_that_dies_is_written_once_all_the_same(stage: Stage, point: str) -> None:
    """Before the file, after it, and before it came to files at all: the next run writes what is missing."""
    after(stage, CSV)
    assert stage.run("run", STOP, "--json", crash=point).code == CRASHED
    stage.here("run", STOP, "--json")
    stage.here("run", STOP, "--json")
    assert sorted(row["접수번호"] for row in table(stage)) == sorted(STOPS)
    assert stage.here("run", STOP, "--json").json["after"] == []


# --- the seller's own system -------------------------------------------------------------------------------------


@pytest.fixture
def system() -> Iterator[Erp]:
    """Run a system of the seller's."""
    with erp({}) as found:
        yield found


WEBHOOK = """
    after:
      - webhook: {url: "URL/in", headers: {X-Shop: a}, columns: {receipt: receiptId, who: requesterName}REPEAT}
"""


def posting(stage: Stage, system: Erp, repeat: str = "") -> None:
    """Let the rule post what it did."""
    after(stage, WEBHOOK.replace("URL", system.url).replace("REPEAT", repeat))


def test_what_was_done_is_posted_once(stage: Stage, system: Erp) -> None:
    """With counts, a row per record, and a key; nothing in a plan, nothing personal."""
    posting(stage, system)
    assert stage.here("plan", STOP, "--json").json["after"][0]["status"] == "planned"
    assert system.asked == []
    ran = stage.here("run", STOP, "--json")
    assert [one["status"] for one in ran.json["after"]] == ["done"]
    (asked,) = system.asked
    body = json.loads(asked["body"])
    assert (asked["method"], asked["path"], asked["headers"]["x-shop"]) == ("POST", "/in", "a")
    assert (body["rule"], body["done"], body["failed"]) == (STOP, 3, 0)
    assert {str(one["receipt"]) for one in body["records"]} == STOPS
    assert not any(one["who"] in stage.secrets for one in body["records"])
    assert len(asked["headers"]["idempotency-key"]) >= 16


@pytest.mark.parametrize(("repeat", "times", "status"), [("", 1, "unclear"), (", repeatable: true", 3, "unclear")])
def test_a_server_in_trouble_may_have_acted(stage: Stage, system: Erp, repeat: str, times: int, status: str) -> None:
    """Asked again only where the same key counts once."""
    posting(stage, system, repeat)
    system.status = 503
    ran = stage.here("run", STOP, "--json")
    assert ([one["status"] for one in ran.json["after"]], ran.code) == ([status], 1)
    assert len(system.asked) == times
    assert len({one["headers"]["idempotency-key"] for one in system.asked}) == 1


def test_a_no_is_told_and_not_repeated(stage: Stage, system: Erp) -> None:
    """Failed, with the reason, exit 1; what was done stays done."""
    posting(stage, system)
    system.status = 400
    ran = stage.here("run", STOP, "--json")
    assert [(one["status"], one["reason_code"]) for one in ran.json["after"]] == [("failed", "web_status")]
    assert len(system.asked) == 1
    assert {one["status"] for one in ran.json["outcomes"]} == {"done"}


@pytest.mark.parametrize(("repeat", "posts"), [("", 1), (", repeatable: true", 2)])
def test_a_crash_around_a_post_is_not_repeated_unless_that_is_safe(
    stage: Stage, system: Erp, repeat: str, posts: int
) -> None:
    """The post went out, and then the process died: nobody knows."""
    posting(stage, system, repeat)
    assert stage.run("run", STOP, "--json", crash="beside_done").code == CRASHED
    ran = stage.here("run", STOP, "--json")
    assert [one["status"] for one in ran.json["after"]] == ["done" if repeat else "unclear"]
    assert len(system.asked) == posts
    assert len({one["headers"]["idempotency-key"] for one in system.asked}) == 1


def test_the_marketplace_is_nobody_to_post_to(stage: Stage, system: Erp) -> None:
    """Its address is refused, whatever the path."""
    posting(stage, system)
    stage.edit("returns.rules.yaml", system.url, stage.market.url)
    ran = stage.here("run", STOP, "--json")
    assert [(one["status"], one["reason_code"]) for one in ran.json["after"]] == [("failed", "web_marketplace")]


# --- channels ----------------------------------------------------------------------------------------------------


def test_reports_go_to_channels(stage: Stage, system: Erp) -> None:
    """Slack's form to one, a line of JSON to another; each once; nothing when there is nothing to tell."""
    channels(stage, f"  ops: {{webhook: {system.url}/hook, as: slack}}\n  log: {{file: logs/runs.jsonl}}\n")
    stage.edit("returns.rules.yaml", "    then: [stop_shipment]", "    then: [stop_shipment]\n    notify: [ops, log]")
    ran = stage.here("run", STOP, "--json")
    assert [(one["kind"], one["target"], one["status"]) for one in ran.json["after"]] == [
        ("notify", "ops", "done"), ("notify", "log", "done"),
    ]  # fmt: skip
    (asked,) = system.asked
    text = json.loads(asked["body"])
    assert set(text) == {"text"}
    assert all(record in text["text"] for record in STOPS)
    (line,) = (stage.folder / "logs/runs.jsonl").read_text("utf-8").splitlines()
    assert (json.loads(line)["done"], json.loads(line)["rule"]) == (3, STOP)
    assert stage.here("run", STOP, "--json").json["after"] == []
    assert len(system.asked) == 1


def test_a_watching_rule_tells_once_what_it_would_do(stage: Stage, system: Erp) -> None:
    """The same records are no news; another one is."""
    channels(stage, f"  ops: {{webhook: {system.url}/hook, as: discord}}\n")
    stage.edit("returns.rules.yaml", "    then: [stop_shipment]", "    then: [stop_shipment]\n    notify: ops")
    stage.edit("returns.rules.yaml", "mode: auto", "mode: watch")
    for _ in range(3):
        stage.here("run", STOP, "--json")
    assert len(system.asked) == 1
    assert "400000101" in json.loads(system.asked[0]["body"])["content"]
    stage.advance("15m")
    stage.here("run", STOP, "--json")
    assert len(system.asked) == 2


def test_only_what_is_wanted_is_told(stage: Stage, system: Erp) -> None:
    """`when: [refused]` says nothing of what was done."""
    channels(stage, f"  ops: {{webhook: {system.url}/hook}}\n")
    notify = "    then: [stop_shipment]\n    notify: {to: ops, when: [refused, trouble]}"
    stage.edit("returns.rules.yaml", "    then: [stop_shipment]", notify)
    stage.here("run", STOP, "--json")
    assert system.asked == []


def test_bad_rows_are_told_to_a_channel_once(stage: Stage, system: Erp) -> None:
    """Row, column and value reach the seller; the same rows are no news, others are, and a sound file is silent."""
    channels(stage, f"  ops: {{webhook: {system.url}/hook}}\n")
    notify = "    then: [stop_shipment]\n    notify: {to: ops, when: [trouble]}"
    stage.edit("returns.rules.yaml", "    then: [stop_shipment]", notify)
    shipped = stage.folder / "warehouse" / "shipped.csv"
    sound = shipped.read_text("utf-8")
    for _ in range(2):
        shipped.write_text(sound + "900000000000000777,CJGLS,6.8E+11,2026-03-02 17:00\n", "utf-8")
        stage.here("run", STOP, "--json")
    assert len(system.asked) == 1
    assert "6.8E+11" in json.loads(system.asked[0]["body"])["text"]
    shipped.write_text(sound, "utf-8")
    stage.here("run", STOP, "--json")
    shipped.write_text(sound + "900000000000000777,CJGLS,6.8E+11,2026-03-02 17:00\n", "utf-8")
    stage.here("run", STOP, "--json")
    assert len(system.asked) == 2


def test_a_line_to_a_channel(stage: Stage, system: Erp) -> None:
    """The rule's own words with its counts."""
    channels(stage, f"  ops: {{webhook: {system.url}/hook}}\n")
    after(stage, '\n    after: [notify: {to: ops, text: "취소 승인 {{ done }}건"}]\n')
    assert delivered(stage.here("plan", STOP, "--json").json) == [("notify", "ops", 3, "planned")]
    assert system.asked == []
    stage.here("run", STOP, "--json")
    (asked,) = system.asked
    assert json.loads(asked["body"])["text"] == "취소 승인 3건"


def test_a_channel_that_is_nobodys_is_a_mistake(stage: Stage) -> None:
    """With the names that there are."""
    channels(stage, "  log: {file: logs/runs.jsonl}\n")
    stage.edit("returns.rules.yaml", "    then: [stop_shipment]", "    then: [stop_shipment]\n    notify: logg")
    ran = stage.here("check", "--json")
    assert [one["code"] for one in ran.json["diagnostics"]] == ["E510"]
    assert "log" in ran.json["diagnostics"][0]["hint"]


def test_a_channel_that_fails_fails_nothing_else(stage: Stage, system: Erp) -> None:
    """The run did its work; its report did not arrive, exit 1."""
    channels(stage, f"  ops: {{webhook: {system.url}/hook}}\n")
    stage.edit("returns.rules.yaml", "    then: [stop_shipment]", "    then: [stop_shipment]\n    notify: ops")
    system.status = 404
    ran = stage.here("run", STOP, COMPLETE, "--json")
    assert ([one["status"] for one in ran.json["after"]], ran.code) == (["failed"], 1)
    assert {one["status"] for one in ran.json["outcomes"]} == {"done"}
