"""The timeline's views: several plans on one calendar, weeks instead of dates, and parts of the calendar."""

import datetime as dt
from random import Random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.charts.timeline import AXES, REACHES, patient_timeline, shown_days, timeline_alt
from lib.plan import Plan
from lib.schedule import expected_visits, grounds
from tests.charts.course import course, stacked
from tests.charts.test_timeline import COURSES, FINISHED, drawn_days, headings, marks, windows
from tests.schedule.frames import PROTOCOLS, frames
from tests.schedule.random_clinic import as_of_dates, random_clinic

FACE = course(FINISHED, as_of="2026-06-20")
NECK = course(["2025-12-01 session completed 1"], as_of="2026-06-20", protocol="neck-lines", planned=4)


def test_plans_are_stacked_under_their_names_on_one_calendar():
    """Each plan's lanes under its own name, every visit once, one word once in the key."""
    figure = stacked([FACE, NECK])
    names = [heading for heading in headings(figure) if heading.startswith("Plan")]
    assert names == ["Plan 1", "Plan 2"]
    assert len(marks(figure)) == len(FACE.visits) + len(NECK.visits)
    assert len(windows(figure)) == len(windows(FACE.figure)) + len(windows(NECK.figure))
    keyed = [trace.name for trace in figure.data if trace.showlegend is not False]
    assert len(keyed) == len(set(keyed))
    assert {data[3] for trace in figure.data for data in trace.customdata or ()} == {1, 2}


def test_a_plan_s_name_is_escaped_and_fits_a_phone():
    """A long name with a tag is cut short and shown as its letters."""
    plans = [FACE.plan, Plan(9, "<b>" + "Long " * 30, NECK.protocol, NECK.rows, NECK.visits, NECK.holds)]
    found = [note.text for note in patient_timeline(plans, FACE.as_of).layout.annotations if "Long " in note.text]
    assert "&lt;b&gt;Long" in found[0]
    assert found[0].count("Long") < 10


def test_visits_without_a_plan_have_only_their_marks():
    """No window, no curve: a heading and the visits."""
    other = course(["2026-01-02 call completed"])
    bare = Plan(0, "Without a treatment plan", None, other.rows.head(0), other.visits, other.holds)
    figure = patient_timeline([FACE.plan, bare], FACE.as_of)
    assert headings(figure)[-2:] == ["Without a treatment plan", "Visits  ● session  ■ review  ◆ other"]
    assert len(marks(figure)) == len(FACE.visits) + 1


@pytest.mark.parametrize(("axis", "session"), [("first", "2025-10-14"), ("last", "2026-01-10")])
def test_weeks_count_from_a_session_on_the_same_calendar(axis, session):
    """Week 0 is the session's day, every tick whole weeks from it; marks and range stay dates."""
    figure = FACE.drawn(axis=axis)
    assert figure.layout.xaxis.type == "date"
    assert figure.layout.xaxis.range == FACE.figure.layout.xaxis.range
    ticks = dict(zip(figure.layout.xaxis.ticktext, figure.layout.xaxis.tickvals, strict=True))
    assert ticks["0"] == dt.date.fromisoformat(session)
    for text, on in ticks.items():
        assert (on - ticks["0"]).days == 7 * int(text.replace("−", "-"))
    assert 3 <= len(ticks) <= 8


def test_weeks_of_several_plans_count_from_the_first_session_of_all():
    """The title says so."""
    title = stacked([NECK, FACE], axis="first").layout.xaxis.title.text
    assert title == "weeks since session 1 of all, 14 Oct 2025"


def test_without_a_session_there_are_dates():
    """Nothing to count from: the calendar as it is."""
    assert COURSES["not begun"].drawn(axis="first").layout.xaxis.ticktext is None


def test_the_next_six_months_are_those():
    """From a fortnight before the day shown."""
    first, last = FACE.drawn(reach="next").layout.xaxis.range
    assert (first, last) == (dt.date(2026, 6, 6), dt.date(2026, 12, 20))


