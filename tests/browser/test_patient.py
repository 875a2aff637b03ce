"""What somebody does on a patient's page, in a real browser: timeline, planning ahead, the handout."""

import re
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from clinic_data.actor import DESK
from clinic_data.database import Store
from clinic_data.patients import contacts
from clinic_data.schedule_input import read_schedule_input
from clinic_data.visits import read_visits
from lib.words import come_between, day, days_range
from tests.browser.app import NOW
from tests.browser.screen import PATIENCE, settled, table, type_day
from tests.clinic_data.test_handout_file import written

pytestmark = pytest.mark.browser
TODAY = date.fromisoformat(NOW[:10])
DAY = timedelta(days=1)
PLACE = """([name, at]) => {
    const plot = document.querySelector('.js-plotly-plot'), {xaxis, yaxis} = plot._fullLayout;
    const trace = plot.data.find(trace => trace.name === name), box = plot.getBoundingClientRect();
    const isBar = trace.type === 'bar';
    const x = new Date(isBar ? trace.base[at] : trace.x[at]).getTime() + (isBar ? trace.x[at] / 2 : 0);
    return [box.left + xaxis._offset + xaxis.l2p(x), box.top + yaxis._offset + yaxis.l2p(trace.y[at])];
}"""


@pytest.fixture
def code(app) -> str:
    """A patient of the demo with one plan and two sessions that were done."""
    with Store(app.database).read() as db:
        found = db.query(
            "select p.code from patients p join courses c on c.patient_id = p.id join visits v on v.patient_id = p.id"
            " where v.kind = 'session' and v.status = 'completed' group by p.id"
            " having count(distinct c.id) = 1 and count(distinct v.id) = 2 order by p.id"
        )
        return str(next(iter(found))["code"])


@pytest.fixture
def healing(app) -> dict[str, Any]:
    """The next session of a patient with one plan, not booked, before which the skin still heals.

    Beside its row of the schedule: patient_id, code, name. The clinic is open on its window's first day.
    """
    store = Store(app.database)
    known = read_schedule_input(DESK, store, TODAY)
    rows = known.schedule().merge(known.courses[["course_id", "patient_id"]].drop_duplicates("patient_id", keep=False))
    rows = rows[(rows["kind"] == "session") & (rows["status"] == "upcoming") & (rows["number"] > 1)]
    rows = rows[rows["booked_on"].isna() & rows["flag"].isna() & (rows["earliest_on"] > pd.Timestamp(TODAY + 3 * DAY))]
    shut = known.closures
    rows = rows[[not ((shut["starts_on"] <= on) & (on < shut["ends_on"])).any() for on in rows["due_on"]]]
    row = rows.iloc[0].to_dict()
    return row | contacts(DESK, store, [row["patient_id"]])[["code", "name"]].iloc[0].to_dict()


def drawn(page: Page) -> None:
    """Wait until page and picture are there, the picture in the window."""
    settled(page)
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=PATIENCE)
    page.get_by_text("Timeline", exact=True).scroll_into_view_if_needed()
    page.locator(".js-plotly-plot").first.scroll_into_view_if_needed()


def point(page: Page, name: str, at: int = 0) -> tuple[float, float]:
    """Where on the screen a mark or the middle of a bar lies."""
    x, y = page.evaluate(PLACE, [name, at])
    return x, y


def test_weeks_a_window_s_rule_and_a_visit_whole(app, page, code):
    """Counted in weeks; over a window its dates, rule and source; a press on it and a row of the table open a visit."""
    page.goto(f"{app.address}/patient?patient={code}")
    drawn(page)
    page.get_by_role("radio", name="Session 1").or_(page.get_by_text("Session 1", exact=True)).first.click()
    expect(page.get_by_text(re.compile("weeks since session 1, "))).to_be_attached(timeout=PATIENCE)
    drawn(page)
    x, y = point(page, "Window: Sessions")
    page.mouse.move(x, y)
    hover = page.locator(".hoverlayer .hovertext").first
    expect(hover).to_contain_text(re.compile(r"^\d\d .* 20\d\d.*Session 1"))
    expect(hover).to_contain_text("of the plan's opening")
    page.mouse.click(x, y)
    said = page.get_by_test_id("stText").filter(has_text="How it went: Came")
    expect(said).to_have_count(1, timeout=PATIENCE)
    expect(said).to_contain_text("Rule: within")
    history = table(page, "The patient's visits, the latest first")
    history.scroll_into_view_if_needed()
    box = history.locator("canvas").first.bounding_box()
    page.mouse.click(box["x"] + 15, box["y"] + 36 + 35 / 2)
    expect(page.get_by_test_id("stText").filter(has_text="How it went:")).to_have_count(2, timeout=PATIENCE)


