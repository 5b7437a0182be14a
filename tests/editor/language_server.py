"""A client of the real YAML language server: opens texts and reads what an editor would show."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).parent
SERVER = HERE / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
#: seconds; far beyond what the slowest answer takes
_PATIENCE = 60


def installed() -> Path:
    """Return the server, installed as package-lock.json says when it is not there yet."""
    with (HERE / "package.json").open() as one_at_a_time:
        if sys.platform != "win32":  # tests run in several processes
            import fcntl

            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not SERVER.is_file():
            npm = shutil.which("npm")
            assert npm is not None, "node is here, but not npm"
            subprocess.run([npm, "ci", "--silent"], cwd=HERE, check=True)
    return SERVER


@dataclass
class LanguageServer:
    """One running server for one folder."""

    root: Path
    #: `yaml.schemas` of the editor's settings
    schemas: dict[str, Any]
    process: subprocess.Popen[bytes] = field(init=False)
    heard: queue.Queue[Any] = field(default_factory=queue.Queue, init=False)
    problems: dict[str, list[Any]] = field(default_factory=dict, init=False)
    sent: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        line = [shutil.which("node") or "node", str(installed()), "--stdio"]
        self.process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self._listen, daemon=True).start()
        shown = {"hover": {"contentFormat": ["markdown"]}, "completion": {"completionItem": {"snippetSupport": True}}}
        folder = {"uri": self.root.as_uri(), "name": "shop"}
        self.ask(
            "initialize",
            processId=None, rootUri=self.root.as_uri(), workspaceFolders=[folder],
            capabilities={"textDocument": shown, "workspace": {"configuration": True}},
        )  # fmt: skip
        self._send({"method": "initialized", "params": {}})
        self._wait_for_schemas()

    def _wait_for_schemas(self) -> None:
        """Ask until the server has fetched the editor's settings: before, it knows no schema."""
        until = time.monotonic() + _PATIENCE
        while "version" not in self.completions("rules/first.yaml", "ver|"):
            assert time.monotonic() < until, "the server never took the editor's settings"
            time.sleep(0.05)

    def close(self) -> None:
        """End the server."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    # --- what an editor asks ---------------------------------------------------------------------------------

    def completions(self, name: str, text: str) -> dict[str, str]:
        """Return what is offered where `|` stands: label and explanation."""
        uri, position = self._opened(name, text)
        found = self.ask("textDocument/completion", textDocument={"uri": uri}, position=position)
        offered = found["items"] if isinstance(found, dict) else found
        return {one["label"]: _text(one.get("documentation", "")) for one in offered}

    def hover(self, name: str, text: str) -> str:
        """Return what is shown over the place where `|` stands."""
        uri, position = self._opened(name, text)
        found = self.ask("textDocument/hover", textDocument={"uri": uri}, position=position)
        return _text(found["contents"]) if found else ""

    def diagnostics(self, name: str, text: str) -> list[tuple[int, str]]:
        """Return the red lines of a text: line, from 1, and what is said."""
        uri = self._open(name, text)
        while uri not in self.problems:
            self._handle(self.heard.get(timeout=_PATIENCE))
        return [(one["range"]["start"]["line"] + 1, one["message"]) for one in self.problems[uri]]

    def _opened(self, name: str, text: str) -> tuple[str, dict[str, int]]:
        before, _, after = text.partition("|")
        place = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        return self._open(name, before + after), place

    def _open(self, name: str, text: str) -> str:
        """Open a text in a folder of its own: what is late about an earlier text must not be taken for this one's."""
        self.sent += 1
        uri = (self.root / str(self.sent) / name).as_uri()
        opened = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": opened}})
        return uri

    # --- the protocol ----------------------------------------------------------------------------------------

    def ask(self, method: str, **params: Any) -> Any:
        """Send a request and return its answer, serving what the server asks meanwhile."""
        self.sent += 1
        number = self.sent
        self._send({"id": number, "method": method, "params": params})
        while True:
            said = self.heard.get(timeout=_PATIENCE)
            if said.get("id") == number and "method" not in said:
                assert "error" not in said, said
                return said["result"]
            self._handle(said)

    def _handle(self, said: Any) -> None:
        if said.get("method") == "textDocument/publishDiagnostics":
            self.problems[said["params"]["uri"]] = said["params"]["diagnostics"]
        elif "id" in said and "method" in said:
            settings = {"schemas": self.schemas, "validate": True, "completion": True, "hover": True}
            wanted = said["params"].get("items", []) if isinstance(said.get("params"), dict) else []
            result = [settings if one.get("section") == "yaml" else None for one in wanted]
            self._send({"id": said["id"], "result": result})

    def _send(self, said: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **said}).encode()
        pipe = self.process.stdin
        assert pipe is not None
        pipe.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        pipe.flush()

    def _listen(self) -> None:
        pipe = self.process.stdout
        assert pipe is not None
        while (size := _size(pipe)) is not None:
            self.heard.put(json.loads(pipe.read(size)))


def _size(pipe: IO[bytes]) -> int | None:
    """Read the head of a message; None when the server is gone."""
    size = 0
    try:
        while line := pipe.readline().strip():
            name, _, value = line.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
    except ValueError:  # closed while it was read
        return None
    return size or None


def _text(said: Any) -> str:
    return str(said["value"]) if isinstance(said, dict) else str(said)
