"""Visits: sessions, reviews and others, booked, kept or missed, and what was scored at them."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
from sqlite_utils import Database

from clinic_data.access.own import is_own, limited, must_be_own, own_value, some, some_values
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.allowed import day_between, one_of, text_or_none
from clinic_data.courses import open_course_row
from clinic_data.database import Change, Store
from clinic_data.errors import NotAllowed, NotFound
from clinic_data.patients import must_be_here
from clinic_data.settings import read_settings
from lib.scales import SCALES

KINDS = ("session", "review")
CANCELLED_BY = ("patient", "clinic")
DEEPEST_MM = 5
BOOKED_AHEAD = 730
"""So many days ahead a booking may lie."""

_DATES = ["visit_date", "cancelled_on", "recorded_on"]


@needs("see patients")
def read_visits(actor: Actor, store: Store, patient_id: int) -> pd.DataFrame:
    """A patient's visits of every kind, the latest first, one row for each treatment plan they serve.

    Columns: visit_id, course_id (missing where a visit serves no plan), kind, visit_date, status,
    attendance_assumed, cancelled_by, cancelled_on, recorded_on, depth_mm, device, notes, practitioner
    (name), source; dates as datetime64.
    """
    with store.read() as db:
        must_be_own(db, actor, patient_id)
        cursor = db.execute(
            "select v.id as visit_id, vc.course_id, v.kind, v.visit_date, v.status, v.attendance_assumed,"
            " v.cancelled_by, v.cancelled_on, v.recorded_on, v.depth_mm, v.device, v.notes, p.name as practitioner,"
            " v.source from visits v left join visit_courses vc on vc.visit_id = v.id"
            " left join practitioners p on p.id = v.practitioner_id"
            " where v.patient_id = ? order by v.visit_date desc, v.id desc",
            [patient_id],
        )
        visits = pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])
    for name in _DATES:
        visits[name] = pd.to_datetime(visits[name], format="%Y-%m-%d").astype("datetime64[s]")
    return visits.astype({"course_id": "Int64", "depth_mm": "float64"})


@needs("see patients")
def last_and_next(actor: Actor, store: Store, as_of: date) -> pd.DataFrame:
    """Each patient's last visit of any kind and next booking, as known on that day.

    Index patient_id, in order; columns last_visit and next_booking, datetime64, missing where there is none.
    """
    with store.read() as db:
        return last_and_next_in(db, actor, as_of)


def last_and_next_in(
    db: Database, actor: Actor, as_of: date, *, patient_ids: Collection[int] | None = None
) -> pd.DataFrame:
    """The same from an open connection, for all patients or for some."""
    cursor = db.execute(
        "select patient_id, max(case when status = 'completed' and visit_date <= :day then visit_date end),"
        " min(case when status = 'booked' and visit_date >= :day and coalesce(recorded_on, :day) <= :day"
        " or status <> 'booked' and visit_date > :day and recorded_on <= :day"
        " and not (status = 'cancelled' and coalesce(cancelled_on, :day) <= :day) then visit_date end)"
        f" from visits where {some(actor, 'patient_id', patient_ids)} group by patient_id order by patient_id",
        {"day": as_of.isoformat()} | some_values(actor, patient_ids),
    )
    days = pd.DataFrame(cursor.fetchall(), columns=["patient_id", "last_visit", "next_booking"])
    for name in ("last_visit", "next_booking"):
        days[name] = pd.to_datetime(days[name], format="%Y-%m-%d").astype("datetime64[s]")
    return days.set_index("patient_id")


@needs("see patients")
def bookings_on(actor: Actor, store: Store, day: date) -> pd.DataFrame:
    """What is booked for a day and not settled yet: columns code, patient, kind, area, practitioner.

    The areas of all plans that a visit serves; the practitioner whom the booking names, else the plan's.
    """
    columns = ["code", "patient", "kind", "area", "practitioner"]
    with store.read() as db:
        cursor = db.execute(
            "select p.code, p.name, v.kind, coalesce(group_concat(distinct c.area), ''),"
            " coalesce(max(own.name), max(plan.name), '') from visits v join patients p on p.id = v.patient_id"
            " left join visit_courses vc on vc.visit_id = v.id left join courses c on c.id = vc.course_id"
            " left join practitioners own on own.id = v.practitioner_id"
            " left join practitioners plan on plan.id = c.practitioner_id"
            f" where v.status = 'booked' and v.visit_date = :day and {limited(actor, 'v.patient_id')}"
            " group by v.id, p.id order by p.folded_name, v.id",
            own_value(actor) | {"day": day.isoformat()},
        )
        return pd.DataFrame(cursor.fetchall(), columns=columns)


@needs("see patients")
def read_scores(actor: Actor, store: Store, patient_id: int) -> pd.DataFrame:
    """A patient's outcome scores: columns visit_id, course_id, scale, value, better (lower or higher)."""
    with store.read() as db:
        must_be_own(db, actor, patient_id)
        cursor = db.execute(
            "select s.visit_id, s.course_id, s.scale, s.value, s.better from outcome_scores s"
            " join visits v on v.id = s.visit_id where v.patient_id = ? order by s.visit_id, s.scale",
            [patient_id],
        )
        return pd.DataFrame(cursor.fetchall(), columns=["visit_id", "course_id", "scale", "value", "better"])


