"""The command line's frame: registration, errors as sentences, exit codes."""

from __future__ import annotations

import argparse
import json
import pkgutil

import pytest

from app import cli, commands
from app.commands import Exit
from engine import errors


def test_every_command_module_is_registered() -> None:
    """A new file in app/commands is all it takes."""
    names = cli.build_parser().format_help()
    for module in pkgutil.iter_modules(commands.__path__):
        assert module.name.replace("_", "-") in names


def test_version_as_json_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["version", "--json"]) == Exit.DONE
    assert json.loads(capsys.readouterr().out).keys() == {"concord", "python"}


def test_a_missing_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main([])
    assert stopped.value.code == Exit.USAGE
    assert "usage: concord" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.Misconfigured("m"), Exit.MISCONFIGURED),
        (errors.AuthorizationLost("m"), Exit.NEEDS_PERSON),
        (errors.SafetyHalt("m"), Exit.NEEDS_PERSON),
        (errors.Throttled("m"), Exit.TRY_LATER),
        (errors.Refused("m"), Exit.REFUSED),
        (errors.RemoteRejected("m"), Exit.FAILED),
    ],
)
def test_each_error_has_its_exit_code(error: errors.ConcordError, code: Exit) -> None:
    assert cli.exit_code(error) is code


def test_a_wrong_setting_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "eighty")
    assert cli.main(["web"]) == Exit.MISCONFIGURED
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("PORT is wrong: ")
    assert "Configuration" in told.err


def test_json_keeps_amounts_exact_and_refuses_what_has_no_form(capsys: pytest.CaptureFixture[str]) -> None:
    from decimal import Decimal

    commands.print_json({"total": Decimal("0.10")})
    assert json.loads(capsys.readouterr().out) == {"total": "0.10"}
    with pytest.raises(TypeError):
        commands.print_json({"thing": argparse.Namespace()})
