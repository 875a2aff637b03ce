"""The manager's figures: their numbers against plain counts, their parts, and the rows behind them."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import numpy as np
import pandas as pd
import pytest

from lib import words
from lib.caseload import OVERDUE, PATIENT, STATES, TIMINGS, UNSAFE, Caseload, caseload
from lib.worklist import flagged
from tests.schedule.frames import frames, schedule
from tests.schedule.random_clinic import as_of_dates, random_clinic

OPEN = ["on_hold", "upcoming", "due", "overdue", "lapsed"]


class Clinic:
    """A random clinic on one day: its schedule as plain records, and its figures."""

    def __init__(self, seed: int):
        rng = Random(seed)
        clinic = random_clinic(rng, 250)
        self.as_of = as_of_dates(rng, clinic, 1)[0]
        self.courses = frames(clinic)["courses"].assign(protocol=lambda of: of["protocol_id"])
        of = range(len(self.courses))
        self.courses["patient_id"] = [f"P{rng.randrange(170)}" for _ in of]
        self.courses["practitioner_id"] = pd.array([rng.choice([1, 2, None]) for _ in of], dtype="Int64")
        self.courses["area"] = [rng.choice(["Face", "Neck"]) for _ in of]
        self.courses["contact_allowed"] = [rng.choice(["yes", "yes", "no_marketing", "none"]) for _ in of]
        self.rows = schedule(clinic, self.as_of)
        self.flags = flagged(self.rows, self.courses)
        self.kept = np.array([rng.random() < 0.5 for _ in of])
        self.caseload = caseload(self.rows, self.courses, self.flags, self.as_of)

    def records(self, frame: pd.DataFrame, kept: bool) -> list[dict]:
        """The rows of the courses that the filter leaves, missing values as None."""
        ids = set(self.courses.loc[self.kept, "course_id"]) if kept else set(self.courses["course_id"])
        some = frame[frame["course_id"].isin(ids)].astype(object)
        return some.where(some.notna(), None).to_dict("records")

    def patient(self, row: dict) -> str:
        """Whose row it is."""
        return self.courses.set_index("course_id")["patient_id"][row["course_id"]]


@pytest.fixture(scope="module", params=range(6))
def clinic(request) -> Clinic:
    """Six random clinics, each on a day of its own."""
    return Clinic(request.param)


@pytest.fixture(params=[False, True], ids=["all", "filtered"])
def kept(request) -> bool:
    """Without a filter, and with one."""
    return request.param


def counts(clinic: Clinic, figure: str, kept: bool) -> dict[str, int]:
    """What the parts count, without those that count nothing."""
    numbers = clinic.caseload.counts(figure, clinic.kept if kept else None)
    return {part: number for part, number in numbers.items() if number}


def test_flags_count_the_patients_of_follow_ups(clinic, kept):
    """Each kind of flag, what is unsafe, what is unrecorded, and all of them: distinct patients."""
    rows = clinic.records(clinic.flags, kept)
    pairs = {(row["flag"], clinic.patient(row)) for row in rows}
    assert counts(clinic, "flags", kept) == Counter(flag for flag, _ in pairs)
    for figure, some in {"attention": words.FLAGS, "unsafe": UNSAFE, "unrecorded": ["attendance_unrecorded"]}.items():
        expected = len({patient for flag, patient in pairs if flag in some})
        assert clinic.caseload.total(figure, clinic.kept if kept else None) == expected


def test_the_overdue_stand_once_by_their_longest_visit(clinic, kept):
    """Each patient with an overdue visit that is not booked counts in one band."""
    longest: dict[str, int] = {}
    for row in clinic.records(clinic.flags, kept):
        if row["flag"] in OVERDUE:
            who = clinic.patient(row)
            longest[who] = max(longest.get(who, 0), row["days_overdue"])
    bands = Counter(
        "1-7" if days <= 7 else "8-30" if days <= 30 else "31-90" if days <= 90 else "over-90"
        for days in longest.values()
    )
    assert counts(clinic, "overdue", kept) == bands


def state(rows: list[dict]) -> str:
    """How a plan stands, from its rows, by the definition's words."""
    needling = [row for row in rows if row["kind"] in ("session", "maintenance")]
    following = [row for row in needling if row["status"] in OPEN]
    if not following:
        return "finished"
    (row,) = following
    if row["status"] == "on_hold":
        return "paused"
    if row["status"] == "lapsed" and row["booked_on"] is None:
        return "not_heard_from"
    if row["kind"] == "session":
        return "in_series" if any(one["status"] == "done" for one in needling) else "not_started"
    maintained = any(one["status"] == "done" and one["kind"] == "maintenance" for one in needling)
    return "in_maintenance" if maintained or row["booked_on"] is not None else "finished"


