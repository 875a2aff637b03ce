"""Data to doubt: each kind at its edges, and what is no doubt."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.doubts import (
    BEFORE_OPENING,
    DUPLICATE,
    IDS,
    IN_FUTURE,
    KEY,
    KINDS,
    MOST_ALIKE,
    ON_HOLD,
    TOO_CLOSE,
    TOO_MANY,
    doubts,
    with_decisions,
)
from lib.schedule.protocols import parse_protocol

TODAY = date(2026, 11, 23)
SERIES = """
id = "{id}"
version = 1
name = "Series"
resume_within = "2 weeks"

[sessions]
planned = 2
start_within = "6 weeks"
earliest = "4 weeks"
window = ["4 weeks", "6 weeks"]
lapses_after = "6 months"
"""
MAINTENANCE = """
[maintenance]
earliest = "1 month"
window = ["6 months", "12 months"]
lapses_after = "12 months"
"""
PROTOCOLS = {
    "plain": parse_protocol(SERIES.format(id="plain"), "a test"),
    "kept up": parse_protocol(SERIES.format(id="kept-up") + MAINTENANCE, "a test"),
}
COLUMNS = {
    "courses": ["course_id", "patient_id", "protocol_id", "area", "planned_sessions", "opened_on"],
    "visits": ["visit_id", "course_id", "kind", "status", "visit_date"],
    "holds": ["hold_id", "course_id", "starts_on", "ends_on"],
    "patients": ["patient_id", "folded_name", "born_on", "phone_digits", "email"],
}

Rows = list[dict[str, Any]]


def plan(course_id: int = 1, **values: Any) -> dict[str, Any]:
    """A plan of two sessions on the cheeks, opened on the first of the year, of the patient of the same number."""
    plain = {"protocol_id": "plain", "area": "Cheeks", "planned_sessions": 2, "opened_on": "2026-01-01"}
    return {"course_id": course_id, "patient_id": course_id} | plain | values


def came(day: str, course_id: int = 1, **values: Any) -> dict[str, Any]:
    """A session that took place."""
    return {"course_id": course_id, "kind": "session", "status": "completed", "visit_date": day} | values


def found(as_of: date = TODAY, **rows: Rows) -> pd.DataFrame:
    """The doubts about one plan, if nothing else is said; visits are numbered from 1 in the order given."""
    rows = {"courses": [plan()]} | rows
    rows["visits"] = [{"visit_id": at} | row for at, row in enumerate(rows.get("visits", []), 1)]
    rows["holds"] = [{"hold_id": at} | row for at, row in enumerate(rows.get("holds", []), 1)]
    frames = {name: pd.DataFrame(rows.get(name, []), columns=columns) for name, columns in COLUMNS.items()}
    for frame, name in (
        ("courses", "opened_on"),
        ("visits", "visit_date"),
        ("holds", "starts_on"),
        ("holds", "ends_on"),
    ):
        frames[frame][name] = pd.to_datetime(frames[frame][name]).astype("datetime64[s]")
    return doubts(**frames, protocols=PROTOCOLS, as_of=as_of)


def kinds(**rows: Any) -> list[str]:
    """What is doubted."""
    return found(**rows)["kind"].tolist()


def told(**rows: Any) -> list[str]:
    """What is said."""
    return found(**rows)["sentence"].tolist()


def test_an_empty_clinic_gives_no_doubt():
    """No row at all, with every column of the right type."""
    nothing = found(courses=[])
    assert nothing.empty
    assert nothing[IDS].dtypes.astype(str).unique().tolist() == ["Int64"]


# Visits in the future


@pytest.mark.parametrize(("day", "doubted"), [("2026-11-22", []), ("2026-11-23", []), ("2026-11-24", [IN_FUTURE])])
def test_a_visit_is_in_the_future_from_tomorrow_on(day, doubted):
    """A visit of today took place today."""
    assert kinds(visits=[came(day)]) == doubted


def test_a_leap_day_to_come_is_told_by_its_date():
    """The sentence says kind and day, and points to the visit."""
    rows = found(visits=[came("2028-02-29", kind="review")])
    assert rows["sentence"].tolist() == ["A review is recorded as done on 29 Feb 2028, a day that is still to come."]
    assert rows[["patient_id", "course_id", "visit_id"]].to_numpy().tolist() == [[1, 1, 1]]


@pytest.mark.parametrize("status", ["booked", "cancelled", "no_show"])
def test_only_what_took_place_is_doubted(status):
    """A booking may lie ahead, during a pause and before the opening; what was called off did not happen."""
    visits = [came(day, status=status) for day in ("2025-12-31", "2026-03-01", "2026-03-02", "2027-01-01")]
    assert kinds(visits=visits, holds=[{"course_id": 1, "starts_on": "2026-03-01"}]) == []


def test_a_visit_in_the_future_is_told_as_that_alone():
    """Two days apart, during a pause and one too many: nothing of it has happened."""
    visits = [came("2026-02-01"), came("2026-06-01"), came("2026-12-01"), came("2026-12-03")]
    assert kinds(visits=visits, holds=[{"course_id": 1, "starts_on": "2026-12-01"}]) == [IN_FUTURE, IN_FUTURE]


def test_a_review_of_two_plans_is_one_visit():
    """Told once, of the first plan."""
    visits = [came("2027-01-01", 2, kind="review", visit_id=7), came("2027-01-01", 1, kind="review", visit_id=7)]
    assert found(courses=[plan(1), plan(2, patient_id=1)], visits=visits)["course_id"].tolist() == [1]


# Sessions too close


@pytest.mark.parametrize(
    ("first", "second", "doubted"),
    [
        ("2026-03-01", "2026-03-01", []),
        ("2026-03-01", "2026-03-02", [TOO_CLOSE]),
        ("2026-03-01", "2026-03-07", [TOO_CLOSE]),
        ("2026-03-01", "2026-03-08", []),
        ("2028-02-26", "2028-03-03", [TOO_CLOSE]),
        ("2028-02-25", "2028-03-03", []),
    ],
)
def test_sessions_are_too_close_up_to_six_days(first, second, doubted):
    """Those of one day are one session; a leap day is a day."""
    assert kinds(as_of=date(2030, 1, 1), visits=[came(second), came(first)]) == doubted


@pytest.mark.parametrize(
    ("other", "doubted"),
    [
        ({"patient_id": 1}, [TOO_CLOSE]),
        ({"patient_id": 1, "area": "CHEEKS"}, [TOO_CLOSE]),
        ({"patient_id": 1, "area": "Neck"}, []),
        ({"patient_id": 2}, []),
    ],
)
def test_sessions_are_too_close_on_one_area_of_one_patient(other, doubted):
    """Under whatever plan, however the area is spelt."""
    assert kinds(courses=[plan(), plan(2, **other)], visits=[came("2026-03-01"), came("2026-03-04", 2)]) == doubted


def test_a_row_of_close_sessions_is_told_day_by_day():
    """Each with the one before, the later one to be mended; reviews are not among them."""
    visits = [came("2026-03-01"), came("2026-03-02", kind="review"), came("2026-03-04"), came("2026-03-05")]
    rows = found(courses=[plan(planned_sessions=3)], visits=visits)
    assert rows["sentence"].tolist() == [
        "Two sessions on Cheeks are 1 day apart: 04 Mar 2026 and 05 Mar 2026.",
        "Two sessions on Cheeks are 3 days apart: 01 Mar 2026 and 04 Mar 2026.",
    ]
    assert rows["visit_id"].tolist() == [4, 3]


# Sessions during a pause


@pytest.mark.parametrize(
    ("day", "doubted"),
    [("2026-02-28", []), ("2026-03-01", [ON_HOLD]), ("2026-03-31", [ON_HOLD]), ("2026-04-01", [])],
)
def test_a_pause_covers_its_first_day_and_not_the_one_on_which_treatment_resumes(day, doubted):
    """Its last day is the one before that."""
    pause = {"course_id": 1, "starts_on": "2026-03-01", "ends_on": "2026-04-01"}
    assert kinds(visits=[came(day)], holds=[pause]) == doubted


def test_an_open_pause_covers_every_later_day():
    """The sentence says that it has no end; reviews are allowed, and another plan's pause does not matter."""
    visits = [came("2026-11-23"), came("2026-11-23", kind="review"), came("2026-11-23", 2)]
    holds = [{"course_id": 1, "starts_on": "2026-03-01"}, {"course_id": 3, "starts_on": "2026-03-01"}]
    rows = found(courses=[plan(), plan(2)], visits=visits, holds=holds)
    assert rows["sentence"].tolist() == [
        "The session on 23 Nov 2026 lies in a pause: from 01 Mar 2026, with no end set."
    ]
    assert rows[["visit_id", "hold_id"]].to_numpy().tolist() == [[1, 1]]


