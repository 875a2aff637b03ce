"""The trail: what is entered by whom, that it can only be added to, and that whatever is altered is found."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pysqlite3
import pytest
from sqlite_utils import Database

from clinic_data.access import chain, trail
from clinic_data.access.audit import COLUMNS, Verdict, read_trail, trail_actors, trail_head, verify_trail
from clinic_data.access.sign_in import sign_in, sign_out, who
from clinic_data.actor import Actor
from clinic_data.changes import undo
from clinic_data.courses import open_course
from clinic_data.database import Store, prepare
from clinic_data.errors import NotFound, NotPermitted, NotSignedIn
from clinic_data.export import csv_file, write_csv
from clinic_data.holds import pause
from clinic_data.intake.visits_file import Columns
from clinic_data.intake.visits_import import import_visits
from clinic_data.migrations import first_tables, migrations
from clinic_data.migrations import undo as undo_step
from clinic_data.patients import find_patients, read_patient, register_patient
from tests.clinic_data.access.people import PASSWORD, WRONG, account, at
from tests.clinic_data.rows import ACTOR, contents, one, patient, rows

TODAY = date(2026, 11, 23)
BEA = Actor("Bea", "front_desk", address="10.0.0.7")
ENTRY = (
    "select t.actor, t.role, t.account_id, t.address, t.kind, v.what, v.patient_id, v.change_id, t.at"
    " from trail t join trail_values v on v.trail_id = t.id where t.id > ? order by t.id"
)

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def eva(store) -> str:
    """Eva's code."""
    return register_patient(ACTOR, store, "Eva Berg")


def last_entry(store: Store) -> int:
    """The number of the last entry."""
    return one(store, "select max(id) from trail")


# What is entered


def test_a_view_is_entered_once_in_ten_minutes(store, eva, monkeypatch):
    """A page is drawn anew at every click; another person, another place and another patient are views of their own."""
    before = last_entry(store)
    for seconds in (0, 1, 600):
        at(monkeypatch, seconds=seconds)
        read_patient(BEA, store, eva)
    assert rows(store, ENTRY, before) == [
        ("Bea", "front_desk", None, "10.0.0.7", "view", "patient", 1, None, "2026-11-23T09:00:00Z")
    ]
    at(monkeypatch, seconds=601)
    read_patient(BEA, store, eva)
    assert last_entry(store) == before + 2
    mia = register_patient(ACTOR, store, "Mia Holm")
    before = last_entry(store)
    read_patient(BEA, store, mia)
    read_patient(Actor("Bea", "front_desk", address="10.0.0.8"), store, eva)
    read_patient(Actor("Bea", "front_desk", account_id=7, address="10.0.0.7"), store, eva)
    read_patient(Actor("Dan", "front_desk", address="10.0.0.7"), store, eva)
    assert last_entry(store) == before + 4


def test_who_is_not_found_was_not_seen(store):
    """A code that nobody has is no view."""
    before = last_entry(store)
    with pytest.raises(NotFound):
        read_patient(BEA, store, "bcdfghjkmn")
    assert last_entry(store) == before


def test_a_search_is_entered_with_its_words(store, eva):
    """Once for the same words; an empty one is none."""
    before = last_entry(store)
    for text in ("berg", " berg ", "eva", "", "  "):
        find_patients(BEA, store, text)
    assert [entry[:6] for entry in rows(store, ENTRY, before)] == [
        ("Bea", "front_desk", None, "10.0.0.7", "search", "berg"),
        ("Bea", "front_desk", None, "10.0.0.7", "search", "eva"),
    ]


def test_a_change_is_entered_with_its_row(store, eva):
    """And so is its undoing, each with the number of the change and the patient."""
    before, change = last_entry(store), one(store, "select max(id) from changes")
    pause(BEA, store, 1, cause="wish", reason="exams", starts_on=TODAY)
    undo(ACTOR, store, change + 1)
    nine = "2026-11-23T09:00:00Z"
    assert rows(store, ENTRY, before) == [
        ("Bea", "front_desk", None, "10.0.0.7", "change", "pause", 1, change + 1, nine),
        ("Ada", "manager", None, None, "change", "undo: pause", 1, change + 2, nine),
    ]


