"""What the simulator does in a second, and how long the rest takes, in a shop with a hundred thousand orders.

    python bench/simulator_large.py

Reads are "new": asked as if something had changed since. They come from the `huge` world, whose newest orders are paid.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from typing import Any, TypeVar

from simulator import MONTH, OPEN, SHEETS, fresh, market, per_second, signed

from runner.simulator import Request, Simulator

Value = TypeVar("Value")
BOX, ORDER = 900_000_000_000_200_500, 340_000_500
DAY = "createdAtFrom=2026-03-02%2B09:00&createdAtTo=2026-03-03%2B09:00"


def main() -> None:
    """Print the table."""
    sim = timed("make the world", lambda: market("huge"))
    reads = {
        "one box": (f"{SHEETS}/{BOX}", ""),
        "boxes of one order": (f"{OPEN.format('v5')}/{ORDER}/ordersheets", ""),
        "page of 50, a day": (SHEETS, f"{DAY}&status=ACCEPT"),
        "page of 50, a month": (SHEETS, f"{MONTH}&status=FINAL_DELIVERY"),
        "page of 10, a month": (SHEETS, f"{MONTH}&status=FINAL_DELIVERY&maxPerPage=10"),
    }
    for name, (path, query) in reads.items():
        request = signed("GET", path, query)
        if sim.handle(request).status != 200:
            raise SystemExit(f"{name}: not answered")
        print(f"{name:<28} {per_second(lambda request=request: fresh(sim, request)):>12,.0f} /s")
    for deed in ("cancel", "return", "deliver", "confirm"):
        timed(f"{deed} x 100", lambda deed=deed: asked(sim, "buyers", {"do": deed, "count": 100}))
    timed("order x 10,000, restocked", lambda: asked(sim, "buyers", {"do": "order", "count": 10_000, "restock": True}))
    timed("a jump of a day", lambda: asked(sim, "clock", {"advance": "1d"}))
    timed("/_sim/state", lambda: asked(sim, "state"))
    world = timed("save", lambda: asked(sim, "world"))
    timed("load", lambda: asked(sim, "world", world))
    print(f"{'memory at most':<28} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>12,.0f} MB")


def asked(sim: Simulator, page: str, body: Any = None) -> bytes:
    """Use a page of the simulator itself."""
    sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    answer = sim.handle(Request(method="POST" if sent else "GET", path=f"/_sim/{page}", body=sent))
    if answer.status != 200:
        raise SystemExit(f"{page}: {answer.body.decode()}")
    return answer.body


def timed(name: str, do: Callable[[], Value]) -> Value:
    """Do something and print how much CPU time it took."""
    begun = time.process_time()
    made = do()
    print(f"{name:<28} {time.process_time() - begun:>12.2f} s", flush=True)
    return made


if __name__ == "__main__":
    main()
