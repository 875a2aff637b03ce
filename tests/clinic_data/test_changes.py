"""Changes that meet: what somebody else did meanwhile, taking a change back, and trying one without keeping it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_data.actor import Actor
from clinic_data.agreements import agree_dates
from clinic_data.changes import read_changes, undo
from clinic_data.closures import add_closure, remove_closure
from clinic_data.courses import close_course
from clinic_data.database import Store, prepare
from clinic_data.errors import ClinicError, Conflict, NotAllowed, NotFound
from clinic_data.holds import ask_again, pause, resume
from clinic_data.patients import read_patient, register_patient
from clinic_data.practitioners import add_practitioner, set_practitioner_active
from clinic_data.schedule_input import read_schedule_input, schedule_input
from clinic_data.settings import change_settings
from clinic_data.visits import (
    cancel_booking,
    move_booking,
    note_booking,
    note_bookings,
    record_attendance,
    record_visit,
)
from tests.clinic_data.rows import ACTOR, contents, one, patient, rows
from tests.clinic_data.test_recording_visits import DAY, TODAY, acne, begun, one_change, refused, row

pytestmark = pytest.mark.usefixtures("today")

BEA = Actor("Bea", "front_desk")


@dataclass(frozen=True)
class Scene:
    """Eva, her plan, what is booked for today, a pause of another area, a closure and who treats."""

    eva: int
    plan: int
    booking: int
    hold: int
    closure: int
    ada: int


@pytest.fixture
def scene(store) -> Scene:
    """A clinic on which every action is possible."""
    return set_up(store)


def set_up(store: Store) -> Scene:
    """Write the scene into an empty clinic."""
    eva, plan = begun(store)
    return Scene(
        eva=eva,
        plan=plan,
        booking=note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY),
        hold=pause(ACTOR, store, eva, cause="wish", reason="exams", starts_on=TODAY, area="Chin"),
        closure=add_closure(ACTOR, store, starts_on=TODAY + 300 * DAY, ends_on=TODAY + 310 * DAY, reason="holiday"),
        ada=add_practitioner(ACTOR, store, "Ada"),
    )


GROWING = {"changes", "revision", "trail", "trail_values", "sqlite_sequence"}
"""The tables that grow with every change, also with one that takes another back."""


def kept(store: Store) -> dict[str, list[tuple]]:
    """What the clinic keeps, apart from the list of changes, the trail and the revision."""
    return {name: found for name, found in contents(store).items() if name not in GROWING}


def latest(store: Store) -> int:
    """The number of the latest change of all."""
    return one(store, "select max(id) from changes")


FULL = {"depth_mm": 1, "device": "Pen", "notes": "calm", "scores": {"gais": 2, "patient_vas": 7}}
ACTIONS: dict[str, Any] = {
    "note a session": lambda store, s, **more: note_booking(
        *(ACTOR, store, [s.plan]), kind="session", visit_date=TODAY + 40 * DAY, practitioner_id=s.ada, **more
    ),
    "note a review": lambda store, s, **more: note_booking(
        ACTOR, store, [s.plan], kind="review", visit_date=TODAY + 5 * DAY, **more
    ),
    "note several": lambda store, s, **more: note_bookings(
        ACTOR, store, [s.plan], kind="session", visit_dates=[TODAY + 40 * DAY, TODAY + 75 * DAY], **more
    ),
    "move": lambda store, s, **more: move_booking(ACTOR, store, s.booking, to=TODAY + DAY, by="clinic", **more),
    "cancel": lambda store, s, **more: cancel_booking(ACTOR, store, s.booking, by="patient", **more),
    "came": lambda store, s, **more: record_attendance(ACTOR, store, s.booking, came=True, **FULL, **more),
    "did not come": lambda store, s, **more: record_attendance(ACTOR, store, s.booking, came=False, **more),
    "record what was booked": lambda store, s, **more: record_visit(
        ACTOR, store, [s.plan], kind="session", visit_date=TODAY, **FULL, **more
    ),
    "record a review": lambda store, s, **more: record_visit(
        ACTOR, store, [s.plan], kind="review", visit_date=TODAY, scores={"gais": 1}, **more
    ),
    "open a plan": lambda store, s, **more: acne(store, s.eva, "Neck", **more),
    "open a plan of a new protocol": lambda store, s, **more: acne(
        store, s.eva, "Neck", protocol_id="neck-lines", **more
    ),
    "close the plan": lambda store, s, **more: close_course(
        ACTOR, store, s.plan, closed_on=TODAY, reason="moved_away", **more
    ),
    "finish early": lambda store, s, **more: close_course(
        ACTOR, store, s.plan, closed_on=TODAY, reason="finished_early", **more
    ),
    "pause": lambda store, s, **more: pause(
        ACTOR, store, s.eva, cause="medical", reason="rash", starts_on=TODAY, **more
    ),
    "resume": lambda store, s, **more: resume(ACTOR, store, s.hold, ends_on=TODAY + DAY, **more),
    "pause never was": lambda store, s, **more: resume(ACTOR, store, s.hold, ends_on=TODAY, **more),
    "ask again": lambda store, s, **more: ask_again(ACTOR, store, s.hold, check_on=TODAY + DAY, **more),
    "agree dates": lambda store, s, **more: agree_dates(
        *(ACTOR, store, s.plan), kind="session", due_on=TODAY + 7 * DAY, last_on=TODAY + 9 * DAY, note="trip", **more
    ),
}
"""What is done to Eva's record."""

