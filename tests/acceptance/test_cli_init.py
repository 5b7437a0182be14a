"""`runner init` makes a folder that works: checked, tested and planned against the simulator."""

from __future__ import annotations

import json
import os
import select
import stat
import sys
from pathlib import Path

import pytest
from tests_support import Market

from runner.cli import run_line
from runner.cli.starter import ready_names
from runner.errors import Exit
from runner.model import Mode
from runner.rules import load, rule_paths
from runner.settings import load as load_settings
from runner.shipped import shipped
from runner.source import read

Captured = pytest.CaptureFixture[str]
COUPON = "coupon-for-overstock"


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in an empty folder, with no settings in reach."""
    monkeypatch.chdir(tmp_path)


def planned(folder: str, served: Market, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> dict[str, object]:
    """Check, test and plan in a new folder; return the plan."""
    monkeypatch.setenv("RUNNER_BASE_URL", served.url)
    line = ["--config", f"{folder}/runner.yaml"]
    assert run_line(["check", "--strict", *line]) == Exit.DONE, capsys.readouterr().out
    assert run_line(["test", *line]) == Exit.DONE, capsys.readouterr().out
    capsys.readouterr()
    assert run_line(["plan", "--json", *line]) == Exit.DONE
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


def modes(plan: dict[str, object]) -> list[str]:
    """Return the mode of every line of a plan."""
    actions = plan["actions"]
    assert isinstance(actions, list)
    return [one["mode"] for one in actions]


def test_a_new_folder_works_against_the_simulator(
    served: Market, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """Settings, one rule that watches, its test; the demo world has three boxes for it."""
    served.reset()
    assert run_line(["init", "shop", "--demo"]) == Exit.DONE
    assert modes(planned("shop", served, monkeypatch, capsys)) == ["watch"] * 3


@pytest.mark.parametrize("more", [[], ["--demo"], ["--example"]], ids=["shop", "demo", "example"])
def test_an_editor_finds_its_schemas(tmp_path: Path, more: list[str]) -> None:
    """Every schema the editor's settings name is there."""
    assert run_line(["init", "shop", *more]) == Exit.DONE
    told = json.loads((tmp_path / "shop" / ".vscode" / "settings.json").read_text("utf-8"))
    assert all((tmp_path / "shop" / name).is_file() for name in told["yaml.schemas"])


def test_what_is_said_next_can_be_typed(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """First into the folder that was made, unless one stands in it."""
    assert run_line(["init", "my shop"]) == Exit.DONE
    assert "\n  cd 'my shop'\n  runner check\n" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path / "my shop")
    assert run_line(["init"]) == Exit.DONE
    assert "  cd " not in capsys.readouterr().err


