"""Pages without a browser: Streamlit's own AppTest on a real clinic file."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from clinic_data.actor import DESK
from clinic_data.database import prepare
from clinic_data.demo import fill_demo
from tests.browser.app import NOW, ROOT


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """A demo clinic's file, made once."""
    store = prepare(tmp_path_factory.mktemp("pages") / "clinic.db")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CLINIC_NOW", NOW)
        fill_demo(DESK, store, today=date.fromisoformat(NOW[:10]), patients=200, seed=3)
    return store


@pytest.fixture
def open_page(demo, monkeypatch):
    """A function that runs a page with an address, as a browser would ask for it."""
    monkeypatch.setenv("CLINIC_DB", str(demo.path))
    monkeypatch.setenv("CLINIC_NOW", NOW)

    def run(page: str = "follow_ups.py", /, **address: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60)
        for key, value in address.items():
            app.query_params[key] = value
        app.run()
        if page != "follow_ups.py":
            app.switch_page(page)
            for key, value in address.items():
                app.query_params[key] = value
            app.run()
        assert not app.exception
        return app

    return run
