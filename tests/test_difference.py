"""What saving would do, in sentences: the difference between two schedules, the most important first."""

import re
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from clinic_data.protocol_versions import SHIPPED
from lib.difference import MOST_WINDOWS, NOTHING, what_changes
from lib.schedule import expected_visits, read_protocols

TODAY = date(2026, 11, 23)
FIRST = date(2026, 10, 12)
"""The first session was six weeks ago: today is the last day for the second."""

PROTOCOLS = read_protocols(SHIPPED)
COLUMNS = {
    "courses": ["course_id", "protocol_id", "planned_sessions", "opened_on", "closed_on"],
    "visits": ["course_id", "kind", "visit_date", "status", "recorded_on", "cancelled_on"],
    "holds": ["course_id", "starts_on", "ends_on", "recorded_on", "check_on"],
    "agreements": ["course_id", "kind", "agreed_on", "due_on", "last_on"],
    "closures": ["starts_on", "ends_on"],
}

Rows = list[dict[str, Any]]


def plan(course_id: int = 1, **values: Any) -> dict[str, Any]:
    """A treatment plan of acne scars in three sessions, opened seven weeks ago."""
    return {
        **{"course_id": course_id, "protocol_id": "acne-scars", "planned_sessions": 3, "opened_on": date(2026, 10, 5)},
        **values,
    }


def came(day: date, course_id: int = 1, **values: Any) -> dict[str, Any]:
    """A session that took place, or a visit of another kind or status."""
    return {"course_id": course_id, "kind": "session", "visit_date": day, "status": "completed"} | values


def schedule(**rows: Rows) -> pd.DataFrame:
    """The schedule of today from rows; one plan with its first session, if nothing else is said."""
    rows = {"courses": [plan()], "visits": [came(FIRST)]} | rows
    frames = {}
    for name, columns in COLUMNS.items():
        frame = pd.DataFrame(rows.get(name, []), columns=columns)
        for column in columns:
            if column.endswith(("_on", "_date")):
                frame[column] = pd.to_datetime(frame[column]).astype("datetime64[s]")
        frames[name] = frame
    return expected_visits(**frames, protocols=PROTOCOLS, as_of=TODAY)


