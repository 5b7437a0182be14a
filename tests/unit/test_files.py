from __future__ import annotations

import json
import os
import sqlite3
import unicodedata
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from reading_fakes import NOW, fields

from runner.fetch import Table, Tables
from runner.fetch.cells import Bad, read_cell
from runner.fetch.index import Column
from runner.model import Lookup
from runner.rules.shapes import FileSource

BOX = fields(shipmentBoxId="integer", courier="text", invoice="text")


def source(path: Path, **more: Any) -> FileSource:
    """Make a file source of the file's kind."""
    kind: Any = path.suffix.lstrip(".")
    given: dict[str, Any] = {
        "name": "shipped",
        "kind": kind,
        "path": path,
        "key": "shipmentBoxId",
        "fields": BOX,
        **more,
    }
    return FileSource(**given)


def written(path: Path, content: str | bytes, *, age: timedelta = timedelta(minutes=1)) -> Path:
    """Write a file of a given age."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    stamp = (NOW - age).timestamp()
    os.utime(path, (stamp, stamp))
    return path


def table(file: FileSource, now: datetime = NOW) -> Table:
    """Read a file as of NOW."""
    return Tables(lambda: now).get(file)


def csv_table(folder: Path, content: str | bytes, **more: Any) -> Table:
    """Write and read a CSV file."""
    return table(source(written(folder / "shipped.csv", content), **more))


def why(found: Table) -> str:
    """Return why the whole file is unknown."""
    assert found.why is not None
    assert found.rows == ()
    return found.why.code


HEADER = "shipmentBoxId,courier,invoice\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_csv_as_korean_programs_write_it(tmp_path: Path, encoding: str, mark: str) -> None:
    """Encoding and delimiter are recognised; text keeps its leading zeros, ids all their digits."""
    content = "shipmentBoxId,courier,invoice\r\n900000000000000104,대한통운,0012345\r\n".replace(",", mark)
    found = csv_table(tmp_path, content.encode(encoding))
    assert [row.data for row in found.rows] == [
        {"shipmentBoxId": 900000000000000104, "courier": "대한통운", "invoice": "0012345"}
    ]
    assert (found.why, found.problems) == (None, ())


def test_columns_have_headings_of_their_own(tmp_path: Path) -> None:
    """`columns` maps our names to the file's; other columns and blank lines do not matter."""
    columns = {"shipmentBoxId": ("배송번호",), "courier": ("택배사",), "invoice": ("송장",)}
    found = csv_table(tmp_path, "메모,배송번호,택배사,송장\n\nx,1,CJ,2\n,,,\n", columns=columns)
    assert [(row.number, row.data) for row in found.rows] == [
        (3, {"shipmentBoxId": 1, "courier": "CJ", "invoice": "2"})
    ]


# --- whole files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "file_empty"),
        ("\n\n", "file_empty"),
        (HEADER, "file_empty"),
        (HEADER + "1,CJ,2\n900000000000", "file_half_written"),
        (HEADER + '1,CJ,"2\n', "file_half_written"),
        (HEADER.encode() + "1,대한".encode()[:-1], "file_half_written"),
        ("courier,invoice,shipmentBoxId\nCJ,2,90000", "file_half_written"),
        (HEADER.encode() + b"\xff\xfe\xfa1,2,3\n", "file_encoding"),
        (HEADER.encode("utf-16-le"), "file_encoding"),
        ((HEADER + "1,CJ,2\n").encode("utf-16")[:-1], "file_half_written"),
        (HEADER + "1,CJ,2\n\0\0\0\0", "file_half_written"),
        ("\0" * 64, "file_empty"),
        (b"PK\x03\x04 and so on", "file_is_workbook"),
        ("<html><table><tr><td>1</td></tr></table>", "file_is_page"),
        ("shipmentBoxId,courier\n1,CJ\n", "file_column_missing"),
        ("shipmentBoxId,courier,invoiceNo\n1,CJ,2\n", "file_column_renamed"),
        ("shipmentBoxId,courier,invoice,courier\n1,CJ,2,CJ\n", "file_column_twice"),
    ],
)
def test_a_csv_file_that_is_not_surely_whole_is_unknown(tmp_path: Path, content: str | bytes, code: str) -> None:
    """Never "no rows": a missing row may lead to a refund."""
    assert why(csv_table(tmp_path, content)) == code


