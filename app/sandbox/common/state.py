"""A sandbox's state in one file, so that a demo survives a restart."""

from __future__ import annotations

import io
import os
import pickle
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

# State is made of plain values only, so that reading a file can never run code.
_PLAIN = {
    ("builtins", "set"),
    ("builtins", "frozenset"),
    ("collections", "OrderedDict"),
    ("datetime", "datetime"),
    ("datetime", "date"),
    ("datetime", "timedelta"),
    ("datetime", "timezone"),
    ("decimal", "Decimal"),
}


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _PLAIN:
            raise pickle.UnpicklingError(f"a sandbox's state holds no {module}.{name}")
        return super().find_class(module, name)


def packed(rows: Sequence[Any], size: int = 200) -> list[bytes]:
    """Plain values in pieces: other threads have their turn between two of them, however many there are."""
    return [pickle.dumps(rows[start : start + size], pickle.HIGHEST_PROTOCOL) for start in range(0, len(rows), size)]


def unpacked(pieces: Iterable[Any]) -> list[Any]:
    """The values again, also those of a file from before there were pieces; raises UnpicklingError on foreign content."""
    rows: list[Any] = []
    for piece in pieces:
        rows += _PlainUnpickler(io.BytesIO(piece)).load() if isinstance(piece, bytes) else [piece]
    return rows


class StateFile:
    """Loads and saves one snapshot of plain values: dicts, lists, texts, numbers, Decimals, datetimes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> dict[str, Any] | None:
        """The last snapshot, or None when there is none yet; raises UnpicklingError on foreign content."""
        if not self._path.exists():
            return None
        snapshot: dict[str, Any] = _PlainUnpickler(io.BytesIO(self._path.read_bytes())).load()
        return snapshot

    def save(self, snapshot: dict[str, Any]) -> None:
        """Replace the file in one step: a crash leaves the old snapshot or the new one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(self._path.name + ".new")
        with draft.open("wb") as stream:
            pickle.dump(snapshot, stream, protocol=pickle.HIGHEST_PROTOCOL)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(self._path)


class Autosave:
    """Saves some time after a change, however many changes follow one another, and when it is closed."""

    def __init__(self, file: StateFile, snapshot: Callable[[], dict[str, Any]], delay_seconds: float = 1.0) -> None:
        self._file = file
        self._snapshot = snapshot
        self._delay = delay_seconds
        self._lock = threading.Lock()
        self._saving = threading.Lock()
        self._timer: threading.Timer | None = None

    def changed(self) -> None:
        with self._lock:
            if self._timer is None:
                self._timer = threading.Timer(self._delay, self._save)
                self._timer.daemon = True
                self._timer.start()

    def _save(self) -> None:
        with self._lock:
            self._timer = None
        with self._saving:  # a change meanwhile is not kept waiting
            self._file.save(self._snapshot())

    def close(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        with self._saving:
            self._file.save(self._snapshot())
