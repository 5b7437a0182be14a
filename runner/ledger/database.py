"""Opening the ledger's database: safe settings, migrations with a copy made first, clear refusals.

SQLAlchemy's own SQLite transactions lose updates of concurrent writers; every transaction here begins IMMEDIATE.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import StaticPool

from runner.errors import NeedsAttention
from runner.ledger.tables import metadata

#: newest migration in `migrations/versions`; a test holds the two equal
HEAD = "0004"


def open_engine(where: Path | str) -> sa.Engine:
    """Open (and create or migrate) the ledger at a path or database URL. Raises NeedsAttention."""
    engine = _sqlite(where) if isinstance(where, Path) else sa.create_engine(where)
    with telling(str(where)):
        _migrate(engine, where if isinstance(where, Path) else None)
    return engine


def memory_engine() -> sa.Engine:
    """Make a ledger's database that lives in memory, as long as its engine: for rehearsals."""
    engine = sa.create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    _listen(engine)
    metadata.create_all(engine)
    return engine


@contextmanager
def telling(where: str) -> Iterator[None]:
    """Turn a database's complaints into words for the operator."""
    try:
        yield
    except OperationalError as error:
        raise NeedsAttention("ledger_not_writable", where=where, said=str(error.orig)) from error
    except DatabaseError as error:
        raise NeedsAttention("ledger_damaged", where=where, said=str(error.orig)) from error


def _sqlite(path: Path) -> sa.Engine:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NeedsAttention("ledger_not_writable", where=str(path), said=error.strerror or "") from error
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
    _listen(engine)
    return engine


def _listen(engine: sa.Engine) -> None:
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))


def _configure(connection: Any, _record: object) -> None:
    """Let us begin transactions ourselves, and make a commit mean that it is on the disk."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _migrate(engine: sa.Engine, path: Path | None) -> None:
    version = _version(engine)
    if version == HEAD:
        return
    if version is not None and version > HEAD:
        raise NeedsAttention("ledger_newer", where=str(engine.url), version=version, known=HEAD)
    if version is not None and path is not None:
        _copy(path, path.with_suffix(f".before-{HEAD}.db"))
    upgrade(engine, "head")


def _copy(path: Path, aside: Path) -> None:
    """Copy a ledger with what its write-ahead log still holds; a copy that is there was made by whoever came first."""
    if aside.exists():
        return
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(aside)) as new:
        old.backup(new)


def _version(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return str(found) if found else None


def upgrade(engine: sa.Engine, version: str) -> None:
    """Bring a database to a version of the ledger."""
    from alembic import command  # noqa: PLC0415 - 100 ms that only a new or an old ledger pays
    from alembic.config import Config  # noqa: PLC0415 - same

    config = Config()
    config.set_main_option("script_location", "runner.ledger:migrations")
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
