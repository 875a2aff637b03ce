"""Patients: told apart by a code that says nothing, found by whatever somebody remembers of them."""

from datetime import date

import pytest

from clinic_data.database import Store
from clinic_data.errors import NotFound
from clinic_data.patients import (
    CODE_LENGTH,
    CODE_LETTERS,
    FOUND_AT_MOST,
    contacts,
    find_patients,
    fold,
    new_code,
    phone_digits,
    read_patient,
)
from clinic_data.practitioners import read_practitioners
from tests.clinic_data.rows import ACTOR, add_patient, one, patient, rows, write


def found(store: Store, text: str) -> list[str]:
    """The names that a search gives."""
    return find_patients(ACTOR, store, text)["name"].tolist()


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Zoë  Müller-Lüdenscheidt ", "zoe muller-ludenscheidt"),
        ("GROẞ Straße", "gross strasse"),
        ("Renée O'Brien", "renee o'brien"),
        ("Nguyễn Thị", "nguyen thi"),
        ("İpek", "ipek"),
        ("\tEva\u00a0Berg\n", "eva berg"),
        ("Е\u0301ва", "ева"),
        ("田中", "田中"),
        ("́", ""),
    ],
)
def test_names_are_searched_without_case_and_diacritics(name, folded):
    """And with single spaces."""
    assert fold(name) == folded


@pytest.mark.parametrize(
    ("phone", "digits"),
    [
        ("07700 900123", "7700900123"),
        ("+44 7700 900123", "447700900123"),
        ("0044 (7700) 900-123", "447700900123"),
        ("+44 (0)7700 900123", "447700900123"),
        ("'+44.7700.900123", "447700900123"),
        ("none", ""),
        ("000", ""),
    ],
)
def test_phones_are_searched_by_their_digits(phone, digits):
    """Without zeros in front, which only say from where one calls."""
    assert phone_digits(phone) == digits


def test_codes_tell_nothing_and_are_never_the_same():
    """Ten letters and digits by chance, without vowels and what is easily misread."""
    codes = {new_code() for _ in range(20_000)}
    assert len(codes) == 20_000
    assert {len(code) for code in codes} == {CODE_LENGTH} == {10}
    assert set("".join(codes)) == set(CODE_LETTERS)
    assert not set(CODE_LETTERS) & set("aeiou01l")


@pytest.mark.parametrize(
    "text",
    ["anna", "ANNA", "müller anna", "anna mull", "uller", "  Anna   MÜLLER  ", "lise-a", "a m ü", "mu\u0308ller"],
)
def test_parts_of_a_name_find_it(store, text):
    """In any order, in any case, with or without diacritics."""
    patient(store, "Lise-Anna Müller")
    patient(store, "Berta Möller")
    assert found(store, text) == ["Lise-Anna Müller"]


@pytest.mark.parametrize("text", ["anna moller", "annamuller", "anna x", "Lise / Anna"])
def test_every_word_must_occur(store, text):
    """A name that lacks one of the words is another one."""
    patient(store, "Lise-Anna Müller")
    patient(store, "Berta Möller")
    assert found(store, text) == []


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_nothing_finds_nobody(store, text):
    """No text is not everybody, and has the same columns."""
    patient(store)
    frame = find_patients(ACTOR, store, text)
    assert frame.empty
    assert list(frame) == ["code", "name", "phone", "born_on", "status"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("%", ["Per % Cent"]),
        ("100%", []),
        ("_", ["Under_Score"]),
        ("r_s", ["Under_Score"]),
        ("\\", ["Back\\Slash"]),
        ("k\\s", ["Back\\Slash"]),
        ("\\%", []),
        ("'", ["Pat O'Neil"]),
        ("o'n", ["Pat O'Neil"]),
        ("' or 1=1 --", []),
        ('"', []),
        (";", []),
        ("?", []),
    ],
)
def test_signs_are_taken_literally(store, text, names):
    """What SQL has a use for is searched like any letter."""
    for name in ("Per % Cent", "Under_Score", "Back\\Slash", "Pat O'Neil", "Eva Berg"):
        patient(store, name)
    assert found(store, text) == names


NATIONAL = "07700 900123"
WRITINGS = [NATIONAL, "+44 7700 900123", "0044 7700 900123", "+44 (0)7700 900123", "(07700) 900-123", "447700900123"]


@pytest.mark.parametrize("kept", WRITINGS)
def test_a_phone_is_found_in_any_writing(store, kept):
    """With country code or without, on the card or in the search; by its middle, and by its last four digits."""
    patient(store, "Eva Berg", phone=kept)
    patient(store, "Mia Holm", phone="020 7946 0018")
    patient(store, "Nobody")
    for sought in [*WRITINGS, "900123", "7700 9001", "0123"]:
        assert found(store, sought) == ["Eva Berg"], sought


@pytest.mark.parametrize("sought", ["123", "07700 900124", "+49 7700 900124", "eva 900123", "900123 eva"])
def test_another_phone_is_not_found(store, sought):
    """Three digits are too few, and words beside digits must occur in the name."""
    patient(store, "Eva Berg", phone=NATIONAL)
    assert found(store, sought) == []