def test_every_open_plan_has_exactly_one_state(clinic, kept):
    """The states divide the open plans; those that somebody asks about are among the paused."""
    closed = set(clinic.courses.loc[clinic.courses["closed_on"] <= pd.Timestamp(clinic.as_of), "course_id"])
    plans: dict[int, list[dict]] = {}
    for row in clinic.records(clinic.rows, kept):
        if row["course_id"] not in closed:
            plans.setdefault(row["course_id"], []).append(row)
    states = {course: state(rows) for course, rows in plans.items()}
    assert counts(clinic, "plans", kept) == Counter(states.values())
    behind = clinic.caseload.behind("plans", None, clinic.kept if kept else None)
    assert sorted(behind["course_id"]) == sorted(plans)
    asked = clinic.caseload.behind("paused_to_check", None, clinic.kept if kept else None)["course_id"]
    assert asked.is_unique
    assert {states[course] for course in asked} <= {"paused"}


def test_weeks_count_windows_that_open_in_them(clinic, kept):
    """Every open or likely visit whose window opens within 84 days stands in its week, booked or not."""
    expected: Counter = Counter()
    for row in clinic.records(clinic.rows, kept):
        if row["status"] in (*OPEN, "projected") and row["due_on"] is not None:
            day = (row["due_on"].date() - clinic.as_of).days
            if 0 <= day < 84:
                expected[f"{day // 7 + 1}-{'open' if row['booked_on'] is None else 'booked'}"] += 1
    assert counts(clinic, "weeks", kept) == expected


def test_timing_counts_the_sessions_of_twelve_months(clinic, kept):
    """Sessions and maintenance done, by month and by how they fitted; reviews and older ones are left out."""
    first = clinic.as_of.year * 12 + clinic.as_of.month - 12
    expected: Counter = Counter()
    for row in clinic.records(clinic.rows, kept):
        if row["kind"] in ("session", "maintenance") and row["status"] == "done":
            done = row["done_on"]
            if done.year * 12 + done.month > first:
                expected[f"{done:%Y-%m}-{row['timing']}"] += 1
    assert counts(clinic, "timing", kept) == expected


def test_the_rows_behind_every_part_are_as_many_as_it_counts(clinic, kept):
    """For each part of each figure; and each row is of a plan that the filter leaves, each patient or plan once."""
    mask = clinic.kept if kept else None
    left = set(clinic.courses["course_id"][clinic.kept] if kept else clinic.courses["course_id"])
    for figure in clinic.caseload.figures.values():
        numbers = clinic.caseload.counts(figure.id, mask)
        assert list(numbers) == [part.id for part in figure.parts]
        for part, number in numbers.items():
            rows = clinic.caseload.behind(figure.id, part, mask)
            assert len(rows) == number, (figure.id, part)
            assert set(rows["course_id"]) <= left
            once = ["patient_id"] if figure.unit == PATIENT else ["course_id", "kind", "number"]
            assert not rows.duplicated(once).any()
        rows = clinic.caseload.behind(figure.id, None, mask)
        assert len(rows) == clinic.caseload.total(figure.id, mask)
        if figure.unit != PATIENT or figure.once:
            assert sum(numbers.values()) == len(rows)


