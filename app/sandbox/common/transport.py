"""Connections that break, in-process and on a real socket, and how a sandbox is served.

A dropped connection is `ConnectionDropped`, a kind of `httpx2.ReadError`: through `httpx2.WSGITransport` the
client sees the very class of error a broken wire gives. When served on a port, `on_the_wire` turns it into a
closed socket. The Flask application needs `PROPAGATE_EXCEPTIONS` only for errors of its own; the middleware
`DropConnections` stands outside of it.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal

import httpx2
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DROP_KEY = "sandbox.drop"


class ConnectionDropped(httpx2.ReadError):
    """The sandbox broke the connection off: before the request was handled, or after it took effect."""


def drop_connection(environ: WSGIEnvironment, moment: Literal["before", "after"]) -> None:
    """Ask for this request's connection to break once the application has returned its answer."""
    environ[DROP_KEY] = moment


class DropConnections:
    """Middleware that breaks the connections which the application asked to break with `drop_connection`."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = self._app(environ, start_response)
        if DROP_KEY in environ:
            _close(body)
            raise ConnectionDropped(f"connection dropped {environ[DROP_KEY]} the request took effect")
        return body


def _close(body: Iterable[bytes]) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()


def on_the_wire(app: WSGIApplication) -> WSGIApplication:
    """The same application for a real server: a dropped connection closes the socket without an answer."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return app(environ, start_response)
        except ConnectionDropped as dropped:
            _shut(environ.get("werkzeug.socket"))
            raise ConnectionResetError(str(dropped)) from dropped

    return serve


def _shut(wire: object) -> None:
    if isinstance(wire, socket.socket):
        with contextlib.suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Calls are shown on the sandbox's own site, so the terminal stays quiet but for faults."""
        if type == "error":
            super().log(type, message, *args)


def loopback_server(app: WSGIApplication, port: int) -> BaseWSGIServer:
    """A server for this machine only; port 0 takes a free one."""
    return make_server("127.0.0.1", port, on_the_wire(app), threaded=True, request_handler=_QuietHandler)


def serve_app(app: WSGIApplication, port: int, ready: Callable[[int], None] = lambda port: None) -> None:
    """Serve on loopback until interrupted; `ready` learns the port."""
    server = loopback_server(app, port)
    ready(server.port)
    try:
        server.serve_forever()
    finally:
        server.server_close()
