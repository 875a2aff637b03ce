"""Data to doubt on a page: what is odd, the mend beside it, what it would do, and undo."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from clinic_data.actor import DESK
from clinic_data.database import prepare
from clinic_data.settings import change_settings
from tests.browser.app import NOW
from tests.clinic_data.rows import course, one, patient, put_protocol, rows, visit, write
from tests.pages.test_recording import TODAY, checked, press, preview, widget


def page() -> None:
    """A page with the list alone; who acts, and whether it is today, stand in the session."""
    import streamlit as st

    from clinic_data.actor import Actor
    from clinic_data.database import store_at
    from clinic_data.schedule_input import read_schedule_input
    from clinic_data.settings import read_settings
    from pages.parts.doubts import count_doubts, show_doubts

    store, actor = store_at(), Actor("Bea", st.session_state.get("role", "manager"))
    today = read_settings(actor, store).today
    known = read_schedule_input(actor, store, today)
    st.title(f"Data to doubt ({count_doubts(actor, store, known, today)})")
    show_doubts(actor, store, known, today, st.session_state.get("may mend", True))


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty demo clinic with a plain protocol."""
    monkeypatch.setenv("CLINIC_NOW", NOW)
    monkeypatch.setenv("CLINIC_DB", str(tmp_path / "clinic.db"))
    store = prepare(tmp_path / "clinic.db")
    change_settings(DESK, store, clinic_name="Demo clinic", time_zone="Europe/London", is_demo=True)
    put_protocol(store)
    return store


def opened(**state) -> AppTest:
    """The page, run once."""
    app = AppTest.from_function(page, default_timeout=60)
    for name, value in state.items():
        app.session_state[name.replace("_", " ")] = value
    return checked(app)


def choose(app: AppTest, label: str, option) -> AppTest:
    """Choose among the mends, or inside one."""
    widget(app.button_group, label).set_value(option)
    return checked(app)


def mends(app: AppTest) -> list[str]:
    """The mends that are offered."""
    return widget(app.button_group, "What is right?").options


def texts(app: AppTest) -> list[str]:
    """What stands on the page as plain text."""
    return [text.value for text in app.text]


def eva(store, *days, **plan) -> tuple[int, int]:
    """Eva and her plan, with sessions on these days."""
    one_patient = patient(store)
    one_plan = course(store, one_patient, **plan)
    for day in days:
        visit(store, one_patient, [one_plan], day)
    return one_patient, one_plan


def test_without_doubts_the_page_says_so(store):
    """And counts none."""
    eva(store, "2026-03-01")
    app = opened()
    assert app.title[0].value == "Data to doubt (0)"
    assert [said.value for said in app.success] == ["Nothing that is recorded looks wrong."]


def test_a_visit_to_come_is_moved_a_year_back_and_undone(store):
    """The likeliest is filled in, what it does is said first, and undo stands beside what was saved."""
    later = TODAY + timedelta(days=2)
    eva(store, later.isoformat())
    app = opened()
    assert f"A session is recorded as done on {later:%d %b %Y}, a day that is still to come." in texts(app)
    app = press(app, "Mend")
    likely = later.replace(year=later.year - 1)
    assert widget(app.date_input, "It took place on").value == likely
    app = choose(app, "What is right?", "It was another day")
    assert "Session 1 counts as done" in preview(app)
    app = press(app, "Save")
    assert app.title[0].value == "Data to doubt (1)"
    assert one(store, "select visit_date from visits") == likely.isoformat()
    assert [said.value for said in app.success] == ["Saved: it was another day."]
    app = press(app, "Undo")
    assert one(store, "select visit_date from visits") == later.isoformat()


def test_a_plan_is_opened_earlier(store):
    """The plan's form holds the visit's day; after saving, nothing is left to doubt."""
    eva(store, "2025-12-20")
    app = press(opened(), "Mend")
    assert mends(app) == ["The plan is another", "It was another day", "It never took place", "It is right as it is"]
    assert widget(app.date_input, "Plan opened on").value.isoformat() == "2025-12-20"
    app = press(app, "Save")
    assert app.title[0].value == "Data to doubt (0)"
    assert one(store, "select opened_on from courses") == "2025-12-20"


def test_more_sessions_are_planned(store):
    """The number that took place is filled in."""
    eva(store, "2026-03-01", "2026-05-01", "2026-07-01", planned_sessions=2)
    app = press(opened(), "Mend")
    assert widget(app.number_input, "Sessions planned").value == 3
    press(app, "Save")
    assert one(store, "select planned_sessions from courses") == 3


