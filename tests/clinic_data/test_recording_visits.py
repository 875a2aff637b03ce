"""Sessions and reviews: booked, moved, cancelled, kept, missed and recorded, as the schedule then shows them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from clinic_data.courses import close_course, open_course
from clinic_data.database import Store
from clinic_data.errors import ClinicError, NotAllowed, NotFound
from clinic_data.holds import pause
from clinic_data.schedule_input import read_schedule_input
from clinic_data.visits import (
    BOOKED_AHEAD,
    cancel_booking,
    last_and_next,
    move_booking,
    note_booking,
    read_scores,
    read_visits,
    record_attendance,
    record_visit,
)
from tests.clinic_data.rows import ACTOR, contents, one, patient, rows, visit, write

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
OPENED, FIRST = date(2026, 10, 5), date(2026, 10, 12)
WINDOW = (date(2026, 11, 9), date(2026, 11, 24))
"""When session 2 is due: four to six weeks after the first, and the day after."""

pytestmark = pytest.mark.usefixtures("today")


def acne(store: Store, patient_id: int, area: str = "Cheeks", **values: Any) -> int:
    """A treatment plan of acne scars, opened seven weeks ago; returns the id."""
    plain = {"protocol_id": "acne-scars", "area": area, "planned_sessions": 3, "opened_on": OPENED}
    return open_course(ACTOR, store, patient_id, **(plain | values))


def begun(store: Store) -> tuple[int, int]:
    """Eva and her plan, whose first session was six weeks ago: it is the last day for the second."""
    eva = patient(store)
    plan = acne(store, eva)
    record_visit(ACTOR, store, [plan], kind="session", visit_date=FIRST)
    return eva, plan


def expected(store: Store, plan: int, day: date = TODAY) -> pd.DataFrame:
    """The schedule of one plan on that day, by kind and number, with missing values as None."""
    schedule = read_schedule_input(ACTOR, store, day).schedule()
    plain = schedule[schedule["course_id"] == plan].astype({name: object for name in ("kind", "flag", "status")})
    return plain.set_index(["kind", "number"]).astype(object).where(lambda frame: frame.notna(), None)


def row(store: Store, plan: int, kind: str = "session", number: int = 2, day: date = TODAY) -> pd.Series:
    """One row of it: the second session, if nothing else is said."""
    return expected(store, plan, day).loc[(kind, number)]


def window(one_row: pd.Series) -> tuple[date | None, date | None]:
    """A row's first day and the day after its last."""
    first, after = one_row["due_on"], one_row["overdue_on"]
    return (first.date() if first else None, after.date() if after else None)


@contextmanager
def refused(store: Store, sentence: str, error: type[ClinicError] = NotAllowed) -> Iterator[None]:
    """What is tried is refused with this sentence, and nothing of it is kept."""
    before = contents(store)
    with pytest.raises(error, match=sentence):
        yield
    assert contents(store) == before


@contextmanager
def one_change(store: Store, action: str, patient_id: int | None, revisions: int = 1) -> Iterator[list[dict]]:
    """What is done is one change by the actor, and so many revisions; its rows are at hand afterwards."""
    changes, revision = one(store, "select count(*) from changes"), store.revision()
    written: list[dict] = []
    yield written
    assert one(store, "select count(*) from changes") == changes + 1
    assert store.revision() == revision + revisions
    last = "select actor, role, action, patient_id, rows from changes order by id desc limit 1"
    ((*who, text),) = rows(store, last)
    assert who == [ACTOR.name, ACTOR.role, action, patient_id]
    written += json.loads(text)


# Noting a booking


