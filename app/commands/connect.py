"""`concord connect`: the two systems' keys, and QuickBooks' consent, without the web."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.commands import Exit, Subcommands, add_command, add_json, add_person, print_json


def register(commands: Subcommands) -> None:
    """Add the command."""
    parser = add_command(
        commands, "connect", run, "connect a Scoro site and a QuickBooks company; asks for what is missing"
    )
    parser.add_argument("--name", default="", help="what to call the connection; an existing one is gone on with")
    parser.add_argument("--scoro-url", default="", help="the site's address, like https://acme.scoro.com")
    parser.add_argument("--scoro-account", default="", help="the company account id")
    parser.add_argument(
        "--scoro-key-file", default="", metavar="FILE", help="a file with the API key, or - for standard input"
    )
    parser.add_argument("--redirect-uri", default="", help="as entered at Intuit (default: the setup's own)")
    parser.add_argument(
        "--callback", default="", metavar="ADDRESS", help="where QuickBooks sent the browser after consent"
    )
    parser.add_argument("--state", default="", help=argparse.SUPPRESS)
    add_person(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> Exit:
    """Scoro first, then QuickBooks; each is tested before it is kept. Categories follow in the browser's setup."""
    from app.terminal import person_of

    deps, person = options.open_deps(), person_of(options)
    connection_id = _connection(deps, options, person)
    told: dict[str, Any] = {"id": connection_id}
    if not options.callback or options.scoro_url:
        told["scoro"] = _connect_scoro(deps, options, connection_id, person).name
    told["quickbooks"] = _connect_quickbooks(deps, options, connection_id, person).name
    if options.json:
        print_json(told)
    else:
        print("Both are connected. Choose categories and match what both have in the setup, in the browser.")
    return Exit.DONE


def _connection(deps: Any, options: argparse.Namespace, person: str) -> str:
    from sqlmodel import select

    from engine.services import setup
    from engine.store.database import reading
    from engine.store.tables import Connection

    name = options.name or "Connection"
    with reading(deps.database) as session:
        known = session.exec(select(Connection.id).where(Connection.name == name)).first()
    return known or setup.create_connection(deps, name, person)


def _connect_scoro(deps: Any, options: argparse.Namespace, connection_id: str, person: str) -> Any:
    from engine.services import setup

    url = options.scoro_url or _ask("Address of the Scoro site", "--scoro-url")
    account = options.scoro_account or _ask("Company account id", "--scoro-account")
    profile = setup.save_scoro(
        deps, connection_id, url=url, account=account, key=_key(options.scoro_key_file), person=person
    )
    _say(options, f"Scoro: {profile.name}, {profile.home_currency}.")
    return profile


def _key(file: str) -> str:
    """The key never stands on the command line, where other users of the machine could read it."""
    if file == "-":
        return sys.stdin.readline().strip()
    if file:
        from pathlib import Path

        return Path(file).read_text().strip()
    _need_terminal("--scoro-key-file")
    return getpass.getpass("API key: ")


def _connect_quickbooks(deps: Any, options: argparse.Namespace, connection_id: str, person: str) -> Any:
    from engine.services import setup

    redirect = options.redirect_uri or _redirect_uri()
    callback, state = options.callback, options.state
    if not callback:
        state = secrets.token_urlsafe(24)
        address = setup.authorize_url(deps, connection_id, redirect_uri=redirect, state=state)
        print(f"Open this in a browser and allow it:\n\n  {address}\n", file=sys.stderr)
        callback = _ask("Then paste the address the browser ended at", "--callback")
    given = _answer(callback, state)
    profile = setup.complete_authorization(
        deps, connection_id, code=given["code"], realm_id=given["realmId"], redirect_uri=redirect, person=person
    )
    _say(options, f"QuickBooks: {profile.name}, {profile.home_currency}.")
    return profile


def _redirect_uri() -> str:
    from app.settings import load_settings

    return f"{load_settings().public_url.rstrip('/')}/setup/quickbooks/return"


def _answer(callback: str, state: str) -> dict[str, str]:
    """What the callback's address carries. Raises ``Refused`` for a refusal, and for another consent's answer."""
    from engine.errors import Refused

    given = {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
    if "error" in given:
        raise Refused("QuickBooks was not allowed.", hint="Repeat it and choose Connect.")
    if not {"code", "realmId"} <= given.keys():
        raise Refused("This is not the address QuickBooks sends the browser to.", hint="Paste all of it, with ?code=…")
    if state and given.get("state") != state:
        raise Refused(
            "This answer belongs to another consent.", hint="Open the address printed last, and paste that one's."
        )
    return given


def _ask(question: str, option: str) -> str:
    _need_terminal(option)
    return input(f"{question}: ").strip()


def _need_terminal(option: str) -> None:
    from engine.errors import Refused

    if not sys.stdin.isatty():
        raise Refused(f"{option} is missing.", hint="Give it, or run this on a terminal to be asked.")


def _say(options: argparse.Namespace, text: str) -> None:
    if not options.json:
        print(text)
