"""`sources:` of a rule file: data that is not Coupang's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import urlsplit

from runner.catalogue import Field
from runner.expressions import parse_duration
from runner.rules.shapes import FileSource
from runner.schema.suggest import suggestion

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from runner.rules.part import Part

FileKind = Literal["csv", "json", "xlsx", "sql"]
_KINDS: tuple[FileKind, ...] = get_args(FileKind)
#: longer than anything a rule waits for or looks back
LONGEST = timedelta(days=366)
#: keys that only go with one kind
_ONLY_WITH: Mapping[str, FileKind] = {"sheet": "xlsx", "url": "sql"}


def file_sources(root: Part, taken: Collection[str]) -> dict[str, FileSource | None]:
    """Return the file's own sources by name; None for one that does not hold. `taken` are Coupang's names."""
    sources = root.get("sources")
    found: dict[str, FileSource | None] = {}
    for name, part in sources.entries() if sources else ():
        if name in taken:
            part.error("E140", at_key=True, name=name)
        found[name] = _file_source(name, part) if isinstance(part.data, dict) else None
    return found


def _file_source(name: str, part: Part) -> FileSource | None:
    kind = _kind(name, part)
    fields = {one: Field(type=entry.data, optional=True) for one, entry in _entries(part, "fields")}
    _check_key(part, list(part.value("fields") or ()))
    columns = {one: entry.data for one, entry in _entries(part, "columns") if _is_field(entry, one, list(fields))}
    if kind is None:
        return None
    path = _folder(part) if kind == "sql" else file_path(part.get(kind))
    if kind == "sql":
        _check_url(part)
    if path is None or not part.sound:
        return None
    return FileSource(
        name=name,
        kind=kind,
        path=path,
        key=part.value("key"),
        fields=fields,
        columns=columns,
        stale_after=duration(part.get("stale_after")),
        url=part.value("url", ""),
        query=part.value("sql", ""),
        sheet=part.value("sheet", ""),
        mark=part.mark(key=True),
    )


def _kind(name: str, part: Part) -> FileKind | None:
    """Return which of csv, json, xlsx and sql stands there; exactly one must."""
    given = [kind for kind in _KINDS if kind in part]
    if len(given) != 1:
        if part.sound:
            part.error("E141", at_key=True, name=name, given=given)
        return None
    for key, kind in _ONLY_WITH.items():
        if given[0] != kind and (lone := part.get(key)):
            lone.error("E142", at_key=True, name=key, kind=kind)
    return given[0]


def _entries(part: Part, key: str) -> list[tuple[str, Part]]:
    below = part.get(key)
    return list(below.entries()) if below else []


def _check_key(part: Part, fields: list[str]) -> None:
    key = part.get("key")
    if key and fields and key.data not in fields:
        key.error("E143", name=key.data, hint=suggestion(key.data, fields))


def _is_field(entry: Part, name: str, fields: list[str]) -> bool:
    if name not in fields:
        entry.error("E143", at_key=True, name=name, hint=suggestion(name, fields))
    return name in fields


def _folder(part: Part) -> Path:
    return Path(part.sheet.document.file).absolute().parent


def file_path(part: Part | None) -> Path | None:
    """Return the absolute path that a relative one in a rule file means; refuse what leads out of its folder."""
    if part is None:
        return None
    text = part.data
    windows = PureWindowsPath(text)
    if PurePosixPath(text).is_absolute() or windows.is_absolute() or windows.drive or text.startswith("~"):
        part.error("E144", path=text)
        return None
    if ".." in windows.parts:
        part.error("E145", path=text)
        return None
    return _folder(part) / str(text)


def _check_url(part: Part) -> None:
    """Refuse a database without an address, and an address with a password in it."""
    url = part.get("url")
    if url is None:
        if "url" not in part:
            part.error("E146", at_key=True)
        return
    try:
        secret = urlsplit(url.data).password
    except ValueError:
        secret = None
    if secret:
        url.error("E147")
    elif "://" not in url.data:
        url.error("E146")


def duration(part: Part | None) -> timedelta | None:
    """Return what a duration means, and refuse one that is nothing or beyond a year; its spelling is checked before."""
    if part is None:
        return None
    found = parse_duration(part.data)
    if found is None or not timedelta(0) < found <= LONGEST:
        part.error("E155", key=part.path[-1], value=part.data)
    return found
