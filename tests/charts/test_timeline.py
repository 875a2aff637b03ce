"""The patient's timeline, read back from the figure's traces and layout."""

import datetime as dt
import re
from collections.abc import Iterator

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.charts.palette import DONE, DUE, OVERDUE, UNSAFE, VISITS
from lib.words import FLAGS
from tests.charts.course import Course, course

DAY = pd.Timedelta(days=1)
MARKS = {look.word for look in VISITS.values()}
FINISHED = [
    "2025-10-14 session completed 1.5",
    "2025-11-15 session completed 1.5",
    "2026-01-10 session completed 1.5",
    "2026-02-11 review completed",
    "2026-05-05 review completed",
    "2026-09-01 session booked",
]
CROWDED = [
    *(f"2025-10-{day} session completed 0.5" for day in (14, 17, 20, 23)),
    *(f"2025-10-{day} session no_show" for day in (15, 18, 26)),
    "2025-10-23 review completed",
    "2025-10-29 session cancelled",
    "2025-11-04 call completed",
    "2026-02-27 review booked",
    "2026-03-05 session booked",
]
TEN_YEARS = [f"{year}-{month:02}-05 session completed 2" for year in range(2016, 2026) for month in (2, 10)]
COURSES = {
    "overdue": course(
        FINISHED[:2], planned=4, protocol="facial-photoageing", closures=[("2025-12-24", "2026-01-02", "x")]
    ),
    "finished": course(FINISHED, as_of="2026-06-20"),
    "paused": course(FINISHED[:2], holds=[("2025-12-10", None, "medical", "Isotretinoin")]),
    "crowded": course(CROWDED, planned=6, holds=[("2025-12-01", "2025-12-20", "wish", "Travelling")]),
    "not begun": course(opened="2026-02-20"),
    "ten years": course(TEN_YEARS, opened="2016-01-20"),
    "reviews of each": course(FINISHED[:2], protocol="mild-texture", planned=2, as_of="2025-12-20"),
    "closed": course(FINISHED[:2], closed="2026-01-01"),
}


@pytest.fixture(params=COURSES, ids=str)
def any_course(request) -> Course:
    return COURSES[request.param]


def marks(figure) -> list[tuple[str, str, str]]:
    """Every mark of a visit: its word, day and kind."""
    return sorted((t.name, *data[:2]) for t in figure.data if t.name in MARKS for data in t.customdata)


def windows(figure) -> list[tuple]:
    """Every window: kind, number, first and last day."""
    found = []
    for trace in figure.data:
        if (trace.name or "").startswith("Window: "):
            for first, length, data in zip(trace.base, trace.x, trace.customdata, strict=True):
                found.append(
                    (data[1], data[2], pd.Timestamp(first), pd.Timestamp(first) + length * pd.Timedelta("1ms"))
                )
    return sorted(found)


def drawn_days(figure) -> list[pd.Timestamp]:
    """Every place on the calendar at which something is drawn."""
    days = []
    for trace in figure.data:
        starts = trace.base if trace.type == "bar" else trace.x
        days += map(pd.Timestamp, starts)
        if trace.type == "bar":
            days += [
                pd.Timestamp(first) + x * pd.Timedelta("1ms") for first, x in zip(trace.base, trace.x, strict=True)
            ]
    days += [pd.Timestamp(x) for shape in figure.layout.shapes if shape.xref != "paper" for x in (shape.x0, shape.x1)]
    return days + [pd.Timestamp(note.x) for note in figure.layout.annotations if note.xref != "paper"]


def texts(part) -> Iterator[str]:
    """Every text in a figure, however deep."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list | tuple):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from texts(inner)


def headings(figure) -> list[str]:
    """The lanes' headings as read on the screen, from the top."""
    notes = [note for note in figure.layout.annotations if note.xref == "paper"]
    return [re.sub(r"<[^>]+>", "", note.text) for note in sorted(notes, key=lambda note: -note.y)]


def test_every_visit_is_drawn_once(any_course):
    drawn = [mark[1:] for mark in marks(any_course.figure)]
    visits = any_course.visits
    assert sorted(drawn) == sorted(zip(visits["visit_date"].dt.strftime("%Y-%m-%d"), visits["kind"], strict=True))


