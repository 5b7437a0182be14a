"""Fixtures: a simulator per module, and a fresh shop in a fresh world per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stage import Stage, leaks, set_up, simulator
from tests_support import Market


@pytest.fixture(scope="module")
def served() -> Iterator[Market]:
    """Run a simulator for the tests of a module."""
    with simulator() as market:
        yield market


@pytest.fixture
def stage(served: Market, tmp_path: Path) -> Iterator[Stage]:
    """Give the demo world as it is at the start and a copy of the shop; nothing personal may be left in files."""
    served.reset()
    made = set_up(tmp_path, served)
    yield made
    assert leaks(made.kept(), made.secrets) == set()
