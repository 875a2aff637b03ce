"""The expected collagen build with the sessions planned, and without them: an illustration, never a measurement."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from lib.charts.build import build_scale
from lib.charts.lanes import Span, calendar
from lib.charts.palette import BOOKED, LINE, base_layout, ink
from lib.response import build_ahead
from lib.schedule import Protocol
from lib.words import count, day

HEIGHT, TOP, BELOW, SIDE = 260, 24, 88, 10
BEFORE, AFTER, EDGE = pd.DateOffset(months=12), pd.DateOffset(months=9), pd.Timedelta(days=7)
LOOK = pd.DateOffset(months=6)
COMING, NOT_COMING = "With these sessions", "Without them"
MOST = 1.12


def plan_curves(sessions: pd.DataFrame, planned: Sequence[date], protocol: Protocol, today: date) -> go.Figure | None:
    """Both curves from the first session (at most a year back) to nine months after the last planned one.

    Sessions: day (datetime64) and depth_mm of those performed. None where the protocol has no curve.
    """
    days = _days(sessions, planned, today)
    curves = build_ahead(sessions, planned, protocol, days)
    if curves is None:
        return None
    span = Span(days[0] - EDGE, days[-1])
    parted = curves[curves["day"] >= pd.Timestamp(min(planned))]
    layout = base_layout(HEIGHT) | {
        "margin": {"l": SIDE, "r": SIDE, "t": TOP, "b": BELOW, "autoexpand": False},
        "xaxis": calendar(span),
        "yaxis": build_scale(MOST),
        "shapes": [_today(today)],
        "annotations": [
            _title(),
            _end(curves, "coming", "with", "bottom"),
            _end(curves, "not_coming", "without", "top"),
        ],
    }
    layout["legend"] |= {"y": -0.32, "entrywidth": 0}
    traces = [
        _curve(parted, "not_coming", NOT_COMING, LINE, "dash"),
        _curve(curves, "coming", COMING, BOOKED, "solid"),
        _marks(curves, sessions["day"].tolist(), "Done", "circle", BOOKED),
        _marks(curves, list(planned), "Booked or planned", "circle-open", BOOKED),
    ]
    return go.Figure([trace for trace in traces if len(trace.x)], layout)


def plan_said(sessions: pd.DataFrame, planned: Sequence[date], protocol: Protocol) -> str:
    """Both curves in a sentence: how they stand six months after the last planned session; empty without a curve."""
    on = pd.Timestamp(max(planned)) + LOOK
    curves = build_ahead(sessions, planned, protocol, pd.DatetimeIndex([on]))
    if curves is None:
        return ""
    coming, not_coming = curves[["coming", "not_coming"]].iloc[0]
    return (
        f"With {count(len(planned), 'session')} to come, the last on {day(max(planned))}, the illustration stands at"
        f" about {coming:.0%} six months later, on {day(on)}; without, at {not_coming:.0%}."
    )


def _days(sessions: pd.DataFrame, planned: Sequence[date], today: date) -> pd.DatetimeIndex:
    own = pd.DatetimeIndex([*sessions["day"], *map(pd.Timestamp, planned), pd.Timestamp(today)])
    first, last = max(own.min(), pd.Timestamp(today) - BEFORE), max(own) + AFTER
    return pd.date_range(first, last, freq="3D").union(own[own >= first]).union(pd.DatetimeIndex([last]))


def _curve(curves: pd.DataFrame, column: str, name: str, colour: str, dash: str) -> go.Scatter:
    return go.Scatter(
        name=name,
        x=[on.date() for on in curves["day"]],
        y=curves[column].round(3).tolist(),
        mode="lines",
        line={"color": colour, "width": 2.5, "dash": dash},
        hovertemplate="%{x|%d %b %Y}<br>" + name + " about %{y:.0%}<br>Not a measurement<extra></extra>",
    )


def _marks(curves: pd.DataFrame, days: list[Any], name: str, symbol: str, colour: str) -> go.Scatter:
    on = curves[curves["day"].isin(pd.to_datetime(days))]
    return go.Scatter(
        name=name,
        x=[one.date() for one in on["day"]],
        y=on["coming"].round(3).tolist(),
        mode="markers",
        marker={"symbol": symbol, "size": 11, "color": colour, "line": {"color": colour, "width": 2}},
        hovertemplate=name + ": %{x|%d %b %Y}<extra></extra>",
        cliponaxis=False,
    )


def _today(today: date) -> dict[str, Any]:
    line = {"type": "line", "x0": today, "x1": today, "yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    return line | {"line": {"color": LINE, "width": 2.5, "dash": "dot"}}


def _title() -> dict[str, Any]:
    place = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": 1, "yanchor": "bottom"}
    words = "<b>Expected collagen build</b>  (illustration)"
    return place | {"text": ink(words), "showarrow": False, "font": {"size": 12}, "borderpad": 0}


def _end(curves: pd.DataFrame, column: str, word: str, anchor: str) -> dict[str, Any]:
    """A curve's word at its end: above the one, below the other, so that they never meet."""
    last = curves.iloc[-1]
    place = {"x": last["day"].date(), "xanchor": "right", "y": float(last[column]), "yanchor": anchor}
    return place | {"text": ink(f"<b>{word}</b>"), "showarrow": False, "font": {"size": 12}, "borderpad": 2}
