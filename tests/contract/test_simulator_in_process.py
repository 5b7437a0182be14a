"""The example of docs/simulator.md: a client of httpx that asks a simulator in its own process."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "simulator.md"


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    """Run the only Python block of the document; return what it made."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    made: dict[str, Any] = {}
    exec(compile(code, str(DOCUMENT), "exec"), made)  # noqa: S102 - our own document
    return made


def test_the_example_reads_a_box(example: dict[str, Any]) -> None:
    """Signed, and from the world of the demo."""
    assert (example["box"]["shipmentBoxId"], example["box"]["status"]) == (900_000_000_000_000_201, "DEPARTURE")


def test_the_example_signs_a_query_and_sees_faults(example: dict[str, Any]) -> None:
    """What is signed is what is sent; a lost answer is an error of the transport."""
    market, shop = example["market"], example["shop"]
    query = {"createdAtFrom": "2020-01-01+09:00", "createdAtTo": "2020-01-02+09:00", "status": "ACCEPT"}
    assert market.get(f"{shop}/ordersheets", params=query).json()["data"] == []
    market.post("/_sim/faults", json={"operation": "order_sheets", "fault": "lost_answer"})
    with pytest.raises(httpx.ReadError):
        market.get(f"{shop}/ordersheets", params=query)
    assert [one["status"] for one in market.get("/_sim/requests").json()] == [200, 200, None]
