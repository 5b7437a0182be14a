"""What an HTTP reply means: an Answer, or an exception cut by what the operator should do.

HTTP 200 is not success. Envelopes differ by gateway family, batches answer for each record, and failures hide in
flags; the catalogue says where, and every spelling of a success that was seen is accepted.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from runner.catalogue import Operation
from runner.catalogue.shapes import Refusal
from runner.coupang.wire import decode
from runner.errors import NoAnswer, NotAuthorized, Refused, RunnerError, Unreachable, Unreadable
from runner.model import Answer
from runner.settings import Account
from runner.values import dig

Cause = Literal["rate", "block"]
Tell = Callable[[], dict[str, Any]]
"""Gathers the facts of a failure; a success does not pay for them."""

#: PROCESSING: taken, and worked on (the switches of automatic options)
_SUCCESS = {"200", "SUCCESS", "OK", "PROCESSING"}
_FLAGS = ("success", "data.success", "data.content.success", "data.succeed")
_CODES = ("resultCode", "data.resultCode", "data.content.resultCode")
_FAILED = {"FAIL", "FAILED", "FAILURE", "ERROR"}
#: where answers say why not, the most telling first
_SAID = ("errorMessage", "data.resultMessage", "data.responseMessage", "message", "data.message", "messages.korean")
_PHONE = re.compile(r"(?<![\d-])(?:\+82[-\s]?\d{1,3}|0\d{1,3})[-\s.]?\d{3,4}[-\s.]?\d{4}(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
#: words of a server in trouble, not about the request
_TROUBLED = re.compile(
    r"internal|exception|unavailable|unknown error|server error|timed? ?out|temporar|try again|일시적|시스템|잠시 후",
    re.IGNORECASE,
)
_LONGEST_SAID = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One HTTP reply, read to its end."""

    status: int
    body: bytes
    #: the server's Date header, ""
    date: str = ""
    #: X-CAG-Warnings: the marketplace says that the limit is near
    warned: bool = False


def lockout(reply: Reply) -> Cause | None:
    """Tell whether this reply stops the whole vendor: 429, any redirect, 423, the HTML page of the edge."""
    if reply.status == 429:
        return "rate"
    if 300 <= reply.status < 400 or reply.status == 423:
        return "block"
    if reply.status == 403 and not isinstance(_json(reply), dict):
        return "block"
    return None


def is_expired(reply: Reply) -> bool:
    """Tell whether the signature was refused for its age."""
    return reply.status == 401 and "expired" in str(_said(_json(reply))).lower()


def judge(operation: Operation, reply: Reply, account: Account) -> Answer:
    """Return the answer when the reply is a success. Lock-outs are the caller's, see `lockout`.

    Raises NotAuthorized, Refused, and, for what is lost or unusable, NoAnswer for a write, Unreachable or Unreadable
    for a read.
    """
    body = _result(operation, _json(reply))
    tell = partial(_facts, operation, reply, account, body)
    if reply.status in {401, 403}:
        raise NotAuthorized(_why_not_authorized(tell()["said"]), **tell())
    if reply.status >= 500 or reply.status == 408 or _timed_out(body):
        raise lost(operation, "server_failed", **tell())
    if reply.status >= 400:
        raise _refusal(operation, reply.status, body, _REFUSED.get(reply.status, "refused"), tell)
    if not isinstance(body, dict | list):
        if operation.response.document and reply.body.startswith(_PAPER):
            return Answer(status=reply.status, body={}, data={operation.response.document: _as_text(reply.body)})
        raise _unusable(operation, "not_json", **tell())
    _refuse_failure(operation, body, tell)
    data = _data(operation, body, tell)
    _check_vendor(operation, data, tell, account)
    return Answer(status=reply.status, body=body, data=data)


def _result(operation: Operation, body: Any) -> Any:
    """Return what stands under the number of the one record that was sent; anything else stays as it is."""
    if operation.response.keyed and isinstance(body, dict) and len(body) == 1:
        inner = next(iter(body.values()))
        return inner if isinstance(inner, dict) else body
    return body