def test_a_last_line_without_end_is_accepted_but_its_last_cell_is_not(tmp_path: Path) -> None:
    """Hand-made files often end so; but half of an invoice number looks like a whole one."""
    found = csv_table(tmp_path, HEADER + "1,CJ,2\n3,CJ,4")
    assert [row.doubt and row.doubt.code for row in found.rows] == [None, "row_without_end"]
    assert [(one.row, one.column, one.value) for one in found.problems] == [(3, "invoice", "4")]
    quoted = csv_table(tmp_path, HEADER + '1,CJ,2\n3,CJ,"4"')
    assert [row.doubt for row in quoted.rows] == [None, None]
    other = csv_table(tmp_path, "shipmentBoxId,courier,invoice,memo\n3,CJ,4,fra")
    assert [row.doubt for row in other.rows] == [None]


@given(cut=st.integers(min_value=0, max_value=len((HEADER + "11,CJ,22\n33,CJ,44\n").encode()) - 1))
def test_a_cut_file_never_invents_a_key(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """Wherever writing stopped: the file is unknown, or all of its keys are real ones."""
    found = csv_table(tmp_path_factory.mktemp("cut"), (HEADER + "11,CJ,22\n33,CJ,44\n").encode()[:cut])
    assert {row.data["shipmentBoxId"] for row in found.rows} <= {11, 33}


def test_age_counts_by_the_host_clock(tmp_path: Path) -> None:
    """Older than `stale_after` is unknown, with age and limit; without a limit age does not matter."""
    path = written(tmp_path / "shipped.csv", HEADER + "1,CJ,2\n", age=timedelta(hours=25))
    found = table(source(path, stale_after=timedelta(hours=24)))
    assert why(found) == "file_stale"
    assert found.why is not None
    assert found.why.facts == {"file": "shipped.csv", "age": 25 * 3600, "limit": 24 * 3600}
    assert table(source(path)).why is None
    assert table(source(path, stale_after=timedelta(hours=26))).why is None


def test_a_file_from_the_future_has_no_age(tmp_path: Path) -> None:
    """A minute of difference between two clocks is forgiven."""
    assert (
        why(table(source(written(tmp_path / "shipped.csv", HEADER + "1,CJ,2\n", age=-timedelta(hours=1)))))
        == "file_from_future"
    )
    assert table(source(written(tmp_path / "shipped.csv", HEADER + "1,CJ,2\n", age=-timedelta(seconds=30)))).why is None


def test_gone_and_unreadable_files_are_unknown(tmp_path: Path) -> None:
    """A folder in the file's place, too."""
    assert why(table(source(tmp_path / "shipped.csv"))) == "file_gone"
    (tmp_path / "folder.csv").mkdir()
    assert why(table(source(tmp_path / "folder.csv"))) == "file_not_opened"


def test_a_file_is_read_once_and_again_only_when_asked_and_changed(tmp_path: Path) -> None:
    """All rules of a run see the same file; the check before sending sees the newest."""
    file = source(written(tmp_path / "shipped.csv", HEADER + "1,CJ,2\n"))
    tables = Tables(lambda: NOW)
    first = tables.get(file)
    assert tables.get(file, fresh=True) is first
    written(file.path, HEADER + "1,CJ,2\n3,CJ,4\n", age=timedelta(0))
    assert tables.get(file) is first
    assert len(tables.get(file, fresh=True).rows) == 2
    file.path.unlink()
    assert why(tables.get(file, fresh=True)) == "file_gone"


def test_a_file_grows_stale_while_it_is_kept(tmp_path: Path) -> None:
    """Age is asked for at every use."""
    file = source(written(tmp_path / "shipped.csv", HEADER + "1,CJ,2\n"), stale_after=timedelta(hours=1))
    moments = [NOW]
    tables = Tables(lambda: moments[-1])
    assert tables.get(file).why is None
    moments.append(NOW + timedelta(hours=2))
    assert why(tables.get(file)) == "file_stale"


# --- rows --------------------------------------------------------------------------------------------------------


def look(tables: Tables, file: FileSource, key: int) -> tuple[Any, str | None]:
    """Look one box up."""
    row, reason = tables.index(file, (Column("shipmentBoxId", integer=True),)).get((str(key),))
    return row, reason and reason.code


def test_a_bad_cell_makes_its_key_unknown_and_no_other(tmp_path: Path) -> None:
    """The problem is listed with row, column and value."""
    file = source(written(tmp_path / "shipped.csv", HEADER + "1,CJ,5.05E+11\n2,CJ,6\n"))
    tables = Tables(lambda: NOW)
    assert look(tables, file, 1) == (Lookup.UNKNOWN, "cell_mangled")
    assert look(tables, file, 2) == ({"shipmentBoxId": 2, "courier": "CJ", "invoice": "6"}, None)
    assert look(tables, file, 3) == (Lookup.MISSING, None)
    assert [(one.row, one.column, one.value) for one in tables.get(file).problems] == [(2, "invoice", "5.05E+11")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("9.0E+17,CJ,2", "cell_mangled"),
        ("abc,CJ,2", "cell_not_integer"),
        (",CJ,2", "row_without_key"),
        ("1,CJ", "row_shifted"),
        ("1,C,J,2", "row_shifted"),
    ],
)
def test_a_row_whose_key_cannot_be_read_could_be_anybodys(tmp_path: Path, line: str, code: str) -> None:
    """Nothing counts as missing any more; what was read stays known."""
    file = source(written(tmp_path / "shipped.csv", f"{HEADER}{line}\n7,CJ,8\n"))
    tables = Tables(lambda: NOW)
    assert look(tables, file, 7)[0] == {"shipmentBoxId": 7, "courier": "CJ", "invoice": "8"}
    assert look(tables, file, 9) == (Lookup.UNKNOWN, code)


