"""An account for the own patients only: others' are not there for it, neither to be read nor to be changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from clinic_data.access.accounts import add_account
from clinic_data.actor import Actor
from clinic_data.agreements import agree_dates
from clinic_data.changes import read_changes, undo
from clinic_data.courses import close_course, open_course, read_courses
from clinic_data.database import Store
from clinic_data.errors import ClinicError, NotAllowed, NotFound, NotPermitted
from clinic_data.holds import ask_again, pause, resume
from clinic_data.patients import contacts, find_patients, read_patient, register_patient
from clinic_data.schedule_input import read_schedule_input, schedule_input
from clinic_data.visits import (
    cancel_booking,
    last_and_next,
    move_booking,
    note_booking,
    read_scores,
    read_visits,
    record_attendance,
    record_visit,
)
from tests.clinic_data.rows import ACTOR, contents, one, patient, put_protocol, rows, visit, write

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
NOBODY = "^There is no patient with this code; search by name, code or phone.$"

pytestmark = pytest.mark.usefixtures("today")


@dataclass(frozen=True)
class Record:
    """One patient's record, with one row of everything."""

    patient: int
    code: str
    plan: int
    closed: int
    booking: int
    done: int
    hold: int
    change: int


@dataclass(frozen=True)
class Scene:
    """Bea, who sees the own patients only, Eva, who is hers, and Mia, who is Cleo's."""

    bea: Actor
    eva: Record
    mia: Record


def record(store: Store, name: str, practitioner_id: int) -> Record:
    """A patient's record, all of it by one practitioner."""
    code = register_patient(ACTOR, store, name, phone="0171 5550100")
    patient_id = read_patient(ACTOR, store, code).id
    plain = {"protocol_id": "acne-scars", "planned_sessions": 3, "practitioner_id": practitioner_id}
    plan = open_course(ACTOR, store, patient_id, area="Cheeks", opened_on=TODAY - 60 * DAY, **plain)
    closed = open_course(ACTOR, store, patient_id, area="Chin", opened_on=TODAY - 60 * DAY, **plain)
    close_course(ACTOR, store, closed, closed_on=TODAY, reason="moved_away")
    session = {"kind": "session", "practitioner_id": practitioner_id}
    done = record_visit(ACTOR, store, [plan], visit_date=TODAY - 50 * DAY, scores={"gais": 2}, **session)
    booking = note_booking(ACTOR, store, [plan], visit_date=TODAY, **session)
    agree_dates(ACTOR, store, plan, kind="session", due_on=TODAY, last_on=TODAY + DAY)
    hold = pause(ACTOR, store, patient_id, cause="wish", reason="exams", starts_on=TODAY + 9 * DAY)
    return Record(patient_id, code, plan, closed, booking, done, hold, one(store, "select max(id) from changes"))


@pytest.fixture
def scene(store) -> Scene:
    """The two records, and who may see the first."""
    bea, cleo = (write(store, "practitioners", name=name) for name in ("Bea", "Cleo"))
    account = add_account(
        *(ACTOR, store),
        login="bea",
        name="Bea",
        role="practitioner",
        password="a calm sentence",
        practitioner_id=bea,
        own_patients_only=True,
    )
    return Scene(
        bea=Actor("Bea", "practitioner", account_id=account, own=bea),
        eva=record(store, "Eva Berg", bea),
        mia=record(store, "Mia Berg", cleo),
    )


def untrailed(store: Store) -> dict[str, list[tuple]]:
    """Every row of the file but the trail's."""
    return {
        name: found
        for name, found in contents(store).items()
        if name not in ("trail", "trail_values", "sqlite_sequence")
    }


# Reading


READS: dict[str, Callable[[Actor, Store, Record], Any]] = {
    "read_courses": lambda actor, store, r: read_courses(actor, store, r.patient, as_of=TODAY)["course_id"].tolist(),
    "read_visits": lambda actor, store, r: read_visits(actor, store, r.patient)["visit_id"].tolist(),
    "read_scores": lambda actor, store, r: read_scores(actor, store, r.patient)["value"].tolist(),
    "read_changes": lambda actor, store, r: [change.id for change in read_changes(actor, store, r.patient)],
}


@pytest.mark.parametrize("name", READS)
def test_a_record_is_read_by_whose_patient_it_is(store, scene, name):
    """Of the own patient all that anybody sees; another's record is not there, nor is one that never was."""
    read = READS[name]
    assert read(scene.bea, store, scene.eva) == read(ACTOR, store, scene.eva) != []
    assert read(ACTOR, store, scene.mia) != []
    with pytest.raises(NotFound, match=NOBODY):
        read(scene.bea, store, scene.mia)


