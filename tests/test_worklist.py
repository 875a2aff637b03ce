"""Who needs attention: the flags in order of urgency, one row a patient."""

from random import Random

import pandas as pd
import pytest

from lib.schedule.flags import FLAGS
from lib.worklist import URGENCY, WITHOUT_CONTACT, by_patient, flagged, most_urgent_first
from tests.schedule.frames import frames, schedule
from tests.schedule.random_clinic import random_clinic

DATES = ["due_on", "overdue_on", "done_on", "booked_on"]


def rows(*records: dict) -> pd.DataFrame:
    """Rows of a schedule, as far as the worklist reads them."""
    columns = ["course_id", "kind", "number", *DATES, "days_overdue", "flag"]
    made = pd.DataFrame(
        [{"kind": "session", "number": 1, "days_overdue": 0, **record} for record in records], columns=columns
    )
    for name in DATES:
        made[name] = pd.to_datetime(made[name])
    return made.astype(
        {"course_id": "int64", "flag": pd.CategoricalDtype(FLAGS), "kind": "category", "days_overdue": "int32"}
    )


def courses(of: dict[int, str], **columns: dict) -> pd.DataFrame:
    """Courses and the patients they belong to; the rest is the same for all but where it is given by course."""
    made = pd.DataFrame({"course_id": list(of), "patient_id": list(of.values())}).astype({"course_id": "int64"})
    rest = {"practitioner_id": 5, "protocol": "acne-scars", "area": "cheeks", "contact_allowed": "yes"}
    for name, value in rest.items():
        made[name] = [columns.get(name, {}).get(course, value) for course in of]
    return made


def test_every_flag_has_its_place():
    """URGENCY holds each flag once, and what needs no call is among them."""
    assert sorted(URGENCY) == sorted(FLAGS)
    assert set(WITHOUT_CONTACT) < set(URGENCY)


def test_the_most_urgent_row_comes_first():
    """By the flags' urgency, then the longest due; rows without a flag come after all, those without a date last."""
    flags = [None, *URGENCY[::-1], URGENCY[0], None, None]
    days = ["2026-05-01", *["2026-03-01"] * len(URGENCY), "2026-02-01", None, "2026-04-01"]
    told = zip(range(len(flags)), flags, days, strict=True)
    found = most_urgent_first(rows(*({"course_id": at, "flag": flag, "due_on": day} for at, flag, day in told)))
    last = len(flags) - 1
    assert found["course_id"].tolist() == [last - 2, *range(len(URGENCY), 0, -1), last, 0, last - 1]


def test_flags_come_in_order_of_urgency():
    """Whatever order the rows come in, the most urgent is first, and rows without a flag are left out."""
    mixed = [*URGENCY[::2], None, *URGENCY[1::2]]
    schedule = rows(*({"course_id": at, "flag": flag} for at, flag in enumerate(mixed)))
    found = flagged(schedule, courses({at: f"P{at}" for at in range(len(mixed))}))
    assert found["flag"].tolist() == URGENCY
    assert found.index.tolist() == list(range(len(URGENCY)))
    assert found["patient_id"].tolist() == [f"P{mixed.index(flag)}" for flag in URGENCY]


def test_of_one_flag_those_easily_brought_back_come_first():
    """1–30 days over come before 31 and more, and inside each the longest due."""
    over = {1: 31, 2: 1, 3: 400, 4: 30, 5: 15}
    day = pd.Timestamp("2026-10-04")
    schedule = rows(
        *(
            {
                "course_id": at,
                "days_overdue": days,
                "flag": "missed_session",
                "overdue_on": day - pd.Timedelta(days=days - 1),
            }
            for at, days in over.items()
        )
    )
    found = flagged(schedule, courses(dict.fromkeys(over, "P")))
    assert found["days_overdue"].tolist() == [30, 15, 1, 400, 31]


def test_who_is_not_over_yet_follows_the_overdue():
    """Under a flag that does not hang on the window, somebody long over comes before somebody not over at all."""
    schedule = rows(
        {"course_id": 1, "flag": "attendance_unrecorded", "overdue_on": "2026-12-01"},
        {"course_id": 2, "flag": "attendance_unrecorded", "overdue_on": "2026-09-04", "days_overdue": 31},
    )
    assert flagged(schedule, courses({1: "P1", 2: "P2"}))["course_id"].tolist() == [2, 1]


def test_a_window_without_an_end_comes_last_of_its_flag():
    """Rows without overdue_on, such as those of an open-ended hold, follow those that have one."""
    schedule = rows(
        {"course_id": 1, "flag": "hold_to_check"},
        {"course_id": 2, "flag": "hold_to_check", "overdue_on": "2027-01-01"},
    )
    assert flagged(schedule, courses({1: "P1", 2: "P2"}))["course_id"].tolist() == [2, 1]


def test_urgency_goes_before_days():
    """A flag that is more urgent comes first, however long the other has been due."""
    schedule = rows(
        {"course_id": 1, "flag": "lapsed", "days_overdue": 20, "overdue_on": "2026-01-01"},
        {"course_id": 2, "flag": "due_unbooked", "overdue_on": "2026-12-01"},
    )
    assert flagged(schedule, courses({1: "P1", 2: "P2"}))["flag"].tolist() == ["due_unbooked", "lapsed"]


