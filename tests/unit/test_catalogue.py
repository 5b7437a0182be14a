"""The shipped catalogue as a whole: it loads, it holds together, and it says what acting safely needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from runner.catalogue import Catalogue, Composed, Field, Operation, Parameter, Procedure, assemble, load
from runner.catalogue.shapes import Check, Wait
from runner.errors import Defect

#: ids of the fact base, by workflow, that the catalogue must cover
FACTS = {
    "return": {
        "list_return_requests", "get_return_request", "confirm_return_receipt", "approve_return",
        "list_return_withdrawals_by_period", "list_return_withdrawals_by_receipt", "register_collection_invoice",
    },
    "shipment": {
        "list_order_sheets_by_day", "list_order_sheets_by_minute", "get_order_sheet_by_shipment_box",
        "get_order_sheets_by_order", "get_delivery_history", "acknowledge_order_sheets", "upload_invoices",
        "update_invoices", "stop_shipment", "mark_already_shipped", "cancel_order", "complete_long_term_undelivered",
        "print_order_label", "download_direct_invoices", "arrange_direct_shipment",
    },
    "coupon": {
        "get_budget_status", "list_contracts", "get_contract", "create_instant_coupon", "expire_instant_coupon",
        "add_instant_coupon_items", "get_instant_coupon_request_status", "get_instant_coupon",
        "get_instant_coupon_item", "get_instant_coupon_item_by_vendor_item", "list_instant_coupons",
        "list_instant_coupons_by_order", "list_instant_coupon_items", "create_download_coupon",
        "add_download_coupon_items", "expire_download_coupons", "get_download_coupon",
        "get_download_coupon_request_status", "apply_book_cashback", "get_book_cashback", "remove_book_cashback",
    },
    "product": {
        "list_products", "list_products_by_time_frame", "get_product", "get_product_partial",
        "list_product_status_history", "get_product_summary_by_sku", "get_product_registration_status",
        "create_product", "update_product", "update_product_partial", "request_product_approval", "delete_product",
    },
    "option": {
        "get_item_inventory", "update_item_price", "update_item_quantity", "update_item_original_price",
        "stop_item_sale", "resume_item_sale", "enable_auto_option_item", "enable_auto_option_all",
        "disable_auto_option_item", "disable_auto_option_all",
    },
    "category": {
        "get_category_meta", "predict_category", "list_categories", "get_category", "check_category_valid",
        "check_auto_category_agreed", "search_brands", "list_enrolled_brands", "get_brand",
    },
    "logistics": {
        "create_outbound_shipping_place", "list_outbound_shipping_places", "update_outbound_shipping_place",
        "create_return_center", "list_return_centers", "get_return_centers_by_code", "update_return_center",
    },
    "rocket_growth": {
        "create_rg_product", "update_rg_product", "get_rg_product", "list_rg_products", "list_rg_orders",
        "get_rg_order", "list_rg_inventory", "list_rg_categories", "get_rg_category_meta",
    },
    "cs": {
        "list_product_inquiries", "list_call_center_inquiries", "get_call_center_inquiry", "answer_product_inquiry",
        "answer_call_center_inquiry", "confirm_call_center_inquiry",
    },
    "exchange": {
        "list_exchange_requests", "confirm_exchange_receipt", "reject_exchange", "upload_exchange_invoices",
    },
    "settlement": {"list_revenue_history", "list_settlement_histories"},
}  # fmt: skip

MINIMAL: dict[str, Any] = {
    "workflow": "w",
    "title": {"en": "W", "ko": "W"},
    "states": {"status": {"A": {"en": "a", "ko": "a"}}},
    "operations": {
        "things": {
            "fact_id": "list_things",
            "title": {"en": "things", "ko": "것"},
            "method": "GET",
            "path": "/things",
            "effect": "read",
            "fields": {"status": {"type": "text", "enum": "status"}},
        }
    },
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Return the shipped catalogue."""
    return load()


