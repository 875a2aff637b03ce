"""Recording through the patient's page: what it says before saving, what it does, and taking it back."""

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from clinic_data.actor import DESK, Actor
from clinic_data.attempts import record_attempt
from clinic_data.changes import read_changes
from clinic_data.courses import close_course, open_course
from clinic_data.database import prepare
from clinic_data.holds import pause
from clinic_data.patients import read_patient, register_patient
from clinic_data.practitioners import read_practitioners
from clinic_data.schedule_input import read_schedule_input
from clinic_data.settings import change_settings, read_settings
from clinic_data.visits import note_booking, read_scores, read_visits, record_visit
from pages.parts.call_table import AT_WORK
from tests.browser.app import NOW, ROOT
from tests.pages.tabs import with_tab

TODAY = date.fromisoformat(NOW[:10])


class Clinic:
    """A clinic with one patient, her plan, a session five weeks ago, and a page on her."""

    def __init__(self, path):
        self.store = prepare(path)
        change_settings(DESK, self.store, clinic_name="Demo clinic", time_zone="Europe/London", is_demo=True)
        self.code = register_patient(DESK, self.store, "Eva Berg", phone="07700 900123")
        self.patient = read_patient(DESK, self.store, self.code)
        self.course = open_course(
            DESK,
            self.store,
            self.patient.id,
            protocol_id="acne-scars",
            area="Cheeks",
            planned_sessions=3,
            opened_on=TODAY - timedelta(days=50),
        )
        record_visit(DESK, self.store, [self.course], kind="session", visit_date=TODAY - timedelta(days=35))

    def closed_plan(self) -> None:
        """A plan of hers that was opened last week and is closed today."""
        other = open_course(
            *(DESK, self.store, self.patient.id),
            protocol_id="neck-lines",
            area="Neck",
            planned_sessions=4,
            opened_on=TODAY - timedelta(days=9),
        )
        close_course(DESK, self.store, other, closed_on=TODAY, reason="patient_stopped")

    def page(self, **address) -> AppTest:
        """The patient's page, or another one."""
        app = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60)
        for key, value in address.items():
            app.query_params[key] = value
        app.run()
        app.switch_page("patient.py")
        app.query_params["patient"] = self.code
        return checked(app)

    def form(self, name: str) -> AppTest:
        """The patient's page with one form open."""
        page = self.page()
        next(group for group in page.button_group if group.label == "Record").set_value(name)
        return checked(page)

    def flags(self) -> set[str]:
        """The flags of the patient's rows."""
        return set(read_schedule_input(DESK, self.store, TODAY).schedule()["flag"].dropna())

    def visits(self) -> list[tuple[str, str, str]]:
        """The patient's visits: kind, day, status."""
        visits = read_visits(DESK, self.store, self.patient.id)
        days = visits["visit_date"].dt.strftime("%Y-%m-%d")
        return sorted(zip(visits["kind"], days, visits["status"], strict=True))


def checked(app: AppTest) -> AppTest:
    """The page after a run, which raised nothing."""
    app.run()
    assert not app.exception, app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    """Press the first button with that label."""
    next(button for button in app.button if button.label == label).click()
    return checked(app)


def widget(elements, label: str):
    """The first widget of its kind with that label."""
    return next(element for element in elements if element.label == label)


def preview(app: AppTest) -> str:
    """What the page says that saving would do."""
    return next(info.value for info in app.info if "Saving this" in info.value).replace("\\", "")


@pytest.fixture
def clinic(tmp_path, monkeypatch):
    """A small clinic of its own for each test."""
    monkeypatch.setenv("CLINIC_NOW", NOW)
    monkeypatch.setenv("CLINIC_DB", str(tmp_path / "clinic.db"))
    return Clinic(tmp_path / "clinic.db")


def test_a_booking_is_noted_and_taken_back(clinic):
    """The flag goes when the next booking is noted, and comes back when that is undone."""
    assert clinic.flags() == {"due_unbooked"}
    page = clinic.form("booking")
    assert widget(page.date_input, "Booked for").value == TODAY + timedelta(days=1)
    assert "Session 2 loses the flag “Time to book”" in preview(page)
    before = clinic.visits()
    page = press(page, "Save")
    assert clinic.flags() == set()
    assert ("session", "2026-11-24", "booked") in clinic.visits()
    assert any("Saved: note a booking" in said.value for said in page.success)
    press(page, "Undo")
    assert clinic.flags() == {"due_unbooked"}
    assert clinic.visits() == before


