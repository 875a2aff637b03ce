"""The clinic's settings, and the clock: today is the clinic's day, and only a demo's clock can be set."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic_data import clock
from clinic_data.changes import undo
from clinic_data.database import prepare
from clinic_data.errors import NotAllowed, NotReady
from clinic_data.settings import Settings, bookings_known_on, bookings_known_since, change_settings, read_settings
from tests.clinic_data.rows import contents, one

LONDON, AUCKLAND, LOS_ANGELES = "Europe/London", "Pacific/Auckland", "America/Los_Angeles"


def test_every_setting_has_a_default(tmp_path, actor):
    """A file just made has a name, a zone, and is no demo."""
    made = prepare(tmp_path / "clinic.db")
    assert read_settings(actor, made) == Settings("My clinic", "UTC", False, None)


def test_what_is_set_is_read(store, actor):
    """Every kind of value comes back as it was set, and what was not set stays."""
    wanted = Settings("Praxis Öberg “Süd”", AUCKLAND, True, date(2026, 2, 28))
    assert change_settings(actor, store, **vars(wanted)) == wanted
    assert read_settings(actor, store) == wanted
    assert change_settings(actor, store, clinic_name="Other").bookings_known_until == date(2026, 2, 28)
    assert change_settings(actor, store, is_demo=False) == Settings("Other", AUCKLAND, False, date(2026, 2, 28))


def test_a_date_can_be_forgotten(store, actor):
    """Up to when bookings are known may become unknown again."""
    change_settings(actor, store, bookings_known_until=date(2026, 2, 28))
    assert change_settings(actor, store, bookings_known_until=None).bookings_known_until is None


def test_settings_are_one_change_and_a_new_revision(store, actor):
    """The schedule is read by the clinic's day, so a setting counts."""
    before = store.revision()
    change_settings(actor, store, clinic_name="Other", time_zone=AUCKLAND)
    assert store.revision() == before + 1
    assert one(store, "select action from changes order by id desc limit 1") == "change settings"


def test_setting_what_is_set_is_no_change(store, actor):
    """No entry, no revision: nobody has to read the schedule anew."""
    days = {"bookings_known_until": date(2026, 2, 28), "sign_out_after_minutes": 45, "sign_in_again_after_hours": 8}
    wanted = vars(change_settings(actor, store, **days))
    before = contents(store)
    change_settings(actor, store, **wanted)
    assert contents(store) == before


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"time_zone": "Mars/Olympus"}, "time zone 'Mars/Olympus': a name such as Europe/London is wanted"),
        ({"time_zone": ""}, "time zone ''"),
        ({"time_zone": "../etc/passwd"}, "time zone"),
        ({"clinic_name": "  "}, "the clinic's name must not be empty"),
        ({"clinic_name": "Fine", "time_zone": "Nowhere"}, "time zone 'Nowhere'"),
    ],
)
def test_an_impossible_setting_is_refused(store, actor, values, sentence):
    """Nothing is kept of it."""
    before = contents(store)
    with pytest.raises(NotAllowed, match=sentence):
        change_settings(actor, store, **values)
    assert contents(store) == before


def at(monkeypatch, instant: str) -> None:
    """Set the clock."""
    monkeypatch.setenv("CLINIC_NOW", instant)


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        # London's night of 29 March 2026: winter time until 01:00 UTC, then summer time.
        (LONDON, "2026-03-28T23:59:59+00:00", "2026-03-28"),
        (LONDON, "2026-03-29T00:00:00+00:00", "2026-03-29"),
        (LONDON, "2026-03-29T22:59:59+00:00", "2026-03-29"),
        (LONDON, "2026-03-29T23:00:00+00:00", "2026-03-30"),
        # and of 25 October, back to winter time
        (LONDON, "2026-10-24T22:59:59+00:00", "2026-10-24"),
        (LONDON, "2026-10-24T23:00:00+00:00", "2026-10-25"),
        (LONDON, "2026-10-25T23:59:59+00:00", "2026-10-25"),
        (LONDON, "2026-10-26T00:00:00+00:00", "2026-10-26"),
        ("UTC", "2026-03-29T23:59:59+00:00", "2026-03-29"),
        (AUCKLAND, "2026-03-29T10:59:59+00:00", "2026-03-29"),
        (AUCKLAND, "2026-03-29T11:00:00+00:00", "2026-03-30"),
        (LOS_ANGELES, "2026-01-01T07:59:59+00:00", "2025-12-31"),
        (LOS_ANGELES, "2026-01-01T08:00:00+00:00", "2026-01-01"),
        # the same instant, written elsewhere
        (LONDON, "2026-03-29T12:00:00+13:00", "2026-03-28"),
        (LONDON, "2026-03-29T09:00:00Z", "2026-03-29"),
    ],
)
def test_today_turns_at_the_clinic_s_midnight(store, actor, monkeypatch, zone, instant, day):
    """Wherever the computer is, and whatever zone the instant is written in."""
    settings = change_settings(actor, store, time_zone=zone)
    at(monkeypatch, instant)
    assert settings.today == date.fromisoformat(day)


def test_two_clinics_have_two_days(monkeypatch):
    """At noon in London it is the next day in Auckland."""
    at(monkeypatch, "2026-01-31T12:00:00+00:00")
    assert (clock.today(LONDON), clock.today(AUCKLAND)) == (date(2026, 1, 31), date(2026, 2, 1))


