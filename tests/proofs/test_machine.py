"""Histories of everything that can happen, checked against an oracle; thousands of them by ``python -m tests.proofs.machine``."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.proofs import machine
from tests.proofs.machine import History, Reached, Theatre, draw, play_number, shrink
from tests.proofs.machine_acts import ACTS
from tests.proofs.machine_ledger import Ledger, Violation
from tests.proofs.machine_stage import SETTINGS

BUDGET = os.environ.get("PROVE_BUDGET") or ("ci" if os.environ.get("CI") else "dev")
HISTORIES = {"ci": 16, "dev": 8, "nightly": 10_000}[BUDGET]
EXAMPLES = {"ci": 5, "dev": 3, "nightly": 1_000}[BUDGET]
SEED = int(os.environ.get("MACHINE_SEED", "1"))

Row = dict[str, Any]


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    made = Theatre(tmp_path_factory.mktemp("machine"))
    yield made
    made.close()


@pytest.mark.slow
def test_histories_of_a_seed_keep_the_guarantee(theatre: Theatre, capsys: pytest.CaptureFixture[str]) -> None:
    """People, crashes, pauses, faults and flips in any order: nothing is lost, nothing made twice, nothing the wrong way."""
    reached, known = Reached(), Counter[str]()
    for number in range(HISTORIES):
        play_number(theatre, SEED, number, machine.STEPS, reached, known)
    with capsys.disabled():
        print(f"\nstate machine, seed {SEED}: {reached}")  # noqa: T201  # the proof's figure
    assert not machine.missed(reached)


@pytest.mark.slow
@pytest.mark.postgres
def test_histories_keep_the_guarantee_on_postgres(new_database: Callable[[str], str], tmp_path: Path) -> None:
    """The same where transactions are PostgreSQL's."""
    theatre = Theatre(tmp_path, new_database("postgres"))
    theatre.stage(0)
    for number in range(max(2, HISTORIES // 8)):
        machine.play(theatre, History(0, draw(SEED, number).steps))
    theatre.close()


STEPS = st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 999)), max_size=8)


@pytest.mark.slow
@given(setting=st.integers(0, len(SETTINGS) - 1), steps=STEPS)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.function_scoped_fixture),
)
def test_any_history_keeps_the_guarantee(theatre: Theatre, setting: int, steps: list[tuple[str, int]]) -> None:
    """The same, with histories that Hypothesis thinks of and makes short."""
    machine.play(theatre, History(setting, tuple(steps)))


def test_history_of_a_number_is_always_the_same() -> None:
    """A seed and a number name one history."""
    assert draw(7, 3) == draw(7, 3) != draw(7, 4)


def test_failing_history_is_made_as_short_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps that do not matter are left out; what is left fails the same way."""
    failure = Violation("lost")

    def trouble_of(_theatre: object, history: History) -> Exception | None:
        return failure if {("flip", 2), ("run", 5)} <= set(history.steps) else None

    monkeypatch.setattr(machine, "trouble_of", trouble_of)
    history = History(
        0, tuple((name, salt) for salt, name in enumerate(["run", "pay", "flip", "run", "pay", "run", "void"]))
    )
    shortest, _ = shrink(None, history, failure)  # type: ignore[arg-type]  # nothing is played here
    assert shortest.steps == (("flip", 2), ("run", 5))


KEPT = {
    "a contact that may be there already is pulled": History(
        1, (("same contact on both sides", 521), ("run", 892), ("push", 978))
    ),
    "a deleted product that invoices name is kept": History(
        0, (("change line", 789), ("delete", 273), ("flip", 85), ("run", 254), ("decide deletion", 33))
    ),
    "a line is changed in Scoro while the invoice is void": History(
        1, (("void", 528), ("change line", 12), ("run", 707), ("change lines on both sides", 350))
    ),
}
"""What random histories once found wrong in Concord, as short as they go."""


@pytest.mark.slow
@pytest.mark.parametrize("history", KEPT.values(), ids=KEPT)
def test_history_that_once_broke_the_guarantee_keeps_it(theatre: Theatre, history: History) -> None:
    """Whatever ten thousand histories found stays mended."""
    machine.play(theatre, history)


# The oracle itself: what it lets through and what not.


def contact(phone: str, **more: Any) -> Row:
    return {"name": "Acme K1", "is_deleted": 0, "means_of_contact": {"phone": [phone]}, **more}


def customer(phone: str, **more: Any) -> Row:
    return {"DisplayName": "Acme K1", "Active": True, "PrimaryPhone": {"FreeFormNumber": phone}, **more}


def entry(type: str, kind: str, row: Row, operation: str = "update") -> Row:
    actor = {"kind": kind, "name": kind}
    return {"entity": type, "id": "1", "actor": actor, "operation": operation, "before": row, "after": row}


def made(type: str, kind: str, id: str, row: Row) -> Row:
    return entry(type, kind, row) | {"id": id}


@pytest.fixture
def ledger() -> Ledger:
    """A contact in step, whose source is Scoro."""
    made = Ledger({"contacts": "scoro"})
    made.adopt("scoro", "contacts", "1", contact("old"))
    made.adopt("quickbooks", "Customer", "1", customer("old"))
    return made


def test_oracle_allows_an_edit_to_be_carried_over(ledger: Ledger) -> None:
    """The other side's value was what the edit came after."""
    ledger.hear("scoro", [entry("contacts", "person", contact("new"))])
    ledger.hear("quickbooks", [entry("Customer", "api", customer("new"))])
    assert ledger.writes == 1


