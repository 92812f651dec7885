"""Scoro: authentication, lists, changes, writes, notifications."""

from engine.connectors.scoro.address import site_url
from engine.connectors.scoro.auth import ApiKey, Auth, UserToken
from engine.connectors.scoro.client import ScoroClient
from engine.connectors.scoro.connector import ScoroConnector

__all__ = ["ApiKey", "Auth", "ScoroClient", "ScoroConnector", "UserToken", "site_url"]
