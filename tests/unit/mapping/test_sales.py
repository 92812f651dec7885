"""Invoices and credit notes: header, lines, tax, voids."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.connectors.base import Operation
from engine.core.records import EXISTS, VOID, Kind, Replica, Scalar
from engine.errors import MappingError, MissingReference
from engine.mapping.base import Picture
from engine.mapping.registry import MAPPINGS
from tests.unit.mapping.desk import SETTINGS, Desk, full_desk, quickbooks, scoro, stored
from tests.unit.mapping.samples import quickbooks_invoice, scoro_invoice

INVOICE = Kind.INVOICE

State = dict[str, Scalar]


@pytest.fixture
def desk() -> Desk:
    return full_desk()


def simple(**more: Scalar) -> State:
    """An invoice with one line: 3 × 100 less 7.5 %."""
    line: State = {
        "lines/a": True,
        "lines/a/line_type": "item",
        "lines/a/product": "design",
        "lines/a/quantity": "3",
        "lines/a/unit_price": "100",
        "lines/a/discount": "7.5",
        "lines/a/tax": "vat20",
    }
    return {EXISTS: True, "contact": "acme", "currency": "EUR", "date": "2026-03-02", **line, **more}


def first_line(body: dict[str, Any]) -> dict[str, Any]:
    line = body["Line"][0]
    return {**line, **line[line["DetailType"]]}


def two_lines(second_tax: str) -> State:
    """The simple invoice with a second line of 5 at another rate."""
    line: State = {"line_type": "item", "quantity": "1", "unit_price": "5", "tax": second_tax}
    return simple() | {"lines/b": True, **{f"lines/b/{name}": value for name, value in line.items()}}


def update(
    desk: Desk, picture: Picture, changes: State, replica: Replica = Replica.QUICKBOOKS, kind: Kind = INVOICE
) -> Any:
    """Write changes over what a replica holds."""
    return desk.write(
        kind,
        replica,
        {path: value for path, value in {**picture.state, **changes}.items() if value is not False},
        Operation.UPDATE,
        changed=changes,
        remote_id="1",
        line_ids=picture.line_ids,
        extras=picture.extras,
    )


# ---- reading


def test_both_systems_tell_the_same_invoice_the_same_way(desk: Desk) -> None:
    """Numbers, dates, references, a heading and a line discount: only what one side alone has differs."""
    here = desk.read(INVOICE, scoro("invoices", scoro_invoice(desk))).state
    there = desk.read(INVOICE, quickbooks("Invoice", quickbooks_invoice(desk)), here)
    renamed = {path.replace("lines/q", "lines/s90"): value for path, value in there.state.items()}
    assert set(here.items()) ^ set(renamed.items()) == {
        ("memo", "ask Mari"),
        ("project", "site"),
        ("lines/s901/account", "sales"),
    }


def test_totals_are_facts_and_never_part_of_the_state(desk: Desk) -> None:
    """What the remote computes is no edit (F29)."""
    here = desk.read(INVOICE, scoro("invoices", scoro_invoice(desk)))
    there = desk.read(INVOICE, quickbooks("Invoice", quickbooks_invoice(desk, Balance=1000)))
    wanted = {"total": "1533.00", "tax_total": "255.50", "net_total": "1277.50", "number": "1021", "sent": True}
    assert wanted.items() <= here.facts.items()
    assert wanted.items() <= there.facts.items()
    assert (there.facts["balance"], there.facts["paid"], here.facts["projects"]) == ("1000.00", "533.00", 1)
    paid = desk.read(INVOICE, quickbooks("Invoice", quickbooks_invoice(desk, Balance=0, LinkedTxn=[{"TxnId": "9"}])))
    assert paid.state == there.state


def test_an_invoice_with_several_projects_has_none(desk: Desk) -> None:
    """R19: two projects on its lines, none on the document, and the number of them as a fact."""
    data = scoro_invoice(desk, project_id=-1)
    data["lines"][2]["project_id"] = int(desk.id_of("shop", Replica.SCORO))
    picture = desk.read(INVOICE, scoro("invoices", data))
    assert "project" not in picture.state
    assert picture.facts["projects"] == 2
    payload = desk.write(INVOICE, Replica.QUICKBOOKS, picture.state, facts=picture.facts)
    assert "ProjectRef" not in payload.body
    assert "The document has 2 projects; in QuickBooks it belongs to none of them." in payload.notes


def test_a_customer_that_is_a_project_stands_for_its_client(desk: Desk) -> None:
    """Reference 11.3: a project is a customer row."""
    data = quickbooks_invoice(desk, CustomerRef={"value": desk.id_of("site")})
    state = desk.read(INVOICE, quickbooks("Invoice", data)).state
    assert (state["contact"], state["project"]) == ("acme", "site")
    body = desk.write(INVOICE, Replica.QUICKBOOKS, state).body
    assert body["CustomerRef"] == {"value": desk.id_of("acme", Replica.CUSTOMER)}
    assert body["ProjectRef"] == {"value": desk.id_of("site")}


def test_an_unknown_reference_names_itself(desk: Desk) -> None:
    """The engine reads it first and comes back."""
    with pytest.raises(MissingReference) as caught:
        desk.read(INVOICE, quickbooks("Invoice", quickbooks_invoice(desk, CustomerRef={"value": "4711"})))
    assert (caught.value.type, caught.value.id) == ("Customer", "4711")


def test_a_line_without_quantity_and_price_is_one_of_its_amount(desk: Desk) -> None:
    """QuickBooks lets a line have an amount alone."""
    data = quickbooks_invoice(desk)
    data["Line"] = [{"Id": "1", "Amount": 12.5, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}]
    state = desk.read(INVOICE, quickbooks("Invoice", data)).state
    assert (state["lines/q1/quantity"], state["lines/q1/unit_price"]) == ("1", "12.5")


def test_a_gross_price_is_told_net(desk: Desk) -> None:
    """An inclusive document shows gross prices and net amounts (reference 11.2)."""
    data = quickbooks_invoice(desk, GlobalTaxCalculation="TaxInclusive")
    detail = {"Qty": 3, "UnitPrice": 120, "TaxInclusiveAmt": 360, "TaxCodeRef": {"value": desk.id_of("vat20")}}
    data["Line"] = [{"Id": "1", "Amount": 300, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}]
    state = desk.read(INVOICE, quickbooks("Invoice", data)).state
    assert (state["lines/q1/quantity"], state["lines/q1/unit_price"]) == ("3", "100")
    assert state["amounts_include_tax"] is True
    line = first_line(desk.write(INVOICE, Replica.QUICKBOOKS, state).body)
    assert (line["Amount"], line["UnitPrice"], line["TaxInclusiveAmt"]) == (300, 100, 360)


def test_a_rate_on_the_whole_document_is_every_line_s(desk: Desk) -> None:
    """Scoro sites with one tax for the document (reference 4.4)."""
    data = scoro_invoice(desk)
    for line in data["lines"]:
        del line["vat_code_id"]
    state = desk.read(INVOICE, scoro("invoices", data)).state
    assert (state["lines/s901/tax"], state["lines/s903/tax"]) == ("vat20", "vat20")
    assert "lines/s902/tax" not in state


def test_three_discounts_are_one(desk: Desk) -> None:
    """10 % and then 20 % of the rest are 28 %."""
    data = scoro_invoice(desk, discount="10", discount2="20", discount3=None)
    assert desk.read(INVOICE, scoro("invoices", data)).state["discount"] == "28"


def test_a_discount_in_money_becomes_the_percentage_that_gives_it(desk: Desk) -> None:
    """With the fewest digits; the percentage known before stays while it gives the same."""
    data = quickbooks_invoice(desk)
    off = {"Id": "9", "Amount": 100, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": False}}
    data["Line"].append(off)
    first = desk.read(INVOICE, quickbooks("Invoice", data))
    assert first.state["discount"] == "7.828"
    known = {**first.state, "discount": "7.8278"}
    assert desk.read(INVOICE, quickbooks("Invoice", data), known).state["discount"] == "7.8278"


# ---- line keys


def test_new_lines_are_named_after_their_remote_ids(desk: Desk) -> None:
    """s for Scoro, q for QuickBooks."""
    here = desk.read(INVOICE, scoro("invoices", scoro_invoice(desk)))
    assert here.line_ids == {"901": "s901", "902": "s902", "903": "s903"}
    there = desk.read(INVOICE, quickbooks("Invoice", quickbooks_invoice(desk)))
    assert there.line_ids == {"1": "q1", "2": "q2", "3": "q3"}


def test_written_lines_are_recognised_in_the_receipt(desk: Desk) -> None:
    """A receipt read with what was written keeps the keys, even where the remote changed a figure."""
    state = simple() | {"lines/h": True, "lines/h/line_type": "heading", "lines/h/description": "Part"}
    record = stored(desk.write(INVOICE, Replica.QUICKBOOKS, state))
    record.data["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] = {"value": desk.id_of("vat9")}
    record.data["Line"][0]["Description"] = "by the remote"
    picture = desk.read(INVOICE, record, state)
    assert picture.line_ids == {"1": "a", "2": "h"}
    assert picture.state["lines/a/tax"] == "vat9"


def test_a_line_edited_by_hand_under_a_new_id_is_a_new_line(desk: Desk) -> None:
    """Other content, other id: removal and addition, not an edit."""
    first = desk.read(INVOICE, quickbooks("Invoice", quickbooks_invoice(desk)))
    data = quickbooks_invoice(desk)
    data["Line"][2] |= {"Id": "7", "Amount": 500, "Description": "Tables"}
    data["Line"][2]["SalesItemLineDetail"] |= {"UnitPrice": 500, "Qty": 1, "ItemRef": {"value": desk.id_of("design")}}
    again = desk.read(INVOICE, quickbooks("Invoice", data), first)
    assert "lines/q3" not in again.state
    assert again.state["lines/q7/unit_price"] == "500"


def test_the_order_of_lines_is_no_difference(desk: Desk) -> None:
    """Lines are known by their keys."""
    data = scoro_invoice(desk)
    first = desk.read(INVOICE, scoro("invoices", data))
    turned = scoro_invoice(desk, lines=list(reversed(data["lines"])))
    assert desk.read(INVOICE, scoro("invoices", turned), first).state == first.state


# ---- figures


def test_a_line_discount_is_taken_off_the_price_and_recognised(desk: Desk) -> None:
    """QuickBooks has no percentage per line; the pair survives while the amount is the same."""
    record = stored(desk.write(INVOICE, Replica.QUICKBOOKS, simple()))
    line = first_line(dict(record.data))
    assert (line["Qty"], str(line["UnitPrice"]), str(line["Amount"])) == (3, "92.5", "277.5")
    state = desk.read(INVOICE, record, simple()).state
    assert (state["lines/a/unit_price"], state["lines/a/discount"]) == ("100", "7.5")


def test_a_changed_quantity_keeps_price_and_discount(desk: Desk) -> None:
    """One edit in QuickBooks is one edit here."""
    record = stored(desk.write(INVOICE, Replica.QUICKBOOKS, simple()))
    record.data["Line"][0] |= {"Amount": 462.5}
    record.data["Line"][0]["SalesItemLineDetail"]["Qty"] = 5
    state = desk.read(INVOICE, record, simple()).state
    assert {path: state.get(path) for path, value in simple().items() if state.get(path) != value} == {
        "lines/a/quantity": "5"
    }


def test_a_changed_price_is_a_net_price(desk: Desk) -> None:
    """The discount is inside what a person typed."""
    record = stored(desk.write(INVOICE, Replica.QUICKBOOKS, simple()))
    record.data["Line"][0] |= {"Amount": 240}
    record.data["Line"][0]["SalesItemLineDetail"]["UnitPrice"] = 80
    state = desk.read(INVOICE, record, simple()).state
    assert (state["lines/a/unit_price"], state.get("lines/a/discount")) == ("80", None)


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "sent"),
    [
        ("3", "33.33", "10", ("3", "29.997", "89.99")),
        ("1", "0.005", "0", ("1", "0.005", "0.01")),
        ("7", "14.2857142857", "0", ("7", "14.2857142857", "100")),
        ("0", "50", "0", ("0", "50", "0")),
        ("-2", "10.01", "0", ("-2", "10.01", "-20.02")),
        ("123456.789", "98765.4321012345", "0.5", None),
    ],
)
def test_amount_is_always_quantity_times_price(
    desk: Desk, quantity: str, price: str, discount: str, sent: tuple[str, str, str] | None
) -> None:
    """Fault 6070: enough digits in the price, or one of the amount."""
    from decimal import ROUND_HALF_UP, Decimal

    state = simple() | {"lines/a/quantity": quantity, "lines/a/unit_price": price, "lines/a/discount": discount}
    line = first_line(desk.write(INVOICE, Replica.QUICKBOOKS, state).body)
    figures = [Decimal(str(line[key])) for key in ("Qty", "UnitPrice", "Amount")]
    assert (figures[0] * figures[1]).quantize(Decimal("0.01"), ROUND_HALF_UP) == figures[2]
    if sent:
        assert tuple(str(figure) for figure in figures) == sent


def test_a_discount_on_the_whole_is_a_line_of_its_own(desk: Desk) -> None:
    """Percent of the subtotal, with the id of the line that was there."""
    record = stored(desk.write(INVOICE, Replica.QUICKBOOKS, simple(discount="10")))
    assert record.data["Line"][-2]["DiscountLineDetail"] == {"PercentBased": True, "DiscountPercent": 10}
    picture = desk.read(INVOICE, record, simple(discount="10"))
    body = update(desk, picture, {"discount": "20"}).body
    assert body["Line"][-1] == {
        "Id": "2", "DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 20}
    }  # fmt: skip


# ---- writing


def test_a_header_edit_leaves_lines_and_date_alone(desk: Desk) -> None:
    """F31, F32: sparse, without Line, without TxnDate, without computed tax."""
    picture = desk.read(INVOICE, quickbooks("Invoice", quickbooks_invoice(desk)))
    assert update(desk, picture, {"due_date": "2026-04-01"}).body == {"sparse": True, "DueDate": "2026-04-01"}
    assert update(desk, picture, {"memo": False}).body == {"sparse": True, "PrivateNote": ""}


def test_an_edited_line_sends_all_lines_with_their_ids_and_what_is_not_ours(desk: Desk) -> None:
    """F31: ids, service date and links survive; the generated subtotal is never sent."""
    data = quickbooks_invoice(desk)
    data["Line"][0]["LinkedTxn"] = [{"TxnId": "31", "TxnType": "Estimate"}]
    picture = desk.read(INVOICE, quickbooks("Invoice", data))
    body = update(desk, picture, {"lines/q3/quantity": "4"}).body
    assert [line["Id"] for line in body["Line"]] == ["1", "2", "3"]
    assert body["Line"][0]["SalesItemLineDetail"]["ServiceDate"] == "2026-02-28"
    assert body["Line"][0]["LinkedTxn"] == [{"TxnId": "31", "TxnType": "Estimate"}]
    assert (body["Line"][2]["SalesItemLineDetail"]["Qty"], body["Line"][2]["Amount"]) == (4, 370)
    assert "ItemAccountRef" not in body["Line"][0]["SalesItemLineDetail"]
    assert "TxnDate" not in body
    assert "TxnTaxDetail" not in body


def test_a_removed_line_is_left_out_and_a_new_one_comes_last_without_an_id(desk: Desk) -> None:
    """Whole-array replacement: known lines in the remote's order."""
    picture = desk.read(INVOICE, quickbooks("Invoice", quickbooks_invoice(desk)))
    gone: State = {path: False for path in picture.state if path.startswith("lines/q1")}
    new: State = {path.replace("/a", "/s9"): value for path, value in simple().items() if path.startswith("lines/")}
    body = update(desk, picture, gone | new).body
    assert [line.get("Id") for line in body["Line"]] == ["2", "3", None]