def test_a_booking_takes_the_flag_away(store):
    """Time to book, until she has booked; the schedule then shows the day."""
    eva, plan = begun(store)
    assert row(store, plan)["flag"] == "due_unbooked"
    assert window(row(store, plan)) == WINDOW
    with one_change(store, "note a booking", eva) as written:
        key = note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY)
    assert row(store, plan)["flag"] is None
    assert row(store, plan)["booked_on"].date() == TODAY
    assert row(store, plan)["booked_fit"] == "on_time"
    assert [(kept["table"], kept["before"]) for kept in written] == [("visits", None), ("visit_courses", None)]
    assert written[0]["after"].items() >= {"id": key, "visit_date": "2026-11-23", "status": "booked"}.items()
    assert written[0]["after"]["recorded_on"] == "2026-11-23"
    assert last_and_next(ACTOR, store, TODAY).loc[eva, "next_booking"].date() == TODAY


@pytest.mark.parametrize("ahead", [0, 1, 729, BOOKED_AHEAD])
def test_a_booking_lies_from_today_to_two_years_ahead(store, ahead):
    """Both ends are allowed."""
    _, plan = begun(store)
    note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY + ahead * DAY)
    assert row(store, plan)["booked_on"].date() == TODAY + ahead * DAY


@pytest.mark.parametrize("ahead", [-1, 731, -3650])
def test_a_booking_can_not_lie_elsewhere(store, ahead):
    """Yesterday and the day after two years are refused, with the days that are allowed."""
    _, plan = begun(store)
    with refused(store, r"^a booking must lie between 23 Nov 2026 and 22 Nov 2028, not on \d\d \w{3} \d{4}$"):
        note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY + ahead * DAY)


def closed(store: Store) -> None:
    """The clinic is closed from 21 December and reopens on 4 January."""
    write(store, "closures", starts_on="2026-12-21", ends_on="2027-01-04", reason="holiday")


@pytest.mark.parametrize("day", [date(2026, 12, 21), date(2027, 1, 3)])
def test_a_closed_day_can_not_be_booked(store, day):
    """Neither the first nor the last one; the sentence says when the clinic reopens."""
    _, plan = begun(store)
    closed(store)
    with refused(store, f"^the clinic is closed on {day:%d %b %Y}; it reopens on 04 Jan 2027$"):
        note_booking(ACTOR, store, [plan], kind="session", visit_date=day)


@pytest.mark.parametrize("day", [date(2026, 12, 20), date(2027, 1, 4)])
def test_the_days_beside_a_closure_can_be_booked(store, day):
    """The day before it, and the day on which the clinic reopens."""
    _, plan = begun(store)
    closed(store)
    note_booking(ACTOR, store, [plan], kind="session", visit_date=day)
    assert row(store, plan)["booked_on"].date() == day


def test_one_day_is_booked_once(store):
    """The same plan and kind on the same day is refused; a review on that day is another matter."""
    _, plan = begun(store)
    note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY)
    with refused(store, "^a session on 23 Nov 2026 is there already$"):
        note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY)
    note_booking(ACTOR, store, [plan], kind="review", visit_date=TODAY)
    assert one(store, "select count(*) from visits where status = 'booked'") == 2


def test_a_day_that_is_done_can_not_be_booked(store):
    """Who came today is not booked for today."""
    _, plan = begun(store)
    record_visit(ACTOR, store, [plan], kind="session", visit_date=TODAY)
    with refused(store, "^a session on 23 Nov 2026 is there already$"):
        note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY)


def test_a_cancelled_day_can_be_booked_again(store):
    """She cancels, and changes her mind."""
    _, plan = begun(store)
    key = note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY)
    cancel_booking(ACTOR, store, key, by="patient")
    assert note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY) != key
    assert row(store, plan)["flag"] is None


def test_a_booking_before_the_skin_has_healed_is_kept_and_flagged(store):
    """It is in the booking system, so the schedule has to know it."""
    eva = patient(store)
    plan = acne(store, eva)
    record_visit(ACTOR, store, [plan], kind="session", visit_date=TODAY)
    note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY + 27 * DAY)
    assert row(store, plan)["flag"] == "booked_too_soon"


