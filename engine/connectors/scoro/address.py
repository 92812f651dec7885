"""Which addresses may be called as a Scoro site: the address is a person's input, so it must not lead into our own network,
neither when it is typed nor later, when its name may have been pointed elsewhere.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection, Iterable

import httpx2

from engine.errors import Misconfigured

Resolve = Callable[[str], Iterable[str]]
"""Host name → IP addresses; OSError when there are none."""

EXAMPLE = "It looks like https://yourcompany.scoro.com."


def site_url(
    text: str, *, allowed_hosts: Collection[str] = (), domains: Collection[str] = (), resolve: Resolve | None = None
) -> str:
    """The origin of a site, from what a person typed; ``Misconfigured`` with the reason when it may not be called.

    Only https, only names within ``domains`` (empty: any) that resolve to public addresses, except for ``allowed_hosts``
    ("host" or "host:port"), which the administrator named.
    """
    url = _parsed(text)
    if url.userinfo:
        raise _wrong("The address must not hold a user name or password.")
    origin = f"{url.scheme}://{url.netloc.decode()}"
    if allowed_hosts and {url.host, url.netloc.decode()} & set(allowed_hosts):
        return origin
    if url.scheme != "https":
        raise _wrong("Scoro is reached by https only.")
    if domains and not any(url.host == domain or url.host.endswith(f".{domain}") for domain in domains):
        raise _wrong(f"{url.host} is no address of Scoro's.")
    _require_public(url.host, resolve or _addresses)
    return origin


class PublicTransport(httpx2.BaseTransport):
    """Connects to public addresses only. A name is looked up once per request, and the very address that was found good is the
    one connected to: a name that changes between looking and connecting leads nowhere. The certificate is checked against the
    name."""

    def __init__(self, inner: httpx2.BaseTransport | None = None, resolve: Resolve | None = None) -> None:
        self._inner = inner or httpx2.HTTPTransport(trust_env=False)
        self._resolve = resolve or _addresses

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send to the first address that answers; the header Host and the handshake keep the name. ``Misconfigured`` when one
        of them is not public."""
        name = request.url.host
        failure = httpx2.ConnectError(f"{name} has no address", request=request)
        for address in self._addresses_of(name, failure):
            try:
                return self._inner.handle_request(_addressed(request, name, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as fault:
                failure = httpx2.ConnectError(str(fault), request=request)
        raise failure

    def _addresses_of(self, name: str, failure: httpx2.ConnectError) -> list[str]:
        try:
            return _public(name, self._resolve(name))
        except OSError as fault:
            raise failure from fault

    def close(self) -> None:
        """Give back the sockets."""
        self._inner.close()


def _parsed(text: str) -> httpx2.URL:
    typed = text.strip()
    try:
        url = httpx2.URL(typed if "://" in typed else f"https://{typed}")
    except httpx2.InvalidURL as fault:
        raise _wrong("This is not a web address.") from fault
    if url.scheme not in ("http", "https") or not url.host:
        raise _wrong("This is not a web address.")
    return url


def _addressed(request: httpx2.Request, name: str, address: str) -> httpx2.Request:
    request.url = request.url.copy_with(host=address)
    request.extensions = {**request.extensions, "sni_hostname": name}
    return request


def _require_public(host: str, resolve: Resolve) -> None:
    try:
        _public(host, resolve(host))
    except OSError as fault:
        raise _wrong(f"There is no site at {host}.") from fault


def _public(host: str, found: Iterable[str]) -> list[str]:
    """The addresses that were found, all of them public."""
    try:
        addresses = [ipaddress.ip_address(address.partition("%")[0]) for address in found]
    except ValueError as fault:
        raise _wrong(f"There is no site at {host}.") from fault
    if not addresses or not all(address.is_global and not address.is_multicast for address in addresses):
        raise _wrong(f"{host} lies inside a private network.")
    return [str(address) for address in addresses]


def _addresses(host: str) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]


def _wrong(message: str) -> Misconfigured:
    return Misconfigured(message, hint=EXAMPLE, code="address")
