"""Requests and responses as the simulator sees them, and the bodies every gateway family answers with."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

JSON = "application/json;charset=UTF-8"
#: levels of nesting a body may have; the deepest documented one has four
_DEEPEST = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One HTTP request, exactly as it came over the wire."""

    method: str
    #: still percent-encoded
    path: str
    #: raw query string, without "?"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    #: address of the caller
    client: str = "127.0.0.1"
    #: it tells how long its body is, or that it comes in chunks
    measured: bool = True

    @property
    def plain_path(self) -> str:
        """Path with its escapes undone."""
        return unquote(self.path)

    def header(self, name: str) -> str:
        """Return a header, whatever the case of its name; "" without."""
        return next((value for key, value in self.headers.items() if key.lower() == name), "")

    def parameters(self) -> dict[str, str]:
        """Query parameters; "+" is a space, as on the real gateway, so an offset's plus must be sent as %2B."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def json(self) -> Any:
        """Return the body as JSON, None when there is none; ValueError when it is something else, or a trap."""
        if not self.body:
            return None
        try:
            found = json.loads(self.body, parse_float=_finite, parse_constant=_finite)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        _check_depth(found)
        return found

    def large_json(self) -> Any:
        """Return a body that may be huge and is never logged as JSON, quickly; ValueError when it is something else."""
        return orjson.loads(self.body) if self.body else None


def _finite(text: str) -> float:
    """Read a number; what JSON cannot write again (1e999, NaN) is none."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a number")
    return number


def _check_depth(value: Any) -> None:
    """Refuse what is nested so deeply that writing it again, for the log, could fail."""
    level = [value]
    for _ in range(_DEEPEST):
        inner = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [one for entries in inner for one in entries]
        if not level:
            return
    raise ValueError("nested too deeply")


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """One HTTP response, or a connection that ends without one."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    #: the connection is closed and nothing, or not everything, is sent
    dropped: bool = False
    #: seconds the answer is held back
    delay: float = 0.0
    #: the connection ends in the middle of the body
    cut: bool = False
    #: seconds over which the body comes in small pieces
    trickle: float = 0.0


class Refusal(Exception):
    """The marketplace refuses a request: HTTP status and its own words; `applied` when it did what was asked."""

    def __init__(self, status: int, message: str, *, code: Any = None, applied: bool = False) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.applied = status, message, code, applied


def compact(value: Any) -> bytes:
    """Write JSON without blanks, Korean unescaped, as recorded from the real API; half characters become "?"."""
    try:
        return orjson.dumps(value)
    except TypeError:
        # half characters, keys that are numbers, numbers of more than 64 bits
        pass
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def gateway_error(status: int, message: str, number: int, code: str = "ERROR") -> Response:
    """Make an error of the gateway itself."""
    body = {"code": code, "message": message, "transactionId": f"00000000-0000-4000-8000-{number:012d}"}
    return Response(status=status, body=compact(body))


def no_path(uri: str, number: int) -> Response:
    """Make the gateway's answer to a path, a version or a verb that it does not know."""
    told = f"No exactly matching API specification for uri {uri}"
    return gateway_error(404, told, number, "PRECONDITION_FAILED")


def edge_block() -> Response:
    """Make the edge's HTML page."""
    html = (
        "<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY>\n<H1>Access Denied</H1>\n \n"
        "You don't have permission to access this resource on this server.<P>\n"
        "Reference #18.00000000.0000000000.00000000\n</BODY>\n</HTML>\n"
    )
    return Response(status=403, body=html.encode(), content_type="text/html")


def no_length() -> Response:
    """Turn away what does not tell the length of its body, as web servers do."""
    html = "<html><head><title>411 Length Required</title></head><body><h1>Length Required</h1></body></html>"
    return Response(status=411, body=html.encode(), content_type="text/html")


def refused(envelope: str, refusal: Refusal) -> Response:
    """Say no in the words and the shape of a gateway family."""
    status, said = refusal.status, refusal.message
    if envelope == "fms":
        phrase = HTTPStatus(status).phrase
        body: Any = {
            "code": status, "message": phrase, "httpStatus": status, "httpStatusMessage": phrase, "errorMessage": said,
            "data": None,
        }  # fmt: skip
    elif envelope == "seller_api":
        body = {"code": refusal.code or "ERROR", "message": said}
    elif envelope == "marketplace":
        body = [{"requestResultStatus": "FAIL", "body": None, "errorCode": str(status), "errorMessage": said}]
    elif status == HTTPStatus.OK:
        body = {"code": "200", "message": "SUCCESS", "data": {"resultCode": "FAIL", "resultMessage": said}}
    else:
        body = {"code": refusal.code or status, "message": said, "data": None}
    return Response(status=status, body=compact(body))
