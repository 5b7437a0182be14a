"""The page of a code of `check`, as people read it, and the same for programs."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from runner.errors import UsageMistake
from runner.model import message
from runner.render.page import FORMAT, Page
from runner.render.words import word
from runner.wording import Lang, sentences
from runner.wording.pages import CodePage, code_pages, template

_CODE = re.compile(r"[EW]\d{3}", re.IGNORECASE)


def is_code(name: str) -> bool:
    """Tell whether a name is a code of `check`, or a message that has something to do next."""
    return _CODE.fullmatch(name) is not None or (name in sentences() and f"{name}.hint" in sentences())


def code_page(name: str, lang: Lang) -> Page:
    """Return the page of a code. Raises UsageMistake for one that is none."""
    code = name.upper() if _CODE.fullmatch(name) else name
    if code not in sentences():
        near = get_close_matches(code, code_pages(), n=3, cutoff=0.5)
        raise UsageMistake("docs_code_unknown", name=name, hint=message("cli_did_you_mean", names=near))
    page = code_pages().get(code)
    text = "\n".join([*_head(code, lang), *(_body(page, lang) if page else [])]).rstrip() + "\n"
    return Page(document=_document(code, page, lang) | {"text": text}, blocks=(text,))


def codes_page(lang: Lang) -> str:
    """Return the pages of all codes as one document, to be read outside of runner."""
    told = [f"# {word('docs_codes', lang)}", "", word("docs_codes_about", lang), ""]
    for code, page in code_pages().items():
        head, *rest = [*_head(code, lang), *_body(page, lang)]
        told += [f"#{head}", *rest]
    return "\n".join(told).rstrip() + "\n"


def help_text(code: str, lang: Lang) -> str:
    """Return in a few lines what a code means and what to do, for hosts that show help beside a result."""
    page = code_pages().get(code)
    return "\n\n".join(part for part in (page.about[lang] if page else "", template(f"{code}.hint", lang)) if part)


def _head(code: str, lang: Lang) -> list[str]:
    hint = template(f"{code}.hint", lang)
    return [f"# {code}: {template(code, lang)}", "", *([word("docs_code_next", lang, hint=hint), ""] if hint else [])]


def _body(page: CodePage, lang: Lang) -> list[str]:
    told = [page.about[lang], ""]
    for heading, example in (("docs_code_wrong", page.wrong), ("docs_code_right", page.right)):
        if page.right:
            told += [word(heading, lang), "", "```yaml", *_shown(example), "```", ""]
    return told


def _shown(example: str) -> list[str]:
    """Return the lines of an example, with signs that nobody sees made visible."""
    return [
        "".join(f"<U+{ord(one):04X}>" if _is_hidden(one) else one for one in line) for line in example.split("\n")[:-1]
    ]


def _is_hidden(sign: str) -> bool:
    return not sign.isprintable() and sign != " "


def _document(code: str, page: CodePage | None, lang: Lang) -> dict[str, Any]:
    return {
        "format_version": FORMAT,
        "code": code,
        "kind": "code",
        "message": template(code, lang),
        "hint": template(f"{code}.hint", lang) or None,
        "about": page.about[lang] if page else None,
        "wrong": page.wrong if page else None,
        "right": page.right if page else None,
        "wrong_file": page.whole(page.wrong) if page and page.right else None,
        "right_file": page.whole(page.right) if page and page.right else None,
    }
