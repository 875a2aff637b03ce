"""The lanes of windows: when the patient is expected, and how it stands with each kind of visit."""

from typing import Any

import pandas as pd

from lib.charts.lanes import Lane, Part, Span, Trace, bar, frame, records
from lib.charts.palette import BOOKED, DONE, LINE, STATUSES, STEADY, UNSAFE, glyph, ink, lines, pale, plain, wrapped
from lib.charts.published import HEIGHT as PUBLISHED
from lib.charts.published import published_beside, published_strip
from lib.plan import Plan
from lib.schedule.explain import visit_name
from lib.schedule.protocols import Protocol
from lib.words import FLAGS, count, day, days_range, fitted, sentence

HEIGHT, OFF, AGREED, THIN, NAME = 16, 8, 5, 4, 20
NEAR, NARROW = 0.055, 0.02
"""Shares of the picture's width: numbers of windows that are nearer than the one are left to the hover, and those in
windows that are not open and narrower than the other for each digit."""
OFFS = {
    "early": ("Days early", "\\", DONE),
    "late": ("Days late", "/", DONE),
    "too_soon": ("Days too soon", "x", UNSAFE),
}
"""Days between a visit and its window: word, pattern, colour."""
SHADES = {"done": 0.18, "skipped": 0.12, "projected": 0.12}
DAY = pd.Timedelta(days=1)
AHEAD = pd.DateOffset(months=18)
"""Windows that open later than this after the day shown are left out."""


def window_lanes(plan: Plan, protocol: Protocol, as_of: pd.Timestamp, span: Span) -> list[Lane]:
    """A lane for the sessions, for maintenance and for each kind of review that the plan calls for."""
    reviews = {review.id: review.name for review in protocol.reviews}
    names = {"session": "Sessions"} | reviews | {"maintenance": "Maintenance"}
    every = records(plan.rows)
    of_kind = {kind: [row for row in every if row.kind == kind] for kind in names}
    return [_lane(kind, names[kind], some, plan, protocol, as_of, span) for kind, some in of_kind.items() if some]


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


def _lane(
    kind: str, name: str, rows: list[Any], plan: Plan, protocol: Protocol, as_of: pd.Timestamp, span: Span
) -> Lane:
    short = name if len(name) <= NAME else name[: NAME - 1].rstrip() + "…"
    heading = f"<b>{plain(short)}</b>  {glyph(colour(_telling(rows)))} {standing(rows)}"
    near = [row for row in rows if not row.due_on > as_of + AHEAD]
    shown = [row for row in near if has_window(row) and span.holds(row.due_on, row.overdue_on - DAY)]
    numbered = kind in ("session", "maintenance") or len(rows) > 1

    agreed = [(row, plan.agreements.loc[row.agreement]) for row in rows if row.agreement in plan.agreements.index]
    agreed = [(row, dates) for row, dates in agreed if span.holds(dates["due_on"], dates["last_on"])]
    beside = published_beside(plan, near, span)
    under_agreed = AGREED + 1 if agreed else 0
    room = under_agreed + (PUBLISHED + 2 if beside else 0)

    def draw(middle: float) -> Part:
        middle += room / 2
        traces: list[Any] = [_windows(name, shown, middle, span, plan.id, protocol)] if shown else []
        traces += _days_off(rows, middle, span, plan.id, protocol)
        traces += [_agreed(agreed, middle, span, protocol)] if agreed else []
        below = middle - (HEIGHT + PUBLISHED) / 2 - 2 - under_agreed
        traces += [published_strip(beside, below, span, protocol)] if beside else []
        traces += [_numbers(shown, middle, span)] if numbered and shown else []
        return Part(traces, [shape for row in near for shape in _outline(row, middle, as_of, span)])

    is_off = any(_is_off(row, timing, span) for row in rows for timing in OFFS)
    has_any = shown or room or is_off or any(_outline(row, 0, as_of, span) for row in near)
    return Lane(heading, HEIGHT + room + 4 if has_any else 0, draw)