def _as_text(document: bytes) -> str:
    return base64.b64encode(document).decode()


def lost(operation: Operation, code: str, /, **facts: Any) -> RunnerError:
    """Make the exception for a request that may have left and has no usable answer."""
    if operation.effect == "write":
        return NoAnswer(f"no_answer_{code}", **facts)
    return Unreachable(code, **facts)


def _unusable(operation: Operation, code: str, /, **facts: Any) -> RunnerError:
    if operation.effect == "write":
        return NoAnswer(f"no_answer_{code}", **facts)
    return Unreadable(f"answer_{code}", **facts)


_REFUSED = {410: "api_withdrawn", 412: "api_not_activated"}
_NOT_JSON = object()
#: how the files begin that Coupang answers with: PDF
_PAPER = b"%PDF-"


def _json(reply: Reply) -> Any:
    try:
        return decode(reply.body)
    except ValueError:
        return _NOT_JSON


def _facts(operation: Operation, reply: Reply, account: Account, body: Any) -> dict[str, Any]:
    found = {"operation": operation.name, "account": account.name, "status": reply.status, "said": _said(body)}
    transaction = dig(body, "transactionId")
    told = list(_documented(operation, reply.status, body))
    marks = {name: True for name in ("gone", "busy") if any(getattr(one, name) for one in told)}
    return found | marks | ({"transaction": transaction} if isinstance(transaction, str) else {})


def _refusal(operation: Operation, status: int, body: Any, code: str, tell: Tell) -> RunnerError:
    """Make the exception for a refusal; one that says that the write was done all the same is no answer to it."""
    if operation.effect == "write" and any(one.applied for one in _documented(operation, status, body)):
        return NoAnswer("no_answer_yet_done", **tell())
    return Refused(code, **tell())


def _documented(operation: Operation, status: int, body: Any) -> list[Refusal]:
    """Return the catalogue's errors that an answer is.

    Status and text must both fit: a 404 alone may be an address that was withdrawn. Inside HTTP 200 the body's own
    code is the status.
    """
    codes = {str(status), _spelled(dig(body, "code"))}
    texts = _texts(body)
    known = [one for one in operation.errors if str(one.http) in codes]
    return [one for one in known if any(" ".join(one.message.split()) in text for text in texts)]


def _texts(body: Any) -> list[str]:
    """Return what an answer says, the most telling first, each on one line."""
    if isinstance(body, list):
        body = body[0] if body else {}
    found = (dig(body, path) for path in _SAID)
    return [" ".join(text.split()) for text in found if isinstance(text, str) and text.strip() and text != "OK"]


def _said(body: Any) -> str:
    """Return the marketplace's own words, without what looks like a phone number or a mail address."""
    found = next(iter(_texts(body)), "")
    return _MAIL.sub("***", _PHONE.sub("***", found))[:_LONGEST_SAID]


def _why_not_authorized(said: str) -> str:
    if "not allowed ip" in said.lower():
        return "ip_not_allowed"
    return "signature_expired" if "expired" in said.lower() else "not_authorized"


def _timed_out(body: Any) -> bool:
    """Recognise the gateway's time-out, which was also seen with HTTP 200."""
    return isinstance(body, dict) and body.get("code") == "ERROR" and "timed out" in str(body.get("message")).lower()


# --- failures inside HTTP 200 --------------------------------------------------------------------------------


def _refuse_failure(operation: Operation, body: Any, tell: Tell) -> None:
    if _spelled(dig(body, "code")) == "401":
        raise NotAuthorized("not_authorized", **tell())
    if not _has_success_code(operation, body):
        if operation.effect == "write" and _cannot_tell(body):
            raise lost(operation, "server_failed", **tell())
        raise _refusal(operation, 200, body, "refused", tell)
    if operation.batch and operation.batch.results and dig(body, operation.batch.results):
        return  # each record has its own result; who sent the batch reads them
    if _has_failure_flag(body):
        raise _refusal(operation, 200, body, "refused", tell)
    found = _alone(body) if operation.response.one else body
    for path, wanted in operation.response.ok.items():
        if dig(found, path) is None:
            raise _unusable(operation, "shape", path=path, **tell())
        if _spelled(dig(found, path)) != _spelled(wanted):
            raise _refusal(operation, 200, body, "refused", tell)


