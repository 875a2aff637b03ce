"""The clinic's own words to patients: kept by flag, and the program's where there are none."""

import pytest

from clinic_data.actor import FRONT_DESK, PRACTITIONER, READ_ONLY, Actor
from clinic_data.changes import undo
from clinic_data.errors import NotAllowed, NotPermitted
from clinic_data.messages import read_messages, set_message
from lib.messages import DEFAULTS
from tests.clinic_data.rows import one, rows

OWN = "Hi {first_name} 🙂, come between {from} and {to} to {practitioner}. <b>{clinic}</b>"


def test_without_own_words_they_are_the_program_s(store, actor):
    """For every flag, and for whoever may look."""
    assert read_messages(actor, store) == DEFAULTS
    assert read_messages(Actor("Eve", READ_ONLY), store) == DEFAULTS


def test_own_words_take_their_place(store, actor):
    """For that flag alone, without outer space; set again, they are others."""
    set_message(actor, store, "lapsed", f"\n {OWN} ")
    assert read_messages(actor, store) == DEFAULTS | {"lapsed": OWN}
    set_message(actor, store, "lapsed", "Hello {first_name}")
    assert read_messages(actor, store) == DEFAULTS | {"lapsed": "Hello {first_name}"}


@pytest.mark.parametrize("text", ["", "  \n", DEFAULTS["lapsed"]])
def test_an_empty_text_brings_the_program_s_back(store, actor, text):
    """And so does the program's own text; nothing is kept then."""
    set_message(actor, store, "lapsed", OWN)
    set_message(actor, store, "lapsed", text)
    assert read_messages(actor, store) == DEFAULTS
    assert rows(store, "select * from messages") == []


def test_each_change_stands_in_the_list_and_can_be_undone(store, actor):
    """What changes nothing is no change, and the schedule is not read anew."""
    count, revision = "select count(*) from changes", store.revision()
    before = one(store, count)
    for text in (OWN, OWN, "Hello", "", ""):
        set_message(actor, store, "lapsed", text)
    assert one(store, count) == before + 3
    assert store.revision() == revision
    undo(actor, store, one(store, "select max(id) from changes"))
    assert read_messages(actor, store)["lapsed"] == "Hello"


@pytest.mark.parametrize(
    ("flag", "text", "sentence"),
    [
        (
            "lapsed",
            "Hello {name}",
            r"\{name\} can't be filled in: what may stand in braces is \{first_name\}, \{from\}",
        ),
        ("lapsed", "{first_name.__class__.__mro__}", "can't be filled in"),
        ("lapsed", "{first_name", "can't be filled in"),
        ("lapsed", "x" * 2001, "at most 2,000 letters"),
        ("nonsense", "Hello", "the flag must be one of booked_on_hold"),
    ],
)
def test_what_can_not_be_sent_is_refused(store, actor, flag, text, sentence):
    """In a sentence that says what is allowed; nothing is kept."""
    with pytest.raises(NotAllowed, match=sentence):
        set_message(actor, store, flag, text)
    assert rows(store, "select * from messages") == []


@pytest.mark.parametrize("role", [PRACTITIONER, FRONT_DESK, READ_ONLY])
def test_only_whoever_may_change_settings_sets_them(store, role):
    """Others read them."""
    with pytest.raises(NotPermitted):
        set_message(Actor("Eve", role), store, "lapsed", OWN)
    assert rows(store, "select * from messages") == []
