"""Patients who are gone: what is refused from that day on, and what may still be entered for the days before it."""

from datetime import date
from typing import Any

import pytest

from clinic_data.agreements import agree_dates
from clinic_data.database import Store
from clinic_data.errors import NotAllowed
from clinic_data.patients import must_be_here
from clinic_data.visits import (
    cancel_booking,
    move_booking,
    note_booking,
    note_bookings,
    record_attendance,
    record_visit,
)
from tests.clinic_data.rows import ACTOR, one, patient, visit
from tests.clinic_data.test_recording_visits import DAY, TODAY, acne, begun, refused

pytestmark = pytest.mark.usefixtures("today")

ENTRIES: dict[str, Any] = {
    "open a plan": lambda store, eva, plan, booking: acne(store, eva, "Neck"),
    "note a booking": lambda store, eva, plan, booking: note_booking(
        ACTOR, store, [plan], kind="session", visit_date=TODAY + 7 * DAY
    ),
    "note several bookings": lambda store, eva, plan, booking: note_bookings(
        ACTOR, store, [plan], kind="session", visit_dates=[TODAY + 7 * DAY, TODAY + 35 * DAY]
    ),
    "move a booking": lambda store, eva, plan, booking: move_booking(
        ACTOR, store, booking, to=TODAY + 7 * DAY, by="clinic"
    ),
    "agree dates": lambda store, eva, plan, booking: agree_dates(
        ACTOR, store, plan, kind="session", due_on=TODAY + DAY, last_on=TODAY + 7 * DAY
    ),
}


def left(store: Store, patient_id: int, day: date, status: str = "transferred") -> None:
    """The patient is gone from that day on."""
    with store.change(ACTOR, "leave") as change:
        change.update("patients", patient_id, status=status, status_on=day.isoformat())


def booked(store: Store, day: date = TODAY) -> tuple[int, int, int]:
    """Eva, her plan, and a session booked for a day."""
    eva, plan = begun(store)
    return eva, plan, visit(store, eva, [plan], day.isoformat(), status="booked")


@pytest.mark.parametrize("enter", ENTRIES.values(), ids=ENTRIES)
@pytest.mark.parametrize(
    ("status", "word"),
    [("inactive", "No longer a patient"), ("transferred", "Went to another clinic"), ("deceased", "Deceased")],
)
def test_nothing_is_planned_for_a_patient_who_is_gone(store, enter, status, word):
    """From that very day on; the sentence says what the patient's status is, and since when."""
    scene = booked(store)
    left(store, scene[0], TODAY, status)
    with refused(store, f"^the patient's status since 23 Nov 2026 is “{word}”, so nothing can be entered for that day"):
        enter(store, *scene)


@pytest.mark.parametrize("enter", ENTRIES.values(), ids=ENTRIES)
def test_until_then_everything_may_be_planned(store, enter):
    """Who leaves tomorrow is still here today."""
    scene = booked(store)
    left(store, scene[0], TODAY + DAY)
    before = one(store, "select count(*) from changes")
    enter(store, *scene)
    assert one(store, "select count(*) from changes") == before + 1


@pytest.mark.parametrize("kind", ["session", "review"])
def test_what_took_place_before_can_still_be_recorded(store, kind):
    """A visit on the day before is kept, one on the day itself is refused."""
    eva, plan = begun(store)
    left(store, eva, TODAY - 3 * DAY)
    record_visit(ACTOR, store, [plan], kind=kind, visit_date=TODAY - 4 * DAY)
    for day in (TODAY - 3 * DAY, TODAY):
        with refused(store, "^the patient's status since 20 Nov 2026 is “Went to another clinic”"):
            record_visit(ACTOR, store, [plan], kind=kind, visit_date=day)


@pytest.mark.parametrize("came", [True, False])
def test_whether_she_came_before_can_still_be_said(store, came):
    """What was booked for the day before is resolved; what was booked for the day itself can only be cancelled."""
    eva, plan, before = booked(store, TODAY - 2 * DAY)
    after = visit(store, eva, [plan], (TODAY - DAY).isoformat(), status="booked")
    left(store, eva, TODAY - DAY)
    record_attendance(ACTOR, store, before, came=came)
    assert one(store, "select status from visits where id = ?", before) == ("completed" if came else "no_show")
    with refused(store, "^the patient's status since 22 Nov 2026"):
        record_attendance(ACTOR, store, after, came=came)
    cancel_booking(ACTOR, store, after, by="patient")
    assert one(store, "select status from visits where id = ?", after) == "cancelled"


def test_who_is_here_may_be_entered_for_any_day(store):
    """An active patient, and the days before the others left."""
    eva, mia = patient(store), patient(store, "Mia Holm", status="inactive", status_on="2026-11-23")
    with store.read() as db:
        must_be_here(db, eva, date(2036, 1, 1))
        must_be_here(db, mia, date(2026, 11, 22))
        with pytest.raises(NotAllowed, match="since 23 Nov 2026 is “No longer a patient”"):
            must_be_here(db, mia, date(2026, 11, 23))