def _has_success_code(operation: Operation, body: Any) -> bool:
    code = body.get("code") if isinstance(body, dict) else None
    return code is None or _spelled(code) in _SUCCESS | {_spelled(operation.response.code)}


def _cannot_tell(body: Any) -> bool:
    """Tell whether a failure inside HTTP 200 leaves open what became of a write.

    A code of the 500s does, and so does ERROR in the words of a server in trouble: its time-outs were seen that way.
    ERROR is also how several workflows refuse, in words about the request; those are refusals.
    """
    code = _spelled(body.get("code")) if isinstance(body, dict) else ""
    return bool(re.fullmatch(r"5\d\d(\.0)?", code) or (code == "ERROR" and _TROUBLED.search(_said(body))))


def _has_failure_flag(body: Any) -> bool:
    if any(_spelled(dig(body, path)) == "FALSE" for path in _FLAGS):
        return True
    if any(_spelled(dig(body, path)) in _FAILED for path in _CODES):
        return True
    results = [dig(entry, "requestResultStatus") for entry in body] if isinstance(body, list) else []
    return bool(results) and all(_spelled(result) in _FAILED for result in results)


def _spelled(value: Any) -> str:
    """Return a code in one spelling: 200, "200" and 200.0 are the same, true and "true" too."""
    return "" if value is None else str(value).upper()


# --- records ------------------------------------------------------------------------------------------------


def _data(operation: Operation, body: Any, tell: Tell) -> Any:
    data = _at(body, operation.response.records)
    if operation.response.bare:
        return _named(operation, data, tell)
    if operation.effect == "write":
        return None if data is _ABSENT else _alone(data) if operation.response.one else data
    if operation.response.one:
        return _one(data, tell)
    if not isinstance(data, list):
        raise Unreadable("answer_shape", path=operation.response.records, **tell())
    return data


def _named(operation: Operation, data: Any, tell: Tell) -> dict[str, Any]:
    """Put a bare value under its name; an envelope around it may hold a failure of its own."""
    name = operation.response.bare
    if isinstance(data, dict):
        _refuse_failure(operation, data, tell)
        data = data.get("data")
    data, yes_or_no = _alone(data), operation.fields[name].type == "boolean"
    if not isinstance(data, int | str) or isinstance(data, bool) is not yes_or_no:
        raise _unusable(operation, "shape", path=operation.response.records, **tell())
    return {name: data}


def _one(data: Any, tell: Tell) -> Any:
    """Return the single record: an array with one element was seen where an object is documented."""
    if data is _ABSENT:
        raise Unreadable("answer_shape", path="", **tell())
    return _alone(data)


def _alone(data: Any) -> Any:
    """Take the one element of an array for the object, nothing for an empty one."""
    if isinstance(data, list) and len(data) < 2:
        return data[0] if data else None
    return data


_ABSENT = object()


def _at(body: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        if not isinstance(body, Mapping) or step not in body:
            return _ABSENT
        body = body[step]
    return body


def _check_vendor(operation: Operation, data: Any, tell: Tell, account: Account) -> None:
    """Stop when a record is another vendor's: keys and vendor ids of two accounts were mixed up.

    A write has acted by then, so for it the answer is no use and a read must tell.
    """
    for vendor in _vendors(data):
        if vendor != account.vendor_id:
            if operation.effect == "write":
                raise NoAnswer("no_answer_foreign_vendor", **tell(), expected=account.vendor_id, found=vendor)
            raise NotAuthorized("foreign_vendor", **tell(), expected=account.vendor_id, found=vendor)


def _vendors(data: Any) -> Iterator[str]:
    for record in data if isinstance(data, list) else [data]:
        if isinstance(record, dict):
            seller = record.get("seller")
            inner = seller.get("sellerId") if isinstance(seller, dict) else None
            for found in (record.get("vendorId"), record.get("sellerId"), inner):
                if found and isinstance(found, str):
                    yield found
