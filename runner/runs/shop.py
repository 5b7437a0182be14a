"""Open one account: its client, its clock, and who the marketplace is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runner.catalogue import Catalogue, load
from runner.clock import business_clock, host_now, marketplace_of, settle
from runner.coupang.client import Client
from runner.coupang.pace import Pace
from runner.coupang.reader import MarketReader
from runner.coupang.writer import MarketWriter
from runner.fetch import Tables, WebSources
from runner.model import Calls, Message
from runner.rules.effects import Effects
from runner.seams import Clock
from runner.settings import Account, Settings
from runner.web.reading import WebReader


def silent(_said: Message) -> None:
    """Tell nobody: the progress of runs without an audience."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """One account, opened."""

    account: Account
    settings: Settings
    catalogue: Catalogue
    effects: Effects
    client: Client
    clock: Clock
    #: who is asked: account, vendor and marketplace; a fresh simulator is not taken for an old one
    marketplace: str
    #: asks the seller's own systems
    web: WebSources
    #: progress for a person who waits
    tell: Callable[[Message], None] = silent

    @property
    def name(self) -> str:
        """Name of the account in the settings."""
        return self.account.name

    def reader(self) -> MarketReader:
        """Make a reader with an empty memory: one per run."""
        return MarketReader(self.client)

    def writer(self) -> MarketWriter:
        """Make a writer; only `perform` asks for one."""
        return MarketWriter(self.client)

    def tables(self) -> Tables:
        """Make the reader of file sources: files are read once per run."""
        return Tables(host_now, settle=settle, web=self.web)

    @property
    def calls(self) -> Calls:
        """HTTP requests sent so far."""
        return self.client.calls


def open_shop(settings: Settings, name: str, *, tell: Callable[[Message], None] = silent) -> Shop:
    """Open an account. Raises UsageMistake, NotAuthorized or Unreachable."""
    account = settings.account(name)
    catalogue = load()
    pace = Pace(settings.state_dir / "pace.db")
    client = Client(account, settings.base_url, pace, catalogue)
    return Shop(
        account=account,
        settings=settings,
        catalogue=catalogue,
        effects=Effects(catalogue=catalogue),
        client=client,
        clock=business_clock(settings.base_url),
        marketplace=f"{account.vendor_id}@{marketplace_of(settings.base_url)}",
        web=WebSources(WebReader(settings.base_url, host_now), settings.opened),
        tell=tell,
    )
