"""Every benchmark, one after the other: `python bench/all.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent

if __name__ == "__main__":
    for path in sorted(HERE.glob("*.py")):
        if path.name != "all.py":
            print(f"\n=== {path.name}")
            subprocess.run([sys.executable, str(path)], check=True)  # noqa: S603 - our own scripts
