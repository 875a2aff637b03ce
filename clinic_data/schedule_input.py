"""Stored rows → the frames of docs/rules.md: the only place that does this."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from sqlite_utils import Database

from clinic_data.access.own import some, some_values
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.protocol_versions import kept_protocols, protocol_key
from lib.schedule import Protocol, expected_visits, explain, grounds
from lib.schedule.durations import Duration, shift


@dataclass(frozen=True)
class ScheduleInput:
    """The frames that `expected_visits` takes, for one day.

    Beside the columns of docs/rules.md, courses carry patient_id, practitioner_id, area, protocol (its id) and
    contact_allowed; visits carry visit_id.
    """

    as_of: date
    protocols: Mapping[str, Protocol]
    courses: pd.DataFrame
    visits: pd.DataFrame
    holds: pd.DataFrame
    agreements: pd.DataFrame
    closures: pd.DataFrame

    def schedule(self) -> pd.DataFrame:
        """`expected_visits` of these frames."""
        return expected_visits(**self._frames())

    def explain(self, rows: pd.DataFrame) -> pd.Series:
        """`explain` for some rows of that schedule."""
        return explain(rows, **self._frames())

    def grounds(self, rows: pd.DataFrame) -> pd.DataFrame:
        """`grounds` for some rows of that schedule."""
        return grounds(rows, **self._frames())

    def _frames(self) -> dict:
        return dict(vars(self))


@needs("see patients")
def read_schedule_input(
    actor: Actor, store: Store, as_of: date, *, patient_ids: Collection[int] | None = None
) -> ScheduleInput:
    """Everything the schedule needs on that day, for all patients or for some."""
    with store.read() as db:
        return schedule_input(db, actor, as_of, patient_ids=patient_ids)


def schedule_input(
    db: Database, actor: Actor, as_of: date, *, patient_ids: Collection[int] | None = None
) -> ScheduleInput:
    """The same from an open connection, which may be in the middle of a change: of the patients the actor may see.

    Courses are ordered by their id, and so are the rows that belong to them.
    """
    values = some_values(actor, patient_ids)
    protocols = kept_protocols(db)
    courses = _courses(db, some(actor, "c.patient_id", patient_ids), values)
    visits = _visits(db, some(actor, "v.patient_id", patient_ids), values)
    holds = _dated(
        db,
        "select c.id as course_id, h.id as hold_id, h.cause, h.reason, h.starts_on, h.ends_on, h.check_on,"
        " h.recorded_on from holds h"
        " join courses c on c.patient_id = h.patient_id and (h.area is null or h.area = c.area)"
        f" where {some(actor, 'h.patient_id', patient_ids)} order by c.id, h.id",
        values,
    )
    agreements = _dated(
        db,
        "select a.course_id, a.kind, a.agreed_on, a.due_on, a.last_on, a.note from agreements a"
        " join courses c on c.id = a.course_id"
        f" where {some(actor, 'c.patient_id', patient_ids)} order by a.course_id, a.id",
        values,
    )
    closures = _dated(db, "select starts_on, ends_on, reason from closures order by id", {})
    courses["earliest_start_on"] = _healed_on(courses, visits, protocols, as_of)
    return ScheduleInput(as_of, protocols, courses, visits, holds, agreements, closures)


def _courses(db: Database, whose: str, values: dict) -> pd.DataFrame:
    """Courses; the one of a patient who is gone is closed from the day on which that was so."""
    courses = _dated(
        db,
        "select c.id as course_id, c.patient_id, c.protocol_id as protocol, c.protocol_version, c.area,"
        " c.planned_sessions, c.practitioner_id, c.opened_on, c.closed_on, p.status_on as gone_on,"
        " p.contact_allowed"
        " from courses c join patients p on p.id = c.patient_id"
        f" where {whose} order by c.id",
        values,
    )
    courses["practitioner_id"] = courses["practitioner_id"].astype("Int64")
    courses["closed_on"] = courses[["closed_on", "gone_on"]].min(axis=1)
    keys = [
        protocol_key(name, version)
        for name, version in zip(courses["protocol"], courses["protocol_version"], strict=True)
    ]
    courses["protocol_id"] = pd.Categorical(keys)
    for name in ("protocol", "area", "contact_allowed"):
        courses[name] = courses[name].astype("category")
    return courses.drop(columns=["gone_on", "protocol_version"])


def _visits(db: Database, whose: str, values: dict) -> pd.DataFrame:
    """Sessions and reviews, one row for each course that a visit serves."""
    kinds, statuses = ["session", "review"], ["booked", "completed", "cancelled", "no_show"]
    rows = _dated(
        db,
        "select vc.course_id, vc.visit_id, case v.kind when 'session' then 0 else 1 end as kind,"
        " case v.status when 'booked' then 0 when 'completed' then 1 when 'cancelled' then 2 else 3 end as status,"
        " v.visit_date, v.recorded_on, v.cancelled_on"
        " from visit_courses vc join visits v on v.id = vc.visit_id and v.kind in ('session', 'review')"
        f" where {whose} order by vc.course_id, vc.visit_id",
        values,
    )
    for name, words in (("kind", kinds), ("status", statuses)):
        codes = rows[name].to_numpy(dtype=np.int8)
        rows[name] = pd.Categorical.from_codes(codes, words)  # type: ignore[call-overload]
    return rows


def _dated(db: Database, sql: str, values: dict) -> pd.DataFrame:
    """A query as a frame; the columns whose names end with _on or _date are dates."""
    cursor = db.execute(sql, values)
    names = [column[0] for column in cursor.description]
    columns = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(names)
    frame = {}
    for name, column in zip(names, columns, strict=True):
        if name.endswith(("_on", "_date")):
            iso = np.array([day or "NaT" for day in column], dtype="datetime64[D]")
            frame[name] = pd.Series(iso.astype("datetime64[s]"))
        else:
            frame[name] = pd.Series(column)
    return pd.DataFrame(frame)


def _healed_on(
    courses: pd.DataFrame, visits: pd.DataFrame, protocols: Mapping[str, Protocol], as_of: date
) -> pd.Series:
    """The day from which each course's area may be needled again, after the patient's other courses on it.

    What counts is every session of another course on the area up to the day judged, before this course's
    own first session; the skin heals as long as that other course's protocol says (`sessions.earliest`).
    """
    none = pd.Series(np.full(len(courses), np.datetime64("NaT"), dtype="datetime64[s]"), index=courses.index)
    shared = courses[courses.duplicated(["patient_id", "area"], keep=False)]
    place = shared[["course_id", "patient_id", "area", "protocol_id"]].astype({"area": object})
    sessions = visits[
        (visits["kind"] == "session")
        & (visits["status"] == "completed")
        & (visits["visit_date"] <= pd.Timestamp(as_of))
        & visits["course_id"].isin(place["course_id"])
    ][["course_id", "visit_date"]]
    if sessions.empty:
        return none
    first = sessions.groupby("course_id")["visit_date"].min()
    other = place.merge(sessions, on="course_id")
    pairs = place.merge(other, on=["patient_id", "area"], suffixes=("", "_other"))
    begun = pairs["course_id"].map(first)
    pairs = pairs[(pairs["course_id"] != pairs["course_id_other"]) & ~(pairs["visit_date"] >= begun)]
    if pairs.empty:
        return none
    healed = pd.Series(np.datetime64("NaT", "s"), index=pairs.index)
    for key, of_protocol in pairs.groupby("protocol_id_other", observed=True):
        healed[of_protocol.index] = _after(of_protocol["visit_date"], protocols[str(key)].sessions.earliest)
    latest = healed.groupby(pairs["course_id"]).max()
    return courses["course_id"].map(latest).astype("datetime64[s]")


def _after(days: pd.Series, duration: Duration) -> np.ndarray:
    numbers = days.to_numpy().astype("datetime64[D]").astype(np.int32)
    return shift(numbers, duration).astype("datetime64[D]").astype("datetime64[s]")