def test_the_series_leaves_out_maintenance_and_says_where_the_day_is():
    """Ten years later the label at the edge points to the day shown, and no line is drawn."""
    one = COURSES["ten years"]
    figure = one.drawn(reach="series")
    assert figure.layout.xaxis.range[1] < dt.date(2018, 1, 1)
    assert any("Shown for 03 Mar 2026 →" in note.text for note in figure.layout.annotations)
    assert one.as_of.date() not in [shape.x0 for shape in figure.layout.shapes]


@pytest.mark.parametrize("reach", REACHES)
@pytest.mark.parametrize("name", COURSES)
def test_a_visit_in_the_range_is_drawn_once_and_no_other(name, reach):
    """The marks are the visits between the first and the last day shown."""
    one = COURSES[name]
    span = shown_days([one.plan.known(one.as_of)], one.as_of, reach)
    shown = one.visits[one.visits["visit_date"].between(span.first, span.last)]
    assert len(marks(one.drawn(reach=reach))) == len(shown)


def test_the_sentence_tells_the_range_the_weeks_and_every_plan():
    """For a screen reader: what is shown, from when to when, and each plan's main point."""
    plans = [FACE.plan, NECK.plan]
    said = timeline_alt(plans, FACE.as_of, axis="last", reach="next")
    assert said.startswith("Timeline shown for 20 Jun 2026, from 06 Jun 2026 to 20 Dec 2026, in weeks since the last")
    assert "3 sessions done" in said
    assert "1 session done" in said


@given(seed=st.integers(0, 10_000), axis=st.sampled_from(list(AXES)), reach=st.sampled_from(list(REACHES)))
@settings(max_examples=40, deadline=None)
def test_whatever_the_clinic_all_is_drawn_inside_and_windows_agree_with_the_table(seed, axis, reach):
    """Random clinics, all their plans stacked: nothing outside the calendar, whole windows with the table's dates."""
    rng = Random(seed)
    clinic = random_clinic(rng, 3)
    as_of = pd.Timestamp(as_of_dates(rng, clinic, 1)[0])
    inputs = frames(clinic)
    rows = expected_visits(**inputs, protocols=PROTOCOLS, as_of=as_of)
    rows = rows.join(grounds(rows, **inputs, protocols=PROTOCOLS, as_of=as_of))
    chosen = inputs["courses"].to_dict("records")
    plans = [plan_of(inputs, rows, one["course_id"], one["protocol_id"]) for one in chosen]
    closures = inputs["closures"].assign(reason="closed")
    figure = patient_timeline(plans, as_of, closures=closures, axis=axis, reach=reach)
    first, last = map(pd.Timestamp, figure.layout.xaxis.range)
    assert all(first <= on <= last for on in drawn_days(figure))
    known = {
        (row.course_id, row.kind, row.number): (row.due_on, row.overdue_on - pd.Timedelta(days=1))
        for row in rows.itertuples()
    }
    for trace in figure.data:
        if (trace.name or "").startswith("Window: "):
            for base, length, about in zip(trace.base, trace.x, trace.customdata, strict=True):
                due, end = known[about[3], about[1], about[2]]
                drawn = pd.Timestamp(base), pd.Timestamp(base) + length * pd.Timedelta("1ms")
                assert drawn == (max(due, first), min(end, last))


def plan_of(inputs: dict[str, pd.DataFrame], rows: pd.DataFrame, course_id: int, protocol: str) -> Plan:
    """One plan of a random clinic."""
    own = {name: inputs[name][inputs[name]["course_id"] == course_id] for name in ("visits", "holds", "agreements")}
    return Plan(
        course_id,
        f"Plan {course_id}",
        PROTOCOLS[protocol],
        rows[rows["course_id"] == course_id],
        own["visits"].assign(depth_mm=float("nan")),
        own["holds"].assign(cause="medical", reason=""),
        own["agreements"],
    )
