"""The verbs of the command line over a whole world: the same services the web has, exit codes that scripts can use."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlmodel import select

from app import cli
from app.commands import Exit
from app.doctor import examine
from app.settings import load_settings
from app.tokens import tokens_to_text
from engine.connectors.quickbooks.oauth import Tokens
from engine.store.database import writing
from engine.store.tables import CategorySettings, Connection, Outbox
from tests.support.scenes import (
    make_invoice,
    object_of,
    quickbooks_edit,
    quickbooks_id,
    quickbooks_read,
    scoro_edit,
    scoro_view,
)
from tests.support.world import SCORO, World, make_world, sqlite_url

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(world: World, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs a command over a world whose reference data is settled: exit code, standard output, standard error."""
    world.sync()

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.main(arguments, lambda: world.deps)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def read(told: tuple[int, str, str]) -> Any:
    """The JSON of a command that succeeded."""
    code, out, _ = told
    assert code == Exit.DONE, told
    return json.loads(out)


def in_conflict(world: World, say: Say) -> str:
    """An invoice whose memo was edited on both sides; its object."""
    made = make_invoice(world)
    say("sync")
    world.tick(60)
    scoro_edit(world, "invoices", made.id, description="from Scoro")
    quickbooks_edit(
        world, "Invoice", quickbooks_id(world, "scoro", "invoices", made.id), CustomerMemo={"value": "from QuickBooks"}
    )
    code, told, _ = say("sync")
    assert code == Exit.NEEDS_PERSON
    assert "1 new conflict." in told
    return str(object_of(world, "scoro", "invoices", made.id).id)


def test_dry_run_prints_the_plan_and_writes_nothing(world: World, say: Say) -> None:
    """A dry run is the same run without the send."""
    make_invoice(world)
    before = len(world.writes())
    plan = read(say("sync", "--dry-run", "--json"))["plan"]
    assert {row["kind"] for row in plan} == {"contact", "product", "invoice"}
    assert len(world.writes()) == before


def test_sync_writes_and_status_adds_up(world: World, say: Say) -> None:
    """The counts of the status are the number of objects, per category and together."""
    make_invoice(world)
    assert read(say("sync", "--json"))["counts"]["written"] == 3
    (state,) = read(say("status", "--json"))
    assert state["objects"] == len(world.objects()) == sum(state["dispositions"].values())
    for category in state["categories"].values():
        assert category["objects"] == sum(category["dispositions"].values())
    assert "Invoices" in say("status")[1]


def test_objects_are_listed_page_by_page_without_a_gap(world: World, say: Say) -> None:
    """Keyset pages: every object once."""
    make_invoice(world)
    say("sync")
    seen: list[str] = []
    after = ""
    while True:
        page = read(say("objects", "--limit", "2", "--json", *(["--after", after] if after else [])))
        seen += [row["id"] for row in page["objects"]]
        if not (after := page["next"]):
            break
    assert sorted(seen) == sorted(row.id for row in world.objects())


def test_show_tells_both_sides_and_why(world: World, say: Say) -> None:
    """One object by its name: fields side by side, where it stands, the rung that decided."""
    make_invoice(world)
    say("sync")
    view = read(say("show", "Acme Ltd", "--json"))
    assert {record["replica"] for record in view["records"]} == {"scoro", "quickbooks.customer"}
    assert (view["disposition"], view["why"][-1]["decisive"]) == ("in_step", True)
    text = say("show", "Acme Ltd")[1]
    assert "In step" in text
    assert "QuickBooks customer" in text


def test_unknown_object_is_a_sentence_with_a_way_out(say: Say) -> None:
    """Errors are told on standard error and nothing on standard output."""
    code, out, err = say("show", "nowhere")
    assert (code, out) == (Exit.REFUSED, "")
    assert "Nothing is called nowhere" in err
    assert "concord objects" in err


def test_conflict_is_listed_and_resolved(world: World, say: Say) -> None:
    """The side chosen reaches the other one with the next run."""
    object_id = in_conflict(world, say)
    (row,) = read(say("conflicts", "--json"))["conflicts"]
    assert (row["id"], row["fields"]) == (object_id, ["message"])
    assert say("resolve", object_id)[0] == Exit.NEEDS_PERSON
    assert say("resolve", object_id, "--side", "scoro")[0] == Exit.REFUSED  # nobody confirmed
    assert say("resolve", object_id, "--side", "scoro", "--yes")[0] == Exit.DONE
    assert (
        "message: from Scoro chosen, kept aside from QuickBooks (quickbooks)" in say("log", "--action", "resolved")[1]
    )
    assert say("sync")[0] == Exit.DONE
    assert say("conflicts")[1] == "No conflict waits.\n"
    invoice = world.bindings(object_id)["quickbooks"].remote_id
    assert quickbooks_read(world, "Invoice", invoice)["CustomerMemo"]["value"] == "from Scoro"