def test_windows_end_on_their_last_day(any_course):
    rows = any_course.rows[any_course.rows["overdue_on"].notna()]
    wanted = zip(rows["kind"], rows["number"], rows["due_on"], rows["overdue_on"] - DAY, strict=True)
    assert windows(any_course.figure) == sorted(wanted)


def test_all_is_drawn_inside_the_calendar(any_course):
    figure = any_course.figure
    first, last = map(pd.Timestamp, figure.layout.xaxis.range)
    days = drawn_days(figure)
    assert first <= min(days)
    assert max(days) <= last


def test_a_figure_is_small_flat_and_fits_a_phone(any_course):
    figure = any_course.figure
    assert len(figure.to_json()) < 50_000
    assert 220 <= figure.layout.height <= 580
    assert figure.layout.xaxis.type == "date"
    assert {trace.type for trace in figure.data} <= {"bar", "scatter"}
    assert all(len(heading) <= 54 for heading in headings(figure))


def test_each_kind_of_visit_has_its_lane():
    assert headings(COURSES["finished"].figure) == [
        "Visits  ● session  ■ review",
        "Sessions  ■ 3: done 10 Jan 2026, 14 days late",
        "Follow-up review  ■ done 11 Feb 2026, on time",
        "Outcome review  ■ done 05 May 2026, on time",
        "Maintenance  ■ 1: booked 01 Sep 2026",
        "Expected collagen build  (illustration)",
        "Day 161 after session  ■ Long-term result",
    ]


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("overdue", "Sessions  ■ 3: overdue 54 days, not booked"),
        ("paused", "Paused: do not treat  ■ from 10 Dec 2025, no end date"),
        ("crowded", "Pauses  ■ patient's wish, 01–19 Dec 2025"),
        ("not begun", "Expected collagen build  begins with session 1"),
        ("ten years", "Maintenance  ■ 18: from 05 Apr 2026"),
        ("reviews of each", "Follow-up review  ■ 2: due by 27 Dec 2025, not booked"),
    ],
)
def test_a_heading_says_how_it_stands(name, heading):
    assert heading in headings(COURSES[name].figure)


def test_looks_follow_what_happened():
    figure = course([*CROWDED, "2026-04-02 session cancelled"], planned=6).figure
    looks = {(day, kind): word for word, day, kind in marks(figure)}
    assert looks["2025-10-14", "session"] == "Done on time"
    assert looks["2025-10-17", "session"] == "Done too soon"
    assert looks["2025-10-18", "session"] == "Did not come"
    assert looks["2025-10-23", "review"] == "Interim or other"
    assert looks["2026-02-27", "review"] == "Did they come?"
    assert looks["2026-03-05", "session"] == "Booked"
    assert looks["2026-04-02", "session"] == "Cancelled"


def test_shapes_tell_sessions_from_reviews_and_filled_from_hollow():
    traces = {trace.name: trace for trace in course(CROWDED, planned=6).figure.data}
    assert set(traces["Done too soon"].marker.symbol) == {"circle"}
    assert traces["Done too soon"].marker.color == UNSAFE
    assert traces["Booked"].marker.symbol == ("circle-open",)
    assert traces["Did they come?"].marker.symbol == ("square-open",)
    assert set(traces["Did not come"].marker.symbol) == {"circle-x-open"}
    assert traces["Interim or other"].marker.symbol == ("square", "diamond")


def test_neighbours_do_not_cover_each_other():
    figure = course(
        ["2026-01-05 session completed", "2026-01-05 review completed", "2026-01-06 session no_show"]
    ).figure
    heights = [y for trace in figure.data if trace.name in MARKS for y in trace.y]
    assert len(set(heights)) == 3


def test_the_hover_says_date_then_what_then_fit_then_window_then_rule_and_source():
    figure = COURSES["finished"].figure
    late = next(trace for trace in figure.data if trace.name == "Done early or late")
    told = "10 Jan 2026<br>Session 3, 1.5 mm<br>14 days late<br>Window 13–27 Dec 2025<br>"
    assert late.hovertext == (told + "4–6 weeks after session 2 · practice:<br>articles 2, 3",)
    assert list(late.customdata[0]) == ["2026-01-10", "session", 3, 1]
    assert late.marker.line.color == DONE


