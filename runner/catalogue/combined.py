"""What is made of several operations: sources that several reads make up, procedures of several writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runner.catalogue.shapes import Conditions, Field, Parameter, Repeat, Requirement, Reread, Stake, Title
from runner.model import Risk


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One step of a composed source: read, once for every row of the step before."""

    read: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    #: nested list of the answer whose entries go on
    each: str = ""
    #: name in what goes on -> path in the answer (`row.x` in the entry, `x` in the answer, `was.x` in the step before)
    keep: Mapping[str, str] = field(default_factory=dict)
    #: entries without this field are no records
    needs: str = ""
    #: field of this read -> field of what goes on: its rows are read at once and matched, instead of asking for each
    match: Mapping[str, str] = field(default_factory=dict)
    #: entries with another value in one of these fields are no records
    only: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A field of a composed source that no answer holds: several values as one text, or a time some hours later."""

    join: tuple[str, ...] = ()
    #: field with the time it counts from
    since: str = ""
    hours: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Composed:
    """A source a seller thinks in, where one call is not enough."""

    name: str
    workflow: str
    title: Title
    key: str
    stages: tuple[Stage, ...]
    fields: Mapping[str, Field]
    about: str = ""
    about_ko: str = ""
    reread: Reread | None = None
    deadline: str = ""
    #: parameters of the first step that a rule may give, to read less; without them all there is is read
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    #: name of a field -> how it is made; without one of the values it is made of it is absent
    made: Mapping[str, Made] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """What a row asks for and every entry of an argument must have: the attributes a category demands, its notices."""

    #: list of the row, dotted through lists within lists; what stands around an entry belongs to it
    asked: str
    #: asked only where these fields have these values
    where: Mapping[str, Any]
    #: field with the name, in the row's list and in the argument's
    named: str
    #: `arguments.x`: a list whose every entry is held against the row, and its inner list of what it has
    given: str
    within: str
    #: field whose equal values mean that one name is enough; `NONE` is no group
    group: str = ""
    #: field by which an entry chooses among alternatives; only what belongs to its choice is asked for
    chosen: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pick:
    """A read before the first write of a procedure: choose one row, or refuse."""

    read: str
    where: Conditions
    #: among several, the one with the highest value of this field
    highest: str
    take: Mapping[str, str]
    #: wording code of the refusal when nothing fits
    otherwise: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    #: argument without which there is nothing to look at
    if_given: str = ""
    covers: tuple[Cover, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One write of a procedure. References: `arguments.x`, `taken.x`, `members`."""

    call: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """What the calls of a procedure began and somebody else ends: looked at once per run. References as in a Move."""

    read: str
    arguments: Mapping[str, Any]
    done: Conditions
    failed: Conditions
    #: wording codes: why it is not done yet, and of the refusal when it failed
    meanwhile: str
    otherwise: str
    #: seconds it may take by nature: until then nobody is asked about it
    within: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Procedure:
    """Several operations that belong together; resumed at the step where it stopped."""

    name: str
    workflow: str
    title: Title
    #: parameters a rule gives
    parameters: Mapping[str, Parameter]
    moves: tuple[Move, ...]
    requires: tuple[Requirement, ...] = ()
    #: looked at in this order before the first write
    picks: tuple[Pick, ...] = ()
    ends: Ending | None = None
    about: str = ""
    about_ko: str = ""
    acts_on: tuple[str, ...] = ()
    #: with `for: all_matched`: the field whose values are the members of the one action
    members: str = ""
    #: members one action takes at most
    max: int = 0
    risk: Risk = Risk.IRREVERSIBLE
    stakes: tuple[Stake, ...] = ()
    repeat: Repeat = "unknown"
    undo: str = ""
    #: counter a limit may name, e.g. coupons_per_day
    counts: str = ""
