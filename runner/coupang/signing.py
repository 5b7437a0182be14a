"""The Authorization header of the gateway (CEA, HMAC-SHA256): a pure function of what is sent and when.

Source: https://developers.coupangcorp.com/hc/ko/articles/360033461914. The message is signed date + method + path +
query without any separator; the query is exactly what goes over the wire, in its order and its encoding.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime


def authorization(method: str, path: str, query: str, access_key: str, secret_key: str, at: datetime) -> str:
    """Return the header's value. `path` and `query` are percent-encoded, `query` without its `?`."""
    date = signed_date(at)
    signature = hmac.new(secret_key.encode(), f"{date}{method}{path}{query}".encode(), hashlib.sha256).hexdigest()
    return f"CEA algorithm=HmacSHA256, access-key={access_key}, signed-date={date}, signature={signature}"


def signed_date(at: datetime) -> str:
    """Return a time as the gateway wants it: UTC, two digits of the year. Accepted for 5 minutes."""
    return f"{at.astimezone(UTC):%y%m%dT%H%M%SZ}"
