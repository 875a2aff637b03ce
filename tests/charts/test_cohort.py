"""The cohort's small timelines and the shares by number, read back from the figures."""

from functools import cache
from random import Random

import pandas as pd
import pytest

from lib.charts.aligned import ALIGNMENTS, CALENDAR, END, FIRST, LANE, LAST, LIKELY, NAME
from lib.charts.by_number import FILLS, by_number_chart
from lib.charts.cohort import SIZE, cohort_alt, cohort_timelines
from lib.charts.palette import SHAPES, VISITS
from lib.charts.windows import AHEAD
from lib.history import known_visits
from lib.schedule.explain import visit_name
from lib.words import sentence
from tests.charts.course import PROTOCOLS, course
from tests.charts.test_timeline import CROWDED, TEN_YEARS
from tests.schedule.frames import PROTOCOLS as RANDOM_PROTOCOLS
from tests.schedule.frames import frames
from tests.schedule.random_clinic import as_of_dates, random_clinic
from tests.test_cohort import made

DAY = pd.Timedelta(days=1)
CLOSED = "Clinic closed"
WORDS = {look.word for look in VISITS.values()}
EVERY = [(seed, align) for seed in range(6) for align in ALIGNMENTS]


@cache
def drawn(seed: int, align: str):
    """A random clinic's figure, and what it is drawn from: plans, schedule, visits known, day."""
    rng = Random(seed)
    clinic = random_clinic(rng, 25)
    (day,) = as_of_dates(rng, clinic, 1)
    inputs = frames(clinic)
    one, schedule, _ = made(inputs, RANDOM_PROTOCOLS, day)
    plans = one.plans.assign(patient="Ada <b>Brook</b>")
    holds = inputs["holds"].assign(cause="medical", reason="<i>x</i>")
    closures = inputs["closures"].assign(reason="Fair")
    figure = cohort_timelines(plans, schedule, inputs["visits"], holds, RANDOM_PROTOCOLS, day, align, closures=closures)
    return figure, plans, schedule, known_visits(inputs["visits"], pd.Timestamp(day)), pd.Timestamp(day)


def origins(plans: pd.DataFrame, align: str) -> list[pd.Timestamp] | None:
    """The day of each lane that lies at 0; None on the calendar."""
    if align == CALENDAR:
        return None
    return plans["first_on" if align == FIRST else "last_on"].fillna(plans["opened_on"]).tolist()


def on(x, lane: int, zeros: list[pd.Timestamp] | None) -> pd.Timestamp:
    """The day that a place on the axis stands for."""
    return pd.Timestamp(x) if zeros is None else zeros[lane] + round(x * 7) * DAY


def length(x: float, zeros: list[pd.Timestamp] | None) -> pd.Timedelta:
    """The days that a bar covers."""
    return x * pd.Timedelta("1ms") if zeros is None else round(x * 7) * DAY


def shut_in(figure) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """The closed days that are drawn."""
    return [
        (pd.Timestamp(base), pd.Timestamp(base) + length(x, None))
        for trace in figure.data
        if trace.name == CLOSED
        for base, x in zip(trace.base, trace.x, strict=True)
    ]


def names_of(figure):
    """The trace of the lanes' names."""
    return next(trace for trace in figure.data if trace.type == "scatter" and trace.mode == "text")


def marks(figure, zeros) -> list[tuple[int, str, pd.Timestamp]]:
    """Every mark of a visit: lane, shape and day."""
    return sorted(
        (lane, symbol.split("-")[0], on(x, lane, zeros))
        for trace in figure.data
        if trace.name in WORDS
        for lane, symbol, x in zip(trace.customdata, trace.marker.symbol, trace.x, strict=True)
    )


@pytest.mark.parametrize(("seed", "align"), EVERY)
def test_every_visit_of_a_plan_is_drawn_once(seed, align):
    """Each known visit has one mark in its plan's lane, on its day, and there are no others."""
    figure, plans, _, visits, _ = drawn(seed, align)
    lanes = {course_id: lane for lane, course_id in enumerate(plans["course_id"])}
    mine = visits[visits["course_id"].isin(lanes)]
    wanted = zip(mine["course_id"], mine["kind"], mine["visit_date"], strict=True)
    assert marks(figure, origins(plans, align)) == sorted(
        (lanes[course_id], SHAPES.get(kind, "diamond"), day) for course_id, kind, day in wanted
    )


