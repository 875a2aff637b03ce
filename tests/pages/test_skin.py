"""What the patient's page tells of the skin: the phases with their days, the texts that differ, and what to watch."""

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from clinic_data.actor import DESK
from clinic_data.changes import read_changes, undo
from clinic_data.courses import close_course, open_course
from clinic_data.holds import pause
from clinic_data.patients import mark_gone, read_patient, register_patient
from clinic_data.visits import record_visit
from tests.browser.app import NOW
from tests.pages.tabs import with_tab
from tests.pages.test_recording import Clinic

TODAY = date.fromisoformat(NOW[:10])
SEE = "What to see and do"
HOSTILE = "<b>x</b> *y* $z$ [a](b)"


@pytest.fixture
def clinic(tmp_path, monkeypatch):
    """A small clinic of its own for each test: one session five weeks ago, on 19 October 2026."""
    monkeypatch.setenv("CLINIC_NOW", NOW)
    monkeypatch.setenv("CLINIC_DB", str(tmp_path / "clinic.db"))
    return Clinic(tmp_path / "clinic.db")


def steps(page: AppTest) -> list[str]:
    """The phases' headings."""
    return [box.label.replace("\\", "") for box in page.expander if " 20" in box.label]


def said(page: AppTest) -> str:
    """What stands on the page as text."""
    return "\n".join(text.value for text in [*page.markdown, *page.caption]).replace("\\", "")


def test_every_phase_has_its_own_days(clinic):
    """In order of time, the current one and the next named in words, the silent time among them."""
    page = with_tab(clinic.page(), SEE)
    assert [step.strip() for step in steps(page)] == [
        "**Glow and redness** · 19–21 Oct 2026 :gray[· over]",
        "**Healing** · 22–26 Oct 2026 :gray[· over]",
        "**First change** · 26 Oct – 02 Nov 2026 :gray[· over]",
        "**Visible results** · 02–16 Nov 2026 :gray[· over]",
        "**Build** · 16–30 Nov 2026 :blue-badge[Now]",
        "**Collagen peak** · 30 Nov – 14 Dec 2026 :gray-badge[Next]",
        "No source says what to see · 15 Dec 2026 – 18 Jan 2027",
        "**Long-term result** · 19 Jan – 19 Apr 2027",
        "**Lasting** · 19 Apr 2027 – 19 Oct 2028",
    ]
    assert "Now: **Build**. Next: **Collagen peak**, from 30 Nov 2026." in said(page)


def test_both_texts_that_differ_are_shown(clinic):
    """Who says visible and who most significant, with the patient's own days, and that no average is made."""
    text = said(with_tab(clinic.page(), SEE))
    assert "Article 1 (visible at 2–4 weeks): **Visible results**, 02–16 Nov 2026. Grade: practice." in text
    assert "Article 4 (most significant from 4–6 weeks): **Build**, 16–30 Nov 2026. Grade: practice." in text
    assert "no average is made" in text


def test_every_phase_names_source_and_grade(clinic):
    """And what to do."""
    text = said(with_tab(clinic.page(), SEE))
    assert text.count("**What to do:**") == 8
    assert text.count("Grade: ") >= 8
    assert text.count("Source: ") >= 8


@pytest.mark.parametrize("how", ["paused", "closed", "gone"])
def test_a_patient_who_is_not_to_come_is_not_asked_to(clinic, how):
    """What to do after the skin has healed speaks of visits: of none during a pause or after the plan's end."""
    if how == "paused":
        pause(DESK, clinic.store, clinic.patient.id, cause="medical", reason="pregnant", starts_on=TODAY)
    elif how == "closed":
        close_course(DESK, clinic.store, clinic.course, closed_on=TODAY, reason="patient_stopped")
    else:
        with clinic.store.change(DESK, "mark as gone", patient_id=clinic.patient.id) as change:
            mark_gone(change, clinic.patient.id, status="deceased", on=TODAY)
    text = said(with_tab(clinic.page(), SEE))
    assert "Time for the next session" not in text
    assert text.count("**What to do:**") == 4
    assert "What to do is left out where it speaks of visits" in text


def test_in_the_silent_time_the_next_phase_is_named(clinic, monkeypatch):
    """No source says what to see then."""
    monkeypatch.setenv("CLINIC_NOW", "2026-12-20T09:00:00+00:00")
    text = said(with_tab(clinic.page(), SEE))
    assert "No source says what to see now; remodelling goes on. Next: **Long-term result**, from 19 Jan 2027." in text


def test_before_the_first_session_there_are_no_days(clinic):
    """A sentence says from what they are counted."""
    undo(DESK, clinic.store, read_changes(DESK, clinic.store, clinic.patient.id)[0].id)
    page = with_tab(clinic.page(), SEE)
    assert "The phases are counted from a session, and none is done yet." in said(page)
    assert steps(page) == []


def test_what_to_watch_is_shown_with_its_source(clinic):
    """What is recorded of patient and plan, what people typed as they typed it."""
    clinic.code = register_patient(
        DESK, clinic.store, "Mia Holm", born_on=date(1990, 3, 3), skin_type="oily", factors=["smoking", HOSTILE]
    )
    patient = read_patient(DESK, clinic.store, clinic.code)
    plan = open_course(
        DESK, clinic.store, patient.id, protocol_id="acne-scars", area="Cheeks", planned_sessions=3, opened_on=TODAY
    )
    day = TODAY - timedelta(days=9)
    record_visit(DESK, clinic.store, [plan], kind="session", visit_date=day, depth_mm=1.2)
    page = with_tab(clinic.page(), "What to watch")
    table = page.table[0].value
    assert [told.replace("\\", "") for told in table["Recorded"]] == [
        "**Age:** 36 years",
        "**Skin type:** oily",
        "**Depth:** 1.2 mm last time",
        f"**To watch:** {HOSTILE}",
        "**To watch:** smoking",
    ]
    assert HOSTILE not in " ".join(table["Recorded"])
    assert table["Source"].tolist()[0] == "Articles 2–4. Grade: practice"
    assert "no published window is replaced by one of the clinic's own" in said(page)
