"""`concord sandbox`, as a process of its own."""

from __future__ import annotations

import json
import signal
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.processes import PATIENCE, free_port, start, wait_until_open

pytestmark = pytest.mark.process


@pytest.mark.parametrize(("system", "credentials"), [("quickbooks", "token"), ("scoro", "key")])
def test_a_sandbox_told_to_stop_keeps_its_books(system: str, credentials: str, tmp_path: Path) -> None:
    """Ctrl-C in the demo reaches it as SIGTERM, perhaps twice; the next start resumes from the file."""
    port, state = free_port(), tmp_path / "books.state"
    with start("sandbox", system, "--port", str(port), "--state", str(state)) as process:
        wait_until_open(port, process)
        address = f"http://127.0.0.1:{port}/_control/{credentials}"
        request = urllib.request.Request(address, b"{}", {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - the address is ours
            assert json.load(answer)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert state.stat().st_size > 0
