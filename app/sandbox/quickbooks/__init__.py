"""A simulated QuickBooks Online: REST accounting API v3, OAuth, GraphQL projects, webhooks and a small web site.

It imports nothing of the engine, so that a misunderstanding of the real service cannot pass on both sides.
"""

from __future__ import annotations

from app.sandbox.quickbooks.server import create_quickbooks_sandbox, serve

__all__ = ["create_quickbooks_sandbox", "serve"]