def test_a_key_that_stands_twice_is_unknown(tmp_path: Path) -> None:
    """Nobody knows which row is right."""
    file = source(written(tmp_path / "shipped.csv", HEADER + "1,CJ,2\n1,HJ,3\n4,CJ,5\n"))
    tables = Tables(lambda: NOW)
    assert look(tables, file, 1) == (Lookup.UNKNOWN, "row_twice")
    assert look(tables, file, 4)[1] is None
    assert [one.row for one in tables.get(file).problems] == [2, 3]


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        ("70000001", "integer", 70000001), (" 5,000 ", "integer", 5000), ("12.0", "integer", 12), (12.0, "integer", 12),
        ("12.5", "integer", Bad.INTEGER), ("5.05E+11", "integer", Bad.MANGLED), (9.0e17, "integer", Bad.MANGLED),
        (True, "integer", Bad.INTEGER), ("30개", "integer", Bad.INTEGER), ("1,23", "integer", Bad.INTEGER),
        ("12.5", "number", 12.5), ("1,234.5", "number", 1234.5), (float("nan"), "number", Bad.NUMBER),
        ("12%", "number", Bad.NUMBER),
        ("0012", "text", "0012"), (12, "text", "12"), ("5.05E+11", "text", Bad.MANGLED), (["a"], "text", Bad.TEXT),
        ("#N/A", "text", Bad.FORMULA), ("Y", "boolean", True), ("아니요", "boolean", False), (1, "boolean", True),
        ("maybe", "boolean", Bad.BOOLEAN), ("2026-03-02 09:30", "time", "2026-03-02T09:30:00"),
        ("2026-03-02T09:30:15+09:00", "time", "2026-03-02T09:30:15+09:00"),
        ("2026. 3. 2. 오후 3:05", "time", "2026-03-02T15:05:00"),
        ("2026/3/2 9:05", "time", "2026-03-02T09:05:00"), ("2026-13-02", "time", Bad.TIME), (46083, "time", Bad.TIME),
        (datetime(2026, 3, 2, 9, tzinfo=UTC), "time", "2026-03-02T09:00:00+00:00"),
        ("2026-03-02", "date", "2026-03-02"),
        (date(2026, 3, 2), "date", "2026-03-02"), ("2026-03-02 09:30", "date", Bad.DATE),
        ("", "integer", None), (None, "text", None),
        ("123456789012.0", "integer", 123456789012), ("123456789012.0", "text", "123456789012"),
        ("1234567890123456.0", "text", Bad.MANGLED), ("1.0", "text", "1.0"), (123456789012.0, "text", "123456789012"),
        ("'0012345", "text", "0012345"), ("'70000001", "integer", 70000001), ('="0012345"', "text", "0012345"),
        ('="5,000"', "integer", 5000), ("'tis", "text", "'tis"), ("5.05e11", "text", Bad.MANGLED),
        ("\u00a012\u200b", "integer", 12), ("1,234,567", "number", 1234567), ("=A1", "text", "=A1"),
    ],
)  # fmt: skip
def test_cells_are_read_as_declared_or_not_at_all(raw: Any, kind: Any, value: Any) -> None:
    """No guessing: what a spreadsheet may have changed is refused."""
    found = read_cell(raw, kind)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("raw", "value"),
    [("0012345678", "0012345678"), ("12345678", Bad.DIGITS), ("6804-0545-0104", "6804-0545-0104"), ("", None),
     ("송장없음", Bad.DIGITS), ("123456789012.0", "123456789012"), ("12345678901", Bad.DIGITS)],
)  # fmt: skip
def test_lost_leading_zeros_are_seen_where_digits_are_declared(raw: str, value: Any) -> None:
    """A number with fewer digits than it must have is nobody's invoice."""
    assert read_cell(raw, "text", (10, 12)) == value


