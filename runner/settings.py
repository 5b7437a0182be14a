"""The settings file `runner.yaml`, the environment, and secrets: the only module that reads any of them.

The file is loaded like rules: YAML with marks, checked against a JSON Schema, every problem reported at once. Secrets
are never values in the file (except the simulator's published keys, for loopback) and are opened only when used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from itertools import count
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from runner import source
from runner.address import is_base, is_loopback
from runner.channels import Channel, channel_schema, channels_of, ways_of
from runner.errors import InvalidFiles, UsageMistake
from runner.model import Diagnostic, Message, message
from runner.secrets import SIMULATOR_KEYS, Secret, secret
from runner.slips import NOTHING, plain_number
from runner.source import Document

Lang = Literal["ko", "en"]

FILE = "runner.yaml"
COUPANG = "https://api-gateway.coupang.com"
SEOUL = ZoneInfo("Asia/Seoul")
#: below the documented 5 a second, which has changed before
RATE = 4.0
_CRASHED = 86
#: keys of settings whose values are kept elsewhere
_SECRETS = {"access_key", "secret_key", "webhook", "password"}
_NOTHING = message("kind.null")
_KINDS: Mapping[type, Message] = {list: message("kind.array"), dict: message("kind.object")}
#: keys of the plan for these settings that this version does not know how to honour
_LATER = ("console", "log", "privacy")


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
    found = list(_problems(document))
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
    if problem := _bad_base_url(base_url):
        raise UsageMistake(problem, base_url=base_url, where="RUNNER_BASE_URL")
    if not is_loopback(base_url):
        for name, body in data["accounts"].items():
            if any(body[key] in SIMULATOR_KEYS for key in ("access_key", "secret_key") if isinstance(body[key], str)):
                raise UsageMistake("simulator_key_elsewhere", account=name, base_url=base_url)
    return base_url


def _bad_base_url(base_url: str) -> str:
    if not is_base(base_url):
        return "base_url_wrong"
    plain = urlsplit(base_url).scheme == "http"
    return "base_url_not_encrypted" if plain and not is_loopback(base_url) else ""


def _account(name: str, body: Mapping[str, Any], folder: Path, base_url: str, env: Mapping[str, str]) -> Account:
    simulated = is_loopback(base_url)
    return Account(
        name=name,
        vendor_id=body["vendor_id"],
        access_key=secret(body["access_key"], f"{name}.access_key", folder, env, simulated=simulated),
        secret_key=secret(body["secret_key"], f"{name}.secret_key", folder, env, simulated=simulated),
        rate=float(body.get("rate", RATE)),
        wing_login=body.get("wing_login", ""),
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


# --- what may stand in the file -----------------------------------------------------------------------------------


_INSIDE = {"type": "string", "minLength": 1, "not": {"pattern": r"(^|[/\\])\.\.([/\\]|$)"}}
"""A path without `..`: it leads nowhere the reader of the file would not expect."""


_DAYS = {"type": "string", "pattern": "^[1-9][0-9]{0,2}d$"}


def settings_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft-07) of `runner.yaml`, for editors and for `load`."""
    properties: dict[str, Any] = {
        "version": {"const": 1},
        "rules": {"type": "array", "items": _INSIDE, "minItems": 1},
        "ledger": _INSIDE,
        "timezone": {"type": "string"},
        "base_url": {"type": "string"},
        "lang": {"enum": ["ko", "en"]},
        "settle_after": {"type": "number", "minimum": 0, "maximum": 3600},
        "record": {"type": "boolean"},
        "retention": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "properties": {"recordings": _DAYS, "decisions": _DAYS},
        },
        "inputs": {"type": "object", "additionalProperties": {"type": "object"}},
        "accounts": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": r"^[A-Za-z0-9가-힣_-]+$"},
            "additionalProperties": _account_schema(),
        },
        "notify": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": r"^[A-Za-z0-9가-힣_-]+$"},
            "additionalProperties": channel_schema(_secret_schema(), _INSIDE),
        },
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "runner settings",
        "type": "object",
        "required": ["version", "accounts"],
        "additionalProperties": False,
        "properties": properties,
    }


