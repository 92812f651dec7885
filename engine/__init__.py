"""The replication engine: knows no web framework, no queue and no vendor's name outside connectors and mapping."""