def colour(row: Any) -> str:
    """The colour of how it stands: a booking settles an overdue visit, unless it has to be moved."""
    if pd.isna(row.booked_on):
        return STATUSES[row.status].colour
    return UNSAFE if row.flag in ("booked_on_hold", "booked_too_soon") else BOOKED


def shade(row: Any) -> str:
    """The pale colour of a window."""
    return pale(STATUSES[row.status].colour, SHADES.get(row.status, 0.45))


def _is_past(row: Any) -> bool:
    return row.status in ("done", "skipped")


def has_window(row: Any) -> bool:
    """Whether both ends of its window are known."""
    return not pd.isna(row.due_on) and not pd.isna(row.overdue_on)


def _windows(name: str, rows: list[Any], middle: float, span: Span, course_id: int, protocol: Protocol) -> Trace:
    return bar(
        [span.clip(row.due_on, row.overdue_on - DAY) for row in rows],
        middle,
        HEIGHT,
        name=f"Window: {plain(name)}",
        marker={
            "color": [shade(row) for row in rows],
            "line": {
                "color": [STATUSES[row.status].outline for row in rows],
                "width": [int(_is_past(row)) for row in rows],
            },
        },
        customdata=[_about(row.due_on, row, course_id) for row in rows],
        hovertext=[_window_hover(row, protocol) for row in rows],
        hovertemplate="%{hovertext}<extra></extra>",
        unselected=STEADY,
    )


def _about(on: pd.Timestamp, row: Any, course_id: int) -> list[Any]:
    return [on.date().isoformat(), row.kind, int(row.number), course_id]


def window_in_words(row: Any, protocol: Protocol) -> str:
    """Its days, the visit, how it stands or fitted, its flag, not before when."""
    return lines(
        days_range(row.due_on, row.overdue_on - DAY),
        _called(row, protocol),
        sentence(state(row)),
        FLAGS.get(row.flag, ""),
        "" if pd.isna(row.earliest_on) else f"Not before {day(row.earliest_on)}",
    )


def _called(row: Any, protocol: Protocol) -> str:
    return sentence(visit_name(protocol, row.kind, row.number))


def _window_hover(row: Any, protocol: Protocol) -> str:
    return "<br>".join(filter(None, [window_in_words(row, protocol), grounds_hover(row)]))


def grounds_hover(row: Any) -> str:
    """The rule of a window with its source, and what moved it; empty for a row that comes without `grounds`."""
    return wrapped(getattr(row, "rule", ""), getattr(row, "moved", ""))


def _days_off(rows: list[Any], middle: float, span: Span, course_id: int, protocol: Protocol) -> list[Trace]:
    """Short bars from the day of each early or late visit to its window, as long as the days it is said to be off."""
    traces = []
    for timing, (word, pattern, hue) in OFFS.items():
        off = [(row, off_days(row)) for row in rows if _is_off(row, timing, span)]
        if off:
            traces.append(
                bar(
                    [span.clip(*days) for _, days in off],
                    middle,
                    OFF,
                    name=word,
                    showlegend=True,
                    marker={
                        "color": pale(hue, 0.25),
                        "line": {"color": hue, "width": 1.5},
                        "pattern": {"shape": pattern, "fgcolor": hue, "size": 5, "solidity": 0.4},
                    },
                    customdata=[_about(row.done_on, row, course_id) for row, _ in off],
                    hovertext=[_off_hover(row, protocol) for row, _ in off],
                    hovertemplate="%{hovertext}<extra></extra>",
                    unselected=STEADY,
                )
            )
    return traces


def _is_off(row: Any, timing: str, span: Span) -> bool:
    return row.status == "done" and row.timing == timing and span.holds(*off_days(row))


def off_days(row: Any) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The days by which a done visit was off: to the window's near edge, too soon to the day when skin has healed."""
    if row.timing == "late":
        return row.overdue_on - DAY, row.done_on
    return row.done_on, row.earliest_on if row.timing == "too_soon" else row.due_on


