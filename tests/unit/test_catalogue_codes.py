"""Code tables: couriers and reasons of returns."""

from __future__ import annotations

import pytest

from runner.catalogue.codes import codes, find_code, near


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


def test_every_courier_has_a_name_in_both_languages_that_finds_it() -> None:
    """Two couriers share a name: neither is guessed."""
    shared = {"TPMLOGIS", "LOGISVALLEY"}
    for code, line in codes("delivery_companies").items():
        assert find_code("delivery_companies", code) == code
        assert line.en
        found = {find_code("delivery_companies", line.ko), find_code("delivery_companies", line.en)}
        assert found == {code} or (code in shared and found <= {code, None})


def test_a_code_is_meant_before_a_name() -> None:
    """KGB is the code of Logen, and the beginning of another courier's name."""
    assert find_code("delivery_companies", "KGB") == "KGB"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("CJ대한통은", "CJGLS"),
        ("CJGSL", "CJGLS"),
        ("롯데", "HYUNDAI"),
        ("Hanjinn", "HANJIN"),
        ("로지스밸리", "TPMLOGIS, LOGISVALLEY"),
    ],
)
def test_a_mistyped_courier_is_recognised(text: str, meant: str) -> None:
    """What is offered begins with what was meant; of a shared name both."""
    offered = near("delivery_companies", text)
    assert all(one in offered for one in meant.split(", "))
    assert not near("delivery_companies", "zzzz")


def test_postal_codes_lead_to_regions() -> None:
    """The first two digits of all that were given out."""
    regions = codes("postal_regions")
    assert len(regions) == 63
    assert (regions["01"].ko, regions["63"].en) == ("서울", "Jeju")
