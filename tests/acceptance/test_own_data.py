"""The seller's own data as shops have them: what cannot be told is never acted on, and is told row by row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from erp import Erp, erp
from stage import MARK, STOP, Stage, lines

SHIPPED = "warehouse/shipped.csv"
BOX = 900000000000000104
HEADER = "shipmentBoxId,deliveryCompanyCode,invoiceNumber,shippedAt\n"
ROW = f"{BOX},CJGLS,680405450104,2026-03-02 16:30\n"
#: stops that are right when the warehouse shipped only the box of 400000104
STOPS = {("stop_shipment", f"400000{n}") for n in (101, 102, 105, 110)}


def plan(stage: Stage, content: str | bytes) -> Any:
    """Write the warehouse's file and plan both rules."""
    path = stage.folder / SHIPPED
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return stage.here("plan", STOP, MARK, "--json").json


def shipped(document: Any) -> Any:
    """Return how the warehouse's file was read."""
    (found,) = document["sources"]
    return found


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + ROW).encode("utf-8-sig"),
        (HEADER + ROW).encode("cp949"),
        (HEADER + ROW).replace(",", "\t").encode("utf-16"),
        f"CJ대한통운 출고 내역\n기간,2026-03-02\n\n{HEADER}{ROW}".encode("cp949"),
        HEADER + f'\'{BOX},CJGLS,"=""680405450104""",2026-03-02 16:30\n',
        HEADER + f'{BOX},CJGLS,="680405450104",2026-03-02 16:30\n',
        HEADER + f"{BOX},CJGLS,680405450104.0,2026. 3. 2. 오후 4:30\n",
    ],
    ids=["utf-8 with mark", "cp949", "excel unicode", "titles above", "apostrophe", "formula", "float"],
)
def test_files_as_shops_have_them_are_read_right(stage: Stage, content: str | bytes) -> None:
    """Whatever Excel and couriers make of a file: the same plan."""
    document = plan(stage, content)
    assert lines(document, "actions") == STOPS | {("mark_already_shipped", "400000104")}
    (mark,) = [one for one in document["actions"] if one["operation"] == "mark_already_shipped"]
    assert mark["arguments"]["invoiceNumber"] == "680405450104"
    assert (shipped(document)["rows"], shipped(document)["bad"], shipped(document)["reason"]) == (1, 0, "")


def test_a_bad_row_is_told_and_poisons_no_other(stage: Stage) -> None:
    """A rounded invoice number makes its box a doubt, and no other; row, column and value are told."""
    document = plan(stage, HEADER + f"{BOX},CJGLS,6.80405E+11,2026-03-02 16:30\n12,HANJIN,1,2026-03-02 16:30\n")
    assert lines(document, "actions") == STOPS
    assert "400000104" in {one["record"] for one in document["doubts"]}
    told = shipped(document)
    assert (told["rows"], told["bad"]) == (2, 1)
    assert [(one["row"], one["column"], one["value"], one["reason_code"]) for one in told["first"]] == [
        (2, "invoiceNumber", "6.80405E+11", "cell_mangled")
    ]


def test_an_unreadable_key_could_be_any_box(stage: Stage) -> None:
    """Then nothing counts as missing, so nothing is refunded."""
    document = plan(stage, HEADER + "9.00E+17,CJGLS,680405450104,2026-03-02 16:30\n" + ROW)
    assert lines(document, "actions") == {("mark_already_shipped", "400000104")}
    assert shipped(document)["first"][0]["reason_code"] == "cell_mangled"


@pytest.mark.parametrize(("lang", "said"), [("en", "2 rows read, 1 of them"), ("ko", "2줄 읽음, 그중 1줄")])
def test_people_read_the_report_too(stage: Stage, lang: str, said: str) -> None:
    """In the plan, after a run, and when rules are checked; in both languages."""
    (stage.folder / SHIPPED).write_text(HEADER + ROW + ROW.replace(str(BOX), "9.00E+17"), "utf-8")
    for command in (("plan", STOP), ("run", STOP), ("check",)):
        ran = stage.here(*command, lang=lang)
        assert said in ran.out
        assert "shipmentBoxId" in ran.out
        assert "9.00E+17" in ran.out