def test_instants_are_kept_in_utc(monkeypatch):
    """To the second, whatever the offset."""
    at(monkeypatch, "2026-07-01T00:30:59.999+02:00")
    assert clock.instant() == "2026-06-30T22:30:59Z"


@pytest.mark.parametrize("text", ["tomorrow", "2026-02-30T09:00:00+00:00", "23/11/2026"])
def test_an_unreadable_clock_is_refused(store, actor, monkeypatch, text):
    """The sentence shows what stands there and what is wanted."""
    at(monkeypatch, text)
    with pytest.raises(NotReady, match=re.escape(f"CLINIC_NOW is '{text}'; an instant such as 2026-03-01T09")):
        _ = read_settings(actor, store).today


@pytest.mark.parametrize("text", ["2026-03-01T09:00:00", "2026-03-01"])
def test_a_clock_without_its_offset_is_refused(store, actor, monkeypatch, text):
    """Nobody could tell which day it is."""
    at(monkeypatch, text)
    with pytest.raises(NotReady, match="it needs its offset from UTC"):
        _ = read_settings(actor, store).today


def test_a_clinic_s_own_clock_can_not_be_set(store, actor, monkeypatch):
    """A clinic's own data is never judged by an invented day."""
    settings = change_settings(actor, store, is_demo=False)
    at(monkeypatch, "2026-03-01T09:00:00+00:00")
    with pytest.raises(NotReady, match="CLINIC_NOW may be set for a demo clinic only; unset it"):
        _ = settings.today


def test_an_empty_variable_sets_no_clock(store, actor, monkeypatch):
    """As if it were not there, the time is the computer's."""
    settings = change_settings(actor, store, is_demo=False)
    monkeypatch.setenv("CLINIC_NOW", "")
    assert not clock.is_set_by_hand()
    before = clock.now()
    assert before.tzinfo == UTC
    seen = settings.today
    assert before.astimezone(ZoneInfo(LONDON)).date() <= seen <= (clock.now() + timedelta(days=1)).date()
    assert datetime.fromisoformat(clock.instant()) >= before.replace(microsecond=0)


# Up to when bookings were known on a past day


def known(store, actor, *days: date) -> list[date | None]:
    """Up to when bookings were known at the end of each day."""
    return [bookings_known_on(actor, store, day) for day in days]


def test_nothing_is_known_before_it_was_first_set(store, actor, monkeypatch):
    """The day before says nothing, and neither does a clinic where it was never set."""
    july = [date(2026, 7, day) for day in (13, 14, 15)]
    assert known(store, actor, *july) == [None, None, None]
    assert bookings_known_since(actor, store) is None
    at(monkeypatch, "2026-07-14T09:00:00+00:00")
    change_settings(actor, store, bookings_known_until=date(2026, 7, 12))
    assert known(store, actor, *july) == [None, date(2026, 7, 12), date(2026, 7, 12)]
    assert bookings_known_since(actor, store) == date(2026, 7, 14)


def test_of_two_on_one_day_the_later_counts(store, actor, monkeypatch):
    """What counts is how it stood at the end of the day; other settings do not touch it."""
    for hour, until in ((8, date(2026, 7, 13)), (17, date(2026, 7, 14))):
        at(monkeypatch, f"2026-07-14T{hour:02}:00:00+00:00")
        change_settings(actor, store, bookings_known_until=until)
    change_settings(actor, store, clinic_name="bookings_known_until")
    assert known(store, actor, date(2026, 7, 13), date(2026, 7, 14)) == [None, date(2026, 7, 14)]


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-07-14T22:59:59+00:00", date(2026, 7, 14)),
        ("2026-07-14T23:00:00+00:00", date(2026, 7, 15)),
        ("2026-01-14T23:59:59+00:00", date(2026, 1, 14)),
        ("2026-01-15T00:00:00+00:00", date(2026, 1, 15)),
    ],
)
def test_the_day_ends_at_the_clinic_s_midnight(store, actor, monkeypatch, instant, day):
    """In summer London's midnight is at 23:00 UTC: a second before it is today, from then on tomorrow."""
    at(monkeypatch, instant)
    change_settings(actor, store, bookings_known_until=date(2026, 1, 1))
    assert known(store, actor, day - timedelta(days=1), day) == [None, date(2026, 1, 1)]
    assert bookings_known_since(actor, store) == day


def test_what_was_taken_back_is_known_no_more(store, actor, monkeypatch):
    """Undo sets the earlier value again from its own day on, or none where there was none; forgetting does too."""
    for day in (10, 12):
        at(monkeypatch, f"2026-07-{day}T09:00:00+00:00")
        change_settings(actor, store, bookings_known_until=date(2026, 7, day))
    second = one(store, "select max(id) from changes")
    at(monkeypatch, "2026-07-14T09:00:00+00:00")
    undo(actor, store, second)
    at(monkeypatch, "2026-07-16T09:00:00+00:00")
    undo(actor, store, second - 1)
    days = [date(2026, 7, day) for day in (9, 11, 13, 15, 17)]
    assert known(store, actor, *days) == [None, date(2026, 7, 10), date(2026, 7, 12), date(2026, 7, 10), None]
    assert bookings_known_since(actor, store) == date(2026, 7, 10)
    at(monkeypatch, "2026-07-18T09:00:00+00:00")
    change_settings(actor, store, bookings_known_until=date(2026, 7, 18))
    at(monkeypatch, "2026-07-20T09:00:00+00:00")
    change_settings(actor, store, bookings_known_until=None)
    assert known(store, actor, date(2026, 7, 19), date(2026, 7, 20)) == [date(2026, 7, 18), None]
