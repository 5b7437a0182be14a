"""The settings file `runner.yaml`, the environment, and secrets: the only module that reads any of them.

The file is loaded like rules: YAML with marks, checked against a JSON Schema, every problem reported at once. Secrets
are never values in the file (except the simulator's published keys, for loopback) and are opened only when used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from runner import source
from runner.address import is_loopback
from runner.channels import Channel, channels_of
from runner.errors import InvalidFiles, UsageMistake
from runner.model import Message
from runner.secrets import SIMULATOR_KEYS, Secret, secret
from runner.settings_file import COUPANG, FILE, Market, bad_base_url, did_you_mean, problems
from runner.source import Document

Lang = Literal["ko", "en"]
SEOUL = ZoneInfo("Asia/Seoul")
#: seconds that an effect may take to show before a run goes on without it
PATIENCE = 45.0
#: below the documented 5 a second, which has changed before
RATE = 4.0
_CRASHED = 86


def secret_here(body: Mapping[str, str], owner: str, folder: Path) -> Secret:
    """Make a Secret that is kept in the environment of this process, in a file, or in the keyring."""
    return secret(body, owner, folder, os.environ, simulated=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One vendor with its keys."""

    name: str
    vendor_id: str
    access_key: Secret
    secret_key: Secret
    #: calls a second
    rate: float = RATE
    #: login of the person in whose name inquiries are answered
    wing_login: str = ""
    #: the country whose marketplace it is
    market: Market = "KR"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything that is set outside of rules."""

    #: the file, absolute
    path: Path
    #: what relative paths in it count from
    folder: Path
    #: globs, relative to `folder`
    rules: tuple[str, ...] = ("rules/*.yaml",)
    ledger: Path
    timezone: ZoneInfo = SEOUL
    #: the zone stands in the file, and is not only what holds without it
    names_zone: bool = False
    base_url: str = COUPANG
    accounts: Mapping[str, Account]
    #: where reports go
    channels: Mapping[str, Channel] = field(default_factory=dict)
    #: what all runners of this machine share: the pace of each vendor
    state_dir: Path
    lang: Lang = "ko"
    #: the text all this stands in: what fills in the inputs of rule files is looked up, and told, there
    document: Document | None = field(default=None, compare=False, repr=False)
    #: seconds before "not found" counts, instead of the catalogue's; for simulators only
    settle_after: float | None = None
    #: longest time one line may hold up a run while its effect is read, in seconds; all together ten times that
    patience: float = PATIENCE
    #: makes the Secret of a rule file: its body, whose it is, and the folder its files count from
    opened: Callable[[Mapping[str, str], str, Path], Secret] = field(default=secret_here, compare=False)
    #: whether what the rules read is kept, for backtests
    record: bool = False
    #: how long recordings, and the traces of decisions, are kept
    keep_recordings: timedelta = timedelta(days=30)
    keep_decisions: timedelta = timedelta(days=90)
    #: dies when it is called with the name in RUNNER_CRASH_AT; `intent#3` means the third time
    checkpoint: Callable[[str], None] = field(default=lambda _name: None, compare=False)

    def account(self, name: str = "") -> Account:
        """Return an account by name, or the only one. Raises UsageMistake."""
        if not name and len(self.accounts) == 1:
            return next(iter(self.accounts.values()))
        if name not in self.accounts:
            code = "account_unknown" if name else "account_not_named"
            raise UsageMistake(code, account=name, known=sorted(self.accounts), **_nearest(name, self.accounts))
        return self.accounts[name]


def load(config: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Load `config`, else RUNNER_CONFIG, else ./runner.yaml. Raises UsageMistake and InvalidFiles."""
    env = os.environ if environ is None else environ
    path = _find(config, env)
    document = source.read(path)
    found = list(problems(document))
    if found:
        raise InvalidFiles("invalid_settings", file=str(path), diagnostics=sorted(found, key=lambda one: one.mark))
    data = document.data
    base_url = _base_url(data, env)
    return Settings(
        path=path,
        folder=path.parent,
        rules=tuple(data.get("rules", ["rules/*.yaml"])),
        ledger=path.parent / data.get("ledger", ".runner/ledger.db"),
        timezone=ZoneInfo(data.get("timezone", "Asia/Seoul")),
        names_zone="timezone" in data,
        base_url=base_url,
        accounts={name: _account(name, body, path.parent, base_url, env) for name, body in data["accounts"].items()},
        channels=channels_of(data.get("notify", {}), path.parent, env),
        state_dir=_state_dir(env),
        lang=language(env, data.get("lang")),
        document=document,
        settle_after=_settle_after(data, base_url),
        patience=float(data.get("patience", PATIENCE)),
        opened=lambda body, owner, folder: secret(body, owner, folder, env, simulated=True),
        record=bool(data.get("record", False)),
        **{f"keep_{name}": timedelta(days=int(text[:-1])) for name, text in data.get("retention", {}).items()},
        checkpoint=_checkpoint(env.get("RUNNER_CRASH_AT", "")),
    )


