"""Doubts of a clinic's file, each mended: the mend is checked, the doubt is gone, and undoing brings both back."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from clinic_data.actor import Actor
from clinic_data.changes import PERMISSION_TO_UNDO, read_changes, undo
from clinic_data.corrections import correct_visit, remove_visit
from clinic_data.courses import change_plan, close_course
from clinic_data.database import Store
from clinic_data.dismissals import dismiss_doubt, read_decisions
from clinic_data.doubts_input import decided, read_doubts
from clinic_data.errors import Conflict, NotFound, NotPermitted
from clinic_data.holds import pause, resume
from clinic_data.schedule_input import read_schedule_input
from clinic_data.visits import note_booking, record_visit
from lib.doubts import BEFORE_OPENING, DUPLICATE, IN_FUTURE, KINDS, ON_HOLD, TOO_CLOSE, TOO_MANY
from tests.clinic_data.rows import ACTOR, contents, course, one, patient, put_protocol, rows, visit, write
from tests.clinic_data.test_recording_visits import DAY, TODAY, refused

pytestmark = pytest.mark.usefixtures("today")

OPENED = date(2026, 1, 1)
DESK = Actor("Bea", "front_desk")


MEANWHILE = ("changes", "revision", "trail", "trail_values", "sqlite_sequence")
"""What goes on, whatever is taken back."""


def kept(store: Store) -> dict[str, list[tuple]]:
    """What the clinic keeps, in whatever order, apart from what was done and when."""
    return {name: sorted(found, key=repr) for name, found in contents(store).items() if name not in MEANWHILE}


def latest(store: Store) -> int:
    """The number of the latest change of all."""
    return one(store, "select max(id) from changes")


def doubtful(store: Store, kind: str) -> None:
    """A clinic in which one thing is to be doubted."""
    put_protocol(store)
    if kind == DUPLICATE:
        for name in ("Eva Berg", "éva  BERG"):
            course(store, patient(store, name, born_on="1990-02-28"))
        return
    eva = patient(store)
    plan = course(store, eva, planned_sessions=2)
    days = {
        ON_HOLD: ["2026-05-01"],
        TOO_CLOSE: ["2026-05-01", "2026-05-07"],
        IN_FUTURE: ["2026-11-24"],
        TOO_MANY: ["2026-03-01", "2026-05-01", "2026-07-01"],
        BEFORE_OPENING: ["2025-12-31"],
    }[kind]
    for day in days:
        last = visit(store, eva, [plan], day, depth_mm=1.5, notes="calm")
    write(store, "outcome_scores", visit_id=last, course_id=plan, scale="gais", value=2, better="lower")
    if kind == ON_HOLD:
        pause(ACTOR, store, eva, cause="medical", reason="rash", starts_on=date(2026, 4, 1), ends_on=date(2026, 6, 1))


def doubt(store: Store) -> dict[str, Any]:
    """The one doubt that is open."""
    open_, _ = decided(ACTOR, store, read_doubts(ACTOR, store, TODAY))
    (only,) = open_.astype(object).to_dict("records")
    return only


def open_kinds(store: Store, actor: Actor = ACTOR) -> list[str]:
    """The kinds of the doubts that are open."""
    return decided(actor, store, read_doubts(actor, store, TODAY))[0]["kind"].tolist()


def correct(store: Store, one_doubt: dict[str, Any], day: date, actor: Actor = ACTOR, **more: Any) -> None:
    """The doubtful visit took place on another day."""
    details = {"depth_mm": 1.5, "notes": "calm"} | more
    correct_visit(actor, store, one_doubt["visit_id"], visit_date=day, **details)


def let_stand(store: Store, one_doubt: dict[str, Any], actor: Actor = ACTOR, **more: Any) -> int:
    """It is right as it is."""
    other = one_doubt["other_day"]
    return dismiss_doubt(
        actor,
        store,
        kind=one_doubt["kind"],
        course_id=one_doubt["course_id"],
        visit_id=one_doubt["visit_id"],
        day=one_doubt["day"].date(),
        other_day=None if other != other else other.date(),
        **{"reason": "She asked for it", **more},
    )


def remove(store: Store, one_doubt: dict[str, Any]) -> None:
    """The doubtful visit never was."""
    remove_visit(ACTOR, store, one_doubt["visit_id"])


def plan_of(store: Store, one_doubt: dict[str, Any], **values: Any) -> None:
    """The plan is another one."""
    change_plan(ACTOR, store, one_doubt["course_id"], **({"planned_sessions": 2, "opened_on": OPENED} | values))


MENDS: dict[str, tuple[str, Any]] = {
    "paused session on another day": (ON_HOLD, partial(correct, day=date(2026, 6, 1))),
    "paused session never was": (ON_HOLD, remove),
    "the pause ended that day": (
        ON_HOLD,
        lambda store, it: resume(ACTOR, store, it["hold_id"], ends_on=it["day"].date()),
    ),
    "close session on another day": (TOO_CLOSE, partial(correct, day=date(2026, 5, 8))),
    "close session is of the same day": (TOO_CLOSE, remove),
    "it took place today": (IN_FUTURE, partial(correct, day=TODAY)),
    "it never took place": (IN_FUTURE, remove),
    "more were planned": (TOO_MANY, lambda store, it: plan_of(store, it, planned_sessions=it["number"])),
    "the last one never was": (TOO_MANY, remove),
    "opened earlier": (BEFORE_OPENING, lambda store, it: plan_of(store, it, opened_on=it["day"].date())),
    "came after the opening": (BEFORE_OPENING, partial(correct, day=OPENED)),
    "it was before and never was": (BEFORE_OPENING, remove),
} | {f"right as it is: {kind}": (kind, let_stand) for kind in KINDS if kind != DUPLICATE}


@pytest.mark.parametrize("name", MENDS)
def test_after_its_mend_a_doubt_is_gone(store, name):
    """As one change in the patient's list, that can be undone by name: then all is as before, the doubt too."""
    kind, mend = MENDS[name]
    doubtful(store, kind)
    before = kept(store)
    found = doubt(store)
    assert found["kind"] == kind
    mend(store, found)
    assert open_kinds(store) == []
    done = read_changes(ACTOR, store, found["patient_id"])[0]
    assert done.id == latest(store)
    assert done.action in PERMISSION_TO_UNDO
    after = kept(store)
    undo(ACTOR, store, done.id)
    assert kept(store) == before
    assert str(doubt(store)) == str(found)
    undo(ACTOR, store, latest(store))
    assert kept(store) == after


