"""Settings of a connection and of the person's API tokens."""

from app.settings_pages import alerts, flip, imports
from app.settings_pages.routes import blueprint

__all__ = ["alerts", "blueprint", "flip", "imports"]
