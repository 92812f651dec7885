"""Pages, filters and deletions in lists (reference 1.3 and 3)."""

from __future__ import annotations

import pytest


@pytest.fixture
def many(scoro):
    """130 invoices and more."""
    for number in range(130):
        scoro.invoice(description=f"{number}")
    return scoro


def ids(rows):
    return [row["id"] for row in rows]


def test_pages_hold_50_by_default_and_at_most_100(many):
    """1.3: hard cap 100 whatever is asked."""
    assert len(many.ok("invoices/list")) == 50
    assert len(many.ok("invoices/list", per_page=500)) == 100


def test_detailed_pages_hold_at_most_25(many):
    """1.3: detailed_response caps the page at 25 regardless of per_page."""
    for value in (True, "1", 1):
        assert len(many.ok("invoices/list", per_page=100, detailed_response=value)) == 25


@pytest.mark.parametrize(("by_asked", "start"), [(False, 25), (True, 50)])
def test_offset_of_detailed_pages(many, by_asked, start):
    """Q7: the server clamps first; the other reading counts pages as they were asked for."""
    many.switch(detailed_offset_by_asked=by_asked)
    everything = ids(many.all("invoices"))
    second = ids(many.ok("invoices/list", page=2, per_page=50, detailed_response=True))
    assert second == everything[start : start + 25]


def test_walk_ends_with_a_short_page_and_no_totals(many):
    """1.4: no pagination metadata; the walk ends with a page shorter than the effective size."""
    body = many.post("invoices/list", per_page=100, page=99).json()
    assert body["data"] == []
    assert body.keys() == {"status", "statusCode", "messages", "data"}
    everything = ids(many.all("invoices"))
    assert len(everything) == len(set(everything))


@pytest.mark.parametrize(("order", "reverse"), [("id_desc", True), ("id_asc", False)])
def test_default_order(scoro, order, reverse):
    """Q6: by id descending."""
    scoro.switch(order=order)
    found = ids(scoro.ok("invoices/list"))
    assert found == sorted(found, reverse=reverse)


def test_order_by_modification(scoro):
    """Q6: the other plausible order."""
    scoro.switch(order="modified_desc")
    scoro.ok("invoices/modify/7", {"description": "now"})
    assert ids(scoro.ok("invoices/list"))[0] == 7


def test_filter_inside_request_is_ignored(scoro):
    """1.3: the same object inside `request` is silently ignored: the whole list."""
    whole = scoro.ok("contacts/list", per_page=100)
    assert scoro.ok("contacts/list", {"filter": {"name": "Halcyon Yoga"}}, per_page=100) == whole
    assert len(scoro.ok("contacts/list", filter={"name": "Halcyon Yoga"})) == 1


def test_unknown_filter_is_ignored(scoro):
    """Q5."""
    assert len(scoro.ok("contacts/list", filter={"nonsense": 1})) == 50
    scoro.switch(unknown_filters="refused")
    assert scoro.refused("contacts/list", filter={"nonsense": 1})[0] == 400


def test_strings_take_percent_as_wildcard(scoro):
    """3: strings accept `%`; letters match in either case."""
    names = [row["name"] for row in scoro.ok("companies/list", filter={"name": "ha%"})]
    assert names == ["Halcyon Yoga"]
    assert len(scoro.ok("invoices/list", filter={"no": "100%"})) == 9


def test_scalars_are_equal_and_lists_mean_in(scoro):
    """3."""
    assert {row["company_id"] for row in scoro.ok("invoices/list", filter={"company_id": 1})} == {1}
    assert ids(scoro.ok("invoices/list", filter={"id": [3, "5", 99999]})) == [5, 3]
    both = scoro.ok("contacts/list", filter={"is_client": 1, "is_supplier": "1"}, per_page=100)
    assert both
    assert all(row["is_client"] and row["is_supplier"] for row in both)


def test_nested_objects_filter(scoro):
    """3: `means_of_contact:{website:".."}`."""
    scoro.contact(name="Netted", means_of_contact={"website": ["https://netted.example"]})
    found = scoro.ok("contacts/list", filter={"means_of_contact": {"website": "%netted%"}})
    assert [row["name"] for row in found] == ["Netted"]


def test_bare_date_means_midnight_on_both_ends(scoro):
    """3, Q4: `to_date` is effectively exclusive of that day, in the zone of the site."""
    invoice = scoro.invoice()  # 2026-11-02 04:00 in New York
    span = {"modified_date": {"from_date": "2026-11-02", "to_date": "2026-11-02"}}
    assert scoro.ok("invoices/list", filter=span) == []
    span = {"modified_date": {"from_date": "2026-11-02", "to_date": "2026-11-03"}}
    assert ids(scoro.ok("invoices/list", filter=span)) == [invoice["id"]]


