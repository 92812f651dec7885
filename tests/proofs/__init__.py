"""Proofs: what the guarantees say, checked by search, by laws and by planted bugs."""
