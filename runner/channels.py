"""Channels of the settings: where reports and lines of rules go. Their addresses are keys, opened only when used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from runner.secrets import Secret, secret

Style = Literal["json", "slack", "discord"]
Tls = Literal["starttls", "tls", "none"]

#: what one channel may be
WAYS = ("webhook", "file", "email")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """An e-mail account that may send."""

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    tls: Tls = "starttls"
    user: str = ""
    password: Secret | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """One named place. Exactly one of `webhook`, `file`, `mail` is set."""

    name: str
    webhook: Secret | None = None
    style: Style = "json"
    #: one JSON object a line
    file: Path | None = None
    mail: Mail | None = None


def channels_of(raw: Mapping[str, Any], folder: Path, env: Mapping[str, str]) -> dict[str, Channel]:
    """Make the channels of the settings."""

    def _kept(what: Any, owner: str) -> Secret | None:
        """Make a Secret, also of an address on this machine, which is none."""
        if isinstance(what, str):
            return Secret("settings", lambda: what)
        return None if what is None else secret(what, owner, folder, env, simulated=True)

    return {
        name: Channel(
            name=name,
            webhook=_kept(body.get("webhook"), f"notify.{name}.webhook"),
            style=body.get("as", "json"),
            file=folder / body["file"] if "file" in body else None,
            mail=_mail(body["email"], _kept(body["email"].get("password"), f"notify.{name}.email.password"))
            if "email" in body
            else None,
        )
        for name, body in raw.items()
    }


def _mail(body: Mapping[str, Any], password: Secret | None) -> Mail:
    """Make the account of one channel; the port follows from how it is encrypted."""
    tls = body.get("tls", "starttls")
    ports = {"starttls": 587, "tls": 465, "none": 25}
    return Mail(
        host=body["host"], port=body.get("port", ports[tls]), sender=body["from"], to=tuple(body["to"]), tls=tls,
        user=body.get("user", ""), password=password,
    )  # fmt: skip


#: an address on this machine is worth nothing elsewhere, so it may stand in the file
_HERE = r"^http://(127\.0\.0\.1|localhost)(:[0-9]+)?(/|$)"


def channel_schema(kept: Mapping[str, Any], inside: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of one channel; `kept` is that of a secret, `inside` that of a path."""
    text = {"type": "string", "minLength": 1}
    mail = {
        "type": "object",
        "required": ["host", "from", "to"],
        "additionalProperties": False,
        "properties": {
            "host": text,
            "port": {"type": "integer", "minimum": 1, "maximum": 65535},
            "tls": {"enum": ["starttls", "tls", "none"]},
            "user": text,
            "password": kept,
            "from": text,
            "to": {"type": "array", "minItems": 1, "items": text},
        },
    }
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {
            "webhook": {
                **kept,
                "then": {"pattern": _HERE},
            },
            "as": {"enum": ["json", "slack", "discord"]},
            "file": {**inside},
            "email": mail,
        },
    }


def ways_of(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield which ways a channel names; exactly one is right."""
    yield from (way for way in WAYS if way in body)
