"""The tools of one job: what a run, a push or a job of its own works with."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.connectors.base import Connector
from engine.core.records import System
from engine.services.context import Context
from engine.services.deps import Deps
from engine.services.directory import Directory
from engine.services.lease import Lease


@dataclass(slots=True)
class Job:
    """The tools of one job: open connectors, one directory, the lease if it is a run."""

    deps: Deps
    context: Context
    directory: Directory
    run_id: str
    lease: Lease | None = None
    connectors: dict[System, Connector] = field(default_factory=dict)

    def connector(self, system: System) -> Connector:
        """The connector to a system, opened when first needed."""
        if system not in self.connectors:
            self.connectors[system] = self.deps.connect(self.context.id, system)
        return self.connectors[system]

    def close(self) -> None:
        """Give everything back."""
        for connector in self.connectors.values():
            connector.close()