@needs("record visits")
def record_visit(
    actor: Actor,
    store: Store,
    course_ids: Sequence[int],
    *,
    kind: str,
    visit_date: date,
    depth_mm: float | None = None,
    device: str | None = None,
    notes: str | None = None,
    practitioner_id: int | None = None,
    scores: Mapping[str, float] | None = None,
    seen: int | None = None,
) -> int:
    """Record a session or review that took place; returns the visit's id.

    `course_ids` are the open plans it served: one for a session, one or more for a review. Where it was booked
    for that day, the booking is what took place. `scores` are outcome scores by scale. NotAllowed for a day
    after today or on which the patient was gone, or a visit that is recorded already, Conflict where the record
    changed since `seen`.
    """
    today = read_settings(actor, store).today
    one_of(kind, KINDS, "the kind of visit")
    day_between(visit_date, "the day of the visit", today, back=36500, ahead=0)
    details = _details(kind, depth_mm, device, notes, practitioner_id)
    patient_id = _patient_of(actor, store, course_ids, kind)
    with store.change(actor, f"record a {kind}", patient_id=patient_id, seen=seen) as change:
        visit_id = record_in(change, course_ids, kind=kind, visit_date=visit_date, today=today, details=details)
        _score(change, visit_id, course_ids, scores or {})
        return visit_id


def record_in(
    change: Change,
    course_ids: Sequence[int],
    *,
    kind: str,
    visit_date: date,
    today: date,
    details: Mapping[str, Any],
) -> int:
    """Record a visit of the change's patient as a part of it; returns the visit's id."""
    patient_id = _must_be_open(change, course_ids)
    must_be_here(change.db, patient_id, visit_date)
    there = _visit_on(change.db, course_ids, kind, visit_date)
    if there and there["status"] == "completed":
        raise NotAllowed(f"a {kind} on {visit_date:%d %b %Y} is recorded already")
    if not there:
        return _insert(change, patient_id, course_ids, kind, visit_date, "completed", today, details)
    visit_id = int(there["id"])
    practitioner_id = details["practitioner_id"] or there["practitioner_id"]
    change.update("visits", visit_id, status="completed", **{**details, "practitioner_id": practitioner_id})
    _serve(change, visit_id, course_ids, patient_id)
    return visit_id


@needs("note bookings")
def note_booking(
    actor: Actor,
    store: Store,
    course_ids: Sequence[int],
    *,
    kind: str,
    visit_date: date,
    practitioner_id: int | None = None,
    seen: int | None = None,
) -> int:
    """Note that a session or review is booked; returns the visit's id.

    A day on which the skin has not healed, or in a pause, may be noted: it is flagged. NotAllowed for a day before
    today, one on which the clinic is closed, or one that is booked already, and for a patient who is gone; Conflict
    as for record_visit.
    """
    today = read_settings(actor, store).today
    patient_id = _patient_of(actor, store, course_ids, kind)
    with store.change(actor, "note a booking", patient_id=patient_id, seen=seen) as change:
        return book_in(
            change, course_ids, kind=kind, visit_date=visit_date, today=today, practitioner_id=practitioner_id
        )


@needs("note bookings")
def note_bookings(
    actor: Actor,
    store: Store,
    course_ids: Sequence[int],
    *,
    kind: str,
    visit_dates: Sequence[date],
    practitioner_id: int | None = None,
    seen: int | None = None,
) -> list[int]:
    """Note that several visits of a kind are booked, all of them or none; returns their ids.

    NotAllowed without a day, and as for note_booking; Conflict as there.
    """
    if not visit_dates:
        raise NotAllowed("at least one day is wanted")
    today = read_settings(actor, store).today
    patient_id = _patient_of(actor, store, course_ids, kind)
    with store.change(actor, "note bookings", patient_id=patient_id, seen=seen) as change:
        return [
            book_in(change, course_ids, kind=kind, visit_date=day, today=today, practitioner_id=practitioner_id)
            for day in visit_dates
        ]


