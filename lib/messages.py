"""What a patient is written for each reason: the words, and the names in braces that are filled in."""

import re
from datetime import date

import pandas as pd

from lib import words

PLACEHOLDERS = ("first_name", "from", "to", "practitioner", "clinic")
"""What may stand in braces in a text."""

OUR_TEAM = "our team"
"""Who a patient comes to where no practitioner is known."""

BOOK = "Please call us to choose a day. {clinic}"
NOT_BOOKED = "Hello {first_name}, your next visit with {practitioner} is not booked yet. " + BOOK

DEFAULTS = {
    "booked_on_hold": "Hello {first_name}, please call us before your next visit: we may need to move it. {clinic}",
    "booked_too_soon": "Hello {first_name}, we would like to move your next visit to a later day. " + BOOK,
    "attendance_unrecorded": "Hello {first_name}, please call us about your last visit. {clinic}",
    "hold_to_check": "Hello {first_name}, how are you? Please call us when you would like to go on. {clinic}",
    "no_show": "Hello {first_name}, we missed you last time. Please call us to choose another day. {clinic}",
    "not_rebooked": "Hello {first_name}, your last visit was cancelled. Please call us to choose another day. {clinic}",
    "missed_session": NOT_BOOKED,
    "overdue_review": NOT_BOOKED,
    "overdue_maintenance": NOT_BOOKED,
    "not_started": "Hello {first_name}, your first visit with {practitioner} is not booked yet. " + BOOK,
    "due_unbooked": "Hello {first_name}, it is time to book your next visit with {practitioner}. "
    "It fits best between {from} and {to}. Please call us. {clinic}",
    "booked_late": "Hello {first_name}, an earlier day would suit your next visit better. "
    "It fits best between {from} and {to}. Please call us. {clinic}",
    "lapsed": "Hello {first_name}, we have not seen you for some time. "
    "Please call us if you would like to come again. {clinic}",
}
"""For each flag a text that says nothing of the treatment: it may be read on a locked screen, by anybody."""

_PLACEHOLDER = re.compile(r"\{(" + "|".join(PLACEHOLDERS) + r")\}")
_SENTENCE_END = re.compile(r"(?<=[.!?])(\s+)")
_TITLE = re.compile(r"(?:mrs?|ms|miss|mx|dr|prof)\.?", re.IGNORECASE)


def misplaced(text: str) -> list[str]:
    """What stands in braces and is none of PLACEHOLDERS, and braces that have no partner."""
    return re.findall(r"\{[^{}]*\}?|\}", _PLACEHOLDER.sub("", text))


def fill(
    text: str,
    *,
    name: str,
    clinic: str,
    come_from: date | None = None,
    come_by: date | None = None,
    practitioner: str | None = None,
) -> str:
    """The text with its placeholders filled in; `come_by` is the window's last day.

    A sentence that names a day which is not known is left out, though nothing may remain. What is filled in is not read
    for placeholders again.
    """
    known = {
        "first_name": first_name(name),
        "clinic": clinic,
        "practitioner": OUR_TEAM if pd.isna(practitioner) or practitioner in ("", words.NOBODY) else str(practitioner),
        "from": "" if pd.isna(come_from) else words.day(come_from),
        "to": "" if pd.isna(come_by) else words.day(come_by),
    }
    *sentences, last = _SENTENCE_END.split(text)
    parts = [*zip(sentences[::2], sentences[1::2], strict=True), (last, "")]
    kept = [part + space for part, space in parts if all(known[one] for one in _PLACEHOLDER.findall(part))]
    return _PLACEHOLDER.sub(lambda found: known[found[1]], "".join(kept)).strip()


def first_name(name: str) -> str:
    """How a patient is addressed: the first word of the name, after a comma and a title."""
    given = name.partition(",")[2].split() or name.replace(",", " ").split()
    while len(given) > 1 and _TITLE.fullmatch(given[0]):
        given = given[1:]
    return given[0] if given else ""