def test_another_practitioners_patient_is_not_there(store, scene):
    """In the very words for a code that nobody has; the trail tells who tried, and of whom."""
    assert read_patient(scene.bea, store, scene.eva.code).name == "Eva Berg"
    with pytest.raises(NotFound) as unknown:
        read_patient(scene.bea, store, "bcdfghjkmn")
    before = one(store, "select count(*) from trail")
    with pytest.raises(NotFound) as others:
        read_patient(scene.bea, store, scene.mia.code)
    assert str(others.value) == str(unknown.value)
    last = "select t.actor, t.kind, v.what, v.patient_id from trail t join trail_values v on v.trail_id = t.id"
    assert rows(store, f"{last} where t.id > ?", before) == [
        ("Bea", "refusal", "see a patient of somebody else", scene.mia.patient)
    ]


@pytest.mark.parametrize("text", ["Berg", "mia", "0171 5550100", "0100"])
def test_a_search_finds_the_own_patients(store, scene, text):
    """Whatever both have in common; by Mia's name and code nobody is found."""
    wanted = {scene.eva.code} if text != "mia" else set()
    assert set(find_patients(scene.bea, store, text)["code"]) == wanted
    assert scene.mia.code in set(find_patients(ACTOR, store, text)["code"])


def test_neither_code_nor_identifier_finds_anothers_patient(store, scene):
    """They match before the name does, and are limited as well."""
    write(store, "patient_identifiers", system="till", value="K-77", patient_id=scene.mia.patient)
    for text in (scene.mia.code, "K-77"):
        assert len(find_patients(ACTOR, store, text)) == 1
        assert find_patients(scene.bea, store, text).empty


def test_lists_hold_the_own_patients(store, scene):
    """Contacts, last and next visits, and the schedule of all, which all pages and exports are made of."""
    both, own = [scene.eva.patient, scene.mia.patient], [scene.eva.patient]
    assert sorted(contacts(ACTOR, store, both)["patient_id"]) == sorted(both)
    assert contacts(scene.bea, store, both)["patient_id"].tolist() == own
    assert sorted(last_and_next(ACTOR, store, TODAY).index) == sorted(both)
    assert last_and_next(scene.bea, store, TODAY).index.tolist() == own


@pytest.mark.parametrize("frame", ["courses", "visits", "holds", "agreements"])
def test_the_schedule_is_read_of_the_own_patients(store, scene, frame):
    """Every frame of it, for all and for one patient; of another's it is empty."""
    plans = {scene.eva.plan, scene.eva.closed}
    everything = getattr(read_schedule_input(ACTOR, store, TODAY), frame)
    assert set(everything["course_id"]) - plans
    for those in (None, [scene.eva.patient], [scene.eva.patient, scene.mia.patient]):
        own = getattr(read_schedule_input(scene.bea, store, TODAY, patient_ids=those), frame)
        assert own["course_id"].tolist() == [key for key in everything["course_id"] if key in plans]
    assert getattr(read_schedule_input(scene.bea, store, TODAY, patient_ids=[scene.mia.patient]), frame).empty


# Whose patient somebody is


@pytest.mark.parametrize("tie", ["plan", "visit", "booking"])
def test_a_plan_or_a_visit_makes_a_patient_ones_own(store, scene, tie):
    """Any plan or visit of the practitioner's, beside whatever else others do."""
    put_protocol(store)
    lea = patient(store, "Lea Falk")
    assert find_patients(scene.bea, store, "lea").empty
    if tie == "plan":
        plain = {"protocol_id": "plain", "protocol_version": 1, "area": "face", "planned_sessions": 3}
        write(store, "courses", patient_id=lea, opened_on="2026-01-01", practitioner_id=scene.bea.own, **plain)
    else:
        status = "booked" if tie == "booking" else "completed"
        visit(store, lea, [], "2026-11-23", practitioner_id=scene.bea.own, status=status)
    assert len(find_patients(scene.bea, store, "lea")) == 1


