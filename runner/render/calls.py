"""A read or a write by hand: rows as they may be shown, what is about to be sent, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.catalogue import Catalogue, Composed, Enum, Field, Operation
from runner.catalogue.docs import REPEATS, STAKES
from runner.ledger.entries import Entry
from runner.masking import HIDDEN, mask
from runner.model import Action, Calls, Data, Message
from runner.render.page import FORMAT, Page, Sheet
from runner.render.plans import Around, error_json, shown_arguments, trouble_json
from runner.render.reports import Ran, outcome_json, report_page
from runner.render.words import iso, reason_json, said, won, word, written_moment
from runner.rules.shapes import Rule
from runner.values import dig
from runner.wording import Lang, say_value

#: columns a table of rows has at most; the other forms have all
_MOST = 10


# --- rows ------------------------------------------------------------------------------------------------------


def masked(row: Data, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return a row as it may be shown: what is personal is masked, and so is what the catalogue does not know."""
    known = {spelling: field for name, field in fields.items() for spelling in (name, *field.also)}
    return {name: _masked(value, known.get(name)) for name, value in row.items()}


def _masked(value: Any, field: Field | None) -> Any:
    if field is None:
        return value if isinstance(value, bool | int | float | None) else HIDDEN
    if field.personal:
        return HIDDEN if isinstance(value, dict | list) else mask(field.personal, value)
    if isinstance(value, list):
        return [_masked(one, field) for one in value]
    if isinstance(value, Mapping):
        # won of the newer versions is `{currencyCode, units, nanos}`
        return dict(value) if field.type == "money" else masked(value, field.fields)
    return value


def rows_page(rule: Rule, account: str, rows: Sequence[Data], calls: Calls, around: Around, *, whole: bool) -> Page:
    """Return the rows of a source; `whole`: there are no more."""
    source = around.catalogue.sources[rule.query.source]
    shown = [masked(row, source.fields) for row in rows]
    document = {
        "format_version": FORMAT,
        "operation": source.name,
        "account": account,
        "count": len(shown),
        "whole": whole,
        "rows": shown,
        "calls": {"read": calls.read, "write": calls.write},
    }
    code = "call_rows" if whole else "call_rows_limited"
    end = word(code, around.lang, count=len(shown), read=calls.read)
    view = _View(source=source, catalogue=around.catalogue, lang=around.lang)
    is_one = isinstance(source, Operation) and source.response.one and len(shown) == 1
    sheet = view.card(shown[0]) if is_one else view.table(shown)
    return Page(document=document, blocks=[sheet, end] if shown else [end])


@dataclass(frozen=True, kw_only=True, slots=True)
class _View:
    """The rows of one source as a person reads them."""

    source: Operation | Composed
    catalogue: Catalogue
    lang: Lang

    def table(self, rows: Sequence[Data]) -> Sheet:
        """Return what tells rows apart, one line each."""
        fields = self.source.fields
        names = self._columns()
        cells = [[self._cell(dig(row, name), fields[name]) for name in names] for row in rows]
        return Sheet(heads=[self._head(name) for name in names], rows=cells)

    def card(self, row: Data) -> Sheet:
        """Return everything about one row, one line a field."""
        heads = [word(f"head_{name}", self.lang) for name in ("field", "name", "value")]
        return Sheet(heads=heads, rows=list(self._lines(row, self.source.fields, "")))

    def _columns(self) -> list[str]:
        """Return the key, then what has values with names, then the rest as the catalogue has it."""
        fields = self.source.fields
        plain = [name for name, one in fields.items() if one.type not in ("list", "object")]
        first = [name for name in plain if name in (self.source.key, self.source.deadline) or fields[name].enum]
        titled = [name for name in plain if fields[name].title]
        chosen = list(dict.fromkeys((self.source.key, *first, *titled, *plain)))[:_MOST]
        return [name for name in fields if name in chosen]

    def _head(self, name: str) -> str:
        return self._title(self.source.fields[name]) or name

    def _title(self, field: Field) -> str:
        if field.title is None:
            return ""
        return field.title.ko if self.lang == "ko" else field.title.en

    def _lines(self, row: Data, fields: Mapping[str, Field], above: str) -> Iterator[list[str]]:
        for name, value in row.items():
            field = fields.get(name)
            if isinstance(value, Mapping) and field is not None and field.fields:
                yield from self._lines(value, field.fields, f"{above}{name}.")
            else:
                yield [f"{above}{name}", self._title(field) if field else "", self._cell(value, field)]

    def _cell(self, value: Any, field: Field | None) -> str:
        if value is None:
            return ""
        if isinstance(value, list):
            return ", ".join(map(str, value)) if value and not isinstance(value[0], dict | list) else f"[{len(value)}]"
        if isinstance(value, Mapping):
            units = value.get("units")
            return won(units, self.lang) if isinstance(units, int) else "{…}"
        if field is not None and field.enum:
            return self._named(value, self.catalogue.enum(self.source.workflow, field.enum))
        is_time = field is not None and field.type == "time" and isinstance(value, str)
        return written_moment(value, self.lang) if is_time else say_value(value, self.lang)

    def _named(self, value: Any, values: Enum) -> str:
        title = values.get(str(value))
        if title is None:
            return str(value)
        return f"{value} ({title.ko if self.lang == 'ko' else title.en})"


