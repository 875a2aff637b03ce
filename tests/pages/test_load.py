"""The one cached load: brought up to date after a change, shared by those who look at the same."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from clinic_data.actor import DESK, Actor
from clinic_data.attempts import record_attempt
from clinic_data.changes import undo
from clinic_data.database import Store
from clinic_data.judged import judge_clinic
from clinic_data.practitioners import add_practitioner
from clinic_data.visits import note_booking
from pages.parts import load as module
from pages.parts.load import load, load_caseload, load_work
from tests.browser.app import NOW
from tests.clinic_data.rows import one, rows

TODAY = date.fromisoformat(NOW[:10])


@pytest.fixture
def clinic(demo, tmp_path, monkeypatch) -> Store:
    """A copy of the demo clinic, to be changed."""
    monkeypatch.setenv("CLINIC_NOW", NOW)
    return Store(Path(shutil.copy(demo.path, tmp_path / "clinic.db")))


def book(store: Store, days: int = 20) -> None:
    """A booking of the first open plan."""
    plan = rows(store, "select min(id) from courses where closed_on is null")[0][0]
    note_booking(DESK, store, [plan], kind="session", visit_date=TODAY + timedelta(days=days))


def test_the_clinic_is_read_once_and_brought_up_to_date(clinic, monkeypatch):
    """A change is seen at once, and does not make the clinic be read again."""
    first = load(DESK, clinic, TODAY)
    monkeypatch.setattr(module, "judge_clinic", None)
    assert load(DESK, clinic, TODAY) is first
    book(clinic)
    second = load(DESK, clinic, TODAY)
    assert second is load(DESK, clinic, TODAY)
    assert second.latest_change > first.latest_change
    pd.testing.assert_frame_equal(second.schedule, judge_clinic(DESK, clinic, TODAY).schedule)


def test_figures_are_those_of_the_load(clinic):
    """Before and after a change, each figure counts what the load lists."""
    for days in (20, 21):
        flagged = load(DESK, clinic, TODAY).flagged["patient_id"].nunique()
        assert load_caseload(DESK, clinic, TODAY).total("attention") == flagged
        book(clinic, days)


def test_each_day_and_each_view_has_its_own(clinic):
    """Nobody is shown what somebody else may see, or another day."""
    own = Actor("Own", "practitioner", own=1)
    everybody, hers, then = load(DESK, clinic, TODAY), load(own, clinic, TODAY), load(DESK, clinic, date(2026, 10, 1))
    assert set(hers.known.courses["patient_id"]) < set(everybody.known.courses["patient_id"])
    assert then.known.as_of == date(2026, 10, 1)


def test_many_who_look_at_once_see_the_same(clinic):
    """While changes come in, every one sees the clinic as it is by then."""
    load(DESK, clinic, TODAY)

    def change_and_look(place: int):
        if place % 3 == 0:
            book(clinic, days=20 + place)
        return load(DESK, clinic, TODAY)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(change_and_look, range(12)))
    expected = judge_clinic(DESK, clinic, TODAY)
    now = load(DESK, clinic, TODAY)
    pd.testing.assert_frame_equal(now.schedule, expected.schedule)
    pd.testing.assert_frame_equal(now.known.visits, expected.known.visits)


def test_practitioners_are_those_of_now_after_a_change(clinic):
    """Somebody new stands in the filter."""
    load(DESK, clinic, TODAY)
    add_practitioner(DESK, clinic, "Dr New")
    book(clinic)
    assert "Dr New" in load(DESK, clinic, TODAY).practitioners.to_list()


def test_an_attempt_is_in_the_work_at_once(clinic):
    """And is out of it again when it is taken back; the schedule is not judged for either."""
    judged = load(DESK, clinic, TODAY)
    first = judged.flagged.iloc[0]
    reason = (int(first["course_id"]), first["kind"], int(first["number"]), first["flag"])
    before = load_work(DESK, clinic, TODAY)
    record_attempt(*(DESK, clinic, int(first["patient_id"])), channel="phone", outcome="no_answer", reasons=[reason])
    after = load_work(DESK, clinic, TODAY)
    assert after.reasons["course_id"].tolist() == [*before.reasons["course_id"], reason[0]]
    undo(DESK, clinic, one(clinic, "select max(id) from changes"))
    pd.testing.assert_frame_equal(load_work(DESK, clinic, TODAY).attempts, before.attempts)
    assert load(DESK, clinic, TODAY) is judged
