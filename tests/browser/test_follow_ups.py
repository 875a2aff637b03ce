"""What a front desk does with Follow-ups and a patient's page, in a real browser."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from lib.words import day, days_range
from tests.browser.app import run_clinic, served
from tests.browser.screen import cells, enter, headers, press, settled, sort_down_by, table

pytestmark = pytest.mark.browser
# Pixels from the table's left edge to the middle of a column. On a past day no row can be chosen, and Open comes first.
OPEN, NEXT, DAYS_OVER = 75, 150, 767


def follow_ups(page):
    """The table of patients who need attention."""
    return table(page, "patients who need attention")


def test_the_most_overdue_patient_reads_the_same_everywhere(app, page):
    """Sorted by days over, opened: the picture's data, the sentence and the table give the same dates."""
    page.goto(f"{app.address}/?flag=Session overdue, not booked")
    settled(page)
    people = follow_ups(page)
    names = headers(people)
    sort_down_by(page, people, "Days over", DAYS_OVER)
    expect(people.locator('[role="row"]').nth(1)).to_contain_text("Session overdue")
    rows = [dict(zip(names, cells(people, row), strict=True)) for row in range(5)]
    over = [int(row["Days over"]) for row in rows]
    assert over == sorted(over, reverse=True)
    most = rows[0]
    first, last = date.fromisoformat(most["Come between"]), date.fromisoformat(most["and"])
    press(page, people, 0, OPEN)
    expect(page.get_by_role("heading", level=1)).to_have_text(most["Patient"])
    settled(page)

    assert re.search(r"/patient\?patient=[a-z0-9]{10}$", page.url)
    sentence = page.get_by_text(f"{over[0]} days over: session").inner_text()
    assert f"was due {days_range(first, last)}" in sentence
    number = int(re.search(r"session (\d+) was due", sentence)[1])
    windows = page.evaluate(
        """() => document.querySelector('.js-plotly-plot').data
              .filter(trace => (trace.name || '').startsWith('Window'))
              .flatMap(trace => trace.customdata.map((about, at) => [...about, trace.base[at], trace.x[at]]))"""
    )
    drawn = {(kind, nth): (base, length) for _, kind, nth, _, base, length in windows}
    base, length = drawn["session", number]
    ends = datetime.fromisoformat(base).replace(tzinfo=UTC) + timedelta(milliseconds=length)
    assert (date.fromisoformat(base[:10]), ends.date()) == (first, last)
    page.get_by_role("tab", name="Expected visits").click()
    expected = table(page, "Every visit the plan calls for")
    row = dict(zip(headers(expected), cells(expected, number - 1), strict=False))
    assert row["Visit"] == f"Session {number}"
    assert (row["Come between"], row["and"]) == (first.isoformat(), last.isoformat())
    assert page.get_by_text(f"Was to come between {day(first)} and {day(last)} · not booked").count() == 1


def test_filters_say_whom_they_hide(app, page):
    """A filter narrows the list, stands in the address, and the page says how many it hides."""
    page.goto(app.address)
    settled(page)
    said = page.get_by_text("patients need attention on 23 Nov 2026")
    everyone = int(re.search(r"^([\d,]+)", said.inner_text())[1])
    box = page.get_by_role("combobox", name=re.compile("Flag"))
    box.click()
    box.fill("Not heard")
    page.get_by_role("option", name="Not heard from").click()
    expect(said).to_contain_text("Your filters hide")
    settled(page)
    hidden, shown = re.search(r"hide (\d+) of them; (\d+) are left", said.inner_text()).groups()
    assert int(hidden) + int(shown) == everyone
    assert "flag=Not+heard+from" in page.url
    people = table(page, f"{shown} patients who need attention")
    for row in range(1, 4):
        expect(people.locator('[role="row"]').nth(row)).to_contain_text("Not heard from")


def test_a_patient_is_found_by_name_and_by_phone(app, page):
    """The search on every page finds by part of a name and by a phone number in another writing, and opens."""
    page.goto(app.address)
    settled(page)
    row = dict(zip(headers(follow_ups(page)), cells(follow_ups(page), 0), strict=False))
    box = page.get_by_role("textbox", name="Find a patient")
    box.fill(row["Patient"].split()[-1].upper())
    box.press("Enter")
    found = page.get_by_role("link", name=row["Patient"])
    found.focus()
    found.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(row["Patient"])
    settled(page)
    phone = page.get_by_text(re.compile(r"07700|7946")).first.inner_text().split(" · ")[0]
    box = page.get_by_role("textbox", name="Find a patient")
    digits = re.sub(r"\D", "", phone)
    box.fill(" ".join(re.findall("..?.?", digits)))
    box.press("Enter")
    expect(page.get_by_role("link", name=row["Patient"])).to_be_visible()


