"""The two curves of planning ahead, read back from the figure's traces."""

from datetime import date

import pandas as pd

from lib.charts.plan_ahead import COMING, NOT_COMING, plan_curves, plan_said
from lib.response import build_ahead
from tests.charts.course import PROTOCOLS

TODAY = date(2026, 3, 3)
PROTOCOL = PROTOCOLS["acne-scars"]
DONE = pd.DataFrame({"day": pd.to_datetime(["2026-02-24"]), "depth_mm": [1.5]})
NONE = DONE.head(0)


def trace(figure, name: str):
    """The trace of that name."""
    return next(one for one in figure.data if one.name == name)


def test_the_curves_are_told_apart_by_dash_and_word():
    """And are those of the illustration; they part on the planned day."""
    planned = [date(2026, 3, 31)]
    figure = plan_curves(DONE, planned, PROTOCOL, TODAY)
    coming, without = trace(figure, COMING), trace(figure, NOT_COMING)
    assert (coming.line.dash, without.line.dash) == ("solid", "dash")
    assert {"with", "without"} <= {note.text.split("<b>")[-1].split("</b>")[0] for note in figure.layout.annotations}
    assert any("illustration" in note.text for note in figure.layout.annotations)
    assert without.x[0] == planned[0]
    days = pd.DatetimeIndex(without.x)
    assert list(without.y) == build_ahead(DONE, planned, PROTOCOL, days)["not_coming"].round(3).tolist()
    assert coming.y[-1] > without.y[-1]


def test_marks_stand_on_their_own_days():
    """What was done is filled, what is planned is hollow; a session of years ago lies outside the picture."""
    planned = [date(2026, 3, 31), date(2026, 5, 1)]
    old = pd.concat([DONE, pd.DataFrame({"day": pd.to_datetime(["2019-05-01"]), "depth_mm": [1.0]})])
    figure = plan_curves(old, planned, PROTOCOL, TODAY)
    assert list(trace(figure, "Done").x) == [date(2026, 2, 24)]
    assert list(trace(figure, "Booked or planned").x) == planned
    assert trace(figure, "Booked or planned").marker.symbol == "circle-open"


def test_before_the_first_session_there_is_nothing_done():
    """Without them the curve lies on the ground."""
    figure = plan_curves(NONE, [date(2026, 3, 31)], PROTOCOL, TODAY)
    assert {one.name for one in figure.data} == {COMING, NOT_COMING, "Booked or planned"}
    assert set(trace(figure, NOT_COMING).y) == {0}


def test_a_protocol_without_a_curve_has_no_picture():
    """And nothing to say."""
    plain = PROTOCOL.model_copy(update={"curve": None})
    assert plan_curves(DONE, [TODAY], plain, TODAY) is None
    assert plan_said(DONE, [TODAY], plain) == ""


def test_the_sentence_says_both_and_that_it_is_an_illustration():
    """Six months after the last planned session, at the month's last day."""
    assert plan_said(NONE, [date(2026, 8, 31)], PROTOCOL) == (
        "With 1 session to come, the last on 31 Aug 2026, the illustration stands at about 35% six months later, on"
        " 28 Feb 2027; without, at 0%."
    )
