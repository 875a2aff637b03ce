"""The strip of days in a form, read back from the figure's traces and layout."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.charts.days import Days, day_strip, day_strip_alt
from tests.charts.course import Course, course

TODAY = date(2026, 3, 3)
ONCE = ["2026-02-24 session completed 1.5"]
MS = pd.Timedelta(milliseconds=1)


def days(of: Course, first: date, last: date | None = None, kind: str = "session") -> Days:
    """What a form knows of the days of a course's open row of that kind."""
    open_rows = of.rows[of.rows["status"].isin(["on_hold", "upcoming", "due", "overdue", "lapsed"])].astype(object)
    row = open_rows[open_rows["kind"] == kind].to_dict("records")[0]
    return Days(row, of.holds, of.closures, of.as_of.date(), first, last or first)


def spans(figure, word: str) -> list[tuple[date, date]]:
    """The bands of that word, each from its first day to the day after its last."""
    return [
        (pd.Timestamp(first).date(), (pd.Timestamp(first) + length * MS).date())
        for trace in figure.data
        if trace.name == word
        for first, length in zip(trace.base, trace.x, strict=True)
    ]


def shown(figure) -> tuple[date, date]:
    """The first and the last day of the axis."""
    first, last = figure.layout.xaxis.range
    return pd.Timestamp(first).date(), pd.Timestamp(last).date()


def marked(figure, word: str) -> list[date]:
    """Where the marks of that word stand."""
    return [pd.Timestamp(on).date() for trace in figure.data if trace.name == word for on in trace.x]


def label(figure) -> str:
    """What stands above the strip."""
    return figure.layout.annotations[0].text


def test_the_window_has_the_row_s_own_edges():
    """From due_on up to overdue_on, the day after its last; the alternative text says both days."""
    of = days(course(ONCE), date(2026, 3, 30))
    assert spans(day_strip(of), "Window") == [(of.row["due_on"].date(), of.row["overdue_on"].date())]
    assert spans(day_strip(of), "Window") == [(date(2026, 3, 24), date(2026, 4, 8))]
    assert "window 24 mar – 07 apr 2026" in day_strip_alt(of).lower()


@pytest.mark.parametrize(
    ("chosen", "how"),
    [
        (date(2026, 3, 23), "too soon: skin not healed"),
        (date(2026, 3, 24), "in the window"),
        (date(2026, 4, 7), "in the window"),
        (date(2026, 4, 8), "after the window"),
    ],
)
def test_a_day_lies_in_the_band_that_its_words_say(chosen, how):
    """Up to the last day before the skin has healed it is too soon; the window's last day still fits."""
    of = days(course(ONCE), chosen)
    figure = day_strip(of)
    ((_, healed),) = spans(figure, "Too soon")
    ((first, end),) = spans(figure, "Window")
    assert (chosen < healed, first <= chosen < end) == (how.startswith("too soon"), how == "in the window")
    assert marked(figure, "Chosen") == [chosen]
    assert f"{chosen:%d %b %Y}: {how}" in label(figure)
    assert day_strip_alt(of).endswith(f"chosen {chosen:%d %b %Y}: {how}.")


@pytest.mark.parametrize("ahead", [-400, -20, 0, 1, 45, 730])
def test_the_chosen_day_and_today_are_always_shown(ahead):
    """However far from the window it lies, and the mark follows it."""
    chosen = TODAY + timedelta(days=ahead)
    figure = day_strip(days(course(ONCE), chosen))
    first, last = shown(figure)
    assert first < min(chosen, TODAY)
    assert max(chosen, TODAY) < last
    assert marked(figure, "Chosen") == [chosen]
    assert set(marked(figure, "Today")) == {TODAY}
    assert figure.layout.xaxis.type == "date"


def test_without_a_window_twelve_weeks_are_shown():
    """A pause with no end leaves none, and is drawn up to the picture's edge."""
    of = days(course(ONCE, holds=[("2026-03-01", None, "medical", "Isotretinoin")]), date(2026, 3, 4))
    figure = day_strip(of)
    first, last = shown(figure)
    assert first < TODAY < TODAY + timedelta(weeks=12) < last
    assert spans(figure, "Paused") == [(date(2026, 3, 1), last)]
    assert "during a pause" in label(figure)
    assert "paused from 01 mar 2026, no end set" in day_strip_alt(of).lower()


