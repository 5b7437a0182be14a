"""A result on its way out: one JSON document, and the same for people as lines and tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

FORMAT = "1.0"
"""Version of every JSON shape: the minor part grows with additions, the major one when something breaks."""

#: columns below which rows become cards
NARROW = 100
#: columns where nobody reads on a screen: nothing needs to be cut for a file
_ENDLESS = 240


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """Rows under headings."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""
    #: columns of numbers
    right: frozenset[int] = frozenset()

    def trimmed(self) -> Sheet:
        """Return the sheet without columns in which nothing stands."""
        kept = [n for n in range(len(self.heads)) if any(row[n] for row in self.rows)]
        return Sheet(
            heads=[self.heads[n] for n in kept],
            rows=[[row[n] for n in kept] for row in self.rows],
            title=self.title,
            right=frozenset(kept.index(n) for n in self.right if n in kept),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What a command found; the document holds everything, the blocks what a person needs."""

    document: Mapping[str, Any]
    blocks: Sequence[str | Sheet] = ()


def write(page: Page, output: str, out: TextIO) -> None:
    """Write a page as `output`: table, text, json, jsonl, csv or markdown."""
    _WRITERS[output](page, out)


# --- for programs ----------------------------------------------------------------------------------------


def _json(page: Page, out: TextIO) -> None:
    out.write(json.dumps(page.document, ensure_ascii=False, indent=2) + "\n")


def _jsonl(page: Page, out: TextIO) -> None:
    """Write one object a row, and at the end one with everything that is not a list."""
    out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in _rows(page.document))
    rest = {name: value for name, value in page.document.items() if not isinstance(value, list)}
    out.write(json.dumps({"kind": "summary", **rest}, ensure_ascii=False) + "\n")


def _csv(page: Page, out: TextIO) -> None:
    """Write all rows under the union of their columns; `kind` tells them apart."""
    rows = list(_rows(page.document))
    columns = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns or ["kind"])
    writer.writerows([[_cell(row.get(name)) for name in columns] for row in rows])


def _rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the entries of every list, each with the name of its list."""
    for name, value in document.items():
        if isinstance(value, list):
            yield from ({"kind": name, **(row if isinstance(row, Mapping) else {"value": row})} for row in value)


def _cell(value: Any) -> str:
    """Return a cell that a spreadsheet reads as text and never as a formula."""
    if isinstance(value, bool | Mapping | list):
        return json.dumps(value, ensure_ascii=False)
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "@") or (text[:1] == "-" and not text[1:2].isdigit()) else text


# --- for people ----------------------------------------------------------------------------------------------


def _text(page: Page, out: TextIO) -> None:
    """Write one line a row, without alignment: for grep and for logs."""
    for block in page.blocks:
        lines = [block] if isinstance(block, str) else _plain(block)
        out.writelines(f"{line}\n" for line in lines)


def _plain(sheet: Sheet) -> list[str]:
    rows = ["  ".join(cell for cell in row if cell).replace("\n", " ") for row in sheet.rows]
    return [sheet.title, *rows] if sheet.title else rows


def _markdown(page: Page, out: TextIO) -> None:
    for block in page.blocks:
        lines = [block.replace("\n", "  \n")] if isinstance(block, str) else _markdown_table(block.trimmed())
        out.write("\n".join(lines) + "\n\n")


def _markdown_table(sheet: Sheet) -> list[str]:
    rules = ["---:" if n in sheet.right else "---" for n in range(len(sheet.heads))]
    title = [f"### {sheet.title}", ""] if sheet.title else []
    return [*title, *(_markdown_row(row) for row in (sheet.heads, rules, *sheet.rows))]


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", "<br>") for cell in cells) + " |"


def _table(page: Page, out: TextIO) -> None:
    """Write tables as wide as the terminal; where they would not fit, each row becomes a card of two lines."""
    if not any(isinstance(block, Sheet) for block in page.blocks):
        _text(page, out)
        return
    from rich.console import Console  # noqa: PLC0415 - 40 ms that other forms do not need

    width = None if out.isatty() else _ENDLESS
    console = Console(file=out, width=width, highlight=False, markup=False, emoji=False)
    for block in page.blocks:
        if isinstance(block, str):
            console.print(block, soft_wrap=True)
        else:
            _print_sheet(console, block.trimmed())


def _print_sheet(console: Any, sheet: Sheet) -> None:
    table = _rich_table(sheet, plain=not console.encoding.startswith("utf"))
    if sheet.title:
        console.print(sheet.title, style="bold", soft_wrap=True)
    natural = console.measure(table, options=console.options.update(width=10_000)).maximum
    if console.width < NARROW and natural > console.width:
        console.print("\n".join(_card(sheet, row) for row in sheet.rows), soft_wrap=True)
    else:
        console.print(table)


def _rich_table(sheet: Sheet, *, plain: bool) -> Any:
    from rich import box  # noqa: PLC0415 - see _table
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=box.ASCII2 if plain else box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for n, head in enumerate(sheet.heads):
        table.add_column(head, justify="right" if n in sheet.right else "left", overflow="fold")
    for row in sheet.rows:
        table.add_row(*row)
    return table


def _card(sheet: Sheet, row: Sequence[str]) -> str:
    """Put a row on two lines: what it is, then the rest under its headings."""
    top = "  ".join(cell for cell in row[:3] if cell)
    rest = [f"{head}: {cell}" for head, cell in zip(sheet.heads[3:], row[3:], strict=True) if cell]
    return f"{top}\n    {' · '.join(rest)}" if rest else top


_WRITERS: Mapping[str, Callable[[Page, TextIO], None]] = {
    "table": _table,
    "text": _text,
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
    "markdown": _markdown,
}
