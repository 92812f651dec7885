"""Settings: defaults that work on one machine, and a sentence for each that is wrong."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from app.settings import Settings, load_settings
from engine.errors import Misconfigured


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("CONCORD_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_an_empty_environment_gives_an_installation_on_this_machine(bare_environment: Path) -> None:
    settings = load_settings()
    assert settings.database_url == f"sqlite:///{bare_environment}/concord.db"
    assert settings.redis_is_embedded
    assert settings.quickbooks_api_url == "https://quickbooks.api.intuit.com"


def test_the_local_key_is_made_once_and_is_nobody_elses(bare_environment: Path) -> None:
    """A second start must read what the first one encrypted; other users must not."""
    first, second = load_settings().secret_key, load_settings().secret_key
    assert first.get_secret_value() == second.get_secret_value()
    file = bare_environment / "secrets" / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_shared_database_needs_a_shared_key(monkeypatch: pytest.MonkeyPatch, bare_environment: Path) -> None:
    """A key made on one machine would lock the others out of the tokens."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/concord")
    with pytest.raises(Misconfigured, match=r"SECRET_KEY is missing\."):
        load_settings()
    assert not bare_environment.exists()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "eighty", "PORT is wrong: "),
        ("PORT", "0", "PORT is wrong: "),
        ("DATABASE_URL", "mysql://db/concord", r"DATABASE_URL is wrong: it has to begin with postgresql://"),
        ("REDIS_URL", "localhost:6379", r"REDIS_URL is wrong: it has to begin with redis://"),
        ("PUBLIC_URL", "http://concord.example", r"PUBLIC_URL is wrong: it has to begin with https://"),
        ("QUICKBOOKS_API_URL", "quickbooks", r"QUICKBOOKS_API_URL is wrong: it has to be an address"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is wrong: "),
        ("SECRET_KEY", "short", "SECRET_KEY is wrong: "),
    ],
)
def test_a_wrong_setting_is_named_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=sentence):
        load_settings()


def test_every_wrong_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody should have to mend them one start at a time."""
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(Misconfigured) as told:
        load_settings()
    assert len(told.value.message.splitlines()) == 2


def test_a_wrong_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Error texts end in logs."""
    monkeypatch.setenv("SECRET_KEY", "hunter2")
    with pytest.raises(Misconfigured) as told:
        load_settings()
    assert "hunter2" not in told.value.message
    assert told.value.__suppress_context__


def test_secrets_are_hidden_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "k" * 40)
    monkeypatch.setenv("QUICKBOOKS_CLIENT_SECRET", "client-secret")
    assert "kkkk" not in repr(load_settings())
    assert "client-secret" not in repr(load_settings())


def test_an_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files and unit files set empty ones easily."""
    monkeypatch.setenv("REDIS_URL", "")
    assert load_settings().redis_is_embedded


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORO_ALLOWED_HOSTS", "scoro.com, scoro.ee")
    assert load_settings().scoro_allowed_hosts == ("scoro.com", "scoro.ee")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_the_usual_forms_of_a_postgresql_address_are_accepted(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://user@db/concord")
    monkeypatch.setenv("SECRET_KEY", "k" * 40)
    assert load_settings().database_url == "postgresql+psycopg://user@db/concord"


def test_the_environment_wins_over_the_file_in_the_home(
    monkeypatch: pytest.MonkeyPatch, bare_environment: Path
) -> None:
    """The demo writes its addresses there; a real installation's environment must not be overruled by them."""
    bare_environment.mkdir()
    (bare_environment / "settings.env").write_text("PORT=8100\nLOG_LEVEL=error\n")
    monkeypatch.setenv("PORT", "8200")
    settings = load_settings()
    assert (settings.port, settings.log_level) == (8200, "error")


def test_loading_does_not_change_the_environment() -> None:
    before = dict(os.environ)
    load_settings()
    assert dict(os.environ) == before