def test_what_was_not_kept_is_not_entered(store, eva):
    """Neither a rehearsal nor a change that changes nothing."""
    before = contents(store)
    pause(BEA, store.rehearse(lambda db: None), 1, cause="wish", reason="exams", starts_on=TODAY)
    with store.change(BEA, "nothing"):
        pass
    assert contents(store) == before


def test_an_import_is_called_one(store, tmp_path):
    """It is a change too, and has its number."""
    file = tmp_path / "visits.csv"
    file.write_text("who,day\n7,2026-11-02\n")
    before = last_entry(store)
    import_visits(ACTOR, store, file, Columns("who", "day"), protocol_id="acne-scars", date_format="%Y-%m-%d")
    (entry,) = rows(store, ENTRY, before)
    assert entry[4:8] == ("import", "import visits from visits.csv", None, one(store, "select max(id) from changes"))


@pytest.mark.parametrize("place", ["file", "page"])
def test_an_export_is_entered_each_time(store, tmp_path, place):
    """With what it was and how many rows left the clinic."""
    before, frame = last_entry(store), pd.DataFrame({"a": [1, 2]})
    for _ in range(2):
        if place == "file":
            write_csv(BEA, store, frame, tmp_path / "out.csv", what="flags")
        else:
            csv_file(BEA, store, frame, what="flags")
    assert [entry[:6] for entry in rows(store, ENTRY, before)] == [
        ("Bea", "front_desk", None, "10.0.0.7", "export", "flags: 2 rows")
    ] * 2


def test_coming_and_going_is_entered(store):
    """Who signed in and out, from where, and who failed; of a name that nobody has, not even the name."""
    ada = account(store)
    before = last_entry(store)
    here = who(store, sign_in(store, login="ada", password=PASSWORD, address="10.0.0.7"))
    for login in ("ada", "secret typed as a name"):
        with pytest.raises(NotSignedIn):
            sign_in(store, login=login, password=WRONG, address="10.0.0.8")
    sign_out(store, here.id)
    assert [entry[:8] for entry in rows(store, ENTRY, before)] == [
        ("Ada", "manager", ada, "10.0.0.7", "sign-in", "sign in", None, None),
        ("Ada", "manager", ada, "10.0.0.8", "failed sign-in", "sign in", None, None),
        ("unknown", "none", None, "10.0.0.8", "failed sign-in", "sign in", None, None),
        ("Ada", "manager", ada, "10.0.0.7", "sign-out", "sign out", None, None),
    ]


def test_a_refusal_is_entered(store, eva):
    """What it would have taken; also where taking a change back needs more than most changes do."""
    before = last_entry(store)
    with pytest.raises(NotPermitted):
        open_course(BEA, store, 1, protocol_id="acne-scars", area="Chin", planned_sessions=1, opened_on=TODAY)
    with pytest.raises(NotPermitted):
        undo(BEA, store, 1)
    assert [entry[:6] for entry in rows(store, ENTRY, before)] == [
        ("Bea", "front_desk", None, "10.0.0.7", "refusal", "plan treatment"),
        ("Bea", "front_desk", None, "10.0.0.7", "refusal", "change settings"),
    ]


def test_an_entry_is_of_a_known_kind(store):
    """A slip of the pen in the program is noticed."""
    with pytest.raises(AssertionError, match="vieuw"):
        trail.note(BEA, store, "vieuw", "patient")


# Only added to


