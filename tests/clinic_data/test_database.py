"""The clinic's file: made once, changed one change at a time, each of them written down or not there at all."""

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pysqlite3
import pytest

from clinic_data import database
from clinic_data.database import SCHEDULED, Store, prepare, store_at
from clinic_data.errors import NotAllowed, NotReady
from tests.clinic_data.rows import ACTOR, contents, one, patient, rows, write


def last_change(store: Store) -> list[dict]:
    """The rows of the last change, with before and after."""
    return json.loads(one(store, "select rows from changes order by id desc limit 1"))


# Making the file


def test_preparing_again_changes_nothing(store):
    """A second start finds the file as the first one left it."""
    before = contents(store)
    assert prepare(store.path) == store
    assert contents(store) == before


def test_folders_are_made(tmp_path):
    """The file may lie in a folder that is not there yet."""
    assert prepare(tmp_path / "new" / "folder" / "clinic.db").revision() == 0


def test_every_table_is_strict(store):
    """No table takes text for a number."""
    made = "select name, strict from pragma_table_list where schema = 'main' and type = 'table'"
    ours = {name: strict for name, strict in rows(store, made) if not name.startswith(("sqlite", "_sqlite"))}
    assert {"patients", "visits", "changes"} <= set(ours)
    assert set(ours.values()) == {1}, ours


def test_the_scheduled_tables_exist(store):
    """Every table that counts the revision is one of the file."""
    with store.read() as db:
        assert set(db.table_names()) >= SCHEDULED


def test_readers_do_not_wait(store):
    """The file has a write-ahead log, and each commit reaches the disk."""
    with store.read() as db:
        assert db.execute("pragma journal_mode").fetchone() == ("wal",)
        assert db.execute("pragma synchronous").fetchone() == (2,)
        assert db.execute("pragma foreign_keys").fetchone() == (1,)


def test_an_old_sqlite_is_refused(tmp_path, monkeypatch):
    """A SQLite that may damage the file is not let near it."""
    monkeypatch.setattr(database, "OLDEST_SQLITE", (99, 1, 2))
    with pytest.raises(NotReady, match=r"SQLite [\d.]+ may damage files; 99\.1\.2 or newer is needed"):
        prepare(tmp_path / "clinic.db")
    assert not (tmp_path / "clinic.db").exists()


def test_the_sqlite_at_hand_is_new_enough():
    """What is pinned in the requirements has no log corruption."""
    assert pysqlite3.sqlite_version_info >= (3, 51, 3)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    """A letter is not a clinic, and stays a letter."""
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear clinic, " * 100)
    with pytest.raises(NotReady, match=r"letter\.txt can't be used as a clinic file: file is not a database"):
        prepare(letter)
    assert letter.read_text() == "Dear clinic, " * 100


