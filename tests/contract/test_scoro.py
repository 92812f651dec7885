"""The Scoro connector keeps the contract, against the simulated Scoro; and what is particular to it."""

from __future__ import annotations

import pytest

from tests.contract.remotes import Scoro
from tests.contract.suite import ConnectorContract


class TestScoro(ConnectorContract):
    @pytest.fixture
    def remote(self) -> Scoro:
        return Scoro()
