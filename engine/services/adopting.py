"""Adopting what the other side already has under the name or number of what was to be made."""

from __future__ import annotations

from engine.connectors.base import Operation, Written
from engine.errors import DuplicateRemote
from engine.services.applying import settle
from engine.services.claiming import Claimed
from engine.services.job import Job
from engine.services.receipts import Applied
from engine.services.recognising import find_key, is_bound, says, told
from engine.store import log
from engine.store.database import reading, writing
from engine.store.tables import Outbox


def adopt_duplicate(job: Job, claimed: Claimed, error: DuplicateRemote) -> Applied:
    """The remote already has one with this name or number: what was to be made is adopted where the very same is there and
    unbound; anything else asks, and a record that only wanted that name stays itself."""
    connector = job.connector(claimed.replica.system)
    row = _outbox(job, claimed.outbox_id)
    if error.existing_id:
        found = connector.read(claimed.request.type, [error.existing_id])
    else:
        found = connector.find(claimed.request.type, find_key(row))
    equal = [
        record
        for record in found
        if not record.deleted and not is_bound(job, record) and says(job, claimed, None, record, told(row))
    ]
    if len(equal) == 1 and claimed.request.operation is Operation.CREATE:
        _reopen(job, row)
        return settle(job, claimed, Written(claimed.request.key, equal[0]))
    return Applied(reread=[(record.type, record.id) for record in found if not record.deleted], duplicates=[])


def _outbox(job: Job, outbox_id: str) -> Outbox:
    with reading(job.deps.database) as session:
        row = session.get_one(Outbox, outbox_id)
        session.expunge_all()
        return row


def _reopen(job: Job, row: Outbox) -> None:
    with writing(job.deps.database) as session:
        log.lock(session, job.context.id)
        current = session.get_one(Outbox, row.id)
        current.state, current.open_slot = "sent", f"{row.object_id}:{row.replica}"
        session.add(current)
