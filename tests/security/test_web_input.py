"""What strangers and mistaken programs send to Concord itself, and what remote names may not do on its pages and in its files."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.openapi import describe
from app.vault import FernetVault
from engine.connectors.scoro.address import site_url
from engine.errors import Misconfigured, Refused
from engine.store.database import reading
from engine.store.tables import Connection
from tests.support.in_scoro import client
from tests.support.world import World
from tests.web.conftest import Browser
from tests.web.office import Office, open_office
from tests.web.test_routes import UNSAFE, for_scripts, path_of, rules

NAMES = (
    "{{ 7*7 }}${7*7}<%= 7*7 %>",
    '=HYPERLINK("http://x")',
    "\u202egnp.exe\u200b\u200d",
    "</script><img src=x onerror=alert(1)>",
)
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
BODIES = [
    b"[" * 50_000,
    b'{"a":' * 50_000,
    b"NaN",
    b'{"to": 1e999999}',
    b'{"to": 1' + b"0" * 30 + b"}",
    b'{"to": "\\ud800\\u0000"}',
    b'{"to": "\xff\xfe"}',
    b"\x00",
    b"",
    b"9" * 5_000,
]
WRITES = [
    pytest.param(method.upper(), path, id=one["operationId"])
    for path, methods in describe()["paths"].items()
    for method, one in methods.items()
    if method.upper() in UNSAFE
]
texts = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "\x00",
            "\ud800".encode("utf-8", "replace").decode(),
            "NaN",
            "1e30",
            "9" * 5_000,
            "[]",
            "\u202e\u200b",
            "{{7*7}}",
            "-1",
        ]
    ),
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with hostile names in it."""
    office = open_office(tmp_path_factory.mktemp("hostile"))
    for name in NAMES:
        client(office.world, name)
    office.world.sync()
    return office


@pytest.fixture(scope="module")
def script(office: Office) -> FlaskClient:
    return office.web.script("administrator@example.com")


@pytest.fixture(scope="module")
def signed_in(office: Office) -> Browser:
    return office.browser()


def pages(office: Office) -> list[str]:
    """Every page that needs no more than the connection and an object."""
    oid = office.oid("Acme Ltd")
    found = []
    for rule, method in rules(office.web.app):
        simple = rule.arguments <= {"cid", "oid"} and not for_scripts(rule)
        if method == "GET" and simple and "sign" not in rule.rule and rule.endpoint != "static":
            found.append(path_of(rule, cid=office.cid, oid=oid))
    return sorted(found)


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_bytes_that_are_no_body_are_refused(office: Office, script: FlaskClient, method: str, path: str) -> None:
    """Depth, encodings, endless numbers, halves of characters: a 4xx each time, never a traceback."""
    known = {"cid": office.cid, "oid": office.oid("Acme Ltd")}
    address = re.sub(r"{(\w+)}", lambda part: known.get(part[1], "invoices"), path)
    for body in BODIES:
        answer = script.open(address, method=method, data=body, content_type="application/json")
        assert answer.status_code < 500, (body[:40], answer.status)
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("size", [2 << 20, 64 << 20])
def test_bodies_without_end_are_refused_unread(
    office: Office, script: FlaskClient, signed_in: Browser, size: int
) -> None:
    """A megabyte is more than any form or call needs; what announces more is turned away before it is read."""

    class Endless(io.RawIOBase):
        def readinto(self, _buffer: object) -> int:
            raise AssertionError("the body was read")

    path = f"/api/v1/connections/{office.cid}/runs"
    for caller, address, type in (
        (script, path, "application/json"),
        (signed_in.client, office.at("/settings/alerts"), "application/x-www-form-urlencoded"),
        (office.web.app.test_client(), "/webhooks/quickbooks", "application/json"),
    ):
        body = {"wsgi.input": Endless(), "CONTENT_LENGTH": str(size), "CONTENT_TYPE": type}
        answer = caller.post(address, environ_overrides=body)
        assert answer.status_code == 413, address


