"""The frames of a clinic, checked and turned into arrays of day numbers and codes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lib.schedule.durations import NEVER, Codes, Days
from lib.schedule.rulebook import Rulebook

VISIT_KINDS = ["session", "review"]
VISIT_STATUSES = ["booked", "completed", "cancelled", "no_show"]
BOOKED, COMPLETED, CANCELLED, NO_SHOW = range(4)


@dataclass(frozen=True)
class Courses:
    """One entry a course, in the order given; `protocol` is a position in the rulebook."""

    ids: pd.Series
    protocol: Codes
    planned: Codes
    opened: Days
    closed: Days
    may_start: Days

    def __len__(self) -> int:
        return len(self.protocol)


@dataclass(frozen=True)
class Visits:
    """One entry a session or review of a known course, in the order given."""

    course: Codes
    is_review: NDArray[np.bool_]
    status: NDArray[np.int8]
    day: Days
    recorded: Days
    called_off: Days


@dataclass(frozen=True)
class Holds:
    """One entry a hold, ordered by course, start and end; `row` is its place in the frame."""

    row: Codes
    course: Codes
    starts: Days
    ends: Days
    recorded: Days
    check: Days


@dataclass(frozen=True)
class Agreements:
    """One entry an agreement, ordered by course, kind, agreed, due and last day."""

    row: Codes
    course: Codes
    kind: NDArray[np.int8]
    agreed: Days
    due: Days
    last: Days


@dataclass(frozen=True)
class Closures:
    """One entry a closure, ordered by start and end."""

    row: Codes
    starts: Days
    ends: Days


def day_number(date) -> int:
    """The day number of one date."""
    return int(np.datetime64(pd.Timestamp(date), "D").astype("int64"))


def read_courses(frame: pd.DataFrame, rulebook: Rulebook) -> Courses:
    """Check and read the courses frame; ValueError names the course at fault."""
    ids = _column(frame, "course_id").reset_index(drop=True)
    if ids.duplicated().any():
        raise ValueError(f"course {ids[ids.duplicated()].iloc[0]}: it is given twice; each course_id may stand once")
    protocol = _codes(_column(frame, "protocol_id"), rulebook.names)
    if (protocol < 0).any():
        at = int(np.argmax(protocol < 0))
        wanted = ", ".join(map(str, rulebook.names)) or "none is given"
        raise ValueError(f"course {ids[at]}: unknown protocol {frame['protocol_id'].iloc[at]!r}; known are: {wanted}")
    planned = pd.to_numeric(_column(frame, "planned_sessions")).fillna(0).to_numpy(dtype=np.intp)
    if (planned < 1).any():
        at = int(np.argmax(planned < 1))
        raise ValueError(f"course {ids[at]}: planned_sessions must be 1 or more")
    opened = _days(frame, "opened_on")
    _require(opened, ids, "opened_on")
    return Courses(ids, protocol, planned, opened, _days(frame, "closed_on"), _days(frame, "earliest_start_on"))


def read_visits(frame: pd.DataFrame, courses: Courses) -> Visits:
    """Check and read the visits frame; other kinds and other courses' rows are left out."""
    course = _positions(_column(frame, "course_id"), courses)
    kind = _codes(_column(frame, "kind"), VISIT_KINDS)
    status = _codes(_column(frame, "status"), VISIT_STATUSES)
    day = _days(frame, "visit_date")
    recorded, called_off = _days(frame, "recorded_on"), _days(frame, "cancelled_on")
    wanted = (course >= 0) & (kind >= 0)
    if not wanted.all():
        course, kind, status = course[wanted], kind[wanted], status[wanted]
        day, recorded, called_off = day[wanted], recorded[wanted], called_off[wanted]
    _require(day, courses.ids, "visit_date", course)
    if (status < 0).any():
        at = courses.ids[course[int(np.argmax(status < 0))]]
        raise ValueError(f"course {at}: a visit's status must be one of {', '.join(VISIT_STATUSES)}")
    return Visits(course, kind == 1, status.astype(np.int8), day, recorded, called_off)


