"""The published windows beside the clinic's own: which differ, and on which days they fall for a plan."""

import pandas as pd
import pytest

from lib.published import own_numbers, published_windows
from tests.charts.course import PROTOCOLS, course
from tests.charts.own import CLINIC, own_protocol

OWN = own_protocol(reviews__outcome__window=CLINIC)
SESSIONS = ["2025-10-14 session completed", "2025-12-20 session completed", "2026-02-24 session completed"]


def found(one) -> dict[tuple[str, int], tuple[str, str]]:
    """The first and last day of each published window, by kind and number of its row."""
    windows = published_windows(one.rows, one.protocol)
    named = one.rows.loc[windows.index, ["kind", "number"]].itertuples(index=False, name=None)
    days = windows[["first_on", "last_on"]].astype(str).itertuples(index=False, name=None)
    return dict(zip(named, days, strict=True))


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_shipped_protocols_hold_the_published_windows(protocol):
    """None of them has a window of a clinic's own in place of a published one, so none stands beside a plan's."""
    assert own_numbers(protocol).empty
    assert found(course(SESSIONS, protocol=protocol)) == {}


def test_a_number_of_the_clinic_s_own_stands_beside_the_published_one():
    """A window, a step's window and maintenance graded clinic; neither the same window, nor one graded otherwise."""
    same = own_protocol(maintenance=("6 months", "12 months"), reviews__review__window=CLINIC)
    assert own_numbers(same).values.tolist() == [
        ["Between sessions", "8–10 weeks", CLINIC.source, "4–6 weeks", "articles 2, 3", "practice"],
        ["Before session 3", "9–11 weeks", CLINIC.source, "4–6 weeks", "articles 2, 3", "practice"],
    ]


def test_each_published_window_is_counted_from_its_row_s_anchor():
    """Of done and open rows alike; session 1 and the follow-up review rest on no number of the clinic's own."""
    assert found(course(SESSIONS, protocol=OWN, as_of="2026-03-03")) == {
        ("session", 2): ("2025-11-11", "2025-11-25"),
        ("session", 3): ("2026-01-17", "2026-01-31"),
        ("maintenance", 1): ("2026-08-24", "2027-02-24"),
        ("outcome", 1): ("2026-05-24", "2026-08-24"),
    }


def test_its_number_and_the_clinic_s_have_their_sources():
    """In words, each with its grade."""
    windows = published_windows(course(SESSIONS[:1], protocol=OWN).rows, OWN)
    assert windows[["published", "own"]].values.tolist() == [
        ["4–6 weeks (practice: articles 2, 3)", f"8–10 weeks (clinic: {CLINIC.source})"]
    ]


@pytest.mark.parametrize(
    ("last", "outcome"),
    [
        ("2023-11-29", ("2024-02-29", "2024-05-29")),
        ("2023-11-30", ("2024-02-29", "2024-05-30")),
        ("2024-11-30", ("2025-02-28", "2025-05-30")),
        ("2024-02-29", ("2024-05-29", "2024-08-29")),
        ("2023-08-31", ("2023-11-30", "2024-02-29")),
    ],
)
def test_months_end_where_the_month_does(last, outcome):
    """As the schedule's own windows do."""
    one = course([f"{last} session completed"], protocol=OWN, planned=1, opened="2023-08-01", as_of=last)
    assert found(one)["outcome", 1] == outcome
    published = course([f"{last} session completed"], planned=1, opened="2023-08-01", as_of=last).rows
    row = published[published["kind"] == "outcome"].iloc[0]
    assert outcome == (str(row["due_on"].date()), str((row["overdue_on"] - pd.Timedelta(days=1)).date()))


def test_a_likely_window_has_none():
    """It has no anchor yet."""
    one = course(SESSIONS[:1], protocol=OWN)
    assert "projected" in set(one.rows["status"].astype(object))
    assert set(found(one)) == {("session", 2)}


def test_agreed_dates_rest_on_no_number():
    """Where dates were agreed with the patient, neither the clinic's number nor the published one is the measure."""
    one = course(SESSIONS[:1], protocol=OWN, agreements=[("session", "2025-10-20", "2025-12-01", "2025-12-10", None)])
    assert found(one) == {}


def test_a_pause_does_not_move_it_and_an_endless_one_hides_it():
    """It stays where it is counted; without a window of the plan's own there is nothing to stand beside."""
    paused = course(SESSIONS[:1], protocol=OWN, holds=[("2025-12-01", "2026-02-01", "wish", "")])
    assert found(paused) == {("session", 2): ("2025-11-11", "2025-11-25")}
    assert found(course(SESSIONS[:1], protocol=OWN, holds=[("2025-12-01", None, "wish", "")])) == {}
