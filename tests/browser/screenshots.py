"""Pictures of the app for the README and for looking at: `python -m tests.browser.screenshots`.

They come from the demo clinic on a fixed day, so that they change only when the app does.
"""

import tempfile
from pathlib import Path

import pandas as pd
from playwright.sync_api import Browser

from clinic_data.actor import DEMO_DESK
from clinic_data.database import Store
from clinic_data.patients import contacts
from clinic_data.schedule_input import read_schedule_input
from tests.browser.app import NOW, Served, served
from tests.browser.screen import browser, settled

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
SIZES = {"desktop": (1440, 900), "phone": (375, 812)}


def overdue_code(app: Served) -> str:
    """The public code of the patient whose session is the longest overdue."""
    known = read_schedule_input(DEMO_DESK, Store(app.database), pd.Timestamp(NOW).date())
    rows = known.schedule()
    course = rows[rows["flag"] == "missed_session"].sort_values("days_overdue")["course_id"].iloc[-1]
    patient = known.courses.set_index("course_id").loc[course, "patient_id"]
    return contacts(DEMO_DESK, Store(app.database), [patient])["code"].iloc[0]


def take(chromium: Browser, address: str, name: str, size: str, scheme: str) -> None:
    """One picture of a page, as long as the page is on a phone."""
    width, height = SIZES[size]
    page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB")
    page.goto(address)
    settled(page)
    if size == "phone":
        whole = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
        page.set_viewport_size({"width": width, "height": max(height, int(whole))})
        settled(page)
    page.wait_for_timeout(1500)  # tables and pictures are drawn after the app has run
    page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png")
    page.close()


def main() -> None:
    """Take every picture, light and dark, desktop and phone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as app, browser() as chromium:
        pages = {"follow-ups": app.address, "patient": f"{app.address}/patient?patient={overdue_code(app)}"}
        for name, address in pages.items():
            for size in SIZES:
                for scheme in ("light", "dark"):
                    take(chromium, address, name, size, scheme)
    print(f"{len(pages) * len(SIZES) * 2} pictures in {FOLDER.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
