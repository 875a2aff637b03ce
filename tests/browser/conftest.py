"""One server for all browser tests, and a fresh page for each."""

import re

import pytest

from tests.browser.app import served


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The demo clinic, served; afterwards its log must hold no warning."""
    with served(tmp_path_factory.mktemp("demo")) as app:
        yield app
        assert not re.search(r"warn|error|traceback|exception", app.log(), re.IGNORECASE), app.log()


@pytest.fixture
def page(chromium):
    """A new browser window, desktop sized."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    yield context.new_page()
    context.close()
