"""What others changed between planning and taking effect is told by name, never by value."""

from __future__ import annotations

from applying import CATALOGUE, acknowledge, stop
from small_market import START

from runner.model import Action, Outcome, Record, Status
from runner.runs.changes import as_changed, with_changes

HOME = {"name": "김하나", "addr1": "서울 강남구 테헤란로 1"}
MOVED = HOME | {"addr1": "부산 해운대구 우동 2"}


def ended(action: Action, seen: dict[str, object] | None) -> Outcome:
    return Outcome(action=action, status=Status.DONE, verified=True, seen=seen)


def planned(receiver: dict[str, str]) -> Record:
    return Record(source="order_sheets", key="1", data={"shipmentBoxId": 1, "receiver": receiver}, read_at=START)


def test_a_receiver_who_changed_is_told_and_not_quoted() -> None:
    """While an order is paid the buyer may still change the address."""
    outcome = with_changes(ended(acknowledge(1), {"receiver": MOVED}), planned(HOME), CATALOGUE)
    assert outcome.changed == ("receiver",)
    assert outcome.reason is not None
    assert outcome.reason.code == "changed_meanwhile"
    assert "부산" not in str(outcome.reason)
    assert as_changed(planned(HOME), outcome).data == {"shipmentBoxId": 1, "receiver": MOVED}


def test_the_same_receiver_is_nothing_to_tell() -> None:
    """Nor is a record nobody planned, or a line that was not read back."""
    same = ended(acknowledge(1), {"receiver": dict(reversed(HOME.items()))})
    assert with_changes(same, planned(HOME), CATALOGUE) == same
    assert with_changes(same, None, CATALOGUE) == same
    unseen = ended(acknowledge(1), None)
    assert with_changes(unseen, planned(HOME), CATALOGUE) == unseen


def test_only_watched_fields_count() -> None:
    """A stop request changes what it is about; that is its effect."""
    stopped = ended(stop(1), {"receiver": MOVED})
    assert with_changes(stopped, planned(HOME), CATALOGUE) == stopped
