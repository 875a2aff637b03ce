"""The clinic's file: open it, read it, change it, and the revision that says when the schedule changed."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pysqlite3 as sqlite3
import sqlite_utils
from sqlite_utils import Database

from clinic_data import clock
from clinic_data.access import chain
from clinic_data.access.own import must_be_own
from clinic_data.actor import Actor
from clinic_data.errors import Conflict, NotAllowed, NotReady
from clinic_data.migrations import migrations, steps
from clinic_data.renewal import latest_change

PATIENCE = 10.0
"""So many seconds a change waits for the one before it."""

OLDEST_SQLITE = (3, 51, 3)
"""Before this one, SQLite's write-ahead log may corrupt the file when it is reset."""

SCHEDULED = frozenset(
    {"patients", "protocols", "courses", "visits", "visit_courses", "holds", "agreements", "closures", "settings"}
)
"""The tables that the schedule reads: a change to one of them is a new revision."""

SECRET = {"accounts": frozenset({"password_hash", "second_factor", "second_factor_step"})}
"""Columns whose values are not remembered with a change."""

PROJECT = Path(__file__).resolve().parents[1]

Row = dict[str, Any]
Key = int | str | tuple


@dataclass(frozen=True)
class Store:
    """Where the clinic's file is; connections are opened for one piece of work and closed after it."""

    path: Path

    @contextmanager
    def read(self) -> Iterator[Database]:
        """A connection that can't write, on one consistent state of the file."""
        with self._open() as db:
            db.conn.execute("pragma query_only = on")
            db.conn.execute("begin")
            yield db
            db.conn.rollback()

    @contextmanager
    def change(
        self,
        actor: Actor,
        action: str,
        *,
        patient_id: int | None = None,
        seen: int | None = None,
        kind: str = "change",
    ) -> Iterator["Change"]:
        """One change: all of it or nothing, with one row in `changes` and, where it matters, a new revision.

        `seen` is the patient's latest change that the actor knew of (`latest_change`): where there is a later
        one by now, Conflict says whose it is. NotFound where the patient is not the actor's to see. `kind` is what
        the trail calls it.
        """
        with self.writing(action) as db:
            change = Change(db, actor, patient_id=patient_id)
            must_be_own(db, actor, patient_id)
            if seen is not None:
                _must_be_seen(db, patient_id, seen)
            yield change
            change.close(action, kind)

    @contextmanager
    def writing(self, what: str) -> Iterator[Database]:
        """A connection that writes, alone, all of it or nothing; what the schedule reads is written by `change`."""
        with self._open() as db:
            try:
                db.conn.execute("begin immediate")
                yield db
                self._end(db)
            except sqlite3.IntegrityError as error:
                db.conn.rollback()
                raise NotAllowed(f"{what}: the file refuses this row ({error})") from error
            except sqlite3.DatabaseError as error:
                db.conn.rollback()
                raise NotReady(f"{self.path} can't be changed now ({error}); nothing was kept.") from error
            except BaseException:
                db.conn.rollback()
                raise

    def rehearse(self, look: Callable[[Database], Any]) -> "Rehearsal":
        """The same file, where changes are made, looked at and taken back: what they would do, exactly."""
        return Rehearsal(self.path, look)

    def latest_change(self, patient_id: int) -> int:
        """The number of the latest change to a patient's record, 0 before the first."""
        with self.read() as db:
            return _latest_change(db, patient_id)

    def _end(self, db: Database) -> None:
        db.conn.commit()

    @contextmanager
    def _open(self) -> Iterator[Database]:
        if not self.path.exists():
            raise NotReady(f"There is no clinic file at {self.path}; `python clinic.py start` makes one.")
        db = _connect(self.path)
        try:
            yield db
        finally:
            db.close()

    def revision(self) -> int:
        """How often anything that the schedule reads has changed."""
        with self.read() as db:
            return int(next(db.query("select number from revision"))["number"])

    def number_of_changes(self) -> int:
        """The number of the latest change of all, whatever it concerned, 0 before the first."""
        with self.read() as db:
            return latest_change(db)


