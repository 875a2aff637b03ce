"""Session and maintenance rows: the performed ones, the next one, and the projected ones."""

from dataclasses import dataclass

import numpy as np

from lib.schedule import flags as flagging
from lib.schedule.clinic import Clinic
from lib.schedule.durations import NEVER, Codes, Days
from lib.schedule.flags import DONE, LAPSED, PROJECTED, Situation
from lib.schedule.open_rows import fill_open_rows
from lib.schedule.table import Table
from lib.schedule.windows import NONE, ON_TIME, Windows, close, fit, heal, healed, protocol_windows

SESSION = 0
"""The kind of agreements that move a session, and maintenance too: a position in the rulebook's kinds."""


@dataclass(frozen=True)
class _Rows:
    """Each course's performed sessions, followed by the next one where it has one; `ordinal` counts them from 0."""

    course: Codes
    ordinal: Codes
    anchor: Days
    done_on: Days
    is_maintenance: np.ndarray

    @property
    def is_open(self) -> np.ndarray:
        return self.done_on == NEVER


def add_sessions(clinic: Clinic, table: Table) -> None:
    """The session and maintenance rows of all courses: section 0 of the table."""
    rows = _performed_and_next(clinic)
    windows = _windows(clinic, rows)
    timing, off = fit(rows.done_on, windows.earliest, windows.due, windows.overdue)
    lapses = windows.lapses(clinic.rulebook)
    ruleless = rows.is_maintenance & ~clinic.has_maintenance[rows.course]
    if ruleless.any():
        for bound in (windows.earliest, windows.due, windows.overdue, lapses):
            bound[ruleless] = NEVER
        timing[ruleless], off[ruleless] = ON_TIME, 0
    timing[rows.is_open] = NONE
    table.add(
        rows.course,
        section=0,
        place=rows.ordinal,
        kind=rows.is_maintenance.astype(np.int8),
        number=_number(rows.ordinal, rows.is_maintenance, clinic.courses.planned[rows.course]),
        anchor_on=rows.anchor,
        earliest_on=windows.earliest,
        due_on=windows.due,
        overdue_on=windows.overdue,
        lapses_on=lapses,
        status=np.full(len(rows.course), DONE, dtype=np.int8),
        done_on=rows.done_on,
        timing=timing,
        days_off=off,
        agreement=windows.agreement,
        hold=windows.hold,
        closure=windows.closure,
        healed=windows.healed,
    )
    at = np.flatnonzero(rows.is_open)
    following, ordinal = windows.pick(at), rows.ordinal[at]
    booked = clinic.sessions.booked.at(following.course, np.zeros_like(following.course))
    status = fill_open_rows(
        clinic,
        table,
        following,
        lapses[at],
        clinic.sessions,
        place=ordinal,
        section=0,
        booked=booked,
        held=clinic.on_hold[following.course],
        is_maintenance=rows.is_maintenance[at],
        is_first=ordinal == 0,
    )
    _projected(clinic, table, following, ordinal, booked, status)


def _performed_and_next(clinic: Clinic) -> _Rows:
    """The rows in order, each anchored to the one before, the first to the course's opening."""
    planned, done = clinic.courses.planned, clinic.sessions.performed
    has_next = clinic.is_open & ((done.count < planned) | clinic.has_maintenance)
    count = done.count + has_next
    first = np.cumsum(count) - count
    course = np.repeat(np.arange(len(planned)), count)
    ordinal = np.arange(len(course)) - first[course]
    done_on = np.full(len(course), NEVER, dtype=np.int32)
    done_on[np.arange(len(done.day)) + (first - done.first)[done.owner]] = done.day
    anchor = np.empty_like(done_on)
    anchor[1:] = done_on[:-1]
    starts = first[count > 0]
    anchor[starts] = clinic.opening[course[starts]]
    return _Rows(course, ordinal, anchor, done_on, ordinal >= planned[course])


