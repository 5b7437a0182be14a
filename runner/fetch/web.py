"""A seller's own HTTP source: a list in JSON, surely whole and of a known time, or unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.errors import Unreadable, UsageMistake
from runner.fetch.cells import Bad, read_cell
from runner.fetch.formats import listed, loaded
from runner.fetch.paths import find
from runner.fetch.sheet import Sheet
from runner.secrets import Secret
from runner.web.reading import WebReader

if TYPE_CHECKING:
    from runner.rules.shapes import FileSource, Web

Opened = Callable[[Mapping[str, str], str, Path], Secret]
"""Makes a Secret of `{env: …}` and the like, its owner's name, and the folder a file counts from."""

#: values beside a list that mean "there is more"
_MORE = ("next", "nexttoken", "nextpage", "nexturl", "nextcursor", "hasnext", "hasmore")


class WebSources:
    """Reads HTTP sources of rule files."""

    def __init__(self, reader: WebReader, opened: Opened) -> None:
        self._reader, self._opened = reader, opened

    def ask(self, file: FileSource, web: Web) -> tuple[Sheet, datetime]:
        """Return the rows, and as of when they hold. Raises Unreadable."""
        try:
            headers = {one.name: self._header(file, one.name, one.value, dict(one.secret)) for one in web.headers}
        except UsageMistake as missing:
            raise Unreadable(missing.code, **missing.facts) from missing
        secret = any(one.secret for one in web.headers)
        got = self._reader.get(file.url, headers, web.timeout.total_seconds(), secret=secret)
        document = loaded(file, got.content)
        sheet = listed(file, document)
        _check_whole(file, web, document, len(sheet.rows))
        return sheet, _time_of(file, web, document) if web.as_of else got.at

    def _header(self, file: FileSource, name: str, before: str, kept: Mapping[str, str]) -> str:
        if not kept:
            return before
        return before + self._opened(kept, f"{file.name}.{name}", file.path).reveal()


def _check_whole(file: FileSource, web: Web, document: Any, rows: int) -> None:
    """Refuse a first page: what stands on the others would count as missing."""
    if web.total:
        total = read_cell(find(document, web.total), "integer")
        if total != rows:
            raise Unreadable("web_not_whole", file=file.called, rows=rows, total=str(total))
        return
    if more := next(_more(document, file.rows), ""):
        raise Unreadable("web_more_pages", file=file.called, field=more)


def _more(document: Any, path: str) -> Any:
    """Yield names beside the list, or above it, that promise another page."""
    above = path.split(".")[:-1] if path else []
    for depth in range(len(above) + 1):
        level = find(document, ".".join(above[:depth]))
        yield from _promises(level)
        for below in level.values() if isinstance(level, Mapping) else ():
            yield from _promises(below)


def _promises(level: Any) -> Any:
    for name, value in level.items() if isinstance(level, Mapping) else ():
        is_promise = isinstance(value, bool | str | int) and bool(value) and value != "false"
        if is_promise and str(name).lower().replace("_", "").replace("-", "") in _MORE:
            yield name


def _time_of(file: FileSource, web: Web, document: Any) -> datetime:
    """Return the time an answer says it speaks of; without offset it is refused, for a guess may be nine hours off."""
    found = read_cell(find(document, web.as_of), "time")
    moment = datetime.fromisoformat(found) if isinstance(found, str) and not isinstance(found, Bad) else None
    if moment is None or moment.tzinfo is None:
        raise Unreadable("web_without_time", file=file.called, field=web.as_of)
    return moment.astimezone(UTC)
