"""Addresses: which ones are this machine, which ones a seller may name, and which are the marketplace's alone."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import parse_qsl, urlsplit

_COUPANG = "coupang.com"
#: names of parameters that carry keys
_KEYS = ("key", "token", "secret", "password", "passwd", "pwd", "auth", "signature")


def is_loopback(base_url: str) -> bool:
    """Tell whether an address can only be this machine."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_base(base_url: str) -> bool:
    """Tell whether this is scheme, host and port, and nothing else."""
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:
        return False
    bare = f"{parts.scheme}://{parts.netloc}"
    host = parts.hostname or ""
    return (
        parts.scheme in {"http", "https"}
        and bool(host)
        and "@" not in parts.netloc
        and port != 0
        and base_url.rstrip("/").lower() == bare.lower()
    )


def address_problem(url: str) -> str:
    """Return what is wrong with an address: `form`, `secret`, `marketplace`; "" when nothing is."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "form"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or any(one.isspace() for one in url):
        return "form"
    if "@" in parts.netloc or any(_is_key(name) for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        return "secret"
    host = parts.hostname.rstrip(".").lower()
    return "marketplace" if host == _COUPANG or host.endswith(f".{_COUPANG}") else ""


def is_marketplace(url: str, base_url: str) -> bool:
    """Tell whether an address leads to where the settings say that the marketplace is."""
    there, here = urlsplit(url), urlsplit(base_url)
    if is_loopback(url) and is_loopback(base_url):
        return _port(there.scheme, there.port) == _port(here.scheme, here.port)
    return (there.hostname or "").rstrip(".").lower() == (here.hostname or "").rstrip(".").lower()


def _port(scheme: str, port: int | None) -> int:
    return port or (443 if scheme == "https" else 80)


def _is_key(name: str) -> bool:
    return name.lower().endswith(_KEYS)


def is_safe_for_secrets(url: str) -> bool:
    """Tell whether nobody on the way can read along."""
    return url.lower().startswith("https://") or is_loopback(url)
