"""Attempts to reach a patient: what each outcome does to the worklist, a day, a week and a month later."""

from datetime import date, timedelta

import pytest

from clinic_data.actor import Actor
from clinic_data.attempts import attempts_of
from clinic_data.changes import read_changes, undo
from clinic_data.claims import take
from clinic_data.errors import Conflict, NotAllowed
from clinic_data.patients import change_contact
from clinic_data.schedule_input import read_schedule_input
from clinic_data.settings import change_settings
from clinic_data.visits import cancel_booking, note_booking, read_visits, record_attendance
from clinic_data.waivers import waive_review
from lib.outcomes import OUTCOMES
from tests.clinic_data.worklist import DESK, MANAGER, TODAY, Desk

BEA = Actor("Bea", "front_desk")


def later(days: int) -> date:
    """A day so many days after TODAY."""
    return TODAY + timedelta(days=days)


@pytest.fixture
def desk(store, monkeypatch):
    """The desk of an empty clinic, on TODAY."""
    desk = Desk(store, monkeypatch)
    desk.at(TODAY)
    return desk


# Of a session that is eight days over: the outcome, what it asks for, and the state at once, after 1, 7 and 30 days.
OVERDUE = [
    ("promised", {"until_on": later(5)}, ["quiet", "quiet", "open", "open"]),
    ("promised", {"until_on": later(0)}, ["quiet", "open", "open", "open"]),
    ("call_again", {"until_on": later(7)}, ["quiet", "quiet", "open", "open"]),
    ("call_again", {"until_on": later(8)}, ["quiet", "quiet", "quiet", "open"]),
    ("left_message", {}, ["quiet", "quiet", "open", "open"]),
    ("no_answer", {}, ["quiet", "open", "open", "open"]),
    ("wrong_number", {}, ["to_decide", "to_decide", "to_decide", "to_decide"]),
    ("declined_now", {"until_on": later(60)}, ["quiet", "quiet", "quiet", "quiet"]),
    ("declined_for_good", {}, [None, None, None, None]),
    ("moved_away", {}, [None, None, None, None]),
    ("deceased", {}, [None, None, None, None]),
    ("keep_trying", {}, ["open", "open", "open", "open"]),
]


@pytest.mark.parametrize(("outcome", "values", "states"), OVERDUE)
def test_an_outcome_of_an_overdue_session(desk, outcome, values, states):
    """From the handler to the list: the state at once, a day, a week and a month later."""
    eva = desk.patient()
    assert desk.state(eva) == "open"
    desk.attempt(eva, outcome, **values)
    found = []
    for days in (0, 1, 7, 30):
        desk.at(later(days))
        found.append(desk.state(eva))
    assert found == states


def test_every_outcome_is_tried():
    """No outcome is without a test that ends at the list."""
    assert {outcome for outcome, _, _ in OVERDUE} | {"booked", "done_by_phone"} == set(OUTCOMES)


def test_booked(desk):
    """The booking is noted and the row leaves; nobody says whether she came, and it is back as that question."""
    eva = desk.patient()
    course_id = desk.flags(eva)[0][0]
    desk.attempt(eva, "booked", booking=(course_id, "session", later(8)))
    states = []
    for days in (0, 1, 7, 30):
        desk.at(later(days))
        states.append(desk.state(eva))
    assert states == [None, None, None, "open"]
    assert [flag for *_, flag in desk.flags(eva)] == ["attendance_unrecorded"]


@pytest.mark.parametrize("why", ["cancelled", "missed"])
def test_a_booking_that_fails_brings_her_back(desk, why):
    """Cancelled or missed, the visit is open again, whatever was said before."""
    eva = desk.patient(days_since=35)
    course_id = desk.flags(eva)[0][0]
    desk.attempt(eva, "left_message")
    assert desk.state(eva) == "quiet"
    desk.attempt(eva, "booked", booking=(course_id, "session", later(1)))
    assert desk.state(eva) is None
    visit = int(read_visits(DESK, desk.store, eva)["visit_id"].iloc[0])
    if why == "cancelled":
        cancel_booking(DESK, desk.store, visit, by="patient")
    else:
        desk.at(later(1))
        record_attendance(DESK, desk.store, visit, came=False)
    assert desk.state(eva) == "open"


