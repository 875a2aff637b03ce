"""The table of roles and permissions, written out once more, and every function of clinic_data held against it."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable

import pytest

import clinic_data
from clinic_data.access.permissions import PERMISSIONS, may
from clinic_data.actor import ROLES, Actor
from clinic_data.database import Store, prepare
from clinic_data.errors import NotPermitted
from tests.clinic_data.rows import contents, rows

MANAGER, PRACTITIONER, FRONT_DESK, READ_ONLY = ALL = ("manager", "practitioner", "front_desk", "read_only")

MAY = {
    "see patients": ALL,
    "see settings": ALL,
    "own account": ALL,
    "register patients": (MANAGER, PRACTITIONER, FRONT_DESK),
    "note bookings": (MANAGER, PRACTITIONER, FRONT_DESK),
    "record visits": (MANAGER, PRACTITIONER, FRONT_DESK),
    "agree dates": (MANAGER, PRACTITIONER, FRONT_DESK),
    "pause treatment": (MANAGER, PRACTITIONER, FRONT_DESK),
    "confirm bookings": (MANAGER, PRACTITIONER, FRONT_DESK),
    "end follow-up": (MANAGER, PRACTITIONER, FRONT_DESK),
    "export": (MANAGER, PRACTITIONER, FRONT_DESK),
    "resume treatment": (MANAGER, PRACTITIONER),
    "plan treatment": (MANAGER, PRACTITIONER),
    "remove visits": (MANAGER, PRACTITIONER),
    "merge patients": (MANAGER,),
    "change settings": (MANAGER,),
    "import": (MANAGER,),
    "see the trail": (MANAGER,),
    "manage accounts": (MANAGER,),
}

NEEDS = {
    "access.accounts.read_accounts": "manage accounts",
    "access.accounts.add_account": "manage accounts",
    "access.accounts.change_role": "manage accounts",
    "access.accounts.set_account_active": "manage accounts",
    "access.accounts.reset_password": "manage accounts",
    "access.accounts.read_own_account": "own account",
    "access.accounts.change_own_password": "own account",
    "access.audit.read_trail": "see the trail",
    "access.audit.trail_actors": "see the trail",
    "access.audit.trail_head": "see the trail",
    "access.audit.verify_trail": "see the trail",
    "access.second_factor.address_for_app": "own account",
    "access.second_factor.turn_on": "own account",
    "access.second_factor.turn_off": "own account",
    "agreements.agree_dates": "agree dates",
    "attempts.record_attempt": "note bookings",
    "attempts.read_attempts": "see patients",
    "attempts.attempts_of": "see patients",
    "attempts.contacts_mended": "see patients",
    "calendar_file.calendar_file": "export",
    "changes.read_changes": "see patients",
    "changes.undo": "note bookings",
    "claims.take": "note bookings",
    "claims.release": "note bookings",
    "claims.read_claims": "see patients",
    "claims.taken_by_another": "see patients",
    "closures.read_closures": "see settings",
    "closures.add_closure": "change settings",
    "closures.remove_closure": "change settings",
    "courses.read_courses": "see patients",
    "courses.open_course": "plan treatment",
    "courses.close_course": "plan treatment",
    "courses.change_plan": "plan treatment",
    "corrections.correct_visit": "record visits",
    "corrections.remove_visit": "remove visits",
    "day_sheet.day_sheet": "export",
    "demo.fill.fill_demo": "import",
    "dismissals.dismiss_doubt": "record visits",
    "dismissals.read_decisions": "see patients",
    "doubts_input.read_people": "see patients",
    "doubts_input.read_doubts": "see patients",
    "doubts_input.decided": "see patients",
    "duplicates.merge_patients": "merge patients",
    "duplicates.not_duplicates": "register patients",
    "export.write_csv": "export",
    "export.csv_file": "export",
    "holds.pause": "pause treatment",
    "holds.resume": "resume treatment",
    "holds.ask_again": "pause treatment",
    "intake.visits_import.import_visits": "import",
    "judged.judge_clinic": "see patients",
    "judged.judge_again": "see patients",
    "messages.read_messages": "see settings",
    "messages.set_message": "change settings",
    "patients.register_patient": "register patients",
    "patients.change_contact": "register patients",
    "patients.read_patient": "see patients",
    "patients.find_patients": "see patients",
    "patients.contacts": "see patients",
    "practitioners.read_practitioners": "see settings",
    "practitioners.add_practitioner": "change settings",
    "practitioners.set_practitioner_active": "change settings",
    "protocol_versions.read_kept_protocols": "see settings",
    "schedule_input.read_schedule_input": "see patients",
    "settings.bookings_known_on": "see settings",
    "settings.bookings_known_since": "see settings",
    "settings.read_settings": "see settings",
    "settings.change_settings": "change settings",
    "settings.confirm_bookings": "confirm bookings",
    "visits.bookings_on": "see patients",
    "visits.read_visits": "see patients",
    "visits.last_and_next": "see patients",
    "visits.read_scores": "see patients",
    "visits.record_visit": "record visits",
    "visits.note_booking": "note bookings",
    "visits.note_bookings": "note bookings",
    "visits.move_booking": "note bookings",
    "visits.cancel_booking": "note bookings",
    "visits.record_attendance": "record visits",
    "waivers.waive_review": "record visits",
    "waivers.read_waivers": "see patients",
    "worklist_input.read_work": "see patients",
    "worklist_input.read_call_list": "see patients",
}

FREE = {
    "before anybody is known": """
        access.accounts.anybody_may_sign_in access.sign_in.sign_in access.sign_in.who access.sign_in.signed_in
        access.sign_in.still_signed_in access.sign_in.use access.sign_in.sign_out""",
    "what the check itself is made of": """
        access.permissions.may access.permissions.needs access.permissions.must_be_allowed access.trail.note
        access.trail.note_once access.own.limited access.own.own_value access.own.some access.own.some_values
        access.own.is_own access.own.must_be_own""",
    "a piece of a function that has been checked: it takes an open connection or a change": """
        access.accounts.end_sign_ins access.chain.append access.chain.head access.chain.said
        access.second_factor.accept claims.must_be_free_for claims.free courses.open_course_row courses.close_in
        courses.known_area courses.sessions_done patients.mark_gone patients.must_be_here
        protocol_versions.keep_protocol protocol_versions.kept_protocols schedule_input.schedule_input
        settings.write_settings visits.book_in visits.record_in visits.last_and_next_in
        renewal.latest_change renewal.touched_since""",
    "computes from what it is given, and knows no file of the clinic": """
        access.audit.in_words access.chain.digest access.chain.seal access.passwords.hashed access.passwords.matches
        access.second_factor.new_secret access.second_factor.is_secret
        allowed.day_between allowed.one_of allowed.text_of allowed.text_or_none
        visits.depth_of
        clock.now clock.is_set_by_hand clock.instant clock.text clock.today export.harmless export.whole_file
        patients.new_code patients.fold patients.phone_digits courses.area_key protocol_versions.protocol_key
        renewal.replaced
        demo.closing.close_courses demo.closing.last_visits demo.opening_days.number demo.opening_days.iso
        demo.pauses.draw_pauses demo.pauses.of_courses demo.people.draw_leavers demo.people.patient_rows
        demo.people.factor_columns demo.people.identifier_columns demo.plans.draw demo.plans.open_courses
        demo.reviews.hold_first_talks demo.reviews.hold_reviews demo.reviews.share_reviews demo.series.hold_sessions
        demo.situations.choose demo.situations.steer demo.treatment.practitioners
        demo.treatment.depths_devices_notes demo.treatment.score_columns""",
    "reads files that whoever starts the program can read anyway": """
        protocol_versions.protocol_files intake.visits_file.read_visits_file""",
    "makes and opens the file, before there is anybody to ask": """
        database.store_at database.prepare migrations.steps migrations.first_tables migrations.undo
        migrations.access migrations.doubts migrations.worklist migrations.whose_patients""",
}
"""Functions that ask for no permission, and why not."""


def public_functions() -> dict[str, Callable]:
    """Every public function that a module of clinic_data defines, by its name below clinic_data."""
    found = {}
    for module in pkgutil.walk_packages(clinic_data.__path__, "clinic_data."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if inspect.isfunction(value) and value.__module__ == module.name and not name.startswith("_"):
                found[f"{module.name}.{name}".removeprefix("clinic_data.")] = value
    return found


FUNCTIONS = public_functions()
REFUSED = [(name, role) for name, permission in NEEDS.items() for role in ALL if role not in MAY[permission]]
ASKED = [(name, role) for name in NEEDS for role in ALL if (name, role) not in REFUSED]


def test_the_table_is_this_one():
    """No role and no permission more or less than what is written out here."""
    assert ROLES == ALL
    assert {permission: set(roles) for permission, roles in PERMISSIONS.items()} == {
        permission: set(roles) for permission, roles in MAY.items()
    }


@pytest.mark.parametrize("role", ALL)
def test_may_says_what_the_table_says(role):
    """Asked for one actor, as the pages do before they offer a form."""
    told = {permission for permission in MAY if may(Actor("Bea", role), permission)}
    assert told == {permission for permission, roles in MAY.items() if role in roles}


def test_an_unknown_permission_is_a_mistake():
    """A slip of the pen in a page grants nothing, and is noticed."""
    with pytest.raises(KeyError):
        may(Actor("Ada", MANAGER), "see patient")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_decided_about(name):
    """Each public function needs the permission written here, or stands here with the reason why it needs none."""
    free = [known for names in FREE.values() for known in names.split()]
    assert (name in NEEDS) + free.count(name) == 1, f"decide which permission {name} needs"
    assert getattr(FUNCTIONS[name], "permission", None) == NEEDS.get(name)


def test_nothing_is_decided_about_that_is_gone():
    """A function that was renamed is decided about anew."""
    assert {known for names in FREE.values() for known in names.split()} | set(NEEDS) == set(FUNCTIONS)


@pytest.mark.parametrize("name", NEEDS)
def test_who_acts_comes_first(name):
    """Then the file, so that the check knows both."""
    assert list(inspect.signature(FUNCTIONS[name]).parameters)[:2] == ["actor", "store"]


@pytest.fixture(scope="module")
def clinic(tmp_path_factory) -> Store:
    """One empty clinic for all that is refused: nothing of it is kept, and the trail grows."""
    return prepare(tmp_path_factory.mktemp("permissions") / "clinic.db")


def without_trail(store: Store) -> dict[str, list[tuple]]:
    """Every row of every table but the trail's own."""
    return {
        name: found
        for name, found in contents(store).items()
        if name not in ("trail", "trail_values", "sqlite_sequence")
    }


