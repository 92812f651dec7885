"""The JSON API: its description is true, its tokens are limited, and its verbs are those of the pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from app.access import Role
from app.api.openapi import describe
from app.tables import ApiToken
from engine.store.tables import Run
from tests.web.conftest import Web
from tests.web.office import Office, open_office
from tests.web.schema_tools import Description

DESCRIPTION = Description(describe())
DESCRIBED = [
    (method.upper(), path, one)
    for path, methods in DESCRIPTION.document["paths"].items()
    for method, one in methods.items()
]
OPERATIONS = [pytest.param(*one, id=one[2]["operationId"]) for one in DESCRIBED]
WITH_BODY = [pytest.param(*one, id=one[2]["operationId"]) for one in DESCRIBED if "requestBody" in one[2]]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose days go on from test to test: the description has to be true on each of them."""
    return open_office(tmp_path_factory.mktemp("api"))


@pytest.fixture(scope="module")
def script(office: Office) -> FlaskClient:
    """A script with everything an administrator may do."""
    return office.web.script("administrator@example.com")


def known_ids(office: Office) -> dict[str, list[str]]:
    with office.web.session() as session:
        runs = list(session.exec(select(Run.id)))
    return {"cid": [office.cid], "oid": [row.id for row in office.world.objects()], "run_id": runs}


def addresses(path: str, ids: dict[str, list[str]]) -> st.SearchStrategy[str]:
    """Addresses of an operation: mostly of things that exist."""
    names = re.findall(r"{(\w+)}", path)
    made_up = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=20)
    parts = [st.sampled_from(ids[name]) | made_up if ids.get(name) else made_up for name in names]
    return st.tuples(*parts).map(lambda chosen: path.format(**dict(zip(names, chosen, strict=True))))


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_generated_requests_get_only_answers_that_the_description_promises(
    office: Office, script: FlaskClient, method: str, path: str, operation: dict[str, Any]
):
    """Whatever fits the description is answered with a described status and a body of the described shape."""
    ids = known_ids(office)
    query = st.fixed_dictionaries(
        {},
        optional={
            one["name"]: DESCRIPTION.values(one["schema"]) for one in operation["parameters"] if one["in"] == "query"
        },
    )
    content = operation.get("requestBody", {}).get("content", {})
    body = DESCRIPTION.values(content["application/json"]["schema"]) if content else st.none()

    @settings(max_examples=12)
    @given(st.data())
    def fits(data: st.DataObject) -> None:
        address = data.draw(addresses(path, ids), label="address")
        given_query, given_body = data.draw(query, label="query"), data.draw(body, label="body")
        answer = script.open(address, method=method, query_string=given_query, json=given_body)
        promised = operation["responses"].get(str(answer.status_code))
        assert promised is not None, (answer.status, answer.text[:300])
        assert not DESCRIPTION.misfit(promised["content"]["application/json"]["schema"], answer.json)

    fits()


@pytest.mark.parametrize(("method", "path", "operation"), WITH_BODY)
@pytest.mark.parametrize("body", [None, [], {"unknown": 1}, "text"])
def test_bodies_that_do_not_fit_are_refused_before_anything_happens(office, script, method, path, operation, body):
    """A misspelt member is an error, not a default."""
    ids = {name: values[0] for name, values in known_ids(office).items() if values}
    address = re.sub(r"{(\w+)}", lambda part: ids.get(part[1], "invoices"), path)
    assert script.open(address, method=method, json=body).status_code == 422


def test_description_is_served_and_is_the_one_that_is_tested(office: Office):
    """What scripts are generated from is what the tests above hold it to."""
    assert office.web.app.test_client().get("/api/v1/openapi.json").json == DESCRIPTION.document


def test_every_route_of_the_api_is_described(web: Web):
    """Nothing is offered in secret."""
    rules = {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule))
        for rule in web.app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.endpoint != "api.description"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (method.upper(), path) for path, methods in DESCRIPTION.document["paths"].items() for method in methods
    }
    assert rules == described