def test_a_column_that_a_spreadsheet_rounded_is_not_believed(tmp_path: Path) -> None:
    """Full digits, but only 15 of them are real: all the long numbers of a column end in zeros."""
    file = source(
        written(tmp_path / "shipped.csv", HEADER + "900000000000000000,CJ,1\n900000000000001000,CJ,2\n7,C,3\n")
    )
    tables = Tables(lambda: NOW)
    assert look(tables, file, 900000000000000104) == (Lookup.UNKNOWN, "cell_rounded")
    assert look(tables, file, 7)[1] is None
    written(file.path, HEADER + "900000000000000000,CJ,1\n900000000000001104,CJ,2\n")
    assert table(file).problems == ()
    written(file.path, HEADER + "1,CJ,6804054501041230\n2,CJ,680405450104\n")
    assert table(file).problems == ()


def test_what_is_wrong_is_told_without_telling_of_persons(tmp_path: Path) -> None:
    """Values of columns about persons are hidden, phone numbers anywhere."""
    kinds = fields(shipmentBoxId="integer", receiverName="integer", tel="date", memo2="integer")
    columns = {"receiverName": ("수취인",), "tel": ("연락처",), "memo2": ("비고",)}
    path = written(tmp_path / "shipped.csv", "shipmentBoxId,수취인,연락처,비고\n1,김철수,01012345678,010-1234-5678\n")
    found = table(source(path, fields=kinds, columns=columns))
    told = json.dumps([[one.value, dict(one.why.facts)] for one in found.problems], ensure_ascii=False)
    assert len(found.problems) == 3
    assert not any(one in told for one in ("김철수", "01012345678", "1234-5678"))


def test_a_report_counts_and_names(tmp_path: Path) -> None:
    """Rows read, bad ones, the first five by row, column and value; a file that is unknown as a whole says why."""
    rows = "".join(f"{n},CJ,5.05E+11\n" for n in range(1, 9))
    file = source(written(tmp_path / "shipped.csv", f"{HEADER}{rows}9,CJ,1\n"))
    tables = Tables(lambda: NOW)
    tables.get(file)
    (told,) = tables.reports()
    assert (told.source, told.file, told.rows, told.bad, told.why) == ("shipped", "shipped.csv", 9, 8, None)
    assert [(one.row, one.column, one.value) for one in told.first] == [(n, "invoice", "5.05E+11") for n in range(2, 7)]
    file.path.unlink()
    gone = Tables(lambda: NOW)
    gone.get(file)
    (told,) = gone.reports()
    assert told.why is not None
    assert (told.rows, told.bad, told.why.code) == (0, 0, "file_gone")


def test_a_file_that_grows_while_it_is_read_is_being_written(tmp_path: Path) -> None:
    """A fresh file is looked at twice, a moment apart; one that stands still is believed, and an old one at once."""
    moments: list[str] = []
    file = source(written(tmp_path / "shipped.csv", HEADER + "1,CJ,2\n", age=timedelta(0)))

    def grow() -> None:
        moments.append("")
        with file.path.open("a") as out:
            out.write(f"{len(moments) + 1},CJ,2\n")

    assert why(Tables(lambda: NOW, settle=grow).get(file)) == "file_half_written"
    assert len(moments) == 2
    written(file.path, HEADER + "1,CJ,2\n", age=timedelta(0))
    assert Tables(lambda: NOW, settle=lambda: moments.append("")).get(file).why is None
    assert len(moments) == 3
    written(file.path, HEADER + "1,CJ,2\n", age=timedelta(seconds=10))
    assert Tables(lambda: NOW, settle=grow).get(file).why is None


# --- headings ----------------------------------------------------------------------------------------------------


