"""After a change only some patients are judged anew, and what comes out is what judging everybody gives."""

import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from clinic_data import judged
from clinic_data.access.accounts import add_account, change_role
from clinic_data.actor import Actor
from clinic_data.agreements import agree_dates
from clinic_data.attempts import Attempts, read_attempts, record_attempt
from clinic_data.changes import undo
from clinic_data.closures import add_closure
from clinic_data.courses import close_course, open_course
from clinic_data.database import SCHEDULED, Store, prepare
from clinic_data.demo import fill_demo
from clinic_data.duplicates import merge_patients
from clinic_data.errors import ClinicError
from clinic_data.holds import pause, resume
from clinic_data.judged import Judged, judge_again, judge_clinic
from clinic_data.patients import change_contact, register_patient
from clinic_data.practitioners import add_practitioner
from clinic_data.renewal import OF_A_PATIENT, OF_THE_CLINIC
from clinic_data.settings import confirm_bookings
from clinic_data.visits import cancel_booking, move_booking, note_booking, record_attendance, record_visit
from tests.clinic_data.rows import ACTOR, one, patient, protocol_text, put_protocol, rows
from tests.clinic_data.rows import course as put_course
from tests.clinic_data.rows import visit as put_visit

pytestmark = pytest.mark.usefixtures("today")

TODAY, DAY = date(2026, 11, 23), timedelta(days=1)
FRAMES = ["courses", "visits", "holds", "agreements", "closures"]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """The file of a small demo clinic, made once."""
    store = prepare(tmp_path_factory.mktemp("judged") / "clinic.db")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CLINIC_NOW", f"{TODAY}T09:00:00+00:00")
        fill_demo(ACTOR, store, today=TODAY, patients=40, seed=5)
    return store.path


@pytest.fixture
def demo(made, tmp_path) -> Store:
    """A copy of it."""
    return Store(Path(shutil.copy(made, tmp_path / "demo.db")))


@pytest.fixture
def protocols(tmp_path) -> Path:
    """A folder with a protocol that no plan of the demo clinic uses, and its own kind of review."""
    folder = tmp_path / "protocols"
    folder.mkdir()
    text = protocol_text("unused").replace('id = "review"', 'id = "late-review"')
    (folder / "unused.toml").write_text(text)
    return folder


def same(left: Judged, right: Judged) -> None:
    """Every frame is equal: values, types, categories and order."""
    pairs = [(getattr(left.known, name), getattr(right.known, name)) for name in FRAMES]
    pairs += [(getattr(left, name), getattr(right, name)) for name in ("schedule", "flagged", "last_and_next")]
    for one_frame, other in pairs:
        pd.testing.assert_frame_equal(one_frame, other)
    assert left.known.protocols == right.known.protocols
    assert left.latest_change == right.latest_change


def same_attempts(left: Attempts, right: Attempts) -> None:
    """Both frames are equal."""
    pd.testing.assert_frame_equal(left.made, right.made)
    pd.testing.assert_frame_equal(left.reasons, right.reasons)
    assert left.latest_change == right.latest_change


