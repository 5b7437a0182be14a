"""The switches of the options Coupang makes by itself. All are on from the start; nothing shows how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from runner.simulator.behaviours.product import option_of
from runner.simulator.envelopes import Told
from runner.simulator.reviews import plan
from runner.simulator.world import Row, World

#: until a bundle of an option appears
_MADE_AFTER = timedelta(days=1)
_TAKEN = "success"
_WHOLE_ACCOUNT = 0


def enable_auto_option_item(world: World, given: Mapping[str, Any]) -> Any:
    """Let Coupang make bundles of an option; one appears later."""
    _enable(world, option_of(world, given, "자동생성옵션 활성화"))
    return _TAKEN


def enable_auto_option_all(world: World, _given: Mapping[str, Any]) -> Any:
    """Let Coupang make bundles of everything, which it has to go through first."""
    for option in list(world.rows("options").values()):
        _enable(world, option)
    _set(world, _WHOLE_ACCOUNT, on=True)
    return Told(_TAKEN, {"code": "PROCESSING"})


def _enable(world: World, option: Row) -> None:
    if option.get("base") is None and option["onSale"]:
        plan(world, option["vendorItemId"], "bundle", world.now + _MADE_AFTER)
    _set(world, option["vendorItemId"], on=True)


def disable_auto_option_item(world: World, given: Mapping[str, Any]) -> Any:
    """Make no more bundles of an option; those that were made stay."""
    _disable(world, option_of(world, given, "자동생성옵션 비활성화"))
    return _TAKEN


def disable_auto_option_all(world: World, _given: Mapping[str, Any]) -> Any:
    """Make no more bundles of anything."""
    for option in world.rows("options").values():
        _disable(world, option)
    _set(world, _WHOLE_ACCOUNT, on=False)
    return Told(_TAKEN, {"code": "PROCESSING"})


def _disable(world: World, option: Row) -> None:
    world.rows("product_works").pop((option["vendorItemId"], "bundle"), None)
    _set(world, option["vendorItemId"], on=False)


def _set(world: World, number: int, *, on: bool) -> None:
    world.rows("auto_options")[number] = {"vendorItemId": number, "on": on}


AUTO_OPTION = {
    "enable_auto_option_item": enable_auto_option_item,
    "enable_auto_option_all": enable_auto_option_all,
    "disable_auto_option_item": disable_auto_option_item,
    "disable_auto_option_all": disable_auto_option_all,
}
