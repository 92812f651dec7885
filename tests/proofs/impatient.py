"""``python -m tests.proofs.impatient worker``: a real `concord` command whose leases last seconds instead of minutes.

Nothing else differs, so that a soak of half a minute sees leases run out and be taken over.
"""

from __future__ import annotations

import sys
from datetime import timedelta

SECONDS = 6
"""How long a lease lasts; a write may leave for the first of them only."""


def hurry() -> None:
    """Shorten the leases of this process, before anything of it has been used."""
    from engine.services import applying, claiming, lease

    lease.LENGTH = timedelta(seconds=SECONDS)
    for module in (claiming, applying):  # both know the names
        vars(module).update(TAKE_OFF=timedelta(seconds=1), LEASE=timedelta(seconds=SECONDS))


if __name__ == "__main__":
    from app.cli import main

    hurry()
    sys.exit(main())