class Desk:
    """Somebody who does one thing after another, each to somebody drawn by lot."""

    def __init__(self, store: Store, rng: random.Random, protocols: Path):
        self.store, self.rng, self.protocols = store, rng, protocols
        self.actions: list[Callable[[], object]] = [
            getattr(self, name) for name in dir(type(self)) if not name.startswith("_")
        ]

    def _one(self, sql: str, *values) -> int:
        return self.rng.choice(rows(self.store, sql, *values))[0]

    def _plan(self) -> int:
        return self._one("select id from courses where closed_on is null")

    def _patient(self) -> int:
        return self._one("select id from patients")

    def _booking(self, when: str = "visit_date >= '2026-11-23'") -> int:
        return self._one(f"select id from visits where status = 'booked' and {when}")

    def _practitioner(self) -> int:
        return self._one("select id from practitioners")

    def _ahead(self) -> date:
        return TODAY + self.rng.randrange(1, 60) * DAY

    def register(self):
        """A new patient, without a plan."""
        return register_patient(ACTOR, self.store, f"Newcomer {self.rng.random()}")

    def plan(self):
        """A plan under a shipped protocol, on an area that may be new."""
        return open_course(
            *(ACTOR, self.store, self._patient()),
            protocol_id=self.rng.choice(["acne-scars", "neck-lines", "rejuvenation"]),
            area=self.rng.choice(["Cheeks", "Elbow", "Knee"]),
            planned_sessions=3,
            opened_on=TODAY,
            practitioner_id=self._practitioner(),
        )

    def plan_under_another_protocol(self):
        """A plan under a protocol that was not used before."""
        return open_course(
            *(ACTOR, self.store, self._patient()),
            protocol_id="unused",
            area="Face",
            planned_sessions=2,
            opened_on=TODAY,
            protocols=self.protocols,
        )

    def close(self):
        """A plan is closed, or finished early."""
        reason = self.rng.choice(["finished", "finished_early", "moved_away"])
        close_course(ACTOR, self.store, self._plan(), closed_on=TODAY, reason=reason)

    def book(self):
        """A booking, perhaps with somebody else."""
        day, whose = self._ahead(), self._practitioner()
        note_booking(ACTOR, self.store, [self._plan()], kind="session", visit_date=day, practitioner_id=whose)

    def move(self):
        """A booking is moved."""
        move_booking(ACTOR, self.store, self._booking(), to=self._ahead(), by="patient")

    def cancel(self):
        """A booking is cancelled."""
        cancel_booking(ACTOR, self.store, self._booking(), by="clinic")

    def attend(self):
        """Somebody came, or did not."""
        booking = self._booking("visit_date <= '2026-11-23'")
        record_attendance(ACTOR, self.store, booking, came=self.rng.random() < 0.5)

    def visit(self):
        """A session or review took place."""
        kind = self.rng.choice(["session", "review"])
        record_visit(ACTOR, self.store, [self._plan()], kind=kind, visit_date=TODAY - self.rng.randrange(9) * DAY)

    def pause(self):
        """A pause, of one area or all."""
        area = self.rng.choice([None, "Cheeks", "Neck"])
        pause(ACTOR, self.store, self._patient(), cause="wish", reason="exams", starts_on=self._ahead(), area=area)

    def resume(self):
        """A pause ends, or never was."""
        resume(ACTOR, self.store, self._one("select id from holds"), ends_on=self._ahead())

    def agree(self):
        """Dates are agreed."""
        day = self._ahead()
        agree_dates(ACTOR, self.store, self._plan(), kind="session", due_on=day, last_on=day + 9 * DAY)

    def contact(self):
        """A patient says how she may be reached."""
        allowed = self.rng.choice(["yes", "no_marketing", "none"])
        change_contact(ACTOR, self.store, self._patient(), contact_allowed=allowed)

    def attempt(self):
        """An attempt, which may book, close a plan, or end with a patient who is gone."""
        plan = self._plan()
        outcome = self.rng.choice(["booked", "no_answer", "done_by_phone", "declined_for_good", "moved_away"])
        record_attempt(
            *(ACTOR, self.store, one(self.store, "select patient_id from courses where id = ?", plan)),
            channel="phone",
            outcome=outcome,
            reasons=[(plan, "after-series", 1, "overdue_review")],
            booking=(plan, "session", self._ahead()) if outcome == "booked" else None,
        )

    def take_back(self):
        """One of the latest changes is taken back."""
        undo(ACTOR, self.store, self._one("select id from changes where id > 1 order by id desc limit 6"))

    def clinic(self):
        """Something that concerns everybody, or nobody's schedule."""
        start = self._ahead()
        self.rng.choice(
            [
                lambda: add_closure(ACTOR, self.store, starts_on=start, ends_on=start + 3 * DAY, reason="holiday"),
                lambda: confirm_bookings(ACTOR, self.store, known_until=TODAY - self.rng.randrange(5) * DAY),
                lambda: add_practitioner(ACTOR, self.store, f"Dr {self.rng.random()}"),
            ]
        )()


@pytest.mark.parametrize("seed", range(2))
def test_judged_again_is_judged_anew(demo, protocols, seed):
    """Whatever is done, in any order, to the clinic as a manager sees it and as one practitioner does."""
    rng = random.Random(seed)
    desk = Desk(demo, rng, protocols)
    views = [ACTOR, Actor("Own", "practitioner", own=1)]
    before = [judge_clinic(actor, demo, TODAY) for actor in views]
    worked = [read_attempts(actor, demo, TODAY) for actor in views]
    done = set()
    for action in rng.sample(desk.actions * 2, len(desk.actions) * 2):
        for _ in range(rng.randrange(1, 3)):
            with suppress(ClinicError, IndexError):
                action()
                done.add(action.__name__)
        after = [judge_again(actor, demo, old) for actor, old in zip(views, before, strict=True)]
        for actor, new in zip(views, after, strict=True):
            same(new, judge_clinic(actor, demo, TODAY))
        before = after
        worked = [read_attempts(actor, demo, TODAY, before=old) for actor, old in zip(views, worked, strict=True)]
        for actor, known in zip(views, worked, strict=True):
            same_attempts(known, read_attempts(actor, demo, TODAY))
    assert done == {action.__name__ for action in desk.actions}


def test_a_past_day_is_judged_again_too(demo, protocols):
    """What was known then does not change with what is entered today, but what is entered for then does."""
    then = TODAY - 10 * DAY
    before = judge_clinic(ACTOR, demo, then)
    desk = Desk(demo, random.Random(1), protocols)
    for action in (desk.book, desk.pause, desk.plan, desk.contact):
        action()
        before = judge_again(ACTOR, demo, before)
        same(before, judge_clinic(ACTOR, demo, then))


