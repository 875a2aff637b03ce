"""Dates agreed with a patient, other than the protocol's."""

from datetime import date

from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.allowed import day_between, text_or_none
from clinic_data.courses import open_course_row
from clinic_data.database import Store
from clinic_data.errors import NotAllowed
from clinic_data.patients import must_be_here
from clinic_data.protocol_versions import protocol_key, read_kept_protocols
from clinic_data.settings import read_settings


@needs("agree dates")
def agree_dates(
    actor: Actor,
    store: Store,
    course_id: int,
    *,
    kind: str,
    due_on: date,
    last_on: date,
    note: str | None = None,
    seen: int | None = None,
) -> int:
    """Agree, today, between which days the next visit of a kind belongs; returns the agreement's id.

    Agreed again on the same day, the dates take the place of the first.
    `kind` is session (for maintenance too) or the id of one of the protocol's reviews; both days belong to
    the window. NotAllowed for another kind, days out of order or a patient who is gone, Conflict where the
    record changed.
    """
    today = read_settings(actor, store).today
    protocols = read_kept_protocols(actor, store)
    if last_on < due_on:
        raise NotAllowed("the last day must not lie before the first")
    day_between(due_on, "the first day agreed", today, back=0, ahead=730)
    day_between(last_on, "the last day agreed", today, back=0, ahead=1095)
    with store.read() as db:
        course = open_course_row(db, actor, course_id)
    protocol = protocols[protocol_key(course["protocol_id"], course["protocol_version"])]
    kinds = ["session", *(review.id for review in protocol.reviews)]
    if kind not in kinds:
        raise NotAllowed(f"dates can be agreed for {', '.join(kinds)}, not for {kind!r}")
    agreed = {"due_on": due_on.isoformat(), "last_on": last_on.isoformat(), "note": text_or_none(note, "the note")}
    with store.change(actor, "agree dates", patient_id=course["patient_id"], seen=seen) as change:
        must_be_here(change.db, course["patient_id"], today)
        open_course_row(change.db, actor, course_id)
        key = {"course_id": course_id, "kind": kind, "agreed_on": today.isoformat()}
        same = "select id from agreements where course_id = :course_id and kind = :kind and agreed_on = :agreed_on"
        earlier = next(change.db.query(same, key), None)
        if earlier:
            # Agreed anew on the same day, it is a correction: by the rules the later dates would win otherwise.
            change.update("agreements", earlier["id"], **agreed)
            return int(earlier["id"])
        return change.insert("agreements", key | agreed)
