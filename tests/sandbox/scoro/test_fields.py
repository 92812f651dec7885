"""Types on the wire, stamps, patches and lines (reference 1.4, 1.7, 2.8)."""

from __future__ import annotations

import pytest


def test_booleans_are_0_and_1_and_many_forms_are_read(scoro):
    """1.4: booleans are integers on the wire."""
    for sent in (1, "1", True, "true"):
        contact = scoro.contact(is_supplier=sent)
        assert contact["is_supplier"] == 1
        assert type(contact["is_supplier"]) is int
    assert scoro.contact(is_supplier="0")["is_deleted"] == 0


@pytest.mark.parametrize(
    ("style", "price", "total"), [("mixed", "99.5", 199), ("number", 99.5, 199), ("text", "99.5", "199.00")]
)
def test_money_is_a_number_or_a_text(scoro, style, price, total):
    """1.4: money fields arrive as numbers or numeric strings."""
    scoro.switch(money_style=style)
    invoice = scoro.invoice(lines=[{"comment": "Work", "price": "99.50", "amount": 2}])
    assert invoice["lines"][0]["price"] in (price, f"{price}0")
    assert (invoice["sum"], type(invoice["sum"])) == (total, type(total))


def test_texts_carry_html_entities_and_survive_a_round_trip(scoro):
    """1.4: text fields may carry HTML entities; sending one back does not double it."""
    contact = scoro.contact(name="Tamm & Sons")
    assert contact["name"] == "Tamm &amp; Sons"
    again = scoro.ok(f"contacts/modify/{contact['contact_id']}", {"name": contact["name"]})
    assert again["name"] == "Tamm &amp; Sons"
    scoro.switch(html_entities=False)
    assert scoro.ok(f"contacts/view/{contact['contact_id']}")["name"] == "Tamm & Sons"


def test_empty_map_is_an_empty_list(scoro):
    """1.4: "none" is `[]` where a map would be."""
    contact = scoro.contact()
    assert contact["means_of_contact"] == []
    scoro.switch(empty_map_is_list=False)
    assert scoro.ok(f"contacts/view/{contact['contact_id']}")["means_of_contact"] == {}


def test_invoice_stamps_are_naive_in_the_zone_of_the_site(scoro):
    """1.7: `YYYY-MM-DD HH:MM:SS` without a zone, one second of resolution."""
    scoro.clock.set("2026-11-02T09:00:00.750+00:00")
    invoice = scoro.invoice()
    assert invoice["modified_date"] == invoice["created_date"] == "2026-11-02 04:00:00"


def test_contact_stamps_are_iso_with_offset(scoro):
    """1.7."""
    assert scoro.contact()["modified_date"] == "2026-11-02T04:00:00-05:00"


@pytest.mark.parametrize(("style", "stamp"), [("naive", "2026-11-02 04:00:00"), ("iso", "2026-11-02T04:00:00-05:00")])
def test_stamps_of_products_are_unstated(scoro, style, stamp):
    """1.7: for products, accounts and profiles the format is not stated; both are possible."""
    scoro.switch(unstated_stamps=style)
    assert scoro.ok("products/modify", {"name": "Poster"})["modified_date"] == stamp


def test_daylight_saving_moves_naive_stamps(make_scoro):
    """1.7: the same wall-clock time stands for two moments in the fold hour."""
    scoro = make_scoro(profile="uk")
    stamps = []
    for moment in ("2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"):
        scoro.clock.set(moment)
        stamps.append(scoro.invoice()["modified_date"])
    assert stamps == ["2026-10-25 01:30:00", "2026-10-25 01:30:00"]


def test_key_names_differ_by_module(scoro):
    """1.4: `contact_id`, `product_id`, `project_id`, `vat_code_id`, `object_id` versus plain `id`."""
    keys = {
        "contacts": "contact_id", "products": "product_id", "projects": "project_id", "vatCodes": "vat_code_id",
        "financeObjects": "object_id", "financeAccounts": "id", "invoices": "id", "bills": "id",
        "clientProfiles": "id", "receipts": "id",
    }  # fmt: skip
    for path, key in keys.items():
        assert next(iter(scoro.ok(f"{path}/list", per_page=1)[0])) == key, path


