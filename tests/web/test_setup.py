"""The wizard over both sandboxes, without JavaScript: each step refuses what is wrong, and each way out of it ends well."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlmodel import select

from app.access import Role
from engine.services import matching
from engine.store.database import writing
from engine.store.tables import CategorySettings, Connection, MatchKey, Object, Suggestion
from tests.support import in_scoro
from tests.support.world import SCORO
from tests.web.conftest import Web
from tests.web.setup_world import ADMIN, Wizard, make_wizard, query_of
from tests.web.test_pages import check_html


@pytest.fixture
def wizard(tmp_path: Path) -> Wizard:
    """Nothing connected, both systems empty but for their charts of accounts."""
    return make_wizard(tmp_path)


@pytest.fixture
def connected(wizard: Wizard) -> Wizard:
    """Both systems connected."""
    wizard.connect()
    return wizard


def test_whole_wizard_from_nothing_to_the_first_run(tmp_path: Path):
    """R43: seven steps, each leading to the next, then Save makes the connection active and the first run goes through."""
    wizard = make_wizard(tmp_path, seed="agency")
    wizard.connect()
    assert "All currencies fit" in wizard.browser.get(wizard.path("currencies")).text
    assert wizard.categories(("products", "contacts", "invoices")).headers["Location"].endswith("/accounts")
    assert wizard.accounts().headers["Location"].endswith("/match")
    wizard.browser.submit(wizard.path("match/start"))
    assert "Reading both systems" in wizard.browser.get(wizard.path("match")).text
    wizard.work()
    check_html(wizard.browser.get(wizard.path("match")).text)
    assert "exact matches accepted" in follow(wizard, "match/exact", {})
    assert wizard.browser.submit(wizard.path("match/save")).headers["Location"].endswith("/preview")
    stale = wizard.browser.get(wizard.path("preview")).text
    assert "Save and write" not in stale, "what was foretold before the matching is no preview"
    wizard.browser.submit(wizard.path("preview"))
    wizard.work()
    preview = wizard.browser.get(wizard.path("preview")).text
    check_html(preview)
    assert "Save and write exactly this" in preview
    assert wizard.stored().state == "setup"
    wizard.browser.submit(wizard.path("save"))
    assert wizard.stored().state == "active"
    wizard.work()
    assert wizard.runs[-1].state == "done", wizard.runs[-1].error


def follow(wizard: Wizard, path: str, values: dict[str, str]) -> str:
    answer = wizard.browser.submit(wizard.path(path), values)
    assert answer.status_code == 303, answer.text
    return wizard.browser.get(answer.headers["Location"]).text


def test_nothing_is_written_to_either_system_before_save(connected: Wizard):
    """R43: looking, matching and previewing change nothing outside."""
    before = connected.world.writes()
    connected.categories(("products", "contacts"))
    connected.browser.submit(connected.path("match/start"))
    connected.work()
    connected.browser.submit(connected.path("preview"))
    connected.work()
    assert connected.world.writes() == before


def test_scoro_key_is_tested_kept_sealed_and_never_shown(wizard: Wizard):
    """A key that does not work is refused with the reason; one that works is stored encrypted."""
    wizard.begin()
    refused = wizard.browser.submit(
        wizard.path("scoro"), {"url": "http://scoro.test", "account": "x", "key": "wrong-key-123"}
    )
    assert refused.status_code == 422
    assert "wrong-key-123" not in refused.text
    assert wizard.stored().scoro_secret == ""
    assert wizard.connect_scoro().status_code == 303
    stored = wizard.stored()
    page = wizard.browser.get(wizard.path("scoro")).text
    assert stored.scoro_profile["name"] in page
    key = wizard.world.scoro.control("key")["apiKey"]
    assert key not in page
    assert key not in stored.scoro_secret


def test_connection_is_named_after_the_site_unless_a_name_is_given(wizard: Wizard):
    """Nobody has to invent a name."""
    wizard.begin()
    wizard.connect_scoro()
    assert wizard.stored().name == wizard.stored().scoro_profile["name"]


def test_refused_consent_ends_in_a_plain_message_and_no_connection(wizard: Wizard):
    """R1: pressing "No thanks" at QuickBooks changes nothing."""
    wizard.begin()
    wizard.connect_scoro()
    back = wizard.browser.get(wizard.consent(wizard.to_consent(), "cancel"))
    page = wizard.browser.get(back.headers["Location"]).text
    assert "the authorisation was not given" in page
    assert "Connect to QuickBooks" in page
    assert wizard.stored().quickbooks_realm == ""


def test_leaving_the_consent_page_and_beginning_again_works(wizard: Wizard):
    """Closing the page at QuickBooks, or going back, costs nothing."""
    wizard.begin()
    wizard.connect_scoro()
    wizard.to_consent()
    assert wizard.browser.get(wizard.consent(wizard.to_consent())).status_code == 303
    assert wizard.stored().quickbooks_realm


@pytest.mark.parametrize("state", ["", "made-up"])
def test_answer_with_an_unknown_state_is_refused(wizard: Wizard, state):
    """R1: nobody can slip a company of theirs under somebody else's session."""
    wizard.begin()
    address = wizard.consent(wizard.to_consent())
    forged = re.sub(r"state=[^&]*", f"state={state}", address)
    answer = wizard.browser.get(forged)
    assert answer.status_code == 409
    assert "does not belong to a request of ours" in answer.text
    assert wizard.stored().quickbooks_realm == ""


