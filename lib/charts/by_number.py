"""The share of sessions by number that came on time, early, late, too soon or not at all."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from lib.charts.caseload import LEAST_SHARE, TIMING_FILLS, Fill
from lib.charts.palette import OVERDUE, STEADY, base_layout, ink

NOT_DONE = "Not done"
FILLS = TIMING_FILLS | {NOT_DONE: Fill(OVERDUE, "+")}
"""What came of a session, by its word on the screen."""
BAR, KEY, LEFT = 42, 68, 92


def by_number_chart(
    numbers: Sequence[int], counts: Mapping[str, Sequence[int]], still_open: Sequence[int]
) -> go.Figure:
    """A bar for each session number, divided by what came of it; `counts` by the names of FILLS."""
    totals = [sum(one) for one in zip(*counts.values(), strict=True)]
    names = [f"Session {number}" for number in numbers]
    traces = [_trace(name, names, counts[name], totals) for name in FILLS]
    layout = base_layout(KEY + BAR * len(names) + 4) | {
        "barmode": "stack",
        "bargap": 0.25,
        "uniformtext": {"mode": "hide", "minsize": 9},  # a share that does not fit its bar stands in the table
        "margin": {"l": LEFT, "r": 4, "t": KEY, "b": 4, "autoexpand": False},
        "xaxis": {"visible": False, "fixedrange": True, "range": [0, 1]},
        "yaxis": {
            "type": "category",
            "autorange": "reversed",
            "fixedrange": True,
            "showgrid": False,
            "tickvals": names,
            "ticktext": [
                f"{name}<br>n = {total:,}, {open_:,} open"
                for name, total, open_ in zip(names, totals, still_open, strict=True)
            ],
            "tickfont": {"size": 11},
        },
    }
    layout["legend"] |= {"xref": "container", "y": 1, "yref": "container", "traceorder": "normal", "entrywidth": 70}
    return go.Figure(traces, layout)


def _trace(name: str, over: Sequence[str], numbers: Sequence[int], totals: Sequence[int]) -> go.Bar:
    fill = FILLS[name]
    shares = [number / total if total else 0 for number, total in zip(numbers, totals, strict=True)]
    return go.Bar(
        name=name,
        x=shares,
        y=list(over),
        orientation="h",
        marker=fill.marker,
        text=[ink(f"{share:.0%}", fill.ink) if share >= LEAST_SHARE else "" for share in shares],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        insidetextfont={"size": 11},
        customdata=[f"{number:,} of {total:,}" for number, total in zip(numbers, totals, strict=True)],
        hovertemplate=f"%{{y}}<br>{name}: %{{customdata}}<extra></extra>",
        unselected=STEADY,
    )
