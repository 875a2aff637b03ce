"""What counts on the as-of day: performed, booked, missed, called off, unrecorded (docs/rules.md)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.schedule.durations import NEVER, Codes, Days
from lib.schedule.inputs import BOOKED, CANCELLED, COMPLETED, NO_SHOW, Visits

Keys = NDArray[np.int64]

# A key holds the owner above the day, so that one sorted array orders the days of all owners.
_DAY_BITS = 32


def keys(owner: Codes, day: Days) -> Keys:
    """One sortable number for each pair of owner and day."""
    return (owner.astype(np.int64) << _DAY_BITS) + day + NEVER


class DaysOf:
    """Days in order, owner by owner (an owner is a course, or a course and a kind)."""

    def __init__(self, ordered: Keys, owners: int):
        self.keys = ordered
        self.owner: Codes = ordered >> _DAY_BITS
        self.day: Days = ((ordered & (2**_DAY_BITS - 1)) - NEVER).astype(np.int32)
        self.count = np.bincount(self.owner, minlength=owners)
        self.first = np.cumsum(self.count) - self.count

    def at(self, owner: Codes, place: Codes) -> Days:
        """The owner's day in that place, from 0 on; NEVER where there are not so many."""
        exists = place < self.count[owner]
        return self._day_where(exists, self.first[owner] + place)

    def first_from(self, owner: Codes, day: Days) -> Days:
        """The owner's first day at or after `day`, or NEVER."""
        place = np.searchsorted(self.keys, keys(owner, day))
        return self._day_where(place < self.first[owner] + self.count[owner], place)

    def count_from(self, owner: Codes, day: Days) -> Codes:
        """How many of the owner's days lie at or after `day`."""
        return self.first[owner] + self.count[owner] - np.searchsorted(self.keys, keys(owner, day))

    def last(self, owner: Codes) -> Days:
        """The owner's last day, or NEVER."""
        return self._day_where(self.count[owner] > 0, self.first[owner] + self.count[owner] - 1)

    def _day_where(self, exists: NDArray[np.bool_], place: Codes) -> Days:
        if not len(self.day):
            return np.full(exists.shape, NEVER, dtype=np.int32)
        return np.where(exists, self.day[np.where(exists, place, 0)], NEVER).astype(np.int32)


@dataclass(frozen=True)
class Counted:
    """The days of one visit kind, by course, as they count on the as-of day."""

    performed: DaysOf
    booked: DaysOf
    unrecorded: DaysOf
    missed: DaysOf
    called_off: DaysOf


def count_visits(visits: Visits, courses: int, as_of: int) -> tuple[Counted, Counted]:
    """The sessions and the reviews of all courses, sorted into what they are on `as_of`."""
    status, day, recorded = visits.status, visits.day, visits.recorded
    known = (recorded == NEVER) | (recorded <= as_of)
    called_off = np.where(visits.called_off == NEVER, day, visits.called_off)
    gone = (status == CANCELLED) & ((visits.called_off == NEVER) | (visits.called_off <= as_of))
    ahead = (status == BOOKED) & (day >= as_of) & known
    ahead |= (status != BOOKED) & (recorded <= as_of) & (day > as_of) & ~gone
    performed = (status == COMPLETED) & (day <= as_of)
    unrecorded = (status == BOOKED) & (day < as_of) & known
    missed = (status == NO_SHOW) & (day <= as_of)
    off = (status == CANCELLED) & (called_off <= as_of)

    def of_kind(chosen: NDArray[np.bool_]) -> Counted:
        def days(which: NDArray[np.bool_], on: Days) -> Keys:
            rows = np.flatnonzero(which & chosen)
            return np.sort(keys(visits.course[rows], on[rows]))

        done = _distinct(days(performed, day))
        return Counted(
            performed=DaysOf(done, courses),
            booked=DaysOf(_without(_distinct(days(ahead, day)), done), courses),
            unrecorded=DaysOf(_without(days(unrecorded, day), done), courses),
            missed=DaysOf(days(missed, day), courses),
            called_off=DaysOf(days(off, called_off), courses),
        )

    return of_kind(~visits.is_review), of_kind(visits.is_review)


def _distinct(ordered: Keys) -> Keys:
    if not len(ordered):
        return ordered
    new = np.empty(len(ordered), dtype=bool)
    new[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered if new.all() else ordered[new]


def _without(ordered: Keys, taken: Keys) -> Keys:
    """The keys that `taken` does not hold; both are in order."""
    if not len(ordered) or not len(taken):
        return ordered
    place = np.minimum(np.searchsorted(taken, ordered), len(taken) - 1)
    return ordered[taken[place] != ordered]