# --- a write ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Called:
    """A write by hand and what became of it."""

    action: Action
    #: what was sent, and what earlier calls had left open
    ran: Ran
    #: why it was not sent
    reason: Message | None = None
    #: the same call, as the ledger knew it before
    before: Entry | None = None


def call_json(action: Action, around: Around) -> dict[str, Any]:
    """Return what is, or would be, sent."""
    target = around.catalogue.actions[action.operation]
    return {
        "operation": action.operation,
        "title": around.action(action.operation),
        "account": action.account,
        "record": action.record,
        "arguments": shown_arguments(action, around.catalogue),
        "risk": action.risk.value,
        "money": action.money,
        "stakes": list(target.stakes),
        "undo": target.undo or None,
        "repeat": target.repeat,
    }


def shown_call(action: Action, around: Around) -> list[str]:
    """Return the same for a person who is asked for a yes: nothing is cut short."""
    lang, target = around.lang, around.catalogue.actions[action.operation]
    arguments = shown_arguments(action, around.catalogue)
    given = " · ".join(f"{name} {say_value(value, lang)}" for name, value in arguments.items())
    stakes = ", ".join(word(STAKES[one], lang) for one in target.stakes)
    undo = word("call_undo", lang, operation=target.undo) if target.undo else word("call_no_undo", lang)
    told = {
        around.record(action.rule) if action.record != "-" else word("head_record", lang): action.record,
        word("head_arguments", lang): given or word("call_nothing_given", lang),
        word("head_money", lang): won(action.money, lang),
        word("head_risk", lang): word(f"risk_{action.risk.value}", lang),
        word("head_undo", lang): undo,
        word("head_stakes", lang): stakes,
        word("docs_repeat", lang): word(REPEATS[target.repeat], lang),
    }
    head = word(
        "call_head", lang, title=around.action(action.operation), operation=action.operation, account=action.account
    )
    lines = [f"  {word('call_line', lang, head=name, value=value)}" for name, value in told.items() if value]
    return ["\n".join([head, *lines])]


def _before(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    at = entry.ended_at or entry.sent_at or entry.planned_at
    return {"id": entry.action.id, "rule": entry.action.rule, "status": entry.status, "at": iso(at)}


def call_page(called: Called, around: Around, *, whole: bool) -> Page:
    """Return what became of a write by hand; `whole`: with what it is."""
    lang, ran = around.lang, called.ran
    blocks: list[str | Sheet] = [*shown_call(called.action, around)] if whole else []
    if ran.outcomes or ran.troubles:
        blocks += report_page(ran, around).blocks
    if called.reason:
        blocks.append(said(called.reason, lang))
    sent = called.reason is None and not ran.troubles
    document = {
        "format_version": FORMAT,
        "call": call_json(called.action, around),
        "before": _before(called.before),
        "sent": sent and any(one.status.value != "skipped" and not one.recovered for one in ran.outcomes),
        **reason_json(called.reason, lang),
        "outcomes": [outcome_json(one, lang) for one in ran.outcomes],
        "troubles": [trouble_json(one, lang) for one in ran.troubles],
        "calls": {"read": ran.calls.read, "write": ran.calls.write},
        **error_json(ran.troubles, lang),
    }
    return Page(document=document, blocks=blocks)