def test_two_presses_at_once_begin_one_connection(peopled: Web):
    """A double click on “Connect another company” begins one; the second press lands on the same first step."""
    browsers = [peopled.browser("administrator@example.com") for _ in range(2)]
    tokens = [browser.token() for browser in browsers]
    for turn in range(8):
        together = Barrier(len(browsers))

        def press(at: int, together: Barrier = together) -> str | None:
            together.wait()
            return browsers[at].client.post("/setup", data={"csrf_token": tokens[at]}).headers["Location"]

        with ThreadPoolExecutor() as hands:
            assert len(set(hands.map(press, range(len(browsers))))) == 1, turn
        with peopled.session() as session:
            for row in session.exec(select(Connection).where(Connection.state == "setup")):
                row.name = "Touched"
                session.add(row)
            session.commit()


def test_state_is_good_for_one_return_only(connected: Wizard):
    """R1: going Back to the return address, or replaying it, is refused."""
    address = connected.consent(connected.to_consent())
    assert connected.browser.get(address).status_code == 303
    again = connected.browser.get(address)
    assert again.status_code == 409
    assert "was used already" in again.text


def test_state_is_bound_to_the_session_it_began_in(wizard: Wizard):
    """R1: another browser, even of the same person, cannot finish the trip; so an expired session has to begin again."""
    wizard.begin()
    address = wizard.consent(wizard.to_consent())
    other = wizard.web.browser(ADMIN)
    answer = other.get(address)
    assert answer.status_code == 409
    assert "changed browsers" in answer.text
    assert wizard.stored().quickbooks_realm == ""


def test_session_that_expires_at_quickbooks_leads_through_sign_in_to_a_way_out(wizard: Wizard):
    """Coming back signed out ends at a page that says what to do, not at an error."""
    wizard.begin()
    address = wizard.consent(wizard.to_consent())
    wizard.web.clock.advance(9 * 3600)
    answer = wizard.browser.get(address)
    assert answer.headers["Location"].startswith("/sign-in?next=/setup/quickbooks/return")
    values = {
        "email": ADMIN,
        "password": "a long enough password",
        "next": query_of(answer.headers["Location"])["next"],
    }
    landed = wizard.browser.get(wizard.browser.submit("/sign-in", values).headers["Location"])
    assert landed.status_code == 409
    assert "Connect to QuickBooks" in landed.text


def test_reused_code_is_a_plain_message(connected: Wizard):
    """R1: a code works once."""
    used = query_of(connected.consent(connected.to_consent()))
    realm = connected.stored().quickbooks_realm
    first = connected.browser.get(f"/setup/quickbooks/return?state={used['state']}&code={used['code']}&realmId={realm}")
    assert first.status_code == 303
    fresh = query_of(connected.to_consent())["state"]
    second = connected.browser.get(f"/setup/quickbooks/return?state={fresh}&code={used['code']}&realmId={realm}")
    page = connected.browser.get(second.headers["Location"]).text
    assert "QuickBooks was not connected." in page


