"""Personal data as it may be shown."""

from __future__ import annotations

import pytest

from runner.masking import Kind, mask


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("name", "김하늘", "김○○"),
        ("name", "남궁민수", "남○○"),
        ("name", "Kim", "K○○"),
        ("phone", "010-1234-5678", "010-****-5678"),
        ("phone", "+82 10-1234-5678", "010-****-5678"),
        ("phone", "0502-123-4567", "050-****-4567"),
        ("phone", "1234", "***"),
        ("address", "서울 강남구 테헤란로 123 4층", "서울 강남구 ***"),
        ("address", "경기도 수원시 팔달구 효원로 1", "경기도 수원시 팔달구 ***"),
        ("address", "06236", "***"),
        ("email", "kimha@example.com", "ki***@…"),
        ("login", "seller1", "se***"),
        ("text", "문 앞에 놓아 주세요", "***"),
    ],
)
def test_enough_to_recognise_and_not_to_reach(kind: Kind, value: str, shown: str) -> None:
    """Each kind keeps what identifies a case and hides what reaches a person."""
    assert mask(kind, value) == shown


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_stays_nothing(value: str | None) -> None:
    """Null and empty are told as they are: whether there is a value is not personal."""
    assert mask("name", value) == value
