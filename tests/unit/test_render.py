"""Pages in every form, and what they show of diagnostics and plans."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from runner.model import Diagnostic, Mark, message
from runner.render import Page, Sheet, check_page, github, sarif, write
from runner.render.words import listed, moment, won

PAGE = Page(
    document={
        "format_version": "1.0",
        "actions": [{"id": "a1", "arguments": {"cancelCount": 2}}],
        "calls": {"read": 3},
    },
    blocks=("위", Sheet(heads=("번호", "할 일"), rows=(("1", "출고중지|완료"),), title="규칙")),
)
PROBLEM = Diagnostic(
    severity="error", mark=Mark(file="rules/a.yaml", line=2, column=5), message=message("cli_missing", name="규칙"),
    hint=message("cli_did_you_mean", names=["unless"]),
)  # fmt: skip


def written(page: Page, output: str) -> str:
    """Write a page into a text."""
    out = io.StringIO()
    write(page, output, out)
    return out.getvalue()


def test_json_is_the_whole_document() -> None:
    """`json` writes one document, Korean unescaped."""
    assert json.loads(written(PAGE, "json")) == PAGE.document


def test_jsonl_has_a_line_per_row_and_a_summary() -> None:
    """`jsonl` tells rows apart by `kind`, and ends with what is not a list."""
    lines = [json.loads(line) for line in written(PAGE, "jsonl").splitlines()]
    assert lines[0] == {"kind": "actions", "id": "a1", "arguments": {"cancelCount": 2}}
    assert lines[-1] == {"kind": "summary", "format_version": "1.0", "calls": {"read": 3}}


def test_csv_never_starts_a_formula() -> None:
    """A cell a spreadsheet would run is written as text."""
    page = Page(document={"rows": [{"name": "=1+1", "sum": -500}]})
    rows = list(csv.DictReader(io.StringIO(written(page, "csv"))))
    assert rows == [{"kind": "rows", "name": "'=1+1", "sum": "-500"}]


def test_markdown_escapes_bars() -> None:
    """A cell with a bar stays one cell."""
    assert "| 1 | 출고중지\\|완료 |" in written(PAGE, "markdown")


def test_text_has_one_line_a_row() -> None:
    """`text` is for grep: no alignment, no headings."""
    assert written(PAGE, "text").splitlines() == ["위", "규칙", "1  출고중지|완료"]


def test_table_aligns_korean() -> None:
    """Korean letters count two cells, so columns stand below their headings."""
    lines = written(PAGE, "table").splitlines()
    assert any(line.strip() == "번호   할 일" for line in lines)
    assert any(line.startswith("1      출고중지|완료") for line in lines)


def test_problems_show_place_line_and_way_out() -> None:
    """A diagnostic names file:line:column, shows the line with a caret below the column, and what to do."""
    page = check_page([PROBLEM], 3, "en", lambda _mark: "  - nmae: 규칙")
    shown = page.blocks[0]
    assert isinstance(shown, str)
    assert shown.splitlines() == [
        "rules/a.yaml:2:5: error cli_missing 규칙 is missing",
        "     2 |   - nmae: 규칙",
        "       |     ^",
        "       = did you mean unless?",
    ]


def test_check_json_has_the_documented_shape() -> None:
    """`check --json` gives code, severity, place, message and hint of each problem."""
    document = check_page([PROBLEM], 3, "ko").document
    assert document["rules"] == 3
    assert document["diagnostics"] == [
        {
            "code": "cli_missing", "severity": "error", "file": "rules/a.yaml", "line": 2, "column": 5,
            "message": "규칙이 빠졌습니다", "hint": "혹시 unless?",
        }
    ]  # fmt: skip


def test_github_annotations_are_one_line_each() -> None:
    """Line breaks in a message are escaped, or GitHub would cut it."""
    assert github([PROBLEM], "en") == (
        "::error file=rules/a.yaml,line=2,col=5,title=cli_missing::규칙 is missing%0Adid you mean unless?\n"
    )


def test_sarif_names_the_place() -> None:
    """SARIF points at the same line and column."""
    result = json.loads(sarif([PROBLEM], "en", "0.1.0"))["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 2, "startColumn": 5}


@pytest.mark.parametrize(("lang", "shown"), [("ko", "11-24(화) 01:05 KST"), ("en", "11-24(Tue) 01:05 KST")])
def test_times_are_shown_in_seoul(lang: str, shown: str) -> None:
    """Lists show the weekday and the zone."""
    assert moment(datetime(2026, 11, 23, 16, 5, tzinfo=UTC), "ko" if lang == "ko" else "en") == shown


def test_amounts_have_no_won_sign() -> None:
    """The sign is missing in the character set of Korean consoles; 원 is there."""
    assert won(18900, "ko") == "18,900원"
    assert won(-500, "ko") == "-500원"


def test_arguments_are_told_in_one_line() -> None:
    """Long lists are counted, not spelled out."""
    assert listed({"cancelCount": 2, "vendorItems": [1, 2, 3, 4]}) == "cancelCount 2 · vendorItems [4]"
