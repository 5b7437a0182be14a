"""Rows that were read by hand, as they may be shown, and the table of operations."""

from __future__ import annotations

import shutil
from pathlib import Path

from runner.catalogue import Field, load
from runner.cli import run_line
from runner.errors import Exit
from runner.render.calls import masked
from runner.render.operations import operations_page
from runner.runs.operations import Covered, operations
from runner.simulator import simulates

ROOT = Path(__file__).parent.parent.parent
FIELDS = {
    "boxId": Field(type="integer"),
    "price": Field(type="money"),
    "buyer": Field(type="object", fields={"name": Field(type="text", personal="name")}),
    "items": Field(type="list", fields={"memo": Field(type="text", personal="text"), "count": Field(type="integer")}),
    "usedBudget": Field(type="text", personal="text", also=("useBudget",)),
}


def test_personal_values_are_masked_at_any_depth() -> None:
    """Also under another spelling; won stay whole."""
    won = {"currencyCode": "KRW", "units": 100, "nanos": 0}
    row = {"price": won, "buyer": {"name": "김철수"}, "items": [{"memo": "secret", "count": 1}], "useBudget": "x"}
    assert masked(row, FIELDS) == {
        "price": won, "buyer": {"name": "김○○"}, "items": [{"memo": "***", "count": 1}], "useBudget": "***",
    }  # fmt: skip


def test_what_the_catalogue_does_not_know_is_not_shown() -> None:
    """It may be personal; that it is there is told."""
    row = {"boxId": 1, "newPhone": "010-1234-5678", "newList": [1], "newFlag": True, "buyer": {"nick": "x"}}
    assert masked(row, FIELDS) == {
        "boxId": 1, "newPhone": "***", "newList": "***", "newFlag": True, "buyer": {"nick": "***"},
    }  # fmt: skip


def found() -> dict[str, Covered]:
    """Return what there is for each operation."""
    return {one.name: one for one in operations(load(), ROOT)}


def test_every_operation_stands_in_the_table_once() -> None:
    """At the head of its row, with its workflow's others, and counted."""
    catalogue = load()
    names = [*catalogue.operations, *catalogue.composed, *catalogue.procedures]
    assert sorted(found()) == sorted(names)
    page = operations_page(list(found().values()))
    assert all(page.count(f"\n| `{name}` |") == 1 for name in names)
    assert f"| **all · 전체** | {len(names)} |" in page


def test_what_is_simulated_is_asked_of_the_simulator() -> None:
    """What is put together is simulated when all its parts are."""
    table = found()
    assert {name for name, one in table.items() if not one.made_of and one.simulated} == {
        name for name in load().operations if simulates(name)
    }
    assert table["issue_instant_coupon"].made_of == ("contracts", "create_instant_coupon", "add_instant_coupon_items")
    assert table["issue_instant_coupon"].simulated


def test_what_shipped_rules_use_is_found_through_what_they_name() -> None:
    """A procedure's calls, a composed source's reads."""
    table = found()
    assert "coupon-for-overstock" in table["create_instant_coupon"].rules
    assert "coupon-for-overstock" in table["item_inventory"].rules
    assert table["book_cashback"].rules == ()


def test_the_table_is_written_by_one_command(tmp_path: Path) -> None:
    """Beside the folders it is made from; elsewhere it cannot be told what is tested."""
    for name in ("rules", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    assert run_line(["docs", "--write", str(tmp_path / "docs"), "--lang", "en"]) == Exit.USAGE
    (tmp_path / "tests").mkdir()
    assert run_line(["docs", "--write", str(tmp_path / "docs"), "--lang", "en"]) == Exit.DONE
    written = (tmp_path / "docs" / "operations.md").read_text("utf-8")
    assert "runner docs --write docs" in written
    assert "`coupon-for-overstock`" in written
