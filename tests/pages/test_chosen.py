"""The visit chosen in the timeline stays shown until another one is chosen or it is closed, as the plan has it now."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from clinic_data.actor import DESK
from clinic_data.corrections import remove_visit
from clinic_data.holds import pause
from clinic_data.visits import read_visits
from pages.parts.timeline import CHOSEN
from tests.browser.app import NOW
from tests.pages.test_recording import TODAY, Clinic, checked, press, widget

SESSION = TODAY - timedelta(days=35)


@pytest.fixture
def clinic(tmp_path, monkeypatch):
    """One patient whose session 1 was five weeks ago."""
    monkeypatch.setenv("CLINIC_NOW", NOW)
    monkeypatch.setenv("CLINIC_DB", str(tmp_path / "clinic.db"))
    return Clinic(tmp_path / "clinic.db")


def chosen(clinic: Clinic, number: int = 1, *, is_window: bool = False, page: AppTest | None = None) -> AppTest:
    """The page on which a mark or a window of a session is chosen: what the picture's callback keeps."""
    page = page or clinic.page()
    about = [SESSION.isoformat(), "session", number, clinic.course]
    page.session_state[CHOSEN + clinic.code] = (is_window, about)
    return checked(page)


def said(page: AppTest) -> list[str]:
    """What stands of the chosen visits."""
    return [text.value for text in page.text if text.value.startswith("How it went: ")]


def test_it_stays_when_the_picture_changes(clinic):
    """In weeks instead of dates, and of another range."""
    page = chosen(clinic)
    before = said(page)
    assert before[0].startswith("How it went: Came")
    widget(page.button_group, "By date, or in weeks since").set_value("first")
    assert said(checked(page)) == before
    widget(page.button_group, "Range").set_value("next")
    assert said(checked(page)) == before


def test_another_one_takes_its_place_and_it_can_be_closed(clinic):
    """Of a window that nothing has met, what is expected; after Close the page says how to choose."""
    page = chosen(clinic, 2, is_window=True, page=chosen(clinic))
    assert [text.split("\n")[0] for text in said(page)] == ["How it went: Time to book"]
    page = press(page, "Close")
    assert said(page) == []
    assert any(caption.value.startswith("Choose a visit") for caption in page.caption)
    assert not [button for button in page.button if button.label == "Close"]


@pytest.mark.parametrize("gone", ["the visit", "the window", "the plan"])
def test_what_is_not_there_any_more_is_not_shown(clinic, gone):
    """A visit that was removed, a window that an endless pause has taken away, a plan that is not among those shown."""
    page = chosen(clinic, 2, is_window=gone == "the window")
    assert said(page)
    if gone == "the visit":
        visit = int(read_visits(DESK, clinic.store, clinic.patient.id)["visit_id"].iloc[0])
        remove_visit(DESK, clinic.store, visit)
    elif gone == "the window":
        pause(DESK, clinic.store, clinic.patient.id, cause="wish", reason="Abroad", starts_on=TODAY)
    else:
        page.session_state[CHOSEN + clinic.code] = (False, [SESSION.isoformat(), "session", 1, clinic.course + 1])
    assert said(checked(page)) == []