@pytest.mark.parametrize(("name", "role"), [*REFUSED, *((name, "none") for name in NEEDS)])
def test_a_role_without_the_permission_is_refused(clinic, name, role):
    """Before anything else is looked at; nothing is changed, and the trail has one entry more, the refusal."""
    nobody = Actor("Bea", role, address="10.0.0.7")
    before, entries = without_trail(clinic), rows(clinic, "select id from trail")
    said = f"^the role {role.replace('_', ' ')} may not do this \\({NEEDS[name]}\\); ask a manager$"
    with pytest.raises(NotPermitted, match=said):
        FUNCTIONS[name](nobody, clinic)
    assert without_trail(clinic) == before
    after = (
        "select t.id, t.actor, t.role, t.address, t.kind, v.what from trail t join trail_values v on v.trail_id = t.id"
    )
    assert rows(clinic, f"{after} where t.id > ?", len(entries)) == [
        (len(entries) + 1, "Bea", role, "10.0.0.7", "refusal", NEEDS[name])
    ]


@pytest.mark.parametrize(("name", "role"), ASKED)
def test_a_role_with_the_permission_is_not_refused(clinic, name, role):
    """It gets as far as what it was asked, if only to find that nobody knows what `nonsense` is."""
    entries = len(rows(clinic, "select id from trail"))
    with pytest.raises(TypeError, match="nonsense"):
        FUNCTIONS[name](Actor("Ada", role), clinic, nonsense=1)
    assert len(rows(clinic, "select id from trail")) == entries


def test_a_refused_rehearsal_stands_in_the_trail(clinic):
    """Trying out what is not allowed is refused like doing it."""
    before = len(rows(clinic, "select id from trail"))
    rehearsal = clinic.rehearse(lambda db: None)
    with pytest.raises(NotPermitted):
        FUNCTIONS["courses.open_course"](Actor("Bea", FRONT_DESK), rehearsal, 1)
    assert rehearsal.seen == []
    assert len(rows(clinic, "select id from trail")) == before + 1
