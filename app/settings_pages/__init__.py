"""Settings of a connection and of the person's API tokens."""

from app.settings_pages import alerts, flip
from app.settings_pages.routes import blueprint

__all__ = ["alerts", "blueprint", "flip"]
