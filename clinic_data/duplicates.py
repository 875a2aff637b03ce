"""Two records of one person made one, or two people told apart."""

from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

from clinic_data.access.own import must_be_own
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.claims import free, must_be_free_for
from clinic_data.courses import known_area
from clinic_data.database import Change, Store
from clinic_data.errors import NotAllowed, NotFound
from clinic_data.patients import CONTACT, IS_MERGED, MERGED
from clinic_data.settings import read_settings

MOVED = ("courses", "visits", "visit_courses", "holds", "patient_identifiers", "contact_attempts")
"""What belongs to a patient and goes with her; what belongs to a plan or a visit goes with that."""

TAKEN_OVER = ("phone", "phone_digits", "email", "born_on", "preferred_channel", "skin_type", "fitzpatrick")
"""What the patient kept takes from the other record where she has none."""


@needs("merge patients")
def merge_patients(actor: Actor, store: Store, keep_id: int, drop_id: int, *, seen: int | None = None) -> None:
    """Make two records one: everything of `drop_id` goes to `keep_id`, as one change that can be undone.

    What the kept record lacks it takes from the other, and of the two the stricter word on contact. The other one
    stays, empty and inactive from today on, and its code finds the kept one. NotAllowed for a record that was merged
    already, for two that were told apart, and where the one kept is gone and the other is not; Conflict where somebody
    has taken one of the two, or the kept record changed since `seen`.
    """
    today = read_settings(actor, store).today.isoformat()
    with store.change(actor, "merge patients", patient_id=keep_id, seen=seen) as change:
        keep, drop = _two(change.db, actor, keep_id, drop_id)
        if _told_apart(change.db, keep_id, drop_id):
            raise NotAllowed("these two were said to be different people; undo that first")
        if keep["status"] != "active" and drop["status"] == "active":
            raise NotAllowed("the record to keep is of a patient who is gone; keep the other one")
        for patient_id in (keep_id, drop_id):
            must_be_free_for(change.db, actor, patient_id)
            free(change.db, patient_id)
        for table in MOVED:
            for row in _rows(change.db, table, drop_id):
                spelt = {"area": known_area(change.db, keep_id, row["area"])} if row.get("area") else {}
                change.move(table, _key(change.db, table, row), keep_id, **spelt)
        _move_factors(change, keep_id, drop_id)
        known = _known(keep, drop)
        if known:
            change.update("patients", keep_id, **known)
        if drop["status"] == "active":
            change.update("patients", drop_id, status="inactive", status_on=today)
        change.insert("patient_identifiers", {"system": MERGED, "value": drop["code"], "patient_id": keep_id})


@needs("register patients")
def not_duplicates(actor: Actor, store: Store, a: int, b: int, *, seen: int | None = None) -> None:
    """Say that two patients who look alike are different people; NotAllowed twice."""
    today = read_settings(actor, store).today
    first, second = sorted((a, b))
    with store.change(actor, "tell two patients apart", patient_id=a, seen=seen) as change:
        _two(change.db, actor, first, second)
        if _told_apart(change.db, first, second):
            raise NotAllowed("these two are said to be different people already")
        said = {"actor": actor.name, "decided_on": today.isoformat()}
        change.insert("different_people", {"patient_id": first, "other_patient_id": second} | said)


def _two(db: Database, actor: Actor, *patient_ids: int) -> list[dict[str, Any]]:
    """The rows of two patients whom the actor may see and who are not merged into another."""
    if len(set(patient_ids)) != 2:
        raise NotAllowed("two different records are wanted")
    rows = []
    for patient_id in patient_ids:
        must_be_own(db, actor, patient_id)
        row = next(db.query(f"select *, {IS_MERGED} as merged from patients where id = ?", [patient_id]), None)
        if row is None:
            raise NotFound("This patient is not there any more.")
        if row.pop("merged"):
            raise NotAllowed(f"the record {row['code']} was merged into another one already")
        rows.append(row)
    return rows


def _told_apart(db: Database, a: int, b: int) -> bool:
    same = "select 1 from different_people where patient_id = ? and other_patient_id = ?"
    return next(db.query(same, sorted((a, b))), None) is not None


def _rows(db: Database, table: str, patient_id: int) -> Sequence[dict[str, Any]]:
    return list(db.table(table).rows_where("patient_id = ?", [patient_id], order_by=", ".join(db.table(table).pks)))


def _key(db: Database, table: str, row: dict[str, Any]) -> Any:
    key = tuple(row[name] for name in db.table(table).pks)
    return key if len(key) > 1 else key[0]


def _move_factors(change: Change, keep_id: int, drop_id: int) -> None:
    """What to watch goes along, once where both records say it."""
    known = {row["factor"] for row in _rows(change.db, "patient_factors", keep_id)}
    for row in _rows(change.db, "patient_factors", drop_id):
        key = (drop_id, row["factor"])
        if row["factor"] in known:
            change.delete("patient_factors", key)
        else:
            change.move("patient_factors", key, keep_id)


def _known(keep: dict[str, Any], drop: dict[str, Any]) -> dict[str, Any]:
    """What the kept record takes from the other one."""
    lacking = {name: drop[name] for name in TAKEN_OVER if keep[name] is None and drop[name] is not None}
    strictest = max(keep["contact_allowed"], drop["contact_allowed"], key=CONTACT.index)
    return lacking if strictest == keep["contact_allowed"] else lacking | {"contact_allowed": strictest}
