"""`inputs:` of a rule file: what the person who uses it fills in, each with its type, bounds and help.

declared(sheet)   -> the inputs of a file, what is wrong with them noted
fault(one, value) -> what is wrong with a value, or None
typed(one, text)  -> the value a person typed
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from runner.catalogue import Title
from runner.expressions import parse_duration
from runner.expressions.templates import is_template
from runner.model import Message, message
from runner.schema.problems import shown
from runner.schema.suggest import suggestion
from runner.slips import plain_duration, plain_number

if TYPE_CHECKING:
    from runner.rules.part import Part, Sheet

_NUMBERS = ("integer", "number", "won")
_NAME = re.compile(r"[^\W\d]\w*")
_DURATION = re.compile(r"([0-9]{1,6}[smhdw])+")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, kw_only=True, slots=True)
class Input:
    """One value of a rule file that its user fills in."""

    name: str
    type: str
    title: Title
    help: Title
    unit: Title
    #: None: settings must give the value
    default: Any = None
    #: what tests, and `check` without settings, take where there is no default
    example: Any = None
    minimum: Any = None
    maximum: Any = None
    #: allowed values and what each means; none: any
    values: Mapping[Any, Title]

    @property
    def standard(self) -> Any:
        """Return the value that holds where nobody gave one."""
        return self.example if self.default is None else self.default


@dataclass(frozen=True, slots=True)
class _Type:
    """What a type accepts, and how its values compare."""

    holds: Callable[[Any], bool]
    #: None: it has no bounds
    order: Callable[[Any], Any] | None = None


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not is_template(value)


def _spelled(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _date(value: Any) -> bool:
    try:
        return isinstance(value, str) and _DAY.fullmatch(value) is not None and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_text(one) or _number(one) for one in value)


def _itself(value: Any) -> Any:
    return value


TYPES: Mapping[str, _Type] = {
    "integer": _Type(_whole, _itself),
    "number": _Type(_number, _itself),
    "won": _Type(lambda value: _whole(value) and value >= 0, _itself),
    "text": _Type(_text),
    "boolean": _Type(lambda value: isinstance(value, bool)),
    "duration": _Type(_spelled(_DURATION), parse_duration),
    "time": _Type(_spelled(_CLOCK), _itself),
    "date": _Type(_date, _itself),
    "list": _Type(_list),
    "file": _Type(_text),
}
"""Types of inputs: `time` is a time of day, `file` a path from the rule file."""


# --- what a file declares ----------------------------------------------------------------------------------------


def declared(sheet: Sheet) -> dict[str, Input | None]:
    """Return the inputs of a file by name, None for one that does not hold; problems of shape are told elsewhere."""
    below = sheet.root.get("inputs")
    return {name: _input(name, part) for name, part in below.entries()} if below else {}


def _input(name: str, part: Part) -> Input | None:
    if not _NAME.fullmatch(name):
        part.error("E400", at_key=True, name=name)
        return None
    kind = part.value("type")
    if not isinstance(part.data, dict) or not isinstance(kind, str) or kind not in TYPES:
        return None
    made = Input(
        name=name,
        type=kind,
        title=both(part.value("title", name)),
        help=both(part.value("help", "")),
        unit=both(part.value("unit", "")),
        default=part.value("default"),
        example=part.value("example"),
        minimum=part.value("min"),
        maximum=part.value("max"),
        values=_meanings(part.value("values"), kind),
    )
    _check(made, part)
    return made if part.sound else None


def both(said: Any) -> Title:
    """Return a text in both languages; one text stands for both."""
    if isinstance(said, Mapping):
        return Title(en=str(said.get("en", "")), ko=str(said.get("ko", "")))
    return Title(en=str(said), ko=str(said))


def _meanings(values: Any, kind: str) -> dict[Any, Title]:
    if isinstance(values, Mapping):  # its keys are text, whatever they look like
        return {_scalar(value) if kind in _NUMBERS else value: both(title) for value, title in values.items()}
    listed = values if isinstance(values, list) else ()
    return {value: both(value) for value in listed if not isinstance(value, dict | list)}


def _check(one: Input, part: Part) -> None:
    """Refuse bounds that do not fit the type, and standard values that do not fit the bounds."""
    kind = TYPES[one.type]
    for key in ("min", "max"):
        bound = part.get(key)
        if bound is not None and (kind.order is None or not kind.holds(bound.data)):
            bound.error("E401", key=key, value=shown(bound.data), type=type_name(one.type))
    if not part.sound:
        return
    if one.minimum is not None and one.maximum is not None and _less(one, one.maximum, one.minimum):
        part.get("max").error("E402", low=one.minimum, high=one.maximum)  # type: ignore[union-attr]
        return
    for key in ("default", "example"):
        given = part.get(key)
        if given is not None and (wrong := fault(one, given.data)):
            given.error(wrong.code, hint=hint_of(one, given.data, wrong), **wrong.facts)
    if one.standard is None:
        part.error("E403", at_key=True, name=one.name)


def type_name(name: str) -> Message:
    """Return what a type is called."""
    return message(f"input.{name}")


# --- values ------------------------------------------------------------------------------------------------------


def fault(one: Input, value: Any) -> Message | None:
    """Return what is wrong with a value of an input, or None."""
    if not TYPES[one.type].holds(value):
        return message("E404", name=one.name, value=shown(value), type=type_name(one.type))
    listed = value if isinstance(value, list) else [value]
    if one.values and (odd := [entry for entry in listed if entry not in one.values]):
        return message("E405", name=one.name, value=shown(odd[0]))
    if one.minimum is not None and _less(one, value, one.minimum):
        return message("E406", name=one.name, value=shown(value), least=one.minimum)
    if one.maximum is not None and _less(one, one.maximum, value):
        return message("E407", name=one.name, value=shown(value), most=one.maximum)
    return None


def hint_of(one: Input, value: Any, wrong: Message) -> Message | None:
    """Return how the value is written right, where that is plain."""
    if wrong.code == "E405":
        return suggestion(value, [str(allowed) for allowed in one.values])
    if wrong.code == "E404" and one.type in ("integer", "won") and (number := plain_number(str(value))):
        return message("hint.plain_number", number=number)
    if wrong.code == "E404" and one.type == "list" and not isinstance(value, list | dict):
        return message("hint.did_you_mean", name=f"[{shown(value)}]")
    close = plain_duration(str(value)) if wrong.code == "E404" and one.type == "duration" else ""
    if close and TYPES["duration"].holds(close):
        return message("hint.did_you_mean", name=close)
    if wrong.code != "E404" or one.standard is None or fault(one, one.standard):
        return None
    return message("hint.input", example=shown(one.standard))


def _less(one: Input, low: Any, high: Any) -> bool:
    order = TYPES[one.type].order
    return order is not None and bool(order(low) < order(high))


def typed(one: Input, text: str) -> Any:
    """Return the value that a text on the command line means; one that fits no type stays text."""
    text = text.strip()
    if one.type == "list":
        return [_scalar(entry.strip()) for entry in text.strip("[]").split(",") if entry.strip()]
    if one.type == "boolean":
        return {"true": True, "yes": True, "예": True, "false": False, "no": False, "아니오": False}.get(
            text.casefold(), text
        )
    return _scalar(text) if one.type in _NUMBERS else text


def _scalar(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
