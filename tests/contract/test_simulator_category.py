"""Categories and brands over HTTP: the tree, what is valid in it, what Coupang does to it, and every refusal."""

from __future__ import annotations

from typing import Any

import pytest
from simulator_support import OPEN, PRODUCTS, VENDOR, WebShop, said, words

from runner.simulator.worlds import WORLDS

TREE = f"{PRODUCTS}/meta/display-categories"
METAS = f"{PRODUCTS}/meta/category-related-metas/display-category-codes"
PREDICT = f"{OPEN}/v1/categorization/predict"
BRANDS = f"{PRODUCTS}/brands"
AGREED = f"{PRODUCTS}/vendors/{VENDOR}/check-auto-category-agreed"


@pytest.fixture
def shop() -> WebShop:
    """Give the demo world over HTTP."""
    return WebShop("demo")


def event(shop: WebShop, do: str, **more: Any) -> dict[str, Any]:
    """Let something happen."""
    answer = shop.control("events", {"do": do, **more})
    assert answer.status == 200, answer.body
    found: dict[str, Any] = said(answer)
    return found


def codes(nodes: list[dict[str, Any]]) -> set[int]:
    """Return the codes of categories and of all below them."""
    return {one["displayItemCategoryCode"] for one in nodes} | {code for one in nodes for code in codes(one["child"])}


def depth(node: dict[str, Any]) -> int:
    """Return how many levels a category has, itself among them."""
    return 1 + max(map(depth, node["child"]), default=0)


# --- the tree --------------------------------------------------------------------------------------------------------


def test_the_whole_tree_hangs_on_a_root(shop: WebShop) -> None:
    """With everything below it, down to different depths."""
    answer = said(shop.ask("GET", TREE))
    root = answer["data"]
    assert (answer["code"], answer["message"]) == ("SUCCESS", "")
    assert {name: root[name] for name in root if name != "child"} == {
        "displayItemCategoryCode": 0, "name": "ROOT", "status": "READY",
    }  # fmt: skip
    assert {depth(one) for one in root["child"]} == {3, 4}
    assert {row["displayCategoryCode"] for row in shop.state("products", "sellerProductId").values()} <= codes(
        root["child"]
    )


@pytest.mark.parametrize(("locale", "name"), [("kr", "도서"), ("en", "Books"), ("zh-CN", "图书")])
def test_names_come_in_three_languages(shop: WebShop, locale: str, name: str) -> None:
    """Korean unless asked for."""
    assert shop.data(TREE, f"locale={locale}")["child"][-1]["name"] == name
    assert shop.data(TREE)["child"][-1]["name"] == "도서"


def test_only_what_is_open_to_a_kind_of_registration_is_listed(shop: WebShop) -> None:
    """A category of which nothing is left goes, too."""
    every, rocket, abroad = (
        codes(shop.data(TREE, query)["child"]) for query in ("", "registrationType=RFM", "registrationType=CGF")
    )
    assert every - rocket == {66679, 66680, 66690, 66691}
    assert every - abroad == {66679, 66680, 66690, 66691, 77901}


@pytest.mark.parametrize("query", ["locale=ko", "registrationType=XX"])
def test_languages_and_kinds_that_do_not_exist_are_refused(shop: WebShop, query: str) -> None:
    """The page lists the spellings."""
    assert shop.ask("GET", TREE, query).status == 400


def test_one_category_shows_one_level(shop: WebShop) -> None:
    """What is below the children is cut off, whether there is something or not."""
    top = shop.data(f"{TREE}/0")
    assert (top["name"], len(top["child"])) == ("ROOT", 6)
    assert all(one["child"] == [] for one in top["child"])
    assert codes(shop.data(f"{TREE}/72631")["child"]) == {72641, 72642}
    assert shop.data(f"{TREE}/72641")["child"] == []


@pytest.mark.parametrize("path", [f"{TREE}/1", f"{TREE}/1/status", f"{METAS}/1", f"{METAS}/72631"])
def test_categories_that_are_not_there_are_refused(shop: WebShop, path: str) -> None:
    """Nothing is published about it; meta data have only those without others below."""
    assert shop.ask("GET", path).status == 400


# --- validity --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "valid"), [(77413, True), (77902, False), (62613, False)])
def test_a_category_in_service_is_valid(shop: WebShop, code: int, *, valid: bool) -> None:
    """One that is being prepared or not used any more is not; the answer is the bare value."""
    assert said(shop.ask("GET", f"{TREE}/{code}/status")) == {"code": "SUCCESS", "message": "", "data": valid}


def test_a_category_with_others_below_is_refused_with_their_codes(shop: WebShop) -> None:
    """All of them, however deep."""
    start = "노출카테고리 {}은 leaf category code가 아닙니다."
    status, text = words(shop.ask("GET", f"{TREE}/72631/status"))
    assert (status, text.startswith(start.format(72631)), "72641, 72642" in text) == (400, True, True)
    assert "62611, 62612, 62613" in words(shop.ask("GET", f"{TREE}/62588/status"))[1]


