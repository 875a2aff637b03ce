"""The published windows in the timeline, under those that the clinic has set for itself."""

import pandas as pd
import pytest

from lib.charts.palette import LINE
from lib.charts.timeline import REACHES
from tests.charts.course import Course, course, stacked
from tests.charts.own import CLINIC, own_protocol
from tests.charts.test_timeline import COURSES, drawn_days, texts, windows

OWN = own_protocol(reviews__outcome__window=CLINIC)
SESSIONS = ["2025-10-14 session completed", "2025-12-20 session completed", "2026-02-24 session completed"]
OWNS = {
    "finished": course(SESSIONS, protocol=OWN),
    "open": course(SESSIONS[:1], protocol=OWN, as_of="2025-11-20"),
    "paused": course(SESSIONS[:2], protocol=OWN, holds=[("2026-02-10", "2026-05-01", "medical", "Infection")]),
    "maintained": course(
        [*SESSIONS, "2026-05-04 session completed"], protocol=own_protocol(maintenance=("2 months", "3 months"))
    ),
}


def strips(figure) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """The first and last day of every published window that is drawn."""
    return [
        (pd.Timestamp(first), pd.Timestamp(first) + length * pd.Timedelta("1ms"))
        for trace in figure.data
        if trace.name == "Published window"
        for first, length in zip(trace.base, trace.x, strict=True)
    ]


@pytest.mark.parametrize("name", OWNS)
def test_every_published_window_is_drawn_once_from_its_first_to_its_last_day(name):
    """Whole, on the calendar that shows all."""
    one = OWNS[name]
    wanted = one.plan.published[["first_on", "last_on"]]
    assert sorted(strips(one.figure)) == sorted(wanted.itertuples(index=False, name=None))
    assert len(wanted) >= 1


@pytest.mark.parametrize("reach", REACHES)
@pytest.mark.parametrize("name", OWNS)
def test_all_lies_inside_the_calendar(name, reach):
    """Whatever part of it is shown."""
    figure = OWNS[name].drawn(reach=reach)
    first, last = map(pd.Timestamp, figure.layout.xaxis.range)
    assert all(first <= on <= last for on in drawn_days(figure))


@pytest.mark.parametrize("name", COURSES)
def test_published_numbers_alone_draw_nothing_more(name):
    """Under a shipped protocol the windows are the published ones."""
    assert strips(COURSES[name].figure) == []


def test_windows_of_far_maintenance_have_none():
    """A window left out of the picture takes the published one with it."""
    late = OWNS["finished"]
    early = Course(**{**vars(late), "as_of": pd.Timestamp("2024-01-01")})
    assert windows(early.figure) == strips(early.figure) == []


def test_it_is_pale_thin_and_under_its_window():
    """Between the window and the next lane, and once in the key, however many plans."""
    figure = stacked([OWNS["finished"], OWNS["finished"]])
    under = [trace for trace in figure.data if trace.name == "Published window"]
    above = [trace for trace in figure.data if (trace.name or "").startswith("Window: ")]
    assert [trace.showlegend for trace in under] == [True] + [False] * (len(under) - 1)
    assert {trace.marker.line.color for trace in under} == {LINE}
    for trace in under:
        top = trace.y[0] + trace.width / 2
        assert any(0 < window.y[0] - window.width / 2 - top < 4 for window in above)


def test_agreed_dates_and_published_windows_lie_apart():
    """Both stand under the lane's windows, one over the other."""
    agreed = [("session", "2025-12-21", "2026-02-20", "2026-02-28", None)]
    figure = course(SESSIONS[:2], protocol=OWN, agreements=agreed).figure
    dates, published = (
        next(trace for trace in figure.data if trace.name == name) for name in ("Agreed dates", "Published window")
    )
    assert dates.y[0] - dates.width / 2 > published.y[0] + published.width / 2


def test_its_hover_says_dates_then_what_then_both_numbers():
    """What the clinic typed as its source is escaped; what moved the clinic's own window is said."""
    told = next(trace for trace in OWNS["paused"].figure.data if trace.name == "Published window").hovertext
    assert told[0].replace("<br>", " ") == (
        "11–25 Nov 2025 Session 2 Published: 4–6 weeks (practice: articles 2, 3) "
        "This clinic: 8–10 weeks (clinic: set &lt;b&gt;for&lt;/b&gt; oily skin)"
    )
    assert told[0].startswith("11–25 Nov 2025<br>Session 2<br>Published: ")
    assert "moved by the pause 10 Feb – 30 Apr 2026" in told[1].replace("<br>", " ")
    assert not any("<b>for" in text for text in texts(OWNS["paused"].figure.to_dict()))
