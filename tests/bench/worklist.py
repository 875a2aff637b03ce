"""The worklist with 20,000 patients: the server's time for what the desk does all day, beside a bare page's run.

`python -m tests.bench.worklist`; the clinic is made for the occasion. A page is run by AppTest without a browser, from
the shell on, so that a number is all that a click costs the server.
"""

import logging
import os
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from clinic_data.actor import DESK
from clinic_data.attempts import record_attempt
from clinic_data.database import Store
from clinic_data.errors import ClinicError
from clinic_data.judged import judge_clinic
from clinic_data.visits import note_booking
from lib.worklist import by_patient
from tests.bench.timing import busy, turn_about
from tests.browser.app import NOW, ROOT

PATIENTS, SEED, ROUNDS, ATTEMPTS = 20_000, 7, 9, 25_000
TODAY = date.fromisoformat(NOW[:10])
BARE = "import streamlit as st\n\nst.title('Bare')\n"
AREAS = ["Cheeks", "Face", "Neck", "Forehead"]
WANTED = {"a filter": 150, "recording an attempt": 150, "noting a booking": 600}
"""What the desk does, and within how many milliseconds it wants the page back."""


class Desk:
    """Somebody at Follow-ups, who goes down the list."""

    def __init__(self, store: Store):
        self._store = store
        flags = judge_clinic(DESK, store, TODAY).flagged
        self.flagged = len(by_patient(flags))
        calls = flags[~flags["flag"].isin(["attendance_unrecorded"])].drop_duplicates("patient_id")
        self._calls = calls[["patient_id", "course_id", "kind", "number", "flag"]].itertuples(index=False, name=None)
        self._page = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=120)
        self._bare = AppTest.from_string(BARE)
        self._areas = cycle(AREAS)

    def look(self) -> None:
        """The page once more, nothing changed."""
        self._page.run()
        assert not self._page.exception

    def look_at_nothing(self) -> None:
        """A page with a title and nothing else."""
        self._bare.run()

    def filter(self) -> None:
        """Another area."""
        box = next(box for box in self._page.multiselect if box.key == "area")
        box.set_value([next(self._areas)])
        self.look()

    def show_all(self) -> None:
        """No filter."""
        next(box for box in self._page.multiselect if box.key == "area").set_value([])
        self.look()

    def attempt(self) -> None:
        """Nobody answered, and the page after it."""
        patient, *reason = next(self._calls)
        record_attempt(DESK, self._store, patient, channel="phone", outcome="no_answer", reasons=[tuple(reason)])
        self.look()

    def book(self) -> None:
        """A booking is noted, and the page after it."""
        for _, course_id, *_ in self._calls:
            try:
                day = TODAY + timedelta(days=30)
                note_booking(DESK, self._store, [course_id], kind="session", visit_date=day)
                break
            except ClinicError:
                continue
        self.look()


def write_history(store: Store) -> None:
    """A year of attempts: the last fifth about what is flagged now, the others about any plan's first sessions."""
    judged, rng = judge_clinic(DESK, store, TODAY), np.random.default_rng(SEED)
    rows = {
        "old": judged.known.courses.assign(kind="session", number=1, flag="missed_session"),
        "new": judged.flagged.astype({"kind": object, "flag": object}),
    }
    columns = ["patient_id", "course_id", "kind", "number", "flag"]
    parts = [
        rows[name][columns].iloc[np.sort(rng.integers(0, len(rows[name]), size))]
        for name, size in (("old", ATTEMPTS * 4 // 5), ("new", ATTEMPTS // 5))
    ]
    attempts, reasons = [], []
    for place, row in enumerate(pd.concat(parts).itertuples(index=False), start=1):
        patient, *reason = row
        day = str(TODAY - timedelta(days=1 + (ATTEMPTS - place) * 365 // ATTEMPTS))
        outcome = ("no_answer", "left_message", "keep_trying")[place % 3]
        attempts.append((place, patient, f"{day}T10:00:00Z", DESK.name, "phone", outcome, day))
        reasons.append((place, *reason))
    with store.change(DESK, "write a year of attempts") as change:
        names = ["id", "patient_id", "at", "actor", "channel", "outcome", "recorded_on"]
        change.insert_many("contact_attempts", names, attempts)
        change.insert_many("attempt_reasons", ["attempt_id", "course_id", "kind", "number", "flag"], reasons)


def main() -> None:
    """Print the median and the most of each, and what is wanted."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "clinic.db"
        os.environ |= {"CLINIC_DB": str(database), "CLINIC_NOW": NOW}
        command = [sys.executable, "clinic.py", "start", "--patients", str(PATIENTS), "--seed", str(SEED)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        store = Store(database)
        write_history(store)
        desk = Desk(store)
        works = {
            "a bare page": desk.look_at_nothing,
            "the page again": desk.look,
            "a filter": desk.filter,
            "no filter": desk.show_all,
            "recording an attempt": desk.attempt,
            "noting a booking": desk.book,
        }
        times = turn_about(works, ROUNDS)
    print(f"{PATIENTS:,} patients, {desk.flagged:,} of them flagged, {ATTEMPTS:,} attempts; {ROUNDS} rounds; {busy()}")
    print("server time of:")
    for name, taken in times.items():
        wanted = f" (wanted: {WANTED[name]} ms)" if name in WANTED else ""
        print(f"{name:22}{taken}{wanted}")


if __name__ == "__main__":
    main()