def test_wizard_is_resumed_where_it_was_left_in_another_browser(connected: Wizard):
    """The steps are kept on the server."""
    connected.categories(("contacts",))
    other = connected.web.browser(ADMIN)
    assert other.get(connected.path()).headers["Location"].endswith("/setup/accounts")
    assert other.get(f"/c/{connected.cid}").headers["Location"].endswith("/setup")


def test_looking_at_what_goes_along_keeps_what_is_ticked_so_far(connected: Wizard):
    """The table is left for one of its rows in the middle of the step; nothing that was entered is lost."""
    answer = connected.categories(("contacts", "invoices"), then="invoices")
    assert answer.headers["Location"].endswith("/setup/categories/invoices")
    table = connected.form_values(connected.path("categories"))
    assert {name for name in table if name.endswith("-enabled")} == {"contacts-enabled", "invoices-enabled"}


def test_key_with_another_account_is_told_from_a_wrong_key(wizard: Wizard):
    """The person is told which of the two entries does not fit."""
    wizard.begin()
    key = wizard.world.scoro.control("key")["apiKey"]
    entered = {"url": "http://scoro.test", "account": "somebody-else", "key": key}
    answer = wizard.browser.submit(wizard.path("scoro"), entered)
    assert answer.status_code == 422
    assert "not this company account" in answer.text


def test_later_steps_lead_back_to_the_one_that_is_missing(wizard: Wizard):
    """Typing an address does not get around a step."""
    wizard.begin()
    for step in ("currencies", "categories", "accounts", "match", "preview"):
        assert wizard.browser.get(wizard.path(step)).headers["Location"].endswith("/setup/scoro"), step


def test_save_is_refused_while_a_step_is_open(connected: Wizard):
    """The server refuses too, whatever a page offers."""
    answer = connected.browser.submit(connected.path("save"))
    assert answer.status_code == 409
    assert "The setup is not finished: Categories, Accounts and Match." in answer.text
    assert connected.stored().state == "setup"


def test_start_date_before_the_first_connection_is_refused_with_the_earliest(connected: Wizard):
    """R33, and by the server, not only by the date field."""
    first = connected.stored().first_connected_at
    assert first is not None
    answer = connected.categories(("contacts",), contacts__start=(first.date() - timedelta(days=1)).isoformat())
    assert answer.status_code == 422
    assert f"Not earlier than {first.date()}" in answer.text


def test_enabled_category_needs_a_start_date(connected: Wizard):
    """R32: an empty date would let everything old through."""
    answer = connected.categories(("contacts",), contacts__start="")
    assert answer.status_code == 422
    assert "Enter the start date of contacts." in answer.text


@pytest.mark.parametrize("category", ["projects", "classes"])
def test_direction_of_one_way_categories_cannot_be_chosen(connected: Wizard, category):
    """R15, R23: a forged field changes nothing."""
    connected.categories(("contacts",), **{f"{category}__source": "scoro"})
    with connected.web.session() as session:
        assert session.get_one(CategorySettings, (connected.cid, category)).source == "quickbooks"


def test_classes_cannot_be_switched_on_without_class_tracking(connected: Wizard):
    """R24: the page says what to switch on in QuickBooks."""
    gate = "QuickBooks does not track classes per line"
    page = connected.browser.get(connected.path("categories")).text
    answer = connected.categories(("classes",))
    assert (gate in page) == (answer.status_code == 422)


def test_second_tab_with_an_old_table_does_not_overwrite_the_first(connected: Wizard):
    """Two windows: the second is told and sees what is stored."""
    old = connected.form_values(connected.path("categories"))
    assert connected.categories(("contacts", "products")).status_code == 303
    answer = connected.browser.submit(connected.path("categories"), old | {"bills-enabled": "on"})
    assert answer.status_code == 409
    assert "changed in another window" in answer.text
    with connected.web.session() as session:
        on = session.exec(select(CategorySettings.category).where(CategorySettings.enabled)).all()
    assert set(on) == {"contacts", "products", "reference"}


def test_nothing_switched_on_is_refused(connected: Wizard):
    """A connection without categories would do nothing."""
    assert "Switch on at least one category" in connected.categories(()).text


