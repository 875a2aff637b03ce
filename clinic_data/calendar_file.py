"""Calendar files: a practitioner's bookings and open windows for a calendar program, as iCalendar (RFC 5545)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import NAMESPACE_URL, uuid5

import pandas as pd
from icalendar import CLASS, STATUS, TRANSP, Calendar, Event
from sqlite_utils import Database

from clinic_data import clock
from clinic_data.access import trail
from clinic_data.access.own import limited, own_value
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Row, Store
from clinic_data.errors import NotAllowed, NotFound
from clinic_data.patients import contacts
from clinic_data.schedule_input import ScheduleInput, schedule_input
from clinic_data.settings import read_settings
from lib.schedule.explain import visit_name
from lib.words import VISITS, sentence

NAMESPACE = uuid5(NAMESPACE_URL, "collagen-calendar")
OPEN = ["upcoming", "due", "overdue"]
"""The statuses of an expected visit whose window stands in a calendar while nothing is booked."""


@dataclass(frozen=True)
class Entry:
    """Whole days of a calendar, `until` the day after the last; `key` tells the entry from the patient's others."""

    patient_id: int
    key: str
    title: str
    first: date
    until: date
    booked: bool


@needs("export")
def calendar_file(actor: Actor, store: Store, *, practitioner_id: int | None = None) -> bytes:
    """What is booked from today on, and every open window that is not booked: a practitioner's, or everybody's.

    A practitioner's are those of her plans, and bookings that name her. An expected visit is one entry from its window
    to its booking, under one UID, so that a later file brings an earlier one up to date. Patients stand there by their
    code, by name only where the clinic's settings say so. NotAllowed where there is no entry. Noted in the trail.
    """
    settings = read_settings(actor, store)
    with store.read() as db:
        whose = _name(db, practitioner_id)
        known, booked = schedule_input(db, actor, settings.today), _booked(db, actor, settings.today)
    entries = list(_entries(known, booked, practitioner_id))
    if not entries:
        raise NotAllowed(f"{whose or 'nobody'}: nothing is booked and no window is open, so there is no calendar")
    people = contacts(actor, store, [entry.patient_id for entry in entries]).set_index("patient_id")
    version, now = store.revision(), clock.now()
    calendar = Calendar()
    calendar.prodid, calendar.version = "-//Collagen Calendar//Collagen Calendar//EN", "2.0"
    calendar.calendar_name = " · ".join(filter(None, [settings.clinic_name, whose]))
    calendar.add("X-WR-TIMEZONE", settings.time_zone)
    for entry in entries:
        code, name = people.loc[entry.patient_id, ["code", "name"]]
        event = Event.new(
            uid=uuid5(NAMESPACE, f"{code} {entry.key}"),
            summary=f"{entry.title}: {f'{name} ({code})' if settings.names_in_calendar_files else code}",
            start=entry.first,
            end=entry.until,
            stamp=now,
            status=STATUS.CONFIRMED if entry.booked else STATUS.TENTATIVE,
            transparency=TRANSP.OPAQUE if entry.booked else TRANSP.TRANSPARENT,
            classification=CLASS.PRIVATE,
        )
        event.sequence = version
        calendar.add_component(event)
    trail.note(actor, store, "export", f"calendar of {whose or 'everybody'}: {len(entries):,} entries")
    return calendar.to_ical()


def _entries(known: ScheduleInput, booked: list[Row], practitioner_id: int | None) -> Iterator[Entry]:
    """The open windows and then the bookings, each once."""
    rows = known.schedule().astype({"kind": object})
    rows = rows[rows["booked_on"].notna() | rows["status"].isin(OPEN)]
    plans = known.courses[["course_id", "patient_id", "practitioner_id", "protocol_id"]].fillna({"practitioner_id": 0})
    rows = rows.merge(plans, on="course_id")
    expected = {}
    for row in rows.to_dict("records"):
        title = sentence(visit_name(known.protocols[row["protocol_id"]], row["kind"], row["number"]))
        key = f"plan {row['course_id']} {row['kind']} {row['number']}"
        if pd.notna(row["booked_on"]):
            visit_kind = "session" if row["kind"] in ("session", "maintenance") else "review"
            expected[row["course_id"], visit_kind, row["booked_on"].date()] = (title, key)
        elif practitioner_id in (None, row["practitioner_id"]):
            yield Entry(
                row["patient_id"], key, f"{title} due", row["due_on"].date(), row["overdue_on"].date(), booked=False
            )
    there = set()
    for visit in booked:
        day = date.fromisoformat(visit["visit_date"])
        unexpected = VISITS[visit["kind"]], f"visit {visit['visit_id']}"
        title, key = expected.get((visit["course_id"], visit["kind"], day), unexpected)
        if key not in there and practitioner_id in (None, visit["practitioner_id"], visit["plan_of"]):
            there.add(key)
            yield Entry(visit["patient_id"], key, title, day, day + timedelta(days=1), booked=True)


def _booked(db: Database, actor: Actor, today: date) -> list[Row]:
    """The bookings from today on of patients who are not gone by then, one row for each plan that a visit serves."""
    return list(
        db.query(
            "select v.id as visit_id, v.patient_id, v.kind, v.visit_date, v.practitioner_id, vc.course_id,"
            " c.practitioner_id as plan_of from visits v join patients p on p.id = v.patient_id"
            " left join visit_courses vc on vc.visit_id = v.id left join courses c on c.id = vc.course_id"
            " where v.status = 'booked' and v.visit_date >= :today"
            f" and (p.status_on is null or p.status_on > v.visit_date) and {limited(actor, 'v.patient_id')}"
            " order by v.visit_date, v.id, vc.course_id",
            own_value(actor) | {"today": today.isoformat()},
        )
    )


def _name(db: Database, practitioner_id: int | None) -> str:
    """The practitioner's name, nothing for everybody; NotFound for one who is not in the list."""
    if practitioner_id is None:
        return ""
    row = next(db.query("select name from practitioners where id = ?", [practitioner_id]), None)
    if row is None:
        raise NotFound("This practitioner is not in the list any more.")
    return str(row["name"])
