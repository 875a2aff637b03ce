"""Closures, practitioners and new patients: entered, refused, removed."""

import re
from datetime import date

import pytest

from clinic_data.closures import add_closure, read_closures, remove_closure
from clinic_data.courses import read_courses
from clinic_data.errors import NotFound
from clinic_data.patients import CODE_LENGTH, CODE_LETTERS, find_patients, read_patient, register_patient
from clinic_data.practitioners import add_practitioner, read_practitioners, set_practitioner_active
from tests.clinic_data.rows import ACTOR, one, rows
from tests.clinic_data.test_recording_visits import DAY, TODAY, WINDOW, acne, begun, one_change, refused, row, window

pytestmark = pytest.mark.usefixtures("today")


# Closures


def test_a_closure_keeps_windows_open_until_after_it(store):
    """Whoever was due has a week from the reopening; removing the closure puts the window back."""
    _, plan = begun(store)
    with one_change(store, "add a closure", None) as written:
        key = add_closure(ACTOR, store, starts_on=TODAY, ends_on=TODAY + 7 * DAY, reason=" holiday ")
    assert window(row(store, plan)) == (WINDOW[0], TODAY + 14 * DAY)
    kept = {"id": key, "starts_on": "2026-11-23", "ends_on": "2026-11-30", "reason": "holiday"}
    assert written == [{"table": "closures", "before": None, "after": kept}]
    with one_change(store, "remove a closure", None) as written:
        remove_closure(ACTOR, store, key)
    assert written == [{"table": "closures", "before": kept, "after": None}]
    assert window(row(store, plan)) == WINDOW
    with refused(store, "^This closure is not there any more.$", NotFound):
        remove_closure(ACTOR, store, key)


def test_closures_may_overlap_but_not_be_the_same(store):
    """One within another has its own reason; the same days twice are a mistake."""
    week = {"starts_on": TODAY, "ends_on": TODAY + 7 * DAY}
    add_closure(ACTOR, store, **week, reason="holiday")
    with refused(store, "^this closure is entered already$"):
        add_closure(ACTOR, store, **week, reason="another reason")
    add_closure(ACTOR, store, starts_on=TODAY + DAY, ends_on=TODAY + 7 * DAY, reason="painters")
    add_closure(ACTOR, store, starts_on=TODAY, ends_on=TODAY + DAY, reason="training")
    read = read_closures(ACTOR, store)
    assert read["starts_on"].dt.date.tolist() == [TODAY + DAY, TODAY, TODAY]
    assert set(read["reason"]) == {"holiday", "painters", "training"}


@pytest.mark.parametrize(
    ("first", "reopens", "reason", "sentence"),
    [
        (0, 0, "x", "^the clinic must reopen on a day after the first day closed$"),
        (0, -1, "x", "^the clinic must reopen on a day after the first day closed$"),
        (0, 367, "x", "^a closure may last a year at most$"),
        (0, 1, "  ", "^the reason must not be empty$"),
        (-731, 1, "x", "^the first day closed must lie between 23 Nov 2024 and 22 Nov 2029, not on 22 Nov 2024$"),
        (1096, 1097, "x", "^the first day closed must lie between 23 Nov 2024 and 22 Nov 2029, not on 23 Nov 2029$"),
    ],
)
def test_an_impossible_closure_is_refused(store, first, reopens, reason, sentence):
    """Without a day, longer than a year, without a reason, too far away."""
    with refused(store, sentence):
        add_closure(ACTOR, store, starts_on=TODAY + first * DAY, ends_on=TODAY + reopens * DAY, reason=reason)


@pytest.mark.parametrize(("first", "reopens"), [(0, 1), (0, 366), (-730, -729), (1095, 1096)])
def test_the_edges_of_a_closure_are_allowed(store, first, reopens):
    """One day and a year, two years ago and three years ahead."""
    add_closure(ACTOR, store, starts_on=TODAY + first * DAY, ends_on=TODAY + reopens * DAY, reason="x")
    assert read_closures(ACTOR, store)["ends_on"].dt.date.tolist() == [TODAY + reopens * DAY]