def _account_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["vendor_id", "access_key", "secret_key"],
        "additionalProperties": False,
        "properties": {
            "vendor_id": {"type": "string", "pattern": r"^[A-Za-z][0-9]{4,14}$"},
            "access_key": _secret_schema(),
            "secret_key": _secret_schema(),
            "rate": {"type": "number", "minimum": 0.5, "maximum": 50},
            "wing_login": {"type": "string", "minLength": 1},
        },
    }


def _secret_schema() -> dict[str, Any]:
    """Dispatch on the type, so that an error names one thing."""
    name = {"type": "string", "minLength": 1}
    ways = {"env": name, "file": _INSIDE, "keyring": name}
    indirect = {"type": "object", "additionalProperties": False, "properties": ways, "minProperties": 1}
    indirect |= {"maxProperties": 1}
    return {"if": {"type": "string"}, "then": {"enum": sorted(SIMULATOR_KEYS)}, "else": indirect}


def _problems(document: Document) -> Iterator[Diagnostic]:
    from jsonschema import Draft7Validator  # noqa: PLC0415 - slow to import

    if not isinstance(document.data, dict):
        got = _KINDS.get(type(document.data), message("kind.string"))
        yield _diagnostic(document, (), message("setting_not_a_mapping", got=got if document.data else _NOTHING))
        return
    found = [one for error in Draft7Validator(settings_schema()).iter_errors(document.data) for one in _leaves(error)]
    told: list[Diagnostic] = []
    for error in found:  # the validator speaks of each missing key by itself, `_told` of all
        told += [one for one in _told(document, error) if one not in told]
    yield from told
    if not found:
        yield from _beyond_schema(document)
        yield from _confused_accounts(document)
        yield from _confused_channels(document)


def _leaves(error: Any) -> Iterator[Any]:
    """Yield what lies under an if/then/else, which itself says nothing."""
    if error.validator == "if":
        for one in error.context:
            yield from _leaves(one)
    else:
        yield error


def _told(document: Document, error: Any) -> Iterator[Diagnostic]:
    """Turn one error of the schema into diagnostics a seller can act on."""
    path = tuple(error.absolute_path)
    at = {"key": ".".join(map(str, path)), "value": _shown(path, error.instance)}
    if error.validator == "additionalProperties":
        known = sorted(error.schema["properties"])
        for key in error.instance.keys() - set(known):
            code = "setting_later" if key in _LATER and not path else "setting_unknown"
            told = message(code, key=key, known=known, where=at["key"] or FILE)
            yield _diagnostic(document, (*path, key), told, _did_you_mean(key, known), key=True)
    elif error.validator == "required":
        for missing in (name for name in error.validator_value if name not in error.instance):
            yield _diagnostic(document, path, message("setting_missing", key=missing, where=at["key"] or FILE))
    elif error.instance is None:
        yield _diagnostic(document, path, message("setting_empty", **at), key=True)
    elif error.validator in {"enum", "const", "pattern"} and path and path[-1] in _SECRETS:
        code = "secret_in_file" if path[0] == "accounts" else "channel_key_in_file"
        yield _diagnostic(document, path, message(code, key=at["key"]))
    elif error.validator in {"enum", "const"}:
        allowed = error.validator_value if error.validator == "enum" else [error.validator_value]
        told = message("setting_not_allowed", allowed=allowed, **at)
        yield _diagnostic(document, path, told, _better(error, allowed))
    else:
        code = _BROKEN.get(error.validator, "setting_wrong")
        got = _KINDS.get(type(error.instance)) or f"'{at['value']}'"
        told = message(code, **{**at, "got": got}, wanted=_wanted(error))
        yield _diagnostic(document, path, told, _better(error, []))


