"""Pages about the codes of `check`: what each means, an example that is wrong, and the same mended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from runner.wording import Lang, sentences

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BASES = {
    "orders": {"from": "from: {order_sheets: {status: ACCEPT}}", "if": "if: {paidAt: {older_than: 1h}}"},
    "options": {"from": "from: item_inventories", "if": "if: {onSale: true}"},
    "inquiries": {"from": "from: {product_inquiries: {answeredType: NOANSWER}}", "if": "if: {inquiryId: present}"},
}
"""What an example that is only some lines of a rule stands beside."""
_BLANK = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class CodePage:
    """One code, explained."""

    code: str
    #: by language
    about: Mapping[Lang, str]
    #: lines of a rule, or a whole file; empty where no text can show it
    wrong: str = ""
    right: str = ""
    file: bool = False
    #: rule the lines are put into
    base: str = "orders"
    #: lines of that rule which the example does without
    without: tuple[str, ...] = ()
    #: accounts of the settings the example is checked with
    accounts: tuple[str, ...] = ()

    def whole(self, example: str) -> str:
        """Return an example as the file it stands for."""
        if self.file:
            return example
        own = re.findall(r"^(\w+)\s*:", example, re.MULTILINE)
        lines = {"name": "name: example", **_BASES[self.base]}
        if "then" not in own and "after" not in own:
            lines["after"] = 'after: [log: "{{ rows }}"]'
        kept = [line for key, line in lines.items() if key not in own and key not in self.without]
        written = "\n".join([*kept, *example.splitlines()])
        return "version: 1\nrules:\n  - " + "\n    ".join(written.split("\n")) + "\n"


@cache
def code_pages() -> Mapping[str, CodePage]:
    """Return every page by its code."""
    found: dict[str, CodePage] = {}
    for entry in sorted(files(__package__).joinpath("codes").iterdir(), key=lambda item: item.name):
        read = yaml.load(entry.read_text("utf-8"), Loader=_LOADER)  # noqa: S506 - both loaders are the safe ones
        found |= {code: _page(code, raw) for code, raw in read.items()}
    return found


def _page(code: str, raw: Mapping[str, Any]) -> CodePage:
    return CodePage(
        code=code,
        about={"en": raw["en"], "ko": raw["ko"]},
        wrong=raw.get("wrong", ""),
        right=raw.get("right", ""),
        file=raw.get("file", False),
        base=raw.get("from", "orders"),
        without=tuple(raw.get("without", ())),
        accounts=tuple(raw.get("accounts", ())),
    )


def template(code: str, lang: Lang) -> str:
    """Return the sentence of a code with its blanks as dots; "" when there is none."""
    said = sentences().get(code)
    if said is None:
        return ""
    plain = said[lang].replace("{{", "\0").replace("}}", "\1")
    return _BLANK.sub("…", plain).replace("\0", "{").replace("\1", "}")