def test_filter_counts_what_it_lets_through_and_is_kept(connected: Wizard):
    """R36: a filter of our own with a live count, in the page and alone for htmx."""
    path = connected.path("categories/contacts")
    values = {
        "limit": "rules",
        "field-0": "name",
        "is-0": "contains",
        "value-0": "a",
        "conflicts": "ask",
        "deletions": "ask",
    }
    query = "&".join(f"{name}={value}" for name, value in values.items())
    alone = connected.browser.htmx(f"{path}?{query}").text
    assert alone.strip().startswith('<output id="scope_count">')
    assert "would go along" in alone
    assert connected.browser.submit(path, values).status_code == 303
    with connected.web.session() as session:
        scope = session.get_one(CategorySettings, (connected.cid, "contacts")).scope
    assert scope == {"rules": [{"field": "name", "is": "contains", "value": "a"}]}


def test_bookmark_says_which_of_its_filters_are_ignored(connected: Wizard):
    """R37, R38."""
    invoices = connected.browser.get(connected.path("categories/invoices")).text
    assert "Users filter is ignored" in invoices
    assert "Status filter is ignored" in invoices
    assert "Status filter is ignored" not in connected.browser.get(connected.path("categories/bills")).text


def test_bookmarks_are_chosen_by_their_names(wizard: Wizard):
    """R36: with a user's token Scoro's bookmarks stand in a list; without one the page says what is missing."""
    wizard.connect()
    path = wizard.path("categories/contacts")
    alone = wizard.browser.get(path).text
    check_html(alone)
    assert "Number of the bookmark" in alone
    key = wizard.world.scoro.control("key")
    keys = {"url": SCORO, "account": key["company_account_id"], "key": key["apiKey"], "user_token": key["user_token"]}
    assert wizard.browser.submit(wizard.path("scoro"), keys).status_code == 303
    number = in_scoro.save_view(wizard.world, "Clients in Tallinn", "contacts", name="a")
    text = wizard.browser.get(path).text
    check_html(text)
    assert f'<option value="{number}">Clients in Tallinn</option>' in text
    values = {"limit": "bookmark", "bookmark": number, "conflicts": "ask", "deletions": "ask"}
    assert wizard.browser.submit(path, values).status_code == 303
    assert "Bookmark “Clients in Tallinn”" in wizard.browser.get(wizard.path("categories")).text


def test_connection_in_setup_shows_no_other_persons_choices(connected: Wizard):
    """Only administrators set up; others do not reach any step."""
    connected.web.user("op@example.com", Role.OPERATOR)
    browser = connected.web.browser("op@example.com")
    assert browser.get(connected.path("scoro")).status_code == 403


def suggest(web: Web, cid: str, count: int) -> list[str]:
    """Pairs of contacts that share an e-mail, each suggested; every tenth ambiguous."""
    now, ids = web.clock.now(), []
    for index in range(count):
        sides = [f"{system}-{index:05d}" for system in ("scoro", "quickbooks")]
        web.add(
            *[
                Object(
                    id=one,
                    connection_id=cid,
                    kind="contact",
                    category="contacts",
                    title=f"Client {index}",
                    created_at=now,
                    updated_at=now,
                )
                for one in sides
            ]
        )
        ids.append(f"s{index:05d}")
        web.add(
            Suggestion(
                id=ids[-1], connection_id=cid, kind="contact", scoro_object_id=sides[0], quickbooks_object_id=sides[1],
                evidence={"email": "a@b.c"}, differences={"phone": ["1", "2"]}, exact=index % 10 != 0, ambiguous=index % 10 == 0,
                title=f"Client {index}",
            )
        )  # fmt: skip
    return ids


@pytest.fixture
def matched(connected: Wizard) -> Wizard:
    """At the match step, with the comparison done."""
    connected.categories(("contacts",))
    connected.browser.submit(connected.path("match/start"))
    connected.work()
    return connected


def test_pressing_begin_twice_makes_one_connection(wizard: Wizard):
    """Back, a double click or a second tab leave no empty connections behind."""
    wizard.begin()
    first = wizard.cid
    wizard.begin()
    assert wizard.cid == first
    wizard.connect_scoro()
    wizard.begin()
    assert wizard.cid != first


