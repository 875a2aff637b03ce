"""Planning ahead: which session is next, on which days a rhythm falls, how days fit, and what moves with them."""

from datetime import date

import pandas as pd
import pytest

from lib.plan_ahead import how_they_fit, moved_windows, next_session, rhythm, sessions_left, weeks_between
from lib.schedule.protocols import Step
from tests.charts.course import PROTOCOLS, Course, course

ONCE = ["2026-02-24 session completed 1.5"]
"""One session a week before the day judged, 3 March 2026: the window is 24 March to 7 April."""
PAUSE = ("2026-03-20", "2026-03-28", "medical", "cold sore")


def planned(*days: str, **more) -> Course:
    """The same course with sessions booked for these days."""
    return course([*ONCE, *(f"{day} session booked" for day in days)], **more)


def fits(*days: str, **more) -> list[tuple[str, str, str, bool]]:
    """Visit, how it fits, what is said about it, whether it is unsafe."""
    of = planned(*days, **more)
    found = how_they_fit(of.rows, [date.fromisoformat(day) for day in days], of.protocol)
    return [(row["visit"], row["fits"], row["about"], row["unsafe"]) for row in found.to_dict("records")]


@pytest.mark.parametrize(
    ("day", "fit", "about", "unsafe"),
    [
        ("2026-03-23", "Too soon: skin not healed", "not healed before 24 Mar 2026, 1 day later", True),
        ("2026-03-24", "In the window", "window 24 Mar – 07 Apr 2026", False),
        ("2026-04-07", "In the window", "window 24 Mar – 07 Apr 2026", False),
        ("2026-04-08", "Late", "1 day after its window 24 Mar – 07 Apr 2026", False),
    ],
)
def test_how_a_day_fits_at_the_edges(day, fit, about, unsafe):
    """The window's first and last day belong to it; the day before it the skin has not healed."""
    assert fits(day) == [("Session 2", fit, about, unsafe)]


def test_earlier_than_planned():
    """Healed, but before the window: maintenance after the series."""
    done = [f"2026-0{month}-01 session completed" for month in (1, 2, 3)]
    of = course([*done, "2026-08-31 session booked"])
    found = how_they_fit(of.rows, [date(2026, 8, 31)], of.protocol)
    assert found[["visit", "fits", "about"]].values.tolist() == [
        [
            "Maintenance session 1",
            "Earlier than planned",
            "1 day before its window 01 Sep 2026 – 01 Mar 2027",
        ]
    ]


def test_a_day_in_a_pause_says_so():
    """Also one that would be too soon besides; the day on which treatment resumes is free."""
    assert fits("2026-03-27", holds=[PAUSE]) == [("Session 2", "During a pause", "", True)]
    assert fits("2026-03-20", holds=[PAUSE]) == [("Session 2", "During a pause", "not healed before 24 Mar 2026", True)]
    assert fits("2026-03-28", holds=[PAUSE])[0][1] == "In the window"
    assert fits("2026-06-01", holds=[("2026-03-01", None, "wish", "travel")])[0][1] == "During a pause"


def test_a_rhythm_is_judged_day_by_day():
    """Each from the one before it."""
    assert [fit for _, fit, _, _ in fits("2026-03-24", "2026-04-20")] == ["In the window", "Too soon: skin not healed"]
    assert [fit for _, fit, _, _ in fits("2026-03-24", "2026-04-21")] == ["In the window", "In the window"]


def test_the_next_session_is_the_first_that_is_not_booked():
    """A projected one where the next is booked, maintenance after the series, none where nothing is expected."""
    assert next_session(course().rows)["number"] == 1
    assert next_session(course(ONCE).rows)["number"] == 2
    assert next_session(planned("2026-03-24").rows)["number"] == 3
    all_booked = next_session(planned("2026-03-24", "2026-04-21").rows)
    assert (all_booked["kind"], all_booked["number"]) == ("maintenance", 1)
    assert next_session(course(ONCE, closed="2026-03-01").rows) is None


