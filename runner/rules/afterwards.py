"""`after` and `notify`: what happens once per run, beside the marketplace."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from runner.address import address_problem, is_safe_for_secrets
from runner.catalogue import Field, Parameter
from runner.expressions import JoinShape, Scope, Shape, compile_value
from runner.masking import is_about_persons
from runner.rules.called import called
from runner.rules.paths import file_path, folder_of
from runner.rules.scopes import field_at, paths_in
from runner.rules.shapes import After, Column, Notify
from runner.rules.web import PROBLEMS, headers
from runner.schema.suggest import suggestion

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from runner.catalogue.shapes import Personal
    from runner.expressions import Value
    from runner.rules.part import Part

_COUNTS = {
    "rule": Field(type="text"),
    "account": Field(type="text"),
    "rows": Field(type="integer"),
    "done": Field(type="integer"),
    "failed": Field(type="integer"),
    "skipped": Field(type="integer"),
}
"""What a line in the log or to a channel may name."""

LINE = ("time", "rule", "account", "record", "operation", "status", "reason", "money")
"""What `line.` has: what became of a record in this run."""

_ENDS = {"write_csv": (".csv", ".txt"), "write_xlsx": (".xlsx",)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """What `after` may speak of: the record, its look-ups, and what the settings have."""

    shape: Shape
    joins: Mapping[str, JoinShape]
    zone: ZoneInfo
    #: names of channels; None when rules are checked without settings
    channels: Collection[str] | None
    #: the rule runs for several accounts, one after the other
    several: bool
    #: files that are read: writing them would be to lose them
    read: Collection[Path]


def afterwards(part: Part | None, setting: Setting) -> list[After]:
    """Return what happens once per run, in order."""
    made = [_after(entry, setting) for entry in (part.items() if part else ())]
    return [after for after in made if after is not None]


def notify(part: Part | None, channels: Collection[str] | None) -> Notify | None:
    """Return where reports go: a name, a list of names, or a mapping with `to` and `when`."""
    if part is None:
        return None
    to = part.get("to") if isinstance(part.data, Mapping) else part
    named = _channels(to, channels)
    when = part.value("when") if isinstance(part.data, Mapping) else None
    return Notify(channels=named, when=tuple(when)) if when else Notify(channels=named)


def _channels(part: Part | None, known: Collection[str] | None) -> tuple[str, ...]:
    for entry in part.items() if part else ():
        if known is not None and entry.data not in known:
            entry.error("E510", name=entry.data, hint=suggestion(entry.data, sorted(known)))
    return tuple(entry.data for entry in part.items()) if part else ()


def _after(part: Part, setting: Setting) -> After | None:
    if log := part.get("log"):
        text = _text(log, setting)
        return After(kind="log", text=text) if text is not None else None
    if told := part.get("notify"):
        text = _text(told.get("text"), setting)
        named = _channels(told.get("to"), setting.channels)
        return After(kind="notify", text=text, channels=named) if text is not None else None
    if post := part.get("webhook"):
        return _webhook(post, setting)
    if table := part.get("write_csv"):
        return _written(table, "write_csv", setting)
    if book := part.get("write_xlsx"):
        return _written(book, "write_xlsx", setting)
    return None


def _written(part: Part, kind: Literal["write_csv", "write_xlsx"], setting: Setting) -> After | None:
    path = _file(part, kind, setting)
    rows = _rows(part, setting)
    if path is None:
        return None
    encoding, sheet = part.value("encoding", "utf-8"), part.value("sheet", "")
    return After(kind=kind, path=path, encoding=encoding, sheet=sheet, **rows)


def _text(part: Part | None, setting: Setting) -> Value | None:
    if part is None:
        return None
    scope = Scope(record=Shape(fields=_COUNTS, enums={}), joins={}, timezone=setting.zone)
    return compile_value(part.data, Parameter(place="rule", type="text"), scope, part.report, part.path)


def _webhook(part: Part, setting: Setting) -> After | None:
    url = part.get("url")
    if url is None:
        return None
    found = headers(part.get("headers"))
    if problem := address_problem(url.data):
        url.error(PROBLEMS[problem])
    elif not is_safe_for_secrets(url.data):
        url.error("E504")
    return After(
        kind="webhook", url=url.data, headers=found, folder=folder_of(part),
        repeatable=part.value("repeatable", default=False), **_rows(part, setting),
    )  # fmt: skip


def _file(part: Part, kind: str, setting: Setting) -> Path | None:
    file = part.get("file")
    path = file_path(file)
    if file is None or path is None:
        return None
    if path.suffix.lower() not in _ENDS[kind]:
        file.error("E511", name=kind, ends=" ".join(_ENDS[kind]))
    if path in setting.read:
        file.error("E512", name=file.data)
    mode = part.get("mode")
    if mode and mode.data == "replace" and setting.several:
        mode.error("E513")
    return path


def _rows(part: Part, setting: Setting) -> dict[str, Any]:
    columns = part.get("columns")
    made = [_column(heading, entry, setting) for heading, entry in _named(columns)]
    return {
        "columns": tuple(one for one in made if one is not None),
        "replaces": part.value("mode") == "replace",
        "shown": part.value("personal") == "shown",
    }


def _named(part: Part | None) -> list[tuple[str, Part]]:
    if part is None:
        return []
    if isinstance(part.data, Mapping):
        return list(part.entries())
    return [(entry.data, entry) for entry in part.items()]


def _column(heading: str, entry: Part, setting: Setting) -> Column | None:
    path = str(entry.data)
    first, _, rest = path.partition(".")
    if first == "line":
        if rest in LINE:
            return Column(heading=heading, path=path)
        entry.error("E185", name=path, hint=suggestion(path, [f"line.{one}" for one in LINE]))
        return None
    join = setting.joins.get(first)
    fields = join.shape.fields if join else setting.shape.fields
    field = field_at(fields, rest if join else path)
    if field is None or field.type in ("list", "object") or (join and join.every):
        known = [*paths_in(setting.shape.fields), *(f"line.{one}" for one in LINE), *_looked_up(setting.joins)]
        better = suggestion(path, known) or called(path, setting.shape.fields)
        entry.error("E185", name=path, hint=better)
        return None
    return Column(heading=heading, path=path, personal=field.personal or _guessed(join, path, heading))


def _guessed(join: JoinShape | None, path: str, heading: str) -> Personal | None:
    """Take a column of the seller's own data for personal when its name says so: nobody declared it."""
    return "text" if join is not None and is_about_persons(f"{path} {heading}") else None


def _looked_up(joins: Mapping[str, JoinShape]) -> list[str]:
    return [f"{name}.{path}" for name, join in joins.items() if not join.every for path in paths_in(join.shape.fields)]