# Practitioners


def test_who_treats_is_added_retired_and_brought_back(store):
    """Each is a change of its own; the schedule does not read it, so its revision stays."""
    with one_change(store, "add a practitioner", None, revisions=0) as written:
        key = add_practitioner(ACTOR, store, " Dr Åse Öberg ")
    kept = {"id": key, "name": "Dr Åse Öberg", "active": 1}
    assert written == [{"table": "practitioners", "before": None, "after": kept}]
    with one_change(store, "retire a practitioner", None, revisions=0) as written:
        set_practitioner_active(ACTOR, store, key, False)
    assert written == [{"table": "practitioners", "before": kept, "after": kept | {"active": 0}}]
    assert read_practitioners(ACTOR, store).values.tolist() == [[key, "Dr Åse Öberg", 0]]
    with one_change(store, "bring back a practitioner", None, revisions=0):
        set_practitioner_active(ACTOR, store, key, True)
    assert read_practitioners(ACTOR, store).values.tolist() == [[key, "Dr Åse Öberg", 1]]


def test_a_practitioner_is_in_the_list_once(store):
    """The same name again is refused, also of one who has retired; so is no name, and one not in the list."""
    key = add_practitioner(ACTOR, store, "Ada")
    set_practitioner_active(ACTOR, store, key, False)
    with refused(store, "^Ada is in the list already$"):
        add_practitioner(ACTOR, store, " Ada ")
    with refused(store, "^the practitioner's name must not be empty$"):
        add_practitioner(ACTOR, store, "   ")
    with refused(store, "^This practitioner is not in the list any more.$", NotFound):
        set_practitioner_active(ACTOR, store, key + 1, True)


def test_a_retired_practitioner_s_plans_keep_the_name(store):
    """What was entered before stays readable."""
    eva, _ = begun(store)
    key = add_practitioner(ACTOR, store, "Ada")
    acne(store, eva, "Chin", practitioner_id=key)
    set_practitioner_active(ACTOR, store, key, False)
    assert "Ada" in read_courses(ACTOR, store, eva, as_of=TODAY)["practitioner"].tolist()


# New patients


def test_a_patient_is_registered_whole(store):
    """Everything comes back as it was said, without outer space, each factor once."""
    values = {
        **{"phone": "07700 900123", "email": "eva@example.org", "born_on": date(1980, 2, 29)},
        **{"preferred_channel": "text", "skin_type": "dry", "fitzpatrick": 2, "contact_allowed": "no_marketing"},
    }
    factors = ["smoker", " asthma ", "smoker"]
    before = one(store, "select count(*) from changes")
    code = register_patient(ACTOR, store, "  Eva Berg ", **values, factors=factors)
    read = read_patient(ACTOR, store, code)
    assert {name: getattr(read, name) for name in values} == values
    assert (read.name, read.status, read.factors) == ("Eva Berg", "active", ("asthma", "smoker"))
    assert one(store, "select count(*) from changes") == before + 1
    last = rows(store, "select actor, action, patient_id from changes order by id desc limit 1")
    assert last == [("Ada", "register a patient", read.id)]
    assert find_patients(ACTOR, store, "900123")["code"].tolist() == [code]


def test_registering_is_one_change_of_that_patient(store):
    """With a new revision, and the rows that were written."""
    with one_change(store, "register a patient", 1) as written:
        register_patient(ACTOR, store, "Eva Berg", factors=["smoker"])
    assert [(kept["table"], kept["before"]) for kept in written] == [("patients", None), ("patient_factors", None)]