def test_modified_filter_takes_a_time_and_includes_both_ends(scoro):
    """Q4: `>=` from and `<=` to, naive text in the zone of the site; 1.7: stamps are whole seconds."""
    scoro.clock.set("2026-11-02T09:00:00.750+00:00")
    invoice = scoro.invoice()
    for start, end, expected in (
        ("2026-11-02 04:00:00", "2026-11-02 04:00:00", [invoice["id"]]),
        ("2026-11-02 04:00:01", None, []),
        ("2026-11-02T04:00:00-05:00", None, [invoice["id"]]),
    ):
        span = {"from_date": start} | ({"to_date": end} if end else {})
        assert ids(scoro.ok("invoices/list", filter={"modified_date": span})) == expected, start


def test_modified_filter_may_honour_dates_only(scoro):
    """Q4: the other reading cuts the time off."""
    invoice = scoro.invoice()
    scoro.switch(filter_times=False)
    span = {"from_date": "2026-11-02 23:59:59"}
    assert ids(scoro.ok("invoices/list", filter={"modified_date": span})) == [invoice["id"]]


def test_dates_filter_by_span(scoro):
    """3: the same shape works for `date`."""
    span = {"from_date": "2026-03-01", "to_date": "2026-03-31"}
    dates = [row["date"] for row in scoro.ok("invoices/list", filter={"date": span}, per_page=100)]
    assert dates
    assert all("2026-03-01" <= date <= "2026-03-31" for date in dates)


def test_start_and_end_are_not_a_span(scoro):
    """3: the dissenting form of a date filter has no effect."""
    assert len(scoro.ok("invoices/list", filter={"date": {"start": "2030-01-01"}})) == 50


def test_deleted_rows_appear_only_when_asked_for(scoro):
    """3: normal lists omit them; include_deleted adds them with is_deleted and deleted_date."""
    invoice = scoro.invoice()
    scoro.clock.advance(60)
    scoro.ok(f"invoices/delete/{invoice['id']}")
    assert invoice["id"] not in ids(scoro.ok("invoices/list"))
    row = next(row for row in scoro.ok("invoices/list", include_deleted="1") if row["id"] == invoice["id"])
    assert (row["is_deleted"], row["deleted_date"]) == (1, "2026-11-02T04:01:00-05:00")


def test_no_filter_brings_deleted_rows_back(scoro):
    """3: whatever leads to the row, only include_deleted shows it."""
    invoice = scoro.invoice()
    scoro.ok(f"invoices/delete/{invoice['id']}")
    span = {"modified_date": {"from_date": "2026-11-02"}}
    for wanted in ({"no": invoice["no"]}, {"id": invoice["id"]}, {"company_id": 1, "status": "unpaid"}, span):
        assert invoice["id"] not in ids(scoro.ok("invoices/list", filter=wanted)), wanted
        assert invoice["id"] in ids(scoro.ok("invoices/list", filter=wanted, include_deleted=1)), wanted


@pytest.mark.parametrize("value", [1, "1"])
@pytest.mark.parametrize("accepted", ["both", "request", "top"])
def test_include_deleted_stands_in_the_request_or_at_the_top(scoro, value, accepted):
    """Q3: all four are accepted; the switches accept one place only."""
    scoro.switch(include_deleted_places=accepted)
    invoice = scoro.invoice()
    scoro.ok(f"invoices/delete/{invoice['id']}")
    at_top = invoice["id"] in ids(scoro.ok("invoices/list", include_deleted=value))
    in_request = invoice["id"] in ids(scoro.ok("invoices/list", {"include_deleted": value}))
    assert at_top == (accepted != "request")
    assert in_request == (accepted != "top")


def test_deleted_rows_vanish_after_thirty_days(scoro):
    """3: only objects deleted in the last 30 days; a view follows the list."""
    invoice = scoro.invoice()
    scoro.ok(f"invoices/delete/{invoice['id']}")
    scoro.clock.advance(30 * 86_400)
    assert invoice["id"] in ids(scoro.ok("invoices/list", include_deleted=1))
    assert scoro.ok(f"invoices/view/{invoice['id']}")["is_deleted"] == 1
    scoro.clock.advance(1)
    assert invoice["id"] not in ids(scoro.ok("invoices/list", include_deleted=1))
    assert scoro.post(f"invoices/view/{invoice['id']}").status_code == 404


def test_view_of_a_deleted_row_may_be_404_at_once(scoro):
    """3: not stated; the switch gives the other answer."""
    scoro.switch(view_shows_deleted=False)
    scoro.ok("contacts/delete/5")
    assert scoro.post("contacts/view/5").status_code == 404


