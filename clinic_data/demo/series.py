"""Sessions, one after the other: who comes, who stays away, who goes on with maintenance, who agrees other dates."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from clinic_data.demo.attendance import SESSION, Diary
from clinic_data.demo.opening_days import Days
from clinic_data.demo.plans import Codes, draw
from lib.schedule.durations import NEVER

# docs/evidence.md, Attendance: about half come back after a first visit; of those, 75–90 % finish.
STARTS, COMES_BACK, GOES_ON, WANTS_MAINTENANCE, KEEPS_MAINTENANCE = 0.97, 0.61, 0.94, 0.55, 0.75
MOST_SESSIONS = 10
AGREES = 0.04
BOOKS_SERIES = 0.12

# Shares of how the gap since the last session fits, and the gaps themselves in days.
SERIES_GAPS = [(0.025, 20, 27), (0.82, 28, 43), (0.155, 44, 80)]
MAINTENANCE_GAPS = [(0.15, 110, 182), (0.75, 185, 300), (0.1, 300, 420)]
FIRST_GAPS = [(0.25, 0, 0), (0.71, 2, 30), (0.04, 45, 75)]

AGREEMENTS = [("8 weeks apart", 56, 70), ("After the holidays", 45, 66)]


@dataclass(frozen=True)
class Series:
    """How far each course came. A day that never was is NEVER."""

    performed: Codes
    last_on: Days
    """The last session, or the opening."""
    series_end: Days
    next_after_series: Days
    gave_up_on: Days
    on_hold: NDArray[np.bool_]
    wants_maintenance: NDArray[np.bool_]


@dataclass(frozen=True)
class Agreed:
    """One entry an agreement about the next session; `which` is a place in AGREEMENTS."""

    course: Codes
    which: Codes
    agreed: Days
    due: Days
    last: Days


def hold_sessions(rng: Generator, diary: Diary, goes: NDArray[np.bool_]) -> tuple[Series, Agreed]:
    """All sessions of the courses that go ahead, session by session."""
    plans, today = diary.plans, diary.days.today
    size = len(plans)
    never = np.full(size, NEVER, dtype=np.int64)
    series = Series(
        performed=np.zeros(size, dtype=np.int64),
        last_on=plans.opened.copy(),
        series_end=never.copy(),
        next_after_series=never.copy(),
        gave_up_on=never.copy(),
        on_hold=np.zeros(size, dtype=bool),
        wants_maintenance=_as_the_patient(rng, plans.patient) < WANTS_MAINTENANCE,
    )
    going = goes.copy()
    books_series = rng.random(size) < BOOKS_SERIES
    which = np.where(rng.random(size) < AGREES, rng.integers(0, len(AGREEMENTS), size), -1)
    agreed = [_agree(*np.zeros((3, 0), dtype=np.int64))]
    recorded_before = plans.opened.copy()
    for number in range(1, MOST_SESSIONS + 1):
        # A patient's courses share their fate: who stays away does so for the neck and the face.
        mood = _as_the_patient(rng, plans.patient)
        stays = mood < _chance(number, plans.planned, series.wants_maintenance)
        gives_up = np.flatnonzero(going & ~stays)
        series.gave_up_on[gives_up] = series.last_on[gives_up]
        going[gives_up] = False
        at = np.flatnonzero(going)
        if not len(at):
            break
        anchor, maintenance = series.last_on[at], number > plans.planned[at]
        gap = _gaps(rng, number, maintenance)
        if number == 2:
            made = np.flatnonzero((which[at] >= 0) & ~maintenance & (anchor < today))
            agreed.append(_agree(at[made], which[at[made]], anchor[made]))
            gap[made] = agreed[-1].due - anchor[made] + rng.integers(0, 12, len(made))
        day = anchor + gap
        recorded = _recorded(rng, anchor, day, maintenance)
        # Who books the whole series at once has it in the book before the sessions in between.
        ahead = books_series[at] & ~maintenance & (number > 1)
        recorded = np.where(ahead, recorded_before[at], recorded)
        outcome = diary.book(at, SESSION, 0, day, recorded)

        came = outcome.came_on != NEVER
        going[at[~came]] = False
        series.gave_up_on[at] = outcome.gave_up_on
        series.on_hold[at] |= outcome.on_hold
        recorded_before[at] = recorded
        series.performed[at[came]] += 1
        series.last_on[at[came]] = outcome.came_on[came]
        ends = at[came & (plans.planned[at] == number)]
        series.series_end[ends] = series.last_on[ends]
        after = at[came & (plans.planned[at] + 1 == number)]
        series.next_after_series[after] = series.last_on[after]
        going[at[came]] = (series.last_on[at[came]] < today) | (
            books_series[at[came]] & (plans.planned[at[came]] > number)
        )
    return series, Agreed(*(np.concatenate(c) for c in zip(*(vars(a).values() for a in agreed), strict=True)))


def _as_the_patient(rng: Generator, patient: Codes) -> NDArray[np.float64]:
    return rng.random(int(patient.max()) + 1)[patient]


def _chance(number: int, planned: Codes, wants_maintenance: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How likely each course has a session of that number after the one before."""
    if number == 1:
        return np.full(len(planned), STARTS)
    series = COMES_BACK if number == 2 else GOES_ON
    first_maintenance = np.where(wants_maintenance, 1.0, 0.0)
    later = np.where(number == planned + 1, first_maintenance, KEEPS_MAINTENANCE)
    return np.where(number <= planned, series, later)


def _gaps(rng: Generator, number: int, maintenance: NDArray[np.bool_]) -> Days:
    size = len(maintenance)
    if number == 1:
        return _of(rng, FIRST_GAPS, size)
    return np.where(maintenance, _of(rng, MAINTENANCE_GAPS, size), _of(rng, SERIES_GAPS, size))


def _of(rng: Generator, gaps: list[tuple[float, int, int]], size: int) -> Days:
    chosen = draw(rng, [share for share, _, _ in gaps], size)
    shortest, longest = (np.array([gap[i] for gap in gaps])[chosen] for i in (1, 2))
    return rng.integers(shortest, longest + 1)


def _recorded(rng: Generator, anchor: Days, day: Days, maintenance: NDArray[np.bool_]) -> Days:
    """Many book at the desk after a session, the others, and most who come late, some time before the next one."""
    size = len(day)
    late = day - anchor > np.where(maintenance, 300, 43)
    at_the_desk = rng.random(size) < np.where(late, 0.15, np.where(maintenance, 0.4, 0.62))
    before = np.where(maintenance, rng.integers(14, 75, size), rng.integers(2, 24, size))
    return np.where(at_the_desk, anchor, np.maximum(day - before, anchor))


def _agree(course: Codes, which: Codes, on: Days) -> Agreed:
    due, last = (on + np.array([row[i] for row in AGREEMENTS])[which] for i in (1, 2))
    return Agreed(course, which, on, due, last)
