"""How sessions of each number came, in a picture and in numbers."""

import pandas as pd
import streamlit as st

from lib.caseload import TIMINGS
from lib.charts.by_number import FILLS, NOT_DONE, by_number_chart
from lib.charts.caseload import alt
from lib.cohort import ABOUT_NUMBERS
from pages.parts.figures import show_picture

COLUMNS = TIMINGS | {"not_done": NOT_DONE}
TITLE = "How sessions came, by number"


def show_by_number(numbers: pd.DataFrame) -> None:
    """The rows of `lib.cohort.by_number`."""
    st.subheader(TITLE, anchor=False, help=ABOUT_NUMBERS)
    if numbers.empty:
        st.caption("No session is expected yet.")
        return
    st.caption(
        "n: plans whose window for that session has closed; open: those whose window has not, which don't count."
    )
    counts = {COLUMNS[fate]: numbers[fate].tolist() for fate in COLUMNS}
    names = [f"Session {number}" for number in numbers["number"]]
    show_picture(
        by_number_chart(numbers["number"].tolist(), counts, numbers["open"].tolist()),
        "by number",
        alt(TITLE, names, counts | {"Still open": numbers["open"].tolist()}),
    )
    n = numbers["n"].tolist()
    shares = {
        name: [f"{one:,} · {one / total:.0%}" if total else "" for one, total in zip(counts[name], n, strict=True)]
        for name in FILLS
    }
    st.dataframe(
        pd.DataFrame(
            {"Session": numbers["number"].tolist(), "n": n} | shares | {"Still open": numbers["open"].tolist()}
        ),
        hide_index=True,
        height="content",
        alt="How sessions came, by number: a row each",
        column_config={"Session": st.column_config.NumberColumn("Session", pinned=True)},
    )
