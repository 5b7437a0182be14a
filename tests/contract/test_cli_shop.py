"""What a seller reads of a shop: commands on a copy of the demo shop in front of a simulator of their own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests_support import FAST, ROOT, DemoShop, Market, copy_shop

from runner.errors import Exit

STOP = "approve-cancel-before-shipping"
COUPON = "coupon-for-overstock"


@pytest.fixture(scope="module")
def served() -> Iterator[Market]:
    """Run a simulator for the tests of this file."""
    line = [sys.executable, "-m", "runner", "sim", "--json", "--port", "0", "--rate", str(FAST + 10)]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        yield Market(url=json.loads(process.stdout.readline())["url"])
        process.terminate()


@pytest.fixture
def shop(tmp_path: Path, served: Market, monkeypatch: pytest.MonkeyPatch) -> DemoShop:
    """Give a fresh copy of the demo shop in a fresh world."""
    for name in ("RUNNER_CONFIG", "RUNNER_BASE_URL", "RUNNER_CRASH_AT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RUNNER_STATE_DIR", str(tmp_path / "state"))
    served.reset()
    return copy_shop(tmp_path / "shop", served)


# --- what a rule says -----------------------------------------------------------------------------------------

LOGS = """\
version: 1
rules:
  - name: count-stop-requests
    title: How many stop requests wait
    mode: auto
    account: main
    from: {return_requests: {status: RU}}
    look_back: 30d
    if: {receiptStatus: RELEASE_STOP_UNCHECKED}
    after:
      - log: "{{ rows }} wait"
"""


def test_a_rule_says_what_it_did(shop: DemoShop) -> None:
    """A `log` line is told to everybody: where nobody watches, with --json and with -q."""
    says = 'after: [log: "{{ done }} of {{ rows }} stopped"]'
    shop.edit("returns.rules.yaml", "then: [stop_shipment] ", f"{says}\n    then: [stop_shipment] ")
    ran = shop.run("run", STOP, "--json")
    assert ran.err == f"{STOP}: 3 of 3 stopped\n"
    assert ran.json["calls"]["write"] == 3
    assert shop.run("run", STOP, "-q").err == ""


def test_a_rule_that_only_reports_says_what_it_found(shop: DemoShop) -> None:
    """Without `then` there are no outcomes; the records that match are what it tells of."""
    (shop.folder / "rules").mkdir()
    (shop.folder / "rules" / "count.yaml").write_text(LOGS, "utf-8")
    assert shop.run("run", "count-stop-requests", "-q").err == "count-stop-requests: 7 wait\n"


# --- after a refusal ------------------------------------------------------------------------------------------


def test_a_refused_line_can_be_tried_again_as_it_says(shop: DemoShop) -> None:
    """While it waits after a refusal, the line gives the command that tries it again; that command works."""
    fault = {"operation": "create_instant_coupon", "fault": "request_fails", "times": 1}
    shop.market.ask("POST", "/_sim/faults", fault)
    assert shop.run("run", COUPON).code == Exit.FAILED
    assert shop.run("plan", COUPON, "--json").json["actions"] == []
    told = re.search(r"runner (approve --retry \w{8})", shop.run("plan", COUPON).out)
    assert told
    assert shop.run(*told[1].split()).code == Exit.DONE
    assert len(shop.run("plan", COUPON, "--json").json["actions"]) == 1
