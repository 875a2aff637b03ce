"""Dates, counts and codes as people read them."""

from datetime import date, datetime

import pandas as pd
import pytest

from lib import words
from lib.schedule.flags import FLAGS, STATUSES
from lib.schedule.inputs import VISIT_STATUSES
from lib.schedule.windows import TIMINGS
from lib.words import come_between, count, day, days_range, fitted, sentence


@pytest.mark.parametrize(
    ("vocabulary", "codes"),
    [
        (words.FLAGS, FLAGS),
        (words.STATUSES, STATUSES),
        (words.TIMINGS, TIMINGS),
        (words.VISIT_STATUSES, VISIT_STATUSES),
    ],
    ids=["flags", "statuses", "timings", "visit statuses"],
)
def test_every_code_has_words_and_no_other_has(vocabulary, codes):
    """Each code of the schedule has its words, none is left over, and none is empty."""
    assert set(vocabulary) == set(codes)
    assert all(text.strip() == text and text for text in vocabulary.values())


def test_flags_differ_in_their_words():
    """No two flags, statuses or timings read alike: one can be told from the other."""
    for vocabulary in (words.FLAGS, words.STATUSES, words.TIMINGS, words.VISIT_STATUSES):
        assert len(set(vocabulary.values())) == len(vocabulary)


@pytest.mark.parametrize(
    "value", [date(2026, 3, 3), datetime(2026, 3, 3, 23, 59), pd.Timestamp("2026-03-03"), "2026-03-03"]
)
def test_a_day_reads_the_same_in_every_form(value):
    """A date, a time on it, a timestamp and ISO text: 03 Mar 2026."""
    assert day(value) == "03 Mar 2026"


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [
        ("2026-09-02", "2026-09-02", "02 Sep 2026"),
        ("2026-09-02", "2026-09-03", "02–03 Sep 2026"),
        ("2026-09-01", "2026-09-30", "01–30 Sep 2026"),
        ("2026-08-31", "2026-09-01", "31 Aug – 01 Sep 2026"),
        ("2026-01-01", "2026-12-31", "01 Jan – 31 Dec 2026"),
        ("2025-12-31", "2026-01-01", "31 Dec 2025 – 01 Jan 2026"),
        ("2025-09-02", "2026-09-02", "02 Sep 2025 – 02 Sep 2026"),
        ("2024-02-28", "2024-02-29", "28–29 Feb 2024"),
    ],
)
def test_a_range_says_month_and_year_once(first, last, wanted):
    """A range repeats the month and the year only where they change, and is one date where it has one day."""
    assert days_range(date.fromisoformat(first), date.fromisoformat(last)) == wanted
    assert days_range(pd.Timestamp(first), pd.Timestamp(last)) == wanted


@pytest.mark.parametrize(
    ("due_on", "overdue_on", "wanted"),
    [
        ("2026-03-30", "2026-04-14", "Come between 30 Mar 2026 and 13 Apr 2026"),
        ("2025-12-20", "2026-01-01", "Come between 20 Dec 2025 and 31 Dec 2025"),
        ("2026-03-30", "2026-04-01", "Come between 30 Mar 2026 and 31 Mar 2026"),
        ("2026-03-30", "2026-03-31", "Come on 30 Mar 2026"),
    ],
)
def test_an_invitation_names_the_last_day(due_on, overdue_on, wanted):
    """overdue_on, the day after the window, is never shown."""
    assert come_between(date.fromisoformat(due_on), date.fromisoformat(overdue_on)) == wanted


@pytest.mark.parametrize(
    ("number", "wanted"), [(0, "0 days"), (1, "1 day"), (2, "2 days"), (999, "999 days"), (1000, "1,000 days")]
)
def test_a_noun_follows_its_number(number, wanted):
    """One day, several days, thousands with a comma."""
    assert count(number, "day") == wanted


@pytest.mark.parametrize(
    ("timing", "days_off", "wanted"),
    [
        ("on_time", 0, "on time"),
        ("late", 1, "1 day late"),
        ("late", 18, "18 days late"),
        ("early", -1, "1 day earlier than planned"),
        ("early", -8, "8 days earlier than planned"),
        ("too_soon", -1, "1 day before the skin had healed"),
        ("too_soon", -13, "13 days before the skin had healed"),
    ],
)
def test_how_a_date_fitted(timing, days_off, wanted):
    """A fit reads as days without a sign."""
    assert fitted(timing, days_off) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("session 2", "Session 2"),
        ("follow-up Review", "Follow-up Review"),
        ("É", "É"),
        ("2 days late", "2 days late"),
        ("", ""),
    ],
)
def test_a_sentence_starts_large(text, wanted):
    """Only the first letter changes."""
    assert sentence(text) == wanted
