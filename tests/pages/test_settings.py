"""The settings of the worklist through the page: its numbers, names in calendars, and words for patients."""

import pytest
from streamlit.testing.v1 import AppTest

from clinic_data.actor import DESK
from clinic_data.database import prepare
from clinic_data.messages import read_messages
from clinic_data.settings import change_settings, read_settings
from lib.messages import DEFAULTS
from tests.browser.app import NOW, ROOT


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty demo clinic whose name is markup."""
    monkeypatch.setenv("CLINIC_NOW", NOW)
    monkeypatch.setenv("CLINIC_DB", str(tmp_path / "clinic.db"))
    store = prepare(tmp_path / "clinic.db")
    change_settings(DESK, store, clinic_name="**Our** clinic", time_zone="Europe/London", is_demo=True)
    return store


@pytest.fixture
def page(store) -> AppTest:
    """Its settings."""
    app = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60).run()
    app.switch_page("settings.py")
    return checked(app)


def checked(app: AppTest) -> AppTest:
    """The page after a run, which raised nothing."""
    app.run()
    assert not app.exception, app.exception
    return app


def words_for(app: AppTest, label: str):
    """The text of the reason with that name."""
    return next(area for area in app.text_area if area.label == label)


def buttons(app: AppTest) -> list[str]:
    """The keys of the buttons that save words."""
    return [button.key for button in app.button if str(button.key).startswith("save words")]


def test_the_numbers_of_follow_ups_are_kept(store, page):
    """All of them and the switch with one press, inside the limits that the clinic's data has."""
    wanted = {"Days of quiet after a message was left": 7, "Attempts in vain before it is to decide": 5}
    for label, value in wanted.items():
        field = next(number for number in page.number_input if number.label == label)
        assert (field.min, field.max) == ((1, 30) if value == 7 else (1, 20))
        field.set_value(value)
    page.toggle[0].set_value(True)
    page.button(key="save follow-ups").click()
    checked(page)
    kept = read_settings(DESK, store)
    assert (kept.quiet_days_after_message, kept.attempts_before_deciding) == (7, 5)
    assert (kept.quiet_days_after_no_answer, kept.longest_quiet) == (1, 120)
    assert kept.names_in_calendar_files


def test_each_reason_has_its_words_and_how_they_read(page):
    """The program's at first, filled in for an invented patient, as text; there is nothing to save yet."""
    assert [area.value for area in page.text_area if area.label == "Not heard from"] == [DEFAULTS["lapsed"]]
    assert len(page.text_area) == len(DEFAULTS)
    shown = [text.value for text in page.text]
    assert (
        "Hello Ann, it is time to book your next visit with Dr Example. It fits best between 23 Nov 2026 and"
        " 07 Dec 2026. Please call us. **Our** clinic"
    ) in shown
    assert buttons(page) == []


def test_words_are_shown_as_they_will_read_before_they_are_saved(store, page):
    """Saved, they are in force; emptied, the program's come back."""
    words_for(page, "Not heard from").set_value("Dear {first_name}, *come*! {clinic}")
    page = checked(page)
    assert "Dear Ann, *come*! **Our** clinic" in [text.value for text in page.text]
    assert read_messages(DESK, store) == DEFAULTS
    assert buttons(page) == ["save words for lapsed"]
    page.button(key="save words for lapsed").click()
    page = checked(page)
    assert read_messages(DESK, store) == DEFAULTS | {"lapsed": "Dear {first_name}, *come*! {clinic}"}
    assert buttons(page) == []

    words_for(page, "Not heard from").set_value("")
    page = checked(page)
    page.button(key="save words for lapsed").click()
    page = checked(page)
    assert read_messages(DESK, store) == DEFAULTS
    assert words_for(page, "Not heard from").value == DEFAULTS["lapsed"]


def test_what_can_not_be_filled_in_is_said_at_once(page):
    """And can't be saved."""
    words_for(page, "Not heard from").set_value("Dear {name}")
    page = checked(page)
    assert ["{name}" in error.value.replace("\\", "") for error in page.error] == [True]
    assert buttons(page) == []
