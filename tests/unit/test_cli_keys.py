"""`runner check` opens every key of the settings, says which one it cannot open, and how to set it; never the key."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests_support import ROOT

from runner.cli import run_line
from runner.errors import Exit

Captured = pytest.CaptureFixture[str]
KEY = "a-key-nobody-may-see"


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a shop with one rule."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RUNNER_CONFIG", raising=False)
    monkeypatch.delenv("SHOP_KEY", raising=False)
    (tmp_path / "rules").mkdir()
    rule = ROOT / "rules" / "complete-month-old-undelivered.yaml"
    (tmp_path / "rules" / "complete.yaml").write_text(rule.read_text("utf-8"), "utf-8")


def checked(way: str, capsys: Captured, *more: str) -> tuple[int, Any, str]:
    """Check the shop with its secret key kept in this way; return exit code, document and all that was printed."""
    account = f"vendor_id: A00012345\n    access_key: {{env: SHOP_KEY}}\n    secret_key: {way}\n"
    Path("runner.yaml").write_text(f"version: 1\naccounts:\n  main:\n    {account}", "utf-8")
    os.environ["SHOP_KEY"] = KEY
    try:
        code = run_line(["check", "--json", "--lang", "en", *more])
    finally:
        del os.environ["SHOP_KEY"]
    out, err = capsys.readouterr()
    return code, json.loads(out), out + err


@pytest.mark.parametrize(
    ("way", "text", "said", "hint"),
    [
        ("{env: NOT_SET}", None, "NOT_SET is not set", "export NOT_SET="),
        ("{file: gone.key}", None, "gone.key", "chmod 600"),
        ("{file: open.key}", KEY, "others can read", "chmod 600"),
        ("{file: two.key}", f"{KEY}\n{KEY}\n", "nothing else", "one line"),
        ("{keyring: gone}", None, "keyring", "key"),
    ],
)
def test_a_key_that_cannot_be_opened_is_a_warning(
    way: str, text: str | None, said: str, hint: str, capsys: Captured
) -> None:
    """At its place in the settings, with the way to set it; exit 0, with --strict 3."""
    if text is not None:
        path = Path(way.removeprefix("{file: ").removesuffix("}"))
        path.write_text(text, "utf-8")
        path.chmod(0o644 if "open" in way else 0o600)
    code, document, printed = checked(way, capsys)
    (found,) = document["diagnostics"]
    assert (code, found["severity"], Path(found["file"]).name, found["line"]) == (
        Exit.DONE,
        "warning",
        "runner.yaml",
        6,
    )
    assert said in found["message"]
    assert hint in found["hint"]
    assert KEY not in printed
    assert checked(way, capsys, "--strict")[0] == Exit.WARNINGS


def test_keys_that_can_be_opened_are_no_warning(capsys: Captured) -> None:
    """Nothing is said of them."""
    code, document, printed = checked("{env: SHOP_KEY}", capsys, "--strict")
    assert (code, document["diagnostics"]) == (Exit.DONE, [])
    assert KEY not in printed


def test_whoever_checks_one_file_is_not_told_of_keys(capsys: Captured) -> None:
    """Where rules are only reviewed, the keys of the shop need not be."""
    code, document, _printed = checked("{env: NOT_SET}", capsys, "--strict", "rules/complete.yaml")
    assert (code, document["diagnostics"]) == (Exit.DONE, [])


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_person_reads_it_with_its_line(lang: str, capsys: Captured) -> None:
    """Like every other warning."""
    checked("{env: NOT_SET}", capsys)
    run_line(["check", "--lang", lang])
    out = capsys.readouterr().out
    assert "secret_key: {env: NOT_SET}" in out
    assert "export NOT_SET=" in out


@pytest.mark.parametrize(
    "accounts",
    [
        f"main: {{vendor_id: A00012345, access_key: {KEY}, secret_key: {{env: NOT_SET}}, rat: 4}}",
        f"main:\n    vendor_id: A00012345\n    access_key: {KEY}\n    secret_key:\n      - {KEY}",
        f"main:\n    vendor_id: A00012345\n    access_key: '{KEY}'  # {{env: X}}\n    secret_key:\n      {KEY}",
    ],
)
def test_a_key_in_the_settings_is_not_repeated(accounts: str, capsys: Captured) -> None:
    """The line of a problem is shown, but not where a key stands in it: screens and logs of others see it."""
    Path("runner.yaml").write_text(f"version: 1\naccounts:\n  {accounts}\n", "utf-8")
    assert run_line(["check", "--lang", "en"]) == Exit.FAILED
    out, err = capsys.readouterr()
    assert "access_key: a key must not stand in the settings file" in out
    assert KEY not in out + err
