"""Whatever is sent, the simulator answers as the marketplace would: it never breaks, and it stays usable."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulator_support import MONTH, RETURNS, SHEETS, VENDOR, WRITES, Shop, said

from runner.catalogue import Operation, Parameter, load
from runner.simulator import Request, Response
from runner.simulator.worlds import BOX

OPERATIONS = sorted(load().operations.values(), key=lambda one: one.name)
SHARED = Shop()
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.integers(-(10**40), 10**40),
        st.text(st.characters(), max_size=9),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=9), inner, max_size=3)),
    max_leaves=6,
)
#: values that are right somewhere: they carry a request past the first checks
PLAUSIBLE = st.sampled_from(
    [
        VENDOR, "0", "-1", "1", "20", "2026-03-03", "2026-03-03+09:00", "2026-03-03T10:00", "2026-03-03T10:00+09:00",
        "2026-03-03T10:00:00", "2026-02-30", "0000-00-00", "9999-12-31", "0001-01-01T00:00:00", "2026-03-04 00:00:00",
        "9999-12-31 23:59:59", "0001-01-01 00:00:00", "2026-03", "true", "false", "٣", "²", "timeFrame", "CANCEL",
        "expire", "couponItemId", "vendorItemId", "400000101", "900000000000000201", "70000001", "9962", "500001",
        "71000204", "CJGLS", "RATE",
    ]
)  # fmt: skip


def values(op: Operation, one: Parameter) -> st.SearchStrategy[Any]:
    """Return values for a parameter: right ones, plausible ones, and junk."""
    kinds = [PLAUSIBLE, JSON, st.integers(-5, 10**6)]
    if one.enum is not None:
        kinds.append(st.sampled_from(sorted(load().enum(op.workflow, one.enum))))
    if one.value is not None:
        kinds.append(st.just(one.value))
    if one.type == "list":
        entries = (
            st.fixed_dictionaries({name: values(op, field) for name, field in one.fields.items()})
            if one.fields
            else st.integers(70000001, 70000009)
        )
        kinds.append(st.lists(entries, min_size=1, max_size=3))
    return st.one_of(kinds)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, str, bytes]:
    """Make a request for some operation: method, path, query, body."""
    op = draw(st.sampled_from(OPERATIONS))
    given_values = {name: draw(values(op, one)) for name, one in op.parameters.items() if draw(st.integers(0, 9))}
    path = op.path
    for name, one in op.parameters.items():
        mine = VENDOR if one.owner == "vendor" and draw(st.integers(0, 9)) else given_values.get(name, "x")
        path = path.replace(f"{{{name}}}", quote(str(mine) or "x", safe="", errors="replace"))
    query = "&".join(
        f"{name}={quote(str(VENDOR if one.owner == 'vendor' else given_values[name]), errors='replace')}"
        for name, one in op.parameters.items()
        if one.place == "query" and name in given_values
    )
    fields = {
        name: given_values[name] for name, one in op.parameters.items() if one.place == "body" and name in given_values
    }
    body = json.dumps(draw(st.one_of(st.just(fields), JSON))).encode()
    return op.method, path, query, draw(st.sampled_from([body, body, body, body[:-1], b"\xff\xfe" + body, b""]))


def is_an_answer(answer: Response) -> bool:
    """Tell whether this is an answer of the marketplace; 500 are three documented ones."""
    told = answer.body.decode()
    return answer.status in (200, 400, 401, 404, 412) or "nternal" in told or "시스템 오류" in told


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(request=requests())
def test_any_request_is_answered(request: tuple[str, str, str, bytes]) -> None:
    """Signed requests with right, plausible and impossible values."""
    answer = SHARED.send(*request)
    assert is_an_answer(answer)
    said(answer)
    said(SHARED.control("requests"))


@settings(max_examples=200, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "BREW", ""]),
    path=st.one_of(st.text(), st.binary().map(lambda one: "/" + quote_from_bytes(one)), st.just(SHEETS)),
    query=st.text(),
    header=st.one_of(st.text(), st.just("CEA algorithm=HmacSHA256, access-key=a, signed-date=b, signature=c")),
    body=st.binary(),
)
def test_any_bytes_are_answered(method: str, path: str, query: str, header: str, body: bytes) -> None:
    """Unsigned, with half characters in paths, queries and headers."""
    request = Request(method=method, path=path, query=query, headers={"authorization": header}, body=body)
    answer = SHARED.sim.handle(request)
    assert answer.status in (400, 401, 404) or path.startswith("/_sim/")
    said(SHARED.control("requests"))


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"cancelCount":' * 900 + b"1" + b"}" * 900,
        b'{"cancelCount":1' + b"0" * 5000 + b"}",
        b'{"cancelCount":1e999}',
        b'{"cancelCount":NaN}',
        b'{"cancelCount":-Infinity}',
        b'{"cancelCount":"\\ud800"}',
        b'{"cancelCount":1,"vendorId":["A00012345"]}',
        b'"text"',
        b"\xff",
        b"\x00",
    ],
    ids=lambda body: str(body[:24]),
)
def test_traps_in_bodies_are_refused(body: bytes) -> None:
    """Deep nesting, numbers JSON cannot hold, half characters: 400, and the log can still be read."""
    shop = Shop()
    answer = shop.send("PATCH", f"{WRITES}/returnRequests/400000101/stoppedShipment", "", body)
    assert answer.status == 400
    assert len(said(shop.control("requests"))) == 1
    assert shop.applied() == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (RETURNS, "createdAtFrom=0001-01-01&createdAtTo=9999-12-31&status=RU"),
        (RETURNS, "createdAtFrom=9999-12-31&createdAtTo=0001-01-01&status=RU"),
        (RETURNS, "createdAtFrom=2026-02-30&createdAtTo=2026-03-01&status=RU"),
        (RETURNS, "createdAtFrom=%D9%A2%D9%A0%D9%A2%D9%A6-02-01&createdAtTo=2026-03-01&status=RU"),
        (RETURNS, f"{MONTH}&status=RU&maxPerPage=0"),
        (RETURNS, f"{MONTH}&status=RU&maxPerPage=9999999999999999999999"),
        (RETURNS, f"{MONTH}&status=RU&nextToken=%FF%FE"),
        (f"{SHEETS}/{BOX + 201}%00", ""),
        (f"{SHEETS}/%FF", ""),
        (SHEETS + "/" + "9" * 5000, ""),
        (f"{SHEETS}/{BOX + 201}%2F..", ""),
    ],
)
def test_odd_paths_and_dates_are_refused(path: str, query: str) -> None:
    """Days that do not exist, digits of other scripts, bytes that are no text, numbers without end."""
    assert Shop().ask("GET", path, query).status in (400, 404)


@settings(max_examples=200, deadline=None)
@given(
    page=st.sampled_from(["clock", "buyers", "faults", "reset", "state", "nothing", ""]),
    body=st.one_of(
        JSON,
        st.dictionaries(
            st.sampled_from(
                [
                    "advance",
                    "set",
                    "do",
                    "count",
                    "operation",
                    "fault",
                    "times",
                    "after",
                    "field",
                    "seconds",
                    "world",
                    "seed",
                ]
            ),
            st.one_of(
                JSON,
                PLAUSIBLE,
                st.sampled_from(["999999d", "999999d" * 4, "1d12h", "0s", "order", "*", "stale", "quiet", "orders"]),
            ),
            max_size=4,
        ),
    ),
)
def test_control_pages_never_break(page: str, body: Any) -> None:
    """Done, or refused with words; afterwards the clock can be read and the world is whole."""
    shop = Shop("quiet")
    answer = shop.control(page, body)
    assert answer.status in (200, 400, 404)
    assert answer.status == 200 or said(answer)["error"]
    assert said(shop.control("clock"))["now"]
    assert said(shop.control("state"))["contracts"]