OTHERS: dict[str, Any] = {
    "add a closure": lambda store, s: add_closure(
        ACTOR, store, starts_on=TODAY + DAY, ends_on=TODAY + 3 * DAY, reason="painters"
    ),
    "remove a closure": lambda store, s: remove_closure(ACTOR, store, s.closure),
    "add a practitioner": lambda store, s: add_practitioner(ACTOR, store, "Cleo"),
    "retire a practitioner": lambda store, s: set_practitioner_active(ACTOR, store, s.ada, False),
    "register": lambda store, s: register_patient(
        ACTOR, store, "Mia Holm", phone="1", born_on=date(1990, 1, 1), factors=["smoker", "asthma"]
    ),
}
"""What is done to no record that is there."""

EVERY = ACTIONS | OTHERS


# What somebody else did meanwhile


@pytest.mark.parametrize("name", ACTIONS)
def test_a_record_that_changed_meanwhile_is_looked_at_again(store, scene, name):
    """Whoever acts on what she saw before Bea's pause is told of it, and nothing is kept."""
    seen = store.latest_change(scene.eva)
    pause(BEA, store, scene.eva, cause="medical", reason="rash", starts_on=TODAY, area="Nose")
    sentence = (
        r"^Bea changed this record meanwhile \(pause, 2026-11-23 09:00:00 UTC\), so nothing was saved; "
        "look at it again and then save.$"
    )
    with refused(store, sentence, Conflict):
        ACTIONS[name](store, scene, seen=seen)
    ACTIONS[name](store, scene, seen=store.latest_change(scene.eva))


def test_other_records_do_not_matter(store, scene):
    """Another patient, a closure and a practitioner change nothing about Eva."""
    seen = store.latest_change(scene.eva)
    mia = patient(store, "Mia Holm")
    acne(store, mia)
    for action in OTHERS.values():
        action(store, scene)
    ACTIONS["cancel"](store, scene, seen=seen)
    assert row(store, scene.plan)["flag"] == "not_rebooked"


def test_a_record_without_changes_has_been_seen(store):
    """Nought is before the first change."""
    eva = patient(store)
    assert store.latest_change(eva) == 0
    acne(store, eva, seen=0)
    assert store.latest_change(eva) == latest(store)
    with refused(store, "^Ada changed this record meanwhile", Conflict):
        acne(store, eva, "Chin", seen=0)


def test_taking_back_is_a_change_that_others_see(store, scene):
    """Who did not see the undoing does not act on what it took back."""
    ACTIONS["note a review"](store, scene)
    seen = store.latest_change(scene.eva)
    undo(BEA, store, seen)
    with refused(store, r"^Bea changed this record meanwhile \(undo: note a booking, ", Conflict):
        ACTIONS["note a session"](store, scene, seen=seen)


def test_of_two_who_book_at_once_one_wins(store, scene):
    """Both saw the same; one booking is there, and the other learns of it."""
    seen, together = store.latest_change(scene.eva), Barrier(2)

    def book(ahead: int) -> str:
        together.wait(10)
        try:
            note_booking(ACTOR, store, [scene.plan], kind="session", visit_date=TODAY + ahead * DAY, seen=seen)
        except Conflict as conflict:
            return str(conflict)
        return "won"

    before = one(store, "select count(*) from visits")
    with ThreadPoolExecutor(2) as both:
        said = sorted(both.map(book, [50, 60]))
    assert said[0].startswith("Ada changed this record meanwhile (note a booking, ")
    assert said[1] == "won"
    assert one(store, "select count(*) from visits") == before + 1


