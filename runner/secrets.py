"""Secrets: where a key is kept, opened only when it is used, and never shown."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from runner.errors import UsageMistake

#: published, and worth nothing outside of a simulator
SIMULATOR_KEYS = frozenset({"sim-access-key", "sim-secret-key"})
_KEYRING_SERVICE = "coupang-runner"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Secret:
    """A key that shows itself only to `reveal`."""

    #: where it is kept, for people: env:MAIN_ACCESS_KEY
    where: str
    _open: Callable[[], str] = field(repr=False)

    def reveal(self) -> str:
        """Return the key. Raises UsageMistake when it is not where the settings say."""
        return self._open()

    def __repr__(self) -> str:
        return f"Secret({self.where})"


def secret(
    body: str | Mapping[str, str], owner: str, folder: Path, env: Mapping[str, str], *, simulated: bool
) -> Secret:
    """Make the Secret of one setting; `owner` names it in errors, `simulated` admits the simulator's keys."""
    if isinstance(body, str):
        return Secret("simulator", lambda: _admitted(body, owner, simulated=simulated))
    way, name = next(iter(body.items()))
    opening: Mapping[str, Callable[[], str]] = {
        "env": lambda: _from_environment(name, owner, env),
        "file": lambda: _from_file(folder / name, owner),
        "keyring": cache(lambda: _from_keyring(name, owner)),
    }
    return Secret(f"{way}:{name}", lambda: _admitted(opening[way](), owner, simulated=simulated))


def _admitted(value: str, owner: str, *, simulated: bool) -> str:
    if value in SIMULATOR_KEYS and not simulated:
        raise UsageMistake("simulator_key_elsewhere", account=owner.partition(".")[0], base_url="")
    return value


def _from_environment(name: str, owner: str, env: Mapping[str, str]) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise UsageMistake("secret_not_in_environment", name=name, owner=owner)
    return value


def _from_file(path: Path, owner: str) -> str:
    """Read a key that nobody else may read. Windows keeps rights elsewhere; there only the file must exist."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        value = path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise UsageMistake("secret_file_unreadable", file=str(path), owner=owner, said=said) from error
    if os.name != "nt" and mode & 0o077:
        raise UsageMistake("secret_file_open", file=str(path), owner=owner, mode=f"{mode:04o}")
    if not value or "\n" in value:
        raise UsageMistake("secret_file_wrong", file=str(path), owner=owner)
    return value


def _from_keyring(name: str, owner: str) -> str:
    try:
        import keyring  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageMistake("keyring_not_installed", owner=owner) from error
    try:
        value: Any = keyring.get_password(_KEYRING_SERVICE, name)
    except keyring.errors.KeyringError as error:
        raise UsageMistake("keyring_unusable", owner=owner, said=str(error)) from error
    if not value:
        raise UsageMistake("secret_not_in_keyring", name=name, owner=owner, service=_KEYRING_SERVICE)
    return str(value)
