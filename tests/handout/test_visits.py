"""The visits on the handout: each state of a plan says what was done, what comes next, and what follows."""

from datetime import date

import pandas as pd
import pytest

from lib.handout import Handout, Plan, handout
from lib.schedule.protocols import Step
from tests.charts.course import PROTOCOLS, course
from tests.handout.page import page, texts

ONE = "2026-03-03 session completed"
SERIES = (ONE, "2026-04-07 session completed", "2026-05-12 session completed")
CALL = "Please call us to choose a day."


def told(handout: Handout) -> tuple[str, str, str]:
    """What comes next, as it is read."""
    coming = handout.next_visit
    return coming.title, coming.when, coming.note


def lines(handout: Handout) -> list[str]:
    """What follows, as it is read."""
    return [f"{line.what}: {line.when}" for line in handout.later]


def test_before_the_first_session():
    """Nothing is done; she comes by the last day for the first session, and all that follows is likely."""
    first = page(as_of="2026-01-12")
    assert told(first) == ("Your next visit: session 1", "Come by 16 Feb 2026", f"No day is booked yet. {CALL}")
    assert (first.progress, first.done) == ("3 sessions are planned.", ())
    assert lines(first) == [
        "Session 2: about 09 Feb – 30 Mar 2026",
        "Session 3: about 09 Mar – 11 May 2026",
        "Follow-up review: about 06 Apr – 22 Jun 2026",
        "Outcome review: about 09 Jun – 11 Nov 2026",
        "Maintenance session: about 09 Sep 2026 – 11 May 2027",
    ]


def test_during_the_series():
    """The window of the next session, and the reviews that count from the last one, though it has no day yet."""
    between = page(ONE, as_of="2026-03-03")
    assert told(between) == (
        "Your next visit: session 2",
        "Come between 31 Mar 2026 and 14 Apr 2026",
        f"No day is booked yet. {CALL}",
    )
    assert between.progress == "1 of 3 sessions is done."
    assert [(line.what, line.when) for line in between.done] == [("Session 1", "03 Mar 2026")]
    assert lines(between)[0] == "Session 3: about 28 Apr – 26 May 2026"
    assert lines(between)[1] == "Follow-up review: about 26 May – 07 Jul 2026"


def test_a_booked_day_is_the_day():
    """What follows counts from it."""
    booked = page(ONE, "2026-04-02 session booked", as_of="2026-03-03")
    assert told(booked)[:2] == ("Your next visit: session 2", "02 Apr 2026")
    assert lines(booked)[0] == "Session 3: about 30 Apr – 14 May 2026"


@pytest.mark.parametrize(
    ("as_of", "when"),
    [
        ("2026-03-30", "Come between 31 Mar 2026 and 14 Apr 2026"),
        ("2026-03-31", "Come between 31 Mar 2026 and 14 Apr 2026"),
        ("2026-04-01", "Come by 14 Apr 2026"),
        ("2026-04-14", "Come by 14 Apr 2026"),
        ("2026-04-15", "It is time to come"),
        ("2026-11-15", "It is time to come"),
    ],
)
def test_the_window_s_edges(as_of, when):
    """Its first and last day belong to it; after it she is invited all the same, without a word about being late."""
    assert page(ONE, as_of=as_of).next_visit.when == when


def test_a_leap_day():
    """A maintenance window counted from 29 Feb takes the last day of February."""
    leap = page("2028-02-29 session completed", as_of="2028-03-01", planned=1, opened="2028-02-01")
    assert lines(leap)[-1] == "Maintenance session: about 29 Aug 2028 – 28 Feb 2029"


def test_after_the_series():
    """The next review, then the others and maintenance."""
    after = page(*SERIES, as_of="2026-05-12")
    assert told(after)[:2] == ("Your next visit: follow-up review", "Come between 09 Jun 2026 and 23 Jun 2026")
    assert after.progress == "Your series is complete: 3 sessions."
    assert lines(after) == [
        "Outcome review: about 12 Aug – 12 Nov 2026",
        "Maintenance session: about 12 Nov 2026 – 12 May 2027",
    ]
    assert after.about_reviews