def test_couriers_put_titles_above_the_headings(tmp_path: Path) -> None:
    """The headings are the first row that has them all; rows keep their numbers."""
    content = "출고 내역서\n기간:,2026-03-02\n\n배송 번호,택배사,송장번호\n1,CJ,2\n"
    columns = {"shipmentBoxId": ("배송번호",), "courier": ("택배사",), "invoice": ("운송장번호", "송장번호")}
    found = csv_table(tmp_path, content.encode("cp949"), columns=columns)
    assert [(row.number, row.data) for row in found.rows] == [
        (5, {"shipmentBoxId": 1, "courier": "CJ", "invoice": "2"})
    ]
    rows: list[list[Any]] = [["출고 내역서"], [], ["배송번호", "택배사", "송장번호"], [1, "CJ", "2"]]
    book = table(source(workbook(tmp_path / "shipped.xlsx", rows), columns=columns))
    assert [(row.number, row.data) for row in book.rows] == [(4, {"shipmentBoxId": 1, "courier": "CJ", "invoice": "2"})]


def test_a_heading_may_have_several_names_but_not_two_columns(tmp_path: Path) -> None:
    """Case, spaces and decomposed Hangul do not matter; two candidates are one too many."""
    columns = {"shipmentBoxId": ("Box No",), "invoice": ("운송장번호", "송장번호")}
    headings = unicodedata.normalize("NFD", "box no ,courier,송장 번호\n1,CJ,2\n")
    assert csv_table(tmp_path, headings, columns=columns).rows[0].data["invoice"] == "2"
    both = csv_table(tmp_path, "Box No,courier,운송장번호,송장번호\n1,CJ,2,3\n", columns=columns)
    assert why(both) == "file_column_twice"


def test_a_renamed_column_is_told_with_the_likely_one(tmp_path: Path) -> None:
    """And with all that are there."""
    columns = {"invoice": ("송장번호",)}
    found = csv_table(tmp_path, "shipmentBoxId,courier,운송장번호\n1,CJ,2\n", columns=columns)
    assert found.why is not None
    assert (found.why.code, found.why.facts["like"]) == ("file_column_renamed", "운송장번호")


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "utf-16"])
def test_a_declared_encoding_is_held_to(tmp_path: Path, encoding: str) -> None:
    """A mark at the beginning says better."""
    content = HEADER + "1,대한통운,2\n"
    found = csv_table(tmp_path, content.encode(encoding), encoding=encoding)
    assert found.rows[0].data["courier"] == "대한통운"
    assert csv_table(tmp_path, content.encode("utf-8-sig"), encoding=encoding).rows[0].data["courier"] == "대한통운"


def test_what_does_not_fit_the_declared_encoding_is_unknown(tmp_path: Path) -> None:
    """It is not read as something else."""
    assert (
        why(csv_table(tmp_path, (HEADER + "1,대한,2\n").encode("cp949"), encoding="utf-8")) == "file_encoding_declared"
    )
    assert why(csv_table(tmp_path, HEADER.encode() + b"1,\xff\xff,2\n", encoding="cp949")) == "file_encoding_declared"


def test_excel_unicode_text(tmp_path: Path) -> None:
    """Tabs and UTF-16 with a mark."""
    content = (HEADER + "1,대한통운,0012\n").replace(",", "\t").encode("utf-16")
    assert csv_table(tmp_path, content).rows[0].data == {"shipmentBoxId": 1, "courier": "대한통운", "invoice": "0012"}


# --- other formats -----------------------------------------------------------------------------------------------


def test_json_lists_of_objects(tmp_path: Path) -> None:
    """Exact integers; numbers with an exponent are seen as what they are; an absent value is empty."""
    exact = '{"shipmentBoxId": 900000000000000104, "courier": "CJ", "invoice": 12}'
    rounded = '{"shipmentBoxId": 9.0e17, "courier": "CJ"}'
    found = table(source(written(tmp_path / "shipped.json", f"[{exact}, {rounded}]")))
    assert found.rows[0].data == {"shipmentBoxId": 900000000000000104, "courier": "CJ", "invoice": "12"}
    assert [(one.row, one.column) for one in found.problems if one.value] == [(2, "shipmentBoxId")]


@pytest.mark.parametrize(
    ("content", "code"),
    [("[]", "file_empty"), ("{}", "file_not_json"), ('[{"a": 1', "file_not_json"), ("[1]", "file_not_json")],
)
def test_other_json_is_unknown(tmp_path: Path, content: str, code: str) -> None:
    """An empty list is as doubtful as an empty file."""
    assert why(table(source(written(tmp_path / "shipped.json", content)))) == code


