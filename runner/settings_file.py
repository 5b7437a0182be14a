"""What may stand in `runner.yaml`, and what is said about what may not.

settings_schema()  ->  the JSON Schema, for editors and for `problems`
problems(document)  ->  everything that is wrong in a file, each at its place
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from runner.address import is_base, is_loopback
from runner.channels import channel_schema, ways_of
from runner.model import Diagnostic, Message, message
from runner.nearest import nearest
from runner.secrets import SIMULATOR_KEYS
from runner.slips import NOTHING, plain_duration, plain_number
from runner.source import Document

Market = Literal["KR", "TW"]
MARKETS: tuple[Market, ...] = get_args(Market)

FILE = "runner.yaml"
COUPANG = "https://api-gateway.coupang.com"
#: keys of settings whose values are kept elsewhere
_SECRETS = {"access_key", "secret_key", "webhook", "password"}
_NOTHING = message("kind.null")
_KINDS: Mapping[type, Message] = {list: message("kind.array"), dict: message("kind.object")}
#: keys of the plan for these settings that this version does not know how to honour
_LATER = ("console", "log", "privacy")
_OF_AN_ACCOUNT = frozenset({"vendor_id", "access_key", "secret_key"})
_YES = frozenset({"true", "yes", "on", "y", "예", "네"})


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
        "patience": {"type": "number", "minimum": 0, "maximum": 600},
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
            "market": {"enum": list(MARKETS)},
        },
    }


def _secret_schema() -> dict[str, Any]:
    """Dispatch on the type, so that an error names one thing."""
    name = {"type": "string", "minLength": 1}
    ways = {"env": name, "file": _INSIDE, "keyring": name}
    indirect = {"type": "object", "additionalProperties": False, "properties": ways, "minProperties": 1}
    indirect |= {"maxProperties": 1}
    return {"if": {"type": "string"}, "then": {"enum": sorted(SIMULATOR_KEYS)}, "else": indirect}


def problems(document: Document) -> Iterator[Diagnostic]:
    """Yield everything that is wrong in a settings file."""
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
        flat = [] if path or "accounts" in error.instance else [key for key in error.instance if key in _OF_AN_ACCOUNT]
        if flat:
            told = message("setting_missing", key="accounts", where=FILE)
            yield _diagnostic(document, (flat[0],), told, message("setting_below_account"), key=True)
            known += flat
        for key in error.instance.keys() - set(known):
            code = "setting_later" if key in _LATER and not path else "setting_unknown"
            told = message(code, key=key, known=known, where=at["key"] or FILE)
            yield _diagnostic(document, (*path, key), told, did_you_mean(key, known), key=True)
    elif error.validator == "required":
        meant = {nearest(key, list(error.schema["properties"])) for key in error.instance}
        meant |= {"accounts"} if not path and _OF_AN_ACCOUNT & set(error.instance) else set()
        for missing in (name for name in error.validator_value if name not in error.instance and name not in meant):
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
    if kind == "object" and len(path := list(error.absolute_path)) == 2 and path[0] == "notify":
        return message("setting_channel", name=path[1])
    if error.validator == "pattern" and error.schema == _DAYS:
        return _days(str(value)) or message("setting_days")
    if list(error.absolute_path)[-1:] == ["vendor_id"]:
        return message("setting_wrong_form.hint")
    if kind == "boolean":
        return message("hint.plain_boolean", value="true" if str(value).casefold() in _YES else "false")
    if kind in ("number", "integer") or allowed == [1]:
        number = plain_number(str(value))
        found = message("hint.plain_number", number=allowed[0] if allowed else number) if number else None
        return found or (None if allowed else message("setting_number"))
    return did_you_mean(str(value), [str(one) for one in allowed])


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
    keeps = _SECRETS & set(map(str, path)) or (path[:1] == ("notify",) and "://" in str(value))
    if keeps or isinstance(value, dict | list):
        return "…"
    return str(value)[:60]


def _beyond_schema(document: Document) -> Iterator[Diagnostic]:
    data = document.data
    zone = data.get("timezone")
    if zone is not None and zone not in available_timezones():
        hint = did_you_mean(zone, sorted(available_timezones()))
        yield _diagnostic(document, ("timezone",), message("timezone_unknown", value=zone), hint)
    if data.get("ledger", "").casefold() in NOTHING:
        yield _diagnostic(document, ("ledger",), message("setting_empty", key="ledger", value=""))
    if "://" in data.get("ledger", ""):
        kind = data["ledger"].partition(":")[0]
        yield _diagnostic(document, ("ledger",), message("ledger_elsewhere_later", value=kind))
    if problem := bad_base_url(str(data.get("base_url", COUPANG))):
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


def did_you_mean(given: str, known: list[str]) -> Message | None:
    """Return the known name that was probably meant, as a hint."""
    near = nearest(given, known)
    return message("setting_did_you_mean", name=near) if near else None


def _days(text: str) -> Message | None:
    close = plain_duration(text)
    return message("setting_did_you_mean", name=close) if close.endswith("d") and close[:-1].isdigit() else None


def bad_base_url(base_url: str) -> str:
    """Return the code of what is wrong with the marketplace's address, or ""."""
    if not is_base(base_url):
        return "base_url_wrong"
    plain = urlsplit(base_url).scheme == "http"
    return "base_url_not_encrypted" if plain and not is_loopback(base_url) else ""
