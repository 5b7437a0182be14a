"""Code tables that change more often than the documentation: couriers, and reasons of returns.

They are no enums: a code that is not listed is no mistake in an answer, and names serve to find a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    found = {
        code for code, line in codes(table).items() if wanted in {_plain(code), _plain(line.ko), _plain(line.en)} - {""}
    }
    return found.pop() if len(found) == 1 else None


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()
