"""Calendar files: what stands in them, for whom, and that calendar programs can read them."""

from datetime import date

import pytest
from click.testing import CliRunner
from icalendar import Calendar, Event

from clinic import cli
from clinic_data.actor import FRONT_DESK, PRACTITIONER, READ_ONLY, Actor
from clinic_data.calendar_file import calendar_file
from clinic_data.errors import NotAllowed, NotFound, NotPermitted
from clinic_data.practitioners import add_practitioner
from clinic_data.settings import change_settings
from clinic_data.visits import cancel_booking, move_booking, note_booking
from tests.clinic_data.rows import course, one, patient, put_protocol, rows, visit, write

NASTY = "Zoë; the \\ “first”, née " + "Ångström " * 12
LAST_EXPORT = (
    "select v.what from trail t join trail_values v on v.trail_id = t.id where t.kind = 'export' order by t.id desc"
)


class Clinic:
    """Two practitioners: Dr Lee's patient has a window open from 2 to 15 November 2026, Dr Ray's one is booked."""

    def __init__(self, store, actor):
        self.store, self.actor = store, actor
        put_protocol(store)
        self.lee, self.ray = add_practitioner(actor, store, "Dr Lee"), add_practitioner(actor, store, "Dr Ray")
        self.open = patient(store, NASTY)
        self.open_plan = course(store, self.open, practitioner_id=self.lee, area="neck")
        visit(store, self.open, [self.open_plan], "2026-10-05", recorded_on="2026-10-05")
        self.booked = patient(store, "Mia")
        self.booked_plan = course(store, self.booked, practitioner_id=self.ray)
        visit(store, self.booked, [self.booked_plan], "2026-11-02", recorded_on="2026-11-02")
        note_booking(actor, store, [self.booked_plan], kind="session", visit_date=date(2026, 12, 2))

    def code(self, patient_id: int) -> str:
        """A patient's public code."""
        return one(self.store, "select code from patients where id = ?", patient_id)

    def events(self, practitioner_id: int | None = None, actor: Actor | None = None) -> dict[str, Event]:
        """The file's entries by their titles."""
        content = calendar_file(actor or self.actor, self.store, practitioner_id=practitioner_id)
        events = Calendar.from_ical(content).events
        assert len({event.uid for event in events}) == len(events)
        return {str(event["SUMMARY"]): event for event in events}


@pytest.fixture
def clinic(store, actor, today) -> Clinic:
    """On Monday 23 November 2026."""
    return Clinic(store, actor)


def days(event: Event) -> tuple[date, date]:
    """The first day of an entry, and the day after its last."""
    return event.DTSTART, event.DTEND


def test_an_open_window_is_an_entry_of_whole_days(clinic):
    """From the day on which it opens to its last one; it blocks no time."""
    title = f"Session 2 due: {clinic.code(clinic.open)}"
    event = clinic.events(clinic.lee)[title]
    assert days(event) == (date(2026, 11, 2), date(2026, 11, 17))
    assert (event["STATUS"], event["TRANSP"], event["CLASS"]) == ("TENTATIVE", "TRANSPARENT", "PRIVATE")


def test_a_booking_is_an_entry_of_its_day(clinic):
    """Under the name of the visit that it is, in place of its window."""
    events = clinic.events(clinic.ray)
    event = events.pop(f"Session 2: {clinic.code(clinic.booked)}")
    assert events == {}
    assert days(event) == (date(2026, 12, 2), date(2026, 12, 3))
    assert (event["STATUS"], event["TRANSP"]) == ("CONFIRMED", "OPAQUE")


def test_without_a_practitioner_it_is_everybody_s(clinic):
    """Plans without a practitioner included, which are in nobody's own file."""
    somebody = patient(clinic.store, "Ida")
    course(clinic.store, somebody, opened_on="2026-11-20")
    assert len(clinic.events()) == 3
    assert len(clinic.events(clinic.lee)) == len(clinic.events(clinic.ray)) == 1


def test_a_booking_stands_with_whom_it_names_too(clinic):
    """With the one whose plan it is, and with the one who treats that day."""
    day = date(2026, 12, 3)
    note_booking(
        clinic.actor, clinic.store, [clinic.open_plan], kind="session", visit_date=day, practitioner_id=clinic.ray
    )
    title = f"Session 2: {clinic.code(clinic.open)}"
    assert clinic.events(clinic.lee)[title].DTSTART == clinic.events(clinic.ray)[title].DTSTART == day


def test_what_no_plan_expects_stands_there_by_its_kind(clinic):
    """Another visit, a session of no plan; but not what was cancelled, is past, or of a patient who is gone by then."""
    store, code = clinic.store, clinic.code(clinic.booked)
    other = {"status": "booked", "recorded_on": "2026-11-20", "practitioner_id": clinic.ray}
    visit(store, clinic.booked, [], "2026-11-23", kind="other", **other)
    visit(store, clinic.booked, [], "2026-12-09", **other)
    visit(store, clinic.booked, [], "2026-11-22", kind="other", **other)
    visit(store, clinic.booked, [], "2026-12-24", kind="other", **other | {"status": "cancelled"})
    gone = patient(store, "Uma", status="deceased", status_on="2026-11-21")
    visit(store, gone, [], "2026-12-24", kind="other", **other)
    assert {title: event.DTSTART for title, event in clinic.events(clinic.ray).items()} == {
        f"Visit: {code}": date(2026, 11, 23),
        f"Session 2: {code}": date(2026, 12, 2),
        f"Session: {code}": date(2026, 12, 9),
    }


