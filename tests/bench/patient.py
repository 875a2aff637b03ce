"""The page of a patient with 200 sessions, in a browser, beside a bare page with one figure and a bare page.

`python -m tests.bench.patient`; the clinic is made for the occasion.
"""

import os
import statistics
import tempfile
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Browser, expect
from streamlit.testing.v1 import AppTest

from clinic_data.actor import DESK
from clinic_data.database import Store
from tests.bench.caseload import bare, seconds
from tests.browser.app import NOW, ROOT, Served, served
from tests.browser.screen import browser, settled

SESSIONS, EVERY, ROUNDS = 200, 28, 9
FIGURE = """import plotly.graph_objects as go
import streamlit as st

st.title('Bare')
st.plotly_chart(go.Figure([go.Scatter(x=[1, 2, 3], y=[1, 3, 2])]))
"""


def give_sessions(app: Served) -> str:
    """A plan with so many sessions, for the first patient who has one plan; returns her code."""
    store, today = Store(app.database), date.fromisoformat(NOW[:10])
    with store.change(DESK, "many sessions") as change:
        plans = change.db.query("select min(id) as id, patient_id from courses group by patient_id having count(*) = 1")
        plan = next(iter(plans))
        for visit in list(change.db.query("select id from visits where patient_id = ?", [plan["patient_id"]])):
            for table in ("outcome_scores", "visit_courses"):
                change.db.execute(f"delete from {table} where visit_id = ?", [visit["id"]])
            change.db.execute("delete from visits where id = ?", [visit["id"]])
        first = today - timedelta(days=SESSIONS * EVERY)
        change.update("courses", plan["id"], opened_on=first.isoformat(), closed_on=None, closed_reason=None)
        for number in range(SESSIONS):
            on = (first + timedelta(days=number * EVERY)).isoformat()
            whose = {"patient_id": plan["patient_id"]}
            done = {"kind": "session", "visit_date": on, "status": "completed", "recorded_on": on, "depth_mm": 1.5}
            key = {"source": "bench", "source_key": str(number)}
            visit_id = change.insert("visits", whose | done | key)
            change.insert("visit_courses", whose | {"course_id": plan["id"], "visit_id": visit_id})
        found = change.db.query("select code from patients where id = ?", [plan["patient_id"]])
        return str(next(iter(found))["code"])


def load_time(chromium: Browser, address: str, figures: int) -> float:
    """Seconds until a page has run and its figures are drawn, in a browser that has seen the app before."""
    page = chromium.contexts[0].new_page()

    def load() -> None:
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
        settled(page)
        if figures:
            expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=60_000)

    taken = seconds(load)
    page.close()
    return taken


def script_time(app: Served, code: str) -> float:
    """The server's seconds for the page's script alone, once warm."""
    os.environ |= {"CLINIC_DB": str(app.database), "CLINIC_NOW": NOW}
    page = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=120)
    page.query_params["patient"] = code
    page.run()
    page.switch_page("patient.py")
    page.query_params["patient"] = code
    page.run()
    assert not page.exception
    return min(seconds(page.run) for _ in range(5))


def main() -> None:
    """Print the medians and the differences."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            served(folder, "--patients", "50") as app,
            bare(folder) as plain,
            bare(folder, FIGURE, 8698) as pictured,
            browser() as chromium,
        ):
            code = give_sessions(app)
            chromium.new_context(viewport={"width": 1366, "height": 768})
            pages = [(f"{app.address}/patient?patient={code}", 1), (pictured, 1), (plain, 0)]
            for address, figures in pages:
                load_time(chromium, address, figures)
            # Turn about, so that a busy moment of the machine falls on all.
            rounds = [[load_time(chromium, *page) for page in pages] for _ in range(ROUNDS)]
            script = script_time(app, code)
    patient, figure, bare_page = (statistics.median(column) for column in zip(*rounds, strict=True))
    more = statistics.median(one - other for one, other, _ in rounds)
    print(f"page of a patient with {SESSIONS} sessions; {ROUNDS} loads, turn about")
    print(f"load, warm: median {patient:.2f} s; bare page with a figure {figure:.2f} s; bare page {bare_page:.2f} s")
    print(f"more than with a figure: {more:.2f} s (wanted: 0.6 s); more than bare: {patient - bare_page:.2f} s")
    print(f"the script alone, on the server: {script:.2f} s")


if __name__ == "__main__":
    main()
