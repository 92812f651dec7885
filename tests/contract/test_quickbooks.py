"""The QuickBooks connector keeps the contract, against the simulated QuickBooks; and what is particular to it."""

from __future__ import annotations

import pytest

from tests.contract.remotes import QuickBooks
from tests.contract.suite import ConnectorContract


class TestQuickBooks(ConnectorContract):
    @pytest.fixture
    def remote(self) -> QuickBooks:
        return QuickBooks()
