"""Bookings and what becomes of them: kept, missed, called off, made again, forgotten."""

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from clinic_data.demo.opening_days import Days, OpeningDays
from clinic_data.demo.pauses import PausedCourses
from clinic_data.demo.plans import Codes, Plans
from lib.schedule.durations import NEVER

# docs/evidence.md, Attendance: 8–15 % of bookings are no-shows.
NO_SHOWS, CANCELLATIONS = 0.115, 0.075
BY_CLINIC = 0.3
TRIES = 3
BOOKS_AGAIN = 0.8
FORGOTTEN_LATELY, FORGOTTEN = 0.03, 0.002

STATUSES = ["booked", "completed", "cancelled", "no_show"]
BOOKED, COMPLETED, CANCELLED, NO_SHOW = range(4)
KINDS = ["session", "review", "other"]
SESSION, REVIEW, OTHER = range(3)
CANCELLED_BY = ["clinic", "patient", None]
CLINIC, PATIENT, NOBODY = range(3)


@dataclass(frozen=True)
class Visits:
    """One entry a visit, as the file has it today; `slot` counts the protocol's kinds of review from 0."""

    course: Codes
    kind: Codes
    slot: Codes
    day: Days
    status: Codes
    recorded: Days
    cancelled_on: Days
    cancelled_by: Codes

    def __len__(self) -> int:
        return len(self.course)

    def take(self, chosen: NDArray) -> "Visits":
        """Some of the visits, by position or mask."""
        return Visits(*(column[chosen] for column in vars(self).values()))

    @classmethod
    def none(cls) -> "Visits":
        """No visits yet."""
        return cls(*(np.zeros(0, dtype=np.int64) for _ in fields(cls)))

    @classmethod
    def join(cls, parts: "list[Visits]") -> "Visits":
        """All visits of the parts."""
        return cls(*(np.concatenate(columns) for columns in zip(*(vars(p).values() for p in parts), strict=True)))


@dataclass
class Outcome:
    """How a wish to come ended: the day of the visit, or the day on which the patient gave up, or neither."""

    came_on: Days
    gave_up_on: Days
    on_hold: NDArray[np.bool_]


@dataclass
class Diary:
    """The clinic's appointments as they are made; what happens after today is not in it."""

    rng: Generator
    days: OpeningDays
    plans: Plans
    paused: PausedCourses
    parts: list[Visits] = field(default_factory=lambda: [Visits.none()])

    def book(self, course: Codes, kind: int, slot: int, day: Days, recorded: Days, *, tries: int = TRIES) -> Outcome:
        """Book one visit for each course, again where it isn't kept, and tell what came of it."""
        size = len(course)
        outcome = Outcome(
            np.full(size, NEVER, dtype=np.int64), np.full(size, NEVER, dtype=np.int64), np.zeros(size, dtype=bool)
        )
        at = np.arange(size)
        for _ in range(tries):
            day, recorded, stays = self._around_holds(course[at], day, recorded)
            outcome.on_hold[at[~stays]] = True
            # What is recorded after today isn't known yet; a course that has ended gets no visits.
            stays &= (recorded <= self.days.today) & (day < self.plans.until[course[at]])
            at, day, recorded = at[stays], day[stays], recorded[stays]
            if not len(at):
                break
            end, off_on, off_by = self._what_happens(course[at], day, recorded)
            self._note(course[at], kind, slot, day, recorded, end, off_on, off_by)

            came = end == COMPLETED
            outcome.came_on[at[came]] = day[came]
            event = np.where(end == CANCELLED, off_on, day)
            # Who was kept away by the clinic or a hold comes again anyway.
            again = ~came & ((self.rng.random(len(at)) < BOOKS_AGAIN) | (off_by == CLINIC))
            outcome.gave_up_on[at[~came]] = event[~came]
            at, event, missed = at[again], event[again], end[again] == NO_SHOW
            outcome.gave_up_on[at] = NEVER
            recorded = event + np.where(missed, 1, 0) + self.rng.integers(0, 8, len(at))
            day = recorded + self.rng.integers(3, 16, len(at))
        if len(at):
            outcome.gave_up_on[at] = event
        return outcome

    def _around_holds(self, course: Codes, day: Days, recorded: Days) -> tuple[Days, Days, NDArray[np.bool_]]:
        """Nobody books into a hold they know of: they wait for its end, or don't book at all."""
        day, recorded = self.days.from_(day), recorded.copy()
        starts, ends = self.paused.starts[course], self.paused.ends[course]
        avoids = (starts <= day) & (day < ends) & (recorded >= self.paused.recorded[course])
        endless = avoids & (ends == NEVER)
        later = np.flatnonzero(avoids & ~endless)
        day[later] = self.days.from_(ends[later] + self.rng.integers(2, 25, len(later)))
        near = ends[later] - self.rng.integers(0, 22, len(later))
        recorded[later] = np.minimum(np.maximum(recorded[later], near), day[later])
        return day, recorded, ~endless

    def _what_happens(self, course: Codes, day: Days, recorded: Days) -> tuple[Codes, Days, Codes]:
        size = len(course)
        luck = self.rng.random(size)
        end = np.where(luck < NO_SHOWS, NO_SHOW, np.where(luck < NO_SHOWS + CANCELLATIONS, CANCELLED, COMPLETED))
        end[recorded == day] = COMPLETED
        notice = np.minimum(self.rng.exponential(5, size).astype(np.int64), day - recorded)
        off_on = np.where(end == CANCELLED, day - notice, NEVER)
        off_by = np.where(end == CANCELLED, np.where(self.rng.random(size) < BY_CLINIC, CLINIC, PATIENT), NOBODY)
        # A hold that is recorded after the booking calls it off, on that day.
        hold = self.paused.recorded[course]
        held = (self.paused.starts[course] <= day) & (day < self.paused.ends[course]) & (hold <= day)
        end[held], off_on[held] = CANCELLED, np.maximum(hold, recorded)[held]
        off_by[held] = np.where(self.paused.medical[course][held], CLINIC, PATIENT)
        return end, off_on, off_by

    def _note(self, course, kind, slot, day, recorded, end, off_on, off_by) -> None:
        """Write down what is known of the visits today."""
        today, size = self.days.today, len(course)
        known = (day < today) | ((end == CANCELLED) & (off_on <= today))
        forgotten = self.rng.random(size) < np.where(day >= today - 21, FORGOTTEN_LATELY, FORGOTTEN)
        known &= ~(forgotten & (end == COMPLETED) & (recorded < day))
        status = np.where(known, end, BOOKED)
        off = status == CANCELLED
        of_kind, in_slot = np.full(size, kind, dtype=np.int64), np.full(size, slot, dtype=np.int64)
        off_on, off_by = np.where(off, off_on, NEVER), np.where(off, off_by, NOBODY)
        self.parts.append(Visits(course, of_kind, in_slot, day, status, recorded, off_on, off_by))
