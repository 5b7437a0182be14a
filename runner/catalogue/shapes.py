"""What the catalogue is made of: operations, their parameters and fields, effect checks, and what they need.

One YAML file per workflow stands beside this module; `read.py` turns it into these values and refuses every key
it does not find here. Conditions stay text (mappings in the rule language); the layer above compiles them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from runner.model import Risk

Kind = Literal["integer", "number", "text", "boolean", "time", "date", "money", "object", "list"]
"""Types as a seller sees them. `money` is won: a plain integer, or `{currencyCode, units, nanos}` on v5/v6."""

Table = Literal["delivery_companies", "voc_reasons", "postal_regions"]
"""Code tables that change more often than the documentation: see `codes/`."""

Personal = Literal["name", "phone", "address", "email", "text", "login"]
"""What about a person a value tells."""

Conditions = Mapping[str, Any]
"""A mapping in the rule language (see RULES): every line must hold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Title:
    """A name for people."""

    en: str
    ko: str

    def said(self, lang: str) -> str:
        """Return it in Korean for `ko`, else in English."""
        return self.ko if lang == "ko" else self.en


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a record, or one parameter's shape below the top."""

    type: Kind
    title: Title | None = None
    about: str = ""
    about_ko: str = ""
    #: may be absent, null or ""; `missing` is then a plain yes. Without it, absent means drift: cannot tell
    optional: bool = False
    #: name of an enum in the workflow's `states`; a value outside of it is cannot tell
    enum: str | None = None
    #: what must be masked wherever it is shown or kept
    personal: Personal | None = None
    #: table of `runner.catalogue.codes` that names its values
    codes: Table | None = None
    #: fields of an object, or of each entry of a list of objects
    fields: Mapping[str, Field] = field(default_factory=dict)
    #: type of the entries of a list of plain values
    of: Kind | None = None
    #: other spellings seen on the wire, accepted in reading
    also: tuple[str, ...] = ()


Place = Literal["path", "query", "body", "rule"]
"""Where a parameter travels; `rule` ones never do: they fill a `build` template, or tell a check where to look."""

Owner = Literal["vendor", "login", "window_from", "window_to", "page", "page_size", "fixed"]
"""Parameters the engine fills in and hides from rules."""


