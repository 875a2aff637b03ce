"""The cohort in a browser: its page of 50 lanes, and 300 lanes in one figure, beside two bare pages in the same run.

`python -m tests.bench.cohort`; the clinic is made for the occasion.
"""

import tempfile
from pathlib import Path

from lib.cohort import PAGE
from tests.bench.loading import BARE_FIGURE, FIGURE, TABLE, Loaded, bare, print_times, profile, turn_about
from tests.bench.timing import busy
from tests.browser.app import served

LANES, NAMES, ROUNDS = 300, ".scatterlayer .textpoint", 7
LANES_PAGE = f"""
from datetime import date
from pathlib import Path

import streamlit as st

from clinic_data.actor import DESK
from clinic_data.database import Store
from lib.charts.cohort import cohort_timelines
from pages.parts.load import load, load_cohort

store, day = Store(Path({{path!r}})), date(2026, 11, 23)
clinic = load(DESK, store, day)
plans = load_cohort(DESK, store, day).plans.head({LANES})
ids = plans["course_id"]
rows, visits, holds = (
    frame[frame["course_id"].isin(ids)] for frame in (clinic.schedule, clinic.known.visits, clinic.known.holds)
)
plans = plans.assign(patient="Somebody's name")
st.title("Figure")
st.plotly_chart(cohort_timelines(plans, rows, visits, holds, clinic.known.protocols, day), on_select="rerun")
"""


def main() -> None:
    """Print the medians, and how much longer than the bare page each takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            served(folder) as app,
            bare(folder) as plain,
            bare(folder, BARE_FIGURE, 8698) as figure,
            bare(folder, LANES_PAGE.format(path=str(app.database)), 8697) as many,
            profile(folder) as context,
        ):
            pages = {
                "a bare page": Loaded(plain, {}),
                "bare, with a figure": Loaded(figure, {FIGURE: 1}),
                f"the cohort, a page of {PAGE} lanes": Loaded(f"{app.address}/cohort", {NAMES: PAGE, TABLE: 2}),
                f"{LANES} lanes in one figure": Loaded(many, {NAMES: LANES}),
            }
            times = turn_about(context, pages, ROUNDS)
    *_, page, lanes = times
    print(f"cohort; {ROUNDS} loads of each, turn about; {busy()}")
    print_times(times, "a bare page", {page: 0.6, lanes: 1})


if __name__ == "__main__":
    main()