def test_the_booking_form_draws_the_days(clinic):
    """A strip of the days stands in the form, says what it shows, and its mark follows the chosen day."""
    page = clinic.form("booking")
    for day, how in ((TODAY + timedelta(days=7), "in the window"), (TODAY + timedelta(days=8), "after the window")):
        widget(page.date_input, "Booked for").set_value(day)
        page = checked(page)
        strip = next(chart.proto for chart in page.get("plotly_chart") if "chosen" in chart.proto.alt)
        assert strip.alt.endswith(f"chosen {day:%d %b %Y}: {how}.")
        assert f"{day}T12:00:00" in strip.spec


def test_another_plan_gets_a_form_of_its_own(clinic):
    """What was entered for one treatment plan is not carried over to the next."""
    open_course(
        DESK,
        clinic.store,
        clinic.patient.id,
        protocol_id="neck-lines",
        area="Neck",
        planned_sessions=4,
        opened_on=TODAY,
    )
    page = clinic.form("booking")
    widget(page.date_input, "Booked for").set_value(TODAY + timedelta(days=9))
    page = checked(page)
    plans = widget(page.button_group, "Treatment plan")
    shown = plans.value
    with clinic.store.read() as db:
        other = next(row["id"] for row in db.query("select id from courses") if row["id"] != shown)
    plans.set_value(other)
    page = checked(page)
    assert widget(page.date_input, "Booked for").value == TODAY + timedelta(days=1)


def test_a_closed_plan_beside_it_takes_no_form_from_an_open_one(clinic):
    """The open plan offers what it offers alone, and planning ahead."""
    alone = widget(clinic.page().button_group, "Record").options
    clinic.closed_plan()
    page = clinic.page()
    widget(page.button_group, "Treatment plan").set_value(clinic.course)
    page = checked(page)
    assert widget(page.button_group, "Record").options == alone
    assert any(box.label == "Plan ahead" for box in page.expander)


def test_of_plans_without_a_flag_the_open_one_is_shown(clinic):
    """A plan that was opened later and is closed waits behind it."""
    clinic.closed_plan()
    due = TODAY + timedelta(days=5)
    note_booking(DESK, clinic.store, [clinic.course], kind="session", visit_date=due)
    assert clinic.flags() == set()
    assert widget(clinic.page().button_group, "Treatment plan").value == clinic.course


def test_a_device_that_nobody_noted_is_not_made_up(clinic):
    """The form for a session is prefilled with the last device, with nothing where there was none."""
    day = TODAY - timedelta(days=70)
    record_visit(DESK, clinic.store, [clinic.course], kind="session", visit_date=day, device="Pen")
    assert widget(clinic.form("session").text_input, "Device").value == ""


def test_attempts_with_and_without_a_note_are_listed(clinic):
    """Each with who tried and how it went."""
    for note in (None, "rings at work"):
        record_attempt(
            *(DESK, clinic.store, clinic.patient.id),
            channel="phone",
            outcome="no_answer",
            reasons=[(clinic.course, "session", 2, "due_unbooked")],
            note=note,
        )
    app = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60)
    app.session_state[AT_WORK] = clinic.code
    said = [text.value for text in checked(app).text if "Phone · " in text.value]
    assert [one.endswith("rings at work") for one in said] == [True, False]


def test_an_unsafe_day_is_said_before_it_is_saved(clinic):
    """A booking in a pause says so while it is chosen."""
    pause(DESK, clinic.store, clinic.patient.id, cause="medical", reason="infection", starts_on=TODAY)
    page = clinic.form("booking")
    assert any("paused from 23 Nov 2026 with no end set" in caption.value for caption in page.caption)
    assert "gets the flag “Booked during a pause”" in preview(page)


def test_what_is_not_allowed_is_said_and_can_t_be_saved(clinic):
    """A second booking on the same day is refused in a sentence, without a button to save."""
    note_booking(DESK, clinic.store, [clinic.course], kind="session", visit_date=TODAY + timedelta(days=1))
    page = clinic.form("booking")
    assert any("is there already" in error.value for error in page.error)
    assert not [button for button in page.button if button.label == "Save"]


def test_who_is_gone_gets_no_new_plan(clinic):
    """The page says since when the patient is gone, and offers nothing to save."""
    with clinic.store.change(DESK, "leave") as change:
        change.update("patients", clinic.patient.id, status="deceased", status_on=TODAY.isoformat())
    page = clinic.form("opening")
    widget(page.text_input, "Area").set_value("Neck")
    page = checked(page)
    assert any("since 23 Nov 2026 is “Deceased”" in error.value.replace("\\", "") for error in page.error)
    assert not [button for button in page.button if button.label == "Save"]