def test_a_short_number_is_not_everybody_s_end(store):
    """An extension on a card does not match every longer number that ends with it."""
    patient(store, "Desk", phone="0123")
    assert found(store, NATIONAL) == []


def test_a_code_finds_its_patient(store):
    """The whole code, as it is or in capitals, and no part of it."""
    eva = patient(store)
    code = one(store, "select code from patients where id = ?", eva)
    assert found(store, f" {code.upper()} ") == ["Eva Berg"]
    assert found(store, code[:9]) == []


def test_an_identifier_finds_its_patient(store):
    """Another system's number, whole."""
    with store.change(ACTOR, "add") as change:
        add_patient(change, "Eva Berg", identifier=("booking", "K-1 7"))
    assert found(store, " K-1 7 ") == ["Eva Berg"]
    assert found(store, "K-1") == []


def test_the_likeliest_comes_first(store):
    """Names that begin with the text, then others; those still here before those gone; then by name."""
    patient(store, "Hannah Ost")
    patient(store, "Anna Adam", status="inactive", status_on="2026-01-01")
    patient(store, "Änna West")
    patient(store, "Anna Nord")
    assert found(store, "anna") == ["Anna Nord", "Änna West", "Anna Adam", "Hannah Ost"]


def test_one_more_than_fits_tells_that_there_are_more(store):
    """Of thirty the first twenty-one are read."""
    with store.change(ACTOR, "add") as change:
        for number in range(30):
            add_patient(change, f"Eva {number:02}")
    assert found(store, "eva") == [f"Eva {number:02}" for number in range(FOUND_AT_MOST + 1)]


def test_what_is_found_can_be_told_apart(store):
    """Two of one name have their code, phone and birthday beside it."""
    patient(store, phone=NATIONAL, born_on="1980-02-29")
    patient(store, status="deceased", status_on="2026-01-01")
    frame = find_patients(ACTOR, store, "eva")
    assert frame[["name", "phone", "born_on", "status"]].astype(object).where(frame.notna(), None).values.tolist() == [
        ["Eva Berg", NATIONAL, "1980-02-29", "active"],
        ["Eva Berg", None, None, "deceased"],
    ]
    assert frame["code"].is_unique


def test_a_patient_is_read_whole(store):
    """Everything that is known of a person, with factors and identifiers in order."""
    values = {"phone": NATIONAL, "email": "eva@example.org", "born_on": "1980-02-29", "preferred_channel": "text"}
    values |= {"skin_type": "dry", "fitzpatrick": 2, "contact_allowed": "no_marketing"}
    eva = patient(store, " Eva Berg ", **values, status="transferred", status_on="2026-03-01")
    for factor in ("smoker", "asthma"):
        write(store, "patient_factors", patient_id=eva, factor=factor)
    for system, value in (("till", "9"), ("books", "17")):
        write(store, "patient_identifiers", system=system, value=value, patient_id=eva)
    code = one(store, "select code from patients")
    read = read_patient(ACTOR, store, code)
    assert vars(read) == values | {
        "id": eva,
        "code": code,
        "name": "Eva Berg",
        "born_on": date(1980, 2, 29),
        "status": "transferred",
        "status_on": date(2026, 3, 1),
        "factors": ("asthma", "smoker"),
        "identifiers": (("books", "17"), ("till", "9")),
    }


def test_what_is_not_known_of_a_patient_is_missing(store):
    """A name is enough."""
    patient(store)
    read = read_patient(ACTOR, store, one(store, "select code from patients"))
    assert (read.phone, read.email, read.born_on, read.fitzpatrick, read.status_on) == (None,) * 5
    assert (read.status, read.contact_allowed, read.factors, read.identifiers) == ("active", "yes", (), ())


@pytest.mark.parametrize("code", ["", "zzzzzzzzzz", "1", "' or 1=1 --", "%"])
def test_an_unknown_code_is_not_found(store, code):
    """The sentence says how to go on."""
    patient(store)
    with pytest.raises(NotFound, match="no patient with this code; search by name, code or phone"):
        read_patient(ACTOR, store, code)


def test_contacts_are_those_asked_for(store):
    """How some patients are called and reached, and nobody else."""
    eva, mia, _ = patient(store, phone=NATIONAL), patient(store, "Mia Holm", contact_allowed="none"), patient(store)
    known = contacts(ACTOR, store, [mia, eva]).set_index("patient_id").sort_index()
    assert known["name"].to_dict() == {eva: "Eva Berg", mia: "Mia Holm"}
    assert known.loc[mia, "contact_allowed"] == "none"
    assert known.loc[eva, "phone"] == NATIONAL
    assert contacts(ACTOR, store, []).empty


def test_practitioners_are_read_by_name(store):
    """Those who have left are there and marked."""
    write(store, "practitioners", name="Zora", active=0)
    write(store, "practitioners", name="Ada")
    assert read_practitioners(ACTOR, store)[["name", "active"]].values.tolist() == [["Ada", 1], ["Zora", 0]]


def test_each_patient_has_a_code_of_her_own(store):
    """The same name twice is two patients."""
    patient(store)
    patient(store)
    assert one(store, "select count(distinct code) from patients") == 2
    assert [len(code) for (code,) in rows(store, "select code from patients")] == [10, 10]
