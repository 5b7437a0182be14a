"""Pages of code tables: whoever needs a code can look it up."""

from __future__ import annotations

import pytest

from runner.catalogue import load
from runner.catalogue.codes import codes
from runner.catalogue.docs import operation_page
from runner.catalogue.tables import TABLES, table_page
from runner.errors import UsageMistake
from runner.render.docs import docs_page
from runner.wording import LANGS, Lang, say


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("table", TABLES)
def test_a_table_lists_every_code_with_its_names(table: str, lang: Lang) -> None:
    """In the order of the table, on paper and for programs."""
    page = docs_page(load(), table, lang)
    assert [one["code"] for one in page.document["codes"]] == list(codes(table))  # type: ignore[arg-type]
    for code, line in codes(table).items():  # type: ignore[arg-type]
        assert f"- `{code}` {(line.ko if lang == 'ko' else line.en) or line.ko}" in page.document["text"]


def test_what_is_known_of_invoice_numbers_is_told() -> None:
    """Lengths in a row are one range; a closed courier says so."""
    page = table_page("delivery_companies", "en")
    assert "- `KDEXP` Kyungdong (경동택배), invoice numbers of 8-16 characters\n" in page
    assert "- `HYUNDAI` Lotte (롯데택배), invoice numbers of 10, 12-13 characters\n" in page
    assert "merged or closed" in next(line for line in page.splitlines() if "`KOREX`" in line)
    assert "송장번호는 숫자만" in table_page("delivery_companies", "ko")


@pytest.mark.parametrize("lang", LANGS)
def test_a_field_with_codes_names_its_table(lang: Lang) -> None:
    """The page of an action leads to the table."""
    assert "`runner docs delivery_companies`" in operation_page(load(), "upload_invoices", lang)


def test_a_table_that_was_nearly_named_is_offered() -> None:
    """`regions` is not far off."""
    with pytest.raises(UsageMistake) as caught:
        docs_page(load(), "regions", "en")
    assert "postal_regions" in say(caught.value.facts["hint"], "en")
