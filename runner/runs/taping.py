"""Recording a survey, where the settings want it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime

from runner.fetch import Tables
from runner.recordings import FILE, Recordings, Tape
from runner.runs.shop import Shop
from runner.seams import Reader
from runner.settings import Settings


def is_recorded(settings: Settings) -> bool:
    """Tell whether there are recordings; opening them makes the file."""
    return settings.ledger.with_name(FILE).is_file()


def recordings_of(settings: Settings) -> Recordings:
    """Open the recordings of the settings. Raises NeedsAttention."""
    return Recordings(settings.ledger.with_name(FILE))


@contextmanager
def taping(shop: Shop, now: datetime) -> Iterator[Tape]:
    """Give what records an account's survey; what is too old is dropped."""
    with closing(recordings_of(shop.settings)) as recordings:
        recordings.prune(shop.settings.keep_recordings, now)
        place = (shop.marketplace, shop.name)
        yield Tape(recordings=recordings, place=place, catalogue=shop.catalogue, now=now)


@contextmanager
def taped(shop: Shop, reader: Reader, tables: Tables, now: datetime) -> Iterator[tuple[Reader, Tables]]:
    """Give a reader and tables that record, where the settings want it; else those that came in."""
    if not shop.settings.record:
        yield reader, tables
        return
    with taping(shop, now) as tape:
        yield tape.reader(reader), tape.tables(tables)
