"""What carrying a plan out will cost in calls, estimated from the catalogue: pages and waits come on top."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby

from runner.catalogue import Catalogue, Operation, Procedure
from runner.model import Action, Calls, Mode, Plan
from runner.rules.shapes import Query, Rule


def estimated(plan: Plan, rules: Mapping[str, Rule], catalogue: Catalogue, costs: Mapping[Query, int]) -> Calls:
    """Return about how many calls the lines of a plan take that are not only watched.

    Each line is read again before it is sent, a batch with one reading of the list where that is cheaper; each effect
    is read back.
    """
    lines = sorted((one for one in plan.actions if one.mode is not Mode.WATCH), key=_kind)
    found = [_of_group(list(same), rules, catalogue, costs) for _, same in groupby(lines, key=_kind)]
    return Calls(read=sum(one.read for one in found), write=sum(one.write for one in found))


def _kind(action: Action) -> tuple[str, str, int, str]:
    return action.account, action.rule, action.place, action.operation


def _of_group(
    lines: Sequence[Action], rules: Mapping[str, Rule], catalogue: Catalogue, costs: Mapping[Query, int]
) -> Calls:
    target = catalogue.actions[lines[0].operation]
    records = sum(len(one.records) for one in lines)
    again = _rechecks(records, lines[0].place, costs.get(rules[lines[0].rule].query, 0))
    if isinstance(target, Procedure):
        calls = [catalogue.operations[move.call] for move in target.moves]
        proofs = len(target.picks) + sum(map(_proofs, calls))
        return Calls(read=again + len(lines) * proofs, write=len(lines) * len(calls))
    sent = math.ceil(len(lines) / target.batch.max) if target.batch else len(lines)
    return Calls(read=again + len(lines) * _proofs(target), write=sent)


def _rechecks(records: int, place: int, cost: int) -> int:
    return cost if place == 0 and 0 < cost < records else records


def _proofs(operation: Operation) -> int:
    return sum(one is not None for one in (operation.wait, operation.verify_by))
