"""Notice edited rule files and reload; editors' temporary files are not rules."""

from __future__ import annotations

import threading
from pathlib import Path

from watchfiles import Change, watch

from runner.daemon.daemon import Daemon
from runner.settings import Settings

#: milliseconds: an editor saves in several steps, one reload is enough
_DEBOUNCE = 400


def watch_rules(daemon: Daemon, settings: Settings, stop: threading.Event) -> None:
    """Reload whenever a rule file under the settings' folders changes; returns when `stop` is set."""
    folders = {(settings.folder / pattern).parent for pattern in settings.rules}
    there = sorted(folder for folder in folders if folder.is_dir())
    if not there:
        return
    for _changes in watch(*there, watch_filter=_is_rule, debounce=_DEBOUNCE, stop_event=stop, raise_interrupt=False):
        daemon.reload()


def _is_rule(_change: Change, path: str) -> bool:
    name = Path(path).name
    return name.endswith((".yaml", ".yml")) and not name.startswith((".", "~", "#"))