def test_shipping_and_bundles_go_back_as_they_came(desk: Desk) -> None:
    """Lines of kinds we do not write are read, counted, and never lost."""
    tax = {"TaxCodeRef": {"value": desk.id_of("vat20")}}
    of_bundle = {"ItemRef": {"value": desk.id_of("chair")}, "Qty": 1, "UnitPrice": 30} | tax
    child = {"Id": "5", "Amount": 30, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": of_bundle}
    group = {"GroupItemRef": {"value": "77"}, "Quantity": 1, "Line": [child]}
    bundle = {"Id": "4", "Amount": 30, "DetailType": "GroupLineDetail", "GroupLineDetail": group}
    shipped = {"ItemRef": {"value": "SHIPPING_ITEM_ID"}} | tax
    shipping = {"Id": "6", "Amount": 5, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": shipped}
    data = quickbooks_invoice(desk)
    data["Line"][3:3] = [bundle, shipping]
    picture = desk.read(INVOICE, quickbooks("Invoice", data))
    assert picture.state["lines/q4.5/product"] == "chair"
    assert (picture.state["lines/q6/description"], picture.state["lines/q6/unit_price"]) == ("Shipping", "5")
    body = update(desk, picture, {"lines/q3/quantity": "4"}).body
    assert bundle in body["Line"]
    assert body["Line"][-1]["SalesItemLineDetail"]["ItemRef"] == {"value": "SHIPPING_ITEM_ID"}
    with pytest.raises(MappingError) as caught:
        update(desk, picture, {"lines/q4.5/quantity": "2"})
    assert caught.value.code == "bundle_line"


def test_lines_of_unknown_kinds_go_back_as_they_came(desk: Desk) -> None:
    """F31: an inline subtotal, and whatever QuickBooks invents next."""
    inline = {
        "Id": "8",
        "Description": "Subtotal: 1277.50",
        "DetailType": "DescriptionOnly",
        "DescriptionLineDetail": {},
    }
    novel = {"Id": "9", "Amount": 0, "DetailType": "NovelLineDetail", "NovelLineDetail": {"Why": "because"}}
    data = quickbooks_invoice(desk)
    data["Line"][3:3] = [inline, novel]
    picture = desk.read(INVOICE, quickbooks("Invoice", data))
    assert set(picture.line_ids) == {"1", "2", "3"}
    body = update(desk, picture, {"lines/q3/quantity": "4"}).body
    assert body["Line"][3:] == [inline, novel]


def test_lines_that_differ_in_tax_alone_are_told_apart_under_new_ids(desk: Desk) -> None:
    """The line that says exactly the same comes first, whatever the order."""
    twins: State = {
        path.replace("lines/a", "lines/b"): value for path, value in simple().items() if path.startswith("lines/")
    }
    state = simple() | twins | {"lines/b/tax": "vat9"}
    record = stored(desk.write(INVOICE, Replica.QUICKBOOKS, state))
    first = desk.read(INVOICE, record, state)
    lines = [{**line, "Id": f"9{line['Id']}"} for line in reversed(record.data["Line"][:2])]
    again = desk.read(INVOICE, quickbooks("Invoice", {**record.data, "Line": lines}), first)
    assert again.line_ids == {"92": "b", "91": "a"}
    assert again.state == first.state


def test_scoro_gets_the_header_as_a_patch_and_lines_as_a_whole(desk: Desk) -> None:
    """Reference 2.8: lines that are not sent are deleted."""
    picture = desk.read(INVOICE, scoro("invoices", scoro_invoice(desk)))
    assert update(desk, picture, {"due_date": "2026-04-01"}, Replica.SCORO).body == {"deadline": "2026-04-01"}
    body = update(desk, picture, {"lines/s903/quantity": "4"}, Replica.SCORO).body
    assert [line["id"] for line in body["lines"]] == [901, 902, 903]
    assert (body["lines"][0]["unit"], body["lines"][1]["product_id"], body["lines"][2]["amount"]) == ("h", -1, 4)


def test_a_number_with_letters_is_left_to_scoro(desk: Desk) -> None:
    """Digits only, and no leading zeros (reference 2.8)."""
    for number in ("INV-1043", "007"):
        payload = desk.write(INVOICE, Replica.SCORO, simple(number=number))
        assert "no" not in payload.body
        assert number in payload.notes[0]
    assert desk.write(INVOICE, Replica.SCORO, simple(number="1043")).body["no"] == "1043"


def test_a_number_that_quickbooks_cannot_take_is_left_to_it(desk: Desk) -> None:
    """Twenty-one characters; and none where QuickBooks numbers by itself (reference 3.10)."""
    long = desk.write(INVOICE, Replica.QUICKBOOKS, simple(number="1" * 22))
    assert "DocNumber" not in long.body
    assert long.notes
    assert desk.write(INVOICE, Replica.QUICKBOOKS, simple(number="1" * 21)).body["DocNumber"] == "1" * 21
    desk.settings = replace(SETTINGS, features={"custom_numbers": "false"})
    assert "DocNumber" not in desk.write(INVOICE, Replica.QUICKBOOKS, simple(number="1")).body


def test_a_foreign_invoice_takes_its_rate_along(desk: Desk) -> None:
    """ExchangeRate is home units for one of the document's (reference 11.1)."""
    body = desk.write(INVOICE, Replica.QUICKBOOKS, simple(currency="USD", exchange_rate="0.92")).body
    assert (body["CurrencyRef"], body["ExchangeRate"]) == ({"value": "USD"}, 0.92)
    assert "ExchangeRate" not in desk.write(INVOICE, Replica.QUICKBOOKS, simple()).body


def test_rates_of_two_base_currencies_are_not_mixed() -> None:
    """Scoro's rate is to its own base currency."""
    desk = full_desk(replace(SETTINGS, scoro_currency="USD"))
    data = scoro_invoice(desk, currency="EUR", currency_rate=1.1)
    assert "exchange_rate" not in desk.read(INVOICE, scoro("invoices", data)).state


def test_long_texts_are_shortened_with_a_note(desk: Desk) -> None:
    """Fault 2050, foreseen."""
    payload = desk.write(INVOICE, Replica.QUICKBOOKS, simple(message="x" * 1500))
    assert len(payload.body["CustomerMemo"]["value"]) == 1000
    assert any("1000 characters" in note for note in payload.notes)


def test_a_class_goes_along_only_where_lines_have_classes(desk: Desk) -> None:
    """R24."""
    state = simple() | {"lines/a/class": "north"}
    assert first_line(desk.write(INVOICE, Replica.QUICKBOOKS, state).body)["ClassRef"] == {"value": desk.id_of("north")}
    desk.settings = replace(SETTINGS, features={"classes_per_line": "false"})
    assert "ClassRef" not in first_line(desk.write(INVOICE, Replica.QUICKBOOKS, state).body)


def test_a_line_without_a_product_is_told(desk: Desk) -> None:
    """QuickBooks books it on its default product."""
    state = {path: value for path, value in simple().items() if path != "lines/a/product"}
    payload = desk.write(INVOICE, Replica.QUICKBOOKS, state)
    assert "ItemRef" not in first_line(payload.body)
    assert any("default product" in note for note in payload.notes)
    desk.settings = replace(SETTINGS, features={"default_item": desk.id_of("chair")})
    named = desk.write(INVOICE, Replica.QUICKBOOKS, state)
    assert first_line(named.body)["ItemRef"] == {"value": desk.id_of("chair")}
    assert "lines/a/product" not in desk.read(INVOICE, stored(named), state).state
    assert desk.read(INVOICE, stored(named)).state["lines/q1/product"] == "chair"


def test_a_document_without_a_contact_is_blocked(desk: Desk) -> None:
    """Nobody to send it to; a create names it itself, not QuickBooks' fault 6560."""
    with pytest.raises(MappingError) as caught:
        desk.write(INVOICE, Replica.QUICKBOOKS, {path: value for path, value in simple().items() if path != "contact"})
    assert caught.value.code == "contact_missing"


# ---- tax


def test_where_every_line_needs_a_rate_a_line_without_one_blocks(desk: Desk) -> None:
    """The sentence names the line (fault 6000 "…rate…", foreseen)."""
    state = {path: value for path, value in simple().items() if path != "lines/a/tax"} | {
        "lines/a/description": "Hours"
    }
    with pytest.raises(MappingError) as caught:
        desk.write(INVOICE, Replica.QUICKBOOKS, state)
    assert (caught.value.code, "Hours" in caught.value.message) == ("tax_missing", True)


def test_an_old_rate_blocks_with_its_own_code(desk: Desk) -> None:
    """R5: it goes by itself once the rate on the document is changed."""
    desk.states["old"] = {"rate": "18"}
    with pytest.raises(MappingError) as caught:
        desk.write(INVOICE, Replica.QUICKBOOKS, simple() | {"lines/a/tax": "old"})
    assert caught.value.code == "tax_not_mapped"


def test_a_document_made_without_tax_stays_so(desk: Desk) -> None:
    """NotApplicable in QuickBooks, and no code on any line."""
    data = quickbooks_invoice(desk, GlobalTaxCalculation="NotApplicable")
    for line in data["Line"]:
        line.get("SalesItemLineDetail", {}).pop("TaxCodeRef", None)
    picture = desk.read(INVOICE, quickbooks("Invoice", data))
    body = update(desk, picture, {"lines/q3/quantity": "4"}).body
    assert body["GlobalTaxCalculation"] == "NotApplicable"


@pytest.mark.parametrize(("model", "document"), [("us_manual", True), ("us_automated", False)])
def test_us_lines_are_taxed_or_not(model: str, document: bool) -> None:
    """TAX and NON per line; the rate stands on the document where QuickBooks does not compute it."""
    desk = full_desk(replace(SETTINGS, tax_model=model))
    state = two_lines("vat0")
    body = desk.write(INVOICE, Replica.QUICKBOOKS, state).body
    codes = [line["SalesItemLineDetail"]["TaxCodeRef"]["value"] for line in body["Line"]]
    assert codes == ["TAX", "NON"]
    assert body.get("TxnTaxDetail") == ({"TxnTaxCodeRef": {"value": desk.id_of("vat20")}} if document else None)
    assert "GlobalTaxCalculation" not in body


def test_us_documents_are_read_with_the_document_s_rate() -> None:
    """A taxed line has the document's code; an untaxed one keeps the zero rate it was known by."""
    desk = full_desk(replace(SETTINGS, tax_model="us_automated"))
    state = two_lines("vat0")
    record = stored(desk.write(INVOICE, Replica.QUICKBOOKS, state))
    computed = {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": desk.id_of("vat20")}, "TotalTax": 55.5}}
    record = quickbooks("Invoice", {**record.data, **computed})
    read = desk.read(INVOICE, record, state).state
    assert (read["lines/a/tax"], read["lines/b/tax"]) == ("vat20", "vat0")
    assert "lines/q2/tax" not in desk.read(INVOICE, record).state


def test_a_taxed_line_of_a_document_without_a_rate_keeps_the_one_it_was_known_by() -> None:
    """Where there is nothing to tax QuickBooks names no code; the bare mark has no rate of its own."""
    desk = full_desk(replace(SETTINGS, tax_model="us_automated"))
    desk.states["taxed"], desk.types["TaxCode", "TAX"] = {}, "taxed"
    record = stored(desk.write(INVOICE, Replica.QUICKBOOKS, simple()))
    assert desk.read(INVOICE, record, simple()).state["lines/a/tax"] == "vat20"
    assert desk.read(INVOICE, record).state["lines/q1/tax"] == "taxed"


def test_us_lines_with_two_rates_cannot_be_told() -> None:
    """One code per document in the US."""
    desk = full_desk(replace(SETTINGS, tax_model="us_manual"))
    state = two_lines("vat9")
    with pytest.raises(MappingError) as caught:
        desk.write(INVOICE, Replica.QUICKBOOKS, state)
    assert caught.value.code == "several_tax_rates"


# ---- void and delete


def test_a_void_is_one_edit_and_not_a_change_of_all_lines(desk: Desk) -> None:
    """Total zero and the note: @void, with everything else as it was."""
    before = desk.read(INVOICE, quickbooks("Invoice", quickbooks_invoice(desk)))
    data = quickbooks_invoice(desk, TotalAmt=0, Balance=0, PrivateNote="Voided - ask Mari")
    for line in data["Line"]:
        line["Amount"] = 0
    after = desk.read(INVOICE, quickbooks("Invoice", data), before)
    assert after.state == {**before.state, VOID: True}
    assert desk.read(INVOICE, quickbooks("Invoice", {**data, "TotalAmt": 5}), before).state.get(VOID) is None


def test_scoro_voids_with_zero_amounts_and_the_same_note(desk: Desk) -> None:
    """Scoro has no void; reading tells it back."""
    before = desk.read(INVOICE, scoro("invoices", scoro_invoice(desk)))
    payload = desk.write(
        INVOICE, Replica.SCORO, {**before.state, VOID: True}, Operation.VOID, changed=[VOID], line_ids=before.line_ids
    )
    assert (payload.operation, payload.body["description"]) == (Operation.UPDATE, "Voided - Thank you!")
    assert all(line.get("amount", 0) == 0 for line in payload.body["lines"])
    held = stored(payload, scoro("invoices", scoro_invoice(desk)))
    assert desk.read(INVOICE, held, before).state == {**before.state, VOID: True}


def test_what_somebody_changes_in_a_voided_scoro_document_is_an_edit(desk: Desk) -> None:
    """Only the amounts that a void takes to zero, and its mark, are not: another price or message is kept and told."""
    before = desk.read(INVOICE, scoro("invoices", scoro_invoice(desk)))
    data = scoro_invoice(desk, sum=0, vat_sum=0, description="Voided - Sorry!")
    for line in data["lines"]:
        line["amount"] = 0
    data["lines"][0]["price"] = 56
    after = desk.read(INVOICE, scoro("invoices", data), before)
    edited = {"message": "Sorry!", "lines/s901/unit_price": "56", VOID: True}
    assert after.state == {**before.state, **edited}


@pytest.mark.parametrize("replica", [Replica.SCORO, Replica.QUICKBOOKS])
def test_document_that_lives_again_loses_the_note_of_its_void(desk: Desk, replica: Replica) -> None:
    """A note that nobody wrote is not left on it, and so is nobody's edit either."""
    state = desk.read(INVOICE, scoro("invoices", scoro_invoice(desk, description=""))).state
    body = desk.write(INVOICE, replica, state, Operation.UPDATE, changed=[VOID]).body
    assert body["description" if replica is Replica.SCORO else "PrivateNote"] == ""


def test_removals_are_bare(desk: Desk) -> None:
    """Id and fence are added by the connector."""
    for replica, type in ((Replica.SCORO, "invoices"), (Replica.QUICKBOOKS, "Invoice")):
        payload = desk.write(INVOICE, replica, {}, Operation.DELETE)
        assert (payload.type, payload.operation, payload.body) == (type, Operation.DELETE, {})
    assert desk.write(INVOICE, Replica.QUICKBOOKS, {}, Operation.VOID).operation is Operation.VOID


# ---- credit notes


def test_a_credit_note_is_negative_in_scoro_and_positive_in_quickbooks(desk: Desk) -> None:
    """R18: one sign in the canonical form, three in the world."""
    credited = int(desk.id_of("inv1", Replica.SCORO))
    data = scoro_invoice(desk, credited_invoices=[credited], sum=-1277.5, vat_sum=-255.5)
    data["lines"][0]["amount"] = -10
    data["lines"][2] |= {"price": "-100.00"}
    picture = desk.read(Kind.CREDIT_NOTE, scoro("invoices", data))
    assert picture.state["credits"] == "inv1"
    assert (picture.state["lines/s901/quantity"], picture.state["lines/s903/unit_price"]) == ("10", "100")
    assert (picture.facts["total"], picture.facts["tax_total"]) == ("1533.00", "255.50")
    memo = desk.write(Kind.CREDIT_NOTE, Replica.QUICKBOOKS, picture.state).body
    assert [line["Amount"] for line in memo["Line"] if "Amount" in line] == [1000, 277.5]
    assert "DueDate" not in memo
    body = desk.write(Kind.CREDIT_NOTE, Replica.SCORO, picture.state).body
    assert body["credited_invoices"] == [credited]
    assert [line["amount"] for line in body["lines"] if "amount" in line] == [-10, -3]


def test_a_foreign_credit_without_a_rate_is_blocked(desk: Desk) -> None:
    """QuickBooks would book it at 1 (reference 11.1)."""
    with pytest.raises(MappingError) as caught:
        desk.write(Kind.CREDIT_NOTE, Replica.QUICKBOOKS, simple(currency="USD", credits="inv1"))
    assert caught.value.code == "exchange_rate_missing"


def test_a_credit_memo_of_no_invoice_cannot_be_a_credit_invoice(desk: Desk) -> None:
    """Scoro knows credit invoices for invoices only."""
    with pytest.raises(MappingError) as caught:
        desk.write(Kind.CREDIT_NOTE, Replica.SCORO, simple())
    assert caught.value.code == "credit_without_invoice"


# ---- lists


def test_an_invoice_tells_its_title_amount_and_references(desk: Desk) -> None:
    """For lists and brakes."""
    mapping = MAPPINGS[INVOICE]
    state = simple(number="7", project="site")
    assert mapping.title(state) == "7 · 2026-03-02"
    assert mapping.amount(state) == ("277.50", "EUR")
    assert mapping.references(state) == {"acme", "site", "design", "vat20"}
    by_day = ("contact_date_total", "acme|2026-03-02|277.50|EUR")
    assert mapping.keys(state) == (("number_total", "7|277.50|EUR"), by_day)
    assert mapping.keys(simple()) == (by_day,)
