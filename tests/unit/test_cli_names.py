"""A name that does not exist is a usage error that says which one was meant, or which ones there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests_support import ROOT

from runner.cli import run_line
from runner.errors import Exit

Captured = pytest.CaptureFixture[str]
RULE = "approve-cancel-before-shipping"


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a shop of two rules whose marketplace does not answer."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNNER_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("RUNNER_CONFIG", raising=False)
    (tmp_path / "rules").mkdir()
    for name in (RULE, "complete-month-old-undelivered"):
        for ending in (".yaml", ".test.yaml"):
            text = (ROOT / "rules" / f"{name}{ending}").read_text("utf-8")
            (tmp_path / "rules" / f"{name}{ending}").write_text(text, "utf-8")
    account = "{vendor_id: A00012345, access_key: sim-access-key, secret_key: sim-secret-key}"
    settings = f"version: 1\nbase_url: http://127.0.0.1:9\naccounts:\n  main: {account}\n"
    (tmp_path / "runner.yaml").write_text(settings, "utf-8")


def mistake(line: list[str], capsys: Captured) -> str:
    """Return what a usage error says."""
    assert run_line([*line, "--lang", "en"]) == Exit.USAGE
    return capsys.readouterr().err


@pytest.mark.parametrize(
    "line", [["run"], ["plan"], ["explain", "--account", "main"], ["history"], ["history", "--rule"],
             ["questions", "--rule"]], ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize(("given", "meant"), [("aprove-cancel-before-shiping", True), ("NOPE", False)])
def test_a_rule_that_does_not_exist(line: list[str], given: str, capsys: Captured, *, meant: bool) -> None:
    """The one that was meant; where none is near, those there are."""
    record = ["1"] if line[0] == "explain" else []
    err = mistake([*line, given, *record], capsys)
    assert f"there is no rule {given}" in err
    assert RULE in err
    assert ("Did you mean" in err) is meant


@pytest.mark.parametrize(
    ("given", "said"),
    [("stop_shipmen", "did you mean stop_shipment"), ("NOPE", "`runner docs` lists them all"),
     ("RETURN-REQUESTS", "return_requests")],
)  # fmt: skip
def test_docs_of_a_name_that_does_not_exist(given: str, said: str, capsys: Captured) -> None:
    """There are too many to list them."""
    assert said in mistake(["docs", given], capsys)


@pytest.mark.parametrize(("given", "meant"), [("aprove-cancel-before-shipping", True), (RULE, True), ("NOPE", False)])
def test_a_test_that_does_not_exist(given: str, capsys: Captured, *, meant: bool) -> None:
    """Also where somebody gives the name of the rule."""
    err = mistake(["test", given], capsys)
    assert f"rules/{RULE}.test.yaml" in err
    assert ("did you mean" in err) is meant
    assert "()" not in err


def test_a_file_to_check_that_does_not_exist(capsys: Captured) -> None:
    """The file beside it that was meant."""
    assert f"did you mean rules/{RULE}.yaml" in mistake(["check", "rules/aprove-cancel-before-shipping.yaml"], capsys)


@pytest.mark.parametrize(("given", "meant"), [("refusd", "refused"), ("NOPE", "unclear")])
def test_a_state_that_does_not_exist(given: str, meant: str, capsys: Captured) -> None:
    """History knows its states."""
    assert meant in mistake(["history", "--status", given], capsys)


def test_history_of_a_rule_that_is_there_and_did_nothing(capsys: Captured) -> None:
    """Is empty, and no mistake; the rule may be named as `run` takes it."""
    assert run_line(["history", RULE, "--lang", "en"]) == Exit.DONE
    assert "holds nothing" in capsys.readouterr().out