def test_rows_behind_carry_whose_they_are(clinic):
    """Patient, practitioner, protocol and area are those of the row's own plan."""
    rows = clinic.caseload.behind("weeks")
    whose = clinic.courses.set_index("course_id").loc[rows["course_id"]].reset_index()
    for name in ("patient_id", "practitioner_id", "protocol", "area"):
        assert rows[name].astype(object).fillna("").tolist() == whose[name].astype(object).fillna("").tolist()


def one_plan(**row) -> Caseload:
    """The figures of 23 November 2026 for one row of one plan."""
    made = {"course_id": 1, "kind": "session", "number": 2, "status": "overdue", "days_overdue": 0}
    made |= dict.fromkeys(["due_on", "overdue_on", "done_on", "booked_on", "timing", "flag"]) | row
    rows = pd.DataFrame([made])
    for name in ("due_on", "overdue_on", "done_on", "booked_on"):
        rows[name] = pd.to_datetime(rows[name]).astype("datetime64[s]")
    rows = rows.astype(dict.fromkeys(["kind", "status", "timing", "flag"], "category"))
    courses = pd.DataFrame(
        {"course_id": [1], "patient_id": [9], "practitioner_id": [1], "protocol": ["a"], "area": ["Face"]}
    ).assign(closed_on=pd.Series([pd.NaT], dtype="datetime64[s]"), contact_allowed="yes")
    return caseload(rows, courses, flagged(rows, courses), date(2026, 11, 23))


@pytest.mark.parametrize(
    ("days", "band"),
    [(1, "1-7"), (7, "1-7"), (8, "8-30"), (30, "8-30"), (31, "31-90"), (90, "31-90"), (91, "over-90")],
)
def test_bands_begin_and_end_where_they_say(days, band):
    """Both ends of a band belong to it."""
    numbers = one_plan(flag="missed_session", days_overdue=days).counts("overdue")
    assert [part for part, number in numbers.items() if number] == [band]


@pytest.mark.parametrize(
    ("after", "part"), [(-1, None), (0, "1-open"), (6, "1-open"), (7, "2-open"), (83, "12-open"), (84, None)]
)
def test_weeks_are_counted_in_sevens_from_the_day_shown(after, part):
    """The first week begins on the day shown, the twelfth ends 83 days later."""
    due = date(2026, 11, 23) + timedelta(days=after)
    numbers = one_plan(status="upcoming", due_on=due.isoformat()).counts("weeks")
    assert [one for one, number in numbers.items() if number] == ([part] if part else [])


@pytest.mark.parametrize(
    ("done", "month"), [("2025-11-30", None), ("2025-12-01", "2025-12"), ("2026-11-23", "2026-11")]
)
def test_twelve_months_end_with_this_one(done, month):
    """The last twelve calendar months, the one of the day shown among them."""
    numbers = one_plan(status="done", done_on=done, timing="late").counts("timing")
    assert [one for one, number in numbers.items() if number] == ([f"{month}-late"] if month else [])


def test_an_empty_clinic_counts_nothing():
    """No row, no error: every number is 0."""
    empty = frames({name: [] for name in ("courses", "visits", "holds", "agreements", "closures")})
    courses = empty["courses"].assign(
        patient_id=[], practitioner_id=[], protocol=[], area=[], contact_allowed=pd.Series([], dtype=object)
    )
    rows = schedule({name: [] for name in ("courses", "visits", "holds", "agreements", "closures")}, date(2026, 1, 1))
    made = caseload(rows, courses, flagged(rows, courses), date(2026, 1, 1))
    assert {number for figure in made.figures for number in made.counts(figure).values()} == {0}


def test_every_figure_says_what_it_counts():
    """A name, a sentence that ends, and parts with ids and names of their own."""
    for figure in one_plan().figures.values():
        assert figure.name
        assert figure.definition.endswith(".")
        assert len({part.id for part in figure.parts}) == len({part.name for part in figure.parts}) == len(figure.parts)
    assert set(TIMINGS) == set(words.TIMINGS)
    assert list(STATES) == [part.id for part in one_plan().figures["plans"].parts]
