"""The one long table: every visit that courses call for, with its window, status and flag (RULES.md, Rows)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.schedule import flags as flagging
from lib.schedule.durations import NEVER, Codes, Days
from lib.schedule.flags import DONE, LAPSED, PROJECTED, SKIPPED, Situation
from lib.schedule.inputs import (
    Closures,
    Courses,
    Holds,
    day_number,
    read_agreements,
    read_closures,
    read_courses,
    read_holds,
    read_visits,
)
from lib.schedule.protocols import Protocol
from lib.schedule.rulebook import ReviewSlot, Rulebook
from lib.schedule.table import Table
from lib.schedule.visits import Counted, count_visits
from lib.schedule.windows import NONE, ON_TIME, Agreed, Held, Windows, close, fit, heal, healed, protocol_windows

SESSION, MAINTENANCE = 0, 1


def expected_visits(
    courses: pd.DataFrame,
    visits: pd.DataFrame,
    holds: pd.DataFrame,
    protocols: Mapping[str, Protocol],
    as_of,
    *,
    agreements: pd.DataFrame | None = None,
    closures: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every expected, done and projected visit of the courses as judged on the day `as_of`.

    Input columns (in brackets: may be absent or missing in a row), dates as datetime64:

    - courses: course_id, protocol_id (a key of `protocols`), planned_sessions (1 or more), opened_on,
      [closed_on], [earliest_start_on]
    - visits: course_id, kind (session, review; others are ignored), visit_date, status (booked, completed,
      cancelled, no_show), [recorded_on], [cancelled_on]
    - holds: course_id, starts_on, [ends_on], [recorded_on], [check_on]
    - agreements: course_id, kind (session or a review's id), agreed_on, due_on, last_on
    - closures: starts_on, ends_on (the day the clinic reopens)

    Returns one row per (course_id, kind, number), in the order of the courses, then kind, then number:
    course_id, kind, number, anchor_on, earliest_on, due_on, overdue_on (the day after the window's last
    day), lapses_on, status, done_on, timing, days_off (days), booked_on, booked_fit, missed_on,
    missed_count, cancelled_on, unrecorded_on, days_overdue (days), flag. Text is categorical, dates are
    datetime64 without a time, what is missing is missing.

    Raises ValueError, naming the course, for an unknown protocol, a course given twice, fewer than one
    planned session or a date that is required and missing.
    """
    clinic = Clinic.read(courses, visits, holds, protocols, as_of, agreements, closures)
    return judge(clinic).frame(clinic.courses.ids, clinic.rulebook.kinds)


@dataclass(frozen=True)
class Clinic:
    """The inputs, checked and laid out, and what counts on the as-of day."""

    as_of: int
    rulebook: Rulebook
    courses: Courses
    sessions: Counted
    reviews: Counted
    held: Held
    on_hold: np.ndarray
    to_check: np.ndarray
    told: Held
    agreed: Agreed
    closures: Closures
    opening: Days
    is_open: np.ndarray

    @classmethod
    def read(cls, courses, visits, holds, protocols, as_of, agreements=None, closures=None) -> "Clinic":
        """Check the frames and sort their rows into what they are on `as_of`; ValueError as expected_visits."""
        nothing = pd.DataFrame()
        today = day_number(as_of)
        rulebook = Rulebook(protocols)
        known = read_courses(courses, rulebook)
        sessions, reviews = count_visits(read_visits(visits, known), len(known), today)
        all_holds = read_holds(holds, known)
        begun = all_holds.starts <= today
        told = begun | (all_holds.recorded == NEVER) | (all_holds.recorded <= today)
        every = np.arange(len(known))
        days = np.full(len(known), today, dtype=np.int32)
        opening = np.minimum(known.opened, sessions.performed.at(every, np.zeros_like(every)))
        return cls(
            as_of=today,
            rulebook=rulebook,
            courses=known,
            sessions=sessions,
            reviews=reviews,
            held=Held(all_holds, len(known)),
            on_hold=Held(all_holds, len(known)).cover(every, days),
            to_check=Held(_some(all_holds, all_holds.check <= today), len(known)).cover(every, days),
            told=Held(_some(all_holds, told), len(known)),
            agreed=Agreed(
                read_agreements(nothing if agreements is None else agreements, known, rulebook),
                len(known),
                len(rulebook.kinds),
            ),
            closures=read_closures(nothing if closures is None else closures),
            opening=opening,
            is_open=(opening <= today) & (known.closed > today),
        )


def judge(clinic: Clinic) -> Table:
    """All rows of the clinic as a Table, with what moved each window."""
    table = Table(len(clinic.courses))
    _sessions(clinic, table)
    for place, slot in enumerate(clinic.rulebook.slots, start=1):
        _reviews(clinic, table, slot, place)
    return table


