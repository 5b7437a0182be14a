"""A simulated marketplace as a process of its own, for the demo; asked over its control address like any outsider."""

from __future__ import annotations

import errno
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from runner.errors import Mistake, Unreachable

_PATIENCE = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Marketplace:
    """Where it answers."""

    url: str

    def control(self, path: str) -> Any:
        """GET one of the simulator's own pages (`/_sim/...`). Raises Unreachable."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable("simulator_gone", url=self.url, said=str(error)) from error
        finally:
            connection.close()

    def writes(self) -> list[dict[str, Any]]:
        """Return every request that could have changed the shop."""
        answer = self.control("/_sim/requests")
        requests = answer["requests"] if isinstance(answer, dict) else answer
        return [one for one in requests if one.get("effect") == "write"]


@contextmanager
def marketplace(port: int = 0) -> Iterator[Marketplace]:
    """Start a simulator on this machine and stop it afterwards.

    Raises Mistake when the port is taken, Unreachable when it does not start for another reason.
    """
    line = [sys.executable, "-P", "-m", "runner", "sim", "--json", "--port", str(port)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:  # noqa: S603 - our own program
        try:
            yield Marketplace(url=_url(process, port))
        finally:
            process.terminate()


def _url(process: subprocess.Popen[str], port: int) -> str:
    """Return the address the simulator tells in its first line; what it tells instead is an error of several lines."""
    first = process.stdout.readline() if process.stdout else ""
    try:
        return str(json.loads(first)["url"])
    except (ValueError, KeyError) as error:
        whole = first + (process.stdout.read() if process.stdout else "")
        if '"simulator_port_taken"' in whole:
            raise Mistake("simulator_port_taken", port=port, said=os.strerror(errno.EADDRINUSE)) from error
        raise Unreachable("simulator_gone", url="127.0.0.1", said=whole.strip()) from error
