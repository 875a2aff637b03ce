"""The sentences people read: dates, rule, source and grade, and what moved the window."""

from pathlib import Path
from random import Random

import pandas as pd
import pytest

from lib.schedule import expected_visits, explain, grounds, read_protocols
from tests.schedule.frames import PROTOCOLS, frame, frames, schedule
from tests.schedule.random_clinic import as_of_dates, random_clinic

SHIPPED = read_protocols(Path(__file__).parents[2] / "clinic_data" / "protocols")


def why(as_of, visits=(), holds=(), agreements=(), closures=(), protocol="acne-scars", planned=3, opened="2026-07-01"):
    """The sentence of each open or projected row of one course, by kind and number, and its flag."""
    inputs = {
        "courses": pd.DataFrame(
            {
                "course_id": [1],
                "protocol_id": [protocol],
                "planned_sessions": [planned],
                "opened_on": [pd.Timestamp(opened)],
            }
        ),
        "visits": frame(
            [{"course_id": 1, "kind": "session", "visit_date": pd.Timestamp(d), "status": s, **more}
             for d, s, more in visits],
            "course_id kind visit_date status recorded_on cancelled_on",
        ),
        "holds": frame(
            [{"course_id": 1, **{k: pd.Timestamp(v) for k, v in hold.items()}} for hold in holds],
            "course_id starts_on ends_on recorded_on check_on",
        ),
        "agreements": frame(
            [{"course_id": 1, "kind": k, "agreed_on": pd.Timestamp(a), "due_on": pd.Timestamp(d),
              "last_on": pd.Timestamp(e)} for k, a, d, e in agreements],
            "course_id kind agreed_on due_on last_on",
        ),
        "closures": frame(
            [{"starts_on": pd.Timestamp(s), "ends_on": pd.Timestamp(e)} for s, e in closures], "starts_on ends_on"
        ),
    }  # fmt: skip
    arguments = {**inputs, "protocols": SHIPPED, "as_of": as_of}
    rows = expected_visits(**arguments)
    sentences = explain(rows, **arguments)
    return {
        (kind, number): (flag, text)
        for kind, number, flag, text in zip(rows["kind"], rows["number"], rows["flag"], sentences, strict=True)
    }


DONE = [("2026-07-01", "completed", {}), ("2026-08-05", "completed", {})]


def test_overdue_session():
    """The issue's own example, with our file's source."""
    flag, text = why("2026-10-04", DONE)["session", 3]
    assert flag == "missed_session"
    assert text == (
        "18 days over: session 3 was due 02–16 Sep 2026, 4–6 weeks after session 2 on 05 Aug 2026 "
        "(Acne scars v1; practice: articles 2, 3)."
    )


@pytest.mark.parametrize(
    ("as_of", "extra", "flag", "begins"),
    [
        ("2026-09-16", {}, "due_unbooked", "Session 3 is due 02–16 Sep 2026, 4–6 weeks after"),
        ("2026-09-17", {}, "missed_session", "1 day over: session 3 was due 02–16 Sep 2026"),
        ("2027-03-17", {}, "lapsed", "182 days over, lost to follow-up since 17 Mar 2027: session 3 was due"),
        (
            "2026-09-10",
            {"visits": [*DONE, ("2026-09-05", "no_show", {}), ("2026-09-08", "no_show", {})]},
            "no_show",
            "Did not come on 08 Sep 2026 (2 times in all), not rebooked: session 3 is due 02–16 Sep 2026",
        ),
        (
            "2026-09-10",
            {"visits": [*DONE, ("2026-09-12", "cancelled", {"cancelled_on": pd.Timestamp("2026-09-01")})]},
            "not_rebooked",
            "Cancelled on 01 Sep 2026, not rebooked: session 3 is due 02–16 Sep 2026",
        ),
        (
            "2026-09-10",
            {"visits": [*DONE, ("2026-09-09", "booked", {})]},
            "attendance_unrecorded",
            "Booked for 09 Sep 2026, and nobody has recorded whether the patient came: session 3 is due",
        ),
        (
            "2026-08-10",
            {"visits": [*DONE, ("2026-08-20", "booked", {})]},
            "booked_too_soon",
            "Session 3 is booked for 20 Aug 2026, 13 days too soon: the skin has not healed before 02 Sep 2026",
        ),
        (
            "2026-08-10",
            {"visits": [*DONE, ("2026-09-20", "booked", {})]},
            "booked_late",
            "Session 3 is booked for 20 Sep 2026, 4 days late: due 02–16 Sep 2026",
        ),
        (
            "2026-09-10",
            {"visits": [*DONE, ("2026-09-12", "booked", {})], "holds": [{"starts_on": "2026-09-01"}]},
            "booked_on_hold",
            "Session 3 is booked for 12 Sep 2026, which falls in the pause from 01 Sep 2026 on. The window was moved",
        ),
        (
            "2026-09-10",
            {"holds": [{"starts_on": "2026-09-01", "check_on": "2026-09-09"}]},
            "hold_to_check",
            "Paused since 01 Sep 2026, with no end set, and session 3 waits; somebody was to ask by 09 Sep 2026",
        ),
    ],
)  # fmt: skip
def test_each_flag_has_its_sentence(as_of, extra, flag, begins):
    """A flag's sentence starts with what is the matter."""
    got, text = why(as_of, **{"visits": DONE, **extra})["session", 3]
    assert got == flag
    assert text.startswith(begins)