def test_run_through_the_api_is_the_run_of_the_page(tmp_path: Path):
    """POST runs is Synchronize now; started twice it is the same run."""
    office = open_office(tmp_path, story=False)
    script = office.web.script("operator@example.com")
    first, second = (script.post(f"/api/v1/connections/{office.cid}/runs", json={}).json for _ in range(2))
    assert first == second
    assert first
    run = script.get(f"/api/v1/connections/{office.cid}/runs/{first['run_id']}").json
    assert run
    assert (run["state"], run["trigger"], run["dry"]) == ("queued", "person", False)


def test_token_acts_with_no_more_than_its_own_role(peopled: Web):
    """A token made for looking cannot act, whoever made it."""
    admin = peopled.browser("administrator@example.com")
    page = admin.submit("/tokens", {"name": "reports", "role": "viewer", "life": "30"}).text
    secret = re.findall(r"concord_[\w-]+", page)[0]
    headers = {"Authorization": f"Bearer {secret}"}
    client = peopled.app.test_client()
    assert client.get("/api/v1/connections", headers=headers).status_code == 200
    refused = client.post("/api/v1/connections/first/runs", json={}, headers=headers)
    assert refused.status_code == 403
    assert refused.json
    assert refused.json["reason"] == "It needs the role operator."
    with peopled.session() as session:
        assert secret not in session.exec(select(ApiToken.token_hash)).one()
    assert secret not in admin.get("/tokens").text


def test_nobody_makes_a_token_with_more_than_their_own_role(peopled: Web):
    """A forged form changes nothing."""
    viewer = peopled.browser("viewer@example.com")
    assert viewer.submit("/tokens", {"name": "x", "role": "administrator", "life": "30"}).status_code == 422


@pytest.mark.parametrize("end", ["revoked", "expired", "account closed", "demoted"])
def test_token_that_is_over_opens_nothing(peopled: Web, end: str):
    """Each way to end a token takes effect with the next request."""
    viewer, admin = peopled.browser("operator@example.com"), peopled.browser("administrator@example.com")
    secret = re.findall(
        r"concord_[\w-]+", viewer.submit("/tokens", {"name": "x", "role": "operator", "life": "30"}).text
    )[0]
    client, headers = peopled.app.test_client(), {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/connections", headers=headers).status_code == 200
    match end:
        case "revoked":
            with peopled.session() as session:
                token_id = session.exec(select(ApiToken.id)).one()
            viewer.submit(f"/tokens/{token_id}/revoke")
        case "expired":
            peopled.clock.advance(30 * 24 * 3600)
        case "account closed":
            admin.submit("/people/operator-example.com", {"role": "operator", "disabled": "on"})
        case _:
            admin.submit("/people/operator-example.com", {"role": "viewer", "connection-first": "on"})
    answer = client.post("/api/v1/connections/first/runs", json={}, headers=headers)
    assert answer.status_code == (403 if end == "demoted" else 401)
    assert answer.mimetype == "application/json"


def test_tokens_of_others_cannot_be_revoked(peopled: Web):
    """Except by an administrator."""
    peopled.script("operator@example.com")
    assert peopled.browser("viewer@example.com").submit("/tokens/operator@example.com/revoke").status_code == 404
    admin = peopled.browser("administrator@example.com")
    assert admin.submit("/tokens/operator@example.com/revoke").status_code == 303


def test_roles_of_the_description_are_those_of_the_routes(web: Web):
    """What the description says about roles is what the guard checks."""
    for one in web.app.url_map.iter_rules():
        if one.rule.startswith("/api/") and one.endpoint != "api.description":
            view: Any = web.app.view_functions[one.endpoint]
            path = re.sub(r"<(\w+)>", r"{\1}", one.rule)
            method = ((one.methods or set()) - {"HEAD", "OPTIONS"}).pop().lower()
            said = DESCRIPTION.document["paths"][path][method]["description"]
            assert said == f"Needs the role {Role(view.needed_role)} or more."
