"""Sentences, said late: a Message is a code and facts, and here it becomes Korean or English.

Blanks are `{fact}`, or `{fact:won}`, `{fact:time}`, `{fact:duration}` for values that JSON keeps as plain numbers and
texts, `{fact:lines}` for sentences below each other, `{fact:reasons}` for what was said of several records. In Korean,
`은(는)`, `이(가)`, `을(를)`, `과(와)` and `(으)로` after a blank take the form the word before needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Literal, get_args

import yaml

from runner.errors import Defect
from runner.model import Message

Lang = Literal["en", "ko"]
LANGS: tuple[Lang, ...] = get_args(Lang)


def say(message: Message, lang: Lang) -> str:
    """Say a message. Raises Defect for an unknown code, or when a fact for one of its blanks is missing."""
    sentence = sentences().get(message.code)
    if sentence is None:
        raise Defect("wording_unknown_code", message_code=message.code)
    told = _Teller(lang).vformat(sentence[lang], (), {"_code": message.code, **message.facts})
    return _with_particles(told) if lang == "ko" else told


def say_value(value: Any, lang: Lang, form: str = "") -> str:
    """Say one fact: a message, a time, a stretch of time, won, a list, or a plain value."""
    if isinstance(value, Message):
        return say(value, lang)
    if isinstance(value, Mapping) and set(value) == {"code", "facts"}:  # a message that was kept as JSON
        return say(Message(code=value["code"], facts=value["facts"]), lang)
    if form in _FORMS and value is not None:
        return _FORMS[form](value, lang)
    if isinstance(value, timedelta):
        return _duration(value, lang)
    if isinstance(value, date):
        return _time(value, lang)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {say_value(one, lang)}" for name, one in value.items()) or _PLAIN[lang][None]
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(say_value(one, lang) for one in value)
    return _plain(value, lang)


def _plain(value: Any, lang: Lang) -> str:
    if isinstance(value, bool | None):
        return _PLAIN[lang].get(value, str(value))
    return _SYSTEM.get(str(value), str(value)) if lang == "ko" else str(value)


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def sentences() -> Mapping[str, Mapping[Lang, str]]:
    """Return every sentence by code. Raises Defect when a code stands in two files."""
    found: dict[str, Mapping[Lang, str]] = {}
    for entry in sorted(files(__package__).iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".yaml"):
            read = yaml.load(entry.read_text("utf-8"), Loader=_LOADER)  # noqa: S506 - both loaders are the safe ones
            if twice := found.keys() & (read or {}).keys():
                raise Defect("wording_twice", codes=sorted(twice), file=entry.name)
            found |= read or {}
    return found


class _Teller(Formatter):
    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def get_value(self, key: int | str, _args: Any, kwargs: Any) -> Any:
        if key not in kwargs:
            raise Defect("wording_missing_fact", message_code=kwargs["_code"], fact=key)
        return kwargs[key]

    def format_field(self, value: Any, form: str) -> str:
        return say_value(value, self.lang, form)


_PLAIN: Mapping[Lang, Mapping[Any, str]] = {
    "en": {True: "yes", False: "no", None: "nothing"},
    "ko": {True: "예", False: "아니요", None: "없음"},
}
#: what the operating system says of a file
_SYSTEM = {
    "No such file or directory": "그런 파일이나 폴더가 없습니다",
    "Permission denied": "권한이 없습니다",
    "Operation not permitted": "권한이 없습니다",
    "Is a directory": "파일이 아니라 폴더입니다",
    "Not a directory": "폴더가 아니라 파일입니다",
    "File exists": "이미 있습니다",
    "Read-only file system": "읽기 전용입니다",
    "No space left on device": "저장 공간이 없습니다",
    "File name too long": "이름이 너무 깁니다",
    "Too many levels of symbolic links": "바로 가기가 자기 자신을 가리킵니다",
}
#: records of an action for many that a sentence names; the report lists them all
_SHOWN = 5
_WON = {"en": "{:,} won", "ko": "{:,}원"}
_PARTS = (
    (86_400, {"en": "{} d", "ko": "{}일"}),
    (3_600, {"en": "{} h", "ko": "{}시간"}),
    (60, {"en": "{} min", "ko": "{}분"}),
    (1, {"en": "{} s", "ko": "{}초"}),
)


def _won(value: Any, lang: Lang) -> str:
    return _WON[lang].format(int(value))


def _time(value: Any, _lang: Lang) -> str:
    """Say a time to the minute in the zone it carries; other texts as they are."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return str(value)
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else f"{value:%Y-%m-%d}"


