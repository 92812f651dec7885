"""What every part of the simulated Scoro shares: the world and the services around it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

from app.sandbox.common.calls import Call, RecentCalls
from app.sandbox.common.clock import SandboxClock
from app.sandbox.common.faults import FaultScript
from app.sandbox.common.journal import Actor, Journal
from app.sandbox.common.stats import Stats
from app.sandbox.common.webhooks import WebhookQueue
from app.sandbox.scoro.behaviours import Behaviours
from app.sandbox.scoro.limits import Limits
from app.sandbox.scoro.world import World, whole_second

SYSTEM = "scoro"


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acts and through which call; `user_id` is 0 for the company's key."""

    actor: Actor
    call: Call
    user_id: int = 0


@dataclass(slots=True)
class Core:
    """Requests and controls take `lock` while they read or change the world."""

    clock: SandboxClock
    world: World
    behaviours: Behaviours
    stats: Stats
    journal: Journal
    faults: FaultScript
    webhooks: WebhookQueue
    limits: Limits
    calls: RecentCalls = field(default_factory=RecentCalls)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def now(self) -> datetime:
        """The present at the resolution of the service's stamps."""
        return whole_second(self.clock.now())