def reads(catalogue: Catalogue) -> list[Operation]:
    """Return every operation that only reads."""
    return [one for one in catalogue.operations.values() if one.effect == "read"]


def writes(catalogue: Catalogue) -> list[Operation]:
    """Return every operation that changes the shop."""
    return [one for one in catalogue.operations.values() if one.effect == "write"]


def checks(operation: Operation) -> list[Check]:
    """Return the reads that tell what became of a write."""
    return [one for one in (operation.verify_by, operation.settle_by) if one]


def flat(shape: Mapping[str, Field] | Mapping[str, Parameter]) -> Iterator[tuple[str, Field | Parameter]]:
    """Yield every field with its name, nested ones too."""
    for name, one in shape.items():
        yield name, one
        yield from flat(one.fields)


def changed(**more: Any) -> dict[str, Any]:
    """Return the minimal workflow with more keys in its one operation."""
    things = {**MINIMAL["operations"]["things"], **more}
    return {**MINIMAL, "operations": {"things": things}}


# --- loading -----------------------------------------------------------------------------------------------------


def test_covers_the_facts(catalogue: Catalogue) -> None:
    """Every operation of the fact base's workflows is there, under the workflow it belongs to."""
    for workflow, wanted in FACTS.items():
        assert {one.fact_id for one in catalogue.operations.values() if one.workflow == workflow} == wanted


def test_reads_are_nouns_and_writes_are_verbs(catalogue: Catalogue) -> None:
    """No source begins with the verb of the documentation; no action is called get or list."""
    assert not [one.name for one in catalogue.operations.values() if one.name.startswith(("get_", "list_"))]


def test_minimal_workflow_loads() -> None:
    """What the tests below break holds as it stands."""
    assert assemble([("w.yaml", MINIMAL)]).operations["things"].fields["status"].enum == "status"


@pytest.mark.parametrize(
    ("document", "key"),
    [
        (changed(pathh="/x"), "pathh"),
        (changed(fields={"status": {"type": "text", "enumm": "status"}}), "enumm"),
        (changed(paging={"style": "token", "next": "t", "sise": 3}), "sise"),
        ({**MINIMAL, "operation": {}}, "operation"),
    ],
)
def test_unknown_key_is_refused(document: dict[str, Any], key: str) -> None:
    """A key that nobody reads is a mistake in the data, at any depth, and the message names it."""
    with pytest.raises(Defect) as raised:
        assemble([("w.yaml", document)])
    assert raised.value.code == "catalogue_unknown_key"
    assert raised.value.facts["key"] == key


@pytest.mark.parametrize(
    "document",
    [
        changed(method="FETCH"),
        changed(window={"days": "31"}),
        changed(fields={"a": {"type": "text", "enum": "nope"}}),
        changed(fields={"a": {"type": "list", "fields": {"b": {"type": "text", "enum": "nope"}}}}),
        changed(parameters={"p": {"place": "body", "type": "list", "fields": {"q": {"place": "body", "type": "text",
                                                                                  "enum": "nope"}}}}),
        changed(reread={"read": "nope", "arguments": {}}),
    ],
)  # fmt: skip
def test_bad_value_is_refused(document: dict[str, Any]) -> None:
    """A value of the wrong kind and a name that leads nowhere are refused, nested ones too."""
    with pytest.raises(Defect) as raised:
        assemble([("w.yaml", document)])
    assert raised.value.code == "catalogue_bad_value"


def test_missing_key_is_refused() -> None:
    """An operation without a path is refused."""
    things = {key: value for key, value in MINIMAL["operations"]["things"].items() if key != "path"}
    with pytest.raises(Defect) as raised:
        assemble([("w.yaml", {**MINIMAL, "operations": {"things": things}})])
    assert raised.value.code == "catalogue_missing_key"


# --- every operation ------------------------------------------------------------------------------------------------


