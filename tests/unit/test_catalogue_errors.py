"""Documented errors: the part a client looks for stands in the whole text, which names only what a call knows."""

from __future__ import annotations

import re

from runner.catalogue import load

CATALOGUE = load()
TEXTS = [(op, one) for op in CATALOGUE.operations.values() for one in op.errors if one.text]


def test_the_part_that_never_changes_stands_in_the_whole() -> None:
    """So that a client finds the error whichever of both arrives."""
    assert len(TEXTS) > 60
    assert [one.text for _, one in TEXTS if one.message not in one.text] == []


def test_texts_are_filled_with_what_the_simulator_knows() -> None:
    """The value that is refused, the seller, why a time is none, or a parameter of the call."""
    known = {"value", "vendor", "why"}
    strange = {
        name
        for op, one in TEXTS
        for name in re.findall(r"\{(\w+)", one.text)
        if name not in known | op.parameters.keys()
    }
    assert strange == set()