def test_in_maintenance():
    """The series stays complete, and the next maintenance session has no number."""
    kept = page(*SERIES, "2026-12-01 session completed", as_of="2026-12-02")
    assert told(kept)[:2] == ("Your next visit: maintenance session", "Come between 01 Jun 2027 and 01 Dec 2027")
    assert kept.progress == "Your series is complete: 3 sessions."
    assert (kept.done[-1].what, kept.done[-1].when) == ("Maintenance session", "01 Dec 2026")
    assert (lines(kept), kept.about_reviews) == ([], "")


def test_what_is_done_or_booked_on_one_day_is_one_visit():
    """One look at the skin that serves two reviews stands there once, with both names."""
    done = page(*SERIES, "2026-08-20 review completed", as_of="2026-08-21")
    assert (done.done[-1].what, done.done[-1].when) == ("Follow-up review and outcome review", "20 Aug 2026")
    both = page(*SERIES, "2026-08-20 review booked", as_of="2026-08-13")
    assert told(both)[:2] == ("Your next visit: follow-up review and outcome review", "20 Aug 2026")


def test_a_review_that_the_next_session_meets_is_no_visit_of_its_own():
    """She comes once, for the session."""
    mild = page(ONE, as_of="2026-03-20", protocol="mild-texture", planned=2)
    assert told(mild)[0] == "Your next visit: session 2"
    assert [line.what for line in mild.later] == ["Follow-up review", "Outcome review", "Maintenance session"]


def test_a_waived_review_is_not_asked_for():
    """Whether it is open or still to come."""
    waived = [("review", 1), ("outcome", 1)]
    assert told(page(*SERIES, as_of="2026-05-12", waived=waived))[0] == "Your next visit: maintenance session"
    assert not page(ONE, as_of="2026-03-03", waived=waived).about_reviews


def test_a_pause_with_an_end():
    """From when treatment may go on, and between which days she comes then."""
    paused = page(ONE, as_of="2026-03-20", holds=[("2026-03-10", "2026-06-01", "medical", "isotretinoin")])
    assert told(paused) == (
        "Your treatment is paused",
        "It may go on from 01 Jun 2026",
        f"Then come for session 2 between 01 Jun 2026 and 28 Jun 2026. {CALL}",
    )
    assert lines(paused)[0] == "Session 3: about 29 Jun – 09 Aug 2026"
    assert not [text for text in texts(paused) if "isotretinoin" in text], "paper lies about"


def test_a_pause_that_follows_a_pause():
    """Treatment goes on after the last of those that are known."""
    holds = [("2026-03-10", "2026-06-01", "medical", "a"), ("2026-05-20", "2026-07-01", "medical", "b")]
    assert page(ONE, as_of="2026-03-20", holds=holds).next_visit.when == "It may go on from 01 Jul 2026"


@pytest.mark.parametrize(
    ("cause", "may_call", "note"),
    [
        ("medical", True, "We will call you when it may go on."),
        ("medical", False, "Please call us when you would like to go on."),
        ("wish", True, "Please call us when you would like to go on."),
    ],
)
def test_a_pause_without_an_end(cause, may_call, note):
    """The clinic calls where it may and knows more than she does; what follows has no dates."""
    paused = page(ONE, as_of="2026-03-20", holds=[("2026-03-10", None, cause, "x")], may_call=may_call)
    assert told(paused) == ("Your treatment is paused", "", note)
    assert lines(paused) == [
        "Follow-up review: 4–6 weeks after session 3",
        "Outcome review: 3–6 months after session 3",
    ]


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("visits", [(), (ONE,), (ONE, "2026-04-20 session booked"), (ONE, "2026-12-30 session booked")])
def test_without_a_pause_what_is_likely_is_what_the_schedule_says(month, visits):
    """No date of paper is another than the screen's."""
    known = course(visits, as_of=f"2026-{month:02}-14", opened="2026-01-05", planned=4)
    plan = Plan(known.rows, known.holds, known.protocol, date(2026, month, 14), "Cheeks", 4, date(2026, 1, 5))
    for row in plan.coming:
        if row.status == "projected" and row.booked_on is pd.NaT:
            assert plan.likely(row) == (row.due_on, row.overdue_on - pd.Timedelta(days=1))


BEFORE = "2026-02-10 session completed"
"""A session whose next window is 10 to 24 Mar 2026."""