def test_path_parameters_are_those_of_the_path(catalogue: Catalogue) -> None:
    """Each blank of a path has its required parameter, and the other way round."""
    for one in catalogue.operations.values():
        placed = {
            name for name, parameter in one.parameters.items() if parameter.place == "path" and parameter.required
        }
        assert placed == set(re.findall(r"{(\w+)}", one.path)), one.name


def test_older_paths_have_the_same_blanks(catalogue: Catalogue) -> None:
    """An older version is asked with the same numbers, and may name the seller; formats name parameters."""
    for one in catalogue.operations.values():
        for older in one.older:
            today, before = (set(re.findall(r"{(\w+)}", path)) for path in (one.path, older.path))
            assert today <= before <= today | {"vendorId"}, one.name
            assert older.formats.keys() <= one.parameters.keys()


def test_older_versions_that_coupang_still_serves(catalogue: Catalogue) -> None:
    """Order sheets, returns and inquiries are still served in their v4 form, order sheets with plain days."""
    with_older = {one.name for one in catalogue.operations.values() if one.older}
    assert {
        "order_sheets", "order_sheets_by_minute", "order_sheet", "order_sheets_of_order", "delivery_history",
        "return_requests", "return_request", "product_inquiries", "call_center_inquiries",
    } <= with_older  # fmt: skip
    assert catalogue.operations["order_sheets"].older[0].formats == {"createdAtFrom": "day", "createdAtTo": "day"}


def test_people_see_titles_in_both_languages(catalogue: Catalogue) -> None:
    """Whatever a rule can name at the top has a title, and every explanation stands in both languages."""
    known: dict[str, Operation | Composed | Procedure] = {**catalogue.sources, **catalogue.actions}
    for entry in known.values():
        assert entry.title.en
        assert entry.title.ko
        assert bool(entry.about) == bool(entry.about_ko), entry.name
    for one in catalogue.operations.values():
        given = {name: parameter for name, parameter in one.parameters.items() if not parameter.owner}
        untitled = [name for name, parameter in given.items() if not parameter.title and parameter.place == "query"]
        assert not untitled, one.name


@pytest.mark.parametrize(
    ("pattern", "kinds"),
    [
        (r"(?i)phone|mobile$|safenumber|safetyNumber$|orderernumber|receivernumber|contactnumber", {"phone"}),
        (r"(?i)address(?!Id$)|addr\d|zipcode|postcode", {"address"}),
        (r"(?i)email", {"email"}),
        (r"requesterName|receptionistName|mdName|[cC]ustomerName|bankAccountHolder", {"name"}),
        (r"userId|replyBy|confirmBy|receptionist$|vendorUserId|modifiedBy$|createdBy$|mdId", {"login"}),
        (r"parcelPrintMessage|etcInfoValues?$|cancelReason$|EtcDetail|Memo$|bankAccount$|Ssn|Clearance", {"text"}),
    ],
)
def test_personal_data_is_marked(catalogue: Catalogue, pattern: str, kinds: set[str]) -> None:
    """Names, phones, addresses, logins and free texts are masked wherever they are shown or kept."""
    for one in catalogue.operations.values():
        for name, field in [*flat(one.fields), *flat(one.parameters)]:
            if field.type != "object" and re.search(pattern, name):
                assert field.personal in kinds, f"{one.name}.{name}"


def test_two_operations_of_one_path_differ_by_a_fixed_parameter(catalogue: Catalogue) -> None:
    """Where one address serves two operations, a constant in the query tells them apart, or one of them says what."""
    seen: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in catalogue.operations.values():
        if one.told_by:
            assert one.told_by in one.parameters.keys() | one.fields.keys(), one.name
            continue
        fixed = {n: p.value for n, p in one.parameters.items() if p.place == "query" and p.owner == "fixed" and p.value}
        seen.setdefault((one.method, re.sub(r"{\w+}", "{}", one.path)), []).append(fixed)
    for (_, path), constants in seen.items():
        assert len({str(one) for one in constants}) == len(constants), path


# --- reads ----------------------------------------------------------------------------------------------------------


