"""What every connector promises, proved for each of them by the same tests (see ``engine/connectors/base.py``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from engine.connectors.base import (
    ChangePage,
    Connector,
    NotWritten,
    Operation,
    RemoteRecord,
    WriteOutcome,
    WriteRequest,
    Written,
)
from engine.errors import (
    AuthorizationLost,
    ConcordError,
    InvariantBroken,
    RemoteMissing,
    Retryable,
    StaleRevision,
    Throttled,
)
from tests.contract.remotes import Remote

Cursors = dict[str, str]


def poll(connector: Connector, types: Iterable[str], cursors: Cursors) -> list[RemoteRecord]:
    """Consume the feed the way the engine does: take a checkpoint once its page is stored."""
    return store(connector.changes(tuple(types), dict(cursors)), cursors)


def store(pages: Iterable[ChangePage], cursors: Cursors) -> list[RemoteRecord]:
    """Records of the pages, with the cursors moved on."""
    records: list[RemoteRecord] = []
    for page in pages:
        records += page.records
        if page.checkpoint is not None:
            cursors[page.checkpoint.stream] = page.checkpoint.cursor
    return records


def ids(records: Iterable[RemoteRecord]) -> set[str]:
    return {record.id for record in records}


def only(outcomes: Iterable[WriteOutcome]) -> WriteOutcome:
    (outcome,) = outcomes
    return outcome


def written(outcome: WriteOutcome) -> RemoteRecord:
    assert isinstance(outcome, Written), outcome.error
    return outcome.record


def refusal(outcome: WriteOutcome) -> ConcordError:
    assert isinstance(outcome, NotWritten)
    return outcome.error


class ConnectorContract:
    """Inherited by the tests of each connector, which give the fixture ``remote``."""

    def create(self, remote: Remote, name: str, key: str = "key-1", **rest: object) -> WriteRequest:
        return WriteRequest(key, remote.people, Operation.CREATE, remote.person(name), **rest)  # type: ignore[arg-type]  # any field

    def test_a_feed_without_cursor_hands_out_everything(self, remote: Remote):
        """Nothing is skipped when there is no cursor yet."""
        made = {remote.somebody_creates(f"Person {n}") for n in range(7)}
        assert made <= ids(poll(remote.connector(), [remote.people], {}))

    def test_a_feed_without_cursor_leaves_deleted_records_out(self, remote: Remote):
        """The first picture holds what exists."""
        kept, lost = remote.somebody_writes_a_paper(), remote.somebody_writes_a_paper()
        remote.somebody_deletes_the_paper(lost)
        records = poll(remote.connector(), [remote.papers], {})
        assert kept in ids(records)
        assert lost not in ids(records)

    def test_what_changed_after_the_checkpoint_is_handed_out(self, remote: Remote):
        """A feed never skips a change: neither a new record nor an edit."""
        edited = remote.somebody_creates("Before")
        cursors: Cursors = {}
        poll(remote.connector(), [remote.people], cursors)
        remote.clock.advance(3600)
        remote.somebody_renames(edited, "After")
        made = remote.somebody_creates("New")
        records = {record.id: record for record in poll(remote.connector(), [remote.people], cursors)}
        assert remote.name_of(records[edited]) == "After"
        assert remote.name_of(records[made]) == "New"

    def test_an_edit_in_the_second_of_the_checkpoint_is_handed_out(self, remote: Remote):
        """Stamps have a resolution of a second; the overlap covers it."""
        edited = remote.somebody_creates("Before")
        cursors: Cursors = {}
        poll(remote.connector(), [remote.people], cursors)
        remote.somebody_renames(edited, "After")
        records = {record.id: record for record in poll(remote.connector(), [remote.people], cursors)}
        assert remote.name_of(records[edited]) == "After"

    def test_a_feed_that_fails_moves_no_cursor(self, remote: Remote):
        """F26: a page that failed is asked for again."""
        cursors: Cursors = {}
        poll(remote.connector(), [remote.people], cursors)
        remote.clock.advance(3600)
        made = remote.somebody_creates("New")
        before = dict(cursors)
        remote.break_reads()
        with pytest.raises(Retryable):
            poll(remote.connector(), [remote.people], cursors)
        assert cursors == before
        remote.clock.advance(300)
        assert made in ids(self.until_well(remote, cursors))

    def until_well(self, remote: Remote, cursors: Cursors) -> list[RemoteRecord]:
        """Polls until the remote's faults are used up."""
        for _ in range(5):
            try:
                return poll(remote.connector(), [remote.people], cursors)
            except Retryable:
                remote.clock.advance(300)
        raise AssertionError("the remote stayed broken")

    def test_a_run_over_some_types_does_not_skip_changes_of_others(self, remote: Remote):
        """Cursors belong to types: polling people must not swallow what happened to papers."""
        cursors: Cursors = {}
        types = [remote.people, remote.papers]
        poll(remote.connector(), types, cursors)
        remote.clock.advance(7200)
        paper = remote.somebody_writes_a_paper()
        remote.clock.advance(7200)
        first = poll(remote.connector(), types, cursors)
        assert paper in {record.id for record in first if record.type == remote.papers}

    def test_a_deletion_is_told(self, remote: Remote):
        """By the feed or by the sweep, as a deleted record without data."""
        paper = remote.somebody_writes_a_paper()
        cursors: Cursors = {}
        poll(remote.connector(), [remote.papers], cursors)
        since = remote.clock.now()
        remote.clock.advance(3600)
        remote.somebody_deletes_the_paper(paper)
        remote.clock.advance(60)
        told = poll(remote.connector(), [remote.papers], cursors)
        told += [r for page in remote.connector().deletions([remote.papers], since) for r in page.records]
        (record,) = {(r.id, r.deleted, len(r.data)) for r in told if r.id == paper}
        assert record == (paper, True, 0)

    def test_reading_tells_about_every_id(self, remote: Remote):
        """What exists, what was deleted, what never was; each once and in order."""
        kept, lost = remote.somebody_writes_a_paper(), remote.somebody_writes_a_paper()
        remote.somebody_deletes_the_paper(lost)
        records = remote.connector().read(remote.papers, [kept, lost, "987654", kept])
        assert [(record.id, record.deleted) for record in records] == [
            (kept, False),
            (lost, True),
            ("987654", True),
        ]
        assert all(not record.data for record in records if record.deleted)

    def test_reading_many_tells_about_every_id(self, remote: Remote):
        """More ids than one question to the remote can hold."""
        made = [remote.somebody_creates(f"Person {n:03}") for n in range(120)]
        records = remote.connector().read(remote.people, [*made, "987654"])
        assert [record.id for record in records] == [*made, "987654"]
        assert [record.id for record in records if record.deleted] == ["987654"]

    def test_a_scan_hands_out_every_live_record(self, remote: Remote):
        """Complete records, none twice as far as the list stands still."""
        made = {remote.somebody_creates(f"Person {n}") for n in range(7)}
        scanned = [record for page in remote.connector().scan(remote.people) for record in page.records]
        assert made <= ids(scanned)
        assert all(record.complete and not record.deleted for record in scanned)

    def test_a_scan_by_an_unknown_bound_is_an_error(self, remote: Remote):
        """A filter that is ignored would hand out too much."""
        with pytest.raises(InvariantBroken):
            list(remote.connector().scan(remote.people, where={"colour": "red"}))

    def test_finding_compares_the_whole_key(self, remote: Remote):
        """A name that only begins alike is another name."""
        wanted = remote.somebody_creates("Harbour")
        remote.somebody_creates("Harbour Lights")
        assert ids(remote.connector().find(remote.people, {"name": "Harbour"})) == {wanted}

    def test_finding_survives_quotes_and_signs(self, remote: Remote):
        """Names are data, never part of a statement."""
        name = "O'Neil & Sons + 100% \\ co"
        wanted = remote.somebody_creates(name)
        assert ids(remote.connector().find(remote.people, {"name": name})) == {wanted}

    def test_finding_leaves_out_what_is_not_there(self, remote: Remote):
        """No match is an empty answer."""
        assert remote.connector().find(remote.people, {"name": "Nobody"}) == []

    def test_every_request_has_exactly_one_outcome(self, remote: Remote):
        """Good and bad ones, in any order."""
        existing = remote.connector().read(remote.people, [remote.somebody_creates("Existing")])[0]
        requests = [self.create(remote, f"New {n}", key=f"key-{n}") for n in range(15)]
        requests += [
            WriteRequest("gone", remote.people, Operation.UPDATE, remote.person("X"), id="987654", revision="0"),
            WriteRequest(
                "stale", remote.people, Operation.UPDATE, remote.person("Y"), id=existing.id, revision="1999-01-01"
            ),
        ]
        outcomes = list(remote.connector().write(requests))
        assert Counter(outcome.key for outcome in outcomes) == Counter(request.key for request in requests)
        bad = {outcome.key: outcome.error for outcome in outcomes if isinstance(outcome, NotWritten)}
        assert isinstance(bad.pop("gone"), RemoteMissing)
        assert isinstance(bad.pop("stale"), StaleRevision)
        assert not bad

    def test_a_receipt_holds_what_the_remote_says(self, remote: Remote):
        """Read back, with its id, its fence and its moment, equal to a later reading."""
        connector = remote.connector()
        record = written(only(connector.write([self.create(remote, "Anna")])))
        (read,) = connector.read(remote.people, [record.id])
        assert remote.name_of(record) == "Anna"
        assert (record.revision, record.modified_at, dict(record.data)) == (
            read.revision,
            read.modified_at,
            dict(read.data),
        )

    def test_an_update_changes_what_it_names_and_moves_the_fence(self, remote: Remote):
        """The revision of the receipt is the fence of the next write."""
        connector = remote.connector()
        record = written(only(connector.write([self.create(remote, "Anna")])))
        for n in range(2):
            remote.clock.advance(5)
            update = WriteRequest(
                f"update-{n}",
                remote.people,
                Operation.UPDATE,
                remote.person(f"Anna {n}"),
                id=record.id,
                revision=record.revision,
            )
            after = written(only(connector.write([update])))
            assert remote.name_of(after) == f"Anna {n}"
            assert after.revision != record.revision
            record = after

    def test_a_write_over_somebody_elses_edit_is_refused(self, remote: Remote):
        """The fence: whoever wrote first is not overwritten."""
        connector = remote.connector()
        record = written(only(connector.write([self.create(remote, "Anna")])))
        remote.clock.advance(5)
        remote.somebody_renames(record.id, "Theirs")
        update = WriteRequest(
            "update",
            remote.people,
            Operation.UPDATE,
            remote.person("Ours"),
            id=record.id,
            revision=record.revision,
        )
        assert isinstance(refusal(only(connector.write([update]))), StaleRevision)
        assert remote.live("Theirs") == 1

    def test_the_callers_own_test_decides_where_there_is_no_fence(self, remote: Remote):
        """Two edits within a second have the same stamp; only the content tells them apart."""
        if not remote.fenced_by_expectation:
            return
        connector = remote.connector()
        record = written(only(connector.write([self.create(remote, "Anna")])))
        remote.somebody_renames(record.id, "Theirs")
        update = WriteRequest(
            "update",
            remote.people,
            Operation.UPDATE,
            remote.person("Ours"),
            id=record.id,
            revision=record.revision,
            expected=lambda fresh: remote.name_of(fresh) == "Anna",
        )
        assert isinstance(refusal(only(connector.write([update]))), StaleRevision)
        assert remote.live("Theirs") == 1

    def test_a_deletion_is_a_deleted_record(self, remote: Remote):
        """And a repeated one, whose first answer was lost, is too."""
        connector = remote.connector()
        create = WriteRequest("paper", remote.papers, Operation.CREATE, remote.paper())
        record = written(only(connector.write([create])))
        delete = WriteRequest("delete", remote.papers, Operation.DELETE, {}, id=record.id, revision=record.revision)
        assert written(only(connector.write([delete]))).deleted
        (read,) = connector.read(remote.papers, [record.id])
        assert read.deleted

    def test_a_lost_answer_never_leads_to_two_records(self, remote: Remote):
        """The same key again is the same record where keys are known; elsewhere the record is found before."""
        connector = remote.connector()
        remote.lose_answers()
        lost = refusal(only(connector.write([self.create(remote, "Anna")])))
        assert isinstance(lost, Retryable)
        assert lost.maybe_applied
        if connector.replays_writes:
            again = written(only(connector.write([self.create(remote, "Anna", repeated=True)])))
            assert remote.name_of(again) == "Anna"
        assert len(connector.find(remote.people, {"name": "Anna"})) == 1
        assert remote.live("Anna") == 1

    def test_a_lost_answer_of_a_group_never_leads_to_two_records(self, remote: Remote):
        """The very same group again is the same batch."""
        connector = remote.connector()
        names = [f"Anna {n}" for n in range(5)]
        remote.lose_answers()
        first = list(connector.write(self.group(remote, names)))
        assert sorted(outcome.key for outcome in first) == [f"run-7-{n}" for n in range(5)]
        if connector.replays_writes:
            again = list(connector.write(self.group(remote, names, repeated=True)))
            assert {remote.name_of(written(outcome)) for outcome in again} == set(names)
            assert [remote.live(name) for name in names] == [1] * 5

    def group(self, remote: Remote, names: list[str], *, repeated: bool = False) -> list[WriteRequest]:
        return [
            self.create(remote, name, key=f"run-7-{n}", group="run-7", ordinal=n, repeated=repeated)
            for n, name in enumerate(names)
        ]

    def test_a_repeated_write_answers_with_todays_picture(self, remote: Remote):
        """A remote replays its first answer, whatever happened since."""
        connector = remote.connector()
        if not connector.replays_writes:
            return
        record = written(only(connector.write([self.create(remote, "Anna")])))
        remote.clock.advance(5)
        remote.somebody_renames(record.id, "Anna Berg")
        again = written(only(connector.write([self.create(remote, "Anna", repeated=True)])))
        assert (again.id, remote.name_of(again)) == (record.id, "Anna Berg")

    def test_a_repeated_write_of_a_record_that_is_gone_is_no_success(self, remote: Remote):
        """F12: the replayed id of a deleted record must not pass for a new record."""
        connector = remote.connector()
        if not connector.replays_writes:
            return
        create = WriteRequest("paper", remote.papers, Operation.CREATE, remote.paper())
        record = written(only(connector.write([create])))
        remote.somebody_deletes_the_paper(record.id)
        again = WriteRequest("paper", remote.papers, Operation.CREATE, create.body, repeated=True)
        assert isinstance(refusal(only(connector.write([again]))), RemoteMissing)

    def test_throttling_stops_the_connection(self, remote: Remote):
        """What has no outcome was not sent, or is reported as in doubt; then everyone is told to wait."""
        remote.throttle()
        requests = [self.create(remote, f"New {n}", key=f"key-{n}") for n in range(30)]
        outcomes: list[WriteOutcome] = []
        with pytest.raises(Throttled) as raised:
            outcomes.extend(remote.connector().write(requests))
        assert raised.value.after
        self.assert_honest(remote, requests, outcomes)

    def assert_honest(self, remote: Remote, requests: list[WriteRequest], outcomes: list[WriteOutcome]) -> None:
        assert len({outcome.key for outcome in outcomes}) == len(outcomes)
        remote.clock.advance(24 * 3600)
        told = {outcome.key for outcome in outcomes}
        silent = [n for n, request in enumerate(requests) if request.key not in told]
        assert all(remote.live(f"New {n}") == 0 for n in silent)

    def test_a_revoked_connection_stops_and_says_so(self, remote: Remote):
        """Not one failed record each, but one connection to authorise again."""
        remote.revoke()
        requests = [self.create(remote, f"New {n}", key=f"key-{n}") for n in range(30)]
        with pytest.raises(AuthorizationLost) as raised:
            list(remote.connector().write(requests))
        assert raised.value.message
