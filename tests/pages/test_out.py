"""What leaves the worklist through a page: made when it is pressed, and only for whoever may export."""

from datetime import date

import pandas as pd
import pytest
import streamlit as st
from icalendar import Calendar
from streamlit.testing.v1 import AppTest

from clinic_data.actor import DESK, FRONT_DESK, READ_ONLY, Actor
from clinic_data.practitioners import read_practitioners
from tests.browser.app import NOW
from tests.clinic_data.rows import rows

TODAY = date.fromisoformat(NOW[:10])
EXPORTS = "select v.what from trail t join trail_values v on v.trail_id = t.id where t.kind = 'export' order by t.id"


def page(actor, as_of, today):
    """A page of nothing but the files."""
    import pandas as pd

    from clinic_data.database import store_at
    from clinic_data.practitioners import read_practitioners
    from clinic_data.visits import last_and_next
    from clinic_data.worklist_input import read_call_list, read_work
    from lib.call_list import in_view
    from lib.worklist import worklist
    from pages.parts.load import load
    from pages.parts.out import show_out
    from pages.parts.scope import Scope

    store = store_at()
    people = worklist(load(actor, store, as_of).flagged, read_work(actor, store, as_of), pd.Timestamp(as_of))
    names = read_practitioners(actor, store).set_index("practitioner_id")["name"]
    people = people[in_view(people, "overdue", as_of)]
    shown = read_call_list(actor, store, people, last_and_next(actor, store, as_of), names)
    show_out(actor, store, lambda: shown, Scope(as_of, today), "overdue", names)


@pytest.fixture
def files(demo, monkeypatch):
    """A function that shows the page to somebody; returns the app, and for each file its name and what makes it."""
    monkeypatch.setenv("CLINIC_DB", str(demo.path))
    monkeypatch.setenv("CLINIC_NOW", NOW)
    offered: dict = {}
    button = st.download_button

    def offer(label, data, **options):
        offered[label] = (options["file_name"], data)
        return button(label, data, **options)

    monkeypatch.setattr(st, "download_button", offer)

    def show(actor: Actor = DESK, as_of: date = TODAY) -> tuple[AppTest, dict]:
        app = AppTest.from_function(page, args=(actor, as_of, TODAY), default_timeout=60).run()
        assert not app.exception
        return app, offered

    return show


def test_nothing_is_made_before_it_is_pressed(demo, files):
    """The trail then has each with how much it was."""
    before = len(rows(demo, EXPORTS))
    _, offered = files()
    assert list(offered) == ["Day sheet to print", "CSV", "Calendar file"]
    assert len(rows(demo, EXPORTS)) == before
    contents = {name: make() for name, make in offered.values()}
    sheet, table, calendar = contents.values()
    assert list(contents) == [
        f"day-sheet-overdue-{TODAY}.html",
        f"follow-ups-overdue-{TODAY}.csv",
        f"calendar-{TODAY}.ics",
    ]
    count = table.decode().count("\n") - 1
    assert count > 0
    assert f"<h1>Sessions overdue: {count} patients</h1>" in sheet.decode()
    entries = len(Calendar.from_ical(calendar).events)
    assert [what for (what,) in rows(demo, EXPORTS)[before:]] == [
        f"day sheet (Sessions overdue): {count} rows",
        f"worklist (Sessions overdue): {count} rows",
        f"calendar of everybody: {entries} entries",
    ]


def test_a_calendar_is_of_whom_is_chosen(demo, files):
    """Of everybody unless somebody is chosen; whoever treats finds herself chosen."""
    names = read_practitioners(DESK, demo).set_index("practitioner_id")["name"]
    lee = int(names.index[0])
    app, offered = files()
    assert app.selectbox[0].value is None
    app.selectbox[0].select(lee).run()
    assert b"X-WR-CALNAME:Demo clinic \xc2\xb7 " + names[lee].encode() in offered["Calendar file"][1]()
    app, _ = files(Actor("Lee", FRONT_DESK, treats_as=lee))
    assert app.selectbox[0].value == lee
    assert app.selectbox[0].options == names.tolist()
    app, _ = files(Actor("Lee", FRONT_DESK, treats_as=lee, own=lee))
    assert app.selectbox[0].options == [names[lee]]


def test_a_past_day_has_no_calendar(files):
    """A calendar is of the bookings that are known now."""
    _, offered = files(as_of=TODAY - pd.Timedelta(days=7))
    assert list(offered) == ["Day sheet to print", "CSV"]


def test_whoever_may_not_export_is_offered_nothing(files):
    """Reading only, there is not even the button."""
    app, offered = files(Actor("Eve", READ_ONLY))
    assert offered == {}
    assert not app.button
    assert not app.selectbox
