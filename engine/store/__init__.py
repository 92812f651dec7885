"""Tables and queries. Stores and finds; decides nothing."""