def test_a_past_day_is_shown_and_says_so(app, page):
    """A day in the address shows the clinic as it was known then, on both pages."""
    page.goto(f"{app.address}/?day=2026-06-01")
    settled(page)
    expect(page.get_by_text("Shown for 01 Jun 2026, as it was known on that day.")).to_be_visible()
    expect(page.get_by_text("need attention on 01 Jun 2026")).to_be_visible()
    press(page, follow_ups(page), 0)
    expect(page.get_by_text("Timeline", exact=True)).to_be_visible()
    settled(page)
    assert "day=2026-06-01" in page.url
    expect(page.get_by_text("Shown for 01 Jun 2026, as it was known on that day.")).to_be_visible()


def test_an_unknown_code_and_no_code_are_explained(app, page):
    """The patient's page says what to do without a patient, and that a code is unknown."""
    page.goto(f"{app.address}/patient")
    expect(page.get_by_text("Find a patient above by name, code or phone")).to_be_visible()
    page.goto(f"{app.address}/patient?patient=nobodyhere")
    expect(page.get_by_text("There is no patient with this code")).to_be_visible()


def test_an_empty_clinic_says_how_to_begin(chromium, tmp_path):
    """A clinic of one's own starts without patients and without a mark of the demo."""
    words = "seven quiet mornings"

    def add_manager(database):
        run_clinic(database, "account", "add", "ada", "--name", "Ada", "--role", "manager", typed=f"{words}\n")

    with served(tmp_path, "--empty", "--name", "Skin *& Co* <b>", now=None, fill=add_manager) as app:
        page = chromium.new_page()
        enter(page, app.address, "ada", words)
        expect(page.get_by_text("This clinic has no patients yet.")).to_be_visible(timeout=30_000)
        expect(page.get_by_text("Skin *& Co* <b>", exact=True)).to_be_visible()
        assert page.get_by_text("Demo clinic").count() == 0
        page.close()


def test_a_practitioner_notes_the_next_booking_and_takes_it_back(app, page):
    """From a row of the list: why, the booking, the flag goes and she is gone from the list; undone, she is back."""
    page.goto(f"{app.address}/?flag=Session overdue, not booked")
    settled(page)
    people = follow_ups(page)
    name = cells(people, 0)[2]
    before = int(re.search(r"\d+", people.locator("[aria-label*=attention]").first.get_attribute("aria-label"))[0])
    press(page, people, 0, NEXT)
    at_work = page.locator(".st-key-at-work")
    expect(at_work.get_by_role("heading", name=name)).to_be_visible()
    expect(at_work.get_by_text(re.compile(r"days? over: session \d was due"))).to_be_visible()
    at_work.get_by_text("Booked", exact=True).click()
    expect(at_work.get_by_text("loses the flag “Session overdue, not booked”")).to_be_visible()
    at_work.get_by_role("button", name="Save", exact=True).click()
    expect(at_work.get_by_text("Saved: booked.")).to_be_visible(timeout=30_000)
    expect(at_work.get_by_text("Nothing more is to be done today.")).to_be_visible()
    expect(table(page, f"{before - 1} patients who need attention")).to_be_visible()
    at_work.get_by_role("button", name="Undo").first.click()
    expect(at_work.get_by_text(re.compile(r"days? over: session \d was due"))).to_be_visible(timeout=30_000)
    expect(table(page, f"{before} patients who need attention")).to_be_visible()


def test_whoever_was_called_stays_with_what_came_of_it(app, page):
    """A message left: she is quiet until a day, still among those of today, and in the view of those to call later."""
    page.goto(f"{app.address}/?flag=Maintenance overdue, not booked")
    settled(page)
    people = follow_ups(page)
    name = cells(people, 0)[2]
    press(page, people, 0, NEXT)
    at_work = page.locator(".st-key-at-work")
    at_work.get_by_text("Left a message", exact=True).click()
    expect(at_work.get_by_text("Saving this: Quiet until 27 Nov 2026")).to_be_visible()
    at_work.get_by_role("button", name="Save", exact=True).click()
    expect(at_work.get_by_text("Quiet until 27 Nov 2026.")).to_be_visible(timeout=30_000)
    row = follow_ups(page).locator('[role="row"]').filter(has_text=name)
    expect(row).to_contain_text("Call again later: 27 Nov 2026")
    expect(row).to_contain_text("23 Nov 2026: left a message")
    page.get_by_text("Call again later (1)").click()
    expect(page).to_have_url(re.compile("view=later"))
    expect(follow_ups(page).locator('[role="row"]')).to_have_count(2)
    at_work.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("Nobody is in this view.")).to_be_visible(timeout=30_000)
