"""The demo: every step verified, in both languages' words."""

from __future__ import annotations

import pytest
from tests_support import DemoShop

from runner.cli.demo import tell_story
from runner.cli.marketplace import Marketplace
from runner.cli.session import Session
from runner.errors import Exit


def test_every_step_of_the_story_is_verified(shop: DemoShop, capsys: pytest.CaptureFixture[str]) -> None:
    """Plan without a write, the same plan done and read back, nothing twice, all remembered: exit 0, no mark ×."""
    code = tell_story(Session(lang="ko", quiet=True), shop.folder, Marketplace(url=shop.market.url))
    out = capsys.readouterr().out
    assert code == Exit.DONE, out
    assert out.count("  ○ ") == 7
    assert "  × " not in out
    assert "10%" in out


def test_a_step_that_cannot_be_verified_fails_the_demo(shop: DemoShop, capsys: pytest.CaptureFixture[str]) -> None:
    """A marketplace that refuses one write is told, marked × and exit 1."""
    shop.edit("runner.yaml", "settle_after: 40", "settle_after: 1")
    fault = {"operation": "stop_shipment", "fault": "error_500_not_applied", "times": 1}
    shop.market.ask("POST", "/_sim/faults", fault)
    code = tell_story(Session(lang="en", quiet=True), shop.folder, Marketplace(url=shop.market.url))
    assert code == Exit.FAILED
    assert "  × " in capsys.readouterr().out
