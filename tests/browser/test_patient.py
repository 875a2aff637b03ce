"""What somebody does with a patient's timeline, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from clinic_data.database import Store
from tests.browser.screen import PATIENCE, settled, table

pytestmark = pytest.mark.browser
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
