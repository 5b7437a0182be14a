"""`runner check` and the pages of its codes, as a person, an editor and a code host meet them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from tests_support import ROOT

from runner.cli import run_line
from runner.errors import Exit

Captured = pytest.CaptureFixture[str]
#: what SARIF 2.1.0 says of the parts we write; nothing else may stand in them
_TEXT = {"type": "object", "required": ["text"], "additionalProperties": False}
_MESSAGE = {**_TEXT, "properties": {"text": {"type": "string", "minLength": 1}}}
_FORMATTED = {**_TEXT, "properties": {"text": {"type": "string"}, "markdown": {"type": "string"}}}
_POSITIVE = {"type": "integer", "minimum": 1}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    """Return the schema of an object that has these keys and no others."""
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


_REGION = closed(
    ["startLine"], startLine=_POSITIVE, startColumn=_POSITIVE, endLine=_POSITIVE, endColumn=_POSITIVE, snippet=_MESSAGE
)
_PLACE = closed(
    ["artifactLocation", "region"],
    artifactLocation=closed(["uri"], uri={"type": "string", "pattern": r"^[^\s\\가-힣]+$"}),
    region=_REGION,
)
_RESULT = closed(
    ["ruleId", "ruleIndex", "level", "message", "locations"], ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": 0}, level=_LEVEL, message=_MESSAGE,
    locations={"type": "array", "minItems": 1, "items": closed(["physicalLocation"], physicalLocation=_PLACE)},
)  # fmt: skip
_RULE = closed(
    ["id", "shortDescription", "help"], id={"type": "string"}, shortDescription=_FORMATTED, fullDescription=_FORMATTED,
    help=_FORMATTED, defaultConfiguration=closed(["level"], level=_LEVEL),
)  # fmt: skip
_DRIVER = closed(
    ["name"], name={"const": "runner"}, version={"type": "string"},
    language={"type": "string", "pattern": "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$"},
    rules={"type": "array", "uniqueItems": True, "items": _RULE},
)  # fmt: skip
_RUN = closed(
    ["tool", "results"], tool=closed(["driver"], driver=_DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]}, results={"type": "array", "items": _RESULT},
)  # fmt: skip
SARIF = Draft7Validator(
    {
        **closed(["version", "runs"], version={"const": "2.1.0"}, runs={"type": "array", "minItems": 1, "items": _RUN}),
        "patternProperties": {r"^\$schema$": {"type": "string"}},
    }
)
RULE = """version: 1
rules:
  - name: 주문-확인
    from: {order_sheets: {status: ACCEPT}}
    if: {payedAt: {older_than: 1h}}
    after: [log: "{{ rows }}건"]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder without settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RUNNER_CONFIG", raising=False)
    return tmp_path


def typed(text: bytes, name: str, *more: str) -> tuple[int, str]:
    """Check what comes in as a file of this name; return the exit code and what was shown."""
    line = [sys.executable, "-m", "runner", "check", "--stdin", name, *more]
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    ran = subprocess.run(line, input=text, capture_output=True, env=env, check=False)
    return ran.returncode, ran.stdout.decode()


def codes(shown: str) -> list[str]:
    """Return the codes of a JSON report."""
    return [one["code"] for one in json.loads(shown)["diagnostics"]]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_sarif_has_its_structure(folder: Path, capsys: Captured, lang: str) -> None:
    """Every result names a rule that is described, with help, and a region inside of its line."""
    path = folder / "규칙 1.yaml"
    path.write_text(RULE + "  - 1\n", "utf-8")
    assert run_line(["check", path.name, "-o", "sarif", "--lang", lang]) == Exit.FAILED
    log = json.loads(capsys.readouterr().out)
    assert [error.message for error in SARIF.iter_errors(log)] == []
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == [one["ruleId"] for one in run["results"]]
    (field,) = [one for one in run["results"] if one["ruleId"] == "E307"]
    region = field["locations"][0]["physicalLocation"]["region"]
    assert region["snippet"]["text"][region["startColumn"] - 1 : region["endColumn"]].startswith("payedAt")


