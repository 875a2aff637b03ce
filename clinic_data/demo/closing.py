"""When courses of the demo clinic are closed, and why."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from clinic_data.demo.attendance import Visits
from clinic_data.demo.opening_days import Days, OpeningDays
from clinic_data.demo.plans import Codes, Plans, draw
from clinic_data.demo.series import Series
from lib.schedule.durations import NEVER

REASONS = ["finished", "finished_early", "patient_stopped", "medical", "moved_away", "entered_in_error"]
FINISHED, FINISHED_EARLY, PATIENT_STOPPED, MEDICAL, MOVED_AWAY, ENTERED_IN_ERROR = range(6)

SAYS_SO, CLOSED_WHEN_LOST = 0.5, 0.93
FINISHED_CLOSED = 0.78
LOST_AFTER = 43 + 184


def close_courses(
    rng: Generator, days: OpeningDays, plans: Plans, series: Series, last_visit: Days, leaves: tuple[Days, Codes]
) -> tuple[Days, Codes]:
    """The day each course was closed, by today, and a code of REASONS; NEVER for a course that is open.

    `leaves` holds, for each patient, the day they left the clinic and the reason that gives their courses.
    """
    size = len(plans)
    closed, reason = np.full(size, NEVER, dtype=np.int64), np.full(size, PATIENT_STOPPED, dtype=np.int64)
    gave_up = (series.gave_up_on != NEVER) & ~series.on_hold
    finished = (series.series_end < days.today) & gave_up
    stopped = gave_up & ~finished

    # Most who stop say so; the others are given up as lost, most of them.
    says_so = rng.random(size) < SAYS_SO
    told = series.gave_up_on + 2 + rng.exponential(14, size).astype(np.int64)
    lost = series.gave_up_on + LOST_AFTER + rng.integers(7, 45, size)
    lost[rng.random(size) > CLOSED_WHEN_LOST] = NEVER
    closed[stopped] = np.where(says_so, told, lost)[stopped]
    why = np.array([PATIENT_STOPPED, FINISHED_EARLY, MOVED_AWAY, MEDICAL])[draw(rng, [0.62, 0.2, 0.1, 0.08], size)]
    reason[stopped] = np.where(says_so & (series.performed > 0), why, PATIENT_STOPPED)[stopped]
    mistake = stopped & (series.performed == 0) & (series.gave_up_on == plans.opened) & (rng.random(size) < 0.2)
    closed[mistake], reason[mistake] = plans.opened[mistake] + 1, ENTERED_IN_ERROR

    # A finished course is closed after its last review, or when that has been waited for.
    waits = np.where(rng.random(size) < 0.25, rng.integers(30, 80, size), rng.integers(95, 200, size))
    ends = np.maximum(series.last_on + waits, last_visit + rng.integers(0, 15, size))
    ends[rng.random(size) > FINISHED_CLOSED] = NEVER
    closed[finished], reason[finished] = ends[finished], FINISHED

    _close_before(closed, reason, plans, series)
    gone = leaves[0][plans.patient]
    by_leaving = gone < closed
    closed[by_leaving], reason[by_leaving] = gone[by_leaving], leaves[1][plans.patient][by_leaving]
    # A course isn't closed before its last appointment, and one that will be closed after today is open.
    closed = np.maximum(closed, last_visit)
    closed = np.where(closed > days.today, NEVER, np.maximum(days.until(closed), plans.opened))
    return closed, reason


def _close_before(closed: Days, reason: Codes, plans: Plans, series: Series) -> None:
    """A course is closed by the time a later one on the same area begins."""
    follows: NDArray[np.bool_] = (plans.until != NEVER) & (plans.until + 35 < closed)
    closed[follows] = plans.until[follows] + 35
    reason[follows] = np.where(series.series_end[follows] < plans.until[follows], FINISHED, FINISHED_EARLY)


def last_visits(visits: Visits, second: Codes, plans: Plans) -> Days:
    """The day of each course's last appointment, or its opening; `second` is the other course a visit serves, or -1."""
    last = plans.opened.copy()
    np.maximum.at(last, visits.course, visits.day)
    both = second >= 0
    np.maximum.at(last, second[both], visits.day[both])
    return last
