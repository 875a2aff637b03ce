"""Holds and closures: a lane that names the pauses, and hatched days behind all lanes."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from lib.charts.lanes import Lane, Part, Span, bar, records
from lib.charts.palette import CLOSED, INK, LINE, STEADY, STRIP, glyph, ink, lines, pale
from lib.words import HOLDS, day, days_range

HEIGHT = 22
HATCHES = {"medical": "x", "wish": "/"}
DAY = pd.Timedelta(days=1)


def told_holds(holds: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The holds known of on that day, in order; one that ends by the day it starts is none (docs/rules.md)."""
    lasting = holds["ends_on"].isna() | (holds["ends_on"] > holds["starts_on"])
    told = holds["starts_on"] <= as_of
    told |= ~(holds["recorded_on"] > as_of) if "recorded_on" in holds else True
    return holds[lasting & told].sort_values("starts_on")


def pauses_lane(holds: pd.DataFrame, as_of: pd.Timestamp, span: Span) -> list[Lane]:
    """A lane with the shown holds, where there are any, and what the present or latest one says."""
    if holds.empty:
        return []
    covers = (holds["starts_on"] <= as_of) & (holds["ends_on"].isna() | (holds["ends_on"] > as_of))
    telling = (holds[covers] if covers.any() else holds).iloc[-1]
    dates = _dates(telling.starts_on, telling.ends_on)
    past = f"<b>Pauses</b>  {glyph(CLOSED)} {_short(telling.cause).lower()}, {dates}"
    heading = f"<b>{_word(telling.cause)}</b>  {glyph(CLOSED)} {dates}" if covers.any() else past

    def draw(middle: float) -> Part:
        return Part(
            [
                bar(
                    [span.clip(hold.starts_on, hold.ends_on) for hold in records(holds)],
                    middle,
                    HEIGHT,
                    name="Paused",
                    marker={"color": STRIP, "line": {"color": LINE, "width": 1}},
                    text=[ink(_short(hold.cause), INK) for hold in records(holds)],
                    textposition="inside",
                    insidetextanchor="middle",
                    textangle=0,
                    insidetextfont={"size": 11},
                    hovertext=[hold_hover(hold) for hold in records(holds)],
                    hovertemplate="%{hovertext}<extra></extra>",
                    unselected=STEADY,
                )
            ]
        )

    return [Lane(heading, HEIGHT + 4, draw)]


def behind(holds: pd.DataFrame, closures: pd.DataFrame, span: Span, whole: int) -> Part:
    """The paused days hatched and the closed days shaded, over the whole height."""
    traces = []
    shut = [row for row in records(closures) if row.ends_on > row.starts_on and span.holds(row.starts_on, row.ends_on)]
    if shut:
        traces.append(
            bar(
                [span.clip(row.starts_on, row.ends_on) for row in shut],
                whole / 2,
                whole,
                name="Clinic closed",
                showlegend=True,
                marker={"color": pale(LINE, 0.3), "line": {"width": 0}},
                hovertext=[
                    lines(days_range(row.starts_on, row.ends_on - DAY), "Clinic closed", _text(row.reason))
                    for row in shut
                ],
                hovertemplate="%{hovertext}<extra></extra>",
                unselected=STEADY,
            )
        )
    if len(holds):
        traces.append(
            bar(
                [span.clip(hold.starts_on, hold.ends_on) for hold in records(holds)],
                whole / 2,
                whole,
                name="Paused days",
                marker=hatched(holds["cause"]),
                hoverinfo="skip",
            )
        )
    return Part(traces)


def hatched(causes: Iterable[object]) -> dict[str, Any]:
    """How the days of pauses look, by their causes."""
    shapes = [HATCHES.get(str(cause), ".") for cause in causes]
    pattern = {"shape": shapes, "fgcolor": pale(LINE, 0.45), "size": 7, "solidity": 0.15}
    return {"color": pale(LINE, 0.1), "pattern": pattern, "line": {"width": 0}}


def _word(cause: object) -> str:
    return HOLDS.get(str(cause), "Paused")


def _short(cause: object) -> str:
    return _word(cause).removeprefix("Paused: ").capitalize()


def _text(reason: object) -> str:
    return reason if isinstance(reason, str) else ""


def _dates(starts_on: pd.Timestamp, ends_on: pd.Timestamp) -> str:
    if pd.isna(ends_on):
        return f"from {day(starts_on)}, no end date"
    return days_range(starts_on, ends_on - DAY)


def hold_hover(hold: Any) -> str:
    """A pause in words: its days, its cause, its reason, when treatment may resume."""
    resume = "" if pd.isna(hold.ends_on) else f"Treatment may resume {day(hold.ends_on)}"
    return lines(_dates(hold.starts_on, hold.ends_on), _word(hold.cause), _text(hold.reason), resume)
