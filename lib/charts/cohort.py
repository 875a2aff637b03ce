"""The cohort's small timelines: a lane per treatment plan, its events over the windows in which they are expected.

A lane has a line of its own for its name and state, so that no history, however crowded, runs into them. Below it stand
the visits, in front of the windows of sessions; windows of reviews are a thin strip at the lane's foot.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from lib.charts.aligned import (
    ALIGNMENTS,
    CALENDAR,
    FIRST,
    GAP,
    LANE,
    NAME,
    Axis,
    PlanLane,
    aligned,
    plan_lanes,
    spanned,
)
from lib.charts.backdrop import bars, closed, pauses, since, uprights, windows
from lib.charts.lanes import KEY, SIDE, Trace
from lib.charts.marks import levels, visit_style
from lib.charts.palette import LINE, STATUSES, STEADY, VISITS, base_layout, glyph, ink, lines, pale, plain
from lib.charts.windows import colour, state
from lib.history import known_visits
from lib.pauses import told_holds
from lib.schedule import Protocol
from lib.words import count, day

TICKS, FOOT = 42, 22
SIZE, SMALL, STEP, NEAR = 10, 6, 6, 0.03
OFFSETS = (0, STEP, -STEP)
LABEL = 57
"""How many letters of a lane's name and state fit a phone."""


def cohort_timelines(
    plans: pd.DataFrame,
    rows: pd.DataFrame,
    visits: pd.DataFrame,
    holds: pd.DataFrame,
    protocols: Mapping[str, Protocol],
    as_of: date,
    align: str = CALENDAR,
    *,
    closures: pd.DataFrame | None = None,
) -> go.Figure:
    """A lane for each of the plans, in their order, as judged on the day `as_of`; `align` is one of ALIGNMENTS.

    - plans: the columns of `lib.cohort.Cohort.plans`, and patient (the name); their protocol_id is a key of `protocols`
    - rows: of those plans, the rows of `expected_visits`; visits and holds: as for `patient_timeline`, and course_id
    - closures: as for `patient_timeline`; shown on the calendar only, for in weeks they lie elsewhere in each lane

    Whatever can be chosen carries its lane, from 0 on, as customdata. A plan without a session is aligned by its
    opening.
    """
    on = pd.Timestamp(as_of)
    axis = aligned(plans, align)
    lanes = plan_lanes(plans, rows, known_visits(visits, on), told_holds(holds, on), protocols, on, axis)
    axis = spanned(axis, lanes, on)
    shut = [] if closures is None else closed(closures, axis, LANE * len(lanes))
    traces = [
        *shut,
        *_stripes(lanes, axis, protocols),
        *pauses(lanes, axis),
        *windows(lanes, axis, protocols),
        *since(lanes, axis, on),
        *uprights(lanes, axis, on, align),
        *_visits(lanes, axis),
        *_names(lanes, axis),
    ]
    return go.Figure(traces, _layout(traces, len(lanes), axis, align, on))


def cohort_alt(plans: pd.DataFrame, align: str, as_of: date) -> str:
    """The picture in a sentence for a screen reader."""
    flagged = int(plans["flag"].notna().sum())
    return (
        f"Timelines of {count(len(plans), 'treatment plan')} aligned by {ALIGNMENTS[align].lower()}, shown for "
        f"{day(as_of)}; {flagged:,} with a flag. The table of these plans says how each stands."
    )


def plan_state(plan: Any) -> str:
    """How a plan stands, in a few words: how its telling visit does, or that it is closed."""
    return state(plan) if pd.isna(plan.closed_on) else f"plan closed {day(plan.closed_on)}"


