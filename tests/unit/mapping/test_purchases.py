"""Bills and vendor credits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.connectors.base import Operation
from engine.core.records import EXISTS, Kind, Replica, Scalar
from engine.errors import MappingError, MissingReference
from engine.mapping.registry import MAPPINGS
from tests.unit.mapping.desk import SETTINGS, Desk, full_desk, quickbooks, scoro, stored
from tests.unit.mapping.samples import quickbooks_bill, scoro_bill

BILL = Kind.BILL

State = dict[str, Scalar]


@pytest.fixture
def desk() -> Desk:
    return full_desk()


def simple(**more: Scalar) -> State:
    """A bill with one line of 2 × 50 and no product."""
    line: State = {
        "lines/a": True,
        "lines/a/line_type": "item",
        "lines/a/description": "Train",
        "lines/a/quantity": "2",
        "lines/a/unit_price": "50",
        "lines/a/tax": "vat20",
    }
    return {EXISTS: True, "contact": "acme", "currency": "EUR", **line, **more}


def test_both_systems_tell_the_same_bill_the_same_way(desk: Desk) -> None:
    """R22: each line's project, beside the detail or as the line's customer; the vendor's number with letters."""
    here = desk.read(BILL, scoro("bills", scoro_bill(desk))).state
    there = desk.read(BILL, quickbooks("Bill", quickbooks_bill(desk))).state
    renamed = {path.replace("lines/q", "lines/s3"): value for path, value in there.items()}
    assert renamed == here
    assert (here["number"], here["lines/s31/project"], here["lines/s32/project"]) == ("S-9", "site", "shop")


def test_projects_of_lines_survive_both_ways(desk: Desk) -> None:
    """R22: ProjectRef on the line with the project's client as customer; −1 on the Scoro document."""
    state = desk.read(BILL, scoro("bills", scoro_bill(desk))).state
    body = desk.write(BILL, Replica.QUICKBOOKS, state).body
    assert [line["ProjectRef"]["value"] for line in body["Line"]] == [desk.id_of("site"), desk.id_of("shop")]
    customer = {"value": desk.id_of("acme", Replica.CUSTOMER)}
    assert body["Line"][0]["AccountBasedExpenseLineDetail"]["CustomerRef"] == customer
    back = desk.write(BILL, Replica.SCORO, state).body
    assert back["project_id"] == -1
    assert [line["project_id"] for line in back["lines"]] == [
        int(desk.id_of(name, Replica.SCORO)) for name in ("site", "shop")
    ]


def test_a_project_of_the_whole_bill_is_every_line_s(desk: Desk) -> None:
    """Scoro's header project, where lines have none of their own."""
    data = scoro_bill(desk, project_id=int(desk.id_of("site", Replica.SCORO)))
    for line in data["lines"]:
        line["project_id"] = 0
    state = desk.read(BILL, scoro("bills", data)).state
    assert (state["lines/s31/project"], state["lines/s32/project"]) == ("site", "site")


def test_a_billable_mark_and_its_customer_are_carried_back(desk: Desk) -> None:
    """F31: what we do not map stays with its line."""
    data = quickbooks_bill(desk)
    detail = data["Line"][0]["AccountBasedExpenseLineDetail"]
    del data["Line"][0]["ProjectRef"]
    detail["BillableStatus"] = "Billable"
    picture = desk.read(BILL, quickbooks("Bill", data))
    assert "lines/q1/project" not in picture.state
    body = desk.write(
        BILL, Replica.QUICKBOOKS, picture.state | {"lines/q2/quantity": "5"}, Operation.UPDATE,
        changed=["lines/q2/quantity"], line_ids=picture.line_ids, extras=picture.extras,
    ).body  # fmt: skip
    sent = body["Line"][0]["AccountBasedExpenseLineDetail"]
    assert (sent["BillableStatus"], sent["CustomerRef"]) == ("Billable", detail["CustomerRef"])