def test_a_booking_that_must_move_looks_unsafe():
    holds = [("2026-02-01", None, "medical", "Infection")]
    figure = course([*FINISHED[:2], "2026-03-20 session booked"], holds=holds).figure
    trace = next(trace for trace in figure.data if trace.name == "Booked: move it")
    assert trace.marker.color == UNSAFE
    assert FLAGS["booked_on_hold"] in trace.hovertext[0]


def test_what_was_not_known_that_day_is_not_drawn():
    one = course(["2025-10-14 session completed", "2026-03-10 session completed", "2026-03-20 session no_show"])
    one.visits["recorded_on"] = pd.to_datetime(["2025-10-14", "2026-03-10", "2026-02-01"])
    assert marks(one.figure) == [("Booked", "2026-03-20", "session"), ("Done on time", "2025-10-14", "session")]


def test_an_open_ended_hold_reaches_the_edge():
    figure = COURSES["paused"].figure
    hold = next(trace for trace in figure.data if trace.name == "Paused")
    assert hold.base == (dt.date(2025, 12, 10),)
    end = pd.Timestamp(hold.base[0]) + hold.x[0] * pd.Timedelta("1ms")
    assert end == pd.Timestamp(figure.layout.xaxis.range[1])
    hatched = next(trace for trace in figure.data if trace.name == "Paused days")
    assert hatched.marker.pattern.shape == ("x",)


def test_free_text_is_escaped():
    protocol = COURSES["paused"].protocol
    one = course(
        FINISHED[:3],
        holds=[("2026-01-15", None, "medical", "<b>x</b>")],
        closures=[("2026-01-20", "2026-01-25", "<i>y</i>")],
    )
    phases = tuple(phase.model_copy(update={"name": "<u>z</u>"}) for phase in protocol.phases)
    reviews = tuple(review.model_copy(update={"name": "<s>w</s>"}) for review in protocol.reviews)
    one.protocol = protocol.model_copy(update={"phases": phases, "reviews": reviews})
    drawn = list(texts(one.figure.to_dict()))
    assert not any(tag in text for text in drawn for tag in ("<b>x", "<i>", "<u>", "<s>"))
    for wanted in ("&lt;b&gt;x&lt;/b&gt;", "&lt;i&gt;y", "&lt;u&gt;z", "&lt;s&gt;w"):
        assert any(wanted in text for text in drawn)


def test_a_hold_told_of_later_is_not_drawn():
    one = course(FINISHED[:2], holds=[("2026-03-10", None, "wish", "")])
    assert any(heading.startswith("Pauses") for heading in headings(one.figure))
    one.holds["recorded_on"] = pd.Timestamp("2026-03-05")
    assert not any(heading.startswith("Pauses") for heading in headings(one.figure))


def test_the_as_of_line_is_labelled_and_crosses_every_lane():
    figure = COURSES["finished"].figure
    label = next(note for note in figure.layout.annotations if note.xref != "paper")
    assert "Shown for 20 Jun 2026" in label.text
    pieces = [s for s in figure.layout.shapes if s.type == "line" and s.x0 == s.x1 == dt.date(2026, 6, 20)]
    assert len(pieces) == len(headings(figure))


def test_likely_windows_are_dashed_and_named_once_in_the_key():
    shapes = COURSES["not begun"].figure.layout.shapes
    likely = [shape for shape in shapes if shape.name == "Likely window"]
    assert {shape.line.dash for shape in likely} == {"dash"}
    assert [shape.showlegend for shape in likely] == [True] + [False] * (len(likely) - 1)


def test_an_overdue_window_and_the_days_since_are_in_the_overdue_colour():
    figure = COURSES["overdue"].figure
    since = next(s for s in figure.layout.shapes if s.x1 == dt.date(2026, 3, 3) and s.line.color == OVERDUE)
    assert since.x0 == dt.date(2026, 1, 9)


def test_amber_is_outlined():
    assert DUE not in [shape.line.color for shape in COURSES["ten years"].figure.layout.shapes]


def test_the_curve_and_the_phases_count_from_performed_sessions():
    figure = COURSES["overdue"].figure
    curve = next(trace for trace in figure.data if trace.name == "Expected collagen build")
    assert curve.x[0] == dt.date(2025, 10, 14)
    assert curve.yaxis == "y2"
    phases = next(trace for trace in figure.data if trace.name == "Phases")
    assert phases.base[0] == dt.date(2025, 11, 15)


