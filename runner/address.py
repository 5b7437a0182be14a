"""Marketplace addresses: which ones are this machine, where only a simulator can answer."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


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