def test_a_ready_made_rule_with_its_inputs(served: Market, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """`--from` copies the rule and its test; `--input` goes into the settings and decides what matches."""
    served.reset()
    line = ["init", "shop", "--demo", "--from", COUPON, "--input", "least=320", "--input", "stock_file=my stock.csv"]
    assert run_line([*line, "--lang", "en"]) == Exit.DONE
    assert "shop/rules/my stock.csv" in capsys.readouterr().err
    rows = "vendorItemId,quantity,cost\n70000001,500,5000\n70000002,320,5000\n70000003,319,5000\n"
    Path("shop/rules/my stock.csv").write_text(rows, "utf-8")
    assert load_settings(Path("shop/runner.yaml"), {}).document is not None
    assert modes(planned("shop", served, monkeypatch, capsys)) == ["watch"]


@pytest.mark.parametrize("name", ready_names())
def test_every_ready_made_rule_can_be_started_from(name: str) -> None:
    """It checks in its new folder, and does nothing before somebody says so."""
    inputs = read(shipped("rules") / f"{name}.yaml").data.get("inputs", {})
    needed = [f"--input={key}={one['example']}" for key, one in inputs.items() if "default" not in one]
    assert run_line(["init", "shop", "--demo", "--from", name, *needed, "-q"]) == Exit.DONE
    settings = load_settings(Path("shop/runner.yaml"), {})
    found = load(rule_paths(settings), settings=settings)
    assert found.ruleset is not None, found.diagnostics
    assert not [rule.name for rule in found.ruleset.rules if rule.mode is Mode.AUTO]


def test_inputs_are_added_to_settings_that_are_there(tmp_path: Path, capsys: Captured) -> None:
    """Every line of them stays; a second time nothing is touched, and what to write is shown."""
    assert run_line(["init"]) == Exit.DONE
    path = tmp_path / "runner.yaml"
    before = path.read_text("utf-8")
    assert run_line(["init", "--from", COUPON, "--input", "least=77"]) == Exit.DONE
    after = path.read_text("utf-8")
    assert set(before.splitlines()) <= set(after.splitlines())
    assert "least: 77" in after
    assert run_line(["init", "--from", COUPON, "--input", "least=78", "--lang", "en"]) == Exit.DONE
    assert path.read_text("utf-8") == after
    assert "least: 78" in capsys.readouterr().err


def test_inputs_stand_below_those_of_other_rules(tmp_path: Path) -> None:
    """An `inputs:` that is there gets one more entry."""
    path = tmp_path / "runner.yaml"
    assert run_line(["init"]) == Exit.DONE
    path.write_text(path.read_text("utf-8").replace("inputs:\n", "inputs:   # mine\n  other: {a: 1}\n"), "utf-8")
    assert run_line(["init", "--from", COUPON]) == Exit.DONE
    assert {COUPON, "other"} < set(load_settings(path, {}).document.data["inputs"])  # type: ignore[union-attr]


def test_settings_that_do_not_read_the_new_rule_are_told(tmp_path: Path, capsys: Captured) -> None:
    """A rule that lies where nothing looks would only seem to be in force."""
    assert run_line(["init"]) == Exit.DONE
    path = tmp_path / "runner.yaml"
    path.write_text(path.read_text("utf-8").replace("rules/*.yaml", "mine/*.yaml"), "utf-8")
    capsys.readouterr()
    assert run_line(["init", "--from", COUPON, "--lang", "en"]) == Exit.DONE
    assert "does not read" in capsys.readouterr().err


@pytest.mark.parametrize("line", [
    ["--from", "coupon-for-overstok"], ["--from", COUPON, "--input", "lest=3"], ["--from", COUPON, "--input", "least"],
    ["--from", COUPON, "--input", "least=many"], ["--input", "least=3"], ["--example", "--demo"],
])  # fmt: skip
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_what_cannot_be_meant_makes_nothing(line: list[str], lang: str, tmp_path: Path, capsys: Captured) -> None:
    """A usage error with what to do, before any file is written."""
    assert run_line(["init", "shop", *line, "--lang", lang]) == Exit.USAGE
    assert capsys.readouterr().err.count("\n") == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal to type at needs pty")
def test_a_person_at_a_terminal_is_asked(tmp_path: Path) -> None:
    """Inputs first, asked again until they hold; then who calls, and keys that only their owner can read."""
    answers = ["0", "500", "", "", "2000", "", "x", "A00099999", "the-access-key", "the-secret-key"]
    shown = typed(["init", "shop", "--lang", "ko", "--from", COUPON], answers)
    assert "최소 재고" in shown
    assert "1 이상" in shown
    assert "the-secret-key" not in shown
    settings = load_settings(tmp_path / "shop" / "runner.yaml", {})
    account = settings.account()
    assert account.vendor_id == "A00099999"
    assert account.secret_key.reveal() == "the-secret-key"
    assert stat.S_IMODE((tmp_path / "shop" / "secret.key").stat().st_mode) == 0o600
    assert settings.document is not None
    given = settings.document.data["inputs"][COUPON]
    assert (given["least"], given["percent_off"], given["most_off"]) == (500, 10, 2000)


def typed(line: list[str], answers: list[str]) -> str:
    """Run a command on a terminal of its own, answering each question; return all that was shown."""
    import pty

    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-W", "ignore", "-m", "runner", *line])  # noqa: S606 - our own
    shown, left = b"", list(answers)
    while select.select([terminal], [], [], 30)[0]:
        try:
            shown += os.read(terminal, 4096)
        except OSError:  # Linux says so when the other end is gone
            break
        if left and shown.rstrip().endswith((b":", b"]:")) and not shown.endswith(b"\n"):
            os.write(terminal, f"{left.pop(0)}\n".encode())
            shown += b"\n"
    assert os.waitpid(child, 0)[1] == 0, shown.decode()
    return shown.decode()
