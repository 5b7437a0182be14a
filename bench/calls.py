"""What a call of the client costs beside a bare httpx call, and how much of a vendor's rate is used.

    python bench/calls.py

The server is a child process that answers one page of 60 KB, so that the CPU time measured is the client's alone.
Blocks of calls take turns, bare and ours, and the medians are compared: a busy machine slows both.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import httpx

from runner.catalogue import load
from runner.clock import host_now
from runner.coupang.client import Client
from runner.coupang.pace import Pace
from runner.coupang.reader import MarketReader
from runner.model import Window
from runner.secrets import Secret
from runner.settings import Account

BLOCKS, CALLS = 10, 40
_SERVER = """
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
rows = [{"shipmentBoxId": 642538970006401429 + n, "orderId": 22000009546234 + n, "status": "ACCEPT",
         "receiver": {"name": "x" * 200, "addr1": "y" * 300}, "orderItems": [{"vendorItemId": n, "pad": "z" * 500}]}
        for n in range(50)]
body = json.dumps({"code": 200, "message": "OK", "data": rows, "nextToken": ""}).encode()
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args): pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


def main() -> None:
    """Print the table."""
    server = subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
    try:
        base_url = f"http://127.0.0.1:{server.stdout.readline().strip() if server.stdout else 0}"
        with tempfile.TemporaryDirectory() as folder:
            _compare(base_url, Path(folder))
            _drain(Path(folder))
    finally:
        server.terminate()
        server.wait()


def _compare(base_url: str, folder: Path) -> None:
    ticks = iter(range(10**9))  # a second passes from look to look, so that nobody waits
    pace = Pace(folder / "calls.db", ticks=lambda: float(next(ticks)))
    client = Client(_account(), base_url, pace, load())
    reader, bare = MarketReader(client), httpx.Client(trust_env=False)
    address = f"{base_url}/v2/providers/openapi/apis/api/v5/vendors/A00012345/ordersheets?status=ACCEPT&maxPerPage=50"
    today = Window(start=host_now(), end=host_now())
    times: dict[str, list[float]] = {"httpx": [], "runner": []}
    ways = {
        "httpx": lambda: json.loads(bare.get(address).content),
        "runner": lambda: list(reader.rows("order_sheets", {"status": "ACCEPT"}, today, fresh=True)),
    }
    for name, way in [*ways.items()] * BLOCKS:
        for _ in range(CALLS):
            begun = time.process_time()
            way()
            times[name].append(time.process_time() - begun)
    base = median(times["httpx"])
    for name, spent in times.items():
        print(f"{name:<8} {median(spent) * 1000:6.2f} ms CPU a page   x {median(spent) / base:.2f}")
    client.close()
    bare.close()


def _drain(folder: Path) -> None:
    rate, calls = 10, 60
    pace = Pace(folder / "drain.db")
    begun = time.monotonic()
    for _ in range(calls):
        with pace.turn("vendor", rate):
            time.sleep(0.002)
    used = (calls / rate - 1) / (time.monotonic() - begun)
    print(f"{calls} calls at {rate}/s use {used:.0%} of the rate")


def _account() -> Account:
    keys = {"access_key": Secret("bench", lambda: "access"), "secret_key": Secret("bench", lambda: "secret")}
    return Account(name="bench", vendor_id="A00012345", **keys)


if __name__ == "__main__":
    main()