def test_a_list_below_other_things(tmp_path: Path) -> None:
    """`rows` says where it stands; what is there is told when it is not."""
    text = '{"data": {"items": [{"shipmentBoxId": 1, "courier": "CJ", "invoice": "2"}]}}'
    path = written(tmp_path / "shipped.json", text)
    assert table(source(path, rows="data.items")).rows[0].data["invoice"] == "2"
    assert why(table(source(path, rows="items"))) == "json_rows_missing"
    assert why(table(source(path, rows="data"))) == "file_not_json"


def workbook(path: Path, rows: list[list[Any]], title: str = "Sheet") -> Path:
    """Write a workbook."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.save(path)
    return written(path, path.read_bytes())


def test_workbooks(tmp_path: Path) -> None:
    """The first sheet, or the named one; a number that a spreadsheet keeps in 15 digits is not believed."""
    rows = [
        ["shipmentBoxId", "courier", "invoice"],
        [1, "CJ", "0012"],
        [2, None, 12],
        [9.000000000000001e17, "CJ", "1"],
    ]
    path = workbook(tmp_path / "shipped.xlsx", rows, "출고")
    for sheet in ("", "출고"):
        found = table(source(path, sheet=sheet))
        assert [row.data for row in found.rows[:2]] == [
            {"shipmentBoxId": 1, "courier": "CJ", "invoice": "0012"},
            {"shipmentBoxId": 2, "courier": None, "invoice": "12"},
        ]
        assert found.rows[2].doubt is not None
        assert found.rows[2].doubt.code == "cell_mangled"
    assert why(table(source(path, sheet="재고표"))) == "file_sheet_missing"
    assert why(table(source(path, sheet="출고1"))) == "file_sheet_renamed"


def test_half_a_workbook_is_unknown(tmp_path: Path) -> None:
    """A zip archive that is cut off has no directory."""
    path = workbook(tmp_path / "shipped.xlsx", [["shipmentBoxId", "courier", "invoice"], [1, "CJ", "2"]])
    assert why(table(source(written(path, path.read_bytes()[:-40])))) == "file_not_workbook"
    assert why(table(source(written(path, "shipmentBoxId,courier,invoice\n")))) == "file_not_workbook"
    assert why(table(source(written(path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")))) == "file_old_workbook"
    assert why(table(source(written(path, "<table><tr><td>1</td></tr></table>")))) == "file_is_page"


def database(folder: Path, *rows: tuple[Any, ...]) -> FileSource:
    """Make an SQLite file with a table `shipped`."""
    connection = sqlite3.connect(folder / "erp.db")
    connection.execute("create table shipped (shipmentBoxId, courier, invoice)")
    connection.executemany("insert into shipped values (?, ?, ?)", rows)
    connection.commit()
    connection.close()
    return source(folder, kind="sql", url="sqlite:///erp.db", query="select * from shipped where courier <> ':x'")


def test_databases(tmp_path: Path) -> None:
    """Columns of the answer are columns of the table; asking fresh asks again."""
    file = database(tmp_path, (1, "CJ", "0012"), (2, "CJ", None))
    assert [row.data for row in table(file).rows] == [
        {"shipmentBoxId": 1, "courier": "CJ", "invoice": "0012"},
        {"shipmentBoxId": 2, "courier": "CJ", "invoice": None},
    ]


def test_a_database_that_does_not_answer_is_unknown(tmp_path: Path) -> None:
    """A missing SQLite file is not made by asking it; no address, and so no password, is told."""
    file = database(tmp_path)
    assert why(table(file)) == "file_empty"
    assert (
        why(table(source(tmp_path, kind="sql", url="sqlite:///erp.db", query="select * from other")))
        == "database_unreadable"
    )
    assert why(table(source(tmp_path, kind="sql", url="sqlite:///none.db", query="select 1"))) == "file_gone"
    assert not (tmp_path / "none.db").exists()
    odd = table(source(tmp_path, kind="sql", url="nosuch://user:secret@host/db", query="select 1"))
    assert why(odd) == "database_driver_missing"
    assert "secret" not in json.dumps(dict(odd.why.facts if odd.why else {}))


def test_the_present_time_of_the_host_is_only_asked_through_the_argument(tmp_path: Path) -> None:
    """A file of 2026 is fresh in 2026, whenever the test runs."""
    file = source(written(tmp_path / "shipped.csv", HEADER + "1,CJ,2\n"), stale_after=timedelta(hours=1))
    assert table(file).why is None
    assert why(table(file, datetime(2027, 1, 1, tzinfo=UTC))) == "file_stale"
