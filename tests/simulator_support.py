"""A simulated marketplace whose clocks stand still until they are moved, and a caller that signs by itself.

`Shop` asks in the process, `WebShop` over a socket.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from threading import Thread
from typing import Any

import uvicorn

from runner.simulator import Request, Response, Seller, Simulator
from runner.simulator.http import app
from runner.simulator.server import listening
from runner.simulator.worlds import BOX, WORLDS

_SELLER = Seller()
#: worlds that are made in a moment; the huge one has tests of its own
QUICK = tuple(one for one in WORLDS if one != "huge")
VENDOR = "A00012345"
#: 09:30 of 3 March in Korea
START = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
OPEN = "/v2/providers/openapi/apis/api"
FMS = "/v2/providers/fms/apis/api"
PRODUCTS = "/v2/providers/seller_api/apis/api/v1/marketplace"
SHEETS = f"{OPEN}/v5/vendors/{VENDOR}/ordersheets"
RETURNS = f"{OPEN}/v6/vendors/{VENDOR}/returnRequests"
WRITES = f"{OPEN}/v4/vendors/{VENDOR}"
COUPONS = f"{FMS}/v1/vendors/{VENDOR}/coupons"
MONTH = "createdAtFrom=2026-02-02&createdAtTo=2026-03-03"
SHEET_MONTH = "createdAtFrom=2026-02-02%2B09:00&createdAtTo=2026-03-03%2B09:00"


def authorization(
    text: str, at: datetime = START, key: str = _SELLER.access_key, secret: str = _SELLER.secret_key
) -> dict[str, str]:
    """Sign a method, path and query in one text."""
    signed = f"{at:%y%m%dT%H%M%SZ}"
    signature = hmac.new(secret.encode(), (signed + text).encode(), hashlib.sha256).hexdigest()
    head = f"CEA algorithm=HmacSHA256, access-key={key}, signed-date={signed}, signature={signature}"
    return {"authorization": head}


class Shop:
    """One marketplace and its only customer."""

    def __init__(self, world: str = "demo", *, rate: int = 0, buyers: float = 0.0) -> None:
        self.at, self.tick = START, 0.0
        self.sim = Simulator(
            world_name=world, rate=rate, buyers=buyers, host=lambda: self.at, monotonic=lambda: self.tick
        )

    def send(self, method: str, path: str, query: str = "", body: bytes = b"") -> Response:
        """Send these bytes, signed."""
        headers = authorization(method + path + query, self.at)
        return self.carry(Request(method=method, path=path, query=query, headers=headers, body=body))

    def carry(self, request: Request) -> Response:
        """Bring a request to the marketplace."""
        return self.sim.handle(request)

    def ask(self, method: str, path: str, query: str = "", body: Any = None) -> Response:
        """Send a request, signed."""
        return self.send(method, path, query, b"" if body is None else json.dumps(body).encode())

    def data(self, path: str, query: str = "") -> Any:
        """Return the data of a read that works."""
        answer = self.ask("GET", path, query)
        assert answer.status == 200, answer.body
        return said(answer)["data"]

    def control(self, page: str, body: Any = None) -> Response:
        """Use a page of the simulator itself."""
        sent = b"" if body is None else json.dumps(body).encode()
        path, _, query = f"/_sim/{page}".partition("?")
        return self.carry(Request(method="GET" if body is None else "POST", path=path, query=query, body=sent))

    def order(self, operation: str, fault: str, **more: Any) -> None:
        """Order a fault."""
        answer = self.control("faults", {"operation": operation, "fault": fault, **more})
        assert answer.status == 200, answer.body

    def come(self, deed: str, count: int = 1) -> list[int]:
        """Send buyers; return what they made."""
        ids: list[int] = said(self.control("buyers", {"do": deed, "count": count}))["ids"]
        return ids

    def state(self, kind: str, key: str) -> dict[Any, dict[str, Any]]:
        """Return the records of a kind by key."""
        return {row[key]: row for row in said(self.control("state"))[kind]}

    def box(self, number: int) -> dict[str, Any]:
        """Return a box of the demo world by the end of its number."""
        return self.state("order_sheets", "shipmentBoxId")[BOX + number]

    def receipt(self, number: int) -> dict[str, Any]:
        """Return a receipt."""
        return self.state("return_requests", "receiptId")[number]

    def applied(self) -> list[str]:
        """Return the writes that took effect, in order."""
        return [one["operation"] for one in said(self.control("requests")) if one["applied"]]

    # --- writes that many tests need ----------------------------------------------------------------------

    def stop(self, receipt: int, count: int) -> Response:
        """Answer a stop request: nothing has left."""
        body = {"vendorId": VENDOR, "receiptId": receipt, "cancelCount": count}
        return self.ask("PATCH", f"{WRITES}/returnRequests/{receipt}/stoppedShipment", body=body)

    def mark(self, receipt: int, invoice: str = "680405450999", courier: str = "CJGLS") -> Response:
        """Answer a stop request: the goods have left."""
        body = {
            "vendorId": VENDOR,
            "receiptId": receipt,
            "deliveryCompanyCode": courier,
            "invoiceNumber": invoice,
        }
        return self.ask("PATCH", f"{WRITES}/returnRequests/{receipt}/completedShipment", body=body)

    def acknowledge(self, *boxes: int) -> Response:
        """Acknowledge boxes."""
        body = {"vendorId": VENDOR, "shipmentBoxIds": list(boxes)}
        return self.ask("PATCH", f"{WRITES}/ordersheets/acknowledgement", body=body)

    def complete(self, box: int, invoice: str | None = None) -> Response:
        """Complete a box that was never delivered."""
        body = {"shipmentBoxId": BOX + box, "invoiceNumber": invoice or f"680405450{box:03}"}
        return self.ask("POST", f"{WRITES}/completeLongTermUndelivery", body=body)

    def coupon(self, **change: Any) -> Response:
        """Ask for a coupon."""
        terms = {
            "contractId": 9962, "name": "가을", "maxDiscountPrice": 1000, "discount": 10, "type": "RATE",
            "startAt": "2026-03-04 00:00:00", "endAt": "2026-03-09 00:00:00",
        }  # fmt: skip
        return self.ask("POST", f"{FMS}/v2/vendors/{VENDOR}/coupon", body=terms | change)

    def add(self, coupon: int, *options: int) -> Response:
        """Ask to put options into a coupon."""
        return self.ask("POST", f"{COUPONS}/{coupon}/items", body={"vendorItems": list(options)})

    def finished(self, answer: Response) -> dict[str, Any]:
        """Wait for an asynchronous request and return what became of it."""
        self.control("clock", {"advance": "3s"})
        number = said(answer)["data"]["content"]["requestedId"]
        found: dict[str, Any] = self.data(f"{FMS}/v1/vendors/{VENDOR}/requested/{number}")["content"]
        return found


class WebShop(Shop):
    """The same over HTTP: every request of it goes through a socket, as any client's."""

    def send(self, method: str, path: str, query: str = "", body: bytes = b"", **more: str) -> Response:
        """Send these bytes, signed, with more headers."""
        headers = {**authorization(method + path + query, self.at), "Content-Type": "application/json", **more}
        return self.over_http(method, f"{path}?{query}" if query else path, body, headers)

    def carry(self, request: Request) -> Response:
        """Bring a request to the marketplace through the socket."""
        target = f"{request.path}?{request.query}" if request.query else request.path
        return self.over_http(request.method, target, request.body, request.headers)

    def over_http(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Ask through a socket; a connection that ends without an answer is one that was dropped."""
        scene = stage()
        scene.sim = self.sim
        with closing(http.client.HTTPConnection("127.0.0.1", scene.port, timeout=10)) as connection:
            try:
                connection.request(method, target, body, dict(headers))
                answer = connection.getresponse()
                read = answer.read()
            except (ConnectionError, http.client.HTTPException):
                return Response(dropped=True)
            return Response(
                status=answer.status, body=read, content_type=answer.headers["content-type"],
                headers=dict(answer.headers),
            )  # fmt: skip


class Stage:
    """The simulator that is served at the moment."""

    def __init__(self) -> None:
        self.sim = Simulator()
        self.port = 0

    def handle(self, request: Request) -> Response:
        return self.sim.handle(request)

    def gateway_now(self) -> datetime:
        return self.sim.gateway_now()


@cache
def stage() -> Stage:
    """Serve, in a thread that ends with the process, whatever simulator is on the stage."""
    scene = Stage()
    socket = listening(0)
    scene.port = socket.getsockname()[1]
    config = uvicorn.Config(
        app(scene),  # type: ignore[arg-type]
        log_level="warning", lifespan="off", access_log=False, date_header=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    return scene


def said(answer: Response) -> Any:
    """Return the JSON of an answer."""
    return json.loads(answer.body)


def words(answer: Response) -> tuple[int, str]:
    """Return the status and the message of an answer."""
    body = said(answer)
    return answer.status, (body[0] if isinstance(body, list) else body).get("message", "")