def test_what_moved_the_window():
    """An agreement, a hold and a closure are each named with their dates."""
    _, text = why("2026-09-18", DONE, agreements=[("session", "2026-08-06", "2026-09-30", "2026-10-07")])["session", 3]
    assert text.endswith("The window was set to 30 Sep – 07 Oct 2026 as agreed on 06 Aug 2026.")
    _, text = why("2026-09-18", DONE, holds=[{"starts_on": "2026-08-20", "ends_on": "2026-09-10"}])["session", 3]
    assert "is due 10 Sep – 07 Oct 2026" in text
    assert text.endswith("The window was moved by the pause 20 Aug – 09 Sep 2026.")
    _, text = why("2026-09-18", DONE, closures=[("2026-09-14", "2026-09-21")])["session", 3]
    assert "is due 02–27 Sep 2026" in text
    assert text.endswith("The window was kept open a week longer because the clinic is closed 14–20 Sep 2026.")
    _, text = why("2026-09-18", DONE, agreements=[("session", "2026-08-06", "2026-08-20", "2026-08-30")])["session", 3]
    assert text.endswith("as agreed on 06 Aug 2026 and put off until the skin has healed.")


def test_session_one_and_what_is_not_flagged():
    """Not started, done, projected and reviews have their own words."""
    assert why("2026-08-13")["session", 1] == (
        "not_started",
        "1 day over: session 1 was due 01 Jul – 12 Aug 2026, within 6 weeks of the plan's opening on 01 Jul 2026 "
        "(Acne scars v1; clinic: set by the clinic).",
    )
    rows = why("2026-08-20", DONE)
    assert rows["session", 2][1].startswith("Session 2 was done on 05 Aug 2026, on time: due 29 Jul – 12 Aug")
    assert rows["maintenance", 1][1].startswith("Maintenance session 1 will likely be due")
    rows = why("2026-10-30", [*DONE, ("2026-09-10", "completed", {})])
    assert rows["review", 1][0] == "overdue_review"
    assert rows["review", 1][1].startswith("8 days over: follow-up review was due 08–22 Oct 2026, 4–6 weeks after")
    assert rows["outcome", 1][1].startswith("Outcome review is due 10 Dec 2026 – 10 Mar 2027, 3–6 months after")


@pytest.mark.parametrize("seed", range(4))
def test_every_row_of_a_random_clinic_can_be_explained(seed):
    """Each row has a sentence with its own dates, and nothing missing is printed as a date."""
    rng = Random(seed)
    clinic = random_clinic(rng, courses=80)
    inputs = frames(clinic)
    for as_of in as_of_dates(rng, clinic, 2):
        rows = schedule(clinic, as_of)
        sentences = explain(rows, **inputs, protocols=PROTOCOLS, as_of=as_of)
        assert (sentences.str.len() > 20).all()
        assert not sentences.str.contains(r"\bNaT\b|\bnan\b|None", regex=True).any()
        over = rows["flag"].isin(["missed_session", "overdue_review", "overdue_maintenance", "not_started", "lapsed"])
        for days, text in zip(rows["days_overdue"][over], sentences[over], strict=True):
            assert f"{days:,} day" in text


def test_a_row_that_is_not_there_is_refused():
    """explain answers for the schedule of that day only."""
    rng = Random(1)
    clinic = random_clinic(rng, courses=10)
    as_of = as_of_dates(rng, clinic, 1)[0]
    rows = schedule(clinic, as_of).head(1).assign(number=99)
    with pytest.raises(ValueError, match="there is no row"):
        explain(rows, **frames(clinic), protocols=PROTOCOLS, as_of=as_of)


def test_grounds_are_those_of_the_sentence():
    """For random clinics the rule with its source, and what moved the window, stand in the sentence too."""
    rng = Random(5)
    clinic = random_clinic(rng, 60)
    arguments = {**frames(clinic), "protocols": PROTOCOLS, "as_of": as_of_dates(rng, clinic, 1)[0]}
    rows = expected_visits(**arguments)
    found, sentences = grounds(rows, **arguments), explain(rows, **arguments)
    assert all(sentence.endswith(moved) for sentence, moved in zip(sentences, found["moved"], strict=True))
    assert (found["agreement"].notna() == found["moved"].str.contains("as agreed on")).all()
    assert (found["rule"] != "")[rows["earliest_on"].notna()].all()


def test_a_rule_with_its_source():
    """The shipped file's grade and source stand behind the rule."""
    row = pd.DataFrame({"course_id": [1], "kind": ["session"], "number": [2]})
    days = pd.to_datetime(["2026-07-01"]).astype("datetime64[s]")
    plan = pd.DataFrame({"course_id": [1], "protocol_id": ["acne-scars"], "planned_sessions": [3], "opened_on": days})
    visit = pd.DataFrame({"course_id": [1], "kind": ["session"], "visit_date": days, "status": ["completed"]})
    nothing = frame([], "course_id starts_on ends_on")
    told = grounds(row, plan, visit, nothing, SHIPPED, "2026-07-02").iloc[0]
    assert told["rule"] == "4–6 weeks after session 1 · practice: articles 2, 3"
    assert told["moved"] == ""
    assert pd.isna(told["agreement"])
