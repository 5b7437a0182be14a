"""A marketplace to practise on: Coupang's HTTP API with a world behind it, its own clock, buyers and faults.

    Simulator().handle(request) -> response      in a process, without a port
    server.serve(port=8765)                      over HTTP, for any client

It shares only the catalogue with the client: one that used our signing or paging would agree with our mistakes.
"""

from __future__ import annotations

from runner.catalogue import load
from runner.simulator.behaviours import BEHAVIOURS
from runner.simulator.gateway import Seller
from runner.simulator.papers import PAPERS
from runner.simulator.simulator import Simulator
from runner.simulator.wire import Request, Response


def simulates(operation: str) -> bool:
    """Tell whether an operation does here what it does at Coupang.

    Reads show the world by the catalogue alone; a write does what was written for it.
    """
    is_read = load().operations[operation].effect == "read"
    return is_read or operation in BEHAVIOURS or operation in PAPERS


__all__ = ["Request", "Response", "Seller", "Simulator", "simulates"]
