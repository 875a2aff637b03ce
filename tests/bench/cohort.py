"""The cohort in a browser: its page of 50 lanes, and 300 lanes in one figure, beside a bare page in the same run.

`python -m tests.bench.cohort`; the clinic is made for the occasion.
"""

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.bench.caseload import BARE, ROUNDS, alone, seconds
from tests.browser.app import served
from tests.browser.screen import browser, settled

LANES = 300
FIGURE = f"""
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


def load_time(chromium: Browser, address: str, lanes: int = 0) -> float:
    """Seconds until a page has run and all its lanes are drawn, in a browser that has seen the app before."""
    page = chromium.contexts[0].new_page()

    def load() -> None:
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
        settled(page)
        expect(page.locator(".scatterlayer .textpoint")).to_have_count(lanes, timeout=60_000)

    taken = seconds(load)
    page.close()
    return taken


def main() -> None:
    """Print the medians, and how much longer than the bare page each takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            served(folder) as app,
            alone(folder, BARE, 8698) as bare,
            alone(folder, FIGURE.format(path=str(app.database)), 8697) as figure,
            browser() as chromium,
        ):
            chromium.new_context(viewport={"width": 1366, "height": 768})
            pages = [(bare, 0), (f"{app.address}/cohort", 50), (figure, LANES)]
            for address, lanes in pages:
                load_time(chromium, address, lanes)
            # Turn about, so that a busy moment of the machine falls on all.
            rounds = [[load_time(chromium, *one) for one in pages] for _ in range(ROUNDS)]
    plain, page, many = (sorted(column) for column in zip(*rounds, strict=True))
    base = statistics.median(plain)
    print(f"cohort; {ROUNDS} loads of each, warm")
    print(f"bare page:             median {base:.2f} s")
    for what, times, wanted in (("page of 50 lanes", page, 0.6), (f"{LANES} lanes, one figure", many, 1.0)):
        median = statistics.median(times)
        more = f"{median - base:.2f} s more than bare (wanted: {wanted} s)"
        print(f"{what + ':':22} median {median:.2f} s, most {times[-1]:.2f} s; {more}")


if __name__ == "__main__":
    main()
