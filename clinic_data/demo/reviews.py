"""Reviews after a series, some of them for two courses at once, and first talks before it."""

import numpy as np
from numpy.random import Generator

from clinic_data.demo.attendance import BOOKED, COMPLETED, OTHER, REVIEW, Diary, Visits
from clinic_data.demo.plans import Codes, Plans, draw
from clinic_data.demo.series import Series
from lib.schedule.durations import NEVER

# The kinds of review in the demo's protocols, in order: first and last day that counts (in days from the series' end),
# how many come, and shares and gaps in days.
SLOTS = [
    (14, 75, 0.65, [(0.07, 17, 27), (0.8, 28, 42), (0.13, 43, 66)]),
    (70, 240, 0.68, [(0.1, 74, 91), (0.75, 92, 150), (0.15, 150, 215)]),
]
LATE = 2
HAS_FIRST_TALK = 0.3


def hold_first_talks(rng: Generator, diary: Diary, goes: np.ndarray) -> None:
    """Some patients come for a talk on the day their course is opened."""
    plans = diary.plans
    course = np.flatnonzero((rng.random(len(plans)) < HAS_FIRST_TALK) & goes)
    day = plans.opened[course]
    # Who misses the talk starts all the same.
    diary.book(course, OTHER, 0, day, day - rng.integers(2, 20, len(course)), tries=1)


def hold_reviews(rng: Generator, diary: Diary, series: Series) -> None:
    """The reviews that patients come to, before their next session."""
    plans, today = diary.plans, diary.days.today
    ended = np.flatnonzero(series.series_end < today)
    before = np.full(len(plans), NEVER, dtype=np.int64)
    for slot, (_, _, share, gaps) in enumerate(SLOTS):
        mood = rng.random(int(plans.patient.max()) + 1)[plans.patient]
        course = ended[mood[ended] < share]
        size = len(course)
        chosen = draw(rng, [gap[0] for gap in gaps], size)
        shortest, longest = (np.array([gap[i] for gap in gaps])[chosen] for i in (1, 2))
        day = series.series_end[course] + rng.integers(shortest, longest + 1)
        last = np.where(before[course] < today, before[course], series.series_end[course])
        at_the_desk = rng.random(size) < np.where(chosen == LATE, 0.1, 0.75)
        recorded = np.where(at_the_desk, last, np.maximum(day - rng.integers(3, 25, size), last))
        fits = (day < series.next_after_series[course]) & (day > recorded)
        outcome = diary.book(course[fits], REVIEW, slot, day[fits], recorded[fits])
        before[course[fits]] = outcome.came_on


def share_reviews(visits: Visits, plans: Plans, series: Series) -> tuple[Visits, Codes]:
    """Let one review serve both courses that a patient has beside each other, where their dates are near.

    Returns the visits without the ones that are not needed now, and for each visit the second course it serves, or -1.
    """
    second = np.full(len(visits), -1, dtype=np.int64)
    kept = np.ones(len(visits), dtype=bool)
    if not len(visits):
        return visits, second
    for slot, (soonest, latest, _, _) in enumerate(SLOTS):
        met = (visits.kind == REVIEW) & (visits.slot == slot) & np.isin(visits.status, (COMPLETED, BOOKED))
        of_course = np.full(len(plans), -1, dtype=np.int64)
        of_course[visits.course[met]] = np.flatnonzero(met)
        pairs = np.flatnonzero(plans.beside >= 0)
        one, other = plans.beside[pairs], pairs
        # The later of two reviews serves the other course too, or the only one does.
        swap = (of_course[other] < 0) | (visits.day[of_course[one]] > visits.day[of_course[other]])
        swap &= of_course[one] >= 0
        host, guest = np.where(swap, one, other), np.where(swap, other, one)
        has = of_course[host] >= 0
        host, guest = of_course[host[has]], guest[has]
        own, day = of_course[guest], visits.day[host]
        after = day - series.series_end[guest]
        fits = (after >= soonest) & (after <= latest) & ((own < 0) | (visits.status[own] == visits.status[host]))
        fits &= (day < series.next_after_series[guest]) & (day < plans.until[guest])
        second[host[fits]] = guest[fits]
        kept[own[fits & (own >= 0)]] = False
    return visits.take(kept), second[kept]
