"""Everything that can go wrong, drawn as a tree. A conflict is not in it: a conflict is a stored value.

ConcordError
├── Retryable            try again, after a while
│   └── Throttled        the remote asked everyone to slow down
├── AuthorizationLost    the connection needs a person to authorise it again
├── StaleRevision        somebody wrote first: read, observe, decide again
├── RemoteMissing        the record is gone
├── DuplicateRemote      the remote already has one like it
├── RemoteRejected       the remote refuses the content; a person or a mapping must change it
├── MappingError         a record cannot be expressed on the other side
│   ├── MissingReference a record points to one that has not been observed yet
│   └── UnboundReference a record points to one that the other side does not have yet
├── Refused              a person's request that a rule forbids
├── Misconfigured        settings or keys are wrong
├── SafetyHalt           a brake stopped the run for a person
└── InvariantBroken      a promise of the engine does not hold: a bug, never the user's fault
"""

from __future__ import annotations


class ConcordError(Exception):
    """``message`` says what happened, ``hint`` the way out; both are sentences for a person.

    ``detail`` is what the remote said. It may hold customers' data and is shown to reviewers and administrators only.
    ``request_id`` is the remote's own trace id, the handle its support asks for.
    """

    def __init__(self, message: str, *, hint: str = "", detail: str = "", request_id: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail
        self.request_id = request_id
        self.code = code


class Retryable(ConcordError):
    """A passing fault. ``after`` is the number of seconds the remote asked us to wait, when it did.

    ``maybe_applied`` tells that the request may have taken effect although no answer came.
    """

    def __init__(
        self,
        message: str,
        *,
        after: float | None = None,
        maybe_applied: bool = False,
        hint: str = "",
        detail: str = "",
        request_id: str = "",
        code: str = "",
    ) -> None:
        super().__init__(message, hint=hint, detail=detail, request_id=request_id, code=code)
        self.after = after
        self.maybe_applied = maybe_applied


class Throttled(Retryable):
    """The remote's rate limit or daily quota is used up; it holds for the whole connection."""


class AuthorizationLost(ConcordError):
    """The grant was revoked, expired or replaced. Everything of the connection stops until it is authorised again."""


class StaleRevision(ConcordError):
    """The write fence failed: the record changed after we last saw it."""


class RemoteMissing(ConcordError):
    """The record does not exist any more, or was made inactive."""


class DuplicateRemote(ConcordError):
    """The remote refuses a second record with the same natural key. ``existing_id`` names the holder when it is told."""

    def __init__(
        self,
        message: str,
        *,
        existing_id: str | None = None,
        hint: str = "",
        detail: str = "",
        request_id: str = "",
        code: str = "",
    ) -> None:
        super().__init__(message, hint=hint, detail=detail, request_id=request_id, code=code)
        self.existing_id = existing_id


class RemoteRejected(ConcordError):
    """The remote understood the request and refuses its content. Sending it again unchanged is pointless."""


class MappingError(ConcordError):
    """A record cannot be expressed in the other form."""


class MissingReference(MappingError):
    """A record points to another one that is not bound yet. ``type`` and ``id`` are the remote's."""

    def __init__(self, type: str, id: str) -> None:
        super().__init__(f"The record points to {type} {id}, which has not been read yet.")
        self.type = type
        self.id = id


class UnboundReference(MappingError):
    """A record points to an object that is not on the other side yet; ``object_id`` is that object's."""

    def __init__(self, message: str, object_id: str, *, hint: str) -> None:
        super().__init__(message, hint=hint, code="not_bound")
        self.object_id = object_id


class Refused(ConcordError):
    """A rule forbids what was asked; the message names the rule and the hint the way out."""


class Misconfigured(ConcordError):
    """An address, a key or a setting is missing or wrong."""


class SafetyHalt(ConcordError):
    """A brake stopped the run; the message gives the figures."""


class InvariantBroken(ConcordError):
    """Something that cannot happen did. The run of this object stops; nothing is written."""
