"""A marketplace for the client's tests: a transport that answers from a script, and a small catalogue."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml

from runner.catalogue import Catalogue, assemble
from runner.coupang.client import Client
from runner.coupang.pace import Pace
from runner.secrets import Secret
from runner.settings import Account

NOW = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)

CATALOGUE = """
workflow: sale
title: {en: sale, ko: 판매}
states:
  status: {A: {en: a, ko: 가}, B: {en: b, ko: 나}}
operations:
  orders:
    fact_id: list_orders
    title: {en: orders, ko: 주문}
    method: GET
    path: /v5/vendors/{vendorId}/orders
    effect: read
    parameters:
      vendorId: {place: path, type: text, required: true, owner: vendor}
      from: {place: query, type: date, required: true, owner: window_from, format: day_offset}
      to: {place: query, type: date, required: true, owner: window_to, format: day_offset}
      status: {place: query, type: text, enum: status, required: true}
      name: {place: query, type: text}
      nextToken: {place: query, type: text, owner: page}
      maxPerPage: {place: query, type: integer, owner: page_size, maximum: 50}
    paging: {style: token, next: nextToken, size: 50}
    window: {days: 31}
    key: orderId
  moments:
    fact_id: list_moments
    title: {en: moments, ko: 순간}
    method: GET
    path: /v5/vendors/{vendorId}/moments
    effect: read
    parameters:
      vendorId: {place: path, type: text, required: true, owner: vendor}
      kind: {place: query, type: text, required: true, owner: fixed, value: timeFrame}
      from: {place: query, type: time, required: true, owner: window_from, format: minute_offset}
      to: {place: query, type: time, required: true, owner: window_to, format: minute_offset}
    window: {minutes: 1440, same_day: true}
    key: id
  coupons:
    fact_id: list_coupons
    title: {en: coupons, ko: 쿠폰}
    method: GET
    path: /v2/vendors/{vendorId}/coupons
    effect: read
    parameters:
      vendorId: {place: path, type: text, required: true, owner: vendor}
      page: {place: query, type: integer, owner: page}
      size: {place: query, type: integer, owner: page_size}
    paging: {style: number, next: data.pagination.totalPages, first: 1, size: 2}
    response: {envelope: fms, records: data.content}
    key: couponId
  revenue:
    fact_id: list_revenue
    title: {en: revenue, ko: 매출}
    method: GET
    path: /v1/revenue
    effect: read
    parameters:
      vendorId: {place: query, type: text, required: true, owner: vendor}
      token: {place: query, type: text, required: true, owner: page}
    paging: {style: token, next: nextToken}
  order:
    fact_id: get_order
    title: {en: order, ko: 주문}
    method: GET
    path: /v5/vendors/{vendorId}/orders/{orderId}
    effect: read
    parameters:
      vendorId: {place: path, type: text, required: true, owner: vendor}
      orderId: {place: path, type: integer, required: true}
    response: {envelope: openapi, records: data, one: true}
    key: orderId
    errors:
      - {http: 404, message: is not there, gone: true, about: no such order, about_ko: 그런 주문이 없습니다}
      - {http: 404, message: order of another seller}
  withdrawals:
    fact_id: list_withdrawals
    title: {en: withdrawals, ko: 철회}
    method: POST
    path: /v4/vendors/{vendorId}/withdrawals
    effect: read
    parameters:
      vendorId: {place: path, type: text, required: true, owner: vendor}
      cancelIds: {place: body, type: list, of: integer, required: true}
  stop_order:
    fact_id: stop
    title: {en: stop, ko: 중지}
    method: PUT
    path: /v4/vendors/{vendorId}/orders/{orderId}/stop
    effect: write
    parameters:
      vendorId: {place: path, type: text, required: true, owner: vendor, twice: true}
      orderId: {place: path, type: integer, required: true, twice: true}
      count: {place: body, type: integer, required: true, minimum: 1}
      reason: {place: body, type: text, max_length: 5}
      note: {place: rule, type: text}
    response: {envelope: openapi, records: data, one: true, ok: {data.resultCode: SUCCESS}}
  acknowledge:
    fact_id: ack
    title: {en: acknowledge, ko: 확인}
    method: PATCH
    path: /v4/vendors/{vendorId}/acknowledgement
    effect: write
    parameters:
      vendorId: {place: path, type: text, required: true, owner: vendor, twice: true}
      boxes: {place: body, type: list, of: integer, required: true, min_items: 1, max_items: 3}
    response: {envelope: openapi, records: data.responseList, code: '200'}
    batch: {parameter: boxes, max: 3, results: data.responseList, key: box, ok: succeed, code: resultCode}
  answer:
    fact_id: answer
    title: {en: answer, ko: 답변}
    method: POST
    path: /v4/vendors/{vendorId}/answers
    effect: write
    parameters:
      vendorId: {place: path, type: text, required: true, owner: vendor}
      replyBy: {place: body, type: text, required: true, owner: login}
      content: {place: body, type: text, required: true, personal: text}
"""


def catalogue() -> Catalogue:
    """Make the small catalogue."""
    return assemble([("sale.yaml", yaml.safe_load(CATALOGUE))])


def account(**changes: Any) -> Account:
    """Make an account with fictional keys."""
    usual = {
        "name": "main",
        "vendor_id": "A00012345",
        "access_key": Secret("test", lambda: "an-access-key"),
        "secret_key": Secret("test", lambda: "a-secret-key"),
        "wing_login": "seller1",
    }
    return Account(**(usual | changes))


Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class FakeMarket(httpx.BaseTransport):
    """Answers with the next step of its script, the last one again and again; remembers what it was asked."""

    def __init__(self, *script: Step) -> None:
        self.script = list(script)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, httpx.Response) else step(request)

    @property
    def queries(self) -> list[str]:
        """The raw queries asked so far."""
        return [request.url.query.decode() for request in self.requests]


class Passing:
    """A clock whose time passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def tick(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.slept.append(seconds)


def client(folder: Path, market: httpx.BaseTransport, passing: Passing | None = None, **changes: Any) -> Client:
    """Make a client of the fake marketplace whose waits cost no time."""
    time = passing or Passing()
    pace = Pace(folder / "pace.db", ticks=time.tick, now=lambda: time.now().timestamp(), sleep=time.sleep)
    where = "https://market.invalid"
    return Client(account(**changes), where, pace, catalogue(), market, now=time.now, sleep=time.sleep, ticks=time.tick)


def ok(data: Any, **more: Any) -> httpx.Response:
    """Make a success of the openapi family."""
    return reply(200, {"code": 200, "message": "OK", "data": data, **more})


def reply(status: int, body: Any, **headers: str) -> httpx.Response:
    """Make a reply; text is sent as it is, anything else as JSON."""
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return httpx.Response(status, content=content, headers=headers)


def pages(*contents: Sequence[Any]) -> list[httpx.Response]:
    """Make pages that name the next one by token."""
    last = len(contents) - 1
    return [ok(list(rows), nextToken=f"t{n + 1}" if n < last else "") for n, rows in enumerate(contents)]
