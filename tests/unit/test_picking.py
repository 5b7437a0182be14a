"""A product is held against what its category asks for before it is created."""

from __future__ import annotations

from typing import Any

import pytest

from runner.apply.picking import uncovered
from runner.catalogue import load

ATTRIBUTES, NOTICES = next(one for one in load().procedures["create_product_listing"].picks if one.covers).covers


def attribute(name: str, required: str = "MANDATORY", group: str = "NONE") -> dict[str, str]:
    return {"attributeTypeName": name, "required": required, "groupNumber": group}


def notice(name: str, *mandatory: str) -> dict[str, Any]:
    listed = [{"noticeCategoryDetailName": one, "required": "MANDATORY"} for one in mandatory]
    optional = {"noticeCategoryDetailName": "기타", "required": "OPTIONAL"}
    return {"noticeCategoryName": name, "noticeCategoryDetailNames": [*listed, optional]}


META = {
    "attributes": [
        attribute("수량"), attribute("색상", "OPTIONAL"),
        attribute("개당 용량", group="1"), attribute("개당 중량", group="1"),
    ],
    "noticeCategories": [notice("주방용품", "품명", "재질"), notice("기타 재화", "품명", "소비자상담 전화번호")],
}  # fmt: skip


def item(*attributes: str, notices: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    return {
        "attributes": [{"attributeTypeName": one, "attributeValueName": "1"} for one in attributes],
        "notices": [{"noticeCategoryName": kind, "noticeCategoryDetailName": line} for kind, line in notices],
    }


def missing(cover: Any, *items: dict[str, Any]) -> list[str]:
    return list(uncovered(cover, META, {"arguments": {"items": list(items)}}))


@pytest.mark.parametrize(
    ("items", "lacks"),
    [
        ([item("수량", "개당 용량")], []),
        ([item("수량", "개당 중량", "색상")], []),
        ([item("개당 용량")], ["수량"]),
        ([item("수량")], ["개당 용량 | 개당 중량"]),
        ([item("수량", "개당 용량"), item("개당 용량")], ["수량"]),
        ([{}], ["수량", "개당 용량 | 개당 중량"]),
    ],
)
def test_every_option_has_the_mandatory_attributes(items: list[dict[str, Any]], lacks: list[str]) -> None:
    """Of a group one is enough; optional ones may be left out."""
    assert missing(ATTRIBUTES, *items) == lacks


@pytest.mark.parametrize(
    ("chosen", "lacks"),
    [
        ((("주방용품", "품명"), ("주방용품", "재질")), []),
        ((("기타 재화", "품명"),), ["소비자상담 전화번호"]),
        ((("가전제품", "품명"),), ["가전제품"]),
        ((), []),
    ],
)
def test_the_chosen_notice_is_whole(chosen: tuple[tuple[str, str], ...], lacks: list[str]) -> None:
    """Only the lines of the notice that an option chose; one the category does not have is named."""
    assert missing(NOTICES, item(notices=chosen)) == lacks
