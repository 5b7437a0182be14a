"""The page of every code `check` can give: its example yields just that code, and the mended one nothing of it."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from runner.catalogue import load as catalogue
from runner.model import Diagnostic
from runner.rules import load_text
from runner.rules.estimate import cost_warnings
from runner.secrets import Secret
from runner.settings import Account, Settings
from runner.wording import sentences
from runner.wording.pages import CodePage, code_pages

PAGES = code_pages()
#: what the text of one rule file cannot show: its size, how it was saved, what settings fill in or leave out
WITHOUT_EXAMPLE = {"E016", "E017", "E019", "E409", "E410", "E411", "E412", "E413", "E414"} | {
    "E510",
    "W210",
    "W211",
}
SHOWN = sorted(set(PAGES) - WITHOUT_EXAMPLE)
#: an example of own data alone is not looked up by any rule
BESIDE = {"W205"}


def settings(page: CodePage) -> Settings | None:
    """Return settings with the accounts an example is checked with."""
    if not page.accounts:
        return None
    key = Secret("test", lambda: "x")
    accounts = {
        name: Account(name=name, vendor_id=f"A{n:08}", access_key=key, secret_key=key)
        for n, name in enumerate(page.accounts, 1)
    }
    folder = Path()
    return Settings(
        path=folder / "runner.yaml", folder=folder, ledger=folder / "ledger.db", accounts=accounts, state_dir=folder,
        timezone=ZoneInfo("Asia/Seoul"),
    )  # fmt: skip


def found(page: CodePage, example: str) -> list[Diagnostic]:
    """Return what is said of an example."""
    loaded = load_text(page.whole(example), "example.yaml", settings=settings(page))
    return [*loaded.diagnostics, *cost_warnings(loaded.sound, catalogue(), {}, 4.0)]


def test_every_code_has_its_page() -> None:
    """No code without a page, no page without a code; in both languages."""
    codes = {code for code in sentences() if re.fullmatch(r"[EW]\d{3}", code)}
    assert codes == set(PAGES)
    assert all(page.about["en"] and page.about["ko"] for page in PAGES.values())
    assert {code for code, page in PAGES.items() if not page.right} == WITHOUT_EXAMPLE


@pytest.mark.parametrize("code", SHOWN)
def test_the_example_is_wrong_in_this_way_alone(code: str) -> None:
    """A page shows one mistake: its own."""
    page = PAGES[code]
    assert {one.message.code for one in found(page, page.wrong)} == {code}


@pytest.mark.parametrize("code", SHOWN)
def test_the_mended_example_holds(code: str) -> None:
    """What the page gives as right is right."""
    page = PAGES[code]
    assert {one.message.code for one in found(page, page.right)} <= BESIDE - {code}