def test_check_looks_at_the_files(stage: Stage) -> None:
    """A file that is gone is a warning at its source; `--strict` makes it exit 3."""
    (stage.folder / SHIPPED).unlink()
    ran = stage.here("check", "--json")
    assert [(one["code"], one["severity"]) for one in ran.json["diagnostics"]] == [("W210", "warning")]
    assert (ran.code, stage.here("check", "--strict", "--json").code) == (0, 3)


# --- the seller's own system over HTTP --------------------------------------------------------------------------


@pytest.fixture
def warehouse(stage: Stage) -> Iterator[Erp]:
    """Let the warehouse's list come from a system of its own, with a key."""
    row = {"boxNo": BOX, "deliveryCompanyCode": "CJGLS", "invoiceNumber": "680405450104", "shippedAt": None}
    with erp({"data": {"items": [row], "total": 1}}) as system:
        key = stage.folder / "wms.key"
        key.write_text("a-key-of-the-warehouse\n", "utf-8")
        key.chmod(0o600)
        stage.edit(
            "returns.rules.yaml",
            "csv: warehouse/shipped.csv",
            f"http: {system.url}/shipped\n    rows: data.items\n    total: data.total\n"
            '    headers: {Authorization: {file: wms.key, prefix: "Bearer "}}\n'
            "    columns: {shipmentBoxId: boxNo}",
        )
        yield system


def test_a_list_from_the_sellers_own_system(stage: Stage, warehouse: Erp) -> None:
    """Joined like a file, asked once a run with its key; the run does what the file would have made it do."""
    ran = stage.here("run", STOP, MARK, "--json")
    assert lines(ran.json) == STOPS | {("mark_already_shipped", "400000104")}
    assert [(one["method"], one["path"], one["headers"]["authorization"]) for one in warehouse.asked] == [
        ("GET", "/shipped", "Bearer a-key-of-the-warehouse")
    ]
    assert shipped(ran.json)["file"] == "warehouse_shipped"
    assert "a-key-of-the-warehouse" not in ran.out + ran.err + _kept_but_key(stage.folder)


@pytest.mark.parametrize(
    ("status", "answer"),
    [(500, None), (200, {"data": {"items": []}}), (200, {"data": {"items": [{"boxNo": 1}], "total": 2}}), (302, None)],
)
def test_a_system_that_fails_is_never_no_rows(stage: Stage, warehouse: Erp, status: int, answer: Any) -> None:
    """Doubts, a reason for a person, and not one write."""
    warehouse.status, warehouse.answer = status, answer
    ran = stage.here("run", STOP, MARK, "--json")
    assert ran.json["outcomes"] == []
    assert len(ran.json["doubts"]) >= 4
    assert shipped(ran.json)["reason"]
    assert stage.market.writes() == []


def test_a_system_that_is_down_is_never_no_rows(stage: Stage, warehouse: Erp) -> None:
    """Nobody listens there."""
    stage.edit("returns.rules.yaml", warehouse.url, "http://127.0.0.1:9")
    ran = stage.here("plan", STOP, MARK, "--json")
    assert (ran.json["actions"], shipped(ran.json)["reason_code"]) == ([], "web_no_connection")


def test_the_marketplace_is_no_system_of_the_sellers(stage: Stage, warehouse: Erp) -> None:
    """Its address is refused when it is asked, whatever port it has."""
    stage.edit("returns.rules.yaml", warehouse.url, stage.market.url)
    ran = stage.here("plan", STOP, MARK, "--json")
    assert shipped(ran.json)["reason_code"] == "web_marketplace"


def _kept_but_key(folder: Path) -> str:
    """Return everything in the shop's folder but the key itself."""
    kept = [path for path in folder.rglob("*") if path.is_file() and path.name != "wms.key"]
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in kept)
