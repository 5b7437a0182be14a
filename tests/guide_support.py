"""The guide, as its tests read it: pages, fenced blocks, and the short examples made whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
LANGUAGES = ("ko", "en")
#: every page, by its name without the language: `guide`, `guide/rule`, …
NAMES = ["guide", *sorted(f"guide/{path.name.removesuffix('.en.md')}" for path in ROOT.glob("docs/guide/*.en.md"))]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_KEY = re.compile(r"^([a-z_]+):", re.MULTILINE)
#: what a short example stands in: the first rule of the page on rules
_AROUND = {
    "name": "answer-stop-requests",
    "from": "{return_requests: {status: RU}}",
    "look_back": "30d",
    "if": "{receiptStatus: RELEASE_STOP_UNCHECKED, createdAt: {older_than: 10m}}",
    "then": "[stop_shipment]",
}
_FRESH = "stale_after: 1d"
_OWN_DATA = {
    "warehouse_shipped": (
        f"{{csv: warehouse/shipped.csv, key: shipmentBoxId, fields: {{shipmentBoxId: integer}}, {_FRESH}}}"
    ),
    "erp_stock": (
        "{csv: erp/stock.csv, key: vendorItemId, "
        f"fields: {{vendorItemId: integer, quantity: integer, cost: integer}}, {_FRESH}}}"
    ),
}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page."""

    language: str
    text: str


def page(name: str, lang: str) -> Path:
    """Return where a page stands."""
    return ROOT / "docs" / f"{name}.{lang}.md"


def blocks(path: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    return [Block(language, text) for language, text in _FENCED.findall(path.read_text("utf-8"))]


def whole(text: str) -> str:
    """Make a rule file of an example: a part of a rule gets the rest of the rule."""
    if text.startswith(("version:", "#")):
        return text
    given = set(_KEY.findall(text))
    left_out = {"look_back"} if "from" in given else set()
    left_out |= {"then"} if {"after", "if"} <= given else set()
    around = [f"{key}: {value}" for key, value in _AROUND.items() if key not in given | left_out]
    lines = [*around, *text.splitlines()]
    data = [f"  {name}: {value}" for name, value in _OWN_DATA.items() if name in text]
    return "\n".join([
        "version: 1", *(["sources:", *data] if data else []), "rules:", f"  - {lines[0]}",
        *(f"    {line}" for line in lines[1:]),
    ]) + "\n"  # fmt: skip


def examples() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield every YAML example: its name, its text, and the rule files that stand before it on the page."""
    for name in NAMES:
        for lang in LANGUAGES:
            before: list[str] = []
            for n, block in enumerate(one for one in blocks(page(name, lang)) if one.language == "yaml"):
                yield f"{name}.{lang}-{n}", block.text, tuple(before)
                before += [block.text] if "\nrules:\n" in block.text else []