def test_a_review_done_by_phone(desk):
    """The overdue review is recorded as done today and is expected no more, a month later neither."""
    eva = desk.patient(days_since=50, sessions=3)
    assert [kind for _, kind, _, _ in desk.flags(eva)] == ["review"]
    desk.attempt(eva, "done_by_phone")
    for days in (0, 1, 7, 30):
        desk.at(later(days))
        assert "review" not in [kind for _, kind, _, _ in desk.flags(eva)]
    visit = read_visits(DESK, desk.store, eva).iloc[0]
    assert (visit["kind"], visit["status"], visit["visit_date"].date()) == ("review", "completed", TODAY)
    with pytest.raises(NotAllowed, match="no review"):
        desk.attempt(desk.patient("Ida Lund"), "done_by_phone")


def test_invited_stays_quiet_until_overdue(desk):
    """A visit that is only time to book, once invited, comes back on the day after its window, not before."""
    eva = desk.patient(days_since=30)
    assert [flag for *_, flag in desk.flags(eva)] == ["due_unbooked"]
    desk.attempt(eva, "left_message")
    last_day = TODAY - timedelta(days=30) + timedelta(days=42)
    desk.at(last_day)
    assert desk.state(eva) == "quiet"
    desk.at(last_day + timedelta(days=1))
    assert desk.state(eva) == "open"


def test_an_agreed_day_holds_through_overdue(desk):
    """Asked to be called again after the window, she is quiet though the visit has become overdue meanwhile."""
    eva = desk.patient(days_since=30)
    desk.attempt(eva, "call_again", until_on=later(30))
    desk.at(later(29))
    assert [flag for *_, flag in desk.flags(eva)] == ["missed_session"]
    assert desk.state(eva) == "quiet"
    desk.at(later(30))
    assert desk.state(eva) == "open"


def test_a_new_reason_ends_the_quiet(desk):
    """A second plan that becomes due is open at once: nobody has called about it."""
    eva = desk.patient()
    desk.attempt(eva, "call_again", until_on=later(60))
    neck = desk.plan(eva, [later(-27)], planned=2, opened_on=later(-27), area="Neck")
    assert desk.state(eva) == "quiet"
    desk.at(later(1))
    assert desk.state(eva) == "open"
    assert desk.list()["flags"].iloc[0] == ["due_unbooked", "missed_session"]
    assert neck in [course for course, *_ in desk.flags(eva)]


def test_an_unsafe_booking_is_never_quiet(desk):
    """Left a message, a booking before the skin has healed stays open: it must be moved."""
    eva = desk.patient(days_since=10)
    note_booking(DESK, desk.store, [1], kind="session", visit_date=later(2))
    assert [flag for *_, flag in desk.flags(eva)] == ["booked_too_soon"]
    desk.attempt(eva, "left_message")
    assert desk.state(eva) == "open"


def test_attempts_are_counted_to_a_decision(desk):
    """After the clinic's number of attempts in vain she comes back to be decided on; to keep trying begins anew."""
    change_settings(MANAGER, desk.store, attempts_before_deciding=2)
    eva = desk.patient()
    desk.attempt(eva, "no_answer")
    desk.at(later(1))
    assert (desk.state(eva), desk.row(eva)["attempts"]) == ("open", 1)
    desk.attempt(eva, "no_answer")
    assert desk.state(eva) == "quiet"
    desk.at(later(2))
    assert (desk.state(eva), desk.row(eva)["attempts"]) == ("to_decide", 2)
    desk.attempt(eva, "keep_trying")
    assert (desk.state(eva), desk.row(eva)["attempts"]) == ("open", 0)


def test_a_wrong_number_is_mended(desk):
    """Once her contact is changed she is open again, and a wrong number after that is another one."""
    eva = desk.patient()
    desk.attempt(eva, "wrong_number")
    desk.at(TODAY, 10)
    change_contact(DESK, desk.store, eva, phone="020 7946 0001")
    assert desk.state(eva) == "open"
    desk.at(TODAY, 11)
    desk.attempt(eva, "wrong_number")
    assert desk.state(eva) == "to_decide"


