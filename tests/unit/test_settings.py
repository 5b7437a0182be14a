from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft7Validator

from runner import settings
from runner.address import is_base, is_loopback
from runner.errors import InvalidFiles, RunnerError, UsageMistake
from runner.model import Diagnostic
from runner.secrets import Secret
from runner.settings import Settings, language
from runner.settings_file import settings_schema
from runner.wording import LANGS, say

USUAL = """\
version: 1
accounts:
  main: {vendor_id: A00012345, access_key: {env: MAIN_KEY}, secret_key: {file: secret.key}}
"""
SIMULATED = """\
version: 1
base_url: http://127.0.0.1:8765
accounts:
  main: {vendor_id: A00012345, access_key: sim-access-key, secret_key: sim-secret-key}
"""


def write(folder: Path, text: str) -> Path:
    """Write a settings file."""
    path = folder / "runner.yaml"
    path.write_text(text, "utf-8")
    return path


def loaded(folder: Path, text: str, **environ: str) -> Settings:
    """Load settings of this text."""
    return settings.load(write(folder, text), {"RUNNER_STATE_DIR": str(folder / "state"), **environ})


def found(folder: Path, text: str) -> list[Diagnostic]:
    """Return what is wrong with this text."""
    with pytest.raises(InvalidFiles) as error:
        loaded(folder, text)
    diagnostics: list[Diagnostic] = error.value.facts["diagnostics"]
    for one in diagnostics:  # what next, in both languages
        assert one.hint is not None
        assert all(say(told, lang) for told in (one.message, one.hint) for lang in LANGS)
    return diagnostics


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    """Two lines are enough for a shop."""
    made = loaded(tmp_path, USUAL)
    assert made.base_url == "https://api-gateway.coupang.com"
    assert made.ledger == tmp_path / ".runner" / "ledger.db"
    assert made.rules == ("rules/*.yaml",)
    assert made.timezone == ZoneInfo("Asia/Seoul")
    assert (made.settle_after, made.patience) == (None, 45)
    assert loaded(tmp_path, USUAL + "patience: 5\n").patience == 5
    assert made.account().rate == 4
    assert made.state_dir == tmp_path / "state"


def test_paths_count_from_the_file_they_stand_in(tmp_path: Path) -> None:
    """Wherever runner was started."""
    (tmp_path / "shop").mkdir()
    made = loaded(tmp_path / "shop", USUAL + "ledger: data/l.db\nrules: [r/*.yaml]\n")
    assert made.folder == tmp_path / "shop"
    assert made.ledger == tmp_path / "shop" / "data" / "l.db"
    assert made.rules == ("r/*.yaml",)


def test_the_environment_names_file_marketplace_language_and_state(tmp_path: Path) -> None:
    """RUNNER_BASE_URL beats the file, for every account."""
    environ = {
        "RUNNER_CONFIG": str(write(tmp_path, USUAL)),
        "RUNNER_BASE_URL": "http://localhost:9000/",
        "RUNNER_LANG": "en",
        "RUNNER_STATE_DIR": str(tmp_path / "elsewhere"),
    }
    made = settings.load(None, environ)
    assert (made.base_url, made.lang, made.state_dir) == ("http://localhost:9000", "en", tmp_path / "elsewhere")


def test_a_file_named_on_the_command_line_beats_the_environment(tmp_path: Path) -> None:
    """--config is what the person just typed."""
    environ = {"RUNNER_CONFIG": "/nowhere.yaml", "RUNNER_STATE_DIR": str(tmp_path)}
    made = settings.load(write(tmp_path, SIMULATED), environ)
    assert made.path == tmp_path / "runner.yaml"


def test_settings_that_are_not_there_are_a_usage_mistake(tmp_path: Path) -> None:
    """No walking upwards: a stranger's keys are not picked up."""
    with pytest.raises(UsageMistake, match="settings_not_found"):
        settings.load(tmp_path / "runner.yaml", {})


