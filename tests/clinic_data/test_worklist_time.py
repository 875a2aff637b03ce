"""The worklist's times in the clinic's zone: midnight, and the hour that is skipped or comes twice."""

from datetime import UTC, date, datetime, timedelta

import pytest

from clinic_data.attempts import attempts_of
from clinic_data.claims import take, taken_by_another
from clinic_data.settings import read_settings
from tests.clinic_data.worklist import DESK, MANAGER, Desk

SUMMER_BEGINS, SUMMER_ENDS = date(2026, 3, 29), date(2026, 10, 25)


@pytest.fixture
def desk(store, monkeypatch):
    """The desk of a clinic in London."""
    return Desk(store, monkeypatch)


def at(desk: Desk, moment: str) -> None:
    """It is that moment, written in UTC; the desk's day is the clinic's."""
    desk.clock.setenv("CLINIC_NOW", f"{moment}+00:00")
    desk.day = read_settings(MANAGER, desk.store).today


def test_today_turns_at_the_clinic_s_midnight(desk):
    """In summer that is 23:00 in UTC: a minute before it is still yesterday, and from then on who was quiet is back."""
    at(desk, "2026-06-15T09:00")
    eva = desk.patient(days_since=(date(2026, 11, 23) - date(2026, 4, 25)).days)
    at(desk, "2026-06-15T22:59")
    assert desk.day == date(2026, 6, 15)
    desk.attempt(eva, "call_again", until_on=date(2026, 6, 16))
    assert desk.state(eva) == "quiet"
    assert attempts_of(DESK, desk.store, eva)["recorded_on"].tolist() == ["2026-06-15"]
    at(desk, "2026-06-15T23:00")
    assert desk.day == date(2026, 6, 16)
    assert desk.state(eva) == "open"


@pytest.mark.parametrize(
    ("before", "last", "free"),
    [
        ("2026-03-29T00:50", "2026-03-29T01:04", "2026-03-29T01:05"),
        ("2026-10-25T00:50", "2026-10-25T01:04", "2026-10-25T01:05"),
    ],
    ids=["an hour is skipped", "an hour comes twice"],
)
def test_a_quarter_of_an_hour_is_that_when_the_clocks_change(desk, before, last, free):
    """Taken ten minutes before the change, she is free fifteen minutes later, not an hour sooner or later."""
    at(desk, before)
    eva = desk.patient(days_since=(date(2026, 11, 23) - desk.day).days + 50)
    take(MANAGER, desk.store, eva)
    at(desk, last)
    assert taken_by_another(DESK, desk.store, eva)
    at(desk, free)
    assert taken_by_another(DESK, desk.store, eva) is None


@pytest.mark.parametrize("changes_on", [SUMMER_BEGINS, SUMMER_ENDS])
def test_days_are_counted_as_days_when_the_clocks_change(desk, changes_on):
    """A message left on the eve of a day of 23 or 25 hours: quiet for four days of the calendar."""
    eve = datetime.combine(changes_on - timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=22, minutes=30)
    at(desk, eve.replace(tzinfo=None).isoformat(timespec="minutes"))
    eva = desk.patient(days_since=(date(2026, 11, 23) - desk.day).days + 50)
    begun = desk.day
    desk.attempt(eva, "left_message")
    at(desk, f"{begun + timedelta(days=3)}T12:00")
    assert desk.state(eva) == "quiet"
    at(desk, f"{begun + timedelta(days=4)}T12:00")
    assert desk.state(eva) == "open"