def test_sources_name_their_own_fields(catalogue: Catalogue) -> None:
    """Key, push-down and re-read of a source name fields and parameters that exist."""
    for name, one in catalogue.sources.items():
        assert one.key in one.fields, name
        if isinstance(one, Operation):
            assert one.pushdown.keys() <= one.parameters.keys(), name
            assert set(one.pushdown.values()) <= one.fields.keys(), name
        if one.reread:
            assert_fits(catalogue, one.reread.read, one.reread.arguments)


def assert_fits(catalogue: Catalogue, read: str, arguments: Mapping[str, Any]) -> None:
    """Assert that a read takes these arguments and lacks none but enums, which are asked value by value."""
    parameters = catalogue.operations[read].parameters
    needed = {name for name, one in parameters.items() if one.required and not one.owner and not one.enum}
    assert needed <= arguments.keys() <= parameters.keys(), read


def test_pages_and_windows_have_their_parameters(catalogue: Catalogue) -> None:
    """A paged read has a page parameter, a windowed one both ends, and no page asks for more than is allowed."""
    for one in reads(catalogue):
        owners = {parameter.owner: parameter for parameter in one.parameters.values() if parameter.owner}
        assert bool(one.paging) == ("page" in owners), one.name
        ends = {"window_from"} if one.window and one.window.same_month else {"window_from", "window_to"}
        assert bool(one.window) == (ends <= owners.keys()), one.name
        size = owners.get("page_size")
        if one.paging and size and size.maximum:
            assert one.paging.size == size.maximum, one.name


@pytest.mark.parametrize(
    ("name", "days", "size"),
    [("order_sheets", 31, 50), ("return_requests", 31, 50), ("return_withdrawals", 7, 100),
     ("call_center_inquiries", 7, 30), ("product_inquiries", 7, 50), ("exchange_requests", 7, 10),
     ("revenue_histories", 25, 50)],
)  # fmt: skip
def test_documented_windows(catalogue: Catalogue, name: str, days: int, size: int) -> None:
    """Windows are kept as documented; who reads cuts them shorter because both ends count."""
    one = catalogue.operations[name]
    assert one.window
    assert one.window.days == days
    assert one.paging
    assert one.paging.size == size


def test_rocket_growth_has_its_own_rate(catalogue: Catalogue) -> None:
    """Fifty calls a minute, orders and stock together; nothing else has a rate of its own."""
    limited = {one.name: (one.limit.per_minute, one.limit.shared) for one in reads(catalogue) if one.limit}
    names = ("rocket_growth_orders", "rocket_growth_order", "rocket_growth_inventory")
    assert limited == dict.fromkeys(names, (50, "rg_open_api"))


def test_what_was_asked_stands_in_the_record(catalogue: Catalogue) -> None:
    """A record that does not say what it is about keeps the parameters it was asked with, as fields."""
    for one in reads(catalogue):
        said = one.response
        assert set(said.asked) <= one.parameters.keys() & one.fields.keys(), one.name
        assert not said.bare or said.bare in one.fields, one.name
        assert said.one or not (said.asked or said.bare), one.name


def test_what_may_be_missing_in_an_order_sheet(catalogue: Catalogue) -> None:
    """Times and invoice of a box come late, so `missing` is a plain answer; its status is always there."""
    fields = catalogue.operations["order_sheets"].fields
    assert [fields[name].optional for name in ("inTrasitDateTime", "deliveredDate", "invoiceNumber")] == [True] * 3
    assert not fields["status"].optional


def test_a_release_status_of_null_cannot_be_told(catalogue: Catalogue) -> None:
    """Null was seen there and means nothing known, so it is not optional: nobody acts on it."""
    assert not catalogue.operations["return_requests"].fields["returnItems"].fields["releaseStatus"].optional


# --- writes -----------------------------------------------------------------------------------------------------------


