"""Files that come with runner: rules to copy, schemas for editors, the demo shop."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal


def shipped(folder: Literal["rules", "schemas", "examples"]) -> Path:
    """Return the folder of shipped files: inside the installed package, else in the checkout it is run from."""
    inside = Path(str(files("runner") / "_shipped" / folder))
    return inside if inside.is_dir() else Path(__file__).parent.parent / folder
