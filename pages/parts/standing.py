"""How it stands and how it went: how long overdue, the treatment plans, and whether sessions came on time."""

import numpy as np
import streamlit as st

from lib.caseload import Caseload
from lib.charts.caseload import OVERDUE_FILL, STATE_FILLS, TIMING_FILLS, Fill, alt, kinds_chart, timing_chart
from pages.parts.figures import Cell, show_heading, show_link, show_links, show_numbers, show_picture


def show_overdue(caseload: Caseload, kept: np.ndarray) -> None:
    """How many patients have been overdue how long."""
    _show_kinds(caseload, "overdue", kept, dict.fromkeys(caseload.counts("overdue", kept), OVERDUE_FILL))


def show_plans(caseload: Caseload, kept: np.ndarray) -> None:
    """How many treatment plans stand how, and of how many somebody has to ask."""
    _show_kinds(caseload, "plans", kept, STATE_FILLS)
    about = caseload.figures["paused_to_check"]
    asked, paused = caseload.total(about.id, kept), caseload.counts("plans", kept)["paused"]
    show_link(f"Of {paused:,} paused, ask how it stands\u2002**{asked:,}**", {"figure": about.id, "part": "all"})


def show_timing(caseload: Caseload, kept: np.ndarray) -> None:
    """The share of sessions that came on time, early, late and too soon, month by month."""
    counts, parts = caseload.counts("timing", kept), caseload.figures["timing"].parts
    months = list(dict.fromkeys(part.row for part in parts))
    sorts = {sort: [counts[part.id] for part in parts if part.column == sort] for sort in TIMING_FILLS}
    totals = dict(zip(months, map(sum, zip(*sorts.values(), strict=True)), strict=True))
    show_heading(caseload, "timing", kept)
    picture, table = st.columns(2, gap="medium")
    with picture:
        show_picture(timing_chart(months, sorts), "timing", alt(caseload.figures["timing"].name, months, sorts))
    with table:
        show_numbers(
            {"Month": months, "n": list(totals.values())},
            {
                sort: [
                    Cell(counts[part.id], "timing", part.id, share=counts[part.id] / max(totals[part.row], 1))
                    for part in parts
                    if part.column == sort
                ]
                for sort in TIMING_FILLS
            },
            key=f"timing {months[-1]}",
            alt="Sessions by month and by how they came",
        )


def _show_kinds(caseload: Caseload, figure: str, kept: np.ndarray, fills: dict[str, Fill]) -> None:
    about, counts = caseload.figures[figure], caseload.counts(figure, kept)
    names = [part.name for part in about.parts]
    numbers = [counts[part.id] for part in about.parts]
    show_heading(caseload, figure, kept)
    show_picture(
        kinds_chart(names, numbers, [fills[part.id] for part in about.parts]),
        figure,
        alt(about.name, names, {"": numbers}),
    )
    with st.container(horizontal=True, gap="small"):
        show_links(caseload, figure, counts, list(counts))
