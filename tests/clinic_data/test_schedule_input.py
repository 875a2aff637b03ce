"""Stored rows become the frames that the schedule is made of, and only what counts on the day counts."""

from datetime import date

import pandas as pd
import pytest

from clinic_data.courses import read_courses
from clinic_data.database import Store
from clinic_data.schedule_input import read_schedule_input
from clinic_data.visits import last_and_next, read_scores, read_visits
from lib.worklist import flagged
from tests.clinic_data.rows import ACTOR, course, patient, put_protocol, visit, write

OPEN = ["on_hold", "upcoming", "due", "overdue", "lapsed", "projected"]


@pytest.fixture
def clinic(store) -> Store:
    """A clinic with one protocol and nobody in it."""
    put_protocol(store)
    return store


def schedule(store: Store, day: str) -> pd.DataFrame:
    """The schedule on a day."""
    return read_schedule_input(ACTOR, store, date.fromisoformat(day)).schedule()


def row(store: Store, day: str, course_id: int, kind: str = "session", number: int = 1) -> pd.Series:
    """One row of the schedule on a day."""
    rows = schedule(store, day)
    chosen = rows[(rows["course_id"] == course_id) & (rows["kind"] == kind) & (rows["number"] == number)]
    assert len(chosen) == 1, rows
    return chosen.iloc[0]


def days(row: pd.Series, *columns: str) -> list[str]:
    """Some dates of a row, as text."""
    return [str(row[column].date()) for column in columns]


def starts(store: Store, day: str) -> list[str | None]:
    """earliest_start_on of each course, as text."""
    frame = read_schedule_input(ACTOR, store, date.fromisoformat(day)).courses
    return [None if pd.isna(start) else str(start.date()) for start in frame["earliest_start_on"]]


def hold(store: Store, patient_id: int, starts_on: str, **values) -> int:
    """A medical pause, told on its first day."""
    medical = {"cause": "medical", "reason": "isotretinoin", "recorded_on": starts_on}
    return write(store, "holds", **medical | {"patient_id": patient_id, "starts_on": starts_on} | values)


# Rows and frames


def test_an_empty_clinic_has_an_empty_schedule(store):
    """With all its columns, so that every page can reduce it."""
    known = read_schedule_input(ACTOR, store, date(2026, 1, 1))
    rows = known.schedule()
    assert len(rows) == len(known.explain(rows)) == len(flagged(rows, known.courses)) == 0
    assert list(rows)[:3] == ["course_id", "kind", "number"]
    assert known.protocols == {}


def test_a_plan_is_judged_as_it_is_stored(clinic):
    """Its opening, number of sessions, practitioner and area reach the schedule."""
    eva = patient(clinic, contact_allowed="no_marketing")
    ada = write(clinic, "practitioners", name="Ada")
    first = course(clinic, eva, planned_sessions=1, practitioner_id=ada)
    second = course(clinic, eva, area="neck", opened_on="2026-02-01")
    known = read_schedule_input(ACTOR, clinic, date(2026, 2, 1))
    told = known.courses[["course_id", "patient_id", "practitioner_id", "area", "protocol", "protocol_id"]]
    assert told.astype(object).where(told.notna(), None).values.tolist() == [
        [first, eva, ada, "face", "plain", "plain@1"],
        [second, eva, None, "neck", "plain", "plain@1"],
    ]
    assert set(known.courses["contact_allowed"]) == {"no_marketing"}
    rows = known.schedule()
    assert rows.groupby("course_id").size().to_dict() == {first: 1, second: 3}
    assert rows["due_on"].min() == pd.Timestamp("2026-01-01")


def test_a_review_can_serve_two_plans(clinic):
    """It is done in both, once in the list of visits for each."""
    eva = patient(clinic)
    plans = [course(clinic, eva, planned_sessions=1), course(clinic, eva, area="neck", planned_sessions=1)]
    for plan in plans:
        visit(clinic, eva, [plan], "2026-01-05")
    both = visit(clinic, eva, plans, "2026-02-05", kind="review")
    for plan in plans:
        done = row(clinic, "2026-02-05", plan, "review")
        assert (done["status"], done["done_on"]) == ("done", pd.Timestamp("2026-02-05"))
    listed = read_visits(ACTOR, clinic, eva)
    assert listed.loc[listed["visit_id"] == both, "course_id"].tolist() == plans