def test_of_two_who_book_the_same_day_one_wins(store, scene):
    """Even where neither says what she saw."""
    together = Barrier(2)

    def book(_: int) -> str:
        together.wait(10)
        try:
            note_booking(ACTOR, store, [scene.plan], kind="session", visit_date=TODAY + 50 * DAY)
        except NotAllowed as error:
            return str(error)
        return "won"

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(book, range(2))) == ["a session on 12 Jan 2027 is there already", "won"]


# The list of changes


def test_changes_are_read_the_latest_first(store, scene):
    """Who, what and when, and whether it was taken back; other patients' are not among them."""
    mia = patient(store, "Mia Holm")
    acne(store, mia)
    ACTIONS["cancel"](store, scene)
    cancelled = latest(store)
    undo(BEA, store, cancelled)
    read = read_changes(ACTOR, store, scene.eva)
    assert [(change.actor, change.action) for change in read] == [
        ("Bea", "undo: cancel a booking"),
        ("Ada", "cancel a booking"),
        ("Ada", "pause"),
        ("Ada", "note a booking"),
        ("Ada", "record a session"),
        ("Ada", "open a treatment plan"),
    ]
    assert (read[0].undoes, read[0].undone, read[0].can_be_undone) == (cancelled, False, True)
    assert (read[1].id, read[1].undone, read[1].can_be_undone) == (cancelled, True, False)
    assert read[1].rows[0]["before"]["status"] == "booked"
    assert read[1].at.isoformat() == "2026-11-23T09:00:00+00:00"


# Taking back


@pytest.mark.parametrize("name", EVERY)
def test_every_action_can_be_taken_back(store, scene, name):
    """Every row is as it was, by a change of its own; taken back once more, it is done again."""
    before = kept(store)
    EVERY[name](store, scene)
    done, change = kept(store), latest(store)
    assert done != before
    whose, action = rows(store, "select patient_id, action from changes where id = ?", change)[0]
    with one_change(store, f"undo: {action}", whose, revisions="practitioner" not in name) as written:
        undo(ACTOR, store, change)
    assert kept(store) == before
    assert written
    with refused(store, "^this change was taken back already$"):
        undo(ACTOR, store, change)
    undo(ACTOR, store, latest(store))
    assert kept(store) == done
    undo(ACTOR, store, latest(store))
    assert kept(store) == before


def test_the_schedule_follows_an_undoing(store, scene):
    """The flag that came goes again."""
    ACTIONS["did not come"](store, scene)
    assert row(store, scene.plan)["flag"] == "no_show"
    undo(ACTOR, store, latest(store))
    assert row(store, scene.plan)["flag"] is None


LATER_CHANGES = [
    ("note a session", lambda store, s, new: cancel_booking(ACTOR, store, new, by="clinic")),
    ("note a session", lambda store, s, new: move_booking(ACTOR, store, new, to=TODAY + 90 * DAY, by="clinic")),
    ("pause", lambda store, s, new: ask_again(ACTOR, store, new, check_on=TODAY + DAY)),
    ("pause", lambda store, s, new: resume(ACTOR, store, new, ends_on=TODAY)),
    ("ask again", lambda store, s, new: resume(ACTOR, store, s.hold, ends_on=TODAY + DAY)),
    ("finish early", lambda store, s, new: close_course(ACTOR, store, s.plan, closed_on=TODAY, reason="finished")),
    ("add a closure", lambda store, s, new: remove_closure(ACTOR, store, new)),
    ("add a practitioner", lambda store, s, new: set_practitioner_active(ACTOR, store, new, False)),
]


@pytest.mark.parametrize(("name", "then"), LATER_CHANGES)
def test_what_changed_again_is_not_taken_back(store, scene, name, then):
    """The later change goes first, and then the earlier one can."""
    before = kept(store)
    new = EVERY[name](store, scene)
    first = latest(store)
    then(store, scene, new)
    with refused(store, "^This was changed again since; undo the later change first.$", Conflict):
        undo(ACTOR, store, first)
    undo(ACTOR, store, latest(store))
    undo(ACTOR, store, first)
    assert kept(store) == before


NEEDED = [
    ("open a plan", lambda store, s, new: note_booking(ACTOR, store, [new], kind="session", visit_date=TODAY)),
    ("open a plan", lambda store, s, new: agree_dates(ACTOR, store, new, kind="session", due_on=TODAY, last_on=TODAY)),
    ("add a practitioner", lambda store, s, new: acne(store, s.eva, "Neck", practitioner_id=new)),
    ("register", lambda store, s, new: acne(store, read_patient(ACTOR, store, new).id)),
    (
        "register",
        lambda store, s, new: pause(
            ACTOR, store, read_patient(ACTOR, store, new).id, cause="wish", reason="trip", starts_on=TODAY
        ),
    ),
]


