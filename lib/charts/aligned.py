"""Lanes of many plans that share one axis: the calendar, or the weeks since each plan's own session.

Heights are in pixels, and so is the vertical axis, from the top down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from lib.charts.lanes import records
from lib.charts.marks import Mark, visit_marks
from lib.charts.timeline import EDGE, LEAST
from lib.charts.windows import AHEAD, DAY, has_window
from lib.schedule import Protocol

CALENDAR, FIRST, LAST = "calendar", "session-1", "last-session"
ALIGNMENTS = {CALENDAR: "Calendar", FIRST: "Session 1", LAST: "Last session"}
"""What lies on one vertical line, by the name that it has in the address."""
LIKELY, END = pd.DateOffset(months=6), pd.DateOffset(years=3)
NAME, ROW, GAP = 17, 22, 3
LANE = NAME + ROW + GAP


@dataclass(frozen=True)
class Axis:
    """Where a lane's days lie: on the calendar, or in weeks since the lane's own day.

    A place is a number of days, since that day or, on the calendar, since the year 1.
    """

    origins: Sequence[int]
    is_calendar: bool
    first: int = 0
    last: int = 0

    def place(self, lane: int, on: pd.Timestamp) -> int:
        """Where a day lies in a lane."""
        return on.toordinal() - self.origins[lane]

    def reaches(self, plan: Any) -> bool:
        """Whether the day shown is drawn: of a closed plan it is only where all lanes have it in common."""
        return self.is_calendar or pd.isna(plan.closed_on)

    def x(self, place: int) -> str | float:
        """A place as plotly takes it: a date as text, which it copies faster, or weeks."""
        return date.fromordinal(place).isoformat() if self.is_calendar else round(place / 7, 3)

    def length(self, days: int) -> float:
        """So many days as plotly takes the length of a bar: milliseconds, or weeks."""
        return days * 86_400_000 if self.is_calendar else round(days / 7, 3)

    def share(self, place: int) -> float:
        """Where a place lies: 0 at the left edge, 1 at the right."""
        return (place - self.first) / (self.last - self.first)


@dataclass(frozen=True)
class PlanLane:
    """What a lane shows: a plan, its visits, and its windows and pauses with their first and last places."""

    number: int
    ceiling: int
    plan: Any
    marks: list[Mark]
    windows: list[tuple[Any, int, int]]
    pauses: list[tuple[Any, int, int | None]]

    @property
    def middle(self) -> float:
        """The height at which its visits stand."""
        return self.ceiling - NAME - ROW / 2

    @property
    def floor(self) -> int:
        """Where its row of visits ends below."""
        return self.ceiling - NAME - ROW


def aligned(plans: pd.DataFrame, align: str) -> Axis:
    """The axis of these plans, its ends still open; a plan without a session is aligned by its opening."""
    if align == CALENDAR:
        return Axis([0] * len(plans), True)
    origins = plans[{FIRST: "first_on", LAST: "last_on"}[align]].fillna(plans["opened_on"])
    return Axis([on.toordinal() for on in origins], False)


def plan_lanes(
    plans: pd.DataFrame,
    rows: pd.DataFrame,
    visits: pd.DataFrame,
    holds: pd.DataFrame,
    protocols: Mapping[str, Protocol],
    as_of: pd.Timestamp,
    axis: Axis,
) -> list[PlanLane]:
    """A lane for each plan, from the top down; far windows and pauses are left out.

    Far is later than 18 months after `as_of`, and 6 months for a window that is only likely. A window that
    was agreed to last into times unknown ends 3 years after `as_of`, or else all others had no room.
    """
    limit, likely, end = as_of + AHEAD, as_of + LIKELY, as_of + END
    of_rows, of_holds = _by_course(rows), _by_course(holds[holds["starts_on"] <= limit])
    of_visits = _by_course(visits.sort_values("visit_date", kind="stable"))
    lanes = []
    for number, plan in enumerate(records(plans)):
        mine = of_rows.get(plan.course_id, [])
        lanes.append(
            PlanLane(
                number,
                LANE * (len(plans) - number),
                plan,
                visit_marks(mine, of_visits.get(plan.course_id, []), protocols[plan.protocol_id], as_of),
                [
                    (row, axis.place(number, row.due_on), axis.place(number, min(row.overdue_on - DAY, end)))
                    for row in mine
                    if has_window(row) and row.due_on <= (likely if row.status == "projected" else limit)
                ],
                [
                    (hold, axis.place(number, hold.starts_on), _end(axis, number, hold.ends_on, limit))
                    for hold in of_holds.get(plan.course_id, [])
                ],
            )
        )
    return lanes


def _by_course(frame: pd.DataFrame) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for record in records(frame):
        found.setdefault(record.course_id, []).append(record)
    return found


def _end(axis: Axis, lane: int, ends_on: pd.Timestamp, limit: pd.Timestamp) -> int | None:
    """Where a pause ends; None where that is beyond the picture."""
    return None if pd.isna(ends_on) or ends_on > limit else axis.place(lane, ends_on)


def spanned(axis: Axis, lanes: list[PlanLane], as_of: pd.Timestamp) -> Axis:
    """The axis from a little before the first thing drawn to a little after the last."""
    places = [axis.place(lane.number, as_of) for lane in lanes if axis.reaches(lane.plan)]
    places += [axis.place(lane.number, mark.day) for lane in lanes for mark in lane.marks]
    places += [
        place for lane in lanes for _, *ends in [*lane.windows, *lane.pauses] for place in ends if place is not None
    ]
    places = places or [as_of.toordinal()]
    first, last = min(places), max(places)
    last = max(last, first + LEAST.days)
    edge = round((last - first) * EDGE) + 1
    return replace(axis, first=first - edge, last=last + edge)
