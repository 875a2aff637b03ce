"""Visits of another system's file: all of them, or none and every bad row named; what the clinic recorded stays."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from clinic_data.database import Store
from clinic_data.errors import NotAllowed
from clinic_data.intake.visits_file import BadRows, Columns, FileVisit, read_visits_file
from clinic_data.intake.visits_import import Imported, import_visits
from clinic_data.settings import read_settings
from tests.clinic_data.rows import ACTOR, contents, one, patient, protocol_text, rows, write

PLAIN, FULL = Columns("patient", "date"), Columns("patient", "date", "status", "name")


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two protocols."""
    folder = tmp_path / "protocols"
    folder.mkdir()
    for name in ("plain", "deep"):
        (folder / f"{name}.toml").write_text(protocol_text(name), encoding="utf-8")
    return folder


@pytest.fixture
def read(tmp_path, today) -> Callable[..., list[FileVisit]]:
    """Reads a file of this content."""

    def read(content: str | bytes, columns: Columns = PLAIN, date_format: str = "%Y-%m-%d", **options):
        path = tmp_path / "visits.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_visits_file(path, columns, date_format, today, **options)

    return read


@pytest.fixture
def bring(tmp_path, store, folder, today) -> Callable[..., Imported]:
    """Imports a file of this content into the store."""

    def bring(content: str, columns: Columns = PLAIN, protocol_id: str = "plain", **options) -> Imported:
        path = tmp_path / "visits.csv"
        path.write_text(content, encoding="utf-8", newline="")
        return import_visits(
            ACTOR,
            store,
            path,
            columns,
            protocol_id=protocol_id,
            date_format="%Y-%m-%d",
            protocols=folder,
            **options,
        )

    return bring


def visits(store: Store) -> list[tuple]:
    """Every visit: day, status, whether assumed, when it was recorded."""
    return rows(store, "select visit_date, status, attendance_assumed, recorded_on from visits order by visit_date, id")


def days(found: list[FileVisit]) -> list[tuple[str, str]]:
    """Patient and day of each visit."""
    return [(visit.patient, visit.day.isoformat()) for visit in found]


# What a file may look like


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_usual_kinds_of_files_are_read(read, encoding, delimiter, line_end):
    """Encodings with their mark, delimiters and line ends, as systems and spreadsheets write them."""
    cells = [["patient", "date", "note"], ["Zoë", "2026-01-05", '"a, b; c"'], [" Öz ", " 2026-01-06 ", ""]]
    text = line_end.join(delimiter.join(row) for row in cells) + line_end
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    assert days(read((mark + text).encode(encoding))) == [("Zoë", "2026-01-05"), ("Öz", "2026-01-06")]


@pytest.mark.parametrize("header", ["Visit Date,PATIENT ID", "visit_date,patient_id", "  visit-date , Patient  Id"])
def test_columns_are_found_by_name(read, header):
    """Whatever the case, spaces, underscores, and their place."""
    for columns in (Columns("patient_id", "visit_date"), Columns("Patient ID", "Visit Date")):
        assert days(read(f"{header}\n2026-01-05,Eva\n", columns)) == [("Eva", "2026-01-05")]


@pytest.mark.parametrize(
    ("header", "missing", "there"),
    [
        ("patient,day", "date", "patient, day"),
        ("patient;day", "date", "patient, day"),
        ("patients\tdate", "patient", "patients, date"),
        ('"patient, date"', "patient", "patient, date"),
        ("", "patient", "nothing"),
    ],
)
def test_a_missing_column_is_named(read, header, missing, there):
    """With those that there are."""
    with pytest.raises(NotAllowed, match=rf"^visits\.csv: there is no column '{missing}'; the first line has {there}$"):
        read(f"{header}\nEva,2026-01-05\n")


@pytest.mark.parametrize(
    ("date_format", "text"),
    [
        ("%d %b %Y", "05 Jan 2026"),
        ("%d/%m/%Y %H:%M", "05/01/2026 09:30"),
        ("%m/%d/%y", "1/5/26"),
        ("%B %d, %Y %I:%M %p", "January 5, 2026 9:00 am"),
        ("%Y-%m-%dT%H:%M:%SZ", "2026-01-05T23:30:00Z"),
        ("%Y-%m-%dT%H:%M:%S%z", "2026-01-05T23:30:00+02:00"),
        ("%Y%m%d", "20260105"),
    ],
)
def test_dates_are_read_in_the_format_that_is_told(read, date_format, text):
    """The day as it is written, whatever the time beside it."""
    assert days(read(f'patient,date\nEva,"{text}"\n', date_format=date_format)) == [("Eva", "2026-01-05")]


