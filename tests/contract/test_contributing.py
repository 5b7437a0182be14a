"""The read that CONTRIBUTING.md adds is one catalogue entry: called, checked, documented and simulated from it."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from client_support import connect

from runner.catalogue import Catalogue, assemble
from runner.catalogue.docs import operation_page
from runner.coupang.reader import MarketReader
from runner.rules import load_text

ROOT = Path(__file__).parent.parent.parent


def entry() -> dict[str, Any]:
    """Return the lines of the document."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return yaml.safe_load(block)


@pytest.fixture(scope="module")
def grown() -> Catalogue:
    """Give the shipped catalogue with the entry in it."""
    documents = []
    for file in sorted(files("runner.catalogue").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            document = yaml.safe_load(file.read_text("utf-8"))
            if document["workflow"] == "settlement":
                document["operations"] |= entry()
            documents.append((file.name, document))
    return assemble(documents)


def test_a_rule_may_use_it(grown: Catalogue) -> None:
    """Its names and types are known; a wrong one is found."""
    rule = "rules: [{name: fees, from: tax_invoices, if: {amount: {more_than: 1000}}, after: [{log: '{{ rows }}'}]}]"
    assert load_text(f"version: 1\n{rule}", "fees.yaml", catalogue=grown).diagnostics == ()
    wrong = load_text(f"version: 1\n{rule.replace('amount', 'amuont')}", "fees.yaml", catalogue=grown)
    assert "amount" in str(wrong.diagnostics[0].message.facts)


@pytest.mark.parametrize(("lang", "title"), [("en", "invoice number"), ("ko", "계산서 번호")])
def test_it_is_documented(grown: Catalogue, lang: Any, title: str) -> None:
    """In both languages."""
    assert title in operation_page(grown, "tax_invoices", lang)


def test_the_client_reads_it_from_the_simulator(grown: Catalogue, tmp_path: Path) -> None:
    """Signed, paced and read as the entry says; the simulator shows the rows of its world."""
    line = connect("quiet", tmp_path, grown)
    row = {"invoiceId": 7, "issuedAt": "2026-03-01T00:00:00+09:00", "amount": 12_300}
    line.sim.world.kinds["tax_invoices"] = {7: row}
    reader = MarketReader(line.client)
    assert [dict(one) for one in reader.rows("tax_invoices", {})] == [row]
