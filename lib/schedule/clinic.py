"""A clinic on one day: its frames, checked and laid out, and what counts on that day."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.schedule.durations import NEVER, Days
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
from lib.schedule.rulebook import Rulebook
from lib.schedule.visits import Counted, count_visits
from lib.schedule.windows import Agreed, Held


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
    has_maintenance: np.ndarray

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
            has_maintenance=rulebook.has_maintenance[known.protocol],
        )


def _some(holds: Holds, chosen: np.ndarray) -> Holds:
    return Holds(*(column[chosen] for column in vars(holds).values()))
