"""`runner sim`."""

from __future__ import annotations

import click

from runner.cli.frame import Option, command
from runner.cli.session import Session
from runner.errors import UsageMistake


@command(
    "sim",
    Option("--port", type=click.IntRange(0, 65_535), default=8765, show_default=True, metavar="N"),
    Option("--seed", type=int, default=1, show_default=True, metavar="N"),
    Option("--world", default="demo", show_default=True, metavar="NAME"),
    Option("--buyers", type=click.FloatRange(0), default=0.0, metavar="PER_HOUR"),
    Option("--rate", type=click.IntRange(0), default=5, show_default=True, metavar="N"),
    Option("--accounts", type=click.IntRange(1, 100), default=1, show_default=True, metavar="N"),
)
def sim(session: Session, port: int, seed: int, world: str, buyers: float, rate: int, accounts: int) -> int:
    """Serve the simulated marketplace until it is stopped."""
    from runner.simulator.server import serve
    from runner.simulator.worlds import WORLDS

    if world not in WORLDS:
        raise UsageMistake("world_unknown", world=world, known=list(WORLDS))
    return serve(
        port=port, seed=seed, world=world, buyers=buyers, rate=rate, accounts=accounts, json_line=session.wants_json
    )
