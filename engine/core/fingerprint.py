"""Canonical bytes and fingerprint of a state: equal fingerprints mean that nobody edited anything.

This is the fast path of every observation and the whole of echo suppression.
"""

from __future__ import annotations

import json
from hashlib import blake2b

from engine.core.records import State

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def canonical_bytes(state: State) -> bytes:
    """The one byte form of a state: UTF-8 JSON, keys sorted, no spaces."""
    return _encode(dict(state)).encode()


def fingerprint(state: State) -> str:
    """32 hexadecimal digits over the canonical bytes."""
    return blake2b(canonical_bytes(state), digest_size=16).hexdigest()