def told(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """What changes from one to the other, where every plan is of acne scars."""
    courses = {*before["course_id"], *after["course_id"]}
    return what_changes(before, after, dict.fromkeys(courses, PROTOCOLS["acne-scars"]))


BOOKED = came(TODAY, status="booked", recorded_on=TODAY)


def test_a_booking_takes_the_flag_away():
    """The sessions after it are counted from the booked day; on the last day of the window that is as it was likely."""
    assert told(schedule(), schedule(visits=[came(FIRST), BOOKED])) == [
        "Session 2 loses the flag “Time to book”.",
    ]


def test_a_booking_that_is_too_late_changes_flags():
    """What goes and what comes are one sentence, and the later windows move."""
    late = came(TODAY + timedelta(days=9), status="booked", recorded_on=TODAY)
    assert told(schedule(), schedule(visits=[came(FIRST), late])) == [
        "Session 2 loses the flag “Time to book” and gets the flag “Booked late”.",
        "Session 3 is likely due 30 Dec 2026 – 13 Jan 2027 instead of 21 Dec 2026 – 04 Jan 2027.",
        "Maintenance session 1 is likely due 30 Jun 2027 – 13 Jan 2028 instead of 21 Jun 2027 – 04 Jan 2028.",
    ]


def test_a_session_done_comes_first():
    """It counts as done, the flag goes; the third is due when it was likely, so nothing is said of it."""
    assert told(schedule(), schedule(visits=[came(FIRST), came(TODAY)])) == [
        "Session 2 counts as done, on time.",
        "Session 2 loses the flag “Time to book”.",
    ]


@pytest.mark.parametrize(
    ("day", "how"),
    [
        (date(2026, 11, 8), "1 day before the skin had healed"),
        (date(2026, 11, 7), "2 days before the skin had healed"),
        (date(2026, 11, 9), "on time"),
    ],
)
def test_how_a_session_fits_is_said(day, how):
    """With the days it is off."""
    assert told(schedule(), schedule(visits=[came(FIRST), came(day)]))[0] == f"Session 2 counts as done, {how}."


def test_the_last_session_brings_the_reviews():
    """They appear, and maintenance is no longer only likely."""
    second = date(2026, 10, 26)
    before = [came(date(2026, 9, 28)), came(second)]
    assert told(schedule(visits=before), schedule(visits=[*before, came(TODAY)])) == [
        "Session 3 counts as done, on time.",
        "Session 3 loses the flag “Time to book”.",
        "Maintenance session 1 is due 23 May – 23 Nov 2027 instead of 23 May – 07 Dec 2027.",
        "Follow-up review is due 21 Dec 2026 – 04 Jan 2027.",
        "Outcome review is due 23 Feb – 23 May 2027.",
    ]


def test_a_pause_without_an_end_makes_wait():
    """The open session waits; what was likely after it is not told."""
    hold = {"course_id": 1, "starts_on": TODAY}
    assert told(schedule(), schedule(holds=[hold])) == [
        "Session 2 loses the flag “Time to book”.",
        "Session 2 waits until treatment resumes.",
    ]


def test_a_pause_with_an_end_moves_the_window():
    """It stays open for four weeks after treatment resumes."""
    hold = {"course_id": 1, "starts_on": TODAY, "ends_on": date(2026, 11, 30)}
    assert told(schedule(), schedule(holds=[hold]))[:2] == [
        "Session 2 loses the flag “Time to book”.",
        "Session 2 is due 09 Nov – 27 Dec 2026 instead of 09–23 Nov 2026.",
    ]


def test_resuming_brings_the_window_back():
    """A window that comes back is said without what it was."""
    hold = {"course_id": 1, "starts_on": date(2026, 11, 2)}
    resumed = hold | {"ends_on": TODAY}
    assert told(schedule(holds=[hold]), schedule(holds=[resumed]))[:2] == [
        "Session 2 gets the flag “Time to book”.",
        "Session 2 is due 23 Nov – 20 Dec 2026.",
    ]


def test_an_agreement_moves_the_window():
    """And what is counted from it; one day is one day."""
    agreed = {"course_id": 1, "kind": "session", "agreed_on": TODAY}
    agreed |= {"due_on": date(2026, 12, 1), "last_on": date(2026, 12, 1)}
    assert told(schedule(), schedule(agreements=[agreed])) == [
        "Session 2 loses the flag “Time to book”.",
        "Session 2 is due 01 Dec 2026 instead of 09–23 Nov 2026.",
        "Session 3 is likely due 29 Dec 2026 – 12 Jan 2027 instead of 21 Dec 2026 – 04 Jan 2027.",
        "Maintenance session 1 is likely due 29 Jun 2027 – 12 Jan 2028 instead of 21 Jun 2027 – 04 Jan 2028.",
    ]


def test_a_closed_plan_expects_nothing_more():
    """One sentence stands for all windows that are gone."""
    closed = plan(closed_on=TODAY)
    assert told(schedule(), schedule(courses=[closed])) == [
        "Session 2 loses the flag “Time to book”.",
        "Nothing more is expected.",
    ]


def test_closing_one_of_two_plans_is_told():
    """The other plan still expects something, so the session that is gone is named."""
    visits = [came(TODAY), came(TODAY, 2)]
    before = schedule(courses=[plan(1), plan(2)], visits=visits)
    after = schedule(courses=[plan(1, closed_on=TODAY), plan(2)], visits=visits)
    assert told(before, after) == ["Session 2 is no longer expected."]


def test_a_series_finished_early_names_what_is_gone():
    """The next session goes; reviews and maintenance come."""
    assert told(schedule(), schedule(courses=[plan(planned_sessions=1)])) == [
        "Session 2 loses the flag “Time to book”.",
        "Follow-up review gets the flag “Time to book”.",
        "Session 2 is no longer expected.",
        "Maintenance session 1 is due 12 Apr – 12 Oct 2027 instead of 21 Jun 2027 – 04 Jan 2028.",
        "Follow-up review is due 09–23 Nov 2026.",
        "1 later window moves as well.",
    ]


def test_undoing_a_session_is_told():
    """It no longer counts, its flag is back, and the reviews that came with it are gone."""
    one_planned = {"courses": [plan(planned_sessions=1)]}
    assert told(schedule(**one_planned), schedule(**one_planned, visits=[])) == [
        "Session 1 no longer counts as done.",
        "Session 1 gets the flag “Not started”.",
        "Follow-up review loses the flag “Time to book”.",
        "Follow-up review is no longer expected.",
        "Outcome review is no longer expected.",
        "Session 1 is due 05 Oct – 16 Nov 2026.",
        "1 later window moves as well.",
    ]


def test_a_plan_that_is_opened_expects_its_sessions():
    """Before it there was nothing at all."""
    nothing = schedule(courses=[], visits=[])
    assert told(nothing, schedule(courses=[plan(opened_on=TODAY)], visits=[])) == [
        "Session 1 gets the flag “Time to book”.",
        "Session 1 is due 23 Nov 2026 – 04 Jan 2027.",
        "Session 2 is likely due 21 Dec 2026 – 15 Feb 2027.",
        "Session 3 is likely due 18 Jan – 29 Mar 2027.",
        "1 later window moves as well.",
    ]


def test_more_windows_than_fit_are_counted():
    """Three are told, of the others only how many."""
    before = schedule(courses=[plan(planned_sessions=10)])
    agreed = {"course_id": 1, "kind": "session", "agreed_on": TODAY, "due_on": TODAY, "last_on": date(2027, 1, 1)}
    said = told(before, schedule(courses=[plan(planned_sessions=10)], agreements=[agreed]))
    assert len([one for one in said if " due " in one]) == MOST_WINDOWS
    assert said[-1] == "7 later windows move as well."


def test_nothing_is_one_sentence():
    """Also where a booking fits so well that nothing moves, and where there is no plan."""
    assert told(schedule(), schedule()) == [NOTHING]
    nothing = schedule(courses=[], visits=[])
    assert told(nothing, nothing) == [NOTHING]


def test_what_was_done_and_stays_done_is_not_told():
    """A note on a review that fulfils nothing changes nothing."""
    look = came(TODAY, kind="review")
    assert told(schedule(), schedule(visits=[came(FIRST), look])) == [NOTHING]


def test_every_sentence_reads_well():
    """A large letter first, one full stop last, no code, no missing value."""
    befores = [schedule(), schedule(courses=[], visits=[]), schedule(visits=[came(FIRST), BOOKED])]
    afters = [
        schedule(visits=[came(FIRST), came(TODAY)]),
        schedule(holds=[{"course_id": 1, "starts_on": TODAY}]),
        schedule(courses=[plan(closed_on=TODAY)]),
        schedule(visits=[came(FIRST), came(TODAY, status="cancelled", cancelled_on=TODAY)]),
    ]
    for before in befores:
        for after in afters:
            for sentence in told(before, after):
                assert sentence[0].isupper()
                assert sentence.endswith(".")
                assert not sentence.endswith("..")
                assert not re.search(r"_|\bNaT\b|\bnan\b|None|00:00", sentence)
