"""Measuring: requests counted by the sandboxes, and the engine's time and memory against a floor."""