def test_a_code_that_is_no_number_is_refused(shop: WebShop) -> None:
    """In documented words."""
    refused = shop.ask("GET", f"{TREE}/x/status")
    assert words(refused) == (400, "노출카테고리코드는 숫자형으로 입력해주세요.")
    assert said(refused)["code"] == "ERROR"


def test_a_renewal_closes_a_category(shop: WebShop) -> None:
    """Its code is known still and not valid any more; nobody is sent there."""
    assert shop.data(f"{TREE}/77413/status") is True
    assert event(shop, "renew_category", category=77413) == {"category": 77413, "status": "DISABLED"}
    assert shop.data(f"{TREE}/77413/status") is False
    assert shop.data(f"{TREE}/77413")["status"] == "DISABLED"


def test_a_renewal_puts_others_below_a_category(shop: WebShop) -> None:
    """It cannot be asked about any more; the new ones can."""
    made = event(shop, "renew_category", category=77413, split=True)["child"]
    status, text = words(shop.ask("GET", f"{TREE}/77413/status"))
    assert (status, f"[{made[0]}, {made[1]}]" in text) == (400, True)
    assert [shop.data(f"{TREE}/{one}/status") for one in made] == [True, True]
    assert set(made) < codes(shop.data(TREE, "locale=en")["child"])
    assert shop.ask("GET", f"{METAS}/77413").status == 400
    assert shop.data(f"{METAS}/{made[0]}")["attributes"]


@pytest.mark.parametrize("category", [1, 72631, 0])
def test_only_a_leaf_is_renewed(shop: WebShop, category: int) -> None:
    """The answer lists them."""
    answer = shop.control("events", {"do": "renew_category", "category": category})
    assert (answer.status, 77413 in said(answer)["categories"]) == (400, True)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"do": "rain"}, "do"),
        ({"do": ["renew_category"]}, "do"),
        ({}, "do"),
        ({"do": "renew_category", "category": "77413"}, "error"),
        ({"do": "renew_category", "category": True}, "error"),
        ({"do": "renew_category", "seconds": 3}, "keys"),
        ({"do": "renew_category", "often": 3}, "keys"),
        ({"do": "renew_category"}, "categories"),
        ({"do": "agree_auto_category", "vendor": "A9"}, "vendors"),
        ({"do": "delay_places", "seconds": -1}, "error"),
        ({"do": "delay_places", "seconds": 2**60}, "error"),
        ({"do": "deny_contract"}, "error"),
    ],
)
def test_wrong_events_are_told_what_is_possible(shop: WebShop, body: dict[str, Any], told: str) -> None:
    """And nothing changes."""
    before = shop.control("state").body
    answer = shop.control("events", body)
    assert (answer.status, told in said(answer)) == (400, True)
    assert shop.control("state").body == before


# --- meta data, recommendation, consent ------------------------------------------------------------------------------


def test_meta_data_tell_what_must_be_filled(shop: WebShop) -> None:
    """Purchase options, one of a group, and notices; the code that was asked for is not among them."""
    cookies, decoration = shop.data(f"{METAS}/58811"), shop.data(f"{METAS}/77413")
    assert "displayCategoryCode" not in cookies
    groups = [one["attributeTypeName"] for one in cookies["attributes"] if one["groupNumber"] == "1"]
    assert groups == ["개당 중량", "개당 용량"]
    needed = "isExpirationDateRequiredForRocketGrowth"
    assert (cookies[needed], decoration[needed]) == (True, False)
    assert {one["exposed"] for one in decoration["attributes"]} == {"EXPOSED", "NONE"}


@pytest.mark.parametrize(
    ("name", "result", "code", "category"),
    [
        ("노이즈캔슬링 블루투스 이어폰 화이트", "SUCCESS", "62611", "블루투스 이어폰"),
        ("유선 이어폰", "SUCCESS", "62612", "유선 이어폰"),
        ("텀블러", "SUCCESS", "72641", "스테인리스 텀블러"),
        ("의자", "INSUFFICIENT_INFORMATION", None, None),
        ("접이식 캠핑 의자 2개", "FAILURE", None, None),
    ],
)
def test_a_category_is_recommended_by_words(
    shop: WebShop, name: str, result: str, code: str | None, category: str | None
) -> None:
    """A code is a text; a name that says nothing known gets none."""
    assert said(shop.ask("POST", PREDICT, body={"productName": name})) == {
        "code": 200,
        "message": "OK",
        "data": {
            "autoCategorizationPredictionResultType": result, "predictedCategoryId": code,
            "predictedCategoryName": category, "comment": None,
        },
    }  # fmt: skip


