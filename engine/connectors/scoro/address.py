"""Which addresses may be called as a Scoro site: the address is a person's input, so it must not lead into our own network."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection, Iterable

import httpx2

from engine.errors import Misconfigured

Resolve = Callable[[str], Iterable[str]]
"""Host name → IP addresses; OSError when there are none."""

EXAMPLE = "It looks like https://yourcompany.scoro.com."


def site_url(text: str, *, allowed_hosts: Collection[str] = (), resolve: Resolve | None = None) -> str:
    """The origin of a site, from what a person typed; ``Misconfigured`` with the reason when it may not be called.

    Only https, only names that resolve to public addresses, except for ``allowed_hosts`` ("host" or "host:port"), which the
    administrator named.
    """
    url = _parsed(text)
    if url.userinfo:
        raise _wrong("The address must not hold a user name or password.")
    origin = f"{url.scheme}://{url.netloc.decode()}"
    if allowed_hosts and {url.host, url.netloc.decode()} & set(allowed_hosts):
        return origin
    if url.scheme != "https":
        raise _wrong("Scoro is reached by https only.")
    _require_public(url.host, resolve or _addresses)
    return origin


def _parsed(text: str) -> httpx2.URL:
    typed = text.strip()
    try:
        url = httpx2.URL(typed if "://" in typed else f"https://{typed}")
    except httpx2.InvalidURL as fault:
        raise _wrong("This is not a web address.") from fault
    if url.scheme not in ("http", "https") or not url.host:
        raise _wrong("This is not a web address.")
    return url


def _require_public(host: str, resolve: Resolve) -> None:
    try:
        addresses = [ipaddress.ip_address(address.partition("%")[0]) for address in resolve(host)]
    except (OSError, ValueError) as fault:
        raise _wrong(f"There is no site at {host}.") from fault
    if not addresses or not all(address.is_global and not address.is_multicast for address in addresses):
        raise _wrong(f"{host} lies inside a private network.")


def _addresses(host: str) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]


def _wrong(message: str) -> Misconfigured:
    return Misconfigured(message, hint=EXAMPLE, code="address")
