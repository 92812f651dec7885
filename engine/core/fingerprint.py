"""Canonical bytes and fingerprint of a state: equal fingerprints mean that nobody edited anything.

This is the fast path of every observation and the whole of echo suppression.
"""

from __future__ import annotations

from hashlib import blake2b

from engine.core.encoding import canonical_json
from engine.core.records import State


def canonical_bytes(state: State) -> bytes:
    """The one byte form of a state: UTF-8 JSON, keys sorted, no spaces."""
    return canonical_json(dict(state))


def fingerprint(state: State) -> str:
    """32 hexadecimal digits over the canonical bytes."""
    return blake2b(canonical_bytes(state), digest_size=16).hexdigest()
