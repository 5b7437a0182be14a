"""The stage of acceptance tests: a simulator process, a copy of the demo shop, and the command line as a seller has it.

Commands are processes of their own, so that they can be killed. Everything they print is searched for keys, personal
data and tracebacks on the way: no test has to remember to.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests_support import ROOT, DemoShop, Market, Ran, spawn

#: what `os._exit` of a crash point gives
CRASHED = 86
#: the three rules that need no coupon, hence no waiting
QUICK = ("approve-cancel-before-shipping", "answer-cancel-already-shipped", "complete-month-old-undelivered")
STOP, MARK, COMPLETE = QUICK
COUPON = "coupon-for-overstock"
#: what a run of the demo world does: (operation, record)
DONE = {
    ("stop_shipment", "400000101"),
    ("stop_shipment", "400000102"),
    ("stop_shipment", "400000110"),
    ("mark_already_shipped", "400000104"),
    ("complete_long_term_undelivered", "900000000000000201"),
    ("complete_long_term_undelivered", "900000000000000202"),
    ("complete_long_term_undelivered", "900000000000000209"),
}
#: a rule for the world `busy`
BUSY = """\
version: 1
defaults: {account: main, mode: auto}
rules:
  - name: acknowledge-new-orders
    title: Take new orders in hand
    about: Every order that is paid is taken in hand, without looking at the stock.
    run: {every: 5m}
    from: {order_sheets: {status: [ACCEPT]}}
    look_back: 3d
    if: {status: ACCEPT}
    then: [acknowledge_order_sheets]
    limits: {per_run: 2000}
"""
_KEYS = ("sim-access-key", "sim-secret-key", "CEA algorithm", "signature=")
_PERSONAL = {
    "name", "email", "safeNumber", "receiverNumber", "ordererNumber", "addr1", "addr2", "parcelPrintMessage",
    "requesterName", "requesterPhoneNumber", "requesterRealPhoneNumber", "requesterAddress", "requesterAddressDetail",
    "buyerEmail", "buyerPhone", "returnCustomerName", "returnAddress", "returnAddressDetail", "returnMobile",
    "deliveryCustomerName", "deliveryAddress", "deliveryAddressDetail", "deliveryMobile", "reasonEtcDetail",
    "safetyNumber", "customerName", "customerAddress", "customerAddressDetail", "bankAccountHolder", "bankAccount",
}  # fmt: skip
#: seconds after which a command that does not end is a failure
_LONGEST = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A copy of the demo shop in front of a simulator."""

    folder: Path
    market: Market
    secrets: frozenset[str]
    state: Path = field(default=Path())

    # --- commands ------------------------------------------------------------------------------------

    def run(self, *arguments: str, crash: str = "", lang: str = "en") -> Ran:
        """Run one command to its end."""
        return self.ended(self.start(*arguments, crash=crash, lang=lang))

    def here(self, *arguments: str, lang: str = "en") -> Ran:
        """Run one command within this process, where nothing but its answer matters: starting Python takes longer."""
        shop = DemoShop(folder=self.folder, market=self.market)
        return self._silent(shop.run(*arguments, lang=lang))

    def start(self, *arguments: str, crash: str = "", lang: str = "en") -> subprocess.Popen[str]:
        """Start one command and return at once; stdout and stderr are pipes."""
        line = ["-m", "runner", *arguments, "--config", str(self.folder / "runner.yaml")]
        environ = {**os.environ, "RUNNER_STATE_DIR": str(self.state), "RUNNER_LANG": lang, "RUNNER_CRASH_AT": crash}
        return spawn(line, env=environ, errors=subprocess.PIPE)

    def ended(self, process: subprocess.Popen[str]) -> Ran:
        """Wait for a command and return what came of it."""
        with process:
            try:
                out, err = process.communicate(timeout=_LONGEST)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return self._silent(Ran(code=process.returncode, out=out, err=err))

    def _silent(self, ran: Ran) -> Ran:
        told = ran.out + ran.err
        assert "Traceback" not in told, ran.err
        assert leaks(told, self.secrets) == set()
        return ran

    # --- the shop's files -------------------------------------------------------------------------------

    def edit(self, name: str, before: str, after: str) -> None:
        """Replace a text in one of the shop's files."""
        path = self.folder / name
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, after), "utf-8")

    def add_rule(self, text: str) -> None:
        """Add a rule file of one rule, so that `runner run NAME` runs it."""
        (self.folder / "rules").mkdir(exist_ok=True)
        (self.folder / "rules" / "extra.yaml").write_text(text, "utf-8")

    def age(self, name: str, hours: float) -> None:
        """Make a file older."""
        path = self.folder / name
        then = path.stat().st_mtime - hours * 3600
        os.utime(path, (then, then))

    def kept(self) -> str:
        """Return everything that commands left in the shop's folder and in their state folder, as text."""
        mine = [
            path
            for path in self.folder.rglob("*")
            if path.is_file() and not (ROOT / "examples" / path.relative_to(self.folder)).is_file()
        ]
        return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in [*mine, *self.state.glob("*.*")])

    # --- the marketplace ----------------------------------------------------------------------------------

    def fault(self, operation: str, fault: str, **more: Any) -> None:
        """Order a fault for the next calls of an operation."""
        answer = self.market.ask("POST", "/_sim/faults", {"operation": operation, "fault": fault, **more})
        assert "error" not in answer, answer

    def advance(self, duration: str) -> None:
        """Let time pass on the marketplace."""
        self.market.ask("POST", "/_sim/clock", {"advance": duration})

    def requests(self) -> list[Any]:
        """Return every request so far."""
        return list(self.market.ask("GET", "/_sim/requests"))

    def applied(self) -> Counter[tuple[str, str]]:
        """Return how often each write took effect, by (operation, record)."""
        taken = (one for one in self.market.writes() if one["applied"])
        return Counter((one["operation"], _record(one)) for one in taken)

    def coupons(self) -> list[Any]:
        """Return the coupons that were not there at the start."""
        return [one for one in self.market.state()["instant_coupons"] if one["couponId"] != 500001]

    def receipts(self) -> dict[int, str]:
        """Return how each stop request was answered."""
        return {one["receiptId"]: one["releaseStopStatus"] for one in self.market.state()["return_requests"]}