def test_a_waived_review(desk):
    """Without its only reason she is waived, by whom and why; with another one she is not."""
    eva = desk.patient(days_since=50, sessions=3)
    course_id, kind, number, _ = desk.flags(eva)[0]
    waive_review(DESK, desk.store, course_id, kind=kind, number=number, reason="seen at the pharmacy")
    assert desk.state(eva) == "waived"
    assert desk.row(eva)["waived"] == ["overdue_review"]
    with pytest.raises(NotAllowed, match="already"):
        waive_review(DESK, desk.store, course_id, kind=kind, number=number, reason="again")
    with pytest.raises(NotAllowed, match="a review can be waived"):
        waive_review(DESK, desk.store, course_id, kind="session", number=1, reason="no")
    desk.plan(eva, [later(-50)], planned=2, opened_on=later(-50), area="Neck")
    assert desk.state(eva) == "open"


@pytest.mark.parametrize(("outcome", "values"), [(outcome, values) for outcome, values, _ in OVERDUE])
def test_every_outcome_is_taken_back(desk, outcome, values):
    """Undone, she is in the list as she was, and the attempt is not in her history any more."""
    eva = desk.patient()
    before = desk.list()
    desk.attempt(eva, outcome, **values)
    undo(MANAGER, desk.store, read_changes(MANAGER, desk.store, eva)[0].id)
    after = desk.list()
    assert after.to_dict("records")[0].items() >= {"state": "open", "attempts": 0}.items()
    assert len(after) == len(before)
    assert attempts_of(DESK, desk.store, eva).empty


@pytest.mark.parametrize(
    ("outcome", "values", "said"),
    [
        ("call_again", {}, "needs a day"),
        ("call_again", {"until_on": later(0)}, "must lie between 24 Nov 2026"),
        ("call_again", {"until_on": later(121)}, "must lie between"),
        ("promised", {"until_on": later(-1)}, "must lie between 23 Nov 2026"),
        ("no_answer", {"until_on": later(3)}, "takes no day"),
        ("booked", {}, "a booking is noted with"),
        ("no_answer", {"booking": (1, "session", later(3))}, "a booking is noted with"),
        ("booked", {"booking": (1, "session", later(-1))}, "a booking must lie between"),
        ("forgotten", {}, "the outcome must be one of"),
        ("no_answer", {"channel": "pigeon"}, "the channel must be one of"),
    ],
)
def test_what_is_not_allowed_is_said_and_nothing_kept(desk, outcome, values, said):
    """A sentence says what is allowed, and neither attempt nor booking is in the file."""
    eva = desk.patient()
    with pytest.raises(NotAllowed, match=said):
        desk.attempt(eva, outcome, **values)
    assert attempts_of(DESK, desk.store, eva).empty
    assert desk.state(eva) == "open"


def test_somebody_else_s_reasons_are_refused(desk):
    """An attempt is about the patient's own plans."""
    eva, ida = desk.patient(), desk.patient("Ida Lund")
    with pytest.raises(NotAllowed, match="own"):
        desk.attempt(eva, "no_answer", reasons=desk.flags(ida))


def test_whom_somebody_has_taken_is_not_recorded_by_another(desk):
    """The second one is told who has her, nothing is kept; recording frees her."""
    eva = desk.patient()
    take(BEA, desk.store, eva)
    assert desk.state(eva) == "taken"
    with pytest.raises(Conflict, match="Bea has taken"):
        desk.attempt(eva, "no_answer")
    assert attempts_of(DESK, desk.store, eva).empty
    desk.attempt(eva, "no_answer", actor=BEA)
    assert desk.state(eva) == "quiet"


def test_attempts_are_no_new_revision(desk):
    """Only what the schedule reads is: an attempt that closes a plan is one, one that does not is not."""
    eva = desk.patient()
    before = desk.store.revision()
    desk.attempt(eva, "no_answer")
    assert desk.store.revision() == before
    desk.at(later(1))
    desk.attempt(eva, "declined_for_good")
    assert desk.store.revision() == before + 1
    assert read_schedule_input(DESK, desk.store, later(1)).courses["closed_on"].notna().all()


def test_a_past_day_shows_the_attempts_of_then(desk):
    """What was tried later is not known on an earlier day."""
    eva = desk.patient()
    desk.at(later(3))
    desk.attempt(eva, "call_again", until_on=later(20))
    desk.at(later(2))
    assert desk.state(eva) == "open"
