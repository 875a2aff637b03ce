"""The checks of what people give: what passes comes back tidy, what does not is refused in a sentence."""

import re
from datetime import date, timedelta

import pytest

from clinic_data.allowed import LONGEST, day_between, one_of, text_of, text_or_none
from clinic_data.errors import NotAllowed

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("off", [-3, 0, 2])
def test_a_day_within_passes(off):
    """Both ends belong to it."""
    day = TODAY + timedelta(days=off)
    assert day_between(day, "the day", TODAY, back=3, ahead=2) == day


@pytest.mark.parametrize("off", [-4, 3])
def test_a_day_outside_is_refused(off):
    """The sentence names what it is, both ends and the day that was given, as people read dates."""
    day = TODAY + timedelta(days=off)
    sentence = f"the day must lie between 20 Nov 2026 and 25 Nov 2026, not on {day:%d %b %Y}"
    with pytest.raises(NotAllowed, match=f"^{sentence}$"):
        day_between(day, "the day", TODAY, back=3, ahead=2)


def test_no_room_is_one_day():
    """Nothing back and nothing ahead is today alone."""
    assert day_between(TODAY, "the day", TODAY, back=0, ahead=0) == TODAY
    with pytest.raises(NotAllowed, match="between 23 Nov 2026 and 23 Nov 2026, not on 24 Nov 2026"):
        day_between(TODAY + timedelta(days=1), "the day", TODAY, back=0, ahead=0)


def test_one_of_those_allowed_passes():
    """As it was given."""
    assert one_of("red", ("red", "blue"), "the colour") == "red"


@pytest.mark.parametrize("value", ["Red", "", "green", "re"])
def test_another_one_is_refused(value):
    """The sentence names all that are allowed and what was given; large letters count."""
    with pytest.raises(NotAllowed, match=f"^the colour must be one of red, blue, not {value!r}$"):
        one_of(value, ("red", "blue"), "the colour")


@pytest.mark.parametrize(("text", "kept"), [("a", "a"), ("  a b \n", "a b"), ("é" * LONGEST, "é" * LONGEST)])
def test_a_text_is_kept_without_outer_space(text, kept):
    """Up to its greatest length."""
    assert text_of(text, "the note") == text_or_none(text, "the note") == kept


def test_outer_space_does_not_count():
    """A text of the greatest length may have space around it."""
    assert len(text_of(f"  {'x' * LONGEST}  ", "the note")) == LONGEST


@pytest.mark.parametrize("text", [None, "", " ", "\n\t "])
def test_no_text_is_refused_or_none(text):
    """It depends on whether there has to be one."""
    with pytest.raises(NotAllowed, match=r"^the note must not be empty$"):
        text_of(text, "the note")
    assert text_or_none(text, "the note") is None


@pytest.mark.parametrize("check", [text_of, text_or_none])
def test_a_text_too_long_is_refused(check):
    """One letter too many; the sentence says how many there are."""
    with pytest.raises(NotAllowed, match=re.escape("the note must have at most 2,000 letters, not 2,001")):
        check("x" * (LONGEST + 1), "the note")
