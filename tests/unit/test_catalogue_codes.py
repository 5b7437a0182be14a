"""Code tables: couriers and reasons of returns."""

from __future__ import annotations

import pytest

from runner.catalogue.codes import codes, find_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CJGLS", "CJGLS"),
        ("cjgls", "CJGLS"),
        ("CJ대한통운", "CJGLS"),
        ("CJ 대한통운", "CJGLS"),
        ("CJ Logistics", "CJGLS"),
        ("업체직송", "DIRECT"),
    ],
)
def test_a_courier_is_found_by_code_or_name(text: str, code: str) -> None:
    """Sellers write names; order sheets put a blank into them."""
    assert find_code("delivery_companies", text) == code


@pytest.mark.parametrize("text", ["", " ", "대한", "택배", "로지스밸리"])
def test_a_name_that_fits_none_or_several_finds_nothing(text: str) -> None:
    """A part of a name, an empty text and a name two couriers share are never guessed at."""
    assert find_code("delivery_companies", text) is None


def test_lengths_are_known_only_where_documented() -> None:
    """No lengths means not known; a range is written out."""
    couriers = codes("delivery_companies")
    assert couriers["CJGLS"].lengths == (10, 12)
    assert couriers["KDEXP"].lengths == tuple(range(8, 17))
    assert couriers["AJOU"].lengths == ()
    assert couriers["KOREX"].closed
    assert not couriers["CJGLS"].closed


def test_reasons_have_both_languages_and_a_group() -> None:
    """The table of reasons can be told in both languages."""
    assert all(one.ko and one.en and one.group for one in codes("voc_reasons").values())