def book_in(
    change: Change,
    course_ids: Sequence[int],
    *,
    kind: str,
    visit_date: date,
    today: date,
    practitioner_id: int | None = None,
) -> int:
    """Note a booking of the change's patient as a part of it; returns the visit's id."""
    one_of(kind, KINDS, "the kind of visit")
    day_between(visit_date, "a booking", today, back=0, ahead=BOOKED_AHEAD)
    patient_id = _must_be_open(change, course_ids)
    must_be_here(change.db, patient_id, today)
    _must_be_free(change.db, course_ids, kind, visit_date)
    details = {"practitioner_id": practitioner_id}
    return _insert(change, patient_id, course_ids, kind, visit_date, "booked", today, details)


@needs("note bookings")
def move_booking(actor: Actor, store: Store, visit_id: int, *, to: date, by: str, seen: int | None = None) -> int:
    """Move a booking to another day; returns the new one's id. The old one stays, as cancelled today.

    NotAllowed as for note_booking.
    """
    today = read_settings(actor, store).today
    one_of(by, CANCELLED_BY, "whoever moves it")
    day_between(to, "a booking", today, back=0, ahead=BOOKED_AHEAD)
    visit, course_ids = _booking(actor, store, visit_id)
    with store.change(actor, "move a booking", patient_id=visit["patient_id"], seen=seen) as change:
        must_be_here(change.db, visit["patient_id"], today)
        _must_be_booked(change.db, actor, visit_id)
        _must_be_free(change.db, course_ids, visit["kind"], to)
        change.update("visits", visit_id, status="cancelled", cancelled_by=by, cancelled_on=today.isoformat())
        details = {"practitioner_id": visit["practitioner_id"]}
        return _insert(change, visit["patient_id"], course_ids, visit["kind"], to, "booked", today, details)


@needs("note bookings")
def cancel_booking(actor: Actor, store: Store, visit_id: int, *, by: str, seen: int | None = None) -> None:
    """Cancel a booking, today, by the patient or by the clinic."""
    today = read_settings(actor, store).today
    one_of(by, CANCELLED_BY, "whoever cancels")
    visit, _ = _booking(actor, store, visit_id)
    with store.change(actor, "cancel a booking", patient_id=visit["patient_id"], seen=seen) as change:
        _must_be_booked(change.db, actor, visit_id)
        change.update("visits", visit_id, status="cancelled", cancelled_by=by, cancelled_on=today.isoformat())


@needs("record visits")
def record_attendance(
    actor: Actor,
    store: Store,
    visit_id: int,
    *,
    came: bool,
    depth_mm: float | None = None,
    device: str | None = None,
    notes: str | None = None,
    scores: Mapping[str, float] | None = None,
    seen: int | None = None,
) -> None:
    """Say whether the patient came to what was booked for today or an earlier day.

    NotAllowed for a day on which the patient was gone: that booking is cancelled.
    """
    today = read_settings(actor, store).today
    visit, course_ids = _booking(actor, store, visit_id)
    day = date.fromisoformat(visit["visit_date"])
    if day > today:
        raise NotAllowed(f"whether a patient came can be said from {day:%d %b %Y} on")
    details = _details(visit["kind"], depth_mm, device, notes, visit["practitioner_id"]) if came else {}
    action = "record that the patient came" if came else "record that the patient did not come"
    with store.change(actor, action, patient_id=visit["patient_id"], seen=seen) as change:
        must_be_here(change.db, visit["patient_id"], day)
        _must_be_booked(change.db, actor, visit_id)
        change.update("visits", visit_id, status="completed" if came else "no_show", **details)
        if came:
            _score(change, visit_id, course_ids, scores or {})


def _details(
    kind: str, depth_mm: float | None, device: str | None, notes: str | None, practitioner_id: int | None
) -> dict[str, Any]:
    return {
        "depth_mm": depth_of(kind, depth_mm),
        "device": text_or_none(device, "the device"),
        "notes": text_or_none(notes, "the notes"),
        "practitioner_id": practitioner_id,
    }


def depth_of(kind: str, depth_mm: float | None) -> float | None:
    """The depth, if a visit of that kind may have it."""
    if depth_mm is not None and (kind != "session" or not 0 < depth_mm <= DEEPEST_MM):
        raise NotAllowed(f"a session's needles go more than 0 and at most {DEEPEST_MM} mm deep, a review has no depth")
    return depth_mm