def test_every_write_says_how_it_is_proved(catalogue: Catalogue) -> None:
    """A write without a read that proves it, or that settles a lost answer, says why not."""
    for one in writes(catalogue):
        reasons = " ".join(one.doubts)
        assert one.verify_by or "verify_by:" in reasons, one.name
        assert one.settle_by or "settle_by:" in reasons or "verify_by:" in reasons, one.name


def test_a_write_that_may_double_is_never_settled_without_a_mark(catalogue: Catalogue) -> None:
    """Where a repeat does it twice, only rows newer than the intent can be ours, or one record is looked at."""
    for one in writes(catalogue):
        if one.repeat == "duplicates" and one.settle_by and one.settle_by.find:
            assert one.settle_by.mark, one.name


def test_checks_fit_their_reads(catalogue: Catalogue) -> None:
    """Effect checks and waits give their reads all they need; what they refer to was sent, answered or taken."""
    for one in writes(catalogue):
        reading: list[Check | Wait] = [*checks(one), *([one.wait] if one.wait else [])]
        for check in reading:
            assert_fits(catalogue, check.read, check.arguments)
            for path in references([check.arguments, getattr(check, "done", None), getattr(check, "find", None)]):
                source, _, rest = path.partition(".")
                assert source in {"arguments", "answer", "taken", "mark"}, one.name
                assert source != "arguments" or rest.partition(".")[0] in one.parameters, f"{one.name}: {path}"


def references(raw: Any) -> Iterator[str]:
    """Yield the path of every `{from: …}`."""
    if isinstance(raw, Mapping):
        if set(raw) == {"from"}:
            yield raw["from"]
        for value in raw.values():
            yield from references(value)
    elif isinstance(raw, list | tuple):
        for value in raw:
            yield from references(value)


def test_bindings_lead_from_fields_to_parameters(catalogue: Catalogue) -> None:
    """What an action takes from its record is a field of every source it acts on."""
    for one in writes(catalogue):
        assert {*one.bind, *one.build} <= one.parameters.keys(), one.name
        paths = [path for raw in one.bind.values() for path in (raw if isinstance(raw, list) else [raw])]
        for source in one.acts_on:
            assert set(paths) <= catalogue.sources[source].fields.keys(), f"{one.name} on {source}"


def test_batches_collect_into_a_list(catalogue: Catalogue) -> None:
    """A batch names its list parameter and how to find the answer for each record."""
    batches = {one.name: one.batch for one in writes(catalogue) if one.batch}
    assert batches.keys() == {"acknowledge_order_sheets", "upload_invoices", "update_invoices"}
    for name, batch in batches.items():
        assert catalogue.operations[name].parameters[batch.parameter].type == "list"
        assert batch.max == 50
        assert (batch.results, batch.key, batch.ok) == ("data.responseList", "shipmentBoxId", "succeed")


def test_undo_names_an_action(catalogue: Catalogue) -> None:
    """The way back exists, and nothing irreversible promises one."""
    for one in catalogue.actions.values():
        assert not one.undo or one.undo in catalogue.actions, one.name
        assert not (one.undo and one.risk == "irreversible"), one.name


def test_stopping_is_settled_only_by_our_own_answer(catalogue: Catalogue) -> None:
    """Somebody's "already shipped" ends a stop request too; it never proves that we stopped it."""
    settle = catalogue.operations["stop_shipment"].settle_by
    assert settle
    assert settle.done
    answered, completed = settle.done["any"]
    assert answered == {"releaseStopStatus": "처리(출고중지)"}
    assert "처리(이미출고)" in completed["releaseStopStatus"]["not_in"]


# --- composed sources and procedures --------------------------------------------------------------------------------


def test_item_inventories_walks_from_products_to_options(catalogue: Catalogue) -> None:
    """The composed source reads products, each product, each option with an id, and keeps what it declares."""
    source = catalogue.composed["item_inventories"]
    assert [stage.read for stage in source.stages] == ["products", "product", "item_inventory"]
    assert source.stages[1].needs == "vendorItemId"
    assert set(source.stages[-1].keep) == source.fields.keys()
    for stage in source.stages:
        assert_fits(catalogue, stage.read, stage.arguments)