@dataclass(frozen=True)
class Rehearsal(Store):
    """A file on which no change lasts; `seen` holds what `look` saw after the last one."""

    look: Callable[[Database], Any]
    seen: list[Any] = field(default_factory=list)

    def _end(self, db: Database) -> None:
        self.seen[:] = [self.look(db)]
        db.conn.rollback()


@dataclass
class Change:
    """A change in progress: its rows are remembered with before and after."""

    db: Database
    actor: Actor
    patient_id: int | None = None
    rows: list[Row] = field(default_factory=list)
    undoes: int | None = None

    def insert(self, table: str, row: Row) -> int:
        """A new row; returns its id (or rowid)."""
        if table == "patients" and "id" not in row:
            row = {"id": self.next_id(table)} | row
        made = self.db.table(table).insert(row)
        key = made.last_rowid
        self.rows.append({"table": table, "before": None, "after": row | self._key(table, key)})
        return int(key) if key is not None else 0

    def insert_many(self, table: str, columns: list[str], rows: Sequence[tuple]) -> None:
        """Many new rows of tuples in the order of `columns`; remembered by their number and range of ids."""
        if not rows:
            return
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        self.db.conn.executemany(f"insert into {table} ({names}) values ({marks})", rows)
        ids = {"first_id": rows[0][0], "last_id": rows[-1][0]} if columns[0] == "id" else {}
        self.rows.append({"table": table, "added": len(rows), **ids})

    def next_id(self, table: str) -> int:
        """The id that the next row of a table may have; a patient's is new even where an undone one had it."""
        used = [self.db.execute(f"select coalesce(max(id), 0) from {table}").fetchone()[0]]
        if table == "patients":
            used += self.db.execute("select coalesce(max(patient_id), 0) from changes").fetchone()
        return int(max(used)) + 1

    def update(self, table: str, key: Key, **values: Any) -> None:
        """Other values for one row."""
        before = self.db.table(table).get(key)
        self.db.table(table).update(key, values)
        self.rows.append({"table": table, "before": before, "after": before | values})

    def move(self, table: str, key: Key, patient_id: int, **values: Any) -> None:
        """Give one row to another patient; that all rows agree whose they are is checked at the change's end."""
        self._check_at_the_end()
        self.update(table, key, patient_id=patient_id, **values)

    def delete(self, table: str, key: Key) -> None:
        """Take one row away."""
        before = self.db.table(table).get(key)
        self.db.table(table).delete(key)
        self.rows.append({"table": table, "before": before, "after": None})

    def close(self, action: str, kind: str = "change") -> None:
        """Write down who did what, count the revision, and enter it in the trail."""
        if not self.rows:
            return
        if any(row["table"] in SCHEDULED for row in self.rows):
            self.db.conn.execute("update revision set number = number + 1")
        at = clock.instant()
        made = self.db.table("changes").insert(
            {
                "at": at,
                "actor": self.actor.name,
                "role": self.actor.role,
                "account_id": self.actor.account_id,
                "action": action,
                "patient_id": self.patient_id,
                "rows": json.dumps([_without_secrets(row) for row in self.rows], ensure_ascii=False),
                "undoes": self.undoes,
            }
        )
        chain.append(self.db, self.actor, kind, action, patient_id=self.patient_id, change_id=made.last_rowid, at=at)

    def put_back(self, row: Row) -> None:
        """One remembered row as it was before; Conflict where it is no longer as that change left it.

        A protocol's text serves the plans of many patients: it stays where another plan needs it.
        """
        table, before, after = self.db.table(row["table"]), row["before"], row["after"]
        pks = table.pks
        key = [(after or before)[name] for name in pks]
        where = " and ".join(f"{name} = ?" for name in pks)
        now = next(table.rows_where(where, key), None)
        shared = row["table"] == "protocols"
        if shared and now == before:
            return
        if (now is None) != (after is None) or (now and any(now[name] != value for name, value in after.items())):
            raise Conflict("This was changed again since; undo the later change first.")
        if before and after and before.get("patient_id") != after.get("patient_id"):
            self._check_at_the_end()
        if after is None:
            table.insert(before)
        elif before is None:
            try:
                table.delete(key if len(key) > 1 else key[0])
            except sqlite3.IntegrityError as error:
                if shared:
                    return
                raise Conflict("Something that came later needs this; undo the later change first.") from error
        else:
            table.update(key if len(key) > 1 else key[0], before)
        self.rows.append({"table": row["table"], "before": now, "after": before})

    def _check_at_the_end(self) -> None:
        """Let a plan and its visits be of different patients until the change is kept: both say whose they are."""
        self.db.conn.execute("pragma defer_foreign_keys = on")

    def _key(self, table: str, key: int | None) -> Row:
        return {"id": key} if self.db.table(table).pks == ["id"] else {}