@pytest.mark.parametrize(("seed", "align"), EVERY)
def test_every_window_has_the_edges_of_the_schedule(seed, align):
    """Each window is drawn from its first to its last day, in its plan's lane, but for those far ahead."""
    figure, plans, schedule, _, day = drawn(seed, align)
    zeros = origins(plans, align)
    found = sorted(
        (lane, on(base, lane, zeros), on(base, lane, zeros) + length(x, zeros))
        for trace in figure.data
        if (trace.name or "").startswith("Window: ")
        for lane, base, x in zip(trace.customdata, trace.base, trace.x, strict=True)
    )
    rows, lanes = near(schedule, day), {course_id: lane for lane, course_id in enumerate(plans["course_id"])}
    assert found == sorted(
        (lanes[course_id], due, min(overdue - DAY, day + END))
        for course_id, due, overdue in zip(rows["course_id"], rows["due_on"], rows["overdue_on"], strict=True)
    )


def near(schedule: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The rows whose windows are drawn."""
    limit = (schedule["status"] == "projected").map({True: day + LIKELY, False: day + AHEAD})
    return schedule[schedule["overdue_on"].notna() & (schedule["due_on"] <= limit)]


@pytest.mark.parametrize("seed", range(6))
def test_a_window_has_the_name_that_all_pages_give_it(seed):
    """Its hover calls a visit as the tables do: a review by its name, numbered only where each session has one."""
    figure, plans, schedule, _, day = drawn(seed, CALENDAR)
    found = sorted(
        (lane, text.split("<br>")[1])
        for trace in figure.data
        if (trace.name or "").startswith("Window: ")
        for lane, text in zip(trace.customdata, trace.hovertext, strict=True)
    )
    rows = plans.reset_index(names="lane")[["lane", "course_id", "protocol_id"]].merge(
        near(schedule, day), on="course_id"
    )
    assert found == sorted(
        (row.lane, sentence(visit_name(RANDOM_PROTOCOLS[row.protocol_id], row.kind, row.number)))
        for row in rows.itertuples()
    )


@pytest.mark.parametrize(("seed", "align"), EVERY)
def test_all_is_drawn_inside_the_axes(seed, align):
    """Every place of every trace lies within both ranges."""
    figure = drawn(seed, align)[0]
    kind = pd.Timestamp if align == CALENDAR else float
    first, last = map(kind, figure.layout.xaxis.range)
    whole = figure.layout.yaxis.range[1]
    for trace in figure.data:
        starts = trace.base if trace.type == "bar" else trace.x
        places = [kind(x) for x in starts if x is not None]
        if trace.type == "bar":
            unit = pd.Timedelta("1ms") if align == CALENDAR else 1
            places += [kind(base) + x * unit for base, x in zip(trace.base, trace.x, strict=True)]
        assert first <= min(places)
        slack = pd.Timedelta(0) if align == CALENDAR else 0.01
        assert max(places) <= last + slack
        assert all(0 <= y <= whole for y in trace.y if y is not None)


@pytest.mark.parametrize(("seed", "align"), EVERY)
def test_a_lane_s_name_stands_above_all_that_it_draws(seed, align):
    """No mark, window or line reaches into the line of a name, in its own lane or the next."""
    figure, plans, *_ = drawn(seed, align)
    names = names_of(figure)
    assert len(names.y) == len(plans)
    for trace in figure.data:
        if trace.name in (None, CLOSED):
            continue
        half = SIZE / 2 if trace.name in WORDS else 0
        if trace.type == "bar":
            widths = trace.width if isinstance(trace.width, tuple) else [trace.width] * len(trace.y)
            reaches = [(y - width / 2, y + width / 2) for y, width in zip(trace.y, widths, strict=True)]
        else:
            reaches = [(y - half, y + half) for y in trace.y if y is not None]
        for low, high in reaches:
            assert LANE - NAME >= high % LANE >= low % LANE >= 0


@pytest.mark.parametrize("align", ALIGNMENTS)
def test_the_session_that_is_aligned_lies_at_0(align):
    """A lane's first or last session done lies at 0 weeks; on the calendar nothing is moved."""
    figure, plans, *_ = drawn(1, align)
    zeros = origins(plans, align)
    if zeros is None:
        assert figure.layout.xaxis.type == "date"
        return
    done = [day for lane, shape, day in marks(figure, zeros) if shape == "circle" and day == zeros[lane]]
    assert len(done) >= plans["first_on"].notna().sum() > 0
    assert figure.layout.xaxis.type == "linear"
    assert figure.layout.annotations[0].text.count("Weeks since") == 1


def hard_cases():
    """Lanes of histories that crowd: sessions three days apart, a pause over a window, ten years of maintenance."""
    told = [
        course(CROWDED, planned=6, holds=[("2025-12-01", "2025-12-20", "wish", "Travelling")]),
        course(CROWDED[:1], holds=[("2025-11-10", None, "medical", "")]),
        course(TEN_YEARS, opened="2016-01-20"),
        course(CROWDED[:1], closed="2026-01-01"),
    ]
    courses, rows, visits, holds = [], [], [], []
    for number, one in enumerate(told, start=1):
        closed = "2026-01-01" if number == 4 else None
        courses.append((number, "acne-scars", 3, one.rows["anchor_on"].min(), closed))
        for some, frame in ((rows, one.rows), (visits, one.visits), (holds, one.holds)):
            some.append(frame.assign(course_id=number))
    made_courses = pd.DataFrame(
        courses, columns=["course_id", "protocol_id", "planned_sessions", "opened_on", "closed_on"]
    ).astype({"opened_on": "datetime64[s]", "closed_on": "datetime64[s]"})
    inputs = {
        "courses": made_courses,
        "visits": pd.concat(visits, ignore_index=True),
        "holds": pd.concat(some for some in holds if len(some)),
    }
    one, schedule, _ = made(inputs, PROTOCOLS, told[0].as_of)
    plans = one.plans.assign(patient=["Wilhelmina Featherstonehaugh-Cholmondeley", "Bo", "Ann 🌸 Ray", "<b>x</b>"])
    return inputs, schedule, plans, told[0].as_of


def test_a_name_gives_way_to_the_state_and_both_fit_a_phone():
    """Name and state are short enough for a phone, the name is cut first, and the area tells two plans apart."""
    inputs, schedule, plans, day = hard_cases()
    figure = cohort_timelines(plans, schedule, inputs["visits"], inputs["holds"], PROTOCOLS, day)
    texts = names_of(figure).text
    plain = [pd.Series([text]).str.replace(r"<[^>]+>", "", regex=True).iloc[0] for text in texts]
    assert all(len(text.replace("&lt;", "<").replace("&gt;", ">")) <= 58 for text in plain)
    assert plain[0].startswith("Wilhelmina")
    assert "…" in plain[0]
    assert any(", Face" in text for text in plain)
    assert any("plan closed 01 Jan 2026" in text for text in plain)
    assert any("paused" in text for text in plain)
    assert any("&lt;b&gt;x&lt;/b&gt;" in text for text in plain)


def test_neighbours_stand_on_different_levels():
    """Visits so near that their marks would cover each other are moved up or down inside the lane."""
    inputs, schedule, plans, day = hard_cases()
    figure = cohort_timelines(plans, schedule, inputs["visits"], inputs["holds"], PROTOCOLS, day)
    lane = plans["course_id"].tolist().index(1)
    heights = {
        y
        for trace in figure.data
        if trace.name in WORDS
        for y, of in zip(trace.y, trace.customdata, strict=True)
        if of == lane
    }
    assert len(heights) == 3


def test_free_text_is_escaped():
    """Names, areas and reasons reach plotly as text, never as tags."""
    figure = drawn(0, CALENDAR)[0]
    texts = [text for trace in figure.data for text in (*(trace.text or ()), *(trace.hovertext or ()))]
    assert any("&lt;b&gt;Brook" in text for text in texts)
    assert not any("<b>Brook" in text or "<i>" in text for text in texts)


def test_colours_and_shapes_are_those_of_the_patient_s_timeline():
    """Marks have the palette's looks, likely windows a dashed edge, and everything coloured has a word in the key."""
    figure, _, schedule, *_ = drawn(2, CALENDAR)
    for trace in figure.data:
        looks = [look for look in VISITS.values() if look.word == trace.name]
        if looks:
            assert trace.marker.line.color == looks[0].outline
            assert all(symbol.endswith(looks[0].mark) for symbol in trace.marker.symbol)
    assert (schedule["status"] == "projected").any()
    dashed = next(trace for trace in figure.data if trace.name == "Likely window")
    assert dashed.line.dash == "2px,2px"
    assert sum(trace.name is None for trace in figure.data) == 2
    assert {trace.type for trace in figure.data} == {"bar", "scatter"}
    assert not figure.layout.shapes


def test_the_day_shown_crosses_every_lane_and_is_labelled():
    """The as-of line is in each lane and in the key; aligned by sessions, closed plans have none."""
    inputs, schedule, plans, day = hard_cases()
    frames_ = (plans, schedule, inputs["visits"], inputs["holds"], PROTOCOLS, day)
    name = "Shown for 03 Mar 2026"
    lines = {align: next(t for t in cohort_timelines(*frames_, align).data if t.name == name) for align in ALIGNMENTS}
    assert sum(y is None for y in lines[CALENDAR].y) == 4
    assert sum(y is None for y in lines[FIRST].y) == 3
    assert name in cohort_timelines(*frames_).layout.annotations[0].text


def closures(*days: tuple[str, str]) -> pd.DataFrame:
    """Closures, each from a day to the one on which the clinic reopens."""
    made = pd.DataFrame(days, columns=["starts_on", "ends_on"]).astype("datetime64[s]")
    return made.assign(reason="<i>Fair</i>")


def test_closed_days_are_one_trace_behind_all_lanes():
    """Those of which a day is shown, cut to the axis, behind every lane, in the key; they take no click from a lane."""
    inputs, schedule, plans, day = hard_cases()
    frames_ = (plans, schedule, inputs["visits"], inputs["holds"], PROTOCOLS, day)
    shut = closures(
        ("2010-01-01", "2010-02-01"),
        ("2015-06-01", "2016-03-01"),
        ("2026-03-10", "2026-03-20"),
        ("2050-01-01", "2050-02-01"),
    )
    figure = cohort_timelines(*frames_, closures=shut)
    first = pd.Timestamp(figure.layout.xaxis.range[0])
    assert shut_in(figure) == [
        (first, pd.Timestamp("2016-03-01")),
        (pd.Timestamp("2026-03-10"), pd.Timestamp("2026-03-20")),
    ]
    (trace,) = (trace for trace in figure.data if trace.name == CLOSED)
    assert trace is figure.data[0]
    assert trace.showlegend
    assert trace.hoverinfo == "skip"
    assert trace.customdata is None
    whole = figure.layout.yaxis.range[1]
    assert {(y - trace.width / 2, y + trace.width / 2) for y in trace.y} == {(0, whole)}


@pytest.mark.parametrize(("align", "shut"), [(CALENDAR, "2050-01-01"), (FIRST, "2026-03-10"), (LAST, "2026-03-10")])
def test_closed_days_are_left_out_where_there_is_no_calendar(align, shut):
    """In weeks they lie elsewhere in each lane; and a closure beyond the axis has no entry in the key."""
    inputs, schedule, plans, day = hard_cases()
    days = closures((shut, "2050-02-01"))
    figure = cohort_timelines(plans, schedule, inputs["visits"], inputs["holds"], PROTOCOLS, day, align, closures=days)
    assert not shut_in(figure)


def test_a_picture_without_lanes_is_empty():
    """No plan is no lane, and no error."""
    inputs, schedule, plans, day = hard_cases()
    figure = cohort_timelines(
        plans.head(0), schedule.head(0), inputs["visits"].head(0), inputs["holds"], PROTOCOLS, day
    )
    assert all(not trace.x for trace in figure.data)


def test_the_sentence_says_what_is_shown():
    """For a screen reader: how many plans, aligned by what, on which day, how many with a flag."""
    _, plans, *_, day = drawn(0, CALENDAR)
    said = cohort_alt(plans, FIRST, day)
    assert said.startswith(f"Timelines of {len(plans)} treatment plans aligned by session 1, shown for ")
    assert f"; {plans['flag'].notna().sum()} with a flag" in said


def test_shares_by_number_are_of_those_whose_window_has_closed():
    """Each bar's parts add up to 1, its label has n and how many are still open, its hover the counts."""
    counts = {"On time": [6, 1], "Early": [1, 0], "Late": [1, 0], "Too soon": [1, 0], "Not done": [1, 0]}
    figure = by_number_chart([1, 2], counts, [4, 7])
    assert [trace.name for trace in figure.data] == list(FILLS)
    for bar in (0, 1):
        assert sum(trace.x[bar] for trace in figure.data) == pytest.approx(1)
    assert figure.data[0].customdata == ("6 of 10", "1 of 1")
    assert figure.layout.yaxis.ticktext == ("Session 1<br>n = 10, 4 open", "Session 2<br>n = 1, 7 open")
    assert len({(trace.marker.color, trace.marker.pattern.shape) for trace in figure.data}) == len(FILLS)


def test_a_number_of_which_no_window_has_closed_is_an_empty_bar():
    """No share is divided by none."""
    figure = by_number_chart([1], {name: [0] for name in FILLS}, [3])
    assert all(trace.x == (0,) for trace in figure.data)
