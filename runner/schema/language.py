"""The data files of this folder, with the two languages of every description joined."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from runner.source import parse


@cache
def language_of(name: str) -> dict[str, Any]:
    """Return the frame of a language that stands in a file of this folder."""
    text = files(__package__).joinpath(name).read_text("utf-8")
    joined: dict[str, Any] = _in_both_languages(parse(text, name).data)  # YAML 1.2: `on` is a key of the language
    return joined


def texts(name: str) -> dict[str, str]:
    """Return the texts of a file of names and `{en:, ko:}`, both languages in each."""
    told: dict[str, dict[str, str]] = parse(files(__package__).joinpath(name).read_text("utf-8"), name).data
    return {key: f"{said['ko']}\n\n{said['en']}" for key, said in told.items()}


def _in_both_languages(node: Any) -> Any:
    """Join `{en:, ko:}` descriptions: an editor shows one text, and sellers read Korean first."""
    if isinstance(node, list):
        return [_in_both_languages(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: f"{value['ko']}\n\n{value['en']}"
        if key == "description" and isinstance(value, dict) and set(value) == {"en", "ko"}
        else _in_both_languages(value)
        for key, value in node.items()
    }
