"""Names that do not exist: which one was probably meant, or which ones there are."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from runner.errors import UsageMistake
from runner.model import Message, message
from runner.nearest import nearest
from runner.schema.suggest import suggestion


def known_or_mistake(code: str, name: str, known: Iterable[str]) -> str:
    """Return a name that is known. Raises UsageMistake with what was probably meant, else with what there is."""
    names = list(dict.fromkeys(known))
    if name in names:
        return name
    raise UsageMistake(code, name=name, **_hint(suggestion(name, names)))


def existing_or_mistake(code: str, path: Path, others: Iterable[Path]) -> Path:
    """Return a path that exists. Raises UsageMistake, with that of `others` that was probably meant, or with all."""
    if path.exists():
        return path
    shown = {here(one): one for one in others}
    by_stem = {_stem(one): text for text, one in shown.items()}
    near = by_stem.get(nearest(_stem(path), list(by_stem)))
    hint = message("cli_did_you_mean", names=[near]) if near else suggestion(str(path), list(shown))
    why = os.strerror(errno.ENOENT)
    raise UsageMistake(code, file=str(path), where=str(path), reason=why, said=why, **_hint(hint))


def _hint(hint: Message | None) -> dict[str, Message]:
    return {"hint": hint} if hint else {}


def _stem(path: Path) -> str:
    """Return what a file is called without its endings: `stop` for `rules/stop.test.yaml`."""
    return path.name.partition(".")[0]


def here(path: Path) -> str:
    """Return a path as a person would write it here."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
