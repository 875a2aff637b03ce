"""Durations as protocol files write them, and their arithmetic on day numbers.

A day number counts days since 1970-01-01. `NEVER` stands for a missing date: it is later than any
day, so "before the end of an open-ended hold" needs no special case.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NEVER = 2**30
"""The day number of a missing date."""

Days = NDArray[np.int32]
Codes = NDArray[np.intp]

UNITS = ("day", "week", "month", "year")
_TEXT = re.compile(r"(\d{1,5}) (day|week|month|year)s?", re.ASCII)


@dataclass(frozen=True)
class Duration:
    """A whole number of days, weeks, months or years."""

    count: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Read text such as "4 weeks" or "1 month"; ValueError says what is allowed."""
        found = _TEXT.fullmatch(text)
        if not found:
            raise ValueError(f"a duration such as '4 weeks' is wanted: a whole number and one of {', '.join(UNITS)}")
        return cls(int(found[1]), found[2])

    @property
    def months(self) -> int:
        """The calendar months in it: a year is twelve, days and weeks are none."""
        return self.count * {"month": 1, "year": 12}.get(self.unit, 0)

    @property
    def days(self) -> int:
        """The exact days in it: a week is seven, months and years are none."""
        return self.count * {"day": 1, "week": 7}.get(self.unit, 0)

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"


def span(window: tuple[Duration, Duration]) -> str:
    """A window's two durations: 4–6 weeks, 4 weeks to 2 months, 5 weeks."""
    start, end = window
    if start == end:
        return str(start)
    return f"{start.count}–{end}" if start.unit == end.unit else f"{start} to {end}"


def shift(days: Days, duration: Duration) -> Days:
    """Day numbers moved on by one duration; months keep the day of the month or take the month's last day."""
    if not duration.months:
        return days + np.int32(duration.days)
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    in_month = dates - months.astype("datetime64[D]")
    target = months + duration.months
    first = target.astype("datetime64[D]")
    last = (target + 1).astype("datetime64[D]") - 1
    return np.minimum(first + in_month, last).astype(np.int32)


def after(on: date, duration: Duration) -> pd.Timestamp:
    """A day moved on by a duration."""
    number = np.array([on], dtype="datetime64[D]").astype(np.int32)
    return pd.Timestamp(shift(number, duration).astype("datetime64[D]")[0])


def add(days: Days, durations: Sequence[Duration], which: Codes) -> Days:
    """Each day number moved on by `durations[which]`; NEVER stays NEVER.

    Many rows share few days: where that pays, every duration is laid out once over the span of
    the days, and each row looks its answer up.
    """
    out = np.full(days.shape, NEVER, dtype=np.int32)
    known = np.flatnonzero(days != NEVER)
    if not len(known):
        return out
    dates, which = (days, which) if len(known) == len(days) else (days[known], which[known])
    first, last = int(dates.min()), int(dates.max())
    span = last - first + 1
    if span * len(durations) <= len(dates):
        calendar = np.arange(first, last + 1, dtype=np.int32)
        table = np.concatenate([shift(calendar, duration) for duration in durations])
        out[known] = table[which * span + (dates - first)]
        return out
    for code, duration in enumerate(durations):
        chosen = np.flatnonzero(which == code)
        out[known[chosen]] = shift(dates[chosen], duration)
    return out
