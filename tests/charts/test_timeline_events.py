"""What stands beside visits and windows in the timeline: days off, agreed dates, scores; and labels that stay apart."""

import re
from itertools import combinations, pairwise

import pandas as pd
import pytest

from lib.charts.palette import DONE, UNSAFE
from tests.charts.course import Course, course
from tests.charts.test_timeline import COURSES, TEN_YEARS, drawn_days, headings, texts

MS = pd.Timedelta("1ms")
PHONE = 323
"""Pixels of a phone's screen between the picture's margins."""
SCORED = course(
    ["2025-10-14 session completed 1.5", "2025-11-15 session completed 1.5", "2025-12-20 review completed"],
    planned=2,
    scores=[
        (0, "goodman_baron_quantitative", 20, "lower"),
        (2, "goodman_baron_quantitative", 18, "lower"),
        (0, "patient_vas", 3, "higher"),
        (2, "patient_vas", 7, "higher"),
        (2, "gais", 2, "higher"),
    ],
)
AGREED = course(
    ["2025-10-14 session completed 1.5", "2025-12-20 session completed 1.5"],
    agreements=[
        ("session", "2025-10-20", "2025-12-01", "2025-12-10", "after <b>exams</b>"),
        ("session", "2026-01-02", "2026-02-20", "2026-02-28", None),
        ("session", "2026-01-05", "2026-03-01", "2026-03-14", None),
    ],
)


def bars(one: Course, name: str) -> list[tuple]:
    """The first and last day and the hover of every bar of that name."""
    return [
        (pd.Timestamp(first), pd.Timestamp(first) + length * MS, told)
        for trace in one.figure.data
        if trace.name == name
        for first, length, told in zip(trace.base, trace.x, trace.hovertext, strict=True)
    ]


@pytest.mark.parametrize("name", COURSES)
def test_days_off_are_drawn_once_and_are_as_long_as_they_are_said_to_be(name):
    """Every early, late or too soon visit has a bar of its days_off, one end on the day it was done."""
    one = COURSES[name]
    rows = one.rows[one.rows["timing"].isin(["early", "late", "too_soon"])]
    found = [bar for word in ("Days early", "Days late", "Days too soon") for bar in bars(one, word)]
    assert sorted((last - first).days for first, last, _ in found) == sorted(rows["days_off"].abs())
    ends = {on for first, last, _ in found for on in (first, last)}
    assert set(rows["done_on"]) <= ends


def test_days_off_say_what_they_are_in_colour_pattern_and_words():
    """Late is hatched in the colour of what was done, too soon crossed in the unsafe one."""
    one = course(["2025-10-14 session completed", "2025-10-30 session completed", "2026-02-01 session completed"])
    traces = {trace.name: trace for trace in one.figure.data}
    late, soon = traces["Days late"], traces["Days too soon"]
    assert (late.marker.pattern.shape, late.marker.line.color) == ("/", DONE)
    assert (soon.marker.pattern.shape, soon.marker.line.color) == ("x", UNSAFE)
    assert late.showlegend
    assert late.hovertext[0].startswith("01 Feb 2026<br>Session 3<br>52 days late<br>Window 27 Nov – 11 Dec 2025")
    assert list(late.customdata[0]) == ["2026-02-01", "session", 3, 1]


def test_agreed_dates_stand_under_the_window_that_they_set():
    """The one in force for each visit, with its day and note; one that gave way to a later is not drawn."""
    found = bars(AGREED, "Agreed dates")
    assert [(first, last) for first, last, _ in found] == [
        (pd.Timestamp("2025-12-01"), pd.Timestamp("2025-12-10")),
        (pd.Timestamp("2026-03-01"), pd.Timestamp("2026-03-14")),
    ]
    assert found[0][2] == "01–10 Dec 2025<br>Session 2<br>Agreed on 20 Oct 2025: after &lt;b&gt;exams&lt;/b&gt;"
    assert not any("<b>exams" in text for text in texts(AGREED.figure.to_dict()))
    assert sum(trace.name == "Agreed dates" and trace.showlegend for trace in AGREED.figure.data) == 1


def test_a_moved_window_says_what_moved_it():
    """The hover of a window ends with the agreement that set it."""
    window = next(trace for trace in AGREED.figure.data if trace.name == "Window: Sessions")
    assert "as agreed on" in window.hovertext[1].replace("<br>", " ")


def test_each_scale_and_direction_has_its_lane():
    """Its ends and the direction that is better stand in the heading and on the axis."""
    assert [heading for heading in headings(SCORED.figure) if "is better" in heading] == [
        "Goodman &amp; Baron (0–84)  ↓ lower is better  20 → 18",
        "Own rating (0–10)  ↑ higher is better  3 → 7",
        "GAIS (1–5)  ↑ higher is better  2",
    ]
    figure = SCORED.figure
    fine = next(trace for trace in figure.data if trace.name == "Goodman & Baron (0–84)")
    assert list(fine.y) == [20, 18]
    axis = figure.layout[fine.yaxis.replace("y", "yaxis")]
    assert axis.tickvals == (0, 84)
    assert axis.range[0] <= 0 < 84 <= axis.range[1]
    assert fine.hovertext[1].endswith("2 less than at first: a change under 4 is not called an improvement")


