"""The verbs of the command line over a whole world: the same services the web has, exit codes that scripts can use."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from app import cli
from app.commands import Exit
from tests.support.scenes import (
    make_invoice,
    object_of,
    quickbooks_edit,
    quickbooks_id,
    quickbooks_read,
    scoro_edit,
    scoro_view,
)
from tests.support.world import World

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
    assert say("sync")[0] == Exit.NEEDS_PERSON
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
    assert say("sync")[0] == Exit.DONE
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
