"""What the log is told of observations and of the rules that followed them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.objects import CausalObject
from engine.core.observe import Effect, Observation
from engine.core.records import HUB, Path, Scalar
from engine.services.observing.page import Page
from engine.store import log


def state_if_contested(seen: Observation) -> dict[str, Any]:
    """What became of contested fields is not told by the fields alone: such an entry keeps the whole state, so that the
    log can be folded. One that ended a contest may have ended others with it."""
    told = any(change.effect in (Effect.CONTESTED, Effect.CONVERGED) for change in seen.changes)
    return {"state": dict(seen.thing.fields)} if told else {}


def tell_observation(
    page: Page,
    action: str,
    seen: Observation,
    context: Mapping[str, int],
    revision: str,
    actor: str,
    counter: int = 0,
    details: Mapping[str, Any] | None = None,
) -> None:
    """The entry of one observation."""
    page.entries.append(
        log.Entry(
            action=action,
            object_id=seen.thing.id,
            kind=seen.thing.kind.value,
            actor=actor,
            counter=counter or seen.thing.vector[actor],
            vector=dict(seen.thing.vector.counters),
            context=context,
            fields=[[change.path, change.before, change.after, change.effect.value] for change in seen.changes],
            details={**state_if_contested(seen), **(details or {})},
            revision=revision,
            noticed=page.noticed,
            run_id=page.run_id,
        )
    )


def tell_rule(
    page: Page,
    thing: CausalObject,
    fields: list[list[Any]],
    rule: str,
    counter: int = 0,
    gave_way: Mapping[Path, Mapping[str, Scalar | None]] | None = None,
) -> None:
    """The entry of a rule that resolved something without a person; ``gave_way``: per field, side → what it said in vain."""
    page.entries.append(
        log.Entry(
            action="resolved",
            object_id=thing.id,
            kind=thing.kind.value,
            actor=HUB,
            counter=counter,
            vector=dict(thing.vector.counters),
            fields=fields,
            details={"rule": rule} | ({"gave_way": gave_way} if gave_way else {}),
            noticed="rule",
            run_id=page.run_id,
        )
    )
