"""Who needs attention: the schedule's flags gathered into one row a patient, the most urgent first."""

import numpy as np
import pandas as pd

URGENCY = [
    "booked_on_hold",
    "booked_too_soon",
    "attendance_unrecorded",
    "hold_to_check",
    "no_show",
    "not_rebooked",
    "missed_session",
    "overdue_review",
    "overdue_maintenance",
    "not_started",
    "due_unbooked",
    "booked_late",
    "lapsed",
]
"""The flags in the order in which the desk takes them: what is unsafe, what is unknown, what is late."""

WITHOUT_CONTACT = ["booked_on_hold", "booked_too_soon", "attendance_unrecorded"]
"""What still shows for a patient who must not be contacted: it is for the clinic to mend by itself."""

SAVED_WITHIN = 30
"""Up to so many days over a patient is easily brought back: she comes before those who are longer over."""


def flagged(schedule: pd.DataFrame, courses: pd.DataFrame) -> pd.DataFrame:
    """The flagged rows of the schedule that the desk may act on, with whose they are.

    `courses` has course_id, patient_id, practitioner_id, protocol, area and contact_allowed. Returns the
    schedule's columns and those, ordered by urgency, then those 1–30 days over first, then the longest due;
    rows of patients who must not be contacted only where nobody need call.
    """
    rows = schedule[schedule["flag"].notna()]
    about = courses[["course_id", "patient_id", "practitioner_id", "protocol", "area", "contact_allowed"]]
    rows = rows.merge(about, on="course_id", how="left")
    flag = rows["flag"].astype(object)
    rows = rows[(rows["contact_allowed"] != "none") | flag.isin(WITHOUT_CONTACT)]
    order = pd.DataFrame(
        {
            "urgency": pd.Categorical(rows["flag"].astype(object), categories=URGENCY).codes,
            "long_over": ~rows["days_overdue"].between(1, SAVED_WITHIN),
            "overdue_on": rows["overdue_on"],
            "course_id": rows["course_id"],
            "number": rows["number"],
        },
        index=rows.index,
    )
    return rows.loc[order.sort_values(list(order.columns), kind="stable", na_position="last").index].reset_index(
        drop=True
    )


def by_patient(flags: pd.DataFrame) -> pd.DataFrame:
    """One row a patient, in the order of her most urgent flag, from the rows of `flagged`.

    Columns: patient_id, flags (list of codes, the most urgent first, each once), areas (list), and of the most
    urgent reason come_from, overdue_on, days_overdue, practitioner_id, protocol.
    """
    first = flags.drop_duplicates("patient_id").set_index("patient_id")
    reasons = flags[["patient_id", "flag"]].astype({"flag": object}).drop_duplicates()
    areas = flags[["patient_id", "area"]].astype({"area": object}).drop_duplicates()
    return pd.DataFrame(
        {
            "patient_id": first.index,
            "flags": _lists(reasons, "flag", first.index),
            "areas": _lists(areas, "area", first.index),
            "come_from": first["due_on"].to_numpy(),
            "overdue_on": first["overdue_on"].to_numpy(),
            "days_overdue": first["days_overdue"].to_numpy(),
            "practitioner_id": first["practitioner_id"].array,
            "protocol": first["protocol"].astype(object).to_numpy(),
        }
    )


def _lists(pairs: pd.DataFrame, column: str, patients: pd.Index) -> np.ndarray:
    """The values of each patient, in the order given, as lists: objects even where there is no patient."""
    place = pd.Series(np.arange(len(patients)), index=patients)
    lists: list[list[str]] = [[] for _ in range(len(patients))]
    for at, value in zip(place.loc[pairs["patient_id"]], pairs[column], strict=True):
        lists[at].append(value)
    return pd.Series(lists, dtype=object).to_numpy()
