"""What `plan` finds out about one account: the survey, what is different, what it costs, what the guard will ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from runner.ledger import Ledger
from runner.model import Calls, Message
from runner.render.differences import Compared, Difference
from runner.render.funnels import Aside
from runner.rules.shapes import Rule
from runner.runs import Shop, Survey, Trouble, preview
from runner.runs.differences import Line, differences, line_json, line_of, lines_of
from runner.runs.estimate import estimated
from runner.runs.guard import guard_of
from runner.runs.survey import Beside, held_before


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What was found out about one account."""

    survey: Survey
    estimate: Calls
    seconds: float
    guards: tuple[tuple[str, str, Message], ...]
    #: None where nothing was compared
    compared: Compared | None

    @property
    def troubles(self) -> Sequence[Trouble]:
        """Return why rules could not be planned, in either version."""
        return (*self.survey.troubles, *self.survey.before_troubles)


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What is to be found out."""

    rules: Sequence[Rule]
    #: the other version of these rules; None where none is compared
    other: Sequence[Rule] | None
    listed: bool
    diff_last: bool

    def at(self, shop: Shop, ledger: Ledger) -> Seen:
        """Plan an account; the lines are kept as its last plan."""
        guard = guard_of(shop, ledger, self.rules if self.other is None else ())
        comparing = self.diff_last or self.other is not None
        held = held_before(shop, ledger)
        beside = Beside(
            skipped=self.listed or comparing, before=tuple(guard.before() if self.other is None else self.other),
            before_held=held,
        )  # fmt: skip
        now = shop.clock.now()
        found = preview(shop, self.rules, ledger.actions, held, now, beside=beside)
        cost = estimated(found.plan, {one.name: one for one in self.rules}, shop.catalogue, found.costs)
        rulings = guard.rulings(self.rules, found) if self.other is None else {}
        told = [(name, shop.name, one.ask or one.why) for name, one in rulings.items()]
        return Seen(
            survey=found,
            estimate=cost,
            seconds=(cost.read + cost.write) / shop.account.rate,
            guards=tuple((rule, account, why) for rule, account, why in told if why is not None),
            compared=self._compared(found, shop, ledger, now),
        )

    def _compared(self, found: Survey, shop: Shop, ledger: Ledger, now: datetime) -> Compared | None:
        after = lines_of(found.plan, shop.catalogue)
        if self.other is not None:
            before = lines_of(found.before, shop.catalogue) if found.before else {}
            return Compared(differences=tuple(differences(before, after, found.plan)))
        last, at = self._last(after, shop, ledger)
        self._keep(after, shop, ledger, now)
        if not self.diff_last:
            return None
        told = tuple(differences(last, {one: after[one] for one in last}, found.plan))
        return Compared(at=at, differences=told)

    def _names(self, ledger: Ledger) -> dict[str, str]:
        """Return the ledger's name of each rule."""
        return {one.name: ledger.actions.identity(one.name, one.was) for one in self.rules}

    def _last(
        self, after: Mapping[tuple[str, str], Sequence[Line]], shop: Shop, ledger: Ledger
    ) -> tuple[dict[tuple[str, str], list[Line]], datetime | None]:
        """Return the last plans of rules that could be planned now too, and when the newest was made."""
        names = self._names(ledger)
        kept = ledger.versions.last_plans(shop.name, shop.marketplace)
        there = {key: kept[names[key[0]]] for key in after if names[key[0]] in kept}
        lines = {key: [line_of(line) for line in one.lines] for key, one in there.items()}
        return lines, max((one.made_at for one in there.values()), default=None)

    def _keep(self, after: Mapping[tuple[str, str], Sequence[Line]], shop: Shop, ledger: Ledger, now: datetime) -> None:
        names = self._names(ledger)
        lines = {names[rule]: [line_json(one) for one in its] for (rule, _account), its in after.items()}
        ledger.versions.planned(lines, shop.name, shop.marketplace, now)


def aside_of(seen: Sequence[Seen], *, skipped: bool, file: str) -> Aside:
    """Put what was found out about several accounts together."""
    compared = [one.compared for one in seen if one.compared is not None]
    told: list[Difference] = [line for one in compared for line in one.differences]
    times = [one.at for one in compared if one.at is not None]
    return Aside(
        estimate=Calls(read=sum(one.estimate.read for one in seen), write=sum(one.estimate.write for one in seen)),
        seconds=sum(one.seconds for one in seen),
        guards=[guard for one in seen for guard in one.guards],
        skipped=[line for one in seen for line in one.survey.plan.skipped] if skipped else None,
        compared=Compared(file=file, at=max(times, default=None), differences=told) if compared else None,
    )
