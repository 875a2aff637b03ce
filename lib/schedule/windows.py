"""Windows: the protocol's, then what agreement, holds, healing and closures make of them (docs/rules.md)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lib.schedule.durations import NEVER, Codes, Days
from lib.schedule.inputs import Agreements, Closures, Holds
from lib.schedule.rulebook import Rulebook
from lib.schedule.visits import DaysOf, keys

TIMINGS = ["too_soon", "early", "on_time", "late"]
TOO_SOON, EARLY, ON_TIME, LATE = range(4)
NONE = -1


@dataclass
class Windows:
    """One window a row, and what moved it: places in the inputs, or NONE."""

    course: Codes
    anchor: Days
    rule: Codes
    earliest: Days
    due: Days
    overdue: Days
    agreement: Codes
    hold: Codes
    closure: Codes
    healed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.course)

    def pick(self, at: Codes) -> "Windows":
        """The windows of some rows."""
        return Windows(*(column[at] for column in vars(self).values()))

    def lapses(self, rulebook: Rulebook) -> Days:
        """The day from which the patient counts as lost; NEVER where overdue is."""
        return rulebook.rules.lapses.after(self.overdue, self.rule)


def protocol_windows(course: Codes, anchor: Days, rule: Codes, rulebook: Rulebook) -> Windows:
    """The windows by the protocol alone."""
    rules = rulebook.rules
    return Windows(
        course=course,
        anchor=anchor,
        rule=rule,
        earliest=rules.earliest.after(anchor, rule),
        due=rules.start.after(anchor, rule),
        overdue=rules.end.after(anchor, rule) + 1,
        agreement=np.full(len(course), NONE, dtype=np.intp),
        hold=np.full(len(course), NONE, dtype=np.intp),
        closure=np.full(len(course), NONE, dtype=np.intp),
        healed=np.zeros(len(course), dtype=bool),
    )


def fit(day: Days, earliest: Days, due: Days, overdue: Days) -> tuple[NDArray[np.int8], Days]:
    """How each day fits its window: a code of TIMINGS and days_off; a missing bound is no bound."""
    too_soon = day < earliest
    early = (day < due) & (due != NEVER)
    late = day >= overdue
    timing = np.where(too_soon, TOO_SOON, np.where(early, EARLY, np.where(late, LATE, ON_TIME))).astype(np.int8)
    off = np.where(too_soon, day - earliest, np.where(early, day - due, np.where(late, day - overdue + 1, 0)))
    return timing, off.astype(np.int32)


class Agreed:
    """The agreements, laid out to find the one that counts for a row."""

    def __init__(self, agreements: Agreements, courses: int, kinds: int):
        self._agreements = agreements
        self._kinds = kinds
        owner = agreements.course * kinds + agreements.kind
        self._days = DaysOf(keys(owner, agreements.agreed), courses * kinds)

    def move(self, windows: Windows, kind: NDArray[np.int8], until: Days) -> Days:
        """Put the agreed dates in place of the protocol's; returns each row's agreed_on, or minus NEVER.

        The latest agreement of the row's kind counts, from the anchor up to and including `until`.
        """
        agreed_on = np.full(len(windows), -NEVER, dtype=np.int32)
        if not len(self._agreements.row):
            return agreed_on
        owner = windows.course * self._kinds + kind
        rows = np.flatnonzero(self._days.count[owner] > 0)
        owner = owner[rows]
        place = np.searchsorted(self._days.keys, keys(owner, until[rows]), side="right") - 1
        found = (place >= self._days.first[owner]) & (self._agreements.agreed[place] >= windows.anchor[rows])
        rows, place = rows[found], place[found]
        windows.due[rows] = self._agreements.due[place]
        windows.overdue[rows] = self._agreements.last[place] + 1
        windows.agreement[rows] = self._agreements.row[place]
        agreed_on[rows] = self._agreements.agreed[place]
        return agreed_on


class Held:
    """The holds of each course, in order."""

    def __init__(self, holds: Holds, courses: int):
        self._holds = holds
        self._count = np.bincount(holds.course, minlength=courses)
        self._first = np.cumsum(self._count) - self._count

    def each(self, course: Codes):
        """For the first, second … hold of the courses: the rows that have one, and which hold it is."""
        rows = np.flatnonzero(self._count[course] > 0)
        ordinal = 0
        while len(rows):
            yield rows, self._first[course[rows]] + ordinal
            ordinal += 1
            rows = rows[self._count[course[rows]] > ordinal]

    def move(self, windows: Windows, protocol: Codes, until: Days, after: Days, is_open: NDArray, rulebook: Rulebook):
        """Move session windows by the holds that began after `after`, up to and including `until`."""
        for rows, hold in self.each(windows.course):
            starts, ends = self._holds.starts[hold], self._holds.ends[hold]
            began = (starts <= until[rows]) & (starts > after[rows]) & (ends > windows.anchor[rows])
            rows, hold, starts, ends = rows[began], hold[began], starts[began], ends[began]
            due, overdue = windows.due[rows], windows.overdue[rows]
            lapses = rulebook.rules.lapses.after(overdue, windows.rule[rows])
            touches = starts < np.where(is_open[rows], lapses, overdue)
            inside = touches & (starts <= due) & (due < ends)
            resumed = rulebook.resume_within.after(ends, protocol[windows.course[rows]])
            longer = touches & (resumed > overdue)
            windows.due[rows] = np.where(inside, ends, due)
            windows.overdue[rows] = np.where(longer, resumed, overdue)
            moved = inside | longer
            windows.hold[rows[moved]] = self._holds.row[hold[moved]]

    def cover(self, course: Codes, day: Days) -> NDArray[np.bool_]:
        """Whether one of the course's holds covers the day."""
        covered = np.zeros(len(course), dtype=bool)
        for rows, hold in self.each(course):
            covered[rows] |= (self._holds.starts[hold] <= day[rows]) & (day[rows] < self._holds.ends[hold])
        return covered


def heal(windows: Windows) -> None:
    """No window opens before the skin has healed, nor closes before it has been open for a day."""
    np.greater(windows.earliest, windows.due, out=windows.healed)
    windows.due, windows.overdue = healed(windows.earliest, windows.due, windows.overdue)


def healed(earliest: Days, due: Days, overdue: Days) -> tuple[Days, Days]:
    """due and overdue, not before the skin has healed; a missing due stays missing."""
    due = np.maximum(due, earliest)
    return due, np.maximum(overdue, np.minimum(due + 1, NEVER))


def close(windows: Windows, closures: Closures) -> None:
    """A window that a closure touches stays open for a week after the clinic reopens."""
    for row, starts, ends in zip(closures.row, closures.starts, closures.ends, strict=True):
        longer = (windows.due < ends) & (starts < windows.overdue) & (windows.overdue < ends + 7)
        windows.overdue[longer] = ends + 7
        windows.closure[longer] = row
