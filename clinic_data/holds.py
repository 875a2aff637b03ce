"""Pauses of treatment: medical ones and those a patient wishes."""

from datetime import date
from typing import Any

from sqlite_utils import Database

from clinic_data.access.own import is_own
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.allowed import day_between, one_of, text_of, text_or_none
from clinic_data.courses import known_area
from clinic_data.database import Store
from clinic_data.errors import NotAllowed, NotFound
from clinic_data.settings import read_settings

CAUSES = ("medical", "wish")


@needs("pause treatment")
def pause(
    actor: Actor,
    store: Store,
    patient_id: int,
    *,
    cause: str,
    reason: str,
    starts_on: date,
    ends_on: date | None = None,
    check_on: date | None = None,
    area: str | None = None,
    seen: int | None = None,
) -> int:
    """Pause a patient's treatment, on one area, spelt as the plans spell it, or all; returns the pause's id.

    `ends_on` is the day on which treatment may resume, `check_on` the day by which somebody asks how it
    stands. NotAllowed where the dates contradict each other, Conflict where the record changed since `seen`.
    """
    today = read_settings(actor, store).today
    one_of(cause, CAUSES, "the cause of a pause")
    day_between(starts_on, "the pause's first day", today, back=3650, ahead=730)
    if ends_on is not None and ends_on <= starts_on:
        raise NotAllowed("treatment may resume on a day after the pause's first day")
    if check_on is not None and check_on < starts_on:
        raise NotAllowed("the day to ask again must not lie before the pause's first day")
    area = text_or_none(area, "the area")
    with store.change(actor, "pause", patient_id=patient_id, seen=seen) as change:
        return change.insert(
            "holds",
            {
                "patient_id": patient_id,
                "area": known_area(change.db, patient_id, area) if area else None,
                "cause": cause,
                "reason": text_of(reason, "the reason for a pause"),
                "starts_on": starts_on.isoformat(),
                "ends_on": ends_on.isoformat() if ends_on else None,
                "check_on": check_on.isoformat() if check_on else None,
                "recorded_on": today.isoformat(),
            },
        )


@needs("resume treatment")
def resume(actor: Actor, store: Store, hold_id: int, *, ends_on: date, seen: int | None = None) -> None:
    """Say from which day on treatment may resume; on the pause's first day or before, the pause never was."""
    hold = _hold(actor, store, hold_id)
    starts_on = date.fromisoformat(hold["starts_on"])
    day_between(ends_on, "the day treatment resumes", read_settings(actor, store).today, back=3650, ahead=730)
    with store.change(actor, "resume", patient_id=hold["patient_id"], seen=seen) as change:
        _hold_row(change.db, actor, hold_id)
        if ends_on <= starts_on:
            change.delete("holds", hold_id)
        else:
            change.update("holds", hold_id, ends_on=ends_on.isoformat(), check_on=None)


@needs("pause treatment")
def ask_again(actor: Actor, store: Store, hold_id: int, *, check_on: date, seen: int | None = None) -> None:
    """Put off the day by which somebody asks how a pause stands."""
    hold = _hold(actor, store, hold_id)
    if check_on < date.fromisoformat(hold["starts_on"]):
        raise NotAllowed("the day to ask again must not lie before the pause's first day")
    day_between(check_on, "the day to ask again", read_settings(actor, store).today, back=0, ahead=730)
    with store.change(actor, "ask again about a pause", patient_id=hold["patient_id"], seen=seen) as change:
        _hold_row(change.db, actor, hold_id)
        change.update("holds", hold_id, check_on=check_on.isoformat())


def _hold(actor: Actor, store: Store, hold_id: int) -> dict[str, Any]:
    with store.read() as db:
        return _hold_row(db, actor, hold_id)


def _hold_row(db: Database, actor: Actor, hold_id: int) -> dict[str, Any]:
    row = next(db.query("select * from holds where id = ?", [hold_id]), None)
    if row is None or not is_own(db, actor, row["patient_id"]):
        raise NotFound("This pause is not there any more.")
    return row
