"""Fixtures of unit tests: a ledger of their own, and the small market."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_market import HandClock, SmallMarket, receipt

from runner.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Give an empty ledger."""
    book = Ledger(tmp_path / "ledger.db")
    yield book
    book.close()


@pytest.fixture
def market() -> SmallMarket:
    """Give two receipts whose buyers want a stop, and sixty paid boxes."""
    return SmallMarket(
        clock=HandClock(),
        receipts={n: receipt(n, n) for n in (1, 2)},
        boxes={n: {"shipmentBoxId": n, "status": "ACCEPT"} for n in range(1, 61)},
    )
