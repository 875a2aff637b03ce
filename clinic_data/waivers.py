"""Expected reviews that the clinic does without: a decision with its reason, beside the rules, which stay."""

import pandas as pd

from clinic_data.access.own import limited, own_value
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.allowed import text_of
from clinic_data.courses import open_course_row
from clinic_data.database import Store
from clinic_data.errors import NotAllowed
from clinic_data.settings import read_settings

COLUMNS = ["waiver_id", "course_id", "kind", "number", "reason", "actor", "waived_on"]


@needs("record visits")
def waive_review(
    actor: Actor, store: Store, course_id: int, *, kind: str, number: int, reason: str, seen: int | None = None
) -> int:
    """Do without one expected review of a plan; returns the waiver's id. NotAllowed for a session, or twice."""
    if kind in ("session", "maintenance"):
        raise NotAllowed("a review can be waived; a session is agreed for other dates, or its plan closed")
    today = read_settings(actor, store).today
    with store.read() as db:
        patient_id = open_course_row(db, actor, course_id)["patient_id"]
    row = {"course_id": course_id, "kind": kind, "number": number}
    with store.change(actor, "waive a review", patient_id=patient_id, seen=seen) as change:
        open_course_row(change.db, actor, course_id)
        same = "select 1 from waivers where course_id = :course_id and kind = :kind and number = :number"
        if next(change.db.query(same, row), None):
            raise NotAllowed("this review is waived already")
        said = {"reason": text_of(reason, "the reason"), "actor": actor.name, "waived_on": today.isoformat()}
        return change.insert("waivers", row | said)


@needs("see patients")
def read_waivers(actor: Actor, store: Store) -> pd.DataFrame:
    """All waivers: COLUMNS, waived_on as ISO text."""
    with store.read() as db:
        rows = db.execute(
            "select w.id, w.course_id, w.kind, w.number, w.reason, w.actor, w.waived_on from waivers w"
            f" join courses c on c.id = w.course_id where {limited(actor, 'c.patient_id')} order by w.id",
            own_value(actor),
        ).fetchall()
    return pd.DataFrame(rows, columns=COLUMNS)
