"""Attempts to reach a patient: by which channel, what came of it, and what that does."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlite_utils import Database

from clinic_data import clock
from clinic_data.access.own import limited, must_be_own, own_value, some, some_values
from clinic_data.access.permissions import must_be_allowed, needs
from clinic_data.actor import Actor
from clinic_data.allowed import day_between, one_of, text_or_none
from clinic_data.claims import free, must_be_free_for
from clinic_data.courses import close_in, open_course_row
from clinic_data.database import Change, Store
from clinic_data.errors import NotAllowed
from clinic_data.patients import mark_gone
from clinic_data.renewal import OF_A_PATIENT, latest_change, replaced, touched_since
from clinic_data.settings import read_settings
from clinic_data.visits import book_in, record_in
from lib.outcomes import CHANNELS, OUTCOMES

Reason = tuple[int, str, int, str]
"""A flagged row of the schedule: course_id, kind, number, flag."""

ATTEMPTS = [
    *("attempt_id", "patient_id", "at", "actor", "account_id", "channel", "outcome", "until_on", "recorded_on"),
    "note",
]
TABLES = frozenset({"contact_attempts", "attempt_reasons"})
REASONS = ["attempt_id", "course_id", "kind", "number", "flag"]


@needs("note bookings")
def record_attempt(
    actor: Actor,
    store: Store,
    patient_id: int,
    *,
    channel: str,
    outcome: str,
    reasons: Sequence[Reason],
    until_on: date | None = None,
    note: str | None = None,
    booking: tuple[int, str, date] | None = None,
    practitioner_id: int | None = None,
    seen: int | None = None,
) -> int:
    """Record an attempt to reach a patient and do what its outcome does, as one change; returns the attempt's id.

    `reasons` are the flagged rows it was about. `until_on` is the day that some outcomes ask for; `booking` (course_id,
    kind of visit, day) is wanted for "booked". NotAllowed where day, booking or review are wanting or out of bounds,
    Conflict where somebody else has taken the patient or the record changed since `seen`.
    """
    settings = read_settings(actor, store)
    today = settings.today
    one_of(channel, CHANNELS, "the channel")
    what = OUTCOMES[one_of(outcome, OUTCOMES, "the outcome")]
    if what.closes:
        must_be_allowed(actor, store, "end follow-up")
    if what.day and until_on is None:
        raise NotAllowed(f"“{what.label}” needs a day")
    if not what.day and until_on is not None:
        raise NotAllowed(f"“{what.label}” takes no day")
    if until_on is not None:
        day_between(
            until_on, "the day", today, back=0 if what.quiet == "day_after" else -1, ahead=settings.longest_quiet
        )
    if (booking is None) != (outcome != "booked"):
        raise NotAllowed("a booking is noted with the outcome “Booked”, and with no other")
    with store.change(actor, "record an attempt", patient_id=patient_id, seen=seen) as change:
        must_be_free_for(change.db, actor, patient_id)
        for course_id in {reason[0] for reason in reasons}:
            if open_course_row(change.db, actor, course_id)["patient_id"] != patient_id:
                raise NotAllowed("the reasons must be this patient's own")
        attempt_id = change.insert(
            "contact_attempts",
            {
                "patient_id": patient_id,
                "at": clock.instant(),
                "actor": actor.name,
                "account_id": actor.account_id,
                "channel": channel,
                "outcome": outcome,
                "until_on": until_on.isoformat() if until_on else None,
                "recorded_on": today.isoformat(),
                "note": text_or_none(note, "the note"),
            },
        )
        for course_id, kind, number, flag in dict.fromkeys(reasons):
            row = {"attempt_id": attempt_id, "course_id": course_id, "kind": kind, "number": int(number), "flag": flag}
            change.insert("attempt_reasons", row)
        if booking is not None:
            course_id, kind, day = booking
            book_in(change, [course_id], kind=kind, visit_date=day, today=today, practitioner_id=practitioner_id)
        _carry_out(change, patient_id, outcome, reasons, today)
        free(change.db, patient_id)
        return attempt_id


@dataclass(frozen=True)
class Attempts:
    """All attempts recorded up to a day, in order, and the reasons they were about: nobody may change the frames.

    `made` has the columns ATTEMPTS (at as UTC text, until_on and recorded_on as datetime64), `reasons` REASONS.
    `latest_change` is the number of the latest change that is in them.
    """

    as_of: date
    made: pd.DataFrame
    reasons: pd.DataFrame
    latest_change: int


@needs("see patients")
def read_attempts(actor: Actor, store: Store, as_of: date, *, before: Attempts | None = None) -> Attempts:
    """The attempts of all whom the actor may see; of `before`, for the same view and day, only what changed is read."""
    with store.read() as db:
        latest = latest_change(db)
        touched = touched_since(db, before.latest_change, OF_A_PATIENT | TABLES) if before else None
        made, reasons = _read(db, actor, as_of, touched)
    if before is not None and touched is not None:
        theirs = before.made["patient_id"].isin(touched)
        about = before.reasons["attempt_id"].isin(before.made["attempt_id"][theirs])
        made = replaced(before.made, made, theirs, order="attempt_id") if touched else before.made
        reasons = replaced(before.reasons, reasons, about, order="attempt_id") if touched else before.reasons
    return Attempts(as_of, made, reasons, latest)


def _read(
    db: Database, actor: Actor, as_of: date, patient_ids: Collection[int] | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    whose = f"from contact_attempts a where a.recorded_on <= :day and {some(actor, 'a.patient_id', patient_ids)}"
    values = some_values(actor, patient_ids) | {"day": as_of.isoformat()}
    rows = db.execute(
        "select a.id, a.patient_id, a.at, a.actor, a.account_id, a.channel, a.outcome, a.until_on, a.recorded_on,"
        f" a.note {whose} order by a.id",
        values,
    ).fetchall()
    about = db.execute(
        "select r.attempt_id, r.course_id, r.kind, r.number, r.flag from attempt_reasons r"
        f" where r.attempt_id in (select a.id {whose}) order by r.attempt_id, r.course_id, r.kind, r.number",
        values,
    ).fetchall()
    made = pd.DataFrame(rows, columns=ATTEMPTS).astype({"account_id": "Int64", "note": "str"})
    for name in ("until_on", "recorded_on"):
        made[name] = pd.to_datetime(made[name], format="%Y-%m-%d").astype("datetime64[s]")
    return made, pd.DataFrame(about, columns=REASONS)


@needs("see patients")
def attempts_of(actor: Actor, store: Store, patient_id: int) -> pd.DataFrame:
    """A patient's attempts, the latest first: ATTEMPTS, days as ISO text."""
    with store.read() as db:
        must_be_own(db, actor, patient_id)
        rows = db.execute(
            "select id, patient_id, at, actor, account_id, channel, outcome, until_on, recorded_on, note"
            " from contact_attempts where patient_id = ? order by id desc",
            [patient_id],
        ).fetchall()
    return pd.DataFrame(rows, columns=ATTEMPTS)