def test_a_booking_during_a_pause_is_kept_and_flagged(store):
    """Whoever noted it sees that it has to be moved, and the resuming day is fine."""
    eva, plan = begun(store)
    pause(ACTOR, store, eva, cause="medical", reason="rash", starts_on=TODAY, ends_on=TODAY + 7 * DAY)
    key = note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY + 6 * DAY)
    assert row(store, plan)["flag"] == "booked_on_hold"
    move_booking(ACTOR, store, key, to=TODAY + 7 * DAY, by="clinic")
    assert row(store, plan)["flag"] is None


@pytest.mark.parametrize("enter", [note_booking, record_visit])
def test_a_session_serves_exactly_one_plan(store, enter):
    """None and two are refused, for bookings as for what took place."""
    eva, plan = begun(store)
    both = [plan, acne(store, eva, "Neck")]
    for plans in ([], both):
        with refused(store, "^a session belongs to one treatment plan, a review to one or more$"):
            enter(ACTOR, store, plans, kind="session", visit_date=TODAY)
    with refused(store, "^a session belongs to one treatment plan, a review to one or more$"):
        enter(ACTOR, store, [], kind="review", visit_date=TODAY)


@pytest.mark.parametrize("enter", [note_booking, record_visit])
def test_a_visit_is_one_patient_s(store, enter):
    """A review can't serve the plans of two."""
    _, plan = begun(store)
    other = acne(store, patient(store, "Mia Holm"))
    with refused(store, "^a visit belongs to one patient's treatment plans$"):
        enter(ACTOR, store, [plan, other], kind="review", visit_date=TODAY)


@pytest.mark.parametrize("enter", [note_booking, record_visit])
def test_a_plan_that_is_closed_or_gone_takes_no_visit(store, enter):
    """Each is refused in its own words."""
    _, plan = begun(store)
    with refused(store, "^This treatment plan is not there any more.$", NotFound):
        enter(ACTOR, store, [plan + 100], kind="session", visit_date=TODAY)
    close_course(ACTOR, store, plan, closed_on=TODAY, reason="finished")
    with refused(store, "^this treatment plan was closed on 23 Nov 2026$"):
        enter(ACTOR, store, [plan], kind="session", visit_date=TODAY)


@pytest.mark.parametrize("enter", [note_booking, record_visit])
def test_only_sessions_and_reviews_are_entered(store, enter):
    """The sentence names both."""
    _, plan = begun(store)
    with refused(store, "^the kind of visit must be one of session, review, not 'maintenance'$"):
        enter(ACTOR, store, [plan], kind="maintenance", visit_date=TODAY)


@pytest.mark.parametrize("enter", [note_booking, record_visit])
def test_nobody_treats_who_is_not_in_the_list(store, enter):
    """A practitioner who is not there is refused."""
    _, plan = begun(store)
    with refused(store, "the file refuses this row"):
        enter(ACTOR, store, [plan], kind="session", visit_date=TODAY, practitioner_id=99)


def test_a_booked_review_serves_several_plans(store):
    """Each of them shows it, once the series are done."""
    eva = patient(store)
    both = [acne(store, eva, area, planned_sessions=1) for area in ("Cheeks", "Chin")]
    for plan in both:
        record_visit(ACTOR, store, [plan], kind="session", visit_date=FIRST)
    with one_change(store, "note a booking", eva) as written:
        note_booking(ACTOR, store, [*both, both[0]], kind="review", visit_date=TODAY)
    assert [kept["table"] for kept in written] == ["visits", "visit_courses", "visit_courses"]
    assert [row(store, plan, "review", 1)["booked_on"].date() for plan in both] == [TODAY, TODAY]


# Recording what took place


