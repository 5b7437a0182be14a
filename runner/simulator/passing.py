"""What time brings by itself, without anybody doing anything."""

from __future__ import annotations

from runner.simulator.agents import note_late
from runner.simulator.behaviours.download_coupon import end_requests
from runner.simulator.behaviours.settlement import keep_books
from runner.simulator.couriers import move_boxes
from runner.simulator.exchanges import show_replacements
from runner.simulator.growth import pass_growth
from runner.simulator.late import show_late
from runner.simulator.returning import pass_returns
from runner.simulator.reviews import proceed
from runner.simulator.world import World


def pass_time(world: World) -> bool:
    """Let everything happen whose time has come; tell whether anything did."""
    happened = [
        note_late(world), world.settle(), show_late(world), move_boxes(world), pass_returns(world),
        show_replacements(world), keep_books(world), pass_growth(world), proceed(world), end_requests(world),
    ]  # fmt: skip
    return any(happened)