@needs("see patients")
def contacts_mended(actor: Actor, store: Store) -> dict[int, int]:
    """For each patient of a wrong number whose contact was changed after it: the last attempt before that change."""
    with store.read() as db:
        rows = db.execute(
            "select a.patient_id, max(a.id) from contact_attempts a where a.outcome = 'wrong_number'"
            " and exists (select 1 from changes c where c.patient_id = a.patient_id and c.at >= a.at"
            f" and c.action = 'change how to reach a patient') and {limited(actor, 'a.patient_id')}"
            " group by a.patient_id",
            own_value(actor),
        ).fetchall()
    return {patient_id: attempt_id for patient_id, attempt_id in rows}


def _carry_out(change: Change, patient_id: int, outcome: str, reasons: Sequence[Reason], today: date) -> None:
    """What an outcome does beside being written down."""
    closes = OUTCOMES[outcome].closes
    if outcome == "done_by_phone":
        reviews = list(dict.fromkeys(course_id for course_id, kind, _, _ in reasons if kind not in NEEDLED))
        if not reviews:
            raise NotAllowed("no review is expected that could be done by phone")
        details = {"notes": "Done by phone", "depth_mm": None, "device": None, "practitioner_id": None}
        record_in(change, reviews, kind="review", visit_date=today, today=today, details=details)
    elif closes == "plans":
        for course_id in dict.fromkeys(reason[0] for reason in reasons):
            close_in(change, course_id, closed_on=today, reason="patient_stopped")
    elif closes:
        mark_gone(change, patient_id, status=closes, on=today)


NEEDLED = ("session", "maintenance")
"""The kinds of rows that are visits with needling; any other is a review."""