def test_whom_the_account_registers_is_its_own(store, scene):
    """At once, without a plan or a visit; and not another account's of the same limits."""
    code = register_patient(scene.bea, store, "Lea Falk")
    lea = read_patient(scene.bea, store, code)
    plan = open_course(
        scene.bea, store, lea.id, protocol_id="acne-scars", area="Chin", planned_sessions=1, opened_on=TODAY
    )
    assert read_courses(scene.bea, store, lea.id, as_of=TODAY)["course_id"].tolist() == [plan]
    cleo = Actor("Cleo", "practitioner", own=one(store, "select id from practitioners where name = 'Cleo'"))
    with pytest.raises(NotFound, match=NOBODY):
        read_patient(cleo, store, code)


def test_a_patient_who_is_there_already_is_named_by_code_to_whom_may_see_her(store, scene):
    """To Bea, Mia's second registration is refused without her code."""
    with pytest.raises(NotAllowed, match=f"is there already, with code {scene.mia.code}$"):
        register_patient(ACTOR, store, "Mia Berg", phone="0171 5550100")
    with pytest.raises(NotAllowed, match=r"is there already, with another practitioner$"):
        register_patient(scene.bea, store, "Mia Berg", phone="0171 5550100")
    with pytest.raises(NotAllowed, match=f"is there already, with code {scene.eva.code}$"):
        register_patient(scene.bea, store, "Eva Berg", phone="0171 5550100")


# Changing


NO_PLAN = "^This treatment plan is not there any more.$"
NO_BOOKING = "^This booking is not there any more.$"
NO_PAUSE = "^This pause is not there any more.$"
WRITES: dict[str, tuple[Callable[[Actor, Store, Record], Any], str]] = {
    "open a plan": (
        lambda actor, store, r: open_course(
            *(actor, store, r.patient), protocol_id="acne-scars", area="Neck", planned_sessions=3, opened_on=TODAY
        ),
        NOBODY,
    ),
    "close a plan": (
        lambda actor, store, r: close_course(actor, store, r.plan, closed_on=TODAY, reason="medical"),
        NO_PLAN,
    ),
    "finish early": (
        lambda actor, store, r: close_course(actor, store, r.plan, closed_on=TODAY, reason="finished_early"),
        NO_PLAN,
    ),
    "agree dates": (
        lambda actor, store, r: agree_dates(actor, store, r.plan, kind="session", due_on=TODAY, last_on=TODAY),
        NO_PLAN,
    ),
    "pause": (
        lambda actor, store, r: pause(actor, store, r.patient, cause="wish", reason="trip", starts_on=TODAY),
        NOBODY,
    ),
    "resume": (lambda actor, store, r: resume(actor, store, r.hold, ends_on=TODAY + 20 * DAY), NO_PAUSE),
    "pause never was": (lambda actor, store, r: resume(actor, store, r.hold, ends_on=TODAY), NO_PAUSE),
    "ask again": (lambda actor, store, r: ask_again(actor, store, r.hold, check_on=TODAY + 10 * DAY), NO_PAUSE),
    "record a visit": (
        lambda actor, store, r: record_visit(actor, store, [r.plan], kind="session", visit_date=TODAY),
        NO_PLAN,
    ),
    "book": (
        lambda actor, store, r: note_booking(
            *(actor, store, [r.plan]), kind="session", visit_date=TODAY + DAY, practitioner_id=actor.own
        ),
        NO_PLAN,
    ),
    "move": (lambda actor, store, r: move_booking(actor, store, r.booking, to=TODAY + DAY, by="clinic"), NO_BOOKING),
    "cancel": (lambda actor, store, r: cancel_booking(actor, store, r.booking, by="clinic"), NO_BOOKING),
    "came": (lambda actor, store, r: record_attendance(actor, store, r.booking, came=True), NO_BOOKING),
    "did not come": (lambda actor, store, r: record_attendance(actor, store, r.booking, came=False), NO_BOOKING),
    "undo": (lambda actor, store, r: undo(actor, store, r.change), "^This change is not in the list.$"),
}
"""What changes a record, and the words for a record that is not there."""


@pytest.mark.parametrize("name", WRITES)
def test_anothers_record_is_not_changed(store, scene, name):
    """It is refused in the words for what is not there, also as a rehearsal; the own patient's is changed."""
    act, sentence = WRITES[name]
    before = contents(store)
    rehearsal = store.rehearse(partial(schedule_input, actor=scene.bea, as_of=TODAY))
    for place in (store, rehearsal):
        with pytest.raises(NotFound, match=sentence):
            act(scene.bea, place, scene.mia)
    assert rehearsal.seen == []
    assert contents(store) == before
    act(scene.bea, rehearsal, scene.eva)
    assert set(rehearsal.seen[0].courses["patient_id"]) == {scene.eva.patient}
    assert contents(store) == before
    act(scene.bea, store, scene.eva)
    assert untrailed(store) != {name: kept for name, kept in before.items() if name in untrailed(store)}


