"""A few courses steered into each situation that chance alone might leave out: so that every flag is there.

Days count from today. The ranges are narrow enough to lead to the flag wherever Sundays, closures and protocols fall.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from clinic_data.demo.attendance import BOOKED, CANCELLED, COMPLETED, NO_SHOW, NOBODY, PATIENT, SESSION, Visits
from clinic_data.demo.opening_days import Days, OpeningDays
from clinic_data.demo.pauses import REASONS, Pauses
from clinic_data.demo.plans import Codes, Plans
from lib.schedule.durations import NEVER

SHARE = 0.005
"""Of the patients, for each situation."""

Range = tuple[int, int]


@dataclass(frozen=True)
class Event:
    """A session on a day, as the file has it, booked some days before."""

    day: Range
    status: int
    booked_before: int = 0


@dataclass(frozen=True)
class Situation:
    """When the course was opened, its sessions, a hold (when it starts, ends and is to be checked), and how many
    sessions are planned, where that matters."""

    opened: Range
    sessions: tuple[Event, ...] = ()
    hold: tuple[Range, Range | None, Range | None] | None = None
    planned: int | None = None


SITUATIONS = {
    "booked_too_soon": Situation((-40, -30), (Event((-7, -5), COMPLETED, 14), Event((5, 8), BOOKED, 30))),
    "booked_on_hold": Situation(
        (-60, -50), (Event((-30, -26), COMPLETED, 9), Event((8, 14), BOOKED, 40)), ((-14, -10), (40, 60), None)
    ),
    "hold_to_check": Situation((-120, -100), (Event((-90, -80), COMPLETED, 5),), ((-75, -65), None, (-14, -2))),
    "attendance_unrecorded": Situation((-60, -50), (Event((-45, -40), COMPLETED), Event((-6, -2), BOOKED, 30))),
    "not_started": Situation((-95, -65)),
    "overdue_review": Situation(
        (-120, -110), (Event((-102, -98), COMPLETED, 6), Event((-66, -62), COMPLETED, 36)), planned=2
    ),
    "overdue_maintenance": Situation(
        (-480, -475), (Event((-470, -466), COMPLETED, 4), Event((-432, -426), COMPLETED, 38)), planned=2
    ),
    "no_show": Situation((-28, -24), (Event((-7, -3), NO_SHOW, 12),)),
    "not_rebooked": Situation((-28, -24), (Event((-4, 5), CANCELLED, 14),)),
    "lapsed": Situation((-330, -310), (Event((-300, -280), COMPLETED, 11),)),
    "booked_late": Situation((-50, -40), (Event((-14, -10), COMPLETED, 14), Event((56, 62), BOOKED, 70))),
}
NAMES = list(SITUATIONS)


def choose(rng: Generator, patients: int) -> Codes:
    """The situation of each patient's first course, -1 for most."""
    each = int(patients * SHARE)
    situation = np.full(patients, -1, dtype=np.int64)
    chosen = rng.permutation(patients)[: each * len(NAMES)]
    situation[chosen] = np.repeat(np.arange(len(NAMES)), each)
    return situation


def steer(rng: Generator, days: OpeningDays, plans: Plans, situation: Codes) -> tuple[Visits, Pauses]:
    """Set those courses' opening, and return their visits and holds."""
    visits, pauses = [Visits.none()], [Pauses.none()]
    for code, script in enumerate(SITUATIONS.values()):
        course = np.flatnonzero(situation == code)
        plans.opened[course] = _on(rng, days, script.opened, len(course))
        # One planned session alone would make the next one maintenance.
        plans.planned[course] = script.planned or np.maximum(plans.planned[course], 2)
        visits += [_visits(rng, days, plans, course, event) for event in script.sessions]
        if script.hold:
            pauses.append(_pauses(rng, days, plans, course, script.hold))
    return Visits.join(visits), Pauses.join(pauses)


def _visits(rng: Generator, days: OpeningDays, plans: Plans, course: Codes, event: Event) -> Visits:
    size = len(course)
    day = _on(rng, days, event.day, size)
    recorded = np.clip(day - event.booked_before, plans.opened[course], np.minimum(day, days.today))
    off = np.full(size, event.status == CANCELLED)
    return Visits(
        course=course,
        kind=np.full(size, SESSION),
        slot=np.zeros(size, dtype=np.int64),
        day=day,
        status=np.full(size, event.status),
        recorded=recorded,
        cancelled_on=np.where(off, np.maximum(np.minimum(day, days.today) - 1, recorded), NEVER),
        cancelled_by=np.where(off, PATIENT, NOBODY),
    )


def _pauses(rng: Generator, days: OpeningDays, plans: Plans, course: Codes, hold) -> Pauses:
    size = len(course)
    starts, ends, check = (
        np.full(size, NEVER, dtype=np.int64) if span is None else days.today + rng.integers(span[0], span[1] + 1, size)
        for span in hold
    )
    # Long reasons for holds without an end, short ones for the others.
    wanted = "On isotretinoin" if hold[1] is None else "Travelling"
    reason = np.full(size, [row[1] for row in REASONS].index(wanted))
    return Pauses(plans.patient[course], np.full(size, -1), reason, starts, ends, check, starts)


def _on(rng: Generator, days: OpeningDays, span: Range, size: int) -> Days:
    """Open days near the range: past ones stay past, days to come stay to come."""
    day = days.today + rng.integers(span[0], span[1] + 1, size)
    return np.where(day < days.today, days.until(day), days.from_(day))
