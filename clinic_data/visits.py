"""Visits: sessions, reviews and others, booked, kept or missed, and what was scored at them."""

import pandas as pd

from clinic_data.actor import Actor
from clinic_data.database import Store

_DATES = ["visit_date", "cancelled_on", "recorded_on"]


def read_visits(actor: Actor, store: Store, patient_id: int) -> pd.DataFrame:
    """A patient's visits of every kind, the latest first, one row for each treatment plan they serve.

    Columns: visit_id, course_id (missing where a visit serves no plan), kind, visit_date, status,
    attendance_assumed, cancelled_by, cancelled_on, recorded_on, depth_mm, device, notes, practitioner
    (name), source; dates as datetime64.
    """
    with store.read() as db:
        cursor = db.execute(
            "select v.id as visit_id, vc.course_id, v.kind, v.visit_date, v.status, v.attendance_assumed,"
            " v.cancelled_by, v.cancelled_on, v.recorded_on, v.depth_mm, v.device, v.notes, p.name as practitioner,"
            " v.source from visits v left join visit_courses vc on vc.visit_id = v.id"
            " left join practitioners p on p.id = v.practitioner_id"
            " where v.patient_id = ? order by v.visit_date desc, v.id desc",
            [patient_id],
        )
        visits = pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])
    for name in _DATES:
        visits[name] = pd.to_datetime(visits[name], format="%Y-%m-%d").astype("datetime64[s]")
    return visits.astype({"course_id": "Int64", "depth_mm": "float64"})


def read_scores(actor: Actor, store: Store, patient_id: int) -> pd.DataFrame:
    """A patient's outcome scores: columns visit_id, course_id, scale, value, better (lower or higher)."""
    with store.read() as db:
        cursor = db.execute(
            "select s.visit_id, s.course_id, s.scale, s.value, s.better from outcome_scores s"
            " join visits v on v.id = s.visit_id where v.patient_id = ? order by s.visit_id, s.scale",
            [patient_id],
        )
        return pd.DataFrame(cursor.fetchall(), columns=["visit_id", "course_id", "scale", "value", "better"])
