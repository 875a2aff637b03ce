"""A visit shown whole below the picture."""

from streamlit.testing.v1 import AppTest


def show_first_review() -> None:
    """The first review of a plan whose second session counts as that review."""
    from datetime import date

    from pages.parts.visit import show_expected_visit
    from tests.charts.course import course

    made = course(
        ["2026-01-10 session completed 1", "2026-02-10 session completed 1"], protocol="mild-texture", planned=2
    )
    row = made.plan.rows[made.plan.rows["kind"] == "review"].iloc[0]
    unsaid = ["attendance_assumed", "cancelled_by", "cancelled_on", "device", "practitioner", "notes"]
    made.visits[unsaid] = None
    show_expected_visit(made.plan, date(2026, 3, 3), row)


def test_a_review_that_a_session_met_shows_the_session():
    """Protocols may count the next session as the review."""
    page = AppTest.from_function(show_first_review).run()
    assert not page.exception
    assert "10 Feb 2026 · Session 2" in page.markdown[0].value
    assert "How it went: Came" in page.text[0].value