def test_a_session_done_brings_the_next_window(store):
    """The second counts as done, the third is due in four weeks, and the flag is gone."""
    eva, plan = begun(store)
    ada = write(store, "practitioners", name="Ada")
    details = {"depth_mm": 1.5, "device": " Pen ", "notes": " calm skin ", "practitioner_id": ada}
    with one_change(store, "record a session", eva) as written:
        key = record_visit(ACTOR, store, [plan], kind="session", visit_date=TODAY, scores={"gais": 2}, **details)
    assert (row(store, plan)["status"], row(store, plan)["timing"]) == ("done", "on_time")
    assert window(row(store, plan, number=3)) == (TODAY + 28 * DAY, TODAY + 43 * DAY)
    assert [kept["table"] for kept in written] == ["visits", "visit_courses", "outcome_scores"]
    latest = read_visits(ACTOR, store, eva).iloc[0]
    assert latest[["visit_id", "course_id", "depth_mm", "device", "notes", "practitioner", "status"]].to_list() == [
        *(key, plan, 1.5, "Pen", "calm skin", "Ada", "completed")
    ]
    assert read_scores(ACTOR, store, eva).values.tolist() == [[key, plan, "gais", 2.0, "lower"]]
    assert last_and_next(ACTOR, store, TODAY).loc[eva, "last_visit"].date() == TODAY


def test_a_visit_can_not_have_taken_place_tomorrow(store):
    """Today it can."""
    _, plan = begun(store)
    with refused(store, r"^the day of the visit must lie between .* and 23 Nov 2026, not on 24 Nov 2026$"):
        record_visit(ACTOR, store, [plan], kind="session", visit_date=TODAY + DAY)


def test_one_day_is_recorded_once(store):
    """The second session of a day is refused."""
    _, plan = begun(store)
    with refused(store, "^a session on 12 Oct 2026 is recorded already$"):
        record_visit(ACTOR, store, [plan], kind="session", visit_date=FIRST)


def test_what_was_booked_is_what_took_place(store):
    """Recording on a booked day completes the booking and keeps who was to treat."""
    eva, plan = begun(store)
    ada = write(store, "practitioners", name="Ada")
    key = note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY, practitioner_id=ada)
    with one_change(store, "record a session", eva) as written:
        assert record_visit(ACTOR, store, [plan], kind="session", visit_date=TODAY, depth_mm=1) == key
    assert [(kept["before"]["status"], kept["after"]["status"]) for kept in written] == [("booked", "completed")]
    assert rows(store, "select count(*), max(practitioner_id) from visits where visit_date = '2026-11-23'") == [
        (1, ada)
    ]
    assert row(store, plan)["status"] == "done"


def test_another_may_treat_than_was_booked(store):
    """Whoever is named when it is recorded goes first."""
    _, plan = begun(store)
    ada, bea = (write(store, "practitioners", name=name) for name in ("Ada", "Bea"))
    key = note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY, practitioner_id=ada)
    record_visit(ACTOR, store, [plan], kind="session", visit_date=TODAY, practitioner_id=bea)
    assert one(store, "select practitioner_id from visits where id = ?", key) == bea


def test_a_review_booked_for_one_plan_may_serve_two(store):
    """Both areas were looked at, and both were scored, though only one was booked."""
    eva, plan = begun(store)
    other = acne(store, eva, "Chin")
    key = note_booking(ACTOR, store, [plan], kind="review", visit_date=TODAY)
    scores = {"patient_vas": 7}
    assert record_visit(ACTOR, store, [plan, other], kind="review", visit_date=TODAY, scores=scores) == key
    assert sorted(read_scores(ACTOR, store, eva)["course_id"]) == [plan, other]
    served = rows(store, "select course_id from visit_courses where visit_id = ? order by course_id", key)
    assert served == [(plan,), (other,)]


def test_a_review_may_be_recorded_for_several_plans(store):
    """It is done for each, and its scores are each plan's."""
    eva = patient(store)
    both = [acne(store, eva, area, planned_sessions=1) for area in ("Cheeks", "Chin")]
    for plan in both:
        record_visit(ACTOR, store, [plan], kind="session", visit_date=FIRST)
    record_visit(ACTOR, store, both, kind="review", visit_date=TODAY, scores={"goodman_baron_qualitative": 3})
    assert [row(store, plan, "review", 1)["status"] for plan in both] == ["done", "done"]
    assert read_scores(ACTOR, store, eva)["value"].tolist() == [3.0, 3.0]