def raw(store: Store, *statements: str, recursive: str = "off", keys: str = "off") -> None:
    """What somebody does with another program on the file."""
    connection = pysqlite3.connect(str(store.path))
    try:
        connection.execute(f"pragma foreign_keys = {keys}")
        connection.execute(f"pragma recursive_triggers = {recursive}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    finally:
        connection.close()


@pytest.fixture
def told(store, eva) -> Store:
    """A clinic with a trail of every sort: changes, one of them taken back, views and a search."""
    pause(BEA, store, 1, cause="wish", reason="exams", starts_on=TODAY)
    undo(ACTOR, store, one(store, "select max(id) from changes"))
    read_patient(BEA, store, eva)
    find_patients(BEA, store, "berg")
    csv_file(BEA, store, pd.DataFrame({"a": [1]}), what="flags")
    assert verify_trail(ACTOR, store).faults == ()
    return store


REFUSED = [
    "insert into trail select 1, at, actor, role, account_id, address, kind, digest, hash from trail where id = 2",
    "insert or replace into trail select 1, at, 'Eve', role, account_id, address, kind, digest, hash from trail"
    " where id = 1",
    "replace into trail select 1, at, 'Eve', role, account_id, address, kind, digest, hash from trail where id = 1",
    "insert into trail select 1, at, actor, role, account_id, address, kind, digest, hash from trail where id = 1"
    " on conflict (id) do update set actor = 'Eve'",
    "update trail set actor = 'Eve' where id = 1",
    "update or replace trail set id = 2 where id = 1",
    "delete from trail where id = 2",
    "delete from trail",
    "insert or replace into trail_values select trail_id, salt, patient_id, change_id, 'x' from trail_values"
    " where trail_id = 2",
    "replace into trail_values (trail_id) values (2)",
    "insert into trail_values select trail_id, salt, patient_id, change_id, 'x' from trail_values where trail_id = 2"
    " on conflict (trail_id) do update set what = 'x'",
    "update trail_values set what = 'x' where trail_id = 2",
    "update trail_values set what = null where trail_id = 2",
    "update trail_values set salt = null, what = null, patient_id = null, change_id = null where trail_id = 2",
    "update or replace trail_values set trail_id = 3, salt = null, what = null, patient_id = null where trail_id = 2",
    "delete from trail_values where trail_id = 2",
    "insert or replace into changes select 1, at, 'Eve', role, action, patient_id, rows, undoes, account_id"
    " from changes where id = 1",
    "replace into changes select 99, at, actor, role, action, patient_id, rows, undoes, account_id from changes"
    " where undoes is not null",
    "insert into changes select 1, at, actor, role, action, patient_id, rows, null, account_id from changes"
    " where id = 1 on conflict (id) do update set actor = 'Eve'",
    "update changes set actor = 'Eve' where id = 1",
    "update changes set rows = '[{}]' where id = 1",
    "update changes set rows = '[]', patient_id = 2 where id = 1",
    "update or replace changes set id = 2, rows = '[]', patient_id = null where id = 1",
    "update or replace changes set undoes = 3, rows = '[]', patient_id = null where undoes is null",
    "delete from changes where id = 1",
    "delete from changes",
]


@pytest.mark.parametrize("recursive", ["off", "on"])
@pytest.mark.parametrize("statement", REFUSED)
def test_sql_adds_to_it_only(told, statement, recursive):
    """The file itself refuses to alter or cut the trail and the changes, by whatever program, with foreign keys off."""
    before = contents(told)
    with pytest.raises(pysqlite3.IntegrityError, match=r"can only be (added to|erased)"):
        raw(told, statement, recursive=recursive)
    assert contents(told) == before


ERASED = "update trail_values set salt = null, patient_id = null, what = null where trail_id = {}"


def test_what_an_entry_says_can_be_erased(told):
    """A patient who asks for it is forgotten; that something was done stays, and the chain holds."""
    pause_entry = one(told, "select min(trail_id) from trail_values where what = 'pause'")
    number = one(told, "select change_id from trail_values where trail_id = ?", pause_entry)
    view = one(told, "select trail_id from trail_values where what = 'patient'")
    before = verify_trail(ACTOR, told)
    raw(
        told,
        ERASED.format(pause_entry),
        ERASED.format(view),
        f"update changes set rows = '[]', patient_id = null where id = {number}",
        keys="on",
    )
    assert verify_trail(ACTOR, told, known_head=before.head) == Verdict(before.entries, 2, before.head, ())
    listed = read_trail(ACTOR, told).set_index("number")
    assert listed.loc[view, ["actor", "kind"]].tolist() == ["Bea", "view"]
    assert listed.loc[[view, pause_entry], ["what", "patient", "patient_id"]].isna().all(axis=None)
    assert listed.loc[pause_entry, "change_id"] == number


def test_a_change_is_not_forgotten_alone(told):
    """Where its rows were erased and the entry still says what they were, it counts as altered."""
    number, entry = rows(told, "select change_id, trail_id from trail_values where what = 'pause'")[0]
    raw(told, f"update changes set rows = '[]', patient_id = null where id = {number}")
    assert verify_trail(ACTOR, told).faults == (f"what entry {entry} says was altered",)


# Whatever is altered is found


def tampered(store: Store, *statements: str) -> tuple[str, ...]:
    """What checking finds after somebody took the triggers away first."""
    triggers = [name for (name,) in rows(store, "select name from sqlite_master where type = 'trigger'")]
    assert len(triggers) == 9
    raw(store, *(f"drop trigger {name}" for name in triggers), *statements)
    return verify_trail(ACTOR, store).faults


CHAIN = "entry 3 or the one before it was altered"
SAYS = "what entry 3 says was altered"
INSERTED = (
    "insert into changes (at, actor, role, action, rows) values ('2026-11-23T09:00:00Z', 'Ada', 'manager', 'x', '{}')"
)


@pytest.mark.parametrize(
    ("statements", "faults"),
    [
        (["update trail set actor = 'Eve' where id = 3"], [CHAIN]),
        (["update trail set at = '2026-11-22T09:00:00Z' where id = 3"], [CHAIN]),
        (["update trail set kind = 'search' where id = 3"], [CHAIN]),
        (["update trail set role = 'manager' where id = 3"], [CHAIN]),
        (["update trail set address = null where id = 3"], [CHAIN]),
        (["update trail set account_id = 1 where id = 3"], [CHAIN]),
        (["update trail set hash = 'x' where id = 3"], [CHAIN, "entry 4 or the one before it was altered"]),
        (["update trail set digest = 'x' where id = 3"], [CHAIN, SAYS]),
        (["update trail_values set what = 'nothing' where trail_id = 3"], [SAYS]),
        (["update trail_values set patient_id = 2 where trail_id = 3"], [SAYS]),
        (["update trail_values set salt = 'x' where trail_id = 3"], [SAYS]),
        (["update trail_values set change_id = 1 where trail_id = 3"], [SAYS, "change 3 stands in no entry"]),
        (
            ["delete from trail_values where trail_id = 3"],
            ["what entry 3 says is missing", "change 3 stands in no entry"],
        ),
        (["update changes set rows = '[]' where id = 3"], [SAYS]),
        (["update changes set rows = replace(rows, 'exams', 'a holiday') where id = 3"], [SAYS]),
        (["update changes set actor = 'Eve' where id = 3"], [SAYS]),
        (["update changes set at = '2026-11-22T09:00:00Z' where id = 3"], [SAYS]),
        (["update changes set undoes = 1 where id = 3"], [SAYS]),
        (["delete from changes where id = 3"], [SAYS]),
        (
            ["delete from trail where id = 3", "delete from trail_values where trail_id = 3"],
            ["entry 3 is missing", "entry 4 or the one before it was altered", "change 3 stands in no entry"],
        ),
        (
            [
                *("update trail set id = 99 where id = 3", "update trail set id = 3 where id = 5"),
                "update trail set id = 5 where id = 99",
            ],
            [
                *(CHAIN, SAYS, "entry 4 or the one before it was altered", "entry 5 or the one before it was altered"),
                *("what entry 5 says was altered", "entry 6 or the one before it was altered"),
            ],
        ),
        ([INSERTED.format("[{}]")], ["change 5 stands in no entry"]),
        ([INSERTED.format("[]")], ["change 5 stands in no entry"]),
    ],
)
def test_what_was_altered_is_found_and_named(told, statements, faults):
    """Entry 3 is a pause, and so is change 3: an actor, a time, a kind, what it says, a row, a gap, a swap."""
    assert tampered(told, *statements) == tuple(faults)


CUT = ["delete from trail where id >= 6", "delete from trail_values where trail_id >= 6"]


def test_a_cut_tail_is_found_by_a_head_written_down(told):
    """In itself a shorter trail is a whole one; what somebody wrote down is no longer in it."""
    head = trail_head(ACTOR, told)
    number = head.split(":")[0]
    assert verify_trail(ACTOR, told, known_head=f" {head}\n").faults == ()
    assert tampered(told, *CUT) == ()
    assert verify_trail(ACTOR, told, known_head=head).faults == (
        f"the head written down, entry {number}, is not in this trail",
    )
    find_patients(ACTOR, told, "somebody else")
    find_patients(ACTOR, told, "and another")
    assert trail_head(ACTOR, told).startswith(f"{number}:")
    assert len(verify_trail(ACTOR, told, known_head=head).faults) == 1


def test_an_older_head_is_in_a_longer_trail(told):
    """What was written down stays good; the first head of all is that of an empty trail."""
    head = trail_head(ACTOR, told)
    find_patients(ACTOR, told, "somebody else")
    assert verify_trail(ACTOR, told, known_head=head).faults == ()
    assert verify_trail(ACTOR, told, known_head=f"0:{chain.START}").faults == ()


@pytest.mark.parametrize("head", ["", "x", "1", "1:", "²:0", "9" * 5000, "99:0", "-1:0"])
def test_what_is_no_head_is_not_in_the_trail(told, head):
    """However it was copied."""
    (fault,) = verify_trail(ACTOR, told, known_head=head).faults
    assert fault.endswith("is not in this trail")


def test_an_empty_trail_holds(tmp_path):
    """Of a file that was made just now."""
    store = prepare(tmp_path / "new.db")
    assert trail_head(ACTOR, store) == f"0:{chain.START}"
    assert verify_trail(ACTOR, store) == Verdict(0, 0, f"0:{chain.START}", ())
    listed = read_trail(ACTOR, store)
    assert (listed.columns.tolist(), len(listed)) == (COLUMNS, 0)
    assert str(listed["at"].dtype.tz) == "UTC"
    assert trail_actors(ACTOR, store) == []


# A file from before there was a trail


def old_file(path: Path) -> None:
    """A file at the form before, with three changes of a patient's record, one of them an undoing."""
    db = Database(pysqlite3.connect(str(path)))
    db.enable_wal()
    migrations.apply(db, stop_before="access")
    made = "insert into changes (at, actor, role, action, patient_id, rows, undoes) values (?, ?, ?, ?, ?, ?, ?)"
    for row in (
        ("2026-01-05T10:00:00Z", "Ada", "manager", "fill", None, '[{"table": "patients", "added": 1}]', None),
        ("2026-01-05T11:00:00Z", "Bea", "front_desk", "pause", 1, '[{"table": "holds", "reason": "Zoë"}]', None),
        ("2026-01-06T09:00:00Z", "Ada", "manager", "undo: pause", 1, '[{"table": "holds"}]', 2),
    ):
        db.execute(made, row)
    db.execute("insert into patients (id, code, name, folded_name) values (1, 'bcdfghjkmn', 'Eva Berg', 'eva berg')")
    db.conn.commit()
    db.close()


def test_an_older_files_changes_are_entered(tmp_path):
    """Each as it was made, in their order; the trail holds, goes on, and finds what is altered from then on."""
    path = tmp_path / "old.db"
    old_file(path)
    store = prepare(path)
    assert rows(store, ENTRY, 0) == [
        ("Ada", "manager", None, None, "change", "fill", None, 1, "2026-01-05T10:00:00Z"),
        ("Bea", "front_desk", None, None, "change", "pause", 1, 2, "2026-01-05T11:00:00Z"),
        ("Ada", "manager", None, None, "change", "undo: pause", 1, 3, "2026-01-06T09:00:00Z"),
    ]
    patient(store, "Mia Holm")
    verdict = verify_trail(ACTOR, store)
    assert (verdict.entries, verdict.erased, verdict.faults) == (4, 0, ())
    assert prepare(path) == store
    assert verify_trail(ACTOR, store) == verdict
    assert tampered(store, "update changes set rows = '[1]' where id = 2") == ("what entry 2 says was altered",)


def test_the_steps_before_are_those_of_the_old_file():
    """The test above makes the file that the last release made."""
    names = [step.name for step in migrations.pending(Database(memory=True))]
    assert names[:3] == [first_tables.__name__, undo_step.__name__, "access"]


# Reading it


SUMMER = ["2026-06-30T22:59:59", "2026-06-30T23:00:00", "2026-07-01T22:59:59", "2026-07-01T23:00:00"]
"""The last second of a day in London, the first and last of the next one, and the first of the third."""


@pytest.fixture
def summer(store, eva, monkeypatch) -> Store:
    """Searches by Bea around two midnights in July, and two views by others."""
    for instant in SUMMER:
        monkeypatch.setenv("CLINIC_NOW", f"{instant}+00:00")
        find_patients(BEA, store, instant)
    monkeypatch.setenv("CLINIC_NOW", "2026-07-05T12:00:00+00:00")
    read_patient(Actor("Dan", "read_only"), store, eva)
    trail.note(Actor("Eve", "manager"), store, "view", "caseload")
    return store


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [
        (date(2026, 7, 1), date(2026, 7, 1), SUMMER[1:3]),
        (None, date(2026, 6, 30), SUMMER[:1]),
        (date(2026, 7, 2), None, SUMMER[3:]),
        (date(2026, 6, 30), date(2026, 7, 2), SUMMER),
        (date(2026, 7, 2), date(2026, 7, 1), []),
    ],
)
def test_a_day_is_the_clinics(summer, first, last, wanted):
    """It turns at London's midnight, an hour before that of UTC in summer; both days are included."""
    listed = read_trail(ACTOR, summer, first=first, last=last, kinds=["search"])
    assert listed["what"].tolist() == wanted[::-1]