@pytest.mark.parametrize("date_format", ["%d %b", "%b %Y", "%Q", "%d/%d/%Y", "", "DD.MM.YYYY", "%H:%M"])
def test_a_format_without_a_whole_date_is_refused(read, date_format):
    """Instead of each row being wrong, or all of them in 1900."""
    with pytest.raises(NotAllowed, match="does not tell day, month and year; a format such as '%d %b %Y' is wanted"):
        read("patient,date\nEva,05 Jan\n", date_format=date_format)


@pytest.mark.parametrize("content", ["patient,date\n", "patient,date", "patient,date\n\n , \n"])
def test_a_file_without_visits_is_refused(read, content):
    """Nothing to import is no import."""
    with pytest.raises(NotAllowed, match=r"^visits\.csv: there is no visit in this file$"):
        read(content)


def test_a_file_that_is_not_text_is_refused(read):
    """The sentence says how to save it."""
    with pytest.raises(NotAllowed, match=r"not UTF-8 text; save the file as CSV UTF-8"):
        read("patient,date\nZoë,2026-01-05\n".encode("cp1252"))


def test_a_file_that_is_not_there_is_refused(tmp_path, today):
    """With its path."""
    with pytest.raises(NotAllowed, match=r"none\.csv: this file can't be read \(No such file or directory\)"):
        read_visits_file(tmp_path / "none.csv", PLAIN, "%Y-%m-%d", today)


def test_a_quote_that_never_ends_is_named(read):
    """By the line on which it starts, in a large file too."""
    with pytest.raises(BadRows) as small:
        read('patient,date\nEva,2026-01-05\nMia,"2026-01-05\nIda,2026-01-06\n')
    assert [row.line for row in small.value.rows] == [3]
    with pytest.raises(NotAllowed, match=r"line 3: the row that starts here has no end"):
        read('patient,date\nEva,2026-01-05\nMia,"2026-01-05\n' + "Ida,2026-01-06\n" * 20_000)


# Attendance


def test_without_a_status_past_visits_are_assumed(read):
    """Up to today they came, as is assumed; later ones are booked."""
    found = read("patient,date\nEva,2026-11-22\nEva,2026-11-23\nEva,2026-11-24\n")
    assert [(visit.status, visit.assumed) for visit in found] == [
        ("completed", True),
        ("completed", True),
        ("booked", False),
    ]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["Booked", "NEW", "confirmed", "Pending", "approved", "scheduled"], "booked"),
        (["Completed", "fulfilled", "checked-in", "Checked In", "CAME", "arrived", "attended"], "completed"),
        (["cancelled", "Canceled", "rejected"], "cancelled"),
        (["no_show", "No Show", "NO-SHOW", "noshow", "DNA", "Did not attend", " did  not come "], "no_show"),
    ],
)
def test_the_words_of_booking_systems_are_known(read, words, status):
    """In any case and spelling."""
    content = "".join(f"P{place},2026-01-05,{word},\n" for place, word in enumerate(words))
    found = read(f"patient,date,status,name\n{content}", FULL)
    assert [visit.status for visit in found] == [status] * len(words)
    assert not any(visit.assumed for visit in found)


def test_a_clinic_s_own_words_come_first(read):
    """They add to the known ones, and may change what these mean."""
    content = "patient,date,status,name\nA,2026-01-05,NO,\nB,2026-01-05,yes,\nC,2026-01-05,New,\n"
    found = read(content, FULL, means={"No": "completed", "YES": "no_show", "new": "completed"})
    assert [visit.status for visit in found] == ["completed", "no_show", "completed"]