def _record(request: Any) -> str:
    """Name the record of a write: from its body, or from its path."""
    body = request["body"] if isinstance(request["body"], dict) else {}
    for name in ("receiptId", "shipmentBoxId"):
        if name in body:
            return str(body[name])
    found = re.findall(r"\d{9,18}", request["path"])
    return found[-1] if found else ""


def once(*groups: Iterable[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """Return the counts of effects that all happened exactly once."""
    return Counter(line for group in groups for line in group)


def lines(document: Any, name: str = "outcomes") -> set[tuple[str, str]]:
    """Return (operation, record) of a document's lines."""
    return {(one["operation"], one["record"]) for one in document[name]}


def statuses(document: Any) -> dict[str, str]:
    """Return what became of each record."""
    return {one["record"]: one["status"] for one in document["outcomes"]}


def set_up(folder: Path, market: Market, *, rate: int = 50, settle_after: int = 1, patience: int = 8) -> Stage:
    """Copy the demo shop, pointed at a simulator.

    `settle_after` is how long a lost call may take to show: one second is enough for all but coupons, which take two.
    `patience` is how long a run waits for an effect: what takes minutes is looked at by a later run of a test.
    """
    shutil.copytree(ROOT / "examples", folder / "shop", copy_function=shutil.copyfile)
    path = folder / "shop" / "runner.yaml"
    text = re.sub(r"base_url: \S+", f"base_url: {market.url}", path.read_text("utf-8"))
    path.write_text(
        text.replace("rate: 4", f"rate: {rate}").replace(
            "settle_after: 40", f"settle_after: {settle_after}\npatience: {patience}"
        ),
        "utf-8",
    )
    (folder / "state").mkdir()
    return Stage(
        folder=folder / "shop", market=market, secrets=frozenset(_personal(market.state())), state=folder / "state"
    )


@contextmanager
def simulator(*options: str) -> Iterator[Market]:
    """Run a simulator as a process of its own, without a limit unless `options` set one."""
    line = ["-m", "runner", "sim", "--json", "--port", "0", *(options or ("--rate", "0"))]
    with spawn(line) as process:
        assert process.stdout is not None
        try:
            yield Market(url=json.loads(process.stdout.readline())["url"])
        finally:
            process.terminate()


def leaks(text: str, secrets: Iterable[str]) -> set[str]:
    """Return the keys and personal values that stand in a text."""
    return {one for one in (*_KEYS, *secrets) if one in text}


def _personal(node: Any) -> Iterator[str]:
    """Yield every name, phone number and address of a world."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in _PERSONAL and isinstance(value, str) and len(value) > 2:
                yield value
            yield from _personal(value)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for one in node:
            yield from _personal(one)
