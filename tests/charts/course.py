"""One plan as a test writes it down, judged by the real schedule under a real protocol file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go

from lib.charts.timeline import patient_timeline, timeline_alt
from lib.plan import Plan
from lib.schedule import Protocol, expected_visits, grounds, read_protocols

FOLDER = Path(__file__).parents[2] / "clinic_data" / "protocols"
PROTOCOLS = read_protocols(FOLDER)


@dataclass
class Course:
    """The frames that a timeline is drawn from."""

    rows: pd.DataFrame
    visits: pd.DataFrame
    holds: pd.DataFrame
    protocol: Protocol
    as_of: pd.Timestamp
    closures: pd.DataFrame
    agreements: pd.DataFrame
    scores: pd.DataFrame
    name: str = "Face"

    @property
    def plan(self) -> Plan:
        return Plan(1, self.name, self.protocol, self.rows, self.visits, self.holds, self.agreements, self.scores)

    def drawn(self, **how) -> go.Figure:
        return patient_timeline([self.plan], self.as_of, closures=self.closures, **how)

    @property
    def figure(self) -> go.Figure:
        return self.drawn()

    @property
    def sentence(self) -> str:
        return timeline_alt([self.plan], self.as_of)


def course(
    visits: Sequence[str] = (),
    *,
    as_of: str = "2026-03-03",
    opened: str = "2025-10-01",
    closed: str | None = None,
    planned: int = 3,
    protocol: str | Protocol = "acne-scars",
    holds: Sequence[tuple] = (),
    closures: Sequence[tuple] = (),
    agreements: Sequence[tuple] = (),
    scores: Sequence[tuple] = (),
) -> Course:
    """A plan from visits such as "2025-10-14 session completed 1.5" and rows of the other frames.

    holds (start, end, cause, reason), closures (start, end, reason), agreements (kind, agreed_on, due_on, last_on,
    note), scores (number of the visit from 0 on, scale, value, better). `protocol` is the id of a shipped one, or a
    test's own.
    """
    own = PROTOCOLS[protocol] if isinstance(protocol, str) else protocol
    made = [(*visit.split(), None)[:4] for visit in visits]
    visit_rows = _frame(made, "visit_date kind status depth_mm").astype({"depth_mm": float})
    visit_rows = visit_rows.assign(course_id=1, visit_id=range(len(made)))
    hold_rows = _frame(holds, "starts_on ends_on cause reason").assign(course_id=1)
    agreed = _frame(agreements, "kind agreed_on due_on last_on note").assign(course_id=1)
    shut = _frame(closures, "starts_on ends_on reason")
    opening = [(1, own.id, planned, opened, closed)]
    courses = _frame(opening, "course_id protocol_id planned_sessions opened_on closed_on")
    frames = (courses, visit_rows, hold_rows, {own.id: own}, pd.Timestamp(as_of))
    rows = expected_visits(*frames, agreements=agreed, closures=shut)
    rows = rows.join(grounds(rows, *frames, agreements=agreed, closures=shut))
    scored = _frame(scores, "visit_id scale value better")
    return Course(rows, visit_rows, hold_rows, own, pd.Timestamp(as_of), shut, agreed, scored)


def stacked(courses: Sequence[Course], **how) -> go.Figure:
    """Several plans in one picture, as judged on the first one's day."""
    plans = [replace(one.plan, id=place, name=f"Plan {place}") for place, one in enumerate(courses, start=1)]
    return patient_timeline(plans, courses[0].as_of, closures=courses[0].closures, **how)


def _frame(records: Sequence[tuple], columns: str) -> pd.DataFrame:
    frame = pd.DataFrame(list(records), columns=columns.split())
    dates = [name for name in frame if name.endswith(("_on", "_date"))]
    return frame.astype(dict.fromkeys(dates, "datetime64[s]"))