def test_a_later_file_brings_an_earlier_one_up_to_date(clinic, monkeypatch):
    """An expected visit keeps its UID when it is booked, moved and cancelled, and its number goes up."""
    actor, store = clinic.actor, clinic.store
    seen = []

    def look(minute: int) -> None:
        monkeypatch.setenv("CLINIC_NOW", f"2026-11-23T09:{minute:02}:00+00:00")
        (event,) = clinic.events(clinic.lee).values()
        assert event.DTSTAMP.minute == minute
        seen.append((str(event.uid), event.sequence, event.DTSTART))

    look(0)
    booking = note_booking(actor, store, [clinic.open_plan], kind="session", visit_date=date(2026, 12, 3))
    look(1)
    booking = move_booking(actor, store, booking, to=date(2026, 12, 4), by="patient")
    look(2)
    cancel_booking(actor, store, booking, by="patient")
    look(3)
    assert len({uid for uid, _, _ in seen}) == 1
    assert [day for _, _, day in seen] == [date(2026, 11, 2), date(2026, 12, 3), date(2026, 12, 4), date(2026, 11, 2)]
    numbers = [number for _, number, _ in seen]
    assert numbers == sorted(set(numbers))


def test_names_stand_there_only_where_the_clinic_says_so(clinic):
    """By default nothing but the code; no name, phone, area or note either way."""
    write(clinic.store, "holds", patient_id=clinic.booked, cause="wish", reason="x", starts_on="2020-01-01",
          ends_on="2020-01-02", recorded_on="2020-01-01")  # fmt: skip
    assert b"Mia" not in calendar_file(clinic.actor, clinic.store)
    change_settings(clinic.actor, clinic.store, names_in_calendar_files=True)
    assert f"Session 2: Mia ({clinic.code(clinic.booked)})" in clinic.events(clinic.ray)
    assert f"Session 2 due: {NASTY.strip()} ({clinic.code(clinic.open)})" in clinic.events(clinic.lee)
    assert b"neck" not in calendar_file(clinic.actor, clinic.store)


def test_the_file_is_as_the_standard_wants_it(clinic):
    """Required properties once, lines of at most 75 bytes that end in CR LF, UTF-8, no personal data in UIDs."""
    change_settings(clinic.actor, clinic.store, names_in_calendar_files=True, clinic_name="Praxis, Öz; Wien")
    content = calendar_file(clinic.actor, clinic.store, practitioner_id=clinic.lee)
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert any(line.startswith(b" ") for line in content.split(b"\r\n"))
    calendar = Calendar.from_ical(content)
    assert (calendar["VERSION"], calendar["PRODID"]) == ("2.0", "-//Collagen Calendar//Collagen Calendar//EN")
    assert calendar["X-WR-CALNAME"] == "Praxis, Öz; Wien · Dr Lee"
    assert calendar["X-WR-TIMEZONE"] == "Europe/London"
    assert calendar.errors == []
    for event in calendar.events:
        assert event.errors == []
        assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"} <= set(event)
        assert event["DTSTART"].params["VALUE"] == event["DTEND"].params["VALUE"] == "DATE"
        assert clinic.code(clinic.open) not in str(event.uid)


def test_own_patients_only(clinic):
    """Whoever sees only her own patients gets only them, whomever she asks for."""
    limited = Actor("Lee", PRACTITIONER, own=clinic.lee)
    assert list(clinic.events(actor=limited)) == [f"Session 2 due: {clinic.code(clinic.open)}"]
    with pytest.raises(NotAllowed, match="Dr Ray: nothing is booked"):
        calendar_file(limited, clinic.store, practitioner_id=clinic.ray)


def test_it_needs_the_permission_and_stands_in_the_trail(clinic):
    """With whose it was and how much; a refusal and a file without entries are no export."""
    with pytest.raises(NotPermitted):
        calendar_file(Actor("Eve", READ_ONLY), clinic.store)
    with pytest.raises(NotFound):
        calendar_file(clinic.actor, clinic.store, practitioner_id=99)
    nobody = add_practitioner(clinic.actor, clinic.store, "Dr New")
    with pytest.raises(NotAllowed, match="Dr New: nothing is booked and no window is open"):
        calendar_file(clinic.actor, clinic.store, practitioner_id=nobody)
    assert rows(clinic.store, LAST_EXPORT) == []
    calendar_file(Actor("Flo", FRONT_DESK), clinic.store, practitioner_id=clinic.lee)
    calendar_file(clinic.actor, clinic.store)
    assert rows(clinic.store, LAST_EXPORT) == [
        ("calendar of everybody: 2 entries",),
        ("calendar of Dr Lee: 1 entries",),
    ]


def test_the_command_writes_the_same_file(clinic, monkeypatch, tmp_path):
    """All of it or nothing; what is not allowed is a sentence and exit code 2."""
    monkeypatch.setenv("CLINIC_DB", str(clinic.store.path))
    path = tmp_path / "lee.ics"

    def run(*words):
        return CliRunner().invoke(cli, ["calendar", *map(str, words)])

    assert run("--practitioner", "Dr Lee", "--output", path).exit_code == 0
    assert path.read_bytes() == calendar_file(clinic.actor, clinic.store, practitioner_id=clinic.lee)
    for words, sentence in (
        (["--practitioner", "Dr No", "--output", path], "Dr No: there is no such practitioner"),
        (["--output", tmp_path / "none" / "all.ics"], "this file can't be written"),
    ):
        refused = run(*words)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert sentence in refused.stderr
    assert [file.name for file in tmp_path.iterdir() if "ics" in file.name] == ["lee.ics"]
