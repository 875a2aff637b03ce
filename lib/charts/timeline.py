"""The patient's timeline: what was done, what is expected and what stands in the way, on one calendar."""

from datetime import date

import pandas as pd
import plotly.graph_objects as go

from lib.charts.build import build_lanes
from lib.charts.lanes import Lane, Span, records, stack
from lib.charts.marks import visits_lane
from lib.charts.pauses import behind, pauses_lane, told_holds
from lib.charts.windows import state, window_lanes
from lib.history import known_visits
from lib.schedule.protocols import Protocol
from lib.words import FLAGS, count, day

AHEAD = pd.DateOffset(months=18)
LEAST = pd.Timedelta(days=150)
EDGE = 0.035
DAY = pd.Timedelta(days=1)


def patient_timeline(
    rows: pd.DataFrame,
    visits: pd.DataFrame,
    holds: pd.DataFrame,
    protocol: Protocol,
    as_of: date,
    *,
    closures: pd.DataFrame | None = None,
    is_whole: bool = True,
) -> go.Figure:
    """The timeline of one course as judged on the day `as_of`; without the expected build where it is not `is_whole`.

    Columns, dates as datetime64 (in brackets: may be absent):

    - rows: the course's rows of `expected_visits`, all columns
    - visits: kind (session, review; any other is shown as an other visit), visit_date, status, depth_mm (mm),
      [recorded_on], [cancelled_on]
    - holds: starts_on, ends_on (missing: open-ended), cause (medical, wish), reason, [recorded_on]
    - closures: starts_on, ends_on (the day the clinic reopens), reason

    Windows that open more than 18 months after `as_of` are left out. Marks and windows carry customdata: the visit's
    date or the window's first day as ISO text, the kind, the number.
    """
    on = pd.Timestamp(as_of)
    holds = told_holds(holds, on)
    visits = known_visits(visits, on)
    span = visible(rows, visits, holds, on)
    holds = holds[holds["starts_on"] <= span.last]
    if closures is None:
        closures = pd.DataFrame(columns=["starts_on", "ends_on", "reason"])
    lanes: list[Lane] = [
        visits_lane(rows, visits, protocol, on, span),
        *pauses_lane(holds, on, span),
        *window_lanes(rows, protocol, on, span),
        *(build_lanes(visits, protocol, on, span) if is_whole else []),
    ]
    figure = stack(lanes, span, on, lambda whole: behind(holds, closures, span, whole))
    # a name that does not fit its bar is left to the hover
    return figure.update_layout(uniformtext={"mode": "hide", "minsize": 10})


def visible(rows: pd.DataFrame, visits: pd.DataFrame, holds: pd.DataFrame, as_of: pd.Timestamp) -> Span:
    """The days to show: from a little before the first event to a little after the last, or after `as_of`."""
    limit = as_of + AHEAD
    windows = rows[rows["due_on"].notna() & rows["overdue_on"].notna() & (rows["due_on"] <= limit)]
    days = [
        pd.Series([as_of]),
        visits["visit_date"],
        rows["anchor_on"],
        windows["due_on"],
        windows["earliest_on"],
        windows["overdue_on"] - DAY,
        holds.loc[holds["starts_on"] <= limit, "starts_on"],
        holds.loc[holds["ends_on"] <= limit, "ends_on"],
    ]
    every = pd.concat([some.astype("datetime64[s]") for some in days]).dropna()
    first, last = every.min(), every.max()
    last = max(last, first + LEAST)
    edge = ((last - first) * EDGE).ceil("D")
    return Span(first - edge, last + edge)


def timeline_alt(rows: pd.DataFrame, as_of: date) -> str:
    """The timeline in one sentence, its main point last, for a screen reader."""
    done = rows.loc[(rows["status"] == "done") & rows["kind"].isin(["session", "maintenance"]), "done_on"]
    so_far = f"{count(len(done), 'session')} done, the last on {day(done.max())}" if len(done) else "no session yet"
    return f"Timeline shown for {day(as_of)}: {so_far}; {_main_point(rows)}".removesuffix("?") + "."


def _main_point(rows: pd.DataFrame) -> str:
    todo = [row for row in records(rows) if row.status not in ("done", "skipped")]
    if not todo:
        return "nothing more is expected"
    worst = list(FLAGS)
    row = min(todo, key=lambda row: worst.index(row.flag) if row.flag in worst else len(worst))
    return f"{_kind(row.kind)} {row.number} {state(row)}"


def _kind(kind: str) -> str:
    return kind if kind in ("session", "maintenance") or "review" in kind else f"{kind} review"