def test_lines_are_null_in_lists_and_there_in_detail(scoro):
    """2.8: null in a plain list, an array in view, detailed list and modify."""
    assert scoro.ok("invoices/list", per_page=1)[0]["lines"] is None
    assert scoro.ok("invoices/list", per_page=1, detailed_response="1")[0]["lines"]
    assert scoro.ok("invoices/view/1")["lines"]
    assert scoro.invoice()["lines"]


def test_custom_fields_are_only_in_detail(scoro):
    """2.1: view or detailed only, with name and type; written as id and value; what the module does not have is ignored."""
    assert "custom_fields" not in scoro.ok("contacts/list", per_page=1)[0]
    value = {"id": "c_ponumber", "value": "PO 7"}
    invoice = scoro.invoice(custom_fields=[value, {"id": "c_other", "value": "x"}])
    shown = [value | {"name": "Purchase order", "type": "text"}]
    assert scoro.ok(f"invoices/view/{invoice['id']}")["custom_fields"] == shown
    assert scoro.contact(custom_fields=[value])["custom_fields"] == []


def test_header_is_patched(scoro):
    """2.8: only the keys that are sent change."""
    invoice = scoro.invoice(description="First")
    changed = scoro.ok(f"invoices/modify/{invoice['id']}", {"description": "Second"})
    for name in ("company_id", "date", "deadline", "lines", "no", "sum", "vat_sum"):
        assert changed[name] == invoice[name], name
    assert changed["description"] == "Second"


def test_lines_are_replaced_as_a_whole(scoro):
    """2.8: a line that is not sent is gone, one sent with its id keeps it, one without id gets a new one."""
    lines = [{"comment": name, "price": 10, "amount": 1} for name in ("a", "b")]
    invoice = scoro.invoice(lines=lines)
    kept = invoice["lines"][1]["id"]
    sent = [{"id": kept, "comment": "b", "price": 12, "amount": 1}, {"comment": "c", "price": 1, "amount": 1}]
    changed = scoro.ok(f"invoices/modify/{invoice['id']}", {"lines": sent})
    assert [line["comment"] for line in changed["lines"]] == ["b", "c"]
    assert changed["lines"][0]["id"] == kept
    assert changed["lines"][1]["id"] not in {line["id"] for line in invoice["lines"]}
    assert changed["sum"] == 13


def test_line_id_of_another_invoice_is_not_taken_over(scoro):
    """2.8: only the document's own line ids are identities."""
    first, second = scoro.invoice(), scoro.invoice()
    sent = [{"id": first["lines"][0]["id"], "comment": "x", "price": 1, "amount": 1}]
    changed = scoro.ok(f"invoices/modify/{second['id']}", {"lines": sent})
    assert changed["lines"][0]["id"] != first["lines"][0]["id"]


def test_read_only_and_unknown_fields_are_ignored(scoro):
    """2.8, 2.9: sums and status are derived; there is no receipt_sum."""
    invoice = scoro.invoice(sum=5, vat_sum=5, status="paid", receipt_sum=3, search_name="x")
    assert (invoice["sum"], invoice["status"]) == (200, "unpaid")
    assert "receipt_sum" not in invoice
    fixed = {"is_deleted": 1, "account_id": "x", "generation_type": "automated", "created_date": "2020-01-01"}
    after = scoro.ok(f"invoices/modify/{invoice['id']}", fixed)
    assert {name: after[name] for name in fixed} == {name: invoice[name] for name in fixed}


def test_malformed_values_are_refused(scoro):
    """1.5: a malformed parameter is 400."""
    assert scoro.refused("invoices/modify/1", {"date": "2.3.2026"})[0] == 400
    assert scoro.refused("invoices/modify/1", {"company_id": "abc"})[0] == 400
    assert scoro.refused("invoices/modify/1", {"lines": [{"price": "a", "amount": 1}]})[0] == 400


def test_references_must_exist(scoro):
    """2.8: contacts, products, rates, accounts and projects that a document points at."""
    for name in ("company_id", "person_id", "project_id"):
        assert scoro.refused("invoices/modify/1", {name: 9999})[0] == 400, name
    for name in ("product_id", "vat_code_id", "finance_account_id", "finance_object_id"):
        line = {"comment": "x", "price": 1, "amount": 1, name: 9999}
        assert scoro.refused("invoices/modify/1", {"lines": [line]})[0] == 400, name


