from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from runner.coupang.signing import authorization, signed_date

VECTORS = json.loads((Path(__file__).parent.parent / "data" / "hmac_vectors.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["id"])
def test_every_published_vector_gives_its_header(vector: dict[str, str]) -> None:
    """The header is the one that five other implementations computed from the same bytes."""
    at = datetime.strptime(vector["signed_date"], "%y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    made = authorization(
        vector["method"], vector["path"], vector["query"], VECTORS["access_key"], VECTORS["secret_key"], at
    )
    assert made == vector["authorization"]


def test_there_are_fifteen_vectors() -> None:
    """None was lost on the way into this repository."""
    assert len(VECTORS["vectors"]) == 15


def test_the_signed_date_is_utc_whatever_the_zone_of_the_time() -> None:
    """08:59 in Seoul on New Year's Day is still last year."""
    seoul = timezone(timedelta(hours=9))
    assert signed_date(datetime(2026, 1, 1, 8, 59, 59, tzinfo=seoul)) == "251231T235959Z"