def _better(error: Any, allowed: list[Any]) -> Message | None:
    """Return how a value is written right, where that is plain."""
    value, kind = error.instance, error.validator_value if error.validator == "type" else ""
    if kind == "array" and isinstance(value, str):
        return message("setting_did_you_mean", name=f"[{value}]")
    if kind == "number" or allowed == [1]:
        number = plain_number(str(value))
        return message("hint.plain_number", number=allowed[0] if allowed else number) if number else None
    return _did_you_mean(str(value), [str(one) for one in allowed])


_BROKEN = {
    "type": "setting_wrong_type",
    "not": "setting_path_upwards",
    "pattern": "setting_wrong_form",
    "minimum": "setting_too_small",
    "maximum": "setting_too_large",
    "minLength": "setting_empty",
    "minItems": "setting_empty",
    "minProperties": "setting_empty",
    "maxProperties": "setting_one_way",
}


def _wanted(error: Any) -> str | Message:
    if error.validator == "type":
        return message(f"kind.{error.validator_value}")
    return str(error.validator_value) if isinstance(error.validator_value, str | int | float) else ""


def _shown(path: tuple[str | int, ...], value: Any) -> str:
    """Show a value, but never what may be a key that somebody wrote into the file."""
    if _SECRETS & set(map(str, path)) or isinstance(value, dict | list):
        return "…"
    return str(value)[:60]


def _beyond_schema(document: Document) -> Iterator[Diagnostic]:
    data = document.data
    zone = data.get("timezone")
    if zone is not None and zone not in available_timezones():
        hint = _did_you_mean(zone, sorted(available_timezones()))
        yield _diagnostic(document, ("timezone",), message("timezone_unknown", value=zone), hint)
    if data.get("ledger", "").casefold() in NOTHING:
        yield _diagnostic(document, ("ledger",), message("setting_empty", key="ledger", value=""))
    if "://" in data.get("ledger", ""):
        kind = data["ledger"].partition(":")[0]
        yield _diagnostic(document, ("ledger",), message("ledger_elsewhere_later", value=kind))
    if problem := _bad_base_url(str(data.get("base_url", COUPANG))):
        told = message(problem, base_url=data["base_url"], where="base_url")
        yield _diagnostic(document, ("base_url",), told)


def _confused_accounts(document: Document) -> Iterator[Diagnostic]:
    """Refuse accounts that cannot be told apart: what is done is remembered by account, so all would be done twice."""
    names: dict[str, str] = {}
    vendors: dict[str, str] = {}
    for name, body in document.data["accounts"].items():
        path = ("accounts", name)
        if name == "all":
            yield _diagnostic(document, path, message("account_named_all"), key=True)
        first = names.setdefault(name.casefold(), name)
        if first != name:
            yield _diagnostic(document, path, message("account_name_twice", name=name, first=first), key=True)
        first = vendors.setdefault(body["vendor_id"].upper(), name)
        if first != name:
            told = message("account_vendor_twice", name=name, first=first, vendor=body["vendor_id"])
            yield _diagnostic(document, (*path, "vendor_id"), told)


def _confused_channels(document: Document) -> Iterator[Diagnostic]:
    """Refuse a channel that leads to several places or nowhere; an unknown way is refused by the schema."""
    for name, body in (document.data.get("notify") or {}).items():
        if len(list(ways_of(body))) != 1 or ("as" in body and "webhook" not in body):
            yield _diagnostic(document, ("notify", name), message("channel_one_way", name=name), key=True)


def _diagnostic(
    document: Document, path: tuple[str | int, ...], told: Message, hint: Message | None = None, *, key: bool = False
) -> Diagnostic:
    """Say what is wrong and, where a code has no better hint, what always mends it."""
    hint = hint or Message(code=f"{told.code}.hint", facts=told.facts)
    return Diagnostic(severity="error", mark=document.mark(path, key=key), message=told, hint=hint)


def _did_you_mean(given: str, known: list[str]) -> Message | None:
    near = get_close_matches(given, known, 1)
    return message("setting_did_you_mean", name=near[0]) if near else None


def _nearest(given: str, known: Mapping[str, Any]) -> dict[str, Message]:
    hint = _did_you_mean(given, sorted(known)) if given else None
    return {"hint": hint} if hint else {}
