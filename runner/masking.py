"""Personal data as it may be shown: enough to recognise a case, not enough to reach a person.

The forms follow the self-regulation of Korean seller tools: family name, last digits of a phone, district of an
address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

Kind = Literal["name", "phone", "address", "email", "text", "login"]

HIDDEN = "***"
_DISTRICT = re.compile(r"^(\S+)(?:\s+\S*[시군구](?=\s|$))+")
#: words in names of columns, Korean and English
_ABOUT_PERSONS = re.compile(
    r"이름|성명|성함|수취|수령|받는|보내는|주문자|구매자|고객|예금주|전화|연락처|휴대|핸드폰|주소|배송지|비고|메일|메모|메시지|요청"
    r"|receiver|recipient|orderer|buyer|customer|contact|phone|mobile|tel\b|addr|e-?mail|memo|message|(?<![a-z])name"
    r"|person|login",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<!\d)(0\d{1,3})[-. ]?(\d{3,4})[-. ]?(\d{4})(?!\d)")


def mask(kind: Kind, value: Any) -> Any:
    """Return a personal value as it may be shown; null and empty stay what they are."""
    if value is None or value == "":
        return value
    return _MASKS[kind](str(value).strip())


def is_about_persons(column: str) -> bool:
    """Tell whether the name of a column of the seller's own data says that it is about persons."""
    return _ABOUT_PERSONS.search(column) is not None


def may_show(column: str, value: str) -> str:
    """Return a value of the seller's own data as it may be shown: what stands in a column about persons is hidden."""
    return HIDDEN if value and is_about_persons(column) else mask_phones(value)


def mask_phones(text: str) -> str:
    """Return a text with everything that looks like a Korean phone number masked."""
    return _PHONE.sub(lambda found: f"{found[1]}-****-{found[3]}", text)


def _name(value: str) -> str:
    """Keep the family name: 김○○; of a Latin name the first letter."""
    return value[0] + "○" * max(min(len(value) - 1, 2), 1)


def _phone(value: str) -> str:
    digits = re.sub(r"^82", "0", re.sub(r"\D", "", value))
    return f"{digits[:3]}-****-{digits[-4:]}" if len(digits) >= 9 else HIDDEN


def _address(value: str) -> str:
    """Keep the province and the districts below it: 서울 강남구 ***."""
    found = _DISTRICT.match(value)
    return f"{found[0]} {HIDDEN}" if found else HIDDEN


def _email(value: str) -> str:
    local, at, _host = value.partition("@")
    return f"{local[:2]}{HIDDEN}@…" if at else HIDDEN


def _hidden(_value: str) -> str:
    return HIDDEN


def _login(value: str) -> str:
    return f"{value[:2]}{HIDDEN}" if len(value) > 3 else HIDDEN


_MASKS: Mapping[Kind, Callable[[str], str]] = {
    "name": _name,
    "phone": _phone,
    "address": _address,
    "email": _email,
    "text": _hidden,
    "login": _login,
}
