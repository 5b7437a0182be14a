"""What acceptance tests share: a running simulator, a copy of the demo shop, one command line and what came of it."""

from __future__ import annotations

import errno
import http.client
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from runner.cli import run_line

ROOT = Path(__file__).parent.parent
#: calls a second, far above the real limit: these tests are about what is sent, pace has its own
FAST = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Market:
    """A running simulator."""

    url: str

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Call one of the simulator's own pages."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def reset(self, world: str = "demo") -> None:
        """Begin a world anew."""
        self.ask("POST", "/_sim/reset", {"world": world, "seed": 1})

    def state(self) -> Any:
        """Return the whole world."""
        return self.ask("GET", "/_sim/state")

    def writes(self) -> list[Any]:
        """Return every request that could have changed the shop."""
        answer = self.ask("GET", "/_sim/requests")
        requests = answer["requests"] if isinstance(answer, dict) else answer
        return [one for one in requests if one["effect"] == "write"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """One command line and what came of it."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return stdout as the one JSON document it must be."""
        return json.loads(self.out)


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoShop:
    """A copy of `examples/` that talks to the simulator of the tests."""

    folder: Path
    market: Market

    def run(self, *arguments: str, lang: str = "en") -> Ran:
        """Run one command on this shop."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run_line([*arguments, "--config", str(self.folder / "runner.yaml"), "--lang", lang])
        return Ran(code=code, out=out.getvalue(), err=err.getvalue())

    def edit(self, name: str, before: str, after: str) -> None:
        """Replace a text in one of its files."""
        path = self.folder / name
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, after), "utf-8")


def spawn(
    line: Sequence[str], *, env: Mapping[str, str] | None = None, errors: int = subprocess.DEVNULL
) -> subprocess.Popen[str]:
    """Start this program as a process of its own: `python LINE`, with stdout a pipe and no stdin.

    A virtual machine may answer an exec out of a process of several threads with EFAULT (seen once in some thousand
    starts). Nothing has begun to run then, so a second try is no second run; it is the last one.
    """
    for is_last in (False, True):
        try:
            return subprocess.Popen(
                [sys.executable, *line], cwd=ROOT, env=env, text=True, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip
        except OSError as error:
            if is_last or error.errno != errno.EFAULT:
                raise
    raise AssertionError


def copy_shop(folder: Path, market: Market) -> DemoShop:
    """Copy the demo shop, pointed at the simulator of the tests; its files are new."""
    shutil.copytree(ROOT / "examples", folder, copy_function=shutil.copyfile)
    settings = (folder / "runner.yaml").read_text("utf-8")
    settings = re.sub(r"base_url: \S+", f"base_url: {market.url}", settings).replace("rate: 4", f"rate: {FAST}")
    (folder / "runner.yaml").write_text(settings, "utf-8")
    return DemoShop(folder=folder, market=market)