# --- mistakes in the file --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        (USUAL + "ledgr: x\n", "setting_unknown", 4, 1),
        (USUAL + "console: {}\n", "setting_later", 4, 1),
        (USUAL + "notify: {}\n", "setting_empty", 4, 9),
        (USUAL + "notify: {ops: {webhook: {env: A}, file: a.jsonl}}\n", "channel_one_way", 4, 10),
        (USUAL + "notify: {ops: {file: a.jsonl, as: slack}}\n", "channel_one_way", 4, 10),
        (USUAL + 'notify: {ops: {webhook: "https://hooks.example.com/x"}}\n', "channel_key_in_file", 4, 25),
        (USUAL + "notify: {ops: {file: ../a.jsonl}}\n", "setting_path_upwards", 4, 22),
        (USUAL + "notify: {ops: {slack: {env: A}}}\n", "setting_unknown", 4, 16),
        (USUAL + "timezone: Asia/Seul\n", "timezone_unknown", 4, 11),
        (USUAL + "timezone: 9\n", "setting_wrong_type", 4, 11),
        (USUAL + "lang: kr\n", "setting_not_allowed", 4, 7),
        (USUAL + "ledger: ../ledger.db\n", "setting_path_upwards", 4, 9),
        (USUAL + "ledger: postgresql://db/x\n", "ledger_elsewhere_later", 4, 9),
        (USUAL + "base_url: https://api-gateway.coupang.com/v2\n", "base_url_wrong", 4, 11),
        (USUAL + "base_url: http://api-gateway.coupang.com\n", "base_url_not_encrypted", 4, 11),
        (USUAL + "base_url: https://user:pw@host\n", "base_url_wrong", 4, 11),
        (USUAL + "rules: []\n", "setting_empty", 4, 8),
        (USUAL.replace("version: 1", "version: 2"), "setting_not_allowed", 1, 10),
        ("accounts: {}\nversion: 1\n", "setting_empty", 1, 11),
        ("version: 1\n", "setting_missing", 1, 1),
        ("- a\n", "setting_not_a_mapping", 1, 1),
        ("", "setting_not_a_mapping", 1, 1),
        ("hello\n", "setting_not_a_mapping", 1, 1),
        (USUAL.replace("version: 1", "version: '1'"), "setting_not_allowed", 1, 10),
        (USUAL + "rules:\n", "setting_empty", 4, 1),
        (USUAL + "rules: rules/*.yaml\n", "setting_wrong_type", 4, 8),
        (USUAL + "ledger: None\n", "setting_empty", 4, 9),
        (USUAL.replace("}}", '}, rate: "4"}'), "setting_wrong_type", 3, 99),
        (USUAL + USUAL.splitlines()[2] + "\n", "E010", 4, 3),
        (
            USUAL + USUAL.splitlines()[2].replace("main", "Main").replace("A00012345", "A1234") + "\n",
            "account_name_twice",
            4,
            3,
        ),
        (USUAL + USUAL.splitlines()[2].replace("main", "sub") + "\n", "account_vendor_twice", 4, 20),
        (USUAL.replace("main:", "all:"), "account_named_all", 3, 3),
        (USUAL + "lang:ko\n", "E023", 4, 5),
        (USUAL.replace("A00012345", "'12'"), "setting_wrong_form", 3, 21),
        (USUAL.replace("{env: MAIN_KEY}", "abc-def"), "secret_in_file", 3, 44),
        (USUAL.replace("{env: MAIN_KEY}", "{env: A, file: b}"), "setting_one_way", 3, 44),
        (USUAL.replace("secret.key", "../secret.key"), "setting_path_upwards", 3, 80),
        (USUAL.replace("{env: MAIN_KEY}", "{evn: A}"), "setting_unknown", 3, 45),
        (USUAL.replace("}}", "}, rate: 0}"), "setting_too_small", 3, 99),
        (USUAL.replace("accounts:", "acounts:"), "setting_unknown", 2, 1),
        (USUAL.replace("accounts:", "계정:"), "setting_unknown", 2, 1),
        (USUAL.replace("access_key", "accessKey"), "setting_unknown", 3, 32),
        ("version: 1\nvendor_id: A00012345\naccess_key: {env: A}\n", "setting_missing", 2, 1),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, code: str, line: int, column: int) -> None:
    """File, line and column of the key or value, and nothing else is reported."""
    (problem,) = found(tmp_path, text)
    assert (problem.message.code, problem.mark.line, problem.mark.column) == (code, line, column)
    assert problem.mark.file.endswith("runner.yaml")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (USUAL + "ledgr: x\n", "ledger"),
        (USUAL.replace("vendor_id", "vendorid"), "vendor_id"),
        (USUAL.replace("{env: MAIN_KEY}", "{evn: A}"), "env"),
        (USUAL + "timezone: Asia/Seul\n", "Asia/Seoul"),
        (USUAL + "timezone: KST\n", "Asia/Seoul"),
        (USUAL + "lang: kr\n", "ko"),
        (USUAL + "retention: {recordings: 90일}\n", "90d"),
        (USUAL + "retention: {decisions: 3 months}\n", "90d"),
        (USUAL + "notify: {ops: {email: {host: h, from: a@b, to: [c@d], tls: ssl}}}\n", "tls"),
    ],
)
def test_a_typo_gets_a_suggestion(tmp_path: Path, text: str, name: str) -> None:
    """The nearest name is told."""
    hints = [one.hint for one in found(tmp_path, text) if one.hint and one.hint.code == "setting_did_you_mean"]
    assert [hint.facts["name"] for hint in hints] == [name]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (USUAL.replace("A00012345", "12345"), "setting_wrong_form.hint"),
        (USUAL.replace("}}", "}, rate: 초당 5}"), "setting_number"),
        (USUAL + "record: yes\n", "hint.plain_boolean"),
        (USUAL + "retention: {recordings: 오래}\n", "setting_days"),
        (USUAL + "notify: {ops: slack}\n", "setting_channel"),
    ],
)
def test_a_wrong_value_gets_the_hint_of_its_key(tmp_path: Path, text: str, hint: str) -> None:
    """What is said goes with what stands there, not with some other key."""
    (problem,) = found(tmp_path, text)
    assert problem.hint is not None
    assert problem.hint.code == hint


