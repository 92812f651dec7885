"""QuickBooks Online: OAuth, change data capture, queries, batches, faults, notifications."""

from engine.connectors.quickbooks.connector import QuickBooksConnector
from engine.connectors.quickbooks.oauth import Grant, OAuthApp, OAuthSettings, Tokens, TokenStore

__all__ = ["Grant", "OAuthApp", "OAuthSettings", "QuickBooksConnector", "TokenStore", "Tokens"]
