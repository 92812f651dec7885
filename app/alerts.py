"""Telling people what happened while they were elsewhere: by mail, chat or webhook, through apprise.

The engine hands over events; they are stored, and told by ``deliver``, which the scheduler calls now and then: at once or as a
digest, not in quiet hours, and the same thing once a day at most. A target that does not answer is tried again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from apprise import Apprise
from sqlmodel import Session, col, select

from app.settings import Settings
from app.tables import Alert, AlertSettings
from engine.clock import Clock, SystemClock
from engine.services.deps import Event, Vault
from engine.store.database import make_engine, reading, writing
from engine.store.tables import Connection

log = structlog.get_logger(__name__)

KINDS = {
    "conflict_waiting": "A conflict waits for a person",
    "connection_lost": "A connection was lost",
    "run_halted": "A run was halted by a brake",
    "failures": "Records could not be written",
}
URGENT = frozenset({"connection_lost", "run_halted"})
"""Told at once even where a digest is chosen; quiet hours hold for them too."""

ONCE_IN = timedelta(days=1)
LOCAL_SCHEMES = frozenset({"dbus", "exec", "file", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"})
"""Targets that would act on this machine instead of telling a person."""

Send = Callable[[Sequence[str], str, str], bool]
"""(targets, title, text) → whether every target took it."""


def notifier(settings: Settings) -> Callable[[Event], None]:
    """What the engine calls for each event: it is stored, nothing is sent."""
    database, clock = make_engine(settings.database_url), SystemClock()
    return lambda event: remember(database, clock, event)


def remember(database: sa.Engine, clock: Clock, event: Event) -> None:
    """Store an event unless the same thing waits to be told already, or was told within a day."""
    now, key = clock.now(), _key(event)
    with writing(database) as session:
        known = session.get(Alert, (event.connection_id, key))
        if known is None:
            known = Alert(
                connection_id=event.connection_id, key=key, kind=event.name, text=event.sentence, noticed_at=now
            )
        elif known.sent_at is None or now - known.sent_at < ONCE_IN:
            known.times += 1
        else:
            known.text, known.times, known.noticed_at, known.sent_at = event.sentence, 1, now, None
        session.add(known)


def _key(event: Event) -> str:
    """Figures change from run to run without the thing being another one, nor is one conflict another thing than two."""
    bare = "".join(sign for sign in event.sentence if not sign.isdigit()) if event.name != "conflict_waiting" else ""
    return hashlib.sha256(f"{event.name} {bare}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out for one connection."""

    connection_id: str
    targets: tuple[str, ...]
    title: str
    text: str
    keys: tuple[str, ...]


def deliver(database: sa.Engine, clock: Clock, vault: Vault, send: Send, address: str) -> int:
    """Tell what waits and may be told now; ``address`` is where the reader finds Concord. Answers how many messages went out."""
    with reading(database) as session:
        messages = [
            message for one in _enabled(session) if (message := _compose(session, one, clock.now(), vault, address))
        ]
    sent = 0
    for message in messages:
        if send(message.targets, message.title, message.text):
            _mark_sent(database, message, clock.now())
            sent += 1
        else:
            log.warning("alert_not_sent", connection=message.connection_id)
    return sent


def waiting(database: sa.Engine) -> bool:
    """Whether anything waits to be told to anybody."""
    told_somewhere = select(AlertSettings.connection_id).where(col(AlertSettings.enabled))
    with reading(database) as session:
        untold = select(Alert.key).where(col(Alert.sent_at).is_(None), col(Alert.connection_id).in_(told_somewhere))
        return session.exec(untold.limit(1)).first() is not None


def _enabled(session: Session) -> Sequence[AlertSettings]:
    return session.exec(select(AlertSettings).where(col(AlertSettings.enabled))).all()


def _compose(session: Session, chosen: AlertSettings, now: datetime, vault: Vault, address: str) -> Message | None:
    waiting = session.exec(
        select(Alert)
        .where(
            Alert.connection_id == chosen.connection_id, col(Alert.sent_at).is_(None), col(Alert.kind).in_(chosen.kinds)
        )
        .order_by(col(Alert.noticed_at))
    ).all()
    if not waiting or not chosen.targets or is_quiet(chosen, now) or not _is_time(chosen, waiting, now):
        return None
    name = session.get_one(Connection, chosen.connection_id).name
    lines = [f"• {one.text}" + (f" ({one.times} times)" if one.times > 1 else "") for one in waiting]
    title = f"Concord: {name}" if len(waiting) > 1 else f"Concord: {name}: {KINDS[waiting[0].kind].lower()}"
    text = "\n".join([*lines, "", f"{address}/c/{chosen.connection_id}"])
    targets = tuple(vault.open(chosen.targets).split("\n"))
    return Message(chosen.connection_id, targets, title, text, tuple(one.key for one in waiting))


def _is_time(chosen: AlertSettings, waiting: Sequence[Alert], now: datetime) -> bool:
    """Whether the digest is due: counted from the oldest thing that waits."""
    if any(one.kind in URGENT for one in waiting):
        return True
    return now - waiting[0].noticed_at >= timedelta(minutes=chosen.digest_minutes)


def is_quiet(chosen: AlertSettings, now: datetime) -> bool:
    """Whether it is within the quiet hours, which may go over midnight."""
    if chosen.quiet_from == chosen.quiet_until:
        return False
    local = now.astimezone(ZoneInfo(chosen.time_zone)).strftime("%H:%M")
    if chosen.quiet_from < chosen.quiet_until:
        return chosen.quiet_from <= local < chosen.quiet_until
    return local >= chosen.quiet_from or local < chosen.quiet_until


def _mark_sent(database: sa.Engine, message: Message, now: datetime) -> None:
    with writing(database) as session:
        mine = (col(Alert.connection_id) == message.connection_id, col(Alert.key).in_(message.keys))
        session.exec(sa.update(Alert).where(*mine, col(Alert.sent_at).is_(None)).values(sent_at=now))
        session.exec(
            sa.update(AlertSettings)
            .where(col(AlertSettings.connection_id) == message.connection_id)
            .values(sent_at=now)
        )


SECONDS = 10
"""How long a target may take to be reached, and again to answer."""


def send_by_apprise(targets: Sequence[str], title: str, text: str) -> bool:
    """Hand a message to every target; False when one did not take it."""
    outlet = Apprise()
    added = [outlet.add(_hurried(target)) for target in targets]
    return all(added) and bool(outlet.notify(title=title, body=text))


def _hurried(target: str) -> str:
    """The address with limits of its own on time, unless it names others."""
    if "cto=" in target or "rto=" in target:
        return target
    return f"{target}{'&' if '?' in target else '?'}cto={SECONDS}&rto={SECONDS}"


def problem_with(target: str) -> str:
    """What is wrong with a target's address, in one sentence; empty when nothing is."""
    scheme = target.partition("://")[0].lower()
    if scheme in LOCAL_SCHEMES:
        return "This kind of address would act on the server instead of telling somebody."
    if not Apprise().add(target):
        return "This address is not understood. Examples: mailto://user:password@example.com, slack://token, json://host/path."
    return ""
