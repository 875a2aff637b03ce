"""Two records of one person: made one, undone, and told apart."""

from typing import Any

import pytest

from clinic_data.actor import Actor
from clinic_data.attempts import attempts_of, record_attempt
from clinic_data.changes import read_changes, undo
from clinic_data.claims import read_claims, take
from clinic_data.database import Store
from clinic_data.doubts_input import decided, read_doubts
from clinic_data.duplicates import merge_patients, not_duplicates
from clinic_data.errors import Conflict, NotFound, NotPermitted
from clinic_data.holds import pause
from clinic_data.patients import find_patients, read_patient
from clinic_data.schedule_input import read_schedule_input
from clinic_data.visits import note_booking, record_visit
from tests.clinic_data.rows import ACTOR, course, one, patient, put_protocol, rows, visit, write
from tests.clinic_data.test_doubts import kept, latest
from tests.clinic_data.test_recording_visits import TODAY, refused

pytestmark = pytest.mark.usefixtures("today")

DESK = Actor("Bea", "front_desk")
BORN = "1990-02-28"


@pytest.fixture
def two(store) -> tuple[int, int]:
    """Eva twice: the first record has a plan, the second all that a patient may have."""
    put_protocol(store)
    first = patient(store, phone="0770 1", born_on=BORN)
    second = patient(store, "EVA BERG", born_on=BORN, email="eva@example.com", contact_allowed="none", fitzpatrick=3)
    face = course(store, first)
    visit(store, first, [face], "2026-02-01")
    again = course(store, second, area="Face")
    neck = course(store, second, area="Neck")
    review = visit(store, second, [again, neck], "2026-03-01", kind="review")
    write(store, "outcome_scores", visit_id=review, course_id=neck, scale="gais", value=2, better="lower")
    visit(store, second, [neck], "2026-03-02")
    visit(store, second, [], "2026-01-02", kind="other")
    write(
        store, "agreements", course_id=neck, kind="session", agreed_on="2026-03-02", due_on=BORN, last_on="2027-01-01"
    )
    for patient_id, factor in ((first, "smoker"), (second, "smoker"), (second, "asthma")):
        write(store, "patient_factors", patient_id=patient_id, factor=factor)
    write(store, "patient_identifiers", system="books", value="17", patient_id=second)
    pause(ACTOR, store, second, cause="wish", reason="exams", starts_on=TODAY, area="Face")
    pause(ACTOR, store, second, cause="medical", reason="rash", starts_on=TODAY)
    reason = (neck, "session", 2, "missed_session")
    record_attempt(DESK, store, second, channel="phone", outcome="no_answer", reasons=[reason])
    return first, second


def code(store: Store, patient_id: int) -> str:
    """A patient's public code."""
    return one(store, "select code from patients where id = ?", patient_id)


def open_doubts(store: Store, actor: Actor = ACTOR) -> list[list[Any]]:
    """The pairs that are possibly one."""
    open_, _ = decided(actor, store, read_doubts(actor, store, TODAY))
    return open_[["patient_id", "other_patient_id"]].to_numpy().tolist()


# Merging


def test_everything_goes_to_the_patient_kept(store, two):
    """Plans, visits with their links, pauses, identifiers, attempts and what to watch; nothing is left behind."""
    first, second = two
    merge_patients(ACTOR, store, first, second)
    for table in ("courses", "visits", "visit_courses", "holds", "patient_identifiers", "contact_attempts"):
        assert rows(store, f"select distinct patient_id from {table}") == [(first,)], table
    assert rows(store, "select * from patient_factors order by factor") == [(first, "asthma"), (first, "smoker")]
    assert rows(store, "pragma foreign_key_check") == []
    assert attempts_of(ACTOR, store, first)["outcome"].tolist() == ["no_answer"]
    assert len(read_schedule_input(ACTOR, store, TODAY, patient_ids=[first]).visits) == 4
    assert open_doubts(store) == []


def test_one_area_has_one_spelling(store, two):
    """The kept record's own, so that the pause of the other one's “Face” holds for her “face”."""
    merge_patients(ACTOR, store, *two)
    assert rows(store, "select distinct area from courses order by area") == [("Neck",), ("face",)]
    assert rows(store, "select area from holds order by id") == [("face",), (None,)]


