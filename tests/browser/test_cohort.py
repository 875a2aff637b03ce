"""What people do with the cohort's small timelines, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.screen import cells, headers, press, settled, table

pytestmark = pytest.mark.browser
OPENED = 60_000
PLANS = "50 treatment plans in the order of the picture"


def first_name(page):
    """The name in the first row of the table."""
    return table(page, PLANS).locator('[role="row"]').nth(1).locator('[role="gridcell"]').nth(1)


def test_a_plan_opens_its_patient_from_the_table_and_from_the_picture(app, page):
    """Aligned by session 1, on page 2: Open leads to the patient, Back to the same page, a lane to its patient too."""
    page.goto(app.address)
    settled(page)
    page.get_by_role("link", name="Cohort").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cohort")
    settled(page)
    page.get_by_role("radio", name="Session 1").click()
    expect(page.get_by_text("Weeks since session 1")).to_be_visible()
    settled(page)
    assert "align=session-1" in page.url
    before = first_name(page).inner_text()
    page.get_by_test_id("stNumberInputStepUp").click()
    expect(page.get_by_text(re.compile("Plans 51–100"))).to_be_visible()
    expect(first_name(page)).not_to_have_text(before)
    settled(page)
    assert "page=2" in page.url
    plans = table(page, PLANS)
    first = dict(zip(headers(plans), cells(plans, 0), strict=True))
    plans.scroll_into_view_if_needed()
    press(page, plans, 0)
    expect(page.get_by_role("heading", level=1)).to_have_text(first["Patient"], timeout=OPENED)
    settled(page)
    page.go_back()
    expect(page.get_by_text(re.compile("Plans 51–100"))).to_be_visible(timeout=OPENED)
    expect(page.get_by_text("Weeks since session 1")).to_be_visible()
    settled(page)
    name = page.locator(".scatterlayer .textpoint").nth(1)
    expect(name).to_be_visible()
    box = page.locator(".nsewdrag").first.bounding_box()
    lane = name.bounding_box()
    second = cells(table(page, PLANS), 1)
    page.mouse.click(box["x"] + box["width"] - 8, lane["y"] + lane["height"] / 2)
    expect(page.get_by_role("heading", level=1)).to_have_text(second[1], timeout=OPENED)
