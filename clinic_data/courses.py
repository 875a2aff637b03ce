"""Treatment plans: which area, under which protocol, how many sessions, from when to when."""

import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from sqlite_utils import Database

from clinic_data.access.own import is_own, must_be_own
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.allowed import day_between, one_of, text_of, text_or_none
from clinic_data.database import Change, Store
from clinic_data.errors import NotAllowed, NotFound
from clinic_data.patients import must_be_here
from clinic_data.protocol_versions import SHIPPED, keep_protocol
from clinic_data.settings import read_settings

SEVERITIES = ("mild", "moderate", "severe")
CLOSING_REASONS = ("finished", "finished_early", "patient_stopped", "medical", "moved_away", "entered_in_error")
MOST_SESSIONS = 30
OPENED_BACK = 36500
"""So many days back a plan's opening may be corrected to: as far as its visits may lie."""


@needs("see patients")
def read_courses(actor: Actor, store: Store, patient_id: int, *, as_of: date) -> pd.DataFrame:
    """A patient's treatment plans as they stood on that day, the latest first.

    Columns: course_id, protocol, version, area, concern, severity, planned_sessions, practitioner_id,
    practitioner (name), opened_on, closed_on (ISO text), closed_reason.
    """
    with store.read() as db:
        must_be_own(db, actor, patient_id)
        cursor = db.execute(
            "select c.id as course_id, c.protocol_id as protocol, c.protocol_version as version, c.area, c.concern,"
            " c.severity, c.planned_sessions, c.practitioner_id, p.name as practitioner, c.opened_on,"
            " case when c.closed_on <= :day then c.closed_on end as closed_on,"
            " case when c.closed_on <= :day then c.closed_reason end as closed_reason"
            " from courses c left join practitioners p on p.id = c.practitioner_id"
            " where c.patient_id = :patient and (c.opened_on <= :day or exists (select 1 from visit_courses vc"
            " join visits v on v.id = vc.visit_id where vc.course_id = c.id and v.kind = 'session'"
            " and v.status = 'completed' and v.visit_date <= :day)) order by c.opened_on desc, c.id desc",
            {"patient": patient_id, "day": as_of.isoformat()},
        )
        return pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])


@needs("plan treatment")
def open_course(
    actor: Actor,
    store: Store,
    patient_id: int,
    *,
    protocol_id: str,
    area: str,
    planned_sessions: int,
    opened_on: date,
    practitioner_id: int | None = None,
    concern: str | None = None,
    severity: str | None = None,
    protocols: Path = SHIPPED,
    seen: int | None = None,
) -> int:
    """Open a treatment plan of an area under a protocol; returns the plan's id.

    An area that is known already keeps its spelling (`known_area`).
    NotAllowed where one under the same protocol is open on the area already and for a patient who is gone, Conflict
    where the patient's record changed since `seen`.
    """
    today = read_settings(actor, store).today
    area = text_of(area, "the area")
    day_between(opened_on, "the plan's opening", today, back=3650, ahead=365)
    _must_be_possible(planned_sessions)
    if severity is not None:
        one_of(severity, SEVERITIES, "the severity")
    with store.change(actor, "open a treatment plan", patient_id=patient_id, seen=seen) as change:
        must_be_here(change.db, patient_id, today)
        protocol = keep_protocol(change, protocol_id, protocols)
        area = known_area(change.db, patient_id, area)
        same = "select area from courses where patient_id = ? and protocol_id = ? and closed_on is null"
        if area_key(area) in {area_key(row["area"]) for row in change.db.query(same, [patient_id, protocol_id])}:
            raise NotAllowed(f"a plan for {protocol.name} on {area} is open already; close it first")
        return change.insert(
            "courses",
            {
                "patient_id": patient_id,
                "protocol_id": protocol.id,
                "protocol_version": protocol.version,
                "area": area,
                "concern": text_or_none(concern, "the concern"),
                "severity": severity,
                "planned_sessions": planned_sessions,
                "practitioner_id": practitioner_id,
                "opened_on": opened_on.isoformat(),
                "closed_on": None,
                "closed_reason": None,
            },
        )


@needs("plan treatment")
def change_plan(
    actor: Actor, store: Store, course_id: int, *, planned_sessions: int, opened_on: date, seen: int | None = None
) -> None:
    """How many sessions an open plan has, and when it was opened.

    NotAllowed for another number than open_course takes, and for a later opening than before that lies after a visit
    which took place; Conflict where the record changed since `seen`.
    """
    today = read_settings(actor, store).today
    day_between(opened_on, "the plan's opening", today, back=OPENED_BACK, ahead=365)
    _must_be_possible(planned_sessions)
    with store.read() as db:
        patient_id = open_course_row(db, actor, course_id)["patient_id"]
    with store.change(actor, "change a treatment plan", patient_id=patient_id, seen=seen) as change:
        course = open_course_row(change.db, actor, course_id)
        if opened_on.isoformat() > course["opened_on"]:
            _must_be_first(change.db, course_id, opened_on)
        new = {"planned_sessions": planned_sessions, "opened_on": opened_on.isoformat()}
        if any(course[name] != value for name, value in new.items()):
            change.update("courses", course_id, **new)


