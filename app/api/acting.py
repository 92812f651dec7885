"""Operations that do something. Each is the same service that the page's button calls, and is logged as the token's owner."""

from __future__ import annotations

from typing import Any

from app.access import Role, person
from app.accounts import log
from app.api import models
from app.api.operation import operation
from app.api.reading import HERE
from app.context import deps
from app.runs.plans import check_may_apply
from engine.core.records import Category, System
from engine.errors import Refused
from engine.services import browse, directions, objects, previews, push, resolve, sync
from engine.services.retrying import Held, request_retry

DONE = {"done": True}


@operation("POST", f"{HERE}/runs", Role.OPERATOR, models.RunStarted, body=models.RunRequest)
def start_run(cid: str, body: models.RunRequest) -> Any:
    """Synchronize now; a dry run makes a plan and writes nothing. A run that goes on already is answered with itself."""
    run_id = sync.request_run(
        deps(),
        cid,
        trigger="person",
        person=person().email,
        categories=[str(one) for one in body.categories],
        dry=body.dry,
    )
    log.note("run_started", "Started a run through the API.", connection_id=cid)
    return {"run_id": run_id}


@operation("POST", f"{HERE}/runs/<run_id>/stop", Role.OPERATOR, models.Done)
def stop_run(cid: str, run_id: str) -> Any:
    """Ask a run to stop after the step it is in."""
    sync.stop_run(deps(), run_id, person().email)
    return DONE


@operation("POST", f"{HERE}/runs/<run_id>/continue", Role.REVIEWER, models.Done)
def continue_run(cid: str, run_id: str) -> Any:
    """Let a run go on that a brake has halted."""
    sync.continue_halted(deps(), run_id, person().email)
    return DONE


@operation("POST", f"{HERE}/plans/<plan_id>/approve", Role.OPERATOR, models.RunStarted)
def approve_plan(cid: str, plan_id: str) -> Any:
    """Apply exactly this plan; rows that have moved since are refused."""
    check_may_apply(plan_id)
    return {"run_id": previews.approve_plan(deps(), plan_id, person().email)}


@operation("POST", f"{HERE}/objects/<oid>/push", Role.OPERATOR, models.Outcome, body=models.Direction)
def push_object(cid: str, oid: str, body: models.Direction) -> Any:
    """Send a record to one system, now."""
    return push.push(deps(), oid, System(body.to), person().email)


@operation("POST", f"{HERE}/objects/<oid>/receipts", Role.OPERATOR, list[models.Outcome])
def pull_receipts(cid: str, oid: str) -> Any:
    """Pull every payment of a document, until it is fully received."""
    return push.pull_receipts(deps(), oid, person().email)


@operation("POST", f"{HERE}/push", Role.OPERATOR, list[models.Outcome], body=models.Bulk)
def push_objects(cid: str, body: models.Bulk) -> Any:
    """Send several records, with one outcome for each; those of another connection are left out."""
    mine = browse.ids_of(deps(), cid, body.objects)
    return push.push_many(deps(), cid, mine, System(body.to), person().email)


@operation("POST", f"{HERE}/objects/<oid>/retry", Role.OPERATOR, models.Done)
def retry_object(cid: str, oid: str) -> Any:
    """Try a failed record again with the next run."""
    objects.retry(deps(), oid, person().email)
    return DONE


@operation("POST", f"{HERE}/problems/retry", Role.OPERATOR, models.RunStarted, body=models.Cause)
def retry_cause(cid: str, body: models.Cause) -> Any:
    """Have everything that failed for one cause put back for the next run; the run that is returned shows the progress."""
    return {"run_id": request_retry(deps(), cid, Held(body.reason), person().email)}


@operation("POST", f"{HERE}/objects/<oid>/park", Role.OPERATOR, models.Done)
def park_object(cid: str, oid: str) -> Any:
    """Set a record aside."""
    objects.park(deps(), oid, person().email)
    return DONE


@operation("POST", f"{HERE}/objects/<oid>/unpark", Role.OPERATOR, models.Done)
def unpark_object(cid: str, oid: str) -> Any:
    """Let a record take part again."""
    objects.unpark(deps(), oid, person().email)
    return DONE


@operation("POST", f"{HERE}/objects/<oid>/variance", Role.REVIEWER, models.Done)
def accept_variance(cid: str, oid: str) -> Any:
    """Accept that the two systems compute different totals."""
    objects.accept_variance(deps(), oid, person().email)
    return DONE


@operation("POST", f"{HERE}/objects/<oid>/deletion", Role.REVIEWER, models.Done, body=models.FollowUp)
def decide_deletion(cid: str, oid: str, body: models.FollowUp) -> Any:
    """Say whether a deletion on one side is followed on the other."""
    objects.decide_deletion(deps(), oid, body.follow, person().email)
    return DONE


@operation("POST", f"{HERE}/conflicts/<oid>/preview", Role.VIEWER, models.ResolutionPreview, body=models.Choices)
def preview_resolution(cid: str, oid: str, body: models.Choices) -> Any:
    """What a resolution would write, with the totals it leads to."""
    return resolve.preview_resolution(deps(), oid, _choices(body))


@operation("POST", f"{HERE}/conflicts/<oid>/resolve", Role.REVIEWER, models.Done, body=models.Resolution)
def resolve_conflict(cid: str, oid: str, body: models.Resolution) -> Any:
    """Settle a conflict; refused when somebody else was first."""
    resolve.resolve(deps(), oid, version=body.version, choices=_choices(body), person=person().email)
    log.note("conflict_resolved", "Settled a conflict through the API.", connection_id=cid)
    return DONE


@operation("POST", f"{HERE}/conflicts/<oid>/undo", Role.REVIEWER, models.Done)
def undo_resolution(cid: str, oid: str) -> Any:
    """Take a resolution back while nothing of it was written."""
    resolve.undo(deps(), oid, person().email)
    return DONE


def _choices(body: models.Choices) -> dict[str, dict[str, str]]:
    return {path: choice.model_dump(exclude_none=True) for path, choice in body.choices.items()}


@operation("GET", f"{HERE}/categories/<category>/flip", Role.ADMINISTRATOR, models.Flip)
def preview_flip(cid: str, category: str) -> Any:
    """What turning the direction of a category round would do."""
    return directions.preview_flip(deps(), cid, _category(category))


@operation("POST", f"{HERE}/categories/<category>/flip", Role.ADMINISTRATOR, models.NewEpoch, body=models.Epoch)
def flip_category(cid: str, category: str, body: models.Epoch) -> Any:
    """Turn the direction of a category round, from the epoch that was seen."""
    epoch = directions.flip(deps(), cid, _category(category), epoch=body.epoch, person=person().email)
    log.note("direction_flipped", f"Flipped the direction of {category} through the API.", connection_id=cid)
    return {"epoch": epoch}


def _category(name: str) -> str:
    if name not in set(Category):
        raise Refused("There is no such category.", hint=f"The categories are {', '.join(Category)}.")
    return name