@pytest.mark.parametrize(("name", "then"), NEEDED)
def test_what_is_needed_is_not_taken_back(store, scene, name, then):
    """A patient with a plan stays, and so does a plan with a booking, until that is taken back."""
    before = kept(store)
    new = EVERY[name](store, scene)
    first = latest(store)
    then(store, scene, new)
    with refused(store, "^Something that came later needs this; undo the later change first.$", Conflict):
        undo(ACTOR, store, first)
    undo(ACTOR, store, latest(store))
    undo(ACTOR, store, first)
    assert kept(store) == before


def test_a_protocol_stays_while_another_plan_needs_it(store):
    """The plan that brought its text can be taken back and done again, whoever else uses it."""
    eva, mia = patient(store), patient(store, "Mia Holm")
    empty = kept(store)
    acne(store, eva)
    first = latest(store)
    acne(store, mia)
    second = latest(store)
    both = kept(store)
    undo(ACTOR, store, first)
    taken = latest(store)
    assert rows(store, "select patient_id from courses") == [(mia,)]
    assert one(store, "select count(*) from protocols") == 1
    undo(ACTOR, store, taken)
    assert kept(store) == both
    undo(ACTOR, store, second)
    undo(ACTOR, store, latest(store) - 1)
    assert kept(store) == empty | {"protocols": both["protocols"]}


def test_a_protocol_that_came_back_meanwhile_is_no_conflict(store):
    """Eva's plan is taken back, Mia's brings the text again, and Eva's is done again."""
    eva, mia = patient(store), patient(store, "Mia Holm")
    acne(store, eva)
    undo(ACTOR, store, latest(store))
    assert one(store, "select count(*) from protocols") == 0
    taken = latest(store)
    plan = acne(store, mia, opened_on=TODAY)
    undo(ACTOR, store, latest(store))
    acne(store, mia, area="Neck")
    undo(ACTOR, store, latest(store))
    undo(ACTOR, store, taken)
    assert rows(store, "select id, patient_id from courses") == [(plan, eva)]
    acne(store, mia)
    assert one(store, "select count(*) from protocols") == 1


def test_who_was_registered_by_mistake_leaves_no_trace_with_others(store):
    """The next patient has another number, so her changes are hers alone."""
    register_patient(ACTOR, store, "Eva Berg", factors=["smoker"])
    undo(ACTOR, store, latest(store))
    mia = read_patient(ACTOR, store, register_patient(ACTOR, store, "Mia Holm"))
    assert [change.action for change in read_changes(ACTOR, store, mia.id)] == ["register a patient"]
    undo(ACTOR, store, latest(store) - 1)
    assert sorted(rows(store, "select name from patients")) == [("Eva Berg",), ("Mia Holm",)]


def test_what_came_in_bulk_is_not_taken_back(store):
    """An import is not one change at a time; the list of changes knows it."""
    eva = patient(store)
    with store.change(ACTOR, "import", patient_id=eva) as change:
        change.insert_many("patient_factors", ["patient_id", "factor"], [(eva, "smoker")])
    assert not read_changes(ACTOR, store, eva)[0].can_be_undone
    with refused(store, "^what came in bulk can't be taken back one change at a time$"):
        undo(ACTOR, store, latest(store))


def test_a_change_that_is_not_there_is_not_taken_back(store):
    """The sentence says so."""
    with refused(store, "^This change is not in the list.$", NotFound):
        undo(ACTOR, store, 99)


def test_of_two_who_take_back_one_wins(store, scene):
    """The other learns that it was taken back already."""
    ACTIONS["cancel"](store, scene)
    change, together = latest(store), Barrier(2)

    def take_back(_: int) -> str:
        together.wait(10)
        try:
            undo(ACTOR, store, change)
        except NotAllowed as error:
            return str(error)
        return "won"

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(take_back, range(2))) == ["this change was taken back already", "won"]


# Trying without keeping


def dump(store: Store) -> tuple[dict[str, list[tuple]], bytes]:
    """Every row of every table, and the file itself."""
    return contents(store), store.path.read_bytes()


