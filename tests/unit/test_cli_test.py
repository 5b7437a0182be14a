"""`runner test` as a person and a build server see it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from runner.cli import run_line
from runner.errors import Exit
from runner.shipped import shipped

Captured = pytest.CaptureFixture[str]
NAME = "complete-month-old-undelivered"
RULE = (shipped("rules") / f"{NAME}.yaml").read_text("utf-8").splitlines()
WEAK = f"""\
tests:
  - name: one box
    rule: {NAME}
    now: 2026-03-03T09:30+09:00
    given:
      order_sheets:
        - {{shipmentBoxId: 1, orderId: 11, status: DEPARTURE, invoiceNumber: "1",
           inTrasitDateTime: 2026-01-29T10:00:00+09:00}}
      call_center_inquiries: []
      return_requests: []
    expect: []
"""


def line_of(field: str) -> int:
    """Return where a condition on a field stands in the rule."""
    return next(n for n, line in enumerate(RULE, 1) if line.strip().startswith(f"{field}:"))


@pytest.fixture(autouse=True)
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with shipped rules, a test that fails, and no settings."""
    monkeypatch.chdir(tmp_path)
    for name in (NAME, "coupon-for-overstock"):
        shutil.copy(shipped("rules") / f"{name}.yaml", tmp_path)
    (tmp_path / "weak.test.yaml").write_text(WEAK, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", ["failed  one box", "not expected", "found: 01-29(Thu) 10:00 KST", "rules without a test 1"]),
        ("ko", ["실패  one box", "기대하지 않은 할 일", "확인된 값: 01-29(목) 10:00 KST", "시험 없는 규칙 1"]),
    ],
)
def test_a_difference_is_shown_with_what_the_rule_saw(lang: str, told: list[str], capsys: Captured) -> None:
    """Where it was expected, and the file, line and value of each condition."""
    assert run_line(["test", "--lang", lang]) == Exit.FAILED
    out = capsys.readouterr().out
    assert [one for one in told if one not in out] == []
    assert "weak.test.yaml:11:13: " in out
    assert f"{NAME}.yaml:{line_of('inTrasitDateTime')}\n" in out


def test_the_same_for_programs(capsys: Captured) -> None:
    """The steps of the record, what is covered, and the changes that were not noticed."""
    assert run_line(["test", "--json"]) == Exit.FAILED
    document = json.loads(capsys.readouterr().out)
    (test,) = document["tests"]
    (why,) = test["why"]
    assert (why["code"], why["record"], why["rule"]) == ("test_action_extra", "1", NAME)
    assert why["steps"][0]["parts"][0]["line"] == line_of("inTrasitDateTime")
    assert document["coverage"]["untested"] == ["coupon-for-overstock"]
    assert document["coverage"]["covered"] < document["coverage"]["lines"]
    assert "mutation" not in document


def test_updated_tests_pass_and_weak_ones_are_told(rules: Path, capsys: Captured) -> None:
    """`--update` writes; `--mutate` and `--coverage` list what is missing, and `--strict` makes it a failure."""
    assert run_line(["test", "--update", "--lang", "en"]) == Exit.DONE
    assert "expectation written anew" in capsys.readouterr().err
    assert "complete_long_term_undelivered: {shipmentBoxId: 1" in (rules / "weak.test.yaml").read_text("utf-8")
    assert run_line(["test", "--mutate", "--coverage", "--lang", "en"]) == Exit.DONE
    out = capsys.readouterr().out
    assert f'{NAME}.yaml:{line_of("deliveredDate")}:22: "deliveredDate is not there" left out' in out
    assert "deliveredDate is not there: never seen to fail" in out
    assert run_line(["test", "--mutate", "--strict", "--json"]) == Exit.FAILED
    assert json.loads(capsys.readouterr().out)["mutation"]["survivors"]


def test_changes_are_tried_only_when_the_tests_pass(capsys: Captured) -> None:
    """Else each change would look noticed."""
    assert run_line(["test", "--mutate", "--lang", "en"]) == Exit.FAILED
    told = capsys.readouterr()
    assert "the tests must pass first" in told.err
    assert "changes tried" not in told.out


def test_a_report_for_build_servers(rules: Path, capsys: Captured) -> None:
    """In a file beside the screen, or as the result itself."""
    assert run_line(["test", "--junit", "report.xml", "--lang", "en"]) == Exit.FAILED
    assert "failed  one box" in capsys.readouterr().out
    assert run_line(["test", "-o", "junit", "--lang", "en"]) == Exit.FAILED
    for text in ((rules / "report.xml").read_text("utf-8"), capsys.readouterr().out):
        (case,) = ET.fromstring(text).iter("testcase")  # noqa: S314 - our own
        assert (case.get("classname"), case.get("file"), case.get("line")) == (NAME, "weak.test.yaml", "2")
        failure = case.find("failure")
        assert failure is not None
        assert "not expected" in (failure.get("message") or "")
    assert run_line(["test", "--junit", "no/where.xml"]) == Exit.USAGE


def test_tests_are_picked_by_name(capsys: Captured) -> None:
    """A name that none has is a usage error with those there are."""
    assert run_line(["test", "-k", "ONE", "--json"]) == Exit.FAILED
    assert "coverage" not in json.loads(capsys.readouterr().out)
    assert run_line(["test", "-k", "two", "--lang", "en"]) == Exit.USAGE
    assert "one box" in capsys.readouterr().err


def test_a_folder_without_tests_says_so(tmp_path: Path, capsys: Captured) -> None:
    """Nothing failed, and nobody should think that something was tested."""
    (tmp_path / "empty").mkdir()
    assert run_line(["test", "empty", "--lang", "en"]) == Exit.DONE
    assert "no *.test.yaml" in capsys.readouterr().err