NEVER = Record(patient=99, code="", plan=99, closed=99, booking=99, done=99, hold=99, change=99)


@pytest.mark.parametrize("name", WRITES)
def test_what_is_anothers_and_what_never_was_are_told_alike(store, scene, name):
    """Nobody learns by trying numbers which of them are in use."""
    act, _ = WRITES[name]
    said = []
    for record_ in (scene.mia, NEVER):
        with pytest.raises(ClinicError) as refused:
            act(scene.bea, store, record_)
        said.append((refused.type, str(refused.value)))
    assert said[0] == said[1]


CLOSED: dict[str, Callable[[Actor, Store, Record], Any]] = {
    "close a closed plan": lambda actor, store, r: close_course(
        actor, store, r.closed, closed_on=TODAY, reason="medical"
    ),
    "agree dates for a closed plan": lambda actor, store, r: agree_dates(
        actor, store, r.closed, kind="session", due_on=TODAY, last_on=TODAY
    ),
    "agree dates for no review": lambda actor, store, r: agree_dates(
        actor, store, r.plan, kind="nonsense", due_on=TODAY, last_on=TODAY
    ),
    "book for a closed plan": lambda actor, store, r: note_booking(
        actor, store, [r.closed], kind="session", visit_date=TODAY
    ),
    "close before it was opened": lambda actor, store, r: close_course(
        actor, store, r.plan, closed_on=TODAY - 99 * DAY, reason="medical"
    ),
    "cancel what took place": lambda actor, store, r: cancel_booking(actor, store, r.done, by="clinic"),
    "ask again before the pause": lambda actor, store, r: ask_again(actor, store, r.hold, check_on=TODAY),
}
"""What is refused for anybody, in words that tell something of the record."""


@pytest.mark.parametrize("name", CLOSED)
def test_a_refusal_tells_nothing_of_anothers_record(store, scene, name):
    """What is wrong with it is said to whoever may see it."""
    with pytest.raises(NotAllowed):
        CLOSED[name](scene.bea, store, scene.eva)
    with pytest.raises(NotFound, match="is not there any more"):
        CLOSED[name](scene.bea, store, scene.mia)


def test_a_visit_is_not_shared_with_anothers_plan(store, scene):
    """A review of an own plan and a foreign one is refused, in either order."""
    before = contents(store)
    for plans in ([scene.eva.plan, scene.mia.plan], [scene.mia.plan, scene.eva.plan]):
        with pytest.raises(NotFound, match=NO_PLAN):
            record_visit(scene.bea, store, plans, kind="review", visit_date=TODAY)
    assert contents(store) == before


def test_who_has_no_limits_changes_every_record(store, scene):
    """The limit is the account's, not the practitioner's."""
    whole = Actor("Bea", "practitioner", account_id=scene.bea.account_id)
    cancel_booking(whole, store, scene.mia.booking, by="clinic")
    assert one(store, "select status from visits where id = ?", scene.mia.booking) == "cancelled"


# What it takes to take back


@pytest.mark.parametrize("times", [1, 3])
def test_the_front_desk_resumes_by_no_detour(store, scene, times):
    """Doing a resuming again by taking its undoing back is resuming, which takes a practitioner."""
    desk, eva = Actor("Dan", "front_desk"), scene.eva
    resume(ACTOR, store, eva.hold, ends_on=TODAY + 20 * DAY)
    for _ in range(times):
        undo(ACTOR, store, one(store, "select max(id) from changes"))
    with pytest.raises(NotPermitted, match="resume treatment"):
        undo(desk, store, one(store, "select max(id) from changes"))
    assert one(store, "select ends_on from holds where id = ?", eva.hold) is None


def test_the_front_desk_pauses_again(store, scene):
    """A pause that was taken back by mistake is in force again; taking it back once more takes a practitioner."""
    desk, eva = Actor("Dan", "front_desk"), scene.eva
    undo(ACTOR, store, eva.change)
    undo(desk, store, one(store, "select max(id) from changes"))
    assert one(store, "select count(*) from holds where id = ?", eva.hold) == 1
    with pytest.raises(NotPermitted, match="resume treatment"):
        undo(desk, store, one(store, "select max(id) from changes"))