def test_each_status_of_a_visit_counts_as_what_it_is(clinic):
    """Came, booked, missed and cancelled, with the day on which it was called off."""
    eva = patient(clinic)
    plan = course(clinic, eva)
    visit(clinic, eva, [plan], "2026-01-05")
    visit(clinic, eva, [plan], "2026-02-03", status="no_show")
    visit(clinic, eva, [plan], "2026-03-20", status="cancelled", cancelled_by="patient", cancelled_on="2026-02-10")
    visit(clinic, eva, [plan], "2026-02-20", status="booked", recorded_on="2026-02-08")
    second = row(clinic, "2026-02-11", plan, number=2)
    assert days(second, "missed_on", "cancelled_on", "booked_on") == ["2026-02-03", "2026-02-10", "2026-02-20"]
    assert row(clinic, "2026-02-21", plan, number=2)["unrecorded_on"] == pd.Timestamp("2026-02-20")
    assert pd.isna(row(clinic, "2026-02-07", plan, number=2)["booked_on"])


def test_assumed_attendance_counts(clinic):
    """A visit that is only assumed to have taken place is a session done."""
    eva = patient(clinic)
    plan = course(clinic, eva)
    visit(clinic, eva, [plan], "2026-01-05", attendance_assumed=1)
    assert row(clinic, "2026-02-05", plan)["status"] == "done"


def test_other_visits_are_not_in_the_schedule(clinic):
    """A talk is neither a session nor a review, even while both are waited for."""
    eva = patient(clinic)
    plan, ended = course(clinic, eva), course(clinic, eva, area="neck", planned_sessions=1)
    visit(clinic, eva, [ended], "2026-01-05")
    before = schedule(clinic, "2026-02-05")
    for status in ("completed", "booked", "no_show", "cancelled"):
        for day in ("2026-02-04", "2026-02-10"):
            visit(clinic, eva, [plan, ended], day, kind="other", status=status)
    pd.testing.assert_frame_equal(schedule(clinic, "2026-02-05"), before)
    assert set(before["status"]) > {"done", "due"}


def test_a_closed_plan_waits_for_nobody(clinic):
    """From the day on which it was closed, and not before."""
    eva = patient(clinic)
    course(clinic, eva, closed_on="2026-03-01", closed_reason="patient_stopped")
    assert len(schedule(clinic, "2026-02-28")) == 3
    assert schedule(clinic, "2026-03-01").empty


# Pauses, agreements, closed days


def test_a_pause_of_the_patient_stops_every_plan(clinic):
    """Without an area it holds for all of them, and for nobody else's."""
    eva, mia = patient(clinic), patient(clinic, "Mia Holm")
    plans = [course(clinic, eva), course(clinic, eva, area="neck"), course(clinic, mia)]
    hold(clinic, eva, "2026-01-10", ends_on="2026-06-01")
    rows = schedule(clinic, "2026-02-01")
    first = rows[rows["number"] == 1].set_index("course_id")["status"]
    assert first.loc[plans].tolist() == ["on_hold", "on_hold", "due"]


def test_a_pause_of_an_area_stops_its_plans_only(clinic):
    """A sore on the neck does not stop the face."""
    eva = patient(clinic)
    plans = [course(clinic, eva), course(clinic, eva, area="neck")]
    hold(clinic, eva, "2026-01-10", area="neck")
    rows = schedule(clinic, "2026-02-01")
    first = rows[rows["number"] == 1].set_index("course_id")["status"]
    assert first.loc[plans].tolist() == ["due", "on_hold"]


def test_the_day_to_ask_about_a_pause_is_kept(clinic):
    """On that day the desk is told to."""
    eva = patient(clinic)
    plan = course(clinic, eva)
    hold(clinic, eva, "2026-01-10", check_on="2026-02-01")
    assert pd.isna(row(clinic, "2026-01-31", plan)["flag"])
    assert row(clinic, "2026-02-01", plan)["flag"] == "hold_to_check"


def test_a_pause_to_come_counts_from_when_it_was_told(clinic):
    """A booking in it is unsafe from the day on which the pause was recorded."""
    eva = patient(clinic)
    plan = course(clinic, eva)
    visit(clinic, eva, [plan], "2026-02-10", status="booked", recorded_on="2026-01-02")
    hold(clinic, eva, "2026-02-01", ends_on="2026-03-01", recorded_on="2026-01-20")
    assert pd.isna(row(clinic, "2026-01-19", plan)["flag"])
    assert row(clinic, "2026-01-20", plan)["flag"] == "booked_on_hold"