def test_the_number_of_the_highest_score_stays_below_the_heading():
    """Above the mark there is room for it in the lane."""
    figure = course(["2025-10-14 session completed"], scores=[(0, "gais", 5, "lower")]).figure
    trace = next(trace for trace in figure.data if trace.name == "GAIS (1–5)")
    axis = figure.layout[trace.yaxis.replace("y", "yaxis")]
    height = (axis.domain[1] - axis.domain[0]) * figure.layout.yaxis.range[1]
    above = (axis.range[1] - trace.y[0]) / (axis.range[1] - axis.range[0]) * height
    assert above >= trace.marker.size / 2 + trace.textfont.size


def test_lanes_with_an_axis_of_their_own_do_not_overlap():
    """The domains of all vertical axes but the common one lie apart."""
    layout = SCORED.figure.layout
    domains = sorted(layout[f"yaxis{n}"].domain for n in range(2, 6))
    assert all(lower[1] <= upper[0] for lower, upper in pairwise(domains))


def test_scores_are_not_drawn_before_they_were_known():
    """A score of a visit that lies after the day shown has no lane."""
    early = course(
        ["2025-10-14 session completed", "2026-05-20 review completed"],
        scores=[(1, "patient_vas", 7, "higher")],
    )
    assert not any("is better" in heading for heading in headings(early.figure))


LABELS = {
    "sessions three days apart": course([f"2025-10-{on} session completed" for on in range(10, 31, 3)], planned=9),
    "a pause over a window": course(
        ["2025-10-14 session completed"], holds=[("2025-11-01", "2026-02-20", "wish", "Abroad")]
    ),
    "ten years of maintenance": course(TEN_YEARS, opened="2016-01-20"),
    "scores": SCORED,
    "agreed": AGREED,
}


@pytest.mark.parametrize("name", LABELS)
@pytest.mark.parametrize("reach", ["all", "series", "next"])
def test_labels_do_not_collide_on_a_phone(name, reach):
    """The boxes of all numbers of one picture, on a phone, lie apart."""
    figure = LABELS[name].drawn(reach=reach)
    boxes = list(label_boxes(figure))
    for (left, low, right, high), (left2, low2, right2, high2) in combinations(boxes, 2):
        assert right <= left2 or right2 <= left or high <= low2 or high2 <= low


def label_boxes(figure):
    """Left, bottom, right, top in pixels of every text at a mark."""
    first, last = map(pd.Timestamp, figure.layout.xaxis.range)
    whole = figure.layout.yaxis.range[1]
    for trace in figure.data:
        if trace.type != "scatter" or trace.text is None:
            continue
        axis = figure.layout[(trace.yaxis or "y").replace("y", "yaxis")]
        low, high = axis.domain or (0, 1)
        sizes = trace.textfont.size
        for at, (x, y, text) in enumerate(zip(trace.x, trace.y, trace.text, strict=True)):
            letters = re.sub(r"<[^>]+>", "", text)
            if not letters:
                continue
            size = sizes[at] if isinstance(sizes, tuple) else sizes
            middle = (pd.Timestamp(x) - first) / (last - first) * PHONE
            share = (y - axis.range[0]) / (axis.range[1] - axis.range[0])
            bottom = (low + share * (high - low)) * whole - size / 2
            half = len(letters) * size * 0.56 / 2
            yield middle - half, bottom, middle + half, bottom + size


@pytest.mark.parametrize("name", LABELS)
def test_all_lies_inside_the_calendar(name):
    """Bars of every sort too."""
    figure = LABELS[name].figure
    first, last = map(pd.Timestamp, figure.layout.xaxis.range)
    assert all(first <= on <= last for on in drawn_days(figure))


@pytest.mark.parametrize(
    ("holds", "said"),
    [
        (
            [("2026-02-01", None, "medical", "x"), ("2026-03-01", "2026-03-11", "wish", "y")],
            "Paused: do not treat  ■ from 01 Feb 2026, no end date",
        ),
        (
            [("2026-03-01", "2026-03-11", "medical", "x"), ("2026-02-01", "2026-06-01", "medical", "y")],
            "Paused: do not treat  ■ 01 Feb – 31 May 2026",
        ),
        (
            [("2026-01-01", "2026-01-11", "medical", "x"), ("2026-03-01", "2026-03-11", "wish", "y")],
            "Paused: patient's wish  ■ 01–10 Mar 2026",
        ),
    ],
)
def test_of_several_pauses_the_heading_tells_the_one_that_forbids_treatment(holds, said):
    """What a medical pause says is not hidden by a wish that began later; a pause that is over tells nothing."""
    assert said in headings(course(["2026-01-30 session completed 1"], holds=holds).figure)


def test_a_session_that_serves_no_plan_builds_nothing_in_one():
    """It is drawn, but the curve and the days since are of the plan's own sessions."""
    made = course(["2026-01-30 session completed 1", "2026-02-25 session completed 1"])
    made.visits["course_id"] = [1, None]
    assert "Day 32 after session  ■ Build" in headings(made.figure)
