"""What a new shop folder holds, as texts: settings, one rule with its test, and what an editor needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from runner.errors import InvalidFiles
from runner.rules.inputs import Input, declared
from runner.rules.part import Sheet
from runner.shipped import shipped
from runner.source import parse, read

#: it needs no data but the marketplace's, so it works where nothing else is there yet
STANDARD_RULE = "complete-month-old-undelivered"
NO_VENDOR = "A00000000"

_SETTINGS = """\
# yaml-language-server: $schema=.runner/settings.schema.json
version: 1
rules: [rules/*.yaml]
ledger: .runner/ledger.db                # 무엇을 했는지 남는 장부 / what was done
timezone: Asia/Seoul
"""
_COUPANG = """\
base_url: https://api-gateway.coupang.com
accounts:
  main:
    vendor_id: {vendor}                 # WING > 판매자 정보 / your vendor id
    access_key: {:<25}  # 키는 파일에 적지 않습니다: {{env: 이름}} 또는 {{file: secret.key}}
    secret_key: {}
    rate: 4                              # 초당 호출 수. 쿠팡 한도는 5 / calls a second
"""
_SIMULATOR = """\
base_url: http://127.0.0.1:8765          # runner sim --port 8765
accounts:
  main:
    vendor_id: A00012345
    access_key: sim-access-key           # 시뮬레이터에만 통하는 공개된 키 / worth nothing elsewhere
    secret_key: sim-secret-key
settle_after: 40                         # 시뮬레이터 전용(초) / for the simulator only
"""
_IGNORED = "# 장부와 키는 저장소에 올리지 않습니다\n.runner/\n*.key\n.env\n"
_EDITOR = {
    "yaml.schemas": {
        ".runner/settings.schema.json": "runner.yaml",
        ".runner/rules.schema.json": ["rules/*.yaml", "!rules/*.test.yaml"],
        ".runner/tests.schema.json": "rules/*.test.yaml",
    },
    "[yaml]": {"editor.insertSpaces": True, "editor.tabSize": 2, "editor.quickSuggestions": {"strings": True}},
}
#: the demo shop has rules beside its settings too
_EXAMPLE_EDITOR = _EDITOR | {
    "yaml.schemas": {
        ".runner/settings.schema.json": "runner.yaml",
        ".runner/rules.schema.json": ["*.rules.yaml", "rules/*.yaml", "!*.test.yaml"],
        ".runner/tests.schema.json": "*.test.yaml",
    }
}
_EXTENSIONS = {"recommendations": ["redhat.vscode-yaml"]}
_MODE = re.compile(r"(?m)^(?P<before> +mode: )(?:ask|auto)\b.*$")
_QUESTIONS = re.compile(r"(?m)^ +ask:")


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """Who calls, and where the keys are kept."""

    vendor: str = NO_VENDOR
    #: what `access_key` and `secret_key` of the settings say
    kept: tuple[str, str] = ("{env: COUPANG_ACCESS_KEY}", "{env: COUPANG_SECRET_KEY}")
    #: files with keys to be made, by name
    files: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """A shipped rule file, and the inputs its user fills in."""

    name: str
    text: str
    test: str
    inputs: Mapping[str, Input]

    def needs(self, values: Mapping[str, Any]) -> Iterator[str]:
        """Yield the files of one's own that its rules look things up in, as paths from the rule file."""
        for source in (parse(self.text, self.name).data.get("sources") or {}).values():
            path = next((source[kind] for kind in ("csv", "json", "xlsx") if kind in source), None)
            if path is not None:
                yield str(values[path["input"]] if isinstance(path, dict) else path)


def ready_names() -> list[str]:
    """Return the rules that come with runner, by the names of their files."""
    return [path.stem for path in sorted(shipped("rules").glob("*.yaml")) if not path.name.endswith(".test.yaml")]


def ready(name: str) -> Ready:
    """Return a shipped rule that starts in `watch`, whatever it is shipped in. Raises InvalidFiles."""
    path = shipped("rules") / f"{name}.yaml"
    sheet = Sheet(document=read(path))
    inputs = {one.name: one for one in declared(sheet).values() if one is not None}
    if any(one.severity == "error" for one in sheet.found):
        raise InvalidFiles("invalid_rules", diagnostics=sheet.found)
    test = path.with_name(f"{name}.test.yaml")
    return Ready(
        name=name, text=_watching(path.read_text("utf-8")), test=test.read_text("utf-8") if test.is_file() else "",
        inputs=inputs,
    )  # fmt: skip


def _watching(text: str) -> str:
    """Let every rule only report; one with `ask:` stays as it is, for that would have nothing to ask."""
    if _QUESTIONS.search(text):
        return text
    return _MODE.sub(r"\g<before>watch                          # 며칠 지켜본 뒤 ask로 / after some days: ask", text)


def shop_files(rule: Ready, values: Mapping[str, Any], keys: Keys | None) -> Iterator[tuple[str, str]]:
    """Yield the files of a new shop folder; without keys it is the simulator's."""
    market = _SIMULATOR if keys is None else _COUPANG.format(*keys.kept, vendor=keys.vendor)
    yield "runner.yaml", _SETTINGS + market + inputs_block(rule, values)
    yield ".gitignore", _IGNORED
    yield f"rules/{rule.name}.yaml", rule.text
    if rule.test:
        yield f"rules/{rule.name}.test.yaml", rule.test
    yield from _for_editors(_EDITOR)


def _for_editors(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield ".vscode/settings.json", json.dumps(settings, indent=2) + "\n"
    yield ".vscode/extensions.json", json.dumps(_EXTENSIONS, indent=2) + "\n"


def example_files() -> Iterator[tuple[str, str]]:
    """Yield the files of the demo shop."""
    root = shipped("examples")
    for path in sorted(root.rglob("*")):
        if path.is_file() and ".runner" not in path.relative_to(root).parts:
            yield path.relative_to(root).as_posix(), path.read_text("utf-8")
    yield from _for_editors(_EXAMPLE_EDITOR)


# --- inputs in the settings ----------------------------------------------------------------------------------------


def inputs_block(rule: Ready, values: Mapping[str, Any]) -> str:
    """Return what the settings say of a rule's inputs, "" when it has none."""
    return f"inputs:\n{_of_file(rule, values)}" if values else ""


def _of_file(rule: Ready, values: Mapping[str, Any]) -> str:
    lines = [
        f"    {name}: {_written(value)}".ljust(40) + f" # {_about(rule.inputs[name])}" for name, value in values.items()
    ]
    return "\n".join([f"  {rule.name}:", *lines]) + "\n"


def _written(value: Any) -> str:
    """Write a value as YAML: JSON is, for plain values."""
    return json.dumps(value, ensure_ascii=False)


def _about(one: Input) -> str:
    said = " / ".join(dict.fromkeys([one.title.ko, one.title.en]))
    unit = " / ".join(dict.fromkeys(unit for unit in (one.unit.ko, one.unit.en) if unit))
    return f"{said} ({unit})" if unit else said


def with_inputs(text: str, rule: Ready, values: Mapping[str, Any]) -> str | None:
    """Return somebody's settings with these inputs added and nothing else changed; None when a person must do it."""
    try:
        before = parse(text, "").data
    except InvalidFiles:
        return None
    if not isinstance(before, dict):
        return None
    said = before.get("inputs")
    if said is None and "inputs" not in before:
        after = text.rstrip("\n") + "\n" + inputs_block(rule, values)
    elif isinstance(said, dict) and rule.name not in said:
        after = re.sub(r"(?m)^inputs:[ \t]*(#.*)?\n", lambda top: top[0] + _of_file(rule, values), text, count=1)
    else:
        return None
    wanted = {**before, "inputs": {**(said or {}), rule.name: dict(values)}}
    return after if _means(after, wanted) else None


def _means(text: str, wanted: Any) -> bool:
    try:
        return bool(parse(text, "").data == wanted)
    except InvalidFiles:
        return False