def test_oracle_refuses_that_an_unseen_edit_is_overwritten(ledger: Ledger) -> None:
    """Nobody in Scoro could have seen what somebody wrote in QuickBooks."""
    ledger.hear("quickbooks", [entry("Customer", "person", customer("theirs"))])
    ledger.hear("scoro", [entry("contacts", "person", contact("ours"))])
    with pytest.raises(Violation, match="had not seen"):
        ledger.hear("quickbooks", [entry("Customer", "api", customer("ours"))])


def test_oracle_allows_what_a_person_decided(ledger: Ledger) -> None:
    """A resolution supersedes what was known when it was made, and nothing later."""
    ledger.hear("quickbooks", [entry("Customer", "person", customer("theirs"))])
    ledger.hear("scoro", [entry("contacts", "person", contact("ours"))])
    ledger.observe_begins()
    ledger.decide(("contact", "K1"))
    ledger.hear("quickbooks", [entry("Customer", "api", customer("ours"))])
    ledger.hear("quickbooks", [entry("Customer", "person", customer("later"))])
    with pytest.raises(Violation, match="later"):
        ledger.hear("quickbooks", [entry("Customer", "api", customer("ours"))])


def test_oracle_refuses_a_write_against_the_direction(ledger: Ledger) -> None:
    """Even when nobody's edit is overwritten."""
    ledger.hear("quickbooks", [entry("Customer", "person", customer("theirs"))])
    with pytest.raises(Violation, match="against the direction"):
        ledger.hear("scoro", [entry("contacts", "api", contact("theirs"))])


def test_oracle_refuses_that_an_edited_record_is_deleted_unasked(ledger: Ledger) -> None:
    """An edit beats a deletion only by asking."""
    ledger.hear("quickbooks", [entry("Customer", "person", customer("theirs"))])
    ledger.hear("scoro", [entry("contacts", "person", contact("old", is_deleted=1), "delete")])
    with pytest.raises(Violation, match="@exists"):
        ledger.hear("quickbooks", [entry("Customer", "api", customer("theirs", Active=False))])


def test_oracle_tells_namesakes_apart_once_one_has_another_name(ledger: Ledger) -> None:
    """Two people made one contact on both sides; one is renamed before Concord looks, so the other is new to its other side."""
    ledger.hear("scoro", [made("contacts", "person", "2", contact("", name="Acme K2"))])
    ledger.hear("quickbooks", [made("Customer", "person", "2", customer("", DisplayName="Acme K2"))])
    ledger.hear("quickbooks", [made("Customer", "person", "2", customer("", DisplayName="Acme K2 Ltd"))])
    ledger.observe_begins()
    ledger.hear("quickbooks", [made("Customer", "api", "3", customer("", DisplayName="Acme K2"))])
    assert ledger.key_of("quickbooks", "Customer", "2") != ledger.key_of("quickbooks", "Customer", "3")


def test_oracle_keeps_namesakes_together_as_long_as_they_are(ledger: Ledger) -> None:
    """What both sides have under one name is one, and making it again is making it twice."""
    ledger.hear("scoro", [made("contacts", "person", "2", contact("", name="Acme K2"))])
    ledger.hear("quickbooks", [made("Customer", "person", "2", customer("", DisplayName="Acme K2"))])
    ledger.observe_begins()
    ledger.hear("quickbooks", [made("Customer", "api", "3", customer("", DisplayName="Acme K2"))])
    assert ledger.is_twice(("quickbooks", "Customer", "2"), ("quickbooks", "Customer", "3"))
    assert ledger.key_of("quickbooks", "Customer", "2") == ledger.key_of("quickbooks", "Customer", "3")