def test_codes_tell_nothing(store):
    """They are made of letters that form no word, and no two are alike."""
    codes = {register_patient(ACTOR, store, f"Eva Berg {number}") for number in range(20)}
    assert len(codes) == 20
    assert all(re.fullmatch(f"[{CODE_LETTERS}]{{{CODE_LENGTH}}}", code) for code in codes)


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        ("", {}, "^the name must not be empty$"),
        (" \t", {}, "^the name must not be empty$"),
        ("x" * 2001, {}, "^the name must have at most 2,000 letters, not 2,001$"),
        ("Eva", {"email": "eva"}, "^an email address such as name@example.com is wanted, not 'eva'$"),
        ("Eva", {"email": "@b"}, "^an email address such as"),
        ("Eva", {"email": "a@"}, "^an email address such as"),
        ("Eva", {"email": "a@b@c"}, "^an email address such as"),
        ("Eva", {"email": "e va@b.org"}, "^an email address such as"),
        ("Eva", {"born_on": TODAY + DAY}, "^the birth date must lie between .* and 23 Nov 2026, not on 24 Nov 2026$"),
        ("Eva", {"born_on": date(1905, 11, 23)}, "^the birth date must lie between .*, not on 23 Nov 1905$"),
        ("Eva", {"preferred_channel": "pigeon"}, "^the preferred channel must be one of phone, text, email, post, not"),
        ("Eva", {"skin_type": "blue"}, "^the skin type must be one of normal, oily, dry, combination, sensitive, not"),
        ("Eva", {"fitzpatrick": 0}, "^Fitzpatrick's scale goes from 1 to 6$"),
        ("Eva", {"fitzpatrick": 7}, "^Fitzpatrick's scale goes from 1 to 6$"),
        (
            "Eva",
            {"contact_allowed": "maybe"},
            "^whether contact is allowed must be one of yes, no_marketing, none, not",
        ),
        ("Eva", {"factors": ["smoker", " "]}, "^a thing to watch must not be empty$"),
    ],
)
def test_an_impossible_patient_is_refused(store, name, values, sentence):
    """Nothing is kept of her."""
    with refused(store, sentence):
        register_patient(ACTOR, store, name, **values)


@pytest.mark.parametrize(
    "values",
    [
        *[{"born_on": TODAY}, {"born_on": date(1906, 11, 23)}, {"fitzpatrick": 1}, {"fitzpatrick": 6}],
        *[{"email": " a@b "}, {"email": " "}, {"phone": ""}],
    ],
)
def test_the_edges_of_a_patient_are_allowed(store, values):
    """Born today or 120 years ago, either end of the scale, and blanks for what is not known."""
    code = register_patient(ACTOR, store, "Eva", **values)
    ((name, value),) = values.items()
    expected = (value.strip() or None) if isinstance(value, str) else value
    assert getattr(read_patient(ACTOR, store, code), name) == expected


EVA = {"born_on": date(1980, 2, 29), "phone": "07700 900123"}


def test_the_same_patient_is_not_registered_twice(store):
    """However name and phone are written; the sentence has the code of the one who is there."""
    code = register_patient(ACTOR, store, "Eva Böhm", **EVA)
    for name, phone in (("Eva Böhm", EVA["phone"]), (" eva  BOHM", "(07700) 900-123")):
        with refused(store, f"^a patient of this name, birth date and phone is there already, with code {code}$"):
            register_patient(ACTOR, store, name, **(EVA | {"phone": phone}))
    bare = register_patient(ACTOR, store, "Mia Holm")
    with refused(store, f"is there already, with code {bare}$"):
        register_patient(ACTOR, store, "Mia Holm")


@pytest.mark.parametrize("other", [{"born_on": date(1980, 2, 28)}, {"born_on": None}, {"phone": "1"}, {"phone": None}])
def test_people_of_one_name_are_told_apart(store, other):
    """Another birth date or phone, or none, is another patient."""
    register_patient(ACTOR, store, "Eva Böhm", **EVA)
    register_patient(ACTOR, store, "Eva Böhm", **(EVA | other))
    assert one(store, "select count(*) from patients") == 2