def read_holds(frame: pd.DataFrame, courses: Courses) -> Holds:
    """Check and read the holds frame; one that ends by the day it starts is left out."""
    course = _positions(_column(frame, "course_id"), courses)
    starts, ends = _days(frame, "starts_on"), _days(frame, "ends_on")
    _require(starts, courses.ids, "starts_on of a hold", course)
    rows = np.flatnonzero((course >= 0) & (starts < ends))
    rows = rows[np.lexsort((ends[rows], starts[rows], course[rows]))]
    recorded, check = _days(frame, "recorded_on"), _days(frame, "check_on")
    return Holds(rows, course[rows], starts[rows], ends[rows], recorded[rows], check[rows])


def read_agreements(frame: pd.DataFrame, courses: Courses, rulebook: Rulebook) -> Agreements:
    """Check and read the agreements frame; those of kinds that no protocol has are left out."""
    course = _positions(_column(frame, "course_id"), courses)
    kind = _codes(_column(frame, "kind"), rulebook.kinds).astype(np.int8)
    agreed, due, last = (_days(frame, name) for name in ("agreed_on", "due_on", "last_on"))
    for name, days in (("agreed_on", agreed), ("due_on", due), ("last_on", last)):
        _require(days, courses.ids, f"{name} of an agreement", course)
    backwards = (course >= 0) & (last < due)
    if backwards.any():
        at = courses.ids[course[int(np.argmax(backwards))]]
        raise ValueError(f"course {at}: an agreement's last_on must not lie before its due_on")
    rows = np.flatnonzero((course >= 0) & (kind >= 0))
    rows = rows[np.lexsort((last[rows], due[rows], agreed[rows], kind[rows], course[rows]))]
    return Agreements(rows, course[rows], kind[rows], agreed[rows], due[rows], last[rows])


def read_closures(frame: pd.DataFrame) -> Closures:
    """Check and read the closures frame; one that ends by the day it starts is left out."""
    starts, ends = _days(frame, "starts_on"), _days(frame, "ends_on")
    if ((starts == NEVER) | (ends == NEVER)).any():
        raise ValueError("a closure needs both dates, starts_on and ends_on")
    rows = np.flatnonzero(starts < ends)
    rows = rows[np.lexsort((ends[rows], starts[rows]))]
    return Closures(rows, starts[rows], ends[rows])


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name in frame:
        return frame[name]
    if len(frame):
        raise ValueError(f"the column {name} is missing; there are: {', '.join(map(str, frame.columns))}")
    return pd.Series([], dtype=object)


def _days(frame: pd.DataFrame, name: str) -> Days:
    if name not in frame:
        return np.full(len(frame), NEVER, dtype=np.int32)
    values = frame[name]
    if not pd.api.types.is_datetime64_dtype(values.dtype):
        values = pd.to_datetime(values)
    days = values.to_numpy().astype("datetime64[D]").view(np.int64)
    return np.where(days == np.iinfo(np.int64).min, NEVER, days).astype(np.int32)


def _codes(values: pd.Series, vocabulary: Sequence) -> Codes:
    """Where each value stands in the vocabulary, -1 for what it does not hold and for what is missing."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes, found = values.cat.codes.to_numpy(), values.cat.categories
    else:
        codes, found = pd.factorize(values)
    of_found = pd.Index(vocabulary, dtype=object).get_indexer(pd.Index(found).astype(object))
    return np.append(of_found, -1)[codes]


def _positions(ids: pd.Series, courses: Courses) -> Codes:
    """Where each id stands among the courses, -1 for an unknown one."""
    known = courses.ids
    if not len(ids) or not len(known):
        return np.full(len(ids), -1, dtype=np.intp)
    if ids.dtype == known.dtype == np.int64:
        wanted, have = ids.to_numpy(), known.to_numpy()
        first, last = int(have.min()), int(have.max())
        if last - first <= 4 * len(have) + 1000:
            # Dense whole numbers need no hashing; what lies outside falls on the last entry, an unknown one.
            place = np.full(last - first + 2, -1, dtype=np.intp)
            place[have - first] = np.arange(len(have))
            inside = (wanted >= first) & (wanted <= last)
            return place[np.where(inside, wanted - first, last - first + 1)]
    return pd.Index(known).get_indexer(pd.Index(ids))


def _require(days: Days, ids: pd.Series, what: str, course: Codes | None = None) -> None:
    missing = days == NEVER
    if course is not None:
        missing &= course >= 0
    if missing.any():
        at = int(np.argmax(missing))
        raise ValueError(f"course {ids[at if course is None else course[at]]}: {what} is missing")
