"""Characters that look like YAML and are not: what a keyboard, a word processor or a chat window puts into a file.

line_slip   what stands wrong in a line that YAML could not read
text_slip   what stands wrong in a plain text that YAML did read, only not as it was meant
plain_number  the number that was meant by `007`, `1,000원` or `"20"`
plain_duration  the duration that was meant by `30일`, `2 hours` or `1주`
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: spaces that YAML does not take for any: no-break, full-width, typographic, of no width
_SPACES = "\u00a0\u3000\u2000-\u200b\u202f\u205f\u2060\ufeff"
_OPENING, _QUOTES = "\u201c\u2018\u201e\u201f\u00ab", "\u201c\u201d\u2018\u2019\u201e\u201f\u00ab\u00bb"
_WIDE = "\uff1a\uff0c\uff5b\uff5d\uff3b\uff3d"
#: full-width sign -> the one YAML knows
_NARROW = dict(zip(_WIDE, ":,{}[]", strict=True))

_KEY = r"[A-Za-z_가-힣][\w.-]*"
_INDENTED = re.compile(rf"[ ]*(?:- *)?([{_SPACES}])")
_AFTER_KEY = re.compile(rf"\s*(?:- +)?{_KEY}:[ ]*([{_SPACES}])")
_CURLY = re.compile(rf"(?:^|[:,\[{{-]\s+|[\[{{])([{_OPENING}])")
_WIDE_KEY = re.compile(rf"\s*(?:- +)?{_KEY}\s*(\uff1a)")
_WIDE_VALUE = re.compile(rf"(?:[:,\-\[{{]\s*)([{_WIDE[2:]}])")
_WIDE_COMMA = re.compile(r"[\[{][^\"'#]*?(\uff0c)")
_TIGHT_KEY = re.compile(rf"\s*(?:- +)?({_KEY}):(?=[^\s/])(.*)")
_TIGHT_DASH = re.compile(rf"\s*(-)(?={_KEY})")
_COMMENT = re.compile(r"[^#]*?\s(#)\S")
#: what people write for "no value"; YAML keeps `None` as text
NOTHING = frozenset({"none", "null", "nil", "n/a", "없음"})
_MYRIADS = re.compile(r"(\d{1,5})만\s*원?", re.ASCII)
_WRITTEN = re.compile(r"(-?\d{1,3}(?:[,_]\d{3})+|-?\d{1,18})\s*(?:%|원|건|개|명|회)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Slip:
    """One such character: its code, its place from 0, and what is said about it."""

    code: str
    column: int
    facts: dict[str, str]


def line_slip(line: str, column: int) -> Slip | None:
    """Return what stands wrong in a line that could not be read at `column`; None when it looks right."""
    for pattern, code in ((_INDENTED, "E020"), (_AFTER_KEY, "E020"), (_CURLY, "E021"), (_WIDE_KEY, "E009")):
        if found := pattern.match(line) if code != "E021" else pattern.search(line):
            return _sign(code, line, found.start(1))
    wide = _WIDE_VALUE.search(line) or _WIDE_COMMA.search(line[:column])
    if wide or line[column : column + 1] in tuple(_WIDE):
        return _sign("E009", line, wide.start(1) if wide else column)
    if found := _TIGHT_KEY.fullmatch(line):
        return Slip("E023", found.end(1), {"key": found[1], "value": found[2].strip()[:40]})
    if found := _TIGHT_DASH.match(line):
        return Slip("E024", found.start(1), {"text": line.strip()[1:41]})
    return None


def swallowed(line: str) -> Slip | None:
    """Return the comment that may have swallowed the rest of a list or mapping in brackets."""
    found = _COMMENT.match(line)
    return Slip("E022", found.start(1), {"text": line[found.start(1) : found.start(1) + 40]}) if found else None


def text_slip(text: str, *, key: bool, empty: bool = False) -> Slip | None:
    """Return what stands wrong in a text without quotes; `empty`: it is a key in brackets that has no value."""
    if found := re.search(rf"^[{_SPACES}]|[{_SPACES}]$", text):
        return _sign("E020", text, found.start())
    quotes = [place for place, one in enumerate(text) if one in _QUOTES]
    if text[:1] in tuple(_OPENING) and quotes in ([0], [0, len(text) - 1]):
        return _sign("E021", text, 0)
    if not key or not empty:
        return None
    if (wide := text.find(_WIDE[0])) > 0:
        return _sign("E009", text, wide)
    if found := re.fullmatch(rf"({_KEY}):(\S.*|[{_SPACES}].*)", text):
        return Slip("E023", len(found[1]), {"key": found[1], "value": found[2].strip()[:40]})
    return None


def _sign(code: str, text: str, column: int) -> Slip:
    sign = text[column]
    shown = f"U+{ord(sign):04X}" if re.match(f"[{_SPACES}]", sign) else sign
    return Slip(code, column, {"character": shown, "narrow": _NARROW.get(sign, "")})


def plain_number(text: str) -> str | None:
    """Return the digits of `007`, `"20"`, `1,000원`, `10%`; None when it is not plainly a whole number."""
    close = unicodedata.normalize("NFKC", text).strip()
    if found := _MYRIADS.fullmatch(close):
        return f"{int(found[1])}0000"
    found = _WRITTEN.fullmatch(close)
    return None if found is None else str(int(found[1].replace(",", "").replace("_", "")))


_UNITS = {
    "초": "s", "분": "m", "시간": "h", "일": "d", "주일": "w", "주": "w", "영업일": "bd", "sec": "s", "second": "s",
    "min": "m", "minute": "m", "s": "s", "m": "m", "h": "h", "hr": "h", "hour": "h", "d": "d", "day": "d", "w": "w",
    "week": "w", "bd": "bd",
}  # fmt: skip
_LONG_UNITS = {"개월": 30, "달": 30, "month": 30, "mo": 30, "년": 365, "year": 365, "y": 365}
_IN_WORDS = {"하루": "1d", "이틀": "2d", "사흘": "3d", "반나절": "12h", "일주일": "7d", "한주": "7d", "한달": "30d"}
_STRETCH = re.compile(r"(\d{1,6})([가-힣]+|[A-Za-z]+)")


def plain_duration(text: str) -> str:
    """Return a duration in words, with spaces or in capitals as the language writes it, or ""; `10M` may be months."""
    close = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    parts = _STRETCH.findall(close)
    if close in _IN_WORDS or not parts or "".join(f"{count}{unit}" for count, unit in parts) != close:
        return _IN_WORDS.get(close, "")
    made = [_stretch(int(count), unit) for count, unit in parts]
    return "".join(made) if all(made) else ""


def _stretch(count: int, written: str) -> str:
    unit = written.lower()
    unit = unit.rstrip("s") or unit
    if days := _LONG_UNITS.get(unit):
        return f"{count * days}d"
    return f"{count}{_UNITS[unit]}" if written != "M" and unit in _UNITS else ""