def _duration(value: Any, lang: Lang) -> str:
    """Say seconds in at most two units: 1 d 2 h."""
    left = abs(int(value.total_seconds() if isinstance(value, timedelta) else value))
    told: list[str] = []
    for size, words in _PARTS:
        count, left = divmod(left, size)
        if count:
            told.append(words[lang].format(count))
        elif told:
            break
    return " ".join(told[:2]) or _PARTS[-1][1][lang].format(0)


def _reasons(value: Any, lang: Lang) -> str:
    """Say what was said of records: `7, 8: already applied`; those with the same reason stand together."""
    if not isinstance(value, Mapping):
        return say_value(value, lang)
    said: dict[str, list[str]] = {}
    for record, reason in value.items():
        said.setdefault(say_value(reason, lang), []).append(str(record))
    told = [f"{_some(records, lang)}: {reason}" for reason, records in said.items()]
    return "; ".join(told) or say(Message(code="no_reason_given"), lang)


def _some(records: list[str], lang: Lang) -> str:
    more = len(records) - _SHOWN
    rest = f" {say(Message(code='and_more', facts={'count': more}), lang)}" if more > 0 else ""
    return ", ".join(records[:_SHOWN]) + rest


def _lines(value: Any, lang: Lang) -> str:
    """Say each sentence on a line of its own, below the first."""
    return "\n    ".join(say_value(one, lang) for one in value)


_FORMS = {"won": _won, "time": _time, "duration": _duration, "reasons": _reasons, "lines": _lines}

# --- Korean particles ------------------------------------------------------------------------------------------

_PARTICLE = re.compile(r"([^\s'\"’”)\]`])(['\"’”)\]`]*)(은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로)")
#: particle -> (after a final consonant, after a vowel)
_FORMS_OF = {
    "은(는)": ("은", "는"),
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "과(와)": ("과", "와"),
    "(으)로": ("으로", "로"),
}
#: how the last digit of a number is read aloud ends: "" in a vowel, "l" in ㄹ, "c" in another consonant
_READ = {"0": "c", "1": "l", "2": "", "3": "c", "4": "", "5": "", "6": "c", "7": "l", "8": "l", "9": ""}


def _with_particles(text: str) -> str:
    return _PARTICLE.sub(lambda found: found[1] + found[2] + _particle(found[1], found[3]), text)


def _particle(before: str, particle: str) -> str:
    sound = _final_sound(before)
    if sound is None:
        return particle
    closed = bool(sound) and not (sound == "l" and particle == "(으)로")
    return _FORMS_OF[particle][0 if closed else 1]


def _final_sound(character: str) -> str | None:
    """Return "" when the character's sound ends in a vowel, "l" for ㄹ, "c" for another consonant, None if unknown."""
    if "가" <= character <= "힣":
        final = (ord(character) - ord("가")) % 28
        return {0: "", 8: "l"}.get(final, "c")
    return _READ.get(character)


def blanks(sentence: str) -> frozenset[str]:
    """Return the names of a sentence's blanks."""
    return frozenset(_names(Formatter().parse(sentence)))


def _names(parts: Iterable[tuple[str, str | None, str | None, str | None]]) -> Iterable[str]:
    return (name.partition(".")[0] for _, name, _, _ in parts if name)
