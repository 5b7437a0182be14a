"""Why a past run decided as it did, with the rule as it was then."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from runner.ledger.entries import Decision, Entry, RunEntry, Version
from runner.ledger.rows import message_of
from runner.render.explain import conditions, entry_lines, step_json
from runner.render.known import AsKept, trace_of
from runner.render.memory import entry_json
from runner.render.page import FORMAT, Page
from runner.render.plans import Around
from runner.render.words import iso, moment, reason_json, said, word
from runner.rules.shapes import Rule


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """What the ledger kept of one record in one run."""

    rule: str
    record: str
    run: RunEntry
    #: None: a line said no to the record, or it was not read; of those only counts are kept
    decision: Decision | None
    version: Version | None
    #: the version as a rule; None when it no longer holds
    then: Rule | None
    #: whether the rule is the same now
    same: bool
    #: records seen, and left by each line
    left: Sequence[int]
    entries: Sequence[Entry] = ()

    @property
    def known(self) -> AsKept:
        """Return the fields of the rule as it was."""
        return AsKept(scopes=(self.then.fields,) if self.then else ({},))

    def steps(self) -> Sequence[Any]:
        """Return the trace that was kept."""
        file = self.version.file if self.version else ""
        return [trace_of(one, file) for one in self.decision.facts["steps"]] if self.decision else []


def past_page(past: Past, around: Around) -> Page:
    """Return the past for people, and for programs."""
    lang = around.lang
    when = moment(past.run.started_at, lang)
    blocks = [
        word("past_top", lang, rule=past.rule, record=past.record, run=past.run.id, at=when, account=past.run.account)
    ]
    if past.decision is not None:
        why = message_of(past.decision.facts["why"])
        told = word(f"answer_{past.decision.facts['answer']}", lang)
        blocks += [told + (f": {said(why, lang)}" if why else "") + "\n"]
        blocks += conditions(past.steps(), past.known, lang)
    else:
        counts = " → ".join(f"{one:,}" for one in past.left)
        blocks.append(word("past_not_kept", lang, counts=counts) if past.left else word("past_not_run", lang))
    blocks += entry_lines(past.entries, around)
    if past.version is not None:
        title = word("past_same_text" if past.same else "past_text", lang, file=past.version.file)
        blocks.append(f"\n{title}\n{_indented(text_of(past.version))}")
    return Page(document=_json(past, around), blocks=blocks)


def text_of(version: Version) -> str:
    """Return the text of a version as a person writes rules."""
    return yaml.safe_dump(
        json.loads(version.text), allow_unicode=True, sort_keys=False, width=100, default_flow_style=None
    )


def _json(past: Past, around: Around) -> dict[str, Any]:
    lang = around.lang
    why = message_of(past.decision.facts["why"]) if past.decision else None
    return {
        "format_version": FORMAT,
        "rule": past.rule,
        "account": past.run.account,
        "record": past.record,
        "run": past.run.id,
        "at": iso(past.run.started_at),
        "answer": past.decision.facts["answer"] if past.decision else None,
        **reason_json(why, lang),
        "steps": [step_json(step, past.known, lang) for step in past.steps()],
        "left": list(past.left),
        "actions": [entry_json(one, around) for one in past.entries],
        "same_rule": past.same,
        "version": past.version.fingerprint if past.version else None,
        "rule_text": text_of(past.version) if past.version else None,
    }


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.rstrip().splitlines())