def _windows(clinic: Clinic, rows: _Rows) -> Windows:
    """The rows' windows, moved by agreements, holds, healing and closures, in this order."""
    courses, rulebook, is_open = clinic.courses, clinic.rulebook, rows.is_open
    rule = rulebook.rule_of_session(courses.protocol[rows.course], rows.ordinal + 1, courses.planned[rows.course])
    windows = protocol_windows(rows.course, rows.anchor, rule, rulebook)
    first = np.flatnonzero(rows.ordinal == 0)
    may_start = courses.may_start[rows.course[first]]
    windows.earliest[first] = np.maximum(rows.anchor[first], np.where(may_start == NEVER, -NEVER, may_start))
    kind = np.full(len(rows.course), SESSION, dtype=np.int8)
    agreed_on = clinic.agreed.move(windows, kind, np.where(is_open, clinic.as_of, rows.done_on - 1))
    began_by = np.where(is_open, clinic.as_of, rows.done_on)
    clinic.held.move(windows, courses.protocol, began_by, agreed_on, is_open, rulebook)
    heal(windows)
    close(windows, clinic.closures)
    return windows


def _number(ordinal: Codes, is_maintenance: np.ndarray, planned: Codes) -> Codes:
    """The number within its kind, from 1."""
    return np.where(is_maintenance, ordinal - planned, ordinal) + 1


def _projected(clinic: Clinic, table: Table, nxt: Windows, ordinal: Codes, booked: Days, status: np.ndarray) -> None:
    """What follows the next session, step by step, each from the row before."""
    courses, rulebook, rules = clinic.courses, clinic.rulebook, clinic.rulebook.rules
    final = courses.planned + clinic.has_maintenance
    known = (booked != NEVER) | ((status != LAPSED) & (nxt.due != NEVER) & (nxt.overdue != NEVER))
    go = np.flatnonzero(known & (ordinal < courses.planned[nxt.course]))
    course, ordinal, booked = nxt.course[go], ordinal[go], booked[go]
    due = np.maximum(nxt.due[go], clinic.as_of)
    last = np.maximum(nxt.overdue[go] - 1, clinic.as_of)
    step = 0
    while True:
        step, ordinal = step + 1, ordinal + 1
        is_booked = booked != NEVER
        due, last = np.where(is_booked, booked, due), np.where(is_booked, booked, last)
        go = np.flatnonzero(ordinal < final[course])
        if not len(go):
            return
        course, ordinal, base, base_last = course[go], ordinal[go], due[go], last[go]
        rule = rulebook.rule_of_session(courses.protocol[course], ordinal + 1, courses.planned[course])
        earliest = rules.earliest.after(base, rule)
        due, overdue = healed(earliest, rules.start.after(base, rule), rules.end.after(base_last, rule) + 1)
        last = overdue - 1
        booked = clinic.sessions.booked.at(course, np.full_like(course, step))
        _add_projected(clinic, table, course, ordinal, earliest, due, overdue, booked)


def _add_projected(
    clinic: Clinic,
    table: Table,
    course: Codes,
    ordinal: Codes,
    earliest: Days,
    due: Days,
    overdue: Days,
    booked: Days,
) -> None:
    """One projected row for each of these courses."""
    planned = clinic.courses.planned[course]
    is_maintenance, is_booked = ordinal >= planned, booked != NEVER
    timing, _ = fit(booked, earliest, due, overdue)
    timing[~is_booked] = NONE
    no = np.zeros(len(course), dtype=bool)
    now = Situation(
        status=np.full(len(course), PROJECTED, dtype=np.int8),
        is_review=no,
        is_maintenance=is_maintenance,
        is_first=no,
        booked=is_booked,
        timing=timing,
        booked_on_hold=clinic.told.cover(course, booked),
        hold_to_check=no,
        unrecorded=no,
        missed=no,
        called_off=no,
    )
    table.add(
        course,
        section=0,
        place=ordinal,
        kind=is_maintenance.astype(np.int8),
        number=_number(ordinal, is_maintenance, planned),
        earliest_on=earliest,
        due_on=due,
        overdue_on=overdue,
        status=now.status,
        booked_on=booked,
        booked_fit=timing,
        flag=flagging.flags(now),
    )
