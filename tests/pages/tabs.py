"""The tabs below the picture on a patient's page."""

from streamlit.testing.v1 import AppTest

from pages.parts.details import DETAILS


def with_tab(page: AppTest, name: str) -> AppTest:
    """The patient's page with that tab open."""
    page.session_state[DETAILS] = name
    page.run()
    assert not page.exception
    return page
