"""What the pages say, for every state that the demo clinic holds."""

from datetime import date

import pytest

from clinic_data.actor import DESK
from clinic_data.patients import contacts, fold
from clinic_data.schedule_input import read_schedule_input
from lib import words
from lib.worklist import by_patient, flagged
from pages.parts.text import literally
from tests.browser.app import NOW
from tests.pages.tabs import with_tab

TODAY = date.fromisoformat(NOW[:10])
HOSTILE = ["<b>Bold</b>", "*Ada* _Lo_", "محمد العربي", "Ann 🌸 Ray", "www.example.com", ":smile: $x$ [a](b)", "Q" * 80]


def judged(store, as_of=TODAY):
    """The schedule of the demo, and its flagged rows, straight from the functions."""
    known = read_schedule_input(DESK, store, as_of)
    schedule = known.schedule()
    return known, schedule, flagged(schedule, known.courses)


def test_one_row_for_each_patient_who_needs_attention(demo, open_page):
    """The list has every flagged patient once, in the worklist's order, with all reasons in words."""
    _, _, flags = judged(demo)
    wanted = by_patient(flags)
    shown = open_page().dataframe[0].value
    names = contacts(DESK, demo, wanted["patient_id"].tolist()).set_index("patient_id")["name"]
    assert shown["patient"].tolist() == names.loc[wanted["patient_id"]].tolist()
    assert [list(why) for why in shown["why"]] == [[words.FLAGS[f] for f in some] for some in wanted["flags"]]
    assert shown["days_over"].fillna(0).tolist() == wanted["days_overdue"].tolist()


@pytest.mark.parametrize("flag", words.FLAGS)
def test_each_flag_reaches_a_page_that_says_why(demo, open_page, flag):
    """For every flag there is a patient, and her page holds the sentence that explains it."""
    known, _, flags = judged(demo)
    rows = flags[flags["flag"] == flag].head(1)
    assert len(rows) == 1
    why = known.explain(rows).iloc[0]
    code = contacts(DESK, demo, rows["patient_id"].tolist())["code"].iloc[0]
    page = open_page("patient.py", patient=code)
    assert literally(why) in [caption.value for caption in page.caption]
    assert any(words.FLAGS[flag] in text.value for text in page.markdown)


@pytest.mark.parametrize("key", ["practitioner", "protocol", "area", "flag"])
def test_a_filter_keeps_what_it_names(demo, open_page, key):
    """Each filter, taken from the address, leaves the patients it names and says how many it hides."""
    _, _, flags = judged(demo)
    everyone = flags["patient_id"].nunique()
    page = open_page()
    options = next(box.options for box in page.multiselect if box.key == key)
    choice = options[0] if key != "flag" else words.FLAGS["due_unbooked"]
    filtered = open_page(**{key: choice})
    rows = len(filtered.dataframe[0].value) if filtered.dataframe else 0
    assert 0 < rows < everyone
    said = " ".join(text.value for text in filtered.markdown)
    assert f"Your filters hide **{everyone - rows:,}** of them" in said


def test_filters_that_hide_everyone_say_so(demo, open_page):
    """Nobody shown because of a filter is another sentence than nobody due."""
    page = open_page(flag=words.FLAGS["hold_to_check"], area="Hands")
    if page.dataframe[0].value.columns[0] == "open":
        page = open_page(flag=words.FLAGS["booked_on_hold"], practitioner="No practitioner")
    assert any("Your filters hide all" in info.value for info in page.info)


def test_every_patient_s_page_opens(demo, open_page):
    """A page for each of the first forty patients, whatever their history, without an error."""
    with demo.read() as db:
        codes = [row["code"] for row in db.query("select code from patients order by id limit 40")]
    for code in codes:
        page = open_page("patient.py", patient=code)
        assert len(page.title) == 1


