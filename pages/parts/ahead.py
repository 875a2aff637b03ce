"""What falls due: the next twelve weeks, booked and not booked, for the clinic and by practitioner."""

import numpy as np
import pandas as pd
import streamlit as st

from lib.caseload import Caseload
from lib.charts.caseload import WEEK_FILLS, alt, weeks_by_chart, weeks_chart
from lib.words import NOBODY
from pages.parts.figures import Cell, show_heading, show_numbers, show_picture

TODAY = {
    "attention": "Need attention",
    "overdue": "Overdue, not booked",
    "unsafe": "Unsafe",
    "unrecorded": "Did they come?",
}


def show_weeks(caseload: Caseload, kept: np.ndarray) -> None:
    """How many visits fall due in each week, and how many of them are booked."""
    counts, about = caseload.counts("weeks", kept), caseload.figures["weeks"]
    weeks = _weeks(caseload)
    numbers = _by_sort(caseload, counts)
    show_heading(caseload, "weeks", kept)
    picture, table = st.columns([3, 2], gap="medium")
    with picture:
        show_picture(weeks_chart(_starts(weeks), numbers), "weeks", alt(about.name, weeks, numbers))
    with table:
        show_numbers(
            {"Week": weeks},
            {sort: _cells(caseload, counts, sort) for sort in WEEK_FILLS},
            key=f"weeks {weeks[0]}",
            alt="Visits that fall due by week",
        )


def show_by_practitioner(caseload: Caseload, kept: np.ndarray, practitioners: pd.Series) -> None:
    """The same for each practitioner's treatment plans, beside what holds each of them back today."""
    groups = _groups(caseload, kept, practitioners)
    weeks = _weeks(caseload)
    counts = {by: caseload.counts("weeks", mask) for by, (_, mask) in groups.items()}
    named = {"Practitioner": [name for name, _ in groups.values()]}
    st.subheader(
        "By practitioner",
        anchor=False,
        help="The practitioner of the treatment plan; a patient with plans of two counts for both. Each figure is "
        "defined as above.",
    )
    show_numbers(
        named,
        {
            word: [Cell(caseload.total(figure, mask), figure, "", by) for by, (_, mask) in groups.items()]
            for figure, word in TODAY.items()
        },
        key=f"today {list(groups)}",
        alt="Patients by practitioner and by what holds them back",
    )
    numbers = {name: _by_sort(caseload, counts[by]) for by, (name, _) in groups.items()}
    show_picture(
        weeks_by_chart(_starts(weeks), numbers),
        "weeks by practitioner",
        "Visits that fall due in the next 12 weeks, by practitioner. The tables below have the numbers.",
    )
    for sort in reversed(WEEK_FILLS):
        st.markdown(f"**{sort}**, by the week in which the window opens")
        cells = {by: _cells(caseload, counts[by], sort, by) for by in groups}
        show_numbers(
            named,
            {start: [cells[by][at] for by in groups] for at, start in enumerate(_starts(weeks))},
            key=f"{sort} {weeks[0]} {list(groups)}",
            alt=f"Visits that fall due, {sort.lower()}, by practitioner and week",
        )


def _groups(caseload: Caseload, kept: np.ndarray, practitioners: pd.Series) -> dict[str, tuple[str, np.ndarray]]:
    """Each practitioner's name and which plans are theirs, by the id of the address; "0" is nobody."""
    ids = caseload.courses["practitioner_id"].fillna(0).to_numpy(int)
    present = np.unique(ids[kept])
    names = [(str(one), str(name), ids == one) for one, name in practitioners.items() if one in present]
    if 0 in present:
        names.append(("0", NOBODY, ids == 0))
    return {by: (name, mask & kept) for by, name, mask in names}


def _weeks(caseload: Caseload) -> list[str]:
    return list(dict.fromkeys(part.row for part in caseload.figures["weeks"].parts))


def _starts(weeks: list[str]) -> list[str]:
    """The weeks by their first day alone: 23 Nov."""
    return [f"{week.split('–')[0].strip()} {week.split()[-2]}"[:6] for week in weeks]


def _by_sort(caseload: Caseload, counts: dict[str, int]) -> dict[str, list[int]]:
    parts = caseload.figures["weeks"].parts
    return {sort: [counts[part.id] for part in parts if part.column == sort] for sort in WEEK_FILLS}


def _cells(caseload: Caseload, counts: dict[str, int], sort: str, by: str = "") -> list[Cell]:
    parts = caseload.figures["weeks"].parts
    return [Cell(counts[part.id], "weeks", part.id, by) for part in parts if part.column == sort]