def test_a_word_for_no_status_is_refused(read):
    """The sentence names the four that there are."""
    with pytest.raises(NotAllowed, match="'gone' is no status; one of booked, completed, cancelled, no_show is wanted"):
        read("patient,date,status,name\n", FULL, means={"off": "gone"})


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("statuses", "is_"),
    [
        (["cancelled", "no_show", "booked", "completed"], "completed"),
        (["cancelled", "no_show", "booked"], "booked"),
        (["cancelled", "no_show"], "no_show"),
        (["completed", "completed"], "completed"),
    ],
)
def test_rows_of_one_day_are_one_visit(read, order, statuses, is_):
    """The one nearest to having come, in whatever order they stand; another patient's is her own."""
    content = "".join(f"Eva,2026-01-05,{status},\n" for status in statuses[::order])
    found = read(f"patient,date,status,name\n{content}Mia,2026-01-05,cancelled,\n", FULL)
    assert [(visit.patient, visit.status) for visit in found] == [("Eva", is_), ("Mia", "cancelled")]


def test_a_patient_without_a_name_goes_by_her_number(read):
    """An empty name is none, and so is a file without names."""
    named = read("patient,date,status,name\n7,2026-01-05,came,Eva Berg\n8,2026-01-05,came,\n", FULL)
    assert [visit.name for visit in named] == ["Eva Berg", "Patient 8"]
    assert read("patient,date\n7,2026-01-05\n")[0].name == "Patient 7"


# Bad rows


def test_every_bad_row_is_named(bring, store):
    """With its line, what stands there and what is wanted; and nothing of the file is imported."""
    before = contents(store)
    content = (
        "patient,date,status,name\r\n"
        'Eva,2026-01-05,came,"Berg,\r\nEva"\r\n'  # lines 2 and 3
        "Eva,2026-02-30,came,\r\n"  # 4
        "\r\n"
        ",2026-01-05,came,\r\n"  # 6
        "Mia,05.01.2026,came,\r\n"  # 7
        'Mia,2026-01-05,perhaps,"\r\n\r\n"\r\n'  # 8, 9 and 10
        "Mia,2026-01-06,,\r\n"  # 11
        "Mia,1899-12-31,came,\r\n"  # 12
        "Mia,2026-11-24,came,\r\n"  # 13
        "Mia,2026-11-24,no show,\r\n"  # 14
        "Mia,2026-11-24,booked\r\n"  # 15
        "Total,,,,12\r\n"  # 16
        "Mia,2026-11-24,booked,\r\n"
        "Mia,2026-11-25,cancelled,\r\n"
    )
    with pytest.raises(BadRows, match=r"^visits\.csv: 10 rows can't be imported, so nothing was imported$") as refusal:
        bring(content, FULL)
    date_wanted, future = "a date written as %Y-%m-%d is wanted", "a visit after today, 2026-11-23, can only be booked"
    assert [(row.line, row.value, row.reason.split(" approved,")[0]) for row in refusal.value.rows] == [
        (4, "2026-02-30", date_wanted),
        (6, "", "the column patient must name the patient"),
        (7, "05.01.2026", date_wanted),
        (8, "perhaps", "one of"),
        (11, "", "one of"),
        (12, "1899-12-31", "a date from 1900 to 2029 is wanted"),
        (13, "2026-11-24", future),
        (14, "2026-11-24", future),
        (15, "Mia,2026-11-24,booked", "4 cells are wanted, not 3"),
        (16, "Total,,,,12", "4 cells are wanted, not 5"),
    ]
    assert contents(store) == before


def test_one_bad_row_is_one(read):
    """And is said as people read it."""
    with pytest.raises(BadRows, match="1 row can't be imported") as refusal:
        read("patient,date\nEva,1899-12-31\nEva,1900-01-01\n")
    assert [str(row) for row in refusal.value.rows] == ["line 2: '1899-12-31': a date from 1900 to 2029 is wanted"]


# What an import leaves


