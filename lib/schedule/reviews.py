"""Review rows: one for each session that calls for one, fulfilled, skipped or open."""

import numpy as np

from lib.schedule.clinic import Clinic
from lib.schedule.durations import NEVER
from lib.schedule.flags import DONE, SKIPPED
from lib.schedule.open_rows import fill_open_rows
from lib.schedule.rulebook import ReviewSlot
from lib.schedule.table import Table
from lib.schedule.windows import NONE, close, fit, heal, protocol_windows


def add_reviews(clinic: Clinic, table: Table, slot: ReviewSlot, section: int) -> None:
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
    windows, course, done_on, following = windows.pick(kept), course[kept], done_on[kept], following[kept]
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
    nxt = windows.pick(at)
    booked = clinic.reviews.booked.first_from(nxt.course, nxt.earliest)
    session = clinic.sessions.booked.first_from(nxt.course, nxt.earliest)
    booked = np.where(met_by_session[kept][at], np.minimum(booked, session), booked)
    no = np.zeros(len(at), dtype=bool)
    fill_open_rows(
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