def test_forms_take_anything_without_breaking(office: Office, signed_in: Browser) -> None:
    """Every form of the site with values of every kind: accepted, shown again or refused."""
    oid = office.oid("Acme Ltd")
    fields = sorted(
        {name for page in pages(office) for name in re.findall(r'name="([^"]+)"', signed_in.get(page).text)}
    )
    token = signed_in.token()
    kept = ("disconnect", "sign", "profile", "people", "password", "token")
    forms = [
        path_of(rule, cid=office.cid, oid=oid)
        for rule, method in rules(office.web.app)
        if method == "POST" and not for_scripts(rule) and not any(word in rule.rule for word in kept)
    ]

    @settings(max_examples=40)
    @given(st.sampled_from(forms), st.dictionaries(st.sampled_from(fields), texts, max_size=8))
    def holds(address: str, values: dict[str, str]) -> None:
        answer = signed_in.client.post(address, data={**values, "csrf_token": token})
        assert answer.status_code < 500, (address, values)

    holds()


def test_names_of_remote_records_are_only_text_on_every_page(office: Office, signed_in: Browser) -> None:
    """No template runs them, no markup comes through."""
    for page in pages(office):
        answer = signed_in.get(page)
        assert answer.status_code < 500, page
        if answer.mimetype != "text/html":
            continue
        assert "<img src=x" not in answer.text, page
        assert "49${" not in answer.text, page
        assert "<script>alert" not in answer.text, page


def test_no_cell_of_the_exported_log_is_a_formula(office: Office, signed_in: Browser) -> None:
    """A spreadsheet that opens the file calculates nothing."""
    found = [page for page in pages(office) if "export" in page or page.endswith(".csv")]
    assert found
    for page in found:
        for row in csv.reader(io.StringIO(signed_in.get(f"{page}?format=csv").text)):
            assert not [cell for cell in row if cell.startswith(FORMULAS) and not re.fullmatch(r"[-+]?\d+", cell)]


def test_secrets_appear_on_no_page_in_no_file_and_in_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither keys and tokens nor what is stored of them, sealed or not; in an office that no hostile form has touched."""
    office = open_office(tmp_path)
    signed_in = office.browser()
    found = secrets_of(office.world)
    assert len(found) >= 4
    shown = [signed_in.get(page).text for page in pages(office)] + [caplog.text]
    office.world.sync()
    assert not [secret for secret in found for text in [*shown, caplog.text] if secret in text]


def secrets_of(world: World) -> list[str]:
    """Everything secret about a connection."""
    with reading(world.deps.database) as session:
        row = session.get_one(Connection, world.connection_id)
    opened = [world.deps.vault.open(row.scoro_secret), world.deps.vault.open(row.quickbooks_secret)]
    inside = [
        text for secret in opened for text in re.findall(r'"(?:key|access_token|refresh_token)": ?"([^"]{8,})"', secret)
    ]
    return [row.scoro_secret, row.quickbooks_secret, *inside]


def test_key_that_is_gone_is_missed_in_a_sentence() -> None:
    """A new key before the old one: both are read, the new one seals; without the old one the way out is named."""
    old, both, new = FernetVault(["old" * 12]), FernetVault(["new" * 12, "old" * 12]), FernetVault(["new" * 12])
    sealed = old.seal("secret")
    assert both.open(sealed) == "secret"
    assert new.open(both.seal("another")) == "another"
    with pytest.raises(Misconfigured, match="decrypted") as lost:
        new.open(sealed)
    assert "SECRET_KEYS" in lost.value.hint
    assert "secret" not in lost.value.message


@pytest.mark.parametrize(
    "typed",
    [
        "http://169.254.169.254/latest",
        "https://scoro.com@127.0.0.1",
        "https://127.0.0.1.scoro.com.evil.test",
        "https://evil.test#.scoro.com",
        "https://evil.test\\.scoro.com",
        "https://[::ffff:127.0.0.1]",
        "https://0x7f000001",
        "file:///etc/passwd",
        "gopher://acme.scoro.com",
        "https://acme.scoro.com:22",
        "https://acme\u3002scoro.com.evil.test",
    ],
)
def test_addresses_that_lead_elsewhere_are_refused(typed: str) -> None:
    """The site's address is the one thing a person can point at another machine."""
    with pytest.raises((Misconfigured, Refused)):
        site_url(typed)
