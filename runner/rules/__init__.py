"""Rule files become a RuleSet, or every diagnostic at once.

    load(paths)  ->  Loaded
    load_text(text, name)  ->  Loaded     the same of a text that stands in no file

Inputs are filled in first. Then three passes over each file: its shape (JSON Schema), its references (sources, fields,
actions, accounts, the other files), its expressions (conditions and values). Each pass looks past what an earlier one
refused, so that one check shows everything that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from runner import catalogue as shipped
from runner.errors import InvalidFiles
from runner.model import Diagnostic, Mark, Message
from runner.rules.advice import advise, advise_sources, advise_zone
from runner.rules.effects import Effects
from runner.rules.files import file_sources
from runner.rules.filled import filled, stem_of, strangers, twins
from runner.rules.frame import check_shape, shape_of_files
from runner.rules.joins import Library
from runner.rules.part import Part, Sheet
from runner.rules.rivals import rivals
from runner.rules.rule import Surroundings, build_rule, fingerprint
from runner.rules.schedule import zone_of
from runner.rules.sense import check_sense
from runner.rules.shapes import Rule, RuleSet
from runner.schema.problems import Validator
from runner.schema.suggest import standing
from runner.source import Document, parse, parse_bytes, read

if TYPE_CHECKING:
    from runner.catalogue import Catalogue
    from runner.settings import Settings

_TESTS = ".test.yaml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """What came of reading rule files."""

    #: None when anything is wrong: a part of a set is never in force
    ruleset: RuleSet | None
    diagnostics: tuple[Diagnostic, ...]
    #: rules looked at, right or wrong
    rules: int
    #: those of them that hold by themselves, whatever is wrong beside them
    sound: tuple[Rule, ...] = ()


def load(
    paths: Sequence[Path],
    *,
    settings: Settings | None = None,
    catalogue: Catalogue | None = None,
    unsaved: Mapping[Path, bytes] | None = None,
) -> Loaded:
    """Read rule files and check them together. Raises UsageMistake for a path that cannot be read.

    Without settings, names of accounts are taken as they are. `unsaved` is taken instead of what is stored.
    """
    known = _known(catalogue or shipped.load(), settings)
    typed = unsaved or {}
    opened = [partial(parse_bytes, typed[path], str(path)) if path in typed else partial(read, path) for path in paths]
    return _together([_load_file(one, known) for one in opened], tuple(paths), known)


def load_text(text: str, name: str, *, settings: Settings | None = None, catalogue: Catalogue | None = None) -> Loaded:
    """Read rules from a text; `name` is what diagnostics call it."""
    known = _known(catalogue or shipped.load(), settings)
    return _together([_load_file(partial(parse, text, name), known)], (), known, whole=False)


def _together(files: Sequence[_File], paths: tuple[Path, ...], known: _Known, *, whole: bool = True) -> Loaded:
    """Put files together; `whole` ones are those of the settings, whose inputs can be held against them."""
    found = [diagnostic for file in files for diagnostic in file.found]
    placed = [entry for file in files for entry in file.placed]
    alike = twins(file.sheet for file in files if file.sheet is not None)
    strange = _strangers(known.settings if whole else None, paths)
    rules = tuple(rule for file in files for rule in file.rules)
    gone = _gone(known.settings if whole else None)
    told = [*found, *_names(placed), *alike, *strange, *gone, *rivals(rules, known.effects)]
    diagnostics = tuple(sorted(told, key=_place))
    ruleset = RuleSet(
        rules=rules,
        files=paths,
        diagnostics=diagnostics,
        fingerprint=fingerprint([[rule.name, rule.fingerprint] for rule in rules]),
    )
    count = sum(one.count for one in files)
    return Loaded(ruleset=None if _wrong(diagnostics) else ruleset, diagnostics=diagnostics, rules=count, sound=rules)


def rule_paths(settings: Settings) -> list[Path]:
    """Return the rule files the settings name, in order; rule tests are not among them."""
    found: dict[Path, None] = {}
    for pattern in settings.rules:
        found |= dict.fromkeys(sorted(settings.folder.glob(pattern)))
    return [path for path in found if path.is_file() and not path.name.endswith(_TESTS)]


def _gone(settings: Settings | None) -> Iterable[Diagnostic]:
    """Yield what the settings name and nobody can read: its rules would be left out without a word."""
    document = settings.document if settings else None
    for place, pattern in enumerate(settings.rules if settings and document and "rules" in document.data else ()):
        there = list(settings.folder.glob(pattern)) if settings else []
        lost = [path for path in there if path.is_symlink() and not path.exists()]
        named = [] if any(sign in pattern for sign in "*?[") or there else [Path(pattern)]
        for path in (*lost, *named):
            facts = {"file": path.name if path in lost else pattern}
            told = Message(code="setting_rules_gone", facts=facts)
            mark = document.mark(("rules", place)) if document else Mark(file="", line=1, column=1)
            yield Diagnostic(severity="error", mark=mark, message=told, hint=standing(told.code, facts))


def _strangers(settings: Settings | None, paths: Sequence[Path]) -> Iterable[Diagnostic]:
    """Return what the settings fill in for files that are neither theirs nor looked at now."""
    if settings is None or settings.document is None or not settings.document.data.get("inputs"):
        return ()
    return strangers(settings.document, map(stem_of, [*paths, *rule_paths(settings)]))


# --- one file ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    """What one file gave: its rules, what is wrong, and the names to be compared with other files."""

    rules: tuple[Rule, ...] = ()
    found: tuple[Diagnostic, ...] = ()
    placed: tuple[Part, ...] = ()
    count: int = 0
    sheet: Sheet | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """What every file is checked against."""

    catalogue: Catalogue
    settings: Settings | None
    shape: Validator
    effects: Effects


def _known(catalogue: Catalogue, settings: Settings | None) -> _Known:
    shape = shape_of_files(catalogue)
    return _Known(catalogue=catalogue, settings=settings, shape=shape, effects=Effects(catalogue=catalogue))


def _load_file(opened: Callable[[], Document], known: _Known) -> _File:
    try:
        document = opened()
    except InvalidFiles as invalid:
        return _File(found=tuple(invalid.facts["diagnostics"]))
    return _check(document, known)


def _check(document: Document, known: _Known) -> _File:
    sheet = filled(document, known.settings.document if known.settings else None)
    check_shape(sheet, known.shape, known.catalogue)
    root = sheet.root
    listed = root.get("rules")
    parts = [part for part in (listed.items() if listed and isinstance(listed.data, list) else ()) if _is_rule(part)]
    around = _surroundings(root, known)
    rules = [rule for part in parts if (rule := build_rule(part, around)) is not None]
    if not _wrong(sheet.found):
        for part, rule in zip(parts, rules, strict=True):
            check_sense(part, rule, known.effects)
    if not _wrong(sheet.found):
        advise_sources(root, rules)
        for part, rule in zip(parts, rules, strict=True):
            advise(part, rule, known.effects)
            if not _names_zone(part, root, known.settings):
                advise_zone(part, rule.schedule.timezone)
    return _File(rules=tuple(rules), found=tuple(sheet.found), placed=tuple(parts), count=len(parts), sheet=sheet)


def _names_zone(part: Part, root: Part, settings: Settings | None) -> bool:
    """Tell whether somebody said which zone the times of a rule are in."""
    run, defaults = part.get("run"), root.get("defaults")
    named = [run, defaults, defaults.get("run") if defaults else None]
    return any("timezone" in one for one in named if one) or (settings is not None and settings.names_zone)


def _wrong(found: Iterable[Diagnostic]) -> bool:
    return any(one.severity == "error" for one in found)


def _is_rule(part: Part) -> bool:
    return isinstance(part.data, dict)


def _surroundings(root: Part, known: _Known) -> Surroundings:
    settings, catalogue = known.settings, known.catalogue
    defaults = root.get("defaults")
    zone = defaults.get("timezone") if defaults else None
    standard = settings.timezone if settings else "Asia/Seoul"
    return Surroundings(
        library=Library(catalogue=catalogue, files=file_sources(root, catalogue.sources)),
        defaults=defaults,
        timezone=zone.data if zone and zone_of(zone) else str(standard),
        effects=known.effects,
        accounts=None if settings is None else tuple(settings.accounts),
        markets={} if settings is None else {name: one.market for name, one in settings.accounts.items()},
        channels=None if settings is None else tuple(settings.channels),
    )


# --- all files together ------------------------------------------------------------------------------------------


def _names(rules: Iterable[Part]) -> list[Diagnostic]:
    """Refuse a name, or a former name, that stands twice: history and "already done" hang on it."""
    first: dict[str, Mark] = {}
    found: list[Diagnostic] = []
    parts = list(rules)
    for key, code in (("name", "E127"), ("was", "E128")):
        for named in filter(None, (part.get(key) for part in parts)):
            if named.data in first:
                facts = {"name": named.data, "first": str(first[named.data])}
                told = Message(code=code, facts=facts)
                found.append(Diagnostic(severity="error", mark=named.mark(), message=told, hint=standing(code, facts)))
            else:
                first[named.data] = named.mark()
    return found


def _place(diagnostic: Diagnostic) -> tuple[Mark, str]:
    return diagnostic.mark, diagnostic.message.code
