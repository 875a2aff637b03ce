"""A small clinic's worklist on any day, as the desk meets it: the clock is set, the functions are the real ones."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from clinic_data.actor import Actor
from clinic_data.attempts import Reason, record_attempt
from clinic_data.courses import open_course
from clinic_data.database import Store
from clinic_data.patients import read_patient, register_patient
from clinic_data.schedule_input import read_schedule_input
from clinic_data.visits import record_visit
from clinic_data.worklist_input import read_work
from lib.worklist import flagged, worklist

TODAY = date(2026, 11, 23)
DESK = Actor("Ada", "front_desk")
MANAGER = Actor("Mara", "manager")


@dataclass
class Desk:
    """A clinic's file and a clock that a test sets."""

    store: Store
    clock: pytest.MonkeyPatch
    day: date = TODAY

    def at(self, day: date, hour: int = 9, minute: int = 0) -> None:
        """It is that day, at that time in UTC."""
        self.day = day
        moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
        self.clock.setenv("CLINIC_NOW", moment.isoformat())

    def patient(self, name: str = "Eva Berg", *, days_since: int = 50, sessions: int = 1) -> int:
        """A patient with a plan of three sessions, the last one done so many days before TODAY, four weeks apart."""
        code = register_patient(MANAGER, self.store, name, phone="07700 900123")
        patient_id = read_patient(MANAGER, self.store, code).id
        last = TODAY - timedelta(days=days_since)
        days = [last - timedelta(days=28 * back) for back in reversed(range(sessions))]
        self.plan(patient_id, days, planned=3, opened_on=days[0])
        return patient_id

    def plan(self, patient_id: int, days: list[date], *, planned: int, opened_on: date, area: str = "Cheeks") -> int:
        """A treatment plan with these sessions."""
        course_id = open_course(
            MANAGER,
            self.store,
            patient_id,
            protocol_id="acne-scars",
            area=area,
            planned_sessions=planned,
            opened_on=opened_on,
        )
        for day in days:
            record_visit(MANAGER, self.store, [course_id], kind="session", visit_date=day)
        return course_id

    def flags(self, patient_id: int) -> list[Reason]:
        """The patient's flagged rows."""
        known = read_schedule_input(DESK, self.store, self.day, patient_ids=[patient_id])
        rows = flagged(known.schedule(), known.courses)
        return [
            (int(row["course_id"]), str(row["kind"]), int(row["number"]), str(row["flag"]))
            for row in rows.to_dict("records")
        ]

    def list(self) -> pd.DataFrame:
        """The worklist of the day."""
        known = read_schedule_input(DESK, self.store, self.day)
        rows = flagged(known.schedule(), known.courses)
        return worklist(rows, read_work(DESK, self.store, self.day), pd.Timestamp(self.day))

    def row(self, patient_id: int) -> pd.Series:
        """The patient's row; she must be in the list."""
        rows = self.list()
        return rows[rows["patient_id"] == patient_id].iloc[0]

    def state(self, patient_id: int) -> str | None:
        """The patient's state; None where she is not in the list."""
        rows = self.list()
        found = rows.loc[rows["patient_id"] == patient_id, "state"].tolist()
        assert len(found) <= 1
        return found[0] if found else None

    def attempt(self, patient_id: int, outcome: str, actor: Actor = DESK, **values) -> int:
        """An attempt about all of the patient's reasons."""
        values = {"channel": "phone", "reasons": self.flags(patient_id)} | values
        return record_attempt(actor, self.store, patient_id, outcome=outcome, **values)