def test_each_pause_is_a_doubt_of_its_own():
    """Two that overlap are both looked at."""
    holds = [{"course_id": 1, "starts_on": day, "ends_on": "2026-05-01"} for day in ("2026-03-01", "2026-03-15")]
    assert found(visits=[came("2026-04-01")], holds=holds)["hold_id"].tolist() == [1, 2]


# More sessions than planned


def test_without_maintenance_each_session_beyond_the_plan_is_too_many():
    """Told once, by the last; several on one day are one."""
    visits = [came(day) for day in ("2026-02-01", "2026-02-01", "2026-03-10")]
    assert kinds(visits=visits) == []
    rows = found(visits=[*visits, came("2026-05-01"), came("2026-08-01")])
    assert rows["sentence"].tolist() == ["The session on 01 Aug 2026 is number 4 of a treatment plan with 2."]
    assert rows[["visit_id", "number"]].to_numpy().tolist() == [[5, 4]]


@pytest.mark.parametrize(("day", "doubted"), [("2028-02-28", [TOO_MANY]), ("2028-02-29", []), ("2029-02-28", [])])
def test_with_maintenance_a_session_may_follow_from_its_earliest_day_on(day, doubted):
    """A month after 31 January is the last day of February."""
    visits = [came("2027-06-01"), came("2028-01-31"), came(day)]
    assert kinds(as_of=date(2030, 1, 1), courses=[plan(protocol_id="kept up")], visits=visits) == doubted


