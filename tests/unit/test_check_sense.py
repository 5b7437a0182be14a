"""What `check` proves about rules as a whole, and what it must leave alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runner.catalogue import load as catalogue
from runner.rules import load, load_text
from runner.rules.estimate import cost_warnings

ROOT = Path(__file__).parents[2]
TOP = """version: 1
sources:
  stock: {csv: s.csv, key: vendorItemId, fields: {vendorItemId: integer, quantity: integer}, stale_after: 1h}
rules:
"""
OPTIONS = """  - name: %s
    from: item_inventories
    join: {%s: {in: stock, on: {vendorItemId: vendorItemId}}}
    if: {%s}
    then: [%s]
"""
#: a rule that only tells: name, schedule, source, window, condition
TELLS = """  - name: %s
    run: %s
    from: %s
    look_back: %s
    if: {%s: present}
    after: [log: a]
"""
ONE = f"version: 1\nrules:\n{TELLS}"
SHEETS = "{order_sheets: {status: [ACCEPT, INSTRUCT, DEPARTURE]}}"


def codes(text: str) -> list[str]:
    """Return what is said of a file."""
    return [one.message.code for one in load_text(text, "rules.yaml").diagnostics]


def pair(first: tuple[str, str], second: tuple[str, str], name: str = "left") -> str:
    """Write two rules over options, each with its conditions and its action."""
    return TOP + OPTIONS % ("one", "left", *first) + OPTIONS % ("two", name, *second)


@pytest.mark.parametrize("folder", ["rules", "examples"])
def test_shipped_rules_are_clean(folder: str) -> None:
    """Nothing is said of what is given as an example of how to do it."""
    files = [path for path in sorted((ROOT / folder).glob("*.yaml")) if not re.search(r"test\.yaml$|runner", path.name)]
    loaded = load(files)
    assert [*loaded.diagnostics, *cost_warnings(loaded.sound, catalogue(), {}, 4.0)] == []
    assert files


STOP, GO = "stop_item_sale", "resume_item_sale"
PRICE, STOCK = "update_item_price: {price: %s}", "update_item_quantity: {quantity: %s}"


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (("left.quantity: {less_than: 10}", STOP), ("left.quantity: {at_least: 30}", GO), []),
        (("left.quantity: {less_than: 10}", STOP), ("left.quantity: {at_least: 10}", GO), ["W224"]),
        (("left.quantity: {less_than: 10}", STOP), ("left.quantity: {at_least: 5}", GO), ["W222"]),
        (("onSale: true, left.quantity: 9", STOP), ("onSale: false, left.quantity: {at_most: 9}", GO), ["W223"]),
        (("left: missing", STOP), ("left: present", GO), []),
        (("sellerProductId: 1, left: present", STOP), ("sellerProductId: 2, left: present", GO), []),
        (("left: present", PRICE % 1000), ("left: present", PRICE % 1000), []),
        (("left: present", PRICE % 1000), ("left: present", PRICE % 2000), ["W225"]),
        (
            ("amountInStock: {more_than: 100}, left: present", STOCK % 50),
            ("amountInStock: {less_than: 10}, left: present", STOCK % 60),
            [],
        ),
        (
            ("amountInStock: {more_than: 100}, left: present", STOCK % 5),
            ("amountInStock: {less_than: 10}, left: present", STOCK % 160),
            ["W223"],
        ),
    ],
)
def test_two_rules_are_compared(first: tuple[str, str], second: tuple[str, str], said: list[str]) -> None:
    """Contrary actions are told unless the conditions keep them apart, with room between."""
    assert codes(pair(first, second)) == said


def test_a_look_up_is_the_same_under_another_name() -> None:
    """Two rules may call one look-up differently."""
    text = pair(("left: missing", "stop_item_sale"), ("right: present", "resume_item_sale"), "right")
    assert codes(text) == []


def test_rules_of_other_accounts_and_paused_ones_do_not_meet() -> None:
    """Nothing happens to one record twice then."""
    text = pair(("left: present", "stop_item_sale"), ("left: present", "resume_item_sale"))
    assert codes(text) == ["W222"]
    assert codes(text.replace("  - name: one", "  - mode: paused\n    name: one")) == []
    apart = text.replace("  - name: one", "  - account: a\n    name: one").replace(
        "name: two", "account: b\n    name: two"
    )
    assert codes(apart) == []


def test_what_a_source_lists_is_known_only_as_far_as_it_is_sure() -> None:
    """Under UC stand receipts of three kinds: none of them is a contradiction."""
    rule = (ONE % ("r", "{every: 1h}", "{return_requests: {status: UC}}", "7d", "orderId")).replace(
        "orderId: present", "%s"
    )
    listed = ["RELEASE_STOP_UNCHECKED", "RETURNS_UNCHECKED", "VENDOR_WAREHOUSE_CONFIRM", "RETURNS_COMPLETED"]
    assert [codes(rule % f"receiptStatus: {status}") for status in listed] == [[], [], [], ["E361"]]


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ('{cron: "0 9 29 2 *"}', []), ('{cron: "0 9 31 4,6 *"}', ["E176"]), ('{cron: "0 9 31 1-6 *"}', []),
        ('{cron: "0 9 1 1 *", only: business_days}', ["E179"]), ('{cron: "0 9 5 5 *", only: business_days}', ["E179"]),
        ('{cron: "0 9 2 1 *", only: business_days}', []), ('{cron: "*/10 * * * *", between: "23:50-00:10"}', []),
        ('{every: 36h, between: "11:00-13:00"}', []), ('{every: 12h, between: "11:00-13:00"}', []),
        ('{every: 24h, between: "01:00-02:00"}', ["E179"]), ("{every: 7d, days: [thu]}", []),
        ("{every: 7d, days: [fri]}", ["E179"]), ("{every: 14d, only: business_days}", []),
        ("{every: 1d, days: [fri]}", []), ('{every: 5m, between: "22:00-02:00"}', []),
    ],
)  # fmt: skip
def test_a_schedule_that_never_comes_is_refused(run: str, said: list[str]) -> None:
    """And none that comes once in four years."""
    assert codes(ONE % ("r", run, SHEETS, "60d", "paidAt")) == said


def costs(text: str, **rates: float) -> list[str]:
    """Return what is said of the calls rules need."""
    return [one.message.code for one in cost_warnings(load_text(text, "r.yaml").sound, catalogue(), rates, 4.0)]


def test_calls_are_counted_against_the_rate_of_the_account() -> None:
    """What is too much for one account is little for another; a limit of its own counts first."""
    text = ONE % ("r", "{every: 1m}", SHEETS, "300d", "paidAt")
    assert (costs(text), costs(text, a=1.0), costs(text, a=0.5, b=4)) == ([], [], ["W227"])
    growth = ONE % ("r", "{every: 30s}", "rocket_growth_orders", "366d", "orderId")
    assert (costs(growth), costs(growth.replace("30s", "1m"))) == (["W227"], [])


def test_equal_queries_are_read_once() -> None:
    """Ten rules over one source cost what one costs."""
    same = "".join(TELLS % (f"r{n}", "{every: 1m}", SHEETS, "360d", "paidAt") for n in range(10))
    other = "".join(TELLS % (f"r{n}", "{every: 1m}", SHEETS, f"{360 - n}d", "paidAt") for n in range(10))
    assert (costs(f"version: 1\nrules:\n{same}"), costs(f"version: 1\nrules:\n{other}")) == ([], ["W229"])