def test_only_whom_it_concerns_is_read(demo, protocols, monkeypatch):
    """Not the clinic; where nobody is concerned, the frames are the same ones."""
    before = judge_clinic(ACTOR, demo, TODAY)
    monkeypatch.setattr(judged, "judge_clinic", None)
    desk = Desk(demo, random.Random(2), protocols)
    confirm_bookings(ACTOR, demo, known_until=TODAY)
    assert judge_again(ACTOR, demo, before).schedule is before.schedule
    desk.book()
    after = judge_again(ACTOR, demo, before)
    whose = one(demo, "select patient_id from changes order by id desc limit 1")
    hers = before.known.courses.loc[before.known.courses["patient_id"] == whose, "course_id"]
    kept = [frame[~frame["course_id"].isin(hers)].reset_index(drop=True) for frame in (before.schedule, after.schedule)]
    pd.testing.assert_frame_equal(*kept)
    assert not before.schedule.equals(after.schedule)


def test_a_first_patient_and_the_last_one(store):
    """A clinic in which nobody is expected fills, and empties again where everything is taken back."""
    put_protocol(store)
    register_patient(ACTOR, store, "Eva Berg")
    put_course(store, patient(store, "Mia Holm"), id=2, closed_on="2026-02-01", closed_reason="moved_away")
    before = judge_clinic(ACTOR, store, TODAY)
    assert before.schedule.empty
    with store.change(ACTOR, "a plan and a visit", patient_id=1) as change:
        plan = {"patient_id": 1, "protocol_id": "plain", "protocol_version": 1, "area": "face", "planned_sessions": 3}
        change.insert("courses", plan | {"id": 1, "opened_on": "2026-09-01"})
        visit = {"patient_id": 1, "kind": "session", "status": "booked", "visit_date": "2026-12-01"}
        change.insert("visits", visit | {"source": "test", "source_key": "1"})
        change.insert("visit_courses", {"course_id": 1, "visit_id": 1, "patient_id": 1})
    full = judge_again(ACTOR, store, before)
    assert len(full.schedule)
    same(full, judge_clinic(ACTOR, store, TODAY))
    undo(ACTOR, store, one(store, "select max(id) from changes"))
    empty = judge_again(ACTOR, store, full)
    assert empty.schedule.empty
    same(empty, judge_clinic(ACTOR, store, TODAY))


def test_the_clinic_is_judged_anew_where_it_must_be(store):
    """After changes without a patient, after changes that were erased, and where the file is an older one."""
    put_protocol(store)
    eva = patient(store)
    plan = put_course(store, eva)
    before = judge_clinic(ACTOR, store, TODAY)
    put_visit(store, eva, [plan], "2026-11-20")
    after = judge_again(ACTOR, store, before)
    same(after, judge_clinic(ACTOR, store, TODAY))
    register_patient(ACTOR, store, "Mia Holm")
    with store.writing("erase") as db:
        db.execute("update changes set patient_id = null, rows = '[]' where id = (select max(id) from changes)")
    same(judge_again(ACTOR, store, after), judge_clinic(ACTOR, store, TODAY))
    future = Judged(**{field.name: getattr(after, field.name) for field in fields(Judged)} | {"latest_change": 99})
    same(judge_again(ACTOR, store, future), judge_clinic(ACTOR, store, TODAY))


def test_an_account_decides_who_is_seen(demo):
    """Whom somebody registered is a practitioner's through the account alone: with its practitioner she moves."""
    new = {"password": "a long enough phrase", "must_change_password": False}
    add_account(ACTOR, demo, login="ada", name="Ada", role="manager", **new)
    role = {"role": "practitioner", "own_patients_only": True}
    account = add_account(ACTOR, demo, login="own", name="Own", practitioner_id=1, **role, **new)
    own = Actor("Own", "practitioner", account_id=account, own=1)
    register_patient(own, demo, "Mia Holm")
    mia = one(demo, "select max(id) from patients")
    open_course(ACTOR, demo, mia, protocol_id="acne-scars", area="Face", planned_sessions=3, opened_on=TODAY)
    before = judge_clinic(own, demo, TODAY)
    assert mia in before.known.courses["patient_id"].to_list()
    change_role(ACTOR, demo, account, practitioner_id=2, **role)
    after = judge_again(own, demo, before)
    assert mia not in after.known.courses["patient_id"].to_list()
    same(after, judge_clinic(own, demo, TODAY))


def test_every_table_of_the_schedule_has_its_place():
    """A table that the schedule reads concerns a patient, the clinic, or is compared (protocols) or not read at all."""
    assert OF_A_PATIENT | OF_THE_CLINIC | {"protocols", "settings"} >= SCHEDULED


def test_two_patients_who_become_one_are_both_judged_anew(demo):
    """The rows of both are where the merge put them, and where undoing it puts them back."""
    before = judge_clinic(ACTOR, demo, TODAY)
    keep, drop = before.known.courses["patient_id"].drop_duplicates().head(2)
    merge_patients(ACTOR, demo, int(keep), int(drop))
    merged = judge_again(ACTOR, demo, before)
    same(merged, judge_clinic(ACTOR, demo, TODAY))
    assert int(drop) not in set(merged.known.courses["patient_id"])
    undo(ACTOR, demo, one(demo, "select max(id) from changes"))
    pd.testing.assert_frame_equal(judge_again(ACTOR, demo, merged).schedule, before.schedule)
