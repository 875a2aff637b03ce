"""The history of the patient's page on a past day: what was not known then is not told."""

from datetime import date

import pandas as pd
import pytest

from pages.parts.history import history
from tests.charts.course import course

UNSAID = ["device", "practitioner", "notes"]
SCORE = (1, "goodman_baron_qualitative", 4.0, "lower")
ASSUMED = ["2024-11-01 session completed 1", "2024-12-11 session completed 1"]
CALLED_OFF = ["2024-11-01 session completed 1", "2024-12-05 session cancelled"]


def latest(visits: list[str], as_of: str, *, cancelled_on: str | None = None) -> tuple[str, str]:
    """How the latest visit went, as told for a day, and its scores; it was booked on 20 November 2024."""
    made = course(visits, as_of=as_of, opened="2024-10-01", scores=[SCORE])
    told = made.visits
    told[UNSAID] = None
    told["recorded_on"] = pd.to_datetime(["2024-11-01", "2024-11-20"])
    told["cancelled_on"] = pd.to_datetime([None, cancelled_on])
    told["cancelled_by"] = [None, "patient" if cancelled_on else None]
    told["attendance_assumed"] = [0, int("completed" in visits[1])]
    row = history([made.plan], date.fromisoformat(as_of)).iloc[0]
    return row["went"], "" if pd.isna(row["scores"]) else row["scores"]


@pytest.mark.parametrize(
    ("as_of", "told"),
    [
        ("2024-12-02", ("Booked", "")),
        ("2024-12-10", ("Booked", "")),
        ("2024-12-11", ("Came (assumed)", "Goodman & Baron (1–4): 4")),
    ],
)
def test_scores_and_attendance_are_told_from_the_visit_s_day_on(as_of, told):
    """Before it the visit is a booking and nothing more."""
    assert latest(ASSUMED, as_of) == told


@pytest.mark.parametrize(
    ("as_of", "went"),
    [
        ("2024-12-02", "Booked"),
        ("2024-12-06", "Did they come?"),
        ("2024-12-09", "Did they come?"),
        ("2024-12-10", "Cancelled on 10 Dec 2024 by the patient"),
    ],
)
def test_no_day_after_the_one_shown_is_told(as_of, went):
    """A visit called off after its day was booked until then."""
    assert latest(CALLED_OFF, as_of, cancelled_on="2024-12-10")[0] == went
