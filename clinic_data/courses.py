"""Treatment plans: which area, under which protocol, how many sessions, from when to when."""

import pandas as pd

from clinic_data.actor import Actor
from clinic_data.database import Store


def read_courses(actor: Actor, store: Store, patient_id: int) -> pd.DataFrame:
    """A patient's treatment plans, the latest first.

    Columns: course_id, protocol, version, area, concern, severity, planned_sessions, practitioner (name),
    opened_on, closed_on (ISO text), closed_reason.
    """
    with store.read() as db:
        cursor = db.execute(
            "select c.id as course_id, c.protocol_id as protocol, c.protocol_version as version, c.area, c.concern,"
            " c.severity, c.planned_sessions, p.name as practitioner, c.opened_on, c.closed_on, c.closed_reason"
            " from courses c left join practitioners p on p.id = c.practitioner_id"
            " where c.patient_id = ? order by c.opened_on desc, c.id desc",
            [patient_id],
        )
        return pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])
