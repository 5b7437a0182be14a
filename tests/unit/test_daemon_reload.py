"""Files edited under the daemon: what is in force afterwards, and what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.daemon.reload import Reloaded, reload
from runner.rules import load, rule_paths
from runner.rules.shapes import RuleSet
from runner.settings import Settings
from runner.settings import load as load_settings

SETTINGS = """
version: 1
base_url: http://127.0.0.1:1
accounts:
  main: {vendor_id: A00012345, access_key: {file: key}, secret_key: {file: key}}
rules: [rules.yaml]
"""
RULE = """
  - name: {name}
    from: {{return_requests: {{status: RU}}}}
    if: {{receiptStatus: RELEASE_STOP_UNCHECKED}}
    then: [stop_shipment]
    mode: {mode}
"""


def write(folder: Path, *rules: tuple[str, str]) -> None:
    text = "version: 1\nrules:\n" + "".join(RULE.format(name=name, mode=mode) for name, mode in rules)
    (folder / "rules.yaml").write_text(text, "utf-8")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "runner.yaml").write_text(SETTINGS, "utf-8")
    (tmp_path / "key").write_text("secret", "utf-8")
    write(tmp_path, ("stop", "watch"))
    return load_settings(tmp_path / "runner.yaml")


@pytest.fixture
def rules(settings: Settings) -> RuleSet:
    found = load(rule_paths(settings), settings=settings).ruleset
    assert found is not None
    return found


def kinds(found: Reloaded | None) -> list[str]:
    assert found is not None
    return [kind for kind, _ in found.events]


def test_nothing_new_is_nothing(settings: Settings, rules: RuleSet, tmp_path: Path) -> None:
    """A file that was saved without a change, or with a comment only, is not worth a word."""
    assert reload(settings, rules) is None
    path = tmp_path / "rules.yaml"
    path.write_text("# a comment\n" + path.read_text("utf-8"), "utf-8")
    assert reload(settings, rules) is None


def test_a_changed_set_is_swapped_whole(settings: Settings, rules: RuleSet, tmp_path: Path) -> None:
    """The new rules are in force, and it is told how many."""
    write(tmp_path, ("stop", "ask"), ("second", "watch"))
    found = reload(settings, rules)
    assert kinds(found) == ["reloaded"]
    assert found is not None
    assert [(one.name, one.mode.value) for one in found.rules.rules] == [("stop", "ask"), ("second", "watch")]
    assert found.events[0][1].facts["rules"] == 2


def test_the_last_good_set_stays(settings: Settings, rules: RuleSet, tmp_path: Path) -> None:
    """One wrong rule, and none of the file's rules changes; each problem is told with its place."""
    write(tmp_path, ("stop", "auto"), ("second", "atuo"))
    found = reload(settings, rules)
    assert kinds(found) == ["broken", "kept"]
    assert found is not None
    assert found.rules is rules
    assert f"{tmp_path / 'rules.yaml'}:14" in found.events[0][1].facts["where"]
    assert found.events[1][1].facts == {"rules": 1, "problems": 1}
    assert len(found.broken) == 1


def test_the_same_problem_is_told_once(settings: Settings, rules: RuleSet, tmp_path: Path) -> None:
    """An editor that saves again and again does not fill the log; another problem is told."""
    write(tmp_path, ("stop", "atuo"))
    first = reload(settings, rules)
    assert first is not None
    assert reload(settings, rules, first.broken) is None
    write(tmp_path, ("stop", "watch"), ("stop", "watch"))
    assert "broken" in kinds(reload(settings, rules, first.broken))


def test_the_end_of_a_problem_is_told(settings: Settings, rules: RuleSet) -> None:
    """Put right without any other change, it is said all the same: the person waits for that line."""
    found = reload(settings, rules, ("rules.yaml:4:5: E117",))
    assert kinds(found) == ["reloaded"]
    assert found is not None
    assert found.broken == ()
