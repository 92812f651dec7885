"""Conflicts: the inbox and the review."""
