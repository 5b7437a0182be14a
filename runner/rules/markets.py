"""Which of a rule's sources and actions are not offered where its accounts sell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.rules.actions import target_of
from runner.rules.queries import source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.catalogue import Catalogue, Composed, Operation, Procedure
    from runner.rules.part import Part


def check_markets(part: Part, accounts: Iterable[str], markets: Mapping[str, str], catalogue: Catalogue) -> None:
    """Refuse what an account's marketplace does not have, where the rule names it; once, for the first account."""
    for named, entry in _named(part, catalogue):
        offered = catalogue.markets(entry)
        account = next((one for one in accounts if one in markets and markets[one] not in offered), None)
        if account is not None:
            here = markets[account]
            named.error("E195", name=entry.name, account=account, market=here, markets=sorted(offered))


def _named(part: Part, catalogue: Catalogue) -> Iterator[tuple[Part, Operation | Composed | Procedure]]:
    """Yield every place of a rule that names something of the catalogue."""
    joins, then = part.get("join"), part.get("then")
    reads = [part.get("from"), *(join.get("in") for _, join in (joins.entries() if joins else ()))]
    for read in reads:
        if read is not None and (source := source_of(read, catalogue)) is not None:
            yield read, source
    for entry in then.items() if then else ():
        if (target := target_of(entry, catalogue)[0]) is not None:
            yield entry, target
