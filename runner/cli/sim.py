"""`runner sim`."""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource

from runner.cli.frame import Option, command
from runner.cli.session import Session
from runner.errors import UsageMistake


@command(
    "sim",
    Option("--port", type=click.IntRange(0, 65_535), default=8765, show_default=True, metavar="N"),
    Option("--seed", type=int, default=1, show_default=True, metavar="N"),
    Option("--world", default="demo", show_default=True, metavar="NAME"),
    Option("--buyers", default="0", metavar="PER_HOUR[,DEED=SHARE...]"),
    Option("--rate", type=click.IntRange(0), default=5, show_default=True, metavar="N"),
    Option("--accounts", type=click.IntRange(1, 100), default=1, show_default=True, metavar="N"),
    Option("--requests", type=click.IntRange(0, 1_000_000), default=10_000, show_default=True, metavar="N"),
    Option("--load", type=click.Path(path_type=Path), metavar="FILE"),
    Option("--save", type=click.Path(path_type=Path), metavar="FILE"),
)
def sim(
    session: Session, port: int, seed: int, world: str, buyers: str, rate: int, accounts: int, requests: int,
    **files: Path | None,
) -> int:  # fmt: skip
    """Serve the simulated marketplace until it is stopped."""
    from runner.simulator.gateway import sellers
    from runner.simulator.rates import rates_of
    from runner.simulator.server import check_writable, load, serve
    from runner.simulator.simulator import Simulator
    from runner.simulator.worlds import WORLDS

    if world not in WORLDS:
        raise UsageMistake("world_unknown", world=world, known=list(WORLDS))
    try:
        rates = rates_of(buyers)
    except ValueError as error:
        raise UsageMistake("buyers_unclear", given=buyers, said=str(error)) from None
    if files["save"] is not None:
        check_writable(files["save"])
    if files["load"] is None:
        made = Simulator(
            world_name=world, seed=seed, buyers=rates, rate=rate, sellers=sellers(accounts), kept=requests
        )  # fmt: skip
    else:
        _check_load_alone()
        made = Simulator(world_name="quiet", kept=requests)
        load(made, files["load"])
        if _is_said("rate"):
            made.gateway.rate = rate
        if _is_said("buyers"):
            made.let_come(rates)
    return serve(made, port=port, json_line=session.wants_json, save_to=files["save"])


def _is_said(option: str) -> bool:
    """Tell whether an option stands on the command line."""
    return click.get_current_context().get_parameter_source(option) is ParameterSource.COMMANDLINE


def _check_load_alone() -> None:
    """Refuse what a saved marketplace has in it already, and what therefore would be overruled in silence."""
    said = [f"--{one}" for one in ("world", "seed", "accounts") if _is_said(one)]
    if said:
        raise UsageMistake("load_has_it", options=said)