def test_heading_line_counts_nothing(scoro):
    """2.8: product_id -1 is a sub-heading."""
    lines = [
        {"product_id": -1, "comment": "Phase 1", "price": 5, "amount": 1},
        {"comment": "Work", "price": 10, "amount": 1},
    ]
    invoice = scoro.invoice(lines=lines)
    assert (invoice["lines"][0]["sum"], invoice["sum"]) == (0, 10)


def test_site_settings_hide_line_keys(scoro):
    """2.8: many keys exist only if the matching site setting is on."""
    assert "cost" not in scoro.ok("invoices/view/1")["lines"][0]
    scoro.switch(finance_accounts=False, margin=True)
    line = scoro.ok("invoices/view/1")["lines"][0]
    assert "finance_account_id" not in line
    assert "finance_account_symbol" not in line
    assert "cost" in line


def test_basic_data_shrinks_rows(scoro):
    """1.3."""
    row = scoro.ok("contacts/list", per_page=1, basic_data="1")[0]
    assert {"contact_id", "name"} <= set(row)
    assert "addresses" not in row


def test_return_data_0_does_not_echo(scoro):
    """1.3."""
    assert scoro.ok("products/modify", {"name": "Poster"}, return_data=0).keys() == {"product_id"}


def test_numbers_can_be_ints(scoro):
    """2.8: `no` is an int in the SDK, a text elsewhere."""
    assert scoro.ok("invoices/view/1")["no"] == "1001"
    scoro.switch(numbers_as_int=True)
    assert scoro.ok("invoices/view/1")["no"] == 1001


def test_bill_lines_carry_projects_and_project_minus_one(scoro):
    """2.8: -1 says that each line may have its own project."""
    lines = [{"comment": "x", "price": 1, "amount": 1, "project_id": project} for project in (1, 2)]
    bill = scoro.ok("bills/modify", {"company_id": 1, "project_id": -1, "lines": lines})
    assert bill["project_id"] == -1
    assert [line["project_id"] for line in bill["lines"]] == [1, 2]


def test_status_names_follow_the_language_of_the_request(scoro):
    """1.3, 2.14, 2.16: `lang` changes status names too; the status itself stays."""
    for lang, name in (("eng", "In progress"), ("est", "Töös"), ("fin", "In progress")):
        project = scoro.ok("projects/view/1", lang=lang)
        assert (project["status"], project["status_name"]) == ("inprogress", name)
        assert scoro.ok("projects/list", lang=lang, filter={"project_id": 1})[0]["status_name"] == name
        statuses = scoro.ok("statuses/list", lang=lang, filter={"status_id": "inprogress"})
        assert [row["status_name"] for row in statuses] == [name]


def test_quotes_and_orders_have_statuses_with_names(scoro):
    """2.14: `status_name`; unlike the status of invoices it is not derived."""
    sent = {"company_id": 1, "lines": [{"comment": "x", "price": 1, "amount": 1}]}
    for path in ("quotes", "orders"):
        assert scoro.ok(f"{path}/modify", sent)["status_name"] == "Pending"
        assert scoro.ok(f"{path}/modify", sent | {"status": "confirmed"}, lang="est")["status_name"] == "Kinnitatud"
    assert "status_name" not in scoro.ok("invoices/view/1")


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("contacts", {"name": "x", "sex": "X"}),
        ("products", {"name": "x", "default_type": "magic"}),
        ("projects", {"project_name": "x", "status": "sleeping"}),
        ("projects", {"project_name": "x", "budget_type": "huge"}),
        ("projects", {"project_name": "x", "project_type": "secret"}),
        ("invoices", {"company_id": 1, "payment_type": "gold", "lines": [{"comment": "x", "price": 1, "amount": 1}]}),
    ],
)
def test_listed_values_are_the_only_ones(scoro, path, wrong):
    """2.1, 2.3, 2.9, 2.16: fields with a fixed set of values."""
    assert scoro.refused(f"{path}/modify", wrong)[0] == 400


def test_additional_statuses_of_projects_are_taken(scoro):
    """2.16: additional1 to additional8."""
    assert scoro.ok("projects/modify/1", {"status": "additional8"})["status"] == "additional8"


