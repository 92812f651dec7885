"""The JSON API at ``/api/v1``: the same verbs as the pages, for scripts, described from the routes themselves."""

from app.api import acting, openapi, reading
from app.api.operation import blueprint

__all__ = ["acting", "blueprint", "openapi", "reading"]