def test_a_pause_and_a_closure_are_drawn_with_their_days():
    """The day on which treatment may resume, or the clinic reopens, belongs to neither."""
    holds, closures = [("2026-03-10", "2026-03-26", "wish", "Travel")], [("2026-04-02", "2026-04-06", "Easter <b>")]
    with_both = course(ONCE, holds=holds, closures=closures)
    figure = day_strip(days(with_both, date(2026, 4, 5)))
    assert spans(figure, "Paused") == [(date(2026, 3, 10), date(2026, 3, 26))]
    assert spans(figure, "Closed") == [(date(2026, 4, 2), date(2026, 4, 6))]
    assert "clinic closed" in label(figure)
    said = next(trace for trace in figure.data if trace.name == "Closed").hovertext
    assert list(said) == ["Closed 02–05 Apr 2026: Easter &lt;b&gt;"]
    for day, how in ((date(2026, 3, 25), "during a pause"), (date(2026, 3, 26), "in the window")):
        assert how in label(day_strip(days(with_both, day)))


def test_a_closure_outside_the_days_shown_is_not_drawn():
    """Neither one long past nor one far ahead has a place in the picture or its key."""
    far = course(ONCE, closures=[("2025-12-24", "2026-01-02", "Christmas"), ("2026-12-24", "2027-01-02", "Christmas")])
    of = days(far, date(2026, 3, 30))
    assert "Closed" not in {trace.name for trace in day_strip(of).data}
    assert "closed" not in day_strip_alt(of)


def test_a_review_needs_no_healed_skin():
    """Before its earliest day it is an interim look, and a pause of needling does not concern it."""
    reviewed = course(ONCE, planned=1, holds=[("2026-03-01", "2026-03-20", "medical", "Rash")])
    figure = day_strip(days(reviewed, date(2026, 3, 4), kind="review"))
    names = {trace.name for trace in figure.data}
    assert "Interim look" in names
    assert not names & {"Too soon", "Paused"}
    assert "an interim look" in label(figure)


def test_two_chosen_days_are_both_marked():
    """Agreed dates are shown from the first to the last."""
    of = days(course(ONCE), date(2026, 4, 1), date(2026, 4, 20))
    assert marked(day_strip(of), "Chosen") == [date(2026, 4, 1), date(2026, 4, 20)]
    assert day_strip_alt(of).endswith("chosen 01–20 Apr 2026.")


def test_every_sort_of_day_has_a_word_a_colour_and_a_pattern_of_its_own():
    """In the key each differs from the others in colour or lane, and in its pattern too."""
    all_sorts = course(
        ONCE, holds=[("2026-03-10", "2026-03-20", "wish", "x")], closures=[("2026-04-02", "2026-04-06", "x")]
    )
    bars = [trace for trace in day_strip(days(all_sorts, date(2026, 3, 30))).data if trace.type == "bar"]
    assert [trace.name for trace in bars] == ["Too soon", "Window", "Paused", "Closed"]
    assert all(trace.showlegend for trace in bars)
    assert len({trace.marker.pattern.shape for trace in bars}) == len(bars)
    assert len({(trace.marker.color, trace.y[0]) for trace in bars}) == 3


@given(
    chosen=st.integers(-300, 700),
    held=st.tuples(st.integers(-100, 200), st.one_of(st.none(), st.integers(1, 300))),
    shut=st.tuples(st.integers(-400, 900), st.integers(1, 40)),
)
@settings(max_examples=60, deadline=None)
def test_nothing_is_drawn_outside_the_days_shown(chosen, held, shut):
    """Whatever pauses and closures there are, every band has days and lies inside the axis."""
    day = lambda days: (TODAY + timedelta(days=days)).isoformat()  # noqa: E731
    hold = (day(held[0]), None if held[1] is None else day(held[0] + held[1]), "medical", "x")
    of = course(ONCE, holds=[hold], closures=[(day(shut[0]), day(sum(shut)), "x")])
    figure = day_strip(days(of, TODAY + timedelta(days=chosen)))
    first, last = shown(figure)
    for word in ("Too soon", "Window", "Paused", "Closed"):
        assert all(first <= begins < ends <= last for begins, ends in spans(figure, word))