def test_messages_may_be_told_by_field(scoro):
    """1.4: `{"error":{"user_id":["is required"]}}`."""
    scoro.switch(messages_style="by_field")
    answer = scoro.post("invoices/modify").json()
    assert answer["messages"] == {"error": {"company_id": ["is required"], "lines": ["is required"]}}


def test_what_is_in_no_table_is_not_answered(scoro):
    """2.6, 2.10, 2.18: the service's own notes stay with it."""
    prepayment = scoro.ok("prepayments/modify", {"company_id": 1, "lines": [{"comment": "x", "price": 1, "amount": 1}]})
    assert "paid_sum" not in prepayment
    assert scoro.ok("financeObjects/list")[0].keys() == {"object_id", "object_symbol", "name", "parent_group_name"}
    assert "creator" not in prepayment


def test_every_answer_to_a_user_carries_permissions(scoro):
    """1.2: results carry `permissions` arrays; the company's key sees none."""
    for path in ("contacts", "projects", "invoices", "bills"):
        assert scoro.as_user(f"{path}/list", per_page=1).json()["data"][0]["permissions"]
        assert "permissions" not in scoro.ok(f"{path}/list", per_page=1)[0]


def test_only_persons_have_related_companies(scoro):
    """2.1."""
    assert "related_companies" not in scoro.contact()
    related = [{"related_company_id": 1}]
    person = scoro.contact(contact_type="person", name="Mari", related_companies=related)
    assert person["related_companies"][0]["related_company_id"] == 1


def test_number_of_a_bill_is_always_a_text(scoro):
    """2.11."""
    scoro.switch(numbers_as_int=True)
    assert type(scoro.ok("bills/list", per_page=1)[0]["no"]) is str


@pytest.mark.parametrize("merges", [True, False])
def test_custom_fields_that_are_not_sent_stay_or_go(scoro, merges):
    """2.17: written one by one; the switch replaces them all."""
    for id in ("c_a", "c_b"):
        fields = {"name": id, "type": "text", "modules": ["contacts"]}
        row = scoro.person("create", module="customFields", fields=fields)
        core = scoro.app.extensions["sandbox"].core
        table = core.world.entity("northlight").table("customFields")
        table.put(table.get(row["id"]) | {"wire_id": id})
    scoro.switch(custom_fields_merged=merges)
    contact = scoro.contact(custom_fields=[{"id": "c_a", "value": 1}, {"id": "c_b", "value": 2}])
    sent = {"custom_fields": [{"id": "c_b", "value": 3}]}
    after = scoro.ok(f"contacts/modify/{contact['contact_id']}", sent)["custom_fields"]
    assert {each["id"]: each["value"] for each in after} == ({"c_a": 1, "c_b": 3} if merges else {"c_b": 3})


def test_phases_are_replaced_as_a_whole_and_listed(scoro):
    """2.8, 2.16: a client sends all phases again; those sent with their ids keep them."""
    phases = [{"title": "Draft", "start_date": "2026-11-02"}, {"title": "Print"}]
    project = scoro.ok("projects/modify", {"project_name": "P", "phases": phases})
    kept = project["phases"][1]
    path = f"projects/modify/{project['project_id']}"
    after = scoro.ok(path, {"phases": [kept, kept, {"title": "Ship"}]})["phases"]
    assert [phase["title"] for phase in after] == ["Print", "Print", "Ship"]
    assert after[0]["id"] == kept["id"]
    assert len({phase["id"] for phase in after}) == 3
    listed = scoro.ok("projectPhases/list", filter={"project_id": project["project_id"]})
    assert {row["id"] for row in listed} == {phase["id"] for phase in after}
    assert scoro.refused(path, {"phases": [{"start_date": "soon"}]})[0] == 400
    scoro.ok(f"projects/delete/{project['project_id']}")
    assert scoro.ok("projectPhases/list") == []


def test_line_id_that_is_sent_twice_is_kept_once(scoro):
    """2.8: an id is the identity of one line."""
    invoice = scoro.invoice()
    line = {"id": invoice["lines"][0]["id"], "comment": "x", "price": 1, "amount": 1}
    after = scoro.ok(f"invoices/modify/{invoice['id']}", {"lines": [line, line]})
    assert after["lines"][0]["id"] == line["id"] != after["lines"][1]["id"]