def test_a_first_import_opens_patients_plans_and_visits(bring, store):
    """One change; each plan opens on the patient's first visit, under the protocol, for the area."""
    content = "patient,date\nEva,2026-02-05\nEva,2026-01-05\nMia,2026-03-05\nEva,2026-12-05\n"
    assert bring(content, area=" Neck ", system=" books ") == Imported(4, 2, 2, 0, 0)
    assert rows(store, "select value, system, name from patient_identifiers join patients on id = patient_id") == [
        ("Eva", "books", "Patient Eva"),
        ("Mia", "books", "Patient Mia"),
    ]
    assert rows(store, "select protocol_id, protocol_version, area, planned_sessions, opened_on from courses") == [
        ("plain", 1, "Neck", 3, "2026-01-05"),
        ("plain", 1, "Neck", 3, "2026-03-05"),
    ]
    assert visits(store) == [
        ("2026-01-05", "completed", 1, None),
        ("2026-02-05", "completed", 1, None),
        ("2026-03-05", "completed", 1, None),
        ("2026-12-05", "booked", 0, "2026-11-23"),
    ]
    of_plan = "select distinct v.patient_id = c.patient_id, v.kind, v.source from visits v"
    joined = f"{of_plan} join visit_courses on visit_id = v.id join courses c on c.id = course_id"
    assert rows(store, joined) == [(1, "session", "books")]
    assert one(store, "select count(*) from changes where action = 'import visits from visits.csv'") == 1


def test_imported_patients_can_be_found(bring, store):
    """By their name without diacritics."""
    bring("patient,date,status,name\n7,2026-01-05,came,Zoë Öz\n", FULL)
    assert rows(store, "select name, folded_name from patients") == [("Zoë Öz", "zoe oz")]


def test_the_same_file_again_adds_nothing(bring, store):
    """Not even an entry in the list of changes."""
    content = "patient,date\nEva,2026-01-05\nEva,2026-12-05\nMia,2026-01-05\n"
    bring(content)
    before = contents(store)
    assert bring(content) == Imported(0, 0, 0, 0, 3)
    assert contents(store) == before


@pytest.mark.parametrize(
    ("content", "known_until"),
    [
        ("Eva,2026-01-05,came,\nEva,2026-11-24,booked,\n", date(2026, 11, 23)),
        ("Eva,2026-01-05,came,\nEva,2026-11-23,booked,\n", None),
        ("Eva,2026-01-05,came,\nEva,2026-11-24,cancelled,\n", None),
    ],
)
def test_a_file_with_bookings_tells_until_when_they_are_known(bring, store, content, known_until):
    """Up to the day of the import; a file of what is past says nothing of what is booked."""
    bring(f"patient,date,status,name\n{content}", FULL)
    assert read_settings(ACTOR, store).bookings_known_until == known_until


def test_a_longer_file_adds_what_is_new(bring, store):
    """To the plans that are there."""
    bring("patient,date\nEva,2026-01-05\n")
    assert bring("patient,date\nEva,2026-01-05\nEva,2026-02-05\nMia,2026-02-05\n") == Imported(2, 1, 1, 0, 1)
    assert one(store, "select count(*) from courses") == 2


@pytest.mark.parametrize(("word", "status"), [("came", "completed"), ("no show", "no_show"), ("cancelled",) * 2])
@pytest.mark.parametrize("day", ["2026-01-05", "2026-11-23"])
def test_a_later_file_says_how_it_went(bring, store, monkeypatch, day, word, status):
    """A booking and an assumed visit are settled by a file that knows, with before and after."""
    monkeypatch.setenv("CLINIC_NOW", "2026-11-22T09:00:00+00:00")
    bring(f"patient,date\nEva,{day}\n")
    monkeypatch.setenv("CLINIC_NOW", "2026-11-23T20:00:00+00:00")
    assert bring(f"patient,date,status,name\nEva,{day},{word},\n", FULL) == Imported(0, 0, 0, 1, 0)
    assert [visit[1:3] for visit in visits(store)] == [(status, 0)]
    assert f'"status": "{status}"' in one(store, "select rows from changes order by id desc limit 1")


@pytest.mark.parametrize("day", ["2026-01-05", "2026-12-05"])
def test_a_file_that_knows_no_more_changes_nothing(bring, store, day):
    """Neither one without statuses nor one that only says that it was booked."""
    bring(f"patient,date\nEva,{day}\n")
    before = contents(store)
    for content, columns in [("patient,date\nEva,{}\n", PLAIN), ("patient,date,status,name\nEva,{},booked,\n", FULL)]:
        assert bring(content.format(day), columns) == Imported(0, 0, 0, 0, 1)
        assert contents(store) == before