def test_accounts_are_read_whichever_system_is_connected_first(wizard: Wizard):
    """R3: as soon as both are connected, without anybody asking for it."""
    wizard.begin()
    wizard.browser.get(wizard.consent(wizard.to_consent()))
    assert wizard.queued == []
    wizard.connect_scoro()
    assert len(wizard.queued) == 1


def test_pages_of_suggestions_show_each_once(matched: Wizard):
    """5,000 contacts a side are looked at in pages by keyset; none is left out and none comes twice."""
    ids = suggest(matched.web, matched.cid, 120)
    seen: list[str] = []
    address = matched.path("match")
    while address:
        text = matched.browser.get(address).text
        seen += re.findall(r'name="suggestion" value="([^"]+)"', text)
        found = re.search(r'href="([^"]+)" rel="next"', text)
        address = found[1].replace("&amp;", "&") if found else ""
    assert seen == ids


def test_accepting_ignoring_and_taking_back_until_saved(matched: Wizard):
    """Every decision can be taken back; accept-all takes only what is exact."""
    ids = suggest(matched.web, matched.cid, 20)

    def states() -> dict[str, int]:
        with matched.web.session() as session:
            found = session.exec(select(Suggestion.state)).all()
        return {state: list(found).count(state) for state in set(found)}

    follow(matched, "match/exact", {"exact": "contact"})
    assert states() == {"accepted": 18, "suggested": 2}
    follow(matched, "match/decide", {"suggestion": ids[0], "decision": "ignored"})
    follow(matched, "match/decide", {"suggestion": ids[1], "decision": "suggested"})
    assert states() == {"accepted": 17, "suggested": 2, "ignored": 1}


def test_very_many_matches_are_saved_by_a_job_with_its_progress(matched: Wizard, monkeypatch: pytest.MonkeyPatch):
    """5,000 pairs take minutes: the page answers at once, shows how far it is, and says at the end what became of them."""
    monkeypatch.setattr(matching, "AT_ONCE", 2)
    ids = suggest(matched.web, matched.cid, 5)
    matched.browser.submit(matched.path("match/decide"), {"suggestion": ids, "decision": "accepted"})
    busy = follow(matched, "match/save", {})
    check_html(busy)
    assert "0 of 5 linked" in busy
    assert "every 2s" in busy
    follow(matched, "match/save", {})
    assert len(matched.queued) == 1
    matched.work()
    assert matched.runs[-1].counts["linked"] == 5
    leaving = matched.browser.get(matched.path("match"), headers={"HX-Request": "true", "HX-Target": "matching"})
    assert leaving.headers["HX-Redirect"].endswith("/match")
    over = matched.browser.get(matched.path("match")).text
    check_html(over)
    assert "5 pairs linked." in over
    assert f'href="{matched.path("accounts")}"' in over
    assert matched.world.writes() == []


def test_enter_in_the_table_of_categories_saves_it_and_opens_no_row(connected: Wizard):
    """Enter presses the first button of a form: that one is Save, not the link-like button of the first row."""
    path = connected.path("categories")
    form = connected.browser.get(path).text.partition(f'action="{path}">')[2]
    first = re.findall(r"<button[^>]*>", form)[0]
    assert "name=" not in first


def test_saving_says_how_many_pairs_remain_undecided_and_what_becomes_of_them(matched: Wizard):
    """Before and after Save: what is left is written nowhere until somebody decides; nothing is said when nothing is left."""
    ids = suggest(matched.web, matched.cid, 2)
    told = (
        "2 pairs remain undecided. Nothing of them is written to either system until somebody accepts or ignores them"
    )
    assert told in matched.browser.get(matched.path("match")).text
    follow(matched, "match/decide", {"suggestion": ids[0], "decision": "accepted"})
    matched.web.add(*[
        MatchKey(
            object_id=f"{system}-00001", name="email", value="a@b.c", connection_id=matched.cid, kind="contact", system=system,
        )
        for system in ("scoro", "quickbooks")
    ])  # fmt: skip
    assert "1 pair remains undecided. Nothing of it" in follow(matched, "match/save", {})
    follow(matched, "match/decide", {"suggestion": ids[1], "decision": "ignored"})
    assert "undecided" not in follow(matched, "match/save", {})


