"""The cohort in a browser: its page of 50 lanes, and 300 lanes in one figure, beside two bare pages in the same run.

`python -m tests.bench.cohort`; the clinic is made for the occasion.
"""

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect

from lib.cohort import PAGE
from tests.bench.caseload import BARE, FIGURE, ROUNDS, bare, seconds
from tests.bench.timing import busy
from tests.browser.app import served
from tests.browser.screen import browser, settled

LANES, NAMES = 300, ".scatterlayer .textpoint"
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


def load_time(chromium: Browser, address: str, drawn: str, count: int) -> float:
    """Seconds until a page has run and drawn so many of what `drawn` selects, in a browser that has seen it before."""
    page = chromium.contexts[0].new_page()

    def load() -> None:
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
        settled(page)
        expect(page.locator(drawn)).to_have_count(count, timeout=60_000)

    taken = seconds(load)
    page.close()
    return taken


def main() -> None:
    """Print the medians, and how much longer than the bare page each takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            served(folder) as app,
            bare(folder, BARE, 8698) as plain,
            bare(folder, FIGURE, 8697) as figure,
            bare(folder, LANES_PAGE.format(path=str(app.database)), 8696) as many,
            browser() as chromium,
        ):
            chromium.new_context(viewport={"width": 1366, "height": 768})
            pages = [
                (plain, "h1", 1),
                (figure, ".barlayer .point", 2),
                (f"{app.address}/cohort", NAMES, PAGE),
                (many, NAMES, LANES),
            ]
            for page in pages:
                load_time(chromium, *page)
            # Turn about, so that a busy moment of the machine falls on all.
            rounds = [[load_time(chromium, *page) for page in pages] for _ in range(ROUNDS)]
    base, *others = zip(*rounds, strict=True)
    median = statistics.median(base)
    print(f"cohort; {ROUNDS} loads of each, warm; {busy()}")
    print(f"bare page:             median {median:.2f} s")
    wanted = {
        "bare with a figure": "",
        "page of 50 lanes": " (wanted: 0.6 s)",
        "300 lanes, one figure": " (wanted: 1 s)",
    }
    for (what, most), times in zip(wanted.items(), others, strict=True):
        middle = statistics.median(times)
        said = f"median {middle:.2f} s, most {max(times):.2f} s; {middle - median:.2f} s more than bare{most}"
        print(f"{what + ':':22} {said}")


if __name__ == "__main__":
    main()
