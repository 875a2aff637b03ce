"""The patient's timeline: what was done, what is expected and what stands in the way, on one calendar."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from lib.charts.build import build_lanes
from lib.charts.lanes import Group, Lane, Part, Span, calendar, records, stack, weeks
from lib.charts.marks import visits_lane
from lib.charts.palette import plain
from lib.charts.pauses import closed_days, paused_days, pauses_lane
from lib.charts.scores import score_lanes
from lib.charts.windows import AHEAD, state, window_lanes
from lib.plan import Plan, done_sessions
from lib.schedule import Protocol
from lib.schedule.explain import visit_name
from lib.words import count, day
from lib.worklist import most_urgent_first

SOON = pd.DateOffset(months=6)
LEAST = pd.Timedelta(days=150)
EDGE = 0.035
NAME = 44
DAY = pd.Timedelta(days=1)

AXES = {"date": "Date", "first": "Session 1", "last": "Last session"}
"""By date, or in weeks since which session: of several plans, the first or the last of all."""
REACHES = {"all": "All", "series": "This series", "next": "Next six months"}
"""How much of the calendar is shown: a series is the planned sessions and the reviews."""


def patient_timeline(
    plans: Sequence[Plan],
    as_of: date,
    *,
    closures: pd.DataFrame | None = None,
    axis: str = "date",
    reach: str = "all",
    is_whole: bool = True,
) -> go.Figure:
    """The timeline of one plan, or of several stacked under their names, as judged on the day `as_of`.

    `closures` has starts_on, ends_on (the day the clinic reopens), reason. `axis` is one of AXES (by date where there
    is no session to count from) and `reach` one of REACHES. Where it is not `is_whole`, it goes without scores and
    the expected build. Windows that open more than 18 months after `as_of` are left out. Marks and windows carry
    customdata: the visit's date or the window's first day as ISO text, the kind, the number, the plan's id.
    """
    on = pd.Timestamp(as_of)
    plans = [plan.known(on) for plan in plans]
    span = shown_days(plans, on, reach)
    shut = pd.DataFrame(columns=["starts_on", "ends_on", "reason"]) if closures is None else closures
    groups = [_group(plan, shut, on, span, is_whole=is_whole, named=len(plans) > 1) for plan in plans]
    figure = stack(groups, span, on, _axis(plans, span, axis))
    # a name that does not fit its bar is left to the hover
    return figure.update_layout(uniformtext={"mode": "hide", "minsize": 10})


def shown_days(plans: Sequence[Plan], as_of: pd.Timestamp, reach: str = "all") -> Span:
    """The days to show: from a little before the first event to a little after the last, or after `as_of`."""
    if reach == "next":
        return Span(as_of - pd.Timedelta(weeks=2), as_of + SOON)
    limit = as_of + AHEAD
    days = [pd.Series([as_of])] if reach == "all" else []
    for plan in plans:
        rows = plan.rows if reach == "all" else plan.rows[plan.rows["kind"] != "maintenance"]
        windows = rows[rows["due_on"].notna() & rows["overdue_on"].notna() & (rows["due_on"] <= limit)]
        days += [rows["anchor_on"], rows["done_on"], windows["due_on"], windows["earliest_on"]]
        days += [windows["overdue_on"] - DAY]
        beside = plan.published
        days += [beside.loc[beside.index.isin(windows.index), end] for end in ("first_on", "last_on")]
        if reach == "all":
            holds = plan.holds[plan.holds["starts_on"] <= limit]
            ends = holds.loc[holds["ends_on"] <= limit, "ends_on"]
            days += [plan.visits["visit_date"], holds["starts_on"], ends]
    every = pd.concat([some.astype("datetime64[s]") for some in days]).dropna() if days else pd.Series([as_of])
    first, last = (every.min(), every.max()) if len(every) else (as_of, as_of)
    last = max(last, first + LEAST)
    edge = ((last - first) * EDGE).ceil("D")
    return Span(first - edge, last + edge)


def counted_from(plans: Sequence[Plan], axis: str) -> pd.Timestamp | None:
    """The session from which `axis` counts its weeks; None where there is none."""
    done = done_sessions(plans) if plans and axis != "date" else pd.Series()
    if done.empty:
        return None
    return done.min() if axis == "first" else done.max()


def timeline_alt(plans: Sequence[Plan], as_of: date, *, axis: str = "date", reach: str = "all") -> str:
    """The timeline in one sentence, its main point last, for a screen reader."""
    on = pd.Timestamp(as_of)
    known = [plan.known(on) for plan in plans]
    shown = f"Timeline shown for {day(as_of)}"
    if reach != "all":
        span = shown_days(known, on, reach)
        shown += f", from {day(span.first)} to {day(span.last)}"
    origin = counted_from(known, axis)
    if origin is not None:
        shown += f", in weeks since {_session(axis)} on {day(origin)}"
    points = [_point(plan, plan.protocol) for plan in plans if plan.protocol]
    if len(points) > 1:
        points = [f"{plan.name}: {point}" for plan, point in zip(plans, points, strict=False)]
    return f"{shown}: {'; '.join(points)}".removesuffix("?") + "."


def _group(
    plan: Plan, closures: pd.DataFrame, as_of: pd.Timestamp, span: Span, *, is_whole: bool, named: bool
) -> Group:
    """The lanes of one plan, under its name where there are several."""
    name = plan.name if len(plan.name) <= NAME else plan.name[: NAME - 1].rstrip() + "…"
    lanes: list[Lane] = [visits_lane(plan, as_of, span)]
    if plan.protocol:
        lanes += [*pauses_lane(plan.holds, as_of, span), *window_lanes(plan, plan.protocol, as_of, span)]
        if is_whole:
            lanes += score_lanes(plan.scored, span, plan.id)
            lanes += build_lanes(plan.visits, plan.protocol, as_of, span)

    def behind(middle: float, height: float) -> Part:
        return closed_days(closures, span, middle, height) + paused_days(plan.holds, span, middle, height)

    return Group(lanes, f"<b>{plain(name)}</b>" if named else "", behind)


def _axis(plans: Sequence[Plan], span: Span, axis: str) -> dict[str, Any]:
    origin = counted_from(plans, axis)
    if origin is None:
        return calendar(span)
    of_all = " of all" if len(plans) > 1 else ""
    return weeks(span, origin, f"weeks since {_session(axis)}{of_all}, {day(origin)}")


def _session(axis: str) -> str:
    return "session 1" if axis == "first" else "the last session"


def _point(plan: Plan, protocol: Protocol) -> str:
    """How far a plan has come, and what is the matter with it."""
    done = done_sessions([plan])
    so_far = f"{count(len(done), 'session')} done, the last on {day(done.max())}" if len(done) else "no session yet"
    return f"{so_far}; {_main_point(plan.rows, protocol)}"


def _main_point(rows: pd.DataFrame, protocol: Protocol) -> str:
    todo = rows[~rows["status"].isin(["done", "skipped", "projected"]) | rows["flag"].notna()]
    if todo.empty:
        return "nothing more is expected"
    row = records(most_urgent_first(todo))[0]
    return f"{visit_name(protocol, row.kind, row.number)} {state(row)}"
