"""The first rule of the guide, followed to the letter in the demo shop: what is shown is what the program prints."""

from __future__ import annotations

import re
import shlex

import pytest
from guide_support import LANGUAGES, blocks, page
from tests_support import DemoShop

#: what sets up the folder is not run here: the shop is there, and its simulator runs
_SET_UP = ("init", "sim")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_rule_in_ten_minutes(shop: DemoShop, lang: str) -> None:
    """Every file of the page is saved, every command ends well, every excerpt is in what the last one printed."""
    printed = ""
    for block in blocks(page("guide", lang)):
        named = re.match(r"# (\S+\.yaml)\n", block.text)
        if block.language == "yaml" and named:
            (shop.folder / named[1]).write_text(block.text, "utf-8")
        elif block.language == "console":
            lines = re.findall(r"^\$ runner (.*)$", block.text, re.MULTILINE)
            printed = "".join(_printed(shop, line, lang) for line in lines)
        elif block.language == "text":
            for line in block.text.splitlines():
                assert re.search(re.escape(line).replace("…", ".*"), printed), (line, printed)
    assert (shop.folder / "out" / "waiting.csv").read_text("utf-8-sig").count("\n") == 1 + 5


def _printed(shop: DemoShop, line: str, lang: str) -> str:
    words = shlex.split(line)
    if words[0] in _SET_UP:
        return ""
    words = [str(shop.folder / one) if one.endswith(".yaml") else one for one in words]
    ran = shop.run(*words, lang=lang)
    assert ran.code == 0, ran.out + ran.err
    return ran.out