def test_a_pause_ended_on_the_session_s_day(store):
    """Offered where it had begun before; what it does to the pause's windows is said."""
    one_patient, _ = eva(store, "2026-05-01")
    hold = {"patient_id": one_patient, "cause": "medical", "reason": "rash", "recorded_on": "2026-04-01"}
    write(store, "holds", starts_on="2026-04-01", **hold)
    write(store, "holds", starts_on="2026-05-01", **hold)
    app = opened()
    [button for button in app.button if button.label == "Mend"][1].click()
    app = checked(app)
    assert "The pause ended that day" not in mends(app)
    app = press(app, "Mend")
    app = choose(app, "What is right?", "The pause ended that day")
    press(app, "Save")
    assert rows(store, "select starts_on, ends_on from holds order by id") == [
        ("2026-04-01", "2026-05-01"),
        ("2026-05-01", None),
    ]


def test_two_records_are_made_one(store):
    """Whichever is kept; the undo is at hand for the one kept."""
    first, second = (patient(store, born_on="1990-02-28") for _ in range(2))
    course(store, first)
    app = press(opened(), "Mend")
    assert mends(app) == ["They are one person", "They are different people"]
    assert "No flag and no window changes" in preview(app)
    app = choose(app, "Keep", second)
    app = press(app, "Save")
    assert app.title[0].value == "Data to doubt (0)"
    assert one(store, "select patient_id from courses") == second
    assert app.success[0].value == "Saved: they are one person."
    press(app, "Undo")
    assert one(store, "select patient_id from courses") == first


def test_what_is_right_is_shown_with_who_said_so(store):
    """Nothing can be saved without a reason; then it stands below, with the reason."""
    eva(store, "2026-03-01", "2026-03-04")
    app = choose(press(opened(), "Mend"), "What is right?", "It is right as it is")
    assert not [button for button in app.button if button.label == "Save"]
    widget(app.text_input, "Why it is right").set_value("two half faces")
    app = press(checked(app), "Save")
    assert app.title[0].value == "Data to doubt (0)"
    said = app.dataframe[0].value.iloc[0]
    assert (said["who"], said["reason"], said["by"]) == ("Eva Berg", "two half faces", "Bea")


def test_what_is_refused_is_said(store):
    """A day that has a session already, before anything is saved."""
    eva(store, "2026-03-01", "2026-03-04")
    app = press(opened(), "Mend")
    assert any("Set the right day" in said.value for said in app.caption)
    widget(app.date_input, "It took place on").set_value(TODAY.replace(month=3, day=1))
    app = checked(app)
    assert [said.value for said in app.error] == ["Not possible\\: a session on 01 Mar 2026 is there already\\."]


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("manager", ["They are one person", "They are different people"]),
        ("practitioner", ["They are different people"]),
        ("front_desk", ["They are different people"]),
    ],
)
def test_each_role_is_offered_what_it_may_do(store, role, offered):
    """Merging is for managers."""
    for _ in range(2):
        patient(store, born_on="1990-02-28")
    assert mends(press(opened(role=role), "Mend")) == offered


def test_who_only_reads_is_told_whom_to_ask(store):
    """No form for a role without any of the permissions."""
    eva(store, "2025-12-20")
    app = press(opened(role="read_only"), "Mend")
    assert any("ask a practitioner or a manager" in said.value for said in app.caption)
    assert not app.button_group


def test_on_another_day_nothing_is_mended(store):
    """The list is there without a way to change anything."""
    eva(store, "2025-12-20")
    labels = [button.label for button in opened(may_mend=False).button]
    assert labels == ["Open patient"]


def test_at_most_two_hundred_are_listed(store):
    """The total is said."""
    one_patient, plan = eva(store)
    with store.change(DESK, "many") as change:
        columns = ["id", "patient_id", "kind", "visit_date", "status", "source", "source_key"]
        many = [(at, one_patient, "review", "2027-12-20", "completed", "test", f"many {at}") for at in range(1, 206)]
        change.insert_many("visits", columns, many)
        links = [(plan, at, one_patient) for at in range(1, 206)]
        change.insert_many("visit_courses", ["course_id", "visit_id", "patient_id"], links)
    app = opened()
    assert app.markdown[0].value == "**205** to look at: 205 × done on a day to come."
    assert len([button for button in app.button if button.label == "Open patient"]) == 200
    assert any("The first 200 are listed" in said.value for said in app.info)


def test_hostile_texts_show_as_they_are(store):
    """Names and areas stand in plain text, and a choice between two names is no markup."""
    name = ":red[**Eva**] <b>x</b> [y](http://a)"
    for _ in range(2):
        patient(store, name, born_on="1990-02-28")
    one_patient = patient(store, "$x$")
    plan = course(store, one_patient, area="# <script>")
    for day in ("2026-03-01", "2026-03-02"):
        visit(store, one_patient, [plan], day)
    app = opened()
    assert "Two sessions on # <script> are 1 day apart: 01 Mar 2026 and 02 Mar 2026." in texts(app)
    assert "$x$" in texts(app)
    assert any(text.startswith(f"{name} (") for text in texts(app))
    assert not any("script" in markdown.value or "http" in markdown.value for markdown in app.markdown)
    [button for button in app.button if button.label == "Mend"][-1].click()
    app = checked(app)
    assert all("[y](" not in option for option in widget(app.button_group, "Keep").options)
