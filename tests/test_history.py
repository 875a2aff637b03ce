"""What became of each visit, and what was known of it on a past day."""

from pathlib import Path
from random import Random

import pandas as pd
import pytest

from lib.history import known_visits, visit_history
from lib.schedule import expected_visits, read_protocols
from tests.schedule.frames import frame, frames, plain, schedule
from tests.schedule.random_clinic import as_of_dates, random_clinic

PLANS = read_protocols(Path(__file__).parent / "cases" / "plans")


def visits(*told: str) -> pd.DataFrame:
    """Visits from lines such as "2026-08-05 session booked recorded 2026-07-02 cancelled 2026-07-20"."""
    records = []
    for line in told:
        day, kind, status, *more = line.split()
        dates = {f"{name}_on": pd.Timestamp(on) for name, on in zip(more[::2], more[1::2], strict=True)}
        records.append({"course_id": 1, "visit_date": pd.Timestamp(day), "kind": kind, "status": status, **dates})
    return frame(records, "course_id kind visit_date status recorded_on cancelled_on")


def known(as_of: str, *told: str) -> list[tuple[str, str]]:
    """Day and status of the visits known on a day."""
    found = known_visits(visits(*told), pd.Timestamp(as_of))
    return list(zip(found["visit_date"].dt.strftime("%Y-%m-%d"), found["status"], strict=True))


def history(as_of: str, *told: str, plan="standard", planned=3, **more: pd.DataFrame) -> list[list[str]]:
    """What, how it went, fit and window of each visit, as the page shows them."""
    made = visits(*told)
    courses = frame(
        [{"course_id": 1, "protocol_id": plan, "planned_sessions": planned, "opened_on": pd.Timestamp("2026-07-01")}],
        "course_id protocol_id planned_sessions opened_on",
    )
    holds = more.pop("holds", pd.DataFrame())
    rows = expected_visits(courses, made, holds, PLANS, as_of)
    return visit_history(rows, made, PLANS[plan], as_of)[["what", "went", "fit", "window"]].to_numpy().tolist()


# What was known


@pytest.mark.parametrize(
    ("told", "seen"),
    [
        ("2026-08-05 session booked", {"2026-07-01": "booked", "2026-08-05": "booked", "2026-08-06": "booked"}),
        ("2026-08-05 session booked recorded 2026-07-20", {"2026-07-19": None, "2026-07-20": "booked"}),
        ("2026-08-05 session booked recorded 2026-08-10", {"2026-08-09": None, "2026-08-10": "booked"}),
        ("2026-08-05 session completed", {"2026-08-04": None, "2026-08-05": "completed"}),
        (
            "2026-08-05 session completed recorded 2026-07-20",
            {"2026-07-19": None, "2026-07-20": "booked", "2026-08-04": "booked", "2026-08-05": "completed"},
        ),
        ("2026-08-05 session completed recorded 2026-08-10", {"2026-08-04": None, "2026-08-05": "completed"}),
        ("2026-08-05 session no_show", {"2026-08-04": None, "2026-08-05": "no_show"}),
        (
            "2026-08-05 session no_show recorded 2026-07-20",
            {"2026-07-19": None, "2026-08-04": "booked", "2026-08-05": "no_show"},
        ),
        (
            "2026-08-05 session cancelled recorded 2026-07-02 cancelled 2026-07-20",
            {"2026-07-01": None, "2026-07-02": "booked", "2026-07-19": "booked", "2026-07-20": "cancelled"},
        ),
        (
            "2026-08-05 session cancelled cancelled 2026-07-20",
            {"2026-07-19": None, "2026-07-20": "cancelled", "2026-08-06": "cancelled"},
        ),
        (
            "2026-08-05 session cancelled recorded 2026-08-20 cancelled 2026-07-20",
            {"2026-07-19": None, "2026-07-20": "cancelled", "2026-08-06": "cancelled"},
        ),
        (
            "2026-08-05 session cancelled recorded 2026-07-02 cancelled 2026-08-10",
            {"2026-07-01": None, "2026-08-05": "booked", "2026-08-09": "booked", "2026-08-10": "cancelled"},
        ),
        (
            "2026-08-05 session cancelled recorded 2026-08-08 cancelled 2026-08-10",
            {"2026-08-07": None, "2026-08-08": "booked", "2026-08-10": "cancelled"},
        ),
        ("2026-08-05 session cancelled recorded 2026-07-02", {"2026-07-01": None, "2026-07-02": "cancelled"}),
    ],
)
def test_a_visit_is_known_as_it_was_on_that_day(told, seen):
    """A past day knows no visit entered later, nor how a later day went; a booking stands until it is called off."""
    found = {day: dict(known(day, told)).get(told[:10]) for day in seen}
    assert found == seen