def test_deletion_leaves_modified_date_alone(scoro):
    """Q2: the row is outside of a modified filter unless deletions bump."""
    for bumps in (False, True):
        scoro.switch(deletion_bumps_modified=bumps)
        invoice = scoro.invoice()
        scoro.clock.advance(3600)
        now = scoro.clock.now().isoformat(timespec="seconds")
        scoro.ok(f"invoices/delete/{invoice['id']}")
        span = {"modified_date": {"from_date": now}}
        assert (invoice["id"] in ids(scoro.ok("invoices/list", filter=span, include_deleted=1))) is bumps


def test_deleted_objects_cannot_be_changed(scoro):
    """3: only people restore."""
    scoro.ok("contacts/delete/5")
    assert scoro.refused("contacts/modify/5", {"name": "x"})[0] == 404
    scoro.person("restore", module="contacts", id=5)
    assert scoro.ok("contacts/modify/5", {"name": "x"})["name"] == "x"


def test_companies_and_persons_are_contacts_of_one_type(scoro):
    """2: same rows as contacts, fixed type."""
    kinds = {path: {row["contact_type"] for row in scoro.all(path)} for path in ("companies", "persons")}
    assert kinds == {"companies": {"company"}, "persons": {"person"}}
    assert scoro.ok("persons/modify", {"name": "Mari", "lastname": "Maasikas"})["contact_type"] == "person"
    company = scoro.ok("companies/list", per_page=1)[0]["contact_id"]
    assert scoro.post(f"persons/view/{company}").status_code == 404


def test_bookmark_lists_and_filters_need_a_user_token(scoro):
    """Q27, 1.2: the company key is rejected there."""
    assert scoro.refused("bookmarks/list", {"module": "invoices"}) == (403, ["user_token required"])
    bookmark = scoro.as_user("bookmarks/list", {"module": "invoices"}).json()["data"][0]
    assert (bookmark["bookmark_id"], bookmark["title"]) == (1, "Sent invoices")
    chosen = {"bookmark": {"bookmark_id": str(bookmark["bookmark_id"])}, "per_page": 100}
    assert scoro.refused("invoices/list", **chosen)[0] == 403
    rows = scoro.as_user("invoices/list", **chosen).json()["data"]
    assert rows
    assert all(row["is_sent"] for row in rows)
    scoro.switch(bookmarks_need_user=False)
    assert scoro.ok("bookmarks/list", {"module": "invoices"})


def test_comments_need_module_and_object(scoro):
    """2: request.module and object_id are mandatory; the key needs a user_id to create."""
    assert scoro.refused("comments/list")[0] == 400
    comment = {"module": "invoices", "object_id": 1, "comment": "Seen"}
    assert scoro.refused("comments/modify", comment) == (400, ["user_id is required"])
    scoro.ok("comments/modify", comment | {"user_id": 1})
    assert len(scoro.ok("comments/list", {"module": "invoices", "object_id": 1})) == 1


def test_bookmarks_in_the_plural_mean_nothing(scoro):
    """1.3: the key is `bookmark`."""
    rows = scoro.as_user("invoices/list", bookmarks={"bookmark_id": "1"}, per_page=100).json()["data"]
    assert {row["is_sent"] for row in rows} == {0, 1}


def test_addresses_of_all_contacts_come_in_pages(scoro):
    """2: a list like any other, a hundred rows at most."""
    scoro.contact(addresses=[{"city": f"Town {number}"} for number in range(120)])
    first, second = (scoro.ok("addresses/list", page=page, per_page=500) for page in (1, 2))
    assert len(first) == 100
    assert {row["full_address"] for row in second} >= {"Town 119"}
    assert len(scoro.ok("search/list", {"query": "o"})) <= 50


def test_malformed_filter_is_refused(scoro):
    """1.5: a malformed parameter is 400, never the whole list."""
    for wanted in ({"id": "abc"}, {"company_id": "x"}, {"modified_date": {"from_date": "soon"}}, "name"):
        assert scoro.refused("invoices/list", filter=wanted)[0] == 400, wanted
    assert scoro.refused("invoices/list", page="one")[0] == 400


def test_span_may_leave_its_ends_out(scoro):
    """Q4, the other answer: after from_date and before to_date."""
    scoro.switch(filter_includes_ends=False)
    for second, expected in (("03:59:59", True), ("04:00:00", False)):
        invoice = scoro.invoice()  # at 04:00:00
        span = {"modified_date": {"from_date": f"2026-11-02 {second}"}}
        assert (invoice["id"] in ids(scoro.ok("invoices/list", filter=span))) is expected
    span = {"deleted_date": {"from_date": "2026-11-02 04:00:00"}}
    scoro.ok(f"invoices/delete/{invoice['id']}")
    assert scoro.ok("invoices/list", filter=span, include_deleted=1) == []


