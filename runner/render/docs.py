"""What the catalogue says about sources and actions: the page as people read it, and the same for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from runner.catalogue import Catalogue, Composed, Field, Operation, Parameter, Procedure, Title
from runner.catalogue.docs import bound_arguments, operation_page, overview
from runner.render.page import FORMAT, Page
from runner.render.words import word
from runner.schema.beside import Beside, Told, beside
from runner.wording import Lang

_Entry = Operation | Composed | Procedure


def docs_page(catalogue: Catalogue, name: str | None, lang: Lang) -> Page:
    """Return the page of a source or an action, or the list of all. Raises UsageMistake for a name that is none."""
    if name is None:
        return Page(document=_overview(catalogue, lang), blocks=(overview(catalogue, lang), _beside_overview(lang)))
    if name in beside():
        page = _beside_page(beside()[name], lang)
        return Page(document=_beside_entry(beside()[name], lang) | {"text": page}, blocks=(page,))
    text = operation_page(catalogue, name, lang)
    return Page(document=_entry(catalogue, name, lang) | {"text": text}, blocks=(text,))


def _overview(catalogue: Catalogue, lang: Lang) -> dict[str, Any]:
    return {
        "format_version": FORMAT,
        "sources": _listed(catalogue.sources.values(), lang),
        "actions": _listed(catalogue.actions.values(), lang),
        "after": [{"name": one.name, "title": _told(one.about, lang)} for one in beside().values()],
    }


# --- what is done once per run -----------------------------------------------------------------------------------


def _told(about: Told, lang: Lang) -> str:
    return about.ko if lang == "ko" else about.en


def _beside_overview(lang: Lang) -> str:
    lines = [f"- {one.name}: {_told(one.about, lang)}" for one in beside().values()]
    return "\n".join([f"## {word('docs_after', lang)}", "", *lines])


def _beside_page(one: Beside, lang: Lang) -> str:
    lines = [f"# {one.name}", "", f"{_told(one.about, lang)}. {word('docs_after_where', lang, name=one.name)}", ""]
    for given in one.arguments:
        needed = f" ({word('docs_required', lang)})" if given.required else ""
        values = f" [{' · '.join(given.values)}]" if given.values else ""
        lines.append(f"- {given.name}{needed}: {_told(given.about, lang)}{values}")
    return "\n".join(lines).rstrip() + "\n"


def _beside_entry(one: Beside, lang: Lang) -> dict[str, Any]:
    given = [
        {"name": arg.name, "required": arg.required, "title": _told(arg.about, lang), "values": list(arg.values)}
        for arg in one.arguments
    ]
    head = {"format_version": FORMAT, "name": one.name, "kind": "after", "title": _told(one.about, lang)}
    return {**head, "parameters": given}


# --- sources and actions -----------------------------------------------------------------------------------------


def _listed(entries: Iterable[_Entry], lang: Lang) -> list[dict[str, Any]]:
    return [{"name": one.name, "workflow": one.workflow, "title": _title(one.title, lang)} for one in entries]


def _entry(catalogue: Catalogue, name: str, lang: Lang) -> dict[str, Any]:
    action = catalogue.actions.get(name)
    entry: _Entry = action or catalogue.composed.get(name) or catalogue.operations[name]
    return {
        "format_version": FORMAT,
        "name": name,
        "kind": "action" if action else "source",
        "workflow": entry.workflow,
        "title": _title(entry.title, lang),
        "risk": action.risk.value if action else None,
        "parameters": _parameters(catalogue, entry, lang),
        "fields": [] if isinstance(entry, Procedure) else _fields(entry.fields, lang),
    }


def _parameters(catalogue: Catalogue, entry: _Entry, lang: Lang) -> list[dict[str, Any]]:
    """Return what a rule may give; of an action also what is taken from the record when the rule gives nothing."""
    if isinstance(entry, Composed):
        return []
    bound = bound_arguments(catalogue, entry) if entry.name in catalogue.actions else {}
    given = {name: one for name, one in entry.parameters.items() if not one.owner}
    return [_parameter(name, one, lang) | {"from": bound.get(name)} for name, one in given.items()]


def _parameter(name: str, one: Parameter, lang: Lang) -> dict[str, Any]:
    return {"name": name, "type": one.type, "required": one.required, "title": _title(one.title, lang)}


def _fields(fields: Mapping[str, Field], lang: Lang) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": one.type, "optional": one.optional, "title": _title(one.title, lang)}
        for name, one in fields.items()
    ]


def _title(title: Title | None, lang: Lang) -> str:
    if title is None:
        return ""
    return title.ko if lang == "ko" else title.en
