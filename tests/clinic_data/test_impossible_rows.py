"""What can't be true can't be kept: the file itself refuses it, whoever writes."""

import pytest

from clinic_data.database import Store
from clinic_data.errors import NotAllowed
from tests.clinic_data.rows import ACTOR, contents, course, patient, put_protocol, visit, write

POSSIBLE = {
    "patients": {"code": "bcdfghjkmn", "name": "Eva Berg", "folded_name": "eva berg"},
    "practitioners": {"name": "Ada"},
    "protocols": {"id": "plain", "version": 2, "content": "…"},
    "patient_factors": {"patient_id": 1, "factor": "smoker"},
    "patient_identifiers": {"system": "books", "value": "17", "patient_id": 1},
    "courses": {
        "patient_id": 1,
        "protocol_id": "plain",
        "protocol_version": 1,
        "area": "face",
        "planned_sessions": 3,
        "opened_on": "2026-01-31",
    },
    "visits": {
        "patient_id": 1,
        "kind": "session",
        "visit_date": "2026-02-28",
        "status": "completed",
        "source": "desk",
        "source_key": "1",
    },
    "visit_courses": {"course_id": 2, "visit_id": 1, "patient_id": 1},
    "outcome_scores": {"visit_id": 1, "course_id": 1, "scale": "gais", "value": 3, "better": "lower"},
    "holds": {
        "patient_id": 1,
        "cause": "medical",
        "reason": "isotretinoin",
        "starts_on": "2026-01-01",
        "recorded_on": "2026-01-01",
    },
    "agreements": {
        "course_id": 1,
        "kind": "session",
        "agreed_on": "2026-01-01",
        "due_on": "2026-03-01",
        "last_on": "2026-03-01",
    },
    "closures": {"starts_on": "2026-12-24", "ends_on": "2026-12-27", "reason": "holidays"},
    "settings": {"name": "colour", "value": "green"},
}

NO_DAYS = ["2026-02-30", "2026-13-01", "soon", "", "01.02.2026", "2026-2-1", "2026-02-01T10:00", "20260201", "2026"]


@pytest.fixture
def clinic(store) -> Store:
    """Two patients; the first has two plans and a session in the first of them."""
    put_protocol(store)
    eva, mia = patient(store), patient(store, "Mia Holm")
    course(store, eva)
    course(store, eva, area="neck")
    course(store, mia)
    visit(store, eva, [1], "2026-01-05")
    return store


@pytest.mark.parametrize("table", POSSIBLE)
def test_a_possible_row_is_kept(clinic, table):
    """The rows below are refused for the one value that is wrong in them."""
    before = len(contents(clinic)[table])
    write(clinic, table, **POSSIBLE[table])
    assert len(contents(clinic)[table]) == before + 1


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("patients", "born_on"),
        ("courses", "opened_on"),
        ("visits", "visit_date"),
        ("visits", "recorded_on"),
        ("holds", "starts_on"),
        ("holds", "check_on"),
        ("holds", "recorded_on"),
        ("agreements", "agreed_on"),
        ("agreements", "due_on"),
        ("closures", "starts_on"),
    ],
)
def test_a_day_is_a_day(clinic, table, column):
    """Only days of the calendar, written as ISO dates, are kept."""
    for day in NO_DAYS:
        assert_refused(clinic, table, {column: day})