@pytest.mark.parametrize(
    ("cause", "may_call", "note"),
    [
        ("medical", True, "We will call you when it may go on."),
        ("medical", False, "Please call us when you would like to go on."),
        ("wish", True, "Please call us when you would like to go on."),
    ],
)
def test_a_pause_without_an_end_that_is_still_to_begin(cause, may_call, note):
    """She is not asked to come during it, and what follows has no dates, as on the day on which it begins."""
    pause = {"holds": [("2026-03-04", None, cause, "x")], "may_call": may_call}
    ahead, begun = (page(BEFORE, as_of=day, **pause) for day in ("2026-03-03", "2026-03-04"))
    assert told(ahead) == ("Your treatment will be paused from 04 Mar 2026", "", note)
    assert told(begun) == ("Your treatment is paused", "", note)
    assert (
        lines(ahead)
        == lines(begun)
        == [
            "Follow-up review: 4–6 weeks after session 3",
            "Outcome review: 3–6 months after session 3",
        ]
    )


def test_a_pause_with_an_end_that_is_still_to_begin():
    """All dates are those that she is told once it has begun."""
    holds = [("2026-03-06", "2026-09-01", "medical", "x")]
    ahead, begun = (page(BEFORE, as_of=day, holds=holds) for day in ("2026-03-03", "2026-03-06"))
    assert told(ahead) == (
        "Your treatment will be paused from 06 Mar 2026",
        "It may go on from 01 Sep 2026",
        f"Then come for session 2 between 01 Sep 2026 and 28 Sep 2026. {CALL}",
    )
    assert told(ahead)[1:] == told(begun)[1:]
    assert lines(ahead) == lines(begun)
    assert lines(ahead)[0] == "Session 3: about 29 Sep – 09 Nov 2026"


@pytest.mark.parametrize(
    ("pause", "when"),
    [
        (("2026-03-04", "2026-03-10"), "Come between 10 Mar 2026 and 24 Mar 2026"),
        (("2026-03-04", "2026-03-11"), "Come between 11 Mar 2026 and 07 Apr 2026"),
        (("2026-03-11", None), "Come on 10 Mar 2026"),
        (("2026-03-20", "2026-04-20"), "Come between 10 Mar 2026 and 19 Mar 2026"),
        (("2026-03-24", None), "Come between 10 Mar 2026 and 23 Mar 2026"),
        (("2026-03-25", None), "Come between 10 Mar 2026 and 24 Mar 2026"),
        (("2026-03-12", "2026-03-20"), "Come between 10 Mar 2026 and 24 Mar 2026"),
    ],
)
def test_a_pause_that_leaves_days_of_the_window(pause, when):
    """She comes on those that are left; a window that would open in the pause opens after it."""
    assert page(BEFORE, as_of="2026-03-03", holds=[(*pause, "medical", "x")]).next_visit.when == when


def test_in_an_open_window_a_pause_ahead_leaves_the_days_before_it():
    """From today on; on its last free day she comes by that day."""
    pause = {"holds": [("2026-03-16", None, "medical", "x")]}
    assert page(BEFORE, as_of="2026-03-12", **pause).next_visit.when == "Come by 15 Mar 2026"
    assert page(BEFORE, as_of="2026-03-15", **pause).next_visit.when == "Come by 15 Mar 2026"


def test_pauses_ahead_that_follow_each_other_are_one():
    """It is said when the first begins, and when the last ends."""
    holds = [("2026-03-06", "2026-03-15", "wish", "x"), ("2026-03-14", "2026-05-01", "wish", "x")]
    ahead = told(page(BEFORE, as_of="2026-03-03", holds=holds))
    assert ahead[:2] == ("Your treatment will be paused from 06 Mar 2026", "It may go on from 01 May 2026")


def test_a_pause_ahead_stops_no_review():
    """A look at the skin goes on; the session after it has no day."""
    after = page(*SERIES, as_of="2026-05-12", holds=[("2026-05-20", None, "medical", "x")])
    assert told(after)[:2] == ("Your next visit: follow-up review", "Come between 09 Jun 2026 and 23 Jun 2026")
    assert lines(after) == [
        "Outcome review: about 12 Aug – 12 Nov 2026",
        "Maintenance session: when treatment goes on",
    ]


