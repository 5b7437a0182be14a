"""The seller's own files, and months that pass: the rules follow both, and never guess."""

from __future__ import annotations

import pytest
from stage import COMPLETE, COUPON, MARK, STOP, Stage, lines

SHIPPED = "warehouse/shipped.csv"


def test_a_file_older_than_a_day_means_cannot_tell(stage: Stage) -> None:
    """With the warehouse's file 25 hours old nothing is answered either way; the receipts are doubts."""
    stage.age(SHIPPED, 25)
    ran = stage.here("run", STOP, MARK, "--json")
    assert (ran.code, ran.json["outcomes"]) == (0, [])
    assert {"400000101", "400000102", "400000104", "400000110"} <= {one["record"] for one in ran.json["doubts"]}
    assert stage.market.writes() == []


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "shipmentBoxId,deliveryCompanyCode,invoiceNumber,shippedAt\n9000000000000001",
        "shipmentBoxId,deliveryCompanyCode,invoiceNumber,shippedAt\n9.00E+17,CJGLS,6804054,2026-03-02 16:30\n",
        "shipmentBoxId,deliveryCompanyCode\n900000000000000104,CJGLS\n",
        "\x00\x01\x02",
    ],
    ids=["gone", "empty", "half a row", "rounded by Excel", "a column is missing", "no text"],
)
def test_a_file_that_cannot_be_read_means_cannot_tell(stage: Stage, content: str | None) -> None:
    """Gone, empty, half-written or damaged: never "nothing was shipped"."""
    path = stage.folder / SHIPPED
    path.unlink()
    if content is not None:
        path.write_text(content, "utf-8")
    ran = stage.here("run", STOP, MARK, "--json")
    assert ran.json["outcomes"] == []
    assert len(ran.json["doubts"]) >= 4
    assert stage.market.writes() == []


def test_a_box_that_left_is_never_refunded(stage: Stage) -> None:
    """A box in the file is not refunded; one that enters the file between plan and apply drops its line."""
    plan = str(stage.folder / "plan.json")
    stage.here("plan", STOP, "--out", plan)
    with (stage.folder / SHIPPED).open("a", encoding="utf-8") as file:
        file.write("900000000000000101,CJGLS,680405450101,2026-03-02 17:00\n")
    applied = stage.here("apply", plan, "--json")
    assert {one["record"]: one["status"] for one in applied.json["outcomes"]}["400000101"] == "skipped"
    stage.here("run", STOP, "--json")
    assert not {("stop_shipment", "400000101"), ("stop_shipment", "400000104")} & set(stage.applied())


def test_a_file_that_comes_back_is_believed_again(stage: Stage) -> None:
    """Doubts are no decision: with the file renewed the same receipts are answered."""
    stage.age(SHIPPED, 25)
    stage.here("run", STOP, "--json")
    (stage.folder / SHIPPED).touch()
    assert len(stage.here("run", STOP, "--json").json["outcomes"]) == 3


def test_a_month_later_other_boxes_are_due(stage: Stage) -> None:
    """After 31 days box 203 and the fresh ones are old enough, and done ones are not done again."""
    stage.here("run", COMPLETE, "--json")
    stage.advance("31d")
    plan = stage.here("plan", COMPLETE, "--json").json
    due = {one["record"] for one in plan["actions"]} | {one["record"] for one in plan["withheld"]}
    assert "900000000000000203" in due
    assert not {"900000000000000201", "900000000000000202", "900000000000000209"} & {
        one["record"] for one in plan["actions"]
    }


def test_a_coupon_is_once_a_month(stage: Stage) -> None:
    """`once_per: month`: not again tomorrow, again next month."""
    stage.here("run", COUPON, "--json")
    assert stage.here("plan", COUPON, "--json").json["actions"] == []
    stage.advance("32d")
    assert lines(stage.here("plan", COUPON, "--json").json, "actions") == {("issue_instant_coupon", "70000001")}


def test_a_receipt_comes_of_age(stage: Stage) -> None:
    """The receipt that was four minutes old is answered when ten minutes have passed."""
    assert "400000103" not in {one["record"] for one in stage.here("plan", STOP, "--json").json["actions"]}
    stage.advance("7m")
    assert "400000103" in {one["record"] for one in stage.here("plan", STOP, "--json").json["actions"]}
