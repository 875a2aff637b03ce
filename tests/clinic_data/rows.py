"""Rows of a small clinic, written as a test needs them: what does not matter has a default."""

from itertools import count
from typing import Any

from clinic_data.actor import Actor
from clinic_data.database import Change, Store
from clinic_data.patients import fold, new_code, phone_digits

ACTOR = Actor("Ada", "manager")
_keys = count(1)

PROTOCOL = """
id = "{id}"
version = {version}
name = "Plain series"
resume_within = "2 weeks"

[sessions]
planned = 3
start_within = "6 weeks"
earliest = "{earliest}"
window = ["4 weeks", "6 weeks"]
lapses_after = "6 months"

[[reviews]]
id = "review"
name = "Review"
after = "series"
earliest = "2 weeks"
window = ["4 weeks", "6 weeks"]
lapses_after = "6 weeks"
"""


def protocol_text(protocol_id: str = "plain", version: int = 1, earliest: str = "4 weeks") -> str:
    """A protocol file of three sessions, four to six weeks apart, and a review."""
    return PROTOCOL.format(id=protocol_id, version=version, earliest=earliest)


def write(store: Store, table: str, **values: Any) -> int:
    """One row, as one change."""
    with store.change(ACTOR, f"write {table}") as change:
        return change.insert(table, values)


def put_protocol(store: Store, protocol_id: str = "plain", version: int = 1, earliest: str = "4 weeks") -> None:
    """A protocol's text in the file."""
    write(store, "protocols", id=protocol_id, version=version, content=protocol_text(protocol_id, version, earliest))


def add_patient(change: Change, name: str, *, identifier: tuple[str, str] | None = None) -> int:
    """A patient as part of a larger change; returns the id."""
    patient_id = change.insert("patients", {"code": new_code(), "name": name.strip(), "folded_name": fold(name)})
    if identifier:
        system, value = identifier
        change.insert("patient_identifiers", {"system": system, "value": value, "patient_id": patient_id})
    return patient_id


def patient(store: Store, name: str = "Eva Berg", *, phone: str | None = None, **values: Any) -> int:
    """A patient; returns the id."""
    with store.change(ACTOR, "add a patient") as change:
        patient_id = add_patient(change, name)
        if phone:
            values |= {"phone": phone, "phone_digits": phone_digits(phone)}
        if values:
            change.update("patients", patient_id, **values)
        return patient_id


def course(store: Store, patient_id: int, **values: Any) -> int:
    """A treatment plan of the plain protocol, opened on 1 January 2026; returns the id."""
    plain = {"protocol_id": "plain", "protocol_version": 1, "area": "face", "planned_sessions": 3}
    return write(store, "courses", **(plain | {"patient_id": patient_id, "opened_on": "2026-01-01"} | values))


def visit(store: Store, patient_id: int, courses: list[int], day: str, **values: Any) -> int:
    """A completed session that serves these treatment plans; returns the id."""
    with store.change(ACTOR, "add a visit") as change:
        visit_id = insert_visit(change, patient_id, day, **values)
        for course_id in courses:
            change.insert("visit_courses", {"course_id": course_id, "visit_id": visit_id, "patient_id": patient_id})
        return visit_id


def insert_visit(change: Change, patient_id: int, day: str, **values: Any) -> int:
    """A completed session as part of a larger change; returns the id."""
    plain = {"kind": "session", "status": "completed", "source": "test", "source_key": str(next(_keys))}
    return change.insert("visits", plain | {"patient_id": patient_id, "visit_date": day} | values)


def rows(store: Store, sql: str, *values: Any) -> list[tuple]:
    """What a query finds."""
    with store.read() as db:
        return db.execute(sql, values).fetchall()


def one(store: Store, sql: str, *values: Any) -> Any:
    """The one value that a query finds."""
    ((value,),) = rows(store, sql, *values)
    return value


def contents(store: Store) -> dict[str, list[tuple]]:
    """Every row of every table."""
    with store.read() as db:
        return {name: db.execute(f"select * from {name}").fetchall() for name in db.table_names()}