def test_agreed_days_take_the_place_of_the_window(clinic):
    """For their plan alone."""
    eva = patient(clinic)
    plans = [course(clinic, eva), course(clinic, eva, area="neck")]
    agreed = {"agreed_on": "2026-01-05", "due_on": "2026-05-04", "last_on": "2026-05-15"}
    write(clinic, "agreements", course_id=plans[0], kind="session", **agreed)
    windows = [days(row(clinic, "2026-01-10", plan), "due_on", "overdue_on") for plan in plans]
    assert windows == [["2026-05-04", "2026-05-16"], ["2026-01-01", "2026-02-13"]]


def test_closed_days_keep_the_window_open(clinic):
    """A week from the day on which the clinic reopens, for every plan."""
    plans = [course(clinic, patient(clinic)), course(clinic, patient(clinic))]
    write(clinic, "closures", starts_on="2026-02-02", ends_on="2026-02-16", reason="water")
    for plan in plans:
        assert row(clinic, "2026-01-10", plan)["overdue_on"] == pd.Timestamp("2026-02-23")


# Patients who are gone


@pytest.mark.parametrize("status", ["inactive", "transferred", "deceased"])
def test_nobody_waits_for_a_patient_who_is_gone(clinic, status):
    """From that day on what was done stays, and nothing is open; the day before, it was."""
    eva = patient(clinic, status=status, status_on="2026-02-20")
    plan = course(clinic, eva)
    visit(clinic, eva, [plan], "2026-01-12")
    before, after = schedule(clinic, "2026-02-19"), schedule(clinic, "2026-02-20")
    assert before["status"].tolist() == ["done", "due", "projected"]
    assert after["status"].tolist() == ["done"]


@pytest.mark.parametrize(("closed", "last_open"), [("2026-02-10", "2026-02-09"), ("2026-03-10", "2026-02-19")])
def test_the_earlier_of_two_ends_is_the_end(clinic, closed, last_open):
    """A plan closed before, or after, its patient was gone."""
    eva = patient(clinic, status="inactive", status_on="2026-02-20")
    course(clinic, eva, closed_on=closed, closed_reason="moved_away")
    assert schedule(clinic, last_open)["status"].isin(OPEN).any()
    assert schedule(clinic, str(date.fromordinal(date.fromisoformat(last_open).toordinal() + 1))).empty


# Skin that another plan has treated


def test_the_skin_heals_from_another_plan_on_the_area(clinic):
    """The later plan may not begin before the earlier one's protocol lets the skin be."""
    eva = patient(clinic)
    first, second = course(clinic, eva), course(clinic, eva, opened_on="2026-02-01")
    visit(clinic, eva, [first], "2026-01-05")
    visit(clinic, eva, [first], "2026-02-10")
    assert starts(clinic, "2026-02-10") == [None, "2026-03-10"]
    expected = row(clinic, "2026-02-10", second)
    assert days(expected, "earliest_on", "due_on") == ["2026-03-10", "2026-03-10"]


def test_only_what_had_happened_by_the_day_counts(clinic):
    """A past day is judged without the sessions that came after it."""
    eva = patient(clinic)
    first = course(clinic, eva)
    course(clinic, eva)
    visit(clinic, eva, [first], "2026-01-05")
    visit(clinic, eva, [first], "2026-02-10")
    assert starts(clinic, "2026-01-04") == [None, None]
    assert starts(clinic, "2026-01-05") == starts(clinic, "2026-02-09") == [None, "2026-02-02"]


@pytest.mark.parametrize("status", ["booked", "cancelled", "no_show"])
def test_only_sessions_that_took_place_count(clinic, status):
    """Skin that was not needled need not heal, and a review does not hurt it."""
    eva = patient(clinic)
    first = course(clinic, eva)
    course(clinic, eva)
    visit(clinic, eva, [first], "2026-01-05", status=status)
    visit(clinic, eva, [first], "2026-01-06", kind="review")
    assert starts(clinic, "2026-02-01") == [None, None]


def test_a_plan_that_has_begun_is_not_held_up(clinic):
    """What the other plan did from its first session on is no reason to move that session."""
    eva = patient(clinic)
    first, second = course(clinic, eva), course(clinic, eva)
    visit(clinic, eva, [first], "2026-01-05")
    visit(clinic, eva, [second], "2026-01-20")
    visit(clinic, eva, [first], "2026-01-20")
    visit(clinic, eva, [first], "2026-03-01")
    assert starts(clinic, "2026-04-01") == [None, "2026-02-02"]
    assert row(clinic, "2026-04-01", second)["timing"] == "too_soon"


