"""What others changed between planning and taking effect: the receiver of an order while it was only paid."""

from __future__ import annotations

from dataclasses import replace

from runner.catalogue import Catalogue, Operation
from runner.model import Outcome, Record, message
from runner.values import canonical, dig


def with_changes(outcome: Outcome, planned: Record | None, catalogue: Catalogue) -> Outcome:
    """Name the watched fields of a record that the proof of the effect showed otherwise than it was planned.

    Only names: what they hold is personal.
    """
    target = catalogue.actions.get(outcome.action.operation)
    seen = outcome.seen
    if seen is None or planned is None or not isinstance(target, Operation):
        return outcome
    changed = tuple(path for path in target.watch if canonical(dig(seen, path)) != canonical(dig(planned.data, path)))
    if not changed:
        return outcome
    return replace(
        outcome, changed=changed, reason=outcome.reason or message("changed_meanwhile", fields=", ".join(changed))
    )


def as_changed(record: Record, outcome: Outcome) -> Record:
    """Return a record with what others changed meanwhile, for what follows a run: a label needs the new address."""
    if outcome.seen is None or not outcome.changed:
        return record
    new = {path: dig(outcome.seen, path) for path in outcome.changed}
    return replace(record, data={**record.data, **new})
