"""Runs: list, progress, outcomes, plans."""
