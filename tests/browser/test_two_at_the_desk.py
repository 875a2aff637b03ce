"""Two people at the desk of one clinic, in two browsers: neither calls whom the other has, and nothing is lost."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from clinic_data.access.accounts import add_account
from clinic_data.actor import Actor
from clinic_data.attempts import read_attempts
from clinic_data.courses import open_course
from clinic_data.database import Store
from clinic_data.patients import read_patient, register_patient
from clinic_data.settings import read_settings
from clinic_data.visits import record_visit
from tests.browser.app import served
from tests.browser.screen import cells, headers, press, settled, table

pytestmark = pytest.mark.browser
NEXT = 150  # pixels from the table's left edge to the middle of that column
MANAGER = Actor("Mara", "manager")
PATIENTS = ["Eva Berg", "Ida Lund"]
WORDS = "a calm sentence for the desk"


def fill(path: Path) -> None:
    """Two patients whose next session is eight days over, and two who work at the desk."""
    store = Store(path)
    today = read_settings(MANAGER, store).today
    for role, login in (("manager", "mara"), ("front_desk", "ada"), ("front_desk", "bea")):
        add_account(
            MANAGER,
            store,
            login=login,
            name=login.capitalize(),
            role=role,
            password=WORDS,
            must_change_password=False,
        )
    for name in PATIENTS:
        patient_id = read_patient(MANAGER, store, register_patient(MANAGER, store, name)).id
        opened_on = today - timedelta(days=50)
        course_id = open_course(
            MANAGER,
            store,
            patient_id,
            protocol_id="acne-scars",
            area="Cheeks",
            planned_sessions=3,
            opened_on=opened_on,
        )
        record_visit(MANAGER, store, [course_id], kind="session", visit_date=opened_on)


def sign_in(chromium, address: str, login: str) -> Page:
    """A browser of her own, signed in, on Follow-ups."""
    page = chromium.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB").new_page()
    page.goto(address)
    page.get_by_label("Name").fill(login)
    page.get_by_label("Password").fill(WORDS)
    page.get_by_role("button", name="Sign in").click()
    settled(page)
    return page


def row_of(page: Page, name: str) -> tuple[int, dict[str, str]]:
    """Where a patient stands in the list, and what stands there."""
    people = table(page, "patients who need attention")
    names = headers(people)
    rows = [dict(zip(names, cells(people, place), strict=False)) for place in range(len(PATIENTS))]
    place = next(place for place, row in enumerate(rows) if row["Patient"] == name)
    return place, rows[place]


def call(page: Page, name: str):
    """Press Call in a patient's row; returns the panel that opens."""
    place, _ = row_of(page, name)
    press(page, table(page, "patients who need attention"), place, NEXT)
    at_work = page.locator(".st-key-at-work")
    expect(at_work.get_by_role("heading", name=name)).to_be_visible(timeout=30_000)
    settled(page)
    return at_work


def record(at_work, outcome: str) -> None:
    """Note what came of it, and wait until it is saved."""
    at_work.get_by_text(outcome, exact=True).click()
    at_work.get_by_role("button", name="Save", exact=True).click()
    expect(at_work.get_by_text(f"Saved: {outcome[0].lower()}{outcome[1:]}.")).to_be_visible(timeout=30_000)


def test_both_see_who_has_whom_and_both_record(chromium, tmp_path):
    """Ada takes Eva; Bea sees it, is told and can't record; each records hers; both stand in both lists, each once."""
    with served(tmp_path, "--empty", "--name", "Two desks", "--zone", "Europe/London", now=None, fill=fill) as app:
        ada, bea = sign_in(chromium, app.address, "ada"), sign_in(chromium, app.address, "bea")
        eva = call(ada, "Eva Berg")
        expect(eva.get_by_text("What came of it?")).to_be_visible()

        bea.reload()
        settled(bea)
        _, row = row_of(bea, "Eva Berg")
        assert row["State"] == "Taken by Ada"
        told = call(bea, "Eva Berg")
        expect(
            told.get_by_text(re.compile("Ada has taken this patient, for 1[45] more minutes at most"))
        ).to_be_visible()
        expect(told.get_by_text("What came of it?")).to_have_count(0)
        told.get_by_role("button", name="Done").click()
        expect(told).to_have_count(0)
        settled(bea)
        ida = call(bea, "Ida Lund")
        record(ida, "No answer")
        record(eva, "Left a message")

        for page in (ada, bea):
            page.reload()
            settled(page)
            _, first = row_of(page, "Eva Berg")
            _, second = row_of(page, "Ida Lund")
            assert "left a message (phone, Ada)" in first["Last attempt"]
            assert "no answer (phone, Bea)" in second["Last attempt"]
            assert first["State"].startswith("Call again later: ")
            expect(page.get_by_text("0 open, 0 taken, 2 call again later, 0 to decide, 0 waived")).to_be_visible()
        store = Store(app.database)
        made = read_attempts(MANAGER, store, read_settings(MANAGER, store).today).made
        assert sorted(made["actor"]) == ["Ada", "Bea"]
        for page in (ada, bea):
            page.context.close()
