"""``python -m tests.proofs.impatient worker``: a real `concord` command whose leases last seconds instead of minutes.

Nothing else differs, so that a soak of half a minute sees leases run out and be taken over. With ``CLOCK_OFF`` the
machine's clock is that many seconds off.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

SECONDS = 8
"""How long a lease lasts."""

TAKE_OFF = 2
"""For how many of these a write may still leave: enough for a busy machine, and time is left for its answer."""


def hurry() -> None:
    """Shorten the leases of this process, before anything of it has been used."""
    from engine.services import applying, claiming, lease, recovering

    lease.LENGTH = timedelta(seconds=SECONDS)
    for module in (claiming, applying, recovering):  # each knows the names
        vars(module).update(TAKE_OFF=timedelta(seconds=TAKE_OFF), LEASE=timedelta(seconds=SECONDS))


def misset(off: timedelta) -> None:
    """Let this process believe in another time, before it has asked for any."""
    from engine.clock import SystemClock

    def now(_: SystemClock) -> datetime:
        return datetime.now(UTC) + off

    SystemClock.now = now  # type: ignore[assignment, method-assign]  # a machine's clock cannot be set for one process only


if __name__ == "__main__":
    from app.cli import main

    hurry()
    misset(timedelta(seconds=float(os.environ.get("CLOCK_OFF", "0"))))
    sys.exit(main())
