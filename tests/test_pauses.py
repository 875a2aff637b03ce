"""Pauses as known on a day: which there are, which cover a day, when they begin and end."""

import pandas as pd
import pytest

from lib.pauses import covering, paused_from, resumes_on, told_holds

CHAIN = [("2026-03-10", "2026-03-20"), ("2026-03-15", "2026-04-01"), ("2026-04-01", "2026-04-03")]


def holds(*told: tuple) -> pd.DataFrame:
    """Holds from (starts_on, ends_on, recorded_on), the last ones None where they are left out."""
    records = [(*hold, None, None)[:3] for hold in told]
    return pd.DataFrame(records, columns=["starts_on", "ends_on", "recorded_on"]).astype("datetime64[s]")


def on(day: str) -> pd.Timestamp:
    return pd.Timestamp(day)


@pytest.mark.parametrize(
    ("hold", "known"),
    [
        (("2026-03-03", None, "2026-05-01"), True),
        (("2026-03-04", None, "2026-03-03"), True),
        (("2026-03-04", None, "2026-03-04"), False),
        (("2026-03-04", None), True),
        (("2026-03-01", "2026-03-01"), False),
    ],
)
def test_what_is_told(hold, known):
    """A pause that has begun, or one to come that is recorded; one that ends by the day it starts is none."""
    assert (len(told_holds(holds(hold), on("2026-03-03"))) == 1) == known


def test_without_the_day_of_recording_all_are_told():
    """In order of their starts."""
    told = told_holds(holds(*CHAIN[::-1]).drop(columns="recorded_on"), on("2026-01-01"))
    assert told["starts_on"].is_monotonic_increasing
    assert len(told) == 3


@pytest.mark.parametrize(
    ("day", "number"), [("2026-03-09", 0), ("2026-03-10", 1), ("2026-03-19", 2), ("2026-04-03", 0)]
)
def test_what_covers_a_day(day, number):
    """The first day belongs to a pause; the day on which treatment may resume does not."""
    assert len(covering(holds(*CHAIN), on(day))) == number


@pytest.mark.parametrize(
    ("day", "since", "until"),
    [
        ("2026-03-09", "2026-03-10", "2026-03-09"),
        ("2026-03-10", "2026-03-10", "2026-04-03"),
        ("2026-04-02", "2026-03-10", "2026-04-03"),
        ("2026-04-03", "2026-04-04", "2026-04-03"),
    ],
)
def test_pauses_without_a_gap_are_one(day, since, until):
    """It begins with the first and ends with the last; a day in none is free itself."""
    assert (paused_from(holds(*CHAIN), on(day)), resumes_on(holds(*CHAIN), on(day))) == (on(since), on(until))


def test_a_pause_without_an_end_never_resumes():
    """Nor does one that it follows."""
    assert pd.isna(resumes_on(holds(*CHAIN, ("2026-04-02", None)), on("2026-03-10")))
    assert resumes_on(holds(("2026-04-02", None)), on("2026-03-10")) == on("2026-03-10")