def test_an_editor_checks_what_is_not_saved(folder: Path) -> None:
    """The text counts, not the file; places and excerpts are those of the text."""
    (folder / "a.yaml").write_text("version: 1\nrules: []\n", "utf-8")
    code, shown = typed(RULE.encode(), "a.yaml", "--lang", "en")
    assert code == Exit.FAILED
    assert "a.yaml:5:10: error E307" in shown
    assert "if: {payedAt: {older_than: 1h}}" in shown
    assert "Did you mean 'paidAt'?" in shown


def test_an_editor_is_told_what_other_files_make_wrong(folder: Path) -> None:
    """A name that stands in another file of the settings, too, is told here; what is wrong there is not."""
    (folder / "runner.yaml").write_text(
        "version: 1\naccounts: {main: {vendor_id: A00012345, access_key: {env: A}, secret_key: {env: B}}}\n", "utf-8"
    )
    (folder / "rules").mkdir()
    good = RULE.replace("payedAt", "paidAt")
    (folder / "rules" / "a.yaml").write_text(good.replace("older_than", "older"), "utf-8")
    code, shown = typed(good.encode(), "rules/b.yaml", "--json")
    assert (code, codes(shown)) == (Exit.DONE, [])
    (folder / "rules" / "b.yaml").write_text("", "utf-8")
    code, shown = typed(good.encode(), "rules/b.yaml", "--json")
    assert (code, codes(shown)) == (Exit.FAILED, ["E127"])


def test_an_editor_in_another_encoding_is_told() -> None:
    """What comes in is read as a file would be."""
    code, shown = typed(RULE.encode("cp949"), "a.yaml", "--json")
    assert (code, codes(shown)) == (Exit.FAILED, ["E017"])


@pytest.mark.parametrize("paths", [[], ["a.yaml", "b.yaml"]])
def test_a_typed_text_has_one_name(paths: list[str], capsys: Captured) -> None:
    """Without it nobody could say where a problem stands, or what paths count from."""
    assert run_line(["check", "--stdin", *paths, "--lang", "en"]) == Exit.USAGE
    assert "--stdin needs the name" in capsys.readouterr().err


def test_warnings_count_when_it_is_strict(folder: Path) -> None:
    """Alone they do no harm; with --strict they have an exit code of their own."""
    (folder / "a.yaml").write_text(RULE.replace("payedAt", "paidAt").replace("if:", "look_back: 1m\n    if:"), "utf-8")
    assert (run_line(["check", "a.yaml"]), run_line(["check", "a.yaml", "--strict"])) == (Exit.DONE, Exit.WARNINGS)


@pytest.mark.parametrize(("lang", "wrong"), [("ko", "틀린 예:"), ("en", "Wrong:")])
def test_docs_explain_a_code(capsys: Captured, lang: str, wrong: str) -> None:
    """What it means, what to do, an example and the same mended; small letters do as well."""
    assert run_line(["docs", "w224", "--lang", lang]) == Exit.DONE
    shown = capsys.readouterr().out
    assert shown.startswith("# W224: ")
    assert wrong in shown
    assert shown.count("```yaml") == 2


def test_docs_of_a_code_for_programs(capsys: Captured) -> None:
    """Examples come as a page shows them and as whole files."""
    assert run_line(["docs", "E103", "--json", "--lang", "en"]) == Exit.DONE
    page = json.loads(capsys.readouterr().out)
    assert (page["code"], page["kind"], page["wrong"]) == ("E103", "code", "limit: {per_run: 20}\n")
    assert page["wrong_file"].startswith("version: 1\nrules:\n")


def test_docs_of_an_unknown_code_guess(capsys: Captured) -> None:
    """Those that look alike are named."""
    assert run_line(["docs", "E999", "--lang", "en"]) == Exit.USAGE
    assert "there is no code E999" in capsys.readouterr().err


# --- what a folder holds -----------------------------------------------------------------------------------------