def test_a_session_is_recorded_with_its_details(clinic):
    """Depth, device, notes and scores of a session reach the file, and the plan moves on."""
    page = clinic.form("session")
    widget(page.number_input, "Depth (mm)").set_value(1.2)
    widget(page.text_input, "Device").set_value("Pen 4")
    widget(page.text_input, "Notes, and how the skin reacted").set_value("calm")
    widget(page.number_input, "Own rating (0–10)").set_value(6.5)
    page = checked(page)
    assert "Session 2 counts as done, on time" in preview(page)
    press(page, "Save")
    visit = read_visits(DESK, clinic.store, clinic.patient.id).iloc[0]
    assert (visit["depth_mm"], visit["device"], visit["notes"]) == (1.2, "Pen 4", "calm")
    assert read_scores(DESK, clinic.store, clinic.patient.id)[["scale", "value"]].values.tolist() == [
        ["patient_vas", 6.5]
    ]


def test_a_review_is_recorded(clinic):
    """A review of today is an interim look at this point, and is kept."""
    page = clinic.form("review")
    assert "No flag and no window changes." in preview(page)
    press(page, "Save")
    assert ("review", "2026-11-23", "completed") in clinic.visits()


@pytest.mark.parametrize(("answer", "status"), [("Came", "completed"), ("Did not come", "no_show")])
def test_whether_the_patient_came(clinic, answer, status):
    """What was booked for today is resolved."""
    note_booking(DESK, clinic.store, [clinic.course], kind="session", visit_date=TODAY)
    page = clinic.form("attendance")
    widget(page.button_group, "Did the patient come?").set_value(answer)
    press(checked(page), "Save")
    assert ("session", "2026-11-23", status) in clinic.visits()


@pytest.mark.parametrize("what", ["Move", "Cancel"])
def test_a_booking_is_moved_or_cancelled(clinic, what):
    """The old booking stays as cancelled; moved, there is a new one."""
    note_booking(DESK, clinic.store, [clinic.course], kind="session", visit_date=TODAY + timedelta(days=3))
    page = clinic.form("moving")
    widget(page.button_group, "What happens").set_value(what)
    page = checked(page)
    if what == "Move":
        widget(page.date_input, "To").set_value(TODAY + timedelta(days=5))
        page = checked(page)
    press(page, "Save")
    assert ("session", "2026-11-26", "cancelled") in clinic.visits()
    assert (("session", "2026-11-28", "booked") in clinic.visits()) == (what == "Move")
    assert clinic.flags() == (set() if what == "Move" else {"not_rebooked"})


def test_dates_are_agreed(clinic):
    """Agreed dates take the window's place."""
    page = clinic.form("agreeing")
    widget(page.date_input, "Come between").set_value(TODAY + timedelta(days=20))
    widget(page.date_input, "and").set_value(TODAY + timedelta(days=30))
    page = checked(page)
    assert "Session 2 is due 13–23 Dec 2026 instead of" in preview(page)
    press(page, "Save")
    assert clinic.flags() == set()


def test_a_pause_and_its_end(clinic):
    """A pause quiets the plan, resuming brings it back."""
    page = clinic.form("pausing")
    widget(page.text_input, "Reason").set_value("isotretinoin")
    page = checked(page)
    press(page, "Save")
    assert clinic.flags() == set()
    assert "on_hold" in set(read_schedule_input(DESK, clinic.store, TODAY).schedule()["status"])
    press(clinic.form("resuming"), "Save")
    assert "on_hold" not in set(read_schedule_input(DESK, clinic.store, TODAY).schedule()["status"])


def test_a_plan_is_closed_and_another_opened(clinic):
    """A closed plan expects nothing; another can be opened for the same area."""
    page = clinic.form("closing")
    assert "Nothing more is expected." in preview(page)
    press(page, "Save")
    assert clinic.flags() == set()
    page = clinic.form("opening")
    widget(page.text_input, "Area").set_value("Cheeks")
    press(checked(page), "Save")
    assert len(read_schedule_input(DESK, clinic.store, TODAY).courses) == 2


def test_a_series_finished_early_goes_on_to_maintenance(clinic):
    """With that reason, maintenance counts from the last session."""
    page = clinic.form("closing")
    widget(page.selectbox, "Reason").set_value("finished_early")
    press(checked(page), "Save")
    rows = read_schedule_input(DESK, clinic.store, TODAY).schedule()
    assert set(rows.loc[rows["status"] != "done", "kind"]) == {"maintenance", "review", "outcome"}