# Correcting a visit


def test_a_visit_is_corrected_in_day_depth_and_notes(store):
    """All three in one change; what is not given is not known, and what is the same is no change."""
    doubtful(store, ON_HOLD)
    found = doubt(store)
    correct(store, found, date(2026, 6, 2), depth_mm=0.5, notes=None)
    assert rows(store, "select visit_date, depth_mm, notes from visits") == [("2026-06-02", 0.5, None)]
    before = latest(store)
    correct(store, found, date(2026, 6, 2), depth_mm=0.5, notes=" ")
    assert latest(store) == before


def test_a_visit_is_not_moved_to_a_day_that_can_not_be(store):
    """Not to tomorrow, nor to a day that has one of its kind already, taken place or booked."""
    doubtful(store, TOO_CLOSE)
    found = doubt(store)
    note_booking(ACTOR, store, [found["course_id"]], kind="session", visit_date=TODAY)
    with refused(store, "^the day of the visit must lie between 1[0-9 A-z]* and 23 Nov 2026, not on 24 Nov 2026$"):
        correct(store, found, TODAY + DAY)
    with refused(store, "^a session on 01 May 2026 is there already$"):
        correct(store, found, date(2026, 5, 1))
    with refused(store, "^a session on 23 Nov 2026 is there already$"):
        correct(store, found, TODAY)
    with refused(store, "^a session's needles go more than 0 and at most 5 mm deep"):
        correct(store, found, date(2026, 6, 1), depth_mm=6)


def test_a_review_on_the_day_does_not_matter(store):
    """Nor does a session of another plan, and a closed plan's history may be corrected."""
    doubtful(store, ON_HOLD)
    found = doubt(store)
    neck = course(store, found["patient_id"], area="neck")
    visit(store, found["patient_id"], [neck], "2026-06-01")
    visit(store, found["patient_id"], [found["course_id"]], "2026-06-01", kind="review")
    close_course(ACTOR, store, found["course_id"], closed_on=TODAY, reason="finished")
    correct(store, found, date(2026, 6, 1))
    assert open_kinds(store) == []