IMPOSSIBLE = [
    ("patients", {"status": "inactive"}, "gone, without the day"),
    ("patients", {"status": "active", "status_on": "2026-01-01"}, "gone and here"),
    ("patients", {"status_on": "2026-01-01"}, "gone and here by default"),
    ("patients", {"status": "asleep", "status_on": "2026-01-01"}, "an unknown status"),
    ("patients", {"status": "deceased", "status_on": "2026-02-30"}, "gone on no day"),
    ("patients", {"fitzpatrick": 0}, "skin type 0"),
    ("patients", {"fitzpatrick": 7}, "skin type 7"),
    ("patients", {"fitzpatrick": "II"}, "text for a number"),
    ("patients", {"skin_type": "green"}, "an unknown skin"),
    ("patients", {"contact_allowed": "maybe"}, "an unknown permission"),
    ("patients", {"preferred_channel": "pigeon"}, "an unknown channel"),
    ("patients", {"name": "  "}, "no name"),
    ("patients", {"code": "short"}, "a code that can be guessed"),
    ("practitioners", {"name": ""}, "no name"),
    ("practitioners", {"active": 2}, "neither here nor gone"),
    ("protocols", {"version": 0}, "version 0"),
    ("protocols", {"version": 1}, "the same version twice"),
    ("patient_factors", {"factor": " "}, "no factor"),
    ("patient_factors", {"patient_id": 9}, "nobody's factor"),
    ("patient_identifiers", {"patient_id": 9}, "nobody's identifier"),
    ("courses", {"planned_sessions": 0}, "no session planned"),
    ("courses", {"planned_sessions": 2.5}, "half a session"),
    ("courses", {"area": ""}, "no area"),
    ("courses", {"severity": "dreadful"}, "an unknown severity"),
    ("courses", {"closed_on": "2026-03-01"}, "closed without a reason"),
    ("courses", {"closed_reason": "medical"}, "a reason without a day"),
    ("courses", {"closed_on": "2026-01-30", "closed_reason": "medical"}, "closed before it was opened"),
    ("courses", {"closed_on": "2026-03-01", "closed_reason": "boredom"}, "an unknown reason"),
    ("courses", {"protocol_version": 2}, "a version that is not kept"),
    ("courses", {"protocol_id": "none"}, "a protocol that is not kept"),
    ("courses", {"patient_id": 9}, "nobody's plan"),
    ("courses", {"practitioner_id": 9}, "treated by nobody"),
    ("visits", {"kind": "party"}, "an unknown kind"),
    ("visits", {"status": "asleep"}, "an unknown status"),
    ("visits", {"cancelled_on": "2026-02-01"}, "came, and was cancelled"),
    ("visits", {"cancelled_by": "patient"}, "came, and cancelled"),
    ("visits", {"status": "no_show", "cancelled_on": "2026-02-01"}, "cancelled, and did not come"),
    ("visits", {"status": "cancelled", "cancelled_on": "2026-02-30"}, "cancelled on no day"),
    ("visits", {"status": "cancelled", "cancelled_by": "weather"}, "cancelled by an unknown one"),
    ("visits", {"status": "booked", "attendance_assumed": 1}, "only booked, and assumed to have come"),
    ("visits", {"attendance_assumed": 2}, "assumed twice"),
    ("visits", {"depth_mm": 0}, "needling of no depth"),
    ("visits", {"depth_mm": -0.5}, "a depth above the skin"),
    ("visits", {"depth_mm": 9}, "too deep"),
    ("visits", {"depth_mm": "1,5"}, "text for a number"),
    ("visits", {"kind": "review", "depth_mm": 1.5}, "needling at a review"),
    ("visits", {"kind": "other", "depth_mm": 1.5}, "needling at another visit"),
    ("visits", {"source": None}, "from nowhere"),
    ("visits", {"patient_id": 9}, "nobody's visit"),
    ("visit_courses", {"course_id": 1}, "the same plan twice"),
    ("visit_courses", {"course_id": 3}, "another patient's plan"),
    ("visit_courses", {"course_id": 3, "patient_id": 2}, "another patient's visit"),
    ("visit_courses", {"course_id": 9}, "no plan"),
    ("outcome_scores", {"course_id": 2}, "a score for a plan that the visit does not serve"),
    ("outcome_scores", {"better": "higher or lower"}, "no direction"),
    ("outcome_scores", {"scale": "stars"}, "an unknown scale"),
    ("outcome_scores", {"value": None}, "no score"),
    ("holds", {"ends_on": "2026-01-01"}, "ends as it starts"),
    ("holds", {"ends_on": "2025-12-31"}, "ends before it starts"),
    ("holds", {"cause": "mood"}, "an unknown cause"),
    ("holds", {"reason": " "}, "no reason"),
    ("holds", {"recorded_on": None}, "never recorded"),
    ("agreements", {"last_on": "2026-02-28"}, "ends before it starts"),
    ("agreements", {"course_id": 9}, "for no plan"),
    ("closures", {"ends_on": "2026-12-24"}, "ends as it starts"),
    ("closures", {"ends_on": "2026-12-01"}, "ends before it starts"),
    ("settings", {"value": None}, "no value"),
]


@pytest.mark.parametrize(("table", "wrong"), [entry[:2] for entry in IMPOSSIBLE], ids=[e[2] for e in IMPOSSIBLE])
def test_an_impossible_row_is_refused(clinic, table, wrong):
    """One wrong value, and the row is not kept."""
    assert_refused(clinic, table, wrong)


@pytest.mark.parametrize(
    ("scale", "lowest", "highest"),
    [
        ("goodman_baron_qualitative", 1, 4),
        ("goodman_baron_quantitative", 0, 84),
        ("gais", 1, 5),
        ("patient_vas", 0, 10),
    ],
)
def test_a_score_lies_on_its_scale(clinic, scale, lowest, highest):
    """Both ends belong to the scale, and what lies beyond them does not."""
    for value in (lowest - 0.5, highest + 0.5):
        assert_refused(clinic, "outcome_scores", {"scale": scale, "value": value})
    for value in (lowest, highest):
        visit(clinic, 1, [1], "2026-03-01")
        visit_id = max(row[0] for row in contents(clinic)["visits"])
        score = {"scale": scale, "value": value, "visit_id": visit_id}
        write(clinic, "outcome_scores", **POSSIBLE["outcome_scores"] | score)


@pytest.mark.parametrize("table", ["patients", "patient_identifiers", "practitioners", "visits", "outcome_scores"])
def test_the_same_row_twice_is_refused(clinic, table):
    """Codes, identifiers, names of practitioners, a source's keys and scores are each kept once."""
    write(clinic, table, **POSSIBLE[table])
    assert_refused(clinic, table, {})


@pytest.mark.parametrize(("table", "key"), [("patients", 1), ("courses", 1), ("visits", 1)])
def test_what_others_refer_to_stays(clinic, table, key):
    """A patient, plan or visit with rows of its own can't be taken away."""
    before = contents(clinic)
    with pytest.raises(NotAllowed, match="FOREIGN KEY"), clinic.change(ACTOR, "take away") as change:
        change.delete(table, key)
    assert contents(clinic) == before


def assert_refused(store: Store, table: str, wrong: dict) -> None:
    """The possible row with these values is not kept, and the sentence says so."""
    before = contents(store)
    with pytest.raises(NotAllowed, match="the file refuses this row"):
        write(store, table, **POSSIBLE[table] | wrong)
    assert contents(store) == before
