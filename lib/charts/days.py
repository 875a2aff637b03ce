"""The strip of days in a form: which are too soon, in the window, paused or closed, and where the chosen one lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from lib.charts.lanes import Span, bar, calendar, frame, records
from lib.charts.palette import BOOKED, CLOSED, INK, LINE, PAPER, UNSAFE, base_layout, ink, pale, plain
from lib.words import TIMINGS, day, days_range

UPPER, LOWER, GAP = 20, 12, 3
WHOLE = UPPER + GAP + LOWER
TOP, TICKS, KEY, SIDE = 16, 23, 42, 10
AHEAD, LEAST = pd.Timedelta(weeks=12), pd.Timedelta(weeks=6)
EDGE = 0.04
DAY, NOON = pd.Timedelta(days=1), pd.Timedelta(hours=12)
DATES = [{"dtickrange": [None, "M1"], "value": "%d %b"}, {"dtickrange": ["M1", None], "value": "%b %Y"}]


@dataclass(frozen=True)
class Days:
    """What there is to know of the days on which an expected visit may be.

    `row` is an open row of `expected_visits`. Columns, dates as datetime64: holds starts_on, ends_on (missing:
    open-ended); closures starts_on, ends_on (the day the clinic reopens), reason. The days from `first` to `last` are
    chosen, mostly one.
    """

    row: Mapping[str, Any]
    holds: pd.DataFrame
    closures: pd.DataFrame
    today: date
    first: date
    last: date

    @property
    def span(self) -> Span:
        """From a little before today and the window to a little after both, the chosen days among them."""
        window = [on for on in (self.row["due_on"], self.row["overdue_on"]) if not pd.isna(on)]
        known = [pd.Timestamp(self.today), *window]
        days = [*known, pd.Timestamp(self.first), pd.Timestamp(self.last)]
        if len(window) < 2:
            days.append(max(known) + AHEAD)
        first, last = min(days), max(*days, min(days) + LEAST)
        edge = ((last - first) * EDGE).ceil("D")
        return Span(first - edge, last + edge)

    @property
    def needles(self) -> bool:
        """Whether it is a session, for which the skin has to be healed and treatment not paused."""
        return self.row["kind"] in ("session", "maintenance")

    @property
    def said(self) -> str:
        """The chosen days; of a single one also how it fits."""
        how = self._fits(pd.Timestamp(self.first)) if self.first == self.last else ""
        return days_range(self.first, self.last) + (f": {how}" if how else "")

    def _fits(self, on: pd.Timestamp) -> str:
        """How a day fits, in a few words; what forbids it comes first."""
        if _covered(self.closures, on):
            return "clinic closed"
        if self.needles and _covered(self.holds, on):
            return "during a pause"
        if on < self.row["earliest_on"]:
            return TIMINGS["too_soon"].lower() if self.needles else "an interim look"
        if on < self.row["due_on"]:
            return "before the window"
        if pd.isna(self.row["due_on"]):
            return ""
        return "after the window" if on >= self.row["overdue_on"] else "in the window"


@dataclass(frozen=True)
class Band:
    """Days of one sort: their word in the key, colour and pattern, and their spans, each with a sentence on it.

    A span ends where the next day begins, so that a day has its width.
    """

    word: str
    colour: str
    pattern: str
    middle: float
    height: float
    spans: list[tuple[pd.Timestamp, pd.Timestamp]]
    told: list[str]


def day_strip(days: Days) -> go.Figure:
    """The days in two lanes: above what the skin and the plan say, below what pauses and closures do."""
    bands = _bands(days)
    layout = base_layout(TOP + WHOLE + TICKS + KEY) | {
        "margin": {"l": SIDE, "r": SIDE, "t": TOP, "b": TICKS + KEY, "autoexpand": False},
        "xaxis": calendar(days.span) | {"nticks": 6, "tickformatstops": DATES, "tickfont": {"size": 11}},
        "yaxis": {"range": [0, WHOLE], "visible": False, "fixedrange": True},
        "shapes": [shape for band in bands for shape in _edges(band)],
        "annotations": [_label(days)],
    }
    # without a width of their own the words stand in one line on a desktop, in two on a phone
    layout["legend"] |= {"y": -TICKS / WHOLE, "entrywidth": 0, "traceorder": "normal"}
    return go.Figure([*map(_drawn, bands), _today(days), _chosen(days)], layout)


def day_strip_alt(days: Days) -> str:
    """The strip in one sentence, the chosen day last, for a screen reader."""
    told = [one.lower() for band in _bands(days) for one in band.told]
    shown = f"Days from {day(days.span.first)} to {day(days.span.last)}, today {day(days.today)}"
    return f"{'; '.join([shown, *told])}; chosen {days.said}."


def _bands(days: Days) -> list[Band]:
    """The sorts of days of which there are any in the picture."""
    above, below = (WHOLE - UPPER / 2, UPPER), (LOWER / 2, LOWER)
    soon, colour = ("Too soon", UNSAFE) if days.needles else ("Interim look", CLOSED)
    earliest, due = days.row["earliest_on"], days.row["due_on"]
    too_soon = [] if pd.isna(earliest) else [(days.span.first, earliest, f"{soon} before {day(earliest)}")]
    window = [] if pd.isna(due) else [_told("Window", due, days.row["overdue_on"])]
    pauses = [_told("Paused", hold.starts_on, hold.ends_on) for hold in records(days.holds) if days.needles]
    closed = [_told("Closed", one.starts_on, one.ends_on, one.reason) for one in records(days.closures)]
    bands = [
        _band(soon, colour, "x", *above, too_soon, days.span),
        _band("Window", BOOKED, "", *above, window, days.span),
        _band("Paused", LINE, "/", *below, pauses, days.span),
        _band("Closed", LINE, "|", *below, closed, days.span),
    ]
    return [band for band in bands if band.spans]


def _told(word: str, first: pd.Timestamp, end: pd.Timestamp, reason: str = "") -> tuple[Any, Any, str]:
    """Some days, and the same in words."""
    dates = f"from {day(first)}, no end set" if pd.isna(end) else days_range(first, end - DAY)
    return first, end, f"{word} {dates}" + (f": {reason}" if reason else "")


def _band(
    word: str, colour: str, pattern: str, middle: float, height: float, found: list[tuple[Any, Any, str]], span: Span
) -> Band:
    """What is in the picture of the days found."""
    shown = [(span.clip(first, end), told) for first, end, told in found]
    shown = [(days, told) for days, told in shown if days[0] < days[1]]
    return Band(word, colour, pattern, middle, height, [days for days, _ in shown], [told for _, told in shown])


def _drawn(band: Band) -> go.Bar:
    return bar(
        band.spans,
        band.middle,
        band.height,
        name=band.word,
        showlegend=True,
        marker={
            "color": pale(band.colour, 0.35),
            "line": {"color": band.colour, "width": 1},
            "pattern": {"shape": band.pattern, "fgcolor": band.colour, "size": 7, "solidity": 0.3},
        },
        hovertext=[plain(told) for told in band.told],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _edges(band: Band) -> list[dict[str, Any]]:
    """The outline of the window, the one band without a pattern."""
    if band.pattern:
        return []
    return [frame(span, band.middle, band.height, color=band.colour, width=2) for span in band.spans]


def _today(days: Days) -> go.Scatter:
    return go.Scatter(
        name="Today",
        x=[pd.Timestamp(days.today) + NOON] * 2,
        y=[0, WHOLE],
        mode="lines",
        line={"color": LINE, "width": 2.5, "dash": "dot"},
        hovertemplate=f"Today, {day(days.today)}<extra></extra>",
    )


def _chosen(days: Days) -> go.Scatter:
    """White with a dark edge, which shows on every band in both themes; two days have a line between them."""
    marked = [days.first] if days.first == days.last else [days.first, days.last]
    return go.Scatter(
        name="Chosen",
        x=[pd.Timestamp(one) + NOON for one in marked],
        y=[WHOLE - UPPER / 2] * len(marked),
        mode="lines+markers" if len(marked) > 1 else "markers",
        line={"color": LINE, "width": 3},
        marker={"symbol": "diamond", "size": 14, "color": PAPER, "line": {"color": INK, "width": 2}, "opacity": 1},
        hovertext=[day(one) for one in marked],
        hovertemplate="Chosen: %{hovertext}<extra></extra>",
        cliponaxis=False,
    )


def _label(days: Days) -> dict[str, Any]:
    """The chosen day and how it fits, above its mark; near an edge it turns inwards."""
    first, last = pd.Timestamp(days.first), pd.Timestamp(days.last)
    middle = first + (last - first) / 2
    share = days.span.share(middle)
    anchor = "left" if share < 0.35 else "right" if share > 0.65 else "center"
    place = {"x": middle + NOON, "xanchor": anchor, "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False}
    return place | {"text": ink(f"<b>{days.said}</b>"), "font": {"size": 12}, "borderpad": 0}


def _covered(spans: pd.DataFrame, on: pd.Timestamp) -> bool:
    return bool(((spans["starts_on"] <= on) & ~(spans["ends_on"] <= on)).any())