def language(environ: Mapping[str, str] | None = None, wanted: str | None = None) -> Lang:
    """Return the language to speak: RUNNER_LANG, else `wanted`, else the locale's, else Korean. Raises UsageMistake."""
    env = os.environ if environ is None else environ
    chosen = env.get("RUNNER_LANG") or wanted
    if chosen:
        if chosen not in {"ko", "en"}:
            raise UsageMistake("lang_unknown", lang=chosen)
        return "ko" if chosen == "ko" else "en"
    locale = next((env[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if env.get(name)), "ko")
    return "ko" if locale.lower().startswith("ko") else "en"


def _find(config: Path | None, env: Mapping[str, str]) -> Path:
    named = config or (Path(env["RUNNER_CONFIG"]) if env.get("RUNNER_CONFIG") else None)
    path = (named or Path(FILE)).absolute()
    if path.is_dir():
        path /= FILE
    if not path.is_file():
        raise UsageMistake("settings_not_found", file=str(path))
    return path


def _base_url(data: Mapping[str, Any], env: Mapping[str, str]) -> str:
    """Return the marketplace's address. Raises UsageMistake for one that must not be called with these keys."""
    base_url = str(env.get("RUNNER_BASE_URL") or data.get("base_url", COUPANG)).rstrip("/")
    if problem := bad_base_url(base_url):
        raise UsageMistake(problem, base_url=base_url, where="RUNNER_BASE_URL")
    if not is_loopback(base_url):
        for name, body in data["accounts"].items():
            if any(body[key] in SIMULATOR_KEYS for key in ("access_key", "secret_key") if isinstance(body[key], str)):
                raise UsageMistake("simulator_key_elsewhere", account=name, base_url=base_url)
    return base_url


def _account(name: str, body: Mapping[str, Any], folder: Path, base_url: str, env: Mapping[str, str]) -> Account:
    simulated = is_loopback(base_url)
    return Account(
        name=name,
        vendor_id=body["vendor_id"],
        access_key=secret(body["access_key"], f"{name}.access_key", folder, env, simulated=simulated),
        secret_key=secret(body["secret_key"], f"{name}.secret_key", folder, env, simulated=simulated),
        rate=float(body.get("rate", RATE)),
        wing_login=body.get("wing_login", ""),
        market=body.get("market", "KR"),
    )


def _state_dir(env: Mapping[str, str]) -> Path:
    if env.get("RUNNER_STATE_DIR"):
        return Path(env["RUNNER_STATE_DIR"]).absolute()
    from platformdirs import user_state_path  # noqa: PLC0415 - only commands with settings need it

    return user_state_path("coupang-runner", appauthor=False)


def _settle_after(data: Mapping[str, Any], base_url: str) -> float | None:
    """Return the seconds set for a simulator. Raises UsageMistake elsewhere: there the catalogue's waits protect."""
    seconds = data.get("settle_after")
    if seconds is not None and not is_loopback(base_url):
        raise UsageMistake("settle_after_elsewhere", base_url=base_url)
    return None if seconds is None else float(seconds)


def _checkpoint(point: str) -> Callable[[str], None]:
    """Return what tests of sudden death call at every step; it dies at the named one, `name#3` the third time."""
    wanted, _, nth = point.partition("#")
    passed = count(1)

    def _reached(name: str) -> None:
        if name == wanted and next(passed) == int(nth or 1):
            os._exit(_CRASHED)

    return _reached


def _nearest(given: str, known: Mapping[str, Any]) -> dict[str, Message]:
    hint = did_you_mean(given, sorted(known)) if given else None
    return {"hint": hint} if hint else {}
