"""A seller's database, asked with the query of a rule file; nothing is ever committed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.errors import Unreadable
from runner.fetch.sheet import Sheet

if TYPE_CHECKING:
    from runner.rules.shapes import FileSource


def ask(file: FileSource) -> Sheet:
    """Return the rows of a query. Raises Unreadable; its facts never hold the address, which may have a password."""
    from sqlalchemy import create_engine, make_url  # noqa: PLC0415  # 0.2 s that `check` must not pay
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    try:
        url = _located(file, make_url(file.url))
        with create_engine(url, poolclass=NullPool).connect() as connection:
            answer = connection.exec_driver_sql(file.query)
            header = tuple(str(name) for name in answer.keys())  # noqa: SIM118  # a method of its own, no mapping
            rows = [(number, tuple(row)) for number, row in enumerate(answer, 1)]
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise Unreadable("database_driver_missing", file=file.name) from error
    except (ArgumentError, SQLAlchemyError) as error:
        said = str(getattr(error, "orig", None) or type(error).__name__)
        raise Unreadable("database_unreadable", file=file.name, said=said[:200]) from error
    return Sheet(name=file.name, header=header, rows=rows)


def _located(file: FileSource, url: Any) -> Any:
    """SQLite files stand beside the rule file, like all paths; a missing one would be made, empty, by asking it."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return url
    path = file.path / Path(url.database)
    if not path.is_file():
        raise Unreadable("file_gone", file=path.name)
    return url.set(database=str(path))
