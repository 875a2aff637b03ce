"""The table of expected visits: it tells of the published windows that the timeline draws."""

import pytest
from streamlit.testing.v1 import AppTest


def page(protocol, others):
    """A page of nothing but the table, of one plan or of two."""
    from dataclasses import replace

    from pages.parts.tables import show_expected
    from tests.charts.course import course

    visits = ["2025-10-14 session completed", "2025-12-20 session completed"]
    plan = course(visits, protocol=protocol).plan
    show_expected([plan, *(replace(course(visits, protocol=other).plan, id=2) for other in others)])


def columns(protocol, *others) -> dict[str, list]:
    """The table's columns with what stands in them."""
    app = AppTest.from_function(page, args=(protocol, others), default_timeout=60).run()
    assert not app.exception
    return app.dataframe[0].value.to_dict("list")


@pytest.fixture
def own():
    """A protocol with windows of the clinic's own."""
    from tests.charts.own import own_protocol

    return own_protocol()


def test_a_published_window_stands_beside_the_clinic_s_own(own):
    """With its days, number and source, where the window rests on a number of the clinic's; session 1 does not."""
    told = columns(own)
    assert dict(zip(told["what"], told["published"], strict=True)) == {
        "Session 1": "",
        "Session 2": "11–25 Nov 2025: 4–6 weeks (practice: articles 2, 3)",
        "Session 3": "17–31 Jan 2026: 4–6 weeks (practice: articles 2, 3)",
        "Maintenance session 1": "",
    }


def test_there_is_no_such_column_without_a_number_of_the_clinic_s_own(own):
    """Under shipped protocols the windows are the published ones; beside another plan's it is there."""
    assert "published" not in columns("acne-scars")
    assert [bool(text) for text in columns("acne-scars", own)["published"]].count(True) == 2
