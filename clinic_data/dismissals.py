"""Odd things in the record that are right as they are: who said so, when, and why."""

from datetime import date

import pandas as pd

from clinic_data.access.own import is_own, limited, own_value
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.allowed import one_of, text_of
from clinic_data.database import Store
from clinic_data.errors import NotAllowed, NotFound
from clinic_data.settings import read_settings
from lib.doubts import DUPLICATE, KEY, KINDS

SAID = ["reason", "decided_by", "decided_on"]


@needs("record visits")
def dismiss_doubt(
    actor: Actor,
    store: Store,
    *,
    kind: str,
    course_id: int,
    visit_id: int,
    day: date,
    other_day: date | None = None,
    reason: str,
    seen: int | None = None,
) -> int:
    """Say of a doubt (lib/doubts.py) that the record is right as it is, and why; returns the dismissal's id.

    It holds as long as the days stay as they are. NotAllowed for possible duplicates (`not_duplicates`), or twice.
    """
    one_of(kind, [one for one in KINDS if one != DUPLICATE], "the kind of doubt")
    today = read_settings(actor, store).today
    row = {
        "kind": kind,
        "course_id": course_id,
        "visit_id": visit_id,
        "day": day.isoformat(),
        "other_day": other_day.isoformat() if other_day else None,
    }
    served = "select patient_id from visit_courses where course_id = :course_id and visit_id = :visit_id"
    with store.read() as db:
        found = next(db.query(served, row), None)
        there = found is not None and is_own(db, actor, found["patient_id"])
    if found is None or not there:
        raise NotFound("This visit is not there any more.")
    with store.change(actor, "let doubtful data stand", patient_id=found["patient_id"], seen=seen) as change:
        same = " and ".join(f"{name} is :{name}" for name in row)
        if next(change.db.query(f"select 1 from dismissals where {same}", row), None):
            raise NotAllowed("this is said to be right already")
        said = {"reason": text_of(reason, "the reason"), "actor": actor.name, "decided_on": today.isoformat()}
        return change.insert("dismissals", row | said)


@needs("see patients")
def read_decisions(actor: Actor, store: Store) -> pd.DataFrame:
    """All that was decided about doubts: KEY of lib/doubts.py, reason, decided_by, decided_on; days as datetime64.

    Two patients who are different people have no reason.
    """
    with store.read() as db:
        rows = db.execute(
            "select d.kind, c.patient_id, null, d.course_id, d.visit_id, d.day, d.other_day, d.reason, d.actor,"
            " d.decided_on from dismissals d join courses c on c.id = d.course_id"
            f" where {limited(actor, 'c.patient_id')}"
            " union all select :duplicate, patient_id, other_patient_id, null, null, null, null, null, actor,"
            f" decided_on from different_people where {limited(actor, 'patient_id')}"
            f" and {limited(actor, 'other_patient_id')}",
            own_value(actor) | {"duplicate": DUPLICATE},
        ).fetchall()
    decisions = pd.DataFrame(rows, columns=[*KEY, *SAID])
    for name in ("day", "other_day", "decided_on"):
        decisions[name] = pd.to_datetime(decisions[name], format="%Y-%m-%d").astype("datetime64[s]")
    return decisions
