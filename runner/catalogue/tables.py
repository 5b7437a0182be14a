"""Pages about code tables for `runner docs`: couriers, reasons, regions, each code with its names in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, get_args

from runner.catalogue.codes import Code, codes
from runner.catalogue.shapes import Table
from runner.model import message
from runner.wording import Lang, say

TABLES: tuple[Table, ...] = get_args(Table)
_TITLES = {
    "delivery_companies": "docs_delivery_companies",
    "voc_reasons": "docs_voc_reasons",
    "postal_regions": "docs_postal_regions",
}
_ABOUT = {
    "delivery_companies": "docs_delivery_companies_about",
    "voc_reasons": "docs_voc_reasons_about",
    "postal_regions": "docs_postal_regions_about",
}
_GROUPS = {
    "customer": "docs_group_customer",
    "seller": "docs_group_seller",
    "delivery": "docs_group_delivery",
    "unclear": "docs_group_unclear",
}


def title(table: Table, lang: Lang) -> str:
    """Return what a table holds."""
    return say(message(_TITLES[table]), lang)


def table_page(table: Table, lang: Lang) -> str:
    """Return the page of a table: each code, its names, and what is known of it."""
    told = [f"# {table}: {title(table, lang)}", "", say(message(_ABOUT[table]), lang), ""]
    return "\n".join([*told, *(_line(code, line, lang) for code, line in codes(table).items())]) + "\n"


def table_rows(table: Table) -> list[dict[str, Any]]:
    """Return a table for programs."""
    return [
        {"code": code, "ko": line.ko, "en": line.en, "lengths": list(line.lengths), "pattern": line.pattern or None,
         "group": line.group or None, "closed": line.closed}
        for code, line in codes(table).items()
    ]  # fmt: skip


def _line(code: str, line: Code, lang: Lang) -> str:
    first, second = (line.ko, line.en) if lang == "ko" else (line.en or line.ko, line.ko)
    names = first if second in {"", first} else f"{first} ({second})"
    return ", ".join([f"- `{code}` {names}", *_notes(line, lang)])


def _notes(line: Code, lang: Lang) -> Iterator[str]:
    if line.lengths:
        yield say(message("docs_invoice_lengths", lengths=_ranges(line.lengths)), lang)
    if line.pattern:
        yield say(message("docs_invoice_digits"), lang)
    if line.group:
        yield say(message(_GROUPS[line.group]), lang)
    if line.closed:
        yield say(message("docs_closed"), lang)


def _ranges(lengths: tuple[int, ...]) -> list[str]:
    """Write lengths that follow each other as one: 8-16."""
    ordered = sorted(lengths)
    starts = [ordered[0], *(high for low, high in pairwise(ordered) if high - low > 1)]
    ends = [*(low for low, high in pairwise(ordered) if high - low > 1), ordered[-1]]
    return [str(low) if low == high else f"{low}-{high}" for low, high in zip(starts, ends, strict=True)]


__all__ = ["TABLES", "table_page", "table_rows", "title"]