def test_one_session_of_two_plans_holds_up_neither(clinic):
    """A visit that serves both is each one's first."""
    eva = patient(clinic)
    plans = [course(clinic, eva), course(clinic, eva)]
    visit(clinic, eva, plans, "2026-01-05")
    assert starts(clinic, "2026-02-01") == [None, None]


def test_other_areas_and_other_people_s_skin_do_not_count(clinic):
    """The neck heals by itself, and so does everybody."""
    eva, mia = patient(clinic), patient(clinic, "Mia Holm")
    face, _, _ = course(clinic, eva), course(clinic, eva, area="neck"), course(clinic, mia)
    course(clinic, mia)
    visit(clinic, eva, [face], "2026-01-05")
    assert starts(clinic, "2026-02-01") == [None] * 4


def test_the_skin_heals_as_long_as_the_other_protocol_says(clinic):
    """Months count as months, and the last to heal decides."""
    put_protocol(clinic, "deep", earliest="1 month")
    put_protocol(clinic, "light", earliest="1 week")
    eva = patient(clinic)
    deep, light = (course(clinic, eva, protocol_id=name) for name in ("deep", "light"))
    course(clinic, eva)
    visit(clinic, eva, [deep], "2026-01-31")
    visit(clinic, eva, [light], "2026-02-10")
    assert starts(clinic, "2026-03-01") == [None, "2026-02-28", "2026-02-28"]


# Protocols


def test_a_plan_keeps_the_version_it_was_opened_under(clinic):
    """Two versions of one protocol are in use beside each other, and each judges its own."""
    put_protocol(clinic, version=2, earliest="1 week")
    eva = patient(clinic)
    old, new = course(clinic, eva), course(clinic, eva, protocol_version=2, area="neck")
    for plan in (old, new):
        visit(clinic, eva, [plan], "2026-01-05")
    known = read_schedule_input(ACTOR, clinic, date(2026, 1, 20))
    assert known.courses["protocol_id"].tolist() == ["plain@1", "plain@2"]
    assert known.courses["protocol"].tolist() == ["plain", "plain"]
    assert set(known.protocols) == {"plain@1", "plain@2"}
    rows = known.schedule()
    second = rows[rows["number"] == 2].set_index("course_id")["earliest_on"].astype(str)
    assert second.to_dict() == {old: "2026-02-02", new: "2026-01-12"}
    assert [("v1)" in why, "v2)" in why) for why in known.explain(rows[rows["number"] == 2])] == [
        (True, False),
        (False, True),
    ]


# One patient alone


def test_one_patient_is_judged_as_among_all(clinic):
    """Her page shows what the lists show: the same rows, flags and sentences."""
    put_protocol(clinic, "deep", earliest="2 months")
    everybody = [patient(clinic, name) for name in ("Eva", "Mia", "Ida")]
    for place, somebody in enumerate(everybody):
        plans = [course(clinic, somebody), course(clinic, somebody, protocol_id="deep"), course(clinic, somebody)]
        visit(clinic, somebody, plans[1:2], f"2026-01-0{place + 1}")
        visit(clinic, somebody, plans, f"2026-02-1{place}", kind="review")
        visit(clinic, somebody, plans[:1], f"2026-03-2{place}", status="booked")
        hold(clinic, somebody, "2026-03-01", ends_on="2026-03-25", area="face" if place else None)
        agreed = {"agreed_on": "2026-01-10", "due_on": f"2026-04-0{place + 1}", "last_on": "2026-05-01"}
        write(clinic, "agreements", course_id=plans[1], kind="session", **agreed)
    write(clinic, "closures", starts_on="2026-04-01", ends_on="2026-04-07", reason="Easter")

    all_known = read_schedule_input(ACTOR, clinic, date(2026, 3, 10))
    rows = all_known.schedule()
    whose = rows["course_id"].map(all_known.courses.set_index("course_id")["patient_id"])
    assert rows["flag"].notna().any()
    for somebody in everybody:
        alone = read_schedule_input(ACTOR, clinic, date(2026, 3, 10), patient_ids=[somebody])
        assert set(alone.courses["patient_id"]) == {somebody}
        hers = rows[whose == somebody]
        own = alone.schedule()
        pd.testing.assert_frame_equal(
            own.astype({name: object for name in own.select_dtypes("category")}),
            hers.reset_index(drop=True).astype({name: object for name in hers.select_dtypes("category")}),
        )
        assert alone.explain(own).tolist() == all_known.explain(hers).tolist()


def test_a_patient_without_plans_has_an_empty_schedule(clinic):
    """Nobody is expected."""
    course(clinic, patient(clinic))
    newcomer = patient(clinic, "Mia Holm")
    known = read_schedule_input(ACTOR, clinic, date(2026, 3, 10), patient_ids=[newcomer])
    assert known.schedule().empty
    assert known.courses.empty


