"""Reading the trail of what was done, and checking that nobody has altered it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from clinic_data import clock
from clinic_data.access import chain
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.settings import read_settings

COLUMNS = ["number", "at", "actor", "role", "address", "kind", "what", "patient", "patient_id", "change_id", "rows"]


@dataclass(frozen=True)
class Verdict:
    """What checking the trail found; `faults` is empty where nothing was altered."""

    entries: int
    erased: int
    head: str
    faults: tuple[str, ...]


@needs("see the trail")
def read_trail(
    actor: Actor,
    store: Store,
    *,
    first: date | None = None,
    last: date | None = None,
    kinds: Sequence[str] = (),
    actors: Sequence[str] = (),
    patient_id: int | None = None,
    most: int | None = None,
) -> pd.DataFrame:
    """The trail, the latest entry first, filtered by day (both included, in the clinic's zone), kind, actor, patient.

    Columns: number, at (datetime in the clinic's zone), actor, role, address, kind, what, patient (the public code),
    patient_id, change_id, rows (of a change, its rows with before and after, as JSON). At most `most` entries.
    """
    zone = ZoneInfo(read_settings(actor, store).time_zone)
    conditions, values = ["1 = 1"], dict[str, Any]()
    for name, day, sign in (("first", first, ">="), ("last", last and last + timedelta(days=1), "<")):
        if day is not None:
            conditions.append(f"t.at {sign} :{name}")
            values[name] = clock.text(datetime(day.year, day.month, day.day, tzinfo=zone))
    for name, chosen in (("kind", kinds), ("actor", actors)):
        if chosen:
            marks = ", ".join(f":{name}{place}" for place in range(len(chosen)))
            conditions.append(f"t.{name} in ({marks})")
            values |= {f"{name}{place}": value for place, value in enumerate(chosen)}
    if patient_id is not None:
        conditions.append("v.patient_id = :patient_id")
        values["patient_id"] = patient_id
    with store.read() as db:
        cursor = db.execute(
            "select t.id, t.at, t.actor, t.role, t.address, t.kind, v.what, p.code, v.patient_id, v.change_id, c.rows"
            " from trail t join trail_values v on v.trail_id = t.id left join patients p on p.id = v.patient_id"
            " left join changes c on c.id = v.change_id"
            f" where {' and '.join(conditions)} order by t.id desc limit :most",
            values | {"most": -1 if most is None else most},
        )
        entries = pd.DataFrame(cursor.fetchall(), columns=COLUMNS)
    entries["at"] = pd.to_datetime(entries["at"], format="%Y-%m-%dT%H:%M:%SZ", utc=True).dt.tz_convert(zone)
    return entries.astype({"change_id": "Int64", "patient_id": "Int64"})


def in_words(entries: pd.DataFrame) -> pd.DataFrame:
    """Entries of the trail as they leave the clinic: without the file's own numbers, the time as ISO text."""
    kept = entries.drop(columns=["patient_id", "change_id"])
    return kept.assign(at=[moment.isoformat() for moment in entries["at"]])


@needs("see the trail")
def trail_actors(actor: Actor, store: Store) -> list[str]:
    """Everybody who stands in the trail, by name."""
    with store.read() as db:
        return [row["actor"] for row in db.query("select distinct actor from trail order by actor")]


@needs("see the trail")
def trail_head(actor: Actor, store: Store) -> str:
    """The last entry's `number:hash`: written down elsewhere, it shows a trail that was cut or made anew."""
    with store.read() as db:
        return _written(*chain.head(db))


@needs("see the trail")
def verify_trail(actor: Actor, store: Store, *, known_head: str | None = None) -> Verdict:
    """Recompute every hash of the trail, and compare it with a head that was written down elsewhere.

    Faults name the entry: one that is missing or altered, a change that stands in no entry, a head that is not there.
    """
    faults, erased, before, expected = [], 0, chain.START, 1
    heads = {_written(0, chain.START)}
    with store.read() as db:
        rows = db.query(
            "select t.*, v.trail_id as has_values, v.salt, v.patient_id, v.change_id, v.what"
            " from trail t left join trail_values v on v.trail_id = t.id order by t.id"
        )
        for row in rows:
            if row["id"] != expected:
                faults.append(f"entry {expected} is missing")
            expected = row["id"] + 1
            if row["hash"] != chain.seal(before, row):
                faults.append(f"entry {row['id']} or the one before it was altered")
            if row["has_values"] is None:
                faults.append(f"what entry {row['id']} says is missing")
            elif row["salt"] is None:
                erased += 1
            elif row["digest"] != chain.digest(
                row["salt"], chain.said(db, row["patient_id"], row["change_id"], row["what"])
            ):
                faults.append(f"what entry {row['id']} says was altered")
            before = row["hash"]
            heads.add(_written(row["id"], before))
        outside = db.query(
            "select id from changes where id not in (select change_id from trail_values where change_id is not null)"
            " order by id"
        )
        faults += [f"change {row['id']} stands in no entry" for row in outside]
        last = _written(*chain.head(db))
    if known_head is not None and known_head.strip() not in heads:
        number = known_head.strip().partition(":")[0]
        faults.append(f"the head written down, entry {number}, is not in this trail")
    return Verdict(expected - 1, erased, last, tuple(faults))


def _written(number: int, hash_: str) -> str:
    return f"{number}:{hash_}"