def test_an_address_that_is_a_key_is_not_repeated(tmp_path: Path) -> None:
    """Whoever has the address of a webhook can write there."""
    problems = found(tmp_path, USUAL + "notify: {ops: https://hooks.example.com/services/T0/B0/xyz}\n")
    assert "xyz" not in str(problems)


def test_each_missing_key_is_told_once(tmp_path: Path) -> None:
    """The validator speaks of each by itself and names none of them as data."""
    told = found(tmp_path, "version: 1\naccounts:\n  main: {vendor_id: A00012345}\n")
    assert [one.message.facts["key"] for one in told] == ["access_key", "secret_key"]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Nobody fixes one to find the next."""
    text = "version: 3\nledgr: x\n" + USUAL.partition("\n")[2].replace("}}", "}, rat: 3}")
    assert [(one.message.code, one.mark.line) for one in found(tmp_path, text)] == [
        ("setting_not_allowed", 1),
        ("setting_unknown", 2),
        ("setting_unknown", 4),
    ]


def test_a_key_written_into_the_file_is_not_repeated(tmp_path: Path) -> None:
    """The message of the mistake must not spread it."""
    for text in ("abcd-efgh", "1234567", "[abcd-efgh]"):
        problems = found(tmp_path, USUAL.replace("{env: MAIN_KEY}", text))
        assert "efgh" not in str(problems)
        assert "1234567" not in str(problems)


def test_the_schema_is_draft_7_and_never_says_any_of() -> None:
    """Editors understand it, and an error names one thing."""
    schema = settings_schema()
    Draft7Validator.check_schema(schema)
    text = json.dumps(schema)
    assert "anyOf" not in text
    assert "oneOf" not in text


# --- accounts ---------------------------------------------------------------------------------------------------


def test_an_account_is_named_unless_it_is_the_only_one(tmp_path: Path) -> None:
    """With several, the wrong one is never picked."""
    second = (
        USUAL + "  other: {vendor_id: A00099999, access_key: {env: A}, secret_key: {env: B}, rate: 2, wing_login: me}\n"
    )
    made = loaded(tmp_path, second)
    assert (made.account("other").rate, made.account("other").wing_login) == (2, "me")
    with pytest.raises(UsageMistake, match="account_not_named"):
        made.account()
    with pytest.raises(UsageMistake) as unknown:
        made.account("othr")
    assert unknown.value.facts["hint"].facts == {"name": "other"}


# --- secrets ----------------------------------------------------------------------------------------------------


def key_file(folder: Path, text: str, mode: int = 0o600) -> None:
    """Write the file with the secret key."""
    path = folder / "secret.key"
    path.write_text(text, "utf-8")
    path.chmod(mode)


def test_keys_come_from_environment_and_file(tmp_path: Path) -> None:
    """A line end after the key does not belong to it."""
    key_file(tmp_path, "the-secret\n")
    account = loaded(tmp_path, USUAL, MAIN_KEY=" the-access ").account()
    assert (account.access_key.reveal(), account.secret_key.reveal()) == ("the-access", "the-secret")


def test_missing_keys_are_told_only_when_they_are_used(tmp_path: Path) -> None:
    """`check` works on a machine without keys."""
    account = loaded(tmp_path, USUAL).account()
    with pytest.raises(UsageMistake, match="secret_not_in_environment"):
        account.access_key.reveal()
    with pytest.raises(UsageMistake, match="secret_file_unreadable"):
        account.secret_key.reveal()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights elsewhere")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """0600 or refused; the hint is the command that repairs it."""
    key_file(tmp_path, "the-secret", mode)
    with pytest.raises(UsageMistake) as error:
        loaded(tmp_path, USUAL).account().secret_key.reveal()
    assert (error.value.code, error.value.facts["mode"]) == ("secret_file_open", f"{mode:04o}")


@pytest.mark.parametrize("text", ["", "\n", "one\ntwo\n"])
def test_a_key_file_holds_one_key(tmp_path: Path, text: str) -> None:
    """A file with both keys, or none, is not guessed at."""
    key_file(tmp_path, text)
    with pytest.raises(UsageMistake, match="secret_file_wrong"):
        loaded(tmp_path, USUAL).account().secret_key.reveal()


def test_a_secret_shows_itself_nowhere(tmp_path: Path) -> None:
    """repr, str, format and copies of settings tell where it is kept, never what it is."""
    key_file(tmp_path, "the-secret")
    made = loaded(tmp_path, USUAL, MAIN_KEY="the-access")
    shown = f"{made!r} {made} {made.account()!r} {made.account().access_key} {copy.copy(made)!r}"
    assert "the-secret" not in shown
    assert "the-access" not in shown
    assert "env:MAIN_KEY" in shown
    with pytest.raises(TypeError):
        json.dumps(made.account().access_key)


# --- the simulator's keys ------------------------------------------------------------------------------------------


def test_the_simulators_keys_stand_in_the_file_for_loopback(tmp_path: Path) -> None:
    """They are published and open nothing."""
    account = loaded(tmp_path, SIMULATED).account()
    assert (account.access_key.reveal(), account.secret_key.reveal()) == ("sim-access-key", "sim-secret-key")


@pytest.mark.parametrize("base_url", ["https://api-gateway.coupang.com", "https://192.168.0.9:8765"])
def test_the_simulators_keys_go_nowhere_else(tmp_path: Path, base_url: str) -> None:
    """Not even when the environment moves the marketplace."""
    with pytest.raises(UsageMistake, match="simulator_key_elsewhere"):
        loaded(tmp_path, SIMULATED, RUNNER_BASE_URL=base_url)
    sneaked = loaded(tmp_path, USUAL, MAIN_KEY="sim-access-key").account()
    with pytest.raises(UsageMistake, match="simulator_key_elsewhere"):
        sneaked.access_key.reveal()


@pytest.mark.parametrize(
    "base_url", ["http://api-gateway.coupang.com", "http://10.0.0.1:80", "ftp://127.0.0.1", "nonsense"]
)
def test_an_address_that_must_not_be_called_is_refused(tmp_path: Path, base_url: str) -> None:
    """Keys do not travel unencrypted."""
    with pytest.raises(UsageMistake):
        loaded(tmp_path, USUAL, RUNNER_BASE_URL=base_url)


def test_settle_after_is_for_simulators(tmp_path: Path) -> None:
    """At Coupang the waits of the catalogue protect from doubling an effect."""
    assert loaded(tmp_path, SIMULATED + "settle_after: 1\n").settle_after == 1
    with pytest.raises(UsageMistake, match="settle_after_elsewhere"):
        loaded(tmp_path, USUAL + "settle_after: 1\n")


@pytest.mark.parametrize(
    ("address", "loopback", "base"),
    [
        ("http://127.0.0.1:8765", True, True), ("http://localhost", True, True), ("http://[::1]:80", True, True),
        ("http://127.0.0.1.evil.example", False, True), ("https://api-gateway.coupang.com", False, True),
        ("https://127.0.0.1@evil.example", False, False), ("https://host/?q", False, False),
        ("https://host:99999", False, False),
        ("https://host/#x", False, False), ("https://", False, False), ("", False, False),
        ("http://127.0.0.1:x", True, False),
    ],
)  # fmt: skip
def test_addresses(address: str, *, loopback: bool, base: bool) -> None:
    """Loopback is decided by the host alone; scheme, host and port are all an address may have."""
    assert is_base(address) == base
    if base:
        assert is_loopback(address) == loopback


# --- language, sudden death ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "wanted", "spoken"),
    [
        ({}, None, "ko"), ({"LANG": "ko_KR.UTF-8"}, None, "ko"), ({"LANG": "C.UTF-8"}, None, "en"),
        ({"LANG": "en_US", "LC_ALL": "ko_KR"}, None, "ko"), ({"LANG": "en_US"}, "ko", "ko"),
        ({"RUNNER_LANG": "en", "LANG": "ko_KR"}, "ko", "en"), ({"RUNNER_LANG": ""}, None, "ko"),
    ],
)  # fmt: skip
def test_the_language(environ: dict[str, str], wanted: str | None, spoken: str) -> None:
    """RUNNER_LANG, else what was asked for, else the locale, else Korean."""
    assert language(environ, wanted) == spoken


def test_a_language_nobody_speaks_is_a_usage_mistake() -> None:
    """Not silently Korean."""
    with pytest.raises(UsageMistake, match="lang_unknown"):
        language({"RUNNER_LANG": "fr"})


def test_a_checkpoint_dies_at_its_name_only(tmp_path: Path) -> None:
    """Without RUNNER_CRASH_AT it does nothing; with it, the process ends without cleaning up."""
    loaded(tmp_path, USUAL).checkpoint("sent")
    code = (
        "import sys; from pathlib import Path; from runner import settings;"
        f"made = settings.load(Path({str(write(tmp_path, USUAL))!r}));"
        "made.checkpoint('intent'); print('alive', flush=True); made.checkpoint('sent'); print('never')"
    )
    environ = {**os.environ, "RUNNER_CRASH_AT": "sent", "RUNNER_STATE_DIR": str(tmp_path)}
    died = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert (died.returncode, died.stdout) == (86, "alive\n")


def test_every_error_of_the_settings_is_one_of_ours(tmp_path: Path) -> None:
    """Whatever stands in the file, it is never a traceback."""
    odd: list[Any] = [
        "",
        "5",
        "null",
        "{",
        "a: [",
        "version: 1\naccounts: [1]",
        "version: 1\naccounts: {main: 5}",
        "\x00",
    ]
    for text in odd:
        with pytest.raises(RunnerError):
            loaded(tmp_path, text)


def test_a_secret_is_not_equal_to_another() -> None:
    """Comparing must not open them."""
    assert Secret("env:A", lambda: "x") != Secret("env:A", lambda: "x")