@pytest.mark.parametrize("depth", [0.1, 1, 5])
def test_needles_go_up_to_five_millimetres(store, depth):
    """The deepest is allowed."""
    eva, plan = begun(store)
    record_visit(ACTOR, store, [plan], kind="session", visit_date=TODAY, depth_mm=depth)
    assert read_visits(ACTOR, store, eva)["depth_mm"].iloc[0] == depth


@pytest.mark.parametrize(
    ("kind", "depth"),
    [("session", 0), ("session", -1), ("session", 5.01), ("session", float("nan")), ("review", 1)],
)
def test_another_depth_is_refused(store, kind, depth):
    """Nothing at all, deeper than five, and any depth of a review."""
    _, plan = begun(store)
    with refused(store, "^a session's needles go more than 0 and at most 5 mm deep, a review has no depth$"):
        record_visit(ACTOR, store, [plan], kind=kind, visit_date=TODAY, depth_mm=depth)
    key = note_booking(ACTOR, store, [plan], kind=kind, visit_date=TODAY)
    with refused(store, "^a session's needles go more than 0 and at most 5 mm deep"):
        record_attendance(ACTOR, store, key, came=True, depth_mm=depth)


SCALES = [
    *[("goodman_baron_qualitative", 1, 4), ("goodman_baron_quantitative", 0, 84)],
    *[("gais", 1, 5), ("patient_vas", 0, 10)],
]


@pytest.mark.parametrize(("scale", "least", "most"), SCALES)
def test_the_ends_of_a_scale_are_scores(store, scale, least, most):
    """The least and the most."""
    eva, plan = begun(store)
    record_visit(ACTOR, store, [plan], kind="session", visit_date=TODAY, scores={scale: least})
    record_visit(ACTOR, store, [plan], kind="review", visit_date=TODAY, scores={scale: most})
    assert read_scores(ACTOR, store, eva)["value"].tolist() == [least, most]


@pytest.mark.parametrize(("scale", "least", "most"), SCALES)
def test_a_score_beyond_its_scale_is_refused(store, scale, least, most):
    """The sentence names the scale and its ends, and the visit is not kept without its score."""
    _, plan = begun(store)
    for value in (least - 0.5, most + 0.5, float("nan")):
        with refused(store, f"^{scale.replace('_', ' ')} goes from {least} to {most}, not {value:g}$"):
            record_visit(ACTOR, store, [plan], kind="session", visit_date=TODAY, scores={scale: value})


def test_an_unknown_scale_is_refused(store):
    """The sentence names those there are."""
    _, plan = begun(store)
    with refused(store, "^an outcome scale must be one of goodman_baron_qualitative, .*, patient_vas, not 'smiles'$"):
        record_visit(ACTOR, store, [plan], kind="session", visit_date=TODAY, scores={"smiles": 3})


def test_notes_have_an_end(store):
    """Two thousand letters are kept, one more is refused; blanks are no notes."""
    eva, plan = begun(store)
    with refused(store, "^the notes must have at most 2,000 letters, not 2,001$"):
        record_visit(ACTOR, store, [plan], kind="session", visit_date=TODAY, notes="x" * 2001)
    record_visit(ACTOR, store, [plan], kind="session", visit_date=TODAY, notes="x" * 2000, device="  ")
    latest = read_visits(ACTOR, store, eva).iloc[0]
    assert (len(latest["notes"]), latest["device"]) == (2000, None)


# Moving and cancelling


