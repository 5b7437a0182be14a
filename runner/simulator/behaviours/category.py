"""Categories and brands: reads that are worked out from the tree, and what Coupang does to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from runner.simulator.shelves import CLOSED, LOCALES, Shelf, grow, meta
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World

Seen = Mapping[str, Mapping[Any, Row]]

#: letters of a name that says too little
_SHORT = 5


def categories(seen: Seen, given: Mapping[str, Any]) -> list[Row]:
    """Return the whole tree, in a language, of what is open to a kind of registration."""
    closed = CLOSED.get(given.get("registrationType", ""), ())
    locale = given.get("locale", "kr")
    return _open(seen, list(seen["categories"].values()), locale, closed)


def _open(seen: Seen, nodes: list[Row], locale: str, closed: tuple[int, ...]) -> list[Row]:
    """Return categories without those that are closed, and without those of which nothing is left."""
    found = []
    for node in nodes:
        code, below = node["displayItemCategoryCode"], _open(seen, node["child"], locale, closed)
        if code not in closed and (below or not node["child"]):
            found.append({**node, "name": seen["category_names"][code][locale], "child": below})
    return found


def category(seen: Seen, given: Mapping[str, Any]) -> list[Row]:
    """Return a category and those directly below it, cut off there."""
    node = _node(seen, given)
    return [{**node, "child": [{**one, "child": []} for one in node["child"]]}] if node else []


def category_validity(seen: Seen, given: Mapping[str, Any]) -> list[Row]:
    """Tell whether products can be registered; a category with others below it is refused with their codes."""
    node, code = _node(seen, given), given["displayCategoryCode"]
    if node is None:
        return []
    if node["child"]:
        leaves = ", ".join(str(one["displayItemCategoryCode"]) for one in _leaves(node))
        raise Refusal(400, f"노출카테고리 {code}은 leaf category code가 아닙니다. leaf category code : [{leaves}]")
    return [{"displayCategoryCode": code, "isValid": node["status"] == "ACTIVE"}]


def category_meta(seen: Seen, given: Mapping[str, Any]) -> list[Row]:
    """Return what a category asks for; only those without others below have that."""
    node = _node(seen, given)
    return [meta(given["displayCategoryCode"])] if node and not node["child"] else []


def _node(seen: Seen, given: Mapping[str, Any]) -> Row | None:
    return seen["category_nodes"].get(given["displayCategoryCode"])


def _leaves(node: Row) -> Iterator[Row]:
    for one in node["child"]:
        yield from _leaves(one)
    if not node["child"]:
        yield node


def predicted_category(seen: Seen, given: Mapping[str, Any]) -> list[Row]:
    """Guess a category by the words of its name: the last one must be in the product's, more are better."""
    name = given["productName"]
    if not name.strip():
        raise Refusal(400, "Input product name should not be empty!")
    leaves = [one for one in seen["category_nodes"].values() if not one["child"] and one["status"] == "ACTIVE"]
    best = max(leaves, key=lambda one: _likeness(one["name"], name))
    row = {
        "productName": name, "autoCategorizationPredictionResultType": "SUCCESS", "comment": None,
        "predictedCategoryId": str(best["displayItemCategoryCode"]), "predictedCategoryName": best["name"],
    }  # fmt: skip
    if not _likeness(best["name"], name):
        short = len(name.strip()) < _SHORT
        row |= {
            "autoCategorizationPredictionResultType": "INSUFFICIENT_INFORMATION" if short else "FAILURE",
            "predictedCategoryId": None, "predictedCategoryName": None,
        }  # fmt: skip
    return [row]


def _likeness(category_name: str, product_name: str) -> int:
    words = re.split(r"[ /]", category_name)
    return sum(word in product_name for word in words) if words[-1] in product_name else 0


def brands(seen: Seen, given: Mapping[str, Any]) -> list[Row]:
    """Find brands by a part of their name."""
    part = given["brandName"].strip().casefold()
    if not part:
        raise Refusal(400, "brandName is required")
    return [row for row in seen["brands"].values() if part in row["brandName"].casefold()]


# --- what Coupang does -----------------------------------------------------------------------------------------------


def renew_category(world: World, given: Mapping[str, Any]) -> Row:
    """Close a category, or put two new ones below it: either way nothing can be registered under it any more."""
    code = given.get("category")
    node = world.rows("category_nodes").get(code)
    if node is None or node["child"]:
        leaves = [number for number, one in world.rows("category_nodes").items() if not one["child"]]
        raise Refusal(400, f"category: '{code}' is not one without others below it", code={"categories": leaves})
    if not given.get("split"):
        node["status"] = "DISABLED"
        return {"category": code, "status": "DISABLED"}
    names = world.rows("category_names")[code]
    for n in (1, 2):
        kr, en, zh = (f"{names[one]} {n}" for one in LOCALES)
        node["child"].append(grow(world, Shelf(world.number("category", 113_001), (kr, en, zh))))
    return {"category": code, "child": [one["displayItemCategoryCode"] for one in node["child"]]}


def agree_auto_category(world: World, given: Mapping[str, Any]) -> Row:
    """Note that the seller agreed in WING that Coupang finds categories for him, or took it back."""
    row = world.rows("auto_category_agreements")[world.vendor]
    row["isAgreed"] = given.get("agreed", True)
    return {"agreed": row["isAgreed"]}
