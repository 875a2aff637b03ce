"""Visits that were entered wrongly: another day or other details, or a visit that never was."""

from datetime import date
from typing import Any

from sqlite_utils import Database

from clinic_data.access.own import is_own
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.allowed import day_between, text_or_none
from clinic_data.database import Store
from clinic_data.errors import NotAllowed, NotFound
from clinic_data.patients import must_be_here
from clinic_data.settings import read_settings
from clinic_data.visits import depth_of


@needs("record visits")
def correct_visit(
    actor: Actor,
    store: Store,
    visit_id: int,
    *,
    visit_date: date,
    depth_mm: float | None,
    notes: str | None,
    seen: int | None = None,
) -> None:
    """Say how a visit that took place really was: all of it, what is not given is not known.

    NotAllowed for a day to come, on which the patient was gone or which has a visit of its kind already, and for
    a visit that did not take place; Conflict where the record changed since `seen`.
    """
    today = read_settings(actor, store).today
    day_between(visit_date, "the day of the visit", today, back=36500, ahead=0)
    with store.read() as db:
        visit = _completed(db, actor, visit_id)
    new = {
        "visit_date": visit_date.isoformat(),
        "depth_mm": depth_of(visit["kind"], depth_mm),
        "notes": text_or_none(notes, "the notes"),
    }
    with store.change(actor, "correct a visit", patient_id=visit["patient_id"], seen=seen) as change:
        visit = _completed(change.db, actor, visit_id)
        if new["visit_date"] != visit["visit_date"]:
            must_be_here(change.db, visit["patient_id"], visit_date)
            _must_be_alone(change.db, visit, visit_date)
        if any(visit[name] != value for name, value in new.items()):
            change.update("visits", visit_id, **new)


@needs("remove visits")
def remove_visit(actor: Actor, store: Store, visit_id: int, *, seen: int | None = None) -> None:
    """Take a visit away that never took place: entered in error, with its scores and all that was said of it."""
    with store.read() as db:
        patient_id = _completed(db, actor, visit_id)["patient_id"]
    with store.change(actor, "remove a visit", patient_id=patient_id, seen=seen) as change:
        _completed(change.db, actor, visit_id)
        for table in ("outcome_scores", "dismissals"):
            for row in list(change.db.query(f"select id from {table} where visit_id = ? order by id", [visit_id])):
                change.delete(table, row["id"])
        served = "select course_id from visit_courses where visit_id = ? order by course_id"
        for row in list(change.db.query(served, [visit_id])):
            change.delete("visit_courses", (row["course_id"], visit_id))
        change.delete("visits", visit_id)


def _completed(db: Database, actor: Actor, visit_id: int) -> dict[str, Any]:
    visit = next(db.query("select * from visits where id = ?", [visit_id]), None)
    if visit is None or not is_own(db, actor, visit["patient_id"]):
        raise NotFound("This visit is not there any more.")
    if visit["status"] != "completed":
        raise NotAllowed("only a visit that took place is corrected or removed; a booking is moved or cancelled")
    return visit


def _must_be_alone(db: Database, visit: dict[str, Any], day: date) -> None:
    """NotAllowed where another visit of the same kind, of one of its plans, is there on that day."""
    same = (
        "select 1 from visits v join visit_courses vc on vc.visit_id = v.id where v.id <> :id and v.kind = :kind"
        " and v.visit_date = :day and v.status in ('booked', 'completed')"
        " and vc.course_id in (select course_id from visit_courses where visit_id = :id)"
    )
    if next(db.query(same, {"id": visit["id"], "kind": visit["kind"], "day": day.isoformat()}), None):
        raise NotAllowed(f"a {visit['kind']} on {day:%d %b %Y} is there already")