def test_nobody_came_on_a_day_on_which_she_was_gone(store):
    """A visit is not moved there; its notes may be mended."""
    doubtful(store, ON_HOLD)
    found = doubt(store)
    with store.change(ACTOR, "leave") as change:
        change.update("patients", found["patient_id"], status="transferred", status_on="2026-04-15")
    with refused(store, "^the patient's status since 15 Apr 2026 is “Went to another clinic”"):
        correct(store, found, date(2026, 6, 1))
    correct(store, found, date(2026, 5, 1), notes="red")
    assert one(store, "select notes from visits") == "red"


@pytest.mark.parametrize("status", ["booked", "cancelled", "no_show"])
def test_what_did_not_take_place_is_neither_corrected_nor_removed(store, status):
    """A booking has forms of its own."""
    put_protocol(store)
    eva = patient(store)
    booking = visit(store, eva, [course(store, eva)], "2026-11-23", status=status)
    sentence = "^only a visit that took place is corrected or removed; a booking is moved or cancelled$"
    with refused(store, sentence):
        correct_visit(ACTOR, store, booking, visit_date=TODAY, depth_mm=None, notes=None)
    with refused(store, sentence):
        remove_visit(ACTOR, store, booking)
    with refused(store, "^This visit is not there any more.$", NotFound):
        remove_visit(ACTOR, store, 99)


# Removing a visit


def test_a_removed_visit_takes_scores_links_and_dismissals_along(store):
    """Row by row, so that the list of changes tells them and undoing brings each back."""
    doubtful(store, TOO_CLOSE)
    found = doubt(store)
    let_stand(store, found)
    before = kept(store)
    remove(store, found)
    tables = [row["table"] for row in read_changes(ACTOR, store, found["patient_id"])[0].rows]
    assert tables == ["outcome_scores", "dismissals", "visit_courses", "visits"]
    assert rows(store, "select id from visits") == [(found["visit_id"] - 1,)]
    undo(ACTOR, store, latest(store))
    assert kept(store) == before


def test_who_records_visits_may_correct_but_not_remove(store):
    """Removing takes a practitioner or manager, and so does taking a removal back."""
    doubtful(store, IN_FUTURE)
    found = doubt(store)
    with pytest.raises(NotPermitted):
        remove_visit(DESK, store, found["visit_id"])
    remove(store, found)
    with pytest.raises(NotPermitted):
        undo(DESK, store, latest(store))
    undo(ACTOR, store, latest(store))
    correct(store, found, TODAY, DESK)
    assert open_kinds(store) == []


# Changing a plan


@pytest.mark.parametrize("number", [0, 31])
def test_a_plan_has_one_to_thirty_sessions(store, number):
    """As when it is opened."""
    doubtful(store, TOO_MANY)
    with refused(store, f"^a plan has 1 to 30 sessions, not {number}$"):
        plan_of(store, doubt(store), planned_sessions=number)


def test_a_plan_is_not_opened_after_its_first_visit(store):
    """A later opening would be a doubt of its own; the first visit's own day is allowed."""
    doubtful(store, TOO_MANY)
    found = doubt(store)
    with refused(store, "^the plan had a visit on 01 Mar 2026, before that opening$"):
        plan_of(store, found, opened_on=date(2026, 3, 2))
    plan_of(store, found, opened_on=date(2026, 3, 1))
    assert open_kinds(store) == [TOO_MANY]


def test_an_opening_that_is_late_already_need_not_be_mended_at_once(store):
    """The number of sessions may change alone."""
    doubtful(store, BEFORE_OPENING)
    plan_of(store, doubt(store), planned_sessions=5)
    assert one(store, "select planned_sessions from courses") == 5
    before = latest(store)
    plan_of(store, doubt(store), planned_sessions=5)
    assert latest(store) == before


