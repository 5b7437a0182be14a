"""Reads that answer with paper instead of records: labels, and the invoices of Taiwan's couriers."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from runner.catalogue import Operation
from runner.simulator.boxes import each, look
from runner.simulator.envelopes import succeeded
from runner.simulator.wire import Refusal, Response
from runner.simulator.world import Row

Seen = Mapping[str, Mapping[Any, Row]]
#: boxes a call takes, by courier
_MOST = {"TWL_KERRY": 5, "TWL_FM": 30, "TWL_711": 40}


def order_label(op: Operation, given: Mapping[str, Any], kinds: Seen) -> Response:
    """Print a label for each order, as text."""
    known = {row["orderId"] for row in each(kinds.get("order_sheets", {}))}
    missing = [one for one in given["orderIdList"] if one not in known]
    if missing:
        raise Refusal(400, f"orderId {missing[0]} not found")
    lines = [f"{given['templateName']} order {one}" for one in given["orderIdList"] for _ in range(given["quantity"])]
    return succeeded(op, base64.b64encode(pdf(lines)).decode(), {})


def direct_invoices(_op: Operation, given: Mapping[str, Any], kinds: Seen) -> Response:
    """Print the invoices of boxes that a courier has numbers for."""
    courier, entries = given["deliveryCompanyCode"], given["invoicePrintDtoList"]
    if len(entries) > _MOST[courier]:
        raise Refusal(400, f"{courier}: at most {_MOST[courier]} shipment boxes are allowed")
    boxes = kinds.get("order_sheets", {})
    for one in entries:
        if (look(boxes, one["shipmentBoxId"]) or {}).get("invoiceNumber") != one["invoiceNumber"]:
            raise Refusal(400, f"invoiceNumber of shipmentBoxId {one['shipmentBoxId']} is not found")
    lines = [f"{courier} {one['shipmentBoxId']} {one['invoiceNumber']}" for one in entries]
    return Response(body=pdf(lines), content_type="application/pdf")


def pdf(lines: list[str]) -> bytes:
    """Write lines of plain letters as a PDF of one page, in the smallest form readers open."""
    shown = " ".join(f"({line}) Tj T*" for line in lines)
    text = f"BT /F1 10 Tf 12 TL 20 800 Td {shown} ET".encode("ascii", "replace")
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    made, places = b"%PDF-1.4\n", []
    for n, part in enumerate(parts, start=1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (n, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(made))
    return made + head + table + end


PAPERS: Mapping[str, Callable[[Operation, Mapping[str, Any], Seen], Response]] = {
    "order_label": order_label,
    "direct_invoices": direct_invoices,
}