def test_times_are_the_clinics(summer):
    """As the clock on the wall showed them."""
    listed = read_trail(ACTOR, summer, kinds=["search"])
    assert listed["at"].map(str).tolist()[-2:] == ["2026-07-01 00:00:00+01:00", "2026-06-30 23:59:59+01:00"]


FILTERS: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"kinds": ["view"]}, [("Eve", "view"), ("Dan", "view")]),
    ({"kinds": ["view", "search"], "most": 3}, [("Eve", "view"), ("Dan", "view"), ("Bea", "search")]),
    ({"actors": ["Dan"]}, [("Dan", "view")]),
    ({"actors": ["Dan", "Eve"], "kinds": ["view"]}, [("Eve", "view"), ("Dan", "view")]),
    ({"patient_id": 1}, [("Dan", "view"), ("Ada", "change")]),
    ({"patient_id": 1, "kinds": ["change"]}, [("Ada", "change")]),
    ({"patient_id": 2}, []),
    ({"actors": ["x' or '1' = '1"]}, []),
    ({"most": 0}, []),
    ({"most": 1}, [("Eve", "view")]),
]


@pytest.mark.parametrize(("chosen", "wanted"), FILTERS)
def test_the_trail_is_filtered(summer, chosen, wanted):
    """By kind, actor and patient, each alone or together; the latest first, and at most so many."""
    listed = read_trail(ACTOR, summer, **chosen)
    assert list(zip(listed["actor"], listed["kind"], strict=True)) == wanted


