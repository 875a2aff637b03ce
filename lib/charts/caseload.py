"""The pictures of the caseload: bars by kind, the coming weeks, and how sessions came, month by month.

Every bar carries its number, and what a colour says is said by a pattern and a word too. Nothing has to be tapped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from lib.charts.palette import (
    BOOKED,
    CLOSED,
    DONE,
    DUE,
    INK,
    LINE,
    OVERDUE,
    PAPER,
    STEADY,
    UNSAFE,
    base_layout,
    ink,
    pale,
    plain,
)

BAR, EDGE, TICKS, KEY, NAME, GAP = 34, 8, 44, 34, 24, 10
WEEKS_HEIGHT, EACH_HEIGHT, TIMING_HEIGHT = 456, 110, 456
HATCH: dict[str, Any] = {"fillmode": "overlay", "fgcolor": pale(INK, 0.45), "size": 6, "solidity": 0.15}
LEAST_SHARE = 0.07
"""A share below this has no room for its number; the table beside the picture has it."""


@dataclass(frozen=True)
class Fill:
    """How bars of one sort look: colour, pattern and its lines, edge, and the ink of the numbers in them."""

    colour: str
    pattern: str = ""
    edge: str = ""
    ink: str = INK
    hatch: str = HATCH["fgcolor"]

    @property
    def marker(self) -> dict[str, Any]:
        """plotly's marker."""
        edge = {"color": self.edge or self.colour, "width": 1}
        return {"color": self.colour, "line": edge} | (
            {"pattern": HATCH | {"shape": self.pattern, "fgcolor": self.hatch}} if self.pattern else {}
        )


OVERDUE_FILL = Fill(OVERDUE)
STATE_FILLS = {
    "not_started": Fill(DUE, edge=LINE),
    "in_series": Fill(BOOKED),
    "finished": Fill(DONE),
    "in_maintenance": Fill(DONE, "\\"),
    "paused": Fill(CLOSED, "/"),
    "not_heard_from": Fill(CLOSED),
}
WEEK_FILLS = {"Booked": Fill(BOOKED, ink=PAPER), "Not booked": Fill(DUE, "/", LINE)}
TIMING_FILLS = {
    "On time": Fill(DONE),
    "Early": Fill(pale(DONE, 0.25), "\\", DONE, "CanvasText", DONE),
    "Late": Fill(pale(DONE, 0.25), "/", DONE, "CanvasText", DONE),
    "Too soon": Fill(UNSAFE, "x"),
}


def kinds_chart(names: Sequence[str], numbers: Sequence[int], fills: Sequence[Fill]) -> go.Figure:
    """A bar for each name, from the top down, its number at its end."""
    most = max([*numbers, 1])
    markers = [fill.marker for fill in fills]
    trace = go.Bar(
        x=list(numbers),
        y=[plain(name) for name in names],
        orientation="h",
        marker={
            "color": [marker["color"] for marker in markers],
            "line": {"color": [marker["line"]["color"] for marker in markers], "width": 1},
            "pattern": HATCH | {"shape": [fill.pattern for fill in fills]},
        },
        text=[ink(f"{number:,}") for number in numbers],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:,}<extra></extra>",
        showlegend=False,
        unselected=STEADY,
    )
    layout = base_layout(BAR * len(names) + 2 * EDGE) | {
        "margin": {"l": 112, "r": 4, "t": EDGE, "b": EDGE, "autoexpand": False},
        "xaxis": {"visible": False, "fixedrange": True, "range": [0, most * 1.18]},
        "yaxis": {"autorange": "reversed", "fixedrange": True, "showgrid": False, "ticks": "", "type": "category"},
        "bargap": 0.3,
    }
    return go.Figure([trace], layout)


def weeks_chart(weeks: Sequence[str], numbers: Mapping[str, Sequence[int]]) -> go.Figure:
    """A column for each week, booked below and not booked above; `numbers` by the names of WEEK_FILLS."""
    traces = [_stack(name, weeks, numbers[name], fill) for name, fill in WEEK_FILLS.items()]
    layout = _columns(WEEKS_HEIGHT, weeks) | {
        "yaxis": _numbers(max(map(sum, zip(*numbers.values(), strict=True)), default=1))
    }
    return go.Figure(traces, layout)


def weeks_by_chart(weeks: Sequence[str], numbers: Mapping[str, Mapping[str, Sequence[int]]]) -> go.Figure:
    """The coming weeks of each practitioner, below one another and on one scale."""
    most = max((sum(week) for of in numbers.values() for week in zip(*of.values(), strict=True)), default=1)
    count = max(len(numbers), 1)
    whole = EACH_HEIGHT * count
    layout = _columns(whole + TICKS + KEY, weeks)
    traces: list[Any] = []
    names = []
    for place, (who, of) in enumerate(numbers.items()):
        axis = "" if place == 0 else str(place + 1)
        top = 1 - place / count
        traces += [
            _stack(name, weeks, of[name], fill, [""] * len(weeks)).update(yaxis=f"y{axis}", showlegend=place == 0)
            for name, fill in WEEK_FILLS.items()
        ]
        traces.append(_totals(weeks, of).update(yaxis=f"y{axis}"))
        layout[f"yaxis{axis}"] = _numbers(most * 1.25) | {
            "domain": [max(top - 1 / count + (GAP if place < count - 1 else 0) / whole, 0), top - NAME / whole],
            "anchor": "x",
            "nticks": 3,
        }
        corner = {"xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left", "yanchor": "top"}
        names.append(corner | {"text": ink(f"<b>{plain(who)}</b>"), "showarrow": False, "borderpad": 0})
    layout["xaxis"] |= {"anchor": f"y{count}" if count > 1 else "y"}
    return go.Figure(traces, layout | {"annotations": names})


