"""Durations: their text, and what they do to days."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.schedule.durations import NEVER, UNITS, Duration, add, after, shift, span
from tests.schedule.plain_schedule import plus

DURATIONS = st.builds(Duration, st.integers(0, 60), st.sampled_from(UNITS))
DATES = st.dates(date(1900, 1, 1), date(2200, 12, 31))
drawn = settings(max_examples=150, deadline=None, derandomize=True)


def numbers(*days) -> np.ndarray:
    """Day numbers of dates or ISO texts."""
    return np.array(days, dtype="datetime64[D]").astype(np.int32)


def moved(day, text: str) -> str:
    return str(shift(numbers(day), Duration.parse(text)).astype("datetime64[D]")[0])


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [
        ("4 weeks", 4, "week"),
        ("1 day", 1, "day"),
        ("1 days", 1, "day"),
        ("6 month", 6, "month"),
        ("0 days", 0, "day"),
        ("012 years", 12, "year"),
    ],
)
def test_text_is_read(text, count, unit):
    """A whole number and a unit, plural or not."""
    assert Duration.parse(text) == Duration(count, unit)


@drawn
@given(DURATIONS)
def test_what_is_written_is_read_again(duration):
    """str and parse undo each other, and the plural follows the number."""
    assert Duration.parse(str(duration)) == duration
    assert str(duration).endswith("s") == (duration.count != 1)


@pytest.mark.parametrize(
    "text",
    ["", "4", "weeks", "4weeks", "4  weeks", " 4 weeks", "4 weeks ", "4 weeks\n", "-4 weeks", "+4 weeks", "4.5 weeks",
     "4 Weeks", "4 weekss", "4 fortnights", "4 weeks 2 days", "four weeks", "4-6 weeks", "123456 days", "٤ weeks"],
)  # fmt: skip
def test_other_text_is_refused(text):
    """Anything else is a ValueError that says what is wanted and names the units."""
    with pytest.raises(ValueError, match=r"a duration such as '4 weeks' is wanted: .* day, week, month, year"):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("day", "duration", "wanted"),
    [
        ("2026-08-05", "0 days", "2026-08-05"),
        ("2026-08-05", "4 weeks", "2026-09-02"),
        ("2024-02-28", "1 day", "2024-02-29"),
        ("2024-08-31", "6 months", "2025-02-28"),
        ("2023-08-31", "6 months", "2024-02-29"),
        ("2024-01-31", "1 month", "2024-02-29"),
        ("2024-01-31", "2 months", "2024-03-31"),
        ("2024-03-31", "1 month", "2024-04-30"),
        ("2024-02-29", "1 month", "2024-03-29"),
        ("2024-02-29", "1 year", "2025-02-28"),
        ("2024-02-29", "4 years", "2028-02-29"),
        ("2024-02-29", "12 months", "2025-02-28"),
        ("2023-02-28", "1 year", "2024-02-28"),
        ("2024-12-31", "2 months", "2025-02-28"),
        ("1999-12-31", "1 month", "2000-01-31"),
        ("1969-12-31", "2 months", "1970-02-28"),
        ("2024-01-31", "0 months", "2024-01-31"),
    ],
)
def test_months_keep_the_day_or_take_the_months_last(day, duration, wanted):
    """Days and weeks are exact; months and years keep the day of the month where it exists."""
    assert moved(day, duration) == wanted


@drawn
@given(DATES, DURATIONS)
def test_shift_agrees_with_the_calendar(day, duration):
    """One day moved gives what datetime and pandas' own offset give."""
    got = moved(day, str(duration))
    assert got == plus(day, str(duration)).isoformat()
    assert got == str((pd.Timestamp(day) + pd.DateOffset(days=duration.days, months=duration.months)).date())
    assert after(day, duration) == after(pd.Timestamp(day), duration) == pd.Timestamp(got)


@drawn
@given(
    days=st.lists(st.one_of(DATES, st.none()), max_size=12),
    durations=st.lists(DURATIONS, min_size=1, max_size=4),
    data=st.data(),
)
def test_add_moves_each_day_by_its_own_duration(days, durations, data):
    """Each day is moved by the duration it points at, and a missing one stays missing."""
    which = data.draw(st.lists(st.integers(0, len(durations) - 1), min_size=len(days), max_size=len(days)))
    given_days = np.array([NEVER if day is None else numbers(day)[0] for day in days], dtype=np.int32)
    got = add(given_days, durations, np.array(which, dtype=np.intp))
    wanted = [
        NEVER if day is None else numbers(plus(day, str(durations[w])))[0] for day, w in zip(days, which, strict=True)
    ]
    assert got.dtype == np.int32
    assert got.tolist() == wanted


@pytest.mark.parametrize("share_missing", [0.0, 0.3, 1.0])
def test_many_rows_are_moved_like_few(share_missing):
    """The table that many rows look their answer up in gives what row by row gives, and writes into no input."""
    rng = np.random.default_rng(7)
    durations = [Duration.parse(text) for text in ("0 days", "4 weeks", "1 month", "6 months", "1 year")]
    first, last = numbers("2023-11-15", "2024-04-10")
    days = rng.integers(first, last, 5000, endpoint=True, dtype=np.int32)
    days[rng.random(5000) < share_missing] = NEVER
    which = rng.integers(0, len(durations), 5000)
    assert (last - first + 1) * len(durations) < (1 - share_missing) * 5000 or share_missing == 1
    days.flags.writeable = which.flags.writeable = False
    got = add(days, durations, which)
    one_by_one = [add(days[at : at + 1], durations, which[at : at + 1])[0] for at in range(0, 5000, 10)]
    assert got[::10].tolist() == one_by_one
    assert ((got == NEVER) == (days == NEVER)).all()


def test_add_of_no_rows_is_no_rows():
    """An empty array comes back empty, of the same type."""
    got = add(numbers(), [Duration.parse("1 month")], np.array([], dtype=np.intp))
    assert got.shape == (0,)
    assert got.dtype == np.int32


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        ("4 weeks", "6 weeks", "4–6 weeks"),
        ("0 days", "1 day", "0–1 day"),
        ("1 month", "1 year", "1 month to 1 year"),
        ("4 weeks", "2 months", "4 weeks to 2 months"),
        ("5 weeks", "5 weeks", "5 weeks"),
        ("1 month", "1 month", "1 month"),
    ],
)
def test_a_window_in_words(start, end, wanted):
    """Two durations read as one span, the unit once where it is the same."""
    assert span((Duration.parse(start), Duration.parse(end))) == wanted
