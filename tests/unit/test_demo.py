"""The demo's preparations; the demo itself runs in tests/e2e."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import demo
from app.settings import Settings
from engine.errors import Misconfigured


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((demo.LOOPBACK, 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def test_a_busy_port_is_named_with_the_way_out(taken_port: int) -> None:
    with pytest.raises(Misconfigured) as told:
        demo.require_free_ports(demo.Ports(web=taken_port))
    assert f"Port {taken_port} is taken" in told.value.message
    assert f"--port {taken_port + 100}" in told.value.hint


def test_every_setting_of_the_demo_exists(tmp_path: Path) -> None:
    """A misspelt name would be ignored, and the demo would speak with the real service."""
    told = demo.Demo(tmp_path, demo.Ports()).environment()
    assert {name.lower() for name in told} <= Settings.model_fields.keys()


def test_every_address_of_quickbooks_is_the_sandbox(tmp_path: Path) -> None:
    """Nothing in the demo may reach the real systems."""
    told = demo.Demo(tmp_path, demo.Ports()).environment()
    for name in Settings.model_fields:
        if name.startswith("quickbooks_") and name.endswith("_url"):
            assert told[name.upper()].startswith("http://127.0.0.1:9001")


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with demo._alone(tmp_path), pytest.raises(Misconfigured, match="runs already"):
        demo.reset(tmp_path)


@pytest.mark.parametrize("act", [demo.reset, lambda home: demo.run_demo(demo.Demo(home, demo.Ports()))])
def test_the_data_of_a_real_installation_is_left_alone(act, tmp_path: Path) -> None:
    """Without settings of its own the folder was not made by a demo."""
    database = tmp_path / "concord.db"
    database.write_text("books")
    with pytest.raises(Misconfigured, match="no demo"):
        act(tmp_path)
    assert database.read_text() == "books"


def test_reset_forgets_everything_of_the_demo(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "sandboxes").mkdir(parents=True)
    (home / "settings.env").write_text("")
    (home / "concord.db").write_text("")
    demo.reset(home)
    assert not home.exists()


def test_the_walk_through_the_setup_has_a_folder_of_its_own() -> None:
    """It begins with nothing connected, whatever the connected demo has done."""
    environment = {"CONCORD_HOME": "/home/ann/.concord"}
    assert demo.demo_home(environment, wizard=False) == Path("/home/ann/.concord")
    assert demo.demo_home(environment, wizard=True) == Path("/home/ann/.concord/wizard")