def test_maintenance_after_one_too_many_is_maintenance():
    """The one in between is told, with its number and why."""
    visits = [came(day) for day in ("2026-02-01", "2026-03-10", "2026-03-30", "2026-10-01")]
    assert told(courses=[plan(protocol_id="kept up")], visits=visits) == [
        "The session on 30 Mar 2026 is number 3 of a treatment plan with 2, and comes before maintenance may."
    ]


# Visits before the opening


@pytest.mark.parametrize("kind", ["session", "review"])
@pytest.mark.parametrize(("day", "doubted"), [("2025-12-31", [BEFORE_OPENING]), ("2026-01-01", [])])
def test_a_visit_may_take_place_from_the_opening_on(kind, day, doubted):
    """That day included."""
    assert kinds(visits=[came(day, kind=kind)]) == doubted


def test_a_review_before_two_openings_is_told_of_both_plans():
    """Each opening may be wrong."""
    visits = [came("2025-12-31", at, kind="review", visit_id=7) for at in (1, 2)]
    rows = found(courses=[plan(), plan(2, patient_id=1, opened_on="2026-02-01")], visits=visits)
    assert rows["sentence"].tolist() == [
        "The review on 31 Dec 2025 lies before the treatment plan's opening on 01 Jan 2026.",
        "The review on 31 Dec 2025 lies before the treatment plan's opening on 01 Feb 2026.",
    ]


@pytest.mark.parametrize(
    ("later", "said"),
    [([], ""), (["2025-12-30"], ", and so does 1 later visit"), (["2025-12-30"] * 2, ", and so do 2 later visits")],
)
def test_a_plan_s_opening_is_told_once(later, said):
    """By the first visit; later ones before it are counted, those from the opening on are not."""
    visits = [came(day, kind="review") for day in [*later, "2025-12-01", "2026-01-01"]]
    rows = found(visits=visits)
    assert rows["sentence"].tolist() == [
        f"The review on 01 Dec 2025 lies before the treatment plan's opening on 01 Jan 2026{said}."
    ]
    assert rows["visit_id"].tolist() == [len(later) + 1]


# Possible duplicates

EVA = {"patient_id": 1, "folded_name": "eva berg", "born_on": "1990-02-28", "phone_digits": "77", "email": "e@x.org"}


def other(**values: Any) -> dict[str, Any]:
    """Another patient, of whom only this is known."""
    return {"patient_id": 2, "folded_name": "mia holm"} | values


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (other(folded_name="eva berg"), None),
        (other(folded_name="eva berg", born_on="1990-03-01", phone_digits="78", email="f@x.org"), None),
        (other(folded_name="eva berg", born_on="1990-02-28"), "name and birth date"),
        (other(folded_name="eva berg", phone_digits="77"), "name and phone number"),
        (other(folded_name="eva berg", email=" E@X.org"), "name and email address"),
        (other(phone_digits="77", born_on="1990-02-28"), "birth date and phone number"),
        (other(phone_digits="77", email="e@x.org"), None),
        (other(born_on="1990-02-28", email="e@x.org"), None),
        (other(born_on="1990-02-28"), None),
        (EVA | {"patient_id": 2}, "name, birth date, phone number and email address"),
    ],
)
def test_patients_are_alike_by_name_and_one_more_thing(second, said):
    """Or by phone and birth date; never by a name alone."""
    rows = found(patients=[second, EVA])
    assert rows["sentence"].tolist() == ([f"Two records have the same {said}."] if said else [])
    assert rows[["patient_id", "other_patient_id"]].to_numpy().tolist() == ([[1, 2]] if said else [])