@pytest.mark.parametrize("name", ACTIONS)
def test_a_rehearsed_action_is_seen_and_not_kept(store, scene, name):
    """What it would show is what it shows once it is done; the file is as it was."""
    look = partial(schedule_input, actor=ACTOR, as_of=TODAY, patient_ids=[scene.eva])
    before, revision = dump(store), store.revision()
    rehearsal = store.rehearse(look)
    ACTIONS[name](rehearsal, scene)
    assert dump(store) == before
    assert store.revision() == revision
    (seen,) = rehearsal.seen
    ACTIONS[name](store, scene)
    real = read_schedule_input(ACTOR, store, TODAY, patient_ids=[scene.eva])
    assert seen.schedule().equals(real.schedule())
    for name in ("courses", "visits", "holds", "agreements", "closures"):
        assert getattr(seen, name).equals(getattr(real, name)), name


def test_a_rehearsal_shows_its_last_action_alone(store, scene):
    """Each begins from what is kept."""
    rehearsal = store.rehearse(partial(schedule_input, actor=ACTOR, as_of=TODAY, patient_ids=[scene.eva]))
    assert rehearsal.seen == []
    ACTIONS["cancel"](rehearsal, scene)
    assert set(rehearsal.seen[0].schedule()["flag"].dropna()) == {"not_rebooked"}
    ACTIONS["did not come"](rehearsal, scene)
    assert len(rehearsal.seen) == 1
    assert set(rehearsal.seen[0].schedule()["flag"].dropna()) == {"no_show"}


def test_taking_back_can_be_rehearsed(store, scene):
    """It shows what would be there, and the change stays."""
    ACTIONS["cancel"](store, scene)
    before = dump(store)
    rehearsal = store.rehearse(partial(schedule_input, actor=ACTOR, as_of=TODAY))
    undo(ACTOR, rehearsal, latest(store))
    assert rehearsal.seen[0].schedule()["flag"].dropna().empty
    assert dump(store) == before


REFUSED = {
    "day": lambda store, s: note_booking(ACTOR, store, [s.plan], kind="session", visit_date=TODAY - DAY),
    "twice": lambda store, s: note_booking(ACTOR, store, [s.plan], kind="session", visit_date=TODAY),
    "one of several": lambda store, s: note_bookings(
        ACTOR, store, [s.plan], kind="session", visit_dates=[TODAY + 40 * DAY, TODAY + 40 * DAY]
    ),
    "no day": lambda store, s: note_bookings(ACTOR, store, [s.plan], kind="session", visit_dates=[]),
    "nobody": lambda store, s: note_booking(ACTOR, store, [99], kind="session", visit_date=TODAY),
    "row": lambda store, s: acne(store, 99),
    "score": lambda store, s: record_attendance(ACTOR, store, s.booking, came=True, scores={"gais": 9}),
    "seen": lambda store, s: cancel_booking(ACTOR, store, s.booking, by="clinic", seen=0),
    "undo": lambda store, s: undo(ACTOR, store, 99),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_rehearsal_refuses_what_is_refused(store, scene, name):
    """With the same error and the same sentence, and nothing to see."""
    before = dump(store)
    with pytest.raises(ClinicError) as real:
        REFUSED[name](store, scene)
    rehearsal = store.rehearse(schedule_input)
    with pytest.raises(ClinicError) as rehearsed:
        REFUSED[name](rehearsal, scene)
    assert (rehearsed.type, str(rehearsed.value)) == (real.type, str(real.value))
    assert rehearsal.seen == []
    assert dump(store) == before


# Any sequence


@settings(max_examples=15, deadline=None)
@given(names=st.lists(st.sampled_from(sorted(EVERY)), max_size=8))
def test_any_sequence_taken_back_in_reverse_leaves_what_was_there(names):
    """Whatever is done, and whatever is refused on the way, undoing restores it and redoing does it again."""
    with TemporaryDirectory() as folder:
        store = prepare(Path(folder) / "clinic.db")
        change_settings(ACTOR, store, time_zone="Europe/London", is_demo=True)
        scene = set_up(store)
        states, changes = [kept(store)], []
        for name in names:
            try:
                EVERY[name](store, scene)
            except ClinicError:
                assert kept(store) == states[-1]
                continue
            states.append(kept(store))
            changes.append(latest(store))
        undone = []
        for state, change in zip(states[-2::-1], reversed(changes), strict=True):
            undo(ACTOR, store, change)
            undone.append(latest(store))
            assert kept(store) == state
        for state, change in zip(states[1:], reversed(undone), strict=True):
            undo(ACTOR, store, change)
            assert kept(store) == state