@pytest.mark.parametrize(
    ("visits", "left"),
    [
        ([], 3),
        (ONCE, 2),
        ([*ONCE, "2026-03-24 session booked"], 1),
        ([*ONCE] * 1 + ["2026-01-02 session completed"], 1),
    ],
)
def test_how_many_sessions_are_left(visits, left):
    """Of those planned, neither done nor booked."""
    assert sessions_left(course(visits).rows, 3) == left


def test_none_is_left_after_more_than_were_planned():
    """Maintenance sessions count for nothing here."""
    done = [f"2026-0{month}-01 session completed" for month in (1, 2, 3)]
    assert sessions_left(course(done, planned=2).rows, 2) == 0


def test_a_rhythm_passes_over_closed_days():
    """A day on which the clinic is closed is put off until it opens, and the next is counted from there."""
    shut = pd.DataFrame(
        {
            "starts_on": pd.to_datetime(["2026-04-22", "2026-04-18"]),
            "ends_on": pd.to_datetime(["2026-04-25", "2026-04-22"]),
        }
    )
    assert rhythm(date(2026, 3, 24), 4, 3, shut) == [date(2026, 3, 24), date(2026, 4, 25), date(2026, 5, 23)]
    assert rhythm(date(2026, 3, 24), 4, 3, shut.head(0)) == [date(2026, 3, 24), date(2026, 4, 21), date(2026, 5, 19)]
    assert rhythm(date(2028, 2, 1), 4, 2, shut.head(0))[1] == date(2028, 2, 29)


def test_the_protocol_s_own_rhythm_in_weeks():
    """The latest of the windows' starts, rounded up to whole weeks."""
    protocol = PROTOCOLS["acne-scars"]
    steps = (Step(number=3, window=["3 months", "4 months"]), Step(number=4, earliest="1 week"))
    stepped = protocol.model_copy(update={"sessions": protocol.sessions.model_copy(update={"step": steps})})
    assert weeks_between(protocol, [2, 3], date(2026, 3, 3)) == 4
    assert weeks_between(stepped, [2], date(2026, 3, 3)) == 4
    assert weeks_between(stepped, [2, 3, 4], date(2026, 3, 3)) == 14
    assert weeks_between(stepped, [4, 5], date(2026, 3, 3)) == 4


def test_later_windows_before_and_after():
    """Each later visit with both windows, and by how many days its first day moves."""
    found = moved_windows(course(ONCE).rows, planned("2026-03-31").rows, PROTOCOLS["acne-scars"])
    assert found.astype(object).values.tolist() == [
        ["Session 3", "21 Apr – 19 May 2026", "28 Apr – 12 May 2026", 7],
        ["Maintenance session 1", "21 Oct 2026 – 19 May 2027", "28 Oct 2026 – 12 May 2027", 7],
    ]


def test_a_booking_where_it_was_likely_moves_no_first_day():
    """The later window narrows, which is told; the same schedule tells nothing."""
    before = planned("2026-03-24")
    found = moved_windows(before.rows, planned("2026-03-24", "2026-04-21").rows, before.protocol)
    assert found.astype(object).values.tolist() == [
        ["Maintenance session 1", "21 Oct 2026 – 05 May 2027", "21 Oct 2026 – 21 Apr 2027", 0]
    ]
    assert moved_windows(before.rows, before.rows, before.protocol).empty


def test_windows_that_were_not_there_are_told_too():
    """In a pause without an end nothing later is expected until a day is planned."""
    hold = [("2026-03-01", None, "wish", "travel")]
    before, after = course(ONCE, holds=hold), planned("2026-06-01", holds=hold)
    found = moved_windows(before.rows, after.rows, after.protocol)
    assert found["before"].tolist() == ["", ""]
    assert found["moves"].isna().all()
