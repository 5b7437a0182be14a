"""How many calls a second the simulator answers inside `handle`, signature check included.

    python bench/simulator.py

"new" calls are answered from the world; "again" ones are the same read once more while nothing changed, as polls are.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from runner.simulator import Request, Seller, Simulator

AT = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
SELLER = Seller()
OPEN = f"/v2/providers/openapi/apis/api/{{}}/vendors/{SELLER.vendor_id}"
SHEETS, RETURNS, WRITES = OPEN.format("v5") + "/ordersheets", OPEN.format("v6") + "/returnRequests", OPEN.format("v4")
MONTH = "createdAtFrom=2026-02-02%2B09:00&createdAtTo=2026-03-03%2B09:00"
SECONDS = 0.5


def main() -> None:
    """Print the table."""
    print(f"{'world':<8} {'call':<28} {'bytes':>8} {'new/s':>9} {'again/s':>9}")
    for world, status, box in (
        ("demo", "DEPARTURE", 900_000_000_000_000_201),
        ("busy", "ACCEPT", 900_000_000_000_020_500),
    ):
        calls = {
            "one box": (f"{SHEETS}/{box}", ""),
            "page of 50 boxes": (SHEETS, f"{MONTH}&status={status}"),
            "page of 50 boxes, v4": (
                SHEETS.replace("v5", "v4"),
                MONTH.replace("%2B09:00", "") + f"&status={status}",
            ),
            "page of 10 boxes": (SHEETS, f"{MONTH}&status={status}&maxPerPage=10"),
            "stop requests": (RETURNS, MONTH.replace("%2B09:00", "") + "&status=RU"),
        }
        for name, (path, query) in calls.items():
            sim = market(world)
            request = signed("GET", path, query)
            size = len(sim.handle(request).body)
            new = per_second(lambda sim=sim, request=request: fresh(sim, request))
            again = per_second(lambda sim=sim, request=request: sim.handle(request))
            print(f"{world:<8} {name:<28} {size:>8,} {new:>9,.0f} {again:>9,.0f}")
    print(f"\nthe busy world's 1,000 boxes, acknowledged by 50: {acknowledged():.3f} s")
    print(f"the busy world's 1,000 boxes, page by page: {drained():.3f} s")


def market(world: str) -> Simulator:
    """Make a simulator whose clock stands still and that counts no calls."""
    return Simulator(world_name=world, rate=0, host=lambda: AT)


def signed(method: str, path: str, query: str = "", body: Any = None) -> Request:
    """Sign a request."""
    date = f"{AT:%y%m%dT%H%M%SZ}"
    text = date + method + path + query
    signature = hmac.new(SELLER.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
    head = f"CEA algorithm=HmacSHA256, access-key={SELLER.access_key}, signed-date={date}, signature={signature}"
    sent = b"" if body is None else json.dumps(body).encode()
    return Request(method=method, path=path, query=query, headers={"authorization": head}, body=sent)


def fresh(sim: Simulator, request: Request) -> None:
    """Ask as if something had changed since."""
    sim.forget_answers()
    sim.handle(request)


def acknowledged() -> float:
    """Return the seconds it takes to acknowledge every box of the busy world."""
    sim, begun = market("busy"), time.perf_counter()
    for first in range(900_000_000_000_020_001, 900_000_000_000_021_001, 50):
        body = {"vendorId": SELLER.vendor_id, "shipmentBoxIds": list(range(first, first + 50))}
        answer = json.loads(sim.handle(signed("PATCH", f"{WRITES}/ordersheets/acknowledgement", body=body)).body)
        if answer["data"]["responseCode"] != 0:
            raise SystemExit(f"not acknowledged: {answer}")
    return time.perf_counter() - begun


def drained() -> float:
    """Return the seconds it takes to read every page of the busy world."""
    sim, token, count = market("busy"), "", 0
    begun = time.perf_counter()
    while True:
        answer = json.loads(sim.handle(signed("GET", SHEETS, f"{MONTH}&status=ACCEPT&nextToken={token}")).body)
        count += len(answer["data"])
        token = answer["nextToken"]
        if not token:
            break
    if count != 1000:
        raise SystemExit(f"{count} boxes instead of 1,000")
    return time.perf_counter() - begun


def per_second(call: Callable[[], object]) -> float:
    """Return how often a call fits into a second of CPU time."""
    begun, count = time.process_time(), 0
    while (spent := time.process_time() - begun) < SECONDS:
        call()
        count += 1
    return count / spent


if __name__ == "__main__":
    main()
