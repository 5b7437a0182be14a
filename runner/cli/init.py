"""`runner init`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from runner.catalogue import load
from runner.cli.frame import Option, command
from runner.cli.session import Session
from runner.errors import Mistake, UsageMistake
from runner.render import FORMAT, Page
from runner.schema import write
from runner.shipped import shipped

_SETTINGS = """\
# yaml-language-server: $schema=.runner/settings.schema.json
version: 1
rules: [rules/*.yaml]
ledger: .runner/ledger.db                # 무엇을 했는지 남는 장부 / what was done
timezone: Asia/Seoul
base_url: https://api-gateway.coupang.com
accounts:
  main:
    vendor_id: A00000000                 # WING > 판매자 정보 / your vendor id
    access_key: {env: COUPANG_ACCESS_KEY}   # 키는 파일에 적지 않습니다: {env: 이름} 또는 {file: secret.key}
    secret_key: {env: COUPANG_SECRET_KEY}
    rate: 4                              # 초당 호출 수. 쿠팡 한도는 5 / calls a second
"""
_IGNORED = "# 장부와 키는 저장소에 올리지 않습니다\n.runner/\n*.key\n.env\n"


@command(
    "init",
    click.Argument(["folder"], default=".", type=click.Path(path_type=Path), metavar="[FOLDER]"),
    Option("--example", is_flag=True),
)
def init(session: Session, folder: Path, *, example: bool) -> None:
    """Set up a shop folder, leaving everything that exists as it is."""
    try:
        made = _set_up(session, folder, _example() if example else _shop())
    except OSError as error:
        where = str(error.filename or folder)
        raise Mistake("init_not_writable", where=where, said=error.strerror or str(error)) from error
    if example:
        session.note("init_next_example", folder=str(folder))
    else:
        session.note("init_next", file=str(folder / "runner.yaml"))
    files = [{"file": file, "made": is_new} for file, is_new in made]
    session.show(Page(document={"format_version": FORMAT, "folder": str(folder), "files": files}))


def _set_up(session: Session, folder: Path, files: Iterable[tuple[str, str]]) -> list[tuple[str, bool]]:
    """Write what is not there yet; return every file, and whether it is new. Raises OSError."""
    if folder.exists() and not folder.is_dir():
        raise UsageMistake("init_not_a_folder", folder=str(folder))
    made = [_told(session, folder / name, text) for name, text in files]
    return made + [(str(path), True) for path in write(folder / ".runner", load())]


def _told(session: Session, path: Path, text: str) -> tuple[str, bool]:
    is_new = _put(path, text)
    session.note("init_made" if is_new else "init_kept", file=str(path))
    return str(path), is_new


def copy_example(folder: Path) -> None:
    """Copy the demo shop; its files count as fresh from now on."""
    for name, text in _example():
        _put(folder / name, text)
    write(folder / ".runner", load())


def _shop() -> Iterator[tuple[str, str]]:
    yield "runner.yaml", _SETTINGS
    yield ".gitignore", _IGNORED
    for path in sorted(shipped("rules").glob("*.yaml")):
        yield f"rules/{path.name}", path.read_text("utf-8")


def _example() -> Iterator[tuple[str, str]]:
    root = shipped("examples")
    for path in sorted(root.rglob("*")):
        if path.is_file() and ".runner" not in path.relative_to(root).parts:
            yield path.relative_to(root).as_posix(), path.read_text("utf-8")


def _put(path: Path, text: str) -> bool:
    """Write a file that does not exist yet."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return True
