"""One producer for pages and for their fragments.

A fragment stands in ``<area>/_<name>.html``, has one root element whose id is ``<name>``, and is included by its page. An htmx
request gets the fragment alone, everybody else the page: the same view with the same context makes both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from flask import Response, get_flashed_messages, make_response, redirect, render_template
from flask_htmx import HTMX
from werkzeug.wrappers import Response as BaseResponse

htmx = HTMX()


def wants_fragment() -> bool:
    """Whether the request wants a part of a page. A restored history entry and a boosted link want whole pages."""
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render(page: str, fragment: str | None = None, *, status: int = 200, **context: Any) -> Response:
    """The page, or its fragment for htmx. Both are names of templates; the page includes the fragment.

    Answers to refused forms carry ``status=422``; htmx swaps those too.
    """
    alone = fragment is not None and wants_fragment()
    response = make_response(render_template(fragment if alone and fragment else page, **context), status)
    if alone:
        announce(response, get_flashed_messages(with_categories=True))
    return response


def announce(response: BaseResponse, messages: Iterable[Any]) -> None:
    """Hand messages (tone, text) to the page around a fragment, which shows them in its message area."""
    told = [{"tone": tone, "text": text} for tone, text in messages]
    if told:
        response.headers["HX-Trigger"] = json.dumps({"concord:messages": told})


def go(address: str) -> BaseResponse:
    """After a form: to the page that shows the result. htmx follows and gets that page's fragment."""
    return redirect(address, 303)


def leave(address: str) -> BaseResponse:
    """To another page as a whole, also from within a fragment."""
    if htmx:
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)
