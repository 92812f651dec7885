"""A simulated Scoro: API v2 under `/api/v2`, controls under `/_control`, a small web site at `/`."""

from app.sandbox.scoro.behaviours import Behaviours
from app.sandbox.scoro.sandbox import ScoroSandbox, create_scoro_sandbox, serve

__all__ = ["Behaviours", "ScoroSandbox", "create_scoro_sandbox", "serve"]
