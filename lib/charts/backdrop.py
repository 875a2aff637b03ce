"""What stands behind the visits in a cohort's lanes: closed and paused days, windows, days since, the day shown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from lib.charts.aligned import ALIGNMENTS, ROW, Axis, PlanLane
from lib.charts.lanes import Span, Trace
from lib.charts.palette import BOOKED, LINE, STATUSES, STEADY
from lib.charts.pauses import closed_days, hatched, hold_hover
from lib.charts.windows import shade, window_in_words
from lib.schedule import Protocol
from lib.words import day

WINDOW_WORDS = {status: look.word.lower() for status, look in STATUSES.items()} | {
    "on_hold": "paused",
    "skipped": "overtaken",
}
BEHIND = 2000
"""`legendrank` of what stands behind the visits: in the key it comes after them."""
WINDOW, STRIP = 14, 4


def bars(
    axis: Axis,
    spans: Sequence[tuple[int, int]],
    middles: Sequence[float],
    heights: Sequence[float] | float,
    **look: Any,
) -> Trace:
    """Bars from the first to the last place of each span, in one trace."""
    return dict(
        type="bar",
        base=[axis.x(first) for first, _ in spans],
        x=[axis.length(last - first) for first, last in spans],
        y=list(middles),
        width=heights,
        orientation="h",
        unselected=STEADY,
        **look,
    )


def closed(closures: pd.DataFrame, axis: Axis, height: float) -> Iterable[Trace]:
    """The days on which the clinic is closed over all lanes; a click on them still chooses the lane."""
    if axis.is_calendar:
        span = Span(pd.Timestamp.fromordinal(axis.first), pd.Timestamp.fromordinal(axis.last))
        for trace in closed_days(closures, span, height / 2, height).traces:
            yield trace | {"legendrank": BEHIND, "hoverinfo": "skip"}


def pauses(lanes: list[PlanLane], axis: Axis) -> Iterable[Trace]:
    """The paused days, hatched."""
    some = [(lane, *pause) for lane in lanes for pause in lane.pauses]
    if some:
        yield bars(
            axis,
            [(first, axis.last if last is None else last) for _, _, first, last in some],
            [lane.middle for lane, *_ in some],
            ROW,
            name="Paused days",
            legendrank=BEHIND,
            marker=hatched(hold.cause for _, hold, *_ in some),
            customdata=[lane.number for lane, *_ in some],
            hovertext=[hold_hover(hold) for _, hold, *_ in some],
            hovertemplate="%{hovertext}<extra></extra>",
        )


def windows(lanes: list[PlanLane], axis: Axis, protocols: Mapping[str, Protocol]) -> Iterable[Trace]:
    """The windows, a trace for each status, likely ones with a dashed edge."""
    for status, look in STATUSES.items():
        some = [(lane, *window) for lane in lanes for window in lane.windows if window[0].status == status]
        if not some:
            continue
        is_likely = status == "projected"
        middles, heights = zip(*(_band(lane, row) for lane, row, *_ in some), strict=True)
        yield bars(
            axis,
            [(first, last) for *_, first, last in some],
            middles,
            heights,
            name=f"Window: {WINDOW_WORDS[status]}",
            legendrank=BEHIND,
            showlegend=not is_likely,
            marker={"color": shade(some[0][1]), "line": {"color": look.outline, "width": 0 if is_likely else 1}},
            customdata=[lane.number for lane, *_ in some],
            hovertext=[window_in_words(row, protocols[lane.plan.protocol_id]) for lane, row, *_ in some],
            hovertemplate="%{hovertext}<extra></extra>",
        )
        if is_likely:
            edges = [
                (first, last, middle, height / 2)
                for (*_, first, last), middle, height in zip(some, middles, heights, strict=True)
            ]
            yield _strokes(
                [[axis.x(place) for place in (a, b, b, a, a)] for a, b, _, _ in edges],
                [[y - half, y - half, y + half, y + half, y - half] for _, _, y, half in edges],
                name="Likely window",
                legendrank=BEHIND,
                line={"color": BOOKED, "width": 1, "dash": "2px,2px"},
            )


def _band(lane: PlanLane, row: Any) -> tuple[float, int]:
    """Middle and height of a window: in the row of visits, or at its foot for a review."""
    is_session = row.kind in ("session", "maintenance")
    return (lane.middle, WINDOW) if is_session else (lane.floor + STRIP / 2, STRIP)


def since(lanes: list[PlanLane], axis: Axis, as_of: pd.Timestamp) -> Iterable[Trace]:
    """A thread from a window's last day to the day shown, where the visit is overdue."""
    for status, name in (("overdue", "Days overdue"), ("lapsed", "Days not heard from")):
        some = [(lane, row, last) for lane in lanes for row, _, last in lane.windows if row.status == status]
        if some:
            yield _strokes(
                [[axis.x(last), axis.x(axis.place(lane.number, as_of))] for lane, _, last in some],
                [[_band(lane, row)[0]] * 2 for lane, row, _ in some],
                name=name,
                legendrank=BEHIND,
                line={"color": STATUSES[status].colour, "width": 3},
            )


def uprights(lanes: list[PlanLane], axis: Axis, as_of: pd.Timestamp, align: str) -> Iterable[Trace]:
    """The day shown and the session by which lanes are aligned, in each lane below its name."""

    def upright(some: list[PlanLane], places: list[int], **look: Any) -> Trace:
        xs = [[axis.x(place)] * 2 for place in places]
        return _strokes(xs, [[lane.floor, lane.floor + ROW] for lane in some], legendrank=BEHIND + 1, **look)

    if not axis.is_calendar:
        yield upright(lanes, [0] * len(lanes), name=ALIGNMENTS[align], line={"color": LINE, "width": 1, "dash": "dot"})
    some = [lane for lane in lanes if axis.reaches(lane.plan)]
    days = [axis.place(lane.number, as_of) for lane in some]
    yield upright(some, days, name=f"Shown for {day(as_of)}", line={"color": LINE, "width": 2.5})


def _strokes(xs: list[list[Any]], ys: list[list[float]], **look: Any) -> Trace:
    """Lines apart from one another, in one trace."""
    return dict(
        type="scatter",
        x=[x for stroke in xs for x in (*stroke, None)],
        y=[y for stroke in ys for y in (*stroke, None)],
        mode="lines",
        hoverinfo="skip",
        **look,
    )