_SETTINGS = (
    "version: 1\nrules: {rules}\nbase_url: http://127.0.0.1:8765\n"
    "accounts: {{main: {{vendor_id: A00012345, access_key: sim-access-key, secret_key: sim-secret-key}}}}\n"
)
_RULE = """version: 1
rules:
  - name: stop
    from: {return_requests: {status: RU}}
    if: {receiptStatus: RELEASE_STOP_UNCHECKED}
    then: [stop_shipment]
"""


def shop(folder: Path, rules: str = '["*.rules.yaml"]', **files: str) -> Path:
    """Write a folder with settings and files, `a__rules` for `a.rules.yaml`."""
    (folder / "runner.yaml").write_text(_SETTINGS.format(rules=rules), "utf-8")
    for name, text in files.items():
        (folder / f"{name.replace('__', '.')}.yaml").write_text(text, "utf-8")
    return folder


def told(capsys: Captured, *args: str) -> list[tuple[str, str]]:
    """Run `check` and return the code and the place of each problem."""
    run_line(["check", "--json", *args])
    found = json.loads(capsys.readouterr().out)["diagnostics"]
    return [(one["code"], f"{one['file']}:{one['line']}:{one['column']}") for one in found]


def test_files_are_named_from_where_one_stands(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code hosts want the path from the root of the repository, and people read the end of a line."""
    shop(tmp_path, a__rules=_RULE.replace("from:", "form:"), b__rules=_RULE + _RULE.partition("rules:\n")[2])
    monkeypatch.chdir(tmp_path)
    assert told(capsys) == [("E103", "a.rules.yaml:4:5"), ("E127", "b.rules.yaml:3:11"), ("E127", "b.rules.yaml:7:11")]
    run_line(["check", "-o", "github"])
    assert "file=a.rules.yaml,line=4" in capsys.readouterr().out


def test_a_rule_file_that_is_gone_is_told(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rules would be left out without a word: by name, and behind a link that leads nowhere."""
    shop(tmp_path, '[a.rules.yaml, b.rules.yaml, "c*.yaml"]', a__rules=_RULE)
    (tmp_path / "c.rules.yaml").symlink_to("nowhere.yaml")
    monkeypatch.chdir(tmp_path)
    gone = ("setting_rules_gone", "runner.yaml:2:23"), ("setting_rules_gone", "runner.yaml:2:37")
    assert told(capsys) == list(gone)


def test_the_tests_beside_the_rules_are_checked_too(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What holds them back from running is told with all else."""
    shop(tmp_path, a__rules=_RULE, a__test="tests:\n  - name: x\n    rule: stop\n    expects: []\n", b__test="")
    monkeypatch.chdir(tmp_path)
    assert told(capsys) == [("E103", "a.test.yaml:4:5"), ("E101", "b.test.yaml:1:1")]


def test_rule_files_with_another_ending_are_named(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`.yml` is what other programs take."""
    shop(tmp_path)
    (tmp_path / "a.rules.yml").write_text(_RULE, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert run_line(["check"]) == Exit.USAGE
    assert "a.rules.yml" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["accessKey", "acces_key", "access-key", "token", "secretkey"])
def test_a_key_under_a_misspelt_name_is_not_shown(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """The line of a problem is shown, but never what may be a key."""
    shop(tmp_path, a__rules=_RULE)
    text = (tmp_path / "runner.yaml").read_text("utf-8").replace("access_key: sim-access-key", f"{key}: abcd-efgh")
    (tmp_path / "runner.yaml").write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    for form in ("text", "json", "sarif", "github"):
        assert run_line(["check", "-o", form]) == Exit.FAILED
        assert "abcd-efgh" not in capsys.readouterr().out


def test_a_long_line_is_shown_around_its_place(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON in one line, or a list that grew: the sign stands below what it points at."""
    shop(tmp_path, a__rules=f"version: 1\nrules: [{', '.join(['{name: a}'] * 90)}, {{nmae: b}}]\n")
    monkeypatch.chdir(tmp_path)
    run_line(["check", "-o", "text"])
    lines = capsys.readouterr().out.splitlines()
    place = next(number for number, line in enumerate(lines) if "E103" in line) + 1
    assert len(lines[place]) < 200
    assert lines[place].index("nmae") == lines[place + 1].index("^")
