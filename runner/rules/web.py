"""Addresses and headers in rule files and settings: where they may lead, and where keys are kept."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from runner.address import address_problem, is_safe_for_secrets
from runner.rules.durations import duration
from runner.rules.paths import file_path
from runner.rules.shapes import Header, Web

if TYPE_CHECKING:
    from runner.rules.part import Part

_LONGEST = timedelta(seconds=60)
_WAYS = ("env", "file", "keyring")
#: what is wrong with an address -> its code
PROBLEMS = {"form": "E501", "secret": "E502", "marketplace": "E503"}
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
#: headers that carry a key
_SECRET = re.compile(r"auth|cookie|token|key|secret|password|signature", re.IGNORECASE)
#: headers that are not the seller's to set
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})


def web_of(part: Part) -> Web | None:
    """Return how an HTTP source is asked, noting everything that is wrong with it."""
    address = part.get("http")
    if address is None:
        return None
    if problem := address_problem(address.data):
        address.error(PROBLEMS[problem])
    found = headers(part.get("headers"))
    if any(one.secret for one in found) and not problem and not is_safe_for_secrets(address.data):
        address.error("E504")
    given = part.get("timeout")
    timeout = duration(given) or timedelta(seconds=10)
    if given and timeout > _LONGEST:
        given.error("E505", value=given.data)
    return Web(headers=found, timeout=timeout, total=part.value("total", ""), as_of=part.value("as_of", ""))


def headers(part: Part | None) -> tuple[Header, ...]:
    """Return the headers that hold; keys are named by the place where they are kept."""
    entries = part.entries() if part else ()
    return tuple(found for name, entry in entries if (found := _header(name, entry)) is not None)


def _header(name: str, entry: Part) -> Header | None:
    if not _NAME.fullmatch(name) or name.lower() in _OURS:
        entry.error("E506", at_key=True, name=name)
        return None
    if isinstance(entry.data, str):
        if _SECRET.search(name):
            entry.error("E507", name=name)
        elif not entry.data.isascii() or not entry.data.isprintable():
            entry.error("E506", name=name)
        return Header(name=name, value=entry.data)
    given = [way for way in _WAYS if way in entry]
    if len(given) != 1:
        entry.error("E508", name=name)
        return None
    if given[0] == "file":
        file_path(entry.get("file"))
    return Header(name=name, value=entry.value("prefix", ""), secret=((given[0], entry.value(given[0], "")),))
