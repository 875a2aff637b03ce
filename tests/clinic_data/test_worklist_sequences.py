"""Whatever the desk does in whatever order, each flagged patient is in exactly one state, and none vanishes."""

from datetime import timedelta
from random import Random

import pandas as pd
import pytest

from clinic_data.actor import Actor
from clinic_data.changes import read_changes, undo
from clinic_data.claims import release, take
from clinic_data.errors import ClinicError
from clinic_data.patients import change_contact
from clinic_data.schedule_input import read_schedule_input
from clinic_data.visits import cancel_booking, read_visits, record_attendance
from clinic_data.waivers import waive_review
from lib.call_list import VIEWS, in_view
from lib.outcomes import OUTCOMES
from lib.worklist import STATES, flagged
from tests.clinic_data.worklist import MANAGER, TODAY, Desk

PEOPLE = [Actor("Ada", "front_desk"), Actor("Bea", "front_desk"), MANAGER]
STEPS = 25


def act(desk: Desk, rng: Random, patient_id: int) -> None:
    """One thing that somebody at the desk may do with a patient, allowed or not."""
    actor = rng.choice(PEOPLE)
    reasons = desk.flags(patient_id)
    what = rng.choice(["attempt"] * 8 + ["take", "release", "waive", "undo", "contact", "booking"])
    if what == "attempt":
        outcome = rng.choice(list(OUTCOMES))
        ahead = desk.day + timedelta(days=rng.choice([0, 1, 5, 20, 60]))
        values: dict = {"until_on": ahead} if OUTCOMES[outcome].day else {}
        if outcome == "booked" and reasons:
            kind = "session" if reasons[0][1] in ("session", "maintenance") else "review"
            values = {"booking": (reasons[0][0], kind, ahead)}
        desk.attempt(patient_id, outcome, actor=actor, **values)
    elif what == "take":
        take(actor, desk.store, patient_id, over=rng.random() < 0.3)
    elif what == "release":
        release(actor, desk.store, patient_id)
    elif what == "waive" and reasons:
        course_id, kind, number, _ = rng.choice(reasons)
        waive_review(actor, desk.store, course_id, kind=kind, number=number, reason="not needed")
    elif what == "undo":
        undo(MANAGER, desk.store, rng.choice(read_changes(MANAGER, desk.store, patient_id)).id)
    elif what == "contact":
        change_contact(actor, desk.store, patient_id, phone=f"07700 {rng.randrange(10**6):06d}")
    elif what == "booking":
        visits = read_visits(actor, desk.store, patient_id)
        for visit, day in visits.loc[visits["status"] == "booked", ["visit_id", "visit_date"]].head(1).to_numpy():
            if day <= pd.Timestamp(desk.day) and rng.random() < 0.7:
                record_attendance(actor, desk.store, int(visit), came=rng.random() < 0.5)
            else:
                cancel_booking(actor, desk.store, int(visit), by="patient")


@pytest.mark.parametrize("seed", range(3))
def test_each_is_in_exactly_one_state(store, monkeypatch, seed):
    """After every step of random days' work the states divide the flagged patients, and so do the views' counts."""
    rng, desk = Random(seed), Desk(store, monkeypatch)
    desk.at(TODAY)
    patients = [desk.patient("Eva Berg"), desk.patient("Ida Lund", days_since=30)]
    patients += [desk.patient("Kit Moss", sessions=3), desk.patient("Lea Nord", days_since=300)]
    done = 0
    for _ in range(STEPS):
        try:
            act(desk, rng, rng.choice(patients))
            done += 1
        except ClinicError:
            pass  # what is refused changes nothing; that is asserted below like everything else
        known = read_schedule_input(MANAGER, store, desk.day)
        wanted = set(flagged(known.schedule(), known.courses)["patient_id"])
        rows = desk.list()
        assert set(rows["patient_id"]) == wanted
        assert rows["patient_id"].is_unique
        assert rows["state"].isin(STATES).all()
        views = {view: int(in_view(rows, view, desk.day).sum()) for view in VIEWS}
        assert views["all"] == len(wanted)
        assert views["later"] == rows["quiet_until"].notna().sum()
        if rng.random() < 0.3:
            desk.at(desk.day + timedelta(days=rng.choice([1, 3, 14])), hour=rng.randrange(8, 18))
    assert done > STEPS / 3, "most of what is tried must be something that can be done"
