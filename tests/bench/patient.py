"""The page of a patient with 200 sessions, in a browser, beside a bare page with one figure and a bare page.

`python -m tests.bench.patient`; the clinic is made for the occasion.
"""

import os
import tempfile
from datetime import date, timedelta
from pathlib import Path

from streamlit.testing.v1 import AppTest

from clinic_data.actor import DESK
from clinic_data.database import Store
from tests.bench.caseload import seconds
from tests.bench.loading import BARE_FIGURE, FIGURE, TABLE, Loaded, bare, print_times, profile, turn_about
from tests.bench.timing import busy
from tests.browser.app import NOW, ROOT, Served, served

SESSIONS, EVERY, ROUNDS = 200, 28, 9


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
            bare(folder, BARE_FIGURE, 8698) as figure,
        ):
            code = give_sessions(app)
            address = f"{app.address}/patient?patient={code}"
            with profile(folder) as context:
                pages = {
                    "a bare page": Loaded(plain, {}),
                    "bare, with a figure": Loaded(figure, {FIGURE: 1}),
                    "the patient, picture and table": Loaded(address, {FIGURE: 1, TABLE: 1}),
                }
                times = turn_about(context, pages, ROUNDS)
            script = script_time(app, code)
    print(f"page of a patient with {SESSIONS} sessions; {ROUNDS} loads, turn about; {busy()}")
    print_times(times, "a bare page", {"the patient, picture and table": 0.6})
    print(f"the script alone, on the server: {script:.2f} s")


if __name__ == "__main__":
    main()