@pytest.mark.parametrize(("allowed", "shown"), [("none", WITHOUT_CONTACT), ("no_marketing", URGENCY), ("yes", URGENCY)])
def test_who_must_not_be_contacted_shows_only_where_nobody_need_call(allowed, shown):
    """Without contact only what is unsafe or unrecorded remains; a wish for no marketing hides nothing."""
    schedule = rows(*({"course_id": at, "flag": flag} for at, flag in enumerate(FLAGS)))
    about = courses(dict.fromkeys(range(len(FLAGS)), "P"), contact_allowed=dict.fromkeys(range(len(FLAGS)), allowed))
    assert set(flagged(schedule, about)["flag"]) == set(shown)


def test_contact_is_judged_patient_by_patient():
    """One patient's wish hides her own rows only."""
    schedule = rows({"course_id": 1, "flag": "lapsed"}, {"course_id": 2, "flag": "lapsed"})
    about = courses({1: "P1", 2: "P2"}, contact_allowed={1: "none"})
    assert flagged(schedule, about)["patient_id"].tolist() == ["P2"]


def test_one_row_a_patient_with_each_reason_once():
    """Reasons and areas stand once, the most urgent first; dates and days are that reason's."""
    schedule = rows(
        {"course_id": 1, "flag": "lapsed", "days_overdue": 300, "due_on": "2025-06-01", "overdue_on": "2025-07-01"},
        {"course_id": 2, "flag": "due_unbooked", "due_on": "2026-10-01", "overdue_on": "2026-10-20"},
        {"course_id": 3, "flag": "no_show", "due_on": "2026-09-28", "overdue_on": "2026-10-12"},
        {"course_id": 3, "kind": "review", "flag": "due_unbooked", "due_on": "2026-09-30", "overdue_on": "2026-10-14"},
        {"course_id": 4, "flag": "due_unbooked", "due_on": "2026-09-29", "overdue_on": "2026-10-10"},
    )
    about = courses(
        {1: "Ann", 2: "Ann", 3: "Ann", 4: "Bea"},
        area={1: "neck", 2: "neck", 4: "lips"},
        practitioner_id={3: 9},
        protocol={3: "stretch-marks"},
    )
    found = by_patient(flagged(schedule, about))
    assert found["patient_id"].tolist() == ["Ann", "Bea"]
    ann, bea = found.to_dict("records")
    assert ann["flags"] == ["no_show", "due_unbooked", "lapsed"]
    assert ann["areas"] == ["cheeks", "neck"]
    assert (ann["come_from"], ann["overdue_on"]) == (pd.Timestamp("2026-09-28"), pd.Timestamp("2026-10-12"))
    assert (ann["days_overdue"], ann["practitioner_id"], ann["protocol"]) == (0, 9, "stretch-marks")
    assert (bea["flags"], bea["areas"], bea["days_overdue"]) == (["due_unbooked"], ["lips"], 0)


@pytest.mark.parametrize("about", [courses({1: "Ann"}), courses({})], ids=["courses", "no courses"])
def test_an_empty_schedule_gives_empty_tables(about):
    """Without rows there is nobody to call, and every column is there, lists as lists and dates as dates."""
    flags = flagged(rows(), about)
    assert len(flags) == 0
    assert {"flag", "days_overdue", "patient_id", "area", "contact_allowed"} <= set(flags)
    patients = by_patient(flags)
    assert len(patients) == 0
    assert patients["areas"].str.join(", ").tolist() == []
    full = by_patient(flagged(rows({"course_id": 1, "flag": "lapsed"}), courses({1: "Ann"})))
    assert list(patients.columns) == list(full.columns)


def test_a_real_schedule_loses_no_flag():
    """From a random clinic: every flagged row is there once, each patient once, with just the flags of her rows."""
    clinic = random_clinic(Random(11), courses=150)
    judged = schedule(clinic, "2024-08-31")
    about = frames(clinic)["courses"][["course_id"]]
    about = about.assign(
        patient_id=about["course_id"] % 40, practitioner_id=1, protocol="p", area="x", contact_allowed="yes"
    )
    flags = flagged(judged, about)
    key = ["course_id", "kind", "number"]
    wanted = judged[judged["flag"].notna()]
    assert set(map(tuple, flags[key].to_numpy())) == set(map(tuple, wanted[key].to_numpy()))
    assert len(flags) == len(wanted) > 30
    patients = by_patient(flags).set_index("patient_id")
    assert patients.index.is_unique
    of_patient = flags.groupby("patient_id")["flag"].agg(set)
    assert {who: set(found) for who, found in patients["flags"].items()} == of_patient.to_dict()
    assert patients["flags"].map(lambda found: found == sorted(set(found), key=URGENCY.index)).all()
    first = flags.drop_duplicates("patient_id").set_index("patient_id")
    assert patients["days_overdue"].equals(first["days_overdue"].loc[patients.index])