def _stripes(lanes: list[PlanLane], axis: Axis, protocols: Mapping[str, Protocol]) -> Iterable[Trace]:
    """The ground of each lane, every other one tinted: wherever a lane is chosen, it is chosen."""
    if not lanes:
        return
    yield bars(
        axis,
        [(axis.first, axis.last)] * len(lanes),
        [lane.ceiling - LANE / 2 for lane in lanes],
        LANE,
        marker={"color": [pale(LINE, 0.09 if lane.number % 2 == 0 else 0) for lane in lanes], "line": {"width": 0}},
        customdata=[lane.number for lane in lanes],
        hovertext=[
            lines(
                str(lane.plan.patient),
                f"{lane.plan.area}, {protocols[lane.plan.protocol_id].name}",
                f"{_visit(lane.plan)}{plan_state(lane.plan)}",
            )
            for lane in lanes
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _visits(lanes: list[PlanLane], axis: Axis) -> Iterable[Trace]:
    """Every visit once, a trace for each look."""
    drawn = []
    for lane in lanes:
        places = [axis.place(lane.number, mark.day) for mark in lane.marks]
        heights = levels(map(axis.share, places), NEAR, len(OFFSETS))
        drawn += [
            (lane, mark, SMALL if is_small else SIZE, axis.x(place), lane.middle + OFFSETS[level])
            for mark, place, (level, is_small) in zip(lane.marks, places, heights, strict=True)
        ]
    for key, look in VISITS.items():
        some = [one for one in drawn if one[1].look == key]
        if some:
            yield dict(
                type="scatter",
                name=look.word,
                x=[x for *_, x, _ in some],
                y=[y for *_, y in some],
                mode="markers",
                marker={
                    "symbol": [mark.shape for _, mark, *_ in some],
                    "size": [size for _, _, size, *_ in some],
                    **visit_style(key),
                },
                customdata=[lane.number for lane, *_ in some],
                hovertext=[f"{plain(lane.plan.patient)}<br>{mark.hover}" for lane, mark, *_ in some],
                hovertemplate="%{hovertext}<extra></extra>",
                unselected=STEADY,
            )


def _names(lanes: list[PlanLane], axis: Axis) -> Iterable[Trace]:
    if lanes:
        several = pd.Series([lane.plan.patient_id for lane in lanes]).duplicated(keep=False)
        yield dict(
            type="scatter",
            x=[axis.x(axis.first)] * len(lanes),
            y=[lane.ceiling - NAME / 2 - 1 for lane in lanes],
            mode="text",
            text=[ink(_label(lane.plan, with_area=with_area)) for lane, with_area in zip(lanes, several, strict=True)],
            textposition="middle right",
            textfont={"size": 12},
            customdata=[lane.number for lane in lanes],
            hoverinfo="skip",
            unselected={"textfont": STEADY["textfont"]},
            showlegend=False,
        )


def _label(plan: Any, *, with_area: bool) -> str:
    """Name, area where the patient has several plans, and state, cut to what fits a phone: the name first."""
    said = f"{_visit(plan)}{plan_state(plan)}"
    area = f", {_cut(plan.area, 12)}" if with_area else ""
    name = _cut(plan.patient, max(LABEL - len(said) - len(area) - 4, 10))
    hue = STATUSES["lapsed"].colour if not pd.isna(plan.closed_on) else colour(plan)
    return f"<b>{plain(name)}</b>{plain(area)}  {glyph(hue)} {plain(said)}"


def _cut(text: object, most: int) -> str:
    whole = str(text)
    return whole if len(whole) <= most else whole[: most - 1].rstrip() + "…"


def _visit(plan: Any) -> str:
    """The telling visit before its state: "3: ", "M1: ", "Review: "."""
    if not pd.isna(plan.closed_on):
        return ""
    return {"session": f"{plan.number}: ", "maintenance": f"M{plan.number}: "}.get(plan.kind, "Review: ")


def _layout(traces: Sequence[Any], lanes: int, axis: Axis, align: str, as_of: pd.Timestamp) -> dict[str, Any]:
    keys = sum(trace.get("showlegend", True) for trace in traces)
    key = KEY * -(-keys // 2) + 2 * GAP
    whole = LANE * max(lanes, 1)
    scale: dict[str, Any] = {
        "range": [axis.x(axis.first), axis.x(axis.last)],
        "side": "top",
        "fixedrange": True,
        "nticks": 7,
        "tickangle": 0,
        "tickfont": {"size": 11},
        "gridcolor": pale(LINE, 0.25),
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": LINE,
        "linecolor": LINE,
        "showline": True,
    }
    said: dict[str, Any] = {"yref": "paper", "showarrow": False, "font": {"size": 12}}
    if axis.is_calendar:
        scale |= {"type": "date", "tickformat": "%b<br>%Y"}
        share = axis.share(as_of.toordinal())
        anchor = "left" if share < 0.25 else "right" if share > 0.75 else "center"  # near an edge it turns inwards
        said |= {"x": as_of.date(), "xanchor": anchor, "y": 0, "yanchor": "top"}
        said |= {"text": ink(f"<b>Shown for {day(as_of)}</b>")}
    else:
        scale |= {"type": "linear"}
        said |= {"xref": "paper", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "yshift": 21}
        said |= {"text": ink(f"Weeks since {'session 1' if align == FIRST else 'the last session'}")}
    layout = base_layout(key + TICKS + whole + FOOT) | {
        # the key takes fewer lines on a wide screen: what it leaves goes to the lanes
        "margin": {"l": SIDE, "r": SIDE, "t": TICKS, "b": FOOT, "autoexpand": True},
        "xaxis": scale,
        "yaxis": {"range": [0, whole], "visible": False, "fixedrange": True},
        "annotations": [said],
    }
    layout["legend"] |= {"y": 1 + (TICKS + GAP) / whole, "yanchor": "bottom", "traceorder": "normal", "entrywidth": 112}
    return layout