def test_a_moved_booking_leaves_the_old_one_cancelled(store):
    """By whom and when is kept, with the same practitioner on the new day."""
    eva, plan = begun(store)
    ada = write(store, "practitioners", name="Ada")
    old = note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY, practitioner_id=ada)
    with one_change(store, "move a booking", eva) as written:
        new = move_booking(ACTOR, store, old, to=TODAY + DAY, by="clinic")
    columns = "visit_date, status, cancelled_by, cancelled_on, practitioner_id"
    assert rows(store, f"select {columns} from visits where id in (?, ?) order by id", old, new) == [
        ("2026-11-23", "cancelled", "clinic", "2026-11-23", ada),
        ("2026-11-24", "booked", None, None, ada),
    ]
    assert [(kept["table"], kept["before"] is None) for kept in written] == [
        *[("visits", False), ("visits", True), ("visit_courses", True)]
    ]
    assert row(store, plan)["booked_on"].date() == TODAY + DAY
    assert row(store, plan)["flag"] == "booked_late"


def test_a_moved_review_still_serves_its_plans(store):
    """All of those that it served."""
    eva, plan = begun(store)
    both = [plan, acne(store, eva, "Chin")]
    old = note_booking(ACTOR, store, both, kind="review", visit_date=TODAY)
    new = move_booking(ACTOR, store, old, to=TODAY + DAY, by="patient")
    served = rows(store, "select course_id from visit_courses where visit_id = ? order by course_id", new)
    assert [course for (course,) in served] == both


@pytest.mark.parametrize(
    ("ahead", "by", "sentence"),
    [
        (-1, "clinic", "^a booking must lie between 23 Nov 2026 and 22 Nov 2028, not on 22 Nov 2026$"),
        (731, "clinic", "^a booking must lie between 23 Nov 2026 and 22 Nov 2028, not on 23 Nov 2028$"),
        (3, "clinic", "^a session on 26 Nov 2026 is there already$"),
        (28, "clinic", "^the clinic is closed on 21 Dec 2026; it reopens on 04 Jan 2027$"),
        (1, "nobody", "^whoever moves it must be one of patient, clinic, not 'nobody'$"),
    ],
)
def test_a_booking_can_not_be_moved_anywhere(store, ahead, by, sentence):
    """Not to its own day, one that is past, too far, booked or closed, nor by nobody."""
    _, plan = begun(store)
    closed(store)
    key = note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY + 3 * DAY)
    with refused(store, sentence):
        move_booking(ACTOR, store, key, to=TODAY + ahead * DAY, by=by)


@pytest.mark.parametrize("by", ["patient", "clinic"])
def test_a_cancelled_booking_is_not_rebooked(store, by):
    """The flag says so until there is another day."""
    eva, plan = begun(store)
    key = note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY + 3 * DAY)
    with one_change(store, "cancel a booking", eva) as written:
        cancel_booking(ACTOR, store, key, by=by)
    assert (written[0]["before"]["status"], written[0]["after"]["status"]) == ("booked", "cancelled")
    assert rows(store, "select cancelled_by, cancelled_on from visits where id = ?", key) == [(by, "2026-11-23")]
    assert row(store, plan)["flag"] == "not_rebooked"
    note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY)
    assert row(store, plan)["flag"] is None


def test_nobody_but_patient_and_clinic_cancels(store):
    """The sentence names both."""
    _, plan = begun(store)
    key = note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY)
    with refused(store, "^whoever cancels must be one of patient, clinic, not 'me'$"):
        cancel_booking(ACTOR, store, key, by="me")


LATER = {
    "move": lambda store, key: move_booking(ACTOR, store, key, to=TODAY + 9 * DAY, by="clinic"),
    "cancel": lambda store, key: cancel_booking(ACTOR, store, key, by="clinic"),
    "came": lambda store, key: record_attendance(ACTOR, store, key, came=True),
    "did not come": lambda store, key: record_attendance(ACTOR, store, key, came=False),
}