def test_optional_columns_may_be_absent():
    """Without recorded_on and cancelled_on, bookings are known from the first and all else from its day."""
    told = visits("2026-08-05 session booked", "2026-08-05 review completed", "2026-08-06 session no_show")
    found = known_visits(told.drop(columns=["recorded_on", "cancelled_on"]), pd.Timestamp("2026-08-05"))
    assert found[["kind", "status"]].to_numpy().tolist() == [["session", "booked"], ["review", "completed"]]


def test_what_is_known_keeps_its_columns_and_index():
    """The same rows and columns come back, less what is unknown, and the frame given is left as it was."""
    told = visits("2026-09-01 session completed", "2026-08-05 session completed").assign(notes=["a", "b"])
    told.index = [7, 3]
    before = told.copy()
    found = known_visits(told, pd.Timestamp("2026-08-10"))
    pd.testing.assert_frame_equal(found, told.loc[[3]].astype(found.dtypes))
    pd.testing.assert_frame_equal(told, before)


@pytest.mark.parametrize("seed", range(6))
def test_the_schedule_counts_just_what_is_known(seed):
    """Judged by the known visits alone, a day gives the schedule that it gives by all of them.

    What was called off after its day counts for nothing in between.
    """
    rng = Random(seed)
    clinic = random_clinic(rng, courses=80)
    inputs = frames(clinic)
    for as_of in as_of_dates(rng, clinic, 3):
        told, on = inputs["visits"], pd.Timestamp(as_of)
        seen = known_visits(told, on)
        assert len(seen) < len(told)
        over = (told["status"] == "cancelled") & (told["cancelled_on"] > on) & (told["visit_date"] <= on)
        seen = seen[~over[seen.index]]
        pd.testing.assert_frame_equal(plain(schedule(clinic, as_of, visits=seen)), plain(schedule(clinic, as_of)))


# What became of it


def test_the_latest_visit_comes_first_with_name_fit_and_window():
    """Each visit is named for what it fulfilled, with how it fitted and the window's first and last day."""
    assert history(
        "2026-12-10",
        "2026-07-01 session completed",
        "2026-08-14 session completed",
        "2026-09-20 session completed",
        "2026-10-20 review completed",
        "2026-12-01 session completed",
    ) == [
        ["Maintenance session 1", "Came", "109 days earlier than planned", "20 Mar – 20 Sep 2027"],
        ["Follow-up review", "Came", "On time", "18 Oct – 01 Nov 2026"],
        ["Session 3", "Came", "On time", "11–25 Sep 2026"],
        ["Session 2", "Came", "2 days late", "29 Jul – 12 Aug 2026"],
        ["Session 1", "Came", "On time", "01 Jul – 12 Aug 2026"],
    ]


def test_one_visit_may_fulfil_several():
    """A review that meets two rows is named for both, with the fit and window of the first."""
    assert history("2026-08-10", "2026-07-01 session completed", "2026-07-29 review completed", plan="calendar") == [
        ["Check 1 and look 1", "Came", "14 days late", "08–15 Jul 2026"],
        ["Session 1", "Came", "On time", "01 Jul – 01 Aug 2026"],
    ]


def test_bookings_tell_how_they_fit_and_what_is_wrong():
    """A booking is named for what it is booked for; what is unsafe or late about it is said in the flag's words."""
    first = "2026-07-01 session completed"
    assert history("2026-07-10", first, "2026-08-05 session booked")[0] == [
        "Session 2", "Booked", "On time", "29 Jul – 12 Aug 2026",
    ]  # fmt: skip
    assert history("2026-07-10", first, "2026-07-20 session booked")[0][2] == "Booked too soon: skin not healed"
    assert history("2026-07-10", first, "2026-08-13 session booked")[0][2] == "Booked late"
    assert history("2026-08-20", first, "2026-08-21 session booked")[0][2] == "Late"
    hold = pd.DataFrame({"course_id": [1], "starts_on": [pd.Timestamp("2026-08-01")]})
    assert history("2026-07-10", first, "2026-08-05 session booked", holds=hold)[0][2] == "Booked during a pause"


