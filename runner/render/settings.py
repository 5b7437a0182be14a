"""`docs/settings.ko.md` and `docs/settings.en.md`: every key of `runner.yaml`, from its schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.render.words import word
from runner.wording import Lang

Schema = Mapping[str, Any]
#: what a name of the seller's own is called in a path of keys
_OWN = "…"


def file_of(lang: Lang) -> str:
    """Return the name of the page in a language."""
    return f"settings.{lang}.md"


def settings_page(schema: Schema, lang: Lang) -> str:
    """Return the whole page as Markdown."""
    heads = [word(f"settings_{name}", lang) for name in ("key", "type", "means")]
    rows = [heads, ["---"] * len(heads), *_keys(schema, "", lang)]
    table = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([word("settings_top", lang), "", *table]) + "\n"


def _keys(schema: Schema, above: str, lang: Lang) -> Iterator[list[str]]:
    needed = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        path = f"{above}.{name}" if above else name
        must = f" ({word('settings_needed', lang)})" if name in needed else ""
        yield [f"`{path}`{must}", _type(one, lang), _text(one, lang)]
        yield from _below(one, path, lang)


def _below(schema: Schema, path: str, lang: Lang) -> Iterator[list[str]]:
    """Go on into what a key holds: its own keys, those under names of the seller's, those of one of its forms."""
    yield from _keys(schema, path, lang)
    for name in ("additionalProperties", "then", "else"):
        inner = schema.get(name)
        if isinstance(inner, Mapping):
            yield from _below(inner, f"{path}.{_OWN}" if name == "additionalProperties" else path, lang)


def _type(schema: Schema, lang: Lang) -> str:
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " ".join(f"`{value}`" for value in schema["enum"])
    kinds = {schema.get("type"), *(schema.get(name, {}).get("type") for name in ("then", "else"))} - {None}
    bounds = [f"{schema[key]}" for key in ("minimum", "maximum") if key in schema]
    told = ", ".join(word(f"settings_{kind}", lang) for kind in sorted(map(str, kinds)))
    return f"{told} {'~'.join(bounds)}".strip()


def _text(schema: Schema, lang: Lang) -> str:
    """Return one language of a description that holds both, Korean first."""
    korean, _, english = str(schema.get("description", "")).partition("\n\n")
    return korean if lang == "ko" else english
