"""The lane of visits: what was done, what is booked and what was missed, each visit once."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from lib.charts.lanes import Lane, Part, Span, Trace, records
from lib.charts.palette import INK, OTHER_SHAPE, SHAPES, STEADY, VISITS, ink, lines, pale
from lib.charts.windows import grounds_hover, has_window
from lib.history import met_of, what_it_was
from lib.plan import Plan
from lib.schedule.protocols import Protocol
from lib.words import FLAGS, TIMINGS, VISIT_STATUSES, day, days_range, fitted, sentence

SIZE, SMALL, CHOSEN, STEP, LEVELS = 17, 9, 23, 19, 3
NEAR = 0.05
"""Visits nearer than this share of the picture's width stand on different levels."""
SIGNS = {"too_soon": "!", "booked_unsafe": "!", "unrecorded": "?"}
DAY = pd.Timedelta(days=1)


def visits_lane(plan: Plan, as_of: pd.Timestamp, span: Span) -> Lane:
    """The visits of one plan as marks."""
    marks = _marks(plan, as_of, span)
    height = STEP * (int(marks["level"].max()) + 1 if len(marks) else 1)
    others = "  ◆ other" if len(set(plan.visits["kind"]) - set(SHAPES)) else ""
    heading = f"<b>Visits</b>  ● session  ■ review{others}" if len(plan.visits) else "<b>Visits</b>  none yet"

    def draw(middle: float) -> Part:
        bottom = middle - (height - STEP) / 2
        return Part([_trace(key, some, bottom, plan.id) for key, some in marks.groupby("look", sort=False)])

    return Lane(heading, height + 4 if len(marks) else 0, draw)


class Mark(NamedTuple):
    """One visit as it is drawn: `look` is one of VISITS, `hover` is escaped already."""

    day: pd.Timestamp
    kind: str
    number: int | None
    look: str
    shape: str
    text: str
    hover: str


def visit_marks(
    rows: Sequence[Any], visits: Sequence[Any], protocol: Protocol | None, as_of: pd.Timestamp
) -> list[Mark]:
    """A mark for each visit of one plan, in the order of the visits; rows and visits as tuples."""
    of_day = met_of(rows)
    performed = {(visit.kind, visit.visit_date) for visit in visits if visit.status == "completed"}
    marks = []
    for visit in visits:
        matched = of_day.get((visit.kind, visit.visit_date), []) if visit.status in ("completed", "booked") else []
        took_place = visit.status == "completed" or (visit.kind, visit.visit_date) in performed
        key = _look(visit, matched[0] if matched else None, took_place, as_of)
        number = matched[0].number if matched else None
        shape = SHAPES.get(visit.kind, OTHER_SHAPE) + VISITS[key].mark
        text, hover = _text(key, visit.kind, matched), _hover(key, visit, matched, protocol)
        marks.append(Mark(visit.visit_date, visit.kind, number, key, shape, text, hover))
    return marks


def _marks(plan: Plan, as_of: pd.Timestamp, span: Span) -> pd.DataFrame:
    """The marks of the visits that are shown, each with its level and is_small, in the order of their looks."""
    visits = plan.visits[plan.visits["visit_date"].between(span.first, span.last)]
    in_order = records(visits.sort_values("visit_date", kind="stable"))
    marks = pd.DataFrame(visit_marks(records(plan.rows), in_order, plan.protocol, as_of), columns=Mark._fields)
    placed = pd.DataFrame(levels(map(span.share, marks["day"]), NEAR, LEVELS), columns=["level", "is_small"])
    marks = marks.join(placed.astype({"level": int, "is_small": bool}))
    if marks["is_small"].any():
        # a row of their own below the others, whose numbers stay free to read
        marks["level"] = (marks["level"] + 1).mask(marks["is_small"], 0)
    marks["text"] = marks["text"].mask(marks["is_small"], "")
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
    what = sentence(what_it_was(visit.kind, matched, protocol))
    if not pd.isna(depth):
        what += f", {depth:g} mm"
    row = matched[0] if matched else None
    told = lines(day(visit.visit_date), what, _how(key, visit, row))
    if row is None or not has_window(row):
        return told
    window = lines(f"Window {days_range(row.due_on, row.overdue_on - DAY)}")
    return "<br>".join(filter(None, [told, window, grounds_hover(row)]))


def _how(key: str, visit: Any, row: Any) -> str:
    if key == "unjudged":
        return "An interim look" if visit.kind == "review" else ""
    if key == "unrecorded":
        return VISITS[key].word
    if row is None:
        return VISIT_STATUSES[visit.status]
    if row.status == "done":
        return sentence(fitted(row.timing, int(row.days_off)))
    if key == "booked_unsafe":
        return FLAGS[row.flag] if isinstance(row.flag, str) else TIMINGS[row.booked_fit]
    return f"Booked: {TIMINGS[row.booked_fit].lower()}" if isinstance(row.booked_fit, str) else "Booked"


def levels(shares: Iterable[float], near: float, count: int) -> Iterator[tuple[int, bool]]:
    """A level for each place, in order, and whether it found no room.

    Neighbours nearer than `near` stand on different levels, so that they do not cover each other; one that finds no
    room is to be drawn small.
    """
    last = [float("-inf")] * count
    for share in shares:
        free = [level for level in range(count) if share - last[level] >= near]
        level = free[0] if free else last.index(min(last))
        if free:
            last[level] = share
        yield level, not free


def visit_style(key: str) -> dict[str, Any]:
    """The colours of the marks that look so."""
    look = VISITS[key]
    width = 2.5 if key == "off_time" else 2 if look.mark else 1
    colour = pale(look.colour, 0.25) if key == "off_time" else look.colour
    return {"color": colour, "line": {"color": look.outline, "width": width}, "opacity": 1}


def _trace(key: Any, marks: pd.DataFrame, bottom: float, course_id: int) -> Trace:
    look = VISITS[key]
    on_fill = not look.mark and key != "off_time"
    return dict(
        type="scatter",
        name=look.word,
        x=[on.date() for on in marks["day"]],
        y=(bottom + marks["level"] * STEP).tolist(),
        mode="markers+text",
        marker={
            "symbol": marks["shape"].tolist(),
            "size": [SMALL if is_small else SIZE for is_small in marks["is_small"]],
            **visit_style(key),
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