def test_an_entry_is_read_whole(summer, eva):
    """With the patient's public code, and the number of the change."""
    last = read_trail(ACTOR, summer, patient_id=1).astype(object)
    view, registered = last.where(last.notna(), None).to_dict("records")
    assert view.items() >= {"role": "read_only", "what": "patient", "patient": eva, "change_id": None}.items()
    assert registered.items() >= {"what": "register a patient", "patient": eva, "change_id": 2}.items()
    assert trail_actors(ACTOR, summer) == ["Ada", "Bea", "Dan", "Eve"]


def test_reading_the_trail_is_not_entered(summer):
    """It would grow by being looked at."""
    before = contents(summer)
    read_trail(ACTOR, summer)
    verify_trail(ACTOR, summer)
    assert contents(summer) == before


def entries_by(store: Store, number: int) -> Callable[[int], None]:
    """Lets a thread write so many entries."""

    def write(place: int) -> None:
        for turn in range(number):
            trail.note(Actor(f"Bea {place}", "front_desk"), store, "search", str(turn))

    return write


def test_many_who_write_at_once_make_one_chain(store):
    """No entry is lost, none has another's number, and the chain holds."""
    before = last_entry(store)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(entries_by(store, 5), range(4)))
    assert last_entry(store) == before + 20
    assert verify_trail(ACTOR, store).faults == ()
