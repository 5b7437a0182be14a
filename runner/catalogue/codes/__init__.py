"""Code tables that change more often than the documentation: couriers, reasons of returns, regions of postal codes.

They are no enums: a code that is not listed is no mistake in an answer, and names serve to find a code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from runner.catalogue.read import build
from runner.catalogue.shapes import Table


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """One line of a table."""

    ko: str
    #: empty where the company has no English name of its own
    en: str = ""
    #: accepted lengths of an invoice number; empty: not known, which is not "any"
    lengths: tuple[int, ...] = ()
    #: regular expression of an invoice number, where lengths do not say it
    pattern: str = ""
    #: merged or closed: refused by Coupang
    closed: bool = False
    #: whose matter a reason is
    group: Literal["customer", "seller", "delivery", "unclear", ""] = ""


@cache
def codes(table: Table) -> Mapping[str, Code]:
    """Return a table by code, in the order of the documentation."""
    text = files(__package__).joinpath(f"{table}.yaml").read_text("utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded = yaml.load(text, Loader=loader)  # noqa: S506 - one of the safe loaders
    return {code: build(Code, body, f"{table}.{code}") for code, body in loaded.items()}


def find_code(table: Table, text: str) -> str | None:
    """Return the code a seller means by a code or a name; None when none or several fit.

    Blanks and case do not matter: order sheets spell the courier CJGLS "CJ 대한통운".
    """
    wanted = _plain(text)
    known = codes(table)
    # a code is meant before a name: one courier's name may be another's code
    found = {code for code in known if wanted == _plain(code)} or {
        code for code, line in known.items() if wanted in {_plain(line.ko), _plain(line.en)} - {""}
    }
    return found.pop() if len(found) == 1 else None


def not_its_number(courier: str, number: str) -> Code | None:
    """Return the line of a courier who surely has no such invoice number; None where it may be one of his.

    Whether the marketplace takes hyphens and blanks out of a number is not documented: with or without, it may fit.
    """
    line = codes("delivery_companies").get(find_code("delivery_companies", courier) or "")
    if line is None or not number:
        return None
    if line.pattern:
        return None if re.fullmatch(line.pattern, number, re.ASCII) else line
    lengths = {len(number), len(re.sub(r"[\s-]", "", number))}
    return None if not line.lengths or lengths & set(line.lengths) else line


def near(table: Table, text: str) -> str:
    """Return the codes a mistyped code or name may stand for, each with its name; "" when nothing is like it."""
    wanted = _plain(text)
    spelled = {_plain(one): code for code, line in codes(table).items() for one in (line.en, line.ko, code) if one}
    same = [code for code, line in codes(table).items() if wanted and wanted in {_plain(line.ko), _plain(line.en)}]
    found = same or [spelled[one] for one in get_close_matches(wanted, spelled, n=3, cutoff=0.6)]
    return ", ".join(f"{code} ({codes(table)[code].ko})" for code in dict.fromkeys(found))


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()
