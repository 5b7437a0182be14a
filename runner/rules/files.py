"""`sources:` of a rule file: data that is not Coupang's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import urlsplit

from runner.catalogue import Field
from runner.rules.durations import duration
from runner.rules.paths import file_path, folder_of
from runner.rules.shapes import FileSource
from runner.rules.web import web_of
from runner.schema.suggest import suggestion

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from runner.rules.part import Part

FileKind = Literal["csv", "json", "xlsx", "sql", "http"]
_KINDS: tuple[FileKind, ...] = get_args(FileKind)
#: keys that only go with some kinds
_ONLY_WITH: Mapping[str, tuple[FileKind, ...]] = {
    "sheet": ("xlsx",), "encoding": ("csv",), "url": ("sql",), "rows": ("json", "http"),
    **dict.fromkeys(("headers", "timeout", "total", "as_of"), ("http",)),
}  # fmt: skip


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
    columns = _by_field(part, "columns", list(fields))
    _check_apart(part, list(fields), columns)
    digits = _by_field(part, "digits", list(fields))
    if kind is None:
        return None
    path = folder_of(part) if kind in ("sql", "http") else file_path(part.get(kind))
    if kind == "sql":
        _check_url(part)
    web = web_of(part) if kind == "http" else None
    if path is None or not part.sound:
        return None
    return FileSource(
        name=name,
        kind=kind,
        path=path,
        key=part.value("key"),
        fields=fields,
        columns=columns,
        digits=digits,
        stale_after=duration(part.get("stale_after")),
        url=part.value("http" if kind == "http" else "url", ""),
        query=part.value("sql", ""),
        sheet=part.value("sheet", ""),
        encoding=part.value("encoding", ""),
        rows=part.value("rows", ""),
        web=web,
        mark=(part.get(kind) or part).mark(),
    )


def _kind(name: str, part: Part) -> FileKind | None:
    """Return which of csv, json, xlsx, sql and http stands there; exactly one must."""
    given = [kind for kind in _KINDS if kind in part]
    if len(given) != 1:
        if part.sound:
            part.error("E141", at_key=True, name=name, given=given)
        return None
    for key, kinds in _ONLY_WITH.items():
        if given[0] not in kinds and (lone := part.get(key)):
            lone.error("E142", at_key=True, name=key, kind=", ".join(kinds))
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


def _by_field(part: Part, key: str, fields: list[str]) -> dict[str, tuple[Any, ...]]:
    """Return what a mapping says of each field, a single value as a tuple of one."""
    return {
        name: tuple(one.data for one in entry.items())
        for name, entry in _entries(part, key)
        if _is_field(entry, name, fields)
    }


def _check_apart(part: Part, fields: list[str], columns: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse one heading for two fields: nobody could tell which of them is in the column."""
    owners = {name: name for name in fields if name not in columns}
    for name, entry in _entries(part, "columns"):
        for heading in columns.get(name, ()):
            other = owners.setdefault(heading, name)
            if other != name:
                entry.error("E500", name=heading, first=other, second=name)


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
