"""The lanes of windows: when the patient is expected, and how it stands with each kind of visit."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from lib.charts.lanes import Lane, Part, Span, bar, frame, records
from lib.charts.palette import BOOKED, STATUSES, STEADY, UNSAFE, glyph, ink, lines, pale, plain
from lib.schedule.protocols import Protocol
from lib.words import FLAGS, count, day, days_range, fitted

HEIGHT, THIN, NAME = 16, 4, 20
SHADES = {"done": 0.18, "skipped": 0.12, "projected": 0.12}
DAY = pd.Timedelta(days=1)


def window_lanes(rows: pd.DataFrame, protocol: Protocol, as_of: pd.Timestamp, span: Span) -> list[Lane]:
    """A lane for the sessions, for maintenance and for each kind of review that the course calls for."""
    names = {"session": "Sessions"} | {review.id: review.name for review in protocol.reviews}
    names["maintenance"] = "Maintenance"
    lanes = []
    for kind, name in names.items():
        some = [row for row in records(rows) if row.kind == kind]
        if some:
            lanes.append(_lane(kind, name, some, as_of, span))
    return lanes


def standing(rows: list[Any]) -> str:
    """How it stands with one kind of visit, in a few words: "3: overdue 18 days, not booked"."""
    row = _telling(rows)
    numbered = row.kind in ("session", "maintenance") or row.number > 1
    return f"{row.number}: {state(row)}" if numbered else state(row)


def state(row: Any) -> str:
    """How it stands with one expected visit, in a few words."""
    if row.status == "done":
        return f"done {day(row.done_on)}, {fitted(row.timing, int(row.days_off))}"
    if row.status == "skipped":
        return "not done before the next session"
    if row.flag == "attendance_unrecorded":
        return f"did they come on {day(row.unrecorded_on)}?"
    if not pd.isna(row.booked_on):
        fit = row.booked_fit if row.booked_fit in ("too_soon", "early", "late") else ""
        how = "during a pause" if row.flag == "booked_on_hold" else fit.replace("_", " ")
        return f"booked {day(row.booked_on)}" + (f", {how}" if how else "")
    return _unbooked(row)


def _unbooked(row: Any) -> str:
    if row.status == "on_hold":
        return "paused, ask how it stands" if row.flag == "hold_to_check" else "paused"
    if row.status == "overdue":
        return f"overdue {count(row.days_overdue, 'day')}, not booked"
    if row.status == "lapsed":
        return f"not heard from, {count(row.days_overdue, 'day')} over"
    before = {"no_show": "did not come, ", "not_rebooked": "cancelled, "}.get(row.flag, "")
    if row.status == "due":
        until = f"due by {day(row.overdue_on - DAY)}" if not pd.isna(row.overdue_on) else "due"
        return f"{before}{until}" if before else f"{until}, not booked"
    likely = "likely " if row.status == "projected" else ""
    return f"{before}{likely}from {day(row.due_on)}" if not pd.isna(row.due_on) else "no date yet"


def _telling(rows: list[Any]) -> Any:
    """The row that says how it stands: the open one, else the next likely one, else the last."""
    ranks = {"done": 2, "skipped": 2, "projected": 1}
    best = min(ranks.get(row.status, 0) for row in rows)
    some = [row for row in rows if ranks.get(row.status, 0) == best]
    return some[-1] if best == 2 else some[0]


def _lane(kind: str, name: str, rows: list[Any], as_of: pd.Timestamp, span: Span) -> Lane:
    short = name if len(name) <= NAME else name[: NAME - 1].rstrip() + "…"
    heading = f"<b>{plain(short)}</b>  {glyph(colour(_telling(rows)))} {standing(rows)}"
    shown = [row for row in rows if has_window(row) and row.overdue_on - DAY <= span.last]
    numbered = kind in ("session", "maintenance") or len(rows) > 1

    def draw(middle: float) -> Part:
        if not shown:
            return Part()
        traces = [_windows(name, shown, middle)]
        if numbered:
            traces.append(_numbers(shown, middle))
        return Part(traces, [shape for row in shown for shape in _outline(row, middle, as_of, span)])

    return Lane(heading, HEIGHT + 4, draw)


def colour(row: Any) -> str:
    """The colour of how it stands: a booking settles an overdue visit, unless it has to be moved."""
    if pd.isna(row.booked_on):
        return STATUSES[row.status].colour
    return UNSAFE if row.flag in ("booked_on_hold", "booked_too_soon") else BOOKED


def shade(row: Any) -> str:
    """The pale colour of a window."""
    return pale(STATUSES[row.status].colour, SHADES.get(row.status, 0.45))


def has_window(row: Any) -> bool:
    """Whether both its ends are known."""
    return not pd.isna(row.due_on) and not pd.isna(row.overdue_on)


def _windows(name: str, rows: list[Any], middle: float) -> go.Bar:
    return bar(
        [(row.due_on, row.overdue_on - DAY) for row in rows],
        middle,
        HEIGHT,
        name=f"Window: {plain(name)}",
        marker={
            "color": [shade(row) for row in rows],
            "line": {"width": 0},
        },
        customdata=[[row.due_on.date().isoformat(), row.kind, int(row.number)] for row in rows],
        hovertext=[window_hover(name, row) for row in rows],
        hovertemplate="%{hovertext}<extra></extra>",
        unselected=STEADY,
    )


def window_hover(name: str, row: Any) -> str:
    """A window in words: its days, whose it is, how it stands, the earliest day."""
    what = "Session" if row.kind == "session" else name
    how = state(row)
    flag = FLAGS.get(row.flag, "")
    earliest = "" if pd.isna(row.earliest_on) else f"Not before {day(row.earliest_on)}"
    return lines(
        days_range(row.due_on, row.overdue_on - DAY), f"{what} {row.number}", how[0].upper() + how[1:], flag, earliest
    )


def _numbers(rows: list[Any], middle: float) -> go.Scatter:
    return go.Scatter(
        x=[(row.due_on + (row.overdue_on - DAY - row.due_on) / 2).isoformat() for row in rows],
        y=[middle] * len(rows),
        mode="text",
        text=[ink(str(row.number)) for row in rows],
        textfont={"size": 11},
        unselected={"textfont": STEADY["textfont"]},
        hoverinfo="skip",
        showlegend=False,
    )


def _outline(row: Any, middle: float, as_of: pd.Timestamp, span: Span) -> list[dict[str, Any]]:
    """The window's edge, dashed where only likely, with threads for the days from the earliest on and those overdue."""
    look, days = STATUSES[row.status], (row.due_on, row.overdue_on - DAY)
    if row.status in ("done", "skipped"):
        return [frame(days, middle, HEIGHT, color=look.outline, width=1)]
    likely = row.status == "projected"
    edge = frame(days, middle, HEIGHT, color=look.outline, width=2, dash="dash" if likely else "solid")
    shapes = [edge | ({"name": "Likely window"} if likely else {})]
    if not pd.isna(row.earliest_on) and row.earliest_on < row.due_on:
        shapes.append(_thread((row.earliest_on, row.due_on), middle, span, look.outline, 1.5))
    if row.status in ("overdue", "lapsed"):
        shapes.append(_thread((row.overdue_on, as_of), middle, span, look.colour, THIN))
    return shapes


def _thread(
    days: tuple[pd.Timestamp, pd.Timestamp], middle: float, span: Span, colour: str, width: float
) -> dict[str, Any]:
    start, end = span.clip(*days)
    line = {"type": "line", "x0": start.date(), "x1": end.date(), "y0": middle, "y1": middle, "layer": "below"}
    return line | {"line": {"color": colour, "width": width}}