Format = Literal[
    "day", "day_offset", "day_start", "day_end", "day_compact",
    "minute", "minute_offset", "kst_second", "kst_space", "month",
]  # fmt: skip
"""Spellings of times and dates on the wire."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """One parameter of an operation, in wire spelling."""

    place: Place
    type: Kind
    title: Title | None = None
    about: str = ""
    about_ko: str = ""
    required: bool = False
    #: travels in the path and in the body, under one name
    twice: bool = False
    #: a yes or no that answers hold as the word true or false: both are taken for it
    worded: bool = False
    enum: str | None = None
    #: table of `runner.catalogue.codes` its value comes from
    codes: Table | None = None
    #: who fills it in, when not the rule
    owner: Owner | None = None
    #: the constant of a `fixed` one, or the default a rule may leave out
    value: Any = None
    #: strftime-like name of the wire format of times and dates: see `runner.coupang.wire`
    format: Format | None = None
    minimum: int | None = None
    maximum: int | None = None
    #: of a text, or of each entry of a list of texts
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    multiple_of: int | None = None
    #: type of the entries of a list
    of: Kind | None = None
    #: fields of an object, or of each entry of a list of objects
    fields: Mapping[str, Parameter] = field(default_factory=dict)
    personal: Personal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Paging:
    """How the next page is asked for."""

    style: Literal["token", "number"]
    #: path of the next token in the body (token), or of the number of pages (number); a client stops there
    next: str
    #: what stands at `next` where it is a number
    counts: Literal["pages", "rows"] = "pages"
    #: first page number
    first: int = 1
    #: rows asked for per page
    size: int = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """The longest window one call may ask for, in whole days or minutes."""

    days: int = 0
    #: days the marketplace itself takes, where less is asked for to be safe
    taken: int = 0
    #: it counts both ends, so the last day lies one less after the first; elsewhere the difference is what counts
    inclusive: bool = False
    minutes: int = 0
    #: both ends must lie on one day (KST)
    same_day: bool = False
    #: both ends must lie in one calendar month (KST): reads that are asked month by month
    same_month: bool = False
    #: days that the last one asked for lies behind the window's end: 1 where today is refused
    behind: int = 0
    #: field of a record with the time that lies in the window; empty where the sources do not say it for sure
    field: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """A documented rate of its own, below that of the vendor."""

    per_minute: int
    #: operations with the same word here are counted together
    shared: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """Where an answer keeps what."""

    #: gateway family; decides envelope and error shape: openapi, fms, seller_api, marketplace
    envelope: Literal["openapi", "fms", "seller_api", "marketplace"]
    #: dotted path of the record or records; "" is the whole body
    records: str = "data"
    #: one object instead of a list; an array with one element is accepted too
    one: bool = False
    #: the success code exactly as Coupang spells it here (the client accepts every spelling)
    code: int | str | None = 200
    #: text of `message` on success
    message: str = "OK"
    #: dotted path -> value it must have; anything else is a failure inside HTTP 200
    ok: Mapping[str, Any] = field(default_factory=dict)
    #: field under which a record keeps an answer that is a bare value (true, a number); it may come wrapped once
    #: more, in an envelope of its own
    bare: str = ""
    #: field under which a record keeps a file as base64 text; without `bare` the answer is the file itself
    document: str = ""
    #: parameters that a single record keeps as fields, because the answer does not say what it is about
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """A write that takes many records, and answers for each."""

    #: list parameter that collects the records
    parameter: str
    max: int
    #: dotted path of the answers per record, and how to read one; empty when the answer is for all
    results: str = ""
    key: str = ""
    ok: str = ""
    code: str = ""
    message: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """A read that tells what became of a write.

    References: `{from: arguments.x}` (wire arguments of one record's write; lists are entered by index, `x.0.y`),
    `{from: answer.x}`, `{from: taken.x}` (of its wait or of an earlier step), `{from: mark}`.
    """

    read: str
    #: parameters of the read; a required enum left out is asked once per value
    arguments: Mapping[str, Any] = field(default_factory=dict)
    #: on one record: it took effect / it surely did not
    done: Conditions | None = None
    not_applied: Conditions | None = None
    #: on one record that only a list shows: field -> value that tells its row; none or several tell nothing
    row: Mapping[str, Any] = field(default_factory=dict)
    #: on a list: the row that this write made; none found = not applied, two = a person decides
    find: Conditions | None = None
    #: what it means when the read is refused because the record is gone; None: nothing
    gone: Literal["done", "not_applied"] | None = None
    #: on a list: rows stand for members of an action for many, matched by this field
    members: str | None = None
    #: field whose highest value is stored with the intent; only rows above it can be ours. On one record it is the
    #: value from before the write, for conditions that would otherwise hold already
    mark: str | None = None
    #: values taken from the row found, for later steps
    take: Mapping[str, str] = field(default_factory=dict)
    #: seconds after sending before "not found" counts
    after: int = 30
    #: seconds an effect may take to show by nature: until then nobody is asked about it
    within: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """An asynchronous write: poll until done, then take values from the poll's answer."""

    read: str
    arguments: Mapping[str, Any]
    done: Conditions
    failed: Conditions
    take: Mapping[str, str] = field(default_factory=dict)
    #: list of refused members in the poll's answer, the field naming a member and its reason
    refused: str = ""
    member: str = ""
    reason: str = ""
    #: seconds between polls, and in all before the write counts as unclear
    every: int = 2
    limit: int = 120


Repeat = Literal["safe", "rejected", "duplicates", "unknown"]
"""What a second identical write does."""

Stake = Literal["money", "score", "reputation"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """The field of a record that answers a parameter of its source."""

    found_in: str
    #: value of the parameter -> values of the field that are listed under it, where they are spelled differently
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reread:
    """How one record of a source is read again."""

    read: str
    arguments: Mapping[str, Any]
    #: parameter of the source -> how a record shows that it still belongs to what was asked for
    shows: Mapping[str, Shown] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Older:
    """An older version that Coupang still serves; only the simulator and other clients use it."""

    path: str
    #: v4: plain won, naive KST times, local phone numbers; wrapped: in code, message, data; same: as today
    shape: Literal["v4", "wrapped", "same"] = "v4"
    formats: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A documented error: HTTP status, text, and what it means."""

    http: int
    #: the text, or the part of it that does not change
    message: str
    #: all of the text, where `message` is a part of it: `{value}` is what is refused, `{vendor}` who asks
    text: str = ""
    about: str = ""
    #: it says that the record is not there, or not there any more
    gone: bool = False
    #: it says that the record is there and cannot be shown for the moment
    busy: bool = False
    #: although it is an error, the write took effect: only reading it back can tell how far
    applied: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """What the arguments of one action must be to each other, in the rule language; a plain no refuses them."""

    #: argument a refusal points at
    argument: str
    must: Conditions
    #: wording code of what must be
    otherwise: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One endpoint. Reads are nouns, writes are verbs."""

    name: str
    workflow: str
    #: id in the team's fact base, kept so that both can be compared
    fact_id: str
    title: Title
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    effect: Literal["read", "write"]
    about: str = ""
    about_ko: str = ""
    regions: tuple[str, ...] = ("KR",)
    #: address of the official page
    doc: str = ""
    #: what tells it from another operation at the same address, where no constant in the query does: a parameter, or a
    #: field of the answer
    told_by: str = ""
    limit: Limit | None = None
    #: what the sources leave open or say in two ways
    doubts: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    response: Response = field(default_factory=lambda: Response(envelope="openapi"))
    errors: tuple[Refusal, ...] = ()
    older: tuple[Older, ...] = ()
    #: methods the documentation prints beside `method`; only the simulator and other clients use them
    also: tuple[Literal["PUT"], ...] = ()
    # reads
    fields: Mapping[str, Field] = field(default_factory=dict)
    #: field that identifies a record
    key: str = ""
    #: fields the marketplace does not give: name -> paths whose values make it, joined by `/`
    derived: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    paging: Paging | None = None
    window: Span | None = None
    reread: Reread | None = None
    #: field with the time by which a person or a rule must have acted, for `order`
    deadline: str = ""
    #: parameter -> field: a join may push its key down into this parameter
    pushdown: Mapping[str, str] = field(default_factory=dict)
    # writes
    #: list parameter that is the whole body, where that is a bare array
    bare_body: str = ""
    #: sources whose records this write can act on
    acts_on: tuple[str, ...] = ()
    #: parameter -> field of the record, where names differ; `[field]` makes a list of one
    bind: Mapping[str, Any] = field(default_factory=dict)
    #: parameter -> template of wire values built from record and arguments
    build: Mapping[str, Any] = field(default_factory=dict)
    requires: tuple[Requirement, ...] = ()
    preconditions: Conditions | None = None
    batch: Batch | None = None
    wait: Wait | None = None
    verify_by: Check | None = None
    settle_by: Check | None = None
    #: fields of the record that others may change until the write took effect, e.g. the receiver of a paid order; what
    #: `verify_by` reads is held against the record as planned, and what differs is told
    watch: tuple[str, ...] = ()
    repeat: Repeat = "unknown"
    risk: Risk = Risk.IRREVERSIBLE
    stakes: tuple[Stake, ...] = ()
    #: field of the record with the won that move
    money: str = ""
    #: operation that takes it back
    undo: str = ""
    #: actions that want the contrary for the same record, beside `undo`; said at one of the two
    opposes: tuple[str, ...] = ()
