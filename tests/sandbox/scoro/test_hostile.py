"""Whatever is sent, the service answers with an envelope; an accepted write can be read back."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from app.sandbox.scoro.world import MODULES

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 10**20), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5),
    st.sampled_from(["", "0", "1", "-1", "²", "1e400", "NaN", "2026-02-30", "9999-12-31", "0000-00-00", "%", "a&amp;b"]),
)  # fmt: skip
VALUES = st.one_of(
    ODD,
    st.lists(ODD, max_size=2),
    st.dictionaries(st.sampled_from(["id", "from_date", "email", "sum"]), ODD, max_size=2),
)
PATHS = st.sampled_from(sorted(path for path, module in MODULES.items() if "modify" in module.actions))


@given(path=PATHS, data=st.data())
def test_no_write_breaks_the_service(shared_scoro, path, data):
    """Refused by an ERROR envelope below 500, or accepted and readable."""
    module = MODULES[path]
    names = st.sampled_from([*module.fields, *(["lines"] if module.is_document else [])])
    patch = data.draw(st.dictionaries(names, VALUES, max_size=5))
    if module.is_document and data.draw(st.booleans()):
        lines = st.dictionaries(st.sampled_from([*(module.lines or {}), "id"]), VALUES, max_size=4)
        patch |= {"company_id": 1, "lines": data.draw(st.lists(lines, max_size=2))}
    answer = shared_scoro.post(f"{path}/modify", patch)
    assert answer.status_code < 500
    body = answer.json()
    if body["status"] == "OK" and "view" in module.actions:
        assert shared_scoro.ok(f"{path}/view/{body['data'][module.key]}") == body["data"]


@given(path=st.sampled_from(sorted(MODULES)), data=st.data())
def test_no_list_breaks_the_service(shared_scoro, path, data):
    """Filters, pages, flags and bookmarks of any kind."""
    names = st.sampled_from([*MODULES[path].fields, MODULES[path].key, "nonsense"])
    body = {
        "filter": data.draw(st.one_of(st.dictionaries(names, VALUES, max_size=3), ODD)),
        "page": data.draw(ODD),
        "per_page": data.draw(ODD),
        "detailed_response": data.draw(ODD),
        "bookmark": data.draw(VALUES),
        "include_deleted": data.draw(ODD),
    }
    assert shared_scoro.post(f"{path}/list", data.draw(VALUES), **body).status_code < 500


ACTIONS = st.sampled_from(["view", "delete", "modify", "pdf", "settings", "batchModify", "getRelatedObjects"])
IDS = st.sampled_from(["", "0", "1", "-1", "x", "1e4", "1.5", "99999999999999999999", "%C2%B2"])


@given(path=PATHS, action=ACTIONS, id=IDS, payload=VALUES)
def test_no_address_breaks_the_service(shared_scoro, path, action, id, payload):
    """Ids and payloads of any kind."""
    assert shared_scoro.post(f"{path}/{action}/{id}".rstrip("/"), payload).status_code < 500