def test_conflict_is_resolved_by_a_value_of_ones_own(world: World, say: Say) -> None:
    """Both sides get it."""
    object_id = in_conflict(world, say)
    assert say("resolve", object_id, "--set", "number=1", "--yes")[0] == Exit.REFUSED
    assert say("resolve", object_id, "--set", "message=both were wrong", "--yes")[0] == Exit.DONE
    say("sync")
    bound = world.bindings(object_id)
    assert scoro_view(world, "invoices", bound["scoro"].remote_id)["description"] == "both were wrong"
    assert (
        quickbooks_read(world, "Invoice", bound["quickbooks"].remote_id)["CustomerMemo"]["value"] == "both were wrong"
    )


def test_two_connections_of_one_name_are_told_apart_by_their_ids(world: World, say: Say) -> None:
    """“Several connections fit: Acme, Acme” leads nowhere."""
    with writing(world.deps.database) as session:
        name = session.get_one(Connection, world.connection_id).name
        session.add(Connection(id="second", name=name, state="active", created_at=world.clock.now()))
    _, _, told = say("conflicts")
    assert f"{name} ({world.connection_id})" in told
    assert f"{name} (second)" in told


def test_one_object_is_pulled_against_the_direction(world: World, say: Say) -> None:
    """A held edit goes over by a person's act, after its preview, and the log names the person."""
    made = make_invoice(world)
    say("sync")
    world.tick(60)
    remote = quickbooks_id(world, "scoro", "invoices", made.id)
    quickbooks_edit(world, "Invoice", remote, CustomerMemo={"value": "from QuickBooks"})
    say("sync")
    object_id = object_of(world, "scoro", "invoices", made.id).id
    (row,) = read(say("pull", object_id, "--preview", "--json"))["rows"]
    assert row["after"] == "from QuickBooks"
    assert say("pull", object_id)[0] == Exit.REFUSED  # nobody confirmed
    (outcome,) = read(say("pull", object_id, "--yes", "--json", "--person", "ann@example.com"))
    assert outcome["state"] == "written"
    assert scoro_view(world, "invoices", made.id)["description"] == "from QuickBooks"
    assert read(say("log", "--by", "ann@example.com", "--action", "written", "--json"))["changes"]


def test_push_with_nothing_to_send_is_refused_with_the_reason(world: World, say: Say) -> None:
    """In step is nothing to send."""
    made = make_invoice(world)
    say("sync")
    code, _, err = say("push", object_of(world, "scoro", "invoices", made.id).id, "--yes")
    assert code == Exit.REFUSED
    assert "both systems say the same" in err


def test_flip_counts_first_and_then_turns_the_direction(world: World, say: Say) -> None:
    """The preview changes nothing; the flip is a new epoch."""
    assert read(say("flip", "contacts", "--preview", "--json"))["flipped"] is False
    assert read(say("status", "--json"))[0]["categories"]["contacts"]["source"] == "scoro"
    assert read(say("flip", "contacts", "--yes", "--json"))["flipped"] is True
    assert read(say("status", "--json"))[0]["categories"]["contacts"]["source"] == "quickbooks"
    assert say("flip", "projects", "--yes")[0] == Exit.REFUSED


def test_runs_show_what_became_of_each_write(world: World, say: Say) -> None:
    """A run, its writes, and a halted or unknown one."""
    make_invoice(world)
    run_id = read(say("sync", "--json"))["id"]
    assert run_id in {row["id"] for row in read(say("runs", "--json"))["runs"]}
    writes = read(say("runs", "--show", run_id, "--json"))["writes"]
    assert {row["state"] for row in writes} == {"confirmed"}
    assert say("runs", "--continue", run_id)[0] == Exit.REFUSED
    assert say("runs", "--show", "none")[0] == Exit.REFUSED


def test_plan_of_a_dry_run_is_applied_as_it_is(world: World, say: Say) -> None:
    """Approving a plan writes exactly its rows."""
    make_invoice(world)
    run_id = read(say("sync", "--dry-run", "--json"))["id"]
    make_invoice(world, name="Later Ltd")
    assert read(say("runs", "--approve", run_id, "--json"))["counts"]["written"] == 3