def test_bookmarks_are_personal_unless_shared(scoro):
    """4.4: a saved view belongs to whoever made it and may be shared."""
    for title, person, is_shared in (("mine", "Ada Lindqvist", 0), ("theirs", "x", 0), ("ours", "x", 1)):
        fields = {
            "title": title,
            "module": "bills",
            "filter": {},
            "is_shared": is_shared,
            "user_id": 2 if person == "x" else 0,
        }
        scoro.person("create", module="bookmarks", fields=fields, person=person)
    rows = scoro.as_user("bookmarks/list", {"module": "bills"}).json()["data"]
    assert [row["title"] for row in rows] == ["ours", "mine", "This year's bills"]
    assert all("filter" not in row for row in rows)
    mark = {"bookmark": {"bookmark_id": rows[0]["bookmark_id"] - 1}}
    assert scoro.as_user("bills/list", **mark).json()["messages"]["error"] == ["bookmark_id does not exist"]


def test_bookmarks_of_contacts_where_companies_and_persons_are_kept_apart(scoro):
    """2.1, 2.18: asking for contacts bookmarks returns those of both; each shows its own kind."""
    for module in ("companies", "persons"):
        scoro.person(
            "create", module="bookmarks", fields={"title": module, "module": module, "filter": {"is_client": 1}}
        )

    def titles():
        return {
            row["title"]: row["bookmark_id"]
            for row in scoro.as_user("bookmarks/list", {"module": "contacts"}).json()["data"]
        }

    assert set(titles()) == {"All clients", "Suppliers"}
    scoro.switch(contacts_in_one_list=False)
    assert set(titles()) == {"All clients", "Suppliers", "companies", "persons"}
    chosen = {"bookmark": {"bookmark_id": titles()["persons"]}}
    rows = scoro.as_user("contacts/list", **chosen).json()["data"]
    assert {row["contact_type"] for row in rows} == {"person"}


def test_texts_serve_as_keys_of_statuses_and_custom_fields(scoro):
    """2.16, 2.17: `c_xxx`; statuses filter by module and by id."""
    assert scoro.ok("customFields/list", filter={"id": "c_ponumber"})[0]["id"] == "c_ponumber"
    assert scoro.ok("customFields/list", filter={"id": "c_none"}) == []
    rows = scoro.ok("statuses/list", filter={"module": ["projects", "tasks"]})
    assert {row["module"] for row in rows} == {"projects", "tasks"}
    assert rows[0].keys() == {"status_id", "status_name", "color", "module", "is_default", "modified_date"}
    both = scoro.ok("statuses/list", filter={"status_id": ["inprogress", "task_status1"]})
    assert sorted(row["status_id"] for row in both) == ["inprogress", "task_status1"]


def test_subtasks_are_listed_when_asked_for(scoro):
    """1.3: `include_subtasks`, at the top or in the request."""
    task = scoro.ok("tasks/modify", {"event_name": "Print"})["event_id"]
    scoro.ok("tasks/modify", {"event_name": "Fold", "parent_id": task})
    assert [row["event_name"] for row in scoro.ok("tasks/list")] == ["Print"]
    for asked in (scoro.ok("tasks/list", include_subtasks=1), scoro.ok("tasks/list", {"include_subtasks": "1"})):
        assert [row["event_name"] for row in asked] == ["Fold", "Print"]


def test_descriptions_are_stripped_of_markup_when_asked_for(scoro):
    """1.3: `stripDescription`, of projects and tasks."""
    scoro.switch(html_entities=False)
    project = scoro.ok("projects/modify", {"project_name": "P", "description": "<p>So <b>bold</b></p>"})
    assert scoro.ok("projects/list", per_page=1)[0]["description"] == "<p>So <b>bold</b></p>"
    assert scoro.ok("projects/list", per_page=1, stripDescription=1)[0]["description"] == "So bold"
    assert scoro.ok(f"projects/view/{project['project_id']}", {"stripDescription": 1})["description"] == "So bold"


def test_comments_come_as_text_unless_html_is_asked_for(scoro):
    """1.3: `html`."""
    scoro.switch(html_entities=False)
    scoro.ok("comments/modify", {"module": "bills", "object_id": 1, "comment": "<b>No</b>", "user_id": 1})
    where = {"module": "bills", "object_id": 1}
    assert scoro.ok("comments/list", where)[0]["comment"] == "No"
    assert scoro.ok("comments/list", where, html=1)[0]["comment"] == "<b>No</b>"


def test_entries_of_a_custom_module_have_a_path_of_their_own(scoro):
    """2.17."""
    (module,) = scoro.ok("customModules/list")
    assert {"path", "full_path", "primary_custom_field_name", "use_permissions", "use_board_view"} <= set(module)
    entry = scoro.ok(f"{module['path']}/modify", {"status": "new", "owner_id": 1})
    assert [row["item_id"] for row in scoro.ok(f"{module['path']}/list")] == [entry["item_id"]]
