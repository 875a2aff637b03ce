"""One course as a test writes it down, judged by the real schedule under a real protocol file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go

from lib.charts.timeline import patient_timeline, timeline_alt
from lib.schedule import Protocol, expected_visits, read_protocols

PROTOCOLS = read_protocols(Path(__file__).parents[2] / "clinic_data" / "protocols")


@dataclass
class Course:
    """The frames that a timeline is drawn from."""

    rows: pd.DataFrame
    visits: pd.DataFrame
    holds: pd.DataFrame
    protocol: Protocol
    as_of: pd.Timestamp
    closures: pd.DataFrame

    @property
    def figure(self) -> go.Figure:
        return patient_timeline(self.rows, self.visits, self.holds, self.protocol, self.as_of, closures=self.closures)

    @property
    def sentence(self) -> str:
        return timeline_alt(self.rows, self.as_of)


def course(
    visits: Sequence[str] = (),
    *,
    as_of: str = "2026-03-03",
    opened: str = "2025-10-01",
    closed: str | None = None,
    planned: int = 3,
    protocol: str = "acne-scars",
    holds: Sequence[tuple] = (),
    closures: Sequence[tuple] = (),
) -> Course:
    """A course from visits such as "2025-10-14 session completed 1.5" and holds (start, end, cause, reason)."""
    made = [(*visit.split(), None)[:4] for visit in visits]
    visit_rows = _frame(made, "visit_date kind status depth_mm").astype({"depth_mm": float}).assign(course_id=1)
    hold_rows = _frame(holds, "starts_on ends_on cause reason").assign(course_id=1)
    shut = _frame(closures, "starts_on ends_on reason")
    opening = [(1, protocol, planned, opened, closed)]
    courses = _frame(opening, "course_id protocol_id planned_sessions opened_on closed_on")
    rows = expected_visits(courses, visit_rows, hold_rows, PROTOCOLS, pd.Timestamp(as_of), closures=shut)
    return Course(rows, visit_rows, hold_rows, PROTOCOLS[protocol], pd.Timestamp(as_of), shut)


def _frame(records: Sequence[tuple], columns: str) -> pd.DataFrame:
    frame = pd.DataFrame(list(records), columns=columns.split())
    dates = [name for name in frame if name.endswith(("_on", "_date"))]
    return frame.astype(dict.fromkeys(dates, "datetime64[s]"))
