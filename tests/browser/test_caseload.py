"""What a manager does with the caseload, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.screen import PATIENCE, cells, headers, press, settled, table

pytestmark = pytest.mark.browser
HEADER, ROW = 36, 35


def link(page, words: str):
    """The link whose label begins with these words."""
    return page.get_by_test_id("stPageLink").get_by_role("link", name=re.compile(words))


def number(text: str) -> int:
    """The last number of a text."""
    return int(re.findall(r"[\d,]+", text)[-1].replace(",", ""))


def test_a_manager_finds_what_holds_the_clinic_back_and_reaches_the_patients(app, page):
    """From the menu to the figures, to those behind one, to a patient's page, and back the same way."""
    page.goto(app.address)
    settled(page)
    page.get_by_role("link", name="Caseload").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Caseload")
    settled(page)
    overdue = link(page, "Session overdue, not booked")
    patients = number(overdue.inner_text())
    overdue.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Open flags by kind: Session overdue, not booked")
    settled(page)
    expect(page.get_by_text(f"{patients} patients on 23 Nov 2026.")).to_be_visible(timeout=PATIENCE)
    people = table(page, f"{patients} rows behind the figure")
    first = dict(zip(headers(people), cells(people, 0), strict=True))
    assert first["State"] == "Session overdue, not booked"
    assert int(first["Days over"]) > 0
    press(page, people, 0)
    expect(page.get_by_role("heading", level=1)).to_have_text(first["Patient"])
    settled(page)
    page.go_back()
    expect(page.get_by_text(f"{patients} patients on 23 Nov 2026.")).to_be_visible(timeout=PATIENCE)
    settled(page)
    page.get_by_test_id("stPageLink").get_by_role("link", name=re.compile("Caseload")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Caseload")
    settled(page)
    assert number(link(page, "Session overdue, not booked").inner_text()) == patients


@pytest.mark.parametrize("day", ["", "?day=2026-06-01"])
def test_the_first_figures_need_no_scrolling(app, chromium, day):
    """At 1366 × 768: up to when bookings are known, unsafe ones, did they come, and every flag."""
    page = chromium.new_page(viewport={"width": 1366, "height": 768}, locale="en-GB")
    page.goto(f"{app.address}/caseload{day}")
    settled(page)
    expect(page.get_by_test_id("stPlotlyChart").first).to_be_attached()
    for words in ("Bookings known up to", "Unsafe bookings", "Did they come?"):
        expect(page.get_by_test_id("stMetric").filter(has_text=words)).to_be_in_viewport(ratio=1)
    flags = page.get_by_test_id("stPageLink").filter(has_text=re.compile("booked|Booked|come|Paused: ask|Not st|Time"))
    assert flags.count() >= 12
    for at in range(12):
        expect(flags.nth(at)).to_be_in_viewport(ratio=1)
    expect(link(page, "Not started").first).to_be_in_viewport(ratio=1)
    page.close()


def test_filters_go_with_every_link_and_come_back(app, page):
    """A filter set on the caseload holds behind a figure, on Follow-ups, after Back and after a reload."""
    page.goto(f"{app.address}/caseload?day=2026-11-10")
    settled(page)
    unfiltered = link(page, "Time to book").inner_text()
    box = page.get_by_role("combobox", name=re.compile("Area"))
    box.click()
    box.fill("Chee")
    page.get_by_role("option", name="Cheeks").click()
    page.keyboard.press("Escape")  # while the list is open, all else is hidden from screen readers
    page.wait_for_url("**/caseload?*area=Cheeks*")
    expect(link(page, "Time to book")).not_to_have_text(re.compile(rf"\D{number(unfiltered)}\s*$"), timeout=PATIENCE)
    settled(page)
    shown = number(link(page, "Time to book").inner_text())
    link(page, "Time to book").click()
    page.wait_for_url("**/behind?*part=due_unbooked*")
    settled(page)
    assert {"area=Cheeks", "day=2026-11-10"} <= set(re.split("[?&]", page.url))
    said = page.get_by_text(re.compile(r"patients? on 10 Nov 2026"))
    expect(said).to_contain_text(re.compile(rf"^{shown} patients?"))
    page.reload()
    expect(said).to_contain_text(re.compile(rf"^{shown} patients?"))
    settled(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Caseload")
    settled(page)
    assert "area=Cheeks" in page.url
    assert number(link(page, "Time to book").inner_text()) == shown
    page.get_by_role("link", name="Follow-ups").click()
    expect(page.get_by_text("need attention on 10 Nov 2026")).to_contain_text("Your filters hide")
    assert "area=Cheeks" in page.url


def test_a_number_of_a_table_opens_those_it_counts(app, page):
    """A press on the first week's number of booked visits shows as many, and Back leads to the figures."""
    page.goto(f"{app.address}/caseload")
    settled(page)
    weeks = table(page, "Visits that fall due by week")
    weeks.scroll_into_view_if_needed()
    week = dict(zip(headers(weeks), cells(weeks, 0), strict=True))
    canvas = weeks.locator("canvas").first
    box = canvas.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.61, box["y"] + HEADER + ROW / 2)
    page.wait_for_url("**/behind?*figure=weeks*")
    settled(page)
    column = "Booked" if page.url.endswith("booked") else "Not booked"
    assert page.url.endswith("part=1-booked" if column == "Booked" else "part=1-open")
    visits = int(week[column])
    expect(page.get_by_text(f"{visits} visits on 23 Nov 2026")).to_be_visible()
    table(page, f"{visits} rows behind the figure")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Caseload")
    settled(page)
    table(page, "Visits that fall due by week")


def test_from_the_figure_to_the_worklist_the_number_is_the_same(app, page):
    """Whoever needs attention on Caseload is who stands in the worklist's view of all, by number."""
    page.goto(f"{app.address}/caseload")
    settled(page)
    patients = number(link(page, "Show .* patients").last.inner_text())
    link(page, "Work through those who need attention").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Follow-ups")
    settled(page)
    expect(page.get_by_role("radio", name=f"All ({patients})")).to_be_checked()
    expect(page.get_by_text(f"{patients} of 600 patients need attention on 23 Nov 2026")).to_be_visible()
