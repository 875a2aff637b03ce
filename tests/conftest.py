"""What tests of the clinic's data start from: an empty clinic, somebody who acts, and a day that stays."""

from datetime import date

import pytest

from clinic_data.actor import Actor
from clinic_data.database import Store, prepare
from clinic_data.settings import change_settings


@pytest.fixture(scope="session", autouse=True)
def _own_environment():
    """No test works on the clinic, or by the clock, of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("CLINIC_DB", "CLINIC_NOW"):
            environment.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium, one for all tests in a browser."""
    # Imported here: few tests need what drives it.
    from tests.browser.screen import browser

    with browser() as chromium:
        yield chromium


@pytest.fixture
def actor() -> Actor:
    """Who acts in the tests."""
    return Actor("Ada", "manager")


@pytest.fixture
def store(tmp_path, actor) -> Store:
    """An empty clinic in London, a demo, so that its clock may be set."""
    store = prepare(tmp_path / "clinic.db")
    change_settings(actor, store, clinic_name="Test clinic", time_zone="Europe/London", is_demo=True)
    return store


@pytest.fixture
def today(monkeypatch) -> date:
    """The day it is: Monday 23 November 2026."""
    monkeypatch.setenv("CLINIC_NOW", "2026-11-23T09:00:00+00:00")
    return date(2026, 11, 23)
