"""Which addresses may be called as a Scoro site."""

from __future__ import annotations

import pytest

from engine.connectors.scoro import site_url
from engine.errors import Misconfigured

PUBLIC = ["104.18.2.1", "2606:4700::6812:201"]


def public(host: str) -> list[str]:
    return PUBLIC


@pytest.mark.parametrize(
    "typed",
    [
        "acme.scoro.com",
        " https://acme.scoro.com/ ",
        "https://acme.scoro.com/api/v2",
        "https://acme.scoro.com:443/x?y#z",
    ],
)
def test_what_people_type_becomes_the_origin(typed: str):
    """Paths and spaces are left out, the scheme is filled in."""
    assert site_url(typed, resolve=public) == "https://acme.scoro.com"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "https://",
        "http://acme.scoro.com",
        "ftp://acme.scoro.com",
        "file:///etc/passwd",
        "https://user:secret@acme.scoro.com",
        "https://acme.scoro.com:nonsense",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_site_is_refused_with_an_example(typed: str):
    """Only https, without credentials."""
    with pytest.raises(Misconfigured) as raised:
        site_url(typed, resolve=public)
    assert "yourcompany.scoro.com" in raised.value.hint


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  # an address to refuse, not to listen on
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
    ],
)
def test_a_name_that_leads_into_a_private_network_is_refused(address: str):
    """One such address among public ones is enough."""
    for addresses in ([address], [*PUBLIC, address]):
        with pytest.raises(Misconfigured):
            site_url("https://acme.scoro.com", resolve=lambda host, found=addresses: found)  # type: ignore[misc]  # a default binds the loop's value


def test_a_private_address_is_refused_as_such_too():
    """Written as a number, with the real resolver; nothing is looked up."""
    with pytest.raises(Misconfigured):
        site_url("https://127.0.0.1", resolve=lambda host: [host])


def test_a_name_that_does_not_exist_is_told():
    """A typing mistake, most of the time."""

    def unknown(host: str) -> list[str]:
        raise OSError("no such host")

    with pytest.raises(Misconfigured) as raised:
        site_url("https://acme.scoro.com", resolve=unknown)
    assert "acme.scoro.com" in raised.value.message


def test_hosts_named_by_the_administrator_may_be_private():
    """The simulated Scoro lives on this machine."""
    for allowed in ("localhost:9002", "localhost"):
        assert site_url("http://localhost:9002", allowed_hosts=[allowed]) == "http://localhost:9002"
    with pytest.raises(Misconfigured):
        site_url("http://localhost:9003", allowed_hosts=["localhost:9002"])
