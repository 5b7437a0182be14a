"""Chains: a later place of a rule's `then` is sent for a record only when the place before it took effect."""

from __future__ import annotations

from collections.abc import Mapping

from runner.ledger import Claim
from runner.model import Action, Message, message

#: the place before may still take effect
_OPEN = ("planned", "asked", "approved", "sent", "unclear")


def held_up(action: Action, claims: Mapping[str, Claim]) -> dict[str, Message]:
    """Return, for each record of an action whose place before did not take effect (yet), why it is not sent.

    `claims`: what the ledger knows of `action.follows`.
    """
    if action.place == 0:
        return {}
    if len(action.follows) != len(action.records):
        return dict.fromkeys(action.records, message("chain_stopped"))
    before = zip(action.records, (claims.get(key) for key in action.follows), strict=True)
    return {record: _why(claim) for record, claim in before if claim is None or claim.status != "done"}


def _why(claim: Claim | None) -> Message:
    return message("chain_waits" if claim is not None and claim.status in _OPEN else "chain_stopped")


def waits(held: Mapping[str, Message]) -> bool:
    """Tell whether some of what holds a line up may still clear by itself."""
    return any(one.code == "chain_waits" for one in held.values())
