"""Lanes: rows of a picture that share one calendar, stacked from the top, each under a heading of its own.

Heights are in pixels, and so is the vertical axis: what fits is known when it is drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from lib.charts.palette import LINE, base_layout, ink, pale
from lib.words import day

Trace = dict[str, Any]
"""A trace as a dict: plotly's own objects take twice as long, each is checked and copied again."""

HEADING, GAP, NAME = 18, 5, 28
TOP, TICKS, SIDE = 28, 44, 10
KEY = 20


@dataclass(frozen=True)
class Span:
    """The days that a picture shows, first and last included."""

    first: pd.Timestamp
    last: pd.Timestamp

    def holds(self, starts_on: pd.Timestamp, ends_on: pd.Timestamp) -> bool:
        """Whether some of these days are shown; an end that is missing is never."""
        return starts_on <= self.last and (pd.isna(ends_on) or ends_on >= self.first)

    def clip(self, starts_on: pd.Timestamp, ends_on: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
        """The part of these days that is shown."""
        end = self.last if pd.isna(ends_on) else min(ends_on, self.last)
        return max(starts_on, self.first), end

    def share(self, on: pd.Timestamp) -> float:
        """Where a day lies: 0 at the left edge, 1 at the right."""
        return (on - self.first) / (self.last - self.first)


@dataclass(frozen=True)
class Part:
    """Some of a picture: traces, and the shapes and annotations of its layout."""

    traces: list[Trace] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)

    def __add__(self, other: "Part") -> "Part":
        return Part(self.traces + other.traces, self.shapes + other.shapes, self.annotations + other.annotations)


def records(frame: pd.DataFrame) -> list[Any]:
    """The rows of a frame, by attribute."""
    return list(frame.itertuples())


@dataclass(frozen=True)
class Lane:
    """One row: its heading (escaped already), its height in pixels, and what draws it around a middle.

    With `axis` (how it looks) its traces have a vertical axis of their own.
    """

    heading: str
    height: int
    draw: Callable[[float], Part] = lambda middle: Part()
    axis: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """Lanes with what lies behind them all, drawn around their middle in their height together.

    A `name` (escaped already) stands above them under a line.
    """

    lanes: Sequence[Lane]
    name: str = ""
    behind: Callable[[float, float], Part] = lambda middle, height: Part()

    @property
    def height(self) -> int:
        """The height of its lanes with their headings, and of its name."""
        return (NAME if self.name else 0) + sum(HEADING + lane.height + GAP for lane in self.lanes)