def timing_chart(months: Sequence[str], numbers: Mapping[str, Sequence[int]]) -> go.Figure:
    """A column for each month, divided by how sessions came; `numbers` by the names of TIMING_FILLS."""
    totals = [sum(month) for month in zip(*numbers.values(), strict=True)]
    traces = []
    for name, fill in TIMING_FILLS.items():
        parts = [number / total if total else 0 for number, total in zip(numbers[name], totals, strict=True)]
        labels = [f"{share:.0%}" if share >= LEAST_SHARE else "" for share in parts]
        trace = _stack(name, months, parts, fill, labels)
        hover = [f"{number:,} of {total:,}" for number, total in zip(numbers[name], totals, strict=True)]
        traces.append(trace.update(customdata=hover, hovertemplate=f"%{{x}}<br>{name}: %{{customdata}}<extra></extra>"))
    layout = _columns(TIMING_HEIGHT, months)
    layout["margin"] |= {"t": 2 * KEY - 16}  # on a phone the key takes two lines
    layout["xaxis"]["ticktext"] = [
        f"{month[:3]}<br>{_short(total)}" for month, total in zip(months, totals, strict=True)
    ]
    corner = {"xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "right", "yanchor": "top", "yshift": -21}
    n = corner | {"text": "n =", "showarrow": False, "font": {"size": 11}, "xshift": -4}
    shares = _numbers(1) | {"tickformat": ".0%", "range": [0, 1], "nticks": 5}
    return go.Figure(traces, layout | {"yaxis": shares, "annotations": [n]})


def alt(title: str, names: Sequence[str], numbers: Mapping[str, Sequence[int]]) -> str:
    """A picture in a sentence for a screen reader: its title and all its numbers."""
    said = [
        f"{name}: " + ", ".join(f"{sort.lower()} {of[at]:,}" if sort else f"{of[at]:,}" for sort, of in numbers.items())
        for at, name in enumerate(names)
    ]
    return f"{title}. {'; '.join(said)}."


def _stack(
    name: str, over: Sequence[str], values: Sequence[float], fill: Fill, labels: Sequence[str] | None = None
) -> go.Bar:
    """One sort of a stack of columns over these names, its numbers inside."""
    texts = [f"{value:,}" if value else "" for value in values] if labels is None else labels
    return go.Bar(
        name=name,
        x=list(over),
        y=list(values),
        marker=fill.marker,
        text=[ink(text, fill.ink) if text else "" for text in texts],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        insidetextfont={"size": 11},
        hovertemplate=f"%{{x}}<br>{name}: %{{y:,}}<extra></extra>",
        unselected=STEADY,
    )


def _totals(over: Sequence[str], numbers: Mapping[str, Sequence[int]]) -> go.Scatter:
    """What each column adds up to, above it."""
    totals = [sum(column) for column in zip(*numbers.values(), strict=True)]
    return go.Scatter(
        x=list(over),
        y=totals,
        mode="text",
        text=[ink(f"{total:,}") for total in totals],
        textposition="top center",
        textfont={"size": 11},
        hoverinfo="skip",
        showlegend=False,
        cliponaxis=False,
    )


def _columns(height: int, names: Sequence[str]) -> dict[str, Any]:
    """The layout of columns over these names, the key above them."""
    layout = base_layout(height) | {
        "barmode": "stack",
        "uniformtext": {"mode": "hide", "minsize": 9},  # a number that does not fit its bar stands in the table
        "bargap": 0.15,
        "margin": {"l": 40, "r": 4, "t": KEY, "b": TICKS, "autoexpand": False},
        "xaxis": {
            "type": "category",
            "fixedrange": True,
            "showgrid": False,
            "tickangle": 0,
            "tickfont": {"size": 11},
            "range": [-0.5, len(names) - 0.5],
            "tickvals": list(names),
            "ticktext": [name.replace(" ", "<br>") for name in names],
            "linecolor": LINE,
        },
    }
    layout["legend"] |= {"y": 1, "yref": "container", "traceorder": "normal", "entrywidth": 84}
    return layout


def _numbers(most: float) -> dict[str, Any]:
    return {
        "fixedrange": True,
        "range": [0, most * 1.05 or 1],
        "gridcolor": pale(LINE, 0.25),
        "tickfont": {"size": 11},
        "nticks": 6,
        "zeroline": True,
        "zerolinecolor": LINE,
    }


def _short(number: int) -> str:
    return f"{number:,}" if number < 1000 else f"{number / 1000:.1f}k"