def test_saving_says_which_pair_could_not_be_linked_and_why(matched: Wizard):
    """One pair that is refused is told by its name; the others are linked all the same."""
    for pair in suggest(matched.web, matched.cid, 2):
        follow(matched, "match/decide", {"suggestion": pair, "decision": "accepted"})
    with writing(matched.web.deps.database) as session:
        session.get_one(Object, "scoro-00000").merged_into = "another"
    told = "1 pair linked. 1 pair could not be linked and stays accepted. Client 0: One of these two is already linked."
    assert told in follow(matched, "match/save", {})


def test_evidence_and_differences_are_shown_beside_each_pair(matched: Wizard):
    """A person decides by what is equal and what is not."""
    suggest(matched.web, matched.cid, 1)
    page = matched.browser.get(matched.path("match")).text
    check_html(page)
    assert "e-mail" in page and "Ambiguous" in page
    assert "Phone" in page and "in QuickBooks" in page


def test_acting_on_the_list_by_htmx_brings_back_the_same_filter(matched: Wizard):
    """One producer for the page and for the fragment."""
    ids = suggest(matched.web, matched.cid, 3)
    headers = {"HX-Request": "true", "HX-Target": "match_list"}
    values = {"suggestion": ids[1], "decision": "accepted", "state": "suggested", "search": "Client"}
    answer = matched.browser.submit(matched.path("match/decide"), values, headers=headers)
    fragment = matched.browser.get(answer.headers["Location"], headers=headers)
    assert fragment.text.strip().startswith('<div id="match_list"')
    assert ids[1] not in fragment.text
    assert "concord:messages" in fragment.headers["HX-Trigger"]


def test_suggestions_of_another_connection_cannot_be_decided(matched: Wizard):
    """An id from elsewhere changes nothing."""
    matched.web.add(Connection(id="other", name="Other", created_at=matched.web.clock.now()))
    (theirs,) = suggest(matched.web, "other", 1)
    matched.browser.submit(matched.path("match/decide"), {"suggestion": theirs, "decision": "accepted"})
    with matched.web.session() as session:
        assert session.get_one(Suggestion, theirs).state == "suggested"


def test_historical_import_is_previewed_with_counts_and_then_started(tmp_path: Path):
    """R34: older data comes in for a period and a category, by an administrator, after a preview."""
    wizard = make_wizard(tmp_path, seed="agency")
    wizard.connect()
    wizard.categories(("contacts", "products", "invoices"))
    wizard.accounts()
    for step in ("match/start", "match/exact", "match/save", "preview", "save"):
        wizard.browser.submit(wizard.path(step))
        wizard.work()
    path, values = (
        f"/c/{wizard.cid}/settings/import",
        {"category": "invoices", "first": "2026-01-01", "last": "2026-10-31"},
    )
    looking = wizard.browser.submit(f"{path}/preview", values).headers["Location"]
    busy = wizard.browser.get(looking).text
    check_html(busy)
    assert "Reading invoices from 1 Jan 2026" in busy
    wizard.work()
    page = wizard.browser.get(looking)
    check_html(page.text)
    (count,) = re.findall(r"Import ([\d,]+) records", page.text)
    assert int(count) > 0
    started = wizard.browser.submit(path, values)
    assert started.status_code == 303
    assert len(wizard.queued) == 1
    wizard.work()
    done = wizard.browser.get(started.headers["Location"]).text
    check_html(done)
    assert f'<dt>Let through</dt><dd class="num">{count}</dd>' in done


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"last": "2025-01-01"}, "The last day is before the first."),
        ({"last": "2027-01-01"}, "has to lie before the start date, 2 Nov 2026."),
        ({"first": ""}, "Enter the first day."),
        ({"category": "reference"}, "Choose a category."),
    ],
)
def test_unusable_period_is_refused_with_a_sentence(connected: Wizard, change: dict[str, str], sentence: str):
    """R34: nothing is read for a period that cannot be imported."""
    connected.categories(("contacts",))
    values = {"category": "contacts", "first": "2026-01-01", "last": "2026-10-31"} | change
    answer = connected.browser.submit(f"/c/{connected.cid}/settings/import/preview", values)
    assert answer.status_code == 422
    assert sentence in answer.text
