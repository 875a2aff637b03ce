"""What was changed, by whom and when; and taking a change back, as a change of its own."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from clinic_data.access.own import is_own, must_be_own
from clinic_data.access.permissions import must_be_allowed, needs
from clinic_data.actor import Actor
from clinic_data.database import SECRET, Store
from clinic_data.errors import Conflict, NotAllowed, NotFound

PERMISSION_TO_UNDO = {
    "register a patient": "register patients",
    "open a treatment plan": "plan treatment",
    "close a treatment plan": "plan treatment",
    "record a session": "record visits",
    "record a review": "record visits",
    "record that the patient came": "record visits",
    "record that the patient did not come": "record visits",
    "note a booking": "note bookings",
    "move a booking": "note bookings",
    "cancel a booking": "note bookings",
    "agree dates": "agree dates",
    "pause": "resume treatment",
    "ask again about a pause": "pause treatment",
    "resume": "pause treatment",
    "record an attempt": "note bookings",
    "waive a review": "record visits",
    "change how to reach a patient": "register patients",
    "correct a visit": "record visits",
    "remove a visit": "remove visits",
    "change a treatment plan": "plan treatment",
    "merge patients": "merge patients",
    "tell two patients apart": "register patients",
    "let doubtful data stand": "record visits",
}
"""What it takes to take a change back; for any other, what it takes to change settings."""

PERMISSION_TO_REDO = PERMISSION_TO_UNDO | {"pause": "pause treatment", "resume": "resume treatment"}
"""What it takes to take an undoing back, which does the change again."""


@dataclass(frozen=True)
class Recorded:
    """One change: `rows` have table, before and after, or how many were added; `at` is in UTC."""

    id: int
    at: datetime
    actor: str
    action: str
    rows: tuple[dict[str, Any], ...]
    undoes: int | None
    undone: bool

    @property
    def can_be_undone(self) -> bool:
        """Whether it can be taken back: not twice, and not what came in bulk."""
        return not self.undone and all("added" not in row for row in self.rows)

    @property
    def permission_to_undo(self) -> str:
        """The permission that taking it back needs."""
        return _permission_to_undo(self.action)


@needs("see patients")
def read_changes(actor: Actor, store: Store, patient_id: int) -> list[Recorded]:
    """The changes to a patient's record, the latest first."""
    with store.read() as db:
        must_be_own(db, actor, patient_id)
        return [
            Recorded(
                id=row["id"],
                at=datetime.fromisoformat(row["at"]),
                actor=row["actor"],
                action=row["action"],
                rows=tuple(json.loads(row["rows"])),
                undoes=row["undoes"],
                undone=row["undone_by"] is not None,
            )
            for row in db.query(
                "select c.*, u.id as undone_by from changes c left join changes u on u.undoes = c.id"
                " where c.patient_id = ? order by c.id desc",
                [patient_id],
            )
        ]


@needs("note bookings")
def undo(actor: Actor, store: Store, change_id: int) -> None:
    """Take a change back: every row is again as it was before.

    Conflict where one of its rows was changed again since, NotAllowed for a change that was taken back already
    or that came in bulk. Taking back an undoing does the change again.
    """
    with store.read() as db:
        row = next(db.query("select * from changes where id = ?", [change_id]), None)
        there = row is not None and (row["patient_id"] is None or is_own(db, actor, row["patient_id"]))
    if row is None or not there:
        raise NotFound("This change is not in the list.")
    must_be_allowed(actor, store, _permission_to_undo(row["action"]))
    with store.change(actor, f"undo: {row['action']}", patient_id=row["patient_id"]) as change:
        if next(change.db.query("select 1 from changes where undoes = ?", [change_id]), None):
            raise NotAllowed("this change was taken back already")
        rows = json.loads(row["rows"])
        if any(one["table"] in SECRET for one in rows):
            raise NotAllowed("what concerns an account is changed under Accounts, not taken back")
        if any("added" in one for one in rows):
            raise NotAllowed("what came in bulk can't be taken back one change at a time")
        change.undoes = change_id
        for one in reversed(rows):
            change.put_back(one)
        _must_be_together(change.db, rows)


def _must_be_together(db: Database, rows: list[dict[str, Any]]) -> None:
    """Conflict where a plan went back to a patient and what was recorded about it since would stay with another."""
    plans = [row["after"]["id"] for row in rows if row["table"] == "courses" and row["before"] and row["after"]]
    apart = (
        "select 1 from courses c where c.id in (select value from json_each(:plans)) and ("
        "exists (select 1 from visit_courses vc where vc.course_id = c.id and vc.patient_id <> c.patient_id)"
        " or exists (select 1 from attempt_reasons r join contact_attempts a on a.id = r.attempt_id"
        " where r.course_id = c.id and a.patient_id <> c.patient_id))"
    )
    if next(db.query(apart, {"plans": json.dumps(plans)}), None):
        raise Conflict("Something that came later needs this; undo the later change first.")


def _permission_to_undo(action: str) -> str:
    first = action.replace("undo: ", "")
    undone_already = action.count("undo: ") % 2
    return (PERMISSION_TO_REDO if undone_already else PERMISSION_TO_UNDO).get(first, "change settings")