def test_a_line_s_own_account_comes_before_the_default_one(desk: Desk) -> None:
    """R42: used where a line has neither product nor account."""
    plain = desk.write(BILL, Replica.QUICKBOOKS, simple()).body["Line"][0]
    assert plain["AccountBasedExpenseLineDetail"]["AccountRef"] == {"value": desk.id_of("costs")}
    own = desk.write(BILL, Replica.QUICKBOOKS, simple() | {"lines/a/account": "travel"}).body["Line"][0]
    assert own["AccountBasedExpenseLineDetail"]["AccountRef"] == {"value": desk.id_of("travel")}
    assert "Qty" not in own["AccountBasedExpenseLineDetail"]
    product = desk.write(BILL, Replica.QUICKBOOKS, simple() | {"lines/a/product": "chair"}).body["Line"][0]
    assert product["ItemBasedExpenseLineDetail"]["ItemRef"] == {"value": desk.id_of("chair")}


def test_without_any_account_the_line_blocks(desk: Desk) -> None:
    """R42: the sentence names the line."""
    desk.settings = replace(SETTINGS, default_expense_account="")
    with pytest.raises(MappingError) as caught:
        desk.write(BILL, Replica.QUICKBOOKS, simple())
    assert (caught.value.code, "Train" in caught.value.message) == ("line_without_account", True)


def test_a_line_by_account_keeps_its_quantity_while_it_costs_the_same(desk: Desk) -> None:
    """Lines by account have an amount alone."""
    record = stored(desk.write(BILL, Replica.QUICKBOOKS, simple()))
    assert desk.read(BILL, record, simple() | {"lines/a/account": "costs"}).state["lines/a/quantity"] == "2"
    record.data["Line"][0]["Amount"] = 120
    state = desk.read(BILL, record, simple()).state
    assert (state["lines/a/quantity"], state["lines/a/unit_price"]) == ("1", "120")


def test_a_discount_on_the_whole_bill_is_inside_its_prices(desk: Desk) -> None:
    """Bills have no discount line; the pair survives while every line costs the same."""
    state = simple(discount="10") | {"lines/a/product": "chair"}
    record = stored(desk.write(BILL, Replica.QUICKBOOKS, state))
    line = record.data["Line"][0]
    assert (str(line["Amount"]), str(line["ItemBasedExpenseLineDetail"]["UnitPrice"])) == ("90", "45")
    assert desk.read(BILL, record, state).state == state


def test_after_an_edit_in_quickbooks_all_prices_are_net_and_the_discount_is_gone(desk: Desk) -> None:
    """A price typed there has no discount inside; the total stays what QuickBooks says."""
    second: State = {
        path.replace("lines/a", "lines/b"): value for path, value in simple().items() if path.startswith("lines/")
    }
    state = simple(discount="10") | second | {"lines/a/product": "chair", "lines/b/product": "design"}
    record = stored(desk.write(BILL, Replica.QUICKBOOKS, state))
    record.data["Line"][1] |= {"Amount": 80}
    record.data["Line"][1]["ItemBasedExpenseLineDetail"]["UnitPrice"] = 40
    read = desk.read(BILL, record, state).state
    assert "discount" not in read
    assert (read["lines/a/unit_price"], read["lines/b/unit_price"]) == ("45", "40")


@pytest.mark.parametrize(
    ("no", "reference_no", "number", "reference"),
    [("55", "S-9", "S-9", None), ("55", "", "55", None), ("55", "1234567", "55", "1234567"), ("", "S-9", "S-9", None)],
)
def test_a_vendor_s_number_is_the_one_with_letters(
    desk: Desk, no: str, reference_no: str, number: str, reference: str | None
) -> None:
    """Scoro's own number has digits only; a reference of digits is a payment reference."""
    state = desk.read(BILL, scoro("bills", scoro_bill(desk, no=no, reference_no=reference_no))).state
    assert (state["number"], state.get("reference")) == (number, reference)


def test_the_vendor_s_number_finds_its_place_in_scoro(desk: Desk) -> None:
    """Letters go to the reference, digits to the number."""
    letters = desk.write(BILL, Replica.SCORO, simple(number="S-9")).body
    assert (letters.get("no"), letters["reference_no"]) == (None, "S-9")
    digits = desk.write(BILL, Replica.SCORO, simple(number="55")).body
    assert (digits["no"], "reference_no" in digits) == ("55", False)


