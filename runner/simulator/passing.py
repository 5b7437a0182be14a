"""What time brings by itself, without anybody doing anything."""

from __future__ import annotations

from runner.simulator.agents import note_late
from runner.simulator.couriers import move_boxes
from runner.simulator.late import show_late
from runner.simulator.returning import pass_returns
from runner.simulator.world import World


def pass_time(world: World) -> bool:
    """Let everything happen whose time has come; tell whether anything did."""
    happened = [note_late(world), world.settle(), show_late(world), move_boxes(world), pass_returns(world)]
    return any(happened)
