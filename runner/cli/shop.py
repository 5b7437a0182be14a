"""What several commands open: rules, ledger, accounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

from runner.catalogue import load as load_catalogue
from runner.cli.names import known_or_mistake
from runner.cli.session import Session
from runner.errors import InvalidFiles, UsageMistake
from runner.ledger import Ledger
from runner.model import Calls
from runner.render.plans import Around
from runner.rules import load, rule_paths
from runner.rules.shapes import Rule, RuleSet
from runner.runs import Shop, open_shop
from runner.settings import Settings


def load_rules(settings: Settings) -> RuleSet:
    """Load the rules of the settings. Raises InvalidFiles with every problem, UsageMistake when there is no file."""
    paths = rule_paths(settings)
    if not paths:
        raise UsageMistake("rules_none", patterns=list(settings.rules), folder=str(settings.folder))
    loaded = load(paths, settings=settings)
    if loaded.ruleset is None:
        raise InvalidFiles("invalid_rules", diagnostics=loaded.diagnostics)
    return loaded.ruleset


def named(rules: RuleSet, names: Sequence[str]) -> list[Rule]:
    """Return the rules of these names, or all. Raises UsageMistake for a name that is none."""
    known = {rule.name: rule for rule in rules.rules}
    chosen = [known[known_or_mistake("rule_unknown", name, known)] for name in names]
    return chosen or list(rules.rules)


@contextmanager
def open_shops(
    session: Session, settings: Settings, rules: Sequence[Rule], account: str | None, *, always: bool = False
) -> Iterator[list[Shop]]:
    """Open the accounts that these rules run for, or the one named, and close them. Raises UsageMistake.

    `always` tells progress even where nobody seems to watch.
    """
    with ExitStack() as opened:
        tell = session.teller(always=always)
        shops = [open_shop(settings, name, tell=tell) for name in _accounts(settings, rules, account)]
        for shop in shops:
            opened.callback(shop.client.close)
        yield shops


def _accounts(settings: Settings, rules: Sequence[Rule], account: str | None) -> list[str]:
    concerned = [name for name in settings.accounts if any(_is_for(rule, name) for rule in rules)]
    if account is None:
        return concerned
    name = settings.account(account).name
    if rules and name not in concerned:
        raise UsageMistake("rule_not_for_account", account=name, rules=[rule.name for rule in rules])
    return [name]


def _is_for(rule: Rule, account: str) -> bool:
    return not rule.accounts or account in rule.accounts


@contextmanager
def open_ledger(settings: Settings) -> Iterator[Ledger]:
    """Open the ledger of the settings, and give it back. Raises NeedsAttention."""
    with closing(Ledger(settings.ledger)) as ledger:
        yield ledger


def around(session: Session, rules: RuleSet) -> Around:
    """Return what screens need to know beside their values."""
    known = {rule.name: rule for rule in rules.rules}
    return Around(lang=session.language(), catalogue=load_catalogue(), rules=known, verbose=session.verbose)


def rules_if_any(settings: Settings) -> RuleSet:
    """Return the rules for their titles only; none when they do not hold."""
    loaded = load(rule_paths(settings), settings=settings)
    return loaded.ruleset or RuleSet()


def calls_of(shops: Sequence[Shop]) -> Calls:
    """Add up the requests of several accounts."""
    return Calls(read=sum(one.calls.read for one in shops), write=sum(one.calls.write for one in shops))