def test_a_closed_plan_stays_as_it_is(store):
    """The sentence says since when it is closed."""
    doubtful(store, TOO_MANY)
    found = doubt(store)
    close_course(ACTOR, store, found["course_id"], closed_on=TODAY, reason="finished")
    with refused(store, "^this treatment plan was closed on 23 Nov 2026$"):
        plan_of(store, found, planned_sessions=3)


# Right as it is


def test_who_let_a_doubt_stand_is_shown(store):
    """With the reason and the day."""
    doubtful(store, BEFORE_OPENING)
    let_stand(store, doubt(store), DESK, reason=" treated elsewhere ")
    (said,) = decided(ACTOR, store, read_doubts(ACTOR, store, TODAY))[1].to_dict("records")
    assert (said["reason"], said["decided_by"], said["decided_on"].date()) == ("treated elsewhere", "Bea", TODAY)


def test_what_changes_is_doubted_again(store):
    """Another day is another doubt, and the first day's is settled still."""
    doubtful(store, ON_HOLD)
    found = doubt(store)
    let_stand(store, found)
    correct(store, found, date(2026, 5, 2))
    assert open_kinds(store) == [ON_HOLD]
    correct(store, found, date(2026, 5, 1))
    assert open_kinds(store) == []


def test_a_doubt_is_let_stand_once_with_a_reason(store):
    """Nor for a visit that is not the plan's, nor for duplicates, which are told apart."""
    doubtful(store, IN_FUTURE)
    found = doubt(store)
    with refused(store, "^the reason must not be empty$"):
        let_stand(store, found, reason=" ")
    with refused(store, "^the kind of doubt must be one of"):
        let_stand(store, found | {"kind": DUPLICATE})
    with refused(store, "^This visit is not there any more.$", NotFound):
        let_stand(store, found | {"visit_id": 99})
    let_stand(store, found)
    with refused(store, "^this is said to be right already$"):
        let_stand(store, found)


# Own patients only


def test_own_patients_only(store):
    """A practitioner who sees her own patients sees their doubts alone, and mends no other's."""
    doubtful(store, TOO_MANY)
    found = doubt(store)
    let_stand(store, found)
    undo(ACTOR, store, latest(store))
    ada = write(store, "practitioners", name="Ada")
    own = Actor("Ada", "practitioner", own=ada)
    assert open_kinds(store, own) == []
    for mend in (
        lambda: let_stand(store, found, own),
        lambda: correct(store, found, date(2026, 8, 1), own),
        lambda: remove_visit(own, store, found["visit_id"]),
        lambda: change_plan(own, store, found["course_id"], planned_sessions=3, opened_on=OPENED),
    ):
        with refused(store, r"^This (visit|treatment plan) is not there any more\.$", NotFound):
            mend()
    with store.change(ACTOR, "treat") as change:
        change.update("courses", found["course_id"], practitioner_id=ada)
    assert open_kinds(store, own) == [TOO_MANY]
    let_stand(store, found, own)
    assert open_kinds(store, own) == []
    assert len(read_decisions(own, store)) == 1


def test_what_others_changed_meanwhile_is_looked_at_again(store):
    """Every mend says what it saw."""
    doubtful(store, BEFORE_OPENING)
    found = doubt(store)
    seen = store.latest_change(found["patient_id"])
    record_visit(DESK, store, [found["course_id"]], kind="session", visit_date=TODAY)
    for mend in (
        partial(correct_visit, visit_id=found["visit_id"], visit_date=OPENED, depth_mm=None, notes=None),
        partial(remove_visit, visit_id=found["visit_id"]),
        partial(change_plan, course_id=found["course_id"], planned_sessions=3, opened_on=OPENED),
    ):
        with refused(store, "^Bea changed this record meanwhile", Conflict):
            mend(ACTOR, store, seen=seen)
    with refused(store, "^Bea changed this record meanwhile", Conflict):
        let_stand(store, found, seen=seen)


def test_the_day_of_the_schedule_does_not_matter(store):
    """What was read for a past day serves the doubts of today."""
    doubtful(store, TOO_MANY)
    known = read_schedule_input(ACTOR, store, date(2026, 2, 1))
    assert read_doubts(ACTOR, store, TODAY, known=known)["kind"].tolist() == [TOO_MANY]
