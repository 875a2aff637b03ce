"""Planning ahead on the patient's page: what it says of a day, that it stores nothing by itself, and what it saves."""

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from clinic_data.actor import DESK
from clinic_data.closures import add_closure
from clinic_data.courses import close_course
from clinic_data.holds import pause
from clinic_data.schedule_input import read_schedule_input
from clinic_data.visits import note_booking
from tests.browser.app import NOW
from tests.pages.test_recording import Clinic, checked, press, preview, widget

TODAY = date.fromisoformat(NOW[:10])
DAY = timedelta(days=1)
HOSTILE = "<b>x</b> *y* $z$ [a](b)"


@pytest.fixture
def clinic(tmp_path, monkeypatch):
    """A small clinic of its own for each test: session 1 five weeks ago, so that session 2 is due up to 30 November."""
    monkeypatch.setenv("CLINIC_NOW", NOW)
    monkeypatch.setenv("CLINIC_DB", str(tmp_path / "clinic.db"))
    return Clinic(tmp_path / "clinic.db")


def opened(clinic: Clinic, **address) -> AppTest:
    """The patient's page with planning ahead unfolded."""
    page = clinic.page(**address)
    page.session_state[f"plan ahead {clinic.course}"] = True
    return checked(page)


def chosen(page: AppTest, day: date, label: str = "Session 2 on") -> AppTest:
    """The page once that day is chosen."""
    widget(page.date_input, label).set_value(day)
    return checked(page)


def fit(page: AppTest) -> str:
    """What the page says of how the days fit."""
    return next(box.value for box in [*page.warning, *page.info] if "**Session" in box.value).replace("\\", "")


def moves(page: AppTest) -> list[list]:
    """The table of the later windows."""
    return next(table.value for table in page.dataframe if "before" in table.value).values.tolist()


def with_buttons(page: AppTest, group: str, choice: str) -> AppTest:
    """The page once something is chosen in a group of buttons."""
    widget(page.button_group, group).set_value(choice)
    return checked(page)


def test_a_day_in_the_window(clinic):
    """It says so, how the later windows move and how the illustration changes, and changes nothing."""
    revision = clinic.store.revision()
    page = chosen(opened(clinic), TODAY + 7 * DAY)
    assert fit(page) == "**Session 2** on 30 Nov 2026: **In the window** (window 16–30 Nov 2026)."
    assert moves(page)[0] == ["Session 3", "21 Dec 2026 – 11 Jan 2027", "28 Dec 2026 – 11 Jan 2027", "7 days later"]
    curves = next(chart.proto for chart in page.get("plotly_chart") if "illustration" in chart.proto.alt)
    assert "With 1 session to come, the last on 30 Nov 2026" in curves.alt
    assert any("Never a measurement" in caption.value for caption in page.caption)
    assert clinic.store.revision() == revision


@pytest.mark.parametrize(("days", "word"), [(4, "Too soon: skin not healed"), (44, "Late")])
def test_a_day_outside_the_window(clinic, days, word):
    """Too soon is a warning; late is said."""
    note_booking(DESK, clinic.store, [clinic.course], kind="session", visit_date=TODAY + DAY)
    page = chosen(opened(clinic), TODAY + DAY + days * DAY, "Session 3 on")
    assert word in fit(page)
    assert any("With 2 sessions to come" in caption.value for caption in page.caption), "the one booked is assumed too"
    assert bool([box for box in page.warning if word in box.value]) == (days == 4)
    if days == 4:
        assert "not healed before 22 Dec 2026, 24 days later" in fit(page)


def test_a_day_in_a_pause(clinic):
    """A warning, and the strip of days says it too."""
    pause(
        DESK, clinic.store, clinic.patient.id, cause="medical", reason=HOSTILE, starts_on=TODAY, ends_on=TODAY + 9 * DAY
    )
    page = chosen(opened(clinic), TODAY + 8 * DAY)
    assert "**During a pause**" in fit(page)
    assert any("chosen 01 Dec 2026: during a pause" in chart.proto.alt for chart in page.get("plotly_chart"))
    assert "**In the window**" in fit(chosen(page, TODAY + 9 * DAY))


