"""The reader that can also send. Only `apply` is given one."""

from __future__ import annotations

from runner.coupang.client import Permit
from runner.coupang.reader import MarketReader
from runner.coupang.request import prepare
from runner.errors import Defect
from runner.model import Answer, Data


class MarketWriter(MarketReader):
    """Reads and writes of one account."""

    def check(self, operation: str, arguments: Data, /) -> None:
        """Put a write together and throw it away: what is missing is told before anything is committed as sent."""
        prepare(self.operation(operation), arguments, self.client.account)

    def send(self, operation: str, arguments: Data, /) -> Answer:
        """Send a write once; nothing is repeated, whatever happens to the answer.

        A batch comes back as an Answer even when records in it failed: each has its own result. Raises Refused,
        NoAnswer, LockedOut, NotAuthorized; Unreachable and Unreadable when nothing was sent.
        """
        found = self.operation(operation)
        if found.effect != "write":
            raise Defect("not_a_write", operation=operation)
        return self.client.write(prepare(found, arguments, self.client.account), Permit())
