"""Pure translation between each system's records and the canonical form, one file per kind."""