def field_at(fields: Mapping[str, Field], path: str) -> Field | None:
    """Return the field a path leads to."""
    name, _, rest = path.partition(".")
    found = fields.get(name)
    return field_at(found.fields, rest) if found and rest else found


def test_composed_fields_are_those_of_the_reads(catalogue: Catalogue) -> None:
    """A field of a composed source has the type its read gives it."""

    def type_in(source: Composed, name: str) -> str:
        for stage in source.stages:
            fields = catalogue.operations[stage.read].fields
            kept = stage.keep.get(name, "" if stage.keep else name)
            inside = fields[stage.each].fields if kept.startswith("row.") and stage.each else fields
            found = field_at(inside, kept.removeprefix("row."))
            if found is not None:
                return found.type
        how = source.made[name]
        return "time" if how.since else "text"

    for source in catalogue.composed.values():
        wrong = [name for name, field in source.fields.items() if field.type != type_in(source, name)]
        assert wrong == [], source.name


def test_composed_sources_keep_what_they_declare(catalogue: Catalogue) -> None:
    """Every field is kept by a stage or made; what is made is made of fields; stages are asked with what was kept."""
    for source in catalogue.composed.values():
        kept = {name for stage in source.stages for name in stage.keep}
        plain = {name for one in source.stages if not one.keep for name in catalogue.operations[one.read].fields}
        assert source.fields.keys() <= kept | plain | source.made.keys(), source.name
        for how in source.made.values():
            assert {*how.join, *([how.since] if how.since else [])} <= source.fields.keys(), source.name
        assert source.deadline in {"", *source.fields}
        for stage in source.stages:
            assert_fits(catalogue, stage.read, stage.arguments)


@pytest.mark.parametrize("name", sorted(load().procedures))
def test_procedures_give_every_step_what_it_needs(catalogue: Catalogue, name: str) -> None:
    """Each call gets what it requires, from the rule, the pick, the members, or what a call before found out."""
    procedure = catalogue.procedures[name]
    assert procedure.picks
    asked = [path.partition(".")[2] for pick in procedure.picks for path in references(pick.arguments)]
    assert {*asked, *(pick.if_given for pick in procedure.picks)} <= {"", *procedure.parameters}
    assert {pick.read for pick in procedure.picks} <= catalogue.operations.keys()
    taken = {name for pick in procedure.picks for name in pick.take}
    for move in procedure.moves:
        call = catalogue.operations[move.call]
        needed = {
            name for name, one in call.parameters.items() if one.required and not one.owner and one.place != "rule"
        }
        assert needed <= move.arguments.keys() <= call.parameters.keys()
        for path in references(move.arguments):
            source, _, rest = path.partition(".")
            known = {"arguments": procedure.parameters.keys(), "taken": taken, "members": {""}}
            assert rest in known[source], path
        taken |= {one for check in [*checks(call), *([call.wait] if call.wait else [])] for one in check.take}


def test_coupons_are_issued_under_the_free_contract(catalogue: Catalogue) -> None:
    """Both kinds pick the free contract that covers the period, and create the coupon before they add its options."""
    made = {
        "issue_instant_coupon": ["create_instant_coupon", "add_instant_coupon_items"],
        "issue_download_coupon": ["create_download_coupon", "add_download_coupon_items"],
    }
    for name, calls in made.items():
        procedure = catalogue.procedures[name]
        assert [pick.where["type"] for pick in procedure.picks] == ["NON_CONTRACT_BASED"]
        assert [move.call for move in procedure.moves] == calls


def test_a_coupon_is_ended_only_when_its_successor_is_there(catalogue: Catalogue) -> None:
    """A refused creation must not cost the old coupon."""
    moves = [move.call for move in catalogue.procedures["reissue_instant_coupon"].moves]
    assert moves == ["create_instant_coupon", "expire_instant_coupon", "add_instant_coupon_items"]