def test_visits_that_meet_nothing_are_named_for_their_kind():
    """An interim look, a visit of another kind and one that failed have no fit and no window."""
    assert history(
        "2026-08-20",
        "2026-07-01 session completed",
        "2026-07-03 telephone completed",
        "2026-07-08 review completed",
        "2026-08-05 session no_show",
        "2026-08-10 session cancelled",
    )[:4] == [
        ["Session", "Cancelled", "", ""],
        ["Session", "Did not come", "", ""],
        ["Review", "Came", "", ""],
        ["Other visit", "Came", "", ""],
    ]


def test_a_past_booking_asks_whether_the_patient_came():
    """On its day a booking still stands; from the day after, somebody has to say."""
    told = ["2026-07-01 session completed", "2026-08-05 session booked"]
    assert history("2026-08-05", *told)[0][1] == "Booked"
    assert history("2026-08-06", *told)[0] == ["Session", "Did they come?", "", ""]


def test_a_booking_that_is_called_off_later_tells_nothing_of_it():
    """Up to that day nobody knew; on its own day it stood, and from the day after somebody had to say."""
    told = ["2026-07-01 session completed", "2026-08-05 session cancelled recorded 2026-07-20 cancelled 2026-08-10"]
    days = ["2026-08-04", "2026-08-05", "2026-08-06", "2026-08-09", "2026-08-10"]
    went = [history(day, *told)[0][1] for day in days]
    assert went == ["Booked", "Booked", "Did they come?", "Did they come?", "Cancelled"]


@pytest.mark.parametrize(
    ("kind", "as_of"), [("session", "2026-08-05"), ("session", "2026-08-06"), ("review", "2026-08-06")]
)
def test_a_booking_on_the_day_of_a_visit_took_place(kind, as_of):
    """A booking beside a visit of its kind on its day is not asked about, whether or not the visit met anything."""
    told = [f"2026-08-05 {kind} booked", f"2026-08-05 {kind} completed", "2026-07-01 session completed"]
    assert [row[1] for row in history(as_of, *told)] == ["Came", "Came", "Came"]


def test_a_session_without_dates_has_no_window():
    """A session beyond the series, where the protocol has no maintenance, was on time for no window."""
    told = ["2026-07-01 session completed", "2026-08-05 session completed"]
    found = history("2026-08-10", *told, plan="calendar", planned=1)
    assert found[0] == ["Maintenance session 1", "Came", "On time", ""]


def test_a_past_day_shows_that_day_only():
    """A visit of a later day shows as it was booked, or not at all."""
    told = ["2026-07-01 session completed", "2026-08-05 session completed recorded 2026-07-20"]
    assert [row[:2] for row in history("2026-08-01", *told)] == [["Session 2", "Booked"], ["Session 1", "Came"]]
    assert [row[:2] for row in history("2026-07-10", *told)] == [["Session 1", "Came"]]


def test_no_visits_give_no_history():
    """Without a visit the table is empty and has its columns."""
    assert history("2026-07-10") == []


def test_what_the_visits_carry_is_kept():
    """Notes, depth and other columns come along, each with its own visit."""
    told = visits("2026-07-01 session completed", "2026-08-05 session completed").assign(notes=["first", "second"])
    courses = frame(
        [{"course_id": 1, "protocol_id": "standard", "planned_sessions": 3, "opened_on": pd.Timestamp("2026-07-01")}],
        "course_id protocol_id planned_sessions opened_on",
    )
    rows = expected_visits(courses, told, pd.DataFrame(), PLANS, "2026-08-10")
    found = visit_history(rows, told, PLANS["standard"], "2026-08-10")
    assert found[["notes", "what"]].to_numpy().tolist() == [["second", "Session 2"], ["first", "Session 1"]]
