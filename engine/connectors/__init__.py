"""How Concord talks to the two systems: one protocol, one adapter per system."""