def test_a_step_of_the_protocol_counts_after_a_pause_too():
    """What follows the session that is put off keeps its own window."""
    step = Step(number=3, window=["3 months", "4 months"])
    sessions = PROTOCOLS["acne-scars"].sessions.model_copy(update={"step": (step,)})
    stepped = PROTOCOLS["acne-scars"].model_copy(update={"sessions": sessions})
    known = course([BEFORE], as_of="2026-03-03", holds=[("2026-03-06", "2026-09-01", "wish", "x")])
    plan = Plan(known.rows, known.holds, stepped, date(2026, 3, 3), "Cheeks", 3, date(2026, 1, 5))
    after = handout(plan, name="Eva", clinic="Harbour Clinic")
    assert lines(after)[0] == "Session 3: about 01 Dec 2026 – 28 Jan 2027"


def test_a_booking_after_a_pause():
    """It stands, as the day to come."""
    holds = [("2026-03-10", "2026-06-01", "medical", "x")]
    booked = page(ONE, "2026-06-03 session booked", as_of="2026-03-20", holds=holds)
    assert told(booked)[:2] == ("Your treatment is paused", "Session 2 is booked for 03 Jun 2026")


@pytest.mark.parametrize("holds", [[], [("2026-03-05", None, "medical", "x")]])
def test_an_unsafe_booking_asks_for_a_call(holds):
    """Too soon for the skin, or during a pause: she is not told to come."""
    unsafe = page(ONE, "2026-03-20 session booked", as_of="2026-03-10", holds=holds)
    assert unsafe.next_visit.note == "Please call us before that day: we may need to move it."
    later = page(ONE, "2026-04-02 session booked", "2026-04-10 session booked", as_of="2026-03-10", holds=[])
    assert lines(later)[0] == "Session 3: 10 Apr 2026, booked: please call us before, we may need to move it"


def test_nobody_knows_whether_she_came():
    """No number of a session is told that may be wrong."""
    unrecorded = page(ONE, "2026-04-02 session booked", as_of="2026-04-03")
    assert told(unrecorded) == (
        "Your next visit",
        "",
        "Please call us, and we will find the right day for it together.",
    )


@pytest.mark.parametrize("visits", [(), (ONE,), SERIES])
def test_a_closed_plan_says_so_kindly(visits):
    """And asks for nothing."""
    closed = page(*visits, as_of="2026-06-01", closed="2026-05-20")
    assert told(closed)[:2] == ("This treatment plan ended on 20 May 2026", "")
    assert "Thank you" in closed.next_visit.note
    assert (lines(closed), closed.about_reviews, len(closed.done)) == ([], "", len(visits))


def test_a_plan_closed_without_a_session_says_that_none_took_place():
    """It does not tell of sessions that are planned; one with sessions tells of those."""
    closed = {"as_of": "2026-06-01", "closed": "2026-05-20"}
    assert page(**closed).progress == "No session took place."
    assert page(ONE, **closed).progress == "1 of 3 sessions is done."


def test_a_plan_with_nothing_to_come_for():
    """Where the protocol has no maintenance and no review, the last session is the end, and she may come again."""
    bare = PROTOCOLS["acne-scars"].model_copy(update={"maintenance": None, "reviews": ()})
    known = course(list(SERIES), as_of="2026-07-01")
    rows = known.rows[known.rows["kind"] == "session"]
    plan = Plan(rows, known.holds, bare, date(2026, 7, 1), "Cheeks", 3, date(2026, 1, 5))
    nothing = handout(plan, name="Eva", clinic="Harbour Clinic")
    assert told(nothing) == ("No visit is planned", "", "If you would like to come again, please call us.")


def test_a_plan_that_is_still_to_begin():
    """Its opening is the day."""
    assert told(page(as_of="2026-01-01"))[0] == "Your treatment plan begins on 05 Jan 2026"


@pytest.mark.parametrize("protocol", ["acne-scars", "mild-texture"])
@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("visits", [(), (ONE,), SERIES[:2], SERIES, (*SERIES, "2026-08-20 review completed")])
def test_no_word_of_being_late_and_no_jargon(protocol, month, visits):
    """On no day of a plan that nobody looks after."""
    for year in (2026, 2027):
        said = " ".join(texts(page(*visits, as_of=f"{year}-{month:02}-14", protocol=protocol))).lower()
        for word in ("overdue", " late", "lapsed", "flag", "unbooked", "protocol", "%", "lost"):
            assert word not in said, word
