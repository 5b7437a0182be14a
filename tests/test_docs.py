"""Every example in the guide holds, its tests pass, its commands and links exist, and both languages tell the same."""

from __future__ import annotations

import io
import re
import shlex
import shutil
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import pytest
from guide_support import LANGUAGES, NAMES, ROOT, blocks, examples, page, whole

from runner.catalogue import load as load_catalogue
from runner.cli import run_line
from runner.rules import load
from runner.ruletests import run_tests
from runner.settings import load as load_settings

PAGES = [page(name, lang) for name in NAMES for lang in LANGUAGES]
LINKING = [*PAGES, ROOT / "README.md", ROOT / "README.ko.md"]


@pytest.mark.parametrize(("text", "before"), [pytest.param(text, before, id=name) for name, text, before in examples()])
def test_examples_of_the_guide_hold(text: str, before: tuple[str, ...], tmp_path: Path) -> None:
    """A rule passes the check without a warning, settings load, tests of the page's or of shipped rules pass."""
    if "\ntests:\n" in f"\n{text}":
        _passes(text, before, tmp_path)
        return
    path = tmp_path / "example.yaml"
    path.write_text(whole(text), "utf-8")
    if "\naccounts:\n" in text:
        assert load_settings(path, {"RUNNER_STATE_DIR": str(tmp_path)}).accounts
    else:
        assert load([path]).diagnostics == ()


def _passes(text: str, before: tuple[str, ...], folder: Path) -> None:
    for n, rules in enumerate(before):
        (folder / f"page{n}.yaml").write_text(rules, "utf-8")
    for rules in (ROOT / "rules").glob("*.yaml"):
        if not rules.name.endswith(".test.yaml"):
            shutil.copy(rules, folder)
    path = folder / "example.test.yaml"
    path.write_text(text, "utf-8")
    assert [one for one in run_tests([path], load_catalogue()) if not one.passed] == []


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_tell_the_same(name: str) -> None:
    """Both have the same headings, tables, rows and blocks, in the same order."""
    shapes = [
        re.findall(r"^(#+ |\|[- |]+\|$|\||```\w*)", page(name, lang).read_text("utf-8"), re.MULTILINE)
        for lang in LANGUAGES
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("path", LINKING, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """Every link to a file of the repository finds the file, and the heading it names."""
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", path.read_text("utf-8")):
        file, _, heading = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        assert not heading or heading in anchors(there), target


def test_every_page_is_listed() -> None:
    """The contents name every page of the guide."""
    for lang in LANGUAGES:
        text = page("guide", lang).read_text("utf-8")
        assert [name for name in NAMES[1:] if f"({name}.{lang}.md)" not in text] == []


def anchors(path: Path) -> set[str]:
    """Return the headings of a document as links name them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def commands() -> list[str]:
    """Return every command line of the guide, once."""
    lines = {line for path in LINKING for block in blocks(path) for line in _lines(block.language, block.text)}
    return sorted(lines)


def _lines(language: str, text: str) -> list[str]:
    found = re.findall(r"^\$ .*?(runner [^\n#<]*)", text, re.MULTILINE) if language == "console" else []
    return [part.strip() for line in found for part in line.split(" && ") if part.strip().startswith("runner ")]


@cache
def told(verb: str) -> str:
    """Return the help of a command."""
    out = io.StringIO()
    with redirect_stdout(out):
        run_line([verb, "--help", "--lang", "en"])
    return out.getvalue()


@pytest.mark.parametrize("line", commands())
def test_commands_have_the_options_they_are_shown_with(line: str) -> None:
    """Every option of a shown command stands in its help."""
    verb, *words = shlex.split(line)[1:]
    unknown = [
        word
        for word in words
        if re.match(r"--?[a-z]", word) and not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", told(verb))
    ]
    assert unknown == []
