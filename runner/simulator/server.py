"""The simulator behind a port, on this machine only."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from errno import EISDIR
from os import strerror
from pathlib import Path

from runner.catalogue import without_collector
from runner.errors import Exit, Mistake
from runner.simulator.saving import load as read
from runner.simulator.saving import save
from runner.simulator.simulator import Simulator
from runner.simulator.wire import Request, compact


def serve(sim: Simulator, *, port: int, json_line: bool = False, save_to: Path | None = None) -> Exit:
    """Serve until a signal comes; return the exit code. Raises Mistake when the port is taken.

    The first line on stdout says where, once the socket accepts; with `json_line` as one JSON object.
    """
    from runner.simulator.http import server_of  # noqa: PLC0415 - only a served simulator needs a web server

    with listening(port) as opened:
        _announce(sim, opened.getsockname()[1], json_line=json_line)
        server = server_of(sim)
        asyncio.run(server.serve(sockets=[opened]))
    if save_to is not None:
        _save(sim, save_to)
    return server.ended_by


def check_writable(path: Path) -> None:
    """Raise Mistake when a marketplace could not be saved there: before it is served, not when it ends."""
    try:
        if path.is_dir():
            raise IsADirectoryError(EISDIR, strerror(EISDIR))
        half = _half_of(path)
        half.touch()
        half.unlink()
    except OSError as error:
        raise Mistake("simulator_world_unwritable", path=str(path), said=error.strerror or str(error)) from error


def _half_of(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def load(sim: Simulator, path: Path) -> None:
    """Go on with the marketplace in a file. Raises Mistake when there is none."""
    try:
        with without_collector():
            request = Request(method="POST", path="/_sim/world", body=path.read_bytes())
            sim.take(read(request.large_json() or {}, sim.host))
    except (OSError, ValueError, AttributeError) as error:
        raise Mistake("simulator_world_unreadable", path=str(path), said=str(error)) from error


def _save(sim: Simulator, path: Path) -> None:
    """Write the world beside its file first: whoever reads the file finds a whole one."""
    half = _half_of(path)
    try:
        with without_collector():
            half.write_bytes(compact(save(sim)))
        half.replace(path)
    except OSError as error:
        raise Mistake("simulator_world_unwritable", path=str(path), said=str(error)) from error


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
