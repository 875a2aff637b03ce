"""The lanes of the skin: the expected collagen build, and the phases after the latest session."""

from typing import Any

import pandas as pd

from lib.charts.lanes import Lane, Part, Span, bar, records
from lib.charts.palette import INK, LINE, PAPER, STEADY, STRIP, STRIP_NOW, ink, lines, pale, plain, wrapped
from lib.response import collagen_build, current_phases, phase_days
from lib.schedule.protocols import Protocol
from lib.words import days_range

CURVE, STRIP_HEIGHT, POINTS = 84, 22, 240
TITLE = "<b>Expected collagen build</b>  (illustration)"


def build_lanes(visits: pd.DataFrame, protocol: Protocol, as_of: pd.Timestamp, span: Span) -> list[Lane]:
    """The curve of the plan's sessions performed by `as_of`, and the phases after the last of them."""
    done = (visits["kind"] == "session") & (visits["status"] == "completed") & (visits["visit_date"] <= as_of)
    if "course_id" in visits:
        done &= visits["course_id"].notna()
    sessions = visits.loc[done, ["visit_date", "depth_mm"]].rename(columns={"visit_date": "day"})
    if sessions.empty:
        return [Lane("<b>Expected collagen build</b>  begins with session 1", 0)] if protocol.curve else []
    lanes = [_curve_lane(sessions, protocol, span)] if protocol.curve else []
    return lanes + ([_phases_lane(sessions["day"].max(), protocol, as_of, span)] if protocol.phases else [])


def _curve_lane(sessions: pd.DataFrame, protocol: Protocol, span: Span) -> Lane:
    first = max(sessions["day"].min(), span.first)
    length = (span.last - first).days
    days = pd.date_range(first, span.last, freq=f"{max(1, length // POINTS)}D")
    # the sessions' own days, so that no rise is cut off
    own = pd.DatetimeIndex(sessions.loc[sessions["day"].between(first, span.last), "day"])
    days = days.union(own).union(pd.DatetimeIndex([span.last] if first <= span.last else []))
    curve = collagen_build(sessions, protocol, days)
    trace = dict(
        type="scatter",
        name="Expected collagen build",
        x=[on.date() for on in days],
        y=curve["build"].round(3).tolist() if curve is not None else [],
        mode="lines",
        line={"color": LINE, "width": 2},
        fill="tozeroy",
        fillcolor=pale(LINE, 0.18),
        hovertemplate="%{x|%d %b %Y}<br>Expected build about %{y:.0%}<br>Not a measurement<extra></extra>",
        showlegend=False,
    )
    return Lane(TITLE, CURVE, lambda middle: Part([trace]), build_scale(1.25))


def build_scale(most: float) -> dict[str, Any]:
    """The vertical axis of an expected build, from none to a little over full: `most`."""
    return {
        "range": [0, most],
        "tickvals": [0.5, 1],
        "ticktext": ["half", "full"],
        "ticklabelposition": "inside top",
        "tickfont": {"size": 10, "color": LINE},
        "fixedrange": True,
        "gridcolor": pale(LINE, 0.25),
        "zeroline": True,
        "zerolinecolor": LINE,
    }


def _phases_lane(last: pd.Timestamp, protocol: Protocol, as_of: pd.Timestamp, span: Span) -> Lane:
    now = [phase.name for phase in current_phases(protocol, last, as_of)]
    dates = phase_days(protocol, last)
    dates = dates[(dates["starts_on"] <= span.last) & (dates["ends_on"] >= span.first)]
    heading = f"<b>Day {(as_of - last).days:,} after session</b>"
    if now:
        heading += "  ■ " + plain(" · ".join(now))
    current = dates["name"].isin(now)

    def draw(middle: float) -> Part:
        if dates.empty:
            return Part()
        return Part(
            [
                bar(
                    [span.clip(phase.starts_on, phase.ends_on) for phase in records(dates)],
                    middle,
                    STRIP_HEIGHT,
                    name="Phases",
                    marker={
                        "color": [STRIP_NOW if on else STRIP for on in current],
                        "line": {"color": LINE, "width": 1},
                    },
                    text=[
                        ink(plain(name), PAPER if on else INK) for name, on in zip(dates["name"], current, strict=True)
                    ],
                    textposition="inside",
                    insidetextanchor="middle",
                    textangle=0,
                    insidetextfont={"size": 11},
                    hovertext=[_hover(phase) for phase in records(dates)],
                    hovertemplate="%{hovertext}<extra></extra>",
                    unselected=STEADY,
                )
            ]
        )

    return Lane(heading, STRIP_HEIGHT + 4, draw)


def _hover(phase: Any) -> str:
    return "<br>".join([lines(days_range(phase.starts_on, phase.ends_on), phase.name), wrapped(phase.sees)])
