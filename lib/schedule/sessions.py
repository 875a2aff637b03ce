"""Session and maintenance rows: the performed ones, the next one, and the projected ones."""

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


def add_sessions(clinic: Clinic, table: Table) -> None:
    """The performed sessions, the next one, and the projected ones: section 0 of each course."""
    courses, rulebook, done = clinic.courses, clinic.rulebook, clinic.sessions.performed
    performed, planned = done.count, courses.planned
    has_maintenance = rulebook.has_maintenance[courses.protocol]
    has_next = clinic.is_open & ((performed < planned) | has_maintenance)

    # Each course's performed sessions, followed by the next one where it has one.
    rows = performed + has_next
    first = np.cumsum(rows) - rows
    course = np.repeat(np.arange(len(courses)), rows)
    ordinal = np.arange(len(course)) - first[course]
    at_done = np.arange(len(done.day)) + (first - done.first)[done.owner]
    done_on = np.full(len(course), NEVER, dtype=np.int32)
    done_on[at_done] = done.day
    anchor = np.empty_like(done_on)
    anchor[1:] = done_on[:-1]
    starts = first[rows > 0]
    anchor[starts] = clinic.opening[course[starts]]

    protocol = courses.protocol[course]
    of_course = planned[course]
    rule = rulebook.rule_of_session(protocol, ordinal + 1, of_course)
    windows = protocol_windows(course, anchor, rule, rulebook)
    may_start = courses.may_start[course[starts]]
    windows.earliest[starts] = np.maximum(anchor[starts], np.where(may_start == NEVER, -NEVER, may_start))
    is_open = done_on == NEVER
    agreed_on = clinic.agreed.move(
        windows, np.full(len(course), SESSION, dtype=np.int8), np.where(is_open, clinic.as_of, done_on - 1)
    )
    began_by = np.where(is_open, clinic.as_of, done_on)
    clinic.held.move(windows, courses.protocol, began_by, agreed_on, is_open, rulebook)
    heal(windows)
    close(windows, clinic.closures)

    is_maintenance = ordinal >= of_course
    timing, off = fit(done_on, windows.earliest, windows.due, windows.overdue)
    lapses = windows.lapses(rulebook)
    ruleless = is_maintenance & ~has_maintenance[course]
    if ruleless.any():
        for bound in (windows.earliest, windows.due, windows.overdue, lapses):
            bound[ruleless] = NEVER
        timing[ruleless], off[ruleless] = ON_TIME, 0
    timing[is_open] = NONE
    table.add(
        course,
        section=0,
        place=ordinal,
        kind=is_maintenance.astype(np.int8),
        number=np.where(is_maintenance, ordinal - of_course, ordinal) + 1,
        anchor_on=anchor,
        earliest_on=windows.earliest,
        due_on=windows.due,
        overdue_on=windows.overdue,
        lapses_on=lapses,
        status=np.full(len(course), DONE, dtype=np.int8),
        done_on=done_on,
        timing=timing,
        days_off=off,
        agreement=windows.agreement,
        hold=windows.hold,
        closure=windows.closure,
        healed=windows.healed,
    )

    at = np.flatnonzero(is_open)
    nxt = windows.pick(at)
    is_first = ordinal[at] == 0
    booked = clinic.sessions.booked.at(nxt.course, np.zeros_like(nxt.course))
    status = fill_open_rows(
        clinic,
        table,
        nxt,
        lapses[at],
        clinic.sessions,
        place=ordinal[at],
        section=0,
        booked=booked,
        held=clinic.on_hold[nxt.course],
        is_maintenance=is_maintenance[at],
        is_first=is_first,
    )
    _projected(clinic, table, nxt, ordinal[at], booked, status)


def _projected(clinic: Clinic, table: Table, nxt: Windows, ordinal: Codes, booked: Days, status: np.ndarray) -> None:
    """What follows the next session, step by step, each from the row before."""
    courses, rulebook, rules = clinic.courses, clinic.rulebook, clinic.rulebook.rules
    final = courses.planned + rulebook.has_maintenance[courses.protocol]
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
        planned = courses.planned[course]
        rule = rulebook.rule_of_session(courses.protocol[course], ordinal + 1, planned)
        earliest = rules.earliest.after(base, rule)
        due, overdue = healed(earliest, rules.start.after(base, rule), rules.end.after(base_last, rule) + 1)
        last = overdue - 1
        booked = clinic.sessions.booked.at(course, np.full_like(course, step))
        timing, _ = fit(booked, earliest, due, overdue)
        timing[booked == NEVER] = NONE
        is_maintenance = ordinal >= planned
        no = np.zeros(len(course), dtype=bool)
        status = np.full(len(course), PROJECTED, dtype=np.int8)
        flag = flagging.flags(
            Situation(
                status=status,
                is_review=no,
                is_maintenance=is_maintenance,
                is_first=no,
                booked=booked != NEVER,
                timing=timing,
                booked_on_hold=clinic.told.cover(course, booked),
                hold_to_check=no,
                unrecorded=no,
                missed=no,
                called_off=no,
            )
        )
        table.add(
            course,
            section=0,
            place=ordinal,
            kind=is_maintenance.astype(np.int8),
            number=np.where(is_maintenance, ordinal - planned, ordinal) + 1,
            earliest_on=earliest,
            due_on=due,
            overdue_on=overdue,
            status=status,
            booked_on=booked,
            booked_fit=timing,
            flag=flag,
        )
