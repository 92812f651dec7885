"""The application around the engine: web pages, JSON API, webhooks, background jobs, command line."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.settings import Settings
    from engine.services.deps import Deps

ROOT = Path(__file__).resolve().parent.parent

BLUEPRINTS = (
    "app.home:blueprint",
    "app.accounts.routes:blueprint",
    "app.accounts.profile:blueprint",
    "app.accounts.people_pages:blueprint",
    "app.accounts.people_pages:activity",
    "app.accounts.token_pages:blueprint",
    "app.setup:blueprint",
    "app.settings_pages:blueprint",
    "app.overview.routes:blueprint",
    "app.conflicts.routes:blueprint",
    "app.problems.routes:blueprint",
    "app.objects.routes:blueprint",
    "app.runs.routes:blueprint",
    "app.changes.routes:blueprint",
    "app.report.routes:blueprint",
    "app.api:blueprint",
    "app.webhooks:blueprint",
    "app.metrics:blueprint",
)
"""Every blueprint, as module and name, in the order they are registered."""


def create_app(settings: Settings | None = None, deps: Deps | None = None) -> Flask:
    """The web application. Without arguments it is made from the environment; tests hand in both."""
    from flask import Flask

    from app import access, errors, formatting, navigation, security
    from app.accounts import sessions
    from app.htmx import htmx
    from app.settings import load_settings

    settings = settings or load_settings()
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.extensions["concord_settings"] = settings
    app.extensions["concord"] = deps or _wired(settings)
    app.secret_key = settings.secret_key.get_secret_value()
    if settings.trusted_proxies:
        _trust_proxies(app, settings.trusted_proxies)
    app.config["SESSION_COOKIE_SECURE"] = settings.public_url.startswith("https:")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    htmx.init_app(app)
    app.before_request(sessions.load)
    app.before_request(access.guard)
    for part in (security, errors, formatting, navigation):
        part.install(app)
    for name in BLUEPRINTS:
        module, attribute = name.split(":")
        app.register_blueprint(getattr(import_module(module), attribute))
    access.check_declarations(app)
    return app


def _trust_proxies(app: Flask, count: int) -> None:
    from werkzeug.middleware.proxy_fix import ProxyFix

    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]  # the way Flask takes middleware


def _wired(settings: Settings) -> Deps:
    from app.wiring import build_deps

    return build_deps(settings)
