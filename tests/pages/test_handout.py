"""The handout on a patient's page: made when it is pressed, for whoever may export, today."""

from dataclasses import replace
from datetime import date

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from clinic_data.actor import DESK, FRONT_DESK, READ_ONLY, Actor
from clinic_data.patients import read_patient
from tests.browser.app import NOW
from tests.clinic_data.rows import rows

TODAY = date.fromisoformat(NOW[:10])
EXPORTS = "select v.what, v.patient_id from trail t join trail_values v on v.trail_id = t.id where t.kind = 'export'"


def page(actor, patient, course):
    """A page of nothing but the buttons."""
    from clinic_data.database import store_at
    from pages.parts.handout import show_handout

    show_handout(actor, store_at(), patient, course)


@pytest.fixture
def offered(monkeypatch):
    """What makes each file that a page offers, by its button."""
    files: dict = {}
    button = st.download_button

    def offer(label, data, **options):
        files[label] = (options["file_name"], data)
        return button(label, data, **options)

    monkeypatch.setattr(st, "download_button", offer)
    return files


@pytest.fixture
def somebody(demo, monkeypatch):
    """A patient with her plan."""
    monkeypatch.setenv("CLINIC_DB", str(demo.path))
    monkeypatch.setenv("CLINIC_NOW", NOW)
    course_id, code = rows(demo, "select c.id, p.code from courses c join patients p on p.id = c.patient_id limit 1")[0]
    return read_patient(DESK, demo, code), {"course_id": course_id}


def test_nothing_is_made_before_it_is_pressed(demo, somebody, offered):
    """The trail then has each, with the patient; the files bear her code, not her name."""
    patient, _ = somebody
    before = len(rows(demo, EXPORTS))
    app = AppTest.from_function(page, args=(Actor("Flo", FRONT_DESK), *somebody), default_timeout=60).run()
    assert not app.exception
    assert {label: name for label, (name, _) in offered.items()} == {
        "Handout to print": f"handout-{patient.code}.html",
        "Handout as PDF": f"handout-{patient.code}.pdf",
    }
    assert len(rows(demo, EXPORTS)) == before
    sheet, paper = (make() for _, make in offered.values())
    assert patient.name in sheet.decode()
    assert paper.startswith(b"%PDF")
    assert rows(demo, EXPORTS)[before:] == [("handout to print", patient.id), ("handout as PDF", patient.id)]


def test_whoever_may_not_export_is_offered_nothing(somebody, offered):
    """Reading only, there is not even the button."""
    assert not AppTest.from_function(page, args=(Actor("Eve", READ_ONLY), *somebody)).run().exception
    assert offered == {}


def test_nobody_takes_home_a_handout_of_the_dead(somebody, offered):
    """Its words are for the patient."""
    patient, plan = somebody
    assert not AppTest.from_function(page, args=(DESK, replace(patient, status="deceased"), plan)).run().exception
    assert offered == {}


def test_the_page_offers_today_s(somebody, open_page, offered):
    """On a past day there is none: it would not be of that day."""
    patient, _ = somebody
    open_page("patient.py", patient=patient.code)
    assert "Handout to print" in offered
    offered.clear()
    open_page("patient.py", patient=patient.code, day="2026-11-16")
    assert "Handout to print" not in offered
