"""The command line itself: help, usage errors, failure as JSON, init, check, schema, docs."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests_support import ROOT

from runner.catalogue import load
from runner.cli import run_line
from runner.cli.frame import PLACES
from runner.errors import Exit
from runner.schema import is_current
from runner.shipped import shipped

Captured = pytest.CaptureFixture[str]

BROKEN = """\
version: 1
rules:
  - name: stop
    from: {return_requests: {status: RX}}
    iff: {receiptStatus: RELEASE_STOP_UNCHECKED}
    then: [stop_shipment]
"""


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in an empty folder, with no settings in reach."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_command_explains_itself(name: str, lang: str, capsys: Captured) -> None:
    """`runner VERB --help` shows two sentences and one example, in either language."""
    assert run_line([name, "--help", "--lang", lang]) == Exit.DONE
    out = capsys.readouterr().out
    assert f"runner {name}" in out
    assert ("예: " if lang == "ko" else "Example: ") in out


def test_help_lists_every_command(capsys: Captured) -> None:
    """`runner --help` lists all commands with their first sentence."""
    assert run_line(["--help", "--lang", "ko"]) == Exit.DONE
    out = capsys.readouterr().out
    assert all(f"  {name}" in out for name in PLACES)


def test_a_mistyped_command_is_guessed(capsys: Captured) -> None:
    """An unknown command is a usage error with the one that was meant."""
    assert run_line(["chek", "--lang", "en"]) == Exit.USAGE
    assert "did you mean check" in capsys.readouterr().err


def test_a_mistyped_option_is_guessed(capsys: Captured) -> None:
    """So is an option."""
    assert run_line(["plan", "--detailed-exitcod", "--lang", "en"]) == Exit.USAGE
    assert "--detailed-exitcode" in capsys.readouterr().err


@pytest.mark.parametrize("line", [["plan", "--json"], ["-o", "json", "plan"], ["plan", "--nope", "--json"]])
def test_failure_is_one_json_document(line: list[str], capsys: Captured) -> None:
    """Whatever goes wrong, stdout holds one document with a code, a sentence and a hint, and never a traceback."""
    assert run_line(line) == Exit.USAGE
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["format_version"] == "1.0"
    assert document["error"].keys() == {"code", "message", "hint"}
    assert "Traceback" not in out + err


def test_check_needs_no_settings_for_a_lone_file(tmp_path: Path, capsys: Captured) -> None:
    """A single rule file can be checked anywhere; every problem has its place and a way out."""
    path = tmp_path / "stop.yaml"
    path.write_text(BROKEN, "utf-8")
    assert run_line(["check", str(path), "--json"]) == Exit.FAILED
    document = json.loads(capsys.readouterr().out)
    places = {(one["line"], one["column"]) for one in document["diagnostics"]}
    assert (5, 5) in places
    assert any("if" in (one["hint"] or "") for one in document["diagnostics"])


def test_a_file_that_cannot_be_read_is_a_usage_error(capsys: Captured) -> None:
    """A path that leads nowhere is exit 2."""
    assert run_line(["check", "nowhere.yaml", "--json"]) == Exit.USAGE
    assert json.loads(capsys.readouterr().out)["error"]["code"]


def test_a_syntax_error_is_one_diagnostic(tmp_path: Path, capsys: Captured) -> None:
    """YAML that does not parse is a diagnostic of the same shape."""
    path = tmp_path / "broken.yaml"
    path.write_text("rules: [\n", "utf-8")
    assert run_line(["check", str(path), "--json"]) == Exit.FAILED
    assert len(json.loads(capsys.readouterr().out)["diagnostics"]) == 1


@pytest.mark.parametrize("folder", ["rules", "examples"])
def test_shipped_rules_hold(folder: str, capsys: Captured) -> None:
    """Every rule that comes with runner passes the check without a warning."""
    files = [str(path) for path in sorted(shipped("rules" if folder == "rules" else "examples").glob("*.yaml"))]
    rules = [path for path in files if not path.endswith((".test.yaml", "runner.yaml"))]
    assert run_line(["check", "--strict", *rules]) == Exit.DONE, capsys.readouterr().out


@pytest.mark.parametrize("folder", ["rules", "examples"])
def test_shipped_rules_pass_their_tests(folder: str, capsys: Captured) -> None:
    """The rule tests beside the shipped rules pass."""
    path = shipped("rules" if folder == "rules" else "examples")
    assert run_line(["test", str(path)]) == Exit.DONE, capsys.readouterr().out


def test_init_makes_a_shop_that_checks(tmp_path: Path, capsys: Captured) -> None:
    """A new shop folder has settings, rules and schemas, and its rules hold."""
    assert run_line(["init", "shop"]) == Exit.DONE
    assert is_current(tmp_path / "shop" / ".runner", load())
    assert run_line(["check", "--config", "shop/runner.yaml"]) == Exit.DONE, capsys.readouterr().out


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    """What exists stays as it is."""
    (tmp_path / "runner.yaml").write_text("mine", "utf-8")
    assert run_line(["init"]) == Exit.DONE
    assert (tmp_path / "runner.yaml").read_text("utf-8") == "mine"


def test_schema_tells_when_files_are_stale(tmp_path: Path) -> None:
    """`--check` fails for a folder whose schemas are not those of this version, and `--write` renews them."""
    assert run_line(["schema", "--check", "s"]) == Exit.FAILED
    assert run_line(["schema", "--write", "s"]) == Exit.DONE
    assert run_line(["schema", "--check", "s"]) == Exit.DONE
    assert (tmp_path / "s" / "rules.schema.json").is_file()


@pytest.mark.parametrize("name", ["stop_shipment", "return_requests", "issue_instant_coupon", "item_inventories"])
def test_docs_explain_sources_and_actions(name: str, capsys: Captured) -> None:
    """Every kind of name has its page."""
    assert run_line(["docs", name, "--lang", "ko"]) == Exit.DONE
    assert name in capsys.readouterr().out


def test_docs_of_an_unknown_name_guess(capsys: Captured) -> None:
    """A name that is none is a usage error with those near it."""
    assert run_line(["docs", "stop_shipmen", "--lang", "en"]) == Exit.USAGE
    assert "stop_shipment" in capsys.readouterr().err


def test_an_unknown_world_is_told_with_those_there_are(capsys: Captured) -> None:
    """A starting state that does not exist is a usage error."""
    assert run_line(["sim", "--port", "0", "--world", "nope", "--lang", "en"]) == Exit.USAGE
    assert "demo" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["sim", "demo"])
def test_a_port_in_use_is_told(name: str) -> None:
    """Another program on the port is not a bug of ours: which port, why, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = [sys.executable, "-m", "runner", name, "--port", port, "--lang", "en"]
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == Exit.FAILED
    assert f"port {port} cannot be used" in done.stderr
    assert "--port" in done.stderr