def _without_secrets(row: Row) -> Row:
    """A remembered row without the values that nobody may read again: passwords' hashes, second factors."""
    secret = SECRET.get(row["table"], frozenset())
    hide = {name: "(secret)" for name in secret}
    return {
        part: {name: hide.get(name, kept) for name, kept in value.items()} if isinstance(value, dict) else value
        for part, value in row.items()
    }


def _latest_change(db: Database, patient_id: int | None) -> int:
    row = db.execute("select coalesce(max(id), 0) from changes where patient_id = ?", [patient_id]).fetchone()
    return int(row[0])


def _must_be_seen(db: Database, patient_id: int | None, seen: int) -> None:
    latest = _latest_change(db, patient_id)
    if latest > seen:
        other = db.table("changes").get(latest)
        at = other["at"].replace("T", " ").removesuffix("Z")
        raise Conflict(
            f"{other['actor']} changed this record meanwhile ({other['action']}, {at} UTC), so nothing was saved; "
            "look at it again and then save."
        )


def store_at(path: Path | str | None = None) -> Store:
    """The clinic's file: the path given, else CLINIC_DB, else data/clinic.db beside the program."""
    return Store(Path(path or os.environ.get("CLINIC_DB") or PROJECT / "data" / "clinic.db"))


def prepare(path: Path) -> Store:
    """Make the file where there is none, and bring it to this program's form; NotReady where that fails."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        raise NotReady(f"SQLite {sqlite3.sqlite_version} may damage files; {wanted} or newer is needed.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = _connect(path)
        try:
            _must_be_ours(db, path)
            db.conn.execute("pragma foreign_keys = off")
            db.enable_wal()
            migrations.apply(db)
            broken = list(db.query("pragma foreign_key_check"))
        finally:
            db.close()
    except (OSError, sqlite3.DatabaseError) as error:
        raise NotReady(f"{path} can't be used as a clinic file: {error}.") from error
    if broken:
        raise NotReady(f"{path}: {len(broken)} rows refer to rows that are gone, first in table {broken[0]['table']}.")
    return Store(path)


def _must_be_ours(db: Database, path: Path) -> None:
    """NotReady for another program's file, and for one that a newer version of this program has changed."""
    applied = {migration.name for migration in migrations.applied(db)}
    if not applied and db.table_names():
        raise NotReady(f"{path} is a database of another program; name another file in CLINIC_DB.")
    if applied - steps():
        raise NotReady(f"{path} was made by a newer version of this program; use that one.")


def _connect(path: Path) -> Database:
    assert sqlite_utils.db.sqlite3 is sqlite3, "one SQLite per process: a second copy drops the first one's locks"  # noqa: S101
    connection = sqlite3.connect(str(path), timeout=PATIENCE)
    for pragma in ("foreign_keys = on", "synchronous = full"):
        connection.execute(f"pragma {pragma}")
    return Database(connection)