def stack(groups: Sequence[Group], span: Span, as_of: pd.Timestamp, axis: dict[str, Any]) -> go.Figure:
    """The groups' lanes from the top down over one horizontal axis, the as-of line through them."""
    whole = top = sum(group.height for group in groups)
    behind, part = Part(), Part(annotations=[_as_of_label(as_of, span)])
    axes: dict[str, Any] = {}
    for group in groups:
        behind += group.behind(top - group.height / 2, group.height)
        if group.name:
            part += Part(shapes=[_rule(top)], annotations=[_heading(group.name, top - GAP, 14)])
            top -= NAME
        for lane in group.lanes:
            ceiling, floor = top - HEADING, top - HEADING - lane.height
            drawn = lane.draw(floor + lane.height / 2)
            if lane.axis:
                number = len(axes) + 2
                axes[f"yaxis{number}"] = lane.axis | {"domain": [floor / whole, ceiling / whole], "anchor": "x"}
                drawn = replace(drawn, traces=[trace | {"yaxis": f"y{number}"} for trace in drawn.traces])
            line = [_as_of_line(as_of, floor - GAP, ceiling)] if span.holds(as_of, as_of) else []
            part += Part(shapes=line, annotations=[_heading(lane.heading, top)]) + drawn
            top = floor - GAP
    traces, shapes = _keyed(behind.traces + part.traces), _keyed(part.shapes)
    # room for the key in two columns, as on a phone
    keys = sum(one["showlegend"] for one in traces + shapes)
    below = TICKS + KEY * -(-keys // 2) + GAP
    layout = base_layout(TOP + whole + below) | {
        "margin": {"l": SIDE, "r": SIDE, "t": TOP, "b": below, "autoexpand": False},
        "xaxis": axis,
        "yaxis": {"range": [0, whole], "visible": False, "fixedrange": True},
        "shapes": shapes,
        "annotations": part.annotations,
    }
    figure = go.Figure(data=traces, layout=layout | axes)
    return figure.update_layout(legend_y=-TICKS / whole)


def bar(spans: Sequence[tuple[pd.Timestamp, pd.Timestamp]], middle: float, height: float, **look: Any) -> Trace:
    """Bars from the first to the last day of each span, `height` pixels high."""
    return dict(
        type="bar",
        base=[first.date() for first, _ in spans],
        x=[(last - first) / pd.Timedelta(milliseconds=1) for first, last in spans],
        y=[middle] * len(spans),
        width=height,
        orientation="h",
        showlegend=look.pop("showlegend", False),
        **look,
    )


def frame(span: tuple[pd.Timestamp, pd.Timestamp], middle: float, height: float, **line: Any) -> dict[str, Any]:
    """The outline of a bar; it shows a single day too, which has no width."""
    return {
        "type": "rect",
        "x0": span[0].date(),
        "x1": span[1].date(),
        "y0": middle - height / 2,
        "y1": middle + height / 2,
        "line": {"color": LINE, "width": 1.5} | line,
        "layer": "below",
    }


def _as_of_line(as_of: pd.Timestamp, floor: float, ceiling: float) -> dict[str, Any]:
    """The piece of the as-of line that crosses one lane; it leaves the headings free to read."""
    line = {"type": "line", "x0": as_of.date(), "x1": as_of.date(), "y0": floor, "y1": ceiling, "showlegend": False}
    return line | {"line": {"color": LINE, "width": 2.5}, "layer": "below"}


def _as_of_label(as_of: pd.Timestamp, span: Span) -> dict[str, Any]:
    """The as-of line's label, above it; near an edge it turns inwards, to stay on a phone's screen."""
    share = span.share(as_of)
    anchor = "left" if share < 0.25 else "right" if share > 0.75 else "center"
    beyond = "← " if share < 0 else ""
    after = " →" if share > 1 else ""
    on = min(max(as_of, span.first), span.last)
    place = {"x": on.date(), "xanchor": anchor, "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False}
    return place | {"text": ink(f"<b>{beyond}Shown for {day(as_of)}{after}</b>"), "font": {"size": 12}}


def _keyed(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Traces or shapes, the first of each name in the key."""
    named: set[str] = set()
    keyed = []
    for one in drawn:
        name = one.get("name", "")
        is_shown = bool(name) and name not in named and one.get("showlegend", True)
        if is_shown:
            named.add(name)
        keyed.append(one | {"showlegend": is_shown})
    return keyed


def _rule(top: float) -> dict[str, Any]:
    """The line over a group's name."""
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": top, "y1": top, "layer": "below"}
    return line | {"line": {"color": LINE, "width": 1}}


def _heading(text: str, top: float, size: int = 12) -> dict[str, Any]:
    place = {"xref": "paper", "x": 0, "xanchor": "left", "y": top, "yanchor": "top"}
    return place | {"text": ink(text), "align": "left", "showarrow": False, "borderpad": 0, "font": {"size": size}}


def calendar(span: Span) -> dict[str, Any]:
    """The horizontal axis of days."""
    return {
        "type": "date",
        "range": [span.first.date(), span.last.date()],
        "nticks": 7,
        "tickformatstops": [
            {"dtickrange": [None, "M1"], "value": "%d %b<br>%Y"},
            {"dtickrange": ["M1", "M12"], "value": "%b<br>%Y"},
            {"dtickrange": ["M12", None], "value": "%Y"},
        ],
        "tickangle": 0,
        "fixedrange": True,
        "showgrid": True,
        "gridcolor": pale(LINE, 0.2),
        "zeroline": False,
        "showline": True,
        "linecolor": LINE,
        "ticks": "outside",
        "tickcolor": LINE,
        "anchor": "y",
    }


STEPS = (1, 2, 4, 8, 13, 26, 52, 104, 208, 520)
MOST_TICKS = 7


def weeks(span: Span, origin: pd.Timestamp, title: str) -> dict[str, Any]:
    """The horizontal axis of days, its ticks counted in weeks from `origin`."""
    week = pd.Timedelta(weeks=1)
    whole = (span.last - span.first) / week
    step = next((some for some in STEPS if whole / some <= MOST_TICKS), STEPS[-1])
    first, last = -((origin - span.first) // (week * step)), (span.last - origin) // (week * step)
    numbers = [number * step for number in range(first, last + 1)]
    return calendar(span) | {
        "tickmode": "array",
        "tickvals": [(origin + number * week).date() for number in numbers],
        "ticktext": [f"{number:,}".replace("-", "−") for number in numbers],
        "title": {"text": title, "standoff": 2, "font": {"size": 12}},
    }