def chosen(page: Page) -> Locator:
    """The visit that was chosen in the timeline."""
    return page.get_by_test_id("stText").filter(has_text="How it went:")


def test_what_is_chosen_stays_until_another_is_or_it_is_closed(app, page, code):
    """Session 1 is chosen, then weeks and another range; session 2 takes its place; closed, it can be chosen again."""
    page.goto(f"{app.address}/patient?patient={code}")
    drawn(page)
    page.mouse.click(*point(page, "Window: Sessions"))
    expect(chosen(page)).to_contain_text("Rule: within", timeout=PATIENCE)
    first = chosen(page).inner_text()
    for choice, told in (("Session 1", "in weeks since session 1"), ("This series", "2026, from ")):
        page.get_by_role("radio", name=choice).or_(page.get_by_text(choice, exact=True)).first.click()
        expect(page.get_by_role("figure", name=told)).to_be_attached(timeout=PATIENCE)
        settled(page)
        expect(chosen(page)).to_have_text(first)
    drawn(page)
    page.mouse.click(*point(page, "Window: Sessions", 1))
    expect(chosen(page)).to_contain_text("after session 1", timeout=PATIENCE)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(chosen(page)).to_have_count(0, timeout=PATIENCE)
    drawn(page)
    page.mouse.click(*point(page, "Window: Sessions", 1))
    expect(chosen(page)).to_contain_text("after session 1", timeout=PATIENCE)


def test_a_booking_is_planned_and_noted(app, page, healing):
    """Too soon is said before anything is stored; in the window it is noted, and stands on the page."""
    store = Store(app.database)
    before = len(read_visits(DESK, store, healing["patient_id"]))
    page.goto(f"{app.address}/patient?patient={healing['code']}")
    settled(page)
    page.get_by_text("Plan ahead", exact=True).click()
    label = f"Session {healing['number']} on"
    fits = page.get_by_test_id("stAlert").filter(has_text=label)
    soon, due = healing["earliest_on"] - DAY, healing["due_on"]
    expect(fits).to_be_visible(timeout=PATIENCE)
    settled(page)

    type_day(page, label, soon)
    expect(fits).to_contain_text(f"on {day(soon)}: Too soon: skin not healed", timeout=PATIENCE)
    expect(fits).to_contain_text(f"not healed before {day(healing['earliest_on'])}, 1 day later")
    type_day(page, label, due)
    window = f"In the window (window {days_range(due, healing['overdue_on'] - DAY)})"
    expect(fits).to_contain_text(f"on {day(due)}: {window}", timeout=PATIENCE)
    page.get_by_text("Note this booking", exact=True).click()
    expect(page.get_by_text("Saving this:")).to_be_visible(timeout=PATIENCE)
    assert len(read_visits(DESK, store, healing["patient_id"])) == before

    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved: note this booking.")).to_be_visible(timeout=PATIENCE)
    settled(page)
    told = re.compile(rf"^Session {healing['number']} is due .*; booked for {day(due)}\.")
    expect(page.get_by_text(told)).to_be_visible()
    assert len(read_visits(DESK, store, healing["patient_id"])) == before + 1


def test_the_handout_is_downloaded_and_printed(app, page, healing, tmp_path):
    """The patient's own name and days on one printed page, of nobody else, and nothing in it that runs."""
    page.goto(f"{app.address}/patient?patient={healing['code']}")
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Handout to print").click()
    assert download.value.suggested_filename == f"handout-{healing['code']}.html"
    download.value.save_as(tmp_path / "handout.html")
    sheet = page.context.new_page()
    sheet.goto((tmp_path / "handout.html").as_uri())
    sheet.emulate_media(media="print")
    said = sheet.locator("body").inner_text()
    assert f"For {healing['name']}, printed on {day(TODAY)}" in said
    assert come_between(healing["due_on"], healing["overdue_on"]) in said
    with Store(app.database).read() as db:
        others = {row["name"] for row in db.query("select name from patients")} - {healing["name"]}
    assert not [name for name in others if name in said]
    expect(sheet.locator("script")).to_have_count(0)
    pages, printed = written(sheet.pdf(prefer_css_page_size=True))
    assert pages == 1
    assert healing["name"] in printed