def test_connect_tests_and_keeps_both_keys(
    migrated_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Given by options, as a script does: a wrong key is refused in a sentence, the right ones are kept."""
    shutil.copy(migrated_file, tmp_path / "concord.db")
    world = make_world(sqlite_url(tmp_path))
    key, token = world.scoro.control("key"), world.quickbooks.control("token")
    end = world.clock.now() + timedelta(days=90)
    grant = tokens_to_text(
        Tokens(token["access_token"], token["refresh_token"], world.clock.now() + timedelta(hours=1), end)
    )
    callback = "http://here/callback?" + urlencode({"code": grant, "realmId": token["realmId"], "state": "s"})
    key_file = tmp_path / "key"

    def connect(secret: str, *more: str) -> int:
        key_file.write_text(secret)
        scoro = ("--scoro-url", SCORO, "--scoro-account", key["company_account_id"], "--scoro-key-file", str(key_file))
        return cli.main(("connect", "--name", "Both", *scoro, "--redirect-uri", "http://here/callback", *more),
                        lambda: world.deps)  # fmt: skip

    assert connect("a wrong key", "--callback", callback) == Exit.NEEDS_PERSON
    assert connect(key["apiKey"], "--callback", callback, "--state", "another") == Exit.REFUSED
    assert connect(key["apiKey"], "--callback", callback, "--state", "s") == Exit.DONE
    assert cli.main(("status",), lambda: world.deps) == Exit.DONE
    told = capsys.readouterr().out
    assert "Both: being set up" in told
    assert grant not in told
    world.close()


def test_import_lets_older_documents_through(world: World, say: Say) -> None:
    """What the start date keeps out goes over after a preview and a confirmation, and nothing else does."""
    with writing(world.deps.database) as session:
        row = session.get_one(CategorySettings, (world.connection_id, "invoices"))
        row.start_date = date(2027, 1, 1)
        session.add(row)
    inside, outside = make_invoice(world), make_invoice(world, name="Other Ltd")
    scoro_edit(world, "invoices", outside.id, date="2026-09-01")
    period = ("invoices", "--from", "2026-11-01", "--to", "2026-11-30")
    assert say("sync")[0] == Exit.DONE
    assert object_of(world, "scoro", "invoices", inside.id).reason == "before_start_date"
    object_id = str(object_of(world, "scoro", "invoices", inside.id).id)
    assert read(say("import", *period, "--preview", "--json"))["objects"] == [object_id]
    assert say("import", *period)[0] == Exit.REFUSED  # nobody confirmed
    assert read(say("import", *period, "--yes", "--json"))["counts"]["written"] >= 1
    assert object_of(world, "scoro", "invoices", inside.id).disposition == "in_step"
    assert object_of(world, "scoro", "invoices", outside.id).reason == "before_start_date"


def test_import_without_a_start_date_is_refused(say: Say) -> None:
    """There is nothing to let through."""
    code, _, err = say("import", "invoices", "--from", "2026-01-01", "--to", "2026-01-31", "--yes")
    assert code == Exit.REFUSED
    assert "no start date" in err


def test_backup_verify_and_restore_from_the_command_line(world: World, say: Say, tmp_path: Path) -> None:
    """What was kept comes back, and verifies."""
    file = str(tmp_path / "kept")
    assert read(say("verify", "--json"))["holds"] is True
    assert read(say("backup", file, "--json"))["rows"]["objects"] > 0
    assert say("restore", file)[0] == Exit.REFUSED  # nobody confirmed
    assert say("restore", file, "--yes")[0] == Exit.DONE
    assert say("verify")[0] == Exit.DONE


def test_doctor_finds_everything_in_order(
    world: World, say: Say, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings, Redis, database, both systems' keys and Scoro's own integration, a sentence each."""
    monkeypatch.setenv("REDIS_URL", redis_url)
    findings = read(say("doctor", "--json"))
    assert {finding["check"] for finding in findings} >= {
        "settings", "redis", "database", "connection", "scoro", "quickbooks", "own-integration"
    }  # fmt: skip
    assert all(finding["ok"] and finding["sentence"].endswith(".") for finding in findings)


def test_doctor_names_a_dead_key_and_the_way_out(
    world: World, say: Say, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A revoked grant is told with what to do, and a script learns that a person is needed."""
    monkeypatch.setenv("REDIS_URL", redis_url)
    world.quickbooks.control("faults", [{"kind": "revoked_token"}])
    code, out, _ = say("doctor")
    assert code == Exit.NEEDS_PERSON
    assert "WRONG Test: " in out


def test_doctor_recognises_scoros_own_integration_by_its_symptom(
    world: World, say: Say, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scoro refuses to have accounting objects written: its own integration is on."""
    monkeypatch.setenv("REDIS_URL", redis_url)
    with writing(world.deps.database) as session:
        row = session.exec(select(Outbox).where(Outbox.system == "scoro", Outbox.kind == "account")).first()
        assert row is not None
        row.state, row.error_code, row.finished_at = "rejected", "403", world.clock.now()
        session.add(row)
    code, out, _ = say("doctor")
    assert code == Exit.NEEDS_PERSON
    assert "its own QuickBooks integration" in out


def test_clock_that_is_wrong_is_told(world: World, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server's Date header against ours."""
    monkeypatch.setenv("REDIS_URL", redis_url)
    wrong = list(examine(load_settings(), lambda: world.deps, lambda url: world.clock.now() - timedelta(minutes=9)))
    right = list(examine(load_settings(), lambda: world.deps, lambda url: world.clock.now()))
    assert [finding.ok for finding in wrong if finding.check == "clock"] == [False, False]
    assert all(finding.ok for finding in right)


def test_a_database_that_is_not_prepared_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback, and nothing on standard output."""
    world = make_world(sqlite_url(tmp_path))
    assert cli.main(("status",), lambda: world.deps) == Exit.MISCONFIGURED
    told = capsys.readouterr()
    assert told.out == ""
    assert "concord migrate" in told.err
    world.close()
