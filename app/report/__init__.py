"""Agreement: the tie-out of both systems."""
