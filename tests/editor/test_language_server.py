"""What a seller sees in an editor with the real YAML language server: completion, hover, red lines, in both languages.

Skipped only where there is no node. `npm ci` in this folder installs the server; the tests do it when it is missing.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from editor.language_server import LanguageServer
from tests_support import ROOT

from runner.cli import run_line
from runner.errors import Exit

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="the language server needs node")

TOP = "version: 1\nrules:\n  - name: a\n"
RECEIPTS = TOP + "    from: {return_requests: {status: RU}}\n"
RULE = "rules/mine.yaml"
TEST = "rules/mine.test.yaml"
SETTINGS = "runner.yaml"
MISTAKES = ROOT / "tests" / "data" / "mistakes"

#: place -> file, text with the cursor at |, what must be offered
COMPLETIONS = {
    "keys of a file": (RULE, "ver|", {"version", "inputs", "sources", "defaults", "rules"}),
    "keys of a rule": (RULE, TOP + "    |", {"from", "look_back", "join", "if", "then", "if_wrong", "limits"}),
    "sources": (RULE, TOP + "    from: |", {"return_requests", "order_sheets", "item_inventories"}),
    "sources as keys": (RULE, TOP + "    from:\n      ret|", {"return_requests", "return_request"}),
    "parameters of a source": (RULE, TOP + "    from:\n      return_requests:\n        |", {"status", "orderId"}),
    "values of a parameter": (RULE, TOP + "    from: {return_requests: {status: |}}", {"RU", "UC", "CC", "PR"}),
    "after a value of a list": (RULE, TOP + "    from: {return_requests: {status: [RU, |]}}", {"UC", "CC", "PR"}),
    "an entry of a block list": (
        RULE, TOP + "    from:\n      return_requests:\n        status:\n          - RU\n          - |", {"UC", "CC"},
    ),
    "modes": (RULE, TOP + "    mode: |", {"paused", "watch", "ask", "auto"}),
    "fields in if": (RULE, RECEIPTS + "    if:\n      |", {"receiptStatus", "createdAt", "cancelCountSum"}),
    "fields in unless of orders": (
        RULE, TOP + "    from: {order_sheets: {status: ACCEPT}}\n    unless:\n      |", {"shipmentBoxId", "paidAt"},
    ),
    "fields in if of a composed source": (
        RULE, TOP + "    from: item_inventories\n    if:\n      |", {"vendorItemId", "salePrice", "onSale"},
    ),
    "fields of entries": (
        RULE, RECEIPTS + "    each: returnItems\n    if:\n      |", {"releaseStatus", "shipmentBoxId"},
    ),
    "lists for each": (RULE, RECEIPTS + "    each: |", {"returnItems"}),
    "values of a field": (
        RULE, RECEIPTS + "    if:\n      receiptStatus: |", {"RELEASE_STOP_UNCHECKED", "present", "missing"},
    ),
    "comparisons of a time": (RULE, RECEIPTS + "    if:\n      createdAt:\n        |", {"older_than", "before"}),
    "a limit in a line": (RULE, TOP + "    limits: {p|}", {"per_run", "per_day"}),
    "weekdays after one": (RULE, TOP + "    run:\n      days:\n        - mon\n        - |", {"tue", "fri"}),
    "comparisons of a number": (
        RULE, RECEIPTS + "    if:\n      cancelCountSum:\n        |", {"more_than", "at_least"},
    ),
    "actions": (RULE, RECEIPTS + "    then:\n      - |", {"stop_shipment", "mark_already_shipped"}),
    "actions in a line": (RULE, RECEIPTS + "    then: [|]", {"stop_shipment"}),
    "arguments of an action": (
        RULE, RECEIPTS + "    then:\n      - mark_already_shipped:\n          |",
        {"deliveryCompanyCode", "invoiceNumber"},
    ),
    "values of an argument": (
        RULE, TOP + "    from: item_inventories\n    then:\n      - issue_instant_coupon:\n          type: |",
        {"RATE", "PRICE"},
    ),
    "keys of an input": (RULE, "version: 1\ninputs:\n  least:\n    |", {"type", "title", "help", "default", "min"}),
    "types of an input": (RULE, "version: 1\ninputs:\n  least:\n    type: |", {"integer", "duration", "won"}),
    "keys of a test": (TEST, "tests:\n  - name: a\n    |", {"rule", "now", "given", "expect", "cannot_tell"}),
    "rows of a test": (TEST, "tests:\n  - name: a\n    given:\n      |", {"return_requests", "order_sheets"}),
    "fields of a row": (TEST, "tests:\n  - name: a\n    given:\n      return_requests:\n        - |", {"receiptId"}),
    "expected actions": (TEST, "tests:\n  - name: a\n    expect:\n      - |", {"stop_shipment"}),
    "expected arguments": (
        TEST, "tests:\n  - name: a\n    expect:\n      - stop_shipment:\n          |", {"receiptId", "cancelCount"},
    ),
    "settings": (SETTINGS, "version: 1\n|", {"accounts", "rules", "ledger", "base_url", "inputs"}),
    "keys of an account": (SETTINGS, "version: 1\naccounts:\n  main:\n    |", {"vendor_id", "access_key", "rate"}),
    "where a key is kept": (
        SETTINGS, "version: 1\naccounts:\n  main:\n    access_key: |", {"env", "file", "keyring"},
    ),
    "languages": (SETTINGS, "version: 1\nlang: |", {"ko", "en"}),
}  # fmt: skip
#: what is offered without words of its own: values that say what they are
WORDLESS = {"languages"}

#: place -> file, text, what must be shown in Korean and in English
HOVERS = {
    "a source": (RULE, TOP + "    from: {return_re|quests: {status: RU}}", "반품", "return and cancel requests"),
    "a source alone": (RULE, TOP + "    from: item_inv|entories", "무엇을 볼지", "What is looked at"),
    "a parameter": (RULE, TOP + "    from: {return_requests: {sta|tus: RU}}", "출고중지요청", "stop requested"),
    "a value": (RULE, TOP + "    from: {return_requests: {status: R|U}}", "출고중지요청", "stop requested"),
    "a field": (RULE, RECEIPTS + "    if:\n      receipt|Status: present", "접수 상태", "receipt status"),
    "a comparison": (RULE, RECEIPTS + "    if:\n      createdAt: {older|_than: 3m}", "지남", "lies at least"),
    "an action": (RULE, RECEIPTS + "    then: [stop_ship|ment]", "출고중지완료", "shipping was stopped"),
    "an argument": (
        RULE, RECEIPTS + "    then:\n      - mark_already_shipped: {invoice|Number: '1'}",
        "송장번호", "invoice number",
    ),
    "a mode": (RULE, TOP + "    mode: wa|tch", "알려 주기만", "only reports"),
    "an input": (RULE, "version: 1\ninp|uts: {}", "채우는 값", "fills in"),
    "what a mistake costs": (RULE, TOP + "    if_wr|ong: a", "잃는지", "What it costs"),
    "rows of a test": (TEST, "tests:\n  - name: a\n    given: {return_re|quests: []}", "반품", "return and cancel"),
    "a field of a row": (TEST, "tests:\n  - given: {return_requests: [{receipt|Id: 1}]}", "접수번호", "receipt number"),
    "a setting": (SETTINGS, "led|ger: a", "장부", "remembers"),
    "a key": (SETTINGS, "accounts: {main: {secret|_key: {env: A}}}", "Secret Key", "secret key"),
}  # fmt: skip


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    """Open the folder `init` makes, as its `.vscode/settings.json` tells an editor to."""
    folder = tmp_path_factory.mktemp("shop")
    assert run_line(["init", str(folder), "--from", "coupon-for-overstock", "-q"]) == Exit.DONE
    told = json.loads((folder / ".vscode" / "settings.json").read_text("utf-8"))
    server = LanguageServer(folder, told["yaml.schemas"])
    yield server
    server.close()


@pytest.mark.parametrize("place", COMPLETIONS)
def test_completion(editor: LanguageServer, place: str) -> None:
    """What fits is offered, explained in Korean and in English."""
    name, text, wanted = COMPLETIONS[place]
    offered = editor.completions(name, text)
    assert wanted <= offered.keys()
    if place not in WORDLESS:
        bare = {label: about for label, about in offered.items() if label in wanted and not _in_both(about)}
        assert bare == {}


def _in_both(about: str) -> bool:
    return re.search("[가-힣]", about) is not None and re.search("[A-Za-z]{2}", about) is not None


@pytest.mark.parametrize(
    ("text", "stranger"),
    [
        (RECEIPTS + "    if:\n      |", "shipmentBoxId"),
        (RECEIPTS + "    then:\n      - mark_already_shipped:\n          |", "cancelCount"),
        (RECEIPTS + "    if:\n      cancelCountSum:\n        |", "older_than"),
        (TOP + "    from:\n      return_requests:\n        |", "nextToken"),
    ],
    ids=["fields of another source", "arguments of another action", "comparisons of another type", "the engine's own"],
)
def test_what_does_not_fit_is_not_offered(editor: LanguageServer, text: str, stranger: str) -> None:
    """Only what this source, action or type takes."""
    offered = editor.completions(RULE, text)
    assert offered
    assert stranger not in offered


@pytest.mark.parametrize("place", HOVERS)
def test_hover(editor: LanguageServer, place: str) -> None:
    """Every word explains itself in both languages."""
    name, text, korean, english = HOVERS[place]
    shown = editor.hover(name, text)
    assert korean in shown
    assert english in shown


GOOD = sorted(
    [*(ROOT / "rules").glob("*.yaml"), *(ROOT / "examples").glob("*.yaml"), ROOT / "tests/data/worked_examples.yaml"]
)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_nothing_is_red_in_what_holds(editor: LanguageServer, path: Path) -> None:
    """Shipped rules, their tests, the demo shop."""
    name = SETTINGS if path.name == SETTINGS else f"rules/{path.name}"
    text = "\n".join(line for line in path.read_text("utf-8").split("\n") if "yaml-language-server" not in line)
    assert editor.diagnostics(name, text) == []


@pytest.mark.parametrize(
    ("mistake", "line", "said"),
    [
        ("misspelt_key", 7, "Property iff is not allowed"),
        ("unknown_status", 6, '"RELEASE_STOP_UNCHECKED"'),
        ("unknown_action", 7, '"stop_shipment"'),
        ("argument_misspelt", 7, "Property cancelCont is not allowed"),
        ("argument_as_text", 7, "integer"),
        ("unknown_operator", 6, "Property older is not allowed"),
        ("operator_of_another_type", 6, "Property older_than is not allowed"),
        ("unknown_mode", 8, '"watch"'),
        ("korean_duration", 8, "does not match the pattern"),
        ("missing_if", 3, 'Missing property "if"'),
        ("input_of_unknown_type", 3, '"integer"'),
    ],
)
def test_a_mistake_is_red_where_it_stands(editor: LanguageServer, mistake: str, line: int, said: str) -> None:
    """One understandable sentence at its line, and never one about alternatives."""
    found = editor.diagnostics(RULE, (MISTAKES / f"{mistake}.yaml").read_text("utf-8"))
    assert any(said in text for _, text in found), found
    assert line in {at for at, _ in found}
    assert not [text for _, text in found if re.search("multiple schemas|more than one|anyOf|oneOf", text)]
    assert len(found) <= 2


def test_a_wrong_setting_is_red(editor: LanguageServer) -> None:
    """The settings have their schema too."""
    assert editor.diagnostics(SETTINGS, "version: 1\nacounts: {}\n") == [
        (1, 'Missing property "accounts".'), (2, "Property acounts is not allowed."),
    ]  # fmt: skip
