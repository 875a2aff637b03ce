"""The lanes of outcome scores: one a scale, with its ends and the direction that is better."""

from typing import Any

import pandas as pd

from lib.charts.lanes import Lane, Part, Span, records
from lib.charts.palette import LINE, STEADY, ink, lines, pale
from lib.scales import SCALES, Scale, change_in_words
from lib.words import day, sentence

HEIGHT, SIZE, LETTERS = 50, 9, 11
NEAR = 0.08
"""The first and the last number stand apart by at least this share of the picture's width."""
ARROWS = {"lower": "↓", "higher": "↑"}


def score_lanes(scored: pd.DataFrame, span: Span, course_id: int) -> list[Lane]:
    """A lane for each scale and direction; `scored` has visit_date, kind, scale, value and better, in order."""
    lanes = []
    for scale, better in dict.fromkeys(zip(scored["scale"], scored["better"], strict=True)):
        its = scored[(scored["scale"] == scale) & (scored["better"] == better)]
        lanes.append(_lane(SCALES[scale], better, its, span, course_id))
    return lanes


def _lane(scale: Scale, better: str, scores: pd.DataFrame, span: Span, course_id: int) -> Lane:
    values = scores["value"].tolist()
    heading = f"<b>{scale.label.replace('&', '&amp;')}</b>  {ARROWS[better]} {better} is better  {values[0]:g}"
    if len(values) > 1:
        heading += f" → {values[-1]:g}"
    shown = scores[scores["visit_date"].between(span.first, span.last)]
    if shown.empty:
        return Lane(heading, 0)
    trace = dict(
        type="scatter",
        name=scale.label,
        x=[on.date() for on in shown["visit_date"]],
        y=shown["value"].tolist(),
        mode="lines+markers+text",
        line={"color": LINE, "width": 1.5},
        marker={"color": LINE, "size": SIZE, "opacity": 1},
        text=_ends(shown, span),
        textposition="top center",
        textfont={"size": LETTERS},
        hovertext=[_hover(row, scale, better, scores.iloc[0]) for row in records(shown)],
        hovertemplate="%{hovertext}<extra></extra>",
        customdata=[[row.visit_date.date().isoformat(), row.kind, None, course_id] for row in records(shown)],
        showlegend=False,
        unselected=STEADY,
        selected={"marker": {"size": SIZE + 6}},
        cliponaxis=False,
    )
    room = scale.most - scale.least
    axis = {
        # above the best or worst of all, room for its number under the heading
        "range": [scale.least - room * 0.1, scale.most + room * 0.6],
        "tickvals": [scale.least, scale.most],
        "ticklabelposition": "inside top",
        "ticklabeloverflow": "allow",
        "tickfont": {"size": 10, "color": LINE},
        "fixedrange": True,
        "gridcolor": pale(LINE, 0.25),
        "zeroline": False,
    }
    return Lane(heading, HEIGHT, lambda middle: Part([trace]), axis)


def _ends(shown: pd.DataFrame, span: Span) -> list[str]:
    """The first and the last number; the others, and the first where it is too near, are left to the hover."""
    text = [""] * len(shown)
    for at in (0, -1):
        text[at] = ink(f"{shown['value'].iloc[at]:g}")
    if len(text) > 1 and span.share(shown["visit_date"].iloc[-1]) - span.share(shown["visit_date"].iloc[0]) < NEAR:
        text[0] = ""
    return text


def _hover(row: Any, scale: Scale, better: str, first: pd.Series) -> str:
    told = "" if row.Index == first.name else sentence(change_in_words(scale, better, first["value"], row.value))
    return lines(day(row.visit_date), f"{scale.label}: {row.value:g}", f"{sentence(better)} is better", told)