def test_the_kept_record_takes_what_it_lacks(store, two):
    """Its own phone stays, the email comes, and of the two words on contact the stricter one holds."""
    first, second = two
    merge_patients(ACTOR, store, first, second)
    assert rows(
        store, "select phone, phone_digits, email, fitzpatrick, contact_allowed, name from patients where id = ?", first
    ) == [("0770 1", "7701", "eva@example.com", 3, "none", "Eva Berg")]


def test_the_stricter_word_on_contact_holds_either_way(store, two):
    """Also where the kept record is the one that says it."""
    first, second = two
    merge_patients(ACTOR, store, second, first)
    assert rows(store, "select phone, contact_allowed from patients where id = ?", second) == [("0770 1", "none")]


def test_an_old_code_finds_the_patient_kept(store, two):
    """In the search and in an address, also after she was merged once more; the emptied record is not found."""
    first, second = two
    old = code(store, second)
    merge_patients(ACTOR, store, first, second)
    assert rows(store, "select status, status_on from patients where id = ?", second) == [("inactive", "2026-11-23")]
    third = patient(store, "Eva Bergh")
    merge_patients(ACTOR, store, third, first)
    for wanted in (old, code(store, first), code(store, third)):
        assert find_patients(ACTOR, store, wanted)["code"].tolist() == [code(store, third)]
        assert read_patient(ACTOR, store, wanted).id == third
    assert find_patients(ACTOR, store, "eva")["code"].tolist() == [code(store, third)]


def test_merging_is_undone_as_one_change(store, two):
    """Every table is as before, and undoing that merges again."""
    first, second = two
    before, schedule = kept(store), read_schedule_input(ACTOR, store, TODAY).schedule()
    merge_patients(ACTOR, store, first, second)
    merged = kept(store)
    undo(ACTOR, store, latest(store))
    assert kept(store) == before
    assert read_schedule_input(ACTOR, store, TODAY).schedule().equals(schedule)
    assert read_patient(ACTOR, store, code(store, second)).id == second
    undo(ACTOR, store, latest(store))
    assert kept(store) == merged


LATER: dict[str, Any] = {
    "a visit": lambda store, plan, first: record_visit(ACTOR, store, [plan], kind="session", visit_date=TODAY),
    "a booking": lambda store, plan, first: note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY),
    "an attempt": lambda store, plan, first: record_attempt(
        ACTOR, store, first, channel="phone", outcome="no_answer", reasons=[(plan, "session", 2, "missed_session")]
    ),
}


@pytest.mark.parametrize("name", LATER)
def test_a_merge_is_not_undone_under_what_came_later(store, two, name):
    """What was recorded about a plan since would stay with the wrong patient; undone first, the merge can be."""
    first, second = two
    before = kept(store)
    neck = one(store, "select id from courses where area = 'Neck'")
    merge_patients(ACTOR, store, first, second)
    merged = latest(store)
    LATER[name](store, neck, first)
    with refused(store, "^Something that came later needs this; undo the later change first.$", Conflict):
        undo(ACTOR, store, merged)
    undo(ACTOR, store, latest(store))
    undo(ACTOR, store, merged)
    assert kept(store) == before


def test_what_came_later_of_the_kept_patient_s_own_does_not_matter(store, two):
    """A booking of her own plan stays with her."""
    first, second = two
    face = one(store, "select id from courses where area = 'face'")
    merge_patients(ACTOR, store, first, second)
    merged = latest(store)
    booking = note_booking(ACTOR, store, [face], kind="session", visit_date=TODAY)
    undo(ACTOR, store, merged)
    assert one(store, "select patient_id from visits where id = ?", booking) == first


def test_a_change_from_before_is_not_undone_alone(store, two):
    """The merge is the later change."""
    first, second = two
    note_booking(
        ACTOR, store, [one(store, "select id from courses where area = 'Neck'")], kind="session", visit_date=TODAY
    )
    booked = latest(store)
    merge_patients(ACTOR, store, first, second)
    with refused(store, "^This was changed again since; undo the later change first.$", Conflict):
        undo(ACTOR, store, booked)


def test_only_managers_merge(store, two):
    """And take a merge back."""
    for role in ("practitioner", "front_desk", "read_only"):
        with pytest.raises(NotPermitted):
            merge_patients(Actor("Bea", role), store, *two)
    merge_patients(ACTOR, store, *two)
    with pytest.raises(NotPermitted):
        undo(Actor("Bea", "practitioner"), store, latest(store))