def test_a_closed_day_is_refused(clinic):
    """The sentence says when the clinic reopens; there is nothing to go on with, the illustration stays."""
    add_closure(DESK, clinic.store, starts_on=TODAY + DAY, ends_on=TODAY + 3 * DAY, reason=HOSTILE)
    page = chosen(opened(clinic), TODAY + DAY)
    assert any("it reopens on 26 Nov 2026" in error.value.replace("\\", "") for error in page.error)
    assert not [group for group in page.button_group if group.label == "Go on with"]
    assert any("illustration" in chart.proto.alt for chart in page.get("plotly_chart"))


def test_the_booking_is_noted_from_there(clinic):
    """Nothing is stored until Save; then it is the booking that was planned."""
    revision, before = clinic.store.revision(), clinic.visits()
    page = with_buttons(chosen(opened(clinic), TODAY + 7 * DAY), "Go on with", "Note this booking")
    assert "Session 2 loses the flag “Time to book”" in preview(page)
    assert (clinic.store.revision(), clinic.visits()) == (revision, before)
    page = press(page, "Save")
    assert clinic.visits() == sorted([*before, ("session", "2026-11-30", "booked")])
    assert any("Saved: note this booking" in said.value for said in page.success)
    assert [box.label for box in page.date_input if box.label.endswith(" on")] == ["Session 3 on"]


def test_a_rhythm_is_noted_as_one_change(clinic):
    """The later session is counted from the first; one undo takes both back."""
    add_closure(DESK, clinic.store, starts_on=date(2026, 12, 21), ends_on=date(2027, 1, 4), reason="winter")
    before = clinic.visits()
    page = with_buttons(opened(clinic), "Plan", "All that are left (2)")
    assert "**Session 3** on 04 Jan 2027" in fit(page)
    widget(page.number_input, "Weeks apart").set_value(3)
    page = checked(page)
    assert "**Session 3** on 15 Dec 2026: **Too soon: skin not healed**" in fit(page)
    page = with_buttons(page, "Go on with", "Note these bookings")
    assert clinic.visits() == before
    page = press(page, "Save")
    booked = [day for _, day, status in clinic.visits() if status == "booked"]
    assert booked == ["2026-11-24", "2026-12-15"]
    press(page, "Undo")
    assert clinic.visits() == before


def test_the_dates_are_agreed_from_there(clinic):
    """Prefilled with the planned day and a window as long as the plan's."""
    page = with_buttons(chosen(opened(clinic), TODAY + 14 * DAY), "Go on with", "Agree these dates")
    assert widget(page.date_input, "Come between").value == TODAY + 14 * DAY
    assert widget(page.date_input, "and").value == TODAY + 28 * DAY
    press(page, "Save")
    agreed = read_schedule_input(DESK, clinic.store, TODAY).agreements
    assert agreed[["due_on", "last_on"]].astype(str).values.tolist() == [["2026-12-07", "2026-12-21"]]


def test_nothing_is_rehearsed_before_it_is_unfolded(clinic):
    """The page holds no day to choose and no second strip."""
    page = clinic.page()
    assert any(box.label == "Plan ahead" for box in page.expander)
    assert not [box for box in page.date_input if box.label.startswith("Session")]


@pytest.mark.parametrize("why", ["a past day", "a closed plan", "read only"])
def test_it_is_not_offered(clinic, why, monkeypatch):
    """On any day but today, for a plan that expects nothing, and to whoever may note no bookings."""
    if why == "a closed plan":
        close_course(DESK, clinic.store, clinic.course, closed_on=TODAY, reason="moved_away")
    if why == "read only":
        monkeypatch.setattr("pages.parts.plan_ahead.may", lambda actor, permission: False)
    page = clinic.page(**({"day": "2026-11-01"} if why == "a past day" else {}))
    assert not any(box.label == "Plan ahead" for box in page.expander)


def test_what_people_typed_is_shown_as_it_is(clinic):
    """Reasons of pauses and closures with markup in them raise nothing and stay out of Markdown."""
    pause(DESK, clinic.store, clinic.patient.id, cause="wish", reason=HOSTILE, starts_on=TODAY)
    add_closure(DESK, clinic.store, starts_on=TODAY + 3 * DAY, ends_on=TODAY + 5 * DAY, reason=HOSTILE)
    page = opened(clinic)
    strip = next(chart.proto for chart in page.get("plotly_chart") if "chosen" in chart.proto.alt)
    assert "<b>x" not in strip.spec
    assert HOSTILE not in "".join(text.value for text in [*page.markdown, *page.caption, *page.warning, *page.info])