def test_a_protocol_without_curve_and_phases_has_no_such_lanes():
    one = course(FINISHED[:2])
    one.protocol = one.protocol.model_copy(update={"curve": None, "phases": ()})
    assert [heading.split("  ")[0] for heading in headings(one.figure)] == ["Visits", "Sessions", "Maintenance"]


def test_a_course_that_has_no_rows_yet_is_an_empty_calendar():
    one = course(opened="2026-06-01")
    assert one.rows.empty
    assert headings(one.figure)[0] == "Visits  none yet"
    assert windows(one.figure) == []


def test_windows_far_ahead_are_left_out():
    one = course(["2026-03-01 session completed"], planned=30)
    limit = one.as_of + pd.DateOffset(months=18)
    assert max(first for _, _, first, _ in windows(one.figure)) <= limit
    assert one.rows["due_on"].max() > limit


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("overdue", "2 sessions done, the last on 15 Nov 2025; session 3 overdue 54 days, not booked."),
        ("not begun", "no session yet; session 1 due by 03 Apr 2026, not booked."),
        ("closed", "2 sessions done, the last on 15 Nov 2025; nothing more is expected."),
    ],
)
def test_one_sentence_says_the_main_point(name, sentence):
    assert COURSES[name].sentence == f"Timeline shown for 03 Mar 2026: {sentence}"


@pytest.mark.parametrize(
    ("protocol", "visits", "hover", "point"),
    [
        ("acne-scars", "2026-01-20 session, 2026-02-20 review", "Follow-up review", "outcome review from"),
        ("mild-texture", "2026-01-20 session, 2026-02-20 review", "Follow-up review 1", "outcome review from"),
        ("acne-scars", "2025-05-20 session, 2026-02-20 session", "Maintenance session 1", "maintenance session 2 from"),
        ("acne-scars", "2026-02-20 session", "Session 1", "follow-up review from"),
        ("mild-texture", "2026-02-20 session", "Session 1", "follow-up review 1 from"),
    ],
)
def test_visits_have_the_names_that_all_pages_give_them(protocol, visits, hover, point):
    one = course([f"{visit} completed" for visit in visits.split(", ")], planned=1, protocol=protocol)
    texts = [text for trace in one.figure.data if trace.name in MARKS for text in trace.hovertext]
    assert hover in [text.split("<br>")[1] for text in texts]
    assert f"; {point} " in one.sentence


@pytest.mark.parametrize(
    ("visits", "point"),
    [
        (["2025-12-20 session completed", "2026-02-01 review no_show"], "did not come, from 20 Mar 2026"),
        (["2026-02-20 session completed"], "from 20 Mar 2026"),
    ],
    ids=["the most urgent flag", "without a flag the longest due"],
)
def test_the_main_point_is_what_the_desk_takes_first(visits, point):
    assert course(visits, planned=1).sentence.endswith(f" {point}.")


@given(
    visits=st.lists(
        st.tuples(
            st.dates(dt.date(2024, 1, 1), dt.date(2026, 3, 3)),
            st.sampled_from(["session", "review", "call"]),
            st.sampled_from(["booked", "completed", "cancelled", "no_show"]),
        ),
        max_size=12,
    ),
    holds=st.lists(
        st.tuples(
            st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31)),
            st.none() | st.dates(dt.date(2024, 1, 1), dt.date(2030, 1, 1)),
            st.sampled_from(["medical", "wish", "other"]),
            st.none() | st.text(max_size=8),
        ),
        max_size=3,
    ),
    protocol=st.sampled_from(["acne-scars", "mild-texture"]),
    planned=st.integers(1, 5),
)
@settings(max_examples=60, deadline=None)
def test_whatever_happened_it_is_drawn_once_and_inside(visits, holds, protocol, planned):
    texts = [f"{day} {kind} {status}" for day, kind, status in visits]
    one = course(texts, holds=holds, protocol=protocol, planned=planned, opened="2024-06-01")
    figure = one.figure
    assert len(marks(figure)) == len(visits)
    first, last = map(pd.Timestamp, figure.layout.xaxis.range)
    assert all(first <= day <= last for day in drawn_days(figure))
    assert one.sentence.endswith(".")