def test_a_past_day_is_what_was_known_then(demo, open_page):
    """The list of a past day is the schedule's for that day, and the page says that nothing can be recorded."""
    past = date(2026, 6, 1)
    _, _, flags = judged(demo, past)
    page = open_page(day=past.isoformat())
    assert len(page.dataframe[0].value) == flags["patient_id"].nunique()
    assert any("Shown for 01 Jun 2026" in warning.value for warning in page.warning)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_shown_as_its_letters(demo, open_page, name):
    """No name is rendered as markup, on the list or on the patient's page."""
    _, _, flags = judged(demo)
    patient = int(by_patient(flags)["patient_id"].iloc[0])
    with demo.read() as db:
        before = next(db.query("select name, folded_name, code from patients where id = ?", [patient]))
    with demo.change(DESK, "rename") as change:
        change.update("patients", patient, name=name, folded_name=fold(name))
    try:
        assert open_page().dataframe[0].value["patient"].iloc[0] == name
        assert open_page("patient.py", patient=before["code"]).title[0].value == literally(name)
    finally:
        with demo.change(DESK, "rename back") as change:
            change.update("patients", patient, name=before["name"], folded_name=before["folded_name"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>x</b>", r"\<b\>x\<\/b\>"),
        ("www.example.com", "www⁠\\.example\\.com"),
        ("a@example.com", "a⁠\\@example\\.com"),
        ("https://x", "https⁠\\:\\/\\/x"),
        ("two\nlines  apart", "two lines apart"),
    ],
)
def test_literally(text, shown):
    """Markup is escaped, and what Markdown would make a link of is parted."""
    assert literally(text) == shown


def with_two_plans(store) -> str:
    """The code of a patient with two plans in which sessions were done."""
    with store.read() as db:
        found = db.query(
            "select p.code from patients p join courses c on c.patient_id = p.id join visit_courses vc"
            " on vc.course_id = c.id join visits v on v.id = vc.visit_id and v.status = 'completed'"
            " group by p.id having count(distinct c.id) = 2 order by p.id"
        )
        return next(iter(found))["code"]


def test_all_plans_of_a_patient_are_shown_together(demo, open_page):
    """Chosen, picture and tables hold every plan, each row with its plan's name."""
    page = open_page("patient.py", patient=with_two_plans(demo))
    control = next(box for box in page.segmented_control if box.label == "Treatment plans")
    one = page.dataframe[0].value
    control.set_value("all").run()
    assert not page.exception
    every = page.dataframe[0].value
    assert every["plan"].nunique() == 2
    assert len(every) > len(one)


def test_only_the_open_tab_is_made(demo, open_page):
    """The history first; another takes its place when it is opened."""
    page = open_page("patient.py", patient=with_two_plans(demo))
    assert [tab.label for tab in page.tabs][:3] == ["History", "What to see and do", "Expected visits"]
    assert ["went" in table.value for table in page.dataframe] == [True]
    assert ["state" in table.value for table in with_tab(page, "Expected visits").dataframe] == [True]


def test_a_row_of_the_history_is_shown_whole(demo, open_page):
    """The chosen row's visit stands below the table with its rule."""
    page = open_page("patient.py", patient=with_two_plans(demo))
    table = next(frame for frame in page.dataframe if "went" in frame.value)
    came = table.value["went"].tolist().index("Came")
    key = table.proto.id.split("-", 2)[2]
    page.session_state[key] = {"selection": {"rows": [came], "columns": [], "cells": []}}
    page.run()
    assert any(text.value.startswith("How it went: Came") for text in page.text)


def test_what_stands_in_the_way_is_in_a_table(demo, open_page):
    """Every pause of a patient who has one, with its reason."""
    with demo.read() as db:
        held = next(iter(db.query("select h.reason, p.code from holds h join patients p on p.id = h.patient_id")))
    page = with_tab(open_page("patient.py", patient=held["code"]), "Pauses and closures")
    tables = [frame.value for frame in page.dataframe if "why" in frame.value]
    assert held["reason"] in tables[0]["why"].tolist()
