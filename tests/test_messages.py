"""What a patient is written: filled in, left out where it is not known, and nothing but text."""

from datetime import date

import pytest

from lib import words
from lib.messages import DEFAULTS, PLACEHOLDERS, fill, first_name, misplaced

KNOWN = {
    "name": "Asha Dempsey",
    "clinic": "Our clinic",
    "come_from": date(2026, 11, 17),
    "come_by": date(2026, 12, 1),
    "practitioner": "Dr. Lee",
}


def test_every_flag_has_a_text():
    """Whatever a patient is listed for, there is something to write."""
    assert set(DEFAULTS) == set(words.FLAGS)


@pytest.mark.parametrize("text", DEFAULTS.values(), ids=DEFAULTS)
def test_the_program_s_texts_are_short_plain_and_discreet(text):
    """One text message long at most, greeting by first name, signed, with no word of treatment or money."""
    filled = fill(text, **KNOWN)
    assert filled.startswith("Hello Asha, ")
    assert filled.endswith(" Our clinic")
    assert len(filled) <= 160
    assert filled.isascii()
    assert misplaced(text) == []
    assert not [
        word for word in ("needl", "skin", "treat", "session", "scar", "medic", "overdue", "fee") if word in filled
    ]


def test_each_placeholder_is_filled_in():
    """Days as people read them; the same one as often as it stands there."""
    text = " ".join(f"{{{name}}}" for name in PLACEHOLDERS) + " {clinic}"
    assert fill(text, **KNOWN) == "Asha 17 Nov 2026 01 Dec 2026 Dr. Lee Our clinic Our clinic"


def test_a_sentence_without_its_day_is_left_out():
    """And only that one; line breaks between the others stay."""
    text = "Hello {first_name}!\nCome between {from} and {to}. Call us.\n\n{clinic}"
    for missing in ("come_from", "come_by"):
        assert fill(text, **KNOWN | {missing: None}) == "Hello Asha!\nCall us.\n\nOur clinic"
    assert fill("Come from {from}.", name="Ann", clinic="Our clinic") == ""


@pytest.mark.parametrize("nobody", [None, "", words.NOBODY, float("nan")])
def test_without_a_practitioner_it_is_the_team(nobody):
    """Wherever the practitioner would stand in the sentence."""
    text = "Your visit with {practitioner}. {practitioner} said so."
    assert fill(text, **KNOWN | {"practitioner": nobody}) == "Your visit with our team. our team said so."


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Asha Dempsey", "Asha"),
        ("محمد العربي", "محمد"),
        ("W" * 80, "W" * 80),
        ("<b>Ann</b> Ray", "<b>Ann</b>"),
        ("Ray, Ann Maria", "Ann"),
        ("Ray,", "Ray"),
        ("Dr. Ann Ray", "Ann"),
        ("Prof. Dr Ann Ray", "Ann"),
        ("Dr", "Dr"),
        ("  Zoë\n Ray", "Zoë"),
        ("Anne-Sophie O'Neil", "Anne-Sophie"),
        ("", ""),
    ],
)
def test_the_first_name(name, first):
    """One word, as it is written: what shows it shows it as text."""
    assert first_name(name) == first


def test_what_is_filled_in_is_not_read_again():
    """A name that looks like a placeholder stays one; nothing is formatted, looked up or run."""
    filled = fill("{first_name} {clinic} {x.y} {0} %s $to", name="{clinic}", clinic="{first_name!r}")
    assert filled == "{clinic} {first_name!r} {x.y} {0} %s $to"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Hello {first_name}, {clinic}", []),
        ("Hello {name}", ["{name}"]),
        ("{first_name.__class__} {from!r} {to:>9}", ["{first_name.__class__}", "{from!r}", "{to:>9}"]),
        ("{First_name} { to }", ["{First_name}", "{ to }"]),
        ("{to", ["{to"]),
        ("to}", ["}"]),
        ("{}", ["{}"]),
        ("{{to}}", ["{}"]),
    ],
)
def test_what_can_not_be_filled_in_is_found(text, wrong):
    """Anything in braces that is not exactly a placeholder, and braces without a partner."""
    assert misplaced(text) == wrong
