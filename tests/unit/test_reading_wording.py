from __future__ import annotations

from importlib.resources import files

import pytest
import yaml

from runner.fetch.cells import Bad
from runner.model import message
from runner.wording import LANGS, blanks, say

READING = yaml.safe_load((files("runner.wording") / "reading.yaml").read_text("utf-8"))


@pytest.mark.parametrize("code", sorted(READING))
def test_both_languages_fill_the_same_blanks(code: str) -> None:
    """A fact that one language tells is not kept from the other."""
    assert blanks(READING[code]["en"]) == blanks(READING[code]["ko"])


def test_every_bad_cell_has_a_sentence() -> None:
    """The members of Bad are codes."""
    for bad in Bad:
        told = message(bad.value, file="a.csv", row=5, column="b", value="c", digits=[10, 12])
        assert all("5" in say(told, lang) for lang in LANGS)


def test_ages_are_said_in_days_and_hours() -> None:
    """JSON keeps seconds."""
    stale = message("file_stale", file="a.csv", age=90_000, limit=86_400)
    assert say(stale, "ko") == "a.csv이(가) 1일 1시간 전 파일입니다. 1일(stale_after) 이내여야 하니 다시 내보내세요"
    assert say(stale, "en").startswith("a.csv is 1 d 1 h old")