def test_a_closed_category_is_not_recommended(shop: WebShop) -> None:
    """The next likely one is."""
    event(shop, "renew_category", category=62611)
    found = said(shop.ask("POST", PREDICT, body={"productName": "블루투스 이어폰"}))["data"]
    assert found["predictedCategoryId"] == "62612"


@pytest.mark.parametrize("body", [{"productName": ""}, {"productName": "  "}, {"brand": "NIKE"}, {"productName": None}])
def test_a_recommendation_needs_a_name(shop: WebShop, body: dict[str, Any]) -> None:
    """In documented words."""
    assert words(shop.ask("POST", PREDICT, body=body)) == (400, "Input product name should not be empty!")


def test_consent_is_given_and_taken_back(shop: WebShop) -> None:
    """In WING, which is an event here; the answer is the bare value."""
    assert said(shop.ask("GET", AGREED)) == {"code": "SUCCESS", "message": "", "data": True}
    event(shop, "agree_auto_category", agreed=False)
    assert shop.data(AGREED) is False
    event(shop, "agree_auto_category")
    assert shop.data(AGREED) is True


def test_a_shop_of_the_first_day_has_not_consented(shop: WebShop) -> None:
    """It has categories and places all the same."""
    shop.control("reset", {"world": "new_shop"})
    assert shop.data(AGREED) is False


def test_the_consent_of_another_seller_is_not_told(shop: WebShop) -> None:
    """The refusal names both."""
    refused = shop.ask("GET", AGREED.replace(VENDOR, "A00099999"))
    assert words(refused) == (400, f"업체[{VENDOR}]는 다른 업체[A00099999]의 정보을 검색 수 없습니다")


# --- brands ----------------------------------------------------------------------------------------------------------


def test_brands_are_found_by_a_part_of_their_name(shop: WebShop) -> None:
    """Whatever its case; the answer counts rows."""
    assert said(shop.ask("POST", f"{BRANDS}/search", body={"brandName": "nik"})) == {
        "code": "SUCCESS",
        "message": "",
        "data": {
            "page": 1, "countPerPage": 10, "totalCount": 1,
            "items": [
                {
                    "brandId": "KR-5", "brandName": "NIKE", "brandLogoUrl": None, "isUIDRequired": True,
                    "allowedUIDTypes": ["GTIN", "MPN"],
                }
            ],
        },
    }  # fmt: skip


def test_brands_come_ten_a_page(shop: WebShop) -> None:
    """At most; the next page has the others, and one beyond the end is empty."""
    pages = [
        said(shop.ask("POST", f"{BRANDS}/search", body={"brandName": "예시", **more}))["data"]
        for more in ({}, {"page": 2}, {"page": 3}, {"page": 2, "countPerPage": 5})
    ]
    assert [len(one["items"]) for one in pages] == [10, 2, 0, 5]
    assert {one["totalCount"] for one in pages} == {12}
    assert said(shop.ask("POST", f"{BRANDS}/search", body={"brandName": "없는"}))["data"]["items"] == []


@pytest.mark.parametrize("body", [{}, {"brandName": ""}, {"brandName": " "}, {"page": 1}])
def test_a_search_needs_a_name(shop: WebShop, body: dict[str, Any]) -> None:
    """In documented words."""
    assert words(shop.ask("POST", f"{BRANDS}/search", body=body)) == (400, "brandName is required")


@pytest.mark.parametrize("more", [{"countPerPage": 11}, {"countPerPage": 0}, {"page": 0}, {"page": "one"}])
def test_a_search_keeps_its_pages_small(shop: WebShop, more: dict[str, Any]) -> None:
    """Ten rows, counted from page 1."""
    assert shop.ask("POST", f"{BRANDS}/search", body={"brandName": "예시", **more}).status == 400


def test_a_brand_is_found_by_its_id(shop: WebShop) -> None:
    """Enrolled ones are listed with fewer fields."""
    enrolled = shop.data(f"{BRANDS}/enrolled")
    assert enrolled == [{"brandId": "KR-3", "brandName": "모의상회"}, {"brandId": "KR-4", "brandName": "모의가구"}]
    assert shop.data(f"{BRANDS}/KR-5")["brandName"] == "NIKE"
    assert shop.data(f"{BRANDS}/KR-3").keys() == {
        "brandId", "brandName", "brandLogoUrl", "isUIDRequired", "allowedUIDTypes",
    }  # fmt: skip
    assert shop.ask("GET", f"{BRANDS}/KR-999").status == 400


def test_every_world_has_the_same_categories(shop: WebShop) -> None:
    """They are Coupang's, not the seller's."""
    trees = set()
    for world in WORLDS:
        shop.control("reset", {"world": world})
        trees.add(shop.ask("GET", TREE).body)
    assert len(trees) == 1
