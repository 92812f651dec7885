"""The connector in memory keeps the contract."""

from __future__ import annotations

import pytest

from engine.connectors.base import Operation, WriteRequest
from engine.connectors.memory import Ailment, MemoryConnector, MemoryRemote
from engine.core.records import System
from engine.errors import DuplicateRemote, Retryable
from tests.contract.remotes import InMemory
from tests.contract.suite import ConnectorContract, only, refusal, written


class TestMemory(ConnectorContract):
    @pytest.fixture
    def remote(self) -> InMemory:
        return InMemory()

    def test_a_second_record_of_a_unique_name_is_refused(self, remote: InMemory):
        """As QuickBooks does, with the holder's id."""
        unique = MemoryRemote(System.QUICKBOOKS, remote.clock, unique={"person": "name"})
        holder = unique.put("person", {"name": "Anna"})
        request = WriteRequest("key", "person", Operation.CREATE, {"name": "Anna"})
        error = refusal(only(MemoryConnector(unique).write([request])))
        assert isinstance(error, DuplicateRemote)
        assert error.existing_id == holder.id

    def test_somebody_may_be_faster_between_deciding_and_writing(self, remote: InMemory):
        """The hook runs between the caller's decision and the write's effect."""
        record = remote.remote.put("person", {"name": "Anna"})
        remote.remote.before_write = lambda request: remote.somebody_renames(record.id, "Theirs")
        request = WriteRequest(
            "key", "person", Operation.UPDATE, {"name": "Ours"}, id=record.id, revision=record.revision
        )
        refusal(only(remote.connector().write([request])))
        assert remote.live("Theirs") == 1

    def test_an_ailment_strikes_the_request_it_names_and_only_once(self, remote: InMemory):
        """Faults are for the test to place."""
        remote.remote.ailments.append(Ailment("write", Retryable("No."), key="b"))
        requests = [WriteRequest(key, "person", Operation.CREATE, {"name": key}) for key in ("a", "b")]
        first, second = remote.connector().write(requests)
        assert written(first).id
        assert isinstance(refusal(second), Retryable)
        assert written(only(remote.connector().write(requests[1:]))).id