def test_the_second_of_two_is_told(clinic):
    """Somebody else's change between looking and saving is named, and nothing is overwritten."""
    page = clinic.form("booking")
    pause(Actor("Ann", "manager"), clinic.store, clinic.patient.id, cause="wish", reason="travel", starts_on=TODAY)
    before = clinic.visits()
    next(button for button in page.button if button.label == "Save").click()
    checked(page)
    assert clinic.visits() == before
    assert any(
        "Ann changed this record meanwhile: pause" in warning.value.replace("\\", "") for warning in page.warning
    )


def test_every_change_stands_in_the_list_with_its_undo(clinic):
    """The patient's list says who changed what, and takes an older change back."""
    changes = read_changes(DESK, clinic.store, clinic.patient.id)
    page = with_tab(clinic.page(), "Changes")
    said = "\n".join(text.value for text in page.text)
    for change in changes:
        assert change.action in said
    assert "visit date 2026-10-19" in said
    undo = next(button for button in page.button if button.key == f"undo {changes[0].id}")
    undo.click()
    checked(page)
    assert clinic.visits() == []


def test_a_past_day_offers_no_form(clinic):
    """What is shown for a past day can't be changed."""
    page = clinic.page(day="2026-11-01")
    assert not [group for group in page.button_group if group.label == "Record"]
    assert not [button for button in page.button if button.label == "Undo"]


def test_a_patient_is_registered(clinic):
    """The form for a new patient leads to her page; an empty name is refused in a sentence."""
    app = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60).run()
    app.switch_page("register.py")
    app = press(checked(app), "Register")
    assert any("the name must not be empty" in error.value.replace("\\", "") for error in app.error)
    widget(app.text_input, "Name").set_value("Ada <b>Lo</b>")
    widget(app.text_input, "Phone").set_value("07700 900124")
    app = press(app, "Register")
    with clinic.store.read() as db:
        assert [row["name"] for row in db.query("select name from patients order by id")] == [
            "Eva Berg",
            "Ada <b>Lo</b>",
        ]


def test_the_clinic_s_settings(clinic):
    """Practitioners, closures and the day up to which bookings are known are kept through the page."""
    app = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60).run()
    app.switch_page("settings.py")
    app = checked(app)
    widget(app.text_input, "New practitioner").set_value("Dr Lee")
    app = press(app, "Add")
    assert read_practitioners(DESK, clinic.store)["name"].tolist() == ["Dr Lee"]
    widget(app.text_input, "Reason").set_value("Christmas")
    app = checked(app)
    assert "windows stay open longer" in preview(app)
    app = press(app, "Add closure")
    assert any("30 Nov – 06 Dec 2026 · Christmas" in text.value for text in app.text)
    press(app, "Remove")
    widget(app.date_input, "Known up to").set_value(TODAY - timedelta(days=2))
    press(checked(app), "Save")
    assert read_settings(DESK, clinic.store).bookings_known_until == TODAY - timedelta(days=2)


def test_a_past_day_shows_up_to_when_bookings_were_known_then(clinic, monkeypatch):
    """What was set by then is shown, not what was set since; before the first time the page says when that was."""
    monkeypatch.setenv("CLINIC_NOW", "2026-11-18T09:00:00+00:00")
    change_settings(DESK, clinic.store, bookings_known_until=date(2026, 11, 17))
    monkeypatch.setenv("CLINIC_NOW", NOW)
    change_settings(DESK, clinic.store, bookings_known_until=TODAY)
    for day, value, said, sentence in (
        ("2026-11-17", "not known", "It was first set on 18 Nov 2026.", "by then. It was first set on 18 Nov 2026."),
        ("2026-11-19", "17 Nov 2026", "Up to date on that day.", "were known up to 17 Nov 2026; whoever had"),
        ("2026-11-20", "17 Nov 2026", "3 days before that day.", "were known up to 17 Nov 2026; whoever had"),
        ("2026-11-23", "23 Nov 2026", "Up to date.", "are known up to 23 Nov 2026; whoever booked"),
    ):
        app = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60)
        app.query_params["day"] = day
        app.run()
        assert any(sentence in caption.value for caption in app.caption)
        app.switch_page("caseload.py")
        app.query_params["day"] = day
        app = checked(app)
        assert app.metric[0].value == value
        assert said in [caption.value for caption in app.caption]
