from __future__ import annotations

from flask import Blueprint

from app.sandbox.quickbooks.sandbox import QuickBooksSandbox


def site_blueprint(sandbox: QuickBooksSandbox) -> Blueprint:
    return Blueprint("quickbooks_site", __name__)
