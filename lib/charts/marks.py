"""The lane of visits: what was done, what is booked and what was missed, each visit once."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from lib.charts.lanes import Lane, Part, Span, records
from lib.charts.palette import INK, OTHER_SHAPE, SHAPES, STEADY, VISITS, ink, lines, pale, wrapped
from lib.history import met
from lib.plan import Plan
from lib.schedule.protocols import Protocol
from lib.words import FLAGS, TIMINGS, VISIT_STATUSES, day, days_range, fitted

SIZE, SMALL, CHOSEN, STEP, LEVELS = 17, 9, 23, 19, 3
NEAR = 0.05
"""Visits nearer than this share of the picture's width stand on different levels."""
SIGNS = {"too_soon": "!", "booked_unsafe": "!", "unrecorded": "?"}
DAY = pd.Timedelta(days=1)


def visits_lane(plan: Plan, as_of: pd.Timestamp, span: Span) -> Lane:
    """The visits of one plan as marks."""
    marks = _marks(plan, as_of, span)
    levels = int(marks["level"].max()) + 1 if len(marks) else 1
    others = "  ◆ other" if len(set(plan.visits["kind"]) - set(SHAPES)) else ""
    heading = f"<b>Visits</b>  ● session  ■ review{others}" if len(plan.visits) else "<b>Visits</b>  none yet"

    def draw(middle: float) -> Part:
        bottom = middle - (levels - 1) * STEP / 2
        return Part([_trace(key, some, bottom, plan.id) for key, some in marks.groupby("look", sort=False)])

    return Lane(heading, levels * STEP + 4 if len(marks) else 0, draw)


def _marks(plan: Plan, as_of: pd.Timestamp, span: Span) -> pd.DataFrame:
    """One mark a visit that is shown: day, kind, number, look, shape, text, hover, level, is_small."""
    of_day = met(plan.rows)
    visits = plan.visits[plan.visits["visit_date"].between(span.first, span.last)]
    visits = visits.sort_values("visit_date", kind="stable")
    came = visits[visits["status"] == "completed"]
    performed = set(zip(came["kind"], came["visit_date"], strict=True))
    made = []
    for visit, (level, is_small) in zip(records(visits), _levels(visits["visit_date"], span), strict=True):
        matched = of_day.get((visit.kind, visit.visit_date), []) if visit.status in ("completed", "booked") else []
        took_place = visit.status == "completed" or (visit.kind, visit.visit_date) in performed
        key = _look(visit, matched[0] if matched else None, took_place, as_of)
        made.append(
            {
                "day": visit.visit_date,
                "kind": visit.kind,
                "number": matched[0].number if matched else None,
                "look": key,
                "shape": SHAPES.get(visit.kind, OTHER_SHAPE) + VISITS[key].mark,
                "text": "" if is_small else _text(key, visit.kind, matched),
                "hover": _hover(key, visit, matched, plan.protocol),
                "level": level,
                "is_small": is_small,
            }
        )
    marks = pd.DataFrame(made, columns=["day", "kind", "number", "look", "shape", "text", "hover", "level", "is_small"])
    order = {key: place for place, key in enumerate(VISITS)}
    return marks.sort_values("look", key=lambda looks: looks.map(order), kind="stable")


def _look(visit: Any, row: Any, took_place: bool, as_of: pd.Timestamp) -> str:
    if visit.status in ("no_show", "cancelled"):
        return visit.status
    if took_place:
        if row is None:
            return "unjudged"
        return {"early": "off_time", "late": "off_time"}.get(row.timing, row.timing)
    if visit.visit_date < as_of:
        return "unrecorded"
    unsafe = row is not None and (row.flag == "booked_on_hold" or row.booked_fit == "too_soon")
    return "booked_unsafe" if unsafe else "booked"


def _text(key: str, kind: str, matched: list[Any]) -> str:
    number = ""
    if kind == "session" and matched:
        number = f"{'M' if matched[0].kind == 'maintenance' else ''}{matched[0].number}"
    return number + SIGNS.get(key, "")


def _hover(key: str, visit: Any, matched: list[Any], protocol: Protocol | None) -> str:
    """Date, what, how it fitted, window, rule and source, what moved the window."""
    depth = getattr(visit, "depth_mm", None)
    what = " and ".join(_name(row, protocol) for row in matched) or {"session": "Session", "review": "Review"}.get(
        visit.kind, "Other visit"
    )
    if not pd.isna(depth):
        what += f", {depth:g} mm"
    row = matched[0] if matched else None
    told = lines(day(visit.visit_date), what, _how(key, visit, row))
    if row is None or pd.isna(row.due_on) or pd.isna(row.overdue_on):
        return told
    window = f"Window {days_range(row.due_on, row.overdue_on - DAY)}"
    return "<br>".join([told, wrapped(window, row.rule, row.moved)])


def _how(key: str, visit: Any, row: Any) -> str:
    if key == "unjudged":
        return "An interim look" if visit.kind == "review" else ""
    if key == "unrecorded":
        return VISITS[key].word
    if row is None:
        return VISIT_STATUSES[visit.status]
    if row.status == "done":
        how = fitted(row.timing, int(row.days_off))
        return how[0].upper() + how[1:]
    if key == "booked_unsafe":
        return FLAGS[row.flag] if isinstance(row.flag, str) else TIMINGS[row.booked_fit]
    return f"Booked: {TIMINGS[row.booked_fit].lower()}" if isinstance(row.booked_fit, str) else "Booked"


def _name(row: Any, protocol: Protocol | None) -> str:
    review = protocol.review(row.kind) if protocol else None
    return review.name if review else f"{row.kind.capitalize()} {row.number}"


def _levels(days: pd.Series, span: Span) -> Iterator[tuple[int, bool]]:
    """A level for each day, in order, so that neighbours do not cover each other, and whether it found no room."""
    last = [float("-inf")] * LEVELS
    for on in days:
        share = span.share(on)
        free = [level for level in range(LEVELS) if share - last[level] >= NEAR]
        level = free[0] if free else last.index(min(last))
        if free:
            last[level] = share
        yield level, not free


def _trace(key: Any, marks: pd.DataFrame, bottom: float, course_id: int) -> go.Scatter:
    look = VISITS[key]
    filled = not look.mark
    on_fill = filled and key != "off_time"
    return go.Scatter(
        name=look.word,
        x=[on.date() for on in marks["day"]],
        y=(bottom + marks["level"] * STEP).tolist(),
        mode="markers+text",
        marker={
            "symbol": marks["shape"].tolist(),
            "size": [SMALL if is_small else SIZE for is_small in marks["is_small"]],
            "color": pale(look.colour, 0.25) if key == "off_time" else look.colour,
            "line": {"color": look.outline, "width": 2.5 if key == "off_time" else 1 if filled else 2},
            "opacity": 1,
        },
        text=[ink(text, INK) if on_fill else ink(text) for text in marks["text"]],
        textfont={"size": [11 if len(text) < 3 else 9 for text in marks["text"]]},
        hovertext=marks["hover"].tolist(),
        hovertemplate="%{hovertext}<extra></extra>",
        customdata=[
            [on.date().isoformat(), kind, None if pd.isna(number) else int(number), course_id]
            for on, kind, number in zip(marks["day"], marks["kind"], marks["number"], strict=True)
        ],
        unselected=STEADY,
        selected={"marker": {"size": CHOSEN}},
        cliponaxis=False,
    )