def test_a_paid_scoro_bill_says_so_in_its_facts(desk: Desk) -> None:
    """Scoro tells no paid amount of bills (reference 2.11)."""
    facts = desk.read(BILL, scoro("bills", scoro_bill(desk, status="paid"))).facts
    assert (facts["total"], facts["paid"], facts["balance"]) == ("120.00", "120.00", "0.00")


def test_a_vendor_credit_is_a_bill_below_zero(desk: Desk) -> None:
    """Signs are turned in Scoro only."""
    data = scoro_bill(desk, sum=-100, vat_sum=-20)
    for line in data["lines"]:
        line["amount"] = -line["amount"]
    state = desk.read(Kind.VENDOR_CREDIT, scoro("bills", data)).state
    assert (state["lines/s31/quantity"], state["lines/s32/quantity"]) == ("1", "4")
    body = desk.write(Kind.VENDOR_CREDIT, Replica.QUICKBOOKS, state).body
    assert [line["Amount"] for line in body["Line"]] == [60, 40]
    assert [line["amount"] for line in desk.write(Kind.VENDOR_CREDIT, Replica.SCORO, state).body["lines"]] == [-1, -4]


def test_bills_cannot_be_voided_over_the_interface(desk: Desk) -> None:
    """Reference 3.0: no V for bills and credits."""
    for kind in (BILL, Kind.VENDOR_CREDIT, Kind.CREDIT_NOTE):
        with pytest.raises(MappingError) as caught:
            desk.write(kind, Replica.QUICKBOOKS, simple(), Operation.VOID)
        assert caught.value.code == "void_not_possible"


def test_sub_headings_of_a_bill_stay_in_scoro_and_are_not_forgotten(desk: Desk) -> None:
    """QuickBooks' bills have lines with amounts only."""
    state = simple() | {"lines/h": True, "lines/h/line_type": "heading", "lines/h/description": "Trip"}
    payload = desk.write(BILL, Replica.QUICKBOOKS, state)
    assert len(payload.body["Line"]) == 1
    assert any("sub-headings" in note for note in payload.notes)
    read = desk.read(BILL, stored(payload), state).state
    assert (read["lines/h"], read["lines/h/description"]) == (True, "Trip")
    with pytest.raises(MappingError) as caught:
        desk.write(
            BILL, Replica.QUICKBOOKS, {path: value for path, value in state.items() if not path.startswith("lines/a")}
        )
    assert caught.value.code == "no_lines"


def test_a_project_nobody_could_read_stays_on_its_line(desk: Desk) -> None:
    """The project API's own ids are borne by no customer row: left out when asked to, and never lost (F31)."""
    data = quickbooks_bill(desk)
    data["Line"][0]["ProjectRef"] = {"value": "39298034"}
    record = quickbooks("Bill", data)
    with pytest.raises(MissingReference):
        desk.read(BILL, record)
    picture = MAPPINGS[BILL].read["Bill"](record, replace(desk.reading(), lenient=True))
    assert "lines/q1/project" not in picture.state
    body = desk.write(
        BILL, Replica.QUICKBOOKS, picture.state | {"lines/q2/quantity": "5"}, Operation.UPDATE,
        changed=["lines/q2/quantity"], line_ids=picture.line_ids, extras=picture.extras,
    ).body  # fmt: skip
    assert body["Line"][0]["ProjectRef"] == {"value": "39298034"}


def test_a_line_taken_off_its_project_is_off_it(desk: Desk) -> None:
    """R22: neither the project nor the customer that stood for it is sent back."""
    picture = desk.read(BILL, quickbooks("Bill", quickbooks_bill(desk)))
    state = {path: value for path, value in picture.state.items() if not path.endswith("/project")}
    body = desk.write(
        BILL, Replica.QUICKBOOKS, state, Operation.UPDATE,
        changed=["lines/q1/project", "lines/q2/project"], line_ids=picture.line_ids, extras=picture.extras,
    ).body  # fmt: skip
    for line in body["Line"]:
        assert "ProjectRef" not in line
        assert not {"CustomerRef", "BillableStatus"} & set(line[line["DetailType"]])
