"""Paths in rule files: they count from the file they stand in, and never lead out of its folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.rules.part import Part


def folder_of(part: Part) -> Path:
    """Return the folder a path in this file counts from."""
    return Path(part.sheet.document.file).absolute().parent


def file_path(part: Part | None) -> Path | None:
    """Return the absolute path that a relative one in a rule file means; refuse what leads out of its folder."""
    if part is None:
        return None
    text = part.data
    windows = PureWindowsPath(text)
    if PurePosixPath(text).is_absolute() or windows.is_absolute() or windows.drive or text.startswith("~"):
        part.error("E144", path=text)
        return None
    if ".." in windows.parts:
        part.error("E145", path=text)
        return None
    return folder_of(part) / str(text)
