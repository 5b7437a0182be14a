"""The simulator behind a port, on this machine only."""

from __future__ import annotations

import asyncio
import json
import socket
import sys

from runner.errors import Exit, Mistake
from runner.simulator.gateway import sellers
from runner.simulator.simulator import Simulator


def serve(
    *, port: int, seed: int = 1, world: str = "demo", buyers: float = 0.0, rate: int = 5, accounts: int = 1,
    json_line: bool = False,
) -> Exit:  # fmt: skip
    """Serve until a signal comes; return the exit code. Raises Mistake when the port is taken.

    The first line on stdout says where, once the socket accepts; with `json_line` as one JSON object.
    """
    from runner.simulator.http import server_of  # noqa: PLC0415 - only a served simulator needs a web server

    sim = Simulator(world_name=world, seed=seed, buyers=buyers, rate=rate, sellers=sellers(accounts))
    with listening(port) as opened:
        _announce(sim, opened.getsockname()[1], json_line=json_line)
        server = server_of(sim)
        asyncio.run(server.serve(sockets=[opened]))
    return server.ended_by


def listening(port: int) -> socket.socket:
    """Open a port on loopback; 0 is a free one. Raises Mistake when it is taken."""
    # asyncio switches delayed sending off only where the protocol is named
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(("127.0.0.1", port))
        opened.listen(128)
    except OSError as error:
        opened.close()
        raise Mistake("simulator_port_taken", port=port, said=error.strerror or "") from error
    return opened


def _announce(sim: Simulator, port: int, *, json_line: bool) -> None:
    url = f"http://127.0.0.1:{port}"
    accounts = [
        {"vendor_id": one.vendor_id, "access_key": one.access_key, "secret_key": one.secret_key} for one in sim.sellers
    ]
    line = json.dumps({"url": url, "accounts": accounts}) if json_line else f"{url}  ({sim.world.name})"
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