@pytest.mark.parametrize("word", ["came", "no show", "cancelled", "booked"])
@pytest.mark.parametrize("recorded", ["completed", "no_show", "cancelled"])
def test_what_the_clinic_recorded_stays(bring, store, recorded, word):
    """No file overwrites what somebody at the desk has said."""
    bring("patient,date\nEva,2026-01-05\n")
    with store.change(ACTOR, "record attendance") as change:
        change.update("visits", 1, status=recorded, attendance_assumed=0)
    before = contents(store)
    assert bring(f"patient,date,status,name\nEva,2026-01-05,{word},\n", FULL) == Imported(0, 0, 0, 0, 1)
    assert contents(store) == before


def test_names_never_merge_people(bring, store):
    """Two numbers with one name are two patients, and nobody who was there before."""
    patient(store, "Eva Berg")
    content = "patient,date,status,name\n7,2026-01-05,came,Eva Berg\n8,2026-01-05,came,Eva Berg\n"
    assert bring(content, FULL).patients == 2
    assert one(store, "select count(*) from patients where name = 'Eva Berg'") == 3


def test_one_number_with_two_names_is_one_patient(bring, store):
    """She married; the name that came first stays."""
    content = "patient,date,status,name\n7,2026-01-05,came,Eva Berg\n7,2026-02-05,came,Eva Holm\n"
    assert bring(content, FULL) == Imported(2, 1, 1, 0, 0)
    bring("patient,date,status,name\n7,2026-03-05,came,Eva Holm\n", FULL)
    assert rows(store, "select name from patients") == [("Eva Berg",)]


def test_a_known_identifier_is_that_patient(bring, store):
    """Who is known by (system, value) keeps her row."""
    eva = patient(store, "Eva Berg")
    write(store, "patient_identifiers", system="books", value="7", patient_id=eva)
    assert bring("patient,date\n7,2026-01-05\n", system="books") == Imported(1, 0, 1, 0, 0)
    assert rows(store, "select patient_id from visits") == [(eva,)]


def test_two_systems_may_use_the_same_number(bring, store):
    """Number 7 of one is not number 7 of the other."""
    content = "patient,date\n7,2026-01-05\n"
    bring(content, system="books")
    assert bring(content, system="till") == Imported(1, 1, 1, 0, 0)
    assert one(store, "select count(distinct patient_id) from visits") == 2


def test_a_second_protocol_opens_a_second_plan(bring, store):
    """For the same patient, and each visit belongs to one of them."""
    content = "patient,date\nEva,2026-01-05\n"
    bring(content)
    assert bring(content, protocol_id="deep") == Imported(1, 0, 1, 0, 0)
    assert rows(store, "select patient_id, protocol_id from courses") == [(1, "plain"), (1, "deep")]
    assert rows(store, "select course_id, visit_id from visit_courses") == [(1, 1), (2, 2)]


def test_a_closed_plan_stays_closed(bring, store):
    """Later visits open another plan, on the first of them, not on one that the closed plan has."""
    bring("patient,date\nEva,2025-01-05\n")
    with store.change(ACTOR, "close") as change:
        change.update("courses", 1, closed_on="2025-06-01", closed_reason="finished")
    assert bring("patient,date\nEva,2025-01-05\nEva,2026-03-05\nEva,2026-02-05\n") == Imported(2, 0, 1, 0, 1)
    assert rows(store, "select id, opened_on from courses") == [(1, "2025-01-05"), (2, "2026-02-05")]
    assert rows(store, "select course_id, visit_date from visit_courses join visits on id = visit_id") == [
        (1, "2025-01-05"),
        (2, "2026-03-05"),
        (2, "2026-02-05"),
    ]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"protocol_id": "peel"}, "protocol 'peel': there is no such id"),
        ({"system": " "}, "the other system's name and the area must not be empty"),
        ({"area": ""}, "the other system's name and the area must not be empty"),
    ],
)
def test_an_import_that_is_not_allowed_leaves_nothing(bring, store, options, sentence):
    """No patient, no plan, no entry."""
    before = contents(store)
    with pytest.raises(NotAllowed, match=sentence):
        bring("patient,date\nEva,2026-01-05\n", **options)
    assert contents(store) == before


def test_an_error_half_way_leaves_nothing(bring, store):
    """Whoever stops an import finds the file as it was."""
    bring("patient,date\nEva,2026-12-05\n")
    before = contents(store)

    def stop(visits):
        yield visits[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring("patient,date,status,name\nEva,2026-12-05,cancelled,\nMia,2026-01-05,came,\n", FULL, progress=stop)
    assert contents(store) == before
