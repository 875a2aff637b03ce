"""Pictures of the app for the README and for looking at: `python -m tests.browser.screenshots`.

They come from the demo clinic on a fixed day, so that they change only when the app does.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from playwright.sync_api import Browser, Page, expect

from clinic_data.actor import DESK
from clinic_data.database import Store
from clinic_data.patients import contacts, fold
from clinic_data.schedule_input import read_schedule_input
from lib.worklist import by_patient, flagged
from tests.browser.app import NOW, Served, run_clinic, served
from tests.browser.screen import PATIENCE, browser, enter, settled

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
LOGIN, PASSWORD = "ada", "seven quiet mornings"
SIZES = {"desktop": (1440, 900), "phone": (375, 812)}


def overdue_code(app: Served) -> str:
    """The public code of the patient whose session is the longest overdue."""
    known = read_schedule_input(DESK, Store(app.database), pd.Timestamp(NOW).date())
    rows = known.schedule()
    course = rows[rows["flag"] == "missed_session"].sort_values("days_overdue")["course_id"].iloc[-1]
    patient = known.courses.set_index("course_id").loc[course, "patient_id"]
    return contacts(DESK, Store(app.database), [patient])["code"].iloc[0]


def several_plans_code(app: Served) -> str:
    """The public code of the patient with several plans in which the most visits took place."""
    with Store(app.database).read() as db:
        found = db.query(
            "select p.code from patients p join courses c on c.patient_id = p.id join visit_courses vc"
            " on vc.course_id = c.id join visits v on v.id = vc.visit_id and v.status = 'completed'"
            " group by p.id having count(distinct c.id) > 1 order by count(distinct v.id) desc, p.id limit 1"
        )
        return str(next(iter(found))["code"])


NAMES = ["محمد العربي", "Ann 🌸 Ray", "<b>Bo</b> *Lo*", " ".join(["Longname"] * 9)[:80]]
"""Names that are easily shown wrongly; the most urgent patients of a clinic of its own get them."""


def rename(app: Served) -> str:
    """Give the most urgent patients these names; returns the code of the last."""
    store = Store(app.database)
    known = read_schedule_input(DESK, store, pd.Timestamp(NOW).date())
    patients = by_patient(flagged(known.schedule(), known.courses))["patient_id"].tolist()
    with store.change(DESK, "rename") as change:
        for patient, name in zip(patients, NAMES, strict=False):
            change.update("patients", patient, name=name, folded_name=fold(name))
    return contacts(DESK, store, patients[len(NAMES) - 1 : len(NAMES)])["code"].iloc[0]


def take(
    chromium: Browser,
    address: str,
    name: str,
    size: str,
    scheme: str,
    press: str = "",
    *,
    whole: bool = False,
    signs_in: bool = False,
    is_app: bool = True,
    then: Callable[[Page], None] | None = None,
) -> None:
    """One picture of a page after pressing what has the text `press`, the whole page on a phone or where it is said.

    The scheme "grey" is the light one as a black-and-white printer shows it. The gate's own pages are not the app.
    """
    width, height = SIZES[size]
    theme = "light" if scheme == "grey" else scheme
    page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=theme, locale="en-GB")
    if signs_in:
        enter(page, address, LOGIN, PASSWORD, path="")
    else:
        page.goto(address)
    if is_app:
        settled(page)
    if scheme == "grey":
        page.add_style_tag(content="html { filter: grayscale(1) }")
    if press:
        page.get_by_text(press, exact=True).first.click()
        settled(page)
    if then:
        then(page)
        settled(page)
    page.wait_for_timeout(1500)  # tables and pictures are drawn after the app has run
    if is_app and (size == "phone" or whole):
        long = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
        page.set_viewport_size({"width": width, "height": max(height, int(long))})
        settled(page)
        page.wait_for_timeout(1500)
    page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png", full_page=not is_app)
    page.close()


def call_somebody(page: Page) -> None:
    """Open the first patient of the list by keyboard."""
    box = page.get_by_role("combobox", name="Call a patient from this list by name")
    box.click()
    box.press("ArrowDown")
    box.press("Enter")
    expect(page.locator(".st-key-at-work")).to_be_visible(timeout=PATIENCE)


def let_in(database: Path) -> None:
    """The first manager's account."""
    run_clinic(database, "account", "add", LOGIN, "--name", "Ada Brook", "--role", "manager", typed=f"{PASSWORD}\n")


def every_way(chromium: Browser, address: str, name: str, press: str = "") -> None:
    """A page light and dark, on a desktop and a phone."""
    for size in SIZES:
        for scheme in ("light", "dark"):
            take(chromium, address, name, size, scheme, press)


def main() -> None:
    """Take every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as app:
            patient = f"{app.address}/patient?patient={overdue_code(app)}"
            every_way(chromium, f"{app.address}/caseload", "caseload")
            every_way(chromium, app.address, "follow-ups")
            overdue = f"{app.address}/?flag=Session overdue, not booked"
            for size, scheme in (("desktop", "light"), ("phone", "dark")):
                take(chromium, overdue, "call", size, scheme, whole=True, then=call_somebody)
            every_way(chromium, f"{app.address}/cohort", "cohort")
            take(chromium, f"{app.address}/cohort", "cohort", "desktop", "grey")
            aligned = f"{app.address}/cohort?align=session-1&rank=regularity"
            take(chromium, aligned, "cohort-aligned", "desktop", "light")
            every_way(chromium, patient, "patient")
            every_way(chromium, patient, "booking", "Note a booking")
            for size, scheme in (("desktop", "light"), ("phone", "dark")):
                take(chromium, patient, "see-and-do", size, scheme, "What to see and do", whole=True)
            several = f"{app.address}/patient?patient={several_plans_code(app)}"
            take(chromium, several, "all-plans", "desktop", "light", "All plans", whole=True)
            take(chromium, several, "all-plans", "phone", "dark", "All plans")
            take(chromium, several, "all-plans", "desktop", "grey", "All plans", whole=True)
            take(chromium, f"{app.address}/new-patient", "new-patient", "desktop", "light")
            take(chromium, f"{app.address}/settings", "settings", "desktop", "light")
        with tempfile.TemporaryDirectory() as folder, served(Path(folder), "--patients", "200") as app:
            code = rename(app)
            take(chromium, app.address, "names", "desktop", "light")
            take(chromium, f"{app.address}/patient?patient={code}", "names-patient", "phone", "dark")
        with tempfile.TemporaryDirectory() as folder, served(Path(folder), "--patients", "1") as app:
            take(chromium, f"{app.address}/caseload", "one-patient", "desktop", "light")
        with tempfile.TemporaryDirectory() as folder, served(Path(folder), "--empty", now=None, fill=let_in) as app:
            for size, scheme in (("desktop", "light"), ("phone", "dark")):
                take(chromium, app.address, "sign-in", size, scheme, is_app=False)
            take(chromium, app.address, "empty", "desktop", "light", signs_in=True)
            take(chromium, f"{app.address}/caseload", "empty-caseload", "phone", "light", signs_in=True)
            take(chromium, f"{app.address}/accounts", "accounts", "desktop", "light", signs_in=True)
            take(chromium, f"{app.address}/account", "own-account", "phone", "light", signs_in=True, is_app=False)
            take(chromium, f"{app.address}/trail", "trail", "desktop", "dark", signs_in=True)
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
