"""What a category wants of a product: attributes with values that fit, notices, certificates, papers, a condition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from runner.simulator.shelves import meta
from runner.simulator.wire import Refusal
from runner.simulator.world import Row, World

_MANDATORY = "MANDATORY"
#: how a product is brought into the country -> the papers it needs then
_BROUGHT = {
    "PARALLEL_IMPORTED": ("parallelImported", "MANDATORY_PARALLEL_IMPORTED"),
    "OVERSEAS_PURCHASED": ("overseasPurchased", "MANDATORY_OVERSEAS_PURCHASED"),
}


def check_category(world: World, code: int) -> None:
    """Refuse a category that products cannot stand in: none, one with others below it, one not in service."""
    node = world.kinds.get("category_nodes", {}).get(code)
    if node is None:
        raise Refusal(400, f"노출카테고리 {code}이(가) 존재하지 않습니다.")
    if node["child"]:
        raise Refusal(400, f"노출카테고리 {code}은 leaf category code가 아닙니다.")
    if node["status"] != "ACTIVE":
        raise Refusal(400, f"노출카테고리 {code}은 사용할 수 없는 카테고리입니다.")


def check_wishes(code: int, given: Mapping[str, Any], items: Iterable[Row]) -> None:
    """Refuse options, or papers, that are not what the category wants."""
    wanted = meta(code)
    for item in items:
        _check_attributes(wanted, item)
        check_notices(code, item.get("notices") or [], whole=True)
        _check_certificates(wanted, item)
        if item.get("offerCondition", "NEW") not in wanted["allowedOfferConditions"]:
            raise Refusal(400, f"해당 카테고리에서는 상품 상태 {item['offerCondition']}을(를) 사용할 수 없습니다.")
        _check_papers(wanted, given.get("requiredDocuments") or [], item)


# --- attributes ----------------------------------------------------------------------------------------------------


def _check_attributes(wanted: Row, item: Row) -> None:
    if lacks_attributes(wanted, item):
        raise Refusal(400, "카테고리의 필수 속성이 존재하지 않습니다.")
    wrong = next(iter(unfit_attributes(wanted, item)), None)
    if wrong is not None:
        raise Refusal(400, f"[{wrong}] 속성값이 카테고리에서 제공하는 것과 다릅니다.")


def lacks_attributes(wanted: Row, item: Row) -> bool:
    """Tell whether a mandatory attribute is missing, or all of a group of which one is mandatory."""
    given = _values(item)
    needed = [one for one in wanted["attributes"] if one["required"] == _MANDATORY]
    alone = {one["attributeTypeName"] for one in needed if one["groupNumber"] == "NONE"}
    groups: dict[str, set[str]] = {}
    for one in needed:
        if one["groupNumber"] != "NONE":
            groups.setdefault(one["groupNumber"], set()).add(one["attributeTypeName"])
    return not alone <= given.keys() or not all(names & given.keys() for names in groups.values())


def unfit_attributes(wanted: Row, item: Row) -> list[str]:
    """Return the attributes whose values are no number with a unit of theirs, or none of those to choose from."""
    given = _values(item)
    known = [one for one in wanted["attributes"] if one["attributeTypeName"] in given]
    return [name for one in known if not _fits(one, given[name := one["attributeTypeName"]])]


def _values(item: Row) -> dict[str, str]:
    """Return the attributes that have a value: an empty one is not given."""
    return {
        one["attributeTypeName"]: one["attributeValueName"] for one in item["attributes"] if one["attributeValueName"]
    }


def _fits(wanted: Row, value: str) -> bool:
    if wanted["inputValues"]:
        return value in wanted["inputValues"]
    if wanted["dataType"] == "NUMBER":
        units = "|".join(map(re.escape, wanted["usableUnits"]))
        return re.fullmatch(rf"\d+(\.\d+)? ?({units})", value, re.ASCII) is not None
    return True


# --- notices, certificates, papers ---------------------------------------------------------------------------------


def check_notices(code: int, notices: list[Row], *, whole: bool) -> None:
    """Refuse lines that are not the category's or of two notices; of the whole, one that is missing."""
    offered = {one["noticeCategoryName"]: one["noticeCategoryDetailNames"] for one in meta(code)["noticeCategories"]}
    for one in notices:
        name, line = one["noticeCategoryName"], one["noticeCategoryDetailName"]
        lines = {known["noticeCategoryDetailName"] for known in offered.get(name, [])}
        if line not in lines or name != notices[0]["noticeCategoryName"]:
            raise Refusal(400, f"입력된 상품필수 고지정보[{line}]가 카테고리[{name}]에서 제공하는 것과 다릅니다.")
    if whole:
        _check_whole(offered, notices)


def _check_whole(offered: Mapping[str, list[Row]], notices: list[Row]) -> None:
    given = {one["noticeCategoryDetailName"] for one in notices if one["content"]}
    lines = offered[notices[0]["noticeCategoryName"]] if notices else next(iter(offered.values()))
    needed = [one["noticeCategoryDetailName"] for one in lines if one["required"] == _MANDATORY]
    missing = [one for one in needed if one not in given]
    if missing:
        raise Refusal(400, f"상품필수 고지정보[{missing[0]}]가 입력되지 않았습니다.")


def _check_certificates(wanted: Row, item: Row) -> None:
    known = {one["certificationType"]: one for one in wanted["certifications"]}
    for one in item.get("certifications") or []:
        kind = known.get(one["certificationType"])
        if kind is None:
            raise Refusal(400, f"인증정보[{one['certificationType']}]가 카테고리에서 제공하는 것과 다릅니다.")
        if kind["dataType"] == "CODE" and not one.get("certificationCode"):
            raise Refusal(400, f"인증정보[{one['certificationType']}]의 인증번호가 입력되지 않았습니다.")


def _check_papers(wanted: Row, papers: list[Row], item: Row) -> None:
    names = {one["templateName"] for one in wanted["requiredDocumentNames"]}
    strange = [one["templateName"] for one in papers if one["templateName"] not in names]
    if strange:
        raise Refusal(400, f"구비서류[{strange[0]}]가 카테고리에서 제공하는 것과 다릅니다.")
    given = {one["templateName"] for one in papers if one.get("documentPath") or one.get("vendorDocumentPath")}
    for how, (field, required) in _BROUGHT.items():
        for one in wanted["requiredDocumentNames"]:
            if item[field] == how and one["required"] == required and one["templateName"] not in given:
                raise Refusal(400, f"구비서류[{one['templateName']}]가 입력되지 않았습니다.")


# --- what the list of products finds -------------------------------------------------------------------------------


def violations(row: Row) -> frozenset[str]:
    """Return what is wrong with the data of a product: options that are missing, or that need correction."""
    if "items" not in row or any("attributes" not in one for one in row["items"]):
        return frozenset()
    wanted = meta(row["displayCategoryCode"])
    found = {"MOTA_V2"} if any(lacks_attributes(wanted, one) for one in row["items"]) else set()
    return frozenset(found | ({"ATTR"} if any(unfit_attributes(wanted, one) for one in row["items"]) else set()))
