"""The published windows under those that the clinic has set for itself."""

from typing import Any

from lib.charts.lanes import Span, Trace, bar, records
from lib.charts.palette import LINE, STEADY, lines, pale, wrapped
from lib.plan import Plan
from lib.schedule.explain import visit_name
from lib.schedule.protocols import Protocol
from lib.words import days_range, sentence

WORD = "Published window"
HEIGHT = 6


def published_beside(plan: Plan, rows: list[Any], span: Span) -> list[tuple[Any, Any]]:
    """Those of a plan's rows beside whose window a published one is shown, each with it."""
    windows = {window.Index: window for window in records(plan.published)}
    both = [(row, windows[row.Index]) for row in rows if row.Index in windows]
    return [(row, window) for row, window in both if span.holds(window.first_on, window.last_on)]


def published_strip(beside: list[tuple[Any, Any]], middle: float, span: Span, protocol: Protocol) -> Trace:
    """A thin outlined bar for each pair of a row and its published window, around `middle`."""
    return bar(
        [span.clip(window.first_on, window.last_on) for _, window in beside],
        middle,
        HEIGHT,
        name=WORD,
        showlegend=True,
        marker={"color": pale(LINE, 0.15), "line": {"color": LINE, "width": 1.5}},
        hovertext=[_hover(row, window, protocol) for row, window in beside],
        hovertemplate="%{hovertext}<extra></extra>",
        unselected=STEADY,
    )


def _hover(row: Any, window: Any, protocol: Protocol) -> str:
    """Dates, what, the published number and the clinic's own with their sources, what moved the clinic's window."""
    told = lines(days_range(window.first_on, window.last_on), sentence(visit_name(protocol, row.kind, row.number)))
    numbers = wrapped(f"Published: {window.published}", f"This clinic: {window.own}", row.moved)
    return f"{told}<br>{numbers}"
