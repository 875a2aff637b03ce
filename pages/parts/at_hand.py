"""What the forms of a patient's page have at hand: who acts, on which plan, as it stood when the page was drawn."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.patients import Patient
from clinic_data.practitioners import read_practitioners
from clinic_data.protocol_versions import protocol_key
from clinic_data.schedule_input import ScheduleInput
from clinic_data.visits import read_visits
from lib.schedule import Protocol
from lib.worklist import most_urgent_first

OPEN = ["on_hold", "upcoming", "due", "overdue", "lapsed"]


@dataclass(frozen=True)
class Records:
    """The records that an entry would change, as they stood when the page was drawn.

    `known` is of all these patients, `seen` the latest change so far to the first, in whose list the entry will stand.
    """

    actor: Actor
    store: Store
    patient_ids: tuple[int, ...]
    known: ScheduleInput
    seen: int


@dataclass(frozen=True)
class AtHand:
    """`course` is the plan shown, empty where there is none; `seen` the patient's latest change so far."""

    actor: Actor
    store: Store
    patient: Patient
    known: ScheduleInput
    rows: pd.DataFrame
    visits: pd.DataFrame
    course: dict[Any, Any]
    practitioners: dict[int, str]
    seen: int

    @property
    def records(self) -> Records:
        """The record that the forms change."""
        return Records(self.actor, self.store, (self.patient.id,), self.known, self.seen)

    @property
    def today(self) -> date:
        """The clinic's day: forms are offered on no other."""
        return self.known.as_of

    @cached_property
    def is_open(self) -> bool:
        """Whether the plan shown is open; beside a closed plan of the patient, what is missing is no None."""
        return bool(self.course) and pd.isna(self.course["closed_on"])

    @cached_property
    def protocol(self) -> Protocol:
        """The protocol of the plan shown."""
        return self.known.protocols[protocol_key(self.course["protocol"], self.course["version"])]

    @cached_property
    def bookings(self) -> list[dict[str, Any]]:
        """The plan's bookings, past ones that nobody has resolved included, the earliest first."""
        booked = self.visits[(self.visits["status"] == "booked") & self.visits["course_id"].notna()]
        return _records(booked.sort_values("visit_date"))

    @cached_property
    def holds(self) -> pd.DataFrame:
        """All pauses of the plan, those that are over too."""
        return self.known.holds[self.known.holds["course_id"] == self.course.get("course_id")]

    @cached_property
    def pauses(self) -> list[dict[str, Any]]:
        """The pauses that cover today or are still to come."""
        return _records(self.holds[~(self.holds["ends_on"] <= pd.Timestamp(self.today))])

    @cached_property
    def sessions(self) -> pd.DataFrame:
        """Day and depth_mm (missing where nobody said) of the plan's sessions that took place."""
        visits = self.visits
        done = (visits["kind"] == "session") & (visits["status"] == "completed") & visits["course_id"].notna()
        done &= visits["visit_date"] <= pd.Timestamp(self.today)
        return (
            visits.loc[done, ["visit_date", "depth_mm"]]
            .set_axis(["day", "depth_mm"], axis=1)
            .astype({"depth_mm": float})
        )

    @cached_property
    def expected(self) -> list[dict[str, Any]]:
        """The open rows, the most urgent first."""
        return _records(most_urgent_first(self.rows[self.rows["status"].isin(OPEN)]).astype(object))


def at_hand(
    actor: Actor, store: Store, patient: Patient, known: ScheduleInput, schedule: pd.DataFrame, course: dict[Any, Any]
) -> AtHand:
    """What the forms need about one plan of a patient, empty where there is none; `known` is the patient's own."""
    visits, staff = read_visits(actor, store, patient.id), read_practitioners(actor, store)
    course_id = course.get("course_id")
    there = staff[staff["active"] == 1]
    return AtHand(
        actor=actor,
        store=store,
        patient=patient,
        known=known,
        rows=schedule[schedule["course_id"] == course_id],
        visits=visits[(visits["course_id"] == course_id) | visits["course_id"].isna()] if course else visits,
        course=course,
        practitioners=dict(zip(there["practitioner_id"].tolist(), there["name"].tolist(), strict=True)),
        seen=store.latest_change(patient.id),
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
