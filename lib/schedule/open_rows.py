"""What only open rows have: bookings, what was missed or called off, status and flag."""

import numpy as np

from lib.schedule import flags as flagging
from lib.schedule.clinic import Clinic
from lib.schedule.durations import NEVER, Codes, Days
from lib.schedule.flags import Situation
from lib.schedule.table import Table
from lib.schedule.visits import Counted
from lib.schedule.windows import NONE, Windows, fit


def fill_open_rows(
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