@pytest.mark.parametrize("then", LATER)
@pytest.mark.parametrize(
    ("first", "status"),
    [("move", "cancelled"), ("cancel", "cancelled"), ("came", "completed"), ("did not come", "no-show")],
)
def test_what_is_no_longer_booked_is_left_alone(store, first, then, status):
    """Whatever became of the booking, nothing else can become of it."""
    _, plan = begun(store)
    key = note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY)
    LATER[first](store, key)
    with refused(store, f"^this visit is not booked any more: it is {status}$"):
        LATER[then](store, key)


@pytest.mark.parametrize("then", LATER)
def test_a_booking_that_is_not_there_is_not_found(store, then):
    """It may have been taken back meanwhile."""
    begun(store)
    with refused(store, "^This booking is not there any more.$", NotFound):
        LATER[then](store, 99)


# Did they come?


def test_who_came_is_done(store):
    """Today's booking counts as the session, with its details and scores."""
    eva, plan = begun(store)
    key = note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY)
    with one_change(store, "record that the patient came", eva) as written:
        record_attendance(ACTOR, store, key, came=True, depth_mm=2, notes="calm", scores={"gais": 5})
    assert [kept["table"] for kept in written] == ["visits", "outcome_scores"]
    assert row(store, plan)["status"] == "done"
    latest = read_visits(ACTOR, store, eva).iloc[0]
    assert (latest["depth_mm"], latest["notes"]) == (2.0, "calm")
    assert read_scores(ACTOR, store, eva)["value"].tolist() == [5.0]


def test_who_did_not_come_is_called(store):
    """The flag says so, and what would belong to a visit is not kept."""
    eva, plan = begun(store)
    key = note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY)
    with one_change(store, "record that the patient did not come", eva):
        record_attendance(ACTOR, store, key, came=False, depth_mm=2, scores={"gais": 5})
    assert (row(store, plan)["flag"], row(store, plan)["missed_count"]) == ("no_show", 1)
    assert rows(store, "select status, depth_mm from visits where id = ?", key) == [("no_show", None)]
    assert read_scores(ACTOR, store, eva).empty


@pytest.mark.parametrize("came", [True, False])
def test_nobody_knows_today_who_comes_tomorrow(store, monkeypatch, came):
    """It is refused until the day, and allowed on it and after it."""
    _, plan = begun(store)
    key = note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY + DAY)
    with refused(store, "^whether a patient came can be said from 24 Nov 2026 on$"):
        record_attendance(ACTOR, store, key, came=came)
    monkeypatch.setenv("CLINIC_NOW", "2026-11-25T09:00:00+00:00")
    later = TODAY + 2 * DAY
    assert row(store, plan, day=later)["flag"] == "attendance_unrecorded"
    record_attendance(ACTOR, store, key, came=came)
    assert row(store, plan, day=later)["status"] == ("done" if came else "overdue")
    assert row(store, plan, day=later)["flag"] == (None if came else "missed_session")


def test_attendance_is_still_recorded_once_the_plan_is_closed(store):
    """What was booked before stays a question that can be answered."""
    _, plan = begun(store)
    key = note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY)
    close_course(ACTOR, store, plan, closed_on=TODAY, reason="moved_away")
    record_attendance(ACTOR, store, key, came=True)
    assert row(store, plan)["status"] == "done"


# Reading


def test_visits_are_read_the_latest_first(store):
    """One row for each plan that a visit serves, and those of other systems too."""
    eva, plan = begun(store)
    other = acne(store, eva, "Chin")
    record_visit(ACTOR, store, [plan, other], kind="review", visit_date=TODAY)
    visit(store, eva, [], "2026-11-01", kind="other")
    read = read_visits(ACTOR, store, eva)
    assert read["visit_date"].dt.date.tolist() == [TODAY, TODAY, date(2026, 11, 1), FIRST]
    assert read["course_id"].astype(object).where(read["course_id"].notna(), None).tolist() == [
        *(plan, other, None, plan)
    ]
    assert read["source"].tolist() == ["recorded here", "recorded here", "test", "recorded here"]
    assert read_visits(ACTOR, store, patient(store, "Mia Holm")).empty
