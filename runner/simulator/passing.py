"""What time brings by itself, without anybody doing anything."""

from __future__ import annotations

from runner.simulator.behaviours.settlement import keep_books
from runner.simulator.exchanges import show_replacements
from runner.simulator.growth import pass_growth
from runner.simulator.world import World


def pass_time(world: World) -> bool:
    """Let everything happen whose time has come; tell whether anything did."""
    happened = [world.settle(), show_replacements(world), keep_books(world), pass_growth(world)]
    return any(happened)