def _patient_of(actor: Actor, store: Store, course_ids: Sequence[int], kind: str) -> int:
    """Whose plans these are; NotAllowed where they are several patients', or a session's are not one."""
    if not course_ids or (kind == "session" and len(course_ids) != 1):
        raise NotAllowed("a session belongs to one treatment plan, a review to one or more")
    with store.read() as db:
        patients = {open_course_row(db, actor, course_id)["patient_id"] for course_id in course_ids}
    if len(patients) != 1:
        raise NotAllowed("a visit belongs to one patient's treatment plans")
    return int(patients.pop())


def _must_be_open(change: Change, course_ids: Sequence[int]) -> int:
    """The change's patient, whose plans these are and open; NotAllowed says what they are instead."""
    patients = {open_course_row(change.db, change.actor, course_id)["patient_id"] for course_id in course_ids}
    if patients != {change.patient_id}:
        raise NotAllowed("a visit belongs to one patient's treatment plans")
    return int(patients.pop())


def _visit_on(db: Database, course_ids: Sequence[int], kind: str, day: date) -> dict[str, Any] | None:
    """The plan's visit of that kind on that day, one that took place before one that is booked."""
    found = [
        row
        for course_id in course_ids
        for row in db.query(
            "select v.* from visits v join visit_courses vc on vc.visit_id = v.id where vc.course_id = ?"
            " and v.kind = ? and v.visit_date = ? and v.status in ('booked', 'completed')",
            [course_id, kind, day.isoformat()],
        )
    ]
    return min(found, key=lambda visit: visit["status"] != "completed", default=None)


def _must_be_free(db: Database, course_ids: Sequence[int], kind: str, day: date) -> None:
    if _visit_on(db, course_ids, kind, day):
        raise NotAllowed(f"a {kind} on {day:%d %b %Y} is there already")
    closed = "select ends_on from closures where starts_on <= :day and ends_on > :day"
    closure = next(db.query(closed, {"day": day.isoformat()}), None)
    if closure:
        reopens = date.fromisoformat(closure["ends_on"])
        raise NotAllowed(f"the clinic is closed on {day:%d %b %Y}; it reopens on {reopens:%d %b %Y}")


def _booking(actor: Actor, store: Store, visit_id: int) -> tuple[dict[str, Any], list[int]]:
    """A booked visit and the plans it serves."""
    with store.read() as db:
        visit = _must_be_booked(db, actor, visit_id)
        served = db.query("select course_id from visit_courses where visit_id = ?", [visit_id])
        return visit, [row["course_id"] for row in served]


def _must_be_booked(db: Database, actor: Actor, visit_id: int) -> dict[str, Any]:
    visit = next(db.query("select * from visits where id = ?", [visit_id]), None)
    if visit is None or not is_own(db, actor, visit["patient_id"]):
        raise NotFound("This booking is not there any more.")
    if visit["status"] != "booked":
        raise NotAllowed(f"this visit is not booked any more: it is {visit['status'].replace('_', '-')}")
    return visit


def _insert(
    change: Change,
    patient_id: int,
    course_ids: Sequence[int],
    kind: str,
    day: date,
    status: str,
    today: date,
    details: Mapping[str, Any],
) -> int:
    visit_id = change.insert(
        "visits",
        {
            "patient_id": patient_id,
            "kind": kind,
            "visit_date": day.isoformat(),
            "status": status,
            "recorded_on": today.isoformat(),
            "source": "recorded here",
            "source_key": secrets.token_hex(8),
            **details,
        },
    )
    _serve(change, visit_id, course_ids, patient_id)
    return visit_id


def _serve(change: Change, visit_id: int, course_ids: Sequence[int], patient_id: int) -> None:
    """Let a visit serve these plans, beside those that it serves already."""
    served = change.db.query("select course_id from visit_courses where visit_id = ?", [visit_id])
    known = {row["course_id"] for row in served}
    for course_id in dict.fromkeys(course_ids):
        if course_id not in known:
            change.insert("visit_courses", {"course_id": course_id, "visit_id": visit_id, "patient_id": patient_id})


def _score(change: Change, visit_id: int, course_ids: Sequence[int], scores: Mapping[str, float]) -> None:
    for name, value in scores.items():
        one_of(name, SCALES, "an outcome scale")
        scale = SCALES[name]
        if not scale.least <= value <= scale.most:
            raise NotAllowed(f"{name.replace('_', ' ')} goes from {scale.least} to {scale.most}, not {value:g}")
        for course_id in dict.fromkeys(course_ids):
            change.insert(
                "outcome_scores",
                {"visit_id": visit_id, "course_id": course_id, "scale": name, "value": value, "better": scale.better},
            )