# What her page lists


def test_a_patient_s_plans_are_listed_the_latest_first(clinic):
    """With the name of whoever treats, and why one was closed."""
    eva = patient(clinic)
    ada = write(clinic, "practitioners", name="Ada")
    first = course(clinic, eva, practitioner_id=ada, closed_on="2026-03-01", closed_reason="finished_early")
    second = course(clinic, eva, opened_on="2026-02-01")
    course(clinic, patient(clinic, "Mia Holm"))
    plans = read_courses(ACTOR, clinic, eva, as_of=date(2026, 3, 1))
    assert plans["course_id"].tolist() == [second, first]
    assert plans.loc[1, ["practitioner", "closed_on", "closed_reason"]].tolist() == [
        "Ada",
        "2026-03-01",
        "finished_early",
    ]
    assert plans[["practitioner", "closed_on"]].iloc[0].isna().all()


def test_a_past_day_s_plans_are_those_of_that_day(clinic):
    """A plan that was opened later is not there, one that was closed later is open."""
    eva = patient(clinic)
    first = course(clinic, eva, closed_on="2026-03-01", closed_reason="finished")
    course(clinic, eva, opened_on="2026-02-01")
    plans = read_courses(ACTOR, clinic, eva, as_of=date(2026, 1, 31))
    assert plans["course_id"].tolist() == [first]
    assert plans[["closed_on", "closed_reason"]].iloc[0].isna().all()


def test_last_visit_and_next_booking(clinic):
    """Of every kind, as known on the day: what was noted later, missed or cancelled does not count."""
    eva, mia = patient(clinic), patient(clinic, "Mia Holm")
    plan = course(clinic, eva)
    visit(clinic, eva, [plan], "2026-01-10")
    visit(clinic, eva, [], "2026-02-10", kind="other")
    visit(clinic, eva, [plan], "2026-02-20", status="no_show")
    visit(clinic, eva, [plan], "2026-03-01", status="booked", recorded_on="2026-02-15")
    visit(clinic, eva, [plan], "2026-03-05", status="cancelled", cancelled_on="2026-02-25", recorded_on="2026-01-01")
    visit(clinic, mia, [], "2026-03-09", status="booked", recorded_on="2026-03-02")
    found = last_and_next(ACTOR, clinic, date(2026, 3, 1))
    assert found.loc[eva].tolist() == [pd.Timestamp("2026-02-10"), pd.Timestamp("2026-03-01")]
    assert found.loc[mia].isna().all()
    before = last_and_next(ACTOR, clinic, date(2026, 2, 14))
    assert before.loc[eva].tolist() == [pd.Timestamp("2026-02-10"), pd.Timestamp("2026-03-05")]


def test_a_patient_s_visits_are_listed_the_latest_first(clinic):
    """Every kind, also those that serve no plan, with the depth where there is one."""
    eva = patient(clinic)
    plan = course(clinic, eva)
    visit(clinic, patient(clinic, "Mia Holm"), [], "2026-01-01")
    visit(clinic, eva, [], "2025-12-20", kind="other")
    visit(clinic, eva, [plan], "2026-01-05", depth_mm=1.5, recorded_on="2026-01-06")
    listed = read_visits(ACTOR, clinic, eva)
    assert listed["visit_date"].tolist() == [pd.Timestamp("2026-01-05"), pd.Timestamp("2025-12-20")]
    assert listed["course_id"].tolist() == [plan, pd.NA]
    assert listed["depth_mm"].iloc[0] == 1.5
    assert listed["recorded_on"].tolist() == [pd.Timestamp("2026-01-06"), pd.NaT]


def test_a_patient_without_visits_has_an_empty_list(clinic):
    """With the types that its readers count on."""
    listed = read_visits(ACTOR, clinic, patient(clinic))
    assert listed.empty
    assert listed["visit_date"].dtype == "datetime64[s]"
    assert read_scores(ACTOR, clinic, 1).empty


def test_scores_are_read_with_their_visit_and_plan(clinic):
    """And with the direction in which they get better."""
    eva = patient(clinic)
    plan = course(clinic, eva)
    seen = visit(clinic, eva, [plan], "2026-01-05")
    write(clinic, "outcome_scores", visit_id=seen, course_id=plan, scale="gais", value=2, better="lower")
    assert read_scores(ACTOR, clinic, eva).values.tolist() == [[seen, plan, "gais", 2.0, "lower"]]