def test_what_can_not_be_merged(store, two):
    """A record with itself, nobody, one merged already, and a patient who is here into one who is gone."""
    first, second = two
    with refused(store, "^two different records are wanted$"):
        merge_patients(ACTOR, store, first, first)
    with refused(store, "^This patient is not there any more.$", NotFound):
        merge_patients(ACTOR, store, first, 99)
    gone = patient(store, "Eva", status="transferred", status_on="2026-01-01")
    with refused(store, "^the record to keep is of a patient who is gone; keep the other one$"):
        merge_patients(ACTOR, store, gone, first)
    merge_patients(ACTOR, store, first, gone)
    assert rows(store, "select status, status_on from patients where id = ?", gone) == [("transferred", "2026-01-01")]
    merge_patients(ACTOR, store, first, second)
    for pair in ((first, second), (second, first)):
        with refused(store, f"^the record {code(store, second)} was merged into another one already$"):
            merge_patients(ACTOR, store, *pair)


@pytest.mark.parametrize("taken", [0, 1])
def test_a_patient_whom_somebody_has_taken_is_not_merged(store, two, taken):
    """Either of the two; whom the manager has taken herself she lets go by merging."""
    take(DESK, store, two[taken])
    with refused(store, "^Bea has taken this patient, for 1[56] more minutes at most", Conflict):
        merge_patients(ACTOR, store, *two)
    take(ACTOR, store, two[taken], over=True)
    merge_patients(ACTOR, store, *two)
    assert read_claims(ACTOR, store).empty


def test_the_kept_record_is_looked_at_again_where_it_changed(store, two):
    """Somebody paused her meanwhile."""
    seen = store.latest_change(two[0])
    pause(DESK, store, two[0], cause="medical", reason="rash", starts_on=TODAY)
    with refused(store, "^Bea changed this record meanwhile", Conflict):
        merge_patients(ACTOR, store, *two, seen=seen)


# Told apart


def test_two_who_are_told_apart_are_off_the_list(store, two):
    """In whichever order they are named, and until it is undone."""
    first, second = two
    assert open_doubts(store) == [[first, second]]
    not_duplicates(DESK, store, second, first)
    assert open_doubts(store) == []
    (said,) = decided(ACTOR, store, read_doubts(ACTOR, store, TODAY))[1].to_dict("records")
    assert (said["decided_by"], said["decided_on"].date()) == ("Bea", TODAY)
    assert said["reason"] is None or said["reason"] != said["reason"]
    with refused(store, "^these two are said to be different people already$"):
        not_duplicates(DESK, store, first, second)
    with refused(store, "^these two were said to be different people; undo that first$"):
        merge_patients(ACTOR, store, first, second)
    undo(DESK, store, latest(store))
    assert open_doubts(store) == [[first, second]]


def test_a_third_record_is_another_pair(store, two):
    """Telling two apart says nothing of the others."""
    first, second = two
    third = patient(store, born_on=BORN)
    not_duplicates(ACTOR, store, first, second)
    assert open_doubts(store) == [[first, third], [second, third]]
    merge_patients(ACTOR, store, first, third)
    assert open_doubts(store) == []
    assert [change.action for change in read_changes(ACTOR, store, first)][:2] == [
        "merge patients",
        "tell two patients apart",
    ]


def test_own_patients_only(store, two):
    """A pair shows where both are the practitioner's own, and she tells no others apart."""
    first, second = two
    ada = write(store, "practitioners", name="Ada")
    own = Actor("Ada", "practitioner", own=ada)
    visit(store, first, [], "2026-01-05", kind="other", practitioner_id=ada)
    assert open_doubts(store, own) == []
    for pair in ((first, second), (second, first)):
        with refused(store, "^There is no patient with this code", NotFound):
            not_duplicates(own, store, *pair)
    visit(store, second, [], "2026-01-05", kind="other", practitioner_id=ada)
    assert open_doubts(store, own) == [[first, second]]
    not_duplicates(own, store, first, second)
    assert open_doubts(store, own) == []


@pytest.mark.parametrize(
    "name", ["Null", "Robert'); drop table patients;--", "<script>x</script>", "=1+1", "\u202eavE"]
)
def test_hostile_names_are_merged_like_others(store, name):
    """And undone."""
    first, second = (patient(store, name, born_on=BORN) for _ in range(2))
    before = kept(store)
    assert open_doubts(store) == [[first, second]]
    merge_patients(ACTOR, store, first, second)
    assert open_doubts(store) == []
    undo(ACTOR, store, latest(store))
    assert kept(store) == before
