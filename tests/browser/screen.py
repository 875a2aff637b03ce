"""A browser's page on the app: what a person sees and does there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.browser.chromium import find

# Chromium calls home at start; a machine without a network makes it wait.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE = 30_000
OPEN_COLUMN, HEADER, ROW = 35, 18, 35


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)
        yield chromium
        chromium.close()


def settled(page: Page) -> None:
    """Wait until the app has run and drawn."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE)


def enter(page: Page, address: str, login: str, password: str, path: str = "/") -> None:
    """Ask for a page, and sign in on the sign-in page that comes first."""
    page.goto(f"{address}{path}")
    page.get_by_label("Name").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"^(?!.*/login).*$"))


def table(page: Page, alt: str) -> Locator:
    """The table whose description has these words in it, once it has rows."""
    found = page.get_by_test_id("stDataFrame").filter(has=page.locator(f'[aria-label*="{alt}"]'))
    expect(found.locator('[role="row"]').nth(1)).to_be_attached(timeout=PATIENCE)
    return found


def cells(table: Locator, row: int) -> list[str]:
    """What stands in a row of a table, from 0 on, as a screen reader reads it."""
    return table.locator('[role="row"]').nth(row + 1).locator('[role="gridcell"]').all_inner_texts()


def headers(table: Locator) -> list[str]:
    """A table's column names."""
    return table.locator('[role="columnheader"]').all_inner_texts()


def type_day(page: Page, label: str, day: date) -> None:
    """Type a day into the date input of that label, and leave it past its calendar's button: only then is it taken."""
    page.get_by_role("spinbutton", name=f"day, {label}").click()
    page.keyboard.type(f"{day:%d%m%Y}")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")


def press(page: Page, table: Locator, row: int, x: int = OPEN_COLUMN) -> None:
    """Press the button in a row, the first column's unless told how many pixels from the left it lies."""
    _click(page, table, x, HEADER * 2 + ROW * row + ROW / 2)


def sort_down_by(page: Page, table: Locator, name: str, x: int) -> None:
    """Sort by the column of that name, the most first, by pressing its header `x` pixels from the left edge."""
    header = table.locator('[role="columnheader"]').filter(has_text=name)
    for arrow in "↑↓":
        _click(page, table, x, HEADER)
        expect(header).to_have_text(f"{arrow} {name}")


def _click(page: Page, table: Locator, x: float, y: float) -> None:
    box = table.locator("canvas").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + x, box["y"] + y)
