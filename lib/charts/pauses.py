"""Holds and closures: a lane that names the pauses, and hatched days behind all lanes."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from lib.charts.lanes import Lane, Part, Span, bar, records
from lib.charts.palette import CLOSED, INK, LINE, STEADY, STRIP, glyph, ink, lines, pale
from lib.pauses import covering
from lib.words import HOLDS, day, days_range

HEIGHT = 22
HATCHES = {"medical": "x", "wish": "/"}
DAY = pd.Timedelta(days=1)


def pauses_lane(holds: pd.DataFrame, as_of: pd.Timestamp, span: Span) -> list[Lane]:
    """A lane with the holds, where there are any, and what the present or latest one says."""
    if holds.empty:
        return []
    shown = holds[[span.holds(hold.starts_on, hold.ends_on) for hold in records(holds)]]
    # of several in force the one that forbids treatment, then the one that lasts longest
    now = covering(holds.assign(forbids=holds["cause"] == "medical"), as_of).sort_values(["forbids", "ends_on"])
    telling = (now if len(now) else holds).iloc[-1]
    dates = _dates(telling.starts_on, telling.ends_on)
    past = f"<b>Pauses</b>  {glyph(CLOSED)} {_short(telling.cause).lower()}, {dates}"
    heading = f"<b>{_word(telling.cause)}</b>  {glyph(CLOSED)} {dates}" if len(now) else past

    def draw(middle: float) -> Part:
        if shown.empty:
            return Part()
        return Part(
            [
                bar(
                    [span.clip(hold.starts_on, hold.ends_on) for hold in records(shown)],
                    middle,
                    HEIGHT,
                    name="Paused",
                    marker={"color": STRIP, "line": {"color": LINE, "width": 1}},
                    text=[ink(_short(hold.cause), INK) for hold in records(shown)],
                    textposition="inside",
                    insidetextanchor="middle",
                    textangle=0,
                    insidetextfont={"size": 11},
                    hovertext=[hold_hover(hold) for hold in records(shown)],
                    hovertemplate="%{hovertext}<extra></extra>",
                    unselected=STEADY,
                )
            ]
        )

    return [Lane(heading, HEIGHT + 4, draw)]


def paused_days(holds: pd.DataFrame, span: Span, middle: float, height: float) -> Part:
    """The paused days hatched over all lanes of a plan."""
    holds = holds[[span.holds(hold.starts_on, hold.ends_on) for hold in records(holds)]]
    if holds.empty:
        return Part()
    trace = bar(
        [span.clip(hold.starts_on, hold.ends_on) for hold in records(holds)],
        middle,
        height,
        name="Paused days",
        marker=hatched(holds["cause"]),
        hoverinfo="skip",
    )
    return Part([trace])


def hatched(causes: Iterable[object]) -> dict[str, Any]:
    """How the days of pauses look, by their causes."""
    shapes = [HATCHES.get(str(cause), ".") for cause in causes]
    pattern = {"shape": shapes, "fgcolor": pale(LINE, 0.45), "size": 7, "solidity": 0.15}
    return {"color": pale(LINE, 0.1), "pattern": pattern, "line": {"width": 0}}


def closed_days(closures: pd.DataFrame, span: Span, middle: float, height: float) -> Part:
    """The days on which the clinic is closed shaded over all lanes of a plan."""
    shut = shut_days(closures, span)
    if shut.empty:
        return Part()
    trace = bar(
        [span.clip(row.starts_on, row.ends_on) for row in records(shut)],
        middle,
        height,
        name="Clinic closed",
        showlegend=True,
        marker={"color": pale(LINE, 0.3), "line": {"width": 0}},
        hovertext=[
            lines(days_range(row.starts_on, row.ends_on - DAY), "Clinic closed", _text(row.reason))
            for row in records(shut)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        unselected=STEADY,
    )
    return Part([trace])


def shut_days(closures: pd.DataFrame, span: Span) -> pd.DataFrame:
    """The closures of which a day is shown."""
    if closures.empty:
        return closures
    shown = (closures["starts_on"] <= span.last) & (closures["ends_on"] > span.first)
    return closures[shown & (closures["ends_on"] > closures["starts_on"])]


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
