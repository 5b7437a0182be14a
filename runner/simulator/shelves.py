"""Categories and brands: they are Coupang's, the same for every shop. Few of many thousands, most numbers made up."""

from __future__ import annotations

from dataclasses import dataclass

from runner.simulator.goods import BRAND
from runner.simulator.world import Kinds, Row, World

ROOT = 0
LOCALES = ("kr", "en", "zh-CN")
#: how a category is registered -> those that are closed to it
CLOSED = {"RFM": (66690, 66691), "CGF": (66690, 66691, 77901)}
#: those whose goods go off
PERISHABLE = (58811, 58812)
#: those whose goods are put on the skin: the category of the documented sample
COSMETIC = (56137,)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category with those below it."""

    code: int
    #: in the order of LOCALES
    names: tuple[str, str, str]
    below: tuple[Shelf, ...] = ()
    status: str = "ACTIVE"


_TREE = Shelf(ROOT, ("ROOT", "ROOT", "ROOT"), (
    Shelf(77834, ("가구/홈데코", "Furniture and decoration", "家具/家居装饰"), (
        Shelf(77400, ("홈데코", "Decoration", "家居装饰"), (
            Shelf(77413, ("기타 홈데코", "Other decoration", "其他家居装饰")),
            Shelf(77414, ("침구 담요", "Blankets", "毛毯")),
        )),
        Shelf(77900, ("가구", "Furniture", "家具"), (
            Shelf(77901, ("접이식 테이블", "Folding tables", "折叠桌")),
            Shelf(77902, ("붙박이장", "Built-in wardrobes", "嵌入式衣柜"), status="READY"),
        )),
    )),
    Shelf(62588, ("가전/디지털", "Electronics", "家电/数码"), (
        Shelf(62590, ("음향기기", "Audio", "音响设备"), (
            Shelf(62601, ("이어폰/헤드폰", "Earphones and headphones", "耳机"), (
                Shelf(62611, ("블루투스 이어폰", "Bluetooth earphones", "蓝牙耳机")),
                Shelf(62612, ("유선 이어폰", "Wired earphones", "有线耳机")),
                Shelf(62613, ("카세트 플레이어", "Cassette players", "磁带播放机"), status="DISABLED"),
            )),
        )),
    )),
    Shelf(63800, ("생활용품", "Household", "日用品"), (
        Shelf(63900, ("세탁세제", "Laundry", "洗衣用品"), (
            Shelf(63950, ("일반 섬유유연제", "Fabric softener", "织物柔软剂")),
        )),
        Shelf(72630, ("주방용품", "Kitchen", "厨房用品"), (
            Shelf(72631, ("컵/텀블러", "Cups and tumblers", "杯子"), (
                Shelf(72641, ("스테인리스 텀블러", "Steel tumblers", "不锈钢保温杯")),
                Shelf(72642, ("머그컵", "Mugs", "马克杯")),
            )),
        )),
    )),
    Shelf(58800, ("식품", "Food", "食品"), (
        Shelf(58810, ("과자", "Snacks", "零食"), (
            Shelf(58811, ("수제 쿠키", "Cookies", "曲奇")),
            Shelf(58812, ("감자칩", "Potato crisps", "薯片")),
        )),
    )),
    Shelf(56100, ("뷰티", "Beauty", "美妆"), (
        Shelf(56130, ("클렌징", "Cleansing", "洁面"), (
            Shelf(56137, ("클렌징 오일", "Cleansing oil", "卸妆油")),
        )),
    )),
    Shelf(66679, ("도서", "Books", "图书"), (
        Shelf(66680, ("문학", "Literature", "文学"), (
            Shelf(66690, ("한국 소설", "Korean novels", "韩国小说")),
            Shelf(66691, ("세계 소설", "Novels of the world", "世界小说")),
        )),
    )),
))  # fmt: skip

#: name, whether a number of the maker is needed, the kinds of number taken
_BRANDS: tuple[tuple[str, bool, tuple[str, ...]], ...] = (
    (BRAND, False, ("GTIN", "MPN")),
    ("모의가구", False, ("MPN",)),
    ("NIKE", True, ("GTIN", "MPN")),
    *((f"예시브랜드 {n}", n % 2 == 0, ("GTIN",)) for n in range(1, 13)),
)
#: brands of the register that the seller enrolled
_ENROLLED = (BRAND, "모의가구")


def shelves(world: World, *, agreed: bool = True) -> None:
    """Make categories and brands, and whether the seller agreed that Coupang finds categories for him."""
    root = grow(world, _TREE)
    world.rows("categories").update({one["displayItemCategoryCode"]: one for one in root["child"]})
    for n, (name, needed, kinds) in enumerate(_BRANDS):
        number = f"KR-{n + 3}"
        world.rows("brands")[number] = {
            "brandId": number, "brandName": name, "brandLogoUrl": None, "isUIDRequired": needed,
            "allowedUIDTypes": list(kinds), "enrolled": name in _ENROLLED,
        }  # fmt: skip
    world.rows("auto_category_agreements")[world.vendor] = {"vendorId": world.vendor, "isAgreed": agreed}


def grow(world: World, shelf: Shelf) -> Row:
    """Make a category and what is below it; return it as the whole tree shows it."""
    node: Row = {
        "displayItemCategoryCode": shelf.code, "name": shelf.names[0], "status": shelf.status, "child": [],
    }  # fmt: skip
    world.rows("category_nodes")[shelf.code] = node
    world.rows("category_names")[shelf.code] = dict(zip(LOCALES, shelf.names, strict=True))
    node["child"] += [grow(world, one) for one in shelf.below]
    return node


def plant(kinds: Kinds) -> None:
    """Make one tree again of categories that were read: each stands by itself and below another, and is one record."""
    nodes, tops = kinds.get("category_nodes", {}), kinds.get("categories", {})
    for node in nodes.values():
        node["child"] = [nodes[one["displayItemCategoryCode"]] for one in node["child"]]
    tops |= {code: nodes[code] for code in tops}


# --- what a category asks for --------------------------------------------------------------------------------------

_MANDATORY, _OPTIONAL = "MANDATORY", "OPTIONAL"
_CERTIFICATIONS = (
    ("NOT_REQUIRED", "인증대상아님", "NONE", "OPTIONAL"),
    ("PRESENTED_IN_DETAIL_PAGE", "상세설명에 표시", "NONE", "OPTIONAL"),
    ("KC_CERTIFICATION", "KC인증 안전인증", "CODE", "RECOMMEND"),
)
_DOCUMENTS = (
    ("기타인증서류", "OPTIONAL"),
    ("수입신고필증(병행수입 선택시)", "MANDATORY_PARALLEL_IMPORTED"),
    ("인보이스영수증(해외구매대행 선택시)", "MANDATORY_OVERSEAS_PURCHASED"),
)
_NOTICES = {
    "기타 재화": ("품명 및 모델명", "인증/허가 사항", "제조국(원산지)", "제조자(수입자)", "소비자상담 관련 전화번호"),
    "생활용품": ("품명", "제조국(원산지)", "사용상 주의사항"),
}
_OF_COSMETICS = {
    "화장품": (
        "용량(중량)", "제품 주요 사양", "사용기한 또는 개봉 후 사용기간", "사용방법",
        "제조업자 및 제조판매업자", "제조국", "화장품법에 따라 기재, 표시하여야 하는 모든 성분",
        "식품의약품안전처 심사 필 유무", "사용할 때 주의사항", "품질보증기준", "소비자상담관련 전화번호",
    ),
}  # fmt: skip


def meta(code: int) -> Row:
    """Return what a category without others below it asks of products."""
    perishable = code in PERISHABLE
    return {
        "displayCategoryCode": code, "isAllowSingleItem": not perishable,
        "attributes": _attributes(code),
        "noticeCategories": [
            {
                "noticeCategoryName": name,
                "noticeCategoryDetailNames": [
                    {"noticeCategoryDetailName": line, "required": _MANDATORY} for line in lines
                ],
            }
            for name, lines in (_OF_COSMETICS if code in COSMETIC else _NOTICES).items()
        ],
        "requiredDocumentNames": [{"templateName": name, "required": required} for name, required in _DOCUMENTS],
        "certifications": [
            {"certificationType": kind, "name": name, "dataType": data, "required": required}
            for kind, name, data, required in _CERTIFICATIONS
        ],
        "allowedOfferConditions": ["NEW"] if perishable else ["NEW", "REFURBISHED"],
        "isExpirationDateRequiredForRocketGrowth": perishable,
    }  # fmt: skip


def _attributes(code: int) -> list[Row]:
    """Return attributes: how many, a measure, one of two where goods go off, else a colour; and filters."""
    if code in PERISHABLE:
        own = [
            _attribute("개당 중량", "NUMBER", units=("g", "kg"), group="1"),
            _attribute("개당 용량", "NUMBER", units=("ml", "L"), group="1"),
        ]
    elif code in COSMETIC:
        own = [_attribute("개당 용량", "NUMBER", units=("ml", "L"))]
    else:
        own = [_attribute("색상", "STRING")]
    return [
        _attribute("수량", "NUMBER", units=("개", "개입", "매")),
        *own,
        _attribute("출시일", "DATE", filters=True),
        _attribute("선물포장 타입", "STRING", choice=("바구니", "보자기", "부직포가방"), filters=True),
    ]


def _attribute(
    name: str, kind: str, *, units: tuple[str, ...] = (), choice: tuple[str, ...] = (), group: str = "NONE",
    filters: bool = False,
) -> Row:  # fmt: skip
    return {
        "attributeTypeName": name, "dataType": kind, "inputType": "SELECT" if choice else "INPUT",
        "inputValues": list(choice), "basicUnit": units[0] if units else "없음", "usableUnits": list(units),
        "required": _OPTIONAL if filters else _MANDATORY, "groupNumber": group,
        "exposed": "NONE" if filters else "EXPOSED",
    }  # fmt: skip