@pytest.mark.parametrize("nothing", ["", None])
def test_what_is_not_known_is_not_the_same(nothing):
    """Two patients of one name without phone and email have nothing in common but the name."""
    empty = {"born_on": nothing, "phone_digits": nothing, "email": nothing}
    assert kinds(patients=[EVA | empty, EVA | empty | {"patient_id": 2}]) == []


@pytest.mark.parametrize(
    "name", ["null", "nan", "none", "' or 1=1 --", "=cmd|' /c'!a1", "[x](http://a)", "\u202eeva", "<b>"]
)
def test_a_hostile_name_is_a_name(name):
    """Compared as it is."""
    pair = [
        EVA | {"folded_name": name},
        EVA | {"folded_name": name, "patient_id": 2, "phone_digits": None, "email": None},
    ]
    assert told(patients=pair) == ["Two records have the same name and birth date."]
    assert kinds(patients=[pair[0], pair[1] | {"folded_name": f"{name}x"}]) == []


def test_a_hostile_area_stays_one_line():
    """Whatever was typed is in the sentence, its space made single."""
    visits = [came("2026-03-01"), came("2026-03-03")]
    assert told(courses=[plan(area="<b>*x*\n\n# y")], visits=visits) == [
        "Two sessions on <b>*x* # y are 2 days apart: 01 Mar 2026 and 03 Mar 2026."
    ]


def test_a_crowd_of_the_same_does_not_explode():
    """A thousand records of one placeholder are set against the first few."""
    crowd = [EVA | {"patient_id": at} for at in range(1000)]
    rows = found(patients=crowd)
    assert len(rows) == sum(range(1000 - MOST_ALIKE, 1000))
    assert set(rows["patient_id"]) == set(range(MOST_ALIKE))
    assert set(rows["other_patient_id"]) == set(range(1, 1000))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"), st.sampled_from(["", "1"]), st.sampled_from(["", "7", "8"]), st.sampled_from("xy")
        ),
        max_size=6,
    )
)
def test_duplicates_are_what_a_plain_reading_finds(people):
    """Every pair, compared one by one."""
    patients = [dict(zip(COLUMNS["patients"], (at, *values), strict=True)) for at, values in enumerate(people)]
    plain = []
    for at, (name, born, phone, email) in enumerate(people):
        for later, (name2, born2, phone2, email2) in list(enumerate(people))[at + 1 :]:
            born_too, phone_too = born == born2 != "", phone == phone2 != ""
            if (name == name2 and (born_too or phone_too or email == email2)) or (born_too and phone_too):
                plain.append([at, later])
    assert found(patients=patients)[["patient_id", "other_patient_id"]].to_numpy().tolist() == plain


# Order and decisions


def everything() -> pd.DataFrame:
    """One doubt of each kind."""
    return found(
        courses=[plan(), plan(2), plan(3), plan(4), plan(5)],
        visits=[
            came("2026-05-01"),
            *(came("2026-03-01", 2), came("2026-03-03", 2)),
            came("2027-01-01", 3),
            *(came(day, 4) for day in ("2026-02-01", "2026-03-01", "2026-04-01")),
            came("2025-01-01", 5),
        ],
        holds=[{"course_id": 1, "starts_on": "2026-04-01"}],
        patients=[EVA, EVA | {"patient_id": 2}],
    )


def test_doubts_come_in_one_order():
    """By kind, as KINDS has them."""
    assert everything()["kind"].tolist() == list(KINDS)


def test_a_decision_holds_for_the_days_it_was_made_about():
    """Each doubt finds its own; another day, and it is open again."""
    rows = everything()
    said = rows[KEY].assign(reason="so it was", decided_by="Ada", decided_on=pd.Timestamp(TODAY))
    assert (with_decisions(rows, said)["decided_by"] == "Ada").all()
    moved = rows[rows["kind"] != DUPLICATE].assign(day=rows["day"] + pd.Timedelta(days=1))
    assert with_decisions(moved, said)["decided_by"].isna().all()
    assert with_decisions(rows, said.head(0))["decided_by"].isna().all()
    assert len(with_decisions(rows, pd.concat([said, said]))) == len(rows)
