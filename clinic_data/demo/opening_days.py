"""When the demo clinic is open: not on Sundays, at Christmas and in the first week of August."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from lib.schedule.durations import NEVER

Days = NDArray[np.int64]

HISTORY = 730
"""Days that the demo looks back."""

_MARGIN = 2500


def number(day: date) -> int:
    """The day number of a date."""
    return (day - date(1970, 1, 1)).days


def iso(days: Days) -> list[str | None]:
    """Dates as ISO text; NEVER is None."""
    out = np.full(len(days), None, dtype=object)
    known = days != NEVER
    if known.any():
        first, last = int(days[known].min()), int(days[known].max())
        text = np.datetime_as_string(np.arange(first, last + 1).astype("datetime64[D]")).astype(object)
        out[known] = text[days[known] - first]
    return out.tolist()


@dataclass(frozen=True)
class OpeningDays:
    """The closures around a day, and for every day the open one before and after it."""

    today: int
    closures: list[tuple[date, date, str]]
    first: int
    following: Days
    preceding: Days

    @classmethod
    def around(cls, today: date) -> "OpeningDays":
        """The clinic's closures in the two years before `today`, and the next one to come."""
        closures = sorted(
            (starts, ends, reason)
            for year in range(today.year - 3, today.year + 2)
            for starts, ends, reason in _closures_of(year)
            if number(today) - HISTORY <= number(starts)
        )
        begun = [closure for closure in closures if closure[0] <= today]
        closures = begun + closures[len(begun) : len(begun) + 1]

        first = number(today) - _MARGIN
        days = np.arange(first, number(today) + _MARGIN)
        # 1970-01-01 was a Thursday, so that a Sunday leaves 3.
        is_open = days % 7 != 3
        for starts, ends, _ in closures:
            is_open &= (days < number(starts)) | (days >= number(ends))
        place = np.arange(len(days))
        before = np.maximum.accumulate(np.where(is_open, place, 0))
        after = np.minimum.accumulate(np.where(is_open, place, len(days) - 1)[::-1])[::-1]
        return cls(number(today), closures, first, days[after], days[before])

    def from_(self, days: Days) -> Days:
        """The first open day at or after each."""
        return self.following[self._place(days)]

    def until(self, days: Days) -> Days:
        """The last open day at or before each."""
        return self.preceding[self._place(days)]

    def _place(self, days: Days) -> Days:
        return np.clip(days - self.first, 0, len(self.following) - 1)


def _closures_of(year: int) -> list[tuple[date, date, str]]:
    august = date(year, 8, 1)
    monday = august + timedelta(days=-august.weekday() % 7)
    return [
        (monday, monday + timedelta(days=7), "Summer break"),
        (date(year, 12, 24), date(year + 1, 1, 2), "Christmas and New Year"),
    ]