def _sessions(clinic: Clinic, table: Table) -> None:
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
    nxt = _pick(windows, at)
    is_first = ordinal[at] == 0
    booked = clinic.sessions.booked.at(nxt.course, np.zeros_like(nxt.course))
    status = _open_rows(
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


def _reviews(clinic: Clinic, table: Table, slot: ReviewSlot, section: int) -> None:
    """The rows of the review kinds that stand in one place of the protocols' files."""
    courses, rulebook, done = clinic.courses, clinic.rulebook, clinic.sessions.performed
    protocol = courses.protocol[done.owner]
    ordinal = np.arange(len(done.day)) - done.first[done.owner]
    ends_series = ordinal + 1 == courses.planned[done.owner]
    anchors = np.flatnonzero(slot.exists[protocol] & (slot.after_each[protocol] | ends_series))
    course, anchor, protocol, ordinal = done.owner[anchors], done.day[anchors], protocol[anchors], ordinal[anchors]
    following = done.at(course, ordinal + 1)

    windows = protocol_windows(course, anchor, slot.rule[protocol], rulebook)
    met_by_session = slot.met_by_session[protocol]
    done_on = clinic.reviews.performed.first_from(course, windows.earliest)
    done_on[done_on > following] = NEVER
    by_session = met_by_session & (following >= windows.earliest)
    done_on = np.where(by_session, np.minimum(done_on, following), done_on)

    is_done = done_on != NEVER
    is_skipped = ~is_done & (following != NEVER)
    kept = np.flatnonzero(is_done | is_skipped | clinic.is_open[course])
    windows, course, done_on, following = _pick(windows, kept), course[kept], done_on[kept], following[kept]
    protocol, is_done, is_skipped = protocol[kept], is_done[kept], is_skipped[kept]
    kind = slot.kind[protocol]
    number = np.where(slot.after_each[protocol], ordinal[kept], 0)
    until = np.where(is_done, done_on - 1, np.where(is_skipped, following - 1, clinic.as_of))
    clinic.agreed.move(windows, kind, until)
    heal(windows)
    close(windows, clinic.closures)

    timing, off = fit(done_on, windows.earliest, windows.due, windows.overdue)
    timing[~is_done] = NONE
    lapses = windows.lapses(rulebook)
    table.add(
        course,
        section=section,
        place=number,
        kind=kind,
        number=number + 1,
        anchor_on=windows.anchor,
        earliest_on=windows.earliest,
        due_on=windows.due,
        overdue_on=windows.overdue,
        lapses_on=lapses,
        status=np.where(is_done, DONE, SKIPPED).astype(np.int8),
        done_on=done_on,
        timing=timing,
        days_off=off,
        agreement=windows.agreement,
        hold=windows.hold,
        closure=windows.closure,
        healed=windows.healed,
    )

    at = np.flatnonzero(~is_done & ~is_skipped)
    nxt = _pick(windows, at)
    booked = clinic.reviews.booked.first_from(nxt.course, nxt.earliest)
    session = clinic.sessions.booked.first_from(nxt.course, nxt.earliest)
    booked = np.where(met_by_session[kept][at], np.minimum(booked, session), booked)
    no = np.zeros(len(at), dtype=bool)
    _open_rows(
        clinic,
        table,
        nxt,
        lapses[at],
        clinic.reviews,
        place=number[at],
        section=section,
        booked=booked,
        held=no,
        is_maintenance=no,
        is_first=no,
    )


def _open_rows(
    clinic: Clinic,
    table: Table,
    windows: Windows,
    lapses: Days,
    counted: Counted,
    *,
    place: Codes,
    section: int,
    booked: Days,
    held: np.ndarray,
    is_maintenance: np.ndarray,
    is_first: np.ndarray,
) -> np.ndarray:
    """Fill in what only open rows have; returns their status."""
    course, is_review = windows.course, section > 0
    timing, _ = fit(booked, windows.earliest, windows.due, windows.overdue)
    timing[booked == NEVER] = NONE
    # Events after the anchor count; for session 1, whose anchor is the opening, that day's too.
    since = windows.anchor + ~is_first
    missed = counted.missed.count_from(course, since)
    missed_on = np.where(missed > 0, counted.missed.last(course), NEVER)
    called_off = counted.called_off.last(course)
    called_off = np.where(called_off >= since, called_off, NEVER)
    unrecorded = counted.unrecorded.first_from(course, since)
    status = flagging.open_status(clinic.as_of, windows.due, windows.overdue, lapses, held)
    no = np.zeros(len(course), dtype=bool)
    flag = flagging.flags(
        Situation(
            status=status,
            is_review=~no if is_review else no,
            is_maintenance=is_maintenance,
            is_first=is_first,
            booked=booked != NEVER,
            timing=timing,
            booked_on_hold=no if is_review else clinic.told.cover(course, booked),
            hold_to_check=held & clinic.to_check[course],
            unrecorded=unrecorded != NEVER,
            missed=missed > 0,
            called_off=called_off != NEVER,
        )
    )
    table.fill(
        course,
        section=section,
        place=place,
        status=status,
        booked_on=booked,
        booked_fit=timing,
        missed_on=missed_on,
        missed_count=missed.astype(np.int32),
        cancelled_on=called_off,
        unrecorded_on=unrecorded,
        days_overdue=flagging.days_overdue(clinic.as_of, windows.overdue, held),
        flag=flag,
    )
    return status


def _pick(windows: Windows, at: Codes) -> Windows:
    return Windows(*(column[at] for column in vars(windows).values()))


def _some(holds: Holds, chosen: np.ndarray) -> Holds:
    return Holds(*(column[chosen] for column in vars(holds).values()))