@pytest.mark.parametrize("place", ["folder", "letter.txt/clinic.db"])
def test_a_place_without_room_for_a_file_is_refused(tmp_path, place):
    """Neither a folder nor something below a file can be the clinic's file."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "letter.txt").write_text("Dear clinic")
    with pytest.raises(NotReady, match="can't be used as a clinic file"):
        prepare(tmp_path / place)


def test_a_file_with_rows_that_refer_to_nothing_is_refused(store):
    """What another program broke is named, not served."""
    other = pysqlite3.connect(str(store.path))
    other.execute("insert into patient_factors (patient_id, factor) values (7, 'asthma')")
    other.commit()
    other.close()
    with pytest.raises(NotReady, match="1 rows refer to rows that are gone, first in table patient_factors"):
        prepare(store.path)


def test_a_missing_file_is_not_made_by_reading(tmp_path):
    """Reading and changing say how to make the file, and make none."""
    store = Store(tmp_path / "none.db")
    with pytest.raises(NotReady, match=r"no clinic file at .*none\.db; `python clinic\.py start` makes one"):
        store.revision()
    with pytest.raises(NotReady, match="no clinic file"):
        write(store, "practitioners", name="Ada")
    assert not store.path.exists()


def test_the_file_is_the_one_that_is_named(monkeypatch):
    """A path given comes first, then CLINIC_DB, then data/clinic.db."""
    assert store_at().path.parts[-2:] == ("data", "clinic.db")
    monkeypatch.setenv("CLINIC_DB", "elsewhere.db")
    assert store_at().path == Path("elsewhere.db")
    assert store_at("given.db").path == Path("given.db")


# One change


def test_an_insert_is_written_down(store):
    """The new row stands in the list of changes, with its id, who did it, in which role, and why."""
    with store.change(ACTOR, "hire", patient_id=4) as change:
        key = change.insert("practitioners", {"name": "Dr Åse Öberg"})
    assert rows(store, "select id, name from practitioners") == [(key, "Dr Åse Öberg")]
    assert last_change(store) == [
        {"table": "practitioners", "before": None, "after": {"id": key, "name": "Dr Åse Öberg"}}
    ]
    assert rows(store, "select actor, role, action, patient_id from changes order by id desc limit 1") == [
        (ACTOR.name, ACTOR.role, "hire", 4)
    ]


def test_a_change_is_dated_in_utc(store, today):
    """The instant is kept to the second."""
    write(store, "practitioners", name="Ada")
    assert one(store, "select at from changes order by id desc limit 1") == "2026-11-23T09:00:00Z"


def test_an_update_keeps_what_was_there(store):
    """Before and after are whole rows."""
    key = write(store, "practitioners", name="Ada")
    with store.change(ACTOR, "leave") as change:
        change.update("practitioners", key, active=0)
    before = {"id": key, "name": "Ada", "active": 1}
    assert last_change(store) == [{"table": "practitioners", "before": before, "after": before | {"active": 0}}]
    assert rows(store, "select active from practitioners") == [(0,)]


def test_a_delete_keeps_what_was_there(store):
    """A row that is gone can be read in the list of changes."""
    key = write(store, "practitioners", name="Ada")
    with store.change(ACTOR, "mistake") as change:
        change.delete("practitioners", key)
    assert last_change(store) == [
        {"table": "practitioners", "before": {"id": key, "name": "Ada", "active": 1}, "after": None}
    ]
    assert rows(store, "select * from practitioners") == []


def test_many_rows_are_one_entry(store):
    """A large insert is remembered by its number and its ids."""
    with store.change(ACTOR, "hire all") as change:
        first = change.next_id("practitioners")
        people = [(first + place, f"Dr {place}") for place in range(500)]
        change.insert_many("practitioners", ["id", "name"], people)
    assert one(store, "select count(*) from practitioners") == 500
    assert last_change(store) == [{"table": "practitioners", "added": 500, "first_id": first, "last_id": first + 499}]


def test_rows_without_an_id_can_be_added(store):
    """Tables with a key of another kind work as well, one by one and many at once."""
    eva = patient(store)
    with store.change(ACTOR, "note") as change:
        change.insert("patient_factors", {"patient_id": eva, "factor": "smoker"})
        change.insert_many("patient_factors", ["patient_id", "factor"], [(eva, "pregnant"), (eva, "asthma")])
    assert last_change(store) == [
        {"table": "patient_factors", "before": None, "after": {"patient_id": eva, "factor": "smoker"}},
        {"table": "patient_factors", "added": 2},
    ]


def test_several_rows_are_one_change(store):
    """What belongs together is one entry and one revision."""
    before = store.revision()
    with store.change(ACTOR, "close twice") as change:
        for month in ("01", "02"):
            dates = {"starts_on": f"2026-{month}-01", "ends_on": f"2026-{month}-08"}
            change.insert("closures", dates | {"reason": "holiday"})
    assert len(last_change(store)) == 2
    assert store.revision() == before + 1


@pytest.mark.parametrize(("table", "counted"), [("practitioners", 0), ("protocols", 1)])
def test_only_what_the_schedule_reads_is_a_new_revision(store, table, counted):
    """The people who treat are not in the schedule; a protocol is."""
    row = {"practitioners": {"name": "Ada"}, "protocols": {"id": "a", "version": 1, "content": "…"}}[table]
    before = store.revision()
    write(store, table, **row)
    assert store.revision() == before + counted
    assert one(store, "select count(*) from changes where action = ?", f"write {table}") == 1


def test_doing_nothing_leaves_no_trace(store):
    """A change without rows is no change."""
    before = contents(store)
    with store.change(ACTOR, "look") as change:
        change.insert_many("practitioners", ["name"], [])
    assert contents(store) == before


def add_then_fail(store: Store) -> None:
    """A change of several rows that ends in an error."""
    with store.change(ACTOR, "half") as change:
        change.insert("practitioners", {"name": "Ada"})
        change.insert_many("practitioners", ["name"], [("Bea",), ("Cleo",)])
        change.insert("closures", {"starts_on": "2026-01-01", "ends_on": "2026-01-02", "reason": "snow"})
        raise KeyError("half")


def test_an_error_undoes_all_of_it(store):
    """What was written before the error is gone, and so is the entry."""
    before = contents(store)
    with pytest.raises(KeyError, match="half"):
        add_then_fail(store)
    assert contents(store) == before


def add_twice(store: Store) -> None:
    """A change whose second row the file refuses."""
    with store.change(ACTOR, "hire") as change:
        change.insert("practitioners", {"name": "Ada"})
        change.insert("practitioners", {"name": "Ada"})


def test_a_row_that_the_file_refuses_is_not_allowed(store):
    """The sentence names the action and the rule, and nothing of the change is kept."""
    before = contents(store)
    with pytest.raises(NotAllowed, match=r"^hire: the file refuses this row \(UNIQUE constraint failed"):
        add_twice(store)
    assert contents(store) == before


def test_a_reference_to_nobody_is_not_allowed(store):
    """A row of a patient who is not there is refused."""
    with pytest.raises(NotAllowed, match="FOREIGN KEY"):
        write(store, "patient_factors", patient_id=12, factor="smoker")


def test_a_file_that_stays_locked_is_not_ready(store, monkeypatch):
    """Whoever waits in vain is told so in a sentence."""
    monkeypatch.setattr(database, "PATIENCE", 0.0)
    with store.change(ACTOR, "first") as change:
        change.insert("practitioners", {"name": "Ada"})
        with pytest.raises(NotReady, match=r"can't be changed now \(database is locked\); nothing was kept"):
            write(store, "practitioners", name="Bea")
    assert rows(store, "select name from practitioners") == [("Ada",)]


# Several at once


def test_a_reader_sees_the_state_before_a_change(store):
    """Neither half a change nor one that ends while it reads."""
    with store.change(ACTOR, "hire") as change:
        change.insert("practitioners", {"name": "Ada"})
        with store.read() as early:
            assert early.table("practitioners").count == 0
            change.db.conn.commit()
            assert early.table("practitioners").count == 0
        with store.read() as late:
            assert late.table("practitioners").count == 1


def test_a_reader_can_not_write(store):
    """A page that reads by mistake changes nothing."""
    with pytest.raises(pysqlite3.OperationalError, match="readonly"), store.read() as db:
        db.execute("insert into practitioners (name) values ('Ada')")
    assert rows(store, "select * from practitioners") == []


def add_up(path: Path, times: int) -> None:
    """Count one setting up, once a change."""
    store = Store(path)
    for _ in range(times):
        with store.change(ACTOR, "count") as change:
            number = int(change.db.table("settings").get("counter")["value"])
            change.update("settings", "counter", value=str(number + 1))


@pytest.mark.parametrize("workers", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_changes_at_the_same_time_all_count(store, workers):
    """Four that change the same row 25 times each lose nothing, as threads and as programs."""
    write(store, "settings", name="counter", value="0")
    before = store.revision()
    several = {"mp_context": multiprocessing.get_context("spawn")} if workers is ProcessPoolExecutor else {}
    with workers(4, **several) as pool:
        for done in [pool.submit(add_up, store.path, 25) for _ in range(4)]:
            done.result()
    assert one(store, "select value from settings where name = 'counter'") == "100"
    assert one(store, "select count(*) from changes where action = 'count'") == 100
    assert store.revision() == before + 100


def test_another_program_s_file_is_left_alone(tmp_path):
    """A database that is no clinic's is refused, and gets no table of ours."""
    path = tmp_path / "other.db"
    with closing(pysqlite3.connect(str(path))) as other:
        other.execute("create table notes (text text)")
        other.commit()
    with pytest.raises(NotReady, match="database of another program"):
        prepare(path)
    with closing(pysqlite3.connect(str(path))) as other:
        assert other.execute("select name from sqlite_master").fetchall() == [("notes",)]


def test_a_file_from_a_newer_program_is_refused(store):
    """A step that this program does not know was made by a newer one."""
    with closing(pysqlite3.connect(str(store.path))) as newer:
        newer.execute("insert into _sqlite_migrations select 99, migration_set, 'from_tomorrow', applied_at"
                      " from _sqlite_migrations limit 1")  # fmt: skip
        newer.commit()
    with pytest.raises(NotReady, match="newer version of this program"):
        prepare(store.path)
