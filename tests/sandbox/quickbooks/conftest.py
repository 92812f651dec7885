"""A simulated QuickBooks whose clock stands still, with empty books unless a test asks for the seeded ones."""

from __future__ import annotations

import pytest

from app.sandbox.common.clock import SandboxClock
from app.sandbox.quickbooks import create_quickbooks_sandbox
from tests.sandbox.quickbooks.client import Client, Json


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock.manual()


@pytest.fixture
def books(clock: SandboxClock) -> Client:
    """A US company with opened, empty books."""
    return Client(create_quickbooks_sandbox(seed="empty", clock=clock), clock)


@pytest.fixture
def agency(clock: SandboxClock) -> Client:
    """The seeded US company."""
    return Client(create_quickbooks_sandbox(clock=clock), clock)


@pytest.fixture
def uk(books: Client) -> Client:
    """A UK company."""
    return books.company("GB")


@pytest.fixture
def item(books: Client) -> Json:
    return books.item()


@pytest.fixture
def customer(books: Client) -> Json:
    return books.customer()


@pytest.fixture
def vendor(books: Client) -> Json:
    return books.vendor()
