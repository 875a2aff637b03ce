"""The caseload's pictures: their data are the numbers given, and each sort has a colour, a pattern or place, a word."""

import pytest

from lib.charts import caseload
from lib.charts.caseload import (
    OVERDUE_FILL,
    STATE_FILLS,
    TIMING_FILLS,
    WEEK_FILLS,
    alt,
    kinds_chart,
    timing_chart,
    weeks_by_chart,
    weeks_chart,
)

WEEKS = [f"{day:02} Dec" for day in range(1, 13)]
BOOKED, NOT_BOOKED = list(range(12)), list(range(20, 8, -1))
MONTHS = [f"{month} 2026" for month in "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()]


def bars(figure) -> list:
    """The bars of a picture."""
    return [trace for trace in figure.data if trace.type == "bar"]


def test_kinds_are_bars_from_the_top_down_with_their_numbers():
    figure = kinds_chart(["1–7 days", "<b>x</b>"], [3, 1200], [OVERDUE_FILL] * 2)
    (trace,) = figure.data
    assert list(trace.x) == [3, 1200]
    assert list(trace.y) == ["1–7 days", "&lt;b&gt;x&lt;/b&gt;"]
    assert figure.layout.yaxis.autorange == "reversed"
    assert ["3<" in trace.text[0], "1,200<" in trace.text[1]] == [True, True]
    assert figure.layout.xaxis.range[1] > 1200


def test_no_number_at_all_is_still_a_picture():
    assert kinds_chart(["a"], [0], [OVERDUE_FILL]).layout.xaxis.range[1] > 0
    assert weeks_chart(WEEKS, {name: [0] * 12 for name in WEEK_FILLS}).layout.yaxis.range[1] > 0
    nothing = timing_chart(MONTHS, {name: [0] * 12 for name in TIMING_FILLS})
    assert all(value == 0 for trace in bars(nothing) for value in trace.y)
    assert not bars(weeks_by_chart(WEEKS, {}))


def test_weeks_are_stacked_booked_below_not_booked():
    figure = weeks_chart(WEEKS, {"Booked": BOOKED, "Not booked": NOT_BOOKED})
    assert {trace.name: list(trace.y) for trace in figure.data} == {"Booked": BOOKED, "Not booked": NOT_BOOKED}
    assert all(list(trace.x) == WEEKS for trace in figure.data)
    assert figure.layout.barmode == "stack"
    assert figure.layout.yaxis.range[1] >= max(map(sum, zip(BOOKED, NOT_BOOKED, strict=True)))


def test_practitioners_have_a_row_each_on_one_scale():
    numbers = {
        "Dr <i>A</i>": {"Booked": BOOKED, "Not booked": NOT_BOOKED},
        "Dr B": {"Booked": [1] * 12, "Not booked": [0] * 12},
    }
    figure = weeks_by_chart(WEEKS, numbers)
    drawn = {(trace.yaxis, trace.name): list(trace.y) for trace in bars(figure)}
    assert drawn == {
        ("y", "Booked"): BOOKED,
        ("y", "Not booked"): NOT_BOOKED,
        ("y2", "Booked"): [1] * 12,
        ("y2", "Not booked"): [0] * 12,
    }
    assert figure.layout.yaxis.range == figure.layout.yaxis2.range
    assert figure.layout.yaxis2.domain[1] < figure.layout.yaxis.domain[0]
    assert [name.text.count("&lt;i&gt;") for name in figure.layout.annotations] == [1, 0]
    assert sum(trace.showlegend is not False for trace in bars(figure)) == 2
    totals = [trace for trace in figure.data if trace.type == "scatter"]
    assert list(totals[0].y) == [a + b for a, b in zip(BOOKED, NOT_BOOKED, strict=True)]


def test_each_month_is_divided_into_shares():
    numbers = {"On time": [8] * 12, "Early": [1] * 12, "Late": [1] * 12, "Too soon": [0] * 12}
    figure = timing_chart(MONTHS, numbers)
    assert [trace.name for trace in figure.data] == list(TIMING_FILLS)
    assert [trace.y[0] for trace in figure.data] == pytest.approx([0.8, 0.1, 0.1, 0])
    assert [trace.customdata[0] for trace in figure.data] == ["8 of 10", "1 of 10", "1 of 10", "0 of 10"]
    assert list(figure.layout.xaxis.ticktext)[:2] == ["Jan<br>10", "Feb<br>10"]
    assert "80%" in figure.data[0].text[0]
    assert figure.data[3].text[0] == ""


@pytest.mark.parametrize("fills", [STATE_FILLS, WEEK_FILLS, TIMING_FILLS], ids=["plans", "weeks", "timing"])
def test_no_two_sorts_look_alike(fills):
    assert len({(fill.colour, fill.pattern) for fill in fills.values()}) == len(fills)


@pytest.mark.parametrize("fills", [WEEK_FILLS, TIMING_FILLS], ids=["weeks", "timing"])
def test_stacked_sorts_differ_without_colour(fills):
    """In a stack the pattern alone tells them apart, but for those that are solid: they lie at the bottom."""
    assert len({fill.pattern for fill in fills.values()}) == len(fills)
    assert next(iter(fills.values())).pattern == ""


def test_a_picture_is_told_in_words():
    assert alt("Weeks", ["w1", "w2"], {"Booked": [1, 2], "Not booked": [3, 1400]}) == (
        "Weeks. w1: booked 1, not booked 3; w2: booked 2, not booked 1,400."
    )
    assert alt("Plans", ["Paused"], {"": [2]}) == "Plans. Paused: 2."
    assert caseload.__doc__
