"""Which addresses may be called as a Scoro site."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest

from engine.connectors.scoro import site_url
from engine.connectors.scoro.address import PublicTransport
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


@pytest.mark.parametrize("typed", ["https://evil.test", "https://scoro.com.evil.test", "https://notscoro.com"])
def test_a_site_elsewhere_is_refused_where_domains_are_named(typed: str):
    """The keys of a site go to Scoro's own domains only."""
    with pytest.raises(Misconfigured):
        site_url(typed, domains=["scoro.com", "scoro.ee"], resolve=public)
    assert site_url("https://acme.scoro.ee", domains=["scoro.com", "scoro.ee"], resolve=public)


class Line(httpx2.BaseTransport):
    """Notes which addresses are connected to; the ``dead`` ones do not answer."""

    def __init__(self, *dead: str) -> None:
        self.dead = dead
        self.calls: list[tuple[str, str, str]] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.calls.append((request.url.host, request.headers["Host"], request.extensions["sni_hostname"]))
        if request.url.host in self.dead:
            raise httpx2.ConnectError("no route", request=request)
        return httpx2.Response(200, text="here")


def ask(line: Line, resolve: Callable[[str], list[str]]) -> str:
    with httpx2.Client(transport=PublicTransport(line, resolve)) as client:
        return client.get("https://acme.scoro.com/api/v2").text


def test_the_address_that_was_checked_is_the_one_connected_to():
    """The name stays in the request and in the handshake; whichever address answers is taken."""
    line = Line(PUBLIC[0])
    assert ask(line, public) == "here"
    assert [call[0] for call in line.calls] == PUBLIC
    assert {call[1:] for call in line.calls} == {("acme.scoro.com", "acme.scoro.com")}


def test_a_name_that_is_pointed_inside_later_leads_nowhere():
    """Found good when it was typed, and changed before it is used: nothing is connected to."""
    line, answers = Line(), iter([PUBLIC, ["169.254.169.254"]])
    resolve = lambda host: next(answers)  # noqa: E731  # a name server that changes its mind
    assert site_url("acme.scoro.com", resolve=resolve)
    with pytest.raises(Misconfigured, match="private network"):
        ask(line, resolve)
    assert line.calls == []


def test_a_name_server_that_fails_is_a_passing_fault():
    """The client tries again, as with a site that cannot be reached."""

    def failing(host: str) -> list[str]:
        raise OSError("try again")

    for resolve, dead in ((failing, ()), (public, PUBLIC)):
        with pytest.raises(httpx2.ConnectError):
            ask(Line(*dead), resolve)
