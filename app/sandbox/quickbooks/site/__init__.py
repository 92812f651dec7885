"""The sandbox's own web site."""

from __future__ import annotations

from app.sandbox.quickbooks.site.pages import site_blueprint

__all__ = ["site_blueprint"]
