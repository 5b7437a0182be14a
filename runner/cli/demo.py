"""`runner demo`: the whole story on a simulated shop, each step verified against what the marketplace saw."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from runner.cli.frame import Option, command
from runner.cli.init import copy_example
from runner.cli.marketplace import Marketplace, marketplace
from runner.cli.plan import together
from runner.cli.run import ran
from runner.cli.session import Session
from runner.cli.shop import around, load_rules, open_ledger, open_shops
from runner.errors import Exit
from runner.ledger import Ledger
from runner.model import Plan, Status
from runner.render import write
from runner.render.memory import history_page
from runner.render.plans import Around, plan_page
from runner.render.reports import report_page
from runner.rules.shapes import RuleSet
from runner.runs import Report, Shop, load_plan, perform, perform_saved, plan_document, preview
from runner.settings import Settings, load


@dataclass(kw_only=True, slots=True)
class Story:
    """What the steps share, and whether each was as it should be."""

    session: Session
    settings: Settings
    rules: RuleSet
    shop: Shop
    ledger: Ledger
    sim: Marketplace
    screen: Around
    failed: list[str] = field(default_factory=list)

    def announce(self, code: str, **facts: Any) -> None:
        """Say what comes next."""
        click.echo(f"\n{self.session.say(code, **facts)}")

    def prove(self, code: str, *, holds: bool, **facts: Any) -> None:
        """Say what was checked, and note it when it does not hold."""
        click.echo(f"  {'○' if holds else '×'} {self.session.say(code, **facts)}")
        if not holds:
            self.failed.append(code)


@command(
    "demo",
    Option("--serve", is_flag=True),
    Option("--port", type=click.IntRange(0, 65_535), default=0, metavar="N"),
)
def demo(session: Session, port: int, *, serve: bool) -> Exit:
    """Tell the story; exit 0 only if every step was verified."""
    with _folder(keep=serve) as folder, marketplace(port) as sim:
        click.echo(session.say("demo_market", url=sim.url, folder=str(folder)))
        told = tell_story(session, folder, sim)
        if told is Exit.DONE and serve:
            return _serve(session, folder, sim)
        return told


def tell_story(session: Session, folder: Path, sim: Marketplace) -> Exit:
    """Tell the story of one shop folder on one marketplace."""
    settings = _settings(session, folder, sim)
    rules = load_rules(settings)
    with open_shops(session, settings, rules.rules, "main", always=True) as (shop,), open_ledger(settings) as ledger:
        story = Story(
            session=session,
            settings=settings,
            rules=rules,
            shop=shop,
            ledger=ledger,
            sim=sim,
            screen=around(session, rules),
        )
        story.prove("demo_rules", holds=bool(rules.rules), count=len(rules.rules))
        _once(story, folder)
        _again(story)
        _remember(story)
    click.echo("\n" + session.say("demo_failed" if story.failed else "demo_verified"))
    return Exit.FAILED if story.failed else Exit.DONE


def _settings(session: Session, folder: Path, sim: Marketplace) -> Settings:
    """Load the demo's settings; nothing of this machine's environment reaches them."""
    environ = {
        "RUNNER_BASE_URL": sim.url,
        "RUNNER_STATE_DIR": str(folder / ".runner"),
        "RUNNER_LANG": session.language(),
    }
    return load(folder / "runner.yaml", environ)


def _once(story: Story, folder: Path) -> None:
    """Preview, then do exactly what was previewed."""
    shop = story.shop
    story.announce("demo_plan")
    survey = preview(shop, story.rules.rules, story.ledger.actions, lambda _rule, _keys: {}, shop.clock.now())
    found = together([survey.plan])
    write(plan_page(found, shop.calls, story.screen), "table", sys.stdout)
    story.prove("demo_no_writes", holds=not story.sim.writes(), reads=shop.calls.read)
    story.prove("demo_planned", holds=len(found.actions) > 0 and not survey.troubles, count=len(found.actions))

    story.announce("demo_apply")
    report = perform_saved(
        shop, story.rules, story.ledger, load_plan(_saved(story, found, folder), story.rules, shop.clock.now())
    )
    write(report_page(ran(report), story.screen), "table", sys.stdout)
    _prove_effects(story, found, report)


def _saved(story: Story, found: Plan, folder: Path) -> Path:
    from runner.cli.plan import save
    from runner.render.plans import plan_json

    path = folder / "plan.json"
    marketplaces = {story.shop.name: story.shop.marketplace}
    document = plan_json(found, story.shop.calls, story.screen)
    save(path, document | {"saved": plan_document(found, story.rules, marketplaces, story.shop.catalogue)})
    return path


def _prove_effects(story: Story, found: Plan, report: Report) -> None:
    """Compare what runner says with what the marketplace saw."""
    done = [one for one in report.outcomes if one.status is Status.DONE and one.verified]
    story.prove("demo_all_verified", holds=len(done) == len(found.actions), done=len(done), planned=len(found.actions))
    writes = story.sim.writes()
    applied = sum(bool(one["applied"]) for one in writes)
    story.prove("demo_applied", holds=applied == len(writes) == report.calls.write, count=applied)


def _again(story: Story) -> None:
    """Run everything once more: there must be nothing left to do."""
    story.announce("demo_again")
    before = len(story.sim.writes())
    report = perform(story.shop, story.rules, story.ledger)
    write(report_page(ran(report), story.screen), "table", sys.stdout)
    story.prove("demo_nothing_twice", holds=len(story.sim.writes()) == before and not report.outcomes)


def _remember(story: Story) -> None:
    story.announce("demo_history")
    entries = story.ledger.actions.recent(20)
    write(history_page(entries, story.screen), "table", sys.stdout)
    story.prove(
        "demo_remembered", holds=all(one.status == "done" for one in entries) and bool(entries), count=len(entries)
    )


@contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    """Make a copy of the demo shop, gone afterwards unless somebody will edit it."""
    folder = Path(tempfile.mkdtemp(prefix="runner-demo-"))
    try:
        copy_example(folder)
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _serve(session: Session, folder: Path, sim: Marketplace) -> Exit:
    from runner.cli.daemon import serve

    click.echo("\n" + session.say("demo_serving", folder=str(folder), url=sim.url))
    return serve(session, _settings(session, folder, sim))
