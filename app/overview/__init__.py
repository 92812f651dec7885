"""The overview of one connection."""
