"""The OpenAPI document: it holds, describes all that is served, and what is sent by it is answered as it says.

The tool is schemathesis, which makes requests from the document alone: such that fit it, and such that do not.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from simulator_support import OPEN, VENDOR, Shop, said

from runner.catalogue import load
from runner.simulator import Response

ADDRESSES = sorted(
    (path, method)
    for path, methods in said(Shop().control("openapi.json"))["paths"].items()
    for method in methods
)  # fmt: skip


@cache
def document() -> Any:
    return said(Shop().control("openapi.json"))


@cache
def described_to_the_tool() -> Any:
    return schemathesis.openapi.from_dict(document())


@cache
def shop(world: str) -> Shop:
    return Shop(world)


def described(path: str, method: str) -> Any:
    return document()["paths"][path][method]


def test_the_document_holds() -> None:
    """It is OpenAPI 3.1, its references lead somewhere, its parameters stand in its paths."""
    validate(document())


def test_everything_that_is_served_is_described() -> None:
    """Every operation on its newest path and on its older ones."""
    told = {
        (path, method.upper(), name)
        for path, methods in document()["paths"].items()
        for method, one in methods.items()
        for name in one["x-operations"]
    }
    names = {(method, name) for _, method, name in told}
    assert names == {(one.method, one.name) for one in load().operations.values()}
    assert len(told) == sum(1 + len(one.older) for one in load().operations.values())


def test_a_read_is_described_with_its_limits_and_its_errors() -> None:
    """Types, forms, values and limits of its parameters; the gateway's words and its own; its records."""
    one = described(f"{OPEN}/v5/vendors/{{vendorId}}/ordersheets", "get")
    found = {each["name"]: each for each in one["parameters"]}
    assert found["vendorId"]["schema"]["enum"] == [VENDOR]
    assert found["maxPerPage"]["schema"] | {"minimum": 1, "maximum": 50} == found["maxPerPage"]["schema"]
    assert (found["status"]["required"], "ACCEPT" in found["status"]["schema"]["enum"]) == (True, True)
    assert "range should less than31" in one["responses"]["400"]["description"]
    assert {"200", "400", "401", "403", "404", "429"} <= {*one["responses"]}
    assert "orderItems" in document()["components"]["schemas"]["order_sheets"]["properties"]


def test_500_is_described_where_it_is_documented() -> None:
    """And nowhere else."""
    for op in load().operations.values():
        if any(one.http == 500 for one in op.errors):
            assert "500" in described(op.path, op.method.lower())["responses"], op.name
    assert "500" not in described(f"{OPEN}/v5/vendors/{{vendorId}}/ordersheets", "get")["responses"]


def test_bodies_are_described_down_to_their_entries() -> None:
    """What each entry of a list needs, too."""
    path = f"{OPEN}/v4/vendors/{{vendorId}}/orders/invoices"
    schema = described(path, "post")["requestBody"]["content"]["application/json"]["schema"]
    entries = schema["properties"]["orderSheetInvoiceApplyDtos"]["items"]
    assert {"shipmentBoxId", "invoiceNumber"} <= {*entries["required"]}


# --- driven by a tool -------------------------------------------------------------------------------------------------


def sent(world: str, case: Any) -> Response:
    """Send what schemathesis made, signed, as it would go over the wire."""
    made = requests.Request(**case.as_transport_kwargs(base_url="http://127.0.0.1")).prepare()
    path, _, query = made.path_url.partition("?")
    body = made.body or b""
    return shop(world).send(made.method or "", path, query, body.encode() if isinstance(body, str) else body)


def check(path: str, method: str, answer: Response) -> None:
    """Hold an answer against the document: its status is described, and its body is what it says."""
    told = described(path, method)["responses"]
    assert f"{answer.status}" in told, (answer.status, answer.body[:300])
    one = told[f"{answer.status}"]
    if "$ref" in one:
        one = document()["components"]["responses"][one["$ref"].rpartition("/")[2]]
    content = one["content"]
    if "json" not in answer.content_type:
        assert answer.content_type in content
        return
    schema = {**content["application/json"]["schema"], "components": document()["components"]}
    jsonschema.Draft202012Validator(schema).validate(said(answer))


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda one: one.name.lower())
@pytest.mark.parametrize(("path", "method"), ADDRESSES)
def test_whatever_is_sent_is_answered_as_described(path: str, method: str, mode: GenerationMode) -> None:
    """No 500 that is not documented, and no answer of another shape."""
    operation = described_to_the_tool()[path][method.upper()]

    @settings(
        max_examples=8, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers(case: Any) -> None:
        check(path, method, sent("claims", case))

    answers()
