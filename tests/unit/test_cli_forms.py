"""What stands on stdout in each form: one document where a program reads, and a form nobody has is a usage error."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from runner.cli import run_line
from runner.cli.frame import PLACES
from runner.errors import Exit

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in an empty folder, with no settings in reach."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNNER_STATE_DIR", str(tmp_path / "state"))


def told(capsys: Captured) -> Any:
    """Return stdout as the one JSON document it must be."""
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("line", [["init", "shop", "--json"], ["-o", "json", "init", "shop"]])
def test_init_tells_its_files_as_json(line: list[str], capsys: Captured) -> None:
    """Every file, and whether it is new; a second time none is."""
    assert run_line(line) == Exit.DONE
    first = told(capsys)
    assert {"file": "shop/runner.yaml", "made": True} in first["files"]
    assert all(Path(one["file"]).is_file() for one in first["files"])
    assert run_line(line) == Exit.DONE
    assert not any(one["made"] for one in told(capsys)["files"])


@pytest.mark.parametrize("line", [["docs", "--json"], ["docs", "-o", "json"]])
def test_docs_lists_everything_as_json(line: list[str], capsys: Captured) -> None:
    """Sources and actions with their titles."""
    assert run_line(line) == Exit.DONE
    document = told(capsys)
    assert document["format_version"] == "1.0"
    assert "return_requests" in {one["name"] for one in document["sources"]}
    assert "stop_shipment" in {one["name"] for one in document["actions"]}


@pytest.mark.parametrize("name", ["stop_shipment", "return_requests", "issue_instant_coupon", "item_inventories"])
def test_docs_of_a_name_are_json(name: str, capsys: Captured) -> None:
    """Every kind of entry: what it takes, what it has, and the page itself."""
    assert run_line(["docs", name, "--json"]) == Exit.DONE
    document = told(capsys)
    assert document["name"] == name
    assert document["parameters"] or document["fields"]
    assert document["text"].startswith(f"# {name}: ")


def test_docs_say_what_an_action_takes_from_the_record(capsys: Captured) -> None:
    """So that a program that writes rules knows what need not be given."""
    run_line(["docs", "stop_shipment", "--json"])
    taken = {one["name"]: one["from"] for one in told(capsys)["parameters"]}
    assert taken["cancelCount"] == "cancelCountSum"


@pytest.mark.parametrize("line", [["schema", "--write", "s", "--json"], ["schema", "--check", "s", "--json"]])
def test_schema_tells_what_it_did_as_json(line: list[str], capsys: Captured) -> None:
    """Writing and comparing print a document as well."""
    run_line(["schema", "--write", "s"])
    capsys.readouterr()
    assert run_line(line) == Exit.DONE
    assert told(capsys)["format_version"] == "1.0"


@pytest.mark.parametrize(
    ("output", "name"),
    [("junit", "check"), ("sarif", "status"), ("github", "plan"), ("csv", "schema"), ("json", "demo"), ("csv", "sim")],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_form_the_command_lacks_is_a_usage_error(output: str, name: str, capsys: Captured, *, first: bool) -> None:
    """Nothing is done; the error names the forms there are."""
    given = ["-o", output]
    assert run_line([*given, name, "--lang", "en"] if first else [name, *given, "--lang", "en"]) == Exit.USAGE
    err = capsys.readouterr().err
    assert f"`runner {name}` has no output {output}" in err
    assert "table" in err


@pytest.mark.parametrize("name", PLACES)
def test_no_form_is_a_bug(name: str) -> None:
    """Whatever form is asked of whatever command, it never ends in exit 70."""
    needed = {"apply": ["x"], "explain": ["r", "1"], "reject": ["q"], "approve": ["q"]}
    for output in ("github", "sarif", "junit"):
        assert run_line([name, *needed.get(name, []), "-o", output, "--lang", "en"]) in (Exit.USAGE, Exit.DONE)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="a place where nobody, not even root, may write")
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_init_where_nothing_can_be_written(lang: str, capsys: Captured) -> None:
    """Exit 1; what, where, why, and what next."""
    assert run_line(["init", "/proc/x", "--lang", lang]) == Exit.FAILED
    err = capsys.readouterr().err
    assert "/proc/x" in err
    assert ("그런 파일이나 폴더가 없습니다" if lang == "ko" else os.strerror(2)) in err
    assert "runner init" in err


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="a place where nobody, not even root, may write")
def test_schema_where_nothing_can_be_written(capsys: Captured) -> None:
    """The same for schemas."""
    assert run_line(["schema", "--write", "/proc/x", "--lang", "en"]) == Exit.FAILED
    assert "/proc/x cannot be written" in capsys.readouterr().err


def test_init_below_a_file(tmp_path: Path, capsys: Captured) -> None:
    """A path that leads through a file is told as well."""
    (tmp_path / "file").write_text("", "utf-8")
    assert run_line(["init", "file/shop", "--lang", "en"]) == Exit.FAILED
    assert "file/shop" in capsys.readouterr().err
