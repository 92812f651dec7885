"""The activity log: who did what, for the people who answer for it."""

from __future__ import annotations

from flask import request
from sqlmodel import Session, col, select

from app.access import Person, someone, visible
from app.context import changing, now
from app.tables import Activity

PAGE = 100


def note(action: str, summary: str, *, connection_id: str = "", who: str = "", session: Session | None = None) -> None:
    """Write one line. ``action`` is a short stable name, ``summary`` a sentence without the person's name.

    Within ``session`` when given, so that it is kept exactly when the act is.
    """
    person = someone()
    line = Activity(
        at=now(),
        person=who or (person.email if person else ""),
        action=action,
        summary=summary,
        connection_id=connection_id,
        address=request.remote_addr or "",
    )
    if session is not None:
        session.add(line)
        return
    with changing() as own:
        own.add(line)


def lines(session: Session, who: Person, *, before: int = 0, name: str = "") -> list[Activity]:
    """A page of the log, newest first: all of it for administrators, else one's own and that of one's connections."""
    query = select(Activity).order_by(col(Activity.id).desc()).limit(PAGE)
    if before:
        query = query.where(col(Activity.id) < before)
    if name:
        query = query.where(col(Activity.person) == name)
    if not who.may("administrator"):
        mine = [one.id for one in visible(session, who)]
        query = query.where(col(Activity.connection_id).in_(mine) | (col(Activity.person) == who.email))
    return list(session.exec(query))