def _off_hover(row: Any, protocol: Protocol) -> str:
    how = fitted(row.timing, int(row.days_off))
    window = f"Window {days_range(row.due_on, row.overdue_on - DAY)}" if has_window(row) else ""
    told = lines(day(row.done_on), _called(row, protocol), sentence(how), window)
    return "<br>".join(filter(None, [told, grounds_hover(row)]))


def _agreed(agreed: list[tuple[Any, pd.Series]], middle: float, span: Span, protocol: Protocol) -> Trace:
    """A bracket under the dates that were agreed with the patient."""
    return bar(
        [span.clip(dates["due_on"], dates["last_on"]) for _, dates in agreed],
        middle - (HEIGHT + AGREED) / 2 - 1,
        AGREED,
        name="Agreed dates",
        showlegend=True,
        marker={
            "color": pale(LINE, 0.3),
            "line": {"color": LINE, "width": 1.5},
            "pattern": {"shape": "|", "fgcolor": LINE, "size": 5, "solidity": 0.4},
        },
        hovertext=[_agreed_hover(row, dates, protocol) for row, dates in agreed],
        hovertemplate="%{hovertext}<extra></extra>",
        unselected=STEADY,
    )


def _agreed_hover(row: Any, agreed: pd.Series, protocol: Protocol) -> str:
    dates = days_range(agreed["due_on"], agreed["last_on"])
    note = agreed.get("note")
    said = f"Agreed on {day(agreed['agreed_on'])}" + (f": {note}" if isinstance(note, str) and note else "")
    return "<br>".join([lines(dates, _called(row, protocol)), wrapped(said)])


def _numbers(rows: list[Any], middle: float, span: Span) -> Trace:
    """The windows' numbers, each in the middle of what is shown, as many as have room."""
    placed: list[tuple[pd.Timestamp, str]] = []
    last = float("-inf")
    for row in sorted(rows, key=lambda row: row.due_on):
        first, end = span.clip(row.due_on, row.overdue_on - DAY)
        on = first + (end - first) / 2
        has_room = row.status not in SHADES or span.share(end) - span.share(first) >= NARROW * len(str(row.number))
        if has_room and span.share(on) - last >= NEAR:
            placed.append((on, str(row.number)))
            last = span.share(on)
    return dict(
        type="scatter",
        x=[on.isoformat() for on, _ in placed],
        y=[middle] * len(placed),
        mode="text",
        text=[ink(number) for _, number in placed],
        textfont={"size": 11},
        unselected={"textfont": STEADY["textfont"]},
        hoverinfo="skip",
        showlegend=False,
    )


def _outline(row: Any, middle: float, as_of: pd.Timestamp, span: Span) -> list[dict[str, Any]]:
    """The window's edge, dashed where only likely, with threads for the days from the earliest on and those overdue."""
    look, shapes = STATUSES[row.status], []
    if has_window(row) and span.holds(row.due_on, row.overdue_on - DAY):
        days = span.clip(row.due_on, row.overdue_on - DAY)
        if _is_past(row):
            # a bar has its own edge, but for one of a single day, which has no width
            return [frame(days, middle, HEIGHT, color=look.outline, width=1)] if days[0] == days[1] else []
        likely = row.status == "projected"
        edge = frame(days, middle, HEIGHT, color=look.outline, width=2, dash="dash" if likely else "solid")
        shapes.append(edge | ({"name": "Likely window"} if likely else {}))
    if _is_past(row):
        return []
    if not pd.isna(row.earliest_on) and row.earliest_on < row.due_on:
        shapes += _thread((row.earliest_on, row.due_on), middle, span, look.outline, 1.5)
    if row.status in ("overdue", "lapsed"):
        shapes += _thread((row.overdue_on, as_of), middle, span, look.colour, THIN)
    return shapes


def _thread(
    days: tuple[pd.Timestamp, pd.Timestamp], middle: float, span: Span, colour: str, width: float
) -> list[dict[str, Any]]:
    if not span.holds(*days):
        return []
    start, end = span.clip(*days)
    line = {"type": "line", "x0": start.date(), "x1": end.date(), "y0": middle, "y1": middle, "layer": "below"}
    return [line | {"line": {"color": colour, "width": width}}]