@needs("plan treatment")
def close_course(
    actor: Actor, store: Store, course_id: int, *, closed_on: date, reason: str, seen: int | None = None
) -> None:
    """Close a treatment plan: from that day on it expects nothing.

    With the reason `finished_early` the plan stays open and its series ends with the sessions done so far:
    reviews and maintenance then count from the last of them. NotAllowed for a day before the opening or after
    today, and for finishing early without a session or after the last one planned.
    """
    today = read_settings(actor, store).today
    one_of(reason, CLOSING_REASONS, "the reason for closing")
    with store.read() as db:
        course = open_course_row(db, actor, course_id)
    opened_on = date.fromisoformat(course["opened_on"])
    if opened_on > today:
        raise NotAllowed(f"this treatment plan opens on {opened_on:%d %b %Y} and can be closed from then on")
    day_between(closed_on, "the day of closing", today, back=(today - opened_on).days, ahead=0)
    with store.change(actor, "close a treatment plan", patient_id=course["patient_id"], seen=seen) as change:
        if reason != "finished_early":
            close_in(change, course_id, closed_on=closed_on, reason=reason)
            return
        course = open_course_row(change.db, actor, course_id)
        done = sessions_done(change.db, course_id, today)
        if not 1 <= done < course["planned_sessions"]:
            raise NotAllowed(
                f"a series is finished early after some of its {course['planned_sessions']} sessions; {done} are done"
            )
        change.update("courses", course_id, planned_sessions=done)


def close_in(change: Change, course_id: int, *, closed_on: date, reason: str) -> None:
    """Close a plan that is open as part of a larger change."""
    open_course_row(change.db, change.actor, course_id)
    change.update("courses", course_id, closed_on=closed_on.isoformat(), closed_reason=reason)


def area_key(area: str) -> str:
    """An area as it is compared: whatever its case, the Turkish i's included, and the space in it."""
    letters = unicodedata.normalize("NFC", area.casefold()).replace("i\u0307", "i").replace("ı", "i")
    return " ".join(letters.split())


def known_area(db: Database, patient_id: int, area: str) -> str:
    """The area as it is spelt already: in the patient's own plans and pauses, else in most of the clinic's plans.

    A new one keeps its spelling, with single spaces.
    """
    spelt = db.query(
        "select area from (select area, patient_id from courses"
        " union all select area, patient_id from holds where patient_id = :patient and area is not null) as areas"
        " group by area order by max(case when patient_id = :patient then 1 else 0 end) desc, count(*) desc, area",
        {"patient": patient_id},
    )
    key = area_key(area)
    return next((row["area"] for row in spelt if area_key(row["area"]) == key), " ".join(area.split()))


def open_course_row(db: Database, actor: Actor, course_id: int) -> dict[str, Any]:
    """The row of a plan that is open; NotFound or NotAllowed say what it is instead.

    Another practitioner's plan is not there for whoever may see the own patients only.
    """
    course = next(db.query("select * from courses where id = ?", [course_id]), None)
    if course is None or not is_own(db, actor, course["patient_id"]):
        raise NotFound("This treatment plan is not there any more.")
    if course["closed_on"] is not None:
        raise NotAllowed(f"this treatment plan was closed on {date.fromisoformat(course['closed_on']):%d %b %Y}")
    return course


def sessions_done(db: Database, course_id: int, today: date) -> int:
    """On how many days up to today the plan had a session."""
    row = db.execute(
        "select count(distinct v.visit_date) from visit_courses vc join visits v on v.id = vc.visit_id"
        " where vc.course_id = ? and v.kind = 'session' and v.status = 'completed' and v.visit_date <= ?",
        [course_id, today.isoformat()],
    ).fetchone()
    return int(row[0])


def _must_be_possible(planned_sessions: int) -> None:
    if not 1 <= planned_sessions <= MOST_SESSIONS:
        raise NotAllowed(f"a plan has 1 to {MOST_SESSIONS} sessions, not {planned_sessions}")


def _must_be_first(db: Database, course_id: int, opened_on: date) -> None:
    """NotAllowed where a visit of the plan took place before that day."""
    first = db.execute(
        "select min(v.visit_date) from visit_courses vc join visits v on v.id = vc.visit_id"
        " where vc.course_id = ? and v.status = 'completed'",
        [course_id],
    ).fetchone()[0]
    if first is not None and first < opened_on.isoformat():
        raise NotAllowed(f"the plan had a visit on {date.fromisoformat(first):%d %b %Y}, before that opening")
