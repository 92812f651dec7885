"""The seeded world that both sandboxes start from, in terms that belong to neither."""

from functools import cache

from app.sandbox.seed.agency import build_world
from app.sandbox.seed.world import World

__all__ = ["World", "load_world"]


@cache
def load_world(seed: str = "agency", profile: str = "us", state: int = 1) -> World:
    """The world of a seed (`agency` or `empty`), a profile (`us` or `uk`) and a variation number.

    The same three arguments always give an equal world. Raises ValueError for an unknown seed or profile.
    """
    if seed not in ("agency", "empty"):
        raise ValueError(f"no seed is called {seed!r}; there are agency and empty")
    return build_world(profile, state, with_data=seed == "agency")
