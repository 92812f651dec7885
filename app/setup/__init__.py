"""The setup: seven steps from an empty connection to Save, left and resumed at any of them, and run again later as settings."""

from app.setup import accounts, categories, discard, match, preview
from app.setup.routes import blueprint

__all__ = ["accounts", "blueprint", "categories", "discard", "match", "preview"]
